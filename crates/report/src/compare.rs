//! Systems side by side.

use std::fmt::Write as _;

use serde_json::{Value, json};
use system::System;
use twin::Figures;

use crate::cost::{COMPARISON, cost_differences, cost_differences_json};
use crate::json::figures_json;
use crate::text::{heading, table};
use crate::words::{decimal, grouped, watts};

/// A row of the comparison: its name, its boundary or unit, and how to print it.
type Row = (&'static str, &'static str, fn(&Figures) -> String);

const ROWS: &[Row] = &[
    ("architecture", "", |f| f.architecture.to_string()),
    ("bandwidth", "Tb/s", |f| {
        format!("{:.1}", f.bandwidth.value() / 1e12)
    }),
    ("ports", "", |f| grouped(f.ports)),
    ("lane rate", "Gb/s", |f| {
        f.lane_rate
            .map_or_else(|| "mixed".into(), |r| format!("{:.0}", r.value() / 1e9))
    }),
    ("engines or modules", "", |f| grouped(f.optical_engines)),
    ("lasers", "", |f| grouped(f.lasers)),
    ("fibres", "data + laser", |f| {
        format!("{} + {}", grouped(f.fibres.data), grouped(f.fibres.laser))
    }),
    ("energy", "pJ/bit, module", |f| {
        per_bit(f, |p| p.port.module())
    }),
    ("energy", "pJ/bit, port with SerDes", |f| {
        per_bit(f, |p| p.port.port())
    }),
    ("power per 800 Gb/s", "W, module", |f| {
        per_800(f, |p| p.port.module())
    }),
    ("power per 800 Gb/s", "W, port with SerDes", |f| {
        per_800(f, |p| p.port.port())
    }),
    ("optics", "W, all ports, module", |f| {
        f.power.as_ref().map_or_else(none, |p| watts(p.optics))
    }),
    ("switch", "W, box", |f| {
        f.power.as_ref().map_or_else(none, |p| watts(p.switch))
    }),
    ("switch", "W, facility", |f| {
        f.power.as_ref().map_or_else(none, |p| watts(p.facility))
    }),
    ("box power", "W per 800 Gb/s of ports", |f| {
        f.power.as_ref().map_or_else(none, |p| {
            format!("{:.2}", p.switch.value() / (f.bandwidth.value() / 800e9))
        })
    }),
    ("latency", "ns, ASIC to ASIC", |f| {
        f.latency
            .map_or_else(none, |l| decimal(l.total().value() * 1e9, 0))
    }),
    ("latency without fibre", "ns", |f| {
        f.latency
            .map_or_else(none, |l| decimal((l.total() - l.fibre).value() * 1e9, 0))
    }),
    ("shoreline", "Tb/s per mm of package edge", |f| {
        f.density
            .shoreline
            .map_or_else(none, |d| format!("{:.3}", d.value() / 1e15))
    }),
    ("faceplate", "Tb/s per rack unit", |f| {
        f.density
            .per_rack_unit
            .map_or_else(none, |d| format!("{:.1}", d.value() / 1e12))
    }),
    ("worst margin", "dB, lane", |f| {
        if f.link.as_ref().is_some_and(|link| link.n_dark > 0) {
            return "dark".into();
        }
        worst(f, |p| match p.margin {
            link::Margin::MetThroughout => "any power".into(),
            margin => margin
                .signed()
                .map_or_else(|| "unreachable".into(), |m| format!("{:.2}", m.value())),
        })
    }),
    ("worst pre-FEC error ratio", "lane", |f| {
        worst(f, |p| format!("{:.1e}", p.pre_fec_ber))
    }),
    ("link failures", "per year", |f| {
        decimal(f.reliability.link_failures_per_year, 2)
    }),
    ("engine failure", "ports down + degraded", |f| {
        f.reliability.engine().map_or_else(none, |p| {
            format!(
                "{} + {}",
                p.radius.ports_down.len(),
                p.radius.ports_degraded.len()
            )
        })
    }),
    ("engine repair", "ports out of service", |f| {
        f.reliability
            .engine()
            .map_or_else(none, |p| p.radius.ports_in_repair.len().to_string())
    }),
];

