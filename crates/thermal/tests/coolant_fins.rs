//! Averaged walls and pins, computed coefficients and stored heat, against closed forms.

use thermal::coolant::duct::Duct;
use thermal::coolant::{
    Arrangement, Cavity, Channels, Coolant, CoolantNote, Drive, Entry, Passage, Pins, Transfer,
    WallHeat,
};
use thermal::{Condition, Face, Grid, Layer, Material, Model, Stack};
use units::{
    Celsius, HeatTransferCoefficient, KilogramsPerCubicMeter, Meters, PascalSeconds, Pascals,
    ThermalConductivity, VolumeFlow, VolumetricHeatCapacity,
};

fn mm(x: f64) -> Meters {
    Meters::new(x * 1e-3)
}

/// Water at 25 C: IAPWS, 997 kg/m3, 4.18 kJ/(kg K), 0.607 W/(m K), 0.890 mPa s.
fn water() -> Coolant {
    Coolant {
        name: "water".to_owned(),
        heat_capacity: VolumetricHeatCapacity::new(4.167e6),
        conductivity: Some(ThermalConductivity::new(0.607)),
        viscosity: Some(PascalSeconds::new(0.890e-3)),
        density: Some(KilogramsPerCubicMeter::new(997.0)),
    }
}

/// A cavity between two plates that hardly resist, the lower one at 40 C.
fn between_plates(cavity: Cavity, height_mm: f64) -> Stack {
    let mut stack = Stack::new(mm(2.0), mm(2.0));
    let [plate, walls] = [1e5, 100.0].map(|k| {
        let k = ThermalConductivity::new(k);
        let c = VolumetricHeatCapacity::new(2e6);
        stack.material(Material::isotropic("solid", k, c))
    });
    stack.layers.push(Layer::new("floor", mm(0.1), plate));
    stack
        .layers
        .push(Layer::new("coolant", mm(height_mm), walls).with_cavity(cavity));
    stack.layers.push(Layer::new("roof", mm(0.1), plate));
    stack.bottom = Face::uniform(Condition::Temperature(Celsius::new(40.0)));
    stack
}

fn channels() -> Channels {
    Channels {
        count: 10,
        width: mm(0.1),
        wall: mm(0.1),
        first_wall: mm(0.05),
    }
}

fn solve(stack: &Stack, n: usize) -> (Model, thermal::Field) {
    let model = Model::new(stack, &Grid::uniform(stack, n, n).expect("cells")).expect("sound");
    let field = model.steady(&model.powers()).expect("a solution");
    (model, field)
}

/// Fins with a convective tip, which is the roof: `Q = e h A + k A_f m (sinh mL + H cosh mL) /
/// (cosh mL + H sinh mL)`, `H = h_tip / (m k)`, with the roof's coefficient over the section of the
/// fins as that of the tip.
///
/// Incropera et al., *Fundamentals of Heat and Mass Transfer*, table 3.4, case A.
#[test]
fn averaged_walls_and_pins_are_fins() {
    let h = 1e3;
    let pins = Pins {
        diameter: mm(0.2),
        pitch: mm(0.4),
        arrangement: Arrangement::Inline,
    };
    let pin_share = std::f64::consts::PI * 0.01 / 0.16;
    let cases = [
        // Perimeter for each area: two sides to a pitch, or pi d to a square.
        (Passage::Averaged(channels()), 0.5, 2.0 / 0.2e-3),
        (
            Passage::Pins(pins),
            pin_share,
            std::f64::consts::PI * 0.2e-3 / 0.16e-6,
        ),
    ];
    for (passage, solid, perimeter) in cases {
        for height_mm in [0.2, 2.0, 8.0] {
            let transfer = Transfer::uniform(HeatTransferCoefficient::new(h));
            // So much flow that the coolant stays at 30 C.
            let flow = VolumeFlow::new(1.0);
            let cavity = Cavity::new(water(), Celsius::new(30.0), flow, passage.clone(), transfer);
            let (_, field) = solve(&between_plates(cavity, height_mm), 2);
            let tall = height_mm * 1e-3;
            let m = (h * perimeter / (100.0 * solid)).sqrt();
            let tip = h * (1.0 - solid) / solid / (m * 100.0);
            let (sinh, cosh) = ((m * tall).sinh(), (m * tall).cosh());
            let fin = 100.0 * solid * m * (sinh + tip * cosh) / (cosh + tip * sinh);
            // The fins stand on half of a floor of 0.1 mm at 1e5 W/(m K).
            let exact = 10.0 * 4e-6 / (1.0 / (h * (1.0 - solid) + fin) + 5e-10);
            let found = field.balance.to_coolant.value();
            // The roof hardly resists either: 5e-6. The solver leaves 1e-11 of the 8e4 W that the
            // held floor presses in.
            assert!((found / exact - 1.0).abs() < 2e-5, "{found} {exact}");
        }
    }
}

