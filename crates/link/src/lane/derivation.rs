//! How the numbers of a lane came about: the models that it goes through, with what each is given.

use std::sync::Arc;

use units::derivation::{Call, Function, Given};
use units::{Celsius, DbMilliwatts, Decibels, DecibelsPerHertz, Derived, Hertz, Watts};

use super::LaneFault;
use super::row::RingNeed;
use crate::element::Element;

/// The light after an element, with the expression that gave it.
#[derive(Debug, Clone)]
pub struct DerivedPlane {
    /// The element just passed.
    pub element: Element,
    /// Mean power after it.
    pub average: Derived<DbMilliwatts>,
    /// Outer modulation amplitude after it; none before the modulator.
    pub oma: Option<Derived<DbMilliwatts>>,
}

/// The expressions of a lane, as far as it got.
#[derive(Debug, Clone, Default)]
pub struct LaneDerivation {
    /// Electrical power of the laser.
    pub laser_power: Option<Derived<Watts>>,
    /// Temperature of the laser's junction.
    pub junction_temperature: Option<Derived<Celsius>>,
    /// Outer extinction ratio of the modulator.
    pub extinction_ratio: Option<Derived<Decibels>>,
    /// Power that holds the modulator on its operating point.
    pub tuning_power: Option<Derived<Watts>>,
    /// Power that holds the ring that drops the lane's wavelength at the far end.
    pub filter_power: Option<Derived<Watts>>,
    /// What the heaters of these two need without their neighbours; none where nothing else asks.
    pub(crate) modulator_need: Option<RingNeed>,
    pub(crate) filter_need: Option<RingNeed>,
    /// Disturbance by the other wavelengths: standard deviation over that of the levels.
    pub(crate) crosstalk: Option<Derived<f64>>,
    /// Bandwidth that the demultiplexer leaves to the signal.
    pub(crate) filter_bandwidth: Option<Derived<Hertz>>,
    /// Noise of the laser with the feedback of this path.
    pub rin: Option<Derived<DecibelsPerHertz>>,
    /// Bandwidth of the modulator.
    pub(crate) modulator_bandwidth: Option<Derived<Hertz>>,
    /// The light after each element.
    pub planes: Vec<DerivedPlane>,
    /// Bit error ratio at the decoder's input, from all segments.
    pub pre_fec_ber: Option<Derived<f64>>,
    /// Natural logarithm of the codeword error ratio.
    pub ln_codeword_error_ratio: Option<Derived<f64>>,
    /// Optical power to spare, negative where it is missing; none where no power would do.
    pub margin: Option<Derived<Decibels>>,
}

/// [`units::derivation::record`] of a model that fails as lanes do.
pub(super) fn record<P: Clone + Send + Sync + 'static>(
    function: &'static Function,
    given: &Given<'_, P>,
    results: Vec<f64>,
    model: impl Fn(&P, &[f64]) -> Result<Vec<f64>, LaneFault> + Send + Sync + 'static,
) -> Arc<Call> {
    units::derivation::record(function, given, results, model)
}

macro_rules! functions {
    ($($id:ident: $name:literal, $equation:literal, $source:literal;)+) => {$(
        pub(super) const $id: Function = Function { name: $name, equation: $equation, source: $source };
    )+};
}

