//! The compact form of observations: little-endian, versioned, checked.
//!
//! ```text
//! frame   = magic "SHOB" | schema u16 | crc u32 of the body | body length u64 | body
//! body    = fingerprint [u8; 32] | device text8 | sequence u64 | time u64
//!         | n u16, columns | n u32, edges | n u32, outcomes
//! column  = signal u16 | kind u8 | storage u8 | flags u8 | len u32 | values
//!         | qualities [u8; len] if flag 1 | times [u64; len] if flag 2 | epochs [u32; len] if flag 4
//! edge    = time u64 | kind u8 | index u32 | what u16
//! outcome = command u64 | time u64 | status u8 (0 accepted, 1 done, 2 refused)
//!         | if refused: reason u8, detail text32
//! ```
//!
//! There is exactly one frame for an observation, and decoding accepts no other: whatever
//! decodes encodes to the same bytes. Decoding allocates no more than a small multiple of the
//! length of its input, whatever the counts inside claim.

use system::{EntityKind, Fingerprint};

use crate::entity::kind_position;
use crate::{
    Column, CommandId, DecodeError, DeviceName, Edge, EdgeKind, Entity, Observation, Outcome,
    Quality, Refusal, RefusalReason, SCHEMA, Signal, Status, Timestamp, Values,
};

const MAGIC: [u8; 4] = *b"SHOB";
const HAS_QUALITIES: u8 = 1;
const HAS_TIMES: u8 = 2;
const HAS_EPOCHS: u8 = 4;
const ACCEPTED: u8 = 0;
const DONE: u8 = 1;
const REFUSED: u8 = 2;
/// The length of an encoded edge, bytes.
const EDGE_LENGTH: u64 = 8 + 1 + 4 + 2;
/// The length of the shortest encoded outcome, bytes.
const OUTCOME_LENGTH: u64 = 8 + 8 + 1;
/// The length of a column without elements, bytes.
const COLUMN_LENGTH: u64 = 2 + 1 + 1 + 1 + 4;

/// Appends the frame of `observation` to `out`.
///
/// # Panics
/// When a column, the edges or the outcomes are more than 2^32, or a text longer than 4 GiB.
pub fn encode(observation: &Observation, out: &mut Vec<u8>) {
    let start = out.len();
    begin_frame(out);
    let body = out.len();
    encode_body(observation, out);
    end_frame(out, start, body);
}

/// The frame around a body that need not be valid. For tests of decoders.
pub fn seal(body: &[u8]) -> Vec<u8> {
    let mut out = Vec::with_capacity(body.len() + 18);
    begin_frame(&mut out);
    let start = out.len();
    out.extend_from_slice(body);
    end_frame(&mut out, 0, start);
    out
}

/// Reads one frame that fills `bytes`.
///
/// # Errors
/// [`DecodeError`] when the bytes are no frame, of another schema version, truncated, corrupt, or
/// made under another description than `expected`.
pub fn decode(bytes: &[u8], expected: &Fingerprint) -> Result<Observation, DecodeError> {
    let mut header = Reader::new(bytes);
    if !bytes.starts_with(&MAGIC) {
        let found = bytes[..bytes.len().min(MAGIC.len())].to_vec();
        return Err(DecodeError::NotAnObservation { found });
    }
    header.take(MAGIC.len() as u64)?;
    let schema = u16::from_le_bytes(header.array()?);
    if schema != SCHEMA {
        return Err(DecodeError::UnsupportedSchema {
            found: schema.into(),
            supported: SCHEMA,
        });
    }
    let expected_crc = u32::from_le_bytes(header.array()?);
    let length = u64::from_le_bytes(header.array()?);
    let body = header.take(length)?;
    header.finish()?;
    let found_crc = crc32(body);
    if found_crc != expected_crc {
        return Err(DecodeError::Checksum {
            expected: expected_crc,
            found: found_crc,
        });
    }
    decode_body(body, expected)
}

fn begin_frame(out: &mut Vec<u8>) {
    out.extend_from_slice(&MAGIC);
    out.extend_from_slice(&SCHEMA.to_le_bytes());
    out.extend_from_slice(&[0; 12]);
}

fn end_frame(out: &mut [u8], start: usize, body: usize) {
    let crc = crc32(&out[body..]);
    let length = (out.len() - body) as u64;
    out[start + 6..start + 10].copy_from_slice(&crc.to_le_bytes());
    out[start + 10..start + 18].copy_from_slice(&length.to_le_bytes());
}

