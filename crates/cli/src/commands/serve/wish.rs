//! What may be injected into a device, beside the twin's own faults.

use cmis::module::Quirks;
use serde_json::{Map, Value};

/// Something to happen to a device.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Wish {
    /// What its case sensor says, C; none lets it speak again.
    Temperature(Option<f64>),
    /// What its supply sensor says, V.
    Supply(Option<f64>),
    /// The fibre that a lane receives from breaks.
    Fibre(usize),
    /// The laser of a lane dies.
    Laser(usize),
    /// What a sensor says by versatile diagnostics.
    Say {
        observable: u8,
        /// Over all banks.
        lane: usize,
        value: Option<f64>,
    },
    /// The pin that asks for low power.
    LowPowerPin(bool),
    /// A pulse of the pin that resets it.
    Reset,
    /// Why it shuts itself down; zero of nothing.
    ModuleFault(u8),
    /// Commands never end.
    HangCommands(bool),
    /// It does not answer.
    Nack(bool),
    /// What is odd about it.
    Quirks(Quirks),
    /// A fault of the twin.
    Fault(String),
}

const NAMES: [&str; 12] = [
    "temperature",
    "vcc",
    "fibre",
    "laser",
    "vdm",
    "lpmode_pin",
    "reset_pin",
    "modfault",
    "cdbhang",
    "nack",
    "quirks",
    "fault",
];

impl Wish {
    /// Reads what a client asks for.
    ///
    /// # Errors
    /// What is wrong with name or arguments, and what is expected.
    pub(super) fn read(what: &str, args: &Map<String, Value>) -> Result<Self, String> {
        let args = Arguments { what, args };
        let wish = match what {
            "temperature" => Self::Temperature(args.number("c")?),
            "vcc" => Self::Supply(args.number("v")?),
            "fibre" => Self::Fibre(args.count("lane", 255)?.into()),
            "laser" => Self::Laser(args.count("lane", 255)?.into()),
            "vdm" => {
                let (bank, lane) = (args.count("bank", 7)?, args.count("lane", 7)?);
                Self::Say {
                    observable: args.count("item", 255)?,
                    lane: usize::from(bank * 8 + lane),
                    value: args.number("value")?,
                }
            }
            "lpmode_pin" => Self::LowPowerPin(args.flag("set")?),
            "reset_pin" => Self::Reset,
            "modfault" => Self::ModuleFault(args.count("cause", LAST_CAUSE)?),
            "cdbhang" => Self::HangCommands(args.flag("set")?),
            "nack" => Self::Nack(args.flag("set")?),
            "quirks" => Self::Quirks(Quirks {
                rejects_application_0: args.choice("rejects_appsel0")?,
                stuck_lanes: if args.args.contains_key("stuck_lanes") {
                    args.count("stuck_lanes", 255)?
                } else {
                    0
                },
                hides_pending: args.choice("hides_pending")?,
                freezes_forever: args.choice("freezes_forever")?,
            }),
            "fault" => Self::Fault(args.text("text")?),
            _ => {
                let near = system::nearest(what, NAMES)
                    .map_or(String::new(), |near| format!("; did you mean {near}?"));
                return Err(format!(
                    "nothing called {what:?} can be injected; expected one of {}{near}",
                    NAMES.join(", ")
                ));
            }
        };
        args.refuse_others(match what {
            "temperature" => &["c"],
            "vcc" => &["v"],
            "fibre" | "laser" => &["lane"],
            "vdm" => &["bank", "item", "lane", "value"],
            "modfault" => &["cause"],
            "fault" => &["text"],
            "reset_pin" => &[],
            "quirks" => &QUIRKS,
            _ => &["set"],
        })?;
        Ok(wish)
    }
}

/// The last cause of a fault that has a meaning: temperature.
const LAST_CAUSE: u8 = 6;

const QUIRKS: [&str; 4] = [
    "rejects_appsel0",
    "stuck_lanes",
    "hides_pending",
    "freezes_forever",
];

struct Arguments<'a> {
    what: &'a str,
    args: &'a Map<String, Value>,
}

