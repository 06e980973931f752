//! What holds for every package.

mod package;

use proptest::prelude::*;
use thermal::{
    Block, Condition, Conductivity, Face, Grid, Layer, Material, Model, Patch, Rect, Resolution,
    Stack,
};
use units::{
    ArealThermalResistance, Celsius, HeatTransferCoefficient, Kelvin, Meters, ThermalConductivity,
    VolumetricHeatCapacity, Watts,
};

fn mm(x: f64) -> Meters {
    Meters::new(x * 1e-3)
}

/// Rectangles in mm, one in each of nine fields of a package of 30 mm, so that they never overlap.
fn rect_of_field(field: usize, [x, y, w, h]: [f64; 4]) -> Rect {
    let corner = |place: usize, at: f64| mm(10.0 * place as f64 + 5.0 * at);
    let extent = |length: f64| mm(0.3 + 4.5 * length);
    Rect::new(
        corner(field % 3, x),
        corner(field / 3, y),
        extent(w),
        extent(h),
    )
}

/// One layer: thickness in mm, material, contact, sheets, and blocks as field, place, material and
/// power.
type LayerOf = (
    f64,
    usize,
    Option<f64>,
    usize,
    Vec<(usize, [f64; 4], usize, f64)>,
);

fn layers() -> impl Strategy<Value = Vec<LayerOf>> {
    let block = (
        0..9_usize,
        prop::array::uniform4(0.0..1.0_f64),
        0..4_usize,
        0.0..20.0_f64,
    );
    let layer = (
        0.05..2.0_f64,
        0..4_usize,
        prop::option::of(1e-6..1e-4_f64),
        1..3_usize,
        prop::collection::vec(block, 0..4),
    );
    prop::collection::vec(layer, 1..5)
}

/// A package of random layers. Its four materials span mold to copper, one of them anisotropic; part
/// of its upper face is a cold plate of its own.
fn build(layers: &[LayerOf], plate: [f64; 4], h: f64) -> Stack {
    let mut stack = Stack::new(mm(30.0), mm(30.0));
    let ids = [
        ("mold", [0.8, 0.8, 0.8]),
        ("silicon", [120.0, 120.0, 120.0]),
        ("copper", [400.0, 400.0, 400.0]),
        ("laminate", [30.0, 15.0, 0.6]),
    ]
    .map(|(name, [x, y, z])| {
        stack.material(Material {
            name: name.to_owned(),
            conductivity: Conductivity {
                x: ThermalConductivity::new(x),
                y: ThermalConductivity::new(y),
                z: ThermalConductivity::new(z),
                reference: Kelvin::new(300.0),
                exponent: 0.0,
            },
            heat_capacity: VolumetricHeatCapacity::new(2e6),
        })
    });
    for (idx, (thickness, material, contact, sheets, blocks)) in layers.iter().enumerate() {
        let mut layer =
            Layer::new(format!("layer {idx}"), mm(*thickness), ids[*material]).cut(*sheets);
        layer.contact = contact.map(ArealThermalResistance::new);
        let mut taken = [false; 9];
        for (field, place, material, power) in blocks {
            if !std::mem::replace(&mut taken[*field], true) {
                let name = format!("block {idx} {field}");
                let block = Block::new(name, rect_of_field(*field, *place), Watts::new(*power));
                layer.blocks.push(block.of(ids[*material]));
            }
        }
        stack.layers.push(layer);
    }
    let convection = |h: f64, ambient: f64| Condition::Convection {
        coefficient: HeatTransferCoefficient::new(h),
        ambient: Celsius::new(ambient),
    };
    stack.top = Face {
        condition: convection(h, 40.0),
        patches: vec![Patch {
            area: rect_of_field(4, plate),
            condition: convection(2e4, 30.0),
        }],
    };
    stack.bottom = Face::uniform(convection(10.0, 25.0));
    stack
}

fn resolution(finest_mm: f64, growth: f64) -> Resolution {
    Resolution {
        finest: mm(finest_mm),
        coarsest: mm(4.0),
        growth,
    }
}

