//! What can be typed.

use std::path::PathBuf;

use clap::{Parser, Subcommand, ValueEnum};

mod cmis;

pub(crate) use self::cmis::{Cmis, CmisAction};

/// The digital twin for co-packaged optics.
///
/// Describe a system once; simulate it, run it as a managed device, plan a fleet of it.
#[derive(Debug, Parser)]
#[command(
    version,
    max_term_width = 100,
    after_help = "\
Examples:
  shoreline run cpo-51t
  shoreline compare dsp-51t cpo-51t
  shoreline new my-switch.toml --from cpo-51t
  shoreline run my-switch.toml --set laser_module.els.lanes_per_laser=8"
)]
pub(crate) struct Args {
    #[command(subcommand)]
    pub(crate) command: Option<Command>,
}

/// What to do.
#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Solve every lane of a system and report its figures.
    #[command(
        after_help = "Examples:\n  shoreline run cpo-51t\n  shoreline run my-switch.toml --json\n  shoreline run quantum-x-115t --samples 500\n  shoreline run bailly-51t --published\n  shoreline run cpo-51t --samples 500 --report cpo.html\n  shoreline run cpo-51t --set laser_module.els.laser.rin='-138 dB/Hz'"
    )]
    Run(Run),
    /// Put systems side by side, every figure with its boundary.
    #[command(
        after_help = "Examples:\n  shoreline compare dsp-51t cpo-51t quantum-x-115t\n  shoreline compare dsp-51t cpo-51t --report comparison.html"
    )]
    Compare(Compare),
    /// Find which specifications meet constraints, what is cheapest among them, and what binds.
    #[command(
        after_help = SOLVE_HELP
    )]
    Solve(Solve),
    /// Draw a picture of one or more systems as SVG or PNG.
    #[command(
        after_help = "Examples:\n  shoreline plot waterfall cpo-51t --out light.svg\n  shoreline plot waterfall cpo-51t --samples 500 --out bands.png\n  shoreline plot margin cpo-51t --out margin.svg\n  shoreline plot tornado cpo-51t --of power --out tornado.svg\n  shoreline plot power dsp-51t cpo-51t --out power.png\n  shoreline plot compare dsp-51t cpo-51t quantum-x-115t --out compare.svg\n  shoreline plot region cpo-51t --for 'margin>=1 dB, power.module_w<=4' \\\n    --over laser.class,lanes_per_laser --out region.svg"
    )]
    Plot(Plot),
    /// Solve the temperatures of a package from a file or of a system.
    #[command(
        after_help = HEAT_HELP
    )]
    Heat(Heat),
    /// Show how one figure came about: equation by equation, down to stated values with sources.
    #[command(
        after_help = "Examples:\n  shoreline explain cpo-51t\n  shoreline explain cpo-51t power.module_w\n  shoreline explain quantum-x-115t margin --depth 4\n  shoreline explain dsp-51t latency --json"
    )]
    Explain(Explain),
    /// Let a system live in time: loads, faults, heat, light and what sensors say of them.
    #[command(
        after_help = SIMULATE_HELP
    )]
    Simulate(Simulate),
    /// Serve a live switch or world: observations and commands, and registers of its devices.
    #[command(
        after_help = SERVE_HELP
    )]
    Serve(Serve),
    /// Check descriptions and worlds, and report every problem with its place.
    #[command(
        after_help = "Examples:\n  shoreline check my-switch.toml\n  shoreline check cpo-51t --set laser_module.els.lanes_per_laser=8"
    )]
    Check(Check),
    /// Print the JSON schema of descriptions, for editors.
    #[command(after_help = "Example:\n  shoreline schema > shoreline.schema.json")]
    Schema,
    /// Start a description from a platform.
    #[command(after_help = "Example:\n  shoreline new my-switch.toml --from quantum-x-115t")]
    New(New),
    /// Rewrite an older description in the current format.
    #[command(
        after_help = "Examples:\n  shoreline migrate old.toml\n  shoreline migrate old.toml --write"
    )]
    Migrate(Migrate),
    /// Print the script that completes commands and options in a shell.
    #[command(
        after_help = "Examples:\n  shoreline completions bash > shoreline.bash\n  shoreline completions fish > shoreline.fish"
    )]
    Completions(Completions),
    /// Print the manual page of the program or of a command, or write all of them.
    #[command(
        after_help = "Examples:\n  shoreline man > shoreline.1\n  shoreline man plot > shoreline-plot.1\n  shoreline man --dir man"
    )]
    Man(Man),
    /// Look into the component library.
    #[command(
        after_help = "Examples:\n  shoreline library list\n  shoreline library list laser\n  shoreline library show cw-dfb-1310-100mw\n  shoreline library search ring"
    )]
    Library(Library),
    /// Look into the register map of managed modules.
    #[command(
        after_help = "Examples:\n  shoreline cmis pages\n  shoreline cmis page 11h\n  shoreline cmis register ConfigStatusLane\n  shoreline cmis observables"
    )]
    Cmis(Cmis),
}

