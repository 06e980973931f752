//! Devices behind registers, on a twin: what hosts do reaches the light, and what happens to the light
//! reaches the registers.

mod common;

use std::sync::{Arc, Mutex};
use std::time::Duration;

use cmis::map::{lower, p1b, p10, p11, p13, p14};
use cmis::module::{ModuleState, PathState};
use cmis::{Address, Register};
use device::{ManagedSwitch, Part};
use plant::{Command, DeviceName, Observation, Plant as _, Signal, TestPattern, Timestamp};
use system::{Input, Library, PortId, SerdesLaneId, System};
use twin::world::{Offer, Switch, SwitchPlan, TwinPlant, World};

use crate::common::json;

const STEP_MS: u64 = 100;
const MS: u64 = 1_000_000;

/// Bytes of flags of page 11h.
const TX_FAILURE: u8 = 135;
const TX_POWER_LOW_ALARM: u8 = 140;
const RX_LOS: u8 = 147;
const RX_POWER_LOW_ALARM: u8 = 150;

const NO_LANES: [usize; 0] = [];

fn resolve(name: &str) -> Arc<System> {
    let library = Library::embedded();
    let text = library.platform(name).expect("a platform").to_owned();
    let system = System::resolve(&Input {
        name,
        bytes: text.as_bytes(),
        sets: &[],
        library: &library,
        load: &|_| Err("no file".to_owned()),
    });
    Arc::new(system.unwrap_or_else(|problems| panic!("{problems}")))
}

/// A switch of a world with its devices.
struct Managed {
    plant: TwinPlant,
    devices: ManagedSwitch,
    /// What its sensors said last.
    seen: Option<Observation>,
}

/// Two equal switches, each lane joined with the one of the same number.
struct Pair {
    switches: [Managed; 2],
    world: Arc<Mutex<World>>,
    now_ns: u64,
}

impl Pair {
    fn new(name: &str) -> Self {
        let system = resolve(name);
        let plan = Arc::new(SwitchPlan::new(Arc::clone(&system)).expect("it has a steady state"));
        let switch = |name: &str, seed| {
            let name = DeviceName::new(name).expect("a name");
            Switch::new(&plan, name, seed).expect("it begins at rest")
        };
        let world = World::back_to_back(switch("near", 1), switch("far", 2));
        let world = Arc::new(Mutex::new(world.expect("they are equal")));
        let offer = Offer {
            step: Duration::from_millis(STEP_MS),
            allow_inject: true,
        };
        let managed = |number| {
            let plant = TwinPlant::new(&world, number, offer).expect("one of the two");
            let capabilities = plant.capabilities().clone();
            let devices = ManagedSwitch::new(&system, &capabilities, &[], Timestamp::default());
            Managed {
                plant,
                devices: devices.expect("it can be managed"),
                seen: None,
            }
        };
        Self {
            switches: [managed(0), managed(1)],
            world,
            now_ns: 0,
        }
    }

    fn wait_ms(&mut self, ms: u64) {
        for _ in 0..ms.div_ceil(STEP_MS) {
            self.now_ns += STEP_MS * MS;
            let now = Timestamp::from_nanos(self.now_ns);
            for Managed { plant, devices, .. } in &mut self.switches {
                devices.advance(now);
                devices.command(plant);
            }
            for managed in &mut self.switches {
                if let Some(seen) = managed.plant.poll(now).expect("the world goes on") {
                    managed.devices.tick(seen, now).expect("its own");
                    managed.seen = Some(seen.clone());
                }
            }
        }
    }

    fn inject(&mut self, switch: usize, text: &str) {
        let text = text.to_owned();
        self.switches[switch]
            .plant
            .submit(Command::InjectFault { text });
    }

    /// Reads all that reading clears.
    fn clear(&mut self) {
        for Managed { devices, .. } in &mut self.switches {
            for number in 0..devices.fleet().devices().len() {
                let banks = devices.fleet().devices()[number].banks;
                let mut half = [0; 128];
                let _ = devices.read(number, Address::lower(0), &mut half);
                for bank in 0..banks {
                    for page in [0x11, 0x1A] {
                        let at = Address::page(page, 128).in_bank(bank);
                        let _ = devices.read(number, at, &mut half);
                    }
                }
            }
        }
    }