fn encode_body(observation: &Observation, out: &mut Vec<u8>) {
    out.extend_from_slice(observation.fingerprint.as_bytes());
    let device = observation.device.as_str();
    out.push(u8::try_from(device.len()).expect("a device name has at most 255 bytes"));
    out.extend_from_slice(device.as_bytes());
    out.extend_from_slice(&observation.sequence.to_le_bytes());
    out.extend_from_slice(&observation.time.nanos().to_le_bytes());
    let columns = observation.columns();
    let n_columns = u16::try_from(columns.len()).expect("signals have u16 codes");
    out.extend_from_slice(&n_columns.to_le_bytes());
    for column in columns {
        encode_column(column, out);
    }
    out.extend_from_slice(&count(observation.edges.len()));
    for edge in &observation.edges {
        out.extend_from_slice(&edge.time.nanos().to_le_bytes());
        out.push(kind_code(edge.entity.kind));
        out.extend_from_slice(&edge.entity.index.to_le_bytes());
        out.extend_from_slice(&edge.what.code().to_le_bytes());
    }
    out.extend_from_slice(&count(observation.outcomes.len()));
    for outcome in &observation.outcomes {
        out.extend_from_slice(&outcome.command.0.to_le_bytes());
        out.extend_from_slice(&outcome.time.nanos().to_le_bytes());
        match &outcome.status {
            Status::Accepted => out.push(ACCEPTED),
            Status::Done => out.push(DONE),
            Status::Refused(refusal) => {
                out.extend_from_slice(&[REFUSED, refusal.reason.code()]);
                out.extend_from_slice(&count(refusal.detail.len()));
                out.extend_from_slice(refusal.detail.as_bytes());
            }
        }
    }
}

fn encode_column(column: &Column, out: &mut Vec<u8>) {
    let signal = column.signal();
    out.extend_from_slice(&signal.code().to_le_bytes());
    out.push(kind_code(signal.kind()));
    out.push(storage_code(column.values()));
    let mut flags = 0;
    for (flag, is_present) in [
        (HAS_QUALITIES, !column.qualities().is_empty()),
        (HAS_TIMES, !column.times().is_empty()),
        (HAS_EPOCHS, !column.reset_epochs().is_empty()),
    ] {
        if is_present {
            flags |= flag;
        }
    }
    out.push(flags);
    out.extend_from_slice(&count(column.len()));
    match column.values() {
        Values::F32(values) => out.extend(values.iter().flat_map(|v| v.to_le_bytes())),
        Values::F64(values) => out.extend(values.iter().flat_map(|v| v.to_le_bytes())),
        Values::Counter(values) => out.extend(values.iter().flat_map(|v| v.to_le_bytes())),
        Values::State(values) => out.extend_from_slice(values),
    }
    out.extend(column.qualities().iter().map(|quality| quality.code()));
    out.extend(column.times().iter().flat_map(|t| t.nanos().to_le_bytes()));
    out.extend(column.reset_epochs().iter().flat_map(|e| e.to_le_bytes()));
}

fn decode_body(body: &[u8], expected: &Fingerprint) -> Result<Observation, DecodeError> {
    let mut reader = Reader::new(body);
    let fingerprint = Fingerprint::from_bytes(reader.array()?);
    Observation::check_fingerprint(fingerprint, expected)?;
    let length = u64::from(reader.byte()?);
    let device = DeviceName::new(reader.text("device name", length)?)?;
    let mut observation = Observation::new(fingerprint, device);
    observation.sequence = reader.u64()?;
    observation.time = Timestamp::from_nanos(reader.u64()?);
    let n_columns = u16::from_le_bytes(reader.array()?);
    reader.ensure(u64::from(n_columns) * COLUMN_LENGTH)?;
    for _ in 0..n_columns {
        observation.push(decode_column(&mut reader)?)?;
    }
    let n_edges = u64::from(reader.u32()?);
    reader.ensure(n_edges * EDGE_LENGTH)?;
    for _ in 0..n_edges {
        let time = Timestamp::from_nanos(reader.u64()?);
        let kind = reader.kind()?;
        let index = reader.u32()?;
        let code = u16::from_le_bytes(reader.array()?);
        let what = EdgeKind::from_code(code).ok_or_else(|| reader.invalid("edge", code.into()))?;
        observation.edges.push(Edge {
            time,
            entity: Entity { kind, index },
            what,
        });
    }
    let n_outcomes = u64::from(reader.u32()?);
    reader.ensure(n_outcomes * OUTCOME_LENGTH)?;
    for _ in 0..n_outcomes {
        observation.outcomes.push(decode_outcome(&mut reader)?);
    }
    reader.finish()?;
    Ok(observation)
}