/// What `solve --help` shows.
const SOLVE_HELP: &str = "\
Constraints: FIGURE<=VALUE, <, >= or >, separated by commas. A figure is the dotted path of a number
in the JSON of `run`, or a short name such as margin, power.module_w, tx_oma, latency; _p5, _p50 or
_p95 behind it takes the quantile over draws from the spreads. The value has a unit, or the figure's.

Variables, separated by commas:
  laser.class        power classes of the laser modules, LP|MP|HP|VHP|UHP|SHP
  lanes_per_laser    lanes that share a laser, 1|2|4|8|16
  coupler.loss       what each coupler loses as a whole, 0.7 dB..2.5 dB
  modulator.er       outer extinction ratio, 3.5 dB..6 dB
  PATH=RANGE         any value of the description, as --set names it
A range is LOW..HIGH, LOW..HIGH in N, or A|B|C; the first four have the one shown without it.

Examples:
  shoreline solve cpo-51t --for 'power.module_w<=8, margin_p5>=1 dB' \\
    --over laser.class,lanes_per_laser,coupler.loss,modulator.er
  shoreline solve cpo-51t --for 'tx_oma>=-0.8 dBm, margin>=1 dB' \\
    --over laser.class,lanes_per_laser --set laser_module.els.condition=worst
  shoreline solve cpo-51t --for 'pre_fec_ber<=1e-8' \\
    --over 'engine.oe.tia.noise=14 pA/rtHz..30 pA/rtHz'";

/// What `heat --help` shows.
const HEAT_HELP: &str = "\
Files: 3D-ICE (.stk), HotSpot (.config), both with the files that they name, and ECXML (JEDEC
JEP181, as far as it is publicly documented). Names in a file count from its folder.

ECXML has no film coefficients, so --top or --bottom has to say how the package is cooled:
'20 kW/(m2 K) at 40 C' is a fluid, '40 C' a face held at a temperature. Without a temperature a
fluid has that of the file's surroundings.

Powers: a CSV file `block,power [W]`; or BLOCK=FILE with a map over one block, as rows of pixels
below `power [W]`, the uppermost first, or as `x [mm],y [mm],power [W]` from the block's lower left
corner.

Examples:
  shoreline heat package.ecxml --top '20 kW/(m2 K) at 40 C'
  shoreline heat package.ecxml --top '20 kW/(m2 K)' --map map.png --layer mold
  shoreline heat package.ecxml --top '20 kW/(m2 K)' --powers powers.csv --powers asic=asic.csv \\
    --grid 96 --vtk package.vtk --json
  shoreline heat package.ecxml --top '20 kW/(m2 K)' --response-matrix response.csv";

/// How to resolve a system.
#[derive(Debug, Clone, clap::Args)]
pub(crate) struct Resolve {
    /// Override a value: a dotted path and a TOML value or a quantity. May be repeated.
    #[arg(long = "set", value_name = "PATH=VALUE")]
    pub(crate) sets: Vec<String>,
    /// Take parts, platforms and sources from this folder instead of the built-in library.
    #[arg(long, value_name = "DIR")]
    pub(crate) library: Option<PathBuf>,
}

