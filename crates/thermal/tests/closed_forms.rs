//! Temperatures against closed forms, with the order in which the error falls where there is one.

use std::f64::consts::PI;

use thermal::{
    Block, Condition, Conductivity, Face, Grid, Layer, Material, MaterialId, Model, Patch, Rect,
    Stack,
};
use units::{
    ArealThermalResistance, Celsius, HeatFlux, HeatTransferCoefficient, Kelvin, Meters,
    ThermalConductivity, VolumetricHeatCapacity, Watts,
};

/// Side of the packages in metres.
const SIDE: f64 = 0.02;

/// Relative error that rounding and the solver's residual of 1e-11 may leave where the scheme is
/// exact.
const EXACT: f64 = 1e-8;

fn solid(stack: &mut Stack, [x, y, z]: [f64; 3]) -> MaterialId {
    stack.material(Material {
        name: format!("k = {x}, {y}, {z}"),
        conductivity: Conductivity {
            x: ThermalConductivity::new(x),
            y: ThermalConductivity::new(y),
            z: ThermalConductivity::new(z),
            reference: Kelvin::new(300.0),
            exponent: 0.0,
        },
        heat_capacity: VolumetricHeatCapacity::new(2e6),
    })
}

fn square() -> Stack {
    Stack::new(Meters::new(SIDE), Meters::new(SIDE))
}

fn convection(h: f64, ambient: f64) -> Condition {
    Condition::Convection {
        coefficient: HeatTransferCoefficient::new(h),
        ambient: Celsius::new(ambient),
    }
}

fn rect(x: [f64; 2], y: [f64; 2]) -> Rect {
    let length = |[start, end]: [f64; 2]| Meters::new(end - start);
    Rect::new(Meters::new(x[0]), Meters::new(y[0]), length(x), length(y))
}

fn whole(name: &str, power: f64) -> Block {
    Block::new(name, rect([0.0, SIDE], [0.0, SIDE]), Watts::new(power))
}

fn model(stack: &Stack, n: usize) -> Model {
    let grid = Grid::uniform(stack, n, n).expect("a sound grid");
    Model::new(stack, &grid).expect("a sound package")
}

/// Mean of a block in Celsius with the powers that the stack states.
fn average_c(model: &Model, block: usize) -> f64 {
    let field = model.steady(&model.powers()).expect("a sound package");
    model.average(&field, block).value()
}

fn assert_near(is: f64, should_be: f64, relative: f64) {
    let error = (is - should_be).abs();
    assert!(error <= relative * should_be.abs(), "{is}, not {should_be}");
}

/// Errors at halved cells fall by four.
fn assert_second_order(errors: &[f64], tolerance: f64) {
    for pair in errors.windows(2) {
        let order = (pair[0] / pair[1]).abs().log2();
        assert!(
            (order - 2.0).abs() < tolerance,
            "order {order} of {errors:?}"
        );
    }
}

/// Heat generated evenly over the thickness: the mean is `q (1/h + t / (3 k))` above the fluid, from
/// `T'' = -q / (k t)` with an insulated lower face.
#[test]
fn a_slab_that_heats_itself_converges_to_its_parabola() {
    let (k, t, h, power) = (5.0, 2e-3, 2e3, 40.0);
    let q = power / (SIDE * SIDE);
    let exact = 40.0 + q * (1.0 / h + t / (3.0 * k));
    let errors: Vec<f64> = [1, 2, 4, 8, 16]
        .map(|sheets| {
            let mut stack = square();
            let material = solid(&mut stack, [k; 3]);
            let mut layer = Layer::new("slab", Meters::new(t), material).cut(sheets);
            layer.blocks.push(whole("heater", power));
            stack.layers.push(layer);
            stack.top = Face::uniform(convection(h, 40.0));
            average_c(&model(&stack, 3), 0) - exact
        })
        .to_vec();
    // The error of the scheme is q t / (6 k n^2) exactly.
    assert_near(errors[0].abs(), q * t / (6.0 * k), EXACT * 1e3);
    assert_second_order(&errors, 1e-3);
}