fn average_k(model: &Model, powers: &[Watts]) -> Vec<f64> {
    let field = model.steady(powers).expect("a sound package");
    (0..model.sources().len())
        .map(|block| Kelvin::from(model.average(&field, block)).value())
        .collect()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]

    #[test]
    fn heat_superposes_and_responses_are_reciprocal(
        layers in layers(), plate in prop::array::uniform4(0.0..1.0_f64), h in 10.0..1e4_f64,
    ) {
        let stack = build(&layers, plate, h);
        let grid = Grid::fitted(&stack, &resolution(1.0, 2.0)).expect("a sound grid");
        let model = Model::new(&stack, &grid).expect("a sound package");
        let powers = model.powers();
        let n = powers.len();
        let rest = average_k(&model, &vec![Watts::new(0.0); n]);
        let alone: Vec<Vec<f64>> = (0..n)
            .map(|block| {
                let mut one = vec![Watts::new(0.0); n];
                one[block] = Watts::new(1.0);
                average_k(&model, &one)
            })
            .collect();
        let together = average_k(&model, &powers);
        for out in 0..n {
            let sum: f64 = (0..n)
                .map(|block| powers[block].value() * (alone[block][out] - rest[out]))
                .sum();
            // Residuals of 1e-11 of the heat, in kelvin of some hundred.
            prop_assert!((together[out] - rest[out] - sum).abs() <= 1e-6 * (1.0 + sum.abs()));
            for block in 0..n {
                let (there, back) = (alone[block][out] - rest[out], alone[out][block] - rest[block]);
                prop_assert!((there - back).abs() <= 1e-7 * (1.0 + there.abs()), "{there} {back}");
            }
        }
    }

    #[test]
    fn no_cell_is_colder_than_all_outside_and_no_heat_is_lost(
        layers in layers(), plate in prop::array::uniform4(0.0..1.0_f64), h in 10.0..1e4_f64,
    ) {
        let stack = build(&layers, plate, h);
        let grid = Grid::fitted(&stack, &resolution(1.0, 1.5)).expect("a sound grid");
        let model = Model::new(&stack, &grid).expect("a sound package");
        let powers = model.powers();
        let field = model.steady(&powers).expect("a sound package");
        let coldest = field.kelvin.iter().copied().fold(f64::INFINITY, f64::min);
        prop_assert!(coldest >= 298.15 - 1e-6);
        let generated: f64 = powers.iter().map(|power| power.value()).sum();
        // 40 C and 25 C outside exchange some watts even at rest.
        prop_assert!(field.balance.residual().value().abs() <= 1e-9 * (generated + 10.0));
        // At rest nothing leaves the range of the temperatures outside.
        let rest = model.steady(&vec![Watts::new(0.0); powers.len()]).expect("a sound package");
        for kelvin in &rest.kelvin {
            prop_assert!((298.15 - 1e-6..=313.15 + 1e-6).contains(kelvin));
        }
        // More heat anywhere makes no cell colder.
        for (warm, rest) in field.kelvin.iter().zip(&rest.kelvin) {
            prop_assert!(warm >= &(rest - 1e-6));
        }
    }

    #[test]
    fn fitted_grids_hold_every_edge_and_grow_within_their_bound(
        layers in layers(), plate in prop::array::uniform4(0.0..1.0_f64),
        finest in 0.05..1.5_f64, growth in 1.05..2.5_f64,
    ) {
        let stack = build(&layers, plate, 100.0);
        let grid = Grid::fitted(&stack, &resolution(finest, growth)).expect("a sound grid");
        let areas = stack.blocks().flat_map(|(_, block)| {
            block.area.iter().map(|area| (*area, block.power.value() > 0.0))
        });
        let areas: Vec<(Rect, bool)> =
            areas.chain(stack.top.patches.iter().map(|patch| (patch.area, false))).collect();
        let finest_m = finest * 1e-3;
        for (axis, lines) in [grid.x_m(), grid.y_m()].into_iter().enumerate() {
            prop_assert!(lines[0] == 0.0 && (lines[lines.len() - 1] - 0.03).abs() < 1e-15);
            let widths: Vec<f64> = lines.windows(2).map(|pair| pair[1] - pair[0]).collect();
            prop_assert!(widths.iter().all(|width| *width > 0.0 && *width <= 4e-3 * (1.0 + 1e-9)));
            for pair in widths.windows(2) {
                let ratio = (pair[0] / pair[1]).max(pair[1] / pair[0]);
                prop_assert!(ratio <= growth * (1.0 + 1e-6), "{ratio}");
            }
            for (area, is_hot) in &areas {
                let (start, length) = if axis == 0 { (area.x, area.width) } else { (area.y, area.height) };
                let (start, end) = (start.value(), (start + length).value());
                for edge in [start, end] {
                    let nearest = lines.iter().map(|line| (line - edge).abs());
                    let nearest = nearest.fold(f64::INFINITY, f64::min);
                    // Edges nearer to each other than a fiftieth of the finest cell count as one.
                    prop_assert!(nearest <= 0.02 * finest_m);
                }
                for pair in lines.windows(2) {
                    // Where edges have been moved, a cell beside them may be of another interval.
                    let is_inside = pair[0] >= start + 0.02 * finest_m && pair[1] <= end - 0.02 * finest_m;
                    if *is_hot && is_inside {
                        prop_assert!(pair[1] - pair[0] <= finest_m * (1.0 + 1e-9));
                    }
                }
            }
        }
    }

    #[test]
    fn what_mirrors_itself_has_a_grid_that_does(
        layers in layers(), finest in 0.05..1.5_f64, growth in 1.05..2.5_f64,
    ) {
        let mut stack = build(&layers, [0.0; 4], 100.0);
        stack.top.patches.clear();
        for layer in &mut stack.layers {
            layer.blocks.retain(|block| block.area[0].x.value() < 10e-3);
            let others: Vec<Block> = layer.blocks.iter().map(|block| {
                let area = block.area[0];
                let mut other = block.clone();
                other.name += " mirrored";
                other.area[0].x = mm(30.0) - area.x - area.width;
                other
            }).collect();
            layer.blocks.extend(others);
        }
        let grid = Grid::fitted(&stack, &resolution(finest, growth)).expect("a sound grid");
        let x = grid.x_m();
        for (line, other) in x.iter().zip(x.iter().rev()) {
            prop_assert!((line - (0.03 - other)).abs() <= 1e-10, "{line} {other}");
        }
    }
}