fn decode_column(reader: &mut Reader<'_>) -> Result<Column, DecodeError> {
    let code = u16::from_le_bytes(reader.array()?);
    let signal = Signal::from_code(code).ok_or_else(|| reader.invalid("signal", code.into()))?;
    let kind = reader.byte()?;
    if kind != kind_code(signal.kind()) {
        return Err(reader.invalid("kind of this signal", kind.into()));
    }
    let storage = reader.byte()?;
    let flags = reader.byte()?;
    if flags & !(HAS_QUALITIES | HAS_TIMES | HAS_EPOCHS) != 0 {
        return Err(reader.invalid("set of column flags", flags.into()));
    }
    let len = u64::from(reader.u32()?);
    let values = match storage {
        0 => Values::F32(reader.numbers(len, f32::from_le_bytes)?),
        1 => Values::F64(reader.numbers(len, f64::from_le_bytes)?),
        2 => Values::Counter(reader.numbers(len, u64::from_le_bytes)?),
        3 => Values::State(reader.take(len)?.to_vec()),
        other => return Err(reader.invalid("storage type", other.into())),
    };
    if values.is_empty() && flags != 0 {
        return Err(reader.invalid("set of flags of an empty column", flags.into()));
    }
    let mut qualities = Vec::new();
    if flags & HAS_QUALITIES != 0 {
        for &code in reader.take(len)? {
            let quality =
                Quality::from_code(code).ok_or_else(|| reader.invalid("quality", code.into()))?;
            qualities.push(quality);
        }
        if qualities.iter().all(|&quality| quality == Quality::Good) {
            return Err(reader.invalid("needed list of qualities", len));
        }
    }
    let mut times = Vec::new();
    if flags & HAS_TIMES != 0 {
        times = reader.numbers(len, |b| Timestamp::from_nanos(u64::from_le_bytes(b)))?;
    }
    let mut epochs = Vec::new();
    if flags & HAS_EPOCHS != 0 {
        epochs = reader.numbers(len, u32::from_le_bytes)?;
    }
    Ok(Column::from_parts(
        signal, values, qualities, times, epochs,
    )?)
}

fn decode_outcome(reader: &mut Reader<'_>) -> Result<Outcome, DecodeError> {
    let command = CommandId(reader.u64()?);
    let time = Timestamp::from_nanos(reader.u64()?);
    let status = match reader.byte()? {
        ACCEPTED => Status::Accepted,
        DONE => Status::Done,
        REFUSED => {
            let code = reader.byte()?;
            let reason = RefusalReason::from_code(code)
                .ok_or_else(|| reader.invalid("reason of refusal", code.into()))?;
            let length = u64::from(reader.u32()?);
            let detail = reader.text("detail of a refusal", length)?;
            Status::Refused(Refusal::new(reason, detail))
        }
        other => return Err(reader.invalid("status", other.into())),
    };
    Ok(Outcome {
        command,
        time,
        status,
    })
}

fn count(count: usize) -> [u8; 4] {
    u32::try_from(count)
        .expect("fewer than 2^32 elements, because entities have u32 ids")
        .to_le_bytes()
}

fn kind_code(kind: EntityKind) -> u8 {
    u8::try_from(kind_position(kind)).expect("there are few kinds")
}

fn storage_code(values: &Values) -> u8 {
    match values {
        Values::F32(_) => 0,
        Values::F64(_) => 1,
        Values::Counter(_) => 2,
        Values::State(_) => 3,
    }
}

/// A cursor that never reads beyond its end.
struct Reader<'a> {
    bytes: &'a [u8],
    offset: usize,
}

impl<'a> Reader<'a> {
    const fn new(bytes: &'a [u8]) -> Self {
        Self { bytes, offset: 0 }
    }

    fn invalid(&self, what: &'static str, found: u64) -> DecodeError {
        DecodeError::Invalid {
            what,
            found,
            offset: self.offset,
        }
    }

    /// Refuses when fewer than `needed` bytes are left.
    fn ensure(&self, needed: u64) -> Result<(), DecodeError> {
        let available = self.bytes.len() - self.offset;
        if needed > available as u64 {
            return Err(DecodeError::Truncated {
                offset: self.offset,
                needed,
                available,
            });
        }
        Ok(())
    }

