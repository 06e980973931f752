//! What modules keep without supply, as bytes.
//!
//! `SLNV`, the format, the SHA-256 of what follows, and that: images, which of them boots, the host's
//! password and what hosts have saved.

use cmis::module::{Image, ImageError, Nonvolatile, SAVED_SETS};
use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};

const MAGIC: [u8; 4] = *b"SLNV";

/// The version of the form.
pub const FORMAT: u8 = 1;

const DIGEST_BYTES: usize = 32;
const HEAD_BYTES: usize = MAGIC.len() + 1 + DIGEST_BYTES;

/// Why bytes are no record.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum RecordError {
    /// Another kind of file, or cut off in its head.
    #[error("no record of a module: it does not begin with its {HEAD_BYTES} bytes of head")]
    NotARecord,
    /// Written by a newer program.
    #[error("a record of format {found}; this program reads up to {FORMAT}")]
    Newer {
        /// Its format.
        found: u8,
    },
    /// Bits have flipped, or its end is missing.
    #[error("the record does not match its digest; it was damaged")]
    Damaged,
    /// Whole, and not what a module keeps.
    #[error("the record is whole but {what}")]
    Contradictory {
        /// What is wrong.
        what: String,
    },
}

#[derive(Serialize, Deserialize)]
struct Stored {
    images: [Option<Vec<u8>>; 2],
    committed: u8,
    host_password: u32,
    saved: Vec<Option<Vec<u8>>>,
}

/// What a module keeps, as bytes.
///
/// # Panics
/// Never: bytes and numbers always have a form.
pub fn encode(of: &Nonvolatile) -> Vec<u8> {
    let image = |image: &Option<Image>| image.as_ref().map(Image::encode);
    let stored = Stored {
        images: [image(&of.images[0]), image(&of.images[1])],
        committed: u8::from(of.committed & 1 != 0),
        host_password: of.host_password,
        saved: of.saved.clone(),
    };
    let body = postcard::to_stdvec(&stored).expect("bytes, numbers and lists of them");
    let mut bytes = Vec::with_capacity(HEAD_BYTES + body.len());
    bytes.extend_from_slice(&MAGIC);
    bytes.push(FORMAT);
    bytes.extend_from_slice(&Sha256::digest(&body));
    bytes.extend_from_slice(&body);
    bytes
}

/// What a module kept.
///
/// # Errors
/// What is wrong with the bytes; nothing of a record that is damaged is used.
pub fn decode(bytes: &[u8]) -> Result<Nonvolatile, RecordError> {
    let rest = bytes.strip_prefix(&MAGIC).ok_or(RecordError::NotARecord)?;
    let (format, rest) = rest.split_first().ok_or(RecordError::NotARecord)?;
    if *format != FORMAT {
        return Err(RecordError::Newer { found: *format });
    }
    if rest.len() < DIGEST_BYTES {
        return Err(RecordError::NotARecord);
    }
    let (digest, body) = rest.split_at(DIGEST_BYTES);
    if Sha256::digest(body).as_slice() != digest {
        return Err(RecordError::Damaged);
    }
    let contradictory = |what: String| RecordError::Contradictory { what };
    let stored: Stored = postcard::from_bytes(body)
        .map_err(|error| contradictory(format!("unreadable: {error}")))?;
    let image = |bytes: Option<Vec<u8>>| bytes.map(|bytes| Image::decode(&bytes)).transpose();
    let [a, b] = stored.images;
    let refused = |error: ImageError| contradictory(format!("an image in it is refused: {error}"));
    let images = [image(a).map_err(refused)?, image(b).map_err(refused)?];
    if images.iter().all(Option::is_none) {
        return Err(contradictory("it has no image to boot".to_owned()));
    }
    if stored.committed > 1 || stored.saved.len() != SAVED_SETS {
        return Err(contradictory(format!(
            "it commits image {} and has {} saved sets",
            stored.committed,
            stored.saved.len()
        )));
    }
    Ok(Nonvolatile {
        images,
        committed: usize::from(stored.committed),
        host_password: stored.host_password,
        saved: stored.saved,
    })
}

#[cfg(test)]
mod tests {
    use cmis::module::Version;

    use super::*;

    fn kept() -> Nonvolatile {
        let version = Version {
            major: 3,
            minor: 1,
            build: 4,
        };
        let image = Image::new(version, vec![7; 300]).expect("short");
        let mut kept = Nonvolatile::new(image.clone());
        kept.images[1] = Some(image);
        kept.committed = 1;
        kept.host_password = 0x1234_5678;
        kept.saved[3] = Some(vec![1, 2, 3]);
        kept
    }

    #[test]
    fn what_is_kept_comes_back() {
        assert_eq!(decode(&encode(&kept())), Ok(kept()));
    }

    #[test]
    fn damage_is_refused_wherever_it_is() {
        let whole = encode(&kept());
        for at in 0..whole.len() {
            let mut bytes = whole.clone();
            bytes[at] ^= 0x10;
            assert!(decode(&bytes).is_err(), "byte {at}");
            assert!(decode(&whole[..at]).is_err(), "cut at {at}");
        }
        let mut newer = whole;
        newer[4] = FORMAT + 1;
        assert_eq!(
            decode(&newer),
            Err(RecordError::Newer { found: FORMAT + 1 })
        );
    }

    #[test]
    fn a_whole_record_that_boots_nothing_is_refused() {
        let mut empty = kept();
        empty.images = [None, None];
        let found = decode(&encode(&empty));
        assert!(
            matches!(found, Err(RecordError::Contradictory { .. })),
            "{found:?}"
        );
    }
}
