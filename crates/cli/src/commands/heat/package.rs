//! Packages from files and systems.

use std::path::{Path, PathBuf};

use anyhow::Result;
use system::{Library, System, nearest};
use thermal::read::ice::{self, IceFile};
use thermal::read::{Analysis, Case, Interval, ReadErrors, ecxml, hotspot, power_map};
use thermal::{Condition, Face, Grid};
use twin::SteadyState;
use units::{Celsius, HeatTransferCoefficient, Seconds, Watts, parse};

use crate::args;
use crate::input;
use crate::output::{BadFile, UsageError};

/// A package that is ready to be solved.
pub(super) struct Package {
    /// Where it comes from.
    pub(super) name: String,
    /// Of which form that is.
    pub(super) form: &'static str,
    /// The package.
    pub(super) case: Case,
    /// Temperature of the surroundings, where it is said apart from the faces.
    ambient: Option<Celsius>,
    /// The whole of a 3D-ICE file, for what it asks to be written.
    pub(super) ice: Option<IceFile>,
}

/// Cells across and up where neither a file nor an argument says them.
const CELLS: (usize, usize) = (64, 64);

/// Reads what the arguments name, and changes it as they say.
pub(super) fn read(args: &args::Heat) -> Result<Package> {
    let library = input::library(args.resolve.library.as_deref())?;
    let path = Path::new(&args.source);
    let is_system = library.platform(&args.source).is_some()
        || path.extension().is_some_and(|ending| ending == "toml");
    let mut package = if is_system {
        of_system(args, &library)?
    } else {
        of_file(args, path, &library)?
    };
    refuse_foreign(args, &package)?;
    for (cooling, face) in [
        (&args.top, &mut package.case.stack.top),
        (&args.bottom, &mut package.case.stack.bottom),
    ] {
        if let Some(text) = cooling {
            *face = Face::uniform(condition(text, package.ambient)?);
        }
    }
    for powers in &args.powers {
        add_powers(powers, &mut package)?;
    }
    // The reader of ECXML cuts along the edges of blocks.
    let is_cut = package.form == "ECXML";
    if let Some((nx, ny)) = args.grid.filter(|_| !is_cut) {
        package.case.grid = Grid::uniform(&package.case.stack, nx, ny)
            .map_err(|error| UsageError(format!("--grid: {error}")))?;
    }
    Ok(package)
}

/// A system as a package.
fn of_system(args: &args::Heat, library: &Library) -> Result<Package> {
    let system = input::resolve(&args.source, library, &args.resolve)?;
    let case = package_of(&system, args.transient)?;
    Ok(Package {
        name: system.description.name.clone(),
        form: "system",
        case,
        ambient: None,
        ice: None,
    })
}

/// How often a system that is switched on cold is looked at, and the time between two looks.
const LOOKS: usize = 120;
const LOOK: Seconds = Seconds::new(0.5);
/// Time step meanwhile.
const STEP: Seconds = Seconds::new(0.02);

/// The package of a system, with its geometry, powers and cooling. Over time it is switched on as
/// cold as the coldest of what cools it, at the powers that it has at rest.
fn package_of(system: &System, is_over_time: bool) -> Result<Case> {
    let state = SteadyState::solve(system);
    let package = twin::heat::package(system, &state)?;
    let powers: Vec<Watts> = package
        .stack
        .blocks()
        .map(|(_, block)| block.power)
        .collect();
    let analysis = if is_over_time {
        Analysis::Transient {
            initial: package.coldest,
            step: STEP,
            intervals: vec![
                Interval {
                    duration: LOOK,
                    powers
                };
                LOOKS
            ],
        }
    } else {
        Analysis::Steady
    };
    Ok(Case {
        stack: package.stack,
        grid: package.grid,
        analysis,
        notes: package.notes,
    })
}

/// The package of a file, by what it holds or by its ending.
fn of_file(args: &args::Heat, path: &Path, library: &Library) -> Result<Package> {
    if !path.exists() {
        let platforms: Vec<&str> = library.platforms().collect();
        let near = nearest(&args.source, platforms.iter().copied())
            .map_or_else(String::new, |near| format!("; did you mean {near:?}?"));
        let text = format!("{:?} is neither a file nor a platform{near}", args.source);
        return Err(UsageError(text).into());
    }
    if !args.resolve.sets.is_empty() {
        let text = "--set belongs to systems; a package file is changed in the file";
        return Err(UsageError(text.into()).into());
    }
    let name = &args.source;
    let text = text_of(path).map_err(UsageError)?;
    let ending = path.extension().unwrap_or_default().to_string_lossy();
    if ecxml::is_ecxml(&text) {
        let options = ecxml::Options {
            fill: args.fill.clone(),
            cells: args.grid.unwrap_or(CELLS),
        };
        let read = ecxml::read(name, &text, &options).map_err(bad_file)?;
        return Ok(Package {
            name: name.clone(),
            form: "ECXML",
            case: read.case,
            ambient: read.ambient,
            ice: None,
        });
    }
    if ending.eq_ignore_ascii_case("config") {
        let case = of_hotspot(args, path, &text)?;
        return Ok(Package {
            name: name.clone(),
            form: "HotSpot",
            case,
            ambient: None,
            ice: None,
        });
    }
    if ending.eq_ignore_ascii_case("stk") {
        let folder = folder(path);
        let load = |file: &str| text_of(&folder.join(file));
        let file = ice::read(name, &text, &load).map_err(bad_file)?;
        return Ok(Package {
            name: name.clone(),
            form: "3D-ICE",
            case: file.case.clone(),
            ambient: None,
            ice: Some(file),
        });
    }
    let text =
        format!("cannot tell the form of {name:?}\nfiles: 3D-ICE .stk, HotSpot .config, ECXML");
    Err(UsageError(text).into())
}

