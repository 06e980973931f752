//! Firmware images of a module, and what else survives without supply.

use sha2::{Digest as _, Sha256};

/// Bytes before the payload of an image; a download begins with them.
pub const HEADER_BYTES: usize = 64;

/// Longest payload of an image.
pub(super) const MOST_PAYLOAD_BYTES: usize = 4 << 20;

const MAGIC: [u8; 4] = *b"SLFW";
const FORMAT: u8 = 1;

/// Of an image.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub struct Version {
    /// First number.
    pub major: u8,
    /// Second number.
    pub minor: u8,
    /// Third number.
    pub build: u16,
}

/// Why bytes are no image.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum ImageError {
    /// Too short for a header, or another kind of file.
    #[error(
        "no firmware image: it does not begin with a header of {HEADER_BYTES} bytes that names its format"
    )]
    NotAnImage,
    /// Too long.
    #[error("a payload of {found} bytes; it may have {MOST_PAYLOAD_BYTES} at the most")]
    TooLong {
        /// Its length.
        found: usize,
    },
    /// The payload is not the one that the header was made for.
    #[error("the payload does not match its digest")]
    Damaged,
}

/// What the header of an image says.
///
/// Bytes 0 to 3 are `SLFW`, 4 the format, 5 and 6 the version, 8 and 9 its build, 12 to 15 the length of
/// the payload, 16 to 47 its SHA-256; numbers stand with their high byte first, and the rest is zero.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Header {
    version: Version,
    pub(super) payload_bytes: usize,
    digest: [u8; 32],
}

impl Header {
    pub(super) fn parse(bytes: &[u8]) -> Result<Self, ImageError> {
        let bytes: &[u8; HEADER_BYTES] = bytes
            .get(..HEADER_BYTES)
            .and_then(|bytes| bytes.try_into().ok())
            .ok_or(ImageError::NotAnImage)?;
        if bytes[..4] != MAGIC || bytes[4] != FORMAT {
            return Err(ImageError::NotAnImage);
        }
        let length = u32::from_be_bytes([bytes[12], bytes[13], bytes[14], bytes[15]]);
        let payload_bytes = usize::try_from(length).map_err(|_| ImageError::NotAnImage)?;
        if payload_bytes > MOST_PAYLOAD_BYTES {
            return Err(ImageError::TooLong {
                found: payload_bytes,
            });
        }
        let mut digest = [0; 32];
        digest.copy_from_slice(&bytes[16..48]);
        Ok(Self {
            version: Version {
                major: bytes[5],
                minor: bytes[6],
                build: u16::from_be_bytes([bytes[8], bytes[9]]),
            },
            payload_bytes,
            digest,
        })
    }
}

/// An image that a module can run.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Image {
    version: Version,
    payload: Vec<u8>,
}

impl Image {
    /// An image.
    ///
    /// # Errors
    /// A payload that is too long.
    pub fn new(version: Version, payload: Vec<u8>) -> Result<Self, ImageError> {
        if payload.len() > MOST_PAYLOAD_BYTES {
            return Err(ImageError::TooLong {
                found: payload.len(),
            });
        }
        Ok(Self { version, payload })
    }

    /// Its version.
    pub const fn version(&self) -> Version {
        self.version
    }

    /// As a file that hosts download.
    #[expect(
        clippy::missing_panics_doc,
        reason = "the length is checked when an image is made"
    )]
    pub fn encode(&self) -> Vec<u8> {
        let mut bytes = vec![0; HEADER_BYTES];
        bytes[..4].copy_from_slice(&MAGIC);
        bytes[4] = FORMAT;
        bytes[5] = self.version.major;
        bytes[6] = self.version.minor;
        bytes[8..10].copy_from_slice(&self.version.build.to_be_bytes());
        let length = u32::try_from(self.payload.len()).expect("checked when it was made");
        bytes[12..16].copy_from_slice(&length.to_be_bytes());
        bytes[16..48].copy_from_slice(&Sha256::digest(&self.payload));
        bytes.extend_from_slice(&self.payload);
        bytes
    }

    /// From the bytes of a file.
    ///
    /// # Errors
    /// What is wrong with them.
    pub fn decode(bytes: &[u8]) -> Result<Self, ImageError> {
        let header = Header::parse(bytes)?;
        Self::of(&header, bytes[HEADER_BYTES..].to_vec())
    }

    pub(super) fn of(header: &Header, payload: Vec<u8>) -> Result<Self, ImageError> {
        let is_whole = payload.len() == header.payload_bytes
            && Sha256::digest(&payload).as_slice() == header.digest;
        if !is_whole {
            return Err(ImageError::Damaged);
        }
        Ok(Self {
            version: header.version,
            payload,
        })
    }
}

/// What a module keeps without supply.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Nonvolatile {
    /// Images A and B; none where one is erased or damaged.
    pub images: [Option<Image>; 2],
    /// The one that runs after the supply comes back.
    pub committed: usize,
    /// With which hosts unlock what is protected.
    pub host_password: u32,
    /// Controls and masks that hosts have saved, by the number of their set.
    pub saved: Vec<Option<Vec<u8>>>,
}

/// The password of a module that nobody has changed.
pub const DEFAULT_HOST_PASSWORD: u32 = 0x0000_1011;

/// Sets that a laser module saves: two of controls, two of masks.
pub const SAVED_SETS: usize = 4;

impl Nonvolatile {
    /// As it leaves the factory.
    pub fn new(image: Image) -> Self {
        Self {
            images: [Some(image), None],
            committed: 0,
            host_password: DEFAULT_HOST_PASSWORD,
            saved: vec![None; SAVED_SETS],
        }
    }

    /// The image that runs after the supply comes back: the committed one, or the other where that is
    /// damaged.
    pub fn boots(&self) -> usize {
        let committed = self.committed & 1;
        if self.images[committed].is_some() {
            committed
        } else {
            1 - committed
        }
    }
}
