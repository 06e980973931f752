//! Noise of each level and what it is made of.

use units::constants::ELEMENTARY_CHARGE;
use units::{Amperes, AmperesPerRootHertz, AmperesPerWatt, DecibelsPerHertz, Hertz, Ratio};

use crate::LinkError;
use crate::error::{check, check_not_negative};

/// Photodiode, amplifier and equaliser as far as noise is concerned.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Receiver {
    /// Photodiode responsivity.
    pub responsivity: AmperesPerWatt,
    /// Photodiode dark current.
    pub dark_current: Amperes,
    /// Input-referred amplifier noise, one-sided.
    pub thermal_noise: AmperesPerRootHertz,
    /// Noise bandwidth `INT |H|^2 df / |H(0)|^2` over positive frequencies, without the equaliser.
    pub noise_bandwidth: Hertz,
    /// What a feed-forward equaliser does to white noise, `SUM c_i^2` with `SUM c_i = 1`;
    /// one without equaliser.
    ///
    /// It multiplies thermal noise, shot noise and RIN, which are taken as white at the equaliser
    /// input. Beat terms, crosstalk and intersymbol interference are stated at its output.
    pub noise_enhancement: Ratio,
}

impl Receiver {
    pub(crate) fn check(&self) -> Result<(), LinkError> {
        check(
            "responsivity (A/W)",
            self.responsivity.value(),
            "finite and > 0",
            |v| v > 0.0 && v.is_finite(),
        )?;
        check_not_negative("dark current (A)", self.dark_current.value())?;
        check_not_negative("thermal noise (A/rtHz)", self.thermal_noise.value())?;
        check_not_negative("noise bandwidth (Hz)", self.noise_bandwidth.value())?;
        check_not_negative("noise enhancement", self.noise_enhancement.value())
    }
}

/// A disturbance by other symbols, of this lane (intersymbol interference) or of a neighbour
/// (incoherent crosstalk).
#[derive(Debug, Clone, PartialEq, Default)]
pub enum SymbolDisturbance {
    /// None.
    #[default]
    None,
    /// A Gaussian deviation: `sigma = rms * std(I)`, where `std(I)` is the standard deviation of
    /// the level currents. For taps `h_i`, `rms = sqrt(SUM h_i^2)`.
    Gaussian {
        /// Root of the sum of squared taps.
        rms: Ratio,
    },
    /// Taps relative to the main cursor (or power ratios of neighbours to the wanted signal, for
    /// crosstalk), each seeing an independent symbol with the same levels. The deviation from the
    /// mean is `SUM h_i (I_j - I_mean)`.
    Taps(Vec<f64>),
}

impl SymbolDisturbance {
    /// Variance in units of the variance of the level currents.
    pub(crate) fn relative_variance(&self) -> f64 {
        match self {
            Self::None => 0.0,
            Self::Gaussian { rms } => rms.value().powi(2),
            Self::Taps(taps) => taps.iter().map(|h| h * h).sum(),
        }
    }

    pub(crate) fn is_gaussian(&self) -> bool {
        !matches!(self, Self::Taps(_))
    }

    pub(crate) fn taps(&self) -> &[f64] {
        match self {
            Self::Taps(taps) => taps,
            Self::None | Self::Gaussian { .. } => &[],
        }
    }

    fn check(&self, name: &'static str) -> Result<(), LinkError> {
        match self {
            Self::None => Ok(()),
            Self::Gaussian { rms } => check_not_negative(name, rms.value()),
            Self::Taps(taps) => taps
                .iter()
                .try_for_each(|&h| check(name, h, "finite", f64::is_finite)),
        }
    }
}

/// How coherent interferers are averaged.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum InterferenceModel {
    /// All interferers as one Gaussian of the same variance. Too high by a factor of two and
    /// more for one interferer, and without limit further out in the tail.
    Gaussian,
    /// The three strongest interferers by their exact bounded density, the rest as a Gaussian of
    /// the same variance whose tails are capped by the largest possible sum of the rest.
    #[default]
    Bounded,
}

/// The power of an interferer at the instant it beats with the signal.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum InterfererPower {
    /// Its average: `A_k = 2 R sqrt(x P_k P_avg)`.
    #[default]
    Average,
    /// One of the levels, each equally likely: `A_kj = 2 R sqrt(x P_k P_j)`. The variance is the
    /// same, the peak is larger.
    Modulated,
}

/// Coherent interferers: reflections of the signal (multipath), or leakage of another signal at
/// the same wavelength.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Interference {
    /// Power of each interferer over that of the signal. Polarisations are taken as aligned, the
    /// worst case, and phases as uniform and independent.
    pub ratios: Vec<Ratio>,
    /// How they are averaged.
    pub model: InterferenceModel,
    /// Their power at the beating instant.
    pub power: InterfererPower,
}

