//! Test patterns: generators, checkers, and what these count.
//!
//! A checker holds lock while its input finds the pattern that is selected for it, inverted as is
//! selected, and there is a signal. It counts while it holds lock and flags the loss of lock otherwise.
//!
//! # Source
//! CMIS 5.2, pages 13h and 14h, as public clients use them; which selector shows what is theirs.

use super::{FoundPattern, LANES, LaneReadings, Module, TestPattern, at, bank_number};
use crate::codec::Half;
use crate::map::{p13, p14};
use crate::register::{Feature, Register};

const CONTROLS: u16 = 0x13;
const RESULTS: u16 = 0x14;

/// Where the bytes that a selector chooses begin.
const DATA: usize = 64;

/// A side of the module.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Side {
    Host,
    Media,
}

const SIDES: [Side; 2] = [Side::Host, Side::Media];

/// The registers of the generators, or of the checkers, of a side.
struct Unit {
    patterns: &'static Register,
    enable: &'static Register,
    invert: &'static Register,
    swap: &'static Register,
    fec: &'static Register,
    select: &'static Register,
    can_invert: &'static Register,
    is_per_lane: &'static Register,
    before_fec: &'static Register,
}

/// By side.
const GENERATORS: [Unit; 2] = [
    Unit {
        patterns: &p13::HOST_SIDE_GENERATOR_PATTERNS,
        enable: &p13::HOST_SIDE_GENERATOR_ENABLE,
        invert: &p13::HOST_SIDE_GENERATOR_DATA_INVERT,
        swap: &p13::HOST_SIDE_GENERATOR_SWAP_SYMBOL_BITS,
        fec: &p13::HOST_SIDE_GENERATOR_FEC_SELECT,
        select: &p13::HOST_SIDE_GENERATOR_PATTERN_SELECT,
        can_invert: &p13::HOST_SIDE_GENERATOR_DATA_INVERT_SUPPORTED,
        is_per_lane: &p13::HOST_SIDE_GENERATOR_PER_LANE,
        before_fec: &p13::PRBS_GENERATOR_HOST_SIDE_PRE_FEC_SUPPORTED,
    },
    Unit {
        patterns: &p13::MEDIA_SIDE_GENERATOR_PATTERNS,
        enable: &p13::MEDIA_SIDE_GENERATOR_ENABLE,
        invert: &p13::MEDIA_SIDE_GENERATOR_DATA_INVERT,
        swap: &p13::MEDIA_SIDE_GENERATOR_SWAP_SYMBOL_BITS,
        fec: &p13::MEDIA_SIDE_GENERATOR_FEC_SELECT,
        select: &p13::MEDIA_SIDE_GENERATOR_PATTERN_SELECT,
        can_invert: &p13::MEDIA_SIDE_GENERATOR_DATA_INVERT_SUPPORTED,
        is_per_lane: &p13::MEDIA_SIDE_GENERATOR_PER_LANE,
        before_fec: &p13::PRBS_GENERATOR_MEDIA_SIDE_PRE_FEC_SUPPORTED,
    },
];

/// By side.
const CHECKERS: [Unit; 2] = [
    Unit {
        patterns: &p13::HOST_SIDE_CHECKER_PATTERNS,
        enable: &p13::HOST_SIDE_CHECKER_ENABLE,
        invert: &p13::HOST_SIDE_CHECKER_DATA_INVERT,
        swap: &p13::HOST_SIDE_CHECKER_SWAP_SYMBOL_BITS,
        fec: &p13::HOST_SIDE_CHECKER_FEC_SELECT,
        select: &p13::HOST_SIDE_CHECKER_PATTERN_SELECT,
        can_invert: &p13::HOST_SIDE_CHECKER_DATA_INVERT_SUPPORTED,
        is_per_lane: &p13::HOST_SIDE_CHECKER_PER_LANE,
        before_fec: &p13::PRBS_CHECKER_HOST_SIDE_PRE_FEC_SUPPORTED,
    },
    Unit {
        patterns: &p13::MEDIA_SIDE_CHECKER_PATTERNS,
        enable: &p13::MEDIA_SIDE_CHECKER_ENABLE,
        invert: &p13::MEDIA_SIDE_CHECKER_DATA_INVERT,
        swap: &p13::MEDIA_SIDE_CHECKER_SWAP_SYMBOL_BITS,
        fec: &p13::MEDIA_SIDE_CHECKER_FEC_SELECT,
        select: &p13::MEDIA_SIDE_CHECKER_PATTERN_SELECT,
        can_invert: &p13::MEDIA_SIDE_CHECKER_DATA_INVERT_SUPPORTED,
        is_per_lane: &p13::MEDIA_SIDE_CHECKER_PER_LANE,
        before_fec: &p13::PRBS_CHECKER_MEDIA_SIDE_PRE_FEC_SUPPORTED,
    },
];