    /// A byte of flags of page 11h over all lanes of all engines' devices: which lanes have it.
    fn lanes_with(&mut self, switch: usize, byte: u8) -> Vec<usize> {
        let devices = &mut self.switches[switch].devices;
        let mut found = Vec::new();
        for number in 0..devices.fleet().devices().len() {
            if !matches!(devices.fleet().devices()[number].part, Part::Engine(_)) {
                continue;
            }
            for bank in 0..devices.fleet().devices()[number].banks {
                let mut bits = [0];
                let at = Address::page(0x11, byte).in_bank(bank);
                devices.read(number, at, &mut bits).expect("it answers");
                for lane in (0..8).filter(|lane| bits[0] >> lane & 1 != 0) {
                    let place = usize::from(bank) * 8 + lane;
                    let of = &devices.fleet().devices()[number].lanes[place];
                    found.push(of.media.index());
                }
            }
        }
        found
    }

    /// Light in units of 0.1 uW by a register of a lane.
    fn light(&mut self, switch: usize, lane: u32, register: &Register) -> u16 {
        let devices = &mut self.switches[switch].devices;
        let place = devices
            .fleet()
            .place(system::MediaLaneId(lane))
            .expect("it stands somewhere");
        let (bank, number) = (place.lane / 8, place.lane % 8);
        let at = Address {
            bank: u8::try_from(bank).expect("few"),
            page: 0x11,
            byte: register.byte + 2 * u8::try_from(number).expect("few"),
        };
        let mut bytes = [0; 2];
        devices
            .read(place.device, at, &mut bytes)
            .expect("it answers");
        u16::from_be_bytes(bytes)
    }
}

fn are_all_activated(devices: &ManagedSwitch) -> bool {
    let all = devices.fleet().devices().iter().enumerate();
    all.map(|(number, of)| (devices.module(number).expect("it exists"), of))
        .all(|(module, of)| {
            module.state() == ModuleState::Ready
                && (0..of.lanes.len())
                    .all(|lane| module.path_state(lane) == Some(PathState::Activated))
        })
}