impl Arguments<'_> {
    fn refuse_others(&self, known: &[&str]) -> Result<(), String> {
        let other = self.args.keys().find(|key| !known.contains(&key.as_str()));
        other.map_or(Ok(()), |key| {
            let what = self.what;
            let has = match known {
                [] => "none".to_owned(),
                known => known.join(", "),
            };
            Err(format!("{what} has no argument {key:?}; it has {has}"))
        })
    }

    fn wrong(&self, key: &str, expected: &str) -> String {
        let found = self.args.get(key).unwrap_or(&Value::Null);
        let what = self.what;
        format!("{what}: argument {key:?} is {found}; expected {expected}")
    }

    /// A number, or null, which takes it back.
    fn number(&self, key: &str) -> Result<Option<f64>, String> {
        match self.args.get(key) {
            Some(Value::Null) => Ok(None),
            Some(Value::Number(number)) => Ok(number.as_f64()),
            _ => Err(self.wrong(key, "a number, or null to take it back")),
        }
    }

    fn count(&self, key: &str, most: u8) -> Result<u8, String> {
        let count = self.args.get(key).and_then(Value::as_u64);
        let count = count.and_then(|count| u8::try_from(count).ok());
        count
            .filter(|count| *count <= most)
            .ok_or_else(|| self.wrong(key, &format!("a number from 0 to {most}")))
    }

    /// False where it is left out.
    fn choice(&self, key: &str) -> Result<bool, String> {
        if self.args.contains_key(key) {
            self.flag(key)
        } else {
            Ok(false)
        }
    }

    /// True where it is left out.
    fn flag(&self, key: &str) -> Result<bool, String> {
        match self.args.get(key) {
            None => Ok(true),
            Some(Value::Bool(flag)) => Ok(*flag),
            Some(_) => Err(self.wrong(key, "true or false")),
        }
    }

    fn text(&self, key: &str) -> Result<String, String> {
        let text = self.args.get(key).and_then(Value::as_str);
        text.map(str::to_owned)
            .ok_or_else(|| self.wrong(key, "text, such as \"fibre_dirt oe0.tx3 1.5 dB\""))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(what: &str, args: &str) -> Result<Wish, String> {
        let args: Map<String, Value> = serde_json::from_str(args).expect("JSON");
        Wish::read(what, &args)
    }

    #[test]
    fn wishes_read_as_they_are_written() {
        assert_eq!(
            read("temperature", r#"{"c":81.5}"#),
            Ok(Wish::Temperature(Some(81.5)))
        );
        assert_eq!(read("vcc", r#"{"v":null}"#), Ok(Wish::Supply(None)));
        assert_eq!(read("fibre", r#"{"lane":3}"#), Ok(Wish::Fibre(3)));
        assert_eq!(
            read("vdm", r#"{"bank":2,"item":84,"lane":1,"value":-3}"#),
            Ok(Wish::Say {
                observable: 84,
                lane: 17,
                value: Some(-3.0)
            })
        );
        assert_eq!(read("nack", "{}"), Ok(Wish::Nack(true)));
        assert_eq!(
            read("quirks", r#"{"stuck_lanes":4,"hides_pending":true}"#),
            Ok(Wish::Quirks(Quirks {
                stuck_lanes: 4,
                hides_pending: true,
                ..Quirks::default()
            }))
        );
        assert_eq!(
            read("lpmode_pin", r#"{"set":false}"#),
            Ok(Wish::LowPowerPin(false))
        );
    }

    #[test]
    fn what_is_wrong_says_what_is_expected() {
        for (what, args, expected) in [
            ("temprature", "{}", "did you mean temperature?"),
            ("temperature", "{}", "expected a number"),
            ("fibre", r#"{"lane":-1}"#, "expected a number from 0 to 255"),
            ("nack", r#"{"set":1}"#, "expected true or false"),
            ("nack", r#"{"on":true}"#, "has no argument \"on\""),
            ("reset_pin", r#"{"set":true}"#, "it has none"),
            ("modfault", r#"{"cause":77}"#, "a number from 0 to 6"),
        ] {
            let error = read(what, args).expect_err("it is wrong");
            assert!(error.contains(expected), "{error}");
        }
    }
}
