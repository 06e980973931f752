//! The only conversion from a description to its lanes.
//!
//! Lanes that share every part and every length share one [`LaneDesign`]; a switch of 512 lanes
//! has one or a few. [`Lanes::new`] finds and solves them.

use std::collections::BTreeMap;

use photonics::DeviceError;
use photonics::connector::{Reflector, interference_pairs};
use photonics::fibre::AxisErrors;
use photonics::ring_modulator::DetuningGoal;
use photonics::self_heating::HeatedRing;
use system::parts::{self, Electrical, InnerCode, Modulator};
use system::{LaserHome, MediaLaneId, System, TableError};
use units::{
    Celsius, Decibels, DecibelsPerHertz, Hertz, Meters, MetersPerKelvin, MetersPerWatt, Ratio,
    SymbolRate, Watts,
};

use crate::control::{
    HeaterState, LaserState, heater_lock, laser_power_control, measured_power_control,
    waveguide_drift,
};
use crate::convert;
use crate::element::{Element, Planes};
use crate::equaliser::{Design, Equalised, LowPass, Response, Shape};
use crate::fec::FecCode;
use crate::{
    Impairments, Interference, Levels, LinkError, Margin, Modulation, Receiver, Reception,
    SymbolDisturbance, Thresholds, margin,
};

