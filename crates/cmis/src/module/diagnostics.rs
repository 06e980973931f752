//! Loopbacks, patterns, and counts of errors.
//!
//! # Source
//! CMIS 5.2, pages 13h and 14h, as public clients use them; which selector shows what is theirs.

use super::{LANES, LaneReadings, Loopback, Module, at, bank_number};
use crate::codec::Half;
use crate::map::{p13, p14};
use crate::register::{Feature, Register};

const CONTROLS: u16 = 0x13;
const RESULTS: u16 = 0x14;

/// Where the bytes that a selector chooses begin.
const DATA: usize = 64;

/// What a checker has counted.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
struct Count {
    bits: f64,
    errors: f64,
}

/// Counts of all lanes, host and media.
#[derive(Debug, Clone, PartialEq, Default)]
pub(super) struct Counts {
    host: Vec<Count>,
    media: Vec<Count>,
    /// Up to when they go.
    until_ns: u64,
}

impl Module {
    /// Says how the module can test itself.
    pub(super) fn fill_diagnostics(&mut self) {
        let n = usize::from(self.profile.banks.max(1)) * LANES;
        self.counts = Counts {
            host: vec![Count::default(); n],
            media: vec![Count::default(); n],
            until_ns: self.now_ns,
        };
        let Some(of) = self
            .profile
            .diagnostics
            .filter(|_| self.has(Feature::Diagnostics))
        else {
            return;
        };
        let (host, media) = (
            self.has(Feature::HostRetimer),
            self.has(Feature::MediaRetimer),
        );
        for bank in 0..self.profile.banks.max(1) {
            let half = self.memory.half_mut(bank, CONTROLS);
            half[at(&p13::MEDIA_SIDE_OUTPUT_LOOPBACK_SUPPORTED)] = of.loopbacks;
            for (register, is_so) in [
                (&p13::MEDIA_SIDE_INPUT_SNR_SUPPORTED, media),
                (&p13::HOST_SIDE_INPUT_SNR_SUPPORTED, host && of.has_host_snr),
                (&p13::BITS_AND_ERRORS_COUNTING_SUPPORTED, host || media),
                (&p13::BIT_ERROR_RATIO_RESULTS_SUPPORTED, host || media),
                (&p13::PRBS_GENERATOR_MEDIA_SIDE_PRE_FEC_SUPPORTED, media),
                (&p13::PRBS_CHECKER_MEDIA_SIDE_PRE_FEC_SUPPORTED, media),
                (&p13::PRBS_GENERATOR_HOST_SIDE_PRE_FEC_SUPPORTED, host),
                (&p13::PRBS_CHECKER_HOST_SIDE_PRE_FEC_SUPPORTED, host),
            ] {
                register.put_flag(0, half, is_so);
            }
            for (register, is_so) in [
                (&p13::HOST_SIDE_GENERATOR_PATTERNS, host),
                (&p13::HOST_SIDE_CHECKER_PATTERNS, host),
                (&p13::MEDIA_SIDE_GENERATOR_PATTERNS, media),
                (&p13::MEDIA_SIDE_CHECKER_PATTERNS, media),
            ] {
                let patterns = if is_so { of.patterns } else { 0 };
                register.put_raw(0, half, u64::from(patterns));
            }
        }
    }

    /// Where a lane turns its signal back. A loopback that the module cannot do is none, and of two the
    /// one nearer to the fibre counts.
    pub(super) fn loopback(&self, bank: usize, lane: usize) -> Loopback {
        if !self.has(Feature::Diagnostics) {
            return Loopback::None;
        }
        let half = self.memory.half(bank_number(bank), CONTROLS);
        [
            (
                &p13::MEDIA_SIDE_OUTPUT_LOOPBACK_SUPPORTED,
                &p13::MEDIA_SIDE_OUTPUT_LOOPBACK_ENABLE,
                Loopback::MediaOutput,
            ),
            (
                &p13::MEDIA_SIDE_INPUT_LOOPBACK_SUPPORTED,
                &p13::MEDIA_SIDE_INPUT_LOOPBACK_ENABLE,
                Loopback::MediaInput,
            ),
            (
                &p13::HOST_SIDE_OUTPUT_LOOPBACK_SUPPORTED,
                &p13::HOST_SIDE_OUTPUT_LOOPBACK_ENABLE,
                Loopback::HostOutput,
            ),
            (
                &p13::HOST_SIDE_INPUT_LOOPBACK_SUPPORTED,
                &p13::HOST_SIDE_INPUT_LOOPBACK_ENABLE,
                Loopback::HostInput,
            ),
        ]
        .into_iter()
        .find(|(supported, enable, _)| supported.flag(0, half) && enable.flag(lane, half))
        .map_or(Loopback::None, |(_, _, loopback)| loopback)
    }

