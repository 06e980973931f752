//! Where the values come from.

use std::collections::BTreeSet;

use maud::{Markup, html};
use system::{Library, System};
use units::{Origin, format_si};

use crate::words::spread_text;

/// Every quantity of the description with its spread and its source, then the sources.
pub(super) fn provenance(system: &System, library: &Library) -> Markup {
    let values = system.values();
    let n_assumed = values.iter().filter(|v| v.origin.is_estimate()).count();
    let key = |origin: &Origin| match origin {
        Origin::Source(key) | Origin::Estimate(key) => Some(key.to_string()),
        Origin::Stated | Origin::Derived | Origin::Measured { .. } => None,
    };
    let keys: BTreeSet<String> = values.iter().filter_map(|v| key(&v.origin)).collect();
    html! {
        h2 { "Where the values come from" }
        p {
            (values.len()) " quantities; " (n_assumed) " of them are estimates of the library, marked "
            mark { "assumed" } ". What rests on them is no better than they are."
        }
        div.scroll { table {
            thead { tr { th { "value" } th.n { "nominal" } th { "spread" } th { "source" } } }
            tbody {
                @for value in &values {
                    tr {
                        td.path { (value.name()) }
                        td.n { (format_si(value.dimension, value.si)) }
                        td { (spread_text(value.dimension, &value.spread)) }
                        td { (origin(&value.origin, &keys)) }
                    }
                }
            }
        } }
        h2 { "Sources" }
        div.scroll { table {
            thead { tr { th { "key" } th { "source" } } }
            tbody {
                @for (idx, key) in keys.iter().enumerate() {
                    tr id=(format!("source-{idx}")) {
                        td { (key) }
                        td {
                            @if let Some(source) = library.source(key) {
                                (source.title)
                                @if let Some(doubt) = &source.doubt {
                                    p.faint { "Doubt: " (doubt) }
                                }
                            }
                        }
                    }
                }
            }
        } }
    }
}

/// A source with a way to its title.
fn origin(origin: &Origin, keys: &BTreeSet<String>) -> Markup {
    let link = |key: &str| {
        let place = keys.iter().position(|known| known == key).unwrap_or(0);
        html! { a href=(format!("#source-{place}")) { (key) } }
    };
    match origin {
        Origin::Source(key) => link(key),
        Origin::Estimate(key) => html! { (link(key)) " " mark { "assumed" } },
        Origin::Stated => html! { "stated in the description" },
        Origin::Derived => html! { "derived" },
        Origin::Measured { .. } => html! { (origin) },
    }
}
