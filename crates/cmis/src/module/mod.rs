//! A managed module: registers that behave.
//!
//! A [`Module`] is told what its sensors say ([`Module::observe`]) and how late it is
//! ([`Module::advance`]), answers a host ([`Registers`]) and says what it wants done
//! ([`Module::wanted`]). It knows no plant.

mod cdb;
mod diagnostics;
mod extension;
mod firmware;
mod flags;
mod identity;
mod lanes;
mod laser;
mod memory;
mod monitors;
mod path;
mod patterns;
mod power;
mod profile;
mod readings;
mod vdm;

use std::sync::Arc;

pub use cdb::CdbProfile;
pub use firmware::{
    DEFAULT_HOST_PASSWORD, HEADER_BYTES, Image, ImageError, Nonvolatile, SAVED_SETS, Version,
};
pub use lanes::{ConfigStatus, LANES};
pub use path::{PathDurations, PathState};
pub use power::{ModuleState, PowerDurations};
pub use profile::{
    Application, Diagnostics, Identity, LaserControl, LaserProfile, Limits, MediaLane, Patterns,
    Profile, Quirks, SignalIntegrity, Thresholds, VdmItem,
};
pub use readings::{
    FoundPattern, LaneReadings, LaneWanted, LaserReadings, LaserSetpoint, LaserWanted,
    LockReadings, Loopback, Readings, TestPattern, Wanted, ZoneReadings,
};

use self::cdb::Cdb;
use self::lanes::{Bank, LaneConfig, LaneControls, SI_BYTES, Staged};
use self::laser::Output;
use self::memory::{Foreign, Masks, Memory, Written};
use self::patterns::{Counts, Side};
use self::power::{Power, PowerInputs};
use self::vdm::Vdm;
use crate::access::{Nack, Registers};
use crate::address::{Address, HALF};
use crate::map::{lower, p10, p11};
use crate::register::{Feature, LOWER, Register};

/// More transitions than a module has at one instant.
const MOST_TRANSITIONS: usize = 1_000;

/// What modules of one kind share.
#[derive(Debug, Clone)]
pub struct Kind {
    profile: Arc<Profile>,
    masks: Arc<Masks>,
}

impl Kind {
    /// A kind of modules.
    pub fn new(mut profile: Profile) -> Self {
        profile.signal_integrity = profile.signal_integrity.of(profile.features);
        let masks = Arc::new(Masks::new(profile.features, profile.extension));
        Self {
            profile: Arc::new(profile),
            masks,
        }
    }

    /// What they are.
    pub fn profile(&self) -> &Profile {
        &self.profile
    }

    /// Says which pages, in how many banks, somebody else answers for in front of modules of this kind,
    /// as for those of a laser module in joint mode: hosts can select them.
    pub fn set_foreign_pages(&mut self, pages: &[u8], banks: u8) {
        Arc::make_mut(&mut self.masks).set_foreign(Foreign {
            pages: pages.to_vec(),
            banks,
        });
    }
}

/// A managed module.
#[derive(Debug, Clone)]
pub struct Module {
    profile: Arc<Profile>,
    masks: Arc<Masks>,
    memory: Memory,
    power: Power,
    banks: Vec<Bank>,
    readings: Readings,
    quirks: Quirks,
    /// Of the lanes of a laser module.
    outputs: Vec<Output>,
    /// Controls and masks of a laser module as they leave the factory.
    factory: [Vec<u8>; 2],
    vdm: Vdm,
    counts: Counts,
    cdb: Cdb,
    nonvolatile: Nonvolatile,
    /// The image that runs.
    running: usize,
    is_low_power_pin_set: bool,
    now_ns: u64,
    /// When something happens by itself.
    due_ns: Option<u64>,
    written: Vec<Written>,
}

