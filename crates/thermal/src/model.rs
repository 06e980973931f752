//! From a stack and a grid to conductances, sources and temperatures.

use std::sync::Arc;

use units::{ArealThermalResistance, Celsius, JoulesPerKelvin, Kelvin, Watts};

use crate::check::check;
use crate::coolant::{self, Cavity, CavityCells, CavityState, Open, Plan, WallShare};
use crate::error::{StackProblem, ThermalError};
use crate::field::{Balance, Field};
use crate::grid::Grid;
use crate::network::{FaceLinks, Network};
use crate::response::{FaceRegion, Side};
use crate::solve::{Linear, for_rows};
use crate::stack::{Block, Condition, Face, Rect, Stack};

/// Residual of a steady solve, relative to its right-hand side.
const TOLERANCE: f64 = 1e-11;

/// Heat that may be lost to rounding and to the linear solver, relative to all heat that flows.
const BALANCE_TOLERANCE: f64 = 1e-9;

/// A block as the cells that it fills.
#[derive(Debug, Clone, PartialEq)]
pub struct Source {
    /// Name of the block.
    pub name: String,
    /// Position of its layer.
    pub layer: usize,
    /// Its cells with the share of the block's volume in each; the shares add up to one.
    pub cells: Vec<(u32, f64)>,
}

/// A stack on a grid: conductances, capacities and sources.
#[derive(Debug, Clone)]
pub struct Model {
    stack: Stack,
    grid: Grid,
    network: Network,
    sources: Vec<Source>,
    plans: Vec<Option<Plan>>,
    /// Temperatures of the cells at which conductivities are taken; those of reference without.
    frozen_k: Option<Arc<[f64]>>,
}

impl Model {
    /// Cuts a stack into cells.
    ///
    /// The material of a cell that a block fills in part is the mean by area.
    ///
    /// # Errors
    /// A stack that makes no sense, with every problem.
    pub fn new(stack: &Stack, grid: &Grid) -> Result<Self, ThermalError> {
        let mut problems = check(stack);
        if problems.is_empty() && is_floating(stack) {
            problems.push(StackProblem::Floating);
        }
        if !problems.is_empty() {
            return Err(ThermalError::Stack { problems });
        }
        let plans =
            coolant::plan(stack, grid).map_err(|problems| ThermalError::Stack { problems })?;
        let network = assemble(stack, grid, &plans, &|_, _| 1.0);
        let sources = sources(stack, grid);
        Ok(Self {
            stack: stack.clone(),
            grid: grid.clone(),
            network,
            sources,
            plans,
            frozen_k: None,
        })
    }

    /// The conductances of a stack like the own one, with conductivities where they are frozen, times
    /// a factor for each material and cell.
    pub(crate) fn conductances(
        &self,
        stack: &Stack,
        factor: &dyn Fn(usize, usize) -> f64,
    ) -> Network {
        let at = |material: usize, cell: usize| {
            self.frozen_k.as_ref().map_or(1.0, |kelvin| {
                let conductivity = &stack.materials[material].conductivity;
                conductivity.factor_at(Kelvin::new(kelvin[cell]))
            })
        };
        let both = |material, cell| at(material, cell) * factor(material, cell);
        assemble(stack, &self.grid, &self.plans, &both)
    }

    /// The same with conductivities at the given temperatures of the cells.
    pub(crate) fn frozen(&self, kelvin: &[f64]) -> Self {
        let mut model = self.clone();
        model.frozen_k = Some(kelvin.into());
        model.network = model.conductances(&model.stack, &|_, _| 1.0);
        model
    }

