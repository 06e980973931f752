//! What holds for all bytes: numbers survive both ways, and neighbours stay as they were.

use cmis::map;
use cmis::map::observable::{OBSERVABLES, Sample};
use cmis::{Form, HALF, Half, Register};
use proptest::prelude::*;

/// Bytes of an element in its half, and which of their bits.
fn bits_of(register: &Register, element: usize) -> impl Iterator<Item = (usize, u8)> + use<> {
    let place = register.place(element);
    (place.first..place.first + place.bytes).map(move |byte| (byte, place.mask))
}

fn is_number(register: &Register) -> bool {
    !matches!(register.form, Form::Text { .. } | Form::Bytes { .. })
}

fn half() -> impl Strategy<Value = Half> {
    prop::collection::vec(any::<u8>(), HALF).prop_map(|bytes| bytes.try_into().expect("128 bytes"))
}

/// Whether two halves differ outside the bits of an element.
fn differ_elsewhere(register: &Register, element: usize, before: &Half, after: &Half) -> bool {
    let mut own = [0_u8; HALF];
    for (byte, mask) in bits_of(register, element) {
        own[byte] |= mask;
    }
    (0..HALF).any(|byte| (before[byte] ^ after[byte]) & !own[byte] != 0)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn bits_put_are_bits_found_and_neighbours_stay(before in half(), raw in any::<u64>()) {
        for register in map::all().filter(|register| is_number(register)) {
            for element in 0..register.count() {
                let mut after = before;
                register.put_raw(element, &mut after, raw);
                let elsewhere = differ_elsewhere(register, element, &before, &after);
                prop_assert!(!elsewhere, "{}", register.name);
                let place = register.place(element);
                let bits = match place.mask {
                    0xFF => 8 * place.bytes,
                    mask => mask.count_ones() as usize,
                };
                let kept = if bits == 64 { raw } else { raw & ((1 << bits) - 1) };
                prop_assert_eq!(register.raw_of(element, &after), kept, "{}", register.name);
            }
        }
    }

    #[test]
    fn quantities_come_back(before in half()) {
        for register in map::all().filter(|register| is_number(register)) {
            for element in 0..register.count() {
                let quantity = register.number(element, &before);
                let mut after = before;
                register.put_number(element, &mut after, quantity);
                let elsewhere = differ_elsewhere(register, element, &before, &after);
                prop_assert!(!elsewhere, "{}", register.name);
                let again = register.number(element, &after);
                if matches!(register.form, Form::F16 { .. }) || register.element_bytes() == 8 {
                    // A decimal number has several forms, and a counter more bits than a quantity.
                    let off = (again - quantity).abs();
                    prop_assert!(off <= quantity.abs() * 1e-15, "{}", register.name);
                } else {
                    prop_assert_eq!(after, before, "{} {}", register.name, element);
                }
            }
        }
    }

    #[test]
    fn samples_come_back(sample in any::<u16>()) {
        for of in OBSERVABLES {
            let again = of.sample_of(of.quantity(sample));
            if of.sample == Sample::F16 {
                let (first, second) = (of.quantity(sample), of.quantity(again));
                prop_assert!((first - second).abs() <= first * 1e-15, "{}", of.name);
            } else {
                prop_assert_eq!(again, sample, "{}", of.name);
            }
        }
    }

    #[test]
    fn text_comes_back(before in half(), text in "[ -~]{0,20}") {
        for register in map::all() {
            let Form::Text { bytes } = register.form else { continue };
            let mut after = before;
            register.put_text(&mut after, &text);
            prop_assert!(!differ_elsewhere(register, 0, &before, &after), "{}", register.name);
            let kept: String = text.chars().take(usize::from(bytes)).collect();
            let expected = cmis::Value::Text(kept.trim_end().to_owned());
            prop_assert_eq!(register.value(0, &after), expected, "{}", register.name);
        }
    }
}
