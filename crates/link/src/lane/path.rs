//! The optical path of a lane: laser, feed, modulator, fibre, far coupler.

use photonics::connector::{Reflector, interference_pairs};
use photonics::fibre::AxisErrors;
use photonics::platform::Function;
use photonics::ring_modulator::DetuningGoal;
use photonics::self_heating::HeatedRing;
use photonics::waveguide::NonlinearAbsorption;
use system::parts::{self, Demultiplexer, Modulator};
use system::{LaserHome, System};
use units::{Celsius, DbMilliwatts, Decibels, Meters, MetersPerWatt, Watts};

use super::filter::{demultiplex, pass_modulators};
use super::{LaneDesign, LaneFault, ModulatorState, Solution, modulation, symbol_rate};
use crate::control::{heater_lock, laser_power_control, measured_power_control, waveguide_drift};
use crate::convert;
use crate::element::{Element, Planes};

pub(super) struct Solver<'a> {
    pub(super) system: &'a System,
    pub(super) far: &'a System,
    pub(super) lane: &'a system::MediaLane,
    pub(super) length: Meters,
}

/// The receiving engine and where it sits.
#[derive(Clone, Copy)]
pub(super) struct FarEnd<'a> {
    pub(super) engine: &'a parts::Engine,
    pub(super) temperature: Celsius,
    zone: &'a system::Zone,
}

/// The light that a lane takes in.
struct Feed {
    /// Lanes that share the laser.
    lanes_per_laser: u32,
    /// Wavelength of the laser.
    wavelength: Meters,
    /// Lasers whose light shares the guide in front of the splitter.
    lasers_in_guide: u32,
}