/// How to draw from spreads.
#[derive(Debug, Clone, Copy, clap::Args)]
pub(crate) struct Draws {
    /// Draw the parts' figures this often from their spreads: P5, P50 and P95 at every plane and of
    /// every power, yield of links, and which spreads matter. Ctrl-C ends it with what is done.
    #[arg(
        long,
        default_value_t = 0,
        value_name = "N",
        allow_negative_numbers = true
    )]
    pub(crate) samples: u64,
    /// Seed of the draws.
    #[arg(
        long,
        default_value_t = 1,
        value_name = "SEED",
        allow_negative_numbers = true
    )]
    pub(crate) seed: u64,
}

/// Arguments of `run`.
#[derive(Debug, clap::Args)]
pub(crate) struct Run {
    /// A file or the name of a platform.
    pub(crate) system: String,
    #[command(flatten)]
    pub(crate) resolve: Resolve,
    #[command(flatten)]
    pub(crate) draws: Draws,
    /// Put the figures that are published of a system of this name beside their predictions, from
    /// so many draws as `--samples` says, or 1000.
    #[arg(long)]
    pub(crate) published: bool,
    /// Write a report as one HTML file with pictures, ending in .html; `-` is standard output
    /// instead of the text.
    #[arg(long, value_name = "FILE")]
    pub(crate) report: Option<PathBuf>,
    /// Print JSON.
    #[arg(long)]
    pub(crate) json: bool,
}

/// Arguments of `compare`.
#[derive(Debug, clap::Args)]
pub(crate) struct Compare {
    /// Files or names of platforms; savings are against the first.
    #[arg(required = true, num_args = 1.., value_name = "SYSTEM")]
    pub(crate) systems: Vec<String>,
    #[command(flatten)]
    pub(crate) resolve: Resolve,
    /// Write a report as one HTML file with pictures, ending in .html; `-` is standard output
    /// instead of the text.
    #[arg(long, value_name = "FILE")]
    pub(crate) report: Option<PathBuf>,
    /// Print JSON.
    #[arg(long)]
    pub(crate) json: bool,
}

/// Draws of a quantile where their number is not said.
pub(crate) const SOLVE_DRAWS: u64 = 200;

/// Arguments of `solve`.
#[derive(Debug, clap::Args)]
pub(crate) struct Solve {
    /// A file or the name of a platform.
    pub(crate) system: String,
    /// What must hold.
    #[arg(long = "for", value_name = "CONSTRAINTS")]
    pub(crate) constraints: String,
    /// What may vary.
    #[arg(long = "over", value_name = "VARIABLES")]
    pub(crate) variables: String,
    /// The figure that shall be least; cost where the description has prices, else
    /// `power.module_w`.
    #[arg(long, value_name = "FIGURE")]
    pub(crate) least: Option<String>,
    #[command(flatten)]
    pub(crate) resolve: Resolve,
    /// Draws of a quantile.
    #[arg(long, default_value_t = SOLVE_DRAWS, value_name = "N", value_parser = clap::value_parser!(u64).range(20..=100_000))]
    pub(crate) samples: u64,
    /// Seed of the draws.
    #[arg(
        long,
        default_value_t = 1,
        value_name = "SEED",
        allow_negative_numbers = true
    )]
    pub(crate) seed: u64,
    /// Print JSON.
    #[arg(long)]
    pub(crate) json: bool,
}

/// Arguments of `plot`.
#[derive(Debug, clap::Args)]
pub(crate) struct Plot {
    /// What to show.
    pub(crate) kind: PlotKind,
    /// Files or names of platforms.
    #[arg(required = true, num_args = 1.., value_name = "SYSTEM")]
    pub(crate) systems: Vec<String>,
    /// The file to write, .svg or .png; one that is there is replaced. `-` is SVG on standard
    /// output.
    #[arg(long, value_name = "FILE")]
    pub(crate) out: PathBuf,
    #[command(flatten)]
    pub(crate) resolve: Resolve,
    #[command(flatten)]
    pub(crate) draws: Draws,
    /// The figure of a tornado.
    #[arg(long, value_name = "FIGURE", default_value = "margin")]
    pub(crate) of: TornadoOf,
    /// What must hold in a region, as `solve --help` says.
    #[arg(long = "for", value_name = "CONSTRAINTS")]
    pub(crate) constraints: Option<String>,
    /// What may vary in a region.
    #[arg(long = "over", value_name = "VARIABLES")]
    pub(crate) variables: Option<String>,
    /// The lane of a waterfall instead of the worst one.
    #[arg(long, value_name = "LANE")]
    pub(crate) lane: Option<String>,
}

