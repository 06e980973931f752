//! The expression behind a figure is the computation: it gives the same bits, and it moves with
//! every value that it names and with no other.

use std::collections::BTreeMap;

use link::Conditions;
use rayon::prelude::*;

use system::{Input, Library, StatedValue, System, ZoneId};
use twin::{ExplainError, Explanation, Figures, METRICS, Metric, SteadyState};
use units::derivation::{Replaced, number};
use units::{Celsius, Meters, Place};

/// Relative change of a value: large against rounding, small against its range.
const NUDGE: f64 = 1e-4;

fn resolve(name: &str) -> System {
    let library = Library::embedded();
    System::resolve(&Input {
        name,
        bytes: library.platform(name).expect("a platform").as_bytes(),
        sets: &[],
        library: &library,
        load: &|file| Err(format!("{file} is not there")),
    })
    .expect("platforms are sound")
}

/// The number of every metric at given temperatures, as bits.
///
/// A value moves the temperatures of all parts, and these move everything else. An expression takes
/// them as they were solved; they are held here too.
fn numbers(system: &System, near: &SteadyState) -> BTreeMap<&'static str, Option<u64>> {
    let state = SteadyState::at(system, held(system, near));
    let figures = Figures::new(system, &state);
    let number = |metric: &Metric| (metric.value)(system, &state, &figures).map(f64::to_bits);
    METRICS
        .iter()
        .map(|metric| (metric.name, number(metric)))
        .collect()
}

/// The conditions of a state, with the temperatures that zones state read anew, and shifts of fibres
/// made anew of what they name; the places of engines in their package are held.
fn held(system: &System, near: &SteadyState) -> Conditions {
    let mut conditions = near.conditions.clone();
    let stated = Conditions::stated(system, Celsius::new(0.0));
    let is_stated = |zone: ZoneId| {
        let zone = &system.description.zone[zone.index()].value;
        zone.temperature.is_some()
    };
    for (idx, asic) in system.asics.iter().enumerate() {
        if is_stated(asic.zone) {
            conditions.asics[idx] = stated.asics[idx].clone();
        }
    }
    for (idx, engine) in system.engines.iter().enumerate() {
        if is_stated(engine.zone) {
            conditions.engines[idx] = stated.engines[idx].clone();
        }
    }
    for (idx, module) in system.laser_modules.iter().enumerate() {
        if is_stated(module.zone) {
            conditions.laser_modules[idx] = stated.laser_modules[idx].clone();
        }
    }
    if conditions.fibre_shifts.iter().any(Option::is_some) {
        let values = system.values().into_iter().map(|value| {
            let place = Place {
                key: value.key,
                field: value.field,
            };
            (place, value.si)
        });
        let values: Replaced = values.collect();
        for shift in conditions.fibre_shifts.iter_mut().flatten() {
            let anew = shift.node().evaluate(&values).expect("products only");
            *shift = number(Meters::new(anew));
        }
    }
    conditions
}

fn explanations(system: &System, state: &SteadyState) -> Vec<Explanation> {
    let figures = Figures::new(system, state);
    METRICS
        .iter()
        .filter_map(
            |metric| match Explanation::new(system, state, &figures, metric) {
                Ok(explanation) => Some(explanation),
                Err(ExplainError::Absent { .. } | ExplainError::NotDerived { .. }) => None,
                Err(error) => panic!("{}: {error}", metric.name),
            },
        )
        .collect()
}

/// The value moved a little, inside the range of its field.
fn nudged(system: &System, value: &StatedValue) -> Option<(f64, System)> {
    let step = if value.si.abs() > 0.0 {
        value.si * NUDGE
    } else {
        NUDGE
    };
    [value.si + step, value.si - step]
        .into_iter()
        .find_map(|si| {
            let moved = system.with_values(&[(&value.key, value.field, si)]).ok()?;
            Some((si, moved))
        })
}

