//! Round trips of both wire forms, and totality of both decoders.
#![expect(clippy::unwrap_used, reason = "a test stops where it fails")]

use plant::{
    Column, Command, CommandId, DeviceName, Direction, Edge, EdgeKind, Entity, HeaterDrive,
    Loopback, Observation, Outcome, PowerState, PoweredUnit, Quality, Refusal, RefusalReason,
    Selection, Sequence, Signal, Status, Storage, TestPattern, Timestamp, Values, binary,
};
use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::{select, subsequence};
use system::{
    EngineId, EntityKind, Fingerprint, LaserId, LaserModuleId, MediaLaneId, SerdesLaneId, ZoneId,
};
use units::{Amperes, DbMilliwatts, Watts};

fn time() -> impl Strategy<Value = Timestamp> {
    any::<u64>().prop_map(Timestamp::from_nanos)
}

/// Every finite bit pattern, signed zeros and subnormals included.
fn finite_f64() -> impl Strategy<Value = f64> {
    any::<u64>().prop_map(|bits| {
        let value = f64::from_bits(bits);
        if value.is_finite() { value } else { -0.0 }
    })
}

fn finite_f32() -> impl Strategy<Value = f32> {
    any::<u32>().prop_map(|bits| {
        let value = f32::from_bits(bits);
        if value.is_finite() { value } else { -0.0 }
    })
}

fn values(storage: Storage, len: usize) -> BoxedStrategy<Values> {
    match storage {
        Storage::F32 => vec(finite_f32(), len).prop_map(Values::F32).boxed(),
        Storage::F64 => vec(finite_f64(), len).prop_map(Values::F64).boxed(),
        Storage::Counter => vec(any::<u64>(), len).prop_map(Values::Counter).boxed(),
        Storage::State(names) => {
            let count = u8::try_from(names.len()).unwrap();
            vec(0..count, len).prop_map(Values::State).boxed()
        }
    }
}

fn column(signal: Signal) -> impl Strategy<Value = Column> {
    let storage = signal.storage();
    let epochs = if storage == Storage::Counter {
        2usize
    } else {
        1
    };
    (0..6usize, 0..2usize, 0..epochs)
        .prop_flat_map(move |(len, times, epochs)| {
            (
                values(storage, len),
                vec(select(Quality::ALL), len),
                vec(time(), len * times),
                vec(any::<u32>(), len * epochs),
            )
        })
        .prop_map(move |(values, qualities, times, epochs)| {
            let mut column = Column::from_parts(signal, values, Vec::new(), times, epochs).unwrap();
            for (index, quality) in qualities.into_iter().enumerate() {
                column.set_quality(index, quality);
            }
            column
        })
}

fn edge() -> impl Strategy<Value = Edge> {
    let kind = select(EntityKind::ALL.to_vec());
    (time(), kind, any::<u32>(), select(EdgeKind::ALL)).prop_map(|(time, kind, index, what)| Edge {
        time,
        entity: Entity { kind, index },
        what,
    })
}

fn outcome() -> impl Strategy<Value = Outcome> {
    let refusal = (select(RefusalReason::ALL), any::<String>())
        .prop_map(|(reason, detail)| Status::Refused(Refusal::new(reason, detail)));
    let status = prop_oneof![Just(Status::Accepted), Just(Status::Done), refusal];
    (any::<u64>(), time(), status).prop_map(|(command, time, status)| Outcome {
        command: CommandId(command),
        time,
        status,
    })
}

fn observation() -> impl Strategy<Value = Observation> {
    let signals: Vec<Signal> = Signal::TABLE.iter().map(|info| info.signal).collect();
    let columns = subsequence(signals, 0..8)
        .prop_flat_map(|signals| signals.into_iter().map(column).collect::<Vec<_>>());
    let device = "[a-zé\"\\\\ ]{1,20}".prop_map(|name| DeviceName::new(name).unwrap());
    (
        any::<[u8; 32]>(),
        device,
        (any::<u64>(), time()),
        columns,
        vec(edge(), 0..4),
        vec(outcome(), 0..4),
    )
        .prop_map(
            |(fingerprint, device, (sequence, time), columns, edges, outcomes)| {
                let mut observation =
                    Observation::new(Fingerprint::from_bytes(fingerprint), device);
                observation.sequence = sequence;
                observation.time = time;
                for column in columns {
                    observation.insert(column);
                }
                observation.edges = edges;
                observation.outcomes = outcomes;
                observation
            },
        )
}