#[test]
fn registers_and_light_are_one() {
    let mut pair = Pair::new("cpo-51t");

    // All ports are up within ten seconds of power-on, as operators ask.
    pair.wait_ms(10_000);
    for Managed { devices, .. } in &mut pair.switches {
        assert!(are_all_activated(devices));
        assert_eq!(devices.n_refused(), 0, "{:?}", devices.take_refusals());
    }
    pair.clear();
    pair.wait_ms(500);
    for switch in 0..2 {
        for byte in 135..153 {
            assert_eq!(
                pair.lanes_with(switch, byte),
                NO_LANES,
                "{switch}: byte {byte}"
            );
        }
    }

    // A host darkens lane 3 of the second bank of the second device: lane 43. The far end sees it.
    let before = pair.light(1, 43, &p11::OPTICAL_POWER_RX);
    assert!(before > 5_000, "{before}");
    let at = Address::page(0x10, p10::OUTPUT_DISABLE_TX.byte).in_bank(1);
    pair.switches[0]
        .devices
        .write(1, at, &[0b1000])
        .expect("it answers");
    pair.wait_ms(500);
    assert!(pair.light(0, 43, &p11::OPTICAL_POWER_TX) < 10);
    assert!(pair.light(1, 43, &p11::OPTICAL_POWER_RX) < 10);
    assert_eq!(pair.lanes_with(1, RX_LOS), [43]);
    assert_eq!(pair.lanes_with(1, RX_POWER_LOW_ALARM), [43]);
    assert_eq!(
        pair.lanes_with(0, TX_FAILURE),
        NO_LANES,
        "that is no failure"
    );
    assert_eq!(pair.lanes_with(0, RX_LOS), NO_LANES);
    pair.switches[0]
        .devices
        .write(1, at, &[0])
        .expect("it answers");
    pair.wait_ms(1_000);
    assert!(pair.light(1, 43, &p11::OPTICAL_POWER_RX) > 5_000);

    // Half of a laser's set-point is half of the light at the far end of its four lanes.
    let first = pair.switches[0].devices.fleet().devices();
    let els = first
        .iter()
        .position(|of| of.name == "els0")
        .expect("it exists");
    let setpoint = Address::page(0x1B, p1b::OPT_POWER_SETPOINT.byte);
    let full = pair.light(1, 0, &p11::OPTICAL_POWER_RX);
    let half = 5_000_u16.to_be_bytes();
    pair.switches[0]
        .devices
        .write(els, setpoint, &half)
        .expect("it answers");
    pair.wait_ms(1_000);
    let ratio = f64::from(pair.light(1, 0, &p11::OPTICAL_POWER_RX)) / f64::from(full);
    // Taps scatter by 0.05 dB, which is 1 %, and step by 0.02 dB.
    assert!((ratio - 0.5).abs() < 0.03, "{ratio}");
    let whole = 10_000_u16.to_be_bytes();
    pair.switches[0]
        .devices
        .write(els, setpoint, &whole)
        .expect("it answers");
    pair.wait_ms(1_000);
    pair.clear();

    // A laser dies: its four lanes here and there, and no others.
    pair.inject(0, "laser_death els0.laser3");
    pair.wait_ms(1_000);
    let lanes = [12, 13, 14, 15];
    assert_eq!(pair.lanes_with(0, TX_FAILURE), lanes);
    assert_eq!(pair.lanes_with(0, TX_POWER_LOW_ALARM), lanes);
    assert_eq!(pair.lanes_with(0, RX_LOS), NO_LANES);
    assert_eq!(pair.lanes_with(1, RX_LOS), lanes);
    assert_eq!(pair.lanes_with(1, RX_POWER_LOW_ALARM), lanes);
    assert_eq!(pair.lanes_with(1, TX_FAILURE), NO_LANES);
    let mut flags = [0; 8];
    let power_flags = Address::page(0x1A, 186);
    pair.switches[0]
        .devices
        .read(els, power_flags, &mut flags)
        .expect("it answers");
    // Low alarm and low warning of power, whatever its loop does to the bias.
    assert_eq!((flags[5], flags[7]), (0b1000, 0b1000), "{flags:?}");

    // A laser module is pulled: every port that it lights sees it, and the engine still answers.
    pair.inject(0, "module_absent els1");
    pair.wait_ms(500);
    let devices = &mut pair.switches[0].devices;
    for port in 0..64 {
        let is_here = devices.port_presence(PortId(port));
        assert_eq!(is_here, !(4..8).contains(&port), "{port}");
    }
    let mut state = [0];
    let at = Address::lower(lower::MODULE_STATE.byte);
    devices.read(1, at, &mut state).expect("it answers");
    assert_eq!(state[0] >> 1 & 7, 3, "ready");
    pair.wait_ms(200);
    let dark: Vec<usize> = (32..64).collect();
    assert_eq!(pair.lanes_with(1, RX_LOS), [&lanes[..], &dark].concat());
}

/// A bank of lanes under test: the second of the first device.
const BANK: u8 = 1;

impl Pair {
    fn put(&mut self, switch: usize, register: &Register, data: &[u8]) {
        let page = u8::try_from(register.page).expect("a page");
        let at = Address::page(page, register.byte).in_bank(BANK);
        let devices = &mut self.switches[switch].devices;
        devices.write(0, at, data).expect("it answers");
    }

    fn get<const N: usize>(&mut self, switch: usize, register: &Register) -> [u8; N] {
        let page = u8::try_from(register.page).expect("a page");
        let at = Address::page(page, register.byte).in_bank(BANK);
        let devices = &mut self.switches[switch].devices;
        let mut bytes = [0; N];
        devices.read(0, at, &mut bytes).expect("it answers");
        bytes
    }

