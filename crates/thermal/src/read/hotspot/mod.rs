//! Packages of `HotSpot` 7: `.config`, `.flp`, `.lcf`, `.ptrace` and `.materials`, unmodified.
//!
//! [`read`] takes the text of a configuration, the pairs of the tool's command line, and a function
//! that loads the files that they name. Every problem of every file is reported at once, with its
//! line.
//!
//! ```
//! use thermal::{Model, read::hotspot};
//!
//! let config = "-r_convec 0.2\n-s_sink 0.01\n-s_spreader 0.01\n-ambient 313.15\n-grid_rows 8\n-grid_cols 8\n-f chip.flp\n-p chip.ptrace\n";
//! let load = |name: &str| match name {
//!     "chip.flp" => Ok("core 0.01 0.01 0 0\n".to_owned()),
//!     "chip.ptrace" => Ok("core\n10\n".to_owned()),
//!     _ => Err("no such file".to_owned()),
//! };
//! let case = hotspot::read("chip.config", config, &hotspot::Options::default(), &load)?;
//! let model = Model::new(&case.stack, &case.grid)?;
//! let field = model.steady(&model.powers())?;
//! // 10 W through 0.2 K/W are 2 K; sink, spreader, interface and half of the die add 2.55 K.
//! let core = model.average(&field, 0).value();
//! assert!((core - 44.55).abs() < 0.01, "{core}");
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! # Geometry
//! The stack is as wide as the widest plate, sink or board; chip, spreader and substrate stand in
//! its middle, with still air round them. The tool models what lies beyond the chip by a dozen
//! lumped nodes instead. Over the chip the cells are those of `grid_rows` and `grid_cols`; beyond it
//! they grow.
//!
//! # Fidelity
//! [`Fidelity::Physics`] solves what the files describe. [`Fidelity::HotspotCompat`] repeats what
//! the tool does with them:
//! - with `detailed_3D on`, convection and sink count half again between spreader and sink
//!   (`temperature_grid.c`: the resistance to the air is part of the sink's own, which is halved
//!   once more towards the spreader), and the node of layer 0 lies on its lower face;
//! - without it, every node lies on the lower face of its layer, and materials of blocks are
//!   ignored;
//! - where cells are not square, resistances across and up are exchanged (`find_res`, in builds
//!   with `SuperLU`);
//! - every heat capacity is multiplied by 0.333 (`C_FACTOR`), so that transients run three times
//!   too fast; the time steps are those of whoever solves, where the tool takes one implicit Euler
//!   step for each interval.
//!
//! # Not modelled
//! Fins and fans of `package_model_used` (an error, because they replace `r_convec`), leakage of
//! `leakage_used`, initial temperatures of `init_file`. The pressure in channels follows the
//! friction of rectangular ducts, for which the tool has a formula of its own.
//!
//! # Source
//! `HotSpot` 7.0 of the University of Virginia: its sources and example files.

mod build;
mod channels;
mod compat;
mod config;
mod floorplan;
mod layers;
mod lines;
mod materials;
mod mesh;
mod package;
mod trace;

use super::{Case, ReadErrors};
use channels::Channels;
use config::{Range, Settings, shown};
use layers::Layer;
use lines::{Place, Report};
use materials::Materials;
use package::Package;
use trace::Trace;

/// How the files are understood.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Fidelity {
    /// As the physics that they describe.
    #[default]
    Physics,
    /// With the tool's known faults, each named in [`Case::notes`].
    HotspotCompat,
}

/// What stands beside the configuration.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Options {
    /// Pairs of the tool's command line, such as `("f", "chip.flp")`, with or without their dash;
    /// they override the configuration. `o` asks for a transient, as it does there.
    pub overrides: Vec<(String, String)>,
    /// How the files are understood.
    pub fidelity: Fidelity,
}

/// What the files say, before a stack is made of it.
#[derive(Debug)]
struct Input {
    layers: Vec<Layer>,
    channels: Channels,
    package: Package,
    trace: Trace,
    /// Rows and columns of cells over the chip.
    grid: [usize; 2],
    is_detailed: bool,
    /// Start in kelvin and interval in seconds of a transient.
    transient: Option<[f64; 2]>,
    fidelity: Fidelity,
}

