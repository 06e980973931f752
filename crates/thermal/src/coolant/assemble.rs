//! From planned coolant to conductances.

use units::Kelvin;

use super::cells::{Fins, Plan};
use crate::grid::Grid;
use crate::network::{Bypass, Network, Stream};
use crate::stack::Stack;

/// Beyond this product of fin parameter and height no heat passes a wall: `sinh` of it is 1e5.
const LONG_FIN: f64 = 12.0;

/// How the cells of one sheet join their neighbours when some of them hold coolant.
pub(crate) struct CavityCells<'a> {
    plan: &'a Plan,
    /// Factor on the conductance from the middle of a wall to its ends.
    lengthwise: Vec<f64>,
    /// Factor on the conductance from a wall to the coolant at its sides.
    sideways: Vec<f64>,
    /// Averaged columns.
    averaged: Vec<Averaged>,
    /// Of the coolant, J/(m3 K).
    capacity_of_coolant: f64,
}

/// An averaged column between the surfaces of the layers below and above it, W/(m2 K).
#[derive(Debug, Clone, Copy, PartialEq, Default)]
struct Averaged {
    /// From the floor to the coolant.
    floor: f64,
    /// From the roof to the coolant.
    roof: f64,
    /// From floor to roof.
    past: f64,
    /// Conductivity of the walls along the stream times their share of the section, W/(m K).
    along: f64,
}

impl Averaged {
    /// `k` is the conductivity of the walls along the stream and through the layer.
    fn new(plan: &Plan, fins: &Fins, cooled: f64, height_m: f64, k: [f64; 2]) -> Self {
        let [along, through] = k;
        if cooled == 0.0 {
            return Self::default();
        }
        let solid = 1.0 - fins.porosity;
        let (mut floor, mut roof) = (plan.bottom, plan.top);
        let mut past = through * solid / height_m;
        if !fins.is_effective {
            floor *= fins.porosity;
            roof *= fins.porosity;
            if solid > 0.0 {
                // Fins between two surfaces: from each a foot to the coolant, and what passes.
                let m = (plan.side * fins.perimeter_per_m / (through * solid)).sqrt();
                let x = m * height_m;
                let foot = through * solid * m * (x / 2.0).tanh();
                floor += foot;
                roof += foot;
                past /= sinh_ratio(x);
            }
        }
        let open = if fins.is_continuous {
            cooled * fins.porosity
        } else {
            cooled
        };
        Self {
            floor: cooled * floor,
            roof: cooled * roof,
            past: cooled * past + (1.0 - cooled) * through / height_m,
            along: along * (1.0 - open),
        }
    }
}

impl<'a> CavityCells<'a> {
    /// `k` and `capacity` are those of the walls in each column and become those of the cells.
    /// `pitch_m` is the width of each column across the stream.
    pub(crate) fn new(
        plan: &'a Plan,
        coolant: &super::Coolant,
        height_m: f64,
        pitch_m: &dyn Fn(usize) -> f64,
        k: &mut [Vec<f64>; 3],
        capacity: &mut [f64],
    ) -> Self {
        let n = plan.cooled.len();
        let mut cells = Self {
            plan,
            lengthwise: vec![1.0; n],
            sideways: vec![1.0; n],
            averaged: Vec::new(),
            capacity_of_coolant: coolant.heat_capacity.value(),
        };
        let still_k = coolant
            .conductivity
            .map_or(0.0, units::ThermalConductivity::value);
        if let Some(fins) = plan.fins {
            let along = if plan.is_along_x { &k[0] } else { &k[1] };
            let walls = along.iter().zip(&k[2]).zip(&plan.cooled);
            cells.averaged = walls
                .map(|((along, through), cooled)| {
                    Averaged::new(plan, &fins, *cooled, height_m, [*along, *through])
                })
                .collect();
            return cells;
        }
        for c in 0..n {
            if plan.cooled[c] > 0.0 {
                capacity[c] = cells.capacity_of_coolant;
                if plan.is_still {
                    for k in k.iter_mut() {
                        k[c] = still_k;
                    }
                }
            } else if plan.wetted_sides[c] > 0 && !plan.is_still {
                // A wall heated at both ends and cooled at its sides, as one node between two
                // conductances: exactly the fin's two-port with m^2 = n h / (k w).
                let width = pitch_m(c);
                let m2 = f64::from(plan.wetted_sides[c]) * plan.side / (k[2][c] * width);
                let x = (m2.sqrt() * height_m).min(LONG_FIN);
                cells.lengthwise[c] = (x / 2.0) / (x / 2.0).tanh();
                cells.sideways[c] = sinh_ratio(x);
            }
        }
        cells
    }

