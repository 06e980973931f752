//! Lasers under power control while their cases warm, against the closed form of their law.

mod living;

use link::laser_device;
use plant::Signal;
use twin::world::World;
use units::Celsius;

use living::{plan, switch};

const SECOND: u64 = 1_000_000_000;

/// `P = eta exp(-(T - T_0) / T_1) (I - I_th exp((T - T_0) / T_th))` at the junction, and
/// `T = T_case + R (I (V_0 + I R_s) - P)`: what the world says of currents and junctions fits both,
/// with one power throughout.
#[test]
fn a_laser_that_warms_takes_the_current_of_its_law() {
    let plan = plan("cpo-51t", &[]);
    let part = &plan.system().description.laser_module[0].value;
    let law = laser_device(&part.laser);
    let cooling = plan.system().description.cooling.iter();
    let faceplate = cooling
        .map(|of| of.name.as_str())
        .position(|name| name == "faceplate");
    let faceplate = faceplate.expect("the modules are cooled");
    let mut world = World::looped_back(switch(&plan, "leaf1", 7));
    world.evaluate_every_lane(true);
    let mut seen = Vec::new();
    for step in 0..120_u64 {
        let before = world.switches()[0].truth().cloned();
        let switch = world.switch_mut(0).expect("one switch");
        let inlet = Celsius::new(30.0 + 0.25 * step as f64);
        switch
            .set_coolant(faceplate, None, Some(inlet), step * SECOND)
            .expect("air flows");
        world.step(SECOND).expect("it goes on");
        let truth = world.switches()[0].truth().expect("a step was made");
        // Light follows the temperatures at the beginning of a step.
        let Some(before) = before else { continue };
        let case_c = before.values(Signal::LaserModuleTemperature)[0];
        let current_a = truth.values(Signal::LaserBias)[0];
        let junction_c = truth.values(Signal::LaserTemperature)[0];
        let rise_k = junction_c - law.reference_temperature.value();
        let threshold_a = law.threshold_current.value() * (rise_k / law.threshold_t0.value()).exp();
        let slope = law.slope_efficiency.value() * (-rise_k / law.slope_t1.value()).exp();
        let power_w = slope * (current_a - threshold_a);
        let volts = law.turn_on_voltage.value() + current_a * law.series_resistance.value();
        let heat_w = current_a * volts - power_w;
        // Rounding of two equations that the model solves together.
        let balanced_c = case_c + law.thermal_resistance.value() * heat_w;
        assert!((junction_c - balanced_c).abs() < 1e-9, "step {step}");
        seen.push((case_c, current_a, power_w));
    }
    let (first, last) = (seen[0], seen[seen.len() - 1]);
    assert!(last.0 > first.0 + 15.0, "{first:?} {last:?}");
    assert!(last.1 > 1.1 * first.1, "{first:?} {last:?}");
    let power_w = part.launch.value.to_watts().value();
    for (_, _, held_w) in seen {
        assert!((held_w / power_w - 1.0).abs() < 1e-9, "{held_w} {power_w}");
    }
}
