//! What can be typed.

use std::path::PathBuf;

use clap::{Parser, Subcommand, ValueEnum};

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
        after_help = "Examples:\n  shoreline run cpo-51t\n  shoreline run my-switch.toml --json\n  shoreline run quantum-x-115t --samples 500\n  shoreline run bailly-51t --published\n  shoreline run cpo-51t --set laser_module.els.laser.rin='-138 dB/Hz'"
    )]
    Run(Run),
    /// Put systems side by side, every figure with its boundary.
    #[command(after_help = "Example:\n  shoreline compare dsp-51t cpo-51t quantum-x-115t")]
    Compare(Compare),
    /// Draw a picture of one or more systems as SVG or PNG.
    #[command(
        after_help = "Examples:\n  shoreline plot waterfall cpo-51t --out light.svg\n  shoreline plot power dsp-51t cpo-51t --out power.png\n  shoreline plot compare dsp-51t cpo-51t quantum-x-115t --out compare.svg"
    )]
    Plot(Plot),
    /// Serve observations of a system at rest on a Unix socket, as JSON lines.
    #[command(after_help = "Example:\n  shoreline serve cpo-51t --socket cpo.sock")]
    Serve(Serve),
    /// Check descriptions and report every problem with its place.
    #[command(
        after_help = "Examples:\n  shoreline check my-switch.toml\n  shoreline check cpo-51t --set engine.oe.count=10"
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
        after_help = "Examples:\n  shoreline migrate old.toml            prints the new text\n  shoreline migrate old.toml --write    replaces the file"
    )]
    Migrate(Migrate),
    /// Look into the component library.
    #[command(
        after_help = "Examples:\n  shoreline library list\n  shoreline library list laser\n  shoreline library show cw-dfb-1310-100mw\n  shoreline library search ring"
    )]
    Library(Library),
}

/// How to resolve a system.
#[derive(Debug, clap::Args)]
pub(crate) struct Resolve {
    /// Override a value: a dotted path and a TOML value or a quantity. May be repeated.
    #[arg(long = "set", value_name = "PATH=VALUE")]
    pub(crate) sets: Vec<String>,
    /// Take parts, platforms and sources from this folder instead of the built-in library.
    #[arg(long, value_name = "DIR")]
    pub(crate) library: Option<PathBuf>,
}

/// Arguments of `run`.
#[derive(Debug, clap::Args)]
pub(crate) struct Run {
    /// A file or the name of a platform.
    pub(crate) system: String,
    #[command(flatten)]
    pub(crate) resolve: Resolve,
    /// Draw the parts' figures this often from their spreads, and give P5, P50 and P95 of every
    /// power.
    #[arg(long, default_value_t = 0, value_name = "N")]
    pub(crate) samples: u64,
    /// Seed of the draws.
    #[arg(long, default_value_t = 1, value_name = "SEED")]
    pub(crate) seed: u64,
    /// Put the figures that are published of a system of this name beside their predictions, from
    /// so many draws as `--samples` says, or 1000.
    #[arg(long)]
    pub(crate) published: bool,
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
    /// Energy, latency, density and margin of systems side by side.
    Compare,
}

/// Arguments of `serve`.
#[derive(Debug, clap::Args)]
pub(crate) struct Serve {
    /// A file or the name of a platform.
    pub(crate) system: String,
    #[command(flatten)]
    pub(crate) resolve: Resolve,
    /// Where to listen. Only the user who starts the server can connect.
    #[arg(long, value_name = "PATH")]
    pub(crate) socket: PathBuf,
    /// Accept commands; without it the plant is read-only.
    #[arg(long)]
    pub(crate) allow_write: bool,
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
    List {
        /// A kind of part, such as laser.
        kind: Option<String>,
    },
    /// Show a part, a platform or a source with all its values.
    Show {
        /// The name.
        name: String,
    },
    /// Find parts, platforms and sources by a word.
    Search {
        /// The word.
        word: String,
    },
}
