//! Requests and replies of device sockets.

use std::borrow::Cow;

use cmis::Address;
use serde_json::{Map, Value};
use system::nearest;

/// The bytes that a host can reach without changing bank or page: lower memory and one page.
const REACH: u16 = 256;
/// The longest time by which a manual clock is advanced at once: one day.
const MAX_ADVANCE_MS: u64 = 86_400_000;
/// How much of a client's text an error repeats.
const SHOWN_CHARS: usize = 40;

/// Bytes to be written, from 1 to 256.
#[derive(Clone, Copy)]
pub struct Data {
    bytes: [u8; REACH as usize],
    n_bytes: u16,
}

impl Data {
    /// The bytes; none when there are none or more than 256.
    pub fn new(data: &[u8]) -> Option<Self> {
        let n_bytes = u16::try_from(data.len()).ok();
        let n_bytes = n_bytes.filter(|n_bytes| (1..=REACH).contains(n_bytes))?;
        let mut bytes = [0; REACH as usize];
        bytes[..data.len()].copy_from_slice(data);
        Some(Self { bytes, n_bytes })
    }

    /// Reads pairs of hexadecimal digits; none when they are anything else.
    pub(super) fn from_hex(text: &[u8]) -> Option<Self> {
        let n_bytes = u16::try_from(text.len() / 2).ok();
        let n_bytes = n_bytes.filter(|n_bytes| (1..=REACH).contains(n_bytes))?;
        if text.len() % 2 == 1 {
            return None;
        }
        let mut bytes = [0; REACH as usize];
        for (byte, digits) in bytes.iter_mut().zip(text.chunks_exact(2)) {
            *byte = hex_value(digits[0])? << 4 | hex_value(digits[1])?;
        }
        Some(Self { bytes, n_bytes })
    }
}

impl std::ops::Deref for Data {
    type Target = [u8];

    fn deref(&self) -> &[u8] {
        &self.bytes[..usize::from(self.n_bytes)]
    }
}

impl PartialEq for Data {
    fn eq(&self, other: &Self) -> bool {
        **self == **other
    }
}

impl std::fmt::Debug for Data {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_tuple("Data").field(&&**self).finish()
    }
}

/// What a client asks of a device.
#[derive(Debug, Clone, PartialEq)]
#[expect(
    clippy::large_enum_variant,
    reason = "one request lives at a time, and must not be allocated"
)]
pub enum Request {
    /// Read bytes.
    Read {
        /// From where on.
        from: Address,
        /// How many, from 1 to as many as there are up to byte 255.
        n_bytes: u16,
    },
    /// Read bytes without clearing what a read of them clears.
    Peek {
        /// From where on.
        from: Address,
        /// How many, from 1 to as many as there are up to byte 255.
        n_bytes: u16,
    },
    /// Write bytes.
    Write {
        /// From where on.
        from: Address,
        /// Not beyond byte 255.
        data: Data,
    },
    /// Advance the manual clock.
    Advance {
        /// By how many milliseconds.
        ms: u64,
    },
    /// Back to the state at power-on.
    Fresh,
    /// Make something happen to the device.
    Inject {
        /// What.
        what: String,
        /// With which arguments.
        args: Map<String, Value>,
    },
}

impl Request {
    /// Reads a line. What most clients send most of the time is read without allocation, all else by
    /// [`parse_any`](Self::parse_any).
    ///
    /// # Errors
    /// What to tell the client: every problem of the line.
    pub fn parse(line: &[u8]) -> Result<Self, String> {
        Asked::parse(line).request
    }

    /// Reads a line as any JSON. Of a member that is there twice the last one counts.
    ///
    /// # Errors
    /// As [`parse`](Self::parse).
    pub fn parse_any(line: &[u8]) -> Result<Self, String> {
        Asked::parse_any(line).request
    }