fn none() -> String {
    "-".into()
}

fn per_bit(figures: &Figures, of: fn(&twin::PowerFigures) -> units::Watts) -> String {
    figures
        .power
        .as_ref()
        .map_or_else(none, |p| format!("{:.2}", p.per_bit(of(p)).value() * 1e12))
}

fn per_800(figures: &Figures, of: fn(&twin::PowerFigures) -> units::Watts) -> String {
    figures.power.as_ref().map_or_else(none, |p| {
        format!("{:.2}", of(p).value() * 800e9 / p.port_rate.value())
    })
}

fn worst(figures: &Figures, of: fn(&twin::LinkPoint) -> String) -> String {
    figures
        .link
        .as_ref()
        .and_then(|link| link.worst.as_ref())
        .map_or_else(none, of)
}

/// The comparison as a table, every row with its boundary.
pub fn compare_text(systems: &[(&System, &Figures)]) -> String {
    let names: Vec<&str> = ["", "boundary"]
        .into_iter()
        .chain(systems.iter().map(|(_, f)| f.name.as_str()))
        .collect();
    let right: Vec<usize> = (2..names.len()).collect();
    let rows = ROWS.iter().chain(COMPARISON).map(|(name, boundary, of)| {
        let mut row = vec![(*name).to_owned(), (*boundary).to_owned()];
        row.extend(systems.iter().map(|(_, figures)| of(figures)));
        row
    });
    let mut text = format!(
        "{}\n{}\n",
        heading("Comparison"),
        table(&names, &right, rows)
    );
    if let Some(savings) = savings(systems) {
        text.push_str(&savings);
    }
    if let Some(differences) = cost_differences(systems) {
        text.push_str(&differences);
    }
    for (_, figures) in systems {
        for warning in &figures.warnings {
            // Writing to a String does not fail.
            let _ = writeln!(text, "{}: warning: {warning}", figures.name);
        }
    }
    text
}

/// Every row of the comparison: its name, its boundary, and a cell for each system.
pub(crate) fn cells(systems: &[&Figures]) -> Vec<Vec<String>> {
    let row = |(name, boundary, of): &Row| {
        let head = [(*name).to_owned(), (*boundary).to_owned()];
        let cells = systems.iter().map(|figures| of(figures));
        head.into_iter().chain(cells).collect()
    };
    ROWS.iter().chain(COMPARISON).map(row).collect()
}

/// Power against the first system, at each boundary, for equal bandwidth.
fn savings(systems: &[(&System, &Figures)]) -> Option<String> {
    let (_, first) = systems.first()?;
    let base = first.power.as_ref()?;
    let rows: Vec<Vec<String>> = systems[1..]
        .iter()
        .filter_map(|(_, figures)| {
            let power = figures.power.as_ref()?;
            let saving = |now: f64, before: f64| format!("{:+.0} %", 100.0 * (now / before - 1.0));
            let bit = |p: &twin::PowerFigures, w: units::Watts| p.per_bit(w).value();
            let per = |f: &Figures, w: units::Watts| w.value() / f.bandwidth.value();
            Some(vec![
                figures.name.clone(),
                saving(
                    bit(power, power.port.module()),
                    bit(base, base.port.module()),
                ),
                saving(bit(power, power.port.port()), bit(base, base.port.port())),
                saving(per(figures, power.switch), per(first, base.switch)),
                saving(per(figures, power.facility), per(first, base.facility)),
            ])
        })
        .collect();
    if rows.is_empty() {
        return None;
    }
    let title = heading(&format!("Power per bit against {}", first.name));
    let header = ["", "module", "port with SerDes", "box", "facility"];
    Some(format!(
        "\n{title}\n{}\n",
        table(&header, &[1, 2, 3, 4], rows)
    ))
}

/// The comparison for programs: the figures of each system in order.
pub fn compare_json(systems: &[(&System, &Figures)]) -> Value {
    json!({
        "systems": systems.iter().map(|(system, figures)| figures_json(system, figures)).collect::<Vec<_>>(),
        "cost_differences": cost_differences_json(systems),
    })
}
