//! Numbers in and out of bytes, by what the map says of them.
//!
//! A `half` is 128 bytes: lower memory, or one page.

use crate::address::HALF;
use crate::register::{Codes, Form, Order, Register};

/// 128 bytes: lower memory, or one page of one bank.
pub type Half = [u8; HALF];

/// What one element of a register says.
#[derive(Debug, Clone, PartialEq)]
pub enum Value {
    /// One of named values; none where the map knows no name.
    Code(u8, Option<&'static str>),
    /// A quantity in the unit of the register's scale.
    Number(f64),
    /// Characters without the spaces that fill them up.
    Text(String),
    /// Bytes.
    Bytes(Vec<u8>),
}

impl Register {
    /// The bits of an element as a number, without sign or scale.
    ///
    /// # Panics
    /// An element that there is not, or one of more than eight bytes.
    pub fn raw_of(&self, element: usize, half: &Half) -> u64 {
        let place = self.place(element);
        let bytes = &half[place.first..place.first + place.bytes];
        if place.mask != 0xFF {
            return u64::from((bytes[0] & place.mask) >> place.shift);
        }
        assert!(bytes.len() <= 8, "{} is longer than a number", self.name);
        let join = |number: u64, byte: &u8| number << 8 | u64::from(*byte);
        match self.order() {
            Order::Big => bytes.iter().fold(0, join),
            Order::Little => bytes.iter().rev().fold(0, join),
        }
    }

    /// Puts the lowest bits of a number in place of an element.
    ///
    /// # Panics
    /// An element that there is not, or one of more than eight bytes.
    pub fn put_raw(&self, element: usize, half: &mut Half, raw: u64) {
        let place = self.place(element);
        let bytes = &mut half[place.first..place.first + place.bytes];
        let big = raw.to_be_bytes();
        if place.mask != 0xFF {
            bytes[0] = bytes[0] & !place.mask | (big[7] << place.shift) & place.mask;
            return;
        }
        assert!(bytes.len() <= 8, "{} is longer than a number", self.name);
        bytes.copy_from_slice(&big[8 - bytes.len()..]);
        if self.order() == Order::Little {
            bytes.reverse();
        }
    }

    /// The quantity of an element in the unit of its scale.
    ///
    /// # Panics
    /// An element that there is not, or a register of text or bytes.
    pub fn number(&self, element: usize, half: &Half) -> f64 {
        let raw = self.raw_of(element, half);
        match self.form {
            Form::Signed { bytes, scale, .. } => {
                let unused = 64 - 8 * u32::from(bytes);
                let signed = (raw << unused).cast_signed() >> unused;
                signed as f64 * scale.lsb
            }
            Form::Unsigned { scale, .. } | Form::Bits { scale, .. } => raw as f64 * scale.lsb,
            Form::F16 { .. } => f16(low16(raw)),
            Form::Text { .. } | Form::Bytes { .. } => panic!("{} is no number", self.name),
        }
    }

    /// Puts a quantity in place of an element: the nearest that it can hold, which is one of its ends
    /// for what is beyond, and zero for what is no number.
    ///
    /// # Panics
    /// An element that there is not, or a register of text or bytes.
    pub fn put_number(&self, element: usize, half: &mut Half, value: f64) {
        let raw = match self.form {
            Form::Signed { bytes, scale, .. } => {
                let bits = 8 * i32::from(bytes);
                let end = 2_f64.powi(bits - 1);
                nearest(value / scale.lsb, -end, end - 1.0).cast_unsigned()
            }
            Form::Unsigned { bytes, scale, .. } => {
                let end = 2_f64.powi(8 * i32::from(bytes)) - 1.0;
                let scaled = value / scale.lsb;
                if bytes == 8 {
                    unsigned(scaled)
                } else {
                    nearest(scaled, 0.0, end).cast_unsigned()
                }
            }
            Form::Bits {
                high, low, scale, ..
            } => {
                let end = f64::from((1_u16 << (high - low + 1)) - 1);
                nearest(value / scale.lsb, 0.0, end).cast_unsigned()
            }
            Form::F16 { .. } => u64::from(to_f16(value)),
            Form::Text { .. } | Form::Bytes { .. } => panic!("{} is no number", self.name),
        };
        self.put_raw(element, half, raw);
    }

    /// Whether the lowest bit of an element is set.
    ///
    /// # Panics
    /// An element that there is not.
    pub fn flag(&self, element: usize, half: &Half) -> bool {
        self.raw_of(element, half) & 1 != 0
    }

    /// Sets or clears an element of one bit.
    ///
    /// # Panics
    /// An element that there is not.
    pub fn put_flag(&self, element: usize, half: &mut Half, is_set: bool) {
        self.put_raw(element, half, u64::from(is_set));
    }

    /// Puts text in place, cut to what fits and filled with spaces; what is no printable character of
    /// one byte becomes a question mark.
    ///
    /// # Panics
    /// A register of anything else.
    pub fn put_text(&self, half: &mut Half, text: &str) {
        assert!(
            matches!(self.form, Form::Text { .. }),
            "{} is no text",
            self.name
        );
        let place = self.place(0);
        let printable = |c: char| {
            let byte = u8::try_from(c).ok()?;
            (byte.is_ascii_graphic() || byte == b' ').then_some(byte)
        };
        let mut characters = text.chars().map(|c| printable(c).unwrap_or(b'?'));
        for byte in &mut half[place.first..place.first + place.bytes] {
            *byte = characters.next().unwrap_or(b' ');
        }
    }

