//! From figures to what plots show: one function for each kind.

use system::{MediaLaneId, System};
use twin::solve::{Point, Region};
use twin::{Effect, Figures, Influence, Quantiles, Sampled, SteadyState};
use units::{DbMilliwatts, Watts};

use super::{
    Band, Compare, Function, Level, MarginHistogram, Panel, Plot, PowerBar, PowerPlot, RegionAxis,
    RegionCell, RegionPlot, Tornado, TornadoBar, Waterfall, WaterfallPlane,
};
use crate::words::{counted, decimal};

/// A solved system.
#[derive(Debug, Clone, Copy)]
pub struct Solved<'a> {
    /// The system.
    pub system: &'a System,
    /// Its lanes at rest.
    pub state: &'a SteadyState,
    /// Its figures.
    pub figures: &'a Figures,
    /// What draws from its spreads gave, where there are any.
    pub sampled: Option<&'a Sampled>,
}

/// The light along the worst lane, or along the one that is named.
///
/// With draws it is the lane that they followed, and its ranges; otherwise the direction is the
/// one that is worse off.
pub fn waterfall(solved: &Solved<'_>, lane: Option<MediaLaneId>) -> Plot {
    let Solved {
        system,
        state,
        figures,
        sampled,
    } = *solved;
    let followed = sampled.filter(|sampled| {
        let same = |lane: MediaLaneId| Some(lane) == sampled.lane;
        !sampled.planes.is_empty() && lane.is_none_or(same)
    });
    let dark = || (0..system.media_lanes.len()).find(|idx| is_dark(solved, *idx));
    let worst = figures.link.as_ref().and_then(|link| link.worst.as_ref());
    let lane = followed
        .and_then(|sampled| sampled.lane)
        .or(lane)
        .or_else(|| dark().map(MediaLaneId::from_index))
        .or(worst.map(|point| point.lane));
    let Some(lane) = lane else {
        return Plot::Waterfall(Waterfall {
            system: figures.name.clone(),
            lane: "no optical lane".into(),
            planes: Vec::new(),
            sensitivity_dbm: None,
            verdict: "nothing to follow".into(),
        });
    };
    let design = state.lanes.design(lane);
    let design = match followed {
        Some(_) => design,
        None => design.worse(),
    };
    let plane = |(idx, plane): (usize, &link::Plane)| {
        let ranges = followed
            .and_then(|sampled| sampled.planes.get(idx))
            .filter(|ranges| ranges.element == plane.element);
        let level = |nominal: DbMilliwatts, range: Option<Quantiles>| Level {
            nominal_dbm: nominal.value(),
            band_dbm: range.map(|range| band(&range)),
        };
        WaterfallPlane {
            element: plane.element.name().replace('_', " "),
            tap: plane.element.tap().map(str::to_owned),
            loss_db: plane.loss.value(),
            average: level(plane.average, ranges.map(|ranges| ranges.average_dbm)),
            oma: plane
                .oma
                .map(|oma| level(oma, ranges.and_then(|ranges| ranges.oma_dbm))),
        }
    };
    let design_of = &state.lanes.design_of;
    let alike = design_of
        .iter()
        .filter(|design| **design == design_of[lane.index()]);
    let mut verdict = verdict(design);
    if let Some(sampled) = followed {
        verdict.push_str("; ");
        verdict.push_str(&lit(sampled));
    }
    Plot::Waterfall(Waterfall {
        system: figures.name.clone(),
        lane: format!(
            "{}, one of {} alike",
            system.media_lanes[lane.index()].name,
            counted(alike.count(), "lane")
        ),
        planes: design.planes.0.iter().enumerate().map(plane).collect(),
        sensitivity_dbm: sensitivity(design),
        verdict,
    })
}

fn band(range: &Quantiles) -> Band {
    Band {
        p5: range.p5,
        p95: range.p95,
    }
}

/// How many draws the ranges stand for.
fn lit(sampled: &Sampled) -> String {
    let n_lit = sampled.n_done - sampled.n_dark as u64;
    let n_lit = counted(usize::try_from(n_lit).unwrap_or(usize::MAX), "lit draw");
    format!("{n_lit}, seed {}", sampled.seed)
}

