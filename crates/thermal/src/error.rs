//! Why a package has no temperature.

/// What is wrong with a stack.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum StackProblem {
    /// A length, a conductivity or a capacity that has to be positive is not.
    #[error("{what} of {of} is {value} {unit}; it has to be positive")]
    NotPositive {
        /// Which property.
        what: &'static str,
        /// Of what.
        of: String,
        /// Its value.
        value: f64,
        /// Its unit.
        unit: &'static str,
    },
    /// A number that has to be finite is not.
    #[error("{what} of {of} is {value}; it has to be a finite number")]
    NotFinite {
        /// Which property.
        what: &'static str,
        /// Of what.
        of: String,
        /// Its value.
        value: f64,
    },
    /// There is nothing to solve.
    #[error("the stack has no layers")]
    NoLayers,
    /// A layer without sheets.
    #[error("layer {layer:?} is cut into no sheets; at least one is needed")]
    NoSheets {
        /// The layer.
        layer: String,
    },
    /// A block reaches beyond the stack.
    #[error(
        "block {block:?} of layer {layer:?} reaches from ({x0_mm}, {y0_mm}) to ({x1_mm}, {y1_mm}) mm, beyond the stack of {width_mm} x {height_mm} mm"
    )]
    Outside {
        /// The block.
        block: String,
        /// Its layer.
        layer: String,
        /// Its left edge.
        x0_mm: f64,
        /// Its lower edge.
        y0_mm: f64,
        /// Its right edge.
        x1_mm: f64,
        /// Its upper edge.
        y1_mm: f64,
        /// Width of the stack.
        width_mm: f64,
        /// Height of the stack.
        height_mm: f64,
    },
    /// Two blocks of a layer share an area.
    #[error("blocks {first:?} and {second:?} of layer {layer:?} overlap by {area_mm2} mm2")]
    Overlap {
        /// One of them.
        first: String,
        /// The other one.
        second: String,
        /// Their layer.
        layer: String,
        /// The area that they share.
        area_mm2: f64,
    },
    /// A layer without a material of its own is not covered by its blocks.
    #[error(
        "layer {layer:?} has no material of its own, and its blocks cover {covered_mm2} of {whole_mm2} mm2; give the layer a material, or blocks that tile it"
    )]
    Gap {
        /// The layer.
        layer: String,
        /// What the blocks cover.
        covered_mm2: f64,
        /// What there is.
        whole_mm2: f64,
    },
    /// Two blocks have the same name.
    #[error("two blocks are named {name:?}")]
    TwiceNamed {
        /// The name.
        name: String,
    },
    /// A block names a material of another stack.
    #[error("{of} is made of material number {index}; the stack has {n}")]
    NoMaterial {
        /// The layer or block.
        of: String,
        /// The number.
        index: usize,
        /// Materials of the stack.
        n: usize,
    },
    /// Nothing takes the heat away.
    #[error(
        "the package floats: no face passes heat to a fluid or is held at a temperature, and no coolant flows; its temperature has no steady value"
    )]
    Floating,
    /// A layer with coolant makes no sense.
    #[error("coolant layer {layer:?}: {what}")]
    Cavity {
        /// The layer.
        layer: String,
        /// What is wrong, and how to mend it.
        what: String,
    },
}