impl Module {
    /// A module that has just got its supply, with what it has kept without it.
    pub fn new(kind: &Kind, nonvolatile: Nonvolatile, now_ns: u64) -> Self {
        let profile = Arc::clone(&kind.profile);
        let mut module = Self {
            memory: Memory::new(&kind.masks, profile.banks),
            masks: Arc::clone(&kind.masks),
            power: Power::starting(now_ns, &profile.power),
            banks: Vec::new(),
            readings: Readings::default(),
            quirks: Quirks::default(),
            outputs: Vec::new(),
            factory: [Vec::new(), Vec::new()],
            vdm: Vdm::default(),
            counts: Counts::default(),
            cdb: Cdb::default(),
            running: nonvolatile.boots(),
            nonvolatile,
            is_low_power_pin_set: false,
            now_ns,
            due_ns: None,
            written: Vec::new(),
            profile,
        };
        module.start();
        module
    }

    /// What it is.
    pub fn profile(&self) -> &Profile {
        &self.profile
    }

    /// Its state.
    pub const fn state(&self) -> ModuleState {
        self.power.state
    }

    /// The state of a lane's data path, over all banks.
    pub fn path_state(&self, lane: usize) -> Option<PathState> {
        let bank = self.banks.get(lane / LANES)?;
        Some(bank.state(lane % LANES))
    }

    /// Whether it asks for a host's attention.
    pub fn is_interrupting(&self) -> bool {
        self.power.state != ModuleState::Starting
            && !lower::INTERRUPT_DEASSERTED.flag(0, self.memory.half(0, LOWER))
    }

    /// As [`Kind::set_foreign_pages`], of this module alone.
    pub fn set_foreign_pages(&mut self, pages: &[u8], banks: u8) {
        Arc::make_mut(&mut self.masks).set_foreign(Foreign {
            pages: pages.to_vec(),
            banks,
        });
        self.memory.set_masks(&self.masks);
    }

    /// What a host would read now, of which nothing is cleared: a side door for those who look at a
    /// module without being its host.
    ///
    /// # Errors
    /// It does not answer, or these are bytes behind byte 255.
    pub fn peek(&self, from: Address, into: &mut [u8]) -> Result<(), Nack> {
        if !self.answers() {
            return Err(Nack);
        }
        self.memory.peek(from, into)
    }

    /// What it keeps without supply.
    pub const fn nonvolatile(&self) -> &Nonvolatile {
        &self.nonvolatile
    }

    /// Begins anew, as after a reset, with the committed image.
    pub fn reset(&mut self) {
        self.running = self.nonvolatile.boots();
        self.begin();
    }

    /// Begins anew with the image that is chosen.
    fn begin(&mut self) {
        self.cdb = Cdb::default();
        self.memory = Memory::new(&self.masks, self.profile.banks);
        self.power = Power::starting(self.now_ns, &self.profile.power);
        self.start();
    }

    /// Lets the module be odd; it stays so through resets.
    pub fn set_quirks(&mut self, quirks: Quirks) {
        self.quirks = quirks;
        for bank in &mut self.banks {
            bank.quirks = quirks;
        }
        self.settle();
    }

    /// How odd it is.
    pub const fn quirks(&self) -> Quirks {
        self.quirks
    }

    /// Sets the pin by which a host asks for low power.
    pub fn set_low_power_pin(&mut self, is_set: bool) {
        self.is_low_power_pin_set = is_set;
        self.settle();
    }

    /// Takes in what the sensors say.
    pub fn observe(&mut self, readings: &Readings) {
        let before = std::mem::replace(&mut self.readings, readings.clone());
        if self.power.state != ModuleState::Starting {
            self.show_monitors();
            self.latch_conditions();
            self.latch_lasers();
            self.sample();
            self.count();
            self.latch_patterns();
            self.show_extension(&before);
        }
        self.settle();
    }

    /// Lets time go on.
    pub fn advance(&mut self, now_ns: u64) {
        while let Some(due_ns) = self.due_ns.filter(|due_ns| *due_ns <= now_ns) {
            self.now_ns = self.now_ns.max(due_ns);
            self.settle();
        }
        self.now_ns = self.now_ns.max(now_ns);
    }