    /// Clears what a host has written to ask for a loopback that the module cannot do.
    pub(super) fn refuse_loopbacks(&mut self, bank: u8) {
        if !self.has(Feature::Diagnostics) {
            return;
        }
        let half = self.memory.half_mut(bank, CONTROLS);
        for (supported, enable) in [
            (
                &p13::MEDIA_SIDE_OUTPUT_LOOPBACK_SUPPORTED,
                &p13::MEDIA_SIDE_OUTPUT_LOOPBACK_ENABLE,
            ),
            (
                &p13::MEDIA_SIDE_INPUT_LOOPBACK_SUPPORTED,
                &p13::MEDIA_SIDE_INPUT_LOOPBACK_ENABLE,
            ),
            (
                &p13::HOST_SIDE_OUTPUT_LOOPBACK_SUPPORTED,
                &p13::HOST_SIDE_OUTPUT_LOOPBACK_ENABLE,
            ),
            (
                &p13::HOST_SIDE_INPUT_LOOPBACK_SUPPORTED,
                &p13::HOST_SIDE_INPUT_LOOPBACK_ENABLE,
            ),
        ] {
            if !supported.flag(0, half) {
                half[at(enable)] = 0;
            }
        }
    }

    /// Counts bits and errors of checkers that run, since the last time, and shows what the selectors
    /// choose.
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
            let [host, media] = [
                &p13::HOST_SIDE_CHECKER_ENABLE,
                &p13::MEDIA_SIDE_CHECKER_ENABLE,
            ]
            .map(|register| half[at(register)]);
            for lane in 0..LANES {
                let number = bank * LANES + lane;
                let of = self.readings.lanes.get(number).copied().unwrap_or_default();
                for (is_on, counts, ratio) in [
                    (host >> lane & 1 != 0, &mut self.counts.host, of.host_ber),
                    (media >> lane & 1 != 0, &mut self.counts.media, of.media_ber),
                ] {
                    if let Some(ratio) = ratio.filter(|_| is_on) {
                        counts[number].bits += bits;
                        counts[number].errors += bits * ratio;
                    }
                }
            }
            self.show_results(bank);
        }
    }

    /// A host has started a checker anew, or asked for zero counts.
    pub(super) fn reset_counts(&mut self, bank: usize, lanes: u8, side: Side) {
        let counts = match side {
            Side::Host => &mut self.counts.host,
            Side::Media => &mut self.counts.media,
        };
        for lane in (0..LANES).filter(|lane| lanes >> lane & 1 != 0) {
            counts[bank * LANES + lane] = Count::default();
        }
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
        let counts = (
            &self.counts.host[of_bank.clone()],
            &self.counts.media[of_bank],
        );
        let half = self.memory.half_mut(bank_number(bank), RESULTS);
        let selector = half[at(&p14::DIAGNOSTICS_SELECTOR)];
        half[DATA..].fill(0);
        let mut each =
            |register: &Register, is_there: bool, of: &dyn Fn(&LaneReadings) -> Option<f64>| {
                for (lane, readings) in lanes.iter().enumerate().filter(|_| is_there) {
                    register.put_number(lane, half, of(readings).unwrap_or(0.0));
                }
            };
        match selector {
            1 => {
                each(&p14::BIT_ERROR_RATIO_HOST, host, &|of| of.host_ber);
                each(&p14::BIT_ERROR_RATIO_MEDIA, media, &|of| of.media_ber);
            }
            6 => {
                each(&p14::SNR_HOST, host, &|of| of.host_snr_db);
                each(&p14::SNR_MEDIA, media, &|of| of.media_snr_db);
            }
            2 | 3 if host => put_counts(half, &counts.0[usize::from(selector - 2) * 4..]),
            4 | 5 if media => put_counts(half, &counts.1[usize::from(selector - 4) * 4..]),
            _ => {}
        }
    }
}

/// A side of the module.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Side {
    Host,
    Media,
}

/// Counts of four lanes.
fn put_counts(half: &mut Half, counts: &[Count]) {
    for (lane, of) in counts.iter().take(4).enumerate() {
        p14::ERROR_COUNT.put_number(lane, half, of.errors.floor());
        p14::TOTAL_BITS_COUNT.put_number(lane, half, of.bits.floor());
    }
}