fn command() -> impl Strategy<Value = Command> {
    let laser = any::<u32>().prop_map(LaserId);
    let lane = any::<u32>().prop_map(MediaLaneId);
    let unit = prop_oneof![
        any::<u32>().prop_map(|i| PoweredUnit::Engine(EngineId(i))),
        any::<u32>().prop_map(|i| PoweredUnit::LaserModule(LaserModuleId(i))),
        any::<u32>().prop_map(|i| PoweredUnit::Zone(ZoneId(i))),
    ];
    let drive = prop_oneof![
        Just(HeaterDrive::Loop),
        finite_f64().prop_map(|w| HeaterDrive::Fixed(Watts::new(w))),
    ];
    let signals: Vec<Signal> = Signal::TABLE.iter().map(|info| info.signal).collect();
    let pattern =
        (select(Sequence::ALL), any::<bool>()).prop_map(|(sequence, is_inverted)| TestPattern {
            sequence,
            is_inverted,
        });
    let selection = prop_oneof![Just(Selection::All), any::<u32>().prop_map(Selection::One)];
    prop_oneof![
        (laser.clone(), any::<bool>())
            .prop_map(|(laser, enabled)| Command::SetLaserEnable { laser, enabled }),
        (laser.clone(), finite_f64()).prop_map(|(laser, dbm)| Command::SetLaserOutput {
            laser,
            power: DbMilliwatts::new(dbm),
        }),
        (laser, finite_f64()).prop_map(|(laser, a)| Command::SetLaserBias {
            laser,
            current: Amperes::new(a),
        }),
        (lane.clone(), any::<bool>())
            .prop_map(|(lane, enabled)| Command::SetTransmitEnable { lane, enabled }),
        (lane.clone(), select(Direction::ALL), drive).prop_map(|(lane, direction, drive)| {
            Command::SetHeater {
                lane,
                direction,
                drive,
            }
        }),
        (unit, select(PowerState::ALL))
            .prop_map(|(unit, state)| Command::SetPowerState { unit, state }),
        (lane.clone(), any::<bool>())
            .prop_map(|(lane, enabled)| Command::SetReceiveEnable { lane, enabled }),
        (
            lane.clone(),
            select(Direction::ALL),
            proptest::option::of(pattern.clone()),
        )
            .prop_map(|(lane, direction, pattern)| Command::SetPattern {
                lane,
                direction,
                pattern,
            }),
        (
            any::<u32>().prop_map(SerdesLaneId),
            proptest::option::of(pattern)
        )
            .prop_map(|(serdes, pattern)| Command::SetSerdesPattern { serdes, pattern }),
        (lane.clone(), select(Direction::ALL), any::<bool>()).prop_map(
            |(lane, direction, inverted)| Command::SetPolarity {
                lane,
                direction,
                inverted,
            }
        ),
        (lane, select(Loopback::ALL))
            .prop_map(|(lane, loopback)| Command::SetLoopback { lane, loopback }),
        (select(signals), selection)
            .prop_map(|(signal, selection)| Command::ResetCounter { signal, selection }),
        any::<String>().prop_map(|text| Command::InjectFault { text }),
    ]
}

fn encoded(observation: &Observation) -> Vec<u8> {
    let mut bytes = Vec::new();
    binary::encode(observation, &mut bytes);
    bytes
}

proptest! {
    #[test]
    fn binary_form_reads_back_bit_for_bit(original in observation()) {
        let bytes = encoded(&original);
        let back = binary::decode(&bytes, &original.fingerprint).unwrap();
        prop_assert_eq!(&back, &original);
        // Equality of floats does not see the sign of zero; the bytes do.
        prop_assert_eq!(encoded(&back), bytes);
    }

    #[test]
    fn json_form_reads_back_bit_for_bit(original in observation()) {
        let text = original.encode_json();
        prop_assert!(!text.contains('\n'));
        let back = Observation::decode_json(&text, &original.fingerprint).unwrap();
        prop_assert_eq!(encoded(&back), encoded(&original));
        prop_assert_eq!(back, original);
    }

    #[test]
    fn commands_read_back(original in command()) {
        let text = original.encode_json();
        prop_assert_eq!(Command::decode_json(&text).unwrap(), original);
    }

    #[test]
    fn every_truncation_is_refused(original in observation(), cut in any::<prop::sample::Index>()) {
        let bytes = encoded(&original);
        let cut = cut.index(bytes.len());
        prop_assert!(binary::decode(&bytes[..cut], &original.fingerprint).is_err());
    }

    #[test]
    fn every_flipped_bit_is_refused(
        original in observation(),
        position in any::<prop::sample::Index>(),
        bit in 0..8u32,
    ) {
        // CRC-32 finds every error of one bit; the other header fields are checked one by one.
        let mut bytes = encoded(&original);
        let position = position.index(bytes.len());
        bytes[position] ^= 1 << bit;
        prop_assert!(binary::decode(&bytes, &original.fingerprint).is_err());
    }

    #[test]
    fn a_changed_body_under_a_right_checksum_decodes_canonically_or_is_refused(
        original in observation(),
        changes in vec((any::<prop::sample::Index>(), any::<u8>()), 1..4),
    ) {
        let frame = encoded(&original);
        let mut body = frame[18..].to_vec();
        for (position, byte) in changes {
            let position = position.index(body.len());
            // Spare the fingerprint, or nothing else is ever reached.
            if position >= 32 {
                body[position] = byte;
            }
        }
        let frame = binary::seal(&body);
        if let Ok(decoded) = binary::decode(&frame, &original.fingerprint) {
            prop_assert_eq!(encoded(&decoded), frame);
        }
    }

    #[test]
    fn arbitrary_input_is_refused_without_panic(bytes in vec(any::<u8>(), 0..200), text in "\\PC*") {
        let expected = Fingerprint::of(b"");
        prop_assert!(binary::decode(&bytes, &expected).is_err());
        prop_assert!(binary::decode(&binary::seal(&bytes), &expected).is_err());
        prop_assert!(Observation::decode_json(&text, &expected).is_err());
        prop_assert!(Command::decode_json(&text).is_err());
    }

    #[test]
    fn foreign_fingerprints_are_refused_in_both_forms(original in observation(), other in any::<[u8; 32]>()) {
        let other = Fingerprint::from_bytes(other);
        prop_assume!(other != original.fingerprint);
        let errors = [
            binary::decode(&encoded(&original), &other).unwrap_err().to_string(),
            Observation::decode_json(&original.encode_json(), &other).unwrap_err().to_string(),
        ];
        for error in errors {
            prop_assert!(error.contains(&other.to_string()), "{error}");
            prop_assert!(error.contains(&original.fingerprint.to_string()), "{error}");
        }
    }
}
