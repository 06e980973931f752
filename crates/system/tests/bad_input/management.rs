//! Devices behind registers that cannot be as they are described.

use crate::{CPO, check};

#[test]
fn texts_of_registers_have_their_forms() {
    check(
        CPO,
        &[],
        &[
            "bus.engines.module.vendor_name=A vendor of a very long name",
            "bus.engines.module.vendor_oui=02-00",
            "bus.engines.module.cmis_revision=five",
            "bus.engines.module.firmware=1.2.3.4",
            "bus.engines.module.part_revision=\u{e4}",
            "bus.engines.module.date_code=260230A1",
        ],
        r#"
        system::management --set:1:32 vendor_name "A vendor of a very long name" does not fit its register | write 1 to 16 characters of ASCII
        system::management --set:1:34 part_revision "ä" does not fit its register | write 1 to 2 characters of ASCII
        system::management --set:1:30 date_code "260230A1" is no day | write year, month and day such as "261101", and two characters of a lot if there is one
        system::management --set:1:31 vendor_oui "02-00" is no number of a vendor | write three bytes such as "02-00-01"
        system::management --set:1:34 cmis_revision "five" is no revision | write two numbers below 16, such as "5.3"
        system::management --set:1:29 firmware "1.2.3.4" is no version | write three numbers such as "1.2.3", the first two below 256, the third below 65536
        "#,
    );
}

#[test]
fn engines_and_laser_modules_say_what_they_are_and_how_long_they_take() {
    check(
        CPO,
        &[("module = \"cmis-oe-linear\"", "module = \"cmis-elsfp\"")],
        &["bus.lasers.module.identifier=cpo"],
        r#"
        system::management x:81:10 an engine cannot say that it is "elsfp" | laser modules are "elsfp", and nothing else is
        system::management --set:1:30 a laser module cannot say that it is "cpo" | laser modules are "elsfp", and nothing else is
        "#,
    );
}

#[test]
fn thresholds_keep_their_order() {
    check(
        CPO,
        &[],
        &[
            "bus.engines.module.high_alarm_temperature=90 C",
            "bus.engines.module.transmit_alarm=1 dB",
        ],
        "
        system::management --set:1:43 high_alarm_temperature is out of order: a warning comes before its alarm | correct the thresholds
        system::management --set:1:35 transmit_alarm is out of order: a warning comes before its alarm | correct the thresholds
        ",
    );
}

#[test]
fn a_second_device_is_for_a_bus_of_both() {
    check(
        CPO,
        &[(
            "module = \"cmis-oe-linear\"",
            "module = \"cmis-oe-linear\"\nels = \"cmis-elsfp\"",
        )],
        &[],
        "
        system::management x:82:7 `els` is for a bus that has both engines and laser modules | name both in `engine` and `laser_module`, or write the device as `module`
        ",
    );
}
