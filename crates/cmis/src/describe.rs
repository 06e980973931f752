//! The map as people read it: where a register lies, what it holds, and what bytes say by it.

use std::fmt::Write as _;

use crate::codec::{Half, Value};
use crate::map::{Page, cdb, p14};
use crate::register::{Form, Order, Register, Repeat, Scale};

impl Register {
    /// What it means, without marks of Markdown.
    pub fn meaning(&self) -> String {
        self.doc.replace('`', "")
    }

    /// Its bytes, first and last where there are several.
    pub fn bytes_text(&self) -> String {
        let last = usize::from(self.byte) + self.total_bytes() - 1;
        if last == usize::from(self.byte) {
            self.byte.to_string()
        } else {
            format!("{}-{last}", self.byte)
        }
    }

    /// Its bits where they are the same in each of its bytes; empty where it has all of them, or where
    /// elements share bytes.
    pub fn bits_text(&self) -> String {
        match (self.form, self.repeat) {
            (Form::Bits { .. }, Repeat::Packed { .. })
            | (
                Form::Bits {
                    high: 7, low: 0, ..
                },
                _,
            ) => String::new(),
            (Form::Bits { high, low, .. }, _) if high == low => high.to_string(),
            (Form::Bits { high, low, .. }, _) => format!("{high}-{low}"),
            _ => String::new(),
        }
    }

    /// How it is stored, with what its least significant bit stands for: `8 x u16, 0.0001 mw`.
    pub fn type_text(&self) -> String {
        let mut text = match self.count() {
            1 => String::new(),
            count => format!("{count} x "),
        };
        let (name, order, scale) = match self.form {
            Form::Bits {
                high, low, scale, ..
            } => {
                let name = match high - low + 1 {
                    1 => "bit".to_owned(),
                    8 => "u8".to_owned(),
                    bits => format!("{bits} bits"),
                };
                (name, Order::Big, scale)
            }
            Form::Unsigned {
                bytes,
                order,
                scale,
            } => (format!("u{}", u32::from(bytes) * 8), order, scale),
            Form::Signed {
                bytes,
                order,
                scale,
            } => (format!("s{}", u32::from(bytes) * 8), order, scale),
            Form::F16 { order } => ("f16".to_owned(), order, Scale::ONE),
            Form::Text { bytes } => (format!("text {bytes}"), Order::Big, Scale::ONE),
            Form::Bytes { bytes } => (format!("bytes {bytes}"), Order::Big, Scale::ONE),
        };
        text.push_str(&name);
        if order == Order::Little {
            text.push_str(" little");
        }
        if scale != Scale::ONE {
            // Writing to a string does not fail.
            let _ = write!(text, ", {} {}", scale.lsb, scale.unit);
        }
        text
    }

    /// The unit of its numbers; empty of a pure number, a code, text or bytes.
    pub const fn unit(&self) -> &'static str {
        match self.form {
            Form::Bits { scale, .. }
            | Form::Unsigned { scale, .. }
            | Form::Signed { scale, .. } => scale.unit,
            _ => "",
        }
    }
}

/// What the elements of a register say in a half of 128 bytes.
#[derive(Debug, Clone, PartialEq)]
pub struct Decoded {
    /// Of the map.
    pub register: Register,
    /// One for each element.
    pub values: Vec<Value>,
}

impl Decoded {
    /// As one line without the name: elements one behind the other, the unit last.
    pub fn text(&self) -> String {
        let mut words: Vec<String> = self.values.iter().map(ToString::to_string).collect();
        let unit = self.register.unit();
        if !unit.is_empty() {
            words.push(unit.to_owned());
        }
        words.join(" ")
    }
}

impl std::fmt::Display for Value {
    /// A code with its name, a number as short as it can be and be the same, text in quotes, bytes in
    /// hexadecimal digits.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Code(code, Some(name)) => write!(f, "{code} ({name})"),
            Self::Code(code, None) => write!(f, "{code} (unnamed)"),
            // Twelve digits are more than any register has, and hide what binary fractions add.
            Self::Number(number) => match format!("{number:.11e}").parse::<f64>() {
                Ok(short) if short != 0.0 && short.abs() < 1e-4 => write!(f, "{short:e}"),
                Ok(short) => write!(f, "{short}"),
                Err(_) => write!(f, "{number}"),
            },
            Self::Text(text) => write!(f, "{text:?}"),
            Self::Bytes(bytes) => bytes.iter().try_for_each(|byte| write!(f, "{byte:02x}")),
        }
    }
}

