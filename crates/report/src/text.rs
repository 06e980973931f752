//! What a person reads.

use std::fmt::Write as _;

use anstyle::{AnsiColor, Style};
use comfy_table::{CellAlignment, ContentArrangement, Table, presets};
use link::fec::FecCode;
use system::System;
use twin::{Boundary, Figures, Quantiles, Sampled, SteadyState};
use units::Watts;

use crate::cost::write_cost;
use crate::sampled::{band, margin_band, write_sampled};
use crate::temperatures::write_temperatures;
use crate::words::{counted, decimal, grouped, watts};

const HEAD: Style = Style::new().bold();
const GOOD: Style = AnsiColor::Green.on_default();
const BAD: Style = AnsiColor::Red.on_default().bold();
const WARN: Style = AnsiColor::Yellow.on_default();

/// A table without frame; the columns named in `right` are aligned to the right.
pub(crate) fn table(
    header: &[&str],
    right: &[usize],
    rows: impl IntoIterator<Item = Vec<String>>,
) -> String {
    let mut table = Table::new();
    table
        .load_preset(presets::NOTHING)
        .set_content_arrangement(ContentArrangement::Disabled);
    if !header.is_empty() {
        table.set_header(header);
    }
    table.add_rows(rows);
    for column in right {
        if let Some(column) = table.column_mut(*column) {
            column.set_cell_alignment(CellAlignment::Right);
        }
    }
    let text: Vec<String> = table
        .lines()
        .map(|line| format!(" {}", line.trim_end()))
        .collect();
    text.join("\n")
}

/// A kind of part as people write it.
pub(crate) fn part_name(part: &str) -> String {
    match part {
        "fau" | "asic" => part.to_uppercase(),
        other => other.replace('_', " "),
    }
}

/// A heading.
pub(crate) fn heading(text: &str) -> String {
    format!("{HEAD}{text}{HEAD:#}")
}

/// The report of a run.
pub fn run_text(
    system: &System,
    state: &SteadyState,
    figures: &Figures,
    sampled: Option<&Sampled>,
) -> String {
    let mut text = String::new();
    // Writing to a String does not fail.
    let _ = write_run(&mut text, system, state, figures, sampled);
    text
}

fn write_run(
    out: &mut String,
    system: &System,
    state: &SteadyState,
    figures: &Figures,
    sampled: Option<&Sampled>,
) -> std::fmt::Result {
    write_head(out, figures)?;
    let worst = figures.link.as_ref().and_then(|link| link.worst.as_ref());
    let worst = worst.map(|point| state.lanes.design_of[point.lane.index()]);
    let mut shown = shown(&state.lanes);
    // Where a lane was drawn, it stands for its kind.
    if let Some(lane) = sampled.and_then(|sampled| sampled.lane) {
        let drawn = state.lanes.design_of[lane.index()];
        let kinds = &state.lanes.kind_of;
        for idx in &mut shown {
            if kinds[*idx] == kinds[drawn] {
                *idx = drawn;
            }
        }
    }
    let mut others = Vec::new();
    for (idx, design) in state.lanes.designs.iter().enumerate() {
        let members: Vec<usize> = (0..state.lanes.design_of.len())
            .filter(|l| state.lanes.design_of[*l] == idx)
            .collect();
        let Some(first) = members.first() else {
            continue;
        };
        // The bands belong to one lane, the nominally worst.
        let drawn = sampled.filter(|sampled| {
            sampled
                .lane
                .is_some_and(|lane| state.lanes.design_of[lane.index()] == idx)
        });
        // Many wavelengths differ little: the worst stands for them.
        let is_one_of_many = shown.len() > MOST_WATERFALLS;
        let is_shown = if is_one_of_many {
            worst.is_none_or(|worst| worst == idx)
        } else {
            shown.contains(&idx)
        };
        if !is_shown && drawn.is_none() {
            // The worst of its kind stands for it.
            if !is_one_of_many {
                continue;
            }
            others.push((members.len(), design));
            continue;
        }
        let of_kind = |lane: &&usize| {
            let kind = &state.lanes.kind_of;
            is_one_of_many && **lane == idx || !is_one_of_many && kind[**lane] == kind[idx]
        };
        let n = state.lanes.design_of.iter().filter(of_kind).count();
        let lanes = counted(n, "lane");
        writeln!(
            out,
            "{}",
            heading(&format!(
                "Light of {lanes} such as {}",
                system.media_lanes[*first].name
            ))
        )?;
        write_planes(out, design, drawn)?;
        write_outcome(out, design)?;
        if let Some(margin) = drawn.and_then(|sampled| sampled.margin) {
            writeln!(
                out,
                " margin of the worst lane, P5 .. P50 .. P95: {} dB",
                margin_band(&margin)
            )?;
        }
        writeln!(out)?;
    }
    write_others(out, &others)?;
    if let Some(sampled) = sampled {
        write_sampled(out, system, sampled)?;
    }
    write_power(out, figures, sampled)?;
    write_temperatures(out, &figures.heat)?;
    write_rest(out, figures)?;
    write_cost(out, figures)?;
    if let Some(sampled) = sampled {
        if sampled.n_dark > 0 {
            writeln!(
                out,
                "{WARN}warning{WARN:#}: {} of {} draws leave lanes dark; ranges of light and power leave them out",
                sampled.n_dark, sampled.n_done
            )?;
        }
        if sampled.n_done < sampled.n_asked {
            writeln!(
                out,
                "{WARN}warning{WARN:#}: stopped after {} of {} draws",
                sampled.n_done, sampled.n_asked
            )?;
        }
    }
    for warning in &figures.warnings {
        writeln!(out, "{WARN}warning{WARN:#}: {warning}")?;
    }
    Ok(())
}