/// Why a lane carries no signal.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum LaneFault {
    /// A device has no operating point.
    #[error(transparent)]
    Device(#[from] DeviceError),
    /// The receiver's figures make no sense.
    #[error(transparent)]
    Receiver(#[from] LinkError),
    /// A measured table does not reach the operating point.
    #[error("measured table: {0}")]
    Table(#[from] TableError),
    /// A measured table has another form.
    #[error("{what}")]
    MeasuredTable {
        /// What is wrong.
        what: &'static str,
    },
    /// The heater cannot hold the ring.
    #[error("ring not locked at {substrate}: the heater needs {needed}, and has {low} to {high}")]
    RingUnlocked {
        /// Needed heater power.
        needed: Watts,
        /// Least power that leaves the reserve.
        low: Watts,
        /// Greatest power.
        high: Watts,
        /// Temperature of the substrate.
        substrate: Celsius,
    },
    /// The platform lacks a function.
    #[error("the photonic platform cannot {function}")]
    Platform {
        /// What it should do.
        function: &'static str,
    },
    /// Dispersion closes the channel.
    #[error("dispersion over {length} fades the signal at {nyquist}")]
    Dispersion {
        /// Length of the fibre.
        length: Meters,
        /// Half the symbol rate.
        nyquist: Hertz,
    },
    /// The light is too strong for the receiver.
    #[error("{received} at the photodiode overloads the receiver, which takes {limit}")]
    Overload {
        /// Mean received power.
        received: Watts,
        /// Greatest mean power.
        limit: Watts,
    },
    /// No code of this size is known.
    #[error("no code RS({n},{k}) is known; use (544,514), (528,514) or (272,258)")]
    UnknownCode {
        /// Symbols of a codeword.
        n: u32,
        /// Data symbols.
        k: u32,
    },
    /// The far end cannot receive what this end sends.
    #[error("the far end {peer:?} has no engine for this rate and modulation")]
    PeerMismatch {
        /// Name of the far system.
        peer: String,
    },
    /// The bus loss of the host lane exceeds what its SerDes overcomes.
    #[error("the electrical path loses {loss}; its SerDes overcomes {budget}")]
    HostChannel {
        /// Loss at the Nyquist frequency.
        loss: Decibels,
        /// What the interface class overcomes.
        budget: Decibels,
    },
}

/// The modulator at work.
#[derive(Debug, Clone, PartialEq)]
pub struct ModulatorState {
    /// Loss of the top level.
    pub insertion_loss: Decibels,
    /// Outer extinction ratio.
    pub extinction_ratio: Decibels,
    /// Ratio of level mismatch; 1 for two levels.
    pub rlm: f64,
    /// 3 dB bandwidth.
    pub bandwidth: Hertz,
    /// Power that holds it on its operating point: ring heater or bias heater.
    pub tuning_power: Watts,
    /// The heater of a ring.
    pub heater: Option<HeaterState>,
    /// Laser wavelength minus ring resonance.
    pub detuning: Option<Meters>,
    /// Relative transmission of each level, rising.
    pub levels: Vec<f64>,
    /// Whether light can hold the ring in either of two states.
    pub is_bistable: bool,
    /// Loss of amplitude from the residual error of the lock.
    pub lock_penalty: Decibels,
}

/// What the receiver makes of a lane.
#[derive(Debug, Clone, PartialEq)]
pub struct Solution {
    /// Bit error ratio of the optical segment.
    pub optical_ber: f64,
    /// Bit error ratio of the electrical segments that reach the same decoder.
    pub host_ber: f64,
    /// Natural logarithm of the codeword error ratio.
    pub ln_codeword_error_ratio: f64,
    /// Optical power to spare before the code fails its target.
    pub margin: Margin,
    /// What limits the decision.
    pub limiting: crate::NoiseKind,
    /// Least eye in standard deviations.
    pub q_min: f64,
}

impl Solution {
    /// Bit error ratio at the decoder's input.
    pub fn pre_fec_ber(&self) -> f64 {
        self.optical_ber + self.host_ber
    }

    /// Whether the code reaches its target.
    pub fn closes(&self) -> bool {
        matches!(self.margin, Margin::Met(_) | Margin::MetThroughout)
    }
}

/// All that lanes of equal parts share.
#[derive(Debug, Clone)]
pub struct LaneDesign {
    /// Position of the engine's group in the description.
    pub engine_group: usize,
    /// The light from laser to photodiode.
    pub planes: Planes,
    /// The laser; none when it has no operating point.
    pub laser: Option<LaserState>,
    /// Its noise with the feedback of this path.
    pub rin: DecibelsPerHertz,
    /// The modulator.
    pub modulator: Option<ModulatorState>,
    /// The equaliser of the receiver.
    pub equaliser: Option<Equalised>,
    /// The receiver's input.
    pub reception: Option<Reception>,
    /// The code.
    pub fec: FecCode,
    /// Bit error ratio that the optical segment may have.
    pub target_ber: f64,
    /// The solution, or why there is none.
    pub outcome: Result<Solution, LaneFault>,
}

/// Every lane of a system with its design.
#[derive(Debug, Clone)]
pub struct Lanes {
    /// The distinct designs.
    pub designs: Vec<LaneDesign>,
    /// The design of each media lane.
    pub design_of: Vec<usize>,
}

impl Lanes {
    /// Solves every lane of a system, each distinct one once.
    pub fn new(system: &System) -> Self {
        let mut lanes = Self { designs: Vec::new(), design_of: Vec::with_capacity(system.media_lanes.len()) };
        let mut length_of = vec![system.description.fibre_plant.reach.value; system.ports.len()];
        let mut peer_of = vec![None; system.ports.len()];
        for link in &system.links {
            length_of[link.port.index()] = Meters::new(link.length_m);
            peer_of[link.port.index()] = link.peer;
        }
        let mut known: BTreeMap<(usize, u64, Option<usize>), usize> = BTreeMap::new();
        for lane in &system.media_lanes {
            let group = system.engines[lane.engine.index()].group;
            let (length, peer) = lane.port.map_or(
                (system.description.fibre_plant.reach.value, None),
                |port| (length_of[port.index()], peer_of[port.index()]),
            );
            let key = (group, length.value().to_bits(), peer);
            let design = *known.entry(key).or_insert_with(|| {
                let far = peer.map_or(system, |peer| &system.peers[peer]);
                lanes.designs.push(design(system, lane, far, length));
                lanes.designs.len() - 1
            });
            lanes.design_of.push(design);
        }
        lanes
    }

    /// The design of a lane.
    pub fn design(&self, lane: MediaLaneId) -> &LaneDesign {
        &self.designs[self.design_of[lane.index()]]
    }
}

/// Solves one lane. [`Lanes::new`] is the same for all lanes at once.
pub fn lane(system: &System, id: MediaLaneId) -> LaneDesign {
    let entity = &system.media_lanes[id.index()];
    let link = entity.port.and_then(|port| system.link_of(port)).map(|link| &system.links[link.index()]);
    let length = link.map_or(system.description.fibre_plant.reach.value, |link| Meters::new(link.length_m));
    let far = link.and_then(|link| link.peer).map_or(system, |peer| &system.peers[peer]);
    design(system, entity, far, length)
}

/// Symbol rate of an engine's lanes.
pub fn symbol_rate(engine: &parts::Engine) -> SymbolRate {
    SymbolRate::new(engine.media_rate.value.value() / modulation(engine).bits_per_symbol() as f64)
}

fn modulation(engine: &parts::Engine) -> Modulation {
    match engine.modulation {
        parts::Modulation::Nrz => Modulation::Nrz,
        parts::Modulation::Pam4 => Modulation::Pam4,
    }
}

fn design(system: &System, lane: &system::MediaLane, far: &System, length: Meters) -> LaneDesign {
    let group = system.engines[lane.engine.index()].group;
    let mut design = LaneDesign {
        engine_group: group,
        planes: Planes::default(),
        laser: None,
        rin: DecibelsPerHertz::new(0.0),
        modulator: None,
        equaliser: None,
        reception: None,
        fec: FecCode::None,
        target_ber: 0.0,
        outcome: Err(LaneFault::Platform { function: "be solved" }),
    };
    design.outcome = Solver { system, far, lane, length }.solve(&mut design);
    design
}

struct Solver<'a> {
    system: &'a System,
    far: &'a System,
    lane: &'a system::MediaLane,
    length: Meters,
}

impl Solver<'_> {
    fn solve(&self, design: &mut LaneDesign) -> Result<Solution, LaneFault> {
        let system = self.system;
        let entity = &system.engines[self.lane.engine.index()];
        let engine = &system.description.engine[entity.group].value;
        let substrate = &system.description.zone[entity.zone.index()].value;
        let temperature = substrate.temperature.value;
        if !engine.platform.modulates {
            return Err(LaneFault::Platform { function: "modulate" });
        }
        let (lanes_per_laser, wavelength) = self.feed(engine, design)?;
        let mut planes = std::mem::take(&mut design.planes);
        self.light_in(engine, &mut planes, wavelength, temperature, lanes_per_laser)?;
        let state = modulator(system, engine, substrate, wavelength, planes.power())?;
        planes.pass(Element::Modulator, state.insertion_loss);
        let top = state.levels[state.levels.len() - 1];
        let mean = state.levels.iter().sum::<f64>() / state.levels.len() as f64;
        planes.modulate(mean / top, (top - state.levels[0]) / top);
        if matches!(engine.modulator, Modulator::RingModulator(_)) {
            planes.pass(Element::LockError, state.lock_penalty);
        }
        let receive = self.far_engine(engine)?;
        let reflections = self.light_out(engine, receive, &mut planes, wavelength, temperature)?;
        let scale = planes.power().value() / mean;
        let powers: Vec<Watts> = state.levels.iter().map(|level| Watts::new(level * scale)).collect();
        design.modulator = Some(state);
        design.planes = planes;
        self.receive(engine, receive, &powers, reflections, design)
    }

    /// The laser under its power control, and the planes that lead to the input coupler. Gives
    /// the number of lanes that share the laser, and its wavelength.
    fn feed(&self, engine: &parts::Engine, design: &mut LaneDesign) -> Result<(u32, Meters), LaneFault> {
        let system = self.system;
        let plant = &system.description.fibre_plant;
        let laser_entity = &system.lasers[self.lane.laser.index()];
        let (part, launch, zone, lanes_per_laser, back) = match laser_entity.home {
            LaserHome::Module(module, _) => {
                let module = &system.laser_modules[module.index()];
                let part = &system.description.laser_module[module.group].value;
                let mut back = 0.0;
                let mut passed = Decibels::new(0.0);
                for (connector, n) in [
                    (&plant.laser_mate, 1),
                    (&plant.laser_connector, plant.laser_connectors.unwrap_or(0)),
                ] {
                    for _ in 0..n {
                        if let Some(connector) = connector {
                            back += (connector.reflectance.value - passed * 2.0).to_ratio();
                            passed += connector.loss.value;
                        }
                    }
                }
                back += (convert::coupler_reflectance(&engine.input_coupler) - passed * 2.0).to_ratio();
                (
                    (&part.laser, part.internal_loss.value),
                    part.launch.value,
                    module.zone,
                    part.lanes_per_laser.unwrap_or(1),
                    back,
                )
            }
            LaserHome::Engine(engine_id) => {
                let laser = engine.laser.as_ref().ok_or(LaneFault::Platform { function: "emit light" })?;
                let launch = engine.laser_launch.as_ref().ok_or(LaneFault::Platform { function: "emit light" })?;
                let zone = system.engines[engine_id.index()].zone;
                let back = convert::coupler_reflectance(&engine.input_coupler).to_ratio();
                ((laser, Decibels::new(0.0)), launch.value, zone, engine.lanes_per_laser.unwrap_or(1), back)
            }
        };
        let (laser_part, internal_loss) = part;
        let device = convert::laser(laser_part);
        let case = system.description.zone[zone.index()].value.temperature.value;
        let set_point = (launch + internal_loss).to_watts();
        let state = match &laser_part.measured {
            Some(table) => measured_power_control(table, &device, case, set_point)?,
            None => laser_power_control(&device, case, set_point)?,
        };
        design.rin = device.rin_with_feedback(Decibels::from_ratio(back));
        design.laser = Some(state);
        let power = units::DbMilliwatts::from_watts(state.point.power) - internal_loss;
        design.planes = Planes::start(power);
        if let LaserHome::Module(..) = laser_entity.home {
            if let Some(mate) = &plant.laser_mate {
                design.planes.pass(Element::LaserMate, mate.loss.value);
            }
            if let (Some(fibre), Some(length)) = (&plant.laser_fibre, &plant.laser_fibre_length) {
                let ripple = fibre.axis_error.as_ref().map_or(1.0, |angle| {
                    let errors = AxisErrors { launch: angle.value, exit: angle.value };
                    // The retardance is random; the mean over it is the middle of the extremes.
                    let (least, greatest) = errors.extremes();
                    0.5 * (least + greatest)
                });
                let loss = fibre.loss.value * length.value + Decibels::from_transmission(ripple);
                design.planes.pass(Element::LaserFibre, loss);
            }
            if let Some(connector) = &plant.laser_connector {
                let n = f64::from(plant.laser_connectors.unwrap_or(0));
                design.planes.pass(Element::LaserConnectors, connector.loss.value * n);
            }
        }
        Ok((lanes_per_laser, state.point.wavelength))
    }

    /// From the input coupler to the modulator.
    fn light_in(
        &self,
        engine: &parts::Engine,
        planes: &mut Planes,
        wavelength: Meters,
        temperature: Celsius,
        lanes_per_laser: u32,
    ) -> Result<(), LaneFault> {
        planes.pass(Element::InputCoupler, convert::coupler_loss(&engine.input_coupler, wavelength, temperature)?);
        let length = engine.routing_length.value;
        let linear = engine.platform.guide_loss.value * length;
        let excess = match convert::nonlinear(&engine.platform) {
            Some(absorption) => {
                absorption.excess_loss(planes.power(), length, engine.platform.guide_loss.value, wavelength)?
            }
            None => Decibels::new(0.0),
        };
        planes.pass(Element::Routing, linear + excess);
        let tree = photonics::splitter::SplitterTree {
            outputs: lanes_per_laser as usize,
            excess_loss: engine.splitter.excess_loss.value,
            imbalance: Decibels::new(0.0),
        };
        planes.pass(Element::Splitter, tree.mean_loss()?);
        Ok(())
    }

    /// From the modulator to the far photodiode. Gives the relative powers of the light that
    /// reaches it over two reflections.
    fn light_out(
        &self,
        engine: &parts::Engine,
        receive: &parts::Engine,
        planes: &mut Planes,
        wavelength: Meters,
        temperature: Celsius,
    ) -> Result<Vec<f64>, LaneFault> {
        let plant = &self.system.description.fibre_plant;
        let fibre = convert::fibre(&plant.data_fibre);
        if let Some(mux) = &engine.multiplexer {
            planes.pass(Element::Multiplexer, mux.loss.value);
        }
        planes.pass(Element::OutputCoupler, convert::coupler_loss(&engine.output_coupler, wavelength, temperature)?);
        let n = plant.data_connectors;
        planes.pass(Element::Connectors, plant.data_connector.loss.value * f64::from(n));
        if let Some(shuffle) = &plant.shuffle_loss {
            planes.pass(Element::Shuffle, shuffle.value);
        }
        let nyquist = symbol_rate(engine).nyquist();
        let fading = fibre.intensity_response(wavelength, self.length, nyquist).abs();
        if nyquist >= fibre.fading_frequency(wavelength, self.length) || fading <= 0.0 {
            return Err(LaneFault::Dispersion { length: self.length, nyquist });
        }
        // The amplitude at the Nyquist frequency stands for the whole band: an upper bound.
        planes.pass(Element::Fibre, fibre.loss(self.length) + Decibels::from_transmission(fading));
        let far_zone = self.far.engines.first().map_or(temperature, |engine| {
            self.far.description.zone[engine.zone.index()].value.temperature.value
        });
        planes.pass(Element::ReceiveCoupler, convert::coupler_loss(&receive.receive_coupler, wavelength, far_zone)?);
        planes.pass(Element::Polarisation, receive.polarisation_loss.value);
        if let Some(demux) = &receive.demultiplexer {
            planes.pass(Element::Demultiplexer, demux.loss.value);
        } else {
            planes.pass(Element::Demultiplexer, Decibels::new(0.0));
        }
        let hop = |reflectance: Decibels, loss_to_next: Decibels| Reflector { reflectance, loss_to_next };
        let connector = &plant.data_connector;
        let none = Decibels::new(0.0);
        let mut chain = vec![hop(convert::coupler_reflectance(&engine.output_coupler), none)];
        for idx in 0..n {
            let line = if idx + 1 == n { fibre.loss(self.length) } else { none };
            chain.push(hop(connector.reflectance.value, connector.loss.value + line));
        }
        let receive_loss = planes.after(Element::ReceiveCoupler).map_or(none, |plane| plane.loss);
        chain.push(hop(convert::coupler_reflectance(&receive.receive_coupler), receive_loss + receive.polarisation_loss.value));
        chain.push(hop(receive.photodiode.reflectance.value, none));
        Ok(interference_pairs(&chain)?)
    }

    /// The engine at the far end.
    fn far_engine<'b>(&'b self, engine: &'b parts::Engine) -> Result<&'b parts::Engine, LaneFault> {
        if std::ptr::eq(self.system, self.far) {
            return Ok(engine);
        }
        let same_rate = |other: &parts::Engine| {
            let ratio = other.media_rate.value / engine.media_rate.value;
            (0.999..=1.001).contains(&ratio)
                && other.modulation == engine.modulation
                && other.wavelengths_per_fibre == engine.wavelengths_per_fibre
        };
        let found = self.far.description.engine.iter().find(|group| same_rate(&group.value));
        found
            .map(|group| &group.value)
            .ok_or_else(|| LaneFault::PeerMismatch { peer: self.far.description.name.clone() })
    }

    /// Receiver, equaliser, decision, code.
    fn receive(
        &self,
        engine: &parts::Engine,
        receive: &parts::Engine,
        powers: &[Watts],
        reflections: Vec<f64>,
        design: &mut LaneDesign,
    ) -> Result<Solution, LaneFault> {
        if !receive.platform.detects {
            return Err(LaneFault::Platform { function: "detect" });
        }
        let levels = Levels::explicit(powers)?;
        let limit = receive.tia.overload.value.to_watts();
        if levels.average() > limit {
            return Err(LaneFault::Overload { received: levels.average(), limit });
        }
        let near_host = host(self.system, engine)?;
        let far_host = host(self.far, receive)?;
        let (n_taps, implementation_noise) = match (&receive.dsp, receive.electrical) {
            (Some(dsp), _) => (dsp.ffe_taps, dsp.implementation_noise.value.value()),
            (None, Electrical::Retimed | Electrical::Linear) => {
                (far_host.part.ffe_taps, far_host.part.implementation_noise.value.value())
            }
        };
        let spread = spread_over_spacing(levels.modulation());
        let equalised = equalise(engine, receive, design, &levels, n_taps)?;
        // Where nothing retimes, the noise of the electrical path reaches the same slicer.
        let electrical = match engine.electrical {
            Electrical::Linear => near_host.part.linear_noise.value.value(),
            Electrical::Retimed => 0.0,
        };
        let isi = equalised.residual_isi_rms.hypot(implementation_noise).hypot(electrical) / spread;
        let zone = self.far.engines.first().map_or(Celsius::new(25.0), |engine| {
            self.far.description.zone[engine.zone.index()].value.temperature.value
        });
        let doublings = (zone - Celsius::new(25.0)) / convert::DARK_DOUBLING;
        let reception = Reception {
            levels,
            receiver: Receiver {
                responsivity: receive.photodiode.responsivity.value,
                dark_current: receive.photodiode.dark_current.value * doublings.exp2(),
                thermal_noise: receive.tia.noise.value,
                noise_bandwidth: equalised.noise_bandwidth,
                noise_enhancement: Ratio::new(1.0),
            },
            impairments: Impairments {
                rin: Some(design.rin),
                interference: Interference {
                    ratios: reflections.into_iter().map(Ratio::new).collect(),
                    ..Interference::default()
                },
                crosstalk: crosstalk(receive),
                isi: SymbolDisturbance::Gaussian { rms: Ratio::new(isi) },
            },
            thresholds: Thresholds::default(),
        };
        design.equaliser = Some(equalised);
        let solution = self.decide(engine, receive, &reception, (near_host, far_host), design);
        design.reception = Some(reception);
        solution
    }

    fn decide(
        &self,
        engine: &parts::Engine,
        receive: &parts::Engine,
        reception: &Reception,
        (near, far): (&parts::SerdesClass, &parts::SerdesClass),
        design: &mut LaneDesign,
    ) -> Result<Solution, LaneFault> {
        let fec = &self.system.description.fec;
        let has_inner = receive.dsp.as_ref().is_some_and(|dsp| dsp.inner_code == InnerCode::Hamming128);
        design.fec = match (fec.n, fec.k, has_inner) {
            (544, 514, false) => FecCode::Kp4,
            (544, 514, true) => FecCode::Kp4WithInner,
            (528, 514, _) => FecCode::Kr4,
            (272, 258, _) => FecCode::LowLatency,
            (n, k, _) => return Err(LaneFault::UnknownCode { n, k }),
        };
        let segment = |engine: &parts::Engine, class: &parts::SerdesClass| match engine.electrical {
            Electrical::Retimed => class.part.segment_ber.value.value(),
            Electrical::Linear => 0.0,
        };
        let host_ber = segment(engine, near) + segment(receive, far);
        let ln_target = fec.target_codeword_error_ratio.value.value().ln();
        let allowed = ber_for(design.fec, ln_target)?;
        let decision = reception.evaluate()?;
        let optical_ber = decision.bit_error_ratio;
        design.target_ber = (allowed - host_ber).max(f64::MIN_POSITIVE);
        Ok(Solution {
            optical_ber,
            host_ber,
            ln_codeword_error_ratio: design.fec.ln_codeword_error_ratio((optical_ber + host_ber).min(0.5))?,
            margin: margin(reception, design.target_ber)?,
            limiting: decision.limiting,
            q_min: decision.q_min(),
        })
    }
}

