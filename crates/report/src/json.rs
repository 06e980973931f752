//! Machine output: bare numbers under suffixed names.

use link::fec::FecCode;
use link::{LaneDesign, Margin};
use serde_json::{Value, json};
use system::System;
use twin::{Boundary, Figures, LinkPoint, Sampled, SteadyState};
use units::{DbMilliwatts, Seconds, Watts};

use crate::cost::{cost_json, package_json};
use crate::sampled::{intervals_json, sampled_json};
use crate::temperatures::temperatures_json;

/// Everything that `run` knows.
pub fn run_json(
    system: &System,
    state: &SteadyState,
    figures: &Figures,
    sampled: Option<&Sampled>,
) -> Value {
    let mut value = figures_json(system, figures);
    value["designs"] = designs(system, state);
    if let Some(sampled) = sampled {
        value["intervals"] = intervals_json(sampled);
        value["sampled"] = sampled_json(system, sampled);
    }
    value
}

/// The figures alone.
pub(crate) fn figures_json(system: &System, figures: &Figures) -> Value {
    let groups: Vec<Value> = figures
        .port_groups
        .iter()
        .map(|group| {
            json!({
                "name": group.name, "medium": group.medium.word(), "count": group.count,
                "rate_gbps": round(group.rate.value() / 1e9), "lanes": group.lanes,
            })
        })
        .collect();
    json!({
        "system": {
            "name": figures.name, "architecture": figures.architecture.word(),
            "fingerprint": system.fingerprint.to_string(),
        },
        "bandwidth_tbps": round(figures.bandwidth.value() / 1e12),
        "ports": figures.ports,
        "port_groups": groups,
        "lanes": figures.lanes,
        "lane_rate_gbps": figures.lane_rate.map(|rate| round(rate.value() / 1e9)),
        "wavelengths_per_fibre": figures.wavelengths,
        "rings": figures.rings,
        "optical_engines": figures.optical_engines,
        "laser_modules": figures.laser_modules,
        "lasers": figures.lasers,
        "fibres": {
            "data": figures.fibres.data, "laser": figures.fibres.laser,
            "total": figures.fibres.data + figures.fibres.laser, "mpo": figures.fibres.ferrules,
        },
        "power": power(figures),
        "latency_ns": figures.latency.map(|latency| json!({
            "serdes": ns(latency.serdes), "dsp": ns(latency.dsp), "fibre": ns(latency.fibre),
            "fec_fill": ns(latency.fec_fill), "fec_decode": ns(latency.fec_decode), "total": ns(latency.total()),
        })),
        "density": {
            "shoreline_tbps_per_mm": figures.density.shoreline.map(|density| density.value() / 1e15),
            "areal_tbps_per_mm2": figures.density.areal.map(|density| density.value() / 1e18),
            "faceplate_tbps_per_ru": figures.density.per_rack_unit.map(|rate| rate.value() / 1e12),
        },
        "link": figures.link.as_ref().map(|link| json!({
            "worst": link.worst.as_ref().map(|point| point_json(system, point)),
            "median": link.median.as_ref().map(|point| point_json(system, point)),
            "lanes_open": link.n_open, "lanes_dark": link.n_dark,
        })),
        "heat": temperatures_json(&figures.heat),
        "reliability": reliability(figures),
        "package": package_json(figures),
        "cost": cost_json(figures),
        "warnings": figures.warnings,
    })
}

/// Removes the dust of binary fractions from numbers that people wrote in decimal.
fn round(number: f64) -> f64 {
    (number * 1e9).round() / 1e9
}

fn ns(time: Seconds) -> f64 {
    time.value() * 1e9
}

