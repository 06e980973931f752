//! Where the coolant of a layer is on a grid, how fast it flows and how well heat gets into it.

use units::{
    HeatTransferCoefficient, PascalSeconds, Pascals, ThermalConductivity, VolumeFlow, Watts,
};

use super::duct::{Duct, DuctFlow};
use super::map::{self, Route};
use super::pins;
use super::{
    Cavity, CellMap, Channels, CoolantError, CoolantNote, Direction, Drive, Passage, Pins, Transfer,
};
use crate::error::StackProblem;
use crate::grid::Grid;
use crate::stack::Stack;

/// Share of an extent that rounding may move a line by.
pub(super) const ROUNDING: f64 = 1e-6;

/// How the coolant of a layer flows.
#[derive(Debug, Clone, PartialEq)]
pub struct CavityState {
    /// Position of the layer in the stack.
    pub layer: usize,
    /// Volume flow through the whole cavity.
    pub flow: VolumeFlow,
    /// Heat capacity that flows with it, W/K.
    pub capacity_rate_w_per_k: f64,
    /// Coefficient of the sides of channels, or of pins.
    pub side: HeatTransferCoefficient,
    /// Coefficient of the roof.
    pub top: HeatTransferCoefficient,
    /// Coefficient of the floor.
    pub bottom: HeatTransferCoefficient,
    /// Flow in one of equal channels, where its properties are known.
    pub channel: Option<DuctFlow>,
    /// Pressure between inlet and outlet, where viscosity and geometry give it.
    pub pressure_drop: Option<Pascals>,
    /// Flow times pressure.
    pub pumping_power: Option<Watts>,
    /// What a reader should know.
    pub notes: Vec<CoolantNote>,
}

/// Fins averaged over an area: what they are for each unit of it.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Fins {
    /// Share of the volume that holds coolant.
    pub(crate) porosity: f64,
    /// Wetted perimeter of the fins, 1/m.
    pub(crate) perimeter_per_m: f64,
    /// Whether walls run along the stream and conduct along it.
    pub(crate) is_continuous: bool,
    /// Whether the coefficients already include the fins.
    pub(crate) is_effective: bool,
}

/// The part of a cavity that does not depend on the conductivity of its walls.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Plan {
    /// Share of each column that belongs to the cooled area; one or zero for resolved cells.
    pub(crate) cooled: Vec<f64>,
    /// Columns that the coolant passes, downstream.
    pub(crate) routes: Vec<Route>,
    /// Coefficients of side, top and bottom, W/(m2 K).
    pub(crate) side: f64,
    pub(crate) top: f64,
    pub(crate) bottom: f64,
    /// Averaged fins; none where cells are resolved.
    pub(crate) fins: Option<Fins>,
    /// Sides of each wall column that coolant wets and lie one column apart, for its fin factor;
    /// only walls of a single column have one.
    pub(crate) wetted_sides: Vec<u8>,
    /// Whether the cells of resolved coolant conduct like a solid because nothing flows.
    pub(crate) is_still: bool,
    /// Whether streams run along x.
    pub(crate) is_along_x: bool,
    /// What to report.
    pub(crate) state: CavityState,
}

/// Lines across and up that a cavity needs.
pub(super) fn lines_m(stack: &Stack, cavity: &Cavity) -> [Vec<f64>; 2] {
    let [width, height] = [stack.width.value(), stack.height.value()];
    match &cavity.passage {
        Passage::Averaged(_) | Passage::Pins(_) => [Vec::new(), Vec::new()],
        Passage::Channels(channels) => {
            let sides: Vec<f64> = (0..channels.count)
                .flat_map(|i| channels.sides_m(i))
                .collect();
            if cavity.direction.is_along_x() {
                [Vec::new(), sides]
            } else {
                [sides, Vec::new()]
            }
        }
        Passage::Map(map) => [even(width, map.columns), even(height, map.rows)],
    }
}