/// How many draws there are.
fn drawn(sampled: &Sampled) -> String {
    let n = counted(
        usize::try_from(sampled.n_done).unwrap_or(usize::MAX),
        "draw",
    );
    format!("{n} from the spreads of all parts, seed {}", sampled.seed)
}

fn is_dark(solved: &Solved<'_>, idx: usize) -> bool {
    let lane = MediaLaneId::from_index(idx);
    solved.system.media_lanes[idx].port.is_some()
        && solved.state.lanes.design(lane).worse().outcome.is_err()
}

/// The amplitude at which the code just reaches its target, where there is one.
fn sensitivity(design: &link::LaneDesign) -> Option<f64> {
    let reception = design.reception.as_ref()?;
    match link::sensitivity(reception, design.target_ber).ok()? {
        link::Sensitivity::Reached { oma, .. } => Some(DbMilliwatts::from_watts(oma).value()),
        link::Sensitivity::Unreachable { .. } | link::Sensitivity::OutsideSearch => None,
    }
}

fn verdict(design: &link::LaneDesign) -> String {
    match &design.outcome {
        Err(fault) => format!("dark: {fault}"),
        Ok(solution) => match solution.margin {
            link::Margin::Met(by) => format!("closes with {:.2} dB to spare", by.value()),
            link::Margin::MetThroughout => "closes at any power".into(),
            link::Margin::MustRise(by) => {
                format!("does not close, {:.2} dB more light needed", by.value())
            }
            link::Margin::MustFall(by) => {
                format!("does not close, {:.2} dB less light needed", by.value())
            }
            link::Margin::Unreachable { .. } => "does not close at any power".into(),
        },
    }
}

/// Power by function of systems that have an optical port.
pub fn power(systems: &[Solved<'_>]) -> Plot {
    let bar = |solved: &Solved<'_>| {
        let figures = solved.figures;
        let range = |key: &str| Some(band(&solved.sampled?.metric(key)?));
        let power = figures.power.as_ref()?;
        let pj = |watts: Watts| power.per_bit(watts).value() * 1e12;
        let port = &power.port;
        let term = |function: Function| match function {
            Function::Engine => port.engine,
            Function::EngineInterface => port.engine_interface,
            Function::Dsp => port.dsp,
            Function::Tuning => port.tuning,
            Function::Laser => port.laser,
            Function::OpticsConversion => port.optics_conversion,
            Function::Serdes => port.serdes,
            Function::SerdesConversion => port.serdes_conversion,
        };
        Some(PowerBar {
            system: figures.name.clone(),
            terms_pj_per_bit: Function::ALL.map(|function| pj(term(function))),
            module_band: range("module_pj_per_bit"),
            port_band: range("port_pj_per_bit"),
        })
    };
    let note = match systems {
        [solved] => solved
            .figures
            .power
            .as_ref()
            .map_or_else(String::new, |power| {
                format!(
                    "one port of {} Gb/s: {} W in the module, {} W with the SerDes that drive it",
                    decimal(power.port_rate.value() / 1e9, 0),
                    decimal(power.port.module().value(), 2),
                    decimal(power.port.port().value(), 2),
                )
            }),
        _ => "one port of the first optical group of each system, per bit of data".into(),
    };
    Plot::Power(PowerPlot {
        bars: systems.iter().filter_map(bar).collect(),
        note,
    })
}

