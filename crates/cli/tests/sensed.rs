//! What registers advertise is measured, on a twin: each number through the register, against what the
//! sensors say and against what physics asks for.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use cmis::map::extension::{flags, header, rx_locks, tx_locks};
use cmis::map::observable::observable;
use cmis::map::{lower, p01, p02, p13, p14};
use cmis::{Address, Register};
use device::{ManagedSwitch, Part};
use plant::{Command, DeviceName, Observation, Plant as _, Signal, Timestamp};
use system::{Input, Library, System};
use twin::world::{Offer, Switch, SwitchPlan, TwinPlant, World};

const STEP_MS: u64 = 100;
const MS: u64 = 1_000_000;

/// A switch whose lanes hear themselves, with its devices.
struct Managed {
    system: Arc<System>,
    plant: TwinPlant,
    devices: ManagedSwitch,
    seen: Observation,
    now_ns: u64,
}

impl Managed {
    /// With all data paths up.
    fn up(name: &str, sets: &[&str]) -> Self {
        let library = Library::embedded();
        let sets: Vec<String> = sets.iter().map(ToString::to_string).collect();
        let system = System::resolve(&Input {
            name,
            bytes: library.platform(name).expect("a platform").as_bytes(),
            sets: &sets,
            library: &library,
            load: &|_| Err("no file".to_owned()),
        });
        let system = Arc::new(system.unwrap_or_else(|problems| panic!("{problems}")));
        let plan = Arc::new(SwitchPlan::new(Arc::clone(&system)).expect("it has a steady state"));
        let device = DeviceName::new("leaf1").expect("a name");
        let switch = Switch::new(&plan, device, 3).expect("it begins at rest");
        let seen = switch.observation().clone();
        let world = Arc::new(Mutex::new(World::looped_back(switch)));
        let offer = Offer {
            step: Duration::from_millis(STEP_MS),
            allow_inject: true,
        };
        let plant = TwinPlant::new(&world, 0, offer).expect("it is there");
        let devices = ManagedSwitch::new(&system, plant.capabilities(), &[], Timestamp::default());
        let mut managed = Self {
            system,
            plant,
            devices: devices.expect("it can be managed"),
            seen,
            now_ns: 0,
        };
        managed.wait_ms(9_000);
        managed
    }

    fn wait_ms(&mut self, ms: u64) {
        for _ in 0..ms.div_ceil(STEP_MS) {
            self.now_ns += STEP_MS * MS;
            let now = Timestamp::from_nanos(self.now_ns);
            self.devices.advance(now);
            self.devices.command(&mut self.plant);
            if let Some(seen) = self.plant.poll(now).expect("the world goes on") {
                self.devices.tick(seen, now).expect("its own");
                self.seen.clone_from(seen);
            }
        }
    }

    fn device(&self, is: impl Fn(Part) -> bool) -> usize {
        let mut devices = self.devices.fleet().devices().iter();
        devices.position(|of| is(of.part)).expect("it is there")
    }

    fn engine(&self) -> usize {
        self.device(|part| matches!(part, Part::Engine(_)))
    }

    fn lasers(&self) -> usize {
        self.device(|part| matches!(part, Part::LaserModule(_)))
    }

    /// What the sensor says of the first entity of its kind.
    fn sensed(&self, signal: Signal) -> f64 {
        let column = self.seen.column(signal).expect("measured");
        column.value(0).expect("good")
    }

    fn half(&mut self, device: usize, page: u16) -> [u8; 128] {
        let mut half = [0; 128];
        let at = if page == cmis::LOWER {
            Address::lower(0)
        } else {
            Address::page(u8::try_from(page).expect("a page"), 128)
        };
        self.devices
            .read(device, at, &mut half)
            .expect("it answers");
        half
    }

    fn number(&mut self, device: usize, register: &Register) -> f64 {
        let half = self.half(device, register.page);
        register.number(0, &half)
    }

    fn is_set(&mut self, device: usize, register: &Register) -> bool {
        let half = self.half(device, register.page);
        register.flag(0, &half)
    }

    /// What diagnostics show of the first lane of the first bank; none where they list no such type.
    fn diagnosed(&mut self, device: usize, code: u8) -> Option<f64> {
        for group in 0..4 {
            let descriptors = self.half(device, 0x20 + group);
            let listed = descriptors.chunks(2);
            let at = listed
                .map(|of| (of[0] & 0xF, of[1]))
                .position(|of| of == (0, code));
            if let Some(at) = at {
                let samples = self.half(device, 0x24 + group);
                let raw = u16::from_be_bytes([samples[2 * at], samples[2 * at + 1]]);
                return Some(observable(code).expect("known").quantity(raw));
            }
        }
        None
    }

