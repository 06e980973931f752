//! Material platforms and what they can do.

use crate::error::DeviceError;

/// What a circuit may ask of its material platform.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
#[non_exhaustive]
pub enum Function {
    /// Guide light with low loss.
    Guide,
    /// Generate or amplify light.
    GenerateLight,
    /// Modulate light at tens of gigahertz.
    Modulate,
    /// Turn light into current.
    Detect,
    /// Tune a resonance by heating.
    TuneThermally,
    /// Carry a continuous power of 100 mW in one guide without two-photon absorption.
    CarryHighPower,
}

impl std::fmt::Display for Function {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::Guide => "guide light",
            Self::GenerateLight => "generate light",
            Self::Modulate => "modulate light",
            Self::Detect => "detect light",
            Self::TuneThermally => "tune by heating",
            Self::CarryHighPower => "carry high power",
        })
    }
}

/// The guiding material.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
#[non_exhaustive]
pub enum PlatformKind {
    /// Silicon on insulator.
    SiliconOnInsulator,
    /// Silicon nitride in oxide.
    SiliconNitride,
    /// Indium phosphide with its quaternary alloys.
    IndiumPhosphide,
}

/// What is added to the guiding layer by epitaxy, bonding or printing.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
#[non_exhaustive]
pub enum Extension {
    /// Germanium grown on the guide, for detectors.
    Germanium,
    /// A bonded or printed III-V layer, for gain.
    BondedGain,
    /// A bonded electro-optic film such as lithium niobate.
    ElectroOpticFilm,
}

/// A platform: a guiding material with its extensions.
///
/// ```
/// use photonics::platform::{Extension, Function, Platform, PlatformKind};
/// let plain = Platform { kind: PlatformKind::SiliconOnInsulator, extensions: vec![] };
/// assert!(plain.can(Function::Modulate).is_ok());
/// assert!(plain.can(Function::GenerateLight).is_err());
/// let hybrid = Platform { extensions: vec![Extension::BondedGain], ..plain };
/// assert!(hybrid.can(Function::GenerateLight).is_ok());
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Platform {
    /// The guiding material.
    pub kind: PlatformKind,
    /// What is added to it.
    pub extensions: Vec<Extension>,
}

impl PlatformKind {
    /// Name for messages.
    pub const fn name(self) -> &'static str {
        match self {
            Self::SiliconOnInsulator => "silicon on insulator",
            Self::SiliconNitride => "silicon nitride",
            Self::IndiumPhosphide => "indium phosphide",
        }
    }

    /// Whether one photon pair at 1310 nm or 1550 nm carries more than the band gap, so that the
    /// guide absorbs by two photons at once.
    ///
    /// Silicon (1.12 eV) and indium phosphide (1.34 eV) do, silicon nitride (about 5 eV) does not.
    pub const fn has_two_photon_absorption(self) -> bool {
        !matches!(self, Self::SiliconNitride)
    }
}

impl Platform {
    /// Whether the platform can do it.
    ///
    /// # Errors
    /// [`DeviceError::NotCapable`] with the reason.
    pub fn can(&self, function: Function) -> Result<(), DeviceError> {
        use Extension::{BondedGain, ElectroOpticFilm, Germanium};
        use PlatformKind::{IndiumPhosphide, SiliconNitride, SiliconOnInsulator};
        let has = |extension| self.extensions.contains(&extension);
        let reason = match (function, self.kind) {
            (Function::Guide | Function::TuneThermally, _)
            | (Function::GenerateLight | Function::Modulate | Function::Detect, IndiumPhosphide)
            | (Function::Modulate, SiliconOnInsulator)
            | (Function::CarryHighPower, SiliconNitride) => return Ok(()),
            (Function::GenerateLight, _) if has(BondedGain) => return Ok(()),
            (Function::GenerateLight, SiliconOnInsulator) => {
                "its band gap is indirect; light must come from a bonded layer or from outside"
            }
            (Function::GenerateLight, SiliconNitride) => {
                "it is a dielectric; light must come from a bonded layer or from outside"
            }
            (Function::Modulate, SiliconNitride) if has(ElectroOpticFilm) => return Ok(()),
            (Function::Modulate, SiliconNitride) => {
                "it has neither free carriers nor a linear electro-optic effect"
            }
            (Function::Detect, _) if has(Germanium) || has(BondedGain) => return Ok(()),
            (Function::Detect, SiliconOnInsulator) => {
                "silicon is transparent here; detectors need germanium"
            }
            (Function::Detect, SiliconNitride) => "it is transparent; detectors need another layer",
            (Function::CarryHighPower, _) => {
                "two-photon absorption sets in; split the power first or use silicon nitride"
            }
        };
        Err(DeviceError::NotCapable {
            platform: self.kind.name(),
            function,
            reason,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn capabilities_follow_the_material() {
        use Function::{CarryHighPower, Detect, GenerateLight, Modulate};
        let can = |kind, extensions: &[Extension], function| {
            Platform {
                kind,
                extensions: extensions.to_vec(),
            }
            .can(function)
            .is_ok()
        };
        let soi = PlatformKind::SiliconOnInsulator;
        let sin = PlatformKind::SiliconNitride;
        let inp = PlatformKind::IndiumPhosphide;
        assert!(!can(soi, &[], Detect) && can(soi, &[Extension::Germanium], Detect));
        assert!(!can(sin, &[], Modulate) && can(sin, &[Extension::ElectroOpticFilm], Modulate));
        assert!(can(inp, &[], GenerateLight) && !can(inp, &[], CarryHighPower));
        assert!(can(sin, &[], CarryHighPower) && !sin.has_two_photon_absorption());
    }

    #[test]
    fn refusal_names_platform_function_and_reason() {
        let platform = Platform {
            kind: PlatformKind::SiliconNitride,
            extensions: vec![],
        };
        let text = platform.can(Function::Modulate).unwrap_err().to_string();
        assert_eq!(
            text,
            "silicon nitride cannot modulate light: it has neither free carriers nor a linear \
             electro-optic effect"
        );
    }
}