/// The SerDes class that drives an engine, within its loss budget.
fn host<'a>(system: &'a System, engine: &parts::Engine) -> Result<&'a parts::SerdesClass, LaneFault> {
    let class = host_class(system, engine).ok_or(LaneFault::Platform { function: "be driven: no SerDes class" })?;
    if class.channel_loss.value > class.part.loss_budget.value {
        return Err(LaneFault::HostChannel {
            loss: class.channel_loss.value,
            budget: class.part.loss_budget.value,
        });
    }
    Ok(class)
}

/// The SerDes class of the ASIC that drives a group of engines.
pub fn host_class<'a>(system: &'a System, engine: &parts::Engine) -> Option<&'a parts::SerdesClass> {
    let asics = &system.description.asic;
    let asic = match &engine.asic {
        Some(name) => asics.iter().find(|group| group.name == *name),
        None => asics.first(),
    }?;
    let classes = &asic.value.serdes;
    match &engine.host {
        Some(name) => classes.iter().find(|class| class.name == *name),
        None => classes.first(),
    }
    .map(|class| &class.value)
}

/// The modulator at its operating point.
fn modulator(
    system: &System,
    engine: &parts::Engine,
    zone: &system::Zone,
    wavelength: Meters,
    input: Watts,
) -> Result<ModulatorState, LaneFault> {
    let n_levels = modulation(engine).n_levels();
    match &engine.modulator {
        Modulator::MachZehnder(part) => {
            let point = convert::mach_zehnder(part).operating_point(n_levels)?;
            Ok(ModulatorState {
                insertion_loss: point.levels.insertion_loss,
                extinction_ratio: point.levels.extinction_ratio,
                rlm: point.levels.rlm,
                bandwidth: point.bandwidth,
                tuning_power: part.bias_power.value.min(part.max_bias_power.value),
                heater: None,
                detuning: None,
                levels: point.levels.levels.values().to_vec(),
                is_bistable: false,
                lock_penalty: Decibels::new(0.0),
            })
        }
        Modulator::RingModulator(part) => {
            let device = convert::ring_modulator(part, wavelength);
            let goal = if part.predistorted { DetuningGoal::OuterAmplitude } else { DetuningGoal::WorstEye };
            let point = device.best_detuning(goal, n_levels)?;
            let drift = waveguide_drift(&engine.platform, wavelength)?;
            let heated = HeatedRing {
                ring: device.ring,
                shift_per_heat: MetersPerWatt::new(drift.value() * part.thermal_resistance.value.value()),
                absorbed_fraction: part.absorbed_fraction.value,
                nonlinear: convert::nonlinear(&engine.platform),
            };
            // The lock sets the distance between laser and hot resonance, so that the light heats
            // the ring by what it dissipates there.
            let dissipated = device.ring.dissipated(point.detuning) * part.absorbed_fraction.value.value();
            let self_heating = heated.shift_per_heat * (input * dissipated);
            let stable = heated.stable_states(input, point.detuning + self_heating)?;
            let control = &system.description.control;
            let reserve = control.heater_reserve.as_ref().map_or(Watts::new(0.0), |reserve| reserve.value);
            let design_temperature = zone.design_temperature.as_ref().map_or(zone.temperature.value, |t| t.value);
            let heater = heater_lock(part, drift, (zone.temperature.value, design_temperature), reserve, self_heating)?;
            Ok(ModulatorState {
                insertion_loss: point.levels.insertion_loss,
                extinction_ratio: point.levels.extinction_ratio,
                rlm: point.levels.rlm,
                bandwidth: point.bandwidth,
                tuning_power: heater.power,
                heater: Some(heater),
                detuning: Some(point.detuning),
                levels: point.levels.levels.values().to_vec(),
                is_bistable: stable > 1,
                lock_penalty: device.drift_penalty(point.detuning, part.lock_error.value, n_levels)?.max(Decibels::new(0.0)),
            })
        }
    }
}