    /// The same with a heat capacity more in the cells behind a region of a face, even over its area:
    /// what stands on the face and has nearly its temperature, such as fins. Nothing at rest changes.
    ///
    /// # Errors
    /// A heat capacity that is negative or no number.
    pub fn storing(
        &self,
        region: &FaceRegion,
        capacity: JoulesPerKelvin,
    ) -> Result<Self, ThermalError> {
        let capacity_j_per_k = capacity.value();
        if !(capacity_j_per_k >= 0.0 && capacity_j_per_k.is_finite()) {
            let j_per_k = capacity_j_per_k;
            return Err(ThermalError::HeatCapacity { j_per_k });
        }
        let mut model = self.clone();
        let first = match region.side {
            Side::Bottom => 0,
            Side::Top => self.network.n_cells() - self.network.n_columns(),
        };
        let nx = self.grid.shape()[0];
        let side = |edges: &[f64], at: usize| edges[at + 1] - edges[at];
        let area_m2 =
            |column: usize| side(self.grid.x_m(), column % nx) * side(self.grid.y_m(), column / nx);
        let covered = region
            .areas
            .iter()
            .flat_map(|area| columns(&self.grid, area));
        let covered: Vec<(usize, f64)> = covered
            .map(|(column, share)| (column, share * area_m2(column)))
            .collect();
        let whole: f64 = covered.iter().map(|(_, area)| area).sum();
        for (column, area) in covered {
            model.network.capacity[first + column] += capacity_j_per_k * area / whole;
        }
        Ok(model)
    }

    /// What it was made from.
    pub const fn stack(&self) -> &Stack {
        &self.stack
    }

    /// How it is cut into cells.
    pub const fn grid(&self) -> &Grid {
        &self.grid
    }

    /// Its conductances.
    pub const fn network(&self) -> &Network {
        &self.network
    }

    /// Its blocks, in the order of layers and blocks.
    pub fn sources(&self) -> &[Source] {
        &self.sources
    }

    /// How the coolant of each layer that has some flows, lowest first.
    pub fn cavities(&self) -> impl Iterator<Item = &CavityState> {
        self.plans.iter().flatten().map(|plan| &plan.state)
    }

    /// The power of every block as the stack states it.
    pub fn powers(&self) -> Vec<Watts> {
        self.stack.blocks().map(|(_, block)| block.power).collect()
    }

    /// Heat generated in every cell, W.
    ///
    /// # Errors
    /// A list of another length than there are blocks.
    pub fn heat(&self, powers: &[Watts]) -> Result<Vec<f64>, ThermalError> {
        if powers.len() != self.sources.len() {
            return Err(ThermalError::Powers {
                given: powers.len(),
                needed: self.sources.len(),
            });
        }
        let mut heat = vec![0.0; self.network.n_cells()];
        for (source, power) in self.sources.iter().zip(powers) {
            for (cell, share) in &source.cells {
                heat[*cell as usize] += share * power.value();
            }
        }
        Ok(heat)
    }

    /// Temperatures at rest with the given power of every block.
    ///
    /// # Errors
    /// A list of another length, an iteration that does not converge, heat that gets lost.
    pub fn steady(&self, powers: &[Watts]) -> Result<Field, ThermalError> {
        let mut b = self.heat(powers)?;
        let generated = Watts::new(b.iter().sum());
        let network = &self.network;
        // Counted from the temperature outside, the right-hand side holds powers only and nothing
        // cancels.
        let reference_k = network.reference_k().unwrap_or(0.0);
        network.add_outside_heat(reference_k, &mut b);
        let mut kelvin = vec![0.0; b.len()];
        let convergence = Linear::new(network, 0.0)?.solve(&b, &mut kelvin, TOLERANCE)?;
        let of_rest = balance(network, &[], &kelvin, reference_k);
        let balance = Balance {
            generated,
            ..of_rest
        };
        check_balance(&balance, &b)?;
        for kelvin in &mut kelvin {
            *kelvin += reference_k;
        }
        Ok(Field {
            kelvin,
            balance,
            iterations: convergence.iterations,
        })
    }

    /// Mean temperature of a block over its volume.
    pub fn average(&self, field: &Field, block: usize) -> Celsius {
        let cells = self.sources[block].cells.iter();
        let mean: f64 = cells
            .map(|(cell, share)| share * field.kelvin[*cell as usize])
            .sum();
        Kelvin::new(mean).into()
    }

