//! The kinds of parts. Each field's documentation is what the manual and the schema print.

mod heat;
mod managed;

pub use heat::*;
pub use managed::*;

use units::{
    Amperes, AmperesPerRootHertz, AmperesPerWatt, BitRate, CarrierCrossSection, Celsius,
    DbMilliwatts, Decibels, DecibelsPerHertz, DecibelsPerMeter, DecibelsPerSecond, DispersionSlope,
    Dollars, EnergyPerBit, FailureRate, Hertz, Joules, JoulesPerKelvin, KelvinDifference,
    KelvinPerWatt, Meters, MetersPerKelvin, MetersPerVolt, MetersPerWatt, Ohms, PerKelvin, Radians,
    Ratio, Seconds, Sourced, TpaCoefficient, VoltMeters, Volts, Watts, WattsPerAmpere,
};

use crate::record::{Field, Record, Value};
use crate::schema::{
    FieldKind, FieldSchema, FromField, FromRecord, LivTable, LossTable, ReceiverTable, Sampling,
    TransmissionTable, choices, records,
};

choices! {
    /// The guiding material of a photonic platform.
    PlatformMaterial {
        /// Silicon on insulator.
        Silicon = "silicon-on-insulator",
        /// Silicon nitride in oxide.
        SiliconNitride = "silicon-nitride",
        /// Indium phosphide with its quaternary alloys.
        IndiumPhosphide = "indium-phosphide",
    }
    /// Where an optical engine sits.
    Integration {
        /// In a module at the faceplate.
        Pluggable = "pluggable",
        /// On the board or on a socket beside the package.
        OnBoard = "on-board",
        /// On the package substrate, beside the ASIC.
        TwoD = "2-D",
        /// On an interposer with the ASIC.
        TwoPointFiveD = "2.5-D",
        /// Electronic die stacked on the photonic die.
        ThreeD = "3-D",
    }
    /// What the engine does to the electrical signal.
    Electrical {
        /// Clock and data are recovered in the engine.
        Retimed = "retimed",
        /// The engine drives and amplifies only; the host equalises.
        Linear = "linear",
    }
    /// How engines are held in the package.
    EngineSeat {
        /// Soldered; a rework heats the package again.
        Soldered = "soldered",
        /// In sockets; an engine that fails is replaced alone.
        Detachable = "detachable",
    }
    /// How bits become levels.
    Modulation {
        /// Two levels, one bit for each symbol.
        Nrz = "nrz",
        /// Four levels, two bits for each symbol, Gray coded.
        Pam4 = "pam4",
    }
    /// Which directions share a fibre.
    Directions {
        /// One fibre for each direction.
        Separate = "separate",
        /// Both directions on one fibre.
        Shared = "shared",
    }
    /// What a group of engines is for.
    Role {
        /// Carries traffic.
        Active = "active",
        /// Stands by.
        Spare = "spare",
    }
    /// Power class of an external laser module (OIF-ELSFP-02.0).
    ElsfpClass {
        /// Low power, 11 dBm.
        Low = "LP",
        /// Medium power, 14 dBm.
        Medium = "MP",
        /// High power, 17 dBm.
        High = "HP",
        /// Very high power, 20 dBm.
        VeryHigh = "VHP",
        /// Ultra high power, 23 dBm.
        UltraHigh = "UHP",
        /// Super high power, 26 dBm.
        SuperHigh = "SHP",
    }
    /// What a laser module gives of the light that it is set to.
    LaserCondition {
        /// All of it: a new module.
        New = "new",
        /// Less the loss of its service life.
        EndOfLife = "end-of-life",
        /// What its class promises at the least, less the loss of its service life.
        Worst = "worst",
    }
    /// A host interface class.
    InterfaceClass {
        /// Extra short reach, within a package.
        Xsr = "XSR",
        /// Extra short reach plus, to near-package optics.
        XsrPlus = "XSR+",
        /// Very short reach, chip to module.
        Vsr = "VSR",
        /// Long reach, through cables and backplanes.
        Lr = "LR",
        /// Die to die.
        Ucie = "UCIe",
        /// Without retiming in the module.
        Linear = "linear",
    }
    /// The inner code that runs under the outer Reed-Solomon code.
    InnerCode {
        /// None.
        None = "none",
        /// Extended Hamming (128,120), soft decision.
        Hamming128 = "hamming-128-120",
    }
}

