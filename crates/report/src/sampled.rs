//! What draws from the spreads gave, as text and as machine output.

use std::fmt::Write as _;

use serde_json::{Value, json};
use system::System;
use twin::{Effect, FirstOrder, Influence, MarginQuantiles, Quantiles, Sampled, Share};
use units::format_si;

use crate::text::{heading, table};
use crate::words::{counted, decimal, grouped};

/// Influences in the text; machine output has all of them.
const N_INFLUENCES: usize = 8;
/// Shares of a variance below this are not worth a line.
const LEAST_SHARE: f64 = 0.01;

/// Three quantiles with so many digits behind the point.
pub(crate) fn band(quantiles: &Quantiles, digits: usize) -> String {
    let Quantiles { p5, p50, p95 } = *quantiles;
    [p5, p50, p95].map(|x| decimal(x, digits)).join(" .. ")
}

/// The quantiles of the margin in words; where there is none, why.
pub(crate) fn margin_band(margin: &MarginQuantiles) -> String {
    let word = |margin: Option<f64>| margin.map_or_else(|| "none".to_owned(), |x| decimal(x, 2));
    [margin.p5, margin.p50, margin.p95].map(word).join(" .. ")
}

/// A share with the ends of its interval, in per cent.
fn percent(value: f64, low: f64, high: f64) -> String {
    // Digits enough to tell the ends from one.
    let per_cent = |x: f64| format!("{:.2}", x * 100.0);
    format!(
        "{} % ({} .. {})",
        per_cent(value),
        per_cent(low),
        per_cent(high)
    )
}

/// How often links close, and which spreads matter.
pub(crate) fn write_sampled(
    out: &mut String,
    system: &System,
    sampled: &Sampled,
) -> std::fmt::Result {
    let draws = |n: u64| grouped(usize::try_from(n).unwrap_or(usize::MAX));
    write_yields(out, system, sampled, &draws)?;
    let margin: Vec<&Influence> = sampled.influences.iter().collect();
    write_influences(
        out,
        &format!(
            "Spreads behind the margin, worst lane of {} draws",
            draws(sampled.n_done)
        ),
        "margin dB",
        &margin,
        |influence| &influence.margin_db,
    )?;
    let mut power = margin;
    power.sort_by(|a, b| share(&b.module_w).total_cmp(&share(&a.module_w)));
    write_influences(
        out,
        "Spreads behind the power of a module",
        "module W",
        &power,
        |influence| &influence.module_w,
    )?;
    let mut closing: Vec<(&Influence, f64)> = sampled
        .influences
        .iter()
        .filter_map(|influence| Some((influence, influence.closing?.value)))
        .filter(|(_, share)| *share >= LEAST_SHARE)
        .collect();
    closing.sort_by(|a, b| b.1.total_cmp(&a.1));
    if !closing.is_empty() {
        writeln!(
            out,
            "{}",
            heading("Spreads behind the links that do not close")
        )?;
        let rows = closing.iter().take(N_INFLUENCES).map(|(influence, share)| {
            vec![influence.value.name(), format!("{:.1}", share * 100.0)]
        });
        writeln!(out, "{}\n", table(&["value", "% of variance"], &[1], rows))?;
    }
    Ok(())
}

fn share(effect: &Effect) -> f64 {
    effect.first_order.map_or(0.0, |index| index.value)
}

fn write_yields(
    out: &mut String,
    system: &System,
    sampled: &Sampled,
    draws: &dyn Fn(u64) -> String,
) -> std::fmt::Result {
    let yields = &sampled.yields;
    let (Some(lane), Some(port)) = (yields.worst_lane(), yields.worst_port()) else {
        return Ok(());
    };
    writeln!(
        out,
        "{}",
        heading(&format!(
            "Yield of links, {} draws, intervals of {:.0} % confidence",
            draws(sampled.n_done),
            twin::CONFIDENCE * 100.0
        ))
    )?;
    let together = &port.together;
    let apart = &port.independent;
    let lane_name = &system.media_lanes[lane.lane.index()].name;
    let rows = [
        vec![
            format!("a lane such as {lane_name} closes"),
            percent(lane.closes.value, lane.closes.low, lane.closes.high),
        ],
        vec![
            format!(
                "all {} of a port, varying together (upper bound)",
                counted(port.n_lanes, "lane")
            ),
            percent(together.value, together.low, together.high),
        ],
        vec![
            "the same, each lane varying by itself (lower bound)".to_owned(),
            percent(apart.value, apart.low, apart.high),
        ],
    ];
    writeln!(out, "{}", table(&[], &[1], rows))?;
    for reason in &sampled.dark {
        writeln!(
            out,
            " {} dark: {}; first {}",
            counted(reason.n, "draw"),
            reason.kind,
            reason.example
        )?;
    }
    if sampled.n_unreachable > 0 {
        writeln!(
            out,
            " {}: no power would close the worst lane",
            counted(sampled.n_unreachable, "draw")
        )?;
    }
    writeln!(out)
}