functions! {
    TO_WATTS: "power of a level", "P = 1 mW 10^(L/10)", "definition of the dBm";
    TO_LEVEL: "level of a power", "L = 10 log10(P / 1 mW)", "definition of the dBm";
    TO_RATIO: "ratio of decibels", "x = 10^(L/10)", "definition of the decibel";
    FROM_RATIO: "decibels of a ratio", "L = 10 log10 x", "definition of the decibel";
    FROM_TRANSMISSION: "loss of a transmission", "L = -10 log10 T", "definition of the decibel";
    LASER: "laser under power control",
        "P = eta(T_j) (I - I_th(T_j)), T_j = T + R_th (V I - P), V = V_0 + R I: the current that gives the set-point",
        "rate-equation L-I with exponential temperature laws; photonics::laser";
    MEASURED_LASER: "laser under power control, from its measured table",
        "P(I, T), V(I, T) interpolated: the current that gives the set-point",
        "the table; link::control";
    SHORTFALL: "launch of a module in its condition", "launch - lower edge of its class, if positive, + loss of its service life", "OIF-ELSFP-02.0, power classes; system::parts";
    CHANNEL: "wavelength on the grid", "lambda = c / (c / lambda_0 + (i - (n - 1) / 2) df)", "frequency grid of the engine";
    RIN: "laser noise with feedback", "RIN = RIN_0 + 10 log10(1 + 10^((R - isolation - R_c) / 10))", "photonics::laser";
    AXIS: "polarisation axes of the laser fibre", "T = (cos^2(a + b) + cos^2(a - b)) / 2, the middle of the extremes", "photonics::fibre";
    COUPLER: "loss of a coupler", "overlap of two Gaussian modes with offset, tilt and gap, and the taper's loss",
        "H. Kogelnik, Coupling and conversion coefficients for optical modes (1964); photonics::coupling";
    SHIFTED_COUPLER: "loss of a coupler whose fibre has moved", "overlap of two Gaussian modes with offset across, shift up, tilt and gap, and the taper's loss",
        "H. Kogelnik, Coupling and conversion coefficients for optical modes (1964); photonics::coupling";
    GRATING: "loss of a grating coupler", "peak loss and a Gaussian round the centre wavelength", "photonics::coupler";
    MEASURED_COUPLER: "loss of a coupler, from its measured table", "interpolated over wavelength", "the table";
    NONLINEAR: "two-photon and free-carrier absorption", "dP/dz = -alpha P - (b / A) P^2 - sigma N(P) P, b = (2 - 1 / n) beta for n equal waves, beyond the linear loss", "photonics::waveguide";
    SPLITTER: "splitter tree", "L = 10 log10 n + ceil(log2 n) excess", "photonics::splitter";
    MACH_ZEHNDER: "levels of a Mach-Zehnder modulator", "T(u) = T_loss (1 + v cos(phi - theta u)) / 2, theta = 2 pi V L / (V_pi L)", "photonics::mzm";
    MACH_ZEHNDER_BANDWIDTH: "bandwidth of a travelling-wave modulator", "RC, electrode loss with the root of frequency, and walk-off", "photonics::mzm";
    RING: "levels of a ring modulator", "all-pass transmission at the detuning that the lock chooses, shifted by the drive", "W. Bogaerts et al., Silicon microring resonators (2012); photonics::ring_modulator";
    RING_BANDWIDTH: "bandwidth of a ring modulator", "small-signal response of the resonance at its detuning, with RC", "photonics::ring_modulator";
    MEASURED_MODULATOR: "modulator on its measured transmissions", "levels of light interpolated over wavelength, voltage and temperature", "the table; link::measured";
    DRIFT: "thermo-optic drift of a guide", "d lambda / dT = lambda (d n_eff / dT) / n_g, effective index", "photonics::slab";
    SELF_HEATING: "heat of the light in a ring", "the state that the lock holds at its detuning from the hot resonance", "photonics::self_heating";
    LOCK: "amplitude lost to the error of the lock", "OMA(detuning) / OMA(detuning - error)", "photonics::ring_modulator";
    FSR: "distance between resonances", "lambda^2 / (n_g 2 pi R)", "W. Bogaerts et al., Silicon microring resonators (2012); photonics::ring";
    ROW: "heaters of rings in a row, the mean of each kind", "P_i + x (P_(i-1) + P_(i+1)) = A_i", "photonics::heater";
    DISPERSION: "fading of chromatic dispersion", "|cos(pi lambda^2 D L f^2 / c)| at the Nyquist frequency", "small-signal intensity response; ITU-T G.652 for D(lambda)";
    REFLECTIONS: "light over two reflections", "x_ij = R_i R_j T_ij^2", "photonics::connector";
    EQUALISER: "minimum-mean-square-error equaliser", "Phi c = b: noise bandwidth and residual interference", "link::equaliser";
    DISTURBANCE: "interference and noise of the electrical path", "hypot(ISI, implementation, electrical) / sqrt((M^2 - 1) / 12)", "link::lane";
    DARK: "dark current at temperature", "I = I_25 2^((T - 25 C) / 10 K)", "rule of photodiodes";
    CROSSTALK: "light of the other wavelengths", "sqrt(SUM x_i^2)", "link::lane";
    DECISION: "decision with Gaussian noise and phase-averaged interference", "BER = SUM over levels Q((I_k - d) / sigma_k) / log2 M", "link::receiver, link::batch";
    MARGIN: "optical power to spare", "the loss at which the decision reaches the allowed error ratio", "link::sensitivity";
    ALLOWED: "error ratio that the code corrects", "CER(BER) = target", "link::fec";
    RING_FILTER: "ring that drops one wavelength of a bus", "drop port at the error of the lock behind the through ports of the rings before it; half the linewidth as bandwidth",
        "W. Bogaerts et al., Silicon microring resonators (2012); photonics::mux";
    RING_BUS: "ring modulators of the other wavelengths", "through port far from resonance: mean loss, and (T_high - T_low) / T_mean of the mean power as disturbance",
        "W. Bogaerts et al., Silicon microring resonators (2012); photonics::ring";
    BITS: "error ratio without a code", "ln BER", "definition";
    CODEWORD: "codeword error ratio", "ln SUM_(i > t) C(n, i) p^i (1 - p)^(n - i)", "link::fec";
}
