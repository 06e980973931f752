//! Temperatures of all cells, and where the heat went.

use units::Watts;

/// Where the heat went.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Balance {
    /// Generated in the cells.
    pub generated: Watts,
    /// Out through the upper face, less what is pressed in there.
    pub through_top: Watts,
    /// Out through the lower face, less what is pressed in there.
    pub through_bottom: Watts,
    /// Carried away by coolant.
    pub to_coolant: Watts,
    /// Stored in the cells, in a transient.
    pub stored: Watts,
}

impl Balance {
    /// Generated less leaving and stored: zero but for the error of the solver.
    pub fn residual(&self) -> Watts {
        self.generated - self.through_top - self.through_bottom - self.to_coolant - self.stored
    }
}

/// Temperatures of all cells of a model.
#[derive(Debug, Clone, PartialEq)]
pub struct Field {
    /// One temperature for each cell, kelvin.
    pub kelvin: Vec<f64>,
    /// Where the heat went.
    pub balance: Balance,
    /// Iterations of the linear solver; none of a direct one.
    pub iterations: usize,
}
