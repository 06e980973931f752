//! What lanes hear: from names of ports to far ends.

use std::collections::BTreeMap;

use system::parts::{Code, Engine, InnerCode};
use system::{EntityKind, MediaLaneId, Medium, PortId, Span, System};

use super::read::Declared;
use units::{Dimension, format_si};

use crate::fault::piece::{Located, Piece};
use crate::fault::target::matches;
use crate::world::{FarEnd, FarLane};

/// What stands at the far end of a link of one end.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Far {
    Loopback,
    Ideal,
    None,
}

impl Far {
    const NAMES: [(&'static str, Self); 3] = [
        ("loopback", Self::Loopback),
        ("ideal", Self::Ideal),
        ("none", Self::None),
    ];

    pub(super) fn read(key: &str, word: &Piece<'_>) -> Located<Self> {
        let found = Self::NAMES.iter().find(|(name, _)| *name == word.text());
        found.map(|(_, far)| *far).ok_or_else(|| {
            let problem =
                word.problem("world::value", format!("{key} cannot be {:?}", word.text()));
            Box::new(problem.with_nearest(word.text(), Self::NAMES.map(|(name, _)| name)))
        })
    }

    /// What a lane hears.
    fn end(self, switch: usize, lane: MediaLaneId, extra_db: f64) -> FarEnd {
        match self {
            Self::Loopback => FarEnd::Lane(FarLane {
                switch,
                lane,
                extra_db,
            }),
            Self::Ideal => FarEnd::Ideal,
            Self::None => FarEnd::Nothing,
        }
    }
}

/// A port of a switch.
type Place = (usize, PortId);

/// The joints made so far.
pub(super) struct Joints<'a> {
    switches: &'a [Declared],
    positions: BTreeMap<&'a str, usize>,
    far: Vec<Vec<FarEnd>>,
    /// Where a port was joined.
    taken: BTreeMap<Place, Span>,
}

/// The longest end, bytes: two names.
const LONGEST: usize = 256;

const END: &str = "world::end";
const JOIN: &str = "world::join";

impl<'a> Joints<'a> {
    pub(super) fn new(switches: &'a [Declared], unconnected: Far) -> Self {
        let far = switches.iter().enumerate().map(|(switch, of)| {
            let n_lanes = of.system.as_ref().map_or(0, |s| s.media_lanes.len());
            let lanes = (0..n_lanes).map(MediaLaneId::from_index);
            lanes
                .map(|lane| unconnected.end(switch, lane, 0.0))
                .collect()
        });
        let names = switches.iter().map(|of| of.name.as_str());
        Self {
            switches,
            positions: names.zip(0..).collect(),
            far: far.collect(),
            taken: BTreeMap::new(),
        }
    }

    /// What each lane hears.
    pub(super) fn far(self) -> Vec<Vec<FarEnd>> {
        self.far
    }

    /// The ports that an end names, in their order; none of a switch whose description has problems.
    pub(super) fn ports(&self, end: &Piece<'_>) -> Located<Vec<Place>> {
        if end.text().len() > LONGEST {
            let message = format!("the end has {} bytes", end.text().len());
            let help = format!("names and patterns have {LONGEST} at most");
            return Err(Box::new(end.problem(END, message).with_help(help)));
        }
        let Some((switch, port)) = end.text().rsplit_once('.') else {
            let message = format!("{:?} does not name a port of a switch", end.text());
            let help = match self.switches.first() {
                Some(of) => format!("write SWITCH.PORT, such as \"{}.eth0\"", of.name),
                None => "write SWITCH.PORT".to_owned(),
            };
            return Err(Box::new(end.problem(END, message).with_help(help)));
        };
        let named = self.switches_named(end, switch)?;
        if named.iter().any(|idx| self.switches[*idx].system.is_none()) {
            return Ok(Vec::new());
        }
        if let ([idx], false) = (named.as_slice(), port.contains('*')) {
            return Ok(vec![(*idx, self.port_named(end, *idx, port)?)]);
        }
        let mut found = Vec::new();
        for idx in named {
            let Some(system) = &self.switches[idx].system else {
                continue;
            };
            for (at, of) in system.ports.iter().enumerate() {
                if is_meant(&of.name, port) && of.medium == Medium::Optical {
                    found.push((idx, PortId::from_index(at)));
                }
            }
        }
        if found.is_empty() {
            let message = format!("no optical port is called {:?}", end.text());
            let help = "`*` stands for any characters; \"leaf1.*\" for all ports of leaf1";
            return Err(Box::new(end.problem(END, message).with_help(help)));
        }
        Ok(found)
    }

