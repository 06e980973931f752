//! The report of several systems.

use maud::html;
use twin::Figures;

use super::{Making, cost::differences, figure, making, page, table, warnings};
use crate::compare::cells;
use crate::plot::PlotError;
use crate::plot::data::{self, Solved};

/// The comparison as an HTML document.
///
/// # Errors
/// The drawing library refuses.
pub fn compare_html(systems: &[Solved<'_>], made: &Making<'_>) -> Result<String, PlotError> {
    let figures: Vec<&Figures> = systems.iter().map(|solved| solved.figures).collect();
    let pairs: Vec<_> = systems
        .iter()
        .map(|solved| (solved.system, solved.figures))
        .collect();
    let names: Vec<&str> = figures
        .iter()
        .map(|figures| figures.name.as_str())
        .collect();
    let header: Vec<&str> = ["", "boundary"]
        .into_iter()
        .chain(names.iter().copied())
        .collect();
    let fingerprints: Vec<(&str, String)> = systems
        .iter()
        .map(|solved| {
            (
                solved.figures.name.as_str(),
                solved.system.fingerprint.to_string(),
            )
        })
        .collect();
    let warned: Vec<String> = figures
        .iter()
        .flat_map(|f| {
            f.warnings
                .iter()
                .map(|warning| format!("{}: {warning}", f.name))
        })
        .collect();
    let body = html! {
        h1 { (names.join(", ")) }
        p.faint { "Each figure with its boundary." }
        (warnings(&warned))
        h2 { "Side by side" }
        (figure(&data::compare(systems))?)
        (table(&header, 2, &cells(&pairs)))
        h2 { "Power by function" }
        (figure(&data::power(systems))?)
        (differences(&figures))
        (making(made, &fingerprints))
    };
    Ok(page(&format!("{} – Shoreline", names.join(", ")), &body))
}