fn even(extent_m: f64, n: usize) -> Vec<f64> {
    (0..=n).map(|i| extent_m * i as f64 / n as f64).collect()
}

/// What each layer of a stack is on a grid: nothing for solid layers.
///
/// # Errors
/// A grid whose lines do not fall on the walls, a flow outside the range of its correlations, a map
/// through which nothing flows.
pub(crate) fn plan(stack: &Stack, grid: &Grid) -> Result<Vec<Option<Plan>>, Vec<StackProblem>> {
    let mut problems = Vec::new();
    let mut plans = Vec::with_capacity(stack.layers.len());
    for (idx, layer) in stack.layers.iter().enumerate() {
        let Some(cavity) = &layer.cavity else {
            plans.push(None);
            continue;
        };
        match plan_layer(stack, grid, idx, cavity) {
            Ok(plan) => plans.push(Some(plan)),
            Err(what) => problems.push(StackProblem::Cavity {
                layer: layer.name.clone(),
                what,
            }),
        }
    }
    if problems.is_empty() {
        Ok(plans)
    } else {
        Err(problems)
    }
}

fn plan_layer(stack: &Stack, grid: &Grid, idx: usize, cavity: &Cavity) -> Result<Plan, String> {
    let height_m = stack.layers[idx].thickness.value();
    let (along_m, across_m) = if cavity.direction.is_along_x() {
        (stack.width.value(), stack.height.value())
    } else {
        (stack.height.value(), stack.width.value())
    };
    match &cavity.passage {
        Passage::Channels(channels) => {
            let duct = Duct::new(channels.width.value(), height_m, along_m);
            let found = channel_cells(grid, cavity.direction, channels)?;
            let state = of_channels(idx, cavity, &duct, channels.count)?;
            let shares = if cavity.split.is_empty() {
                vec![1.0 / channels.count as f64; found.len()]
            } else {
                let sum: f64 = cavity.split.iter().sum();
                cavity.split.iter().map(|share| share / sum).collect()
            };
            let mut plan = Plan::straight(grid, cavity, state, &found, &shares);
            plan.wetted_sides = wetted_sides(grid, cavity.direction, &found);
            Ok(plan)
        }
        Passage::Averaged(channels) => {
            let duct = Duct::new(channels.width.value(), height_m, along_m);
            let state = of_channels(idx, cavity, &duct, channels.count)?;
            let half = channels.wall.value() / 2.0;
            let start = (channels.first_wall.value() - half).max(0.0);
            let end = (channels.span_m() + half).min(across_m);
            let n = channels.count as f64;
            let fins = Fins {
                porosity: (n * channels.width.value() / (end - start)).min(1.0),
                perimeter_per_m: 2.0 * n / (end - start),
                is_continuous: true,
                is_effective: matches!(cavity.transfer, Transfer::Effective { .. }),
            };
            Ok(Plan::averaged(grid, cavity, state, fins, [start, end]))
        }
        Passage::Pins(of) => {
            let state = of_pins(idx, cavity, of, height_m, across_m)?;
            let fins = Fins {
                porosity: of.porosity(),
                perimeter_per_m: std::f64::consts::PI * of.diameter.value()
                    / of.pitch.value().powi(2),
                is_continuous: false,
                is_effective: matches!(cavity.transfer, Transfer::Effective { .. }),
            };
            Ok(Plan::averaged(grid, cavity, state, fins, [0.0, across_m]))
        }
        Passage::Map(map) => plan_map(stack, grid, idx, cavity, map),
    }
}

impl Plan {
    fn new(grid: &Grid, cavity: &Cavity, state: CavityState) -> Self {
        let [nx, ny, _] = grid.shape();
        Self {
            cooled: vec![0.0; nx * ny],
            routes: Vec::new(),
            side: state.side.value(),
            top: state.top.value(),
            bottom: state.bottom.value(),
            fins: None,
            wetted_sides: vec![0; nx * ny],
            is_still: !cavity.is_flowing(),
            is_along_x: cavity.direction.is_along_x(),
            state,
        }
    }