records! {
    /// An optical material.
    Material = "material" {
        /// Refractive index at 1310 nm.
        index_1310: Sourced<Ratio> = 1.0 ..= 5.0,
        /// Refractive index at 1550 nm.
        index_1550: Sourced<Ratio> = 1.0 ..= 5.0,
        /// Thermo-optic coefficient dn/dT at 1310 nm.
        thermo_optic_1310: Sourced<PerKelvin> = -1e-3 ..= 1e-3,
        /// Thermo-optic coefficient dn/dT at 1550 nm.
        thermo_optic_1550: Sourced<PerKelvin> = -1e-3 ..= 1e-3,
    }

    /// A photonic platform: what its guide is made of and which functions it has.
    Platform = "photonic_platform" {
        /// Core of the guide.
        core: Box<Material>,
        /// Cladding of the guide.
        cladding: Box<Material>,
        /// Width of the guide.
        guide_width: Sourced<Meters> = 1e-8 ..= 1e-4,
        /// Height of the guide.
        guide_height: Sourced<Meters> = 1e-8 ..= 1e-5,
        /// Propagation loss of the passive guide.
        guide_loss: Sourced<DecibelsPerMeter> = 0.0 ..= 1e4,
        /// Two-photon absorption coefficient; zero where the gap forbids it.
        two_photon_absorption: Sourced<TpaCoefficient> = 0.0 ..= 1e-9,
        /// Free-carrier absorption cross-section.
        free_carrier_cross_section: Sourced<CarrierCrossSection> = 0.0 ..= 1e-18,
        /// Free-carrier lifetime.
        carrier_lifetime: Sourced<Seconds> = 0.0 ..= 1e-3,
        /// Guiding material, which decides what the platform can do.
        material: PlatformMaterial,
        /// Whether germanium is grown on it, for photodiodes.
        germanium: bool,
        /// Whether a layer with gain is bonded to it.
        bonded_gain: bool,
        /// Whether an electro-optic film is bonded to it.
        electro_optic_film: bool,
    }

    /// A continuous-wave laser diode.
    Laser = "laser" {
        /// Emission wavelength at the reference temperature.
        wavelength: Sourced<Meters> = 8e-7 ..= 1.7e-6,
        /// Temperature at which threshold, slope and wavelength are stated.
        reference_temperature: Sourced<Celsius> = -40.0 ..= 150.0,
        /// Threshold current.
        threshold_current: Sourced<Amperes> = 1e-5 ..= 1.0,
        /// Temperature that multiplies the threshold by e.
        threshold_t0: Sourced<KelvinDifference> = 5.0 ..= 1e4,
        /// Slope efficiency into the output fibre.
        slope_efficiency: Sourced<WattsPerAmpere> = 1e-3 ..= 1.5,
        /// Temperature that divides the slope efficiency by e.
        slope_t1: Sourced<KelvinDifference> = 5.0 ..= 1e5,
        /// Voltage at vanishing current.
        turn_on_voltage: Sourced<Volts> = 0.1 ..= 5.0,
        /// Series resistance.
        series_resistance: Sourced<Ohms> = 0.0 ..= 100.0,
        /// Thermal resistance from junction to case.
        thermal_resistance: Sourced<KelvinPerWatt> = 0.0 ..= 1e4,
        /// Greatest bias current: the rail of the power control.
        max_current: Sourced<Amperes> = 1e-4 ..= 10.0,
        /// Relative intensity noise without feedback.
        rin: Sourced<DecibelsPerHertz> = -180.0 ..= -100.0,
        /// Return loss at which feedback doubles the noise; an isolator lowers the light that comes back.
        feedback_threshold: Sourced<Decibels> = -80.0 ..= 0.0,
        /// Isolation against returning light, one way.
        isolation: Sourced<Decibels> = 0.0 ..= 100.0,
        /// Change of the wavelength with temperature.
        wavelength_drift: Sourced<MetersPerKelvin> = 0.0 ..= 1e-9,
        /// Rate of random failures at the failure temperature.
        failure_rate: Sourced<FailureRate> = 0.0 ..= 1.0,
        /// Temperature at which the failure rate is stated.
        failure_temperature: Sourced<Celsius> = -40.0 ..= 200.0,
        /// Median time to wear-out at the reference temperature.
        wearout_median: Sourced<Seconds> = 1e3 ..= 1e13,
        /// Standard deviation of the logarithm of the wear-out time.
        wearout_sigma: Sourced<Ratio> = 0.01 ..= 5.0,
        /// Activation energy of random failures and of wear-out.
        activation_energy: Sourced<Joules> = 0.0 ..= 5e-19,
        /// Threshold growth factor minus one at the median time of wear-out.
        threshold_growth: Sourced<Ratio> = 0.0 ..= 10.0,
        /// Loss s of the slope efficiency at that time, which has then fallen to 1/(1 + s) of what it was; none without it.
        slope_loss: Option<Sourced<Ratio>> = 0.0 ..= 10.0,
        /// Exponent of the growth in time.
        growth_exponent: Sourced<Ratio> = 0.1 ..= 3.0,
        /// Measured power and voltage over temperature and current; replaces threshold, slope and voltage.
        measured: Option<LivTable>,
        /// Price of one laser that is bought apart; without it the price of its module or engine includes it.
        price: Option<Sourced<Dollars>> = 0.0 ..= 1e6,
    }

    /// A module of lasers that feeds optical engines from outside.
    LaserModule = "laser_module" {
        /// Power class.
        class: ElsfpClass,
        /// Power of each laser at the module's optical connector.
        launch: Sourced<DbMilliwatts> = -20.0 ..= 30.0,
        /// Light that laser, mate and fibre have lost at the end of their service life, beyond what the power control makes up.
        end_of_life_loss: Option<Sourced<Decibels>> = 0.0 ..= 10.0,
        /// What the modules give of their launch; a new module without it.
        condition: Option<LaserCondition>,
        /// Lasers in the module.
        lasers: u32 = 1.0 ..= 64.0,
        /// The laser.
        laser: Box<Laser>,
        /// Loss from the laser to the module's connector, beyond what its slope efficiency includes.
        internal_loss: Sourced<Decibels> = 0.0 ..= 10.0,
        /// Thermoelectric cooler power for each watt that the lasers take.
        cooler_power_ratio: Sourced<Ratio> = 0.0 ..= 10.0,
        /// Power of controller, converters and monitors; the current drivers are the laser regulator.
        electronics_power: Sourced<Watts> = 0.0 ..= 50.0,
        /// Lasers of neighbouring wavelengths that leave on one fibre; each has its own without it.
        wavelengths_per_fibre: Option<u32> = 1.0 ..= 128.0,
        /// Electrical limit of the module.
        max_power: Sourced<Watts> = 0.1 ..= 100.0,
        /// Voltage of its rail where that is held. Without it its supply is not measured.
        supply_voltage: Option<Sourced<Volts>> = 0.5 ..= 60.0,
        /// Resistance of the way of that rail to the module and back, its contacts included.
        supply_resistance: Option<Sourced<Ohms>> = 0.0 ..= 1.0,
        /// Thermal resistance of one module, from the case of its lasers to the mean of its fluid at the rated flow of its cooler; the cooler's share, its resistance over its area, follows the flow.
        heat_resistance: Option<Sourced<KelvinPerWatt>> = 0.0 ..= 1000.0,
        /// Heat that one module takes up for each kelvin, with its share of the sink on it; without it the case follows its heat at once.
        heat_capacity: Option<Sourced<JoulesPerKelvin>> = 1e-3 ..= 1e5,
        /// Time from no power to low power: supplies, controller and the temperature of its lasers. Without it there is none.
        power_up_time: Option<Sourced<Seconds>> = 0.0 ..= 1e4,
        /// Time in which its lasers rise from darkness to their set-point. Without it there is none.
        turn_on_time: Option<Sourced<Seconds>> = 0.0 ..= 1e4,
        /// Failures of everything in the module but the lasers.
        failure_rate: Sourced<FailureRate> = 0.0 ..= 1.0,
        /// Number of modules.
        count: Option<u32> = 1.0 ..= 100_000.0,
        /// Group of engines that it feeds.
        feeds: Option<String>,
        /// Lanes that share one laser.
        lanes_per_laser: Option<u32> = 1.0 ..= 1024.0,
        /// Thermal zone.
        zone: Option<String>,
        /// Price of one module.
        price: Option<Sourced<Dollars>> = 0.0 ..= 1e9,
    }

    /// An optical fibre.
    Fibre = "fibre" {
        /// Attenuation.
        loss: Sourced<DecibelsPerMeter> = 0.0 ..= 1.0,
        /// Group index.
        group_index: Sourced<Ratio> = 1.0 ..= 2.0,
        /// Zero-dispersion wavelength.
        zero_dispersion: Sourced<Meters> = 1e-6 ..= 2e-6,
        /// Dispersion slope at that wavelength.
        dispersion_slope: Sourced<DispersionSlope> = 0.0 ..= 1e6,
        /// Angle between the polarisation and the slow axis at each end; matters in polarisation-maintaining fibre.
        axis_error: Option<Sourced<Radians>> = 0.0 ..= 0.79,
        /// Time in which the phase between the axes of polarisation-maintaining fibre wanders as far as to forget itself; with `axis_error`, light behind it wanders about its mean. Without it nothing wanders.
        polarisation_time: Option<Sourced<Seconds>> = 1e-3 ..= 1e15,
        /// Failures of one fibre.
        failure_rate: Sourced<FailureRate> = 0.0 ..= 1.0,
        /// Price of one metre.
        price: Option<Sourced<Dollars>> = 0.0 ..= 1e6,
    }

    /// A fibre connector.
    Connector = "connector" {
        /// Loss of one mated pair.
        loss: Sourced<Decibels> = 0.0 ..= 10.0,
        /// Reflectance of one mated pair.
        reflectance: Sourced<Decibels> = -120.0 ..= 0.0,
        /// Failures of one mated ferrule.
        failure_rate: Sourced<FailureRate> = 0.0 ..= 1.0,
        /// Growth of the loss of one mated pair with time, as dirt settles: the median of all pairs. Without it none grows; a new system has none of it.
        loss_growth: Option<Sourced<DecibelsPerSecond>> = 0.0 ..= 1e-3,
        /// Standard deviation of the logarithm of that growth from pair to pair.
        loss_growth_sigma: Option<Sourced<Ratio>> = 0.0 ..= 5.0,
        /// Loss by which a mated pair grows at the most.
        greatest_growth: Option<Sourced<Decibels>> = 0.0 ..= 60.0,
        /// Price of one mated pair.
        price: Option<Sourced<Dollars>> = 0.0 ..= 1e6,
    }

    /// A coupler at the edge of a photonic chip, butt-coupled to a fibre.
    EdgeCoupler = "edge_coupler" {
        /// Mode field diameter on the chip, across.
        chip_mode_x: Sourced<Meters> = 1e-7 ..= 2e-5,
        /// Mode field diameter on the chip, up.
        chip_mode_y: Sourced<Meters> = 1e-7 ..= 2e-5,
        /// Mode field diameter of the fibre or its lens.
        fibre_mode: Sourced<Meters> = 1e-6 ..= 2e-5,
        /// Lateral offset of the attached fibre.
        offset: Sourced<Meters> = 0.0 ..= 1e-5,
        /// Angle between the axes.
        tilt: Sourced<Radians> = 0.0 ..= 0.5,
        /// Distance between the facets.
        gap: Sourced<Meters> = 0.0 ..= 1e-3,
        /// Index of what fills the gap.
        gap_index: Sourced<Ratio> = 1.0 ..= 4.0,
        /// Loss of the taper and of scattering.
        residual_loss: Sourced<Decibels> = 0.0 ..= 10.0,
        /// Reflectance.
        reflectance: Sourced<Decibels> = -120.0 ..= 0.0,
        /// Measured loss over wavelength; replaces the computed loss.
        measured: Option<LossTable>,
    }

    /// A grating coupler.
    GratingCoupler = "grating_coupler" {
        /// Loss at the centre wavelength.
        peak_loss: Sourced<Decibels> = 0.0 ..= 20.0,
        /// Wavelength of least loss.
        centre_wavelength: Sourced<Meters> = 8e-7 ..= 1.7e-6,
        /// Width within which the loss rises by less than 1 dB.
        bandwidth_1db: Sourced<Meters> = 1e-10 ..= 5e-7,
        /// Reflectance.
        reflectance: Sourced<Decibels> = -120.0 ..= 0.0,
        /// Measured loss over wavelength; replaces the computed loss.
        measured: Option<LossTable>,
    }

    /// A power splitter tree on the photonic chip.
    Splitter = "splitter" {
        /// Loss of each 1x2 stage beyond the division.
        excess_loss: Sourced<Decibels> = 0.0 ..= 5.0,
    }

    /// A Mach-Zehnder modulator driven push-pull.
    MachZehnder = "mach_zehnder" {
        /// Half-wave voltage times length.
        vpi_l: Sourced<VoltMeters> = 1e-5 ..= 1.0,
        /// Length of the phase shifters.
        length: Sourced<Meters> = 1e-5 ..= 0.1,
        /// Loss of the phase shifters.
        phase_shifter_loss: Sourced<DecibelsPerMeter> = 0.0 ..= 1e5,
        /// Loss of splitter, combiner and routing.
        passive_loss: Sourced<Decibels> = 0.0 ..= 10.0,
        /// Peak-to-peak drive on each arm.
        drive_voltage: Sourced<Volts> = 0.01 ..= 50.0,
        /// Phase between the arms without signal; half pi is quadrature.
        bias: Sourced<Radians> = 0.0 ..= 3.2,
        /// Share of light in one arm.
        split_ratio: Sourced<Ratio> = 0.05 ..= 0.95,
        /// Bandwidth of the junction with its series resistance; the driver has its own.
        rc_bandwidth: Sourced<Hertz> = 1e8 ..= 1e13,
        /// Electrode attenuation at 1 GHz; rises with the root of frequency.
        electrode_loss: Sourced<DecibelsPerMeter> = 0.0 ..= 1e5,
        /// Microwave index of the electrode.
        microwave_index: Sourced<Ratio> = 1.0 ..= 10.0,
        /// Optical group index of the phase shifter.
        group_index: Sourced<Ratio> = 1.0 ..= 10.0,
        /// Mean power of the heater that holds the bias.
        bias_power: Sourced<Watts> = 0.0 ..= 1.0,
        /// Greatest power of that heater.
        max_bias_power: Sourced<Watts> = 0.0 ..= 1.0,
        /// Standard deviation of the slow drift of the phase between the arms, which that heater takes out. Without it nothing drifts.
        bias_drift: Option<Sourced<Radians>> = 0.0 ..= 3.2,
        /// Time in which the drift forgets itself.
        bias_drift_time: Option<Sourced<Seconds>> = 1e-3 ..= 1e15,
        /// Whether the driver pre-distorts the levels so that the optical ones are even.
        predistorted: bool,
        /// Measured transmission over temperature, voltage of one arm (the other is driven by its negative) and wavelength; replaces loss, phase shift, bias and split.
        measured: Option<TransmissionTable>,
    }

    /// A ring modulator.
    RingModulator = "ring_modulator" {
        /// Radius.
        radius: Sourced<Meters> = 1e-6 ..= 1e-3,
        /// Field transmission past the coupler.
        self_coupling: Sourced<Ratio> = 0.5 ..= 0.999_999,
        /// Loss in the ring.
        loss: Sourced<DecibelsPerMeter> = 0.0 ..= 1e5,
        /// Group index.
        group_index: Sourced<Ratio> = 1.0 ..= 10.0,
        /// Shift of the resonance with voltage.
        modulation_efficiency: Sourced<MetersPerVolt> = 1e-13 ..= 1e-9,
        /// Peak-to-peak drive.
        drive_voltage: Sourced<Volts> = 0.01 ..= 50.0,
        /// Bandwidth of the junction with its series resistance; the driver has its own.
        rc_bandwidth: Sourced<Hertz> = 1e8 ..= 1e13,
        /// Loss of the bus guide past the ring.
        bus_loss: Sourced<Decibels> = 0.0 ..= 10.0,
        /// Standard deviation of the resonance as made.
        resonance_spread: Sourced<Meters> = 0.0 ..= 1e-7,
        /// Residual error of the lock, one standard deviation.
        lock_error: Sourced<Meters> = 0.0 ..= 1e-9,
        /// Shift of the resonance with heater power.
        heater_efficiency: Sourced<MetersPerWatt> = 1e-9 ..= 1e-4,
        /// Greatest heater power.
        max_heater_power: Sourced<Watts> = 0.0 ..= 1.0,
        /// Share of a heater's shift of its own ring that each of the two rings beside it sees. Without it rings do not warm each other.
        heater_crosstalk: Option<Sourced<Ratio>> = 0.0 ..= 0.25,
        /// Thermal resistance from the ring to the substrate.
        thermal_resistance: Sourced<KelvinPerWatt> = 1.0 ..= 1e6,
        /// Lifetime of free carriers in the ring; short under reverse bias.
        carrier_lifetime: Sourced<Seconds> = 0.0 ..= 1e-3,
        /// Part of the loss that heats the ring; the rest is scattered.
        absorbed_fraction: Sourced<Ratio> = 0.0 ..= 1.0,
        /// Whether the driver pre-distorts the levels so that the optical ones are even.
        predistorted: bool,
        /// Measured transmission of one resonance over temperature, voltage (reverse positive) and wavelength; replaces coupling, losses, efficiency, place of the resonance and drift.
        measured: Option<TransmissionTable>,
    }

    /// A wavelength multiplexer.
    Multiplexer = "multiplexer" {
        /// Loss of the wanted channel.
        loss: Sourced<Decibels> = 0.0 ..= 20.0,
        /// Light of an adjacent channel relative to the wanted one.
        adjacent_crosstalk: Sourced<Decibels> = -100.0 ..= 0.0,
        /// Light of each other channel relative to the wanted one.
        other_crosstalk: Sourced<Decibels> = -120.0 ..= 0.0,
    }

    /// A ring that drops one wavelength of a bus to a receiver.
    RingFilter = "ring_filter" {
        /// Radius.
        radius: Sourced<Meters> = 1e-6 ..= 1e-3,
        /// Field transmission past each of its two couplers.
        self_coupling: Sourced<Ratio> = 0.5 ..= 0.999_999,
        /// Loss in the ring.
        loss: Sourced<DecibelsPerMeter> = 0.0 ..= 1e5,
        /// Group index.
        group_index: Sourced<Ratio> = 1.0 ..= 10.0,
        /// Loss of the bus guide past the ring.
        bus_loss: Sourced<Decibels> = 0.0 ..= 10.0,
        /// Standard deviation of the resonance as made.
        resonance_spread: Sourced<Meters> = 0.0 ..= 1e-7,
        /// Residual error of the lock, one standard deviation.
        lock_error: Sourced<Meters> = 0.0 ..= 1e-9,
        /// Shift of the resonance with heater power.
        heater_efficiency: Sourced<MetersPerWatt> = 1e-9 ..= 1e-4,
        /// Greatest heater power.
        max_heater_power: Sourced<Watts> = 0.0 ..= 1.0,
        /// Share of a heater's shift of its own ring that each of the two rings beside it sees. Without it rings do not warm each other.
        heater_crosstalk: Option<Sourced<Ratio>> = 0.0 ..= 0.25,
    }

    /// A modulator driver.
    Driver = "driver" {
        /// Energy, both supply and termination.
        energy: Sourced<EnergyPerBit> = 0.0 ..= 1e-10,
        /// Bandwidth.
        bandwidth: Sourced<Hertz> = 1e8 ..= 1e13,
    }

    /// A photodiode.
    Photodiode = "photodiode" {
        /// Responsivity.
        responsivity: Sourced<AmperesPerWatt> = 0.01 ..= 1.5,
        /// Dark current at 25 C; doubles every 10 K.
        dark_current: Sourced<Amperes> = 0.0 ..= 1e-3,
        /// Bandwidth.
        bandwidth: Sourced<Hertz> = 1e8 ..= 1e13,
        /// Reflectance towards the fibre.
        reflectance: Sourced<Decibels> = -120.0 ..= 0.0,
    }

    /// A transimpedance amplifier.
    Tia = "tia" {
        /// Input-referred current noise density.
        noise: Sourced<AmperesPerRootHertz> = 1e-13 ..= 1e-9,
        /// Bandwidth, 3 dB.
        bandwidth: Sourced<Hertz> = 1e8 ..= 1e13,
        /// Greatest mean input power.
        overload: Sourced<DbMilliwatts> = -20.0 ..= 20.0,
        /// Energy.
        energy: Sourced<EnergyPerBit> = 0.0 ..= 1e-10,
        /// Measured noise density and response over frequency; the noise replaces `noise`, the response `bandwidth`.
        measured: Option<ReceiverTable>,
    }

    /// One end of an electrical lane: a SerDes of an interface class.
    Serdes = "serdes" {
        /// Interface class.
        class: InterfaceClass,
        /// Bit rate on the wire.
        rate: Sourced<BitRate> = 1e9 ..= 1e12,
        /// How bits become levels.
        modulation: Modulation,
        /// Loss at the Nyquist frequency that it overcomes.
        loss_budget: Sourced<Decibels> = 0.0 ..= 60.0,
        /// Energy of transmitter and receiver of one end.
        energy: Sourced<EnergyPerBit> = 0.0 ..= 1e-10,
        /// Latency of one pass through transmitter and receiver.
        latency: Sourced<Seconds> = 0.0 ..= 1e-6,
        /// Bit error ratio of the electrical segment at its loss budget.
        segment_ber: Sourced<Ratio> = 0.0 ..= 0.01,
        /// Noise of the whole electrical path, relative to the level spacing, where nothing retimes it.
        linear_noise: Sourced<Ratio> = 0.0 ..= 0.5,
        /// Taps of its feed-forward equaliser; none is zero.
        ffe_taps: u32 = 0.0 ..= 64.0,
        /// Jitter, quantisation and adaptation noise of its receiver, relative to the level spacing.
        implementation_noise: Sourced<Ratio> = 0.0 ..= 0.5,
        /// Failures of one lane.
        failure_rate: Sourced<FailureRate> = 0.0 ..= 1.0,
    }

    /// A retimer or digital signal processor between host lanes and optics.
    Dsp = "dsp" {
        /// Energy, both directions.
        energy: Sourced<EnergyPerBit> = 0.0 ..= 1e-10,
        /// Latency of one pass, with any inner code.
        latency: Sourced<Seconds> = 0.0 ..= 1e-5,
        /// Taps of its feed-forward equaliser; none is zero.
        ffe_taps: u32 = 0.0 ..= 64.0,
        /// Jitter, quantisation and adaptation noise of its receiver, relative to the level spacing.
        implementation_noise: Sourced<Ratio> = 0.0 ..= 0.5,
        /// Inner code that it adds.
        inner_code: InnerCode,
        /// Failures.
        failure_rate: Sourced<FailureRate> = 0.0 ..= 1.0,
    }

    /// A Reed-Solomon code over symbols of ten bits.
    Fec = "fec" {
        /// Symbols of a codeword.
        n: u32 = 2.0 ..= 1023.0,
        /// Data symbols of a codeword.
        k: u32 = 1.0 ..= 1022.0,
        /// Codeword error ratio that counts as closed.
        target_codeword_error_ratio: Sourced<Ratio> = 1e-30 ..= 0.1,
        /// Codewords interleaved on a port.
        interleave: u32 = 1.0 ..= 16.0,
        /// Latency of decoding after the codeword has arrived.
        decode_latency: Sourced<Seconds> = 0.0 ..= 1e-5,
    }

    /// Links without forward error correction.
    Uncoded = "uncoded" {
        /// Bit error ratio that counts as closed.
        target_bit_error_ratio: Sourced<Ratio> = 1e-30 ..= 0.1,
    }

    /// A switch die.
    Asic = "asic" {
        /// Power of everything but the SerDes at full load.
        core_power: Sourced<Watts> = 0.0 ..= 10_000.0,
        /// Part of that power that leaks at the leakage temperature, whatever the load.
        leakage: Option<Sourced<Watts>> = 0.0 ..= 10_000.0,
        /// Junction temperature at which leakage and power are stated.
        leakage_temperature: Option<Sourced<Celsius>> = -60.0 ..= 200.0,
        /// Growth b of the leakage with the junction temperature, exp(b (T - leakage temperature)).
        leakage_slope: Option<Sourced<PerKelvin>> = 0.0 ..= 0.2,
        /// Width of the die.
        width: Sourced<Meters> = 1e-4 ..= 0.2,
        /// Height of the die.
        height: Sourced<Meters> = 1e-4 ..= 0.2,
        /// Highest junction temperature.
        max_temperature: Sourced<Celsius> = 0.0 ..= 200.0,
        /// Latency from port to port.
        latency: Sourced<Seconds> = 0.0 ..= 1e-4,
        /// Failures.
        failure_rate: Sourced<FailureRate> = 0.0 ..= 1.0,
        /// Number of dies.
        count: Option<u32> = 1.0 ..= 1024.0,
        /// SerDes classes on the die.
        serdes: Vec<crate::schema::Named<SerdesClass>>,
        /// Thermal zone.
        zone: Option<String>,
        /// Price of one die as it is sold, in its package where it is sold in one.
        price: Option<Sourced<Dollars>> = 0.0 ..= 1e9,
    }

    /// The SerDes lanes of one class on a die.
    SerdesClass = "serdes_class" {
        /// The SerDes.
        part: Box<Serdes>,
        /// Lanes on one die.
        lanes: u32 = 1.0 ..= 100_000.0,
        /// Loss of the electrical path at the Nyquist frequency.
        channel_loss: Sourced<Decibels> = 0.0 ..= 100.0,
    }

    /// An optical engine: photonic and electronic dies with their fibres, or a pluggable module.
    Engine = "engine" {
        /// Where it sits.
        integration: Integration,
        /// What it does to the electrical signal.
        electrical: Electrical,
        /// Optical lanes.
        media_lanes: u32 = 1.0 ..= 4096.0,
        /// Bit rate of an optical lane, with all coding.
        media_rate: Sourced<BitRate> = 1e9 ..= 1e12,
        /// How bits become levels of light.
        modulation: Modulation,
        /// Electrical lanes; fewer or more than optical ones when it has a gearbox.
        host_lanes: u32 = 1.0 ..= 4096.0,
        /// Wavelengths on one fibre.
        wavelengths_per_fibre: u32 = 1.0 ..= 128.0,
        /// Which directions share a fibre.
        directions: Directions,
        /// Distance of neighbouring wavelengths.
        channel_spacing: Option<Sourced<Hertz>> = 1e9 ..= 1e14,
        /// Photonic platform.
        platform: Box<Platform>,
        /// Coupler that takes in laser light.
        input_coupler: Coupler,
        /// Length of guide between input coupler and modulator.
        routing_length: Sourced<Meters> = 0.0 ..= 1.0,
        /// Splitter between the lanes of one laser.
        splitter: Box<Splitter>,
        /// Modulator.
        modulator: Modulator,
        /// Modulator driver.
        driver: Box<Driver>,
        /// Wavelength multiplexer; ring modulators on one bus need none.
        multiplexer: Option<Box<Multiplexer>>,
        /// Coupler that gives out the signal.
        output_coupler: Coupler,
        /// Coupler of the receiver.
        receive_coupler: Coupler,
        /// Loss of polarisation handling in the receiver.
        polarisation_loss: Sourced<Decibels> = 0.0 ..= 10.0,
        /// Wavelength demultiplexer.
        demultiplexer: Option<Demultiplexer>,
        /// Photodiode.
        photodiode: Box<Photodiode>,
        /// Transimpedance amplifier.
        tia: Box<Tia>,
        /// The engine's own end of the host lanes.
        host_interface: Option<Box<Serdes>>,
        /// Retimer or DSP.
        dsp: Option<Box<Dsp>>,
        /// Controller and monitors.
        control_energy: Sourced<EnergyPerBit> = 0.0 ..= 1e-10,
        /// Laser inside the engine; without one the light comes from laser modules.
        laser: Option<Box<Laser>>,
        /// Power of an integrated laser into its guide.
        laser_launch: Option<Sourced<DbMilliwatts>> = -20.0 ..= 30.0,
        /// Cooler power for each watt that an integrated laser takes.
        laser_cooler_ratio: Option<Sourced<Ratio>> = 0.0 ..= 10.0,
        /// Lanes that share one integrated laser.
        lanes_per_laser: Option<u32> = 1.0 ..= 1024.0,
        /// Edge of the package that it takes.
        edge_width: Option<Sourced<Meters>> = 1e-5 ..= 0.5,
        /// Distance that it reaches inwards from that edge.
        depth: Option<Sourced<Meters>> = 1e-5 ..= 0.5,
        /// Voltage of its rail where that is held. Without it its supply is not measured.
        supply_voltage: Option<Sourced<Volts>> = 0.5 ..= 60.0,
        /// Resistance of the way of that rail to the engine and back.
        supply_resistance: Option<Sourced<Ohms>> = 0.0 ..= 1.0,
        /// Thermal resistance of a module outside the package, from its optics to the mean of its fluid at the rated flow of its cooler; the cooler's share, its resistance over its area, follows the flow.
        heat_resistance: Option<Sourced<KelvinPerWatt>> = 0.0 ..= 1000.0,
        /// Heat that a module outside the package takes up for each kelvin, with its share of the sink on it; without it the optics follow their heat at once.
        heat_capacity: Option<Sourced<JoulesPerKelvin>> = 1e-3 ..= 1e5,
        /// Time from low to full power: supplies, clocks and calibration. Without it there is none.
        power_up_time: Option<Sourced<Seconds>> = 0.0 ..= 1e4,
        /// Time from light at a modulator or filter to its lock, ring or bias. Without it there is none.
        lock_time: Option<Sourced<Seconds>> = 0.0 ..= 1e4,
        /// Failures of everything but lasers.
        failure_rate: Sourced<FailureRate> = 0.0 ..= 1.0,
        /// Number of engines.
        count: Option<u32> = 1.0 ..= 100_000.0,
        /// What the group is for.
        role: Option<Role>,
        /// Group of ASICs that it serves, in even blocks.
        asic: Option<String>,
        /// SerDes class of the ASIC that drives it.
        host: Option<String>,
        /// Thermal zone.
        zone: Option<String>,
        /// Price of one engine or module.
        price: Option<Sourced<Dollars>> = 0.0 ..= 1e9,
        /// Price of a fibre array unit with its fibres to the faceplate, for each fibre; that of a pluggable module is in its price.
        fau_price: Option<Sourced<Dollars>> = 0.0 ..= 1e6,
    }

    /// How a package is put together: yields of its steps and what they cost.
    Assembly = "assembly" {
        /// How the engines are held.
        seat: EngineSeat,
        /// Share of the substrates or interposers that are good.
        substrate_yield: Sourced<Ratio> = 0.01 ..= 1.0,
        /// Share of the dies that are good before their test.
        asic_yield: Sourced<Ratio> = 0.01 ..= 1.0,
        /// Share of a die's possible faults that its test finds.
        asic_coverage: Sourced<Ratio> = 0.0 ..= 1.0,
        /// Yield of attaching one die.
        asic_attach: Sourced<Ratio> = 0.01 ..= 1.0,
        /// Share of the engines that are good before their test.
        engine_yield: Sourced<Ratio> = 0.01 ..= 1.0,
        /// Share of an engine's possible faults that its test finds.
        engine_coverage: Sourced<Ratio> = 0.0 ..= 1.0,
        /// Yield of attaching one engine.
        engine_attach: Sourced<Ratio> = 0.01 ..= 1.0,
        /// Yield of attaching one fibre array unit.
        fau_attach: Sourced<Ratio> = 0.01 ..= 1.0,
        /// Times that a soldered engine that failed is replaced by another.
        reworks: u32 = 0.0 ..= 100.0,
        /// Share of those replacements that work.
        rework_success: Sourced<Ratio> = 0.0 ..= 1.0,
        /// Share of the packages that a replacement leaves unharmed.
        rework_survival: Sourced<Ratio> = 0.01 ..= 1.0,
        /// Price of one substrate or interposer, beyond the package in which a die is sold.
        substrate_price: Option<Sourced<Dollars>> = 0.0 ..= 1e6,
        /// Price of attaching one die.
        asic_attach_price: Option<Sourced<Dollars>> = 0.0 ..= 1e6,
        /// Price of attaching one engine.
        engine_attach_price: Option<Sourced<Dollars>> = 0.0 ..= 1e6,
        /// Price of the socket of one engine; matters where engines are detachable.
        socket_price: Option<Sourced<Dollars>> = 0.0 ..= 1e6,
        /// Price of attaching one fibre array unit.
        fau_attach_price: Option<Sourced<Dollars>> = 0.0 ..= 1e6,
        /// Price of the last test of one package.
        test_price: Option<Sourced<Dollars>> = 0.0 ..= 1e6,
    }

    /// What a box holds beside dies, packages and optics.
    Chassis = "chassis" {
        /// Price of enclosure, faceplate and cages.
        enclosure_price: Option<Sourced<Dollars>> = 0.0 ..= 1e7,
        /// Price of the boards with their control processor.
        board_price: Option<Sourced<Dollars>> = 0.0 ..= 1e7,
        /// Price of all supplies.
        supply_price: Option<Sourced<Dollars>> = 0.0 ..= 1e7,
        /// Price of fans, heat sinks and cold plates.
        cooling_price: Option<Sourced<Dollars>> = 0.0 ..= 1e7,
    }

    /// A monitor of a power level.
    LevelMonitor = "level_monitor" {
        /// Noise of one reading, one standard deviation.
        noise: Sourced<Decibels> = 0.0 ..= 10.0,
        /// Constant error.
        bias: Sourced<Decibels> = -10.0 ..= 10.0,
        /// Step of the reading.
        lsb: Sourced<Decibels> = 0.0 ..= 1.0,
        /// Time between readings.
        period: Sourced<Seconds> = 1e-6 ..= 1e4,
        /// Least level that it can read; darkness reads as this. Without it darkness gives no reading.
        floor: Option<Sourced<DbMilliwatts>> = -100.0 ..= 30.0,
    }

    /// An estimator of a signal-to-noise ratio.
    SnrMonitor = "snr_monitor" {
        /// Noise of one reading, one standard deviation.
        noise: Sourced<Decibels> = 0.0 ..= 10.0,
        /// Constant error.
        bias: Sourced<Decibels> = -10.0 ..= 10.0,
        /// Step of the reading.
        lsb: Sourced<Decibels> = 0.0 ..= 1.0,
        /// Time between readings.
        period: Sourced<Seconds> = 1e-6 ..= 1e4,
    }

    /// A monitor of a temperature.
    TemperatureMonitor = "temperature_monitor" {
        /// Noise of one reading, one standard deviation.
        noise: Sourced<KelvinDifference> = 0.0 ..= 50.0,
        /// Constant error.
        bias: Sourced<KelvinDifference> = -50.0 ..= 50.0,
        /// Step of the reading.
        lsb: Sourced<KelvinDifference> = 0.0 ..= 10.0,
        /// Time between readings.
        period: Sourced<Seconds> = 1e-6 ..= 1e4,
    }

    /// A monitor of a current.
    CurrentMonitor = "current_monitor" {
        /// Noise of one reading, one standard deviation.
        noise: Sourced<Amperes> = 0.0 ..= 0.1,
        /// Constant error.
        bias: Sourced<Amperes> = -0.1 ..= 0.1,
        /// Step of the reading.
        lsb: Sourced<Amperes> = 0.0 ..= 0.1,
        /// Time between readings.
        period: Sourced<Seconds> = 1e-6 ..= 1e4,
    }

    /// A monitor of a voltage.
    VoltageMonitor = "voltage_monitor" {
        /// Noise of one reading, one standard deviation.
        noise: Sourced<Volts> = 0.0 ..= 10.0,
        /// Constant error.
        bias: Sourced<Volts> = -10.0 ..= 10.0,
        /// Step of the reading.
        lsb: Sourced<Volts> = 0.0 ..= 1.0,
        /// Time between readings.
        period: Sourced<Seconds> = 1e-6 ..= 1e4,
    }

    /// A monitor of a heater's or a supply's power.
    PowerMonitor = "power_monitor" {
        /// Noise of one reading, one standard deviation.
        noise: Sourced<Watts> = 0.0 ..= 100.0,
        /// Constant error.
        bias: Sourced<Watts> = -100.0 ..= 100.0,
        /// Step of the reading.
        lsb: Sourced<Watts> = 0.0 ..= 10.0,
        /// Time between readings.
        period: Sourced<Seconds> = 1e-6 ..= 1e4,
    }
}