    /// The line that is read as this request, without line feed.
    pub fn encode(&self) -> String {
        match self {
            Self::Read { from, n_bytes } | Self::Peek { from, n_bytes } => {
                let Address { bank, page, byte } = from;
                let op = match self {
                    Self::Peek { .. } => "peek",
                    _ => "read",
                };
                format!(
                    r#"{{"op":"{op}","page":{page},"bank":{bank},"off":{byte},"len":{n_bytes}}}"#
                )
            }
            Self::Write { from, data } => {
                let Address { bank, page, byte } = from;
                let mut hex = Vec::new();
                push_hex(data, &mut hex);
                let hex = String::from_utf8_lossy(&hex);
                format!(
                    r#"{{"op":"write","page":{page},"bank":{bank},"off":{byte},"data":"{hex}"}}"#
                )
            }
            Self::Advance { ms } => format!(r#"{{"op":"advance","ms":{ms}}}"#),
            Self::Fresh => r#"{"op":"fresh"}"#.to_owned(),
            Self::Inject { what, args } => {
                serde_json::json!({ "op": "inject", "what": what, "args": args }).to_string()
            }
        }
    }
}

/// What a client calls a request, as JSON: text or a number. Its answer has the same name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Id<'a>(Cow<'a, [u8]>);

impl<'a> Id<'a> {
    /// JSON that is a text or a number.
    pub(super) const fn borrowed(json: &'a [u8]) -> Self {
        Self(Cow::Borrowed(json))
    }
}

impl Id<'_> {
    /// As JSON.
    pub fn json(&self) -> &[u8] {
        &self.0
    }
}

/// A line of a client.
#[derive(Debug, Clone, PartialEq)]
pub struct Asked<'a> {
    /// What it calls its request; also that of a request that cannot be read, where its name can.
    pub id: Option<Id<'a>>,
    /// What it asks, or what to tell the client: every problem of the line.
    pub request: Result<Request, String>,
}

impl<'a> Asked<'a> {
    /// Reads a line, as [`Request::parse`].
    pub fn parse(line: &'a [u8]) -> Self {
        super::quick::parse(line).unwrap_or_else(|| Self::parse_any(line))
    }

    /// Reads a line, as [`Request::parse_any`].
    pub fn parse_any(line: &[u8]) -> Self {
        let mut members = match members(line) {
            Ok(members) => members,
            Err(problem) => {
                return Self {
                    id: None,
                    request: Err(problem),
                };
            }
        };
        let mut problems = Vec::new();
        let id = match members.remove("id") {
            None => None,
            Some(id @ (Value::String(_) | Value::Number(_))) => {
                Some(Id(Cow::Owned(id.to_string().into_bytes())))
            }
            Some(other) => {
                problems.push(wrong("id", &other, "a text or a number"));
                None
            }
        };
        let request = request(members, problems);
        Self { id, request }
    }
}

/// The members of a line that is an object.
fn members(line: &[u8]) -> Result<Map<String, Value>, String> {
    match serde_json::from_slice(line) {
        Ok(Value::Object(members)) => Ok(members),
        Ok(_) => Err(
            r#"expected an object such as {"op":"read","page":17,"off":128,"len":4}"#.to_owned(),
        ),
        Err(error) => Err(format!("not JSON: {error}")),
    }
}