/// What a plot shows.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum PlotKind {
    /// Light after each element of a lane, against what the receiver needs.
    Waterfall,
    /// Power by function, with module and port as boundaries.
    Power,
    /// How often each margin occurs among draws, and how many do not close.
    Margin,
    /// Energy, latency, density and margin of systems side by side.
    Compare,
    /// The values whose spreads move a figure most.
    Tornado,
    /// Where everything holds that is asked for, over the first two variables of `solve`.
    Region,
}

/// What a tornado is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum TornadoOf {
    /// The margin of the worst lane.
    Margin,
    /// The power of one port at the module boundary.
    Power,
}

/// Arguments of `heat`.
#[derive(Debug, clap::Args)]
pub(crate) struct Heat {
    /// A package file, or the name or file of a system.
    #[arg(value_name = "FILE|SYSTEM")]
    pub(crate) source: String,
    #[command(flatten)]
    pub(crate) resolve: Resolve,
    /// Follow the powers of the file over time instead of solving for rest. Ctrl-C ends it with what
    /// is done.
    #[arg(long)]
    pub(crate) transient: bool,
    /// Write the mean temperature of every block over time, as CSV.
    #[arg(long, value_name = "FILE", requires = "transient")]
    pub(crate) traces: Option<PathBuf>,
    /// Draw the temperatures of a layer into this file, .png or .svg, or list them as .csv.
    #[arg(long, value_name = "FILE")]
    pub(crate) map: Option<PathBuf>,
    /// The layer of the map; without it the one that generates most heat.
    #[arg(long, value_name = "NAME", requires = "map")]
    pub(crate) layer: Option<String>,
    /// Write all cells for readers of VTK.
    #[arg(long, value_name = "FILE")]
    pub(crate) vtk: Option<PathBuf>,
    /// Write the rise of every block for each watt in every block, as CSV.
    #[arg(long, value_name = "FILE")]
    pub(crate) response_matrix: Option<PathBuf>,
    /// Write what a 3D-ICE file asks for into this folder.
    #[arg(long, value_name = "DIR")]
    pub(crate) outputs: Option<PathBuf>,
    /// Powers of blocks as CSV, or a map over one block. May be repeated; later ones count.
    #[arg(long, value_name = "FILE|BLOCK=FILE")]
    pub(crate) powers: Vec<String>,
    /// Cells across and up, instead of those of the file.
    #[arg(long, value_name = "NX[xNY]", value_parser = cells)]
    pub(crate) grid: Option<(usize, usize)>,
    /// How the upper face is cooled: 'COEFFICIENT at TEMPERATURE', or a temperature.
    #[arg(long, value_name = "COOLING")]
    pub(crate) top: Option<String>,
    /// How the lower face is cooled.
    #[arg(long, value_name = "COOLING")]
    pub(crate) bottom: Option<String>,
    /// The material of an ECXML file where no object of it is.
    #[arg(long, value_name = "MATERIAL")]
    pub(crate) fill: Option<String>,
    /// An option of HotSpot's own command line, such as f=chip.flp. May be repeated.
    #[arg(long, value_name = "KEY=VALUE")]
    pub(crate) hotspot: Vec<String>,
    /// Repeat HotSpot's known faults, and say which.
    #[arg(long)]
    pub(crate) hotspot_compat: bool,
    /// Print JSON.
    #[arg(long)]
    pub(crate) json: bool,
}

/// Reads `64` or `64x32`.
fn cells(text: &str) -> Result<(usize, usize), String> {
    let count = |text: &str| match text.parse::<usize>() {
        Ok(n) if n > 0 => Ok(n),
        _ => Err(format!("{text:?} is no number of cells; write 64 or 64x32")),
    };
    match text.split_once('x') {
        Some((nx, ny)) => Ok((count(nx)?, count(ny)?)),
        None => count(text).map(|n| (n, n)),
    }
}

