//! The report of several systems.

use maud::html;
use system::System;
use twin::Figures;

use super::{Making, figure, making, page, table, warnings};
use crate::compare::cells;
use crate::plot::{PlotError, data};

/// The comparison as an HTML document.
///
/// # Errors
/// The drawing library refuses.
pub fn compare_html(
    systems: &[(&System, &Figures)],
    made: &Making<'_>,
) -> Result<String, PlotError> {
    let figures: Vec<&Figures> = systems.iter().map(|(_, figures)| *figures).collect();
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
        .map(|(system, figures)| (figures.name.as_str(), system.fingerprint.to_string()))
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
        (figure(&data::compare(&figures))?)
        (table(&header, 2, &cells(systems)))
        h2 { "Power by function" }
        (figure(&data::power(&figures))?)
        (making(made, &fingerprints))
    };
    Ok(page(&format!("{} – Shoreline", names.join(", ")), &body))
}
