//! What SONiC's own code does with a bank of an engine and a laser module, without SONiC: accesses
//! that were recorded while it brought both up, read all that it reads, froze statistics, set
//! loopbacks, downloaded, ran and committed firmware, and switched lasers.
//!
//! `validation/sonic/README.md` says how the trace is made.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use cmis::{Address, Nack};
use device::ManagedSwitch;
use plant::{DeviceName, Plant as _, Timestamp};
use serde_json::Value;
use system::{Input, Library, System};
use twin::world::{Offer, Switch, SwitchPlan, TwinPlant, World};

const TRACE: &str = include_str!("data/sonic-trace.jsonl");
const MS: u64 = 1_000_000;
/// Between two states of the switch.
const STEP: u64 = 100 * MS;
/// The time of a short access on a bus of 400 kHz, rounded up.
const ACCESS: u64 = MS;
/// How long it is waited for what was waited for in the recording, and after which time it is looked
/// again.
const PATIENCE: u64 = 10_000 * MS;
const LOOK: u64 = 5 * MS;
/// How long the driver tries a write that is not acknowledged.
const WRITE_TIMEOUT: u64 = 25 * MS;

/// A switch with its devices at a time.
struct Bench {
    plant: TwinPlant,
    devices: ManagedSwitch,
    now_ns: u64,
    next_step_ns: u64,
}

impl Bench {
    fn new() -> Self {
        let library = Library::embedded();
        let text = library.platform("cpo-51t").expect("a platform").to_owned();
        let system = System::resolve(&Input {
            name: "cpo-51t",
            bytes: text.as_bytes(),
            sets: &[],
            library: &library,
            load: &|_| Err("no file".to_owned()),
        });
        let system = Arc::new(system.unwrap_or_else(|problems| panic!("{problems}")));
        let plan = Arc::new(SwitchPlan::new(Arc::clone(&system)).expect("it has a steady state"));
        let name = DeviceName::new("leaf1").expect("a name");
        // Another seed than those of the recordings.
        let world = World::looped_back(Switch::new(&plan, name, 7).expect("it begins at rest"));
        let offer = Offer {
            step: Duration::from_nanos(STEP),
            allow_inject: false,
        };
        let world = Arc::new(Mutex::new(world));
        let plant = TwinPlant::new(&world, 0, offer).expect("its only switch");
        let capabilities = plant.capabilities().clone();
        let devices = ManagedSwitch::new(&system, &capabilities, &[], Timestamp::default());
        Self {
            plant,
            devices: devices.expect("it can be managed"),
            now_ns: 0,
            next_step_ns: 0,
        }
    }

    fn wait(&mut self, ns: u64) {
        let end_ns = self.now_ns + ns;
        while self.next_step_ns <= end_ns {
            let now = Timestamp::from_nanos(self.next_step_ns);
            self.devices.advance(now);
            self.devices.command(&mut self.plant);
            if let Some(seen) = self.plant.poll(now).expect("the world goes on") {
                self.devices.tick(seen, now).expect("its own");
            }
            self.next_step_ns += STEP;
        }
        self.now_ns = end_ns;
        self.devices.advance(Timestamp::from_nanos(end_ns));
    }

    fn read(&mut self, device: usize, from: Address, len: usize) -> Option<Vec<u8>> {
        self.wait(ACCESS);
        let mut data = vec![0; len];
        let answer = self.devices.read(device, from, &mut data);
        answer.ok().map(|()| data)
    }

    /// As the driver does it at first: one byte after the other, each until it is acknowledged.
    fn write(&mut self, device: usize, from: Address, data: &[u8]) -> Result<(), Nack> {
        for (at, byte) in data.iter().enumerate() {
            let mut to = from;
            to.byte += u8::try_from(at).expect("within a page");
            let end_ns = self.now_ns + WRITE_TIMEOUT;
            loop {
                self.wait(ACCESS);
                match self.devices.write(device, to, &[*byte]) {
                    Ok(()) => break,
                    Err(nack) if self.now_ns >= end_ns => return Err(nack),
                    Err(_) => {}
                }
            }
        }
        Ok(())
    }
}

/// Bytes, those that may be any as `None`.
fn bytes(digits: &str) -> Vec<Option<u8>> {
    let pairs = digits.as_bytes().chunks(2);
    let byte = |pair: &[u8]| {
        let text = std::str::from_utf8(pair).expect("digits");
        (text != "??").then(|| u8::from_str_radix(text, 16).expect("digits"))
    };
    pairs.map(byte).collect()
}

fn is_as_recorded(expected: &Value, answer: Option<&[u8]>) -> bool {
    match (expected.as_str(), answer) {
        (None, None) => true,
        // Of two recordings one had no answer.
        (Some("?"), _) => true,
        (Some(expected), Some(answer)) => {
            let expected = bytes(expected);
            let pairs = expected.iter().zip(answer);
            expected.len() == answer.len()
                && pairs.fold(true, |is_same, (expected, byte)| {
                    is_same && expected.is_none_or(|expected| expected == *byte)
                })
        }
        _ => false,
    }
}

#[test]
fn accesses_that_sonic_makes_are_answered_as_recorded() {
    let mut bench = Bench::new();
    let mut devices = bench.devices.fleet().devices().iter();
    let laser = devices.position(|of| of.name == "els0");
    let laser = laser.expect("it has one");
    // The recording begins when the server has been up for a while.
    bench.wait(4000 * MS);
    let mut problems = Vec::new();
    let (mut n_reads, mut n_writes, mut n_constant) = (0, 0, 0);
    for (number, line) in TRACE.lines().enumerate() {
        let access: Value = serde_json::from_str(line).expect("JSON");
        let small = |at: usize| access[at].as_u64().expect("a number");
        let kind = access[0].as_str().expect("a kind");
        if kind == "s" {
            bench.wait(small(1) * MS);
            continue;
        }
        let device = if access[1] == "laser" { laser } else { 0 };
        let byte = |at: usize| u8::try_from(small(at)).expect("a byte");
        let from = if byte(4) < 128 {
            Address::lower(byte(4))
        } else {
            Address::page(byte(2), byte(4)).in_bank(byte(3))
        };
        if let "w" | "f" = kind {
            let data = bytes(access[5].as_str().expect("digits"));
            let data: Vec<u8> = data.into_iter().flatten().collect();
            let is_done = bench.write(device, from, &data).is_ok();
            if is_done != (kind == "w") {
                problems.push(format!("line {}: {line}: {is_done}", number + 1));
            }
            n_writes += 1;
            continue;
        }
        let len = usize::try_from(small(5)).expect("small");
        let end_ns = bench.now_ns + PATIENCE;
        let answer = loop {
            let answer = bench.read(device, from, len);
            let is_so = is_as_recorded(&access[6], answer.as_deref());
            if is_so || kind != "p" || bench.now_ns >= end_ns {
                break answer;
            }
            bench.wait(LOOK);
        };
        if !is_as_recorded(&access[6], answer.as_deref()) {
            let digits = answer.map(|data| {
                let digits = data.iter().map(|byte| format!("{byte:02x}"));
                digits.collect::<String>()
            });
            problems.push(format!("line {}: {line}: {digits:?}", number + 1));
        }
        n_constant += access[6]
            .as_str()
            .map_or(0, |data| bytes(data).iter().flatten().count());
        n_reads += 1;
    }
    assert!(problems.is_empty(), "{}", problems.join("\n"));
    // A trace of nothing would be answered as recorded.
    let seen = (n_reads, n_writes, n_constant);
    assert!(
        n_reads > 500 && n_writes > 600 && n_constant > 3000,
        "{seen:?}"
    );
}
