//! A module of an engine on a bench, and a host at its registers.

#![allow(dead_code, reason = "each test uses a part of it")]

use cmis::map::extension::Placement;
use cmis::map::{lower, p10, p11};
use cmis::module::{
    Application, CdbProfile, Identity, Image, Kind, LaneReadings, Limits, Module, Nonvolatile,
    PathDurations, PowerDurations, Profile, Readings, SignalIntegrity, Thresholds, Version,
};
use cmis::{Address, Feature, Features, HALF, Half, Nack, Register, Registers};

pub(crate) const MS: u64 = 1_000_000;

pub(crate) fn limits(
    high_alarm: f64,
    low_alarm: f64,
    high_warning: f64,
    low_warning: f64,
) -> Limits {
    Limits {
        high_alarm,
        low_alarm,
        high_warning,
        low_warning,
    }
}

fn identity() -> Identity {
    let text = |text: &str| text.to_owned();
    Identity {
        identifier: 0x80,
        vendor_name: text("Shoreline"),
        vendor_oui: [0x02, 0x00, 0x01],
        part_number: text("OE-32"),
        part_revision: text("A1"),
        serial_number: text("OE0-0001"),
        date_code: text("261121"),
        clei: text(""),
    }
}

fn application(host_id: u8, media_id: u8, lanes: u8, starts: u8) -> Application {
    Application {
        host_id,
        media_id,
        host_lanes: lanes,
        media_lanes: lanes,
        host_starts: starts,
        media_starts: starts,
    }
}

/// An engine of 32 lanes that can be 4 x 800G or 32 x 100G.
pub(crate) fn engine() -> Profile {
    Profile {
        identity: identity(),
        revision: (5, 3),
        features: Features::NONE
            .with(Feature::DataPaths)
            .with(Feature::MediaRetimer)
            .with(Feature::StagedSet1)
            .with(Feature::Cdb),
        banks: 4,
        lanes: 32,
        media_lanes: Vec::new(),
        applications: vec![
            application(82, 0x56, 8, 0b1),
            application(75, 0x1C, 4, 0b1_0001),
            application(70, 0x14, 1, 0xFF),
        ],
        power: PowerDurations {
            start_ns: 300 * MS,
            power_up_ns: 80 * MS,
            power_down_ns: 40 * MS,
        },
        paths: PathDurations {
            init_ns: 60 * MS,
            deinit_ns: 8 * MS,
            turn_on_ns: 20 * MS,
            turn_off_ns: 4 * MS,
            configure_ns: 3 * MS,
        },
        thresholds: Thresholds {
            temperature_c: limits(85.0, -5.0, 80.0, 0.0),
            supply_v: Some(limits(3.63, 2.97, 3.465, 3.135)),
            laser_temperature_c: None,
            tx_power_mw: Some(limits(4.0, 0.25, 3.0, 0.5)),
            tx_bias_ma: Some(limits(500.0, 10.0, 450.0, 20.0)),
            rx_power_mw: limits(4.0, 0.1, 3.0, 0.2),
        },
        signal_integrity: SignalIntegrity {
            default: [0; 21],
            tx_input_eq_max: 10,
            rx_pre_cursor_max: 7,
            rx_post_cursor_max: 7,
            rx_amplitudes: 0b1111,
        },
        bias_multiplier: 4,
        media_type: 2,
        connector: 0x27,
        media_technology: 4,
        max_power_w: 30.0,
        reach_m: Some(500.0),
        wavelength_nm: (1311.0, 6.5),
        hardware: (1, 0),
        cdb: Some(CdbProfile {
            is_background: true,
            is_protected: false,
            long_pages: 16,
            query_ns: MS,
            start_ns: 200 * MS,
            complete_ns: 300 * MS,
            write_ns: 2 * MS,
            copy_ns: 500 * MS,
        }),
        vdm: Vec::new(),
        flips_polarity: false,
        diagnostics: None,
        extension_abilities: 0,
        ring_abilities: 0,
        extension_counts: [0; 3],
        input_low_dbm: None,
        extension: Placement::DEFAULT,
        laser: None,
    }
}

/// Sensors of a module at which nothing is wrong.
pub(crate) fn healthy(lanes: usize) -> Readings {
    let lane = LaneReadings {
        tx_power_mw: Some(1.2),
        tx_bias_ma: Some(200.0),
        rx_power_mw: Some(0.8),
        is_tx_on: true,
        has_host_signal: true,
        is_host_locked: true,
        has_media_signal: true,
        is_media_locked: true,
        ..LaneReadings::default()
    };
    Readings {
        is_powered: true,
        temperature_c: Some(52.5),
        supply_v: Some(3.3),
        lanes: vec![lane; lanes],
        ..Readings::default()
    }
}

