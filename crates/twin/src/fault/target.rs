//! What a fault strikes, by name.

use plant::{Entity, Signal, Storage};
use serde::{Deserialize, Serialize};
use system::parts::Modulator;
use system::{EntityKind, FibreUse, System};

use super::kind::{FaultKind, Strikes};
use super::piece::{Located, Piece};

/// What a fault strikes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum Target {
    /// An entity.
    Entity(Entity),
    /// Two entities of one kind, which change places.
    TwoEntities(Entity, Entity),
    /// A cooling, by its position in the description.
    Cooling(usize),
    /// The monitor of a signal on the entity of this index.
    Monitor(Signal, u32),
}

/// Heat that a cubic metre of a gas takes up stays below this, J/(m3 K), and that of any coolant
/// that flows lies above: air 1.2e3, refrigerant vapour below 1e5, oils and water above 1e6.
const GAS_HEAT_CAPACITY: f64 = 1e5;

const CODE: &str = "fault::target";

impl Target {
    /// The names, as they stand in a file.
    pub(super) fn names(self, system: &System) -> String {
        match self {
            Self::Entity(entity) => name(system, entity),
            Self::TwoEntities(one, other) => {
                format!("{} {}", name(system, one), name(system, other))
            }
            Self::Cooling(index) => match system.description.cooling.get(index) {
                Some(cooling) => cooling.name.clone(),
                None => format!("cooling {index}"),
            },
            Self::Monitor(signal, index) => {
                let kind = signal.kind();
                format!("{} {}", signal.name(), name(system, Entity { kind, index }))
            }
        }
    }

    /// Reads what a kind of fault strikes, from one text; the last name may stand for several
    /// entities, as `oe3.*`.
    pub(crate) fn parse_all(
        kind: FaultKind,
        text: &Piece<'_>,
        system: &System,
    ) -> Located<Vec<Self>> {
        let strikes = kind.strikes();
        let words = text.words();
        let Some(last) = words.last().filter(|_| words.len() == strikes.n_words()) else {
            let message = format!("{:?} is not what {} strikes", text.text(), kind.name());
            let help = format!("name {}", strikes.noun());
            return Err(Box::new(text.problem(CODE, message).with_help(help)));
        };
        let has_pattern = last.text().contains('*');
        match strikes {
            _ if !has_pattern => Ok(vec![Self::parse(kind, &words, system)?]),
            Strikes::Monitor | Strikes::ValueMonitor => {
                let signal = value_signal(kind, &words[0])?;
                let found = entities(&[signal.kind()], last, system)?;
                let monitor = |entity: Entity| Self::Monitor(signal, entity.index);
                Ok(found.into_iter().map(monitor).collect())
            }
            Strikes::Cooling | Strikes::AirCooling | Strikes::TwoDataFibres => {
                Ok(vec![Self::parse(kind, &words, system)?])
            }
            _ => {
                // A pattern leaves out what the fault does not strike.
                let mut found = entities(strikes.kinds(), last, system)?;
                found.retain(|entity| check(kind, *entity, last, system).is_ok());
                if found.is_empty() {
                    let message = format!("{:?} names no such part", last.text());
                    let help = format!("{} strikes {}", kind.name(), strikes.noun());
                    return Err(Box::new(last.problem(CODE, message).with_help(help)));
                }
                Ok(found.into_iter().map(Self::Entity).collect())
            }
        }
    }

