//! The report of one system.

use maud::{Markup, html};
use twin::{Boundary, Sampled};
use units::{Seconds, Watts};

use super::{Making, cost::cost, figure, making, page, provenance::provenance, table, warnings};
use crate::plot::PlotError;
use crate::plot::data::{self, Moved, Solved};
use crate::sampled::band;
use crate::text::part_name;
use crate::words::{counted, decimal, grouped, watts};

/// What the report of one system shows.
#[derive(Debug, Clone, Copy)]
pub struct RunPage<'a> {
    /// The system and what it came to.
    pub solved: Solved<'a>,
    /// How the report was made.
    pub making: Making<'a>,
}

/// The report of one system as an HTML document.
///
/// # Errors
/// The drawing library refuses.
pub fn run_html(run: &RunPage<'_>) -> Result<String, PlotError> {
    let Solved {
        system, figures, ..
    } = run.solved;
    let fingerprint = system.fingerprint.to_string();
    let body = html! {
        h1 { (figures.name) }
        (summary(&run.solved))
        (warnings(&figures.warnings))
        h2 { "Light" }
        (figure(&data::waterfall(&run.solved, None))?)
        @if let Some(sampled) = run.solved.sampled {
            (spreads(&run.solved, sampled)?)
        }
        @if figures.power.is_some() {
            h2 { "Power" }
            (figure(&data::power(&[run.solved]))?)
            (power(&run.solved))
        }
        (latency(&run.solved))
        (density(&run.solved))
        (reliability(&run.solved))
        (cost(figures))
        (making(&run.making, &[(figures.name.as_str(), fingerprint)]))
        (provenance(system, run.making.library))
    };
    Ok(page(&format!("{} – Shoreline", figures.name), &body))
}

/// The figures that people ask for first.
fn summary(solved: &Solved<'_>) -> Markup {
    let figures = solved.figures;
    let card = |name: &str, value: String, unit: &str| {
        html! { div { dt { (name) } dd { (value) small { (unit) } } } }
    };
    let link = figures.link.as_ref();
    let worst = link.and_then(|link| link.worst.as_ref());
    let margin = worst.and_then(|point| point.margin.signed());
    let n_bad = link.map_or(0, |link| link.n_open + link.n_dark);
    html! {
        p.faint {
            (figures.architecture) ", " (decimal(figures.bandwidth.value() / 1e12, 1)) " Tb/s, "
            (counted(figures.ports, "port")) ", " (counted(figures.lanes, "optical lane")) ", "
            (counted(figures.optical_engines, "engine")) ", " (counted(figures.lasers, "laser")) ", "
            (counted(figures.fibres.data, "data fibre")) ", "
            (counted(figures.fibres.laser, "laser fibre"))
        }
        @if link.is_some() {
            @if n_bad == 0 {
                p.good { "Every lane closes." }
            } @else {
                p.bad { (grouped(n_bad)) " of " (counted(figures.lanes, "lane")) " do not close." }
            }
        }
        dl.cards {
            @if let Some(margin) = margin {
                (card("worst margin", decimal(margin.value(), 2).replace('-', "−"), "dB of optical power"))
            }
            @if let Some(power) = &figures.power {
                (card("module", decimal(power.per_bit(power.port.module()).value() * 1e12, 2), "pJ/bit"))
                (card("port with SerDes", decimal(power.per_bit(power.port.port()).value() * 1e12, 2), "pJ/bit"))
                (card("box", watts(power.switch), "W at its inlet"))
            }
            @if let Some(latency) = &figures.latency {
                (card("latency", decimal(latency.total().value() * 1e9, 0), "ns, ASIC to ASIC"))
            }
            @if let Some(density) = figures.density.shoreline {
                (card("shoreline", decimal(density.value() / 1e15, 3), "Tb/s per mm of package edge"))
            }
            (card("link failures", decimal(figures.reliability.link_failures_per_year, 2), "per year"))
        }
    }
}

/// What draws from the spreads gave.
fn spreads(solved: &Solved<'_>, sampled: &Sampled) -> Result<Markup, PlotError> {
    let yields = &sampled.yields;
    let per_cent = |value: f64, low: f64, high: f64| {
        [value, low, high]
            .map(|share| decimal(100.0 * share, 2))
            .to_vec()
    };
    let mut rows = Vec::new();
    if let Some(lane) = yields.worst_lane() {
        let name = &solved.system.media_lanes[lane.lane.index()].name;
        let mut row = vec![format!("a lane such as {name} closes")];
        row.extend(per_cent(
            lane.closes.value,
            lane.closes.low,
            lane.closes.high,
        ));
        rows.push(row);
    }
    if let Some(port) = yields.worst_port() {
        let lanes = counted(port.n_lanes, "lane");
        let (together, apart) = (&port.together, &port.independent);
        let mut row = vec![format!(
            "all {lanes} of a port, varying together (upper bound)"
        )];
        row.extend(per_cent(together.value, together.low, together.high));
        rows.push(row);
        let mut row = vec!["the same, each lane varying by itself (lower bound)".to_owned()];
        row.extend(per_cent(apart.value, apart.low, apart.high));
        rows.push(row);
    }
    let confidence = format!("{} %", decimal(100.0 * twin::CONFIDENCE, 0));
    let header = [
        "yield",
        "%",
        &format!("from ({confidence} confidence)"),
        "to",
    ];
    let interrupted = sampled.n_done < sampled.n_asked;
    Ok(html! {
        h2 { "Margins and yield" }
        @if interrupted {
            p.warning {
                "Interrupted after " (sampled.n_done) " of " (sampled.n_asked) " draws."
            }
        }
        (figure(&data::margin(solved, sampled))?)
        (table(&header, 1, &rows))
        @for reason in &sampled.dark {
            p.faint { (counted(reason.n, "draw")) " dark: " (reason.kind) "; first " (reason.example) }
        }
        h2 { "What matters most" }
        (figure(&data::tornado(solved, sampled, Moved::Margin))?)
        (figure(&data::tornado(solved, sampled, Moved::ModulePower))?)
    })
}

