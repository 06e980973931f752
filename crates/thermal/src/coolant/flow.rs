//! How a flow splits.

use super::{Cavity, CellMap, CoolantNote};

/// Columns that a part of the flow passes, downstream.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Route {
    /// The columns.
    pub(crate) columns: Vec<u32>,
    /// Share of the whole flow.
    pub(crate) share: f64,
}

/// The flow through a map of cells.
pub(crate) struct Routed {
    /// Parts of the flow.
    pub(crate) routes: Vec<Route>,
    /// The whole.
    pub(crate) flow_m3_per_s: f64,
    /// Pressure between inlets and outlets, where the viscosity is known.
    pub(crate) pressure_pa: Option<f64>,
    /// What a reader should know.
    pub(crate) notes: Vec<CoolantNote>,
}

/// The flow through a map of cells.
///
/// # Errors
/// A map through which nothing can flow.
pub(super) fn through_map(
    _map: &CellMap,
    _cavity: &Cavity,
    _cell_m: [f64; 2],
    _height_m: f64,
) -> Result<Routed, String> {
    Err("maps of cells are not solved".to_owned())
}