    /// Lanes whose checkers have lost lock since it was read last.
    fn lost(&mut self, switch: usize) -> u8 {
        let [lost] = self.get(switch, &p14::PATTERN_CHECKER_LOL_FLAG_MEDIA);
        lost
    }

    /// Errors and bits of the first four optical inputs.
    fn counted(&mut self, switch: usize) -> [(f64, f64); 4] {
        self.counted_by(switch, 4)
    }

    /// Errors and bits of the four lanes that a selector shows.
    fn counted_by(&mut self, switch: usize, selector: u8) -> [(f64, f64); 4] {
        self.put(switch, &p14::DIAGNOSTICS_SELECTOR, &[selector]);
        let data: [u8; 64] = self.get(switch, &p14::DIAGNOSTICS_DATA);
        let mut half = [0; 128];
        half[64..].copy_from_slice(&data);
        let of = |register: &Register, lane| register.number(lane, &half);
        let both = |lane| {
            (
                of(&p14::ERROR_COUNT, lane),
                of(&p14::TOTAL_BITS_COUNT, lane),
            )
        };
        std::array::from_fn(both)
    }

    /// What a sensor says of a lane of the bank.
    fn seen(&self, switch: usize, signal: Signal, lane: usize) -> (Option<f64>, Option<u8>) {
        let of = &self.switches[switch];
        let media = of.devices.fleet().devices()[0].lanes[usize::from(BANK) * 8 + lane].media;
        let column = of.seen.as_ref().and_then(|seen| seen.column(signal));
        let column = column.expect("it is measured");
        (column.value(media.index()), column.state(media.index()))
    }

    /// Error ratio of a lane of the bank, as it is and nobody knows.
    fn true_ratio(&self, switch: usize, lane: usize) -> f64 {
        let of = &self.switches[switch].devices;
        let media = of.fleet().devices()[0].lanes[usize::from(BANK) * 8 + lane].media;
        let world = self.world.lock().expect("nobody panicked");
        let truth = world.switches()[switch].truth().expect("it has stepped");
        truth.bit_errors(Signal::PreFecBer)[media.index()].ratio
    }

    /// Ports that are down.
    fn down(&self, switch: usize) -> Vec<usize> {
        let seen = self.switches[switch].seen.as_ref().expect("it is observed");
        let column = seen.column(Signal::PortOperation).expect("measured");
        (0..column.len())
            .filter(|port| column.state(*port) == Some(0))
            .collect()
    }

    /// Ports of the bank.
    fn tested(&self) -> Vec<usize> {
        let of = &self.switches[0].devices.fleet().devices()[0].lanes;
        let lanes = &of[usize::from(BANK) * 8..][..8];
        let mut ports: Vec<usize> = lanes
            .iter()
            .filter_map(|of| of.port)
            .map(PortId::index)
            .collect();
        ports.dedup();
        ports
    }
}