/// Why a package has no temperature.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum ThermalError {
    /// The stack makes no sense; every problem is listed.
    #[error("{}", list(.problems))]
    Stack {
        /// What is wrong.
        problems: Vec<StackProblem>,
    },
    /// A grid without cells, or with too many.
    #[error(
        "a grid of {nx} x {ny} x {nz} cells; it needs at least one along each axis and at most {limit} in all"
    )]
    Grid {
        /// Cells across.
        nx: usize,
        /// Cells up.
        ny: usize,
        /// Sheets of cells.
        nz: usize,
        /// The greatest number of cells.
        limit: usize,
    },
    /// A list has another length than the model has sources.
    #[error("{given} powers for {needed} blocks")]
    Powers {
        /// Entries of the list.
        given: usize,
        /// Blocks of the model.
        needed: usize,
    },
    /// The iteration did not reach its tolerance.
    #[error(
        "no convergence: after {iterations} iterations the residual is {residual:.1e} of the heat; {tolerance:.1e} was asked for"
    )]
    NoConvergence {
        /// Iterations done.
        iterations: usize,
        /// Residual relative to the right-hand side.
        residual: f64,
        /// What was asked for.
        tolerance: f64,
    },
    /// The conductances do not make a positive definite matrix.
    #[error("the conductances do not make a positive definite matrix: {what}")]
    NotPositiveDefinite {
        /// Where.
        what: String,
    },
    /// The heat that leaves is not the heat that is generated.
    #[error("energy is not conserved: {generated_w} W are generated and {leaving_w} W leave")]
    Balance {
        /// Generated and taken in.
        generated_w: f64,
        /// Leaving.
        leaving_w: f64,
    },
    /// Heat that is not a finite number.
    #[error("{what}; it has to be a finite number")]
    NotFinite {
        /// Which heat, and what it is.
        what: String,
    },
    /// Edges of cells do not rise over the whole stack.
    #[error(
        "edges of cells {axis} lead from {first_mm} to {last_mm} mm; they have to rise from 0 to {length_mm} mm"
    )]
    GridEdges {
        /// Along which axis.
        axis: &'static str,
        /// The first edge.
        first_mm: f64,
        /// The last edge.
        last_mm: f64,
        /// Extent of the stack.
        length_mm: f64,
    },
    /// A material, a layer or a block that is not there.
    #[error("there is no {what} number {index}; there are {n}, counted from zero")]
    Absent {
        /// Material, layer or block.
        what: &'static str,
        /// The number.
        index: usize,
        /// How many there are.
        n: usize,
    },
    /// A field has another length than the model has cells.
    #[error("a field of {given} cells for a model of {needed}")]
    Field {
        /// Cells of the field.
        given: usize,
        /// Cells of the model.
        needed: usize,
    },
    /// A temperature that cannot be.
    #[error("cell {cell} is at {kelvin} K; it has to be a finite number above zero")]
    NotAboveZero {
        /// The cell.
        cell: usize,
        /// Its temperature.
        kelvin: f64,
    },
    /// Conductivities that depend on temperature did not settle.
    #[error(
        "conductivities do not settle: cells still move by {change_k} K in sweep {sweeps}; the package may be hotter than its materials conduct"
    )]
    Conductivity {
        /// Linear solves done.
        sweeps: usize,
        /// Greatest change of a cell in the last of them.
        change_k: f64,
    },
    /// The law of a power gives no finite number.
    #[error(
        "the power of block {block:?} at {temperature_c} C is {power_w} W with a slope of {slope_w_per_k} W/K; both have to be finite"
    )]
    PowerLaw {
        /// The block.
        block: String,
        /// Its temperature.
        temperature_c: f64,
        /// What the law gives.
        power_w: f64,
        /// The slope that the law gives.
        slope_w_per_k: f64,
    },
    /// Powers that depend on temperature: neither an operating point nor a fold was found.
    #[error(
        "no operating point found: after {iterations} steps powers and temperatures disagree by {residual_k:.1e} K"
    )]
    OperatingPoint {
        /// Steps of Newton's method.
        iterations: usize,
        /// Greatest disagreement.
        residual_k: f64,
    },
    /// A resolution of a grid that makes no sense.
    #[error(
        "a grid of cells from {finest_m} m to {coarsest_m} m that grow by {growth}; the finest has to be positive, the coarsest no smaller, and the growth 1.05 at least"
    )]
    Resolution {
        /// Extent of the finest cells.
        finest_m: f64,
        /// Extent of the coarsest.
        coarsest_m: f64,
        /// Ratio of neighbours.
        growth: f64,
    },
    /// A layer has no coolant that could be changed.
    #[error("layer {layer} holds no coolant")]
    NoCoolant {
        /// Its position.
        layer: usize,
    },
    /// A step, an interval or a tolerance that is not positive.
    #[error("{what} is {value}; it has to be a positive number")]
    Time {
        /// Which of them.
        what: &'static str,
        /// What it is, in seconds or kelvin.
        value: f64,
    },
    /// No step is short enough for the tolerance.
    #[error(
        "a step of {step_s:.1e} s still errs by {error_k:.1e} K; {tolerance_k:.1e} K was asked for"
    )]
    Step {
        /// The shortest step that was tried.
        step_s: f64,
        /// Its error.
        error_k: f64,
        /// What was asked for.
        tolerance_k: f64,
    },
    /// A reduced model of a package in which coolant flows.
    #[error(
        "coolant flows inside the package; a reduced model needs a symmetric package, so put the coolant into a heat transfer coefficient of a face"
    )]
    Streams,
    /// Data of a reduced model that do not fit together.
    #[error("the data of a reduced model do not fit together: {what}")]
    Reduced {
        /// What does not fit.
        what: String,
    },
    /// What is outside of a reduced model makes no sense.
    #[error("what is outside of a reduced model makes no sense: {what}")]
    Outside {
        /// What makes none.
        what: String,
    },
    /// A heat capacity that is negative or no number.
    #[error("a heat capacity of {j_per_k} J/K; it has to be a finite number, zero or more")]
    HeatCapacity {
        /// The heat capacity.
        j_per_k: f64,
    },
}

fn list(problems: &[StackProblem]) -> String {
    let lines: Vec<_> = problems.iter().map(ToString::to_string).collect();
    lines.join("; ")
}
