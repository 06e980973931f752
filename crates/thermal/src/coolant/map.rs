//! Maps of coolant cells: their text, and the flow through them.

use units::{PascalSeconds, Pascals};

use super::duct::{Duct, LAMINAR_LIMIT};
use super::flow::{Circuit, Pipe};
use super::{Cavity, CellMap, CoolantNote, Drive, MapCell};
use crate::read::{ReadError, ReadErrors};

/// Parts of the flow that are smaller than this are rounding of the circuit.
const LEAST_SHARE: f64 = 1e-11;

/// The greatest number of cells of all parts of a flow together.
const MAX_ROUTED: usize = 1 << 26;

/// Columns that a part of the flow passes, downstream.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Route {
    /// The columns.
    pub(crate) columns: Vec<u32>,
    /// Share of the whole flow.
    pub(crate) share: f64,
}

/// The flow through a map of cells.
pub(super) struct Routed {
    /// Parts of the flow.
    pub(super) routes: Vec<Route>,
    /// The whole.
    pub(super) flow_m3_per_s: f64,
    /// Pressure between inlets and outlets, where the viscosity is known.
    pub(super) pressure_pa: Option<f64>,
    /// What a reader should know.
    pub(super) notes: Vec<CoolantNote>,
}

impl CellMap {
    /// Reads a map as `HotSpot` 7 has it: one line for each row, the uppermost first, with numbers
    /// between commas: -1 a via, 0 wall, 1 coolant, 2 an inlet, 3 an outlet. Empty lines and what
    /// follows `#` are ignored.
    ///
    /// # Errors
    /// Numbers of other cells, rows of different length, a map without rows: every problem with its
    /// line.
    pub fn parse(file: &str, text: &str) -> Result<Self, ReadErrors> {
        let mut problems = Vec::new();
        let mut rows: Vec<Vec<MapCell>> = Vec::new();
        let mut columns: Option<(usize, usize)> = None;
        for (idx, line) in text.lines().enumerate() {
            let line_number = idx + 1;
            let content = line.split('#').next().unwrap_or("").trim();
            let fields = content
                .split([',', ' ', '\t'])
                .filter(|field| !field.is_empty());
            let mut row = Vec::new();
            for field in fields {
                match field {
                    "-1" => row.push(MapCell::Via),
                    "0" => row.push(MapCell::Solid),
                    "1" => row.push(MapCell::Fluid),
                    "2" => row.push(MapCell::Inlet),
                    "3" => row.push(MapCell::Outlet),
                    _ => {
                        let message = format!("{field:?} is no cell");
                        let help = "-1 is a via, 0 wall, 1 coolant, 2 an inlet, 3 an outlet";
                        problems.push(ReadError::new(file, line_number, message).help(help));
                        row.push(MapCell::Solid);
                    }
                }
            }
            if row.is_empty() {
                continue;
            }
            match columns {
                None => columns = Some((row.len(), line_number)),
                Some((n, first)) if n != row.len() => {
                    let found = row.len();
                    let message = format!("a row of {found} cells; that of line {first} has {n}");
                    problems.push(ReadError::new(file, line_number, message));
                }
                Some(_) => {}
            }
            rows.push(row);
        }
        if rows.is_empty() {
            problems.push(ReadError::new(file, 0, "has no row of cells"));
        }
        if !problems.is_empty() {
            return Err(ReadErrors(problems));
        }
        Ok(Self {
            columns: rows[0].len(),
            rows: rows.len(),
            cells: rows.into_iter().rev().flatten().collect(),
        })
    }

    /// Pairs of neighbouring cells that both hold coolant, and whether they lie side by side in x.
    fn openings(&self) -> Vec<([usize; 2], bool)> {
        let mut openings = Vec::new();
        for c in 0..self.cells.len() {
            let across = (c % self.columns + 1 < self.columns).then_some((c + 1, true));
            let up = (c + self.columns < self.cells.len()).then_some((c + self.columns, false));
            for (other, is_across) in [across, up].into_iter().flatten() {
                if self.cells[c].is_fluid() && self.cells[other].is_fluid() {
                    openings.push(([c, other], is_across));
                }
            }
        }
        openings
    }

    fn all(&self, kind: MapCell) -> Vec<usize> {
        let cells = self.cells.iter().enumerate();
        cells
            .filter(|(_, cell)| **cell == kind)
            .map(|(c, _)| c)
            .collect()
    }
}