#[test]
fn a_pattern_test_through_registers_finds_the_errors_of_the_light() {
    let mut pair = Pair::new("humboldt-25t");
    pair.wait_ms(10_000);
    for Managed { devices, .. } in &mut pair.switches {
        assert!(are_all_activated(devices));
        assert_eq!(devices.n_refused(), 0, "{:?}", devices.take_refusals());
    }
    assert_eq!((pair.down(0), pair.down(1)), (vec![], vec![]));
    // Dirt on the way to one lane of the far end, so that it errs often enough.
    let dirty = {
        let system = resolve("humboldt-25t");
        let lane = &pair.switches[0].devices.fleet().devices()[0].lanes[usize::from(BANK) * 8 + 2];
        let fibre = system.media_lanes[lane.media.index()].transmit_fibre;
        system.fibres[fibre.index()].name.clone()
    };
    pair.inject(0, &format!("fibre_dirt {dirty} 7 dB"));
    // PRBS31Q on a bank of the near engine, whose own receivers hear it inside; the far end hears it too.
    pair.put(0, &p13::MEDIA_SIDE_OUTPUT_LOOPBACK_ENABLE, &[0xFF]);
    pair.put(0, &p13::MEDIA_SIDE_GENERATOR_ENABLE, &[0xFF]);
    // Receivers state their error ratio once in a second: the last one is of data.
    pair.wait_ms(1_500);
    let tested = pair.tested();
    assert_eq!((pair.down(0), pair.down(1)), (tested.clone(), tested));
    let prbs = TestPattern::from_name("prbs31q").map(TestPattern::state);
    for switch in 0..2 {
        assert_eq!(pair.seen(switch, Signal::ReceivePattern, 5).1, prbs);
        pair.put(switch, &p13::MEDIA_SIDE_CHECKER_ENABLE, &[0xFF]);
    }
    pair.wait_ms(5_000);
    for switch in 0..2 {
        assert_eq!(pair.lost(switch), 0, "all hold lock");
        for (lane, (errors, bits)) in pair.counted(switch).into_iter().enumerate() {
            let ratio = pair.true_ratio(switch, lane);
            let expected = bits * ratio;
            // Errors are counted.
            let sigma = expected.sqrt();
            assert_eq!(expected > 1_000.0, (switch, lane) == (1, 2), "{expected}");
            assert!(bits > 4e11, "{bits}");
            assert!(
                (errors - expected).abs() <= 6.0 * sigma + 2.0,
                "{switch}, {lane}: {errors} of {bits}, {ratio:e}"
            );
        }
    }
    // The wrong pattern has no lock and counts nothing.
    pair.put(1, &p13::MEDIA_SIDE_CHECKER_PATTERN_SELECT, &[0x02]);
    let before = pair.counted(1);
    pair.wait_ms(500);
    assert_eq!(pair.lost(1), 1);
    let after = pair.counted(1);
    assert!(
        after[0] == before[0] && after[1].1 > before[1].1,
        "{after:?}"
    );
    // Generators stop: nobody finds anything, and the ports come back without the loopback.
    pair.put(0, &p13::MEDIA_SIDE_GENERATOR_ENABLE, &[0]);
    pair.put(0, &p13::MEDIA_SIDE_OUTPUT_LOOPBACK_ENABLE, &[0]);
    pair.wait_ms(500);
    assert_eq!((pair.lost(0), pair.lost(1)), (0xFF, 0xFF));
    assert_eq!((pair.down(0), pair.down(1)), (vec![], vec![]));
    // A muted output takes down its own port, and swapped wires those of the far end.
    let port = pair.tested()[0];
    pair.put(0, &p10::OUTPUT_DISABLE_RX, &[1]);
    pair.wait_ms(300);
    assert_eq!((pair.down(0), pair.down(1)), (vec![port], vec![]));
    pair.put(0, &p10::OUTPUT_DISABLE_RX, &[0]);
    pair.put(0, &p10::INPUT_POLARITY_FLIP_TX, &[1]);
    pair.wait_ms(300);
    assert_eq!((pair.down(0), pair.down(1)), (vec![], vec![port]));
    pair.put(1, &p10::OUTPUT_POLARITY_FLIP_RX, &[1]);
    pair.wait_ms(300);
    assert_eq!((pair.down(0), pair.down(1)), (vec![], vec![]));
}

impl Pair {
    /// The lane of the die behind a lane of a bank.
    fn serdes(&self, switch: usize, bank: u8, lane: usize) -> SerdesLaneId {
        let of = self.switches[switch].devices.fleet().devices();
        let of = &of[0].lanes[usize::from(bank) * 8 + lane];
        of.serdes.expect("an engine in use")
    }

    /// Lets a lane of a die send a pattern, or data, at once.
    fn send(&mut self, switch: usize, serdes: SerdesLaneId, pattern: Option<TestPattern>) {
        let command = Command::SetSerdesPattern { serdes, pattern };
        self.switches[switch].plant.submit(command);
    }

    /// What a sensor says of a lane of a die.
    fn at_die(&self, switch: usize, signal: Signal, serdes: SerdesLaneId) -> Option<u8> {
        let seen = self.switches[switch].seen.as_ref().expect("it is observed");
        let column = seen.column(signal).expect("it is measured");
        column.state(serdes.index())
    }