    /// Pages whose checksum is another than that of their bytes.
    fn false_sums(&mut self, device: usize) -> Vec<u16> {
        let pages = [(0x00, 0..94, 94), (0x01, 2..127, 127), (0x02, 0..127, 127)];
        let mut found = Vec::new();
        for (page, covered, at) in pages {
            let half = self.half(device, page);
            let sum = half[covered]
                .iter()
                .fold(0_u8, |sum, of| sum.wrapping_add(*of));
            if sum != half[at] {
                found.push(page);
            }
        }
        found
    }
}

#[test]
fn supplies_are_read_where_they_are_advertised() {
    let mut of = Managed::up("cpo-51t", &[]);
    for (device, signal) in [
        (of.engine(), Signal::EngineSupplyVoltage),
        (of.lasers(), Signal::LaserModuleSupplyVoltage),
    ] {
        assert!(of.is_set(device, &p01::VCC_MON_SUPPORTED));
        let volts = of.sensed(signal);
        let read = of.number(device, &lower::VCC_MON_VOLTAGE);
        // Steps of 0.1 mV in the register and at the sensor.
        assert!((read - volts).abs() < 1e-4, "{read} {volts}");
        // 3.3 V less some amperes over some thousandths of an ohm, and 33 mV of the monitor.
        assert!((read - 3.28).abs() < 0.06, "{read}");
        for (register, limit) in [
            (&p02::VCC_MON_HIGH_ALARM_THRESHOLD, 3.63),
            (&p02::VCC_MON_LOW_WARNING_THRESHOLD, 3.135),
        ] {
            assert!((of.number(device, register) - limit).abs() < 1e-4);
        }
        assert!(of.false_sums(device).is_empty());
    }
}

#[test]
fn a_rail_that_is_low_is_flagged() {
    // A tenth below the nominal 3.3 V is the alarm; what the way takes is beyond.
    let sets = ["laser_module.els.supply_voltage=2.9 V"];
    let mut of = Managed::up("cpo-51t", &sets);
    let (engine, lasers) = (of.engine(), of.lasers());
    let flags = |half: [u8; 128]| half[9] >> 4;
    assert_eq!(flags(of.half(lasers, cmis::LOWER)), 0b1010);
    assert_eq!(flags(of.half(engine, cmis::LOWER)), 0);
}

#[test]
fn electrical_inputs_are_read_where_the_engine_retimes() {
    let mut of = Managed::up("quantum-x-115t", &[]);
    let engine = of.engine();
    assert!(of.is_set(engine, &p13::HOST_SIDE_INPUT_SNR_SUPPORTED));
    let (ratio, snr_db) = (
        of.sensed(Signal::HostInputBer),
        of.sensed(Signal::HostInputSnr),
    );
    // library/electronics.toml: 1e-8 of XSR at 224G; half a second of bits has a thousand errors.
    assert!((ratio / 1e-8 - 1.0).abs() < 0.2, "{ratio}");
    for (selector, register, expected) in [
        (1, &p14::BIT_ERROR_RATIO_HOST, ratio),
        (6, &p14::SNR_HOST, snr_db),
    ] {
        let at = Address::page(0x14, p14::DIAGNOSTICS_SELECTOR.byte);
        of.devices
            .write(engine, at, &[selector])
            .expect("it answers");
        let read = of.number(engine, register);
        assert!((read / expected - 1.0).abs() < 0.01, "{read} {expected}");
    }
    let now = of.diagnosed(engine, 16).expect("listed");
    assert!((now / ratio - 1.0).abs() < 0.01, "{now}");
    let snr = of.diagnosed(engine, 6).expect("listed");
    assert!((snr - snr_db).abs() < 1.0 / 256.0, "{snr}");
    for statistic in [10, 12, 14] {
        let found = of.diagnosed(engine, statistic).expect("listed");
        assert!((found / 1e-8 - 1.0).abs() < 0.3, "{found}");
    }
    // Nobody decides at the input of a linear engine.
    let mut linear = Managed::up("cpo-51t", &[]);
    let engine = linear.engine();
    assert!(!linear.is_set(engine, &p13::HOST_SIDE_INPUT_SNR_SUPPORTED));
    for code in [6, 10, 12, 14, 16] {
        assert_eq!(linear.diagnosed(engine, code), None, "{code}");
    }
}