/// Arguments of `explain`.
#[derive(Debug, clap::Args)]
pub(crate) struct Explain {
    /// A file or the name of a platform.
    pub(crate) system: String,
    /// The figure; without it the figures that have a name are listed.
    pub(crate) quantity: Option<String>,
    #[command(flatten)]
    pub(crate) resolve: Resolve,
    /// Show so many levels of the tree.
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u16).range(1..))]
    pub(crate) depth: Option<u16>,
    /// Print JSON.
    #[arg(long)]
    pub(crate) json: bool,
}

const SERVE_HELP: &str = "\
Examples:
  shoreline serve cpo-51t --socket cpo.sock
  shoreline serve cpo-51t --cmis-sockets regs --state kept
  shoreline serve cpo-51t --cmis-sockets regs --clock manual --allow-inject
  shoreline serve cpo-51t --optoe dev --scenario day.toml
  shoreline serve cpo-51t --optoe dev --sonic platform
  shoreline serve two-leaves.toml --cmis-sockets regs --clock manual

In a world, as `simulate` reads it, all switches live by one clock. PATH and each DIR are then
directories with one level for each switch: regs/leaf1/oe0.sock, dev/leaf1, platform/leaf1,
kept/leaf1; observations are at PATH/leaf1.sock, and ports of TCP go on from switch to switch.