/// Reads a configuration and all that it names.
///
/// `load` gives the text of a file, or why it cannot.
///
/// # Errors
/// Every problem of every file, with its line.
pub fn read(
    file: &str,
    config: &str,
    options: &Options,
    load: &dyn Fn(&str) -> Result<String, String>,
) -> Result<Case, ReadErrors> {
    let mut report = Report::default();
    let settings = Settings::read(file, config, &options.overrides, &mut report);
    let input = input(&settings, options.fidelity, load, &mut report);
    match input {
        Some(input) if report.errors.is_empty() => build::case(&input, file, report),
        _ => Err(ReadErrors(report.errors)),
    }
}

/// Everything that the files say; `None` after an error.
fn input(
    settings: &Settings,
    fidelity: Fidelity,
    load: &dyn Fn(&str) -> Result<String, String>,
    report: &mut Report,
) -> Option<Input> {
    let is_detailed = settings
        .text("detailed_3D")
        .is_some_and(|entry| entry.value == "on");
    unsupported(settings, report);
    let is_grid = is_grid(settings, is_detailed, report);
    let materials = match settings.text("materials_file") {
        Some(entry) => layers::text(&entry.value, &entry.at, load, report)
            .map_or_else(Materials::default, |text| {
                Materials::read(&entry.value, &text, report)
            }),
        None => Materials::default(),
    };
    let package = Package::read(settings, &materials, report);
    if let (Some(_), false) = (package.secondary, is_grid) {
        report.error(
            &settings.place("model_secondary"),
            "a secondary path needs -model_type grid",
        );
    }
    let layers = read_layers(settings, &materials, load, report);
    let grid = [("grid_rows", 64), ("grid_cols", 64)].map(|(key, default)| {
        let n = settings.count(key, default, report);
        if n > 1 << 13 {
            let message = format!("-{key} is {n}; at most {} cells are read", 1 << 13);
            report.error(&settings.place(key), message);
        }
        n
    });
    let channels = Channels::read(settings, &materials, report);
    maps(&layers, grid, is_detailed, settings, report);
    if let Some(layer) = layers.first() {
        sizes(layer, &package, settings, report);
    }
    let start_k = settings.number("init_temp", 333.15, Range::NotNegative, report);
    let interval_s = settings.number("sampling_intvl", 3.333e-6, Range::Positive, report);
    let Some(powers) = settings.text("p") else {
        report.error_help(
            &settings.place("p"),
            "there is no file of powers",
            "name it on the command line: -p FILE",
        );
        return None;
    };
    let text = layers::text(&powers.value, &powers.at, load, report)?;
    // Columns can be checked only when all layers are there.
    if layers.is_empty() || !report.errors.is_empty() {
        return None;
    }
    let trace = Trace::read(&powers.value, &text, &layers, report)?;
    let transient = settings.text("o").map(|_| [start_k, interval_s]);
    if transient.is_some() {
        notes_of_start(settings, start_k, report);
    }
    Some(Input {
        layers,
        channels,
        package,
        trace,
        grid,
        is_detailed,
        transient,
        fidelity,
    })
}

/// What changes the result and is not modelled.
fn unsupported(settings: &Settings, report: &mut Report) {
    if settings.is_on("package_model_used", report) {
        report.error_help(
            &settings.place("package_model_used"),
            "the resistance of fins and fan (-package_model_used 1) is not modelled",
            "let HotSpot print its r_convec with -d, give it here, and set -package_model_used 0",
        );
    }
    if settings.is_on("leakage_used", report) {
        report.note(format!(
            "{}: leakage is not added; HotSpot adds 1.5e4 W/m2 exp(0.036 (T - 383.15 K)) over the chip, in steady states only",
            shown(&settings.place("leakage_used"))
        ));
    }
}

/// Whether the grid model is chosen, with what only that one knows.
fn is_grid(settings: &Settings, is_detailed: bool, report: &mut Report) -> bool {
    let model = settings.text("model_type");
    let is_grid = match model.map(|entry| (entry, entry.value.to_lowercase())) {
        None => false,
        Some((_, of)) if of == "block" => false,
        Some((_, of)) if of == "grid" => true,
        Some((entry, _)) => {
            let message = format!(
                "-model_type is {:?}; it has to be block or grid",
                entry.value
            );
            report.error(&entry.at, message);
            true
        }
    };
    let has_layers = settings.text("grid_layer_file").is_some();
    if has_layers && !is_grid {
        report.error(
            &settings.place("grid_layer_file"),
            "a layer file needs -model_type grid",
        );
    }
    if is_detailed && !(is_grid && has_layers) {
        report.error(
            &settings.place("detailed_3D"),
            "-detailed_3D on needs -model_type grid and a layer file, -grid_layer_file",
        );
    }
    if !is_grid {
        report.note(
            "the block model is solved on the cells of the grid model; HotSpot joins the centres of blocks by one resistance each",
        );
    }
    is_grid
}

