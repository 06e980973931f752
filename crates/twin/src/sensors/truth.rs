//! What is physically so at the end of an interval, as sensors meet it.

use link::fec::{CodewordTail, FecCode, InnerDecoding, ReedSolomon};
use plant::{Signal, Storage};
use system::{EntityKind, System};

/// Codewords are told apart by 0 to 15 corrected symbols.
pub(super) const BINS: usize = 16;

/// Bits that a receiver decided in an interval, and how they went wrong.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct BitErrors {
    /// Bits in the interval; fractions are of expectations. Zero while no signal is decided: a
    /// monitor then keeps its reading, which is stale, with its time.
    pub bits: f64,
    /// Chance that a bit is wrong, in [0, 1/2]. NaN when there is no receiver to count.
    pub ratio: f64,
}

impl BitErrors {
    /// No receiver that counts.
    pub const ABSENT: Self = Self {
        bits: 0.0,
        ratio: f64::NAN,
    };
}

/// Codewords of a port in an interval, and the chances of their symbol errors.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct CodewordErrors {
    codewords: f64,
    correctable: usize,
    /// `[k - 1]`: chance that at least `k` symbols are wrong, for `k` up to one more than can be
    /// corrected; falling.
    at_least: [f64; BINS],
}

impl CodewordErrors {
    /// No decoder: its counters have failed.
    pub const ABSENT: Self = Self {
        codewords: f64::NAN,
        correctable: 0,
        at_least: [0.0; BINS],
    };

    /// A decoder without a signal: its counters stand still.
    pub const IDLE: Self = Self {
        codewords: 0.0,
        correctable: 0,
        at_least: [0.0; BINS],
    };

    /// Codewords in the interval; fractions add up from interval to interval.
    pub const fn codewords(&self) -> f64 {
        self.codewords
    }

    /// Symbols of a codeword that can be corrected, at most 15.
    pub const fn correctable(&self) -> usize {
        self.correctable
    }

    /// Chance that at least `k` symbols of a codeword are wrong; of more than one beyond the
    /// correctable ones nothing is known, and the chance of that one is given.
    pub fn at_least(&self, k: usize) -> f64 {
        match k.min(self.correctable + 1) {
            0 => 1.0,
            k => self.at_least[k - 1],
        }
    }

    /// Chance that a codeword has errors.
    pub fn any(&self) -> f64 {
        self.at_least(1)
    }

    /// Chance that a codeword cannot be corrected.
    pub fn uncorrectable(&self) -> f64 {
        self.at_least(self.correctable + 1)
    }

    /// Mean of the symbols corrected in a codeword; none are in one that cannot be corrected.
    /// `SUM_k k P(k) = SUM_{k >= 1} P[at least k] - t P[uncorrectable]`, both up to t.
    pub fn mean_corrected_symbols(&self) -> f64 {
        let lost = self.uncorrectable();
        (1..=self.correctable)
            .map(|k| self.at_least(k) - lost)
            .sum()
    }
}

/// The chances of a code, prepared once for all ports that use it.
///
/// Symbol errors are taken as independent and equally likely. Where a port's symbols come from
/// lanes of different error ratios, the mean of the lanes' ratios gives the mean of the errors
/// exactly, and the chance of more errors than that mean by one from above.
///
/// # Source
/// W. Hoeffding, "On the distribution of the number of successes in independent trials", Annals of
/// Mathematical Statistics 27 (1956), theorem 4.
#[derive(Debug, Clone, PartialEq)]
pub struct CodewordModel {
    code: FecCode,
    outer: ReedSolomon,
    tail: CodewordTail,
    /// `C(n, k)` for k up to the correctable symbols.
    choose: [f64; BINS],
}

impl CodewordModel {
    /// The model of a code; none without a code.
    pub fn new(code: FecCode) -> Option<Self> {
        let outer = code.outer()?;
        debug_assert!((outer.correctable() as usize) < BINS);
        let mut choose = [1.0; BINS];
        for k in 1..BINS {
            choose[k] = choose[k - 1] * (f64::from(outer.n) + 1.0 - k as f64) / k as f64;
        }
        Some(Self {
            code,
            outer,
            tail: outer.tail(),
            choose,
        })
    }

    /// The ratio of wrong symbols into the outer code, from the bit error ratio before all codes.
    /// Beyond the table of the inner code, from 2e-2 on, its last value stands: outer codewords
    /// are lost there.
    pub fn symbol_error_ratio(&self, bit_error_ratio: f64) -> f64 {
        if self.code == FecCode::Kp4WithInner {
            InnerDecoding::Chase5
                .symbol_error_ratio(bit_error_ratio.clamp(0.0, 2e-2))
                .unwrap_or(f64::NAN)
        } else {
            self.outer.symbol_error_ratio(bit_error_ratio)
        }
    }

    /// Bits of a codeword of the outer code.
    pub fn codeword_bits(&self) -> f64 {
        f64::from(self.outer.n * self.outer.symbol_bits)
    }

