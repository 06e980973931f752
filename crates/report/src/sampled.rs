//! What draws from the spreads gave, as text and as machine output.

use std::fmt::Write as _;

use serde_json::{Value, json};
use system::System;
use twin::{Effect, FirstOrder, Influence, MarginQuantiles, Quantiles, Sampled, Share};
use units::format_digits;

use crate::text::{heading, table};
use crate::words::{counted, decimal, grouped};

/// Influences in the text; machine output has all of them.
const N_INFLUENCES: usize = 8;
/// Shares of a variance below this are not worth a line.
const LEAST_SHARE: f64 = 0.01;
/// Standard deviations of chance that a share has to stand out by, among a hundred values.
const STANDS_OUT: f64 = 4.0;
/// Significant digits of values.
const DIGITS: usize = 3;

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
    // What is not whole is not rounded to it, and a lower bound is not rounded up.
    let down = |x: f64| format!("{:.2}", (x * 1e4).floor() / 100.0);
    let near = |x: f64| {
        let text = format!("{:.2}", x * 100.0);
        if x < 1.0 && text == "100.00" {
            down(x)
        } else {
            text
        }
    };
    format!("{} % ({} .. {})", near(value), down(low), near(high))
}

/// How often links close, and which spreads matter.
pub(crate) fn write_sampled(
    out: &mut String,
    system: &System,
    sampled: &Sampled,
) -> std::fmt::Result {
    let draws = |n: u64| grouped(usize::try_from(n).unwrap_or(usize::MAX));
    write_yields(out, system, sampled)?;
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
        .filter(|influence| stands_out(influence.closing))
        .filter_map(|influence| Some((influence, influence.closing?.value)))
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

fn stands_out(index: Option<FirstOrder>) -> bool {
    index.is_some_and(|index| index.value >= LEAST_SHARE.max(STANDS_OUT * index.chance))
}

fn share(effect: &Effect) -> f64 {
    effect.first_order.map_or(0.0, |index| index.value)
}

fn write_yields(out: &mut String, system: &System, sampled: &Sampled) -> std::fmt::Result {
    let yields = &sampled.yields;
    let (Some(lane), Some(port)) = (yields.worst_lane(), yields.worst_port()) else {
        return Ok(());
    };
    writeln!(
        out,
        "{}",
        heading(&format!(
            "Yield of links, {}, intervals of {:.0} % confidence",
            counted(
                usize::try_from(sampled.n_done).unwrap_or(usize::MAX),
                "draw"
            ),
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
        .filter(|influence| stands_out(effect(influence).first_order))
        .take(N_INFLUENCES)
        .collect();
    if strong.is_empty() {
        return Ok(());
    }
    writeln!(out, "{}", heading(title))?;
    let shown: f64 = strong
        .iter()
        .map(|influence| share(effect(influence)))
        .sum();
    let mut rows: Vec<Vec<String>> = Vec::new();
    rows.extend(strong.iter().map(|influence| {
        let effect = effect(influence);
        let at = |x: Option<f64>| x.map_or_else(|| "none".to_owned(), |x| decimal(x, 2));
        let dimension = influence.value.dimension;
        let print = |si: f64| format_digits(dimension, si, DIGITS);
        vec![
            influence.value.name(),
            format!("{:.1}", share(effect) * 100.0),
            print(influence.p5),
            print(influence.p95),
            at(effect.at_p5),
            at(effect.at_p95),
        ]
    }));
    // What is left belongs to weaker values, to values that act together, and to chance.
    let mut rest = vec![String::new(); 6];
    "all others, and together".clone_into(&mut rest[0]);
    rest[1] = format!("{:.1}", (1.0 - shown).max(0.0) * 100.0);
    rows.push(rest);
    let header = [
        "value",
        "% of variance",
        "P5",
        "P95",
        &format!("{result} at P5"),
        "at P95",
    ];
    writeln!(out, "{}", table(&header, &[1, 2, 3, 4, 5], rows))?;
    writeln!(out)
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
        "p5_text": format_digits(influence.value.dimension, influence.p5, DIGITS),
        "p95_text": format_digits(influence.value.dimension, influence.p95, DIGITS),
        "margin_db": effect(&influence.margin_db),
        "module_w": effect(&influence.module_w),
        "closing": influence.closing.as_ref().map(first_order_json),
    })
}

fn first_order_json(index: &FirstOrder) -> Value {
    json!({
        "share": index.value, "standard_error": index.standard_error, "chance": index.chance,
    })
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_whole_is_a_hundred_per_cent() {
        assert_eq!(percent(1.0, 0.999_996, 1.0), "100.00 % (99.99 .. 100.00)");
        assert_eq!(
            percent(0.999_99, 0.98, 0.999_999),
            "99.99 % (98.00 .. 99.99)"
        );
        assert_eq!(percent(0.5, 0.25, 0.75), "50.00 % (25.00 .. 75.00)");
        assert_eq!(percent(0.0, 0.0, 0.001), "0.00 % (0.00 .. 0.10)");
    }
}
