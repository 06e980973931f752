//! What tells two descriptions apart.

use std::fmt;
use std::str::FromStr;

use sha2::{Digest, Sha256};

/// SHA-256 of the canonical form of a description. Whoever stores indices keeps the fingerprint
/// beside them, because an index means nothing under another description.
///
/// ```
/// use system::Fingerprint;
///
/// let fingerprint = Fingerprint::of(b"abc");
/// let text = fingerprint.to_string();
/// assert_eq!(text.parse::<Fingerprint>(), Ok(fingerprint));
/// ```
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Fingerprint([u8; Self::LENGTH]);

impl Fingerprint {
    /// The number of bytes.
    pub const LENGTH: usize = 32;

    /// The fingerprint of `bytes`.
    ///
    /// # Source
    /// NIST FIPS 180-4, section 6.2 (SHA-256).
    pub fn of(bytes: &[u8]) -> Self {
        Self(Sha256::digest(bytes).into())
    }

    /// A fingerprint that was stored as bytes.
    pub const fn from_bytes(bytes: [u8; Self::LENGTH]) -> Self {
        Self(bytes)
    }

    /// The bytes.
    pub const fn as_bytes(&self) -> &[u8; Self::LENGTH] {
        &self.0
    }
}

impl fmt::Display for Fingerprint {
    /// 64 lower-case hexadecimal digits; `{:.12}` prints the first twelve.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut text = String::with_capacity(2 * Self::LENGTH);
        for byte in self.0 {
            for nibble in [byte >> 4, byte & 0xf] {
                text.push(char::from_digit(nibble.into(), 16).expect("a nibble is below 16"));
            }
        }
        f.pad(&text)
    }
}

impl fmt::Debug for Fingerprint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Fingerprint({self})")
    }
}

/// A text is not 64 hexadecimal digits.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{found:?} is not a fingerprint; expected 64 hexadecimal digits")]
pub struct NotAFingerprint {
    /// The text, cut after its first 80 characters.
    pub found: String,
}

impl FromStr for Fingerprint {
    type Err = NotAFingerprint;

    /// Reads 64 hexadecimal digits in either case.
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let refuse = || NotAFingerprint {
            found: text.chars().take(80).collect(),
        };
        if text.len() != 2 * Self::LENGTH {
            return Err(refuse());
        }
        let digit = |byte: u8| {
            char::from(byte)
                .to_digit(16)
                .and_then(|value| u8::try_from(value).ok())
                .ok_or_else(refuse)
        };
        let mut bytes = [0; Self::LENGTH];
        for (byte, pair) in bytes.iter_mut().zip(text.as_bytes().chunks_exact(2)) {
            *byte = (digit(pair[0])? << 4) | digit(pair[1])?;
        }
        Ok(Self(bytes))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// FIPS 180-4 examples: the digest of "abc".
    const ABC: &str = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";

    #[test]
    fn digest_of_abc_is_the_published_one() {
        assert_eq!(Fingerprint::of(b"abc").to_string(), ABC);
        assert_eq!(format!("{:.12}", Fingerprint::of(b"abc")), &ABC[..12]);
    }

    #[test]
    fn text_reads_back_in_either_case() {
        let fingerprint = Fingerprint::of(b"abc");
        assert_eq!(ABC.parse(), Ok(fingerprint));
        assert_eq!(ABC.to_uppercase().parse(), Ok(fingerprint));
    }

    #[test]
    fn other_texts_are_refused() {
        let not_hex = "g".repeat(64);
        let not_ascii = "é".repeat(32);
        for text in [
            "",
            "ba78",
            &ABC[1..],
            &not_hex,
            &not_ascii,
            &format!("{ABC}0"),
        ] {
            assert!(text.parse::<Fingerprint>().is_err(), "{text:?}");
        }
    }
}
