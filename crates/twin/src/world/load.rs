//! The heat of every part of one switch, from what its light and its electrons do now.

use link::MAX_LEVELS;
use system::LaserHome;
use units::Celsius;

use super::light::Light;
use super::plan::SwitchPlan;
use crate::heat::{Loads, core_w};

/// What the electrons of a switch do, beside its light.
#[derive(Debug, Clone, Copy)]
pub(super) struct Electrons<'a> {
    /// Work of each die, from 0 to 1.
    pub(super) work: &'a [f64],
    /// Whether each die is on.
    pub(super) is_on: &'a [bool],
    /// Junction of each die, C.
    pub(super) junctions_c: &'a [f64],
    /// Share of its electronic power that each engine takes.
    pub(super) engines: &'a [f64],
    /// Whether each laser module draws power.
    pub(super) modules: &'a [bool],
}

/// Fills in the heat of every part, W, and what every engine draws. The light that enters an engine and does not leave it
/// warms it; what a laser module takes and does not give out as light warms the module.
pub(super) fn fill(
    loads: &mut Loads,
    plan: &SwitchPlan,
    light: &Light,
    of: &Electrons<'_>,
    drawn_w: &mut Vec<f64>,
) {
    let system = plan.system();
    for (asic, core) in loads.cores_w.iter_mut().enumerate() {
        *core = if of.is_on[asic] {
            let part = &system.description.asic[system.asics[asic].group].value;
            core_w(part, of.work[asic], Celsius::new(of.junctions_c[asic]))
        } else {
            0.0
        };
    }
    for (asic, watts) in loads.serdes_w.iter_mut().enumerate() {
        *watts = if of.is_on[asic] {
            plan.serdes_w[asic]
        } else {
            0.0
        };
    }
    for (idx, (load, engine)) in loads.engines.iter_mut().zip(&plan.engines).enumerate() {
        load.photonic_w = 0.0;
        load.electronic_w = engine.electronic_w * of.engines[idx] * engine.share;
    }
    drawn_w.clear();
    drawn_w.extend(loads.engines.iter().map(|load| load.electronic_w));
    let lanes = light.sent.iter().zip(&light.filters).zip(&plan.lanes);
    for (((sent, filter), lane), entity) in lanes.zip(&system.media_lanes) {
        let Some(model) = lane.model else { continue };
        let model = &plan.models[model];
        let n = model.modulation().n_levels().min(MAX_LEVELS);
        let out_w = sent.levels_w[..n].iter().sum::<f64>() / n as f64;
        let laser = &system.lasers[entity.laser.index()];
        let warmth = &mut loads.engines[lane.engine].photonic_w;
        let in_w = match laser.home {
            // The light of one laser is shared by its lanes.
            LaserHome::Module(..) => sent.fed_w / laser.media_lanes.len().max(1) as f64,
            // A laser inside makes its light from its own power, counted below.
            LaserHome::Engine(_) => 0.0,
        };
        let filter_w = filter.map_or(0.0, |filter| filter.heater_w);
        let share = plan.engines[lane.engine].share;
        *warmth += (sent.heater_w + filter_w + in_w - out_w) * share;
        drawn_w[lane.engine] += (sent.heater_w + filter_w) * share;
    }
    for (module, watts) in loads.laser_modules_w.iter_mut().enumerate() {
        let of_module = &plan.modules[module];
        *watts = if of.modules[module] {
            of_module.electronics_w / of_module.regulator
        } else {
            0.0
        };
    }
    for (point, laser) in light.lasers.iter().zip(&plan.lasers) {
        match laser.home {
            LaserHome::Module(module, _) => {
                let of_module = &plan.modules[module.index()];
                let electrical = point.electrical_w * (1.0 + of_module.cooler_ratio);
                loads.laser_modules_w[module.index()] +=
                    electrical / of_module.regulator - point.launched_w;
            }
            LaserHome::Engine(engine) => {
                let of_engine = &plan.engines[engine.index()];
                let taken_w = point.electrical_w * (1.0 + of_engine.cooler_ratio) * of_engine.share;
                loads.engines[engine.index()].photonic_w += taken_w;
                drawn_w[engine.index()] += taken_w;
            }
        }
    }
}
