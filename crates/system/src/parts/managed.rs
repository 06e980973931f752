//! Kinds of parts that hosts manage through registers.

use units::{Celsius, DbMilliwatts, Decibels, Ratio, Seconds, Sourced, Volts, Watts};

use crate::schema::{choices, records};

choices! {
    /// What kind of device a managed module says that it is (SFF-8024).
    ModuleIdentifier {
        /// An optical engine in the package of a switch.
        Cpo = "cpo",
        /// An external laser.
        Elsfp = "elsfp",
        /// A pluggable module of eight lanes.
        Osfp = "osfp",
        /// A pluggable module of eight lanes.
        QsfpDd = "qsfp-dd",
    }
}

records! {
    /// What a device is behind its registers, beyond its physics: identity, durations and limits, as the Common Management Interface Specification (CMIS) has them.
    ManagedModule = "managed_module" {
        /// What kind of device it says that it is.
        identifier: ModuleIdentifier,
        /// Name of its vendor: at most 16 printable characters.
        vendor_name: String,
        /// Number of its vendor: three bytes in hexadecimal, such as "02-00-01".
        vendor_oui: String,
        /// Revision of its part: at most two printable characters.
        part_revision: String,
        /// Day on which it was made, and on request its lot: "YYMMDD" or "YYMMDDLL".
        date_code: Option<String>,
        /// Revision of the specification that it follows, such as "5.3".
        cmis_revision: String,
        /// Version of the firmware that it is made with, such as "1.2.3".
        firmware: String,
        /// Greatest power that it states; laser modules state that of their part without it.
        max_power: Option<Sourced<Watts>> = 0.1 ..= 1000.0,
        /// From the end of a reset to its first answer.
        start_time: Sourced<Seconds> = 0.0 ..= 600.0,
        /// From low power to ready, at least; the parts behind the registers may take longer.
        power_up_time: Sourced<Seconds> = 0.0 ..= 600.0,
        /// From ready to low power.
        power_down_time: Sourced<Seconds> = 0.0 ..= 600.0,
        /// From a deactivated data path to an initialized one; engines have it.
        init_time: Option<Sourced<Seconds>> = 0.0 ..= 600.0,
        /// From an initialized data path to a deactivated one; engines have it.
        deinit_time: Option<Sourced<Seconds>> = 0.0 ..= 600.0,
        /// From an initialized data path to an activated one; engines have it.
        turn_on_time: Option<Sourced<Seconds>> = 0.0 ..= 600.0,
        /// From an activated data path to an initialized one; engines have it.
        turn_off_time: Option<Sourced<Seconds>> = 0.0 ..= 600.0,
        /// From the trigger of a configuration to its result; engines have it.
        configure_time: Option<Sourced<Seconds>> = 0.0 ..= 60.0,
        /// From dark to full output of a laser; that of the laser module without it.
        ramp_time: Option<Sourced<Seconds>> = 0.0 ..= 600.0,
        /// Nominal supply: its thresholds lie round it, where the supply is measured. What is there is the `supply_voltage` of the part, less what its way takes.
        supply: Sourced<Volts> = 0.5 ..= 60.0,
        /// How far the supply may be off before there is a warning.
        supply_warning: Sourced<Ratio> = 0.0 ..= 0.5,
        /// How far the supply may be off before there is an alarm.
        supply_alarm: Sourced<Ratio> = 0.0 ..= 0.5,
        /// Temperature above which there is a warning.
        high_warning_temperature: Sourced<Celsius> = -60.0 ..= 200.0,
        /// Temperature above which there is an alarm.
        high_alarm_temperature: Sourced<Celsius> = -60.0 ..= 200.0,
        /// Temperature below which there is a warning.
        low_warning_temperature: Sourced<Celsius> = -60.0 ..= 200.0,
        /// Temperature below which there is an alarm.
        low_alarm_temperature: Sourced<Celsius> = -60.0 ..= 200.0,
        /// Temperature of a laser above which there is a warning; an alarm comes as far above it as for the case.
        laser_warning_temperature: Option<Sourced<Celsius>> = -60.0 ..= 250.0,
        /// Level behind the modulators that thresholds go by; engines have it.
        transmit_level: Option<Sourced<DbMilliwatts>> = -40.0 ..= 30.0,
        /// Level at the receivers that thresholds go by; engines have it.
        receive_level: Option<Sourced<DbMilliwatts>> = -40.0 ..= 30.0,
        /// Level of laser light inside an engine that thresholds go by; engines with external lasers have it.
        laser_input_level: Option<Sourced<DbMilliwatts>> = -40.0 ..= 40.0,
        /// How far a level of light that leaves may be off before there is a warning: that of a lane, of laser light at an engine, or of a laser from its set-point.
        transmit_warning: Sourced<Decibels> = 0.1 ..= 30.0,
        /// The same before there is an alarm.
        transmit_alarm: Sourced<Decibels> = 0.1 ..= 30.0,
        /// How far a level that arrives may be off before there is a warning; engines have it.
        receive_warning: Option<Sourced<Decibels>> = 0.1 ..= 30.0,
        /// The same before there is an alarm; engines have it.
        receive_alarm: Option<Sourced<Decibels>> = 0.1 ..= 30.0,
        /// Share of a laser's greatest current above which there is a warning.
        bias_warning: Sourced<Ratio> = 0.0 ..= 1.0,
        /// Share of a laser's greatest current above which there is an alarm.
        bias_alarm: Sourced<Ratio> = 0.0 ..= 1.0,
        /// Share of a laser's greatest current below which there is a warning.
        low_bias_warning: Sourced<Ratio> = 0.0 ..= 1.0,
        /// Share of a laser's greatest current below which there is an alarm.
        low_bias_alarm: Sourced<Ratio> = 0.0 ..= 1.0,
        /// Bit error ratio before correction above which there is a warning; engines have it.
        error_warning: Option<Sourced<Ratio>> = 1e-15 ..= 0.1,
        /// The same above which there is an alarm; engines have it.
        error_alarm: Option<Sourced<Ratio>> = 1e-15 ..= 0.1,
        /// Age of a laser above which there is a warning; 1 is the end of life, and an alarm.
        age_warning: Option<Sourced<Ratio>> = 0.0 ..= 1.0,
        /// Whether lanes of a laser module give full power only after a host has checked their fibre.
        fibre_check: Option<bool>,
        /// Power of a laser while its fibre is checked; laser modules have it.
        check_power: Option<Sourced<DbMilliwatts>> = -40.0 ..= 30.0,
        /// Greatest code of the equaliser at the electrical input; zero without one.
        input_equaliser_codes: Option<u32> = 0.0 ..= 12.0,
        /// Greatest code of the taps at the electrical output; zero without them.
        output_tap_codes: Option<u32> = 0.0 ..= 15.0,
        /// Whether it answers while a command of the command data block runs.
        background_commands: bool,
        /// Whether firmware can be changed only after the host's password.
        protected_firmware: bool,
        /// Pages of long payloads of commands.
        payload_pages: u32 = 0.0 ..= 16.0,
        /// Duration of a query.
        query_time: Sourced<Seconds> = 0.0 ..= 60.0,
        /// Duration of the beginning of a download, which erases an image.
        erase_time: Sourced<Seconds> = 0.0 ..= 600.0,
        /// Duration of one block of a download.
        block_time: Sourced<Seconds> = 0.0 ..= 60.0,
        /// Duration of the end of a download, which checks the image.
        verify_time: Sourced<Seconds> = 0.0 ..= 600.0,
        /// Duration of copying an image over the other.
        copy_time: Sourced<Seconds> = 0.0 ..= 600.0,
    }
}

