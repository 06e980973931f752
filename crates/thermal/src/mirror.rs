//! Mirror images: what a block does to a package that mirrors itself, its image does at the image
//! of every cell.

use crate::model::Source;
use crate::network::Network;

/// Share of a conductance, or of a block, by which rounding may tell an image from its original.
const ROUNDING: f64 = 1e-9;

/// A reflection across, up, or both.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Mirror {
    shape: [usize; 3],
    across: bool,
    up: bool,
}

impl Mirror {
    /// The reflections that leave a network as it is. Layers with coolant have none.
    pub(crate) fn all_of(network: &Network) -> Vec<Self> {
        if !(network.streams.is_empty() && network.bypasses.is_empty()) {
            return Vec::new();
        }
        let keeps = |across: bool, up: bool| {
            let mirror = Self {
                shape: network.shape,
                across,
                up,
            };
            mirror.keeps(network).then_some(mirror)
        };
        [keeps(true, false), keeps(false, true), keeps(true, true)]
            .into_iter()
            .flatten()
            .collect()
    }

    fn keeps(self, network: &Network) -> bool {
        let n_columns = network.n_columns();
        let is_same = |a: f64, b: f64| (a - b).abs() <= ROUNDING * a.abs().max(b.abs());
        let faces = [&network.bottom.conductance, &network.top.conductance];
        // A link leads from a cell to the next; its image leads from the image of the next.
        let [nx, ny, _] = self.shape;
        let next = |of: usize, step: usize, at: usize, n: usize| {
            if at + 1 < n {
                self.cell(of + step)
            } else {
                self.cell(of)
            }
        };
        (0..n_columns).all(|column| {
            let image = self.cell(column);
            faces.iter().all(|face| is_same(face[column], face[image]))
        }) && (0..network.n_cells()).all(|cell| {
            let image = self.cell(cell);
            let (x, y) = (cell % nx, cell / nx % ny);
            let of_gx = if self.across {
                next(cell, 1, x, nx)
            } else {
                image
            };
            let of_gy = if self.up {
                next(cell, nx, y, ny)
            } else {
                image
            };
            // The last link of a row leads nowhere and is zero; so is its image, another last one.
            (x + 1 == nx || is_same(network.gx[cell], network.gx[of_gx]))
                && (y + 1 == ny || is_same(network.gy[cell], network.gy[of_gy]))
                && is_same(network.gz[cell], network.gz[image])
                && is_same(network.capacity[cell], network.capacity[image])
        })
    }

    /// The image of a cell.
    fn cell(self, cell: usize) -> usize {
        let [nx, ny, _] = self.shape;
        let (x, y, sheet) = (cell % nx, cell / nx % ny, cell / (nx * ny));
        let x = if self.across { nx - 1 - x } else { x };
        let y = if self.up { ny - 1 - y } else { y };
        x + nx * (y + ny * sheet)
    }

    /// The image of a field.
    pub(crate) fn field(self, field: &[f64]) -> Vec<f64> {
        (0..field.len())
            .map(|cell| field[self.cell(cell)])
            .collect()
    }

    /// Whether the second source is the image of the first.
    fn leads(self, from: &Source, to: &Source) -> bool {
        if from.layer != to.layer || from.cells.len() != to.cells.len() {
            return false;
        }
        let mut image: Vec<(usize, f64)> = from
            .cells
            .iter()
            .map(|(cell, share)| (self.cell(*cell as usize), *share))
            .collect();
        let mut own: Vec<(usize, f64)> = to
            .cells
            .iter()
            .map(|(cell, share)| (*cell as usize, *share))
            .collect();
        image.sort_by_key(|(cell, _)| *cell);
        own.sort_by_key(|(cell, _)| *cell);
        image
            .iter()
            .zip(&own)
            .all(|(a, b)| a.0 == b.0 && (a.1 - b.1).abs() <= ROUNDING)
    }
}