    /// When something happens by itself.
    pub const fn due_ns(&self) -> Option<u64> {
        self.due_ns
    }

    /// What it wants of the parts behind its registers.
    pub fn wanted(&self) -> Wanted {
        let is_full_power = matches!(
            self.power.state,
            ModuleState::PoweringUp | ModuleState::Ready
        );
        let lane = |lane: usize| {
            let (bank, lane) = (lane / LANES, lane % LANES);
            let state = self.banks[bank].state(lane);
            let control = |register: &Register| self.control(bank, register) >> lane & 1 != 0;
            let is_lit = matches!(state, PathState::TxTurnOn | PathState::Activated);
            LaneWanted {
                is_tx_on: is_lit && self.wants_light(bank, lane),
                is_rx_on: has_output(state) && !control(&p10::OUTPUT_DISABLE_RX),
                loopback: self.loopback(bank, lane),
                media_pattern: self.generated(Side::Media, bank, lane),
                host_pattern: self.generated(Side::Host, bank, lane),
                is_input_flipped: control(&p10::INPUT_POLARITY_FLIP_TX),
                is_output_flipped: control(&p10::OUTPUT_POLARITY_FLIP_RX),
            }
        };
        Wanted {
            is_full_power,
            lanes: (0..self.n_lanes()).map(lane).collect(),
            lasers: self.wanted_lasers(),
        }
    }

    /// Whether the output of a lane is off because the host says so, or because its input is silent.
    fn is_squelched(&self, bank: usize, lane: usize) -> bool {
        let bit = |register: &Register| self.control(bank, register) >> lane & 1 != 0;
        let is_silent = self
            .readings
            .lanes
            .get(bank * LANES + lane)
            .is_some_and(|of| !of.has_host_signal);
        // What it makes itself, or sends back, needs no input.
        let needs_input = self.generated(Side::Media, bank, lane).is_none()
            && !matches!(
                self.loopback(bank, lane),
                Loopback::MediaInput | Loopback::HostOutput
            );
        let is_silent = is_silent && needs_input;
        bit(&p10::OUTPUT_SQUELCH_FORCE_TX) || is_silent && !bit(&p10::AUTO_SQUELCH_DISABLE_TX)
    }

    fn n_lanes(&self) -> usize {
        usize::from(self.profile.lanes).min(self.banks.len() * LANES)
    }

    /// The lanes of a bank that are in use, one bit each.
    fn lanes_of(&self, bank: usize) -> u8 {
        let n = usize::from(self.profile.lanes).saturating_sub(bank * LANES);
        u8::try_from((1_u16 << n.min(LANES)) - 1).expect("eight lanes")
    }

    fn has(&self, feature: Feature) -> bool {
        self.profile.features.has(feature)
    }

    /// A byte of control of a bank; zero of a module without data paths.
    fn control(&self, bank: usize, register: &Register) -> u8 {
        if self.has(Feature::DataPaths) {
            self.memory.byte(bank_number(bank), register)
        } else {
            0
        }
    }

    /// Whether a host gets an answer.
    fn answers(&self) -> bool {
        self.power.state != ModuleState::Starting && !self.is_silent()
    }

    /// Fills in everything that does not depend on what happens.
    fn start(&mut self) {
        let n_banks = if self.has(Feature::DataPaths) {
            usize::from(self.profile.banks.max(1))
        } else {
            0
        };
        self.banks = (0..n_banks)
            .map(|bank| {
                let profile = &self.profile;
                Bank::new(
                    &profile.applications,
                    self.lanes_of(bank),
                    &profile.signal_integrity,
                )
            })
            .collect();
        for bank in &mut self.banks {
            bank.quirks = self.quirks;
        }
        identity::fill(&self.profile, &mut self.memory);
        self.fill_commands();
        self.fill_lasers();
        self.fill_vdm();
        self.fill_diagnostics();
        self.fill_extension();
        self.remember_factory();
        self.show_firmware();
        identity::sum_up(&mut self.memory);
        for (number, bank) in self.banks.iter().enumerate() {
            let staged = self.memory.half_mut(bank_number(number), 0x10);
            for (lane, config) in bank.active.iter().enumerate() {
                for first in SETS.map(|set| at(set.config)) {
                    staged[first + lane] = config.0;
                }
            }
            for first in SETS.map(|set| at(set.signal_integrity)) {
                staged[first..first + SI_BYTES].copy_from_slice(&bank.si);
            }
        }
        self.settle();
    }

