//! The table of everything that can go wrong in the world.
//!
//! The set is closed. A new fault is one line of the table, a row of the table of what must be
//! observed (`crates/twin/tests/data/faults.toml`), and the physics that acts on it.

use serde::{Deserialize, Serialize};
use system::EntityKind;
use units::Dimension;

/// What a fault strikes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Strikes {
    /// A laser.
    Laser,
    /// A laser module.
    LaserModule,
    /// A fibre that carries laser light.
    LaserFibre,
    /// A fibre that carries signals.
    DataFibre,
    /// Any fibre.
    Fibre,
    /// Two fibres that carry signals in the same direction.
    TwoDataFibres,
    /// A connector.
    Connector,
    /// A fibre array unit.
    Fau,
    /// A media lane.
    MediaLane,
    /// A media lane with a Mach-Zehnder modulator.
    MachZehnderLane,
    /// A media lane with a ring modulator.
    RingLane,
    /// A host lane.
    HostLane,
    /// An engine or a die.
    EngineOrAsic,
    /// A cooling of the description, by its name.
    Cooling,
    /// A cooling whose fluid is a gas.
    AirCooling,
    /// One monitor: a signal and the entity that it belongs to.
    Monitor,
    /// One monitor of a measured value; neither a state nor a counter.
    ValueMonitor,
}

impl Strikes {
    /// What it is, with its article.
    pub const fn noun(self) -> &'static str {
        match self {
            Self::Laser => "a laser",
            Self::LaserModule => "a laser module",
            Self::LaserFibre => "a fibre that carries laser light",
            Self::DataFibre => "a fibre that carries signals",
            Self::Fibre => "a fibre",
            Self::TwoDataFibres => "two fibres that carry signals in the same direction",
            Self::Connector => "a connector",
            Self::Fau => "a fibre array unit",
            Self::MediaLane => "a media lane",
            Self::MachZehnderLane => "a media lane with a Mach-Zehnder modulator",
            Self::RingLane => "a media lane with a ring modulator",
            Self::HostLane => "a host lane",
            Self::EngineOrAsic => "an engine or a die",
            Self::Cooling => "a cooling",
            Self::AirCooling => "a cooling by air",
            Self::Monitor => "a monitor, which is a signal and an entity",
            Self::ValueMonitor => {
                "a monitor of a value, which is a signal that is neither state nor counter, and an entity"
            }
        }
    }

    /// The kinds of entities that it can be; none for coolings, and none for monitors, whose
    /// signal decides.
    pub const fn kinds(self) -> &'static [EntityKind] {
        match self {
            Self::Laser => &[EntityKind::Laser],
            Self::LaserModule => &[EntityKind::LaserModule],
            Self::LaserFibre | Self::DataFibre | Self::Fibre | Self::TwoDataFibres => {
                &[EntityKind::Fibre]
            }
            Self::Connector => &[EntityKind::Connector],
            Self::Fau => &[EntityKind::Fau],
            Self::MediaLane | Self::MachZehnderLane | Self::RingLane => &[EntityKind::MediaLane],
            Self::HostLane => &[EntityKind::HostLane],
            Self::EngineOrAsic => &[EntityKind::Engine, EntityKind::Asic],
            Self::Cooling | Self::AirCooling | Self::Monitor | Self::ValueMonitor => &[],
        }
    }

    /// How many words name it.
    pub const fn n_words(self) -> usize {
        match self {
            Self::TwoDataFibres | Self::Monitor | Self::ValueMonitor => 2,
            _ => 1,
        }
    }
}

/// How the severity follows the level of a fault's profile.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Rise {
    /// `level * severity`: nothing is at zero.
    FromZero,
    /// `1 + level * (severity - 1)`: a factor, and nothing is at one.
    FromOne,
    /// `severity + 10 log10(level)`: decibels of a power that rises from nothing.
    InPower,
    /// The whole severity while the fault is there.
    Switched,
}

/// The severity of a kind of fault.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Range {
    /// What is stated.
    pub meaning: &'static str,
    /// What it measures; values stand in the unit that the newtype of `units` holds.
    pub dimension: Dimension,
    /// Least value.
    pub least: f64,
    /// Greatest value.
    pub greatest: f64,
    /// The value of a fault that states none.
    pub default: f64,
    /// How it follows the level.
    pub rise: Rise,
}

/// What says how bad a fault is.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Severity {
    /// Nothing: the fault is there or not.
    None,
    /// A quantity.
    Quantity(Range),
    /// A difference in the unit of the monitor's signal, which has to be stated.
    OfSignal,
}

const fn quantity(
    meaning: &'static str,
    dimension: Dimension,
    (least, greatest): (f64, f64),
    default: f64,
) -> Severity {
    Severity::Quantity(Range {
        meaning,
        dimension,
        least,
        greatest,
        default,
        rise: Rise::FromZero,
    })
}

const fn share(meaning: &'static str, default: f64) -> Severity {
    quantity(meaning, Dimension::Ratio, (0.0, 1.0), default)
}