    /// Whether a column holds coolant that moves, or is averaged.
    fn is_fluid(&self, column: usize) -> bool {
        self.plan.cooled[column] > 0.0 && (!self.plan.is_still || self.is_averaged())
    }

    fn is_averaged(&self) -> bool {
        self.plan.fins.is_some()
    }

    /// Conductance for each area between two neighbours of one sheet from the resistances of half
    /// of each, W/(m2 K).
    pub(crate) fn lateral(&self, columns: [usize; 2], halves: [f64; 2]) -> f64 {
        let [a, b] = columns;
        let wall = match (self.is_fluid(a), self.is_fluid(b)) {
            (false, false) => return 1.0 / (halves[0] + halves[1]),
            (true, true) => return 0.0,
            (true, false) => 1,
            (false, true) => 0,
        };
        if self.is_averaged() {
            return 0.0;
        }
        self.sideways[columns[wall]] / (1.0 / self.plan.side + halves[wall])
    }

    /// Resistance for an area from a cell to its floor, from that of half of a solid cell.
    pub(crate) fn to_floor(&self, column: usize, half: f64) -> f64 {
        if self.is_fluid(column) {
            1.0 / self.plan.bottom
        } else {
            half / self.lengthwise[column]
        }
    }

    /// Resistance for an area from a cell to its roof.
    pub(crate) fn to_roof(&self, column: usize, half: f64) -> f64 {
        if self.is_fluid(column) {
            1.0 / self.plan.top
        } else {
            half / self.lengthwise[column]
        }
    }

    /// Whether a contact with another layer counts here: coolant touches walls without one.
    pub(crate) fn has_contact(&self, column: usize) -> bool {
        !self.is_fluid(column) || self.is_averaged()
    }

    /// Whether floor, coolant and roof of a column are joined by [`Open::join`].
    pub(crate) fn is_joined(&self, column: usize) -> bool {
        self.is_averaged() && self.is_fluid(column)
    }

    /// Whether any column is.
    pub(crate) fn has_bypass(&self) -> bool {
        self.is_averaged()
    }

    /// Gives the averaged columns of sheet `k` the heat capacity of their coolant, and returns what
    /// their walls are to the sheets beside it.
    pub(crate) fn walls(
        &self,
        network: &mut Network,
        k: usize,
        of_walls: &[f64],
        area: &[f64],
        dz: f64,
    ) -> WallShare {
        let n_columns = area.len();
        let porosity = self.plan.fins.map_or(1.0, |fins| fins.porosity);
        let mut share = WallShare {
            sheet: k,
            capacity: vec![0.0; n_columns],
            along: vec![0.0; n_columns],
            is_along_x: self.plan.is_along_x,
        };
        for c in (0..n_columns).filter(|c| self.is_joined(*c)) {
            let open = porosity * self.plan.cooled[c];
            let volume = area[c] * dz;
            network.capacity[k * n_columns + c] = open * self.capacity_of_coolant * volume;
            share.capacity[c] = (1.0 - open) * of_walls[c] * volume / 2.0;
            share.along[c] = self.averaged[c].along * dz / 2.0;
        }
        share
    }
}

/// Half of the walls of an averaged sheet, for each of the sheets below and above it: their nodes
/// hold the heat of the walls and pass it along the stream.
pub(crate) struct WallShare {
    sheet: usize,
    /// Heat capacity of each column, J/K.
    capacity: Vec<f64>,
    /// Conductivity along the stream times height, W/K.
    along: Vec<f64>,
    is_along_x: bool,
}