    /// Lets everything happen that happens at this instant, and shows it.
    fn settle(&mut self) {
        for _ in 0..MOST_TRANSITIONS {
            if !self.go_on() {
                break;
            }
        }
        let now_ns = self.now_ns;
        let banks = self.banks.iter().filter_map(|bank| bank.due_ns(now_ns));
        // What waits for an input and not for time is looked at when the input comes.
        let power = self.power.due_ns();
        let commands = self.cdb.due_ns(now_ns);
        let ramps = self.ramps_until_ns(now_ns);
        self.due_ns = banks
            .chain(power)
            .chain(ramps)
            .chain(self.vdm.due_ns(now_ns))
            .chain(commands)
            .filter(|due| *due > now_ns)
            .min();
        self.show_state();
        self.show_lasers();
        self.summarize();
    }

    /// Goes on by one state of everything. Whether anything did.
    fn go_on(&mut self) -> bool {
        if self.run_commands() || self.freeze() {
            return true;
        }
        let is_low_power_asked = self.is_low_power_asked();
        let inputs = PowerInputs {
            is_low_power_asked,
            are_paths_down: self.banks.iter().all(Bank::are_paths_down),
            is_powered: self.readings.is_powered,
            is_faulty: self.readings.fault != 0,
        };
        let before = self.power.state;
        let has_gone = self.power.go_on(self.now_ns, inputs, &self.profile.power);
        if has_gone {
            self.enter(before);
        }
        let mut has_changed = has_gone | self.drive_lasers();
        for number in 0..self.banks.len() {
            let controls = self.lane_controls(number);
            let (arrived, has_moved) = self.banks[number].go_on(
                self.now_ns,
                controls,
                &self.profile.signal_integrity,
                &self.profile.paths,
            );
            if arrived != 0 {
                self.latch(number, &p11::DP_STATE_CHANGED_FLAG, arrived);
            }
            has_changed |= has_moved;
        }
        has_changed
    }

    /// Whether a host asks for low power, by a register or by the pin that it lets count.
    fn is_low_power_asked(&self) -> bool {
        let lower = self.memory.half(0, LOWER);
        lower::LOW_PWR_REQUEST_SW.flag(0, lower)
            || lower::LOW_PWR_ALLOW_REQUEST_HW.flag(0, lower) && self.is_low_power_pin_set
    }

    /// What the lanes of a bank shall do.
    fn lane_controls(&self, bank: usize) -> LaneControls {
        LaneControls {
            deinit: self.control(bank, &p10::DP_DEINIT_LANE),
            tx_disable: self.control(bank, &p10::OUTPUT_DISABLE_TX),
            tx_force_squelch: self.control(bank, &p10::OUTPUT_SQUELCH_FORCE_TX),
            is_module_ready: self.power.state == ModuleState::Ready && !self.is_low_power_asked(),
        }
    }

    /// The module has come to another state.
    fn enter(&mut self, before: ModuleState) {
        if before == ModuleState::Starting {
            self.show_monitors();
        } else if self.power.state.is_steady() {
            let lower = self.memory.half_mut(0, LOWER);
            lower::MODULE_STATE_CHANGED_FLAG.put_flag(0, lower, true);
        }
        if self.power.state == ModuleState::Fault {
            let cause = u64::from(self.readings.fault);
            lower::MODULE_FAULT_CAUSE.put_raw(0, self.memory.half_mut(0, LOWER), cause);
        }
    }