/// The request that members make, of which there are problems already.
fn request(mut members: Map<String, Value>, problems: Vec<String>) -> Result<Request, String> {
    let op = match members.remove("op") {
        Some(Value::String(op)) => op,
        Some(_) => return Err(r#"the member "op" must be a string"#.to_owned()),
        None => return Err(format!(r#"the member "op" is missing; {}"#, expected_ops())),
    };
    let Some((_, known)) = OPS.iter().find(|(name, _)| *name == op) else {
        return Err(unknown_op(&op));
    };
    let mut reader = Reader { members, problems };
    let request = reader.request(&op);
    reader.refuse_unknown(&op, known);
    match request {
        Some(request) if reader.problems.is_empty() => Ok(request),
        _ => Err(reader.problems.join("; ")),
    }
}

/// Operations with their members, beside the name that each may have.
const OPS: [(&str, &[&str]); 6] = [
    ("read", &["page", "bank", "off", "len"]),
    ("peek", &["page", "bank", "off", "len"]),
    ("write", &["page", "bank", "off", "data"]),
    ("advance", &["ms"]),
    ("fresh", &[]),
    ("inject", &["what", "args"]),
];

/// Takes the members of a request out of an object and notes what is wrong with them.
struct Reader {
    members: Map<String, Value>,
    problems: Vec<String>,
}

impl Reader {
    /// The request; none, and a problem, when it cannot be made out.
    fn request(&mut self, op: &str) -> Option<Request> {
        match op {
            "read" | "peek" => {
                let from = self.address();
                let n_bytes = self.number("len", 1, u64::from(REACH), None);
                let (from, n_bytes) = (from?, u16::try_from(n_bytes?).ok()?);
                self.check_reach(from, n_bytes, r#"the member "len""#)?;
                Some(if op == "peek" {
                    Request::Peek { from, n_bytes }
                } else {
                    Request::Read { from, n_bytes }
                })
            }
            "write" => {
                let from = self.address();
                let data = self.data();
                let (from, data) = (from?, data?);
                self.check_reach(from, data.n_bytes, r#"the member "data""#)?;
                Some(Request::Write { from, data })
            }
            "advance" => {
                let ms = self.number("ms", 0, MAX_ADVANCE_MS, None)?;
                Some(Request::Advance { ms })
            }
            "fresh" => Some(Request::Fresh),
            _ => {
                let what = self.text("what", "the name of what happens");
                let args = match self.members.remove("args") {
                    None => Some(Map::new()),
                    Some(Value::Object(args)) => Some(args),
                    Some(other) => self.wrong("args", &other, "an object"),
                };
                let (what, args) = (what?, args?);
                Some(Request::Inject { what, args })
            }
        }
    }

    fn address(&mut self) -> Option<Address> {
        let page = self.page();
        let bank = self.byte("bank", Some(0));
        let byte = self.byte("off", None);
        Some(Address {
            bank: bank?,
            page: page?,
            byte: byte?,
        })
    }

    /// A number, or what hosts call it.
    fn page(&mut self) -> Option<u8> {
        const EXPECTED: &str = r#"an integer from 0 to 255, or hexadecimal such as "11h""#;
        let Some(value) = self.members.remove("page") else {
            return Some(0);
        };
        let number = match &value {
            Value::String(text) => page_of(text.as_bytes()),
            other => other.as_u64().and_then(|number| u8::try_from(number).ok()),
        };
        match number {
            Some(number) => Some(number),
            None => self.wrong("page", &value, EXPECTED),
        }
    }

    fn byte(&mut self, name: &str, default: Option<u64>) -> Option<u8> {
        let number = self.number(name, 0, u64::from(u8::MAX), default)?;
        u8::try_from(number).ok()
    }

    fn number(&mut self, name: &str, least: u64, most: u64, default: Option<u64>) -> Option<u64> {
        let expected = || format!("an integer from {least} to {most}");
        match self.members.remove(name) {
            Some(value) => match value.as_u64() {
                Some(number) if (least..=most).contains(&number) => Some(number),
                _ => self.wrong(name, &value, &expected()),
            },
            None if default.is_some() => default,
            None => self.missing(name, &expected()),
        }
    }

    fn text(&mut self, name: &str, expected: &str) -> Option<String> {
        match self.members.remove(name) {
            Some(Value::String(text)) => Some(text),
            Some(other) => self.wrong(name, &other, expected),
            None => self.missing(name, expected),
        }
    }

    fn data(&mut self) -> Option<Data> {
        const EXPECTED: &str = "1 to 256 bytes as pairs of hexadecimal digits";
        let text = self.text("data", EXPECTED)?;
        let data = Data::from_hex(text.as_bytes());
        if data.is_none() {
            return self.wrong("data", &Value::String(text), EXPECTED);
        }
        data
    }

    /// Byte 255 is the last one that can be reached.
    fn check_reach(&mut self, from: Address, n_bytes: u16, what: &str) -> Option<()> {
        let most = REACH - u16::from(from.byte);
        if n_bytes <= most {
            return Some(());
        }
        let byte = from.byte;
        self.problems.push(format!(
            "{what} is for {n_bytes} bytes from byte {byte} on; expected at most {most}, because byte 255 is the last"
        ));
        None
    }

    fn wrong<T>(&mut self, name: &str, value: &Value, expected: &str) -> Option<T> {
        self.problems.push(wrong(name, value, expected));
        None
    }

    fn missing<T>(&mut self, name: &str, expected: &str) -> Option<T> {
        self.problems.push(format!(
            "the member {name:?} is missing; expected {expected}"
        ));
        None
    }

    fn refuse_unknown(&mut self, op: &str, known: &[&str]) {
        // Those that are known were taken out, also when they were wrong.
        for name in self.members.keys() {
            let name = shown(name);
            let hint = match nearest(&name, known.iter().copied().chain(["id"])) {
                Some(near) => format!("; did you mean {near:?}?"),
                None if known.is_empty() => r#"; it has none but "op" and "id""#.to_owned(),
                None => format!("; expected {}", known.join(", ")),
            };
            self.problems
                .push(format!("op {op:?} has no member {name:?}{hint}"));
            if self.problems.len() >= MAX_PROBLEMS {
                break;
            }
        }
    }
}

fn wrong(name: &str, value: &Value, expected: &str) -> String {
    let value = shown(&value.to_string());
    format!("the member {name:?} is {value}; expected {expected}")
}

/// A page as hosts write it: one or two hexadecimal digits and `h`.
pub(super) fn page_of(text: &[u8]) -> Option<u8> {
    let (b'h' | b'H', digits) = text.split_last()? else {
        return None;
    };
    match *digits {
        [low] => hex_value(low),
        [high, low] => Some(hex_value(high)? << 4 | hex_value(low)?),
        _ => None,
    }
}

/// Whoever sends more wrong members learns of the others when these are mended.
const MAX_PROBLEMS: usize = 10;

fn unknown_op(op: &str) -> String {
    // A long text is not a misspelt name, and comparing takes time that grows with its length.
    let shown = shown(op);
    match nearest(&shown, OPS.iter().map(|(name, _)| *name)) {
        Some(name) => format!("unknown op {shown:?}; did you mean {name:?}?"),
        None => format!("unknown op {shown:?}; {}", expected_ops()),
    }
}

fn expected_ops() -> String {
    let names: Vec<_> = OPS.iter().map(|(name, _)| *name).collect();
    format!("expected one of {}", names.join(", "))
}

/// The beginning of a client's text.
fn shown(text: &str) -> String {
    if text.chars().nth(SHOWN_CHARS).is_none() {
        return text.to_owned();
    }
    let start: String = text.chars().take(SHOWN_CHARS).collect();
    format!("{start}…")
}

pub(super) const fn hex_value(digit: u8) -> Option<u8> {
    match digit {
        b'0'..=b'9' => Some(digit - b'0'),
        b'a'..=b'f' => Some(digit - b'a' + 10),
        b'A'..=b'F' => Some(digit - b'A' + 10),
        _ => None,
    }
}

fn push_hex(bytes: &[u8], into: &mut Vec<u8>) {
    const DIGITS: [u8; 16] = *b"0123456789abcdef";
    into.extend(bytes.iter().flat_map(|byte| {
        [
            DIGITS[usize::from(byte >> 4)],
            DIGITS[usize::from(byte & 15)],
        ]
    }));
}

/// Ends a reply, with the name of the request.
fn close(id: Option<&Id>, into: &mut Vec<u8>) {
    if let Some(id) = id {
        into.extend_from_slice(br#","id":"#);
        into.extend_from_slice(id.json());
    }
    into.extend_from_slice(b"}\n");
}

/// The reply to a `read`.
pub(super) fn push_data(bytes: &[u8], id: Option<&Id>, into: &mut Vec<u8>) {
    into.extend_from_slice(br#"{"ok":true,"data":""#);
    push_hex(bytes, into);
    into.push(b'"');
    close(id, into);
}

/// The reply to whatever was done and tells nothing.
pub(super) fn push_done(id: Option<&Id>, into: &mut Vec<u8>) {
    into.extend_from_slice(br#"{"ok":true"#);
    close(id, into);
}

/// The reply of a device that does not acknowledge.
pub(super) fn push_nack(id: Option<&Id>, into: &mut Vec<u8>) {
    into.extend_from_slice(br#"{"ok":false"#);
    close(id, into);
}

/// The reply to whatever cannot be done.
pub(super) fn push_error(text: &str, id: Option<&Id>, into: &mut Vec<u8>) {
    let text = Value::from(text).to_string();
    into.extend_from_slice(br#"{"ok":false,"error":"#);
    into.extend_from_slice(text.as_bytes());
    close(id, into);
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(line: &str) -> Request {
        Request::parse(line.as_bytes()).unwrap()
    }

    fn check_error(line: &str, expected: &str) {
        let error = Request::parse(line.as_bytes()).unwrap_err();
        assert!(error.contains(expected), "{line}: {error}");
    }

    #[test]
    fn requests_are_read() {
        let from = Address::page(17, 128);
        assert_eq!(
            parse(r#"{"op":"read","page":17,"bank":0,"off":128,"len":4}"#),
            Request::Read { from, n_bytes: 4 }
        );
        let from = Address::lower(0);
        assert_eq!(
            parse(r#"{"len": 256, "off": 0, "op": "read"}"#),
            Request::Read { from, n_bytes: 256 }
        );
        assert_eq!(
            parse(r#"{"op":"write","page":16,"bank":3,"off":128,"data":"fFa0"}"#),
            Request::Write {
                from: Address::page(16, 128).in_bank(3),
                data: Data::new(&[0xFF, 0xA0]).unwrap()
            }
        );
        assert_eq!(
            parse(r#"{"op":"advance","ms":100}"#),
            Request::Advance { ms: 100 }
        );
        assert_eq!(parse(r#"{"op":"fresh"}"#), Request::Fresh);
        let Request::Inject { what, args } =
            parse(r#"{"op":"inject","what":"fibre","args":{"lane":3}}"#)
        else {
            panic!("an injection");
        };
        assert_eq!((what.as_str(), &args["lane"]), ("fibre", &Value::from(3)));
    }

    #[test]
    fn pages_may_be_written_as_hosts_write_them() {
        let from = Address::page(0x9F, 128);
        for page in ["159", "\"9fh\"", "\"9FH\""] {
            let line = format!(r#"{{"op":"peek","page":{page},"off":128,"len":4}}"#);
            assert_eq!(parse(&line), Request::Peek { from, n_bytes: 4 });
        }
        let line = r#"{"op":"write","page":"0h","off":0,"data":"00"}"#;
        let Request::Write { from, .. } = parse(line) else {
            panic!("a write");
        };
        assert_eq!(from.page, 0);
    }

    #[test]
    fn a_request_keeps_its_name_where_it_can_be_read() {
        let id = |line: &str| {
            let asked = Asked::parse(line.as_bytes());
            assert_eq!(asked, Asked::parse_any(line.as_bytes()), "{line}");
            asked
                .id
                .map(|id| String::from_utf8(id.json().to_vec()).unwrap())
        };
        for (name, echoed) in [
            ("1", "1"),
            ("1234567", "1234567"),
            ("-2.50", "-2.5"),
            ("\"a7\"", "\"a7\""),
            (r#""a \u0022\n""#, r#""a \"\n""#),
        ] {
            for line in [
                format!(r#"{{"id":{name},"op":"read","off":0,"len":1}}"#),
                format!(r#"{{"op":"xyzzy","id":{name}}}"#),
                format!(r#"{{"op":"fresh","id":{name}}}"#),
            ] {
                assert_eq!(id(&line).as_deref(), Some(echoed), "{line}");
            }
        }
        assert_eq!(id(r#"{"op":"read","off":0,"len":1}"#), None);
        assert_eq!(id(r#"{"id":1,"#), None, "no JSON");
    }

    #[test]
    fn what_is_not_a_request_is_explained() {
        check_error("", "not JSON");
        check_error("[1]", "expected an object");
        check_error("{}", "\"op\" is missing");
        check_error(r#"{"op":1}"#, "must be a string");
        check_error(r#"{"op":"raed"}"#, r#"did you mean "read"?"#);
        check_error(r#"{"op":"xyzzy"}"#, "expected one of read, peek, write");
        check_error(
            r#"{"op":"read","off":128,"len":1,"pgae":2}"#,
            r#"op "read" has no member "pgae"; did you mean "page"?"#,
        );
        check_error(r#"{"op":"fresh","lane":1}"#, "it has none but");
        check_error(
            r#"{"op":"read","page":"100h","off":128,"len":1}"#,
            r#"such as "11h""#,
        );
        check_error(
            r#"{"op":"fresh","id":[1]}"#,
            r#""id" is [1]; expected a text or a number"#,
        );
        check_error(r#"{"op":"fresh","ic":1}"#, r#"did you mean "id"?"#);
        check_error(
            r#"{"op":"read","page":256,"off":128,"len":1}"#,
            r#""page" is 256; expected an integer from 0 to 255"#,
        );
        check_error(
            r#"{"op":"read","len":0}"#,
            r#""off" is missing; expected an integer from 0 to 255; the member "len" is 0; expected an integer from 1 to 256"#,
        );
        check_error(r#"{"op":"read","off":200,"len":57}"#, "at most 56");
        check_error(r#"{"op":"read","off":1.0,"len":1}"#, "is 1.0; expected");
        check_error(r#"{"op":"write","off":0,"data":"0"}"#, "pairs of hex");
        check_error(r#"{"op":"write","off":0,"data":""}"#, "1 to 256 bytes");
        check_error(r#"{"op":"write","off":255,"data":"0000"}"#, "at most 1");
        check_error(r#"{"op":"advance","ms":-1}"#, "from 0 to 86400000");
        check_error(r#"{"op":"inject","what":"x","args":[]}"#, "an object");
        check_error(r#"{"op":"inject"}"#, r#""what" is missing"#);
        check_error(&"[".repeat(100_000), "recursion limit");
        let long = format!(r#"{{"op":"{}"}}"#, "x".repeat(10_000));
        assert!(Request::parse(long.as_bytes()).unwrap_err().len() < 200);
    }
}
