//! Systems side by side.

use std::fmt::Write as _;

use serde_json::{Value, json};
use system::parts::{Code, Engine};
use system::{BlastRadius, RepairUnit, System};
use twin::{Figures, PartBlast};

use crate::cost::{COMPARISON, cost_differences, cost_differences_json};
use crate::json::figures_json;
use crate::text::{heading, table};
use crate::words::{decimal, grouped, watts};

/// One system with its figures.
type Solved<'a> = (&'a System, &'a Figures);

/// A line of the comparison.
enum Line {
    /// The name of the lines below it.
    Head(&'static str),
    /// A name, its boundary or unit, and how to print it.
    Row(&'static str, &'static str, fn(Solved<'_>) -> String),
}

use Line::{Head, Row};

const LINES: &[Line] = &[
    Head("Architecture"),
    Row("family", "", |(_, f)| f.architecture.to_string()),
    Row("optics", "place", |(s, _)| {
        alike(s, |engine| engine.integration.word())
    }),
    Row("electrical side", "", |(s, _)| {
        alike(s, |engine| engine.electrical.word())
    }),
    Row("code", "of the links", |(s, _)| match &s.description.fec {
        Code::Fec(fec) => format!("RS({},{})", fec.n, fec.k),
        Code::Uncoded(_) => "none".into(),
    }),
    Row("bandwidth", "Tb/s, one way", |(_, f)| {
        format!("{:.1}", f.bandwidth.value() / 1e12)
    }),
    Row("ports", "", |(_, f)| grouped(f.ports)),
    Row("lanes", "count x Gb/s", |(_, f)| {
        let rate = f
            .lane_rate
            .map_or_else(|| "mixed".into(), |r| format!("{:.0}", r.value() / 1e9));
        format!("{} x {rate}", grouped(f.lanes))
    }),
    Row("wavelengths", "per fibre", |(_, f)| {
        f.wavelengths
            .map_or_else(|| "mixed".into(), |n| n.to_string())
    }),
    Row("engines or modules", "", |(_, f)| {
        grouped(f.optical_engines)
    }),
    Row("lasers", "", |(_, f)| grouped(f.lasers)),
    Row("rings", "", |(_, f)| grouped(f.rings)),
    Row("fibres", "data + laser", |(_, f)| {
        format!("{} + {}", grouped(f.fibres.data), grouped(f.fibres.laser))
    }),
    Head("Power"),
    Row("energy", "pJ/bit, module", |(_, f)| {
        per_bit(f, |p| p.port.module())
    }),
    Row("energy", "pJ/bit, port", |(_, f)| {
        per_bit(f, |p| p.port.port())
    }),
    Row("per 800 Gb/s", "W, module", |(_, f)| {
        per_800(f, |p| p.port.module())
    }),
    Row("per 800 Gb/s", "W, port", |(_, f)| {
        per_800(f, |p| p.port.port())
    }),
    Row("per 800 Gb/s", "W, box", |(_, f)| {
        boxed(f, |p| {
            format!("{:.2}", p.switch.value() / (f.bandwidth.value() / 800e9))
        })
    }),
    Row("all optics", "W, module", |(_, f)| {
        f.power.as_ref().map_or_else(none, |p| watts(p.optics))
    }),
    Row("switch", "W, box", |(_, f)| boxed(f, |p| watts(p.switch))),
    Row("switch", "W, facility", |(_, f)| {
        boxed(f, |p| watts(p.facility))
    }),
    Head("Latency"),
    Row("link, no fibre", "ns, ASIC to ASIC", |(_, f)| {
        f.latency
            .map_or_else(none, |l| decimal((l.total() - l.fibre).value() * 1e9, 0))
    }),
    Row("link", "ns, ASIC to ASIC", |(_, f)| {
        f.latency
            .map_or_else(none, |l| decimal(l.total().value() * 1e9, 0))
    }),
    Head("Density"),
    Row("shoreline", "Tb/s per mm, package", |(_, f)| {
        f.density
            .shoreline
            .map_or_else(none, |d| format!("{:.3}", d.value() / 1e15))
    }),
    Row("area", "Tb/s per mm2, engine", |(_, f)| {
        f.density
            .areal
            .map_or_else(none, |d| format!("{:.3}", d.value() / 1e18))
    }),
    Row("faceplate", "Tb/s per rack unit", |(_, f)| {
        f.density
            .per_rack_unit
            .map_or_else(none, |d| format!("{:.1}", d.value() / 1e12))
    }),
    Head("Reach"),
    Row("length of a link", "m", |(_, f)| {
        f.reach.map_or_else(none, |m| decimal(m.value(), 0))
    }),
    Row("nominal margin there", "dB, worst lane", |(_, f)| {
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
    Row("error ratio there", "worst, uncorrected", |(_, f)| {
        worst(f, |p| format!("{:.1e}", p.pre_fec_ber))
    }),
    Head("Service: an engine fails"),
    Row("lost", "lanes", |(_, f)| {
        blast(f, "engine", |part| grouped(part.radius.lanes_lost))
    }),
    Row("lost", "ports, + degraded", |(_, f)| {
        blast(f, "engine", |part| ports_lost(&part.radius))
    }),
    Row("replaced", "unit", |(s, _)| {
        unit(s, s.description.repair.engine)
    }),
    Row("out of service", "ports, in repair", |(_, f)| {
        blast(f, "engine", |p| p.radius.ports_in_repair.len().to_string())
    }),
    Row("time to repair", "h", |(s, _)| {
        hours(s, s.description.repair.engine)
    }),
    Head("Service: a laser fails"),
    Row("lost", "ports, + degraded", |(_, f)| {
        blast(f, "laser", |part| ports_lost(&part.radius))
    }),
    Row("replaced", "unit", |(s, _)| unit(s, laser_unit(s))),
    Row("out of service", "ports, in repair", |(_, f)| {
        blast(f, "laser", |p| p.radius.ports_in_repair.len().to_string())
    }),
    Row("link failures", "per year", |(_, f)| {
        decimal(f.reliability.link_failures_per_year, 2)
    }),
];

/// What the lines do not say.
const NOT_COMPUTED: &str = " module = engine, its interface, DSP, tuning, lasers, regulators; port = module and SerDes of the ASIC\n degraded = some of its lanes lost; an Ethernet port that is not broken out stands still then\n Not computed: ecosystem and main use, which do not follow from a description.\n";

/// A word of all engines, when they agree.
fn alike(system: &System, of: fn(&Engine) -> &'static str) -> String {
    let mut words = system
        .description
        .engine
        .iter()
        .map(|group| of(&group.value));
    let first = words.next();
    match first {
        Some(word) if words.all(|other| other == word) => word.to_owned(),
        Some(_) => "mixed".to_owned(),
        None => none(),
    }
}

/// A power of the box; none of a package, which is no box.
fn boxed(figures: &Figures, of: impl Fn(&twin::PowerFigures) -> String) -> String {
    let power = figures.power.as_ref().filter(|_| figures.has_chassis);
    power.map_or_else(none, of)
}

fn blast(figures: &Figures, part: &str, of: fn(&PartBlast) -> String) -> String {
    let parts = figures.reliability.parts.iter();
    let mut found = parts.filter(|blast| blast.part == part && blast.count > 0);
    found.next().map_or_else(none, of)
}

fn ports_lost(radius: &BlastRadius) -> String {
    format!(
        "{} + {}",
        radius.ports_down.len(),
        radius.ports_degraded.len()
    )
}

/// What is replaced when a laser fails: its module, or what the engine that holds it is replaced
/// with.
fn laser_unit(system: &System) -> RepairUnit {
    let repair = &system.description.repair;
    if system.laser_modules.is_empty() {
        repair.engine
    } else {
        repair.laser_module
    }
}

fn unit(system: &System, unit: RepairUnit) -> String {
    match unit {
        RepairUnit::Switch if system.description.rack_units.is_none() => "package".into(),
        unit => unit.word().into(),
    }
}

fn hours(system: &System, unit: RepairUnit) -> String {
    let repair = &system.description.repair;
    let time = match unit {
        RepairUnit::Part => &repair.part_time,
        RepairUnit::Subassembly => repair
            .subassembly_time
            .as_ref()
            .unwrap_or(&repair.part_time),
        RepairUnit::Switch => &repair.switch_time,
    };
    decimal(time.value.value() / 3600.0, 1)
}

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

/// Every line of the comparison: a heading alone, or a name, its boundary and a cell for each
/// system.
pub(crate) fn cells(systems: &[Solved<'_>]) -> Vec<Vec<String>> {
    let line = |line: &Line| match line {
        Head(title) => vec![(*title).to_owned()],
        Row(name, boundary, of) => {
            let head = [(*name).to_owned(), (*boundary).to_owned()];
            head.into_iter()
                .chain(systems.iter().map(|solved| of(*solved)))
                .collect()
        }
    };
    LINES.iter().map(line).collect()
}

/// The comparison as a table, every row with its boundary.
pub fn compare_text(systems: &[(&System, &Figures)]) -> String {
    let names: Vec<&str> = ["", "boundary"]
        .into_iter()
        .chain(systems.iter().map(|(_, f)| f.name.as_str()))
        .collect();
    let right: Vec<usize> = (2..names.len()).collect();
    let rows = cells(systems).into_iter().map(|mut row| {
        // What stands under a heading is set in.
        if row.len() > 1 {
            row[0].insert_str(0, "  ");
        }
        row
    });
    let mut text = format!(
        "{}\n{}\n\n{NOT_COMPUTED}",
        heading("Comparison"),
        table(&names, &right, rows)
    );
    text.push_str(&costs(systems));
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

/// Cost and package yield: a name, its boundary and a cell for each system.
pub(crate) fn cost_cells(systems: &[Solved<'_>]) -> Vec<Vec<String>> {
    let row = |(name, boundary, of): &(&str, &str, fn(&Figures) -> String)| {
        let head = [(*name).to_owned(), (*boundary).to_owned()];
        head.into_iter()
            .chain(systems.iter().map(|(_, figures)| of(figures)))
            .collect()
    };
    COMPARISON.iter().map(row).collect()
}

/// Cost and package yield, a line for each system: ranges of prices are wide.
fn costs(systems: &[Solved<'_>]) -> String {
    let header: Vec<String> = std::iter::once(String::new())
        .chain(
            COMPARISON
                .iter()
                .map(|(name, boundary, _)| format!("{name}\n{boundary}")),
        )
        .collect();
    let header: Vec<&str> = header.iter().map(String::as_str).collect();
    let right: Vec<usize> = (1..header.len()).collect();
    let marked = |cell: String| cell.replace(", incomplete", "+").replace(" assumed", "*");
    let rows = systems.iter().map(|(_, figures)| {
        let cells = COMPARISON.iter().map(|(_, _, of)| marked(of(figures)));
        std::iter::once(figures.name.clone()).chain(cells).collect()
    });
    format!(
        "\n{}\n{}\n * assumed: rests on a price or yield without a source; + incomplete: a price is missing\n",
        heading("Cost and package yield"),
        table(&header, &right, rows)
    )
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
            let of_box = |text: String| {
                let both = figures.has_chassis && first.has_chassis;
                if both { text } else { none() }
            };
            Some(vec![
                figures.name.clone(),
                saving(
                    bit(power, power.port.module()),
                    bit(base, base.port.module()),
                ),
                saving(bit(power, power.port.port()), bit(base, base.port.port())),
                of_box(saving(per(figures, power.switch), per(first, base.switch))),
                of_box(saving(
                    per(figures, power.facility),
                    per(first, base.facility),
                )),
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