/// What one nudge shows: whether any figure moved, and what is wrong.
fn check(
    (system, state): (&System, &SteadyState),
    known: &[Explanation],
    value: &StatedValue,
) -> (usize, Vec<String>) {
    let Some((si, moved)) = nudged(system, value) else {
        return (0, Vec::new());
    };
    let (before, after) = (numbers(system, state), numbers(&moved, state));
    let place = Place {
        key: value.key.clone(),
        field: value.field,
    };
    let mut wrong = Vec::new();
    let mut n_moved = 0;
    for explanation in known {
        let name = explanation.metric.name;
        if explanation.places().contains(&place) {
            let replaced = [(place.clone(), si)].into_iter().collect();
            let computed = explanation.with(&replaced).map(f64::to_bits);
            if computed.as_ref().ok() != after[name].as_ref() {
                wrong.push(format!(
                    "{name} with {place}: {computed:?}, {:?}",
                    after[name]
                ));
            }
            n_moved += usize::from(before[name] != after[name]);
        } else if before[name] != after[name] {
            wrong.push(format!("{name} moves with {place}, which it does not name"));
        }
    }
    (n_moved, wrong)
}

fn prove(platform: &str) {
    let system = resolve(platform);
    let state = SteadyState::solve(&system);
    let known = explanations(&system, &state);
    for explanation in &known {
        let again = explanation.recomputed().expect("it has just been computed");
        assert_eq!(
            again.to_bits(),
            explanation.root.si.to_bits(),
            "{}",
            explanation.metric.name
        );
    }
    let values = system.values();
    let results: Vec<_> = values
        .par_iter()
        .map(|value| check((&system, &state), &known, value))
        .collect();
    let wrong: Vec<_> = results.iter().flat_map(|(_, wrong)| wrong).collect();
    assert!(wrong.is_empty(), "{platform}: {wrong:#?}");
    // Most values of a platform move something; what moves nothing is prices, monitors and limits.
    // Coolers and packages move temperatures only, which are held here, and rails move sensors only.
    let n_moving = results.iter().filter(|(n, _)| *n > 0).count();
    let is_beside = |value: &&StatedValue| {
        let kinds = [
            "solid ",
            "thermal_interface ",
            "cooler ",
            "package_stack ",
            "voltage_monitor ",
        ];
        kinds.iter().any(|kind| value.key.starts_with(kind))
            || value.key.contains("cooling")
            || value.key.contains("supply_")
    };
    let n_others = values.len() - values.iter().filter(is_beside).count();
    assert!(
        n_moving * 2 > n_others,
        "{platform}: {n_moving} of {n_others}"
    );
}

#[test]
fn external_lasers_and_mach_zehnders() {
    prove("cpo-51t");
}

#[test]
fn rings() {
    prove("quantum-x-115t");
}

#[test]
fn modules_with_lasers_and_dsp() {
    prove("dsp-51t");
}

/// Reflections matter for its margin and not for its error ratio.
#[test]
fn linear_modules() {
    prove("lpo-51t");
}

#[test]
fn wavelengths_without_a_code() {
    prove("teraphy-oio");
}

#[test]
fn electrical_ports_beside_optical_ones() {
    prove("humboldt-25t");
}

#[test]
fn every_figure_of_the_field_is_derived() {
    let system = resolve("cpo-51t");
    let known = explanations(&system, &SteadyState::solve(&system));
    let names: Vec<_> = known
        .iter()
        .map(|explanation| explanation.metric.name)
        .collect();
    for name in [
        "power.module_w",
        "power.switch_w",
        "power.pj_per_bit",
        "latency_ns.total",
        "link.worst.margin_db",
        "link.worst.pre_fec_ber",
        "rx_power_dbm",
        "density.shoreline_tbps_per_mm",
        "reliability.fit_total",
        "fibres.data",
        "cost.capex_usd.value",
        "cost.per_gbps_usd.value",
        "package.yield.value",
    ] {
        assert!(names.contains(&name), "{name} is not among {names:?}");
    }
}