/// By side: what generators, and checkers, flag when they have no lock.
const GENERATOR_FLAGS: [&Register; 2] = [
    &p14::PATTERN_GENERATOR_LOL_FLAG_HOST,
    &p14::PATTERN_GENERATOR_LOL_FLAG_MEDIA,
];
const CHECKER_FLAGS: [&Register; 2] = [
    &p14::PATTERN_CHECKER_LOL_FLAG_HOST,
    &p14::PATTERN_CHECKER_LOL_FLAG_MEDIA,
];

impl Unit {
    /// The pattern that is selected for a lane, where it is enabled and the module knows it.
    fn chosen(&self, lane: usize, half: &Half) -> Option<TestPattern> {
        let code = self.select.raw_of(lane, half);
        let is_known = self.patterns.raw_of(0, half) >> code & 1 != 0;
        let is_on = self.enable.flag(lane, half);
        let code = u8::try_from(code).ok()?;
        (is_on && is_known).then(|| TestPattern {
            code,
            is_inverted: self.invert.flag(lane, half),
        })
    }

    /// Says what it can do.
    fn fill(&self, patterns: u16, half: &mut Half) {
        let is_there = patterns != 0;
        self.patterns.put_raw(0, half, u64::from(patterns));
        self.can_invert.put_flag(0, half, is_there);
        self.is_per_lane
            .put_raw(0, half, if is_there { 3 } else { 0 });
        self.before_fec.put_flag(0, half, is_there);
    }

    /// Clears what a host has written and the module cannot do: bits that are swapped, patterns
    /// behind error correction, and patterns that it does not know.
    fn refuse(&self, half: &mut Half) {
        let patterns = self.patterns.raw_of(0, half);
        half[at(self.swap)] = 0;
        if patterns == 0 {
            for register in [self.enable, self.invert, self.fec] {
                half[at(register)] = 0;
            }
        }
        for lane in 0..LANES {
            let code = self.select.raw_of(lane, half);
            if patterns >> code & 1 == 0 {
                self.select.put_raw(lane, half, 0);
            }
        }
    }
}

/// What a checker has counted.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
struct Count {
    bits: f64,
    errors: f64,
}

/// Counts of all lanes, by side.
#[derive(Debug, Clone, PartialEq, Default)]
pub(super) struct Counts {
    of: [Vec<Count>; 2],
    /// Checkers that ran when a host wrote last, by side and bank.
    running: [Vec<u8>; 2],
    /// Up to when they go.
    until_ns: u64,
}

impl Module {
    /// Says which patterns it can send and find.
    pub(super) fn fill_patterns(&mut self) {
        let n_banks = usize::from(self.profile.banks.max(1));
        let counts = || vec![Count::default(); n_banks * LANES];
        self.counts = Counts {
            of: [counts(), counts()],
            running: [vec![0; n_banks], vec![0; n_banks]],
            until_ns: self.now_ns,
        };
        let Some(of) = self
            .profile
            .diagnostics
            .filter(|_| self.has(Feature::Diagnostics))
        else {
            return;
        };
        let retimers = [Feature::HostRetimer, Feature::MediaRetimer].map(|of| self.has(of));
        let known = |side: usize, patterns: u16| if retimers[side] { patterns } else { 0 };
        let patterns = of.patterns;
        for bank in 0..self.profile.banks.max(1) {
            let half = self.memory.half_mut(bank, CONTROLS);
            GENERATORS[0].fill(known(0, patterns.host_generator), half);
            GENERATORS[1].fill(known(1, patterns.media_generator), half);
            CHECKERS[0].fill(known(0, patterns.host_checker), half);
            CHECKERS[1].fill(known(1, patterns.media_checker), half);
            let counts = CHECKERS.iter().any(|of| of.patterns.raw_of(0, half) != 0);
            p13::BITS_AND_ERRORS_COUNTING_SUPPORTED.put_flag(0, half, counts);
        }
    }