/// Systems side by side.
pub fn compare(systems: &[Solved<'_>]) -> Plot {
    let systems: Vec<&Figures> = systems.iter().map(|solved| solved.figures).collect();
    let panel = |title: &str, unit: &str, digits: usize, of: &dyn Fn(&Figures) -> Option<f64>| {
        let values: Vec<Option<f64>> = systems.iter().map(|figures| of(figures)).collect();
        let text = |value: &Option<f64>| {
            value.map_or_else(|| "–".to_owned(), |v| decimal(v, digits).replace('-', "−"))
        };
        Panel {
            title: title.into(),
            unit: unit.into(),
            texts: values.iter().map(text).collect(),
            values,
        }
    };
    let port = |of: fn(&twin::PowerFigures) -> Watts| {
        move |f: &Figures| {
            let power = f.power.as_ref()?;
            Some(power.per_bit(of(power)).value() * 1e12)
        }
    };
    let whole = |of: fn(&twin::PowerFigures) -> Watts| {
        move |f: &Figures| Some(of(f.power.as_ref()?).value() / f.bandwidth.value() * 1e12)
    };
    let mut margin = panel("worst margin", "dB, lane", 2, &|f| {
        let link = f.link.as_ref().filter(|link| link.n_dark == 0)?;
        Some(link.worst.as_ref()?.margin.signed()?.value())
    });
    for (text, figures) in margin.texts.iter_mut().zip(&systems) {
        let Some(link) = &figures.link else { continue };
        let worst = link.worst.as_ref().map(|point| point.margin);
        match worst {
            _ if link.n_dark > 0 => "dark".clone_into(text),
            Some(link::Margin::MetThroughout) => "any power".clone_into(text),
            Some(link::Margin::Unreachable { .. }) => "none".clone_into(text),
            _ => {}
        }
    }
    Plot::Compare(Compare {
        systems: systems.iter().map(|figures| figures.name.clone()).collect(),
        energies: vec![
            panel("module", "pJ/bit", 2, &port(|p| p.port.module())),
            panel("port", "pJ/bit, with SerDes", 2, &port(|p| p.port.port())),
            panel("box", "pJ/bit, all ports", 1, &whole(|p| p.switch)),
            panel("facility", "pJ/bit, all ports", 1, &whole(|p| p.facility)),
        ],
        others: vec![
            panel("latency", "ns, ASIC to ASIC", 0, &|f| {
                f.latency.map(|latency| latency.total().value() * 1e9)
            }),
            panel("shoreline", "Tb/s per mm of edge", 2, &|f| {
                f.density.shoreline.map(|density| density.value() / 1e15)
            }),
            panel("faceplate", "Tb/s per rack unit", 1, &|f| {
                f.density
                    .per_rack_unit
                    .map(|density| density.value() / 1e12)
            }),
            margin,
        ],
    })
}

/// How often each margin of the worst lane occurs among draws.
pub fn margin(solved: &Solved<'_>, sampled: &Sampled) -> Plot {
    let nominal = || {
        let link = solved.figures.link.as_ref()?;
        let link = Some(link).filter(|link| link.n_dark == 0)?;
        Some(link.worst.as_ref()?.margin.signed()?.value())
    };
    let percentiles = sampled.margin.unwrap_or_default();
    Plot::Margin(MarginHistogram {
        system: solved.figures.name.clone(),
        note: format!("worst lane of each of {}", drawn(sampled)),
        margins_db: sampled.margins_db.clone(),
        n_dark: sampled.n_dark,
        n_unreachable: sampled.n_unreachable,
        n_at_any_power: sampled.n_met_throughout,
        percentiles_db: [percentiles.p5, percentiles.p50, percentiles.p95],
        nominal_db: nominal(),
    })
}

/// The figure that a tornado is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Moved {
    /// The margin of the worst lane.
    Margin,
    /// The power of one port at the module boundary.
    ModulePower,
}

/// Bars of a tornado; weaker influences are left out.
const N_BARS: usize = 12;

