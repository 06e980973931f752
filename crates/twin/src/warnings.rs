//! What a user should know.

use std::collections::BTreeMap;

use link::fec::FecCode;
use link::{LaneDesign, Margin};
use system::System;
use system::parts::Coupler;
use units::{Derived, Meters, Watts};

use crate::steady::SteadyState;

/// What a user should know of a solved system.
pub(crate) fn warnings(system: &System, state: &SteadyState) -> Vec<String> {
    let mut warnings = system.warnings.clone();
    if let Some(Err(fault)) = &state.heat {
        warnings.push(format!(
            "temperatures: {fault}; the parts stand as cold as what cools them"
        ));
    }
    if let (Some(fault), None | Some(Ok(_))) = (state.unknown_shift(), &state.heat) {
        warnings.push(format!(
            "shift of the fibres by the bow of the package: {fault}; they are taken to lie where they were attached"
        ));
    }
    warnings.extend(unpriced_shifts(system, state));
    for (asic, junction) in system.asics.iter().zip(&state.conditions.asics) {
        let limit = system.description.asic[asic.group]
            .value
            .max_temperature
            .value;
        let is_solved = system.description.zone[asic.zone.index()]
            .value
            .temperature
            .is_none();
        if is_solved && junction.value() > limit {
            warnings.push(format!(
                "{}: its junction reaches {:.4}; the limit is {limit:.4}",
                asic.name,
                junction.value()
            ));
        }
    }
    warnings.extend(of_lanes(system, state));
    let mut warned = Vec::new();
    for module in &system.laser_modules {
        let part = &system.description.laser_module[module.group].value;
        let lit = module
            .lasers
            .clone()
            .filter(|laser| !system.lasers[*laser as usize].media_lanes.is_empty());
        let power: Watts = lit
            .filter_map(|laser| {
                let lane = system.lasers[laser as usize].media_lanes.first()?;
                state.lanes.design(*lane).laser
            })
            .map(|laser| {
                laser.point.electrical_power * (1.0 + part.cooler_power_ratio.value.value())
            })
            .sum::<Watts>()
            + part.electronics_power.value;
        let power = power / system.description.power.laser_regulator.value.value();
        if power > part.max_power.value && !warned.contains(&module.group) {
            warned.push(module.group);
            warnings.push(format!(
                "{} takes {power:.3}; its connector gives {:.3}",
                module.name, part.max_power.value
            ));
        }
    }
    warnings
}

/// Couplers that cannot tell what the shift of their fibres costs.
fn unpriced_shifts(system: &System, state: &SteadyState) -> Vec<String> {
    let mut said = Vec::new();
    for (idx, group) in system.description.engine.iter().enumerate() {
        let engines = system.engines.iter().zip(&state.conditions.fibre_shifts);
        let shifts = engines.filter_map(|(engine, shift)| {
            let shift = shift.as_ref().filter(|_| engine.group == idx);
            shift.map(Derived::value)
        });
        let Some(shift) = shifts.reduce(Meters::max).filter(|d| d.value() > 0.0) else {
            continue;
        };
        let engine = &group.value;
        // A laser inside of the engine needs no fibre to it.
        let input = engine
            .laser
            .is_none()
            .then_some(("input_coupler", &engine.input_coupler));
        let couplers = [
            ("output_coupler", &engine.output_coupler),
            ("receive_coupler", &engine.receive_coupler),
        ];
        let unpriced: Vec<&str> = input
            .into_iter()
            .chain(couplers)
            .filter(|(_, coupler)| match coupler {
                Coupler::EdgeCoupler(edge) => edge.measured.is_some(),
                Coupler::GratingCoupler(_) => true,
            })
            .map(|(field, _)| field)
            .collect();
        if !unpriced.is_empty() {
            said.push(format!(
                "engine.{}: the bow of the package shifts its fibres by {shift:.3}, which costs nothing at {}: a grating or a measured table states no modes that overlap",
                group.name,
                unpriced.join(", ")
            ));
        }
    }
    said
}

/// What is said of some lanes of one kind.
struct Remark {
    /// Lanes.
    n: usize,
    /// A lane of the design that it is worst for.
    such_as: usize,
    /// How bad it is there.
    severity: f64,
    text: String,
}

/// What is said of lanes: once for all lanes of a kind, in the words of the worst.
fn of_lanes(system: &System, state: &SteadyState) -> Vec<String> {
    let mut remarks: BTreeMap<(usize, usize), Remark> = BTreeMap::new();
    for (idx, design) in state.lanes.designs.iter().enumerate() {
        let in_use = |lane: &usize| {
            state.lanes.design_of[*lane] == idx && system.media_lanes[*lane].port.is_some()
        };
        let members: Vec<usize> = (0..system.media_lanes.len()).filter(in_use).collect();
        let Some(first) = members.first() else {
            continue;
        };
        for (place, (severity, text)) in of_design(design) {
            let remark = remarks
                .entry((state.lanes.kind_of[idx], place))
                .or_insert_with(|| Remark {
                    n: 0,
                    such_as: *first,
                    severity: f64::NEG_INFINITY,
                    text: String::new(),
                });
            remark.n += members.len();
            if severity > remark.severity {
                (remark.such_as, remark.severity, remark.text) = (*first, severity, text);
            }
        }
    }
    remarks
        .into_values()
        .map(|remark| {
            let name = &system.media_lanes[remark.such_as].name;
            format!("{} lanes such as {name}{}", remark.n, remark.text)
        })
        .collect()
}

/// What is said of one design: the place of the remark, how bad it is, and its words.
fn of_design(design: &LaneDesign) -> Vec<(usize, (f64, String))> {
    let mut said = Vec::new();
    let worse = design.worse();
    match &worse.outcome {
        Err(fault) => said.push((0, (0.0, format!(" are dark: {fault}")))),
        Ok(solution) if !solution.closes() => {
            let why = match solution.margin {
                _ if solution.host_ber >= worse.allowed_ber => {
                    "the electrical segments alone use up the code".to_owned()
                }
                Margin::MustRise(by) => format!("{by:.3} more light is needed"),
                Margin::MustFall(by) => format!("{by:.3} less light is needed"),
                Margin::Unreachable {
                    floor_ber,
                    limiting,
                } => format!(
                    "no power would do: with {} alone the error ratio is {floor_ber:.1e}",
                    limiting.name()
                ),
                Margin::Met(_) | Margin::MetThroughout => String::new(),
            };
            let before = match worse.fec {
                FecCode::None => "",
                _ => "pre-FEC ",
            };
            let text = format!(
                " do not close: {before}error ratio {:.1e}, allowed {:.1e}; {why}",
                solution.pre_fec_ber(),
                worse.allowed_ber
            );
            said.push((1, (solution.ln_codeword_error_ratio, text)));
        }
        Ok(_) => {}
    }
    if let Some(laser) = design.laser.filter(|laser| laser.is_at_rail) {
        let text = format!(
            ": the laser is at its rail, {:.3} at {:.3}",
            laser.point.power, laser.point.current
        );
        said.push((2, (-laser.point.power.value(), text)));
    }
    let modulator = design.modulator.as_ref();
    if modulator.is_some_and(|modulator| modulator.is_bistable) {
        let text = ": the ring is bistable at this power; the lock may be lost for good";
        said.push((3, (0.0, text.to_owned())));
    }
    said
}