    /// The switches that the front of an end names.
    fn switches_named(&self, end: &Piece<'_>, name: &str) -> Located<Vec<usize>> {
        if let Some(idx) = self.positions.get(name) {
            return Ok(vec![*idx]);
        }
        let names = || self.switches.iter().map(|of| of.name.as_str());
        let found: Vec<usize> = (0..)
            .zip(names())
            .filter(|(_, of)| name.contains('*') && is_meant(of, name))
            .map(|(idx, _)| idx)
            .collect();
        if found.is_empty() {
            let problem = end.problem(END, format!("there is no switch {name:?}"));
            let problem = problem.with_nearest(name, names());
            return Err(Box::new(if problem.help.is_none() {
                problem.with_help("add a [[switch]] of this name")
            } else {
                problem
            }));
        }
        Ok(found)
    }

    fn port_named(&self, end: &Piece<'_>, switch: usize, name: &str) -> Located<PortId> {
        let of = &self.switches[switch];
        let Some(system) = &of.system else {
            unreachable!("the caller has asked for switches with a description");
        };
        let Some(port) = system.entity_named(EntityKind::Port, name) else {
            let message = format!("{} has no port {name:?}", of.name);
            let names = system.names(EntityKind::Port);
            let problem = end.problem(END, message);
            let problem = problem.with_nearest(name, names.iter().map(String::as_str));
            return Err(Box::new(problem));
        };
        let port = PortId(port);
        if system.ports[port.index()].medium == Medium::Electrical {
            let message = format!("{} is electrical, and a link joins light", end.text());
            let help = "name an optical port, or remove the link";
            return Err(Box::new(end.problem(END, message).with_help(help)));
        }
        Ok(port)
    }

    /// Joins ports in pairs.
    pub(super) fn join(
        &mut self,
        ends: [&Piece<'_>; 2],
        [ports, far]: [&[Place]; 2],
        extra_db: f64,
    ) -> Located<()> {
        let [one, other] = ends;
        // Then there is a problem already.
        if ports.is_empty() || far.is_empty() {
            return Ok(());
        }
        if ports.len() != far.len() {
            let (n, m) = (ports.len(), far.len());
            let message = format!(
                "{} names {n} port{}, and {} names {m}",
                one.text(),
                if n == 1 { "" } else { "s" },
                other.text()
            );
            let help = "both ends have to name equally many ports";
            return Err(Box::new(other.problem(JOIN, message).with_help(help)));
        }
        for (here, there) in ports.iter().zip(far) {
            if here == there {
                let message = format!("{} is joined with itself", self.name(*here));
                let help = "name it once, with `far = \"loopback\"`";
                return Err(Box::new(other.problem(JOIN, message).with_help(help)));
            }
            self.take(one, *here)?;
            self.take(other, *there)?;
            self.check(other, *here, *there)?;
            let (lanes, far_lanes) = (self.lanes(*here), self.lanes(*there));
            for (lane, far_lane) in lanes.into_iter().zip(far_lanes) {
                let (a, b) = (here.0, there.0);
                self.far[a][lane.index()] = Far::Loopback.end(b, far_lane, extra_db);
                self.far[b][far_lane.index()] = Far::Loopback.end(a, lane, extra_db);
            }
        }
        Ok(())
    }

    /// Gives ports a far end that is no port.
    pub(super) fn leave(
        &mut self,
        end: &Piece<'_>,
        ports: &[Place],
        far: Far,
        extra_db: f64,
    ) -> Located<()> {
        for port in ports {
            self.take(end, *port)?;
            for lane in self.lanes(*port) {
                self.far[port.0][lane.index()] = far.end(port.0, lane, extra_db);
            }
        }
        Ok(())
    }

    fn take(&mut self, end: &Piece<'_>, port: Place) -> Located<()> {
        if let Some(before) = self.taken.get(&port) {
            let message = format!("{} is joined twice", self.name(port));
            let line = before.line_column().0;
            let help = format!("the link in line {line} names it too; a port has one far end");
            return Err(Box::new(end.problem(JOIN, message).with_help(help)));
        }
        self.taken.insert(port, end.span());
        Ok(())
    }

    fn system(&self, switch: usize) -> &'a System {
        let of = self.switches[switch].system.as_deref();
        of.expect("only switches with a description have ports")
    }

