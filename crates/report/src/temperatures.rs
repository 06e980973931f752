//! Temperatures of a system at rest.

use std::fmt::Write as _;

use serde_json::{Value, json};
use twin::heat::{FibreShift, GroupHeat, HeatFigures, HeatedKind, Range};
use units::quantity::Quantity;
use units::{Celsius, Decibels, KelvinPerWatt, Meters, Watts};

use crate::text::{heading, table};
use crate::words::decimal;

/// One number, or two where they differ in print.
fn range<Q: Quantity>(range: Range<Q>, of: impl Fn(Q) -> f64, digits: usize) -> String {
    let (low, high) = (
        decimal(of(range.low), digits),
        decimal(of(range.high), digits),
    );
    if low == high {
        low
    } else {
        format!("{low} .. {high}")
    }
}

fn milli(range_of: Range<KelvinPerWatt>) -> String {
    range(range_of, |r| r.value() * 1e3, 1)
}

/// The section on heat of the report of a run.
pub(crate) fn write_temperatures(out: &mut String, heat: &HeatFigures) -> std::fmt::Result {
    let state = match (heat.residual, heat.runaway_margin) {
        (Some(residual), Some(margin)) => format!(
            "  (agrees with light and electrons within {}; runaway margin {})",
            residual_text(residual.value()),
            decimal(margin, 2)
        ),
        _ if heat.fault.is_some() => "  (no agreement with light and electrons)".to_owned(),
        _ => "  (temperatures stated)".to_owned(),
    };
    writeln!(out, "{}{state}", heading("Temperatures"))?;
    let is_solved = heat.groups.iter().any(|group| group.power.is_some());
    let has_package = heat.groups.iter().any(|group| group.crosstalk.is_some());
    let mut header = vec!["part", "count", "C", "limit C"];
    if is_solved {
        header.push("heat W");
    }
    if has_package {
        header.extend(["EIC C", "by dies mK/W", "by itself mK/W"]);
    }
    let rows = heat.groups.iter().map(|group| {
        let mut row = vec![
            format!("{} {}", group.kind.name(), group.name),
            group.count.to_string(),
            range(group.temperature, Celsius::value, 1),
            group
                .limit
                .map_or_else(String::new, |limit| decimal(limit.value(), 0)),
        ];
        if is_solved {
            let power = group.power.map(|power| range(power, Watts::value, 1));
            row.push(power.unwrap_or_default());
        }
        if has_package {
            let eic = group.electronic.map(|eic| range(eic, Celsius::value, 1));
            row.push(eic.unwrap_or_default());
            row.push(group.crosstalk.map(milli).unwrap_or_default());
            row.push(group.own.map(milli).unwrap_or_default());
        }
        row
    });
    let right: Vec<usize> = (1..header.len()).collect();
    writeln!(out, "{}", table(&header, &right, rows))?;
    for group in &heat.groups {
        write_rings(out, group)?;
        if let Some(fibres) = &group.fibres {
            write_fibres(out, &group.name, fibres)?;
        }
    }
    let coolings = heat.coolings.iter().map(|cooling| {
        let pressure = cooling
            .pressure_drop
            .map_or_else(String::new, |drop| format!(", {drop:.2}"));
        format!(
            "{} {} to {} C at {:.3}{pressure}",
            cooling.name,
            decimal(cooling.inlet.value(), 1),
            decimal(cooling.outlet.value(), 1),
            cooling.flow
        )
    });
    let coolings: Vec<String> = coolings.collect();
    if !coolings.is_empty() {
        writeln!(out, " fluids: {}", coolings.join("; "))?;
    }
    if let Some(share) = heat.to_board_share.filter(|share| *share > 0.0) {
        writeln!(
            out,
            " {} % of the package's heat leaves through the board",
            decimal(share * 100.0, 1)
        )?;
    }
    let zones = heat.zones.iter().map(|zone| {
        let stated = if zone.is_stated { " (stated)" } else { "" };
        format!(
            "{} {} C{stated}",
            zone.name,
            decimal(zone.warmest.value(), 1)
        )
    });
    let zones: Vec<String> = zones.collect();
    writeln!(out, " zones: {}\n", zones.join(", "))
}

fn write_fibres(out: &mut String, name: &str, fibres: &FibreShift) -> std::fmt::Result {
    let shift = range(fibres.shift, micro, 2);
    let loss = fibres.output_loss.map_or_else(
        || "a cost that its output coupler does not tell".to_owned(),
        |loss| {
            format!(
                "{} dB at the output coupler",
                range(loss, Decibels::value, 2)
            )
        },
    );
    writeln!(
        out,
        " fibres of {name}: {shift} um off by the bow of the package, {loss}"
    )
}

