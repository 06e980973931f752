//! Reads and writes in the form in which they are sent most: a flat object of names without escapes,
//! plain integers and hexadecimal text, with or without blanks. Whatever differs is left to the
//! reader of any JSON, which for these lines finds the same.

use cmis::Address;

use super::request::{Asked, Data, Id, Request, page_of};

/// The request, or none when the line is better read as any JSON.
pub(super) fn parse(line: &[u8]) -> Option<Asked<'_>> {
    let mut scanner = Scanner { rest: line };
    let mut op = None;
    let [mut page, mut bank, mut off, mut len] = [None; 4];
    let [mut data, mut id] = [None; 2];
    scanner.expect(b'{')?;
    loop {
        let name = scanner.text()?;
        scanner.expect(b':')?;
        match name {
            b"op" => set(&mut op, scanner.text()?)?,
            b"page" => set(&mut page, scanner.page()?)?,
            b"bank" => set(&mut bank, scanner.number()?)?,
            b"off" => set(&mut off, scanner.number()?)?,
            b"len" => set(&mut len, scanner.number()?)?,
            b"data" => set(&mut data, scanner.text()?)?,
            b"id" => set(&mut id, scanner.id()?)?,
            _ => return None,
        }
        match scanner.next()? {
            b',' => {}
            b'}' => break,
            _ => return None,
        }
    }
    if scanner.next().is_some() {
        return None;
    }
    let from = Address {
        bank: u8::try_from(bank.unwrap_or(0)).ok()?,
        page: u8::try_from(page.unwrap_or(0)).ok()?,
        byte: u8::try_from(off?).ok()?,
    };
    let most = 256 - u16::from(from.byte);
    let request = match (op?, len, data) {
        (b"read", Some(n_bytes), None) if (1..=most).contains(&n_bytes) => {
            Request::Read { from, n_bytes }
        }
        (b"peek", Some(n_bytes), None) if (1..=most).contains(&n_bytes) => {
            Request::Peek { from, n_bytes }
        }
        (b"write", None, Some(hex)) => {
            let data = Data::from_hex(hex)?;
            if data.len() > usize::from(most) {
                return None;
            }
            Request::Write { from, data }
        }
        _ => return None,
    };
    Some(Asked {
        id: id.map(Id::borrowed),
        request: Ok(request),
    })
}

/// Digits of every number that fits into 64 bits without sign.
const MOST_DIGITS: usize = 19;

/// Sets what is not set yet.
fn set<T>(place: &mut Option<T>, value: T) -> Option<()> {
    place.replace(value).is_none().then_some(())
}

struct Scanner<'a> {
    rest: &'a [u8],
}

impl<'a> Scanner<'a> {
    /// The next byte that is no blank.
    fn next(&mut self) -> Option<u8> {
        loop {
            let (&first, rest) = self.rest.split_first()?;
            self.rest = rest;
            if !matches!(first, b' ' | b'\t' | b'\r' | b'\n') {
                return Some(first);
            }
        }
    }

    fn expect(&mut self, byte: u8) -> Option<()> {
        (self.next()? == byte).then_some(())
    }

    /// The next byte that is no blank, which stays.
    fn peek(&mut self) -> Option<u8> {
        let n_blank = self
            .rest
            .iter()
            .position(|byte| !matches!(byte, b' ' | b'\t' | b'\r' | b'\n'))?;
        self.rest = &self.rest[n_blank..];
        self.rest.first().copied()
    }

    /// A number, or hexadecimal digits between quotes.
    fn page(&mut self) -> Option<u16> {
        if self.peek()? == b'"' {
            page_of(self.text()?).map(u16::from)
        } else {
            self.number()
        }
    }

