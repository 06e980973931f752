//! What a module is, from what is described.

use cmis::map::extension::Placement;
use cmis::module::{
    Application, CdbProfile, Diagnostics, Identity, LANES, LaserControl, LaserProfile, Limits,
    MediaLane, PathDurations, Patterns, PowerDurations, Profile, SignalIntegrity, Thresholds,
    VdmItem, Version,
};
use cmis::{Feature, Features};
use plant::{Capabilities, CommandKind, Signal};
use sha2::{Digest as _, Sha256};
use system::parts::{
    Demultiplexer, Electrical, Engine, Integration, Laser, LaserModule, ManagedModule, Modulator,
    ModuleIdentifier,
};
use system::{FibreId, LaserHome, LaserId, LaserModuleId, Named, System};
use units::{DbMilliwatts, Decibels, Seconds, Sourced, Watts};

use crate::fleet::{Device, Fleet, FleetError, Lane, Part};
use crate::interface;

/// Bits of the register of loopbacks, each lane by itself: light is turned back inside the engine, and
/// where a retimer recovers bits, these are too, in all four ways, one of them at a time. What an engine
/// without retimer could do electrically is not known.
const LIGHT_LOOPBACK: u8 = 0b0010_0001;
const ALL_LOOPBACKS: u8 = 0b0011_1111;

/// Patterns that generators and checkers know, by their codes: those of four levels, and SSPRQ.
const PATTERNS: u16 = 0b0001_0101_0101_0101;

/// Every code of an output's amplitude.
const ALL_AMPLITUDES: u8 = 0b1111;

/// Connectors, by SFF-8024.
const OPTICAL_PIGTAIL: u8 = 11;
const MPO_12: u8 = 12;
const NO_SEPARABLE_CONNECTOR: u8 = 35;
const MPO_16: u8 = 40;

/// Media.
const SINGLE_MODE_FIBRE: u8 = 2;

/// What a register of bias counts with a multiplier of one, at the most.
const BIAS_RANGE_MA: f64 = 65535.0 * 0.002;

/// What a register of optical power holds, mW.
const TX_POWER_RANGE_MW: f64 = 65535.0 * 1e-4;

/// Most power of a module that its register holds without its lasers' own statement, W.
const FALLBACK_W: f64 = 0.0;

/// What modules of the fleet are.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Profiler<'a> {
    pub(crate) system: &'a System,
    pub(crate) fleet: &'a Fleet,
    pub(crate) capabilities: &'a Capabilities,
}