/// Everything that disturbs the decision apart from the receiver itself.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Impairments {
    /// Relative intensity noise referred to the mean power of a continuous wave, one-sided.
    /// (A figure referred to OMA, as transmitters are specified, is another quantity.)
    pub rin: Option<DecibelsPerHertz>,
    /// Coherent interferers.
    pub interference: Interference,
    /// Incoherent neighbours.
    pub crosstalk: SymbolDisturbance,
    /// Intersymbol interference after equalisation.
    pub isi: SymbolDisturbance,
}

impl Impairments {
    pub(crate) fn check(&self) -> Result<(), LinkError> {
        if let Some(rin) = self.rin {
            check("RIN (dB/Hz)", rin.value(), "finite", f64::is_finite)?;
        }
        for ratio in &self.interference.ratios {
            check_not_negative("interferer power ratio", ratio.value())?;
        }
        self.crosstalk.check("crosstalk ratio")?;
        self.isi.check("intersymbol interference tap")
    }
}

/// One kind of noise.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum NoiseKind {
    /// Amplifier.
    Thermal,
    /// Photocurrent and dark current.
    Shot,
    /// Laser intensity.
    IntensityNoise,
    /// Coherent interferers.
    Interference,
    /// Incoherent neighbours.
    Crosstalk,
    /// Neighbouring symbols.
    Isi,
}

impl NoiseKind {
    /// The name in tables and machine output.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Thermal => "thermal noise",
            Self::Shot => "shot noise",
            Self::IntensityNoise => "laser intensity noise",
            Self::Interference => "multipath interference",
            Self::Crosstalk => "crosstalk",
            Self::Isi => "intersymbol interference and receiver implementation",
        }
    }

    /// Every kind, in the order of [`NoiseTerms`].
    pub const ALL: [Self; 6] = [
        Self::Thermal,
        Self::Shot,
        Self::IntensityNoise,
        Self::Interference,
        Self::Crosstalk,
        Self::Isi,
    ];
}

/// Variances of one level in A^2 by kind, in the order of [`NoiseKind::ALL`].
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct NoiseTerms {
    variance_a2: [f64; 6],
}

impl NoiseTerms {
    /// Noise of a level of current `I_k`:
    ///
    /// ```text
    /// sigma_k^2 = [i_n^2 + 2 q (I_k + I_d) + RIN I_k^2] Bn SUM(c_i^2)
    ///           + 2 I_k I_avg SUM(x) + (X^2 + H^2) var(I)
    /// ```
    pub(crate) fn of_level(
        receiver: &Receiver,
        impairments: &Impairments,
        level: &LevelCurrent,
    ) -> Self {
        let bandwidth_hz = receiver.noise_bandwidth.value() * receiver.noise_enhancement.value();
        let current_a = level.current_a;
        let rin_per_hz = impairments.rin.map_or(0.0, DecibelsPerHertz::to_per_hertz);
        let ratios: f64 = impairments
            .interference
            .ratios
            .iter()
            .map(|x| x.value())
            .sum();
        Self {
            variance_a2: [
                receiver.thermal_noise.value().powi(2) * bandwidth_hz,
                2.0 * ELEMENTARY_CHARGE
                    * (current_a + receiver.dark_current.value())
                    * bandwidth_hz,
                rin_per_hz * current_a * current_a * bandwidth_hz,
                2.0 * current_a * level.mean_a * ratios,
                impairments.crosstalk.relative_variance() * level.variance_a2,
                impairments.isi.relative_variance() * level.variance_a2,
            ],
        }
    }

    /// Variance of one kind, A^2.
    pub fn variance_a2(&self, kind: NoiseKind) -> f64 {
        self.variance_a2[kind as usize]
    }

    /// Sum of all variances, A^2.
    pub fn total_a2(&self) -> f64 {
        self.variance_a2.iter().sum()
    }

    /// The kind that is largest in the sum of two levels; the first in order when equal.
    pub(crate) fn largest(&self, other: &Self) -> NoiseKind {
        let sum = |kind: NoiseKind| self.variance_a2(kind) + other.variance_a2(kind);
        NoiseKind::ALL
            .into_iter()
            .fold(NoiseKind::Thermal, |best, kind| {
                if sum(kind) > sum(best) { kind } else { best }
            })
    }
}

/// What the noise of a level depends on, in amperes.
#[derive(Debug, Clone, Copy)]
pub(crate) struct LevelCurrent {
    pub(crate) current_a: f64,
    pub(crate) mean_a: f64,
    pub(crate) variance_a2: f64,
}