    /// Highest temperature of the cells of a block.
    pub fn maximum(&self, field: &Field, block: usize) -> Celsius {
        let of_cells = self.block_kelvin(field, block);
        Kelvin::new(of_cells.fold(f64::NEG_INFINITY, f64::max)).into()
    }

    /// Lowest temperature of the cells of a block.
    pub fn minimum(&self, field: &Field, block: usize) -> Celsius {
        let of_cells = self.block_kelvin(field, block);
        Kelvin::new(of_cells.fold(f64::INFINITY, f64::min)).into()
    }

    fn block_kelvin<'a>(
        &'a self,
        field: &'a Field,
        block: usize,
    ) -> impl Iterator<Item = f64> + 'a {
        let cells = self.sources[block].cells.iter();
        cells.map(|(cell, _)| field.kelvin[*cell as usize])
    }
}

/// Whether nothing takes heat away.
fn is_floating(stack: &Stack) -> bool {
    let holds = |condition: &Condition| {
        matches!(
            condition,
            Condition::Convection { .. } | Condition::Temperature(_)
        )
    };
    let face = |face: &Face| {
        holds(&face.condition) || face.patches.iter().any(|patch| holds(&patch.condition))
    };
    let cavities = stack
        .layers
        .iter()
        .filter_map(|layer| layer.cavity.as_ref());
    !face(&stack.top) && !face(&stack.bottom) && !cavities.into_iter().any(Cavity::is_flowing)
}

/// Where the heat of a field went.
pub(crate) fn balance(network: &Network, heat: &[f64], rise: &[f64], reference_k: f64) -> Balance {
    let (n, n_columns) = (network.n_cells(), network.n_columns());
    let out = |face: &FaceLinks, first: usize| -> f64 {
        let columns = face.conductance.iter().zip(&face.heat).zip(&rise[first..]);
        columns
            .map(|((g, q), rise)| g * (reference_k + rise) - q)
            .sum()
    };
    let to_coolant: f64 = network
        .streams
        .iter()
        .filter_map(|stream| {
            let last = *stream.cells.last()? as usize;
            Some(stream.capacity_rate_w_per_k * (reference_k + rise[last] - stream.inlet_k))
        })
        .sum();
    Balance {
        generated: Watts::new(heat.iter().sum()),
        through_top: Watts::new(out(&network.top, n - n_columns)),
        through_bottom: Watts::new(out(&network.bottom, 0)),
        to_coolant: Watts::new(to_coolant),
        stored: Watts::new(0.0),
    }
}

/// Refuses a field that loses heat.
pub(crate) fn check_balance(balance: &Balance, b: &[f64]) -> Result<(), ThermalError> {
    let flowing: f64 = b.iter().map(|b| b.abs()).sum();
    if balance.residual().value().abs() <= BALANCE_TOLERANCE * flowing {
        return Ok(());
    }
    Err(ThermalError::Balance {
        generated_w: balance.generated.value(),
        leaving_w: (balance.generated - balance.residual()).value(),
    })
}

/// Indices of the cells that an interval reaches into, with the share of each cell that it covers.
fn covered(edges_m: &[f64], start_m: f64, end_m: f64) -> Vec<(usize, f64)> {
    let n = edges_m.len() - 1;
    let first = edges_m.partition_point(|e| *e <= start_m).saturating_sub(1);
    let mut cells = Vec::new();
    for i in first..n {
        let (low, high) = (edges_m[i], edges_m[i + 1]);
        if low >= end_m {
            break;
        }
        let share = (high.min(end_m) - low.max(start_m)) / (high - low);
        // An edge that rounding has moved covers nothing.
        if share > 1e-9 {
            cells.push((i, share.min(1.0)));
        }
    }
    cells
}