#[test]
fn rings_say_how_far_they_are_off_and_what_is_left_of_their_heaters() {
    let mut of = Managed::up("quantum-x-115t", &[]);
    let engine = of.engine();
    assert!(of.is_set(engine, &header::TX_DETUNING_SUPPORTED));
    assert!(of.is_set(engine, &header::TX_HEADROOM_SUPPORTED));
    assert!(
        !of.is_set(engine, &header::RX_DETUNING_SUPPORTED),
        "no filters"
    );
    assert!(of.number(engine, &tx_locks::TX_DETUNING).abs() < 1e-9);
    let heater_mw = of.sensed(Signal::TransmitHeaterPower) * 1e3;
    let rail_mw = match &of.system.description.engine[0].value.modulator {
        system::parts::Modulator::RingModulator(ring) => ring.max_heater_power.value.value() * 1e3,
        system::parts::Modulator::MachZehnder(_) => panic!("a ring"),
    };
    let left = heater_mw.min(rail_mw - heater_mw) / rail_mw * 100.0;
    let read = of.number(engine, &tx_locks::TX_HEATER_HEADROOM);
    assert!((read - left).abs() <= 0.5, "{read} {left}");
    assert!((of.diagnosed(engine, 103).expect("listed") - read).abs() < 0.6);
    assert!(of.number(engine, &rx_locks::RX_HEATER_HEADROOM) < 0.5);
    assert_eq!(of.diagnosed(engine, 106), None);
    of.half(engine, flags::TX_HEATER_RAIL_FLAG.page);
    let lane = of.system.name_of(system::EntityKind::MediaLane, 0);
    let text = format!("heater_open {lane}");
    of.plant.submit(Command::InjectFault { text });
    of.wait_ms(500);
    // The heater's 0.12 nm/mW, and what the light warms the ring by: far above its place.
    let off_mhz = of.number(engine, &tx_locks::TX_DETUNING);
    let sensed_mhz = of.sensed(Signal::TransmitDetuning) * 1e-6;
    let held = sensed_mhz.min(327_670.0);
    assert!(
        sensed_mhz > 2e5 && (off_mhz - held).abs() < 6.0,
        "{off_mhz} {sensed_mhz}"
    );
    assert!(of.is_set(engine, &flags::TX_HEATER_RAIL_FLAG));
    // A Mach-Zehnder modulator has a heater and no resonance.
    let mut of = Managed::up("cpo-51t", &[]);
    let engine = of.engine();
    assert!(!of.is_set(engine, &header::TX_DETUNING_SUPPORTED));
    assert!(of.is_set(engine, &header::TX_HEADROOM_SUPPORTED));
    assert_eq!(of.diagnosed(engine, 102), None);
}

#[test]
fn lasers_say_how_old_they_are_and_where_they_stand_on_their_grid() {
    let mut of = Managed::up("bailly-51t", &[]);
    let lasers = of.lasers();
    let place_hz = of.number(lasers, &cmis::map::p1a::LANE_FREQUENCY) * 1e9;
    let (frequency, kelvin) = (
        of.sensed(Signal::LaserFrequency),
        of.sensed(Signal::LaserTemperature),
    );
    // Uncooled: 0.1 nm/K from 25 C on; two kelvin of its thermometer.
    let wavelength_m = units::constants::SPEED_OF_LIGHT / place_hz;
    let drift_hz =
        -(kelvin - 25.0) * 1e-10 * units::constants::SPEED_OF_LIGHT / (wavelength_m * wavelength_m);
    assert!(
        (frequency - place_hz - drift_hz).abs() < 0.02 * drift_hz.abs() + 45e9,
        "{frequency} {place_hz} {drift_hz}"
    );
    let off_mhz = of.diagnosed(lasers, 3).expect("listed");
    // The register of the nominal frequency has steps of 5 GHz, that of the error an end.
    let expected = ((frequency - place_hz) * 1e-6).max(-327_680.0);
    assert!((off_mhz - expected).abs() < 5_100.0, "{off_mhz} {expected}");
    let temperature = of.diagnosed(lasers, 4).expect("listed");
    assert!((temperature - kelvin).abs() < 0.01);
    assert_eq!(of.diagnosed(lasers, 1), Some(0.0), "new");
    assert!(of.is_set(lasers, &p01::VDM_PAGES_SUPPORTED));
    assert!(of.false_sums(lasers).is_empty());
    let laser = of.system.name_of(system::EntityKind::Laser, 0);
    let text = format!("laser_degradation {laser} 5 %");
    of.plant.submit(Command::InjectFault { text });
    of.wait_ms(500);
    let age = of.sensed(Signal::LaserAge) * 100.0;
    assert!(age > 10.0, "{age}");
    let read = of.diagnosed(lasers, 1).expect("listed");
    assert!((read - age).abs() <= 0.5, "{read} {age}");
    // One wavelength on a fibre needs no grid.
    let mut of = Managed::up("cpo-51t", &[]);
    let (engine, lasers) = (of.engine(), of.lasers());
    assert_eq!(of.diagnosed(engine, 3), None);
    assert_eq!(of.diagnosed(lasers, 3), None);
    assert_eq!(of.diagnosed(lasers, 1), Some(0.0));
}

#[test]
fn reaches_are_those_of_the_interfaces() {
    // 5 and 20 times 0.1 km.
    for (name, byte) in [("cpo-51t", 5), ("bailly-51t", 20)] {
        let mut of = Managed::up(name, &[]);
        let (engine, lasers) = (of.engine(), of.lasers());
        assert_eq!(of.half(engine, 0x01)[4], byte, "{name}");
        assert_eq!(of.half(lasers, 0x01)[4], 0, "{name}");
        assert!(of.false_sums(engine).is_empty());
    }
}