    fn name(&self, (switch, port): Place) -> String {
        let port = &self.system(switch).ports[port.index()];
        format!("{}.{}", self.switches[switch].name, port.name)
    }

    fn lanes(&self, (switch, port): Place) -> Vec<MediaLaneId> {
        self.system(switch).ports[port.index()].media_lanes.clone()
    }

    /// Whether two ports understand each other, lane by lane.
    fn check(&self, end: &Piece<'_>, one: Place, other: Place) -> Located<()> {
        let (here, there) = (self.system(one.0), self.system(other.0));
        let names = [self.name(one), self.name(other)];
        let refuse = |what: &str, of: [String; 2], help: &str| -> Located<()> {
            let [a, b] = &names;
            let message = format!("{a} has {what} {}, and {b} {what} {}", of[0], of[1]);
            Err(Box::new(end.problem(JOIN, message).with_help(help)))
        };
        let (lanes, far_lanes) = (self.lanes(one), self.lanes(other));
        if lanes.len() != far_lanes.len() {
            let [a, b] = &names;
            let message = format!(
                "{a} has {} lanes, and {b} has {}",
                lanes.len(),
                far_lanes.len()
            );
            let help = "join ports of equally many lanes";
            return Err(Box::new(end.problem(JOIN, message).with_help(help)));
        }
        for pair in lanes.iter().zip(&far_lanes) {
            let of = [(here, *pair.0), (there, *pair.1)].map(|(system, lane)| {
                let lane = &system.media_lanes[lane.index()];
                let group = system.engines[lane.engine.index()].group;
                let engine = &system.description.engine[group].value;
                (lane.wavelength, engine, code(system, engine))
            });
            let rates = of
                .each_ref()
                .map(|(_, engine, _)| engine.media_rate.value.value());
            if rates[0].to_bits() != rates[1].to_bits() {
                let rates = rates.map(|rate| format_si(Dimension::BitRate, rate));
                return refuse("lanes of", rates, "join ports of equal bit rates");
            }
            let words = of
                .each_ref()
                .map(|(_, engine, _)| engine.modulation.word().to_owned());
            if words[0] != words[1] {
                return refuse("lanes of", words, "join ports of equal modulation");
            }
            let waves = of
                .each_ref()
                .map(|(wave, engine, _)| (*wave, engine.wavelengths_per_fibre));
            if waves[0] != waves[1] {
                let waves = waves.map(|(wave, n)| format!("{} of {n}", wave.index() + 1));
                let help = "join ports whose lanes have the same wavelengths in the same order";
                return refuse("a lane of wavelength", waves, help);
            }
            let codes = of.map(|(_, _, code)| code);
            if codes[0] != codes[1] {
                let help = "join ports of one code: the `fec` of the descriptions and the inner code of the engines";
                return refuse("the code", codes, help);
            }
        }
        Ok(())
    }
}

/// The code of the lanes of an engine, for messages.
fn code(system: &System, engine: &Engine) -> String {
    let Code::Fec(fec) = &system.description.fec else {
        return "none".to_owned();
    };
    let inner = engine.dsp.as_ref().map(|dsp| dsp.inner_code);
    let inner = match inner {
        None | Some(InnerCode::None) => "",
        Some(InnerCode::Hamming128) => " with an inner code",
    };
    format!("RS({},{}){inner}", fec.n, fec.k)
}

/// Whether a name is meant by a word, in which `*` stands for any characters.
fn is_meant(name: &str, word: &str) -> bool {
    let parts: Vec<&str> = word.split('*').collect();
    if parts.len() == 1 {
        return name == word;
    }
    matches(name, &parts)
}