/// A flux through layers with contacts: a straight line in each, exact at the centres of sheets.
#[test]
fn a_flux_through_contacts_is_exact() {
    let (q, h) = (5e4, 3e3);
    let layers = [
        (120.0, 0.7e-3, Some(2e-5)),
        (4.0, 0.1e-3, None),
        (400.0, 2e-3, Some(1e-6)),
    ];
    let mut stack = square();
    for (idx, (k, t, contact)) in layers.into_iter().enumerate() {
        let material = solid(&mut stack, [k; 3]);
        let mut layer = Layer::new(format!("layer {idx}"), Meters::new(t), material).cut(1 + idx);
        layer.contact = contact.map(ArealThermalResistance::new);
        layer.blocks.push(whole(&format!("block {idx}"), 0.0));
        stack.layers.push(layer);
    }
    stack.bottom = Face::uniform(Condition::Flux(HeatFlux::new(q)));
    stack.top = Face::uniform(convection(h, 25.0));
    let model = model(&stack, 4);
    // From the top down: the fluid, then the contact and half of each layer. The contact of the
    // uppermost layer leads to nothing.
    let mut resistance = 1.0 / h;
    for (idx, (k, t, contact)) in layers.into_iter().enumerate().rev() {
        if idx + 1 < layers.len() {
            resistance += contact.unwrap_or(0.0);
        }
        let middle = 25.0 + q * (resistance + t / (2.0 * k));
        assert_near(average_c(&model, idx), middle, EXACT);
        resistance += t / k;
    }
}

/// Between two faces the heat of an even source splits as if it came from its middle plane.
#[test]
fn heat_splits_between_two_paths() {
    let (k, t, power) = ([1.0, 120.0, 20.0], [1e-3, 0.5e-3, 2e-3], 30.0);
    let area = SIDE * SIDE;
    let mut stack = square();
    for (idx, (k, t)) in k.into_iter().zip(t).enumerate() {
        let material = solid(&mut stack, [k; 3]);
        stack
            .layers
            .push(Layer::new(format!("layer {idx}"), Meters::new(t), material).cut(3));
    }
    stack.layers[1].blocks.push(whole("source", power));
    let (h_top, h_bottom, t_top, t_bottom) = (4e3, 50.0, 40.0, 25.0);
    let down = (t[1] / (2.0 * k[1]) + t[0] / k[0]) / area;
    let up = (t[1] / (2.0 * k[1]) + t[2] / k[2]) / area;
    for (bottom, to_bottom) in [
        (
            convection(h_bottom, t_bottom),
            down + 1.0 / (h_bottom * area),
        ),
        (Condition::Temperature(Celsius::new(t_bottom)), down),
    ] {
        stack.top = Face::uniform(convection(h_top, t_top));
        stack.bottom = Face::uniform(bottom);
        let model = model(&stack, 5);
        let field = model.steady(&model.powers()).expect("a sound package");
        let to_top = up + 1.0 / (h_top * area);
        let through_top = (power * to_bottom + (t_bottom - t_top)) / (to_top + to_bottom);
        assert_near(field.balance.through_top.value(), through_top, EXACT);
        assert_near(
            field.balance.through_bottom.value(),
            power - through_top,
            EXACT,
        );
        assert!(field.balance.residual().value().abs() <= 1e-9 * power);
    }
}

/// Columns that hardly exchange heat, each under its own cold plate.
#[test]
fn separate_cold_plates_cool_what_is_under_them() {
    let (k, t, q) = (50.0, 1e-3, 1e4);
    let mut stack = square();
    // So little passes across that it moves the result by less than the tolerance.
    let material = solid(&mut stack, [1e-9, 1e-9, k]);
    let mut layer = Layer::new("slab", Meters::new(t), material);
    let half = SIDE / 2.0;
    let sides = [[0.0, half], [half, SIDE]];
    for (idx, x) in sides.into_iter().enumerate() {
        layer.blocks.push(Block::new(
            format!("side {idx}"),
            rect(x, [0.0, SIDE]),
            Watts::new(0.0),
        ));
    }
    stack.layers.push(layer);
    stack.bottom = Face::uniform(Condition::Flux(HeatFlux::new(q)));
    let plates = [(5e3, 20.0), (2e4, 45.0)];
    let patches = sides.into_iter().zip(plates);
    stack.top.patches = patches
        .map(|(x, (h, ambient))| Patch {
            area: rect(x, [0.0, SIDE]),
            condition: convection(h, ambient),
        })
        .collect();
    let model = model(&stack, 6);
    for (block, (h, ambient)) in plates.into_iter().enumerate() {
        let exact = ambient + q * (1.0 / h + t / (2.0 * k));
        assert_near(average_c(&model, block), exact, 1e-6);
    }
}

/// One layer of a flux channel: conductivities and thickness.
#[derive(Clone, Copy)]
struct Slab {
    k: [f64; 3],
    t: f64,
}

