//! What can be typed behind `cmis`.

use clap::Subcommand;

/// Arguments of `cmis`.
#[derive(Debug, clap::Args)]
pub(crate) struct Cmis {
    #[command(subcommand)]
    pub(crate) action: CmisAction,
    /// Print JSON.
    #[arg(long, global = true)]
    pub(crate) json: bool,
}

/// What to do with the register map.
#[derive(Debug, Subcommand)]
pub(crate) enum CmisAction {
    /// List the pages.
    #[command(after_help = "Example:\n  shoreline cmis pages")]
    Pages,
    /// Show the registers of pages, or what bytes of a page say.
    #[command(
        after_help = "Examples:\n  shoreline cmis page 11h\n  shoreline cmis page lower\n  shoreline cmis page 10h-14h --json\n  shoreline cmis page 2Fh --decode 030064000000000000000000000000000080"
    )]
    Page(CmisPage),
    /// Find a register by its name.
    #[command(
        after_help = "Examples:\n  shoreline cmis register ModuleState\n  shoreline cmis register VERDICT --json"
    )]
    Register {
        /// The standard's name, or part of it; capitals do not matter.
        name: String,
    },
    /// List what versatile diagnostics can measure.
    #[command(after_help = "Example:\n  shoreline cmis observables")]
    Observables,
    /// Show how physics, sensors, registers, OpenConfig and SONiC name the same things.
    #[command(
        after_help = "Examples:\n  shoreline cmis crosswalk\n  shoreline cmis crosswalk --only missing --json"
    )]
    Crosswalk {
        /// Only rows that are mapped, lossy or missing.
        #[arg(long, value_parser = ["mapped", "lossy", "missing"])]
        only: Option<String>,
    },
    /// Write a firmware image that devices accept.
    #[command(
        after_help = "Example:\n  shoreline cmis firmware 2.1.0 --out new.bin\n\nHosts download it by commands 0101h to 0107h and run it by 0109h."
    )]
    Firmware {
        /// Major, minor and build, such as 2.1.0.
        version: String,
        /// Where to write it.
        #[arg(long, value_name = "FILE")]
        out: std::path::PathBuf,
        /// What it carries; bytes that follow from the version without it.
        #[arg(long, value_name = "FILE")]
        payload: Option<std::path::PathBuf>,
    },
}

/// Arguments of `cmis page`.
#[derive(Debug, clap::Args)]
pub(crate) struct CmisPage {
    /// `lower`, a page such as 11h, or a range such as 20h-2Fh; always hexadecimal, with or without h.
    pub(crate) page: String,
    /// Bytes of the page in hexadecimal digits, from its first one on, at most 128, or 256 with lower
    /// memory before them; `-` reads them from standard input. Shows what they say.
    #[arg(long, value_name = "HEX", allow_hyphen_values = true)]
    pub(crate) decode: Option<String>,
}
