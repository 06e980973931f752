//! `run` and `compare`.

use std::io::Write as _;

use anyhow::Result;
use report::{Interval, Intervals};
use system::System;
use twin::{Figures, SteadyState};

use crate::args;
use crate::input;
use crate::output::Output;

/// The powers that are drawn, watts.
const DRAWN: [&str; 11] = [
    "engine_w",
    "engine_interface_w",
    "dsp_w",
    "tuning_w",
    "laser_w",
    "optics_conversion_w",
    "module_w",
    "serdes_w",
    "serdes_conversion_w",
    "port_w",
    "switch_w",
];

/// Solves one system.
pub(crate) fn run(run: &args::Run, out: &mut Output) -> Result<()> {
    let library = input::library(run.resolve.library.as_deref())?;
    let system = input::resolve(&run.system, &library, &run.resolve)?;
    let state = SteadyState::solve(&system);
    let figures = Figures::new(&system, &state);
    let drawn = draw(&system, run);
    if run.json {
        let value = report::run_json(&system, &state, &figures, drawn.as_ref());
        writeln!(out, "{}", serde_json::to_string_pretty(&value)?)?;
    } else {
        out.write_all(report::run_text(&system, &state, &figures, drawn.as_ref()).as_bytes())?;
    }
    Ok(())
}

fn draw(system: &System, run: &args::Run) -> Option<Intervals> {
    if run.samples == 0 {
        return None;
    }
    let drawn = twin::power_quantiles(system, run.seed, run.samples, |figures| {
        let power = figures.power.as_ref()?;
        let port = &power.port;
        let terms = [
            port.engine,
            port.engine_interface,
            port.dsp,
            port.tuning,
            port.laser,
            port.optics_conversion,
            port.module(),
            port.serdes,
            port.serdes_conversion,
            port.port(),
            power.switch,
        ];
        Some(terms.map(units::Watts::value))
    });
    let intervals = DRAWN
        .into_iter()
        .zip(drawn.quantiles)
        .filter_map(|(key, quantiles)| quantiles.map(|quantiles| Interval { key, quantiles }))
        .collect();
    Some(Intervals {
        n_draws: run.samples,
        n_dark: drawn.n_dark,
        intervals,
    })
}

/// Solves several systems and puts them side by side.
pub(crate) fn compare(compare: &args::Compare, out: &mut Output) -> Result<()> {
    let library = input::library(compare.resolve.library.as_deref())?;
    let mut solved: Vec<(System, Figures)> = Vec::new();
    for name in &compare.systems {
        let system = input::resolve(name, &library, &compare.resolve)?;
        let figures = Figures::new(&system, &SteadyState::solve(&system));
        solved.push((system, figures));
    }
    let pairs: Vec<(&System, &Figures)> = solved
        .iter()
        .map(|(system, figures)| (system, figures))
        .collect();
    if compare.json {
        writeln!(
            out,
            "{}",
            serde_json::to_string_pretty(&report::compare_json(&pairs))?
        )?;
    } else {
        out.write_all(report::compare_text(&pairs).as_bytes())?;
    }
    Ok(())
}