    /// Reads the words that name what a kind of fault strikes.
    pub(super) fn parse(kind: FaultKind, words: &[Piece<'_>], system: &System) -> Located<Self> {
        let strikes = kind.strikes();
        match (strikes, words) {
            (Strikes::Cooling | Strikes::AirCooling, [word]) => cooling(kind, word, system),
            (Strikes::Monitor | Strikes::ValueMonitor, [signal, entity]) => {
                monitor(kind, signal, entity, system)
            }
            (Strikes::TwoDataFibres, [one, other]) => two_fibres(kind, one, other, system),
            (_, [word]) => {
                let entity = entity(strikes.kinds(), word, system)?;
                check(kind, entity, word, system)?;
                Ok(Self::Entity(entity))
            }
            // Callers count the words.
            (_, words) => {
                let place = words.first().expect("at least one word was counted");
                let message = format!("this is not what {} strikes", kind.name());
                let help = format!("name {}", strikes.noun());
                Err(Box::new(place.problem(CODE, message).with_help(help)))
            }
        }
    }
}

fn name(system: &System, entity: Entity) -> String {
    let index = entity.index as usize;
    if entity.kind == EntityKind::Switch {
        "switch".to_owned()
    } else if index < system.count(entity.kind) {
        system.name_of(entity.kind, index)
    } else {
        entity.to_string()
    }
}

/// The entities of some kinds that a word names, where `*` stands for any characters.
pub(crate) fn entities(
    kinds: &[EntityKind],
    word: &Piece<'_>,
    system: &System,
) -> Located<Vec<Entity>> {
    if !word.text().contains('*') {
        return Ok(vec![entity(kinds, word, system)?]);
    }
    let parts: Vec<&str> = word.text().split('*').collect();
    let mut found = Vec::new();
    for kind in kinds {
        let names = system.names(*kind);
        let matching = (0..).zip(&names).filter(|(_, name)| matches(name, &parts));
        found.extend(matching.map(|(index, _)| Entity { kind: *kind, index }));
    }
    if found.is_empty() {
        let nouns: Vec<&str> = kinds.iter().map(|kind| noun(*kind)).collect();
        let message = format!("no {} is called {:?}", nouns.join(" or "), word.text());
        let help = "`*` stands for any characters; `oe3.*` for all that is of oe3";
        return Err(Box::new(word.problem(CODE, message).with_help(help)));
    }
    Ok(found)
}

/// Whether a name consists of these parts with anything between them.
pub(crate) fn matches(name: &str, parts: &[&str]) -> bool {
    let [first, between @ .., last] = parts else {
        return false;
    };
    let rest = name
        .strip_prefix(first)
        .and_then(|rest| rest.strip_suffix(last));
    let Some(mut rest) = rest else {
        return false;
    };
    between.iter().all(|part| match rest.find(part) {
        Some(at) => {
            rest = &rest[at + part.len()..];
            true
        }
        None => false,
    })
}

/// The entity of one of some kinds that a word names.
pub(crate) fn entity(kinds: &[EntityKind], word: &Piece<'_>, system: &System) -> Located<Entity> {
    let find = |kind: EntityKind| {
        let index = system.entity_named(kind, word.text())?;
        Some(Entity { kind, index })
    };
    if let Some(found) = kinds.iter().copied().find_map(find) {
        return Ok(found);
    }
    let nouns: Vec<&str> = kinds.iter().map(|kind| noun(*kind)).collect();
    let nouns = nouns.join(" or ");
    let problem = match EntityKind::ALL.into_iter().find_map(find) {
        Some(other) => {
            let found = with_article(noun(other.kind));
            let message = format!("{:?} is {found}, not {}", word.text(), with_article(&nouns));
            word.problem(CODE, message)
        }
        None => word.problem(CODE, format!("there is no {nouns} {:?}", word.text())),
    };
    let names: Vec<String> = kinds.iter().flat_map(|kind| system.names(*kind)).collect();
    let problem = problem.with_nearest(word.text(), names.iter().map(String::as_str));
    Err(Box::new(if problem.help.is_none() {
        problem.with_help(format!("the system has no {nouns}"))
    } else {
        problem
    }))
}

fn noun(kind: EntityKind) -> &'static str {
    match kind {
        EntityKind::Asic => "die",
        EntityKind::SerdesLane => "SerDes lane",
        EntityKind::HostLane => "host lane",
        EntityKind::MediaLane => "media lane",
        EntityKind::LaserModule => "laser module",
        EntityKind::Fau => "fibre array unit",
        other => other.name(),
    }
}

fn with_article(noun: &str) -> String {
    let article = if noun.starts_with(['a', 'e', 'i', 'o', 'u']) {
        "an"
    } else {
        "a"
    };
    format!("{article} {noun}")
}

/// Whether an entity is what a fault strikes, beyond its kind.
fn check(kind: FaultKind, entity: Entity, word: &Piece<'_>, system: &System) -> Located<()> {
    let index = entity.index as usize;
    let wrong = match kind.strikes() {
        Strikes::LaserFibre if system.fibres[index].carries == FibreUse::Data => "carries signals",
        Strikes::DataFibre if system.fibres[index].carries == FibreUse::Laser => {
            "carries laser light"
        }
        Strikes::MachZehnderLane | Strikes::RingLane => {
            let engine = system.media_lanes[index].engine.index();
            let group = &system.description.engine[system.engines[engine].group].value;
            match (kind.strikes(), &group.modulator) {
                (Strikes::MachZehnderLane, Modulator::RingModulator(_)) => "has a ring modulator",
                (Strikes::RingLane, Modulator::MachZehnder(_)) => "has a Mach-Zehnder modulator",
                _ => return Ok(()),
            }
        }
        _ => return Ok(()),
    };
    let message = format!("{} {wrong}", word.text());
    let help = format!("{} strikes {}", kind.name(), kind.strikes().noun());
    Err(Box::new(word.problem(CODE, message).with_help(help)))
}

