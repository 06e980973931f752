//! Samples as CSV and as lines of JSON.

use std::fmt;
use std::io::Write;

use plant::{Signal, Storage, Timestamp};

use crate::{Reading, Samples, TelemetryError};

/// How a time is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum TimeFormat {
    /// Seconds since the recording's epoch, exact to the nanosecond, in a column `time_s`.
    #[default]
    Seconds,
    /// RFC 3339 in UTC, for recordings whose epoch is that of Unix, in a column `time`.
    Rfc3339,
}

impl Samples<'_> {
    /// Writes all samples as CSV: a header, then one line for each sample, whose number is
    /// returned. The second to last columns are named by the kind of entity and by the signal
    /// with its unit, after the statistic when there is one; a failed sample has an empty value.
    ///
    /// # Errors
    /// [`TelemetryError::Output`], and those of the samples; lines before them were written.
    ///
    /// # Source
    /// RFC 4180, sections 2 and 3, with a header.
    pub fn write_csv(
        self,
        out: &mut impl Write,
        format: TimeFormat,
    ) -> Result<u64, TelemetryError> {
        let signal = self.query().signal;
        let device = csv_field(self.query().device.as_str());
        let time = match format {
            TimeFormat::Seconds => "time_s",
            TimeFormat::Rfc3339 => "time",
        };
        let (kind, name) = (signal.kind().name(), self.value_name());
        let epoch = match signal.storage() {
            Storage::Counter => ",reset_epoch",
            _ => "",
        };
        write!(out, "{time},device,{kind},{name},quality{epoch}\r\n")?;
        let mut n_lines = 0;
        for sample in self {
            let sample = sample?;
            match format {
                TimeFormat::Seconds => write!(out, "{}", Seconds(sample.time))?,
                TimeFormat::Rfc3339 => write!(out, "{}", Rfc3339(sample.time))?,
            }
            write!(out, ",{device},{},", sample.index)?;
            match sample.reading {
                None => {}
                Some(Reading::State(name)) => write!(out, "{name}")?,
                Some(Reading::Count { count, .. }) => write!(out, "{count}")?,
                Some(Reading::Value(value)) => write!(out, "{}", Number(value, signal))?,
            }
            write!(out, ",{}", sample.quality.name())?;
            match sample.reading {
                Some(Reading::Count { epoch, .. }) => write!(out, ",{epoch}\r\n")?,
                _ if epoch.is_empty() => write!(out, "\r\n")?,
                _ => write!(out, ",\r\n")?,
            }
            n_lines += 1;
        }
        Ok(n_lines)
    }

    /// Writes all samples as lines of JSON, and returns their number. A failed sample is null.
    ///
    /// # Errors
    /// [`TelemetryError::Output`], and those of the samples; lines before them were written.
    pub fn write_json_lines(self, out: &mut impl Write) -> Result<u64, TelemetryError> {
        let signal = self.query().signal;
        let device = serde_json::Value::from(self.query().device.as_str());
        let (kind, name) = (signal.kind().name(), self.value_name());
        let mut n_lines = 0;
        for sample in self {
            let sample = sample?;
            let (nanos, index) = (sample.time.nanos(), sample.index);
            write!(
                out,
                r#"{{"time_ns":{nanos},"device":{device},"{kind}":{index},"#
            )?;
            match sample.reading {
                None => write!(out, r#""{name}":null"#)?,
                Some(Reading::State(state)) => write!(out, r#""{name}":"{state}""#)?,
                Some(Reading::Count { count, epoch }) => {
                    write!(out, r#""{name}":{count},"reset_epoch":{epoch}"#)?;
                }
                Some(Reading::Value(value)) => {
                    write!(out, r#""{name}":{}"#, Number(value, signal))?;
                }
            }
            writeln!(out, r#","quality":"{}"}}"#, sample.quality.name())?;
            n_lines += 1;
        }
        Ok(n_lines)
    }

    fn value_name(&self) -> String {
        let name = self.query().signal.name();
        match self.query().step {
            Some(step) => format!("{}_{name}", step.statistic.name()),
            None => name.to_owned(),
        }
    }
}

/// A field with a comma, a quote or a line break stands in quotes.
fn csv_field(text: &str) -> String {
    if text.contains([',', '"', '\r', '\n']) {
        format!("\"{}\"", text.replace('"', "\"\""))
    } else {
        text.to_owned()
    }
}

/// A value with as many digits as its signal is stored with.
struct Number(f64, Signal);

impl fmt::Display for Number {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self(value, signal) = *self;
        #[expect(
            clippy::cast_possible_truncation,
            reason = "compared with what was cut"
        )]
        let short = value as f32;
        if signal.storage() == Storage::F32 && f64::from(short).to_bits() == value.to_bits() {
            write!(f, "{short:?}")
        } else {
            write!(f, "{value:?}")
        }
    }
}

struct Seconds(Timestamp);

impl fmt::Display for Seconds {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (seconds, nanos) = split(self.0);
        write!(f, "{seconds}.{nanos:09}")
    }
}