    /// Letters and digits between quotes, or digits without leading zeros: both are JSON that any
    /// writer of JSON writes the same.
    fn id(&mut self) -> Option<&'a [u8]> {
        let is_text = self.peek()? == b'"';
        let from = self.rest;
        if is_text {
            self.text()?;
        } else {
            let is_digit = |byte: &u8| byte.is_ascii_digit();
            let n_digits = from.iter().position(|byte| !is_digit(byte))?;
            // Numbers of more digits may not fit into 64 bits.
            if !(1..=MOST_DIGITS).contains(&n_digits) || from[0] == b'0' && n_digits > 1 {
                return None;
            }
            self.rest = &from[n_digits..];
        }
        Some(&from[..from.len() - self.rest.len()])
    }

    /// Letters and digits between quotes.
    fn text(&mut self) -> Option<&'a [u8]> {
        self.expect(b'"')?;
        let n_bytes = self
            .rest
            .iter()
            .position(|byte| !byte.is_ascii_alphanumeric())?;
        let (text, rest) = self.rest.split_at(n_bytes);
        self.rest = rest;
        // No blank may stand here.
        let (&quote, rest) = self.rest.split_first()?;
        self.rest = rest;
        (quote == b'"').then_some(text)
    }

    /// One to three digits without leading zeros.
    fn number(&mut self) -> Option<u16> {
        let first = self.next()?;
        if !first.is_ascii_digit() {
            return None;
        }
        let mut number = u16::from(first - b'0');
        let mut n_digits = 1;
        while let Some((&digit, rest)) = self.rest.split_first() {
            if !digit.is_ascii_digit() {
                break;
            }
            if number == 0 || n_digits == 3 {
                return None;
            }
            number = number * 10 + u16::from(digit - b'0');
            n_digits += 1;
            self.rest = rest;
        }
        Some(number)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn is_quick(line: &str) -> bool {
        let quick = parse(line.as_bytes());
        if let Some(asked) = &quick {
            let any = Asked::parse_any(line.as_bytes());
            assert_eq!(&any, asked, "{line}");
        }
        quick.is_some()
    }

    #[test]
    fn what_most_clients_send_is_quick() {
        assert!(is_quick(
            r#"{"op":"read","page":17,"bank":0,"off":128,"len":4}"#
        ));
        assert!(is_quick(
            r#"{"op": "read", "page": 17, "bank": 0, "off": 128, "len": 4}"#
        ));
        assert!(is_quick(r#"{"op":"write","off":127,"data":"11Ff"}"#));
        assert!(is_quick(
            r#"{"id": 9999999999999999999,"op":"peek","page": "1aH","off":128,"len":4}"#
        ));
        assert!(is_quick(r#"{"id":"a0","op":"read","off":128,"len":4}"#));
        assert!(is_quick(r#"{"op":"read","off":128,"len":4,"id":0}"#));
        assert!(is_quick("\t{ \"len\":1,\"off\":0 ,\"op\":\"read\"}\r\n"));
    }

    #[test]
    fn what_differs_is_not() {
        for line in [
            r#"{"op":"read","off":128,"len":4"#,
            r#"{"op":"read","off":128,"len":4}}"#,
            r#"{"op":"read","off":128,"len":4,}"#,
            r#"{"op":"read","off":0128,"len":4}"#,
            r#"{"op":"read","off":00,"len":4}"#,
            r#"{"op":"read","off":1.5,"len":4}"#,
            r#"{"op":"read","off":1e2,"len":4}"#,
            r#"{"op":"read","off":-0,"len":4}"#,
            r#"{"op":"read","off":255,"len":2}"#,
            r#"{"op":"read","off":1280,"len":4}"#,
            r#"{"op":"read","off":1,"off":2,"len":4}"#,
            r#"{"op":"read","off":1,"len":4,"x":1}"#,
            r#"{"op":"re\u0061d","off":1,"len":4}"#,
            r#"{"op":"read ","off":1,"len":4}"#,
            r#"{"op":"write","off":1,"data":"1"}"#,
            r#"{"op":"write","off":1,"data":"xy"}"#,
            r#"{"op":"write","off":1,"data":"11","len":1}"#,
            r#"{"op":"fresh"}"#,
            r#"{"op":"read","off":1,"len":4,"id":"a b"}"#,
            r#"{"op":"read","off":1,"len":4,"id":01}"#,
            r#"{"op":"read","off":1,"len":4,"id":1.5}"#,
            r#"{"op":"read","off":1,"len":4,"id":}"#,
            r#"{"op":"read","off":1,"len":4,"id":10000000000000000000}"#,
            r#"{"op":"read","off":1,"len":4,"page":"123h"}"#,
            r#"{"op":"read","off":1,"len":4,"page":"11"}"#,
        ] {
            assert!(!is_quick(line), "{line}");
        }
    }
}