impl Solver<'_> {
    pub(super) fn solve(&self, design: &mut LaneDesign) -> Result<Solution, LaneFault> {
        let system = self.system;
        let entity = &system.engines[self.lane.engine.index()];
        let engine = &system.description.engine[entity.group].value;
        let substrate = &system.description.zone[entity.zone.index()].value;
        let temperature = substrate.temperature.value;
        convert::platform(&engine.platform).can(Function::Modulate)?;
        let feed = self.feed(engine, design)?;
        let wavelength = feed.wavelength;
        let planes = &mut design.planes;
        light_in(engine, planes, temperature, &feed)?;
        let state = modulator(system, engine, substrate, wavelength, planes.power())?;
        planes.pass(Element::Modulator, state.insertion_loss);
        let levels = state.levels.clone();
        let top = levels[levels.len() - 1];
        let mean = levels.iter().sum::<f64>() / levels.len() as f64;
        planes.modulate(mean / top, (top - levels[0]) / top);
        if matches!(engine.modulator, Modulator::RingModulator(_)) {
            planes.pass_amplitude(Element::LockError, Decibels::new(0.0), state.lock_penalty);
        }
        design.modulator = Some(state);
        self.bus(engine, wavelength, design)?;
        let far = self.far_end(engine, substrate)?;
        self.filter(far, wavelength, design)?;
        let reflections = self.light_out(engine, far, design, wavelength, temperature)?;
        let planes = &design.planes;
        // What slows the signal pulls the levels towards their mean.
        let (power, swing) = (planes.power(), planes.amplitude() / (top - levels[0]));
        let powers: Vec<Watts> = levels
            .iter()
            .map(|level| power + swing * (level - mean))
            .collect();
        self.receive(engine, far, &powers, reflections, design)
    }

    /// The wavelengths of a fibre round the one of this lane, and the place of the lane among them.
    fn grid(&self, engine: &parts::Engine, own: Meters) -> (Vec<Meters>, usize) {
        let place = self.lane.wavelength.index();
        let Some(spacing) = &engine.channel_spacing else {
            return (vec![own], 0);
        };
        let grid = (0..engine.wavelengths_per_fibre)
            .map(|other| {
                let steps = f64::from(other) - f64::from(self.lane.wavelength.0);
                (own.to_optical_frequency() + spacing.value * steps).to_wavelength()
            })
            .collect();
        (grid, place)
    }

    /// Past the other ring modulators of the bus, where rings are what puts several wavelengths on
    /// a fibre.
    fn bus(
        &self,
        engine: &parts::Engine,
        wavelength: Meters,
        design: &mut LaneDesign,
    ) -> Result<(), LaneFault> {
        let (grid, own) = self.grid(engine, wavelength);
        let (Modulator::RingModulator(part), None) = (&engine.modulator, &engine.multiplexer)
        else {
            return Ok(());
        };
        let detuning = design.modulator.as_ref().and_then(|state| state.detuning);
        let (true, Some(detuning)) = (grid.len() > 1, detuning) else {
            return Ok(());
        };
        let device = convert::ring_modulator(part, wavelength);
        let ratio = design.planes.power() / design.planes.amplitude();
        let passage = pass_modulators(&device, detuning, ratio, &grid, own)?;
        design.planes.pass(Element::Multiplexer, passage.loss);
        design.crosstalk = passage.crosstalk;
        Ok(())
    }

    /// What the far end's demultiplexer does to the signal besides its loss.
    fn filter(
        &self,
        far: FarEnd<'_>,
        wavelength: Meters,
        design: &mut LaneDesign,
    ) -> Result<(), LaneFault> {
        let Some(part) = &far.engine.demultiplexer else {
            return Ok(());
        };
        let (grid, own) = self.grid(far.engine, wavelength);
        let passage = demultiplex(part, &grid, own)?;
        design.crosstalk = design.crosstalk.hypot(passage.crosstalk);
        design.filter_bandwidth = passage.bandwidth;
        if let Demultiplexer::RingFilter(ring) = part {
            let drift = waveguide_drift(&far.engine.platform, wavelength)?;
            design.filter_heater = Some(heater_lock(
                &(&**ring).into(),
                drift,
                temperatures(far.zone),
                heater_reserve(self.far),
                Meters::new(0.0),
            )?);
        }
        Ok(())
    }

    /// The laser under its power control, and the planes that lead to the input coupler.
    fn feed(&self, engine: &parts::Engine, design: &mut LaneDesign) -> Result<Feed, LaneFault> {
        let system = self.system;
        let plant = &system.description.fibre_plant;
        let laser_entity = &system.lasers[self.lane.laser.index()];
        let mut lasers_in_guide = 1;
        let (part, launch, zone, lanes_per_laser, back) = match laser_entity.home {
            LaserHome::Module(module, _) => {
                let module = &system.laser_modules[module.index()];
                let part = &system.description.laser_module[module.group].value;
                lasers_in_guide = part.wavelengths_per_fibre.unwrap_or(1);
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
                back +=
                    (convert::coupler_reflectance(&engine.input_coupler) - passed * 2.0).to_ratio();
                (
                    (&part.laser, part.internal_loss.value),
                    part.launch.value,
                    module.zone,
                    part.lanes_per_laser.unwrap_or(1),
                    back,
                )
            }
            LaserHome::Engine(engine_id) => {
                let laser = engine.laser.as_ref().ok_or(LaneFault::Incomplete {
                    what: "a laser and its launch power",
                })?;
                let launch = engine.laser_launch.as_ref().ok_or(LaneFault::Incomplete {
                    what: "a laser and its launch power",
                })?;
                let zone = system.engines[engine_id.index()].zone;
                let back = convert::coupler_reflectance(&engine.input_coupler).to_ratio();
                (
                    (laser, Decibels::new(0.0)),
                    launch.value,
                    zone,
                    engine.lanes_per_laser.unwrap_or(1),
                    back,
                )
            }
        };
        let (laser_part, internal_loss) = part;
        let mut device = convert::laser_device(laser_part);
        device.wavelength = self.wavelength(engine, device.wavelength);
        let case = system.description.zone[zone.index()]
            .value
            .temperature
            .value;
        let set_point = (launch + internal_loss).to_watts();
        let state = match &laser_part.measured {
            Some(table) => measured_power_control(table, &device, case, set_point)?,
            None => laser_power_control(&device, case, set_point)?,
        };
        design.rin = device.rin_with_feedback(Decibels::from_ratio(back));
        design.laser = Some(state);
        let power = DbMilliwatts::from_watts(state.point.power) - internal_loss;
        design.planes = Planes::start(power);
        if let LaserHome::Module(..) = laser_entity.home {
            if let Some(mate) = &plant.laser_mate {
                design.planes.pass(Element::LaserMate, mate.loss.value);
            }
            if let (Some(fibre), Some(length)) = (&plant.laser_fibre, &plant.laser_fibre_length) {
                let ripple = fibre.axis_error.as_ref().map_or(1.0, |angle| {
                    let errors = AxisErrors {
                        launch: angle.value,
                        exit: angle.value,
                    };
                    // The retardance is random; the mean over it is the middle of the extremes.
                    let (least, greatest) = errors.extremes();
                    0.5 * (least + greatest)
                });
                let loss = fibre.loss.value * length.value + Decibels::from_transmission(ripple);
                design.planes.pass(Element::LaserFibre, loss);
            }
            if let Some(connector) = &plant.laser_connector {
                let n = f64::from(plant.laser_connectors.unwrap_or(0));
                design
                    .planes
                    .pass(Element::LaserConnectors, connector.loss.value * n);
            }
        }
        Ok(Feed {
            lanes_per_laser,
            wavelength: state.point.wavelength,
            lasers_in_guide,
        })
    }

    /// The laser's wavelength on the grid of its fibre, `f_i = f_0 + (i - (n - 1) / 2) spacing`.
    fn wavelength(&self, engine: &parts::Engine, centre: Meters) -> Meters {
        let Some(spacing) = &engine.channel_spacing else {
            return centre;
        };
        let middle = f64::from(engine.wavelengths_per_fibre - 1) / 2.0;
        let place = f64::from(self.lane.wavelength.0) - middle;
        (centre.to_optical_frequency() + spacing.value * place).to_wavelength()
    }

    /// From the modulator to the far photodiode. Gives the relative powers of the light that
    /// reaches it over two reflections.
    fn light_out(
        &self,
        engine: &parts::Engine,
        far: FarEnd<'_>,
        design: &mut LaneDesign,
        wavelength: Meters,
        temperature: Celsius,
    ) -> Result<Vec<f64>, LaneFault> {
        let planes = &mut design.planes;
        let receive = far.engine;
        let plant = &self.system.description.fibre_plant;
        let fibre = convert::fibre(&plant.data_fibre);
        if let Some(mux) = &engine.multiplexer {
            planes.pass(Element::Multiplexer, mux.loss.value);
        }
        planes.pass(
            Element::OutputCoupler,
            convert::coupler_loss(&engine.output_coupler, wavelength, temperature)?,
        );
        let n = plant.data_connectors;
        planes.pass(
            Element::Connectors,
            plant.data_connector.loss.value * f64::from(n),
        );
        if let Some(shuffle) = &plant.shuffle_loss {
            planes.pass(Element::Shuffle, shuffle.value);
        }
        let nyquist = symbol_rate(engine).nyquist();
        let fading = fibre
            .intensity_response(wavelength, self.length, nyquist)
            .abs();
        if nyquist >= fibre.fading_frequency(wavelength, self.length) || fading <= 0.0 {
            return Err(LaneFault::Dispersion {
                length: self.length,
                nyquist,
            });
        }
        // The amplitude at the Nyquist frequency stands for the whole band: an upper bound.
        let loss = fibre.loss(self.length);
        let slowed = loss + Decibels::from_transmission(fading);
        planes.pass_amplitude(Element::Fibre, loss, slowed);
        planes.pass(
            Element::ReceiveCoupler,
            convert::coupler_loss(&receive.receive_coupler, wavelength, far.temperature)?,
        );
        planes.pass(Element::Polarisation, receive.polarisation_loss.value);
        if let Some(demux) = &receive.demultiplexer {
            let (grid, own) = self.grid(receive, wavelength);
            planes.pass(Element::Demultiplexer, demultiplex(demux, &grid, own)?.loss);
        }
        planes.pass(Element::Photodiode, Decibels::new(0.0));
        let hop = |reflectance: Decibels, loss_to_next: Decibels| Reflector {
            reflectance,
            loss_to_next,
        };
        let connector = &plant.data_connector;
        let none = Decibels::new(0.0);
        let mut chain = vec![hop(
            convert::coupler_reflectance(&engine.output_coupler),
            none,
        )];
        for idx in 0..n {
            let line = if idx + 1 == n {
                fibre.loss(self.length)
            } else {
                none
            };
            chain.push(hop(
                connector.reflectance.value,
                connector.loss.value + line,
            ));
        }
        let receive_loss = planes
            .after(Element::ReceiveCoupler)
            .map_or(none, |plane| plane.loss);
        chain.push(hop(
            convert::coupler_reflectance(&receive.receive_coupler),
            receive_loss + receive.polarisation_loss.value,
        ));
        chain.push(hop(receive.photodiode.reflectance.value, none));
        Ok(interference_pairs(&chain)?)
    }

    /// The engine that receives: of equal parts in this system, or the first group of the peer
    /// that fits.
    fn far_end<'b>(
        &'b self,
        engine: &'b parts::Engine,
        zone: &'b system::Zone,
    ) -> Result<FarEnd<'b>, LaneFault> {
        if std::ptr::eq(self.system, self.far) {
            return Ok(FarEnd {
                engine,
                temperature: zone.temperature.value,
                zone,
            });
        }
        let entity = fitting_engine(self.far, engine);
        let mismatch = || LaneFault::PeerMismatch {
            peer: self.far.description.name.clone(),
        };
        let entity = entity.ok_or_else(mismatch)?;
        let zone = &self.far.description.zone[entity.zone.index()].value;
        Ok(FarEnd {
            engine: &self.far.description.engine[entity.group].value,
            temperature: zone.temperature.value,
            zone,
        })
    }
}

