//! Thermal resistance from every block to every block.

use rayon::prelude::*;
use units::{Celsius, Kelvin, KelvinPerWatt, Watts};

use crate::ThermalError;
use crate::dense::dot;
use crate::field::Field;
use crate::mirror::{Mirror, families};
use crate::model::{Model, Source, columns};
use crate::network::Network;
use crate::solve::Linear;
use crate::stack::Rect;

/// Residual of one solve, relative to one watt.
const TOLERANCE: f64 = 1e-11;

/// Share of one watt that may be lost to rounding and to the linear solver.
const BALANCE_TOLERANCE: f64 = 1e-9;

/// The linear answer of a package to the powers of its blocks: `T = T0 + R P`.
///
/// `T` are means over the blocks, `T0` their temperatures without power, which several temperatures
/// outside may set. Without flowing coolant `R` is symmetric (reciprocity); it is never negative
/// (maximum principle). Conductivities are those of the model: of one with conductivities that
/// depend on temperature take the response of [`Model::frozen_at`].
///
/// # Memory
/// The answer of every cell of a block to every block is kept, so that the highest temperature of a
/// block is exact for any powers: 8 bytes times the cells of all blocks times one more than there
/// are blocks.
///
/// # Source
/// Reciprocity and superposition of linear conduction: H. S. Carslaw and J. C. Jaeger, Conduction
/// of Heat in Solids, 2nd edition, 1959, sections 1.14 and 14.2.
#[derive(Debug, Clone, PartialEq)]
pub struct Response {
    names: Vec<String>,
    is_symmetric: bool,
    /// `T0` of every block, kelvin.
    base_k: Vec<f64>,
    /// `R[out, in]`, one row for each block that is heated.
    k_per_w: Vec<f64>,
    blocks: Vec<Cells>,
    /// Shares of the heat of every source that leave through a region, one row for each region.
    shares: Vec<f64>,
}

/// One of the two faces.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Side {
    /// The upper one.
    Top,
    /// The lower one.
    Bottom,
}

/// A part of a face, to ask how much heat leaves there.
#[derive(Debug, Clone, PartialEq)]
pub struct FaceRegion {
    /// The face.
    pub side: Side,
    /// Rectangles that do not overlap. A column of cells that several regions share is divided
    /// between them by area; one that a single region reaches into is its own.
    pub areas: Vec<Rect>,
}

/// How far a field lies above the linear answer of a response: what conductivities that depend on
/// temperature make of it.
#[derive(Debug, Clone, PartialEq)]
pub struct Excess {
    /// Of the mean of every block, K.
    means_k: Vec<f64>,
    /// Of every cell of every block, K.
    cells_k: Vec<Vec<f64>>,
}

/// The answers of the cells of one block.
#[derive(Debug, Clone, PartialEq)]
struct Cells {
    /// Numbers of the cells, with their shares of the block.
    places: Vec<(u32, f64)>,
    /// `T0` of every cell, kelvin.
    base_k: Vec<f64>,
    /// One row for each cell, one column for each source, K/W.
    k_per_w: Vec<f64>,
    /// What a kelvin outside of each region makes of every cell, one row for each region.
    of_regions: Vec<Vec<f64>>,
}

impl Response {
    /// One solve for each block, and one for what is outside.
    ///
    /// The solves run on all threads; the result does not depend on their number.
    ///
    /// # Errors
    /// An iteration that does not converge, heat that gets lost.
    pub fn new(model: &Model) -> Result<Self, ThermalError> {
        let all: Vec<usize> = (0..model.sources().len()).collect();
        Self::among(model, &all, &[])
    }