/// The layers of the layer file, or chip and interface of the floorplan.
fn read_layers(
    settings: &Settings,
    materials: &Materials,
    load: &dyn Fn(&str) -> Result<String, String>,
    report: &mut Report,
) -> Vec<Layer> {
    if let Some(entry) = settings.text("grid_layer_file") {
        if let Some(plan) = settings.text("f") {
            report.note(format!(
                "{}: the floorplan {} is not used, because there is a layer file",
                shown(&plan.at),
                plan.value
            ));
        }
        let text = layers::text(&entry.value, &entry.at, load, report);
        return text.map_or_else(Vec::new, |text| {
            layers::read(&entry.value, &text, materials, load, report)
        });
    }
    let Some(entry) = settings.text("f") else {
        report.error_help(
            &settings.place("f"),
            "there is neither a floorplan nor a layer file",
            "name one on the command line: -f FILE or -grid_layer_file FILE",
        );
        return Vec::new();
    };
    let plan = layers::floorplan(&entry.value, &entry.at, load, report);
    let parts = [
        ("chip", [100.0, 1.75e6], 0.15e-3),
        ("interface", [4.0, 4.0e6], 20e-6),
    ];
    let parts = parts.map(|(part, default, thickness)| {
        let properties = package::properties(part, default, settings, materials, report);
        let key = format!("t_{part}");
        let thickness_m = settings.number(&key, thickness, Range::Positive, report);
        (properties, thickness_m)
    });
    let Some(plan) = plan else {
        return Vec::new();
    };
    let layer = |number: usize, ([k, cv], thickness_m): ([f64; 2], f64)| Layer {
        number,
        at: Place::new(&entry.value, 0),
        has_lateral: true,
        has_power: number == 0,
        k,
        cv,
        thickness_m,
        plan: plan.clone(),
        map: None,
    };
    let mut layers = vec![layer(0, parts[0]), layer(1, parts[1])];
    // Materials of blocks are those of the chip, not of the interface above it.
    for unit in &mut layers[1].plan.units {
        unit.material = None;
    }
    layers
}

/// Maps of coolant have the cells of the grid, and are asked for.
fn maps(
    layers: &[Layer],
    grid: [usize; 2],
    is_detailed: bool,
    settings: &Settings,
    report: &mut Report,
) {
    let is_asked_for = settings.is_on("use_microchannels", report);
    let mut n_maps = 0;
    for layer in layers {
        let Some(map) = &layer.map else {
            continue;
        };
        n_maps += 1;
        if [map.rows, map.columns] != grid {
            report.error_help(
                &Place::new(&layer.plan.file, 0),
                format!(
                    "a map of {} rows of {} cells; the grid has {} rows of {}",
                    map.rows, map.columns, grid[0], grid[1]
                ),
                "-grid_rows and -grid_cols are those of the map",
            );
        }
    }
    if n_maps > 0 && !(is_asked_for && is_detailed) {
        report.error(
            &settings.place("use_microchannels"),
            "a map of coolant needs -use_microchannels 1 and -detailed_3D on",
        );
    }
}

/// The chip fits on every plate.
fn sizes(layer: &Layer, package: &Package, settings: &Settings, report: &mut Report) {
    let (width_m, height_m) = (layer.plan.width_m, layer.plan.height_m);
    let mut plates = vec![("s_spreader", package.spreader), ("s_sink", package.sink)];
    if let Some(path) = package.secondary {
        plates.extend([
            ("s_sub", path.substrate),
            ("s_solder", path.solder),
            ("s_pcb", path.board),
        ]);
    }
    for (key, plate) in plates {
        let widest = width_m.max(height_m);
        if widest > plate.side_m && !floorplan::is_same_length(widest, plate.side_m) {
            report.error_help(
                &settings.place(key),
                format!(
                    "-{key} is {} mm; the chip is {} x {} mm",
                    floorplan::millimetres(plate.side_m),
                    floorplan::millimetres(width_m),
                    floorplan::millimetres(height_m)
                ),
                "spreader, sink and board are at least as large as the chip",
            );
        }
    }
}

fn notes_of_start(settings: &Settings, start_k: f64, report: &mut Report) {
    if let Some(entry) = settings.text("init_file") {
        report.note(format!(
            "{}: the temperatures of {} are not read; the transient starts at {start_k} K everywhere (-init_temp)",
            shown(&entry.at),
            entry.value
        ));
    }
}