    /// The chances of `codewords` codewords whose symbols are wrong with `symbol_error_ratio`:
    /// `P(k) = C(n, k) p^k (1 - p)^(n - k)`, summed from the rarest. Absent when an argument is
    /// not a number; a ratio outside [0, 1] counts as the nearer end.
    pub fn errors(&self, codewords: f64, symbol_error_ratio: f64) -> CodewordErrors {
        let p = symbol_error_ratio.clamp(0.0, 1.0);
        if p.is_nan() || codewords.is_nan() {
            return CodewordErrors::ABSENT;
        }
        let correctable = self.outer.correctable() as usize;
        let mut at_least = [0.0; BINS];
        if p > 0.0 {
            let mut sum = self.tail.ln_error_ratio(p).exp();
            at_least[correctable] = sum;
            let odds = p / (1.0 - p);
            let mut powers = [0.0; BINS];
            let mut power = (f64::from(self.outer.n) * (-p).ln_1p()).exp();
            for slot in &mut powers[..=correctable] {
                *slot = power;
                power *= odds;
            }
            for k in (1..=correctable).rev() {
                // With p of one all odds are infinite and no codeword has few errors.
                let chance = self.choose[k] * powers[k];
                if chance.is_finite() {
                    sum += chance;
                }
                sum = sum.min(1.0);
                at_least[k - 1] = sum;
            }
        }
        CodewordErrors {
            codewords: codewords.max(0.0),
            correctable,
            at_least,
        }
    }
}

/// What physics says at the end of an interval: a flat array per signal, and the errors of the
/// interval. Refilled in place; one can serve many switches in turn.
///
/// The bit error ratios of lanes and ports and the counters of ports are not values here: sensors
/// count them from [`bit_errors`](Self::bit_errors) and [`codeword_errors`](Self::codeword_errors).
#[derive(Debug, Clone)]
pub struct Truth {
    values: Vec<Vec<f64>>,
    states: Vec<Vec<u8>>,
    media_lanes: Vec<BitErrors>,
    serdes_lanes: Vec<BitErrors>,
    host_lanes: Vec<BitErrors>,
    ports: Vec<CodewordErrors>,
    flaps: Vec<u32>,
}

impl Truth {
    /// A state that does not exist, such as that of a part that is not there.
    pub const NO_STATE: u8 = u8::MAX;

    /// A truth in which nothing exists yet.
    pub fn new(system: &System) -> Self {
        let count = |info: &plant::SignalInfo| system.count(info.kind);
        let table = Signal::TABLE.iter();
        let values = table.clone().map(|info| match info.storage {
            Storage::F32 | Storage::F64 if !is_counted(info.signal) => {
                vec![f64::NAN; count(info)]
            }
            _ => Vec::new(),
        });
        let states = table.map(|info| match info.storage {
            Storage::State(_) => vec![Self::NO_STATE; count(info)],
            _ => Vec::new(),
        });
        Self {
            values: values.collect(),
            states: states.collect(),
            media_lanes: vec![BitErrors::ABSENT; system.count(EntityKind::MediaLane)],
            serdes_lanes: vec![BitErrors::ABSENT; system.count(EntityKind::SerdesLane)],
            host_lanes: vec![BitErrors::ABSENT; system.count(EntityKind::HostLane)],
            ports: vec![CodewordErrors::ABSENT; system.count(EntityKind::Port)],
            flaps: vec![0; system.count(EntityKind::Port)],
        }
    }

    /// Forgets everything: nothing exists.
    pub fn clear(&mut self) {
        self.values.iter_mut().for_each(|all| all.fill(f64::NAN));
        self.states
            .iter_mut()
            .for_each(|all| all.fill(Self::NO_STATE));
        self.media_lanes.fill(BitErrors::ABSENT);
        self.serdes_lanes.fill(BitErrors::ABSENT);
        self.host_lanes.fill(BitErrors::ABSENT);
        self.ports.fill(CodewordErrors::ABSENT);
        self.flaps.fill(0);
    }

    /// A signal of all entities of its kind, in the unit that the newtype of its dimension holds.
    /// NaN where it does not exist; minus infinity for a level without any light. Empty for states
    /// and for what is counted.
    pub fn values(&self, signal: Signal) -> &[f64] {
        &self.values[slot(signal)]
    }

    /// [`values`](Self::values), to be refilled.
    pub fn values_mut(&mut self, signal: Signal) -> &mut [f64] {
        &mut self.values[slot(signal)]
    }

    /// The state of all entities of its kind, as position in the names of the signal's storage;
    /// [`NO_STATE`](Self::NO_STATE) where there is none. Empty for other signals.
    pub fn states(&self, signal: Signal) -> &[u8] {
        &self.states[slot(signal)]
    }

    /// [`states`](Self::states), to be refilled.
    pub fn states_mut(&mut self, signal: Signal) -> &mut [u8] {
        &mut self.states[slot(signal)]
    }