/// The first engine of another system that can receive what an engine sends.
pub(crate) fn fitting_engine<'a>(
    far: &'a System,
    engine: &parts::Engine,
) -> Option<&'a system::EngineEntity> {
    let fits = |other: &parts::Engine| {
        let ratio = other.media_rate.value / engine.media_rate.value;
        (0.999..=1.001).contains(&ratio)
            && other.modulation == engine.modulation
            && other.wavelengths_per_fibre == engine.wavelengths_per_fibre
    };
    let groups = &far.description.engine;
    far.engines
        .iter()
        .find(|entity| fits(&groups[entity.group].value))
}

/// Temperature of a zone, and the one that its rings are made for.
fn temperatures(zone: &system::Zone) -> (Celsius, Celsius) {
    let now = zone.temperature.value;
    let design = zone.design_temperature.as_ref();
    (now, design.map_or(now, |design| design.value))
}

/// Heater power that the locks of a system keep in reserve.
fn heater_reserve(system: &System) -> Watts {
    let reserve = system.description.control.heater_reserve.as_ref();
    reserve.map_or(Watts::new(0.0), |reserve| reserve.value)
}

/// From the input coupler to the modulator. Light of all lasers that share the guide drives its
/// nonlinear absorption.
fn light_in(
    engine: &parts::Engine,
    planes: &mut Planes,
    temperature: Celsius,
    feed: &Feed,
) -> Result<(), LaneFault> {
    let wavelength = feed.wavelength;
    planes.pass(
        Element::InputCoupler,
        convert::coupler_loss(&engine.input_coupler, wavelength, temperature)?,
    );
    let length = engine.routing_length.value;
    let linear = engine.platform.guide_loss.value * length;
    let excess = match convert::nonlinear(&engine.platform) {
        Some(absorption) => absorption.excess_loss(
            planes.power() * f64::from(feed.lasers_in_guide),
            length,
            engine.platform.guide_loss.value,
            wavelength,
        )?,
        None => Decibels::new(0.0),
    };
    planes.pass(Element::Routing, linear + excess);
    let tree = photonics::splitter::SplitterTree {
        outputs: feed.lanes_per_laser as usize,
        excess_loss: engine.splitter.excess_loss.value,
        imbalance: Decibels::new(0.0),
    };
    planes.pass(Element::Splitter, tree.mean_loss()?);
    Ok(())
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
                tuning_power: part.bias_power.value,
                heater: None,
                detuning: None,
                levels: point.levels.levels.values().to_vec(),
                is_bistable: false,
                lock_penalty: Decibels::new(0.0),
            })
        }
        Modulator::RingModulator(part) => {
            let device = convert::ring_modulator(part, wavelength);
            let goal = if part.predistorted {
                DetuningGoal::OuterAmplitude
            } else {
                DetuningGoal::WorstEye
            };
            let point = device.best_detuning(goal, n_levels)?;
            let drift = waveguide_drift(&engine.platform, wavelength)?;
            let heated = HeatedRing {
                ring: device.ring,
                shift_per_heat: MetersPerWatt::new(
                    drift.value() * part.thermal_resistance.value.value(),
                ),
                absorbed_fraction: part.absorbed_fraction.value,
                nonlinear: convert::nonlinear(&engine.platform).map(|absorption| {
                    NonlinearAbsorption {
                        carrier_lifetime: part.carrier_lifetime.value,
                        ..absorption
                    }
                }),
            };
            // The lock sets the distance between laser and hot resonance; the light heats the ring
            // by what it dissipates there, and the heater has that much less to do.
            let self_heating = heated.locked_state(input, point.detuning)?.shift;
            let stable = heated.stable_states(input, point.detuning + self_heating)?;
            let heater = heater_lock(
                &(&**part).into(),
                drift,
                temperatures(zone),
                heater_reserve(system),
                self_heating,
            )?;
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
                lock_penalty: device
                    .drift_penalty(point.detuning, part.lock_error.value, n_levels)?
                    .max(Decibels::new(0.0)),
            })
        }
    }
}
