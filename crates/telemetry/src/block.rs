//! Blocks: what a store keeps of one device over one span of time.
//!
//! ```text
//! block    = crc u32 of the body | body                                       (little-endian)
//! ticks    = n ticks u32 | length u32, times and sequences | n events u32, events
//! event    = tick u32 | length u32 | an observation without columns, in its binary form
//! group    = n ticks u32 | n tracks u16, tracks
//! track    = signal u16 | n elements u32 | length u32 | bits
//! bits     = flags of the ticks | values | qualities | times | reset epochs
//! ```
//!
//! Flags say at which ticks the signal was observed and which arrays its column had. Each array
//! is one series for each element, over the ticks that have it, compressed as Gorilla does.
//! Nothing is lost: columns come back bit for bit. A reader refuses, and never panics, whatever
//! the bytes are; what it allocates is bounded by [`MAX_VALUES`], not by what counts claim.

use plant::{
    Column, ColumnError, DecodeError, DeviceName, Observation, Quality, Signal, Storage, Timestamp,
    Values, binary,
};
use system::Fingerprint;

use crate::bits::{BitReader, BitWriter};
use crate::series::{ReadError, read_floats, read_integers, write_integers};
use crate::track::{HAS_EPOCHS, HAS_QUALITIES, HAS_TIMES, IS_PRESENT, Track};

/// The greatest number of values of one signal in a block.
pub const MAX_VALUES: usize = 1 << 22;
/// The greatest number of ticks in a block.
pub const MAX_TICKS: usize = 1 << 16;

/// Why bytes are not a block. Offsets count from the start of the body.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum BlockError {
    /// The bytes end too early.
    #[error("truncated: {needed} bytes needed at offset {offset}, {available} left")]
    Truncated {
        /// Where.
        offset: usize,
        /// How many bytes would be needed.
        needed: usize,
        /// How many there are.
        available: usize,
    },
    /// The checksum does not match; bytes were changed.
    #[error("checksum {found:08x}, expected {expected:08x}")]
    Checksum {
        /// The checksum that the block states.
        expected: u32,
        /// The checksum of its body.
        found: u32,
    },
    /// A count or code that cannot stand where it stands.
    #[error("{found} is not a {what} (before offset {offset})")]
    Invalid {
        /// What was expected.
        what: &'static str,
        /// What was found.
        found: u64,
        /// Where reading stopped.
        offset: usize,
    },
    /// The compressed series of a signal make no sense.
    #[error("series of {what} end or break at offset {offset}")]
    Series {
        /// Of which signal, or of ticks.
        what: &'static str,
        /// Where reading stopped.
        offset: usize,
    },
    /// A column contradicts itself.
    #[error("column at tick {tick}: {source}")]
    Column {
        /// The position of the tick in the block.
        tick: usize,
        /// The contradiction.
        source: ColumnError,
    },
    /// Edges or outcomes are not readable.
    #[error("events at tick {tick}: {source}")]
    Event {
        /// The position of the tick in the block.
        tick: usize,
        /// Why not.
        source: DecodeError,
    },
}

/// A checksum before `body`.
pub fn seal(body: &[u8]) -> Vec<u8> {
    let mut bytes = Vec::with_capacity(4 + body.len());
    bytes.extend_from_slice(&binary::crc32(body).to_le_bytes());
    bytes.extend_from_slice(body);
    bytes
}

fn unseal(bytes: &[u8]) -> Result<Cursor<'_>, BlockError> {
    let mut cursor = Cursor { bytes, offset: 0 };
    let expected = cursor.u32()?;
    let body = &bytes[4..];
    let found = binary::crc32(body);
    if found != expected {
        return Err(BlockError::Checksum { expected, found });
    }
    Ok(Cursor {
        bytes: body,
        offset: 0,
    })
}

pub(crate) fn encode_group<'a>(
    n_ticks: usize,
    tracks: impl ExactSizeIterator<Item = &'a Track>,
) -> Vec<u8> {
    let mut body = Vec::new();
    body.extend_from_slice(&count(n_ticks));
    let n_tracks = u16::try_from(tracks.len()).expect("signals have u16 codes");
    body.extend_from_slice(&n_tracks.to_le_bytes());
    for track in tracks {
        let bits = track.encode();
        body.extend_from_slice(&track.signal.code().to_le_bytes());
        body.extend_from_slice(&count(track.n_elements));
        body.extend_from_slice(&count(bits.len()));
        body.extend_from_slice(&bits);
    }
    seal(&body)
}