    /// Streams along whole lines of columns, each with its share of the flow.
    fn straight(
        grid: &Grid,
        cavity: &Cavity,
        state: CavityState,
        lines: &[usize],
        shares: &[f64],
    ) -> Self {
        let mut plan = Self::new(grid, cavity, state);
        for (line, share) in lines.iter().zip(shares) {
            let columns = line_of(grid, cavity.direction, *line);
            for column in &columns {
                plan.cooled[*column as usize] = 1.0;
            }
            if cavity.is_flowing() {
                plan.routes.push(Route {
                    columns,
                    share: *share,
                });
            }
        }
        plan
    }

    fn averaged(
        grid: &Grid,
        cavity: &Cavity,
        state: CavityState,
        fins: Fins,
        region_m: [f64; 2],
    ) -> Self {
        let edges = if cavity.direction.is_along_x() {
            grid.y_m()
        } else {
            grid.x_m()
        };
        let [start, end] = region_m;
        let shared = |w: &[f64]| (w[1].min(end) - w[0].max(start)).max(0.0);
        let lines: Vec<(usize, f64, f64)> = edges
            .windows(2)
            .map(|w| (shared(w), w[1] - w[0]))
            .enumerate()
            .filter(|(_, (shared, width))| *shared > ROUNDING * width)
            .map(|(idx, (shared, width))| (idx, shared, shared / width))
            .collect();
        let whole: f64 = lines.iter().map(|(_, shared, _)| shared).sum();
        let numbers: Vec<usize> = lines.iter().map(|(idx, ..)| *idx).collect();
        let shares: Vec<f64> = lines.iter().map(|(_, shared, _)| shared / whole).collect();
        let mut plan = Self::straight(grid, cavity, state, &numbers, &shares);
        for (idx, _, cooled) in &lines {
            for column in line_of(grid, cavity.direction, *idx) {
                plan.cooled[column as usize] = *cooled;
            }
        }
        plan.fins = Some(fins);
        plan
    }
}

/// The columns of a line of cells, downstream.
fn line_of(grid: &Grid, direction: Direction, line: usize) -> Vec<u32> {
    let [nx, ny, _] = grid.shape();
    let number = |column: usize| u32::try_from(column).expect("a grid has at most 2^26 cells");
    let mut columns: Vec<u32> = if direction.is_along_x() {
        (0..nx).map(|i| number(line * nx + i)).collect()
    } else {
        (0..ny).map(|j| number(j * nx + line)).collect()
    };
    if !direction.is_forward() {
        columns.reverse();
    }
    columns
}

/// The lines of cells that are the channels.
fn channel_cells(
    grid: &Grid,
    direction: Direction,
    channels: &Channels,
) -> Result<Vec<usize>, String> {
    let (edges, axis) = if direction.is_along_x() {
        (grid.y_m(), 'y')
    } else {
        (grid.x_m(), 'x')
    };
    let slack = ROUNDING * edges.last().copied().unwrap_or(0.0);
    (0..channels.count)
        .map(|idx| {
            let [left, right] = channels.sides_m(idx);
            let cell = edges.partition_point(|e| *e < left - slack);
            let is_at = |i: usize, at: f64| edges.get(i).is_some_and(|e| (e - at).abs() <= slack);
            if is_at(cell, left) && is_at(cell + 1, right) {
                return Ok(cell);
            }
            let n = channels.count;
            Err(format!(
                "channel {} of {n} reaches from {axis} = {} to {} mm, and the grid has no single cell there; it needs lines at both sides of every channel and none between, as Stack::coolant_lines lists them, or averaged channels",
                idx + 1,
                left * 1e3,
                right * 1e3
            ))
        })
        .collect()
}