    fn take(&mut self, length: u64) -> Result<&'a [u8], DecodeError> {
        self.ensure(length)?;
        let length = usize::try_from(length).expect("not longer than the slice");
        let taken = &self.bytes[self.offset..self.offset + length];
        self.offset += length;
        Ok(taken)
    }

    fn array<const N: usize>(&mut self) -> Result<[u8; N], DecodeError> {
        let taken = self.take(N as u64)?;
        Ok(taken.try_into().expect("as long as asked for"))
    }

    fn byte(&mut self) -> Result<u8, DecodeError> {
        self.array().map(|[byte]| byte)
    }

    fn u32(&mut self) -> Result<u32, DecodeError> {
        self.array().map(u32::from_le_bytes)
    }

    fn u64(&mut self) -> Result<u64, DecodeError> {
        self.array().map(u64::from_le_bytes)
    }

    fn numbers<const N: usize, T>(
        &mut self,
        len: u64,
        from_bytes: impl Fn([u8; N]) -> T,
    ) -> Result<Vec<T>, DecodeError> {
        let taken = self.take(len.saturating_mul(N as u64))?;
        let number =
            |chunk: &[u8]| from_bytes(chunk.try_into().expect("chunks have the exact length"));
        Ok(taken.chunks_exact(N).map(number).collect())
    }

    fn text(&mut self, what: &'static str, length: u64) -> Result<String, DecodeError> {
        let text = std::str::from_utf8(self.take(length)?);
        Ok(text.map_err(|_| DecodeError::NotUtf8 { what })?.to_owned())
    }

    fn kind(&mut self) -> Result<EntityKind, DecodeError> {
        let code = self.byte()?;
        let kind = EntityKind::ALL.get(usize::from(code)).copied();
        kind.ok_or_else(|| self.invalid("kind of entity", code.into()))
    }

    fn finish(&self) -> Result<(), DecodeError> {
        match self.bytes.len() - self.offset {
            0 => Ok(()),
            count => Err(DecodeError::TrailingBytes { count }),
        }
    }
}

const CRC_TABLE: [u32; 256] = {
    let mut table = [0; 256];
    let mut byte = 0;
    while byte < 256 {
        #[expect(clippy::cast_possible_truncation, reason = "below 256")]
        let mut crc = byte as u32;
        let mut bit = 0;
        while bit < 8 {
            let carry = crc & 1;
            crc >>= 1;
            if carry == 1 {
                crc ^= 0xedb8_8320;
            }
            bit += 1;
        }
        table[byte] = crc;
        byte += 1;
    }
    table
};

/// The checksum of IEEE 802.3, clause 3.2.9 (CRC-32, reflected).
pub fn crc32(bytes: &[u8]) -> u32 {
    !bytes.iter().fold(u32::MAX, |crc, &byte| {
        let [low, ..] = crc.to_le_bytes();
        CRC_TABLE[usize::from(low ^ byte)] ^ (crc >> 8)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn checksum_of_the_check_string_is_the_published_one() {
        // Catalogue of parametrised CRC algorithms, CRC-32/ISO-HDLC, check value.
        assert_eq!(crc32(b"123456789"), 0xcbf4_3926);
    }

    fn sample() -> Observation {
        let device = DeviceName::new("a").unwrap();
        let mut observation = Observation::new(Fingerprint::of(b"one"), device);
        observation.insert(Column::from_values(Signal::LaserBias, [0.1, f64::NAN]).unwrap());
        observation
    }

    #[test]
    fn a_foreign_fingerprint_is_named() {
        let mut bytes = Vec::new();
        encode(&sample(), &mut bytes);
        let other = Fingerprint::of(b"two");
        let message = decode(&bytes, &other).unwrap_err().to_string();
        assert!(message.contains(&other.to_string()), "{message}");
        assert!(message.contains(&Fingerprint::of(b"one").to_string()));
    }

    #[test]
    fn a_newer_schema_is_refused_before_anything_else() {
        let mut bytes = Vec::new();
        encode(&sample(), &mut bytes);
        bytes[4] = 9;
        bytes.truncate(6);
        assert!(matches!(
            decode(&bytes, &Fingerprint::of(b"one")),
            Err(DecodeError::UnsupportedSchema { found: 9, .. })
        ));
    }

    #[test]
    fn a_count_beyond_the_end_allocates_nothing() {
        let mut body = Vec::new();
        encode_body(&sample(), &mut body);
        let end = body.len();
        // The number of outcomes is the last u32 of this body.
        body[end - 4..].copy_from_slice(&u32::MAX.to_le_bytes());
        assert!(matches!(
            decode(&seal(&body), &Fingerprint::of(b"one")),
            Err(DecodeError::Truncated { available: 0, .. })
        ));
    }
}