/// The cooling that a word names.
pub(crate) fn cooling_named(word: &Piece<'_>, system: &System) -> Located<usize> {
    let coolings = &system.description.cooling;
    let names = || coolings.iter().map(|cooling| cooling.name.as_str());
    names().position(|name| name == word.text()).ok_or_else(|| {
        let message = format!("there is no cooling {:?}", word.text());
        let problem = word
            .problem(CODE, message)
            .with_nearest(word.text(), names());
        Box::new(if problem.help.is_none() {
            problem.with_help("the system has no [cooling]; its zones state their temperatures")
        } else {
            problem
        })
    })
}

fn cooling(kind: FaultKind, word: &Piece<'_>, system: &System) -> Located<Target> {
    let index = cooling_named(word, system)?;
    let cooler = &system.description.cooling[index].value.cooler;
    let is_gas = cooler.fluid_heat_capacity.value.value() < GAS_HEAT_CAPACITY;
    if kind.strikes() == Strikes::AirCooling && !is_gas {
        let message = format!("{} is cooled by a liquid", word.text());
        let help = format!(
            "{} strikes {}; a liquid has {} and {}",
            kind.name(),
            kind.strikes().noun(),
            FaultKind::CoolantLoss.name(),
            FaultKind::ChannelBlocked.name(),
        );
        return Err(Box::new(word.problem(CODE, message).with_help(help)));
    }
    Ok(Target::Cooling(index))
}

/// The signal that a word names.
pub(crate) fn signal(word: &Piece<'_>) -> Located<Signal> {
    Signal::from_name(word.text()).ok_or_else(|| {
        let problem = word.problem(CODE, format!("there is no signal {:?}", word.text()));
        Box::new(problem.with_nearest(word.text(), Signal::TABLE.iter().map(|info| info.name)))
    })
}

fn monitor(
    kind: FaultKind,
    word: &Piece<'_>,
    entity_word: &Piece<'_>,
    system: &System,
) -> Located<Target> {
    let signal = value_signal(kind, word)?;
    let entity = entity(&[signal.kind()], entity_word, system)?;
    Ok(Target::Monitor(signal, entity.index))
}

/// The signal that a word names, when a kind of fault can strike its monitors.
fn value_signal(kind: FaultKind, word: &Piece<'_>) -> Located<Signal> {
    let signal = signal(word)?;
    let storage = signal.storage();
    if kind.strikes() == Strikes::ValueMonitor && !matches!(storage, Storage::F32 | Storage::F64) {
        let message = format!("{} is a {}", signal.name(), storage.name());
        let help = format!("{} strikes {}", kind.name(), kind.strikes().noun());
        return Err(Box::new(word.problem(CODE, message).with_help(help)));
    }
    Ok(signal)
}

fn two_fibres(
    kind: FaultKind,
    one: &Piece<'_>,
    other: &Piece<'_>,
    system: &System,
) -> Located<Target> {
    let mut fibres = [(
        Entity {
            kind: EntityKind::Fibre,
            index: 0,
        },
        false,
    ); 2];
    for (place, word) in fibres.iter_mut().zip([one, other]) {
        let entity = entity(&[EntityKind::Fibre], word, system)?;
        let index = entity.index as usize;
        if system.fibres[index].carries != FibreUse::Data {
            let message = format!("{} carries laser light", word.text());
            let help = format!("{} strikes {}", kind.name(), kind.strikes().noun());
            return Err(Box::new(word.problem(CODE, message).with_help(help)));
        }
        let lanes = &system.media_lanes;
        *place = (
            entity,
            lanes
                .iter()
                .any(|lane| lane.transmit_fibre.index() == index),
        );
    }
    let [(one_fibre, one_sends), (other_fibre, other_sends)] = fibres;
    let wrong = if one_fibre == other_fibre {
        "a fibre cannot change places with itself".to_owned()
    } else if one_sends != other_sends {
        format!(
            "{} and {} carry signals in opposite directions",
            one.text(),
            other.text()
        )
    } else {
        return Ok(Target::TwoEntities(one_fibre, other_fibre));
    };
    let help = format!("{} strikes {}", kind.name(), kind.strikes().noun());
    Err(Box::new(
        one.through(other).problem(CODE, wrong).with_help(help),
    ))
}