/// What moves a figure most: the figure with one value low and high and all others nominal.
pub fn tornado(solved: &Solved<'_>, sampled: &Sampled, moved: Moved) -> Plot {
    let effect = |influence: &Influence| -> Effect {
        match moved {
            Moved::Margin => influence.margin_db,
            Moved::ModulePower => influence.module_w,
        }
    };
    let worst = || {
        let link = solved.figures.link.as_ref()?;
        Some(link.worst.as_ref()?.margin.signed()?.value())
    };
    let (figure, unit, centre) = match moved {
        Moved::Margin => ("the worst margin", "dB", worst()),
        Moved::ModulePower => {
            let power = solved.figures.power.as_ref();
            let module = power.map(|power| power.port.module().value());
            ("the power of a module", "W", module)
        }
    };
    let mut strongest: Vec<&Influence> = sampled
        .influences
        .iter()
        .filter(|influence| {
            let effect = effect(influence);
            // What moves the figure by a billionth is rounding.
            let least = 1e-9 * centre.unwrap_or(1.0).abs().max(1.0);
            effect.swing().is_none_or(|swing| swing > least)
        })
        .collect();
    // Those without a swing make the lane dark or keep it from closing: they come first.
    let swing = |influence: &Influence| effect(influence).swing().unwrap_or(f64::INFINITY);
    strongest.sort_by(|a, b| swing(b).total_cmp(&swing(a)));
    let bar = |influence: &&Influence| {
        let effect = effect(influence);
        TornadoBar {
            name: influence.value.name(),
            at_low: effect.at_p5,
            at_high: effect.at_p95,
            text: effect.first_order.map_or_else(String::new, |share| {
                format!("{} %", decimal(100.0 * share.value.max(0.0), 1))
            }),
        }
    };
    Plot::Tornado(Tornado {
        system: solved.figures.name.clone(),
        figure: figure.into(),
        unit: unit.into(),
        centre: centre.unwrap_or(0.0),
        note: format!(
            "one value at its P5 or P95, all others nominal; shares from {}",
            drawn(sampled)
        ),
        column: "of variance".into(),
        bars: match centre {
            Some(_) => strongest.iter().take(N_BARS).map(bar).collect(),
            None => Vec::new(),
        },
    })
}

/// The feasible region over the first two variables, whatever the others are.
pub fn region(system: &System, region: &Region) -> Plot {
    let axis = |idx: usize| {
        region.variables.get(idx).map_or_else(
            || RegionAxis {
                name: String::new(),
                values: vec![String::new()],
            },
            |variable| RegionAxis {
                name: variable.name.clone(),
                values: (0..variable.values.len())
                    .map(|value| variable.text(value))
                    .collect(),
            },
        )
    };
    let (x, y) = (axis(0), axis(1));
    let place = |point: &Point| {
        let at = |idx: usize| point.coordinates.get(idx).copied().unwrap_or(0);
        (at(0), at(1))
    };
    let mut cells = Vec::new();
    for at_y in 0..y.values.len() {
        for at_x in 0..x.values.len() {
            let inside = || {
                let points = region.points.iter();
                points.filter(|point| place(point) == (at_x, at_y))
            };
            cells.push(RegionCell {
                x: at_x,
                y: at_y,
                n_points: inside().count(),
                n_feasible: inside().filter(|point| point.feasible).count(),
                binding: inside()
                    .filter_map(|point| failing(region, point))
                    .min()
                    .map(|(_, first)| first),
            });
        }
    }
    let others: Vec<&str> = region
        .variables
        .iter()
        .skip(2)
        .map(|variable| variable.name.as_str())
        .collect();
    let cheapest = region.cheapest.map(|point| {
        format!(
            "{} least at {}",
            region.objective.name,
            region.describe(point)
        )
    });
    let over =
        (!others.is_empty()).then(|| format!("feasible points of all over {}", others.join(", ")));
    let none = region
        .cheapest
        .is_none()
        .then(|| "no point holds".to_owned());
    let note: Vec<String> = [none, over, cheapest].into_iter().flatten().collect();
    Plot::Region(RegionPlot {
        system: system.description.name.clone(),
        note: note.join("; "),
        constraints: region
            .constraints
            .iter()
            .map(|constraint| constraint.text.trim().to_owned())
            .collect(),
        x,
        y,
        cells,
        cheapest: region.cheapest.map(|point| place(&region.points[point])),
    })
}

/// How many constraints a point fails and the first of them; none where a figure is missing, so
/// that nobody knows.
fn failing(region: &Region, point: &Point) -> Option<(usize, usize)> {
    let mut failed = Vec::new();
    for (idx, (constraint, slack)) in region.constraints.iter().zip(&point.slack).enumerate() {
        if !constraint.is_met_by((*slack)?) {
            failed.push(idx);
        }
    }
    Some((failed.len(), *failed.first()?))
}