/// Mean rise of the lowest layer under a rectangle through which `q` enters, by cosines over the
/// plane.
///
/// For each pair of cosines the impedance towards the fluid is `Z = 1/h` at the top and
/// `(Z + tanh(beta t) / (k beta)) / (1 + Z k beta tanh(beta t))` below a layer, with
/// `beta^2 = (kx (m pi/a)^2 + ky (n pi/b)^2) / kz`; over the lowest layer the temperature is
/// `q (1 - 1 / (cosh(beta t) + Z k beta sinh(beta t))) / (k beta^2 t)` in the mean.
///
/// Y. S. Muzychka, J. R. Culham, M. M. Yovanovich, Thermal spreading resistance of eccentric heat
/// sources on rectangular flux channels, ASME Journal of Electronic Packaging 125 (2003) 178.
fn channel_mean(slabs: &[Slab], h: f64, x: [f64; 2], y: [f64; 2], q: f64, terms: usize) -> f64 {
    let weight = |m: usize, [start, end]: [f64; 2]| {
        let share = (end - start) / SIDE;
        if m == 0 {
            return share;
        }
        let beta = m as f64 * PI / SIDE;
        let mean = ((beta * end).sin() - (beta * start).sin()) / (beta * (end - start));
        2.0 * share * mean * mean
    };
    let (lowest, above) = slabs.split_first().expect("a layer");
    let mean = |m: usize, n: usize| {
        let wave = |k: [f64; 3]| {
            let of = |k: f64, m: usize| k * (m as f64 * PI / SIDE).powi(2);
            ((of(k[0], m) + of(k[1], n)) / k[2]).sqrt()
        };
        let mut z = 1.0 / h;
        for slab in above.iter().rev() {
            let (beta, k) = (wave(slab.k), slab.k[2]);
            if beta == 0.0 {
                z += slab.t / k;
            } else {
                let tanh = (beta * slab.t).tanh();
                z = (z + tanh / (k * beta)) / (1.0 + z * k * beta * tanh);
            }
        }
        let (beta, k, t) = (wave(lowest.k), lowest.k[2], lowest.t);
        if beta == 0.0 {
            return z + t / (2.0 * k);
        }
        let bt = beta * t;
        (1.0 - 1.0 / (bt.cosh() + z * k * beta * bt.sinh())) / (k * beta * bt)
    };
    let mut sum = 0.0;
    for m in (0..terms).rev() {
        let across = weight(m, x);
        for n in (0..terms).rev() {
            sum += across * weight(n, y) * mean(m, n);
        }
    }
    q * sum
}

/// Heat enters through a rectangle and spreads through layers.
fn channel_average(slabs: &[Slab], h: f64, x: [f64; 2], y: [f64; 2], q: f64, n: usize) -> f64 {
    let mut stack = square();
    for (idx, slab) in slabs.iter().enumerate() {
        let material = solid(&mut stack, slab.k);
        let layer = Layer::new(format!("layer {idx}"), Meters::new(slab.t), material).cut(n / 8);
        stack.layers.push(layer);
    }
    stack.layers[0]
        .blocks
        .push(Block::new("source", rect(x, y), Watts::new(0.0)));
    stack.bottom.patches.push(Patch {
        area: rect(x, y),
        condition: Condition::Flux(HeatFlux::new(q)),
    });
    stack.top = Face::uniform(convection(h, 0.0));
    average_c(&model(&stack, n), 0)
}

fn assert_channel(slabs: &[Slab], h: f64) {
    let (x, y, q) = ([0.25 * SIDE, 0.5 * SIDE], [0.375 * SIDE, 0.75 * SIDE], 1e5);
    let exact = channel_mean(slabs, h, x, y, q, 400);
    // The series has ended to far below the error of the scheme.
    assert_near(channel_mean(slabs, h, x, y, q, 200), exact, 1e-6);
    let errors = [8, 16, 32, 64].map(|n| channel_average(slabs, h, x, y, q, n) - exact);
    assert!(errors[3].abs() < 2e-3 * exact, "{errors:?} of {exact}");
    // The flux jumps at the rim of the source, which costs the coarsest grids some of the order.
    assert_second_order(&errors[1..], 0.15);
}

#[test]
fn a_flux_channel_converges_to_its_series() {
    assert_channel(
        &[Slab {
            k: [120.0; 3],
            t: 3e-3,
        }],
        2e3,
    );
}

#[test]
fn a_layered_flux_channel_converges_to_its_series() {
    let slabs = [
        Slab {
            k: [120.0; 3],
            t: 2e-3,
        },
        Slab {
            k: [20.0; 3],
            t: 1e-3,
        },
        Slab {
            k: [400.0; 3],
            t: 3e-3,
        },
    ];
    assert_channel(&slabs, 1e4);
}

#[test]
fn an_anisotropic_flux_channel_converges_to_its_series() {
    let slabs = [
        Slab {
            k: [60.0, 15.0, 6.0],
            t: 1.5e-3,
        },
        Slab {
            k: [30.0, 200.0, 80.0],
            t: 2e-3,
        },
    ];
    assert_channel(&slabs, 3e3);
}
