//! What devices behind registers must say of themselves.

use super::Builder;
use crate::description::{Bus, Description};
use crate::parts::{ManagedModule, ModuleIdentifier};
use crate::schema::Named;

/// Characters that the register of a vendor's name holds.
const VENDOR_NAME: usize = 16;
/// Characters that the register of a part's revision holds.
const PART_REVISION: usize = 2;

impl Builder<'_> {
    pub(super) fn management(&mut self, description: &Description) {
        for bus in &description.bus {
            let of = &bus.value;
            let is_of_engines = of.engine.is_some();
            if let Some(module) = &of.module {
                self.managed(bus, "module", module, is_of_engines);
            }
            if let Some(module) = &of.els {
                self.managed(bus, "els", module, false);
                if !is_of_engines || of.laser_module.is_none() {
                    self.error(
                        "system::management",
                        ("bus", &bus.name, "els"),
                        "`els` is for a bus that has both engines and laser modules".to_owned(),
                        "name both in `engine` and `laser_module`, or write the device as `module`",
                    );
                }
            }
        }
    }

    fn managed(&mut self, bus: &Named<Bus>, field: &str, module: &ManagedModule, is_engine: bool) {
        let mut wrong = |key: &str, found: String, help: &str| {
            let path = format!("{field}.{key}");
            self.error("system::management", ("bus", &bus.name, &path), found, help);
        };
        for (key, text, most) in [
            ("vendor_name", &module.vendor_name, VENDOR_NAME),
            ("part_revision", &module.part_revision, PART_REVISION),
        ] {
            let is_plain = text.bytes().all(|byte| (0x20..0x7F).contains(&byte));
            if text.len() > most || text.is_empty() || !is_plain {
                wrong(
                    key,
                    format!("{key} {text:?} does not fit its register"),
                    &format!("write 1 to {most} characters of ASCII"),
                );
            }
        }
        if !module.has_date_code_of_a_day() {
            let found = format!(
                "date_code {:?} is no day",
                module.date_code.as_deref().unwrap_or_default()
            );
            wrong(
                "date_code",
                found,
                "write year, month and day such as \"261101\", and two characters of a lot if there is one",
            );
        }
        if module.oui().is_none() {
            let found = format!(
                "vendor_oui {:?} is no number of a vendor",
                module.vendor_oui
            );
            wrong(
                "vendor_oui",
                found,
                "write three bytes such as \"02-00-01\"",
            );
        }
        if module.revision().is_none() {
            let found = format!("cmis_revision {:?} is no revision", module.cmis_revision);
            wrong(
                "cmis_revision",
                found,
                "write two numbers below 16, such as \"5.3\"",
            );
        }
        if module.firmware_version().is_none() {
            let found = format!("firmware {:?} is no version", module.firmware);
            wrong(
                "firmware",
                found,
                "write three numbers such as \"1.2.3\", the first two below 256, the third below 65536",
            );
        }
        if is_engine == (module.identifier == ModuleIdentifier::Elsfp) {
            let what = if is_engine {
                "an engine"
            } else {
                "a laser module"
            };
            wrong(
                "identifier",
                format!(
                    "{what} cannot say that it is {:?}",
                    module.identifier.word()
                ),
                "laser modules are \"elsfp\", and nothing else is",
            );
        }
        let lacks = module.lacks(is_engine);
        if !lacks.is_empty() {
            wrong(
                "",
                format!("{field} lacks {}", lacks.join(", ")),
                "add them, or begin with a part of the library: `use = \"cmis-oe-linear\"`",
            );
        }
        for (key, is_right, rule) in module.order() {
            if !is_right {
                wrong(
                    key,
                    format!("{key} is out of order: {rule}"),
                    "correct the thresholds",
                );
            }
        }
    }
}