/// The signals of one kind of entity over one span, still compressed.
#[derive(Debug)]
pub struct Group<'a> {
    n_ticks: usize,
    tracks: Vec<Compressed<'a>>,
}

#[derive(Debug)]
struct Compressed<'a> {
    signal: Signal,
    n_elements: usize,
    /// Where its bits begin.
    offset: usize,
    bits: &'a [u8],
}

impl<'a> Group<'a> {
    /// Reads the outline of a block; series stay compressed.
    ///
    /// # Errors
    /// [`BlockError`].
    pub fn parse(bytes: &'a [u8]) -> Result<Self, BlockError> {
        let mut cursor = unseal(bytes)?;
        let n_ticks = cursor.ticks()?;
        let n_tracks = u16::from_le_bytes(cursor.array()?);
        let mut tracks: Vec<Compressed<'a>> = Vec::new();
        for _ in 0..n_tracks {
            let code = u16::from_le_bytes(cursor.array()?);
            let signal =
                Signal::from_code(code).ok_or_else(|| cursor.invalid("signal", code.into()))?;
            if tracks.last().is_some_and(|last| last.signal >= signal) {
                return Err(cursor.invalid("signal in ascending order", code.into()));
            }
            let n_elements = cursor.u32()? as usize;
            let length = cursor.u32()? as usize;
            let offset = cursor.offset;
            let bits = cursor.take(length)?;
            tracks.push(Compressed {
                signal,
                n_elements,
                offset,
                bits,
            });
        }
        cursor.finish()?;
        Ok(Self { n_ticks, tracks })
    }

    /// The number of observations that the block spans.
    pub fn n_ticks(&self) -> usize {
        self.n_ticks
    }

    /// Refuses a block that does not belong to `n_ticks` ticks.
    pub(crate) fn check_ticks(&self, n_ticks: usize) -> Result<(), BlockError> {
        if self.n_ticks == n_ticks {
            return Ok(());
        }
        Err(BlockError::Invalid {
            what: "number of ticks of this span",
            found: self.n_ticks as u64,
            offset: 4,
        })
    }

    /// The signals, in ascending order.
    pub fn signals(&self) -> impl Iterator<Item = Signal> + '_ {
        self.tracks.iter().map(|track| track.signal)
    }

    /// The columns of a signal, one for each tick, nothing where it was not observed; an empty
    /// list when the block does not hold the signal.
    ///
    /// # Errors
    /// [`BlockError`].
    pub fn columns(&self, signal: Signal) -> Result<Vec<Option<Column>>, BlockError> {
        match self.tracks.binary_search_by_key(&signal, |t| t.signal) {
            Ok(position) => self.tracks[position].columns(self.n_ticks),
            Err(_) => Ok(Vec::new()),
        }
    }
}