fn split(time: Timestamp) -> (u64, u64) {
    const NANOS: u64 = 1_000_000_000;
    (time.nanos() / NANOS, time.nanos() % NANOS)
}

struct Rfc3339(Timestamp);

impl fmt::Display for Rfc3339 {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (seconds, nanos) = split(self.0);
        let (day, second) = (seconds / 86_400, seconds % 86_400);
        let (year, month, day) = civil(day);
        let (hour, minute) = (second / 3600, second / 60 % 60);
        write!(
            f,
            "{year:04}-{month:02}-{day:02}T{hour:02}:{minute:02}:{:02}",
            second % 60
        )?;
        write!(f, ".{nanos:09}Z")
    }
}

/// Year, month and day of the Gregorian calendar, `days` after 1 January 1970.
///
/// Years begin in March here, so that the leap day is their last; `era` counts 400 years.
///
/// # Source
/// H. Hinnant, "chrono-Compatible Low-Level Date Algorithms", 2021, `civil_from_days`.
fn civil(days: u64) -> (u64, u64, u64) {
    let days = days + 719_468;
    let (era, day_of_era) = (days / 146_097, days % 146_097);
    let year_of_era =
        (day_of_era - day_of_era / 1460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
    let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let shifted = (5 * day_of_year + 2) / 153;
    let day = day_of_year - (153 * shifted + 2) / 5 + 1;
    let month = if shifted < 10 {
        shifted + 3
    } else {
        shifted - 9
    };
    let year = year_of_era + 400 * era + u64::from(month <= 2);
    (year, month, day)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dates_are_those_of_the_calendar() {
        // RFC 3339, section 5.8, and the ends of Unix time in 32 and in 64 bits of nanoseconds.
        for (nanos, expected) in [
            (0, "1970-01-01T00:00:00.000000000Z"),
            (482_196_050_520_000_000, "1985-04-12T23:20:50.520000000Z"),
            (951_782_400_000_000_000, "2000-02-29T00:00:00.000000000Z"),
            (2_147_483_647_000_000_000, "2038-01-19T03:14:07.000000000Z"),
            (u64::MAX, "2554-07-21T23:34:33.709551615Z"),
        ] {
            let time = Timestamp::from_nanos(nanos);
            assert_eq!(Rfc3339(time).to_string(), expected);
        }
        let time = Timestamp::from_nanos(1_000_000_007);
        assert_eq!(Seconds(time).to_string(), "1.000000007");
    }

    #[test]
    fn fields_are_quoted_where_they_must_be() {
        assert_eq!(csv_field("leaf 1"), "leaf 1");
        assert_eq!(csv_field("a,\"b\""), "\"a,\"\"b\"\"\"");
    }

    #[test]
    fn numbers_have_the_digits_of_their_storage() {
        assert_eq!(
            Number(f64::from(-3.4_f32), Signal::RxPower).to_string(),
            "-3.4"
        );
        assert_eq!(Number(0.1, Signal::RxPower).to_string(), "0.1");
        let hertz = Number(2.287e14, Signal::LaserFrequency).to_string();
        assert_eq!(hertz.parse(), Ok(2.287e14));
        // Ratios of bit errors are small; what is printed is JSON too.
        let ber = Number(f64::from(1e-20_f32), Signal::PreFecBer).to_string();
        assert_eq!(ber, "1e-20");
    }
}