impl Integration {
    /// Whether the engine sits in the package of the die that it serves.
    pub const fn is_in_package(self) -> bool {
        !matches!(self, Self::Pluggable | Self::OnBoard)
    }
}

impl ElsfpClass {
    /// Half the width of the window round the nominal launch: 1.5 dB.
    ///
    /// # Source
    /// OIF-ELSFP-02.0, 8 January 2025, power classes.
    pub const LAUNCH_TOLERANCE: Decibels = Decibels::new(1.5);

    /// Nominal power of each laser at the module's optical connector.
    ///
    /// # Source
    /// OIF-ELSFP-02.0, 8 January 2025, power classes.
    pub const fn nominal_launch(self) -> DbMilliwatts {
        DbMilliwatts::new(match self {
            Self::Low => 11.0,
            Self::Medium => 14.0,
            Self::High => 17.0,
            Self::VeryHigh => 20.0,
            Self::UltraHigh => 23.0,
            Self::SuperHigh => 26.0,
        })
    }
}

impl LaserModule {
    /// How far the light at the module's connector falls short of its launch in its condition:
    /// nothing when new, `end_of_life_loss` at the end of life, and in the worst case also what
    /// lies between the launch and the lower edge of the window of its class.
    pub fn launch_shortfall(&self) -> Decibels {
        let none = Decibels::new(0.0);
        let aged = self
            .end_of_life_loss
            .as_ref()
            .map_or(none, |loss| loss.value);
        match self.condition.unwrap_or(LaserCondition::New) {
            LaserCondition::New => none,
            LaserCondition::EndOfLife => aged,
            LaserCondition::Worst => {
                let least = self.class.nominal_launch() - ElsfpClass::LAUNCH_TOLERANCE;
                (self.launch.value - least).max(none) + aged
            }
        }
    }
}