/// The light after each element, with its range where it was drawn.
fn write_planes(
    out: &mut String,
    design: &link::LaneDesign,
    drawn: Option<&Sampled>,
) -> std::fmt::Result {
    let rows = design.planes.0.iter().map(|plane| {
        let found = drawn.and_then(|drawn| {
            let planes = drawn.planes.iter();
            planes.into_iter().find(|p| p.element == plane.element)
        });
        let range = |of: Option<&Quantiles>| of.map_or_else(String::new, |q| band(q, 2));
        let mut row = vec![
            plane.element.name().replace('_', " "),
            decimal(plane.loss.value(), 2),
            decimal(plane.average.value(), 2),
        ];
        let oma = plane
            .oma
            .map_or_else(String::new, |oma| decimal(oma.value(), 2));
        if drawn.is_some() {
            row.push(range(found.map(|found| &found.average_dbm)));
            row.push(oma);
            row.push(range(found.and_then(|found| found.oma_dbm.as_ref())));
        } else {
            row.push(oma);
        }
        row.push(plane.element.tap().unwrap_or("").to_owned());
        row
    });
    let plain = ["after", "loss dB", "mean dBm", "OMA dBm", "tap"];
    let ranges = [
        "after",
        "loss dB",
        "mean dBm",
        "P5 .. P50 .. P95",
        "OMA dBm",
        "P5 .. P50 .. P95",
        "tap",
    ];
    let text = if drawn.is_some() {
        table(&ranges, &[1, 2, 3, 4, 5], rows)
    } else {
        table(&plain, &[1, 2, 3], rows)
    };
    writeln!(out, "{text}")
}

/// More designs than this are summed up in a line but for the worst.
const MOST_WATERFALLS: usize = 4;

/// Of each kind of lanes the design that is worst off: lanes of a kind differ in temperature only.
fn shown(lanes: &link::Lanes) -> Vec<usize> {
    let errors = |idx: usize| {
        let outcome = &lanes.designs[idx].worse().outcome;
        let solution = outcome.as_ref();
        solution.map_or(f64::INFINITY, |s| s.ln_codeword_error_ratio)
    };
    let n_kinds = lanes.kind_of.iter().max().map_or(0, |kind| kind + 1);
    (0..n_kinds)
        .filter_map(|kind| {
            let of_kind = (0..lanes.designs.len()).filter(|idx| lanes.kind_of[*idx] == kind);
            // Of equal ones the first counts.
            let worst_first = of_kind.rev();
            worst_first.max_by(|a, b| errors(*a).total_cmp(&errors(*b)))
        })
        .collect()
}

/// The designs that have no table of their own, each with its number of lanes.
fn write_others(out: &mut String, others: &[(usize, &link::LaneDesign)]) -> std::fmt::Result {
    if others.is_empty() {
        return Ok(());
    }
    let lanes: usize = others.iter().map(|(n, _)| n).sum();
    let margins = others
        .iter()
        .filter_map(|(_, design)| match &design.worse().outcome {
            Ok(solution) if solution.closes() => solution.margin.signed(),
            _ => None,
        });
    let margins: Vec<f64> = margins.map(units::Decibels::value).collect();
    let low = margins.iter().copied().fold(f64::INFINITY, f64::min);
    let high = margins.iter().copied().fold(f64::NEG_INFINITY, f64::max);
    let kinds = others.len();
    let rest = kinds - margins.len();
    write!(
        out,
        " {} of {kinds} other kinds",
        counted(lanes, "further lane")
    )?;
    if !margins.is_empty() {
        write!(out, ", {low:.2} to {high:.2} dB to spare")?;
    }
    if rest > 0 {
        write!(out, "; {rest} of these kinds have none, see the warnings")?;
    }
    writeln!(out, "\n")
}