/// The columns under a rectangle with the share of each that it covers.
pub(crate) fn columns(grid: &Grid, rect: &Rect) -> Vec<(usize, f64)> {
    let nx = grid.shape()[0];
    let interval = |edges, start: units::Meters, length: units::Meters| {
        covered(edges, start.value(), (start + length).value())
    };
    let across = interval(grid.x_m(), rect.x, rect.width);
    let up = interval(grid.y_m(), rect.y, rect.height);
    let mut found = Vec::with_capacity(across.len() * up.len());
    for (j, share_y) in &up {
        for (i, share_x) in &across {
            found.push((j * nx + i, share_x * share_y));
        }
    }
    found
}

fn sources(stack: &Stack, grid: &Grid) -> Vec<Source> {
    let [nx, ny, _] = grid.shape();
    let n_columns = nx * ny;
    let area = |column: usize| column_area_m2(grid, column);
    stack
        .blocks()
        .map(|(layer, block)| {
            let in_plane: Vec<(usize, f64)> = block
                .area
                .iter()
                .flat_map(|rect| columns(grid, rect))
                .map(|(column, share)| (column, share * area(column)))
                .collect();
            let sheets: Vec<usize> = grid
                .sheets()
                .iter()
                .enumerate()
                .filter(|(_, sheet)| sheet.layer == layer)
                .map(|(k, _)| k)
                .collect();
            let whole: f64 =
                in_plane.iter().map(|(_, area)| area).sum::<f64>() * sheets.len() as f64;
            let mut cells = Vec::with_capacity(in_plane.len() * sheets.len());
            for k in &sheets {
                for (column, area) in &in_plane {
                    let cell = k * n_columns + column;
                    let cell = u32::try_from(cell).expect("a grid has at most 2^26 cells");
                    cells.push((cell, area / whole));
                }
            }
            Source {
                name: block.name.clone(),
                layer,
                cells,
            }
        })
        .collect()
}

fn column_area_m2(grid: &Grid, column: usize) -> f64 {
    let nx = grid.shape()[0];
    let (i, j) = (column % nx, column / nx);
    (grid.x_m()[i + 1] - grid.x_m()[i]) * (grid.y_m()[j + 1] - grid.y_m()[j])
}

/// What the cells of one layer are made of: the same in all its sheets, one value for each column.
struct Plane {
    k: [Vec<f64>; 3],
    capacity: Vec<f64>,
    /// Share of each column that no block fills.
    free: Vec<f64>,
}

impl Plane {
    fn new(n_columns: usize) -> Self {
        let zeros = || vec![0.0; n_columns];
        Self {
            k: [zeros(), zeros(), zeros()],
            capacity: zeros(),
            free: zeros(),
        }
    }

    /// Means by area over the blocks of a layer. `factor` scales the conductivity of a material in a
    /// column.
    fn fill(
        &mut self,
        stack: &Stack,
        grid: &Grid,
        layer: usize,
        factor: &dyn Fn(usize, usize) -> f64,
    ) {
        let of = &stack.layers[layer];
        for list in self.k.iter_mut().chain([&mut self.capacity]) {
            list.fill(0.0);
        }
        self.free.fill(1.0);
        let (of_k, of_capacity) = (&mut self.k, &mut self.capacity);
        let mut fill = |material: usize, column: usize, share: f64| {
            let made_of = &stack.materials[material];
            let k = &made_of.conductivity;
            let by = share * factor(material, column);
            for (sum, k) in of_k.iter_mut().zip([k.x, k.y, k.z]) {
                sum[column] += by * k.value();
            }
            of_capacity[column] += share * made_of.heat_capacity.value();
        };
        let own = |block: &&Block| block.material.is_some();
        for block in of.blocks.iter().filter(own) {
            let material = block.material.map_or(0, |id| id.0);
            for (column, share) in block.area.iter().flat_map(|rect| columns(grid, rect)) {
                fill(material, column, share);
                self.free[column] -= share;
            }
        }
        if let Some(base) = of.material {
            for (column, free) in self.free.iter().enumerate() {
                // What rounding leaves of a full cell is no second material.
                if *free > 1e-9 {
                    fill(base.0, column, *free);
                }
            }
        }
    }
}