    /// The response of some blocks alone, in the given order, and how much of their heat leaves
    /// through some regions of the faces.
    ///
    /// The shares are also the weights with which the temperatures outside set those of the blocks
    /// (reciprocity): `T0_i = sum share[r, i] T_r` where every sink is in a region.
    ///
    /// # Errors
    /// A block that is not there, and those of [`Self::new`].
    pub fn among(
        model: &Model,
        blocks: &[usize],
        regions: &[FaceRegion],
    ) -> Result<Self, ThermalError> {
        let network = model.network();
        let all = model.sources();
        if let Some(index) = blocks.iter().copied().find(|block| *block >= all.len()) {
            return Err(ThermalError::Absent {
                what: "block",
                index,
                n: all.len(),
            });
        }
        let sources: Vec<&Source> = blocks.iter().map(|block| &all[*block]).collect();
        let doors = doors(model, regions);
        let linear = Linear::new(network, 0.0)?;
        let reference_k = network.reference_k().unwrap_or(0.0);
        let mut rise = vec![0.0; network.n_cells()];
        linear.solve(&network.outside_heat(reference_k), &mut rise, TOLERANCE)?;
        let absolute = |rise: f64| reference_k + rise;
        let base: Vec<Probed> = sources.iter().map(|of| probe(of, &rise)).collect();
        let of_regions: Vec<Vec<Probed>> = doors
            .par_iter()
            .map(|door| {
                let mut heat = vec![0.0; network.n_cells()];
                for (cell, g) in door {
                    heat[*cell] += g;
                }
                let mut field = vec![0.0; network.n_cells()];
                // A region through which no heat leaves, such as a plate without flow, does nothing.
                if heat.iter().any(|g| *g > 0.0) {
                    linear.solve(&heat, &mut field, TOLERANCE)?;
                }
                Ok(sources.iter().map(|of| probe(of, &field)).collect())
            })
            .collect::<Result<_, ThermalError>>()?;
        let leaving = column_sums(network, 0.0);
        let seen = |field: &[f64]| -> Seen {
            let through = |door: &Vec<(usize, f64)>| -> f64 {
                door.iter().map(|(cell, g)| g * field[*cell]).sum()
            };
            (
                sources.iter().map(|of| probe(of, field)).collect(),
                doors.iter().map(through).collect(),
            )
        };
        // One solve for all that are images of each other.
        let by_family: Vec<Vec<(usize, Seen)>> = families(network, &sources)
            .par_iter()
            .map(|family| {
                let field = unit_field(&linear, sources[family[0].0], &leaving)?;
                let of_member = |(member, mirror): &(usize, Option<Mirror>)| {
                    let image = mirror.map(|mirror| mirror.field(&field));
                    (*member, seen(image.as_deref().unwrap_or(&field)))
                };
                Ok(family.iter().map(of_member).collect())
            })
            .collect::<Result<_, ThermalError>>()?;
        let mut by_source: Vec<_> = by_family.into_iter().flatten().collect();
        by_source.sort_by_key(|(member, _)| *member);
        let by_source: Vec<Seen> = by_source.into_iter().map(|(_, seen)| seen).collect();
        let shares = (0..regions.len())
            .flat_map(|region| by_source.iter().map(move |(_, shares)| shares[region]))
            .collect();
        let by_source: Vec<Vec<Probed>> = by_source.into_iter().map(|(of, _)| of).collect();
        let n = sources.len();
        let k_per_w = (0..n * n)
            .map(|at| by_source[at % n][at / n].mean)
            .collect();
        let blocks = base
            .iter()
            .enumerate()
            .map(|(block, base)| Cells {
                places: sources[block].cells.clone(),
                base_k: base.cells.iter().map(|rise| absolute(*rise)).collect(),
                k_per_w: (0..base.cells.len())
                    .flat_map(|cell| by_source.iter().map(move |of| of[block].cells[cell]))
                    .collect(),
                of_regions: of_regions
                    .iter()
                    .map(|of| of[block].cells.clone())
                    .collect(),
            })
            .collect();
        Ok(Self {
            names: sources.iter().map(|source| source.name.clone()).collect(),
            is_symmetric: network.is_symmetric(),
            base_k: base.iter().map(|base| absolute(base.mean)).collect(),
            k_per_w,
            blocks,
            shares,
        })
    }

    /// Names of the blocks, in the order of rows, columns and powers.
    pub fn names(&self) -> &[String] {
        &self.names
    }

    /// Position of a block by its name.
    pub fn position(&self, name: &str) -> Option<usize> {
        self.names.iter().position(|of| of == name)
    }

    /// Whether `R` is symmetric: no coolant flows inside the package.
    pub const fn is_symmetric(&self) -> bool {
        self.is_symmetric
    }

    /// Rise of the mean temperature of block `out` for the power of block `source`.
    ///
    /// # Panics
    /// A position beyond the blocks.
    pub fn resistance(&self, out: usize, source: usize) -> KelvinPerWatt {
        KelvinPerWatt::new(self.k_per_w[out * self.names.len()..][..self.names.len()][source])
    }