/// The flow through a map of cells. Each pair of neighbours is a straight rectangular duct from
/// middle to middle as wide as the cell, in developed laminar flow; pressures are held in the middle
/// of inlets and outlets. Fields of coolant several cells wide are so given more friction than they
/// have.
///
/// # Errors
/// A map through which nothing can flow.
pub(super) fn through_map(
    map: &CellMap,
    cavity: &Cavity,
    cell_m: [f64; 2],
    height_m: f64,
) -> Result<Routed, String> {
    let mut routed = Routed {
        routes: Vec::new(),
        flow_m3_per_s: 0.0,
        pressure_pa: None,
        notes: Vec::new(),
    };
    if !cavity.is_flowing() {
        return Ok(routed);
    }
    let [dx, dy] = cell_m;
    let ducts = [Duct::new(dx, height_m, dy), Duct::new(dy, height_m, dx)];
    // The split does not depend on the viscosity.
    let viscosity = cavity.coolant.viscosity.map(PascalSeconds::value);
    let resistances = ducts.map(|duct| duct.laminar_resistance(viscosity.unwrap_or(1.0)));
    let openings = map.openings();
    let pipes = openings.iter().map(|(nodes, is_across)| Pipe {
        nodes: *nodes,
        resistance_pa_s_per_m3: resistances[usize::from(*is_across)],
    });
    let circuit = Circuit {
        n_nodes: map.cells.len(),
        pipes: pipes.collect(),
    };
    let (inlets, outlets) = (map.all(MapCell::Inlet), map.all(MapCell::Outlet));
    let unit = circuit
        .solve(&inlets, &outlets, Pascals::new(1.0))
        .map_err(|error| error.to_string())?;
    let of_unit = unit.total.value();
    let (flow, pressure) = match cavity.drive {
        Drive::Flow(flow) => (flow.value(), flow.value() / of_unit),
        Drive::Pressure {
            difference,
            internal_pa_s_per_m3,
        } => {
            let inside = difference.value() / (1.0 + internal_pa_s_per_m3 * of_unit);
            (inside * of_unit, inside)
        }
    };
    routed.flow_m3_per_s = flow;
    routed.pressure_pa = viscosity.map(|_| pressure);
    let shares: Vec<f64> = unit
        .flows
        .iter()
        .map(|flow| flow.value() / of_unit)
        .collect();
    note_regime(&mut routed, cavity, &ducts, &openings, &shares);
    routed.routes = routes(map, &openings, &shares)?;
    let mut is_passed = vec![false; map.cells.len()];
    for column in routed.routes.iter().flat_map(|route| &route.columns) {
        is_passed[*column as usize] = true;
    }
    let fluid = map.cells.iter().zip(&is_passed);
    let unmoved = fluid
        .filter(|(cell, is_passed)| cell.is_fluid() && !**is_passed)
        .count();
    if unmoved > 0 {
        routed.notes.push(CoolantNote::Unmoved { cells: unmoved });
    }
    Ok(routed)
}

/// Says when the fastest duct is not laminar.
fn note_regime(
    routed: &mut Routed,
    cavity: &Cavity,
    ducts: &[Duct; 2],
    openings: &[([usize; 2], bool)],
    shares: &[f64],
) {
    let coolant = &cavity.coolant;
    let (Some(mu), Some(rho)) = (coolant.viscosity, coolant.density) else {
        routed.notes.push(CoolantNote::RegimeUnknown {
            coolant: coolant.name.clone(),
        });
        return;
    };
    let of_duct = |((_, is_across), share): (&([usize; 2], bool), &f64)| {
        let duct = &ducts[usize::from(*is_across)];
        let velocity = share.abs() * routed.flow_m3_per_s / duct.area_m2();
        rho.value() * velocity * duct.hydraulic_diameter_m() / mu.value()
    };
    let fastest = openings.iter().zip(shares).map(of_duct).fold(0.0, f64::max);
    if fastest > LAMINAR_LIMIT {
        routed.notes.push(CoolantNote::Extrapolated {
            what: "Reynolds number of the fastest cell",
            value: fastest,
            low: 0.0,
            high: LAMINAR_LIMIT,
        });
    }
}

/// Takes a flow apart into routes from inlets to outlets, which together pass every pair of cells
/// with its share. Each one empties at least one pair.
fn routes(
    map: &CellMap,
    openings: &[([usize; 2], bool)],
    shares: &[f64],
) -> Result<Vec<Route>, String> {
    // What leaves each cell: the pair and the cell behind it.
    let mut leaving: Vec<Vec<(usize, usize)>> = vec![Vec::new(); map.cells.len()];
    let mut left: Vec<f64> = shares.iter().map(|share| share.abs()).collect();
    // Water flows down its pressure, so that nothing flows into an inlet but from the pump or from
    // another inlet of the same pressure, which is nothing.
    let mut supply = vec![0.0; map.cells.len()];
    for (idx, (([a, b], _), share)) in openings.iter().zip(shares).enumerate() {
        let (from, to) = if *share > 0.0 { (*a, *b) } else { (*b, *a) };
        leaving[from].push((idx, to));
        supply[from] += share.abs();
    }
    let mut routes = Vec::new();
    let mut n_routed = 0;
    for inlet in map.all(MapCell::Inlet) {
        while supply[inlet] > LEAST_SHARE {
            let mut columns = vec![inlet];
            let mut passed = Vec::new();
            let mut share = supply[inlet];
            let mut at = inlet;
            loop {
                let most = leaving[at]
                    .iter()
                    .copied()
                    .max_by(|a, b| left[a.0].total_cmp(&left[b.0]));
                let Some((idx, next)) = most.filter(|(idx, _)| left[*idx] > 0.0) else {
                    break;
                };
                share = share.min(left[idx]);
                passed.push(idx);
                columns.push(next);
                at = next;
                if map.cells[at] == MapCell::Outlet {
                    break;
                }
            }
            supply[inlet] -= share;
            for idx in passed {
                left[idx] = (left[idx] - share).max(0.0);
            }
            if map.cells[at] != MapCell::Outlet {
                // Rounding left a trickle that ends nowhere.
                continue;
            }
            if share <= LEAST_SHARE {
                continue;
            }
            n_routed += columns.len();
            if n_routed > MAX_ROUTED {
                return Err(format!(
                    "its flow takes more than {MAX_ROUTED} cells to follow; use pins or averaged channels for wide fields"
                ));
            }
            let number = |c: usize| u32::try_from(c).expect("a grid has at most 2^26 cells");
            let columns = columns.into_iter().map(number).collect();
            routes.push(Route { columns, share });
        }
    }
    let whole: f64 = routes.iter().map(|route: &Route| route.share).sum();
    for route in &mut routes {
        route.share /= whole;
    }
    Ok(routes)
}
