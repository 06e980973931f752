//! Requests and replies.

use plant::{Capabilities, Command, SCHEMA};
use serde_json::{Map, Value, json};
use system::nearest;

/// The version of the protocol.
const PROTOCOL: u32 = 1;
const OPS: [&str; 5] = [
    "capabilities",
    "observe",
    "subscribe",
    "unsubscribe",
    "command",
];
/// The longest period of a subscription: one day.
const MAX_PERIOD_MS: u64 = 86_400_000;

/// What a client asks for.
#[derive(Debug, PartialEq)]
pub(super) enum Request {
    Capabilities,
    Observe,
    Subscribe { period_ms: u64 },
    Unsubscribe,
    Command(Command),
}

impl Request {
    /// Reads a line.
    ///
    /// # Errors
    /// What to tell the client.
    pub(super) fn parse(line: &[u8]) -> Result<Self, String> {
        let value: Value =
            serde_json::from_slice(line).map_err(|error| format!("not JSON: {error}"))?;
        let Value::Object(mut members) = value else {
            return Err(r#"expected an object such as {"op":"observe"}"#.to_owned());
        };
        let op = match members.remove("op") {
            Some(Value::String(op)) => op,
            Some(_) => return Err(r#"the member "op" must be a string"#.to_owned()),
            None => return Err(format!(r#"the member "op" is missing; {}"#, expected_ops())),
        };
        let request = match op.as_str() {
            "capabilities" => Self::Capabilities,
            "observe" => Self::Observe,
            "subscribe" => Self::Subscribe {
                period_ms: period(members.remove("period_ms"))?,
            },
            "unsubscribe" => Self::Unsubscribe,
            "command" => {
                let command = Command::from_json_value(Value::Object(members));
                return command
                    .map(Self::Command)
                    .map_err(|error| error.to_string());
            }
            _ => return Err(unknown_op(&op)),
        };
        no_more_members(&op, &members)?;
        Ok(request)
    }
}

fn period(value: Option<Value>) -> Result<u64, String> {
    let Some(value) = value else {
        return Ok(0);
    };
    match value.as_u64() {
        Some(period_ms) if period_ms <= MAX_PERIOD_MS => Ok(period_ms),
        _ => Err(format!(
            "period_ms is {value}; expected an integer from 0 to {MAX_PERIOD_MS}"
        )),
    }
}

fn no_more_members(op: &str, members: &Map<String, Value>) -> Result<(), String> {
    match members.keys().next() {
        None => Ok(()),
        Some(name) => Err(format!("op {op:?} has no member {name:?}")),
    }
}

fn unknown_op(op: &str) -> String {
    // A long text is not a misspelt name, and comparing takes time that grows with its length.
    let shown: String = op.chars().take(40).collect();
    match nearest(&shown, OPS) {
        Some(name) => format!("unknown op {shown:?}; did you mean {name:?}?"),
        None => format!("unknown op {shown:?}; {}", expected_ops()),
    }
}

fn expected_ops() -> String {
    format!("expected one of {}", OPS.join(", "))
}

/// The first line of a connection.
pub(super) fn hello(capabilities: &Capabilities) -> String {
    line(&json!({
        "hello": "shoreline",
        "protocol": PROTOCOL,
        "schema": SCHEMA,
        "device": capabilities.device.as_str(),
        "fingerprint": capabilities.fingerprint.to_string(),
    }))
}

/// The reply to `capabilities`.
pub(super) fn capabilities(capabilities: &Capabilities) -> String {
    let members: Value =
        serde_json::from_str(&capabilities.encode_json()).expect("the encoder writes JSON");
    line(&json!({ "ok": true, "capabilities": members }))
}

/// The reply to `subscribe`.
pub(super) fn subscribed(period_ms: u64) -> String {
    line(&json!({ "ok": true, "period_ms": period_ms }))
}

/// The reply to `unsubscribe`.
pub(super) fn unsubscribed() -> String {
    line(&json!({ "ok": true }))
}

/// The reply to an accepted `command`.
pub(super) fn submitted(id: u64) -> String {
    line(&json!({ "ok": true, "id": id }))
}

/// The reply to whatever cannot be done.
pub(super) fn error(text: &str) -> String {
    line(&json!({ "ok": false, "error": text }))
}

fn line(value: &Value) -> String {
    format!("{value}\n")
}

#[cfg(test)]
mod tests {
    use system::LaserId;

    use super::*;

    fn check_error(line: &str, expected: &str) {
        let error = Request::parse(line.as_bytes()).unwrap_err();
        assert!(error.contains(expected), "{line}: {error}");
    }

    #[test]
    fn requests_are_read() {
        let parse = |line: &str| Request::parse(line.as_bytes()).unwrap();
        assert_eq!(parse(r#"{"op":"observe"}"#), Request::Observe);
        assert_eq!(
            parse(r#" {"period_ms":5,"op":"subscribe"} "#),
            Request::Subscribe { period_ms: 5 }
        );
        assert_eq!(
            parse(r#"{"op":"command","command":"set_laser_enable","laser":3,"enabled":true}"#),
            Request::Command(Command::SetLaserEnable {
                laser: LaserId(3),
                enabled: true
            })
        );
    }

    #[test]
    fn what_is_not_a_request_is_explained() {
        check_error("", "not JSON");
        check_error("[1]", "expected an object");
        check_error("{}", "\"op\" is missing");
        check_error(r#"{"op":1}"#, "must be a string");
        check_error(r#"{"op":"obseve"}"#, r#"did you mean "observe"?"#);
        check_error(r#"{"op":"xyzzy"}"#, "expected one of capabilities");
        check_error(r#"{"op":"observe","lane":1}"#, r#"no member "lane""#);
        check_error(r#"{"op":"subscribe","period_ms":-1}"#, "from 0 to");
        check_error(r#"{"op":"subscribe","period_ms":1e9}"#, "from 0 to");
        check_error(r#"{"op":"command","command":"explode"}"#, "explode");
        check_error(&"[".repeat(100_000), "recursion limit");
    }
}
