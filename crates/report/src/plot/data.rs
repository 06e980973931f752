//! From figures to what plots show: one function for each kind.

use system::{MediaLaneId, System};
use twin::{Figures, SteadyState};
use units::{DbMilliwatts, Watts};

use super::{
    Compare, Function, Level, Panel, Plot, PowerBar, PowerPlot, Waterfall, WaterfallPlane,
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
}

/// The light along the worst lane, or along the one that is named.
///
/// The direction is the one that is worse off.
pub fn waterfall(solved: &Solved<'_>, lane: Option<MediaLaneId>) -> Plot {
    let Solved {
        system,
        state,
        figures,
    } = *solved;
    let dark = || (0..system.media_lanes.len()).find(|idx| is_dark(solved, *idx));
    let worst = figures.link.as_ref().and_then(|link| link.worst.as_ref());
    let lane = lane
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
    let design = state.lanes.design(lane).worse();
    let plane = |plane: &link::Plane| WaterfallPlane {
        element: plane.element.name().replace('_', " "),
        tap: plane.element.tap().map(str::to_owned),
        loss_db: plane.loss.value(),
        average: nominal(plane.average),
        oma: plane.oma.map(nominal),
    };
    let alike = state.lanes.design_of.iter();
    let alike = alike.filter(|design| **design == state.lanes.design_of[lane.index()]);
    Plot::Waterfall(Waterfall {
        system: figures.name.clone(),
        lane: format!(
            "{}, one of {} alike",
            system.media_lanes[lane.index()].name,
            counted(alike.count(), "lane")
        ),
        planes: design.planes.0.iter().map(plane).collect(),
        sensitivity_dbm: sensitivity(design),
        verdict: verdict(design),
    })
}

fn is_dark(solved: &Solved<'_>, idx: usize) -> bool {
    let lane = MediaLaneId::from_index(idx);
    solved.system.media_lanes[idx].port.is_some()
        && solved.state.lanes.design(lane).worse().outcome.is_err()
}

fn nominal(level: DbMilliwatts) -> Level {
    Level {
        nominal_dbm: level.value(),
        band_dbm: None,
    }
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
pub fn power(systems: &[&Figures]) -> Plot {
    let bar = |figures: &&Figures| {
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
            module_band: None,
            port_band: None,
        })
    };
    let note = match systems {
        [figures] => figures.power.as_ref().map_or_else(String::new, |power| {
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
pub fn compare(systems: &[&Figures]) -> Plot {
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
        // A package without a chassis has no box.
        move |f: &Figures| {
            let power = f.power.as_ref().filter(|_| f.has_chassis)?;
            Some(of(power).value() / f.bandwidth.value() * 1e12)
        }
    };
    let mut margin = panel("worst margin", "dB, lane", 2, &|f| {
        let link = f.link.as_ref().filter(|link| link.n_dark == 0)?;
        Some(link.worst.as_ref()?.margin.signed()?.value())
    });
    for (text, figures) in margin.texts.iter_mut().zip(systems) {
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