/// Sources that are no image of an earlier one, each with its images and how they come about.
pub(crate) fn families(
    network: &Network,
    sources: &[&Source],
) -> Vec<Vec<(usize, Option<Mirror>)>> {
    let mirrors = Mirror::all_of(network);
    let mut families: Vec<Vec<(usize, Option<Mirror>)>> = Vec::new();
    for (idx, source) in sources.iter().enumerate() {
        let found = families.iter_mut().find_map(|family| {
            let first = sources[family[0].0];
            let mirror = mirrors.iter().find(|mirror| mirror.leads(first, source))?;
            Some((family, *mirror))
        });
        match found {
            Some((family, mirror)) => family.push((idx, Some(mirror))),
            None => families.push(vec![(idx, None)]),
        }
    }
    families
}

#[cfg(test)]
mod tests {
    use units::{
        Celsius, HeatTransferCoefficient, Meters, ThermalConductivity, VolumetricHeatCapacity,
        Watts,
    };

    use super::*;
    use crate::{Block, Condition, Face, Grid, Layer, Material, Model, Rect, Response, Stack};

    fn mm(x: f64) -> Meters {
        Meters::new(x * 1e-3)
    }

    /// A die in the middle and four engines round it, the last of which is `wider` mm wider.
    fn package(wider: f64) -> Model {
        let mut stack = Stack::new(mm(24.0), mm(20.0));
        let mut material = |name: &str, k: f64| {
            stack.material(Material::isotropic(
                name,
                ThermalConductivity::new(k),
                VolumetricHeatCapacity::new(2e6),
            ))
        };
        let (laminate, silicon, copper) = (
            material("laminate", 5.0),
            material("silicon", 120.0),
            material("copper", 400.0),
        );
        let mut dies = Layer::new("dies", mm(0.7), laminate).cut(2);
        let corners = [(2.0, 3.0), (18.0, 3.0), (2.0, 15.0), (18.0, 15.0)];
        let mut areas = vec![("die", 8.0, 6.0, 8.0, 8.0)];
        let names = ["sw", "se", "nw", "ne"].into_iter();
        areas.extend(
            names
                .zip(corners)
                .map(|(name, (x, y))| (name, x, y, 4.0, 2.0)),
        );
        if let Some(last) = areas.last_mut() {
            last.3 += wider;
        }
        for (name, x, y, width, height) in areas {
            let area = Rect::new(mm(x), mm(y), mm(width), mm(height));
            dies.blocks
                .push(Block::new(name, area, Watts::new(1.0)).of(silicon));
        }
        stack
            .layers
            .push(Layer::new("substrate", mm(1.0), laminate));
        stack.layers.push(dies);
        stack.layers.push(Layer::new("lid", mm(2.0), copper));
        stack.top = Face::uniform(Condition::Convection {
            coefficient: HeatTransferCoefficient::new(5e3),
            ambient: Celsius::new(40.0),
        });
        let grid = Grid::uniform(&stack, 27, 23).expect("a sound grid");
        Model::new(&stack, &grid).expect("a sound package")
    }

    fn sizes(model: &Model) -> Vec<usize> {
        let sources: Vec<&Source> = model.sources().iter().collect();
        let families = families(model.network(), &sources);
        families.iter().map(Vec::len).collect()
    }

    #[test]
    fn four_engines_at_the_corners_are_one_family() {
        assert_eq!(sizes(&package(0.0)), [1, 4]);
        // The wider one has a network of its own on its side: nothing mirrors any more.
        assert_eq!(sizes(&package(0.5)), [1, 1, 1, 1, 1]);
    }

    /// A package that hardly differs from one that mirrors itself takes a solve for each block.
    #[test]
    fn images_respond_as_solves_of_their_own_would() {
        let of = |wider: f64| Response::new(&package(wider)).expect("a sound package");
        let (images, own) = (of(0.0), of(1e-6));
        for out in 0..5 {
            for source in 0..5 {
                let pair = [&images, &own].map(|of| of.resistance(out, source).value());
                // The block is wider by 2.5e-7 of itself.
                assert!(
                    (pair[0] / pair[1] - 1.0).abs() < 1e-6,
                    "{out} {source} {pair:?}"
                );
            }
        }
    }
}