fn power(figures: &Figures) -> Value {
    let Some(power) = &figures.power else {
        return Value::Null;
    };
    let pj = |watts: Watts| power.per_bit(watts).value() * 1e12;
    let port = &power.port;
    // A package without a chassis has neither a box nor its share of a building.
    let in_box = |watts: Watts| figures.has_chassis.then(|| watts.value());
    json!({
        "module_w": port.module().value(),
        "port_w": port.port().value(),
        "optics_w": power.optics.value(),
        "switch_w": in_box(power.switch),
        "facility_w": in_box(power.facility),
        "pj_per_bit": pj(port.module()),
        "port_rate_gbps": round(power.port_rate.value() / 1e9),
        "boundary": {
            "module_w": Boundary::Module.text(),
            "port_w": Boundary::Port.text(),
            "optics_w": "all optical ports at the module boundary",
            "switch_w": Boundary::Switch.text(),
            "facility_w": Boundary::Facility.text(),
            "pj_per_bit": "one port of the first optical group at the module boundary, per bit of data",
            "terms_pj_per_bit": "one port of the first optical group at the port boundary, per bit of data",
        },
        "terms_pj_per_bit": {
            "engine": pj(port.engine),
            "engine_interface": pj(port.engine_interface),
            "dsp": pj(port.dsp),
            "tuning": pj(port.tuning),
            "laser": pj(port.laser),
            "serdes": pj(port.serdes),
            "conversion": pj(port.optics_conversion + port.serdes_conversion),
        },
        "switch_terms_w": {
            "optics": power.optics.value(), "serdes": power.serdes.value(), "asic": power.asic.value(),
            "overhead": power.overhead.value(), "supply_loss": power.supply_loss.value(),
        },
    })
}

fn point_json(system: &System, point: &LinkPoint) -> Value {
    json!({
        "lane": system.media_lanes[point.lane.index()].name,
        // None where the code reaches its target at any power, or at no power.
        "margin_db": point.margin.signed().map(units::Decibels::value),
        "verdict": verdict(point.margin),
        "pre_fec_ber": point.pre_fec_ber,
        // Below the smallest number a codeword error ratio prints as zero; its logarithm does not.
        "post_fec_cer": 10f64.powf(point.log10_codeword_error_ratio),
        "post_fec_cer_log10": point.log10_codeword_error_ratio,
        "rx_oma_dbm": point.rx_oma.value(),
    })
}

fn reliability(figures: &Figures) -> Value {
    let reliability = &figures.reliability;
    let radius = |part: &twin::PartBlast| {
        json!({
            "ports_down": part.radius.ports_down.len(),
            "ports_degraded": part.radius.ports_degraded.len(),
            "ports_in_repair": part.radius.ports_in_repair.len(),
        })
    };
    let by_part: serde_json::Map<String, Value> = reliability
        .parts
        .iter()
        .filter(|part| part.count > 0)
        .map(|part| {
            let mut value = radius(part);
            value["count"] = json!(part.count);
            value["failures_per_year"] = json!(part.failures_per_year);
            value["lanes_lost"] = json!(part.radius.lanes_lost);
            (part.part.to_owned(), value)
        })
        .collect();
    json!({
        "fit_total": reliability.total.to_fit(),
        "link_failures_per_year": reliability.link_failures_per_year,
        "blast_radius": reliability.engine().map(radius),
        "by_part": by_part,
    })
}

/// A margin in one word.
fn verdict(margin: Margin) -> &'static str {
    match margin {
        Margin::Met(_) => "closes",
        Margin::MetThroughout => "closes_at_any_power",
        Margin::MustRise(_) => "needs_more_light",
        Margin::MustFall(_) => "needs_less_light",
        Margin::Unreachable { .. } => "unreachable",
    }
}

/// Every distinct design with its light, its operating points and its outcome.
fn designs(system: &System, state: &SteadyState) -> Value {
    let design_of = &state.lanes.design_of;
    let one = |(idx, design): (usize, &LaneDesign)| {
        let lane = design_of.iter().position(|d| *d == idx);
        let mut value = design_json(design);
        value["lane"] = json!(lane.map(|lane| system.media_lanes[lane].name.clone()));
        value["lanes"] = json!(design_of.iter().filter(|d| **d == idx).count());
        value["incoming"] = json!(design.back.as_deref().map(design_json));
        value
    };
    state.lanes.designs.iter().enumerate().map(one).collect()
}

/// A code in one word.
fn code_name(code: FecCode) -> &'static str {
    match code {
        FecCode::None => "none",
        FecCode::Kp4 => "rs_544_514",
        FecCode::Kr4 => "rs_528_514",
        FecCode::LowLatency => "rs_272_258",
        FecCode::Kp4WithInner => "rs_544_514_with_hamming_128_120",
    }
}