#[test]
fn edges_that_are_apart_lie_on_lines() {
    let stack = package::cpo();
    let finest = mm(0.25);
    let resolution = Resolution {
        finest,
        coarsest: mm(3.0),
        growth: 1.4,
    };
    let grid = Grid::fitted(&stack, &resolution).expect("a sound grid");
    for (_, block) in stack.blocks() {
        let area = block.area[0];
        for (lines, edge) in [
            (grid.x_m(), area.x),
            (grid.x_m(), area.x + area.width),
            (grid.y_m(), area.y),
            (grid.y_m(), area.y + area.height),
        ] {
            assert!(
                lines.iter().any(|line| (line - edge.value()).abs() < 1e-12),
                "{}",
                block.name
            );
        }
    }
}

#[test]
fn resolutions_and_edges_that_make_no_sense_are_refused() {
    let stack = package::cpo_uniform();
    let of = |finest: f64, coarsest: f64, growth: f64| {
        let resolution = Resolution {
            finest: mm(finest),
            coarsest: mm(coarsest),
            growth,
        };
        Grid::fitted(&stack, &resolution).map_err(|error| error.to_string())
    };
    assert!(of(0.1, 1.0, 1.5).is_ok());
    for bad in [
        of(0.0, 1.0, 1.5),
        of(2.0, 1.0, 1.5),
        of(0.1, 1.0, 1.0),
        of(0.1, f64::NAN, 1.5),
    ] {
        assert!(bad.is_err_and(|error| error.contains("the growth 1.05 at least")));
    }
    assert!(of(1e-6, 1.0, 1.05).is_err_and(|error| error.contains("at most 67108864 in all")));
    let lines = |x: &[f64]| {
        let x: Vec<f64> = x.iter().map(|x| x * 1e-3).collect();
        Grid::from_edges(&stack, x, vec![0.0, 0.06]).map(|grid| grid.shape()[0])
    };
    assert_eq!(lines(&[0.0, 1.0, 60.0]), Ok(2));
    for bad in [
        &[0.0, 2.0, 1.0, 60.0][..],
        &[0.0, f64::NAN, 60.0],
        &[0.0, 50.0],
        &[0.0],
        &[],
    ] {
        assert!(lines(bad).is_err());
    }
}