fn power(solved: &Solved<'_>) -> Markup {
    let Some(power) = &solved.figures.power else {
        return html! {};
    };
    let port = &power.port;
    let range = |key: &str| {
        let range = solved.sampled.and_then(|sampled| sampled.metric(key));
        range.map_or_else(String::new, |range| band(&range, 2))
    };
    let row = |name: &str, value: Watts, key: &str| {
        let per_bit = decimal(power.per_bit(value).value() * 1e12, 2);
        vec![name.to_owned(), watts(value), per_bit, range(key)]
    };
    let mut rows = vec![
        row("engine", port.engine, "engine_w"),
        row(
            "engine interface",
            port.engine_interface,
            "engine_interface_w",
        ),
        row("DSP", port.dsp, "dsp_w"),
        row("tuning", port.tuning, "tuning_w"),
        row("laser", port.laser, "laser_w"),
        row("conversion", port.optics_conversion, "optics_conversion_w"),
        row("= module", port.module(), "module_w"),
        row("SerDes of the ASIC", port.serdes, "serdes_w"),
        row(
            "SerDes conversion",
            port.serdes_conversion,
            "serdes_conversion_w",
        ),
        row("= port with SerDes", port.port(), "port_w"),
    ];
    rows.retain(|row| row[1] != "0.00" || row[0].starts_with('='));
    let whole: Vec<Vec<String>> = [
        ("optics, module boundary", power.optics),
        ("SerDes", power.serdes),
        ("ASIC without SerDes", power.asic),
        ("cooling and board", power.overhead),
        ("supply loss", power.supply_loss),
        ("= box", power.switch),
        ("= facility", power.facility),
    ]
    .into_iter()
    .map(|(name, value)| vec![name.to_owned(), decimal(value.value(), 1)])
    .collect();
    let ranges = match solved.sampled {
        Some(_) => "P5 .. P50 .. P95, W",
        None => "",
    };
    let gbps = decimal(power.port_rate.value() / 1e9, 0);
    html! {
        (table(&[&format!("one port of {gbps} Gb/s"), "W", "pJ/bit", ranges], 1, &rows))
        (table(&["the switch", "W"], 1, &whole))
        p.faint {
            "Module: " (Boundary::Module.text()) ". Port: " (Boundary::Port.text()) ". Box: "
            (Boundary::Switch.text()) ". Facility: " (Boundary::Facility.text()) "."
        }
    }
}

fn latency(solved: &Solved<'_>) -> Markup {
    let Some(latency) = &solved.figures.latency else {
        return html! {};
    };
    let rows: Vec<Vec<String>> = [
        ("SerDes", latency.serdes),
        ("DSP", latency.dsp),
        ("fibre", latency.fibre),
        ("FEC fill", latency.fec_fill),
        ("FEC decode", latency.fec_decode),
        ("= total", latency.total()),
    ]
    .into_iter()
    .filter(|(_, time)| *time > Seconds::new(0.0))
    .map(|(name, time)| vec![name.to_owned(), decimal(time.value() * 1e9, 1)])
    .collect();
    html! {
        h2 { "Latency" }
        (table(&["one way, ASIC to ASIC", "ns"], 1, &rows))
    }
}

fn density(solved: &Solved<'_>) -> Markup {
    let figures = solved.figures;
    let shoreline = figures.density.shoreline;
    html! {
        h2 { "Density" }
        p {
            @match shoreline {
                Some(density) => { (decimal(density.value() / 1e15, 3)) " Tb/s per mm of package edge" },
                None => { "No engine at the package edge" },
            }
            @if let Some(density) = figures.density.per_rack_unit {
                "; " (decimal(density.value() / 1e12, 1)) " Tb/s per rack unit"
            }
            "; " (counted(figures.fibres.ferrules, "ferrule")) "."
        }
    }
}

fn reliability(solved: &Solved<'_>) -> Markup {
    let reliability = &solved.figures.reliability;
    let rows: Vec<Vec<String>> = reliability
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
        })
        .collect();
    let header = [
        "loss of the worst",
        "count",
        "failures per year",
        "ports down",
        "ports degraded",
        "ports in repair",
    ];
    html! {
        h2 { "Reliability" }
        p {
            (decimal(reliability.total.to_fit(), 0)) " FIT, "
            (decimal(reliability.link_failures_per_year, 2)) " link failures per year."
        }
        (table(&header, 1, &rows))
    }
}