fn write_head(out: &mut String, figures: &Figures) -> std::fmt::Result {
    let tbps = (figures.bandwidth.value() / 1e10).round() / 100.0;
    writeln!(
        out,
        "{}  {tbps} Tb/s ({}), {}, {}",
        heading(&figures.name),
        figures.architecture,
        counted(figures.ports, "port"),
        counted(figures.lanes, "optical lane"),
    )?;
    let groups: Vec<String> = figures
        .port_groups
        .iter()
        .map(|g| {
            let gbps = (g.rate.value() / 1e9).round();
            format!(
                "{} of {gbps} Gb/s on {}",
                counted(g.count, &format!("{} port", g.medium)),
                counted(g.lanes, "lane")
            )
        })
        .collect();
    writeln!(out, "  {}", groups.join(", "))?;
    let fibres = &figures.fibres;
    writeln!(
        out,
        "  {}, {}, {}\n  {}, {}, {}\n",
        counted(figures.optical_engines, "engine"),
        counted(figures.laser_modules, "laser module"),
        counted(figures.lasers, "laser"),
        counted(fibres.data, "data fibre"),
        counted(fibres.laser, "laser fibre"),
        counted(fibres.ferrules, "ferrule"),
    )
}

fn write_outcome(out: &mut String, design: &link::LaneDesign) -> std::fmt::Result {
    if let Some(modulator) = &design.modulator {
        let heater = modulator.heater.map_or_else(String::new, |heater| {
            format!(
                ", heater {:.1} mW at {:.1} pm/K",
                heater.power.value() * 1e3,
                heater.drift.value() * 1e12
            )
        });
        writeln!(
            out,
            " modulator: extinction {:.2} dB, RLM {:.3}, bandwidth {:.1} GHz{heater}",
            modulator.extinction_ratio.value(),
            modulator.rlm,
            modulator.bandwidth.value() / 1e9,
        )?;
    }
    if let Some(back) = &design.back {
        write_verdict(out, " sent: ", design)?;
        return write_verdict(out, " received: ", back);
    }
    write_verdict(out, " ", design)
}

fn write_verdict(out: &mut String, lead: &str, design: &link::LaneDesign) -> std::fmt::Result {
    match &design.outcome {
        Err(fault) => writeln!(out, "{lead}{BAD}dark{BAD:#}: {fault}"),
        Ok(solution) => {
            let (style, word) = if solution.closes() {
                (GOOD, "closes")
            } else {
                (BAD, "does not close")
            };
            let margin = match solution.margin {
                _ if solution.host_ber >= design.allowed_ber => {
                    "the electrical segments alone use up the code".to_owned()
                }
                link::Margin::Met(by) => format!("{:.2} dB to spare", by.value()),
                link::Margin::MetThroughout => "at any power".to_owned(),
                link::Margin::MustRise(by) => format!("{:.2} dB more light needed", by.value()),
                link::Margin::MustFall(by) => format!("{:.2} dB less light needed", by.value()),
                link::Margin::Unreachable {
                    floor_ber,
                    limiting,
                } => {
                    format!(
                        "no power would do: floor {floor_ber:.1e} from {}",
                        limiting.name()
                    )
                }
            };
            writeln!(
                out,
                "{lead}{style}{word}{style:#}: {margin}\n {}\n limited by {}",
                errors(solution, design),
                solution.limiting.name(),
            )
        }
    }
}

/// The error ratios, with a code before and after it.
fn errors(solution: &link::Solution, design: &link::LaneDesign) -> String {
    let log10 = solution.ln_codeword_error_ratio / std::f64::consts::LN_10;
    let after = small_ratio(log10);
    let allowed = design.allowed_ber;
    match design.fec {
        // Without a code the ratio behind it is that of the bits, and it may be very small.
        FecCode::None => {
            let ratio = match solution.pre_fec_ber() {
                ratio if ratio > 0.0 => format!("{ratio:.1e}"),
                _ => after,
            };
            format!("bit error ratio {ratio} ({allowed:.1e} allowed), no error correction")
        }
        _ => format!(
            "pre-FEC error ratio {:.1e} ({allowed:.1e} allowed), codeword error ratio {after}",
            solution.pre_fec_ber(),
        ),
    }
}

/// A ratio by its decimal logarithm, because it may be below the smallest number.
fn small_ratio(log10: f64) -> String {
    if log10 > -3.0 {
        format!("{:.3}", 10f64.powf(log10))
    } else {
        format!("1e{log10:.0}")
    }
}