/// Numbers between dots or dashes.
fn numbers<const N: usize>(text: &str, separator: char, radix: u32, most: u32) -> Option<[u32; N]> {
    let mut parts = text.split(separator);
    let mut found = [0; N];
    for slot in &mut found {
        let part = parts.next()?;
        let is_plain = !part.is_empty() && part.chars().all(|c| c.is_digit(radix));
        *slot = u32::from_str_radix(part, radix)
            .ok()
            .filter(|number| is_plain && *number <= most)?;
    }
    parts.next().is_none().then_some(found)
}

/// Year, month and day of this century by two digits each, and none or two printable characters.
fn is_date_code(text: &str) -> bool {
    let Some((day, lot)) = text.as_bytes().split_at_checked(6) else {
        return false;
    };
    let pair = |at: usize| {
        let digits = day.get(at..at + 2)?;
        let is_number = digits.iter().all(u8::is_ascii_digit);
        is_number.then(|| (digits[0] - b'0') * 10 + (digits[1] - b'0'))
    };
    let (Some(year), Some(month), Some(day)) = (pair(0), pair(2), pair(4)) else {
        return false;
    };
    let days = match month {
        1 | 3 | 5 | 7 | 8 | 10 | 12 => 31,
        4 | 6 | 9 | 11 => 30,
        2 if year.is_multiple_of(4) => 29,
        2 => 28,
        _ => 0,
    };
    (1..=days).contains(&day)
        && matches!(lot.len(), 0 | 2)
        && lot.iter().all(|byte| (0x20..0x7F).contains(byte))
}

fn byte(number: u32) -> Option<u8> {
    u8::try_from(number).ok()
}

impl ManagedModule {
    /// Number of its vendor; none of a text that is none, which no resolved description has.
    pub fn oui(&self) -> Option<[u8; 3]> {
        let [a, b, c] = numbers(&self.vendor_oui, '-', 16, 0xFF)?;
        Some([byte(a)?, byte(b)?, byte(c)?])
    }