    /// Share of the heat of a block that leaves through a region of the faces.
    ///
    /// # Panics
    /// A position beyond the regions or the blocks.
    pub fn share(&self, region: usize, source: usize) -> f64 {
        self.shares[region * self.names.len()..][..self.names.len()][source]
    }

    /// Mean temperature of a block when no block generates heat.
    ///
    /// # Panics
    /// A position beyond the blocks.
    pub fn base(&self, out: usize) -> Celsius {
        Kelvin::new(self.base_k[out]).into()
    }

    /// Mean temperature of every block.
    ///
    /// # Errors
    /// A list of another length than there are blocks.
    pub fn averages(&self, powers: &[Watts]) -> Result<Vec<Celsius>, ThermalError> {
        let powers_w = self.checked(powers)?;
        let mut kelvin = vec![0.0; powers_w.len()];
        self.averages_into(&powers_w, &mut kelvin);
        Ok(kelvin.into_iter().map(|k| Kelvin::new(k).into()).collect())
    }

    /// Highest temperature of the cells of every block, exact for any powers.
    ///
    /// # Errors
    /// A list of another length than there are blocks.
    pub fn maxima(&self, powers: &[Watts]) -> Result<Vec<Celsius>, ThermalError> {
        let powers_w = self.checked(powers)?;
        let blocks = self.blocks.iter();
        Ok(blocks.map(|of| of.maximum(&powers_w)).collect())
    }

    /// Highest temperature of the cells of one block, exact for any powers.
    ///
    /// # Errors
    /// A list of another length than there are blocks.
    ///
    /// # Panics
    /// A position beyond the blocks.
    pub fn maximum(&self, block: usize, powers: &[Watts]) -> Result<Celsius, ThermalError> {
        Ok(self.blocks[block].maximum(&self.checked(powers)?))
    }

    /// Mean temperature of every block with other temperatures outside, one for each region: exact
    /// for any powers where every sink is in a region. An `excess` is added.
    ///
    /// # Errors
    /// A list of another length than there are blocks.
    pub fn averages_outside(
        &self,
        powers: &[Watts],
        outside: &[Celsius],
        excess: Option<&Excess>,
    ) -> Result<Vec<Celsius>, ThermalError> {
        let powers_w = self.checked(powers)?;
        let rows = self.k_per_w.chunks_exact(powers_w.len().max(1)).enumerate();
        let averages = rows.map(|(block, row)| {
            let regions = outside.iter().enumerate();
            let base: f64 = regions
                .map(|(region, t)| self.share(region, block) * t.value())
                .sum();
            let more = excess.map_or(0.0, |excess| excess.means_k[block]);
            Celsius::new(base + dot(row, &powers_w) + more)
        });
        Ok(averages.collect())
    }

    /// Highest temperature of the cells of one block with other temperatures outside, one for each
    /// region: exact for any powers where every sink is in a region. An `excess` is added cell by
    /// cell.
    ///
    /// # Errors
    /// A list of another length than there are blocks.
    ///
    /// # Panics
    /// A position beyond the blocks.
    pub fn maximum_outside(
        &self,
        block: usize,
        powers: &[Watts],
        outside: &[Celsius],
        excess: Option<&Excess>,
    ) -> Result<Celsius, ThermalError> {
        let powers_w = self.checked(powers)?;
        let linear = self.blocks[block].outside(&powers_w, outside);
        let excess = excess.map(|excess| excess.cells_k[block].as_slice());
        let celsius = linear.enumerate().map(|(cell, celsius)| {
            let more = excess.map_or(0.0, |cells| cells[cell]);
            celsius + more
        });
        Ok(Celsius::new(celsius.fold(f64::NEG_INFINITY, f64::max)))
    }

    /// Position among the cells of one block of the hottest, with other temperatures outside; see
    /// [`Self::maximum_outside`].
    ///
    /// # Errors
    /// A list of another length than there are blocks.
    ///
    /// # Panics
    /// A position beyond the blocks.
    pub fn hottest_cell(
        &self,
        block: usize,
        powers: &[Watts],
        outside: &[Celsius],
    ) -> Result<usize, ThermalError> {
        let powers_w = self.checked(powers)?;
        let cells = self.blocks[block].outside(&powers_w, outside).enumerate();
        let hottest = cells.reduce(|best, found| if found.1 > best.1 { found } else { best });
        Ok(hottest.map_or(0, |(cell, _)| cell))
    }