/// Loss, up to where nothing is left of any light.
const fn loss(meaning: &'static str, default: f64) -> Severity {
    quantity(meaning, Dimension::PowerRatio, (0.0, 60.0), default)
}

const fn factor(meaning: &'static str, greatest: f64, default: f64) -> Severity {
    Severity::Quantity(Range {
        meaning,
        dimension: Dimension::Ratio,
        least: 1.0,
        greatest,
        default,
        rise: Rise::FromOne,
    })
}

/// Drift of a phase beyond which it comes back to where it was.
const TURN_RAD: f64 = 2.0 * std::f64::consts::PI;

const STUCK_HEATER: Severity = Severity::Quantity(Range {
    meaning: "power that the heater keeps",
    dimension: Dimension::Power,
    least: 0.0,
    greatest: 1.0,
    default: 0.0,
    rise: Rise::Switched,
});

const REFLECTION: Severity = Severity::Quantity(Range {
    meaning: "reflectance of the connector",
    dimension: Dimension::PowerRatio,
    least: -80.0,
    greatest: 0.0,
    default: -20.0,
    rise: Rise::InPower,
});

macro_rules! faults {
    ($($(#[doc = $doc:literal])+ $variant:ident, $name:literal, $strikes:ident, $severity:expr;)+) => {
        /// Something that can go wrong. See [`FaultKind::ALL`].
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
        #[non_exhaustive]
        pub enum FaultKind { $($(#[doc = $doc])+ $variant,)+ }

        impl FaultKind {
            /// Every kind of fault.
            pub const ALL: &'static [Self] = &[$(Self::$variant),+];

            /// The name in files and commands.
            pub const fn name(self) -> &'static str {
                match self { $(Self::$variant => $name),+ }
            }

            /// The kind with this name.
            pub fn from_name(name: &str) -> Option<Self> {
                match name { $($name => Some(Self::$variant),)+ _ => None }
            }

            /// What it strikes.
            pub const fn strikes(self) -> Strikes {
                match self { $(Self::$variant => Strikes::$strikes),+ }
            }

            /// What says how bad it is.
            pub const fn severity(self) -> Severity {
                match self { $(Self::$variant => $severity),+ }
            }

            /// Its physics in a sentence.
            pub const fn doc(self) -> &'static str {
                match self { $(Self::$variant => concat!($($doc),+).trim_ascii_start()),+ }
            }
        }
    };
}

faults! {
    /// The laser turns less of its current beyond threshold into light, so its power loop asks for
    /// more current until it meets the limit.
    LaserDegradation, "laser_degradation", Laser, share("share of the slope efficiency lost", 0.2);
    /// The laser gives no light at any current.
    LaserDeath, "laser_death", Laser, Severity::None;
    /// The grating of the laser emits at another wavelength than its temperature says.
    LaserWavelength, "laser_wavelength", Laser, quantity("shift of the wavelength", Dimension::Length, (-1e-8, 1e-8), 5e-10);
    /// The cooler of the module fails, and its lasers stand above their case by so much.
    LaserCooler, "laser_cooler", LaserModule, quantity("rise of the lasers above their case", Dimension::TemperatureDifference, (0.0, 100.0), 10.0);
    /// The module is not pushed home, so the gap at its optical mate costs light on each of its fibres.
    ModuleUnseated, "module_unseated", LaserModule, loss("loss at each of its fibres", 10.0);
    /// The module is pulled: no light, no power drawn, and nobody who answers.
    ModuleAbsent, "module_absent", LaserModule, Severity::None;
    /// Dirt at the mate of a laser fibre scatters light before it reaches the engine.
    LaserDirt, "laser_dirt", LaserFibre, loss("loss of the light in the fibre", 1.0);
    /// A tight bend of a laser fibre lets light out of its core.
    LaserBend, "laser_bend", LaserFibre, loss("loss of the light in the fibre", 1.0);
    /// A crack or burn in the splitter of the engine costs light on all lanes of one laser.
    SplitterDamage, "splitter_damage", Laser, loss("loss in the engine's splitter", 3.0);
    /// The modulator no longer follows its driver: light passes, data does not.
    ModulatorOpen, "modulator_open", MediaLane, Severity::None;
    /// The phase between the arms of the interferometer drifts; its bias loop takes that out until the
    /// heater meets a rail, and what is left bends the levels.
    BiasCreep, "bias_creep", MachZehnderLane, quantity("drift of the phase between the arms", Dimension::Angle, (-TURN_RAD, TURN_RAD), 2.0);
    /// The heater of the modulator draws no current and gives no heat.
    HeaterOpen, "heater_open", MediaLane, Severity::None;
    /// The heater of the modulator keeps one power whatever its loop asks for.
    HeaterStuck, "heater_stuck", MediaLane, STUCK_HEATER;
    /// The lock loop of the ring lets go of its heater, and the ring cools away from its laser.
    RingUnlock, "ring_unlock", RingLane, Severity::None;
    /// The driver gives less than its swing to the modulator.
    DriverSwing, "driver_swing", MediaLane, share("share of the swing lost", 0.3);
    /// The fibre array shifts against the chip, at a right angle to the offset that is there, so the
    /// modes of all its fibres overlap less.
    FauShift, "fau_shift", Fau, quantity("shift across the light", Dimension::Length, (0.0, 1e-5), 1e-6);
    /// Dirt on a connector of a data fibre scatters light.
    FibreDirt, "fibre_dirt", DataFibre, loss("loss of the light in the fibre", 1.0);
    /// A tight bend of a data fibre lets light out of its core.
    FibreBend, "fibre_bend", DataFibre, loss("loss of the light in the fibre", 1.0);
    /// The fibre is broken: no light passes.
    FibreBreak, "fibre_break", Fibre, Severity::None;
    /// The ribbon behind a ferrule is cut: no light passes any of its fibres.
    RibbonCut, "ribbon_cut", Connector, Severity::None;
    /// Two fibres are plugged into each other's place, so each carries the other's light to the wrong end.
    FibresSwapped, "fibres_swapped", TwoDataFibres, Severity::None;
    /// A bad connector reflects light, which returns from the other connectors and beats with the
    /// signal (multi-path interference): noise that grows with the signal itself.
    Reflection, "reflection", DataFibre, REFLECTION;
    /// The photodiode turns less light into current.
    Photodiode, "photodiode", MediaLane, share("share of the responsivity lost", 0.5);
    /// The input stage of the receiver adds more noise current.
    TiaNoise, "tia_noise", MediaLane, factor("factor on the noise current", 100.0, 2.0);
    /// The SerDes of the die sends nothing into the host lane.
    SerdesTransmit, "serdes_transmit", HostLane, Severity::None;
    /// The SerDes of the die no longer decides what the engine sends over the host lane.
    SerdesReceive, "serdes_receive", HostLane, Severity::None;
    /// The transmitter at the far end, which this lane hears, gives less light.
    FarTransmitter, "far_transmitter", MediaLane, loss("light lost at the far end", 3.0);
    /// A void or a pumped-out spot in the thermal interface hinders the heat between part and cooler.
    TimVoid, "tim_void", EngineOrAsic, quantity("resistance added between part and cooler", Dimension::ThermalResistance, (0.0, 100.0), 0.1);
    /// A channel of the cooler is blocked, and less fluid passes at the same inlet temperature.
    ChannelBlocked, "channel_blocked", Cooling, share("share of the flow lost", 0.5);
    /// The coolant runs out or its pump stops.
    CoolantLoss, "coolant_loss", Cooling, share("share of the flow lost", 1.0);
    /// The coolant comes in warmer.
    CoolantWarm, "coolant_warm", Cooling, quantity("rise of the inlet temperature", Dimension::TemperatureDifference, (0.0, 80.0), 10.0);
    /// Fans fail, and less air passes.
    FanFailure, "fan_failure", AirCooling, share("share of the flow lost", 0.5);
    /// The monitor repeats its last reading.
    MonitorStuck, "monitor_stuck", Monitor, Severity::None;
    /// The readings of the monitor scatter more.
    MonitorNoisy, "monitor_noisy", ValueMonitor, factor("factor on the noise of the readings", 1000.0, 10.0);
    /// The readings of the monitor are off by a constant.
    MonitorBiased, "monitor_biased", ValueMonitor, Severity::OfSignal;
    /// The monitor says nothing.
    MonitorDead, "monitor_dead", Monitor, Severity::None;
    /// The interlock finds the laser path open, and the module lowers its light to what is safe for eyes.
    LaserPathOpen, "laser_path_open", LaserModule, Severity::None;
}

impl FaultKind {
    /// Whether its level can lie between nothing and all; others are there or not, and have
    /// neither onset nor recovery.
    pub const fn is_gradual(self) -> bool {
        match self.severity() {
            Severity::None => false,
            Severity::Quantity(range) => !matches!(range.rise, Rise::Switched),
            Severity::OfSignal => true,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_unique_and_lead_back() {
        for kind in FaultKind::ALL {
            assert_eq!(FaultKind::from_name(kind.name()), Some(*kind));
        }
        assert_eq!(FaultKind::ALL.len(), 37);
        assert_eq!(FaultKind::from_name("fibre"), None);
    }

    #[test]
    fn documentation_is_one_sentence() {
        for kind in FaultKind::ALL {
            let doc = kind.doc();
            assert!(doc.ends_with('.') && !doc.contains("  "), "{doc}");
        }
    }

    #[test]
    fn defaults_lie_in_their_ranges() {
        for kind in FaultKind::ALL {
            if let Severity::Quantity(range) = kind.severity() {
                assert!(range.least < range.greatest, "{kind:?}");
                let valid = range.least..=range.greatest;
                assert!(valid.contains(&range.default), "{kind:?}");
            }
        }
    }
}