fn write_power(out: &mut String, figures: &Figures, sampled: Option<&Sampled>) -> std::fmt::Result {
    let Some(power) = &figures.power else {
        return Ok(());
    };
    let port = &power.port;
    let title = format!(
        "Power of one port of {} Gb/s",
        (power.port_rate.value() / 1e9).round()
    );
    writeln!(out, "{}", heading(&title))?;
    let interval = |key: &str, digits: usize| {
        let quantiles = sampled.and_then(|sampled| sampled.metric(&format!("{key}_w")));
        quantiles.map_or_else(String::new, |quantiles| band(&quantiles, digits))
    };
    let range = if sampled.is_none() {
        ""
    } else {
        "P5 .. P50 .. P95, W"
    };
    let row = |name: &str, key: &str, value: Watts| {
        vec![
            name.to_owned(),
            watts(value),
            format!("{:.2}", power.per_bit(value).value() * 1e12),
            interval(key, 2),
        ]
    };
    let mut rows = vec![
        row("engine", "engine", port.engine),
        row(
            "engine interface",
            "engine_interface",
            port.engine_interface,
        ),
        row("DSP", "dsp", port.dsp),
        row("tuning", "tuning", port.tuning),
        row("laser", "laser", port.laser),
        row("conversion", "optics_conversion", port.optics_conversion),
        row("= module", "module", port.module()),
        row("SerDes of the ASIC", "serdes", port.serdes),
        row("conversion", "serdes_conversion", port.serdes_conversion),
        row("= port with SerDes", "port", port.port()),
    ];
    rows.retain(|row| row[1] != "0.00" || row[0].starts_with('='));
    writeln!(
        out,
        "{}",
        table(&["", "W", "pJ/bit", range], &[1, 2, 3], rows)
    )?;
    writeln!(
        out,
        " module = {}\n\n{}",
        Boundary::Module.text(),
        heading(if figures.has_chassis {
            "Power of the switch"
        } else {
            "Power of the package"
        })
    )?;
    let whole = if figures.has_chassis {
        "= switch"
    } else {
        "= package"
    };
    let mut rows = vec![
        ("optics, module boundary", power.optics, "optics"),
        ("SerDes", power.serdes, ""),
        ("ASIC without SerDes", power.asic, "asic"),
        ("cooling and board", power.overhead, "overhead"),
        ("supply loss", power.supply_loss, "supply_loss"),
        (whole, power.switch, "switch"),
    ];
    if figures.has_chassis {
        rows.push(("= facility (times PUE)", power.facility, "facility"));
    }
    let rows = rows.into_iter().map(|(name, value, key)| {
        vec![name.to_owned(), decimal(value.value(), 1), interval(key, 0)]
    });
    writeln!(out, "{}\n", table(&["", "W", range], &[1, 2], rows))
}

fn write_rest(out: &mut String, figures: &Figures) -> std::fmt::Result {
    writeln!(out, "{}", heading("Latency, density, reliability"))?;
    if let Some(latency) = &figures.latency {
        let ns = |time: units::Seconds| decimal(time.value() * 1e9, 1);
        let mut terms = vec![
            ("SerDes", latency.serdes),
            ("DSP", latency.dsp),
            ("fibre", latency.fibre),
            ("FEC fill", latency.fec_fill),
            ("FEC decode", latency.fec_decode),
        ];
        terms.retain(|(_, time)| *time > units::Seconds::new(0.0));
        let terms: Vec<String> = terms
            .into_iter()
            .map(|(name, time)| format!("{name} {}", ns(time)))
            .collect();
        writeln!(
            out,
            " latency one way {} ns: {}",
            ns(latency.total()),
            terms.join(", ")
        )?;
    }
    let shoreline = figures.density.shoreline.map_or_else(
        || "no engine at the package edge".to_owned(),
        |d| format!("{:.3} Tb/s per mm of package edge", d.value() / 1e15),
    );
    let areal = figures.density.areal.map_or_else(String::new, |d| {
        format!(", {:.3} Tb/s per mm2 of engine", d.value() / 1e18)
    });
    let faceplate = figures.density.per_rack_unit.map_or_else(String::new, |d| {
        format!(", {:.1} Tb/s per rack unit", d.value() / 1e12)
    });
    writeln!(out, " {shoreline}{areal}{faceplate}")?;
    writeln!(
        out,
        " {} FIT, {} link failures per year; one failure of each part takes:",
        decimal(figures.reliability.total.to_fit(), 0),
        decimal(figures.reliability.link_failures_per_year, 2)
    )?;
    let rows = figures
        .reliability
        .parts
        .iter()
        .filter(|part| part.count > 0)
        .map(|part| {
            vec![
                part_name(part.part),
                grouped(part.count),
                decimal(part.failures_per_year, 3),
                grouped(part.radius.ports_down.len()),
                grouped(part.radius.ports_degraded.len()),
                grouped(part.radius.ports_in_repair.len()),
            ]
        });
    writeln!(
        out,
        "{}\n",
        table(
            &[
                "part",
                "count",
                "failures/year",
                "ports down",
                "ports degraded",
                "ports in repair"
            ],
            &[1, 2, 3, 4, 5],
            rows
        )
    )
}