fn micro(length: Meters) -> f64 {
    length.value() * 1e6
}

fn residual_text(kelvin: f64) -> String {
    format!("{} mK", decimal(kelvin * 1e3, 1))
}

fn write_rings(out: &mut String, group: &GroupHeat) -> std::fmt::Result {
    let spread = group.spread();
    if group.count > 1 && group.crosstalk.is_some() {
        write!(
            out,
            " {} {}: {} K between the coldest and the warmest",
            group.kind.name(),
            group.name,
            decimal(spread.value(), 2)
        )?;
        if let Some(rings) = &group.rings {
            write!(
                out,
                ", {} pm of their rings",
                decimal(rings.spread.value() * 1e12, 0)
            )?;
        }
        writeln!(out)?;
    }
    let Some(rings) = &group.rings else {
        return Ok(());
    };
    let heaters = range(rings.heaters, Watts::value, 2);
    write!(
        out,
        " rings of {}: {} pm/K, heaters {heaters} W an engine",
        group.name,
        decimal(rings.drift.value() * 1e12, 1)
    )?;
    if let Some(crosstalk) = group.crosstalk {
        let per_watt = |k: KelvinPerWatt| k.value() * rings.drift.value() * 1e12;
        write!(
            out,
            ", {} pm for each watt of the dies",
            range(crosstalk, per_watt, 2)
        )?;
    }
    writeln!(out)
}

fn range_json<Q: Quantity>(range: Range<Q>, of: impl Fn(Q) -> f64) -> Value {
    json!({ "low": of(range.low), "high": of(range.high) })
}

/// The same for machines.
pub(crate) fn temperatures_json(heat: &HeatFigures) -> Value {
    let k_per_w = |range: Range<KelvinPerWatt>| range_json(range, KelvinPerWatt::value);
    let groups: Vec<Value> = heat
        .groups
        .iter()
        .map(|group| {
            json!({
                "kind": group.kind.name(), "name": group.name, "count": group.count,
                "temperature_c": range_json(group.temperature, Celsius::value),
                "spread_k": group.spread().value(),
                "electronic_c": group.electronic.map(|range| range_json(range, Celsius::value)),
                "limit_c": group.limit.map(Celsius::value),
                "heat_w": group.power.map(|range| range_json(range, Watts::value)),
                "crosstalk_k_per_w": group.crosstalk.map(k_per_w),
                "own_k_per_w": group.own.map(k_per_w),
                "rings": group.rings.map(|rings| json!({
                    "drift_pm_per_k": rings.drift.value() * 1e12,
                    "spread_pm": rings.spread.value() * 1e12,
                    "heaters_w": range_json(rings.heaters, Watts::value),
                })),
                "fibres": group.fibres.map(|fibres| json!({
                    "shift_um": range_json(fibres.shift, micro),
                    "output_coupler_db": fibres.output_loss.map(|range| range_json(range, Decibels::value)),
                })),
            })
        })
        .collect();
    let zones: Vec<Value> = heat
        .zones
        .iter()
        .map(|zone| json!({ "name": zone.name, "warmest_c": zone.warmest.value(), "is_stated": zone.is_stated }))
        .collect();
    let coolings: Vec<Value> = heat
        .coolings
        .iter()
        .map(|cooling| {
            json!({
                "name": cooling.name, "inlet_c": cooling.inlet.value(),
                "outlet_c": cooling.outlet.value(), "flow_l_per_min": cooling.flow.value() * 6e4,
                "pressure_drop_pa": cooling.pressure_drop.map(units::Pascals::value),
            })
        })
        .collect();
    let warmest = |kind: HeatedKind| {
        let groups = heat.groups.iter().filter(|group| group.kind == kind);
        let highest = groups.map(|group| group.temperature.high.value());
        highest.reduce(f64::max).filter(|_| heat.fault.is_none())
    };
    let engine = heat.first(HeatedKind::Engine);
    json!({
        "junction_c": warmest(HeatedKind::Die), "engine_c": warmest(HeatedKind::Engine),
        "laser_module_c": warmest(HeatedKind::LaserModule),
        "engine_spread_k": engine.map(|group| group.spread().value()),
        "crosstalk_k_per_w": engine.and_then(|group| group.crosstalk).map(|range| range.high.value()),
        "heaters_w": engine.and_then(|group| group.rings).map(|rings| rings.heaters.high.value()),
        "fibre_shift_um": heat.greatest_fibre_shift().map(micro),
        "fault": heat.fault, "groups": groups, "zones": zones, "coolings": coolings,
        "residual_k": heat.residual.map(units::KelvinDifference::value),
        "runaway_margin": heat.runaway_margin, "to_board_share": heat.to_board_share,
    })
}
