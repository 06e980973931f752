//! A system as a platform of the network operating system SONiC.
//!
//! SONiC learns a switch from files of its platform: `platform.json` has the interfaces with their
//! lanes of the ASIC, `hwsku.json` their breakouts, `cpo.json` which engines and laser modules are
//! behind each, and the Python package `sonic_platform` reaches these. [`files`] writes them for
//! devices that are served as files of the driver `optoe`.
//!
//! `cpo.json` has two forms in use: `devices` and `interfaces` of the design document, which SONiC's
//! daemons read, and `oes`, `elss` and `interfaces` of the code for Bailly. `optical_devices.json` is
//! the former under its first name, under which code of one vendor reads it.
//!
//! An interface is one bank of an engine. Ports that share a bank are breakouts of its interface.
//!
//! # Source
//! `doc/platform/port_mapping_for_cpo.md` and pull request 2152 of `sonic-net/SONiC`;
//! `bailly_optoe_base.py` of `sonic-net/sonic-platform-common`; pull request 28324 of
//! `sonic-net/sonic-buildimage`.

mod plan;
mod text;

use system::System;

use crate::fleet::Fleet;

/// Where devices are served as files.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ServedAt {
    /// The directory, as hosts name it; best from the root.
    pub directory: String,
    /// The number of the bus of each device, in the order of the fleet.
    pub buses: Vec<u16>,
    /// Whether engines in joint mode show laser modules by
    /// [`SONIC_DAVISSON`](cmis::map::mirror::SONIC_DAVISSON), and not as documents have it.
    pub is_davisson: bool,
}

/// A file of the platform.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct File {
    /// Below the directory of the platform.
    pub path: &'static str,
    /// Its content.
    pub text: String,
}

/// The rule of these files that a system breaks.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum SonicError {
    /// Lanes are numbered on one ASIC.
    #[error(
        "{port} is striped over {asics} ASICs; an interface of platform.json lists lanes of one ASIC"
    )]
    Striped {
        /// The port.
        port: String,
        /// How many.
        asics: usize,
    },
    /// Files of one platform are about one ASIC.
    #[error(
        "{system} has {asics} ASICs; platform.json numbers the lanes of one ASIC, and each further ASIC is a platform of its own"
    )]
    SeveralAsics {
        /// The system.
        system: String,
        /// How many.
        asics: usize,
    },
    /// Nothing stands behind a port.
    #[error(
        "{port} is on no engine behind registers; each interface of cpo.json has an optical_engine"
    )]
    NoEngine {
        /// The port.
        port: String,
    },
    /// A port lies in one bank.
    #[error(
        "{port} lies in {banks} banks of its engines; an interface of cpo.json has one bank of one optical_engine"
    )]
    SeveralBanks {
        /// The port.
        port: String,
        /// How many.
        banks: usize,
    },
    /// Presence needs a laser module.
    #[error(
        "{port} is lit by no laser module behind registers; each interface of cpo.json has an external_laser_source, whose presence is its own"
    )]
    NoLaserModule {
        /// The port.
        port: String,
    },
    /// The lasers of a port lie in one bank of their module.
    #[error(
        "the lasers of {port} lie in {banks} banks of {module}; an interface of cpo.json has one bank of its external_laser_source"
    )]
    SeveralLaserBanks {
        /// A port.
        port: String,
        /// The laser module.
        module: String,
        /// How many.
        banks: usize,
    },
    /// In joint mode, only some pages of a laser module have banks.
    #[error(
        "{engine} in joint mode shows {modules} laser modules; SONiC reads their identity and thresholds from one bank, so that there can be one"
    )]
    SeveralJointModules {
        /// The device of the engine.
        engine: String,
        /// How many.
        modules: usize,
    },
    /// Ports that share a bank are breakouts of one interface.
    #[error(
        "ports of bank {bank} of {engine} do not divide it evenly; ports of a bank are breakouts of one interface, of equal width and rate, and leave no gap"
    )]
    Uneven {
        /// The device of the engine.
        engine: String,
        /// The bank.
        bank: usize,
    },
}

/// The name of the second form of `cpo.json`, which has a place for one laser module at each interface. It
/// is left out where there are more.
pub const VENDORS_FORM: &str = "vendor/cpo.json";

/// The files of a platform: everything that is needed beside SONiC's own packages.
///
/// # Errors
/// The rule of these files that the system breaks.
pub fn files(system: &System, fleet: &Fleet, at: &ServedAt) -> Result<Vec<File>, SonicError> {
    let plan = plan::Plan::new(system, fleet)?;
    let design = text::design_document(&plan, at);
    let file = |path, text| File { path, text };
    let mut files = vec![
        file("platform.json", text::platform(&plan)),
        file("hwsku.json", text::hwsku(&plan)),
        file("cpo.json", design.clone()),
        file("optical_devices.json", design),
        file(
            "sonic_platform/__init__.py",
            include_str!("sonic/package/__init__.py").to_owned(),
        ),
        file(
            "sonic_platform/platform.py",
            include_str!("sonic/package/platform.py").to_owned(),
        ),
        file(
            "sonic_platform/chassis.py",
            include_str!("sonic/package/chassis.py").to_owned(),
        ),
        file(
            "sonic_platform/cpo.py",
            include_str!("sonic/package/cpo.py").to_owned(),
        ),
    ];
    files.extend(text::vendors(&plan, at).map(|text| file(VENDORS_FORM, text)));
    Ok(files)
}