fn write_influences(
    out: &mut String,
    title: &str,
    result: &str,
    influences: &[&Influence],
    effect: impl Fn(&Influence) -> &Effect,
) -> std::fmt::Result {
    let strong: Vec<&&Influence> = influences
        .iter()
        .filter(|influence| share(effect(influence)) >= LEAST_SHARE)
        .take(N_INFLUENCES)
        .collect();
    if strong.is_empty() {
        return Ok(());
    }
    writeln!(out, "{}", heading(title))?;
    let rows = strong.iter().map(|influence| {
        let effect = effect(influence);
        let at = |x: Option<f64>| x.map_or_else(|| "none".to_owned(), |x| decimal(x, 2));
        let dimension = influence.value.dimension;
        let print = |si: f64| readable(dimension, si);
        vec![
            influence.value.name(),
            format!("{:.1}", share(effect) * 100.0),
            print(influence.p5),
            print(influence.p95),
            at(effect.at_p5),
            at(effect.at_p95),
        ]
    });
    let header = [
        "value",
        "% of variance",
        "P5",
        "P95",
        &format!("{result} at P5"),
        "at P95",
    ];
    writeln!(out, "{}", table(&header, &[1, 2, 3, 4, 5], rows))?;
    let explained: f64 = influences
        .iter()
        .map(|influence| share(effect(influence)))
        .sum();
    writeln!(
        out,
        " all values one by one: {:.0} % of the variance\n",
        explained * 100.0
    )
}

/// A quantity with its unit and four digits.
fn readable(dimension: units::Dimension, si: f64) -> String {
    let digits = if si == 0.0 {
        0
    } else {
        #[expect(clippy::cast_possible_truncation, reason = "a number of digits")]
        let exponent = si.abs().log10().floor() as i32;
        3 - exponent
    };
    let scale = 10f64.powi(digits);
    let rounded = (si * scale).round() / scale;
    format_si(dimension, if rounded.is_finite() { rounded } else { si })
}

/// Machine output of everything that was drawn, apart from [`intervals_json`].
pub(crate) fn sampled_json(system: &System, sampled: &Sampled) -> Value {
    let lane_name = |lane: system::MediaLaneId| &system.media_lanes[lane.index()].name;
    let planes: Vec<Value> = sampled
        .planes
        .iter()
        .map(|plane| {
            json!({
                "element": plane.element.name(), "tap": plane.element.tap(),
                "loss_db": quantiles_json(&plane.loss_db),
                "average_dbm": quantiles_json(&plane.average_dbm),
                "oma_dbm": plane.oma_dbm.as_ref().map(quantiles_json),
            })
        })
        .collect();
    let lanes: Vec<Value> = sampled
        .yields
        .lanes
        .iter()
        .map(|lane| {
            json!({
                "lane": lane_name(lane.lane), "lanes": lane.n_lanes, "closes": share_json(&lane.closes),
            })
        })
        .collect();
    let ports: Vec<Value> = sampled
        .yields
        .ports
        .iter()
        .map(|port| {
            let apart = &port.independent;
            json!({
                "port": system.ports[port.port.index()].name, "ports": port.n_ports, "lanes": port.n_lanes,
                "closes_if_lanes_vary_together": share_json(&port.together),
                "closes_if_lanes_vary_independently": {
                    "share": apart.value, "low": apart.low, "high": apart.high,
                },
            })
        })
        .collect();
    let influences: Vec<Value> = sampled.influences.iter().map(influence_json).collect();
    json!({
        "lane": sampled.lane.map(lane_name),
        "planes": planes,
        "yield": { "confidence": twin::CONFIDENCE, "lanes": lanes, "ports": ports },
        "influences": influences,
    })
}

fn influence_json(influence: &Influence) -> Value {
    let effect = |effect: &Effect| {
        json!({
            "first_order": effect.first_order.as_ref().map(first_order_json),
            "at_p5": effect.at_p5, "at_p95": effect.at_p95,
        })
    };
    json!({
        "key": &*influence.value.key, "field": influence.value.field,
        "nominal": influence.value.si, "p5": influence.p5, "p95": influence.p95,
        "p5_text": readable(influence.value.dimension, influence.p5),
        "p95_text": readable(influence.value.dimension, influence.p95),
        "margin_db": effect(&influence.margin_db),
        "module_w": effect(&influence.module_w),
        "closing": influence.closing.as_ref().map(first_order_json),
    })
}

fn first_order_json(index: &FirstOrder) -> Value {
    json!({ "share": index.value, "standard_error": index.standard_error })
}

fn share_json(share: &Share) -> Value {
    json!({
        "draws": share.n_yes, "share": share.value, "low": share.low, "high": share.high,
    })
}

fn quantiles_json(quantiles: &Quantiles) -> Value {
    let Quantiles { p5, p50, p95 } = *quantiles;
    json!({ "p5": p5, "p50": p50, "p95": p95 })
}

/// Quantiles of every number, and what became of the draws.
pub(crate) fn intervals_json(sampled: &Sampled) -> Value {
    let mut value = json!({
        "seed": sampled.seed,
        "draws_asked": sampled.n_asked,
        "draws": sampled.n_done,
        "draws_dark": sampled.n_dark,
        "draws_unreachable": sampled.n_unreachable,
        "draws_met_throughout": sampled.n_met_throughout,
        "dark": sampled.dark.iter().map(|reason| json!({
            "reason": reason.kind, "draws": reason.n, "example": reason.example,
        })).collect::<Vec<_>>(),
        "margin_db": sampled.margin.map(|margin| json!({
            "p5": margin.p5, "p50": margin.p50, "p95": margin.p95,
        })),
    });
    for (key, quantiles) in &sampled.metrics {
        value[*key] = quantiles_json(quantiles);
    }
    value
}