/// The conductances of a stack. `plans` are those of [`coolant::plan`] for the same stack and grid.
/// `factor` scales the conductivity of a material in a cell: the arguments are the material and the
/// cell.
pub(crate) fn assemble(
    stack: &Stack,
    grid: &Grid,
    plans: &[Option<Plan>],
    factor: &dyn Fn(usize, usize) -> f64,
) -> Network {
    let [nx, ny, nz] = grid.shape();
    let n_columns = nx * ny;
    let n = n_columns * nz;
    let widths = |edges: &[f64]| -> Vec<f64> { edges.windows(2).map(|w| w[1] - w[0]).collect() };
    let (dx, dy) = (widths(grid.x_m()), widths(grid.y_m()));
    let area: Vec<f64> = (0..n_columns).map(|c| column_area_m2(grid, c)).collect();
    let mut network = Network {
        shape: [nx, ny, nz],
        gx: vec![0.0; n],
        gy: vec![0.0; n],
        gz: vec![0.0; n],
        bottom: no_links(n_columns),
        top: no_links(n_columns),
        capacity: vec![0.0; n],
        bypasses: Vec::new(),
        streams: coolant::streams(stack, grid, plans),
    };
    // Half of the resistance of the sheet below, K/W, with the contact above it.
    let mut below = vec![0.0; n_columns];
    let mut above = vec![0.0; n_columns];
    let mut plane = Plane::new(n_columns);
    let mut open: Option<Open> = None;
    let mut walls: Vec<WallShare> = Vec::new();
    for (k, sheet) in grid.sheets().iter().enumerate() {
        let first = k * n_columns;
        let of_sheet = |material, column| factor(material, first + column);
        plane.fill(stack, grid, sheet.layer, &of_sheet);
        let dz = sheet.thickness_m;
        let layer = &stack.layers[sheet.layer];
        let plan = plans.get(sheet.layer).and_then(Option::as_ref);
        let cells = plan.zip(layer.cavity.as_ref()).map(|(plan, cavity)| {
            let across = |c: usize| {
                if plan.is_along_x {
                    dy[c / nx]
                } else {
                    dx[c % nx]
                }
            };
            let (k, capacity) = (&mut plane.k, &mut plane.capacity);
            CavityCells::new(plan, &cavity.coolant, dz, &across, k, capacity)
        });
        let of_cells = cells.as_ref();
        lateral_links(&mut network, first, &plane, of_cells, [&dx, &dy], dz);
        let half = |c: usize| dz / (2.0 * plane.k[2][c]);
        let to_floor = |c: usize| of_cells.map_or(half(c), |cells| cells.to_floor(c, half(c)));
        let to_roof = |c: usize| of_cells.map_or(half(c), |cells| cells.to_roof(c, half(c)));
        let is_joined = |c: usize| of_cells.is_some_and(|cells| cells.is_joined(c));
        for c in 0..n_columns {
            network.capacity[first + c] = plane.capacity[c] * area[c] * dz;
            let resistance = below[c] + to_floor(c) / area[c];
            if let Some(open) = open.as_mut().filter(|open| open.cells.is_joined(c)) {
                open.join(&mut network, k, c, area[c], resistance);
            } else if k > 0 && !is_joined(c) {
                network.gz[first - n_columns + c] = 1.0 / resistance;
            }
        }
        if k == 0 {
            network.bottom = face_links(&stack.bottom, grid, &area, &to_floor);
        }
        if k + 1 == nz {
            network.top = face_links(&stack.top, grid, &area, &to_roof);
        }
        // The contact of a layer lies above its uppermost sheet.
        let next = grid.sheets().get(k + 1);
        let is_uppermost = next.is_none_or(|next| next.layer != sheet.layer);
        let contact = layer.contact.filter(|_| is_uppermost);
        let upwards = |c: usize| {
            // Floor and roof of an averaged column are joined together with the sheet above.
            let half = if is_joined(c) { 0.0 } else { to_roof(c) };
            let contact = contact.filter(|_| of_cells.is_none_or(|cells| cells.has_contact(c)));
            (half + contact.map_or(0.0, ArealThermalResistance::value)) / area[c]
        };
        for (c, above) in above.iter_mut().enumerate() {
            *above = upwards(c);
        }
        std::mem::swap(&mut below, &mut above);
        network.bypasses.extend(open.take().map(|open| open.past));
        if let Some(cells) = cells.filter(CavityCells::has_bypass) {
            walls.push(cells.walls(&mut network, k, &plane.capacity, &area, dz));
            open = Some(Open::new(cells, k, above.clone()));
        }
    }
    for share in &walls {
        share.join(&mut network, &dx, &dy);
    }
    network
}

