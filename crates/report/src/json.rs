//! Machine output: bare numbers under suffixed names.

use serde_json::{Value, json};
use system::System;
use twin::{Boundary, Figures, LinkPoint, Quantiles, SteadyState};
use units::{DbMilliwatts, Seconds, Watts};

/// Quantiles of one number over draws from the spreads.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Interval {
    /// The key of the number.
    pub key: &'static str,
    /// Its quantiles.
    pub quantiles: Quantiles,
}

/// Everything that `run` knows.
pub fn run_json(
    system: &System,
    state: &SteadyState,
    figures: &Figures,
    intervals: &[Interval],
) -> Value {
    let mut value = figures_json(system, figures);
    value["planes"] = planes(system, state);
    if !intervals.is_empty() {
        let map: serde_json::Map<String, Value> = intervals
            .iter()
            .map(|i| {
                (
                    i.key.to_owned(),
                    json!({ "p5": i.quantiles.p5, "p50": i.quantiles.p50, "p95": i.quantiles.p95 }),
                )
            })
            .collect();
        value["intervals"] = Value::Object(map);
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
            "faceplate_tbps_per_ru": figures.density.per_rack_unit.value() / 1e12,
        },
        "link": figures.link.as_ref().map(|link| json!({
            "worst": link.worst.as_ref().map(|point| point_json(system, point)),
            "median": link.median.as_ref().map(|point| point_json(system, point)),
            "lanes_open": link.n_open, "lanes_dark": link.n_dark,
        })),
        "reliability": reliability(figures),
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
    json!({
        "module_w": port.module().value(),
        "port_w": port.port().value(),
        "optics_w": power.optics.value(),
        "switch_w": power.switch.value(),
        "facility_w": power.facility.value(),
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
        "margin_db": point.margin.map(units::Decibels::value),
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

/// The planes of every distinct design.
fn planes(system: &System, state: &SteadyState) -> Value {
    state
        .lanes
        .designs
        .iter()
        .enumerate()
        .map(|(idx, design)| {
            let lane = state.lanes.design_of.iter().position(|d| *d == idx);
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
            json!({
                "lane": lane.map(|lane| system.media_lanes[lane].name.clone()),
                "lanes": state.lanes.design_of.iter().filter(|d| **d == idx).count(),
                "planes": planes,
            })
        })
        .collect()
}