    /// The pattern that a lane sends towards a side in place of data.
    pub(super) fn generated(&self, side: Side, bank: usize, lane: usize) -> Option<TestPattern> {
        if !self.has(Feature::Diagnostics) {
            return None;
        }
        let half = self.memory.half(bank_number(bank), CONTROLS);
        GENERATORS[side as usize].chosen(lane, half)
    }

    /// Whether the checker of a lane finds what is selected for it.
    fn is_locked(&self, side: Side, bank: usize, lane: usize) -> bool {
        let half = self.memory.half(bank_number(bank), CONTROLS);
        let Some(chosen) = CHECKERS[side as usize].chosen(lane, half) else {
            return false;
        };
        let of = self.readings.lanes.get(bank * LANES + lane);
        let of = of.copied().unwrap_or_default();
        let (found, has_signal) = match side {
            Side::Host => (of.host_pattern, of.has_host_signal),
            Side::Media => (of.media_pattern, of.has_media_signal),
        };
        has_signal && found == FoundPattern::Pattern(chosen)
    }

    /// Acts upon what a host has written to make or check patterns.
    pub(super) fn act_on_patterns(&mut self, number: u8) {
        if !self.has(Feature::Diagnostics) {
            return;
        }
        // Up to now checkers have run as they did.
        self.count();
        let bank = usize::from(number);
        let half = self.memory.half_mut(number, CONTROLS);
        for unit in GENERATORS.iter().chain(&CHECKERS) {
            unit.refuse(half);
        }
        let is_reset = p13::RESET_ERROR_INFORMATION.flag(0, half);
        let enabled = [CHECKERS[0].enable, CHECKERS[1].enable].map(|of| half[at(of)]);
        for (side, enabled) in enabled.into_iter().enumerate() {
            let before = std::mem::replace(&mut self.counts.running[side][bank], enabled);
            // A checker that starts begins with nothing.
            let anew = if is_reset { u8::MAX } else { enabled & !before };
            for lane in (0..LANES).filter(|lane| anew >> lane & 1 != 0) {
                self.counts.of[side][bank * LANES + lane] = Count::default();
            }
        }
        self.show_results(bank);
    }

    /// Counts bits and errors of checkers that hold lock, since the last time, and shows what the
    /// selectors choose.
    pub(super) fn count(&mut self) {
        let Some(of) = self
            .profile
            .diagnostics
            .filter(|_| self.has(Feature::Diagnostics))
        else {
            return;
        };
        let bits = (self.now_ns - self.counts.until_ns) as f64 * 1e-9 * of.bit_rate_hz;
        self.counts.until_ns = self.now_ns;
        for bank in 0..self.banks.len() {
            let half = self.memory.half(bank_number(bank), CONTROLS);
            // Counts stay at zero while they are reset.
            let is_reset = p13::RESET_ERROR_INFORMATION.flag(0, half);
            for side in SIDES.into_iter().filter(|_| !is_reset) {
                let running = self.counts.running[side as usize][bank];
                for lane in (0..LANES).filter(|lane| running >> lane & 1 != 0) {
                    let number = bank * LANES + lane;
                    let of = self.readings.lanes.get(number).copied().unwrap_or_default();
                    let ratio = match side {
                        Side::Host => of.host_ber,
                        Side::Media => of.media_ber,
                    };
                    if let Some(ratio) = ratio.filter(|_| self.is_locked(side, bank, lane)) {
                        let count = &mut self.counts.of[side as usize][number];
                        count.bits += bits;
                        count.errors += bits * ratio;
                    }
                }
            }
            self.show_results(bank);
        }
    }

