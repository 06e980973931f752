//! Package yield and cost of one system, and the difference in cost between several.

use maud::{Markup, html};
use twin::Figures;

use super::table;
use crate::cost::{
    BILL, DIFFERENCE_NOTE, LIFE_NOTE, PACKAGE, bill_notes, bill_rows, difference_rows, life_rows,
    life_title, package_head, package_notes, package_rows,
};

/// The package, the bill and the cost over the service life.
pub(super) fn cost(figures: &Figures) -> Markup {
    html! {
        @if let Some(package) = &figures.package {
            h2 { "Package" }
            p { (package_head(package)) }
            (table(&PACKAGE, 1, &package_rows(package)))
            (notes(&package_notes(package)))
        }
        h2 { "Cost of the box, USD" }
        (table(&BILL, 1, &bill_rows(&figures.cost)))
        (notes(&bill_notes(&figures.cost)))
        @if let Some(life) = &figures.cost.life {
            h2 { (life_title(life)) }
            (table(&["", "total", ""], 1, &life_rows(life)))
            p.faint { (LIFE_NOTE) }
        }
    }
}

/// What each system costs against the first.
pub(super) fn differences(systems: &[&Figures]) -> Markup {
    html! {
        @if let Some((title, rows)) = difference_rows(systems) {
            h2 { (title) }
            (table(&["", "optics", "box"], 3, &rows))
            p.faint { (DIFFERENCE_NOTE) }
        }
    }
}

fn notes(notes: &[String]) -> Markup {
    html! {
        @for note in notes { p.faint { (note) } }
    }
}
