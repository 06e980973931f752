//! Tables and machine output of figures.
//!
//! [`run_text`] is what a person reads, [`run_json`] what a program reads; [`compare_text`] and
//! [`compare_json`] put systems side by side, [`solve_text`] and [`solve_json`] show a region;
//! [`plot`] draws, and [`html`] makes a page of it all. Nothing here computes: every number comes
//! from `twin` and `link`.

mod compare;
mod cost;
mod explain;
mod heat;
pub mod html;
mod json;
pub mod plot;
mod published;
mod sampled;
mod simulation;
mod solve;
mod temperatures;
mod text;
mod words;

pub use compare::{compare_json, compare_text};
pub use explain::{explain_json, explain_text, figures_text};
pub use heat::{
    Heat, HeatBalance, HeatBlock, HeatConductivities, HeatLayer, HeatSweeps, HeatTrace, heat_json,
    heat_text,
};
pub use json::run_json;
pub use published::{published_json, published_text};
pub use simulation::{Ran, simulation_json, simulation_text, world_json, world_text};
pub use solve::{solve_json, solve_text};
pub use text::run_text;
pub use words::{counted, grouped, spread_text};