    /// Sets latched flags of a bank.
    fn latch(&mut self, bank: usize, register: &Register, lanes: u8) {
        let number = bank_number(bank);
        let byte = self.memory.byte(number, register);
        self.memory.put_byte(number, register, byte | lanes);
    }

    /// Shows the states of module and data paths.
    fn show_state(&mut self) {
        let state = u64::from(self.power.state.code());
        lower::MODULE_STATE.put_raw(0, self.memory.half_mut(0, LOWER), state);
        for number in 0..self.banks.len() {
            let (tx_valid, rx_valid) = self.valid_outputs(number);
            let bank = &self.banks[number];
            let half = self.memory.half_mut(bank_number(number), 0x11);
            for lane in 0..LANES {
                let state = u64::from(bank.state(lane).code());
                p11::DP_STATE_HOST_LANE.put_raw(lane, half, state);
                p11::CONFIG_STATUS_LANE.put_raw(lane, half, bank.status[lane] as u64);
                half[at(&p11::APP_SEL_CODE) + lane] = bank.active[lane].0;
            }
            half[SI_ACTIVE..SI_ACTIVE + SI_BYTES].copy_from_slice(&bank.si);
            let is_hidden = self.quirks.hides_pending;
            half[at(&p11::DP_INIT_PENDING_LANE)] = if is_hidden { 0 } else { bank.init_pending };
            half[at(&p11::OUTPUT_STATUS_TX)] = tx_valid;
            let before = std::mem::replace(&mut half[at(&p11::OUTPUT_STATUS_RX)], rx_valid);
            half[at(&p11::OUTPUT_STATUS_CHANGED_FLAG_RX)] |= before ^ rx_valid;
        }
    }

    /// The lanes of a bank that give light, and those whose electrical output carries data.
    fn valid_outputs(&self, bank: usize) -> (u8, u8) {
        let (mut tx, mut rx) = (0, 0);
        let disabled = self.control(bank, &p10::OUTPUT_DISABLE_RX);
        let unsquelched = self.control(bank, &p10::AUTO_SQUELCH_DISABLE_RX);
        for lane in 0..LANES {
            let state = self.banks[bank].state(lane);
            let of = self.readings.lanes.get(bank * LANES + lane);
            let is_lit = state == PathState::Activated && self.wants_light(bank, lane);
            let is_shining = is_lit && of.is_some_and(|of| of.is_tx_on);
            let is_made_here = self.generated(Side::Host, bank, lane).is_some()
                || self.loopback(bank, lane) == Loopback::HostInput;
            let hears = of.is_some_and(|of| of.has_media_signal)
                || unsquelched >> lane & 1 != 0
                || is_made_here;
            let has_output = has_output(state) && hears && disabled >> lane & 1 == 0;
            tx |= u8::from(is_shining) << lane;
            rx |= u8::from(has_output) << lane;
        }
        (tx, rx)
    }

    /// Acts upon what a host has written.
    fn act(&mut self) {
        let written = std::mem::take(&mut self.written);
        for of in &written {
            let bank = usize::from(of.bank);
            match (of.page, of.byte) {
                (LOWER, 26) if of.data >> 3 & 1 != 0 => {
                    self.reset();
                    break;
                }
                (0x10, byte) => {
                    self.refuse_polarity(of.bank);
                    for set in &SETS {
                        if byte == set.apply.byte || byte == set.apply_immediate.byte {
                            let is_immediate = byte == set.apply_immediate.byte;
                            self.apply(bank, set, of.data, is_immediate);
                        }
                    }
                }
                (0x9F, cdb::TRIGGER) => self.start_command(),
                (0x1A | 0x1B, _) => self.act_on_lasers(*of),
                (0x13, byte) => self.act_on_diagnostics(of.bank, byte),
                (0x14, _) => self.show_results(bank),
                (0x2F, _) => self.ask_freeze(bank),
                _ => {}
            }
        }
        self.enter_passwords(&written);
        self.limit_setpoints();
        self.written = written;
        self.written.clear();
        self.settle();
    }