/// Standard deviation of the levels over their spacing, `sqrt((M^2 - 1) / 12)`.
fn spread_over_spacing(modulation: Modulation) -> f64 {
    let m = modulation.n_levels() as f64;
    ((m * m - 1.0) / 12.0).sqrt()
}

/// The equaliser for the bandwidths of this path.
fn equalise(
    engine: &parts::Engine,
    receive: &parts::Engine,
    design: &LaneDesign,
    levels: &Levels,
    n_taps: u32,
) -> Result<Equalised, LaneFault> {
    let modulator = design.modulator.as_ref().map_or(engine.driver.bandwidth.value, |state| state.bandwidth);
    let response = Response {
        before_noise: [engine.driver.bandwidth.value, modulator, receive.photodiode.bandwidth.value]
            .map(LowPass::single_pole)
            .to_vec(),
        after_noise: vec![LowPass { shape: Shape::BesselThomson4, bandwidth: receive.tia.bandwidth.value }],
    };
    let bandwidth = response.noise_bandwidth()?;
    let steps = (levels.modulation().n_levels() - 1) as f64;
    let spacing = receive.photodiode.responsivity.value.value() * levels.oma().value() / steps;
    let noise = receive.tia.noise.value.value() * bandwidth.value().sqrt();
    let design = Design {
        symbol_rate: symbol_rate(engine),
        modulation: levels.modulation(),
        n_taps: n_taps as usize,
        // Outside this range of signals the taps hardly change any more.
        spacing_to_noise: Decibels::from_amplitude(spacing / noise).max(Decibels::new(0.0)).min(Decibels::new(40.0)),
    };
    Ok(design.equalise(&response)?)
}