/// Registers that bytes of a page hold: where a selector or a command in the same bytes chooses what
/// others are, those that it chooses instead of the bytes that lie below them.
pub fn shown(page: &Page, half: &Half) -> Vec<Register> {
    let (chosen, below) = match page.first {
        0x14 => {
            let selector = p14::DIAGNOSTICS_SELECTOR.raw_of(0, half);
            let chosen = p14::shown_by(u8::try_from(selector).unwrap_or(0));
            (chosen, p14::DIAGNOSTICS_DATA)
        }
        0x9F => {
            let command = cdb::message::CMD_ID.raw_of(0, half);
            let has_reply = cdb::message::RPL_LENGTH.raw_of(0, half) > 0;
            let chosen = match u16::try_from(command) {
                Ok(command) if has_reply => cdb::message::reply_to(command),
                _ => &[],
            };
            (chosen, cdb::message::LPL)
        }
        _ => return page.registers.to_vec(),
    };
    let plain = page.registers.iter().filter(|of| !of.is_overlay);
    plain
        .filter(|of| chosen.is_empty() || **of != below)
        .chain(chosen)
        .copied()
        .collect()
}

impl Page {
    /// What bytes of the page say, as a host reads them.
    pub fn decode(&self, half: &Half) -> Vec<Decoded> {
        shown(self, half)
            .into_iter()
            .map(|register| Decoded {
                register,
                values: (0..register.count())
                    .map(|element| register.value(element, half))
                    .collect(),
            })
            .collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::address::HALF;
    use crate::map::{self, lower, p11};

    #[test]
    fn places_and_types_as_people_read_them() {
        let state = lower::MODULE_STATE;
        assert_eq!(
            (state.bytes_text(), state.bits_text()),
            ("3".into(), "3-1".into())
        );
        assert_eq!(state.type_text(), "3 bits");
        let power = p11::OPTICAL_POWER_TX;
        assert_eq!(power.bytes_text(), "154-169");
        assert_eq!(power.type_text(), "8 x u16, 0.0001 mw");
        assert_eq!(p11::DP_STATE_HOST_LANE.type_text(), "8 x 4 bits");
        assert_eq!(p11::DP_STATE_HOST_LANE.bits_text(), "");
        assert_eq!(p14::SNR_MEDIA.type_text(), "8 x u16 little, 0.00390625 db");
    }

    #[test]
    fn a_selector_chooses_what_a_page_holds() {
        let page = map::page(0x14).expect("of the map");
        let mut half = [0; HALF];
        let has = |half: &Half, register: Register| shown(page, half).contains(&register);
        assert!(has(&half, p14::DIAGNOSTICS_DATA));
        assert!(!has(&half, p14::BIT_ERROR_RATIO_HOST));
        p14::DIAGNOSTICS_SELECTOR.put_raw(0, &mut half, 1);
        p14::BIT_ERROR_RATIO_HOST.put_number(2, &mut half, 2.4e-4);
        assert!(!has(&half, p14::DIAGNOSTICS_DATA));
        let decoded = page.decode(&half);
        let ratio = decoded
            .iter()
            .find(|of| of.register == p14::BIT_ERROR_RATIO_HOST)
            .expect("chosen");
        assert_eq!(ratio.text(), "0 0 0.00024 0 0 0 0 0");
    }

    #[test]
    fn bytes_are_read_with_units_and_names() {
        let page = map::page(crate::LOWER).expect("of the map");
        let mut half = [0; HALF];
        half[3] = 0b0111;
        lower::VCC_MON_VOLTAGE.put_number(0, &mut half, 3.3);
        let decoded = page.decode(&half);
        let text = |of: Register| {
            let found = decoded.iter().find(|decoded| decoded.register == of);
            found.expect("of the page").text()
        };
        assert_eq!(text(lower::MODULE_STATE), "3 (ModuleReady)");
        assert_eq!(text(lower::VCC_MON_VOLTAGE), "3.3 v");
        assert_eq!(Value::Number(1.23e-9).to_string(), "1.23e-9");
        assert_eq!(Value::Bytes(vec![0, 171]).to_string(), "00ab");
    }
}