A socket of registers answers JSON lines, bytes as hexadecimal digits:
  {\"op\":\"read\",\"page\":17,\"bank\":0,\"off\":128,\"len\":4}
  {\"op\":\"peek\",\"page\":\"11h\",\"off\":134,\"len\":20,\"id\":7}   clears nothing; the answer has the id
  {\"op\":\"write\",\"page\":16,\"bank\":0,\"off\":130,\"data\":\"ff\"}
  {\"op\":\"advance\",\"ms\":100}     on a manual clock
  {\"op\":\"fresh\"}                   the state at power-on
  {\"op\":\"inject\",\"what\":\"laser\",\"args\":{\"lane\":3}}   with --allow-inject
Besides laser there are fibre {lane}, temperature {c}, vcc {v}, vdm {bank, item, lane, value},
lpmode_pin {set}, reset_pin, modfault {cause}, cdbhang {set}, nack {set}, quirks {rejects_appsel0,
stuck_lanes, hides_pending, freezes_forever}, and fault {text} with a line as for simulate --inject.";

/// Which list of mirrored pages engines obey.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
pub(crate) enum Mirrors {
    /// Lower memory on page B0h.
    Documented,
    /// Lower memory on page AFh.
    Davisson,
}

/// Arguments of `serve`.
#[derive(Debug, clap::Args)]
pub(crate) struct Serve {
    /// A description or a world as a file, or the name of a platform.
    pub(crate) system: String,
    #[command(flatten)]
    pub(crate) resolve: Resolve,
    /// Serve observations as JSON lines on this Unix socket.
    #[arg(long, value_name = "PATH")]
    pub(crate) socket: Option<PathBuf>,
    /// Serve the registers of devices as files that look like those of the driver `optoe`.
    #[arg(long, value_name = "DIR")]
    pub(crate) optoe: Option<PathBuf>,
    /// Pages from one bank to the next in those files.
    #[arg(long, value_name = "PAGES", default_value = "256", value_parser = ["240", "256"], requires = "optoe")]
    pub(crate) layout: String,
    /// Which pages of engines that are managed jointly with their laser modules show those modules: as
    /// documents have it, or lower memory a page earlier, as SONiC's map for Davisson reads it.
    #[arg(long, value_name = "LIST")]
    pub(crate) mirrors: Option<Mirrors>,
    /// Write a platform of SONiC that reaches those files: JSON files and `sonic_platform`.
    #[arg(long, value_name = "DIR", requires = "optoe")]
    pub(crate) sonic: Option<PathBuf>,
    /// Serve the registers of devices as JSON lines, on a Unix socket for each.
    #[arg(long, value_name = "DIR")]
    pub(crate) cmis_sockets: Option<PathBuf>,
    /// And on TCP, the first device at this address, each further one at the next port.
    #[arg(long, value_name = "ADDRESS")]
    pub(crate) cmis_tcp: Option<std::net::SocketAddr>,
    /// Let other machines reach TCP.
    #[arg(long, requires = "cmis_tcp")]
    pub(crate) allow_remote: bool,
    /// How time runs: real, manual, or x and a factor.
    #[arg(long, value_name = "CLOCK", default_value = "real")]
    pub(crate) clock: server::Pace,
    /// What happens over time.
    #[arg(long, value_name = "FILE")]
    pub(crate) scenario: Option<PathBuf>,
    /// Keep firmware, passwords and saved setpoints of devices here.
    #[arg(long, value_name = "DIR")]
    pub(crate) state: Option<PathBuf>,
    /// Accept commands on the socket of observations; without it the plant is read-only there.
    #[arg(long)]
    pub(crate) allow_write: bool,
    /// Accept the injection of faults, and commands.
    #[arg(long)]
    pub(crate) allow_inject: bool,
    /// Seed of noise and wear.
    #[arg(long, default_value_t = 1)]
    pub(crate) seed: u64,
}

const SIMULATE_HELP: &str = "\
Examples:
  shoreline simulate cpo-51t --for '10 s'
  shoreline simulate quantum-x-115t --scenario coolant.toml --for '40 s' --step '100 ms'
  shoreline simulate cpo-51t --inject 'fibre_dirt oe0.tx3 1.5 dB onset 10 s' --for '30 s'
  shoreline simulate cpo-51t --scenario day.toml --record day.slr
  shoreline simulate cpo-51t --scenario day.toml --record power.csv --signal rx_power_dbm
  shoreline simulate quantum-x-115t --scenario coolant.toml --plot coolant.png
  shoreline simulate cpo-51t --for '1 min' --save minute.snap
  shoreline simulate cpo-51t --from minute.snap --for '10 s'
  shoreline simulate two-leaves.toml --inject 'leaf1: fibre_dirt oe0.tx3 2 dB' --plot dirt.svg

A world is a TOML file that joins switches:
  format = 1
  [[switch]]
  name = \"leaf1\"
  system = \"cpo-51t\"
  [[switch]]
  name = \"leaf2\"
  system = \"cpo-51t\"
  [[link]]
  ends = [\"leaf1.*\", \"leaf2.*\"]

A scenario is a TOML file:
  format = 1
  [[event]]
  at = \"2 s\"
  do = \"plant.fault\"
  fault = \"coolant_loss\"
  target = \"package\"
The folders examples/worlds and examples/scenarios of the sources have more.";

/// Arguments of `simulate`.
#[derive(Debug, clap::Args)]
pub(crate) struct Simulate {
    /// A description or a world as a file, or the name of a platform.
    pub(crate) system: String,
    #[command(flatten)]
    pub(crate) resolve: Resolve,
    /// What happens, as a timeline.
    #[arg(long, value_name = "FILE")]
    pub(crate) scenario: Option<PathBuf>,
    /// A fault that begins at once, as a line of text; can be repeated. In a world it begins with its
    /// switch, as `leaf1: fibre_dirt oe0.tx3 2 dB`.
    #[arg(long, value_name = "FAULT")]
    pub(crate) inject: Vec<String>,
    /// How long, such as '1 h'; without it 10 s beyond the last event.
    #[arg(long = "for", value_name = "TIME")]
    pub(crate) duration: Option<String>,
    /// Age all parts by this before the first step, such as '18 months'; the clock does not move.
    #[arg(long, value_name = "TIME")]
    pub(crate) accelerate: Option<String>,
    /// Go on from a snapshot of the same system or world, at its time; what a scenario has before it
    /// has happened.
    #[arg(long, value_name = "FILE", conflicts_with = "seed")]
    pub(crate) from: Option<PathBuf>,
    /// Write a snapshot of the end, from which --from goes on with the same bits.
    #[arg(long, value_name = "FILE")]
    pub(crate) save: Option<PathBuf>,
    /// Longest step, such as '100 ms'; events shorten it.
    #[arg(long, value_name = "TIME", default_value = "100 ms")]
    pub(crate) step: String,
    /// Seed of noise and wear.
    #[arg(long, default_value_t = 1)]
    pub(crate) seed: u64,
    /// Evaluate every lane in every step, and not only those that anything has moved.
    #[arg(long)]
    pub(crate) every_lane: bool,
    /// Write all observations into a new recording, .slr, or one signal as .csv.
    #[arg(long, value_name = "FILE")]
    pub(crate) record: Option<PathBuf>,
    /// Draw signals over time with what happened, as .svg or .png.
    #[arg(long, value_name = "FILE")]
    pub(crate) plot: Option<PathBuf>,
    /// The signal of a .csv, such as `rx_power_dbm`, or those of a picture; can be repeated.
    #[arg(long, value_name = "NAME")]
    pub(crate) signal: Vec<String>,
    /// The switch of a .csv or of a picture, in a world of several.
    #[arg(long, value_name = "NAME")]
    pub(crate) switch: Option<String>,
    /// Print JSON.
    #[arg(long)]
    pub(crate) json: bool,
}

/// Arguments of `check`.
#[derive(Debug, clap::Args)]
pub(crate) struct Check {
    /// Files or names of platforms.
    #[arg(required = true, value_name = "SYSTEM")]
    pub(crate) systems: Vec<String>,
    #[command(flatten)]
    pub(crate) resolve: Resolve,
    /// Print JSON.
    #[arg(long)]
    pub(crate) json: bool,
}

/// Arguments of `new`.
#[derive(Debug, clap::Args)]
pub(crate) struct New {
    /// The file to write; it must not exist.
    pub(crate) file: PathBuf,
    /// The platform to start from.
    #[arg(long, default_value = "cpo-51t", value_name = "PLATFORM")]
    pub(crate) from: String,
}

/// Arguments of `migrate`.
#[derive(Debug, clap::Args)]
pub(crate) struct Migrate {
    /// The file.
    pub(crate) file: PathBuf,
    /// Replace the file.
    #[arg(long)]
    pub(crate) write: bool,
}

/// Arguments of `completions`.
#[derive(Debug, clap::Args)]
pub(crate) struct Completions {
    /// The shell.
    pub(crate) shell: clap_complete::Shell,
}

/// Arguments of `man`.
#[derive(Debug, clap::Args)]
pub(crate) struct Man {
    /// The command; without it the page of the program.
    #[arg(num_args = 0.., value_name = "COMMAND")]
    pub(crate) command: Vec<String>,
    /// Write the pages of the program and of every command into this folder.
    #[arg(long, value_name = "DIR", conflicts_with = "command")]
    pub(crate) dir: Option<PathBuf>,
}

/// Arguments of `library`.
#[derive(Debug, clap::Args)]
pub(crate) struct Library {
    #[command(subcommand)]
    pub(crate) action: LibraryAction,
    /// Take parts, platforms and sources from this folder instead of the built-in library.
    #[arg(long = "library", value_name = "DIR", global = true)]
    pub(crate) folder: Option<PathBuf>,
    /// Print JSON.
    #[arg(long, global = true)]
    pub(crate) json: bool,
}

/// What to do with the library.
#[derive(Debug, Subcommand)]
pub(crate) enum LibraryAction {
    /// List the platforms and parts, or the parts of one kind.
    #[command(after_help = "Example:\n  shoreline library list laser")]
    List {
        /// A kind of part, such as laser.
        kind: Option<String>,
    },
    /// Show a part, a platform or a source with all its values, or the fields of a kind of part.
    #[command(after_help = "Example:\n  shoreline library show cw-dfb-1310-100mw")]
    Show {
        /// The name, for example cw-dfb-1310-100mw, or a kind such as laser.
        name: String,
    },
    /// Find parts, platforms and sources by a word.
    #[command(after_help = "Example:\n  shoreline library search ring")]
    Search {
        /// The word.
        word: String,
    },
}