fn design_json(design: &LaneDesign) -> Value {
    let planes: Vec<Value> = design
        .planes
        .0
        .iter()
        .map(|plane| {
            json!({
                "element": plane.element.name(), "tap": plane.element.tap(), "loss_db": plane.loss.value(),
                "average_dbm": plane.average.value(), "oma_dbm": plane.oma.map(DbMilliwatts::value),
            })
        })
        .collect();
    let laser = design.laser.map(|laser| {
        json!({
            "power_dbm": DbMilliwatts::from_watts(laser.point.power).value(),
            "current_a": laser.point.current.value(), "electrical_w": laser.point.electrical_power.value(),
            "wall_plug_efficiency": laser.point.wall_plug_efficiency.value(),
            "junction_temperature_c": laser.point.junction_temperature.value(),
            "wavelength_nm": laser.point.wavelength.value() * 1e9, "at_rail": laser.is_at_rail,
            "rin_db_per_hz": design.rin.value(),
        })
    });
    let modulator = design.modulator.as_ref().map(|modulator| {
        json!({
            "insertion_loss_db": modulator.insertion_loss.value(),
            "extinction_ratio_db": modulator.extinction_ratio.value(), "rlm": modulator.rlm,
            "bandwidth_ghz": modulator.bandwidth.value() / 1e9, "tuning_w": modulator.tuning_power.value(),
            "drift_pm_per_k": modulator.heater.map(|heater| heater.drift.value() * 1e12),
            "detuning_pm": modulator.detuning.map(|detuning| detuning.value() * 1e12),
            "bistable": modulator.is_bistable,
        })
    });
    let outcome = match &design.outcome {
        Err(fault) => json!({ "dark": fault.to_string() }),
        Ok(solution) => json!({
            "verdict": verdict(solution.margin), "margin_db": solution.margin.signed().map(units::Decibels::value),
            "optical_ber": solution.optical_ber, "host_ber": solution.host_ber,
            "pre_fec_ber": solution.pre_fec_ber(), "allowed_ber": design.allowed_ber,
            "post_fec_cer_log10": solution.ln_codeword_error_ratio / std::f64::consts::LN_10,
            "code": code_name(design.fec), "limited_by": solution.limiting.name(), "q_min": solution.q_min,
        }),
    };
    json!({ "planes": planes, "laser": laser, "modulator": modulator, "outcome": outcome })
}

#[cfg(test)]
mod tests {
    use super::*;
    use system::{Input, Library};
    use twin::METRICS;

    /// Metrics of the light at planes of a lane, which stands under `designs` for each design.
    const WITHOUT_KEY: [&str; 5] = [
        "rx_power_dbm",
        "tx_power_dbm",
        "tx_oma_dbm",
        "laser_power_dbm",
        "extinction_ratio_db",
    ];

    #[test]
    fn a_metric_is_the_number_under_its_key() {
        let library = Library::embedded();
        for platform in library.platforms() {
            let system = System::resolve(&Input {
                name: platform,
                bytes: library.platform(platform).unwrap().as_bytes(),
                sets: &[],
                library: &library,
                load: &|file| Err(format!("{file} is not there")),
            })
            .unwrap();
            let state = SteadyState::solve(&system);
            let figures = Figures::new(&system, &state);
            let json = figures_json(&system, &figures);
            for metric in METRICS {
                if WITHOUT_KEY.contains(&metric.name) {
                    continue;
                }
                let pointer = format!("/{}", metric.name.replace('.', "/"));
                let printed = json.pointer(&pointer).and_then(Value::as_f64);
                let value = (metric.value)(&system, &state, &figures);
                match (value.map(|si| metric.in_unit(si)), printed) {
                    (None, None) => {}
                    // A change of unit there and back costs a few units in the last place.
                    (Some(value), Some(printed))
                        if (value - printed).abs() <= 1e-9 * printed.abs() => {}
                    other => panic!("{platform} {}: {other:?}", metric.name),
                }
            }
        }
    }
}