    /// Latches the flags of generators and checkers that have no lock. Generators hold theirs while
    /// there is power.
    pub(super) fn latch_patterns(&mut self) {
        if !self.has(Feature::Diagnostics) {
            return;
        }
        for bank in 0..self.banks.len() {
            for side in SIDES {
                let running = self.counts.running[side as usize][bank];
                let lost = (0..LANES)
                    .filter(|lane| running >> lane & 1 != 0)
                    .filter(|lane| !self.is_locked(side, bank, *lane))
                    .fold(0, |lost, lane| lost | 1 << lane);
                self.latch(bank, CHECKER_FLAGS[side as usize], lost);
                if !self.readings.is_powered {
                    let register = GENERATORS[side as usize].enable;
                    let enabled = self.memory.byte(bank_number(bank), register);
                    self.latch(bank, GENERATOR_FLAGS[side as usize], enabled);
                }
            }
        }
    }

    /// The error ratio of a lane, where its receiver has one: that of a checker without lock is none.
    fn shown_ratio(&self, side: Side, bank: usize, lane: usize) -> Option<f64> {
        let of = self.readings.lanes.get(bank * LANES + lane)?;
        let ratio = match side {
            Side::Host => of.host_ber,
            Side::Media => of.media_ber,
        };
        let is_running = self.counts.running[side as usize][bank] >> lane & 1 != 0;
        ratio.filter(|_| !is_running || self.is_locked(side, bank, lane))
    }

    /// Shows what the selector of a bank chooses.
    pub(super) fn show_results(&mut self, bank: usize) {
        if !self.has(Feature::Diagnostics) {
            return;
        }
        let (host, media) = (
            self.has(Feature::HostRetimer),
            self.has(Feature::MediaRetimer),
        );
        let of_bank = bank * LANES..(bank + 1) * LANES;
        let lanes: Vec<LaneReadings> = of_bank
            .clone()
            .map(|lane| self.readings.lanes.get(lane).copied().unwrap_or_default())
            .collect();
        let ratios = SIDES.map(|side| -> [Option<f64>; LANES] {
            std::array::from_fn(|lane| self.shown_ratio(side, bank, lane))
        });
        let counts = SIDES.map(|side| &self.counts.of[side as usize][of_bank.clone()]);
        let half = self.memory.half_mut(bank_number(bank), RESULTS);
        let selector = half[at(&p14::DIAGNOSTICS_SELECTOR)];
        half[DATA..].fill(0);
        let mut each = |register: &Register, is_there: bool, of: &dyn Fn(usize) -> Option<f64>| {
            for lane in (0..LANES).filter(|_| is_there) {
                register.put_number(lane, half, of(lane).unwrap_or(0.0));
            }
        };
        match selector {
            1 => {
                each(&p14::BIT_ERROR_RATIO_HOST, host, &|lane| ratios[0][lane]);
                each(&p14::BIT_ERROR_RATIO_MEDIA, media, &|lane| ratios[1][lane]);
            }
            6 => {
                each(&p14::SNR_HOST, host, &|lane| lanes[lane].host_snr_db);
                each(&p14::SNR_MEDIA, media, &|lane| lanes[lane].media_snr_db);
            }
            2 | 3 if host => put_counts(half, &counts[0][usize::from(selector - 2) * 4..]),
            4 | 5 if media => put_counts(half, &counts[1][usize::from(selector - 4) * 4..]),
            _ => {}
        }
    }
}

/// Counts of four lanes.
fn put_counts(half: &mut Half, counts: &[Count]) {
    for (lane, of) in counts.iter().take(4).enumerate() {
        p14::ERROR_COUNT.put_number(lane, half, of.errors.floor());
        p14::TOTAL_BITS_COUNT.put_number(lane, half, of.bits.floor());
    }
}
