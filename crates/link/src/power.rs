//! Power and latency of the lanes, bottom up.

use system::parts::{Code, Electrical, Engine};
use system::{LaserHome, PortId, System};
use units::{BitRate, Meters, Seconds, Watts};

use crate::lane::{LaneDesign, Lanes, fitting_engine, host_class};

/// Power of a group of engines by function, before and with conversion losses.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct PowerTerms {
    /// Drivers, amplifiers, controller and monitors.
    pub engine: Watts,
    /// The engine's own end of the host lanes.
    pub engine_interface: Watts,
    /// Retimer or DSP.
    pub dsp: Watts,
    /// Ring heaters and bias heaters.
    pub tuning: Watts,
    /// Lasers with their coolers and controllers.
    pub laser: Watts,
    /// The ASIC's end of the host lanes.
    pub serdes: Watts,
    /// Lost in the regulators of engines and lasers.
    pub optics_conversion: Watts,
    /// Lost in the regulators of the SerDes.
    pub serdes_conversion: Watts,
}

impl PowerTerms {
    /// Everything that a pluggable module would hold, at the module's supply pins.
    pub fn module(&self) -> Watts {
        self.engine
            + self.engine_interface
            + self.dsp
            + self.tuning
            + self.laser
            + self.optics_conversion
    }

    /// The module with the SerDes that drive it.
    pub fn port(&self) -> Watts {
        self.module() + self.serdes + self.serdes_conversion
    }

    /// All terms multiplied by a number.
    #[must_use]
    pub fn scaled(&self, factor: f64) -> Self {
        Self {
            engine: self.engine * factor,
            engine_interface: self.engine_interface * factor,
            dsp: self.dsp * factor,
            tuning: self.tuning * factor,
            laser: self.laser * factor,
            serdes: self.serdes * factor,
            optics_conversion: self.optics_conversion * factor,
            serdes_conversion: self.serdes_conversion * factor,
        }
    }

    /// The sum of two sets of terms.
    #[must_use]
    pub fn plus(&self, other: &Self) -> Self {
        Self {
            engine: self.engine + other.engine,
            engine_interface: self.engine_interface + other.engine_interface,
            dsp: self.dsp + other.dsp,
            tuning: self.tuning + other.tuning,
            laser: self.laser + other.laser,
            serdes: self.serdes + other.serdes,
            optics_conversion: self.optics_conversion + other.optics_conversion,
            serdes_conversion: self.serdes_conversion + other.serdes_conversion,
        }
    }
}

/// Bit rate of all optical lanes of one engine, with coding: what its electronics work through.
pub fn engine_line_rate(engine: &Engine) -> BitRate {
    engine.media_rate.value * f64::from(engine.media_lanes)
}

/// Power of all engines of a group together with the lasers that light them, `E = e r` for
/// electronics of energy per bit `e` at line rate `r`.
///
/// A spare engine takes its standing power: lasers, tuning and controller. Lanes that have no
/// operating point take what their electronics take; their laser and heater are counted at what
/// they last were found to need, or zero.
pub fn group_power(system: &System, lanes: &Lanes, group: usize) -> PowerTerms {
    let engine = &system.description.engine[group].value;
    let delivery = &system.description.power;
    let rate = engine_line_rate(engine);
    let members = || system.engines.iter().filter(|entity| entity.group == group);
    let n_active = members().filter(|entity| !entity.is_spare).count() as f64;
    let n_all = members().count() as f64;
    let mut terms = PowerTerms {
        engine: (engine.driver.energy.value + engine.tia.energy.value) * rate * n_active
            + engine.control_energy.value * rate * n_all,
        ..PowerTerms::default()
    };
    if let Some(dsp) = &engine.dsp {
        terms.dsp = dsp.energy.value * rate * n_active;
    }
    if let Some(interface) = &engine.host_interface {
        let host_rate = interface.rate.value * f64::from(engine.host_lanes);
        terms.engine_interface = interface.energy.value * host_rate * n_active;
    }
    if let Some(class) = host_class(system, engine) {
        let host_rate = class.part.rate.value * f64::from(engine.host_lanes);
        terms.serdes = class.part.energy.value * host_rate * n_active;
    }
    // Equal lanes are counted and multiplied: a sum of many would depend on their number in its
    // last digits, and so would the power of one port.
    let mut n_by_design = vec![0u32; lanes.designs.len()];
    for lane in members().flat_map(|entity| entity.media_lanes.clone()) {
        n_by_design[lanes.design_of[lane as usize]] += 1;
    }
    for (design, n) in lanes.designs.iter().zip(n_by_design) {
        if let Some(modulator) = &design.modulator {
            terms.tuning += modulator.tuning_power * f64::from(n);
        }
        // The ring that drops the lane's wavelength is that of the light that comes in.
        if let Some(filter) = &design.incoming().filter_heater {
            terms.tuning += filter.power * f64::from(n);
        }
    }
    let (inside, outside) = laser_power(system, lanes, group);
    terms.laser = inside + outside;
    let loss = |power: Watts, efficiency: f64| power * (1.0 / efficiency - 1.0);
    let on_engine_supply =
        terms.engine + terms.engine_interface + terms.dsp + terms.tuning + inside;
    terms.optics_conversion = loss(on_engine_supply, delivery.engine_regulator.value.value())
        + loss(outside, delivery.laser_regulator.value.value());
    terms.serdes_conversion = loss(terms.serdes, delivery.asic_regulator.value.value());
    terms
}

