//! Devices behind registers, on a twin: what hosts do reaches the light, and what happens to the light
//! reaches the registers.

mod common;

use std::sync::{Arc, Mutex};
use std::time::Duration;

use cmis::map::{lower, p1b, p10, p11};
use cmis::module::{ModuleState, PathState};
use cmis::{Address, Register};
use device::{ManagedSwitch, Part};
use plant::{Command, DeviceName, Plant as _, Timestamp};
use system::{Input, Library, PortId, System};
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
}

/// Two equal switches, each lane joined with the one of the same number.
struct Pair {
    switches: [Managed; 2],
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
            }
        };
        Self {
            switches: [managed(0), managed(1)],
            now_ns: 0,
        }
    }

    fn wait_ms(&mut self, ms: u64) {
        for _ in 0..ms.div_ceil(STEP_MS) {
            self.now_ns += STEP_MS * MS;
            let now = Timestamp::from_nanos(self.now_ns);
            for Managed { plant, devices } in &mut self.switches {
                devices.advance(now);
                devices.command(plant);
            }
            for Managed { plant, devices } in &mut self.switches {
                if let Some(seen) = plant.poll(now).expect("the world goes on") {
                    devices.tick(seen, now).expect("its own");
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