    /// How far one cell of a block lies above the mean of the block for each watt of every block.
    ///
    /// # Panics
    /// A position beyond the blocks or the cells of the block.
    pub fn above_mean(&self, block: usize, cell: usize) -> Vec<KelvinPerWatt> {
        let n = self.names.len();
        let of_cell = &self.blocks[block].k_per_w[cell * n..(cell + 1) * n];
        let of_mean = &self.k_per_w[block * n..(block + 1) * n];
        let pairs = of_cell.iter().zip(of_mean);
        pairs
            .map(|(cell, mean)| KelvinPerWatt::new(cell - mean))
            .collect()
    }

    /// How far a field lies above the linear answer to the powers and to the temperatures outside
    /// that it belongs to.
    ///
    /// With it the response gives the temperatures of the field there, and round it those of the
    /// field and the linear answer to what changes.
    ///
    /// # Errors
    /// A list of another length than there are blocks, a field of another grid.
    pub fn excess(
        &self,
        field: &Field,
        powers: &[Watts],
        outside: &[Celsius],
    ) -> Result<Excess, ThermalError> {
        let powers_w = self.checked(powers)?;
        let given = field.kelvin.len();
        let cells = self.blocks.iter().flat_map(|of| &of.places);
        let needed = cells.map(|(cell, _)| *cell as usize + 1).max();
        if let Some(needed) = needed.filter(|needed| *needed > given) {
            return Err(ThermalError::Field { given, needed });
        }
        let linear = self.averages_outside(powers, outside, None)?;
        let celsius = |cell: u32| Celsius::from(Kelvin::new(field.kelvin[cell as usize])).value();
        let of_block = |of: &Cells| -> f64 {
            let places = of.places.iter();
            places.map(|(cell, share)| share * celsius(*cell)).sum()
        };
        let blocks = self.blocks.iter();
        Ok(Excess {
            means_k: blocks
                .clone()
                .zip(linear)
                .map(|(of, linear)| of_block(of) - linear.value())
                .collect(),
            cells_k: blocks
                .map(|of| {
                    let linear = of.outside(&powers_w, outside);
                    let places = of.places.iter().zip(linear);
                    places
                        .map(|((cell, _), linear)| celsius(*cell) - linear)
                        .collect()
                })
                .collect(),
        })
    }

    /// `T0 + R P` in kelvin without allocation. All slices hold one value for each block.
    pub(crate) fn averages_into(&self, powers_w: &[f64], kelvin: &mut [f64]) {
        let rows = self.k_per_w.chunks_exact(self.names.len().max(1));
        for ((kelvin, row), base) in kelvin.iter_mut().zip(rows).zip(&self.base_k) {
            *kelvin = base + dot(row, powers_w);
        }
    }

    /// `R`, row-major, K/W.
    pub(crate) fn k_per_w(&self) -> &[f64] {
        &self.k_per_w
    }

    /// `T0`, kelvin.
    pub(crate) fn base_k(&self) -> &[f64] {
        &self.base_k
    }

    /// `R` as comma-separated values: the names of the heating blocks in the first line, then one
    /// line for each heated block; K/W, as the corner says.
    pub fn to_csv(&self) -> String {
        let mut text = String::from("k_per_w");
        for name in &self.names {
            text.push(',');
            text.push_str(&quoted(name));
        }
        text.push('\n');
        for (name, row) in self
            .names
            .iter()
            .zip(self.k_per_w.chunks(self.names.len().max(1)))
        {
            text.push_str(&quoted(name));
            for value in row {
                text.push(',');
                text.push_str(&value.to_string());
            }
            text.push('\n');
        }
        text
    }

    fn checked(&self, powers: &[Watts]) -> Result<Vec<f64>, ThermalError> {
        if powers.len() == self.names.len() {
            return Ok(powers.iter().map(|power| power.value()).collect());
        }
        Err(ThermalError::Powers {
            given: powers.len(),
            needed: self.names.len(),
        })
    }
}

impl Cells {
    /// The cells in °C with temperatures outside, one for each region.
    fn outside<'a>(
        &'a self,
        powers_w: &'a [f64],
        outside: &'a [Celsius],
    ) -> impl Iterator<Item = f64> + 'a {
        let rows = self.k_per_w.chunks_exact(powers_w.len().max(1)).enumerate();
        rows.map(move |(cell, row)| {
            let regions = self.of_regions.iter().zip(outside);
            let base: f64 = regions.map(|(share, t)| share[cell] * t.value()).sum();
            base + dot(row, powers_w)
        })
    }

    fn maximum(&self, powers_w: &[f64]) -> Celsius {
        let rows = self.k_per_w.chunks_exact(powers_w.len());
        let kelvin = rows
            .zip(&self.base_k)
            .map(|(row, base)| base + dot(row, powers_w));
        Kelvin::new(kelvin.fold(f64::NEG_INFINITY, f64::max)).into()
    }
}