impl Compressed<'_> {
    fn columns(&self, n_ticks: usize) -> Result<Vec<Option<Column>>, BlockError> {
        let mut reader = BitReader::new(self.bits);
        let broken = |reader: &BitReader<'_>| BlockError::Series {
            what: self.signal.name(),
            offset: self.offset + reader.offset(),
        };
        let mut flags = vec![0; n_ticks];
        read_integers(&mut reader, 8, &mut flags).map_err(|_| broken(&reader))?;
        let all = IS_PRESENT | HAS_QUALITIES | HAS_TIMES | HAS_EPOCHS;
        let mut n_with = [0_usize; 4];
        for &flags in &flags {
            let is_allowed = flags <= all.into() && (flags == 0 || flags & 1 == 1);
            if !is_allowed {
                return Err(BlockError::Invalid {
                    what: "set of flags of a tick",
                    found: flags,
                    offset: self.offset + reader.offset(),
                });
            }
            for (bit, count) in n_with.iter_mut().enumerate() {
                *count += usize::from(flags >> bit & 1 == 1);
            }
        }
        let n = self.n_elements;
        // Each series has at least a bit, so that a count alone allocates nothing.
        let is_bounded = n.saturating_mul(n_with[0]) <= MAX_VALUES
            && (n_with[0] == 0 || n as u64 <= reader.left());
        if !is_bounded {
            return Err(BlockError::Invalid {
                what: "number of elements that fits",
                found: n as u64,
                offset: self.offset,
            });
        }
        let mut read = |count: usize, width: u32, is_float: bool| {
            let mut words = vec![0; n * count];
            let mut series = vec![0; count];
            if count > 0 {
                for element in 0..n {
                    let result: Result<(), ReadError> = if is_float {
                        read_floats(&mut reader, width, &mut series)
                    } else {
                        read_integers(&mut reader, width, &mut series)
                    };
                    result.map_err(|_| broken(&reader))?;
                    for (tick, &word) in series.iter().enumerate() {
                        words[tick * n + element] = word;
                    }
                }
            }
            Ok::<_, BlockError>(words)
        };
        let (width, is_float) = match self.signal.storage() {
            Storage::F32 => (32, true),
            Storage::F64 => (64, true),
            Storage::Counter => (64, false),
            Storage::State(_) => (8, false),
        };
        let values = read(n_with[0], width, is_float)?;
        let qualities = read(n_with[1], 8, false)?;
        let times = read(n_with[2], 64, false)?;
        let epochs = read(n_with[3], 32, false)?;
        let mut rows = Rows {
            n_elements: n,
            next: [0; 4],
        };
        let mut columns = Vec::with_capacity(n_ticks);
        for (tick, &flags) in flags.iter().enumerate() {
            if flags == 0 {
                columns.push(None);
                continue;
            }
            let row = rows.take(0, true, &values);
            let values = match self.signal.storage() {
                Storage::F32 => {
                    Values::F32(row.iter().map(|&w| f32::from_bits(low32(w))).collect())
                }
                Storage::F64 => Values::F64(row.iter().map(|&w| f64::from_bits(w)).collect()),
                Storage::Counter => Values::Counter(row.to_vec()),
                Storage::State(_) => Values::State(row.iter().map(|&w| low8(w)).collect()),
            };
            let has = |flag: u8| flags & u64::from(flag) != 0;
            let mut quality = Vec::new();
            for &code in rows.take(1, has(HAS_QUALITIES), &qualities) {
                let known = Quality::from_code(low8(code));
                quality.push(known.ok_or(BlockError::Invalid {
                    what: "quality",
                    found: code,
                    offset: self.offset,
                })?);
            }
            let times = rows.take(2, has(HAS_TIMES), &times);
            let times = times.iter().map(|&t| Timestamp::from_nanos(t)).collect();
            let epochs = rows.take(3, has(HAS_EPOCHS), &epochs);
            let epochs = epochs.iter().map(|&w| low32(w)).collect();
            let column = Column::from_parts(self.signal, values, quality, times, epochs);
            columns.push(Some(
                column.map_err(|source| BlockError::Column { tick, source })?,
            ));
        }
        Ok(columns)
    }
}

/// Takes the rows of four arrays one after the other.
struct Rows {
    n_elements: usize,
    next: [usize; 4],
}

impl Rows {
    fn take<'a>(&mut self, array: usize, is_there: bool, words: &'a [u64]) -> &'a [u64] {
        if !is_there {
            return &[];
        }
        let start = self.next[array];
        self.next[array] += self.n_elements;
        &words[start..start + self.n_elements]
    }
}

fn low32(word: u64) -> u32 {
    u32::try_from(word).expect("series of 32 bits hold no wider value")
}

fn low8(word: u64) -> u8 {
    u8::try_from(word).expect("series of 8 bits hold no wider value")
}

/// When a span was observed, and what happened in it.
#[derive(Debug, Default)]
pub struct Ticks {
    /// The times of the observations.
    pub times: Vec<Timestamp>,
    /// Their sequence numbers.
    pub sequences: Vec<u64>,
    /// Observations without columns, for those that had edges or outcomes, with their positions.
    pub events: Vec<(usize, Observation)>,
}

impl Ticks {
    /// Adds the next observation.
    pub(crate) fn push(&mut self, observation: &Observation) {
        if !observation.edges.is_empty() || !observation.outcomes.is_empty() {
            let device = observation.device.clone();
            let mut event = Observation::new(observation.fingerprint, device);
            event.sequence = observation.sequence;
            event.time = observation.time;
            event.edges.clone_from(&observation.edges);
            event.outcomes.clone_from(&observation.outcomes);
            self.events.push((self.times.len(), event));
        }
        self.times.push(observation.time);
        self.sequences.push(observation.sequence);
    }

    pub(crate) fn clear(&mut self) {
        self.times.clear();
        self.sequences.clear();
        self.events.clear();
    }