    /// What an element says.
    ///
    /// # Panics
    /// An element that there is not.
    pub fn value(&self, element: usize, half: &Half) -> Value {
        let place = self.place(element);
        let bytes = &half[place.first..place.first + place.bytes];
        match self.form {
            Form::Text { .. } => {
                let text = String::from_utf8_lossy(bytes);
                Value::Text(text.trim_end_matches([' ', '\0']).to_owned())
            }
            Form::Bytes { .. } => Value::Bytes(bytes.to_vec()),
            Form::Bits { codes, .. } if !codes.is_empty() => {
                let code = u8::try_from(self.raw_of(element, half)).unwrap_or(u8::MAX);
                Value::Code(code, name_of(codes, code))
            }
            _ => Value::Number(self.number(element, half)),
        }
    }

    const fn order(&self) -> Order {
        match self.form {
            Form::Unsigned { order, .. } | Form::Signed { order, .. } | Form::F16 { order } => {
                order
            }
            _ => Order::Big,
        }
    }
}

/// The name of a value.
pub fn name_of(codes: Codes, code: u8) -> Option<&'static str> {
    codes
        .iter()
        .find(|(of, _)| *of == code)
        .map(|(_, name)| *name)
}

/// What a decimal floating point number of two bytes stands for.
pub fn f16(raw: u16) -> f64 {
    let exponent = i32::from(raw >> 11) - 24;
    f64::from(raw & 0x7FF) * 10_f64.powi(exponent)
}

/// The decimal floating point number nearest to a value, with the largest mantissa that holds it:
/// zero for what is not above half of the least, the greatest for what is beyond it.
pub fn to_f16(value: f64) -> u16 {
    const MOST: f64 = 2047.0;
    if value.is_nan() || value <= 0.0 {
        return 0;
    }
    for exponent in -24_i8..=7 {
        let mantissa = (value / 10_f64.powi(i32::from(exponent))).round_ties_even();
        if mantissa <= MOST {
            let high = u16::from((exponent + 24).unsigned_abs()) << 11;
            return high | low16(nearest(mantissa, 0.0, MOST).cast_unsigned());
        }
    }
    u16::MAX
}

fn low16(raw: u64) -> u16 {
    u16::try_from(raw & 0xFFFF).expect("masked")
}

#[expect(
    clippy::cast_possible_truncation,
    reason = "rounded and within -2^63 to 2^63 - 1; the cast keeps the ends for what is beyond"
)]
fn nearest(value: f64, least: f64, most: f64) -> i64 {
    if value.is_nan() {
        return 0;
    }
    value.round_ties_even().clamp(least, most) as i64
}

#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "the cast keeps the ends for what is beyond, and zero for what is no number"
)]
fn unsigned(value: f64) -> u64 {
    value.round_ties_even() as u64
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::register::at;

    #[test]
    fn numbers_of_known_registers() {
        let mut half = [0; HALF];
        let temperature = at(14).signed(2).scaled(1.0 / 256.0, "c");
        temperature.put_number(0, &mut half, -1.5);
        assert_eq!(half[14..16], [0xFE, 0x80]);
        assert!((temperature.number(0, &half) + 1.5).abs() < 1e-12);
        temperature.put_number(0, &mut half, 1e6);
        assert_eq!(half[14..16], [0x7F, 0xFF]);
        temperature.put_number(0, &mut half, f64::NAN);
        assert_eq!(half[14..16], [0, 0]);
        let counter = at(192).unsigned(8).little();
        counter.put_raw(0, &mut half, 0x0102);
        assert_eq!(half[64..72], [2, 1, 0, 0, 0, 0, 0, 0]);
    }

    #[test]
    fn lanes_of_bits_and_nibbles_lie_where_specified() {
        let mut half = [0; HALF];
        let state = at(128).each_nibble(8);
        state.put_raw(0, &mut half, 4);
        state.put_raw(3, &mut half, 7);
        // The odd lane, counted from 1, in the low nibble.
        assert_eq!(half[..4], [0x04, 0x70, 0, 0]);
        let enable = at(220).each_bit(8).rw();
        enable.put_flag(7, &mut half, true);
        assert_eq!(half[220 - 128], 0x80);
        let pairs = at(221).packed(8, 2);
        pairs.put_raw(5, &mut half, 2);
        assert_eq!(half[222 - 128], 0b1000);
    }

    #[test]
    fn f16_is_within_half_a_step() {
        for value in [0.0, 1e-24, 2.4e-4, 1.234e-9, 0.5, 2047.0, 2048.0, 1e10] {
            let back = f16(to_f16(value));
            assert!((back - value).abs() <= value * 0.0025, "{value} {back}");
        }
        assert_eq!(to_f16(f64::NAN), 0);
        assert_eq!(to_f16(-1.0), 0);
        assert_eq!(to_f16(f64::INFINITY), u16::MAX);
    }

    #[test]
    fn text_is_filled_with_spaces() {
        let mut half = [0; HALF];
        let name = at(129).text(16);
        name.put_text(&mut half, "Größe");
        assert_eq!(&half[1..17], b"Gr??e           ");
        assert_eq!(name.value(0, &half), Value::Text("Gr??e".to_owned()));
    }
}