/// The conductances within one sheet, whose first cell is `first`.
fn lateral_links(
    network: &mut Network,
    first: usize,
    plane: &Plane,
    cells: Option<&CavityCells>,
    [dx, dy]: [&[f64]; 2],
    dz: f64,
) {
    let (nx, ny) = (dx.len(), dy.len());
    let sheet = first..first + nx * ny;
    let [kx, ky, _] = &plane.k;
    let joined = |columns: [usize; 2], halves: [f64; 2]| match cells {
        Some(cells) => cells.lateral(columns, halves),
        None => 1.0 / (halves[0] + halves[1]),
    };
    for_rows(&mut network.gx[sheet.clone()], nx, |j, gx| {
        let mut next = dx[0] / (2.0 * kx[j * nx]);
        for (i, gx) in gx.iter_mut().enumerate().take(nx - 1) {
            let c = j * nx + i;
            let here = std::mem::replace(&mut next, dx[i + 1] / (2.0 * kx[c + 1]));
            *gx = dy[j] * dz * joined([c, c + 1], [here, next]);
        }
    });
    let below_last = sheet.start..sheet.end - nx;
    for_rows(&mut network.gy[below_last], nx, |j, gy| {
        for (i, gy) in gy.iter_mut().enumerate() {
            let c = j * nx + i;
            let halves = [dy[j] / (2.0 * ky[c]), dy[j + 1] / (2.0 * ky[c + nx])];
            *gy = dx[i] * dz * joined([c, c + nx], halves);
        }
    });
}

fn no_links(n_columns: usize) -> FaceLinks {
    FaceLinks {
        conductance: vec![0.0; n_columns],
        heat: vec![0.0; n_columns],
    }
}

/// The exchange at one face. `half` is the resistance of half a cell for its area, K m^2/W.
fn face_links(face: &Face, grid: &Grid, area: &[f64], half: &dyn Fn(usize) -> f64) -> FaceLinks {
    let mut links = no_links(area.len());
    let mut join = |condition: &Condition, column: usize, share: f64| {
        let of_area = share * area[column];
        let mut to = |resistance: f64, outside: Celsius| {
            let conductance = of_area / resistance;
            links.conductance[column] += conductance;
            links.heat[column] += conductance * Kelvin::from(outside).value();
        };
        match condition {
            Condition::Adiabatic => {}
            Condition::Convection {
                coefficient,
                ambient,
            } => to(1.0 / coefficient.value() + half(column), *ambient),
            Condition::Temperature(held) => to(half(column), *held),
            Condition::Flux(flux) => links.heat[column] += of_area * flux.value(),
        }
    };
    let mut free = vec![1.0; area.len()];
    for patch in &face.patches {
        for (column, share) in columns(grid, &patch.area) {
            join(&patch.condition, column, share);
            free[column] -= share;
        }
    }
    for (column, free) in free.iter().enumerate() {
        if *free > 1e-9 {
            join(&face.condition, column, *free);
        }
    }
    links
}