    /// Whether its date code is a day, with or without two printable characters of a lot; so it is
    /// where nothing is said.
    pub(crate) fn has_date_code_of_a_day(&self) -> bool {
        self.date_code.as_deref().is_none_or(is_date_code)
    }

    /// Revision of the specification, major and minor; none of a text that is none, which no resolved
    /// description has.
    pub fn revision(&self) -> Option<(u8, u8)> {
        let [major, minor] = numbers(&self.cmis_revision, '.', 10, 15)?;
        Some((byte(major)?, byte(minor)?))
    }

    /// Version of its firmware: major, minor, build; none of a text that is none, which no resolved
    /// description has.
    pub fn firmware_version(&self) -> Option<(u8, u8, u16)> {
        let [major, minor, build] = numbers(&self.firmware, '.', 10, 0xFFFF)?;
        Some((byte(major)?, byte(minor)?, u16::try_from(build).ok()?))
    }

    /// What it has to say and does not.
    pub(crate) fn lacks(&self, is_engine: bool) -> Vec<&'static str> {
        let of_engines = [
            ("init_time", self.init_time.is_some()),
            ("deinit_time", self.deinit_time.is_some()),
            ("turn_on_time", self.turn_on_time.is_some()),
            ("turn_off_time", self.turn_off_time.is_some()),
            ("configure_time", self.configure_time.is_some()),
            ("max_power", self.max_power.is_some()),
            ("transmit_level", self.transmit_level.is_some()),
            ("receive_level", self.receive_level.is_some()),
            ("receive_warning", self.receive_warning.is_some()),
            ("receive_alarm", self.receive_alarm.is_some()),
        ];
        let of_lasers = [("check_power", self.check_power.is_some())];
        let needed: &[(&'static str, bool)] = if is_engine { &of_engines } else { &of_lasers };
        let lacking = needed.iter().filter(|(_, is_there)| !is_there);
        lacking.map(|(name, _)| *name).collect()
    }

    /// Of thresholds that have an order: the field, whether it is kept, and the rule.
    pub(crate) fn order(&self) -> Vec<(&'static str, bool, &'static str)> {
        let warning_first = "a warning comes before its alarm";
        let high = self.high_warning_temperature.value <= self.high_alarm_temperature.value;
        let low = self.low_alarm_temperature.value <= self.low_warning_temperature.value;
        let apart = self.low_warning_temperature.value < self.high_warning_temperature.value;
        let receive = match (&self.receive_warning, &self.receive_alarm) {
            (Some(warning), Some(alarm)) => warning.value <= alarm.value,
            _ => true,
        };
        let errors = match (&self.error_warning, &self.error_alarm) {
            (Some(warning), Some(alarm)) => warning.value <= alarm.value,
            _ => true,
        };
        vec![
            ("high_alarm_temperature", high, warning_first),
            ("low_alarm_temperature", low, warning_first),
            (
                "low_warning_temperature",
                apart,
                "it lies below the high one",
            ),
            (
                "supply_alarm",
                self.supply_warning.value <= self.supply_alarm.value,
                warning_first,
            ),
            (
                "transmit_alarm",
                self.transmit_warning.value <= self.transmit_alarm.value,
                warning_first,
            ),
            ("receive_alarm", receive, warning_first),
            (
                "bias_alarm",
                self.bias_warning.value <= self.bias_alarm.value,
                warning_first,
            ),
            (
                "low_bias_alarm",
                self.low_bias_alarm.value <= self.low_bias_warning.value,
                warning_first,
            ),
            ("error_alarm", errors, warning_first),
        ]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_in_texts_are_read_or_refused() {
        assert_eq!(numbers("02-00-Ab", '-', 16, 0xFF), Some([2, 0, 0xAB]));
        for text in ["", "02-00", "02-00-01-03", "02-00-100", "+2-0-1", "02--01"] {
            assert_eq!(numbers::<3>(text, '-', 16, 0xFF), None, "{text:?}");
        }
        assert_eq!(numbers("5.3", '.', 10, 15), Some([5, 3]));
        assert_eq!(numbers::<2>("5.16", '.', 10, 15), None);
    }

    #[test]
    fn date_codes_are_days() {
        for text in ["261101", "240229", "991231A7", "260101  "] {
            assert!(is_date_code(text), "{text:?}");
        }
        for text in [
            "",
            "26110",
            "260229",
            "261301",
            "260001",
            "260100",
            "260431",
            "2026-11",
            "26110\u{e9}",
            "2611011",
            "261101ABC",
            "261101\t1",
            "+61101",
        ] {
            assert!(!is_date_code(text), "{text:?}");
        }
    }
}