    /// Lanes whose checkers of electrical inputs have lost lock since it was read last.
    fn lost_by_host(&mut self, switch: usize) -> u8 {
        let [lost] = self.get(switch, &p14::PATTERN_CHECKER_LOL_FLAG_HOST);
        lost
    }
}

#[test]
fn a_pattern_of_a_die_is_checked_at_the_engine_through_registers() {
    let mut pair = Pair::new("humboldt-25t");
    pair.wait_ms(10_000);
    for Managed { devices, .. } in &mut pair.switches {
        assert!(are_all_activated(devices));
    }
    let prbs = TestPattern::from_name("prbs31q").expect("a pattern");
    let lanes: Vec<SerdesLaneId> = (0..8).map(|lane| pair.serdes(0, BANK, lane)).collect();
    // Checkers of the host side look for PRBS31Q, and there are data.
    let patterns: [u8; 2] = pair.get(0, &p13::HOST_SIDE_CHECKER_PATTERNS);
    assert_eq!(patterns[0] & 1, 1, "it is advertised");
    pair.put(0, &p13::HOST_SIDE_CHECKER_PATTERN_SELECT, &[0; 4]);
    pair.put(0, &p13::HOST_SIDE_CHECKER_ENABLE, &[0xFF]);
    pair.wait_ms(500);
    assert_eq!(pair.lost_by_host(0), 0xFF, "they find data");
    // The die sends it on all lanes of the bank but the last.
    for serdes in &lanes[..7] {
        pair.send(0, *serdes, Some(prbs));
    }
    pair.wait_ms(500);
    let tested = pair.tested();
    assert_eq!((pair.down(0), pair.down(1)), (vec![], tested));
    pair.lost_by_host(0);
    // What is read begins at the start of a checker.
    pair.put(0, &p13::HOST_SIDE_CHECKER_ENABLE, &[0]);
    pair.put(0, &p13::HOST_SIDE_CHECKER_ENABLE, &[0xFF]);
    pair.wait_ms(5_000);
    assert_eq!(pair.lost_by_host(0), 0x80, "all hold lock that can");
    let ratio = {
        let of = &pair.switches[0].devices.fleet().devices()[0].lanes[usize::from(BANK) * 8];
        let host = of.host.expect("an engine in use").index();
        let world = pair.world.lock().expect("nobody panicked");
        let truth = world.switches()[0].truth().expect("it has stepped");
        truth.bit_errors(Signal::HostInputBer)[host].ratio
    };
    for (lane, (errors, bits)) in pair.counted_by(0, 2).into_iter().enumerate() {
        let expected = bits * ratio;
        assert!(bits > 4e11 && expected > 100.0, "{expected} of {bits}");
        // Errors are counted.
        let most = 6.0 * expected.sqrt();
        assert!(
            (errors - expected).abs() <= most,
            "{lane}: {errors} of {bits}, {ratio:e}"
        );
    }
    // It goes on to the far end, whose engine and die find it too.
    pair.put(1, &p13::MEDIA_SIDE_CHECKER_ENABLE, &[0xFF]);
    pair.wait_ms(500);
    assert_eq!(pair.lost(1), 0x80);
    let there = pair.serdes(1, BANK, 5);
    let found = pair.at_die(1, Signal::SerdesPattern, there);
    assert_eq!(found, Some(prbs.state()));
    // Another pattern is not found, and counts nothing.
    pair.put(0, &p13::HOST_SIDE_CHECKER_PATTERN_SELECT, &[0x02]);
    let before = pair.counted_by(0, 2);
    pair.wait_ms(500);
    assert_eq!(pair.lost_by_host(0), 0x81);
    let after = pair.counted_by(0, 2);
    assert!(
        after[0] == before[0] && after[1].1 > before[1].1,
        "{after:?}"
    );
    pair.put(0, &p13::HOST_SIDE_CHECKER_PATTERN_SELECT, &[0]);
    // Swapped wires turn it over, which a checker can be told.
    pair.put(0, &p10::INPUT_POLARITY_FLIP_TX, &[1]);
    pair.wait_ms(500);
    pair.lost_by_host(0);
    pair.wait_ms(200);
    assert_eq!(pair.lost_by_host(0), 0x81);
    pair.put(0, &p13::HOST_SIDE_CHECKER_DATA_INVERT, &[1]);
    pair.wait_ms(200);
    pair.lost_by_host(0);
    pair.wait_ms(200);
    assert_eq!(pair.lost_by_host(0), 0x80);
    pair.put(0, &p10::INPUT_POLARITY_FLIP_TX, &[0]);
    // The die sends data again.
    for serdes in &lanes[..7] {
        pair.send(0, *serdes, None);
    }
    pair.wait_ms(500);
    assert_eq!(pair.lost_by_host(0), 0xFF);
    assert_eq!((pair.down(0), pair.down(1)), (vec![], vec![]));
    for Managed { devices, .. } in &mut pair.switches {
        assert_eq!(devices.n_refused(), 0, "{:?}", devices.take_refusals());
    }
}

