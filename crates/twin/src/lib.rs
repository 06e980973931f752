//! The coupled world of light, heat, electrons and control loops.
//!
//! [`SteadyState`] is the world at rest: heat, light and electrons in agreement.
//! [`Figures`] is what a person asks of it, and [`METRICS`] names each figure. [`published`] puts
//! predictions beside what others have printed.
//!
//! ```
//! use system::{Input, Library, System};
//! use twin::{Figures, SteadyState};
//!
//! let library = Library::embedded();
//! let text = library.platform("cpo-51t").ok_or("no such platform")?;
//! let system = System::resolve(&Input {
//!     name: "cpo-51t",
//!     bytes: text.as_bytes(),
//!     sets: &[],
//!     library: &library,
//!     load: &|file| Err(format!("{file} is not there")),
//! })?;
//! let figures = Figures::new(&system, &SteadyState::solve(&system));
//! assert!((figures.bandwidth.value() - 51.2e12).abs() < 1.0);
//! assert!(figures.link.as_ref().is_some_and(|link| link.n_dark == 0));
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! [`heat`] finds the temperatures at which heat, light and electrons agree, and follows heat in time
//! ([`heat::HeatMotion`]).
//!
//! What it does not model yet: light and electrons in time.

mod cost;
mod density;
mod explain;
pub mod fault;
mod figures;
pub mod heat;
mod influence;
mod metric;
mod package;
mod package_yield;
pub mod published;
mod reliability;
mod sampled;
pub mod scenario;
pub mod sensors;
pub mod solve;
mod spread;
mod steady;
mod supply;
mod variance;
mod warnings;
pub mod world;
pub mod world_file;
mod yields;

pub use cost::{
    CostBoundary, CostDifference, CostFigures, CostLine, CostRange, CostVerdict, LifeCost, annuity,
    unit_price,
};
pub use explain::{ExplainError, Explanation};
pub use figures::{
    Boundary, DensityFigures, FibreFigures, Figures, LinkFigures, LinkPoint, PortGroupFigures,
    PowerFigures,
};
pub use influence::{Effect, Influence};
pub use metric::{METRICS, Metric, UnknownMetric};
pub use package::{OtherSeat, PackageCost, PackageFigures, PackageStep, YieldRange};
pub use package_yield::{
    PackagePrices, PackageYields, Place, Rework, STEPS, Seat, StagedCost, Step, known_good,
    ln_at_least, package_steps,
};
pub use reliability::{PartBlast, ReliabilityFigures};
pub use sampled::{DarkReason, MarginQuantiles, PlaneQuantiles, SamplePlan, Sampled};
pub use spread::Quantiles;
pub use steady::SteadyState;
pub use supply::{Supply, SupplyCollapse};
pub use variance::FirstOrder;
pub use yields::{CONFIDENCE, Chance, LaneYield, LinkYield, PortYield, Share};