/// Resolved and averaged channels hold the same heat: `C = sum cv V`.
#[test]
fn capacities_are_those_of_the_volumes() {
    let capacity = |passage: Passage| {
        let transfer = Transfer::uniform(HeatTransferCoefficient::new(1e3));
        let flow = VolumeFlow::new(1e-7);
        let cavity = Cavity::new(water(), Celsius::new(30.0), flow, passage, transfer);
        let stack = between_plates(cavity, 1.0);
        let [mut x, _] = stack.coolant_lines();
        if x.is_empty() {
            x = (0..=7).map(|i| 2e-3 * f64::from(i) / 7.0).collect();
        }
        let y = vec![0.0, 1e-3, 2e-3];
        let grid = Grid::from_edges(&stack, x, y).expect("edges");
        let model = Model::new(&stack, &grid).expect("sound");
        model.network().capacity.iter().sum::<f64>()
    };
    let plates = 2.0 * 0.1e-3 * 4e-6 * 2e6;
    let exact = plates + 0.5 * 1e-3 * 4e-6 * (2e6 + 4.167e6);
    for passage in [Passage::Channels(channels()), Passage::Averaged(channels())] {
        assert!((capacity(passage) / exact - 1.0).abs() < 1e-12);
    }
}

/// Computed coefficients and pressures are those of one channel with its share of the flow.
#[test]
fn computed_channels_are_ducts() {
    let duct = Duct::new(0.1e-3, 0.4e-3, 2e-3);
    let (walls, entry) = (WallHeat::UniformFlux, Entry::Developing);
    for passage in [Passage::Channels(channels()), Passage::Averaged(channels())] {
        let transfer = Transfer::Computed { walls, entry };
        let flow = VolumeFlow::new(1e-6);
        let cavity = Cavity::new(water(), Celsius::new(30.0), flow, passage, transfer);
        let stack = between_plates(cavity, 0.4);
        let [mut x, y] = stack.coolant_lines();
        if x.is_empty() {
            x = vec![0.0, 1e-3, 2e-3];
        }
        assert!(y.is_empty());
        let grid = Grid::from_edges(&stack, x, vec![0.0, 1e-3, 2e-3]).expect("edges");
        let model = Model::new(&stack, &grid).expect("sound");
        let state = model.cavities().next().expect("one");
        let one = duct
            .flow(&water(), flow * 0.1, walls, entry)
            .expect("laminar");
        assert_eq!(Some(state.side), one.coefficient);
        assert_eq!(state.pressure_drop, one.pressure_drop);
        let power = one.pressure_drop.expect("viscosity").value() * 1e-6;
        assert!((state.pumping_power.expect("viscosity").value() - power).abs() < 1e-12 * power);
        // Water at 2.5 m/s in 0.16 mm: Re = 997 * 2.5 * 0.16e-3 / 0.89e-3 = 448.
        let reynolds = one.reynolds.expect("known");
        assert!(
            (reynolds - 448.1).abs() < 0.1 && state.notes.is_empty(),
            "{reynolds}"
        );
        // Driven by the pressure of developed flow, the flow is that of ten ducts; a pump that
        // loses as much halves it.
        let resistance = duct.laminar_resistance(0.890e-3) / 10.0;
        for (internal_pa_s_per_m3, expected) in [(0.0, 1e-7), (resistance, 0.5e-7)] {
            let difference = Pascals::new(1e-7 * resistance);
            let driven = model.with_cavity(1, |cavity| {
                cavity.drive = Drive::Pressure {
                    difference,
                    internal_pa_s_per_m3,
                };
            });
            let flow = driven.expect("sound").cavities().next().expect("one").flow;
            assert!((flow.value() / expected - 1.0).abs() < 1e-12);
        }
        // Ten times the flow is turbulent, and says so.
        let fast = model.with_flow(1, flow * 10.0).expect("within range");
        let notes = &fast.cavities().next().expect("one").notes;
        assert!(matches!(notes.as_slice(), [CoolantNote::Turbulent { .. }]));
        let error = model.with_flow(1, flow * 1e5).expect_err("beyond range");
        assert!(error.to_string().contains("Reynolds number"), "{error}");
    }
}