    /// Acts upon what a host has written to test the module.
    fn act_on_diagnostics(&mut self, bank: u8, byte: u8) {
        match byte {
            144..=177 => self.act_on_patterns(bank),
            180..=183 => self.refuse_loopbacks(bank),
            _ => {}
        }
    }

    /// Clears what a host has written to swap wires that cannot be swapped.
    fn refuse_polarity(&mut self, bank: u8) {
        if self.profile.flips_polarity {
            return;
        }
        for register in [&p10::INPUT_POLARITY_FLIP_TX, &p10::OUTPUT_POLARITY_FLIP_RX] {
            self.memory.put_byte(bank, register, 0);
        }
    }

    /// Applies a staged set to lanes of a bank.
    fn apply(&mut self, bank: usize, set: &ControlSet, lanes: u8, is_immediate: bool) {
        let half = self.memory.half(bank_number(bank), 0x10);
        let first = at(set.signal_integrity);
        let mut si = [0; SI_BYTES];
        si.copy_from_slice(&half[first..first + SI_BYTES]);
        let lane = |lane: usize| LaneConfig(half[at(set.config) + lane]);
        let staged = Staged {
            lanes: lanes & self.lanes_of(bank),
            config: std::array::from_fn(lane),
            si,
            is_immediate,
        };
        let controls = self.lane_controls(bank);
        let profile = &self.profile;
        self.banks[bank].apply(
            staged,
            controls,
            &profile.applications,
            &profile.signal_integrity,
            self.now_ns,
            &profile.paths,
        );
    }
}

/// Where the parts of a staged control set begin.
#[derive(Clone, Copy)]
struct ControlSet {
    apply: &'static Register,
    apply_immediate: &'static Register,
    config: &'static Register,
    signal_integrity: &'static Register,
}

const SETS: [ControlSet; 2] = [
    ControlSet {
        apply: &p10::SCS0_APPLY_DP_INIT,
        apply_immediate: &p10::SCS0_APPLY_IMMEDIATE,
        config: &p10::SCS0_APP_SEL_CODE,
        signal_integrity: &p10::SCS0_ADAPTIVE_INPUT_EQ_ENABLE_TX,
    },
    ControlSet {
        apply: &p10::SCS1_APPLY_DP_INIT,
        apply_immediate: &p10::SCS1_APPLY_IMMEDIATE,
        config: &p10::SCS1_APP_SEL_CODE,
        signal_integrity: &p10::SCS1_ADAPTIVE_INPUT_EQ_ENABLE_TX,
    },
];

/// Where signal integrity stands in the active set.
const SI_ACTIVE: usize = p11::ADAPTIVE_INPUT_EQ_ENABLE_TX.byte as usize - HALF;

/// Whether the electrical output of a data path carries data.
const fn has_output(state: PathState) -> bool {
    matches!(
        state,
        PathState::Initialized | PathState::TxTurnOn | PathState::Activated | PathState::TxTurnOff
    )
}

/// Where a register begins in its half.
const fn at(register: &Register) -> usize {
    register.byte as usize % HALF
}

impl Registers for Module {
    fn read(&mut self, from: Address, into: &mut [u8]) -> Result<(), Nack> {
        if !self.answers() {
            return Err(Nack);
        }
        if self.memory.read(from, into)? {
            self.show_lasers();
            self.summarize();
        }
        Ok(())
    }

    fn write(&mut self, from: Address, data: &[u8]) -> Result<(), Nack> {
        if !self.answers() {
            return Err(Nack);
        }
        self.memory.write(from, data, &mut self.written)?;
        self.act();
        Ok(())
    }
}

fn bank_number(bank: usize) -> u8 {
    u8::try_from(bank).expect("a bank of 255")
}