/// Wetted sides of each wall that is one column wide.
fn wetted_sides(grid: &Grid, direction: Direction, channels: &[usize]) -> Vec<u8> {
    let [nx, ny, _] = grid.shape();
    let n = if direction.is_along_x() { ny } else { nx };
    let mut is_channel = vec![false; n];
    for cell in channels {
        is_channel[*cell] = true;
    }
    let of_line = |line: usize| -> u8 {
        let (before, after) = (line.checked_sub(1), line + 1);
        let is_wet = |at: Option<usize>| at.is_some_and(|at| at < n && is_channel[at]);
        let (left, right) = (is_wet(before), is_wet(Some(after)));
        // A wall that goes on in the next column is no thin fin.
        let goes_on = |wet: bool, at: Option<usize>| !wet && at.is_some_and(|at| at < n);
        if is_channel[line] || goes_on(left, before) || goes_on(right, Some(after)) {
            0
        } else {
            u8::from(left) + u8::from(right)
        }
    };
    let by_line: Vec<u8> = (0..n).map(of_line).collect();
    (0..nx * ny)
        .map(|c| {
            by_line[if direction.is_along_x() {
                c / nx
            } else {
                c % nx
            }]
        })
        .collect()
}

/// Flow and coefficients of equal parallel channels.
fn of_channels(
    layer: usize,
    cavity: &Cavity,
    duct: &Duct,
    count: usize,
) -> Result<CavityState, String> {
    let n = count as f64;
    let total = match cavity.drive {
        Drive::Flow(flow) => flow.value(),
        Drive::Pressure {
            difference,
            internal_pa_s_per_m3,
        } => {
            let mu = cavity
                .coolant
                .viscosity
                .map_or(f64::NAN, PascalSeconds::value);
            difference.value() / (duct.laminar_resistance(mu) / n + internal_pa_s_per_m3)
        }
    };
    let flow = VolumeFlow::new(total / n);
    let mut state = CavityState::new(layer, cavity, total);
    if !cavity.is_flowing() {
        state.still(cavity, duct.width_m(), duct.height_m());
        return Ok(state);
    }
    let (walls, entry) = match cavity.transfer {
        Transfer::Computed { walls, entry } => (walls, entry),
        _ => (super::WallHeat::UniformFlux, super::Entry::Developed),
    };
    let is_computed = matches!(cavity.transfer, Transfer::Computed { .. });
    let in_one = match duct.flow(&cavity.coolant, flow, walls, entry) {
        Ok(in_one) => in_one,
        // Given coefficients hold at any flow; only its pressure is not known then.
        Err(CoolantError::OutOfRange {
            what,
            value,
            low,
            high,
        }) if !is_computed => {
            let note = CoolantNote::Extrapolated {
                what,
                value,
                low,
                high,
            };
            state.notes.push(note);
            return Ok(state);
        }
        Err(error) => return Err(error.to_string()),
    };
    state.pressure_drop = in_one.pressure_drop;
    state.pumping_power = in_one.pressure_drop.map(|p| VolumeFlow::new(total) * p);
    state.notes.extend(in_one.notes.iter().cloned());
    if is_computed {
        let h = in_one
            .coefficient
            .ok_or("the coefficient of its channels cannot be computed")?;
        (state.side, state.top, state.bottom) = (h, h, h);
    }
    state.channel = Some(in_one);
    Ok(state)
}

/// Flow and coefficients between pins.
fn of_pins(
    layer: usize,
    cavity: &Cavity,
    of: &Pins,
    height_m: f64,
    across_m: f64,
) -> Result<CavityState, String> {
    let Drive::Flow(flow) = cavity.drive else {
        return Err("the flow between pins has to be given".to_owned());
    };
    let mut state = CavityState::new(layer, cavity, flow.value());
    if !cavity.is_flowing() {
        state.still(cavity, (of.pitch - of.diameter).value(), height_m);
        return Ok(state);
    }
    if let Transfer::Computed { .. } = cavity.transfer {
        let darcy = flow.value() / (across_m * height_m);
        let bank = pins::bank(of, &cavity.coolant, darcy).map_err(|error| error.to_string())?;
        (state.side, state.top, state.bottom) =
            (bank.coefficient, bank.coefficient, bank.coefficient);
        state.notes.extend(bank.notes);
    }
    Ok(state)
}