    /// The bits of the interval behind [`Signal::PreFecBer`] by media lane, behind
    /// [`Signal::SerdesBer`] by lane of the die and behind [`Signal::HostInputBer`] by host lane; empty
    /// for other signals.
    pub fn bit_errors(&self, signal: Signal) -> &[BitErrors] {
        match signal {
            Signal::PreFecBer => &self.media_lanes,
            Signal::SerdesBer => &self.serdes_lanes,
            Signal::HostInputBer => &self.host_lanes,
            _ => &[],
        }
    }

    /// [`bit_errors`](Self::bit_errors), to be refilled.
    pub fn bit_errors_mut(&mut self, signal: Signal) -> &mut [BitErrors] {
        match signal {
            Signal::PreFecBer => &mut self.media_lanes,
            Signal::SerdesBer => &mut self.serdes_lanes,
            Signal::HostInputBer => &mut self.host_lanes,
            _ => &mut [],
        }
    }

    /// The codewords of the interval, by port.
    pub fn codeword_errors(&self) -> &[CodewordErrors] {
        &self.ports
    }

    /// How often each port has gone down in the interval.
    pub fn flaps(&self) -> &[u32] {
        &self.flaps
    }

    /// [`flaps`](Self::flaps), to be refilled.
    pub fn flaps_mut(&mut self) -> &mut [u32] {
        &mut self.flaps
    }

    /// [`codeword_errors`](Self::codeword_errors), to be refilled.
    pub fn codeword_errors_mut(&mut self) -> &mut [CodewordErrors] {
        &mut self.ports
    }
}

/// Whether a value is a ratio of counts.
pub(super) const fn is_counted(signal: Signal) -> bool {
    matches!(
        signal,
        Signal::PreFecBer | Signal::SerdesBer | Signal::HostInputBer | Signal::PortPreFecBer
    )
}

/// The position of a signal in its table.
fn slot(signal: Signal) -> usize {
    const SLOTS: [u8; 256] = slots();
    SLOTS[signal.code() as usize & 0xff].into()
}

const fn slots() -> [u8; 256] {
    let mut slots = [0; 256];
    let mut position: u8 = 0;
    while (position as usize) < Signal::TABLE.len() {
        // A code beyond the array does not compile.
        slots[Signal::TABLE[position as usize].code as usize] = position;
        position += 1;
    }
    slots
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_signal_has_its_own_place() {
        for (position, info) in Signal::TABLE.iter().enumerate() {
            assert_eq!(slot(info.signal), position);
        }
    }

    #[test]
    fn chances_of_codewords_are_those_of_the_code() {
        for (code, ber) in [
            (FecCode::Kp4, 2.4e-4),
            (FecCode::Kp4, 1e-6),
            (FecCode::Kp4, 5e-3),
            (FecCode::Kr4, 1e-4),
            (FecCode::LowLatency, 1e-4),
            (FecCode::Kp4WithInner, 4.8e-3),
        ] {
            let model = CodewordModel::new(code).unwrap();
            let p = model.symbol_error_ratio(ber);
            let errors = model.errors(1e6, p);
            let n = f64::from(code.outer().unwrap().n);
            // Closed forms: no error, and the ratio that `link` sums.
            let any = -(n * (-p).ln_1p()).exp_m1();
            assert!((errors.any() / any - 1.0).abs() < 1e-9, "{code:?}");
            let lost = code.ln_codeword_error_ratio(ber).unwrap().exp();
            assert!(
                (errors.uncorrectable() / lost - 1.0).abs() < 1e-9,
                "{code:?}"
            );
            for k in 0..=errors.correctable() {
                assert!(errors.at_least(k + 1) <= errors.at_least(k));
            }
            // The mean of all errors is n p; lost codewords hold at least t + 1 each.
            let mean = errors.mean_corrected_symbols();
            let least = (errors.correctable() + 1) as f64 * errors.uncorrectable();
            assert!(mean <= n * p + 1e-12 - least, "{code:?} {mean}");
            if errors.uncorrectable() < 1e-12 {
                assert!((mean / (n * p) - 1.0).abs() < 1e-9, "{code:?} {mean}");
            }
        }
        assert_eq!(CodewordModel::new(FecCode::None), None);
    }

    #[test]
    #[expect(clippy::float_cmp, reason = "the ends are exact")]
    fn ends_are_finite() {
        let model = CodewordModel::new(FecCode::Kp4).unwrap();
        assert_eq!(model.errors(10.0, 0.0).any(), 0.0);
        let all = model.errors(10.0, 1.0);
        assert_eq!((all.any(), all.uncorrectable()), (1.0, 1.0));
        assert_eq!(all.mean_corrected_symbols(), 0.0);
        assert!(model.errors(10.0, f64::NAN).codewords().is_nan());
        assert_eq!(model.errors(-1.0, 0.1).codewords(), 0.0);
    }
}
