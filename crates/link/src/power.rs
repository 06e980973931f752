//! Power and latency of the lanes, bottom up.

use std::ops::Add;

use photonics::fibre::Fibre;
use system::parts::{Code, Electrical, Engine};
use system::{LaserHome, PortId, System};
use units::derivation::{Call, Function, Stated as _, count, number, read, read_ratio};
use units::{BitRate, Derived, Meters, Ratio, Seconds, Sourced, Watts};

use crate::lane::{Lanes, fitting_engine, host_class};

/// Power of a group of engines by function, before and with conversion losses.
///
/// The terms are watts, or watts with the expression that gave them.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct PowerTerms<T = Watts> {
    /// Drivers, amplifiers, controller and monitors.
    pub engine: T,
    /// The engine's own end of the host lanes.
    pub engine_interface: T,
    /// Retimer or DSP.
    pub dsp: T,
    /// Ring heaters and bias heaters.
    pub tuning: T,
    /// Lasers with their coolers and controllers.
    pub laser: T,
    /// The ASIC's end of the host lanes.
    pub serdes: T,
    /// Lost in the regulators of engines and lasers.
    pub optics_conversion: T,
    /// Lost in the regulators of the SerDes.
    pub serdes_conversion: T,
}

impl<T: Clone + Add<Output = T>> PowerTerms<T> {
    /// Everything that a pluggable module would hold, at the module's supply pins.
    pub fn module(&self) -> T {
        self.engine.clone()
            + self.engine_interface.clone()
            + self.dsp.clone()
            + self.tuning.clone()
            + self.laser.clone()
            + self.optics_conversion.clone()
    }

    /// The module with the SerDes that drive it.
    pub fn port(&self) -> T {
        self.module() + self.serdes.clone() + self.serdes_conversion.clone()
    }

    /// The sum of two sets of terms.
    #[must_use]
    pub fn plus(&self, other: &Self) -> Self {
        self.zip(other, |a, b| a.clone() + b.clone())
    }
}

impl<T> PowerTerms<T> {
    /// A function of each term.
    pub fn map<U>(&self, mut f: impl FnMut(&T) -> U) -> PowerTerms<U> {
        self.zip(self, |term, _| f(term))
    }

    fn zip<U, V>(&self, other: &PowerTerms<U>, mut f: impl FnMut(&T, &U) -> V) -> PowerTerms<V> {
        PowerTerms {
            engine: f(&self.engine, &other.engine),
            engine_interface: f(&self.engine_interface, &other.engine_interface),
            dsp: f(&self.dsp, &other.dsp),
            tuning: f(&self.tuning, &other.tuning),
            laser: f(&self.laser, &other.laser),
            serdes: f(&self.serdes, &other.serdes),
            optics_conversion: f(&self.optics_conversion, &other.optics_conversion),
            serdes_conversion: f(&self.serdes_conversion, &other.serdes_conversion),
        }
    }
}

/// Bit rate of all optical lanes of one engine, with coding: what its electronics work through.
pub fn engine_line_rate(engine: &Engine) -> BitRate {
    engine.media_rate.value * f64::from(engine.media_lanes)
}

/// Bit rate of all optical lanes of one engine, as an expression.
fn derived_line_rate(engine: &Engine) -> Derived<BitRate> {
    read(&engine.media_rate) * count("lanes of an engine", engine.media_lanes as usize)
}

/// Lost in a regulator of efficiency `eta` that feeds a power `P`: `P (1 / eta - 1)`.
fn regulator_loss(power: Derived<Watts>, efficiency: &Sourced<Ratio>) -> Derived<Watts> {
    power * (number(1.0) / read_ratio(efficiency) - number(1.0))
}