/// Power of the lasers of a group of engines: those inside, and those in modules with the
/// modules' electronics.
fn laser_power(system: &System, lanes: &Lanes, group: usize) -> (Watts, Watts) {
    let zero = Watts::new(0.0);
    // Lasers of one home and one design are equal: they are counted, as the lanes are.
    let mut n_inside = vec![0u32; lanes.designs.len()];
    let mut n_outside =
        vec![vec![0u32; lanes.designs.len()]; system.description.laser_module.len()];
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
    let electrical = |counts: &[u32]| -> Watts {
        let each = |design: &LaneDesign| {
            design
                .laser
                .map_or(zero, |state| state.point.electrical_power)
        };
        lanes
            .designs
            .iter()
            .zip(counts)
            .map(|(design, n)| each(design) * f64::from(*n))
            .sum()
    };
    let ratio = system.description.engine[group]
        .value
        .laser_cooler_ratio
        .as_ref();
    let inside = electrical(&n_inside) * (1.0 + ratio.map_or(0.0, |ratio| ratio.value.value()));
    let outside = n_outside.iter().enumerate().map(|(module_group, counts)| {
        let part = &system.description.laser_module[module_group].value;
        let lit = system.laser_modules.iter().zip(&is_lit);
        let n_lit = lit
            .filter(|(module, is_lit)| **is_lit && module.group == module_group)
            .count();
        electrical(counts) * (1.0 + part.cooler_power_ratio.value.value())
            + part.electronics_power.value * n_lit as f64
    });
    (inside, outside.sum())
}

/// Latency of one link by stage, one way, from ASIC to ASIC without the switching itself.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct LatencyTerms {
    /// SerDes of both ends.
    pub serdes: Seconds,
    /// Retimers or DSPs of both ends.
    pub dsp: Seconds,
    /// Light in the fibre.
    pub fibre: Seconds,
    /// Waiting for the codewords to arrive.
    pub fec_fill: Seconds,
    /// Decoding them.
    pub fec_decode: Seconds,
}

impl LatencyTerms {
    /// The sum.
    pub fn total(&self) -> Seconds {
        self.serdes + self.dsp + self.fibre + self.fec_fill + self.fec_decode
    }
}

/// Latency of the link of an optical port; none for an electrical one.
///
/// `fill = interleave n m / R` with the line rate `R` of the port and `m` bits of a symbol: the
/// decoder starts when the last symbol of its interleaved codewords is in. A retimed engine adds
/// one SerDes pass at its end; a linear one adds half, because one pass reaches from ASIC to ASIC.
/// Where the far end cannot receive, it is counted as an engine of this kind. Without a code
/// nothing is filled or decoded.
pub fn latency(system: &System, port: PortId) -> Option<LatencyTerms> {
    let lanes = &system.ports[port.index()].media_lanes;
    let first = lanes.first()?;
    let near = &system.engines[system.media_lanes[first.index()].engine.index()];
    let engine = &system.description.engine[near.group].value;
    let link = system.link_of(port).map(|link| &system.links[link.index()]);
    let peer = link
        .and_then(|link| link.peer)
        .map(|peer| system.peers[peer].as_ref());
    let far = peer.and_then(|far| {
        let entity = fitting_engine(far, engine)?;
        Some((far, &far.description.engine[entity.group].value))
    });
    let (far_system, far_engine) = far.unwrap_or((system, engine));
    let zero = Seconds::new(0.0);
    let serdes = |system: &System, engine: &Engine| {
        let pass = host_class(system, engine).map_or(zero, |class| class.part.latency.value);
        match engine.electrical {
            Electrical::Retimed => pass,
            Electrical::Linear => pass * 0.5,
        }
    };
    let dsp = |engine: &Engine| engine.dsp.as_ref().map_or(zero, |dsp| dsp.latency.value);
    let plant = &system.description.fibre_plant;
    let (bits, fec_decode) = match &system.description.fec {
        Code::Fec(fec) => (
            f64::from(fec.interleave) * f64::from(fec.n) * 10.0,
            fec.decode_latency.value,
        ),
        Code::Uncoded(_) => (0.0, zero),
    };
    let length = link.map_or(plant.reach.value, |link| Meters::new(link.length_m));
    let wavelength = plant.data_fibre.zero_dispersion.value;
    Some(LatencyTerms {
        serdes: serdes(system, engine) + serdes(far_system, far_engine),
        dsp: dsp(engine) + dsp(far_engine),
        fibre: crate::convert::fibre(&plant.data_fibre).group_delay(wavelength, length),
        fec_fill: Seconds::new(bits / (engine.media_rate.value.value() * lanes.len() as f64)),
        fec_decode,
    })
}
