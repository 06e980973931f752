//! From the course of signals and the events of a world to a picture.

use plant::{Signal, Storage};
use report::counted;
use report::plot::{MarkKind, Plot, Scale, Stretch, TimeMark, TimePanel, TimePlot, TimeSeries};
use twin::world::{Event, EventId, Switch, What, World};
use units::Dimension;

use super::course::{Course, Track, Whose, best};
use crate::commands::scene::Scene;

/// What a picture shows when nobody says which signals.
pub(super) const SIGNALS: [Signal; 6] = [
    Signal::AsicTemperature,
    Signal::EngineTemperature,
    Signal::LaserBias,
    Signal::RxPower,
    Signal::PreFecBer,
    Signal::PortOperation,
];

/// More marks than this make a picture hard to read.
const MOST_MARKS: usize = 12;

/// Draws the signals of a world and what happened to it.
pub(super) fn picture(scene: &Scene, world: &World, course: &Course) -> Plot {
    let switches = course.switches.as_slice();
    let system = |switch: usize| world.switches()[switch].plan().system();
    let title = match (&scene.title, switches) {
        (None, _) => system(0).description.name.clone(),
        (Some(title), [one]) if world.switches().len() > 1 => {
            format!("{title}: {}", world.switches()[*one].name())
        }
        (Some(title), _) => title.clone(),
    };
    let (marks, n_left) = marks(world, switches, course.start_ns);
    let said = "what sensors say; a band from the least to the greatest, a line for the mean";
    let note = match n_left {
        0 => said.to_owned(),
        n => format!("{said}; {} of less weight not marked", counted(n, "event")),
    };
    Plot::Time(TimePlot {
        title: format!("{title}: signals over time"),
        note,
        start_s: course.start_ns as f64 * 1e-9,
        end_s: world.now_ns() as f64 * 1e-9,
        panels: course
            .tracks
            .iter()
            .map(|track| panel(world, course, track))
            .collect(),
        marks,
    })
}

fn panel(world: &World, course: &Course, track: &Track) -> TimePanel {
    let signal = track.signal;
    let (unit, factor) = unit(signal);
    let scaled = |stretch: Stretch| Stretch {
        least: factor * stretch.least,
        mean: factor * stretch.mean,
        greatest: factor * stretch.greatest,
        ..stretch
    };
    let is_alone = world.switches().len() == 1 || course.switches.len() == 1;
    let series = track.lines.iter().map(|line| {
        let stretches = course.stretches(line).into_iter();
        TimeSeries {
            name: name(world, track, (line.whose, is_alone)),
            stretches: stretches.map(|of| of.map(scaled)).collect(),
        }
    });
    let series: Vec<TimeSeries> = series.collect();
    let stretches = series.iter().flat_map(|of| &of.stretches).flatten();
    let greatest = stretches.fold(0.0, |greatest: f64, of| greatest.max(of.greatest.abs()));
    let doc = signal.info().doc;
    let words = doc.split_once(". ").map_or(doc, |(first, _)| first);
    let words = words.trim_end_matches('.');
    let title = match signal.storage() {
        Storage::State(names) => {
            let best = names[best(names)].replace('_', " ");
            format!("{words}: how many are {best}")
        }
        _ => words.to_owned(),
    };
    TimePanel {
        title,
        name: signal.name().to_owned(),
        unit,
        scale: scale(
            (signal, factor),
            greatest,
            most_at_once(world, course, signal),
        ),
        series,
    }
}

/// The name of a line where there are several, and of how many parts a band is.
fn name(world: &World, track: &Track, (whose, is_alone): (Whose, bool)) -> String {
    let kind = track.signal.kind();
    let of = |switch: usize| &world.switches()[switch];
    let noun = match kind {
        system::EntityKind::MediaLane => "lane".to_owned(),
        system::EntityKind::Asic => "ASIC".to_owned(),
        other => other.name().replace('_', " "),
    };
    let parts = |n: usize| counted(n, &noun);
    match whose {
        Whose::Element(_, _) if track.n_elements == 1 => String::new(),
        Whose::Element(switch, element) => {
            let part = of(switch).plan().system().name_of(kind, element);
            match (is_alone, kind == system::EntityKind::Switch) {
                (true, _) => part,
                (false, true) => of(switch).name().to_string(),
                (false, false) => format!("{} {part}", of(switch).name()),
            }
        }
        Whose::Switch(switch) => {
            let n = of(switch).plan().system().count(kind);
            if is_alone {
                parts(n)
            } else {
                format!("{}: {}", of(switch).name(), parts(n))
            }
        }
        Whose::All if matches!(track.signal.storage(), Storage::State(_)) => {
            "mean of the switches".to_owned()
        }
        Whose::All => parts(track.n_elements),
    }
}

/// The greatest number of elements that one line counts.
fn most_at_once(world: &World, course: &Course, signal: Signal) -> usize {
    let switches = course.switches.iter();
    let counts = switches.map(|of| world.switches()[*of].plan().system().count(signal.kind()));
    counts.max().unwrap_or(0)
}

/// The unit in which a signal is shown, and the factor to it.
fn unit(signal: Signal) -> (String, f64) {
    let (unit, factor) = match (signal.storage(), signal.dimension()) {
        (Storage::State(_), _) => ("", 1.0),
        (Storage::Counter, _) => ("1/s", 1.0),
        (_, Dimension::Temperature) => ("°C", 1.0),
        (_, Dimension::Current) => ("mA", 1e3),
        (_, Dimension::Frequency) => ("THz", 1e-12),
        (_, Dimension::Power) => match signal {
            Signal::TransmitHeaterPower | Signal::ReceiveHeaterPower => ("mW", 1e3),
            _ => ("W", 1.0),
        },
        (_, Dimension::PowerLevel) => ("dBm", 1.0),
        (_, Dimension::PowerRatio) => ("dB", 1.0),
        (_, Dimension::Voltage) => ("V", 1.0),
        _ => ("", 1.0),
    };
    (unit.to_owned(), factor)
}

