//! The JSON form as other programs see it.
#![expect(clippy::unwrap_used, reason = "a test stops where it fails")]

use plant::{Column, Command, DecodeError, DeviceName, Observation, Quality, Signal, Timestamp};
use system::Fingerprint;

fn fingerprint() -> Fingerprint {
    Fingerprint::of(b"abc")
}

fn sample() -> Observation {
    let mut observation = Observation::new(fingerprint(), DeviceName::new("leaf1").unwrap());
    observation.sequence = 7;
    observation.time = Timestamp::from_nanos(u64::MAX);
    let mut power = Column::from_values(Signal::RxPower, [-3.5, f64::NAN, 0.1]).unwrap();
    power.set_quality(2, Quality::Stale);
    observation.insert(power);
    let counters = Column::from_counters(Signal::FecCodewords, vec![u64::MAX]).unwrap();
    observation.insert(counters);
    observation
}

const SAMPLE: &str = concat!(
    r#"{"schema":5,"fingerprint":"ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad","#,
    r#""device":"leaf1","sequence":7,"time_ns":18446744073709551615,"columns":{"#,
    r#""rx_power_dbm":{"kind":"media_lane","values":[-3.5,null,0.1],"failed":[1],"stale":[2]},"#,
    r#""fec_codewords":{"kind":"port","values":[18446744073709551615]}},"edges":[],"outcomes":[]}"#,
);

#[test]
fn names_carry_units_and_numbers_are_bare() {
    assert_eq!(sample().encode_json(), SAMPLE);
    assert_eq!(
        Observation::decode_json(SAMPLE, &fingerprint()).unwrap(),
        sample()
    );
}

#[test]
fn a_newer_schema_is_refused_whatever_else_it_holds() {
    let schema = plant::SCHEMA + 1;
    let newer = format!(r#"{{"fingerprint":{{"sha3":"00"}},"schema":{schema},"waves":[]}}"#);
    let error = Observation::decode_json(&newer, &fingerprint()).unwrap_err();
    let DecodeError::UnsupportedSchema { found, .. } = error else {
        panic!("{error}");
    };
    assert_eq!(found, u64::from(schema));
}

fn check_refused(old: &str, new: &str, expected: &str) {
    let text = SAMPLE.replace(old, new);
    assert_ne!(text, SAMPLE, "{old:?} does not occur");
    let error = Observation::decode_json(&text, &fingerprint())
        .unwrap_err()
        .to_string();
    assert!(error.contains(expected), "{new}: {error}");
}

#[test]
fn contradictions_are_refused_with_their_place() {
    check_refused(
        "rx_power_dbm",
        "rx_power_dbn",
        r#"did you mean "rx_power_dbm"?"#,
    );
    check_refused(
        "media_lane",
        "laser",
        "belongs to kind media_lane, not laser",
    );
    check_refused(r#""failed":[1],"#, "", "must be null exactly when");
    check_refused(
        r#""failed":[1]"#,
        r#""failed":[0,1]"#,
        "must be null exactly when",
    );
    check_refused(r#""stale":[2]"#, r#""stale":[1]"#, "is listed twice");
    check_refused(
        r#""stale":[2]"#,
        r#""stale":[3]"#,
        "does not exist; there are 3",
    );
    check_refused("-3.5", "1e39", "out of range");
    check_refused("-3.5", "NaN", "malformed");
    check_refused(
        r#""kind":"port""#,
        r#""kind":"port","unit":"1""#,
        "unknown field",
    );
    check_refused("fec_codewords", "rx_power_dbm", "repeated");
    check_refused(
        "[18446744073709551615]}",
        "[18446744073709551616]}",
        "malformed",
    );
    check_refused("[18446744073709551615]}", "[-1]}", "malformed");
    check_refused("leaf1", "", "not a device name");
    check_refused("ba78", "xa78", "not a fingerprint");
}

fn check_command_refused(text: &str, expected: &str) {
    let error = Command::decode_json(text).unwrap_err().to_string();
    assert!(error.contains(expected), "{text}: {error}");
}

#[test]
fn commands_that_say_too_little_or_too_much_are_refused() {
    check_command_refused(r#"{"command":"explode"}"#, "unknown variant");
    check_command_refused(r#"{"command":"set_laser_enable","laser":1}"#, "enabled");
    check_command_refused(
        r#"{"command":"set_laser_enable","laser":-1,"enabled":true}"#,
        "-1",
    );
    check_command_refused(
        r#"{"command":"set_laser_enable","laser":1,"enabled":true,"force":true}"#,
        "force",
    );
    check_command_refused(
        r#"{"command":"set_power_state","engine":1,"laser_module":1,"state":"off"}"#,
        "",
    );
    check_command_refused(
        r#"{"command":"set_power_state","engine":1,"state":"of"}"#,
        r#"did you mean "off"?"#,
    );
    check_command_refused(
        r#"{"command":"set_pattern","media_lane":1,"direction":"receive","pattern":"prbs32q"}"#,
        "is not a test pattern; did you mean",
    );
    check_command_refused(
        r#"{"command":"set_serdes_pattern","media_lane":1,"pattern":"prbs31q"}"#,
        "media_lane",
    );
    check_command_refused(
        r#"{"command":"set_polarity","media_lane":1,"inverted":true}"#,
        "direction",
    );
    check_command_refused(
        r#"{"command":"set_laser_bias","laser":1,"current_a":null}"#,
        "null",
    );
}