/// The cells behind each region with the conductances through which heat leaves them there, W/K.
pub(crate) fn doors(model: &Model, regions: &[FaceRegion]) -> Vec<Vec<(usize, f64)>> {
    let network = model.network();
    let covered: Vec<Vec<(usize, f64)>> = regions
        .iter()
        .map(|region| {
            let areas = region.areas.iter();
            areas.flat_map(|area| columns(model.grid(), area)).collect()
        })
        .collect();
    let mut whole = [
        vec![0.0; network.n_columns()],
        vec![0.0; network.n_columns()],
    ];
    for (region, columns) in regions.iter().zip(&covered) {
        for (column, share) in columns {
            whole[region.side as usize][*column] += share;
        }
    }
    regions
        .iter()
        .zip(&covered)
        .map(|(region, columns)| {
            let (links, first) = match region.side {
                Side::Bottom => (&network.bottom, 0),
                Side::Top => (&network.top, network.n_cells() - network.n_columns()),
            };
            let of_column = |(column, share): &(usize, f64)| {
                let part = share / whole[region.side as usize][*column];
                (first + column, part * links.conductance[*column])
            };
            columns.iter().map(of_column).collect()
        })
        .collect()
}

/// A field where a block is.
struct Probed {
    mean: f64,
    cells: Vec<f64>,
}

/// A field where each block is, and the heat that leaves through each region.
type Seen = (Vec<Probed>, Vec<f64>);

fn probe(of: &Source, field: &[f64]) -> Probed {
    let cells: Vec<f64> = of
        .cells
        .iter()
        .map(|(cell, _)| field[*cell as usize])
        .collect();
    let shares = of.cells.iter().map(|(_, share)| share);
    let mean = shares
        .zip(&cells)
        .map(|(share, kelvin)| share * kelvin)
        .sum();
    Probed { mean, cells }
}

/// Rise of every cell for one watt in a block, and nothing outside, K/W. `leaving` are the column
/// sums of the matrix: their product with a field is the heat that leaves.
pub(crate) fn unit_field(
    linear: &Linear,
    source: &Source,
    leaving: &[f64],
) -> Result<Vec<f64>, ThermalError> {
    let mut heat = vec![0.0; leaving.len()];
    for (cell, share) in &source.cells {
        heat[*cell as usize] += share;
    }
    let mut field = vec![0.0; leaving.len()];
    linear.solve(&heat, &mut field, TOLERANCE)?;
    let leaving_w = dot(leaving, &field);
    if (leaving_w - 1.0).abs() <= BALANCE_TOLERANCE {
        return Ok(field);
    }
    Err(ThermalError::Balance {
        generated_w: 1.0,
        leaving_w,
    })
}

/// Sums over the columns of `A + rate C`: what leaves the package, or is stored in it at that rate,
/// for one kelvin of each cell.
pub(crate) fn column_sums(network: &Network, rate_per_s: f64) -> Vec<f64> {
    let mut sums: Vec<f64> = network.capacity.iter().map(|c| c * rate_per_s).collect();
    let top = network.n_cells() - network.n_columns();
    for column in 0..network.n_columns() {
        sums[column] += network.bottom.conductance[column];
        sums[top + column] += network.top.conductance[column];
    }
    for stream in &network.streams {
        // Coolant hands its heat on from cell to cell and leaves with that of the last one.
        if let Some(last) = stream.cells.last() {
            sums[*last as usize] += stream.capacity_rate_w_per_k;
        }
    }
    sums
}

/// A field of comma-separated values, as RFC 4180 has it.
fn quoted(name: &str) -> String {
    if name.contains([',', '"', '\n', '\r']) {
        format!("\"{}\"", name.replace('"', "\"\""))
    } else {
        name.to_owned()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_with_commas_are_quoted() {
        assert_eq!(quoted("asic"), "asic");
        assert_eq!(quoted("a,b \"c\""), "\"a,b \"\"c\"\"\"");
    }
}