impl CavityState {
    fn new(layer: usize, cavity: &Cavity, flow_m3_per_s: f64) -> Self {
        let zero = HeatTransferCoefficient::new(0.0);
        let (side, top, bottom) = match cavity.transfer {
            Transfer::Given { side, top, bottom } => (side, top, bottom),
            Transfer::Effective { top, bottom } => (zero, top, bottom),
            Transfer::Computed { .. } => (zero, zero, zero),
        };
        Self {
            layer,
            flow: VolumeFlow::new(flow_m3_per_s),
            capacity_rate_w_per_k: flow_m3_per_s * cavity.coolant.heat_capacity.value(),
            side,
            top,
            bottom,
            channel: None,
            pressure_drop: None,
            pumping_power: None,
            notes: Vec::new(),
        }
    }

    /// Conduction through coolant at rest between walls `gap_m` apart.
    fn still(&mut self, cavity: &Cavity, gap_m: f64, height_m: f64) {
        let k = cavity
            .coolant
            .conductivity
            .map_or(0.0, ThermalConductivity::value);
        self.side = HeatTransferCoefficient::new(2.0 * k / gap_m);
        self.top = HeatTransferCoefficient::new(2.0 * k / height_m);
        self.bottom = self.top;
        self.notes.push(CoolantNote::NothingFlows {
            coolant: cavity.coolant.name.clone(),
        });
    }
}

fn plan_map(
    stack: &Stack,
    grid: &Grid,
    idx: usize,
    cavity: &Cavity,
    cells: &CellMap,
) -> Result<Plan, String> {
    let [lines_x, lines_y] = lines_m(stack, cavity);
    for (axis, needed, have) in [('x', &lines_x, grid.x_m()), ('y', &lines_y, grid.y_m())] {
        let slack = ROUNDING * needed.last().copied().unwrap_or(0.0);
        let is_same = needed.len() == have.len()
            && needed.iter().zip(have).all(|(a, b)| (a - b).abs() <= slack);
        if !is_same {
            return Err(format!(
                "its map has {} equal cells along {axis}, and the grid has {} cells there; the two have to be the same",
                needed.len() - 1,
                have.len().saturating_sub(1)
            ));
        }
    }
    let height_m = stack.layers[idx].thickness.value();
    let cell_m = [lines_x[1], lines_y[1]];
    let routed = map::through_map(cells, cavity, cell_m, height_m)?;
    let mut state = CavityState::new(idx, cavity, routed.flow_m3_per_s);
    if cavity.is_flowing() {
        state.pressure_drop = routed.pressure_pa.map(Pascals::new);
        state.pumping_power = state.pressure_drop.map(|p| state.flow * p);
        state.notes.extend(routed.notes);
        if let Transfer::Computed { walls, .. } = cavity.transfer {
            // Cells turn and branch, so that only the developed value of the cross-section holds.
            let duct = Duct::new(cell_m[0].min(cell_m[1]), height_m, cell_m[0].max(cell_m[1]));
            let k = cavity
                .coolant
                .conductivity
                .map_or(0.0, ThermalConductivity::value);
            let h =
                HeatTransferCoefficient::new(duct.nusselt(walls) * k / duct.hydraulic_diameter_m());
            (state.side, state.top, state.bottom) = (h, h, h);
        }
    } else {
        state.still(cavity, cell_m[0].min(cell_m[1]), height_m);
    }
    let mut plan = Plan::new(grid, cavity, state);
    for (cooled, cell) in plan.cooled.iter_mut().zip(&cells.cells) {
        *cooled = f64::from(u8::from(cell.is_fluid()));
    }
    plan.routes = routed.routes;
    Ok(plan)
}