/// Power of all engines of a group together with the lasers that light them, `E = e r` for
/// electronics of energy per bit `e` at line rate `r`.
///
/// A spare engine takes its standing power: lasers, tuning and controller. Lanes that have no
/// operating point take what their electronics take; their laser and heater are counted at what
/// they last were found to need, or zero.
pub fn group_power(system: &System, lanes: &Lanes, group: usize) -> PowerTerms<Derived<Watts>> {
    let engine = &system.description.engine[group].value;
    let delivery = &system.description.power;
    let zero = || number(Watts::new(0.0));
    let rate = derived_line_rate(engine);
    let members = || system.engines.iter().filter(|entity| entity.group == group);
    let n_active = count(
        "engines that carry traffic",
        members().filter(|entity| !entity.is_spare).count(),
    );
    let n_all = count("engines", members().count());
    let analogue =
        (read(&engine.driver.energy) + read(&engine.tia.energy)) * rate.clone() * n_active.clone();
    let controller = read(&engine.control_energy) * rate.clone() * n_all;
    let engine_power = (analogue.named("drivers and amplifiers") + controller.named("controllers"))
        .named("engine electronics");
    let dsp = engine.dsp.as_ref().map_or_else(zero, |dsp| {
        (read(&dsp.energy) * rate * n_active.clone()).named("retimers or DSPs")
    });
    let host_lanes = || count("host lanes of an engine", engine.host_lanes as usize);
    let engine_interface = engine
        .host_interface
        .as_ref()
        .map_or_else(zero, |interface| {
            let host_rate = read(&interface.rate) * host_lanes();
            (read(&interface.energy) * host_rate * n_active.clone()).named("engine interfaces")
        });
    let serdes = host_class(system, engine).map_or_else(zero, |class| {
        let host_rate = read(&class.part.rate) * host_lanes();
        (read(&class.part.energy) * host_rate * n_active).named("SerDes of the ASIC")
    });
    // Equal lanes are counted and multiplied: a sum of many would depend on their number in its
    // last digits, and so would the power of one port.
    let mut n_by_design = vec![0; lanes.designs.len()];
    for lane in members().flat_map(|entity| entity.media_lanes.clone()) {
        n_by_design[lanes.design_of[lane as usize]] += 1;
    }
    let tuning = (0..lanes.designs.len())
        .filter(|design| n_by_design[*design] > 0)
        .filter_map(|design| {
            Some(lanes.tuning_power(design)? * count("lanes", n_by_design[design]))
        });
    let tuning = total(tuning).named("tuning");
    let (inside, outside) = laser_power(system, lanes, group);
    let laser = (inside.clone() + outside.clone()).named("lasers");
    let on_engine_supply =
        engine_power.clone() + engine_interface.clone() + dsp.clone() + tuning.clone() + inside;
    let optics_conversion = regulator_loss(
        on_engine_supply.named("on the engines' supply"),
        &delivery.engine_regulator,
    ) + regulator_loss(outside, &delivery.laser_regulator);
    let serdes_conversion = regulator_loss(serdes.clone(), &delivery.asic_regulator);
    PowerTerms {
        engine: engine_power,
        engine_interface,
        dsp,
        tuning,
        laser,
        serdes,
        optics_conversion: optics_conversion.named("lost in regulators of engines and lasers"),
        serdes_conversion: serdes_conversion.named("lost in regulators of SerDes"),
    }
}

/// The sum of some powers; zero of none.
fn total(terms: impl Iterator<Item = Derived<Watts>>) -> Derived<Watts> {
    terms
        .reduce(|sum, term| sum + term)
        .unwrap_or_else(|| number(Watts::new(0.0)))
}

/// Power of the lasers of a group of engines: those inside, and those in modules with the
/// modules' electronics.
fn laser_power(system: &System, lanes: &Lanes, group: usize) -> (Derived<Watts>, Derived<Watts>) {
    // Lasers of one home and one design are equal: they are counted, as the lanes are.
    let mut n_inside = vec![0; lanes.designs.len()];
    let mut n_outside = vec![vec![0; lanes.designs.len()]; system.description.laser_module.len()];
    let mut is_lit = vec![false; system.laser_modules.len()];
    for laser in &system.lasers {
        let Some(first) = laser.media_lanes.first() else {
            continue;
        };
        let lane = &system.media_lanes[first.index()];
        if system.engines[lane.engine.index()].group != group {
            continue;
        }
        let design = lanes.design_of[first.index()];
        match laser.home {
            LaserHome::Engine(_) => n_inside[design] += 1,
            LaserHome::Module(module, _) => {
                n_outside[system.laser_modules[module.index()].group][design] += 1;
                is_lit[module.index()] = true;
            }
        }
    }
    let electrical = |counts: &[usize]| -> Derived<Watts> {
        let counted = counts.iter().enumerate().filter(|(_, n)| **n > 0);
        total(
            counted
                .filter_map(|(design, n)| Some(lanes.laser_power(design)? * count("lasers", *n))),
        )
    };
    let engine = &system.description.engine[group].value;
    let mut inside = electrical(&n_inside);
    if let Some(ratio) = &engine.laser_cooler_ratio {
        inside = inside * (number(1.0) + read_ratio(ratio));
    }
    let outside = n_outside
        .iter()
        .enumerate()
        .filter_map(|(module_group, counts)| {
            let part = &system.description.laser_module[module_group].value;
            let lit = system.laser_modules.iter().zip(&is_lit);
            let n_lit = lit
                .filter(|(module, is_lit)| **is_lit && module.group == module_group)
                .count();
            (n_lit > 0).then(|| {
                electrical(counts) * (number(1.0) + read_ratio(&part.cooler_power_ratio))
                    + read(&part.electronics_power) * count("laser modules", n_lit)
            })
        });
    (
        inside.named("lasers in the engines"),
        total(outside).named("laser modules"),
    )
}

