//! Tables and machine output of figures.
//!
//! [`run_text`] is what a person reads, [`run_json`] what a program reads; [`compare_text`] and
//! [`compare_json`] put systems side by side, [`solve_text`] and [`solve_json`] show a region. Nothing here computes: every number comes from
//! `twin` and `link`.

mod compare;
mod json;
mod solve;
mod text;
mod words;

pub use compare::{compare_json, compare_text};
pub use json::{Interval, Intervals, run_json};
pub use solve::{solve_json, solve_text};
pub use text::run_text;
pub use words::{counted, grouped};
