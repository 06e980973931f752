//! The table of what must be observed of every fault is whole: every kind, and nothing that does not
//! exist.

mod fault_table;

use std::collections::BTreeSet;

use fault_table::{Change, Row, read, said};
use plant::{Entity, Signal};
use system::EntityKind;
use twin::fault::{FaultKind, Target};

fn rows() -> Vec<Row> {
    read().expect("the table is sound")
}

#[test]
fn every_kind_of_fault_has_a_row() {
    let rows = rows();
    let kinds: BTreeSet<FaultKind> = rows.iter().map(|row| row.kind).collect();
    let all: BTreeSet<FaultKind> = FaultKind::ALL.iter().copied().collect();
    assert_eq!(kinds, all);
    // One that does another thing beyond a limit has a row for each side of it.
    let texts: BTreeSet<&str> = rows.iter().map(|row| row.text.as_str()).collect();
    assert_eq!(rows.len(), texts.len());
}

#[test]
fn a_row_says_one_thing_of_each_observable() {
    for row in rows() {
        assert!(row.after_s > 0.0 && row.thermal_k >= 0.0, "{}", row.text);
        let mut seen = BTreeSet::new();
        for of in &row.expect {
            for index in &of.on {
                let is_new = seen.insert((of.signal.code(), *index));
                assert!(is_new, "{}: {} {index}", row.text, of.signal.name());
                let entity = Entity {
                    kind: of.signal.kind(),
                    index: *index,
                };
                let found = said(&row, entity, of.signal).map(|said| said.change);
                assert_eq!(found, Some(of.change), "{}", row.text);
            }
            assert!(!of.why.is_empty(), "{}", row.text);
        }
    }
}

#[test]
fn tolerances_leave_room_to_fail() {
    for row in rows() {
        for of in &row.expect {
            let is_sharp = match of.change {
                // Not zero, unless nothing is what is expected.
                Change::By(by, within) => within > 0.0 && (by.abs() > within || by.abs() < 1e-12),
                Change::To(_, within) => within > 0.0,
                Change::Factor(factor, within) | Change::Noise(factor, within) => {
                    within > 1.0 && (factor > within || factor < 1.0 / within)
                }
                Change::Up(least) | Change::Down(least) | Change::Either(least) => least > 0.0,
                _ => true,
            };
            assert!(is_sharp, "{}: {:?}", row.text, of);
        }
    }
}

/// A fault of a monitor moves its own readings and nothing else.
#[test]
fn faults_of_monitors_have_no_consequences() {
    for row in rows() {
        if let Target::Monitor(signal, index) = row.fault.target {
            assert_eq!(row.expect.len(), 1, "{}", row.text);
            assert_eq!(row.expect[0].signal, signal);
            assert_eq!(row.expect[0].on, [index]);
            assert!(row.decided.is_empty() && row.may.is_empty());
        }
    }
}

/// Lanes that go dark or whose eye shuts are among those whose decisions change, and their ports are
/// said to go down.
#[test]
fn lost_lanes_take_their_ports_down() {
    for row in rows().iter().filter(|row| !row.spreads) {
        let system = fault_table::platform(&row.system);
        for of in &row.expect {
            let is_lost = match (of.signal, of.change) {
                (Signal::RxPower, Change::Dark) => true,
                (Signal::PreFecBer, Change::To(ratio, _)) => ratio > 0.1,
                _ => false,
            };
            for lane in of.on.iter().filter(|_| is_lost) {
                assert!(row.decided.contains(lane), "{}", row.text);
                let port = system.media_lanes[*lane as usize]
                    .port
                    .expect("lanes have ports");
                let port = Entity {
                    kind: EntityKind::Port,
                    index: port.0,
                };
                let down = said(row, port, Signal::PortOperation).map(|of| of.change);
                assert_eq!(down, Some(Change::State(0)), "{}", row.text);
            }
        }
    }
}