/// Light of the other wavelengths of a fibre.
fn crosstalk(receive: &parts::Engine) -> SymbolDisturbance {
    let Some(demux) = &receive.demultiplexer else { return SymbolDisturbance::None };
    let others = receive.wavelengths_per_fibre.saturating_sub(1);
    let adjacent = f64::from(others.min(2));
    let far = f64::from(others.saturating_sub(2));
    let square = adjacent * demux.adjacent_crosstalk.value.to_ratio().powi(2)
        + far * demux.other_crosstalk.value.to_ratio().powi(2);
    SymbolDisturbance::Gaussian { rms: Ratio::new(square.sqrt()) }
}

/// The bit error ratio at which a code reaches a codeword error ratio.
fn ber_for(code: FecCode, ln_target: f64) -> Result<f64, LaneFault> {
    let (mut low, mut high) = (1e-15f64.ln(), 0.4f64.ln());
    // The codeword error ratio rises with the bit error ratio; 80 halvings reach the last digit.
    for _ in 0..80 {
        let middle = 0.5 * (low + high);
        if code.ln_codeword_error_ratio(middle.exp())? < ln_target { low = middle } else { high = middle }
    }
    Ok(low.exp())
}

/// Thermo-optic drift of the rings of an engine, for reports.
///
/// # Errors
/// The guide of the platform has no mode at this wavelength.
pub fn ring_drift(engine: &parts::Engine, wavelength: Meters) -> Result<MetersPerKelvin, DeviceError> {
    waveguide_drift(&engine.platform, wavelength)
}