    pub(crate) fn encode(&self) -> Vec<u8> {
        let mut writer = BitWriter::default();
        let times: Vec<u64> = self.times.iter().map(|time| time.nanos()).collect();
        write_integers(&mut writer, &times, 64);
        write_integers(&mut writer, &self.sequences, 64);
        let bits = writer.finish();
        let mut body = Vec::new();
        body.extend_from_slice(&count(self.times.len()));
        body.extend_from_slice(&count(bits.len()));
        body.extend_from_slice(&bits);
        body.extend_from_slice(&count(self.events.len()));
        for (tick, event) in &self.events {
            body.extend_from_slice(&count(*tick));
            let length = body.len();
            body.extend_from_slice(&[0; 4]);
            binary::encode(event, &mut body);
            let bytes = count(body.len() - length - 4);
            body[length..length + 4].copy_from_slice(&bytes);
        }
        seal(&body)
    }

    /// Reads a block of ticks of `device` under a description.
    ///
    /// # Errors
    /// [`BlockError`].
    pub fn decode(
        bytes: &[u8],
        fingerprint: &Fingerprint,
        device: &DeviceName,
    ) -> Result<Self, BlockError> {
        let mut cursor = unseal(bytes)?;
        let n_ticks = cursor.ticks()?;
        let length = cursor.u32()? as usize;
        let offset = cursor.offset;
        let mut reader = BitReader::new(cursor.take(length)?);
        let broken = |reader: &BitReader<'_>| BlockError::Series {
            what: "ticks",
            offset: offset + reader.offset(),
        };
        let mut times = vec![0; n_ticks];
        read_integers(&mut reader, 64, &mut times).map_err(|_| broken(&reader))?;
        let mut sequences = vec![0; n_ticks];
        read_integers(&mut reader, 64, &mut sequences).map_err(|_| broken(&reader))?;
        if let Some(tick) = times.windows(2).position(|pair| pair[0] >= pair[1]) {
            return Err(cursor.invalid("tick after which time grows", tick as u64));
        }
        let mut events: Vec<(usize, Observation)> = Vec::new();
        for _ in 0..cursor.u32()? {
            let tick = cursor.u32()? as usize;
            let is_next = events.last().is_none_or(|(last, _)| *last < tick);
            if tick >= n_ticks || !is_next {
                return Err(cursor.invalid("next tick", tick as u64));
            }
            let length = cursor.u32()? as usize;
            let event = binary::decode(cursor.take(length)?, fingerprint)
                .map_err(|source| BlockError::Event { tick, source })?;
            let is_of_tick = event.device == *device
                && event.time.nanos() == times[tick]
                && event.sequence == sequences[tick]
                && event.columns().is_empty();
            if !is_of_tick {
                return Err(cursor.invalid("tick of these events", tick as u64));
            }
            events.push((tick, event));
        }
        cursor.finish()?;
        Ok(Self {
            times: times.into_iter().map(Timestamp::from_nanos).collect(),
            sequences,
            events,
        })
    }
}

fn count(count: usize) -> [u8; 4] {
    u32::try_from(count)
        .expect("a block holds fewer than 2^32 of anything")
        .to_le_bytes()
}

struct Cursor<'a> {
    bytes: &'a [u8],
    offset: usize,
}

impl<'a> Cursor<'a> {
    fn invalid(&self, what: &'static str, found: u64) -> BlockError {
        BlockError::Invalid {
            what,
            found,
            offset: self.offset,
        }
    }

    fn take(&mut self, needed: usize) -> Result<&'a [u8], BlockError> {
        let available = self.bytes.len() - self.offset;
        if needed > available {
            return Err(BlockError::Truncated {
                offset: self.offset,
                needed,
                available,
            });
        }
        let taken = &self.bytes[self.offset..self.offset + needed];
        self.offset += needed;
        Ok(taken)
    }

    fn array<const N: usize>(&mut self) -> Result<[u8; N], BlockError> {
        let taken = self.take(N)?;
        Ok(taken.try_into().expect("as long as asked for"))
    }

    fn u32(&mut self) -> Result<u32, BlockError> {
        self.array().map(u32::from_le_bytes)
    }

    fn ticks(&mut self) -> Result<usize, BlockError> {
        let n_ticks = self.u32()? as usize;
        if n_ticks > MAX_TICKS {
            return Err(self.invalid("number of ticks of a block", n_ticks as u64));
        }
        Ok(n_ticks)
    }

    fn finish(&self) -> Result<(), BlockError> {
        match self.bytes.len() - self.offset {
            0 => Ok(()),
            left => Err(self.invalid("number of bytes after the end", left as u64)),
        }
    }
}