/// How a signal is shown: no axis is so fine that noise alone fills it.
fn scale((signal, factor): (Signal, f64), greatest: f64, n: usize) -> Scale {
    let extent = match (signal.storage(), signal.dimension()) {
        (Storage::State(_), _) => return Scale::Count(n),
        (Storage::Counter, _) => return Scale::FromZero,
        (_, Dimension::Ratio) if signal != Signal::LaserAge => return Scale::Decades,
        (_, Dimension::Temperature) => 2.0,
        (_, Dimension::Current) => 0.01 * factor,
        (_, Dimension::Power) => (1e-3 * factor).max(0.02 * greatest),
        (_, Dimension::PowerLevel | Dimension::PowerRatio) => 1.0,
        (_, Dimension::Frequency) => 1e10 * factor,
        (_, Dimension::Voltage) => 0.01,
        _ => 0.0,
    };
    Scale::Even { extent }
}

/// What happened to some switches since a time, the most telling of it, and how much is left out.
fn marks(world: &World, switches: &[usize], start_ns: u64) -> (Vec<TimeMark>, usize) {
    let mut all: Vec<(u8, usize, TimeMark)> = Vec::new();
    for switch in switches {
        let of = &world.switches()[*switch];
        let prefix = if switches.len() > 1 {
            format!("{}: ", of.name())
        } else {
            String::new()
        };
        let events = of.log().events();
        let mut idx = events.partition_point(|event| event.at_ns < start_ns);
        while idx < events.len() {
            let n = events[idx..]
                .iter()
                .take_while(|other| is_alike(&events[idx], other))
                .count();
            let (rank, kind) = rank(&events[idx]);
            let more = match n {
                1 => String::new(),
                n => format!(" and {} more", n - 1),
            };
            let label = format!("{prefix}{}{more}", words(of, EventId(idx)));
            let at_s = events[idx].at_ns as f64 * 1e-9;
            let depth = depth(world, *switch, EventId(idx));
            all.push((rank, depth, TimeMark { at_s, label, kind }));
            idx += n;
        }
    }
    let n_left = all.len().saturating_sub(MOST_MARKS);
    // The most telling first; then what is kept by time again, causes before their effects.
    let by_time = |a: &TimeMark, b: &TimeMark| a.at_s.total_cmp(&b.at_s);
    all.sort_by(|a, b| a.0.cmp(&b.0).then(by_time(&a.2, &b.2)));
    all.truncate(MOST_MARKS);
    all.sort_by(|a, b| by_time(&a.2, &b.2).then(a.1.cmp(&b.1)));
    let marks = all.into_iter().map(|(_, _, mark)| mark).collect();
    (marks, n_left)
}

/// How many events led to one, at its switch and at others.
fn depth(world: &World, switch: usize, id: EventId) -> usize {
    let log = world.switches()[switch].log();
    let chain = log.chain(id);
    let (n, far) = chain.fold((0, None), |(n, _), (_, event)| (n + 1, event.far_cause));
    n + far.map_or(0, |far| depth(world, far.switch, far.event))
}

/// Whether two events of a log are told as one.
fn is_alike(one: &Event, other: &Event) -> bool {
    other.at_ns == one.at_ns
        && other.what == one.what
        && other.entity.map(|of| of.kind) == one.entity.map(|of| of.kind)
}

/// How telling an event is, the most telling first, and what it is about.
fn rank(event: &Event) -> (u8, MarkKind) {
    match event.what {
        What::FaultBegan(_) => (0, MarkKind::Fault),
        What::DieTripped
        | What::PortDown
        | What::Unconnected
        | What::ZoneThrottled
        | What::ZoneShutDown => (0, MarkKind::Effect),
        What::LoadSet(_) | What::CoolantSet(_) | What::Commanded(_) | What::Aged(_) => {
            (1, MarkKind::Set)
        }
        What::FaultEnded(_) => (1, MarkKind::Fault),
        What::PortUp => (1, MarkKind::Effect),
        What::LaserAtRail
        | What::LaserFaded
        | What::Unlocked
        | What::FilterUnlocked
        | What::LightLowered => (2, MarkKind::Effect),
        _ => (3, MarkKind::Effect),
    }
}

/// An event in few words.
fn words(switch: &Switch, id: EventId) -> String {
    let system = switch.plan().system();
    let event = &switch.log().events()[id.0];
    let who = event.entity.map_or_else(String::new, |entity| {
        system.name_of(entity.kind, entity.index as usize)
    });
    match &event.what {
        What::FaultBegan(text) => text.clone(),
        What::FaultEnded(text) => format!("over: {text}"),
        What::DieTripped => format!("{who} trips"),
        What::PortDown => format!("{who} down"),
        What::PortUp => format!("{who} up"),
        What::LaserAtRail => format!("{who} at its rail"),
        What::LaserFaded => format!("{who} fades"),
        What::Unlocked => format!("{who} unlocks"),
        What::SignalLost => format!("{who} loses its signal"),
        What::Unconnected => format!("{who} is not connected"),
        What::FilterUnlocked => format!("filter of {who} unlocks"),
        What::ZoneThrottled => format!("zone {who} throttles"),
        What::ZoneShutDown => format!("zone {who} is shut down"),
        What::LightLowered => format!("{who} lowers its light"),
        _ => switch.log().line(system, id),
    }
}