/// Latency of one link by stage, one way, from ASIC to ASIC without the switching itself.
///
/// The terms are seconds, or seconds with the expression that gave them.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct LatencyTerms<T = Seconds> {
    /// SerDes of both ends.
    pub serdes: T,
    /// Retimers or DSPs of both ends.
    pub dsp: T,
    /// Light in the fibre.
    pub fibre: T,
    /// Waiting for the codewords to arrive.
    pub fec_fill: T,
    /// Decoding them.
    pub fec_decode: T,
}

impl<T: Clone + Add<Output = T>> LatencyTerms<T> {
    /// The sum.
    pub fn total(&self) -> T {
        self.serdes.clone()
            + self.dsp.clone()
            + self.fibre.clone()
            + self.fec_fill.clone()
            + self.fec_decode.clone()
    }
}

impl<T> LatencyTerms<T> {
    /// A function of each term.
    pub fn map<U>(&self, f: impl Fn(&T) -> U) -> LatencyTerms<U> {
        LatencyTerms {
            serdes: f(&self.serdes),
            dsp: f(&self.dsp),
            fibre: f(&self.fibre),
            fec_fill: f(&self.fec_fill),
            fec_decode: f(&self.fec_decode),
        }
    }
}

const GROUP_DELAY: Function = Function {
    name: "group delay of a fibre",
    equation: "t = L n_g / c",
    source: "the group index at the zero of dispersion",
};

/// Time that light needs for the fibre of a port's link.
fn fibre_delay(system: &System, port: PortId) -> Option<Derived<Seconds>> {
    let fibre = &system.description.fibre_plant.data_fibre;
    let (length, wavelength) = (system.link_length(port), fibre.zero_dispersion.value);
    // At the zero of dispersion the slope does not count.
    let inputs = vec![fibre.group_index.leaf(), length.leaf()];
    let model = crate::convert::fibre(fibre);
    let call = Call::new(&GROUP_DELAY, inputs, move |x| {
        let fibre = Fibre {
            group_index: Ratio::new(x[0]),
            ..model
        };
        Ok(vec![
            fibre.group_delay(wavelength, Meters::new(x[1])).value(),
        ])
    });
    Some(call.ok()?.result(0))
}

/// Latency of the link of an optical port; none for an electrical one.
///
/// `fill = interleave n m / R` with the line rate `R` of the port and `m` bits of a symbol: the
/// decoder starts when the last symbol of its interleaved codewords is in. A retimed engine adds
/// one SerDes pass at its end; a linear one adds half, because one pass reaches from ASIC to ASIC.
/// Where the far end cannot receive, it is counted as an engine of this kind. Without a code
/// nothing is filled or decoded.
pub fn latency(system: &System, port: PortId) -> Option<LatencyTerms<Derived<Seconds>>> {
    let lanes = &system.ports[port.index()].media_lanes;
    let first = lanes.first()?;
    let near = &system.engines[system.media_lanes[first.index()].engine.index()];
    let engine = &system.description.engine[near.group].value;
    let link = system.link_of(port).map(|link| &system.links[link.index()]);
    let peer = link
        .and_then(|link| link.peer)
        .map(|peer| system.peers[peer].as_ref());
    let far = peer.and_then(|far| {
        let id = fitting_engine(far, engine)?;
        let group = far.engines[id.index()].group;
        Some((far, &far.description.engine[group].value))
    });
    let (far_system, far_engine) = far.unwrap_or((system, engine));
    let zero = || number(Seconds::new(0.0));
    let serdes = |system: &System, engine: &Engine| {
        let pass = host_class(system, engine).map_or_else(zero, |class| read(&class.part.latency));
        match engine.electrical {
            Electrical::Retimed => pass,
            Electrical::Linear => pass * 0.5,
        }
    };
    let dsp = |engine: &Engine| {
        engine
            .dsp
            .as_ref()
            .map_or_else(zero, |dsp| read(&dsp.latency))
    };
    let (fec_fill, fec_decode) = match &system.description.fec {
        Code::Fec(fec) => {
            let bits = count("interleaved codewords", fec.interleave as usize)
                * count("symbols of a codeword", fec.n as usize)
                * number(10.0);
            let line_rate = read(&engine.media_rate) * count("lanes of the port", lanes.len());
            (bits / line_rate, read(&fec.decode_latency))
        }
        Code::Uncoded(_) => (zero(), zero()),
    };
    Some(LatencyTerms {
        serdes: (serdes(system, engine) + serdes(far_system, far_engine)).named("SerDes"),
        dsp: (dsp(engine) + dsp(far_engine)).named("retimers or DSPs"),
        fibre: fibre_delay(system, port)?.named("fibre"),
        fec_fill: fec_fill.named("FEC fill"),
        fec_decode: fec_decode.named("FEC decode"),
    })
}
