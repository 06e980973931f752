//! Packages that other tools describe.

pub mod ecxml;
mod error;
pub mod hotspot;
pub mod ice;
pub mod power_map;

pub use error::{ReadError, ReadErrors};

use units::{Celsius, Seconds, Watts};

use crate::grid::Grid;
use crate::stack::Stack;

/// A package as a file describes it, and what is to be solved.
#[derive(Debug, Clone, PartialEq)]
pub struct Case {
    /// The package.
    pub stack: Stack,
    /// How the file cuts it into cells.
    pub grid: Grid,
    /// What to solve.
    pub analysis: Analysis,
    /// What was understood differently from the tool that the file was written for, one sentence
    /// each.
    pub notes: Vec<String>,
}

/// What to solve.
#[derive(Debug, Clone, PartialEq)]
pub enum Analysis {
    /// The temperatures at rest with the powers of the stack.
    Steady,
    /// The temperatures over time.
    Transient {
        /// Temperature of every cell at the start.
        initial: Celsius,
        /// Time step that the file asks for.
        step: Seconds,
        /// Powers over time.
        intervals: Vec<Interval>,
    },
}

/// A time during which the powers do not change.
#[derive(Debug, Clone, PartialEq)]
pub struct Interval {
    /// How long it is.
    pub duration: Seconds,
    /// Power of every block, in the order of [`Stack::blocks`].
    pub powers: Vec<Watts>,
}