fn of_hotspot(args: &args::Heat, path: &Path, text: &str) -> Result<Case> {
    let overrides = args.hotspot.iter().map(|pair| match pair.split_once('=') {
        Some((key, value)) if !key.is_empty() => Ok((key.to_owned(), value.to_owned())),
        _ => Err(UsageError(format!(
            "--hotspot {pair:?} is no KEY=VALUE, such as f=chip.flp"
        ))),
    });
    let mut overrides: Vec<_> = overrides.collect::<Result<_, _>>()?;
    if args.transient {
        // HotSpot follows its trace when it is told where to write temperatures.
        overrides.push(("o".to_owned(), "-".to_owned()));
    }
    let options = hotspot::Options {
        overrides,
        fidelity: if args.hotspot_compat {
            hotspot::Fidelity::HotspotCompat
        } else {
            hotspot::Fidelity::Physics
        },
    };
    let folder = folder(path);
    let load = |file: &str| text_of(&folder.join(file));
    Ok(hotspot::read(&args.source, text, &options, &load).map_err(bad_file)?)
}

/// Refuses options that this kind of package would leave unheard.
fn refuse_foreign(args: &args::Heat, package: &Package) -> Result<()> {
    let is_hotspot = package.form == "HotSpot";
    let text = if args.hotspot_compat && !is_hotspot {
        "--hotspot-compat belongs to HotSpot's files"
    } else if !args.hotspot.is_empty() && !is_hotspot {
        "--hotspot belongs to HotSpot's files"
    } else if args.outputs.is_some() && package.ice.is_none() {
        "--outputs belongs to 3D-ICE's files, which say what to write"
    } else if args.outputs.is_some() && (args.grid.is_some() || !args.powers.is_empty()) {
        "--outputs writes what the file asks for on its own grid with its own powers; leave --grid and --powers out"
    } else if args.fill.is_some() && package.form != "ECXML" {
        "--fill belongs to ECXML files"
    } else {
        return Ok(());
    };
    Err(UsageError(text.into()).into())
}

fn bad_file(errors: ReadErrors) -> BadFile {
    BadFile(errors.0)
}

fn folder(path: &Path) -> PathBuf {
    path.parent().unwrap_or(Path::new(".")).to_owned()
}

/// The text of a file.
fn text_of(path: &Path) -> Result<String, String> {
    let bytes = input::read_file(path)?;
    String::from_utf8(bytes).map_err(|_| format!("{} is not UTF-8", path.display()))
}

/// Reads how a face is cooled.
fn condition(text: &str, ambient: Option<Celsius>) -> Result<Condition> {
    let (what, at) = match text.split_once(" at ") {
        Some((what, at)) => (what, Some(at)),
        None => (text, None),
    };
    let bad = |error: &dyn std::fmt::Display| {
        UsageError(format!(
            "{text:?} is no cooling: {error}\nsuch as '20 kW/(m2 K) at 40 C', or '40 C' for a face that is held"
        ))
    };
    if at.is_none()
        && let Ok(held) = parse::<Celsius>(what)
    {
        return Ok(Condition::Temperature(held));
    }
    let coefficient: HeatTransferCoefficient = parse(what).map_err(|error| bad(&error))?;
    let stated = at.map(parse::<Celsius>).transpose();
    let ambient = stated.map_err(|error| bad(&error))?.or(ambient);
    let Some(ambient) = ambient else {
        return Err(bad(&"the temperature of the fluid is not said").into());
    };
    Ok(Condition::Convection {
        coefficient,
        ambient,
    })
}

/// Powers of blocks, or a map over one block.
fn add_powers(argument: &str, package: &mut Package) -> Result<()> {
    // A file of that name is a list, whatever its name holds.
    let split = argument
        .split_once('=')
        .filter(|_| !Path::new(argument).exists());
    let file = split.map_or(argument, |(_, file)| file);
    let text = text_of(Path::new(file)).map_err(UsageError)?;
    let stack = &mut package.case.stack;
    let before: Vec<String> = stack.blocks().map(|(_, b)| b.name.clone()).collect();
    match split {
        Some((block, _)) => {
            power_map::over_block(file, &text, block, stack).map_err(bad_file)?;
        }
        None => {
            power_map::blocks(file, &text, stack).map_err(bad_file)?;
        }
    }
    if let Analysis::Transient { intervals, .. } = &mut package.case.analysis {
        // What a file says of one time holds at all times.
        let blocks: Vec<_> = package
            .case
            .stack
            .blocks()
            .map(|(_, b)| b.clone())
            .collect();
        if blocks.len() != before.len() {
            let text = "a map over a block cannot be joined to powers over time";
            return Err(UsageError(text.into()).into());
        }
        for interval in intervals {
            interval.powers = blocks.iter().map(|block| block.power).collect();
        }
    }
    Ok(())
}
