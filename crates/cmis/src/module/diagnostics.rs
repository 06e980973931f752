//! Loopbacks, and what a module can do to test itself.
//!
//! # Source
//! CMIS 5.2, page 13h, as public clients use it.

use super::{Loopback, Module, at, bank_number};
use crate::map::p13;
use crate::register::{Feature, Register};

const CONTROLS: u16 = 0x13;

/// A loopback, whether the module can do it, and whether the host wants it. Of several the first
/// counts, which is the one nearest to the fibre.
struct Way {
    loopback: Loopback,
    supported: &'static Register,
    enable: &'static Register,
}

const LOOPBACKS: [Way; 4] = [
    Way {
        loopback: Loopback::MediaOutput,
        supported: &p13::MEDIA_SIDE_OUTPUT_LOOPBACK_SUPPORTED,
        enable: &p13::MEDIA_SIDE_OUTPUT_LOOPBACK_ENABLE,
    },
    Way {
        loopback: Loopback::MediaInput,
        supported: &p13::MEDIA_SIDE_INPUT_LOOPBACK_SUPPORTED,
        enable: &p13::MEDIA_SIDE_INPUT_LOOPBACK_ENABLE,
    },
    Way {
        loopback: Loopback::HostOutput,
        supported: &p13::HOST_SIDE_OUTPUT_LOOPBACK_SUPPORTED,
        enable: &p13::HOST_SIDE_OUTPUT_LOOPBACK_ENABLE,
    },
    Way {
        loopback: Loopback::HostInput,
        supported: &p13::HOST_SIDE_INPUT_LOOPBACK_SUPPORTED,
        enable: &p13::HOST_SIDE_INPUT_LOOPBACK_ENABLE,
    },
];

impl Module {
    /// Says how the module can test itself.
    pub(super) fn fill_diagnostics(&mut self) {
        self.fill_patterns();
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
                (&p13::BIT_ERROR_RATIO_RESULTS_SUPPORTED, host || media),
            ] {
                register.put_flag(0, half, is_so);
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
        let found = LOOPBACKS
            .iter()
            .find(|of| of.supported.flag(0, half) && of.enable.flag(lane, half));
        found.map_or(Loopback::None, |of| of.loopback)
    }

    /// Clears what a host has written to ask for a loopback that the module cannot do.
    pub(super) fn refuse_loopbacks(&mut self, bank: u8) {
        if !self.has(Feature::Diagnostics) {
            return;
        }
        let half = self.memory.half_mut(bank, CONTROLS);
        for of in &LOOPBACKS {
            if !of.supported.flag(0, half) {
                half[at(of.enable)] = 0;
            }
        }
    }
}