impl WallShare {
    /// Adds it to both neighbours.
    pub(crate) fn join(&self, network: &mut Network, dx: &[f64], dy: &[f64]) {
        let (nx, ny, n_columns) = (dx.len(), dy.len(), self.along.len());
        for sheet in [self.sheet - 1, self.sheet + 1] {
            let first = sheet * n_columns;
            for (c, along) in self.along.iter().enumerate() {
                network.capacity[first + c] += self.capacity[c];
                let (i, j) = (c % nx, c / nx);
                let (is_last, next) = if self.is_along_x {
                    (i + 1 == nx, c + 1)
                } else {
                    (j + 1 == ny, c + nx)
                };
                if is_last || *along == 0.0 || self.along[next] == 0.0 {
                    continue;
                }
                let joined = |across: f64, a: f64, b: f64| {
                    across / (a / (2.0 * along) + b / (2.0 * self.along[next]))
                };
                if self.is_along_x {
                    network.gx[first + c] += joined(dy[j], dx[i], dx[i + 1]);
                } else {
                    network.gy[first + c] += joined(dx[i], dy[j], dy[j + 1]);
                }
            }
        }
    }
}

/// An averaged sheet whose upper neighbour is not known yet.
pub(crate) struct Open<'a> {
    /// Its cells.
    pub(crate) cells: CavityCells<'a>,
    /// Half of the resistance of the sheet below it, K/W.
    below: Vec<f64>,
    /// What passes it.
    pub(crate) past: Bypass,
}

impl<'a> Open<'a> {
    /// Sheet `k`, above half of the resistances `below`.
    pub(crate) fn new(cells: CavityCells<'a>, k: usize, below: Vec<f64>) -> Self {
        let past = Bypass {
            sheet: k,
            conductance: vec![0.0; below.len()],
        };
        Self { cells, below, past }
    }

    /// Joins a column of the sheet below it, its own and that of sheet `k` above it. The surfaces
    /// between them are eliminated, so that coolant and walls share the resistance of the layers
    /// that they touch. `above` is the resistance of half of the upper cell, K/W.
    pub(crate) fn join(
        &mut self,
        network: &mut Network,
        k: usize,
        column: usize,
        area_m2: f64,
        above: f64,
    ) {
        let of = &self.cells.averaged[column];
        let (floor, roof, past) = (of.floor * area_m2, of.roof * area_m2, of.past * area_m2);
        let (gb, gt) = (1.0 / self.below[column], 1.0 / above);
        let (a, d) = (gb + floor + past, gt + roof + past);
        let det = a * d - past * past;
        let n_columns = self.below.len();
        network.gz[(k - 2) * n_columns + column] = gb * (d * floor + past * roof) / det;
        network.gz[(k - 1) * n_columns + column] = gt * (a * roof + past * floor) / det;
        self.past.conductance[column] = gb * past * gt / det;
    }
}

/// The streams of all cavities.
pub(crate) fn streams(stack: &Stack, grid: &Grid, plans: &[Option<Plan>]) -> Vec<Stream> {
    let [nx, ny, _] = grid.shape();
    let mut streams = Vec::new();
    for (k, sheet) in grid.sheets().iter().enumerate() {
        let plan = plans.get(sheet.layer).and_then(Option::as_ref);
        let Some((plan, cavity)) = plan.zip(stack.layers[sheet.layer].cavity.as_ref()) else {
            continue;
        };
        let first = u32::try_from(k * nx * ny).expect("a grid has at most 2^26 cells");
        for route in &plan.routes {
            streams.push(Stream {
                cells: route.columns.iter().map(|column| first + column).collect(),
                capacity_rate_w_per_k: route.share * plan.state.capacity_rate_w_per_k,
                inlet_k: Kelvin::from(cavity.inlet).value(),
            });
        }
    }
    streams
}

/// `sinh(x) / x`, one at zero.
fn sinh_ratio(x: f64) -> f64 {
    if x < 1e-4 {
        // The next term is x^4 / 120, below rounding.
        1.0 + x * x / 6.0
    } else {
        x.min(300.0).sinh() / x
    }
}
