//! Reports as one HTML file that needs nothing else: no request, no script.
//!
//! Pictures are inline SVG, and what a user named is escaped. The same content gives the same
//! bytes; a report has no date.

mod compare;
mod cost;
mod provenance;
mod run;

use maud::{DOCTYPE, Markup, PreEscaped, html};
use system::Library;

use crate::plot::{Plot, PlotError};

pub use self::compare::compare_html;
pub use self::run::{RunPage, run_html};

/// How a report was made, so that it can be made again.
#[derive(Debug, Clone, Copy)]
pub struct Making<'a> {
    /// The exact command.
    pub command: &'a str,
    /// Name and version of the program.
    pub program: &'a str,
    /// The library, for the titles of sources.
    pub library: &'a Library,
}

/// How the page looks: readable on a phone, on paper, in the light and in the dark.
const LOOK: &str = "\
:root{color-scheme:light dark;--ink:#1d2228;--faint:#59636e;--rule:#d5dae0;--back:#fff;--card:#f5f7f9;--warn:#8a4b00;--bad:#a3300b;--good:#00694c}
@media (prefers-color-scheme:dark){:root{--ink:#e6e9ec;--faint:#a3adb8;--rule:#3c444d;--back:#15191e;--card:#20262d;--warn:#f0b35b;--bad:#ff9a73;--good:#5fd3aa}}
*{box-sizing:border-box}
body{margin:0;background:var(--back);color:var(--ink);font:16px/1.5 system-ui,'DejaVu Sans',sans-serif}
main{max-width:60rem;margin:0 auto;padding:1.5rem 1rem 4rem}
h1{font-size:1.7rem;line-height:1.2;margin:0 0 .3rem;overflow-wrap:anywhere}
h2{font-size:1.2rem;margin:2.2rem 0 .6rem;padding-top:.6rem;border-top:1px solid var(--rule)}
p{margin:.4rem 0}
.faint{color:var(--faint)}.good{color:var(--good)}.bad{color:var(--bad)}
.warning{border-left:.25rem solid var(--warn);background:var(--card);padding:.4rem .8rem;margin:.5rem 0;overflow-wrap:anywhere}
.cards{display:grid;grid-template-columns:repeat(auto-fill,minmax(10.5rem,1fr));gap:.7rem;margin:1rem 0;padding:0}
.cards div{background:var(--card);border-radius:.4rem;padding:.6rem .8rem}
.cards dt{color:var(--faint);font-size:.85rem}
.cards dd{margin:0;font-size:1.25rem;font-weight:600}
.cards dd small{font-size:.8rem;font-weight:400;color:var(--faint);display:block}
figure{margin:1rem 0;background:#fff;border:1px solid var(--rule);border-radius:.4rem;overflow-x:auto}
figure svg{display:block;min-width:38rem;width:100%;height:auto}
.scroll{overflow-x:auto}
table{border-collapse:collapse;margin:.6rem 0;font-size:.92rem;font-variant-numeric:tabular-nums}
th,td{text-align:left;padding:.25rem .9rem .25rem 0;border-bottom:1px solid var(--rule);vertical-align:top}
th{color:var(--faint);font-weight:600}
.n{text-align:right;white-space:nowrap}
.path{overflow-wrap:anywhere;min-width:14rem}
tr.sum td{font-weight:600}
mark{background:none;color:var(--warn);font-style:italic}
code,pre{font:0.9em/1.4 ui-monospace,'DejaVu Sans Mono',monospace}
pre{background:var(--card);border-radius:.4rem;padding:.7rem .9rem;white-space:pre-wrap;overflow-wrap:anywhere}
a{color:inherit}
@media print{:root{--ink:#000;--faint:#444;--rule:#bbb;--back:#fff;--card:#f3f3f3}body{font-size:10.5pt}main{max-width:none;padding:0}figure{break-inside:avoid;overflow:visible}figure svg{min-width:0}h2{break-after:avoid}tr{break-inside:avoid}.scroll{overflow:visible}}";

/// The whole document.
fn page(title: &str, body: &Markup) -> String {
    let document = html! {
        (DOCTYPE)
        html lang="en" {
            head {
                meta charset="utf-8";
                meta name="viewport" content="width=device-width, initial-scale=1";
                title { (title) }
                style { (PreEscaped(LOOK)) }
            }
            body { main { (body) } }
        }
    };
    let mut text = document.into_string();
    text.push('\n');
    text
}

/// A picture, or why there is none.
fn figure(plot: &Plot) -> Result<Markup, PlotError> {
    match plot.svg() {
        Ok(svg) => {
            // Inside HTML the name of the format is known, and the page names no address at all.
            let inline = svg.replacen(" xmlns=\"http://www.w3.org/2000/svg\"", "", 1);
            Ok(html! { figure { (PreEscaped(inline)) } })
        }
        Err(PlotError::Nothing(why)) => Ok(html! { p.faint { "No picture: " (why) "." } }),
        Err(error) => Err(error),
    }
}

/// A table whose columns after the first `left` ones are numbers.
fn table(header: &[&str], left: usize, rows: &[Vec<String>]) -> Markup {
    html! {
        div.scroll { table {
            thead { tr {
                @for (idx, name) in header.iter().enumerate() {
                    th.n[idx >= left] { (name) }
                }
            } }
            tbody {
                @for row in rows {
                    tr.sum[row.first().is_some_and(|name| name.starts_with("= "))] {
                        @if let [title] = row.as_slice() {
                            th colspan=(header.len()) { (title) }
                        } @else {
                            @for (idx, cell) in row.iter().enumerate() {
                                td.n[idx >= left] { (cell) }
                            }
                        }
                    }
                }
            }
        } }
    }
}

/// What a user should know.
fn warnings(warnings: &[String]) -> Markup {
    html! {
        @for warning in warnings {
            p.warning { strong { "Warning: " } (warning) }
        }
    }
}

/// How to make the report again.
fn making(making: &Making<'_>, fingerprints: &[(&str, String)]) -> Markup {
    html! {
        h2 { "How this was made" }
        p { "With " (making.program) ":" }
        pre { (making.command) }
        @for (name, fingerprint) in fingerprints {
            p.faint { "Fingerprint of " (name) ": " code { (fingerprint) } }
        }
        p.faint { "The same command on the same description and library makes the same file, byte for byte." }
    }
}