#[test]
fn a_pattern_of_a_die_passes_linear_engines_to_the_die_at_the_far_end() {
    let mut pair = Pair::new("cpo-51t");
    pair.wait_ms(10_000);
    assert_eq!((pair.down(0), pair.down(1)), (vec![], vec![]));
    let prbs = TestPattern::from_name("prbs31q").expect("a pattern");
    let (one, next) = (pair.serdes(0, BANK, 2), pair.serdes(0, BANK, 3));
    pair.send(0, one, Some(prbs));
    pair.wait_ms(300);
    assert_eq!(
        [one, next].map(|at| pair.at_die(1, Signal::SerdesPattern, at)),
        [Some(prbs.state()), Some(TestPattern::NO_STATE)]
    );
    assert_eq!(pair.at_die(0, Signal::SerdesPattern, one), Some(0));
    let port = pair.tested()[0];
    assert_eq!((pair.down(0), pair.down(1)), (vec![], vec![port]));
    pair.send(0, one, None);
    pair.wait_ms(300);
    assert_eq!(pair.at_die(1, Signal::SerdesPattern, one), Some(0));
    assert_eq!((pair.down(0), pair.down(1)), (vec![], vec![]));
}

/// Levels by which devices warn are those at which lanes of their platform run, within half of what
/// they warn at, so that nothing is flagged of a switch in which nothing is wrong.
#[test]
fn devices_warn_round_the_levels_of_their_lanes() {
    for name in Library::embedded().platforms() {
        let system = resolve(name);
        let figures = json(&["run", name, "--json"]);
        let buses = system.description.bus.iter();
        let mut modules = buses.filter(|bus| bus.value.engine.is_some());
        let module = modules.find_map(|bus| bus.value.module.as_ref());
        let module = module.unwrap_or_else(|| panic!("{name} manages no engines"));
        let receive_warning = module.receive_warning.as_ref().expect("engines have it");
        let transmit_warning = &module.transmit_warning;
        let designs = figures["designs"].as_array().expect("a list");
        for (tap, level, warning) in [
            ("MPD_in", &module.laser_input_level, transmit_warning),
            ("MPD_tx", &module.transmit_level, transmit_warning),
            ("P_rx", &module.receive_level, receive_warning),
        ] {
            let is_from_outside = !system.laser_modules.is_empty();
            let level = level
                .as_ref()
                .filter(|_| tap != "MPD_in" || is_from_outside);
            let Some(level) = level else { continue };
            for design in designs {
                let planes = design["planes"].as_array().expect("a list");
                let plane = planes.iter().find(|plane| plane["tap"] == tap);
                let found = plane.and_then(|plane| plane["average_dbm"].as_f64());
                let off = found.expect("each lane has it") - level.value.value();
                let most = warning.value.value() / 2.0;
                assert!(
                    off.abs() < most,
                    "{name} {}: {tap} is {off} dB off",
                    design["lane"]
                );
            }
        }
    }
}