pub(crate) fn factory_image() -> Image {
    let version = Version {
        major: 1,
        minor: 2,
        build: 3,
    };
    Image::new(version, vec![0xA5; 3000]).expect("short")
}

/// A module, its sensors, the time, and a host.
pub(crate) struct Bench {
    pub(crate) module: Module,
    pub(crate) readings: Readings,
    pub(crate) now_ns: u64,
}

impl Bench {
    pub(crate) fn new(profile: Profile) -> Self {
        let readings = healthy(usize::from(profile.lanes));
        let kind = Kind::new(profile);
        let mut module = Module::new(&kind, Nonvolatile::new(factory_image()), 0);
        module.observe(&readings);
        Self {
            module,
            readings,
            now_ns: 0,
        }
    }

    /// With its data paths up.
    pub(crate) fn activated(profile: Profile) -> Self {
        let mut bench = Self::new(profile);
        bench.wait_ms(1000);
        bench.read_lower();
        for bank in 0..4 {
            bench.page(bank, 0x11);
        }
        bench
    }

    /// Lets time pass, with a look at the sensors at its end.
    pub(crate) fn wait_ms(&mut self, ms: u64) {
        self.now_ns += ms * MS;
        self.module.advance(self.now_ns);
        self.observe();
    }

    pub(crate) fn observe(&mut self) {
        self.module.observe(&self.readings);
    }

    pub(crate) fn bytes(&mut self, from: Address, n: usize) -> Result<Vec<u8>, Nack> {
        let mut into = vec![0; n];
        self.module.read(from, &mut into)?;
        Ok(into)
    }

    /// All of a page, with what that clears.
    pub(crate) fn page(&mut self, bank: u8, page: u8) -> Half {
        let bytes = self.bytes(Address::page(page, 128).in_bank(bank), HALF);
        bytes.expect("it answers").try_into().expect("128 bytes")
    }

    /// All of lower memory, with what that clears.
    pub(crate) fn read_lower(&mut self) -> Half {
        let bytes = self.bytes(Address::lower(0), HALF);
        bytes.expect("it answers").try_into().expect("128 bytes")
    }

    /// The bytes of one register, read alone.
    pub(crate) fn get(&mut self, bank: u8, register: &Register) -> Vec<u8> {
        let at = Address {
            bank,
            page: u8::try_from(register.page).unwrap_or(0),
            byte: register.byte,
        };
        self.bytes(at, register.total_bytes()).expect("it answers")
    }

    /// The only byte of a register.
    pub(crate) fn byte(&mut self, bank: u8, register: &Register) -> u8 {
        self.get(bank, register)[0]
    }

    pub(crate) fn put(&mut self, bank: u8, register: &Register, data: &[u8]) {
        let at = Address {
            bank,
            page: u8::try_from(register.page).unwrap_or(0),
            byte: register.byte,
        };
        self.module.write(at, data).expect("it answers");
    }

    pub(crate) fn module_state(&mut self) -> u8 {
        self.byte(0, &lower::MODULE_STATE) >> 1 & 7
    }

    /// The states of the data paths of a bank.
    pub(crate) fn path_states(&mut self, bank: u8) -> Vec<u8> {
        nibbles(&self.get(bank, &p11::DP_STATE_HOST_LANE))
    }

    pub(crate) fn config_status(&mut self, bank: u8) -> Vec<u8> {
        nibbles(&self.get(bank, &p11::CONFIG_STATUS_LANE))
    }

    /// Stages an application for lanes of data paths of some width, and applies it.
    pub(crate) fn stage(&mut self, bank: u8, lanes: u8, application: u8, width: usize) {
        let config: Vec<u8> = (0..8)
            .map(|lane| {
                let first = u8::try_from(lane / width * width).expect("eight lanes");
                application << 4 | first << 1
            })
            .collect();
        self.put(bank, &p10::SCS0_APP_SEL_CODE, &config);
        self.put(bank, &p10::SCS0_APPLY_DP_INIT, &[lanes]);
    }
}

fn nibbles(bytes: &[u8]) -> Vec<u8> {
    bytes
        .iter()
        .flat_map(|byte| [byte & 0xF, byte >> 4])
        .collect()
}