impl Profiler<'_> {
    /// What a device is.
    pub(crate) fn profile(&self, number: usize) -> Result<Profile, FleetError> {
        let device = &self.fleet.devices()[number];
        let described = self.fleet.described(self.system, number);
        let described = described.expect("a device comes from a bus that describes it");
        match device.part {
            Part::Engine(engine) => {
                let group = self.system.engines[engine.index()].group;
                self.engine(device, described, &self.system.description.engine[group])
            }
            Part::LaserModule(module) => Ok(self.laser_module(device, described, module)),
        }
    }

    /// The image of its firmware that it is made with.
    pub(crate) fn factory_version(&self, number: usize) -> Version {
        let described = self.fleet.described(self.system, number);
        let (major, minor, build) = described
            .and_then(ManagedModule::firmware_version)
            .unwrap_or_default();
        Version {
            major,
            minor,
            build,
        }
    }

    fn has(&self, signal: Signal) -> bool {
        self.capabilities.signals.contains(&signal)
    }

    fn engine(
        &self,
        device: &Device,
        of: &ManagedModule,
        group: &Named<Engine>,
    ) -> Result<Profile, FleetError> {
        let engine = &group.value;
        let is_retimed = engine.electrical == Electrical::Retimed;
        let mut features = Features::NONE
            .with(Feature::DataPaths)
            .with(Feature::StagedSet1)
            .with(Feature::Cdb)
            .with(Feature::Vdm)
            .with(Feature::Diagnostics)
            .with(Feature::Extension);
        if is_retimed {
            features = features
                .with(Feature::HostRetimer)
                .with(Feature::MediaRetimer);
        }
        let laser = self.laser_of(device);
        let laser_temperature_c = of
            .laser_temperature()
            .filter(|_| engine.laser.is_some() && self.has(Signal::LaserTemperature));
        let levels = |level: &Option<Sourced<DbMilliwatts>>, warning: Decibels, alarm: Decibels| {
            let level = level.as_ref().map_or(DbMilliwatts::new(0.0), |of| of.value);
            around_mw(level, warning, alarm)
        };
        let (warning, alarm) = (of.transmit_warning.value, of.transmit_alarm.value);
        let receive =
            |of: &Option<Sourced<Decibels>>| of.as_ref().map_or(Decibels::new(0.0), |of| of.value);
        let bias = laser.map(|laser| bias_limits(of, laser));
        let max_bias_ma = laser.map_or(0.0, |laser| laser.max_current.value.value() * 1e3);
        let takes = |kind| self.capabilities.accepts(kind);
        let base = self.base(device, of, group.part.as_deref().unwrap_or(&group.name));
        let applications = self.applications(device, engine)?;
        let reach_m = applications.first().copied().and_then(interface::reach_m);
        Ok(Profile {
            features,
            media_lanes: self.media_lanes(device),
            applications,
            paths: PathDurations {
                init_ns: optional_ns(of.init_time.as_ref()),
                deinit_ns: optional_ns(of.deinit_time.as_ref()),
                turn_on_ns: optional_ns(of.turn_on_time.as_ref())
                    .max(self.seen_ns(engine.lock_time.as_ref())),
                turn_off_ns: optional_ns(of.turn_off_time.as_ref()),
                configure_ns: optional_ns(of.configure_time.as_ref()),
            },
            thresholds: Thresholds {
                laser_temperature_c,
                tx_power_mw: within(
                    levels(&of.transmit_level, warning, alarm),
                    TX_POWER_RANGE_MW,
                ),
                tx_bias_ma: bias.and_then(|bias| within(bias, 4.0 * BIAS_RANGE_MA)),
                rx_power_mw: levels(
                    &of.receive_level,
                    receive(&of.receive_warning),
                    receive(&of.receive_alarm),
                ),
                ..base.thresholds
            },
            bias_multiplier: bias_multiplier(max_bias_ma),
            connector: connector(engine, device.lanes.len()),
            media_technology: laser.map_or(OTHER_TECHNOLOGY, technology),
            wavelength_nm: laser.map_or((0.0, 0.0), |laser| wavelength_nm(laser, of)),
            vdm: self.vdm(device, of, engine),
            flips_polarity: is_retimed && takes(CommandKind::SetPolarity),
            diagnostics: Some(Diagnostics {
                loopbacks: match (takes(CommandKind::SetLoopback), is_retimed) {
                    (false, _) => 0,
                    (true, false) => LIGHT_LOOPBACK,
                    (true, true) => ALL_LOOPBACKS,
                },
                patterns: self.patterns(is_retimed),
                bit_rate_hz: engine.media_rate.value.value(),
                has_host_snr: self.has(Signal::HostInputSnr),
            }),
            extension_abilities: self.extension_abilities(device),
            ring_abilities: self.ring_abilities(engine),
            extension_counts: self.extension_counts(device),
            reach_m,
            input_low_dbm: of
                .laser_input_level
                .as_ref()
                .map(|level| (level.value - of.transmit_warning.value).value()),
            ..base
        })
    }

    fn laser_module(&self, device: &Device, of: &ManagedModule, id: LaserModuleId) -> Profile {
        let group = self.system.laser_modules[id.index()].group;
        let named = &self.system.description.laser_module[group];
        let module = &named.value;
        let laser = &*module.laser;
        let base = self.base(device, of, named.part.as_deref().unwrap_or(&named.name));
        let vdm = self.laser_vdm(device, of);
        let features = Features::NONE.with(Feature::LaserModule).with(Feature::Cdb);
        Profile {
            features: if vdm.is_empty() {
                features
            } else {
                features.with(Feature::Vdm)
            },
            vdm,
            thresholds: Thresholds {
                laser_temperature_c: of
                    .laser_temperature()
                    .filter(|_| self.has(Signal::LaserTemperature)),
                ..base.thresholds
            },
            connector: NO_SEPARABLE_CONNECTOR,
            media_technology: technology(laser),
            max_power_w: of.max_power.as_ref().map_or_else(
                || module.max_power.value.value(),
                |power| power.value.value(),
            ),
            wavelength_nm: wavelength_nm(laser, of),
            laser: Some(self.lasers(device, of, module)),
            ..base
        }
    }

    /// What all devices have.
    fn base(&self, device: &Device, of: &ManagedModule, part: &str) -> Profile {
        let supply = of.supply.value.value();
        let supply_by = |share: &Sourced<units::Ratio>| supply * share.value.value();
        let (warning, alarm) = (supply_by(&of.supply_warning), supply_by(&of.supply_alarm));
        let supply_v = self.measures_supply(device).then_some(Limits {
            high_alarm: supply + alarm,
            low_alarm: supply - alarm,
            high_warning: supply + warning,
            low_warning: supply - warning,
        });
        let none = Limits {
            high_alarm: f64::INFINITY,
            low_alarm: f64::NEG_INFINITY,
            high_warning: f64::INFINITY,
            low_warning: f64::NEG_INFINITY,
        };
        Profile {
            identity: self.identity(device, of, part),
            revision: of.revision().unwrap_or_default(),
            features: Features::NONE,
            banks: device.banks,
            lanes: u8::try_from(device.n_lanes()).unwrap_or(u8::MAX),
            media_lanes: Vec::new(),
            applications: Vec::new(),
            power: PowerDurations {
                start_ns: nanos(of.start_time.value),
                power_up_ns: nanos(of.power_up_time.value).max(self.part_up_ns(device)),
                power_down_ns: nanos(of.power_down_time.value),
            },
            paths: PathDurations {
                init_ns: 0,
                deinit_ns: 0,
                turn_on_ns: 0,
                turn_off_ns: 0,
                configure_ns: 0,
            },
            thresholds: Thresholds {
                temperature_c: self.temperature_limits(device, of),
                supply_v,
                laser_temperature_c: None,
                tx_power_mw: None,
                tx_bias_ma: None,
                rx_power_mw: none,
            },
            signal_integrity: SignalIntegrity {
                default: [0; 21],
                tx_input_eq_max: code_of(of.input_equaliser_codes),
                rx_pre_cursor_max: code_of(of.output_tap_codes),
                rx_post_cursor_max: code_of(of.output_tap_codes),
                rx_amplitudes: ALL_AMPLITUDES,
            },
            bias_multiplier: 1,
            media_type: SINGLE_MODE_FIBRE,
            connector: NO_SEPARABLE_CONNECTOR,
            media_technology: OTHER_TECHNOLOGY,
            max_power_w: of
                .max_power
                .as_ref()
                .map_or(FALLBACK_W, |power| power.value.value()),
            reach_m: None,
            wavelength_nm: (0.0, 0.0),
            hardware: (1, 0),
            cdb: Some(CdbProfile {
                is_background: of.background_commands,
                is_protected: of.protected_firmware,
                long_pages: u8::try_from(of.payload_pages).unwrap_or(u8::MAX),
                query_ns: nanos(of.query_time.value),
                start_ns: nanos(of.erase_time.value),
                complete_ns: nanos(of.verify_time.value),
                write_ns: nanos(of.block_time.value),
                copy_ns: nanos(of.copy_time.value),
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

    /// How long the part behind the registers takes to full power.
    fn part_up_ns(&self, device: &Device) -> u64 {
        let Part::Engine(id) = device.part else {
            return 0;
        };
        let group = self.system.engines[id.index()].group;
        let engine = &self.system.description.engine[group].value;
        self.seen_ns(engine.power_up_time.as_ref())
    }

    /// From a wish until an observation says that a part has come to it, in a time of its own: one
    /// passes before it is told, and one after.
    fn seen_ns(&self, time: Option<&Sourced<Seconds>>) -> u64 {
        let period_ns = u64::try_from(self.capabilities.minimal_period.as_nanos());
        optional_ns(time).saturating_add(2 * period_ns.unwrap_or(u64::MAX / 2))
    }

    /// Thresholds of the case. Where its zone guards itself, a quarter of the way from where that
    /// throttles to where it shuts its parts down is the highest warning, and half of it the highest
    /// alarm: the parts of a zone are not equally warm, and a host shall know before it is over.
    fn temperature_limits(&self, device: &Device, of: &ManagedModule) -> Limits {
        let zone = match device.part {
            Part::Engine(id) => self.system.engines[id.index()].zone,
            Part::LaserModule(id) => self.system.laser_modules[id.index()].zone,
        };
        let zone = &self.system.description.zone[zone.index()].value;
        let of_zone = |share: f64| {
            let throttle = zone.throttle.as_ref()?.value.value();
            let emergency = zone.emergency.as_ref()?.value.value();
            Some(throttle + share * (emergency - throttle))
        };
        let least = |celsius: f64, share| of_zone(share).map_or(celsius, |of| of.min(celsius));
        Limits {
            high_alarm: least(of.high_alarm_temperature.value.value(), 0.5),
            low_alarm: of.low_alarm_temperature.value.value(),
            high_warning: least(of.high_warning_temperature.value.value(), 0.25),
            low_warning: of.low_warning_temperature.value.value(),
        }
    }

    fn identity(&self, device: &Device, of: &ManagedModule, part: &str) -> Identity {
        let entity = match device.part {
            Part::Engine(id) => &self.system.engines[id.index()].name,
            Part::LaserModule(id) => &self.system.laser_modules[id.index()].name,
        };
        let first = device.lanes.first().map_or(0, |lane| lane.media.0);
        let switch = self.capabilities.device.as_str();
        Identity {
            identifier: match of.identifier {
                ModuleIdentifier::Cpo => 0x80,
                ModuleIdentifier::Elsfp => 0x22,
                ModuleIdentifier::Osfp => 0x19,
                ModuleIdentifier::QsfpDd => 0x18,
            },
            vendor_name: of.vendor_name.clone(),
            vendor_oui: of.oui().unwrap_or_default(),
            part_number: part.to_uppercase(),
            part_revision: of.part_revision.clone(),
            serial_number: serial(switch, entity, first),
            date_code: of.date_code.clone().unwrap_or_default(),
            clei: String::new(),
        }
    }

    /// The laser behind the lanes of an engine.
    fn laser_of(&self, device: &Device) -> Option<&Laser> {
        let description = &self.system.description;
        let lane = device.lanes.first()?;
        match self.system.lasers[lane.laser.index()].home {
            LaserHome::Engine(engine) => {
                let group = self.system.engines[engine.index()].group;
                description.engine[group].value.laser.as_deref()
            }
            LaserHome::Module(module, _) => {
                let group = self.system.laser_modules[module.index()].group;
                Some(&description.laser_module[group].value.laser)
            }
        }
    }

    /// Patterns that an engine sends, where the plant makes them, and finds, where the plant says so.
    fn patterns(&self, is_retimed: bool) -> Patterns {
        let where_so = |is_so: bool| if is_retimed && is_so { PATTERNS } else { 0 };
        let makes = where_so(self.capabilities.accepts(CommandKind::SetPattern));
        Patterns {
            host_generator: makes,
            media_generator: makes,
            host_checker: where_so(self.has(Signal::HostInputPattern)),
            media_checker: where_so(self.has(Signal::ReceivePattern)),
        }
    }

    /// Where the light of each lane is found: fibres are counted in the order in which the lanes of a
    /// bank come to them, those that send apart from those that receive.
    fn media_lanes(&self, device: &Device) -> Vec<MediaLane> {
        let number = |fibres: &mut Vec<FibreId>, fibre: FibreId| {
            let known = fibres.iter().position(|known| *known == fibre);
            let at = known.unwrap_or_else(|| {
                fibres.push(fibre);
                fibres.len() - 1
            });
            u8::try_from(at + 1).unwrap_or(0)
        };
        let of_bank = |lanes: &[Lane]| -> Vec<MediaLane> {
            let (mut sending, mut receiving) = (Vec::new(), Vec::new());
            let lanes = lanes
                .iter()
                .map(|lane| &self.system.media_lanes[lane.media.index()]);
            lanes
                .map(|of| MediaLane {
                    wavelength: u8::try_from(of.wavelength.index() + 1).unwrap_or(0),
                    tx_fibre: number(&mut sending, of.transmit_fibre),
                    rx_fibre: number(&mut receiving, of.receive_fibre),
                })
                .collect()
        };
        device.lanes.chunks(LANES).flat_map(of_bank).collect()
    }

    /// The data paths that ports and their breakouts make, the widest first.
    fn applications(
        &self,
        device: &Device,
        engine: &Engine,
    ) -> Result<Vec<Application>, FleetError> {
        let Part::Engine(id) = device.part else {
            return Ok(Vec::new());
        };
        let name = &self.system.engines[id.index()].name;
        // Width, and one bit for each lane of a bank at which a data path may begin.
        let mut found: Vec<(usize, u8)> = Vec::new();
        let mut ports: Vec<_> = device.lanes.iter().filter_map(|lane| lane.port).collect();
        ports.dedup();
        for port in ports {
            let places = device.lanes.iter().enumerate();
            let lanes: Vec<usize> = places
                .filter_map(|(lane, of)| (of.port == Some(port)).then_some(lane))
                .collect();
            let (first, width) = (lanes[0], lanes.len());
            let last = first + width - 1;
            if lanes[width - 1] != last || first / LANES != last / LANES {
                return Err(FleetError::SpansBanks {
                    port: self.system.ports[port.index()].name.clone(),
                    engine: name.clone(),
                    lanes: width,
                });
            }
            if interface::codes(engine, width).is_none() {
                return Err(FleetError::NoInterface {
                    engine: name.clone(),
                    rate_gbps: engine.media_rate.value.value() / 1e9,
                    lanes: width,
                });
            }
            let group = self.system.ports[port.index()].group;
            let breakout = self.system.description.port[group].value.breakout;
            for pieces in 1..=breakout.unwrap_or(1) as usize {
                if !width.is_multiple_of(pieces) {
                    continue;
                }
                let narrow = width / pieces;
                let starts = (0..pieces)
                    .map(|piece| first % LANES + piece * narrow)
                    .fold(0, |bits, start| bits | 1 << start);
                match found.iter_mut().find(|(of, _)| *of == narrow) {
                    Some((_, known)) => *known |= starts,
                    None => found.push((narrow, starts)),
                }
            }
        }
        found.sort_by_key(|(width, _)| std::cmp::Reverse(*width));
        let applications: Vec<Application> = found
            .into_iter()
            .filter_map(|(width, starts)| {
                let (host_id, media_id) = interface::codes(engine, width)?;
                let lanes = u8::try_from(width).expect("inside a bank");
                Some(Application {
                    host_id,
                    media_id,
                    host_lanes: lanes,
                    media_lanes: lanes,
                    host_starts: starts,
                    media_starts: starts,
                })
            })
            .collect();
        if applications.len() > MOST_APPLICATIONS {
            return Err(FleetError::TooManyApplications {
                engine: name.clone(),
                found: applications.len(),
            });
        }
        Ok(applications)
    }

    /// Which pages of the extension say something: one bit each.
    fn extension_abilities(&self, device: &Device) -> u8 {
        let bits = [
            self.has(Signal::TransmitLock),
            self.has(Signal::ReceiveLock),
            self.has(Signal::TransmitMonitorPower) || self.has(Signal::EngineInputPower),
            self.has(Signal::ZoneTemperature),
            !device.lit_by.is_empty(),
            true,
            false,
        ];
        let bits = bits.into_iter().enumerate();
        bits.fold(0, |sum, (at, is_set)| sum | u8::from(is_set) << at)
    }

    /// Whether the supply of a part is measured: where rails of its kind are described, its own is.
    fn measures_supply(&self, device: &Device) -> bool {
        let description = &self.system.description;
        let (signal, own, any) = match device.part {
            Part::Engine(id) => {
                let group = self.system.engines[id.index()].group;
                let mut groups = description.engine.iter();
                (
                    Signal::EngineSupplyVoltage,
                    description.engine[group].value.supply_voltage.is_some(),
                    groups.any(|of| of.value.supply_voltage.is_some()),
                )
            }
            Part::LaserModule(id) => {
                let group = self.system.laser_modules[id.index()].group;
                let mut groups = description.laser_module.iter();
                (
                    Signal::LaserModuleSupplyVoltage,
                    description.laser_module[group]
                        .value
                        .supply_voltage
                        .is_some(),
                    groups.any(|of| of.value.supply_voltage.is_some()),
                )
            }
        };
        self.has(signal) && (own || !any)
    }

    /// What rings and the heaters of modulators and filters say beyond power and lock: one bit each.
    fn ring_abilities(&self, engine: &Engine) -> u8 {
        let has = |signal, is_there: bool| is_there && self.has(signal);
        let rails = rails_of(engine);
        let bits = [
            has(Signal::TransmitDetuning, has_ring(engine)),
            has(Signal::TransmitHeaterPower, rails.transmit_mw.is_some()),
            has(Signal::ReceiveDetuning, rails.receive_mw.is_some()),
            has(Signal::ReceiveHeaterPower, rails.receive_mw.is_some()),
        ];
        let bits = bits.into_iter().enumerate();
        bits.fold(0, |sum, (at, is_set)| sum | u8::from(is_set) << at)
    }

    /// Zones, feeds and laser modules that the pages of an engine list.
    fn extension_counts(&self, device: &Device) -> [u8; 3] {
        let mut feeds = Vec::new();
        for lane in &device.lanes {
            let home = self.system.lasers[lane.laser.index()].home;
            if matches!(home, LaserHome::Module(..)) && !feeds.contains(&lane.laser) {
                feeds.push(lane.laser);
            }
        }
        let count = |n: usize| u8::try_from(n).unwrap_or(u8::MAX);
        [1, count(feeds.len()), count(device.lit_by.len())]
    }

    /// What versatile diagnostics measure of the lasers of a laser module.
    fn laser_vdm(&self, device: &Device, of: &ManagedModule) -> Vec<VdmItem> {
        let grids = grids_hz(self.system, device);
        let has_grid = grids.iter().any(Option::is_some);
        let kinds = [
            (1, Signal::LaserAge, age_limits(of), true),
            (3, Signal::LaserFrequency, None, has_grid),
            (4, Signal::LaserTemperature, of.laser_temperature(), true),
        ];
        self.measured(&kinds, device.lasers.len())
    }

    /// What versatile diagnostics measure of each lane, as far as the plant measures it.
    fn vdm(&self, device: &Device, of: &ManagedModule, engine: &Engine) -> Vec<VdmItem> {
        let is_retimed = engine.electrical == Electrical::Retimed;
        let above = |warning: f64, alarm: f64| Limits {
            high_alarm: alarm,
            high_warning: warning,
            low_alarm: f64::NEG_INFINITY,
            low_warning: f64::NEG_INFINITY,
        };
        let errors = of
            .error_warning
            .as_ref()
            .zip(of.error_alarm.as_ref())
            .map(|(warning, alarm)| above(warning.value.value(), alarm.value.value()));
        let age = age_limits(of);
        let input = of.laser_input_level.as_ref().map(|level| {
            around_dbm(
                level.value,
                of.transmit_warning.value,
                of.transmit_alarm.value,
            )
        });
        let has_input = !device.lit_by.is_empty();
        let rails = rails_of(engine);
        let has_ring = has_ring(engine);
        let has_filter = rails.receive_mw.is_some();
        let has_grid = engine.channel_spacing.is_some();
        // Nothing in a linear engine decides between levels: its errors show at the host.
        let kinds = [
            (1, Signal::LaserAge, age, true),
            (3, Signal::LaserFrequency, None, has_grid),
            (4, Signal::LaserTemperature, of.laser_temperature(), true),
            (5, Signal::RxSnr, None, is_retimed),
            (6, Signal::HostInputSnr, None, is_retimed),
            (9, Signal::PreFecBer, None, is_retimed),
            (10, Signal::HostInputBer, None, is_retimed),
            (11, Signal::PreFecBer, errors, is_retimed),
            (12, Signal::HostInputBer, None, is_retimed),
            (13, Signal::PreFecBer, None, is_retimed),
            (14, Signal::HostInputBer, None, is_retimed),
            (15, Signal::PreFecBer, errors, is_retimed),
            (16, Signal::HostInputBer, None, is_retimed),
            (84, Signal::EngineInputPower, input, has_input),
            (100, Signal::TransmitHeaterPower, None, true),
            (101, Signal::TransmitLock, None, true),
            (102, Signal::TransmitDetuning, None, has_ring),
            (
                103,
                Signal::TransmitHeaterPower,
                None,
                rails.transmit_mw.is_some(),
            ),
            (104, Signal::ReceiveHeaterPower, None, has_filter),
            (105, Signal::ReceiveLock, None, has_filter),
            (106, Signal::ReceiveDetuning, None, has_filter),
            (107, Signal::ReceiveHeaterPower, None, has_filter),
            (109, Signal::TransmitMonitorPower, None, true),
            (110, Signal::TransmitOma, None, true),
            (111, Signal::RxOma, None, true),
        ];
        self.measured(&kinds, device.lanes.len())
    }

    /// Instances of what is there and measured: all lanes of an observable beside each other, for
    /// hosts take such a row for one field.
    fn measured(
        &self,
        kinds: &[(u8, Signal, Option<Limits>, bool)],
        n_lanes: usize,
    ) -> Vec<VdmItem> {
        let kinds = kinds.iter();
        kinds
            .filter(|(_, signal, _, is_there)| *is_there && self.has(*signal))
            .flat_map(|(observable, _, limits, _)| {
                (0..n_lanes).map(|lane| VdmItem {
                    observable: *observable,
                    lane: u8::try_from(lane).ok(),
                    limits: *limits,
                })
            })
            .collect()
    }

    fn lasers(&self, device: &Device, of: &ManagedModule, module: &LaserModule) -> LaserProfile {
        let laser = &*module.laser;
        let max_ma = laser.max_current.value.value() * 1e3;
        let threshold_ma = laser.threshold_current.value.value() * 1e3;
        let loss = module.internal_loss.value.to_transmission();
        let most_mw = laser.slope_efficiency.value.value() * (max_ma - threshold_ma) * loss;
        let launch = module.launch.value - module.launch_shortfall();
        let launch_mw = launch.to_watts().value() * 1e3;
        let slope_w_per_a = laser.slope_efficiency.value.value() * loss;
        let mut fibres = Vec::new();
        let mut fibre = Vec::new();
        let mut frequency_ghz = Vec::new();
        for lane in &device.lasers {
            let entity = &self.system.lasers[lane.laser.index()];
            fibre.push(match entity.home {
                LaserHome::Module(_, Some(id)) => {
                    if !fibres.contains(&id) {
                        fibres.push(id);
                    }
                    let number = fibres.iter().position(|known| *known == id);
                    number.map_or(0, |number| u8::try_from(number + 1).unwrap_or(0))
                }
                _ => 0,
            });
            let middle = laser.wavelength.value.to_optical_frequency().value() * 1e-9;
            let place = grid_hz(self.system, lane.laser).map_or(middle, |hz| hz * 1e-9);
            frequency_ghz.push(place);
        }
        let is_used = |laser: LaserId| !self.system.lasers[laser.index()].media_lanes.is_empty();
        let ramp = of.ramp_time.as_ref().or(module.turn_on_time.as_ref());
        LaserProfile {
            control: LaserControl::Power,
            power_range_mw: (0.0, most_mw.max(launch_mw)),
            bias_range_ma: (0.0, max_ma),
            power_mw: launch_mw,
            bias_ma: (threshold_ma + launch_mw / slope_w_per_a).min(max_ma),
            power_limits_mw: around_mw(launch, of.transmit_warning.value, of.transmit_alarm.value),
            bias_limits_ma: bias_limits(of, laser),
            frequency_ghz,
            fibre,
            check_power_mw: of
                .check_power
                .as_ref()
                .map_or(launch_mw, |power| power.value.to_watts().value() * 1e3),
            ramp_ns: optional_ns(ramp),
            needs_fibre_check: of.fibre_check.unwrap_or(false),
            is_used: device.lasers.iter().map(|of| is_used(of.laser)).collect(),
        }
    }
}

/// Greatest power of the heaters of an engine, mW; none where there is none.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub(crate) struct Rails {
    /// Of modulators.
    pub(crate) transmit_mw: Option<f64>,
    /// Of the rings that filter at receivers.
    pub(crate) receive_mw: Option<f64>,
}

fn has_ring(engine: &Engine) -> bool {
    matches!(engine.modulator, Modulator::RingModulator(_))
}

fn rails_of(engine: &Engine) -> Rails {
    let transmit = match &engine.modulator {
        Modulator::RingModulator(ring) => ring.max_heater_power.value,
        Modulator::MachZehnder(part) => part.max_bias_power.value,
    };
    let receive = match &engine.demultiplexer {
        Some(Demultiplexer::RingFilter(ring)) => Some(ring.max_heater_power.value),
        _ => None,
    };
    let mw = |watts: Watts| Some(watts.value() * 1e3).filter(|mw| *mw > 0.0);
    Rails {
        transmit_mw: mw(transmit),
        receive_mw: receive.and_then(mw),
    }
}

/// Greatest power of the heaters of a device; none of a laser module.
pub(crate) fn rails(system: &System, device: &Device) -> Rails {
    match device.part {
        Part::Engine(id) => {
            let group = system.engines[id.index()].group;
            rails_of(&system.description.engine[group].value)
        }
        Part::LaserModule(_) => Rails::default(),
    }
}

/// Where the laser of each lane of an engine, or each laser of a laser module, belongs; none where its
/// fibre has no grid.
pub(crate) fn grids_hz(system: &System, device: &Device) -> Vec<Option<f64>> {
    match device.part {
        Part::Engine(_) => {
            let lanes = device.lanes.iter();
            lanes.map(|of| grid_hz(system, of.laser)).collect()
        }
        Part::LaserModule(_) => {
            let lasers = device.lasers.iter();
            lasers.map(|of| grid_hz(system, of.laser)).collect()
        }
    }
}

/// The place of a laser on the grid of the lanes that it lights, whose middle its part is; none without
/// a grid.
fn grid_hz(system: &System, laser: LaserId) -> Option<f64> {
    let entity = &system.lasers[laser.index()];
    let lane = &system.media_lanes[entity.media_lanes.first()?.index()];
    let group = system.engines[lane.engine.index()].group;
    let engine = &system.description.engine[group].value;
    let spacing = engine.channel_spacing.as_ref()?.value.value();
    let part = match entity.home {
        LaserHome::Engine(_) => engine.laser.as_deref()?,
        LaserHome::Module(module, _) => {
            let group = system.laser_modules[module.index()].group;
            &system.description.laser_module[group].value.laser
        }
    };
    let middle = part.wavelength.value.to_optical_frequency().value();
    let off =
        lane.wavelength.index() as f64 - (f64::from(engine.wavelengths_per_fibre) - 1.0) / 2.0;
    Some(middle + off * spacing)
}

/// Applications that registers list.
const MOST_APPLICATIONS: usize = 15;

/// Media technologies, by SFF-8024.
const DFB_1310: u8 = 4;
const DFB_1550: u8 = 5;
const OTHER_TECHNOLOGY: u8 = 8;

fn technology(laser: &Laser) -> u8 {
    let nm = laser.wavelength.value.value() * 1e9;
    if (1260.0..1360.0).contains(&nm) {
        DFB_1310
    } else if (1530.0..1565.0).contains(&nm) {
        DFB_1550
    } else {
        OTHER_TECHNOLOGY
    }
}

/// The wavelength at the reference temperature, and how far it drifts up to the alarm.
fn wavelength_nm(laser: &Laser, of: &ManagedModule) -> (f64, f64) {
    let nominal = laser.wavelength.value.value() * 1e9;
    let reference = laser.reference_temperature.value.value();
    let warmest = of.high_alarm_temperature.value.value() - reference;
    let coldest = reference - of.low_alarm_temperature.value.value();
    let drift = laser.wavelength_drift.value.value() * 1e9;
    (nominal, drift * warmest.max(coldest).max(0.0))
}

/// Engines have fibres attached, pluggable modules a connector for all of theirs.
fn connector(engine: &Engine, lanes: usize) -> u8 {
    let fibres = 2 * lanes / engine.wavelengths_per_fibre.max(1) as usize;
    match engine.integration {
        Integration::Pluggable if fibres <= 12 => MPO_12,
        Integration::Pluggable => MPO_16,
        _ => OPTICAL_PIGTAIL,
    }
}

/// The least of 1, 2 and 4 with which a current fits its register; 4 where none does.
fn bias_multiplier(max_ma: f64) -> u8 {
    match max_ma / BIAS_RANGE_MA {
        ratio if ratio <= 1.0 => 1,
        ratio if ratio <= 2.0 => 2,
        _ => 4,
    }
}

/// Limits whose registers end at `most`: none where a warning lies beyond it, for then what is to be
/// watched does; an alarm comes at the end of the range at the latest.
fn within(limits: Limits, most: f64) -> Option<Limits> {
    (limits.high_warning < most).then(|| Limits {
        high_alarm: limits.high_alarm.min(most),
        ..limits
    })
}

fn bias_limits(of: &ManagedModule, laser: &Laser) -> Limits {
    let max_ma = laser.max_current.value.value() * 1e3;
    Limits {
        high_alarm: max_ma * of.bias_alarm.value.value(),
        low_alarm: max_ma * of.low_bias_alarm.value.value(),
        high_warning: max_ma * of.bias_warning.value.value(),
        low_warning: max_ma * of.low_bias_warning.value.value(),
    }
}

fn around_dbm(level: DbMilliwatts, warning: Decibels, alarm: Decibels) -> Limits {
    Limits {
        high_alarm: (level + alarm).value(),
        low_alarm: (level - alarm).value(),
        high_warning: (level + warning).value(),
        low_warning: (level - warning).value(),
    }
}

fn around_mw(level: DbMilliwatts, warning: Decibels, alarm: Decibels) -> Limits {
    let mw = |level: DbMilliwatts| level.to_watts().value() * 1e3;
    Limits {
        high_alarm: mw(level + alarm),
        low_alarm: mw(level - alarm),
        high_warning: mw(level + warning),
        low_warning: mw(level - warning),
    }
}

/// Thresholds of the age of a laser, percent.
fn age_limits(of: &ManagedModule) -> Option<Limits> {
    let warning = of.age_warning.as_ref()?.value.value();
    Some(Limits {
        high_alarm: 100.0,
        high_warning: warning * 100.0,
        low_alarm: f64::NEG_INFINITY,
        low_warning: f64::NEG_INFINITY,
    })
}

fn code_of(count: Option<u32>) -> u8 {
    u8::try_from(count.unwrap_or(0)).unwrap_or(u8::MAX)
}

fn optional_ns(time: Option<&Sourced<Seconds>>) -> u64 {
    time.map_or(0, |time| nanos(time.value))
}

/// Whole nanoseconds.
#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "descriptions hold times from zero to some hours"
)]
pub(crate) fn nanos(time: Seconds) -> u64 {
    (time.value() * 1e9).round() as u64
}

/// A serial number that stays the same as long as switch and part have their names: eight digits of a
/// digest, and as much of the part's name as there is room for.
fn serial(switch: &str, entity: &str, first_lane: u32) -> String {
    let digest = Sha256::digest(format!("{switch}/{entity}/{first_lane}"));
    let digits = u32::from_be_bytes([digest[0], digest[1], digest[2], digest[3]]);
    let name: String = entity.to_uppercase().chars().take(7).collect();
    format!("{digits:08X}-{name}")
}

trait LaserTemperature {
    fn laser_temperature(&self) -> Option<Limits>;
}

impl LaserTemperature for ManagedModule {
    /// Thresholds of its lasers: an alarm as far above the warning as for the case.
    fn laser_temperature(&self) -> Option<Limits> {
        let warning = self.laser_warning_temperature.as_ref()?.value.value();
        let apart =
            self.high_alarm_temperature.value.value() - self.high_warning_temperature.value.value();
        Some(Limits {
            high_alarm: warning + apart,
            low_alarm: self.low_alarm_temperature.value.value(),
            high_warning: warning,
            low_warning: self.low_warning_temperature.value.value(),
        })
    }
}