/// A record of one of several kinds.
macro_rules! one_of {
    ($($(#[doc = $doc:literal])+ $name:ident { $($variant:ident),+ })+) => {$(
        $(#[doc = $doc])+
        #[derive(Debug, Clone)]
        pub enum $name { $( #[doc = concat!("See [`", stringify!($variant), "`].")] $variant(Box<$variant>), )+ }

        impl FromField for $name {
            const KIND: FieldKind = FieldKind::Part(&[$(<$variant as FromRecord>::SCHEMA),+]);
            fn from_field(field: Option<&Field>, _: &FieldSchema, sampling: Sampling) -> Self {
                let Some(Value::Part(record)) = field.map(|field| &field.value) else {
                    unreachable!("a record is checked against its schema before it is used")
                };
                let record: &Record = record;
                $( if record.schema.kind == <$variant as FromRecord>::SCHEMA.kind {
                    return Self::$variant(Box::new($variant::from_record(record, sampling)));
                } )+
                unreachable!("a part is of one of the kinds of its field")
            }
        }
    )+};
}

one_of! {
    /// A modulator.
    Modulator { MachZehnder, RingModulator }
    /// A coupler between fibre and chip.
    Coupler { EdgeCoupler, GratingCoupler }
    /// What parts the wavelengths of a fibre: one filter for all, or a ring for each.
    Demultiplexer { Multiplexer, RingFilter }
    /// What protects the links: a code, or nothing.
    Code { Fec, Uncoded }
}
