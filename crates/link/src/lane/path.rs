//! The optical path of a lane: laser, feed, modulator, fibre, far coupler.

use std::sync::Arc;

use photonics::connector::{Reflector, interference_pairs};
use photonics::fibre::AxisErrors;
use photonics::laser::LaserOperatingPoint;
use photonics::platform::Function;
use system::{EngineId, LaserHome, System, parts};
use units::derivation::{Call, Field, Given, Node, count, number, read};
use units::{Celsius, DbMilliwatts, Decibels, Derived, Hertz, Meters, Sourced, SymbolRate, Watts};

use super::derivation::{
    AXIS, CHANNEL, DISPERSION, FROM_RATIO, FROM_TRANSMISSION, REFLECTIONS, SPLITTER, TO_LEVEL,
    TO_RATIO, TO_WATTS, record,
};
use super::devices::{
    AtWork, channel, coupler_loss, coupler_reflectance, drift, laser_noise, launch_shortfall,
    may_shift, modulator, nonlinear_loss, settled_laser,
};
use super::filter::{Channels, both, demultiplex, filter_ring, pass_modulators};
use super::light::Light;
use super::{Goal, LaneDesign, LaneFault, Solution, modulation};
use crate::Conditions;
use crate::control::{LaserState, Substrate, heater_lock, made_shift};
use crate::convert;
use crate::element::Element;

pub(super) struct Solver<'a> {
    pub(super) system: &'a System,
    pub(super) far: &'a System,
    pub(super) lane: &'a system::MediaLane,
    pub(super) length: &'a Sourced<Meters>,
    /// Conditions of this end.
    pub(super) here: &'a Conditions,
    /// Conditions of the far end.
    pub(super) there: &'a Conditions,
}

/// The receiving engine and where it sits.
pub(super) struct FarEnd<'a> {
    pub(super) engine: &'a parts::Engine,
    pub(super) substrate: Substrate<'a>,
    /// How far its fibres have moved.
    shift: Option<Derived<Meters>>,
}

/// The light of the laser, and who shares it.
struct Feed {
    power: Derived<DbMilliwatts>,
    is_in_module: bool,
    lanes_per_laser: u32,
    wavelength: Derived<Meters>,
    /// Lasers whose light shares the guide in front of the splitter.
    lasers_in_guide: u32,
}

impl Solver<'_> {
    pub(super) fn solve(&self, design: &mut LaneDesign, goal: Goal) -> Result<Solution, LaneFault> {
        let mut light = None;
        let outcome = self.follow(design, &mut light, goal);
        if let Some(light) = &light {
            design.planes = light.planes();
            design.derivation.planes = light.derivation();
        }
        outcome
    }

    /// Follows the light from the laser to the goal.
    fn follow(
        &self,
        design: &mut LaneDesign,
        light: &mut Option<Light>,
        goal: Goal,
    ) -> Result<Solution, LaneFault> {
        let system = self.system;
        let entity = &system.engines[self.lane.engine.index()];
        let engine = &system.description.engine[entity.group].value;
        let substrate = substrate(system, self.lane.engine, self.here);
        let temperature = &substrate.temperature;
        convert::platform(&engine.platform).can(Function::Modulate)?;
        let feed = self.feed(engine, design)?;
        let light = light.insert(Light::start(&feed.power));
        self.laser_path(&feed, light);
        let wavelength = &feed.wavelength;
        let shift = self.here.fibre_shifts[self.lane.engine.index()].as_ref();
        light_in(engine, light, (temperature, shift), &feed)?;
        let control = &system.description.control;
        let modulator = modulator(engine, &substrate, control, wavelength, &light.power())?;
        light.pass(
            Element::Modulator,
            &last(&modulator.levels).map(&FROM_TRANSMISSION, Decibels::from_transmission),
        );
        let (bottom, top) = (&modulator.levels[0], last(&modulator.levels));
        let mean = mean(&modulator.levels);
        let swing = (top.clone() - bottom.clone()).named("swing of the modulator");
        light.modulate(
            &(mean.clone() / top.clone()),
            &(swing.clone() / top.clone()),
        );
        if let Some(penalty) = &modulator.lock_penalty {
            light.pass_amplitude(Element::LockError, &number(Decibels::new(0.0)), penalty);
        }
        let ratio = (top.clone() / bottom.clone()).map(&FROM_RATIO, Decibels::from_ratio);
        design.derivation.extinction_ratio = Some(ratio.named("extinction ratio"));
        design.derivation.tuning_power = Some(modulator.tuning_power.clone());
        design.derivation.modulator_need.clone_from(&modulator.need);
        design.derivation.modulator_bandwidth = Some(modulator.bandwidth.clone());
        design.modulator = Some(modulator.state.clone());
        self.bus(engine, &modulator, wavelength, light, design)?;
        let far = self.far_end(engine, &substrate, shift)?;
        let reflections = self.light_out(
            engine,
            &far,
            light,
            wavelength,
            (temperature, shift),
            design,
        )?;
        if goal == Goal::Photodiode {
            return Err(LaneFault::NotDecided);
        }
        // What slows the signal pulls the levels towards their mean.
        let (power, swing) = (
            light.power(),
            (light.amplitude() / swing).named("amplitude for each transmission"),
        );
        let powers: Vec<Derived<Watts>> = modulator
            .levels
            .iter()
            .enumerate()
            .map(|(idx, level)| {
                let received = power.clone() + swing.clone() * (level.clone() - mean.clone());
                received.named(format!("received level {idx}"))
            })
            .collect();
        self.receive(engine, &far, &powers, &reflections, design)
    }

    /// The laser under its power control.
    fn feed(&self, engine: &parts::Engine, design: &mut LaneDesign) -> Result<Feed, LaneFault> {
        let system = self.system;
        let plant = &system.description.fibre_plant;
        let home = system.lasers[self.lane.laser.index()].home;
        let input = read(coupler_reflectance(&engine.input_coupler));
        let mut lasers_in_guide = 1;
        let (laser, launch, module, case, lanes_per_laser, back) = match home {
            LaserHome::Module(module_id, _) => {
                let module = &system.laser_modules[module_id.index()];
                let part = &system.description.laser_module[module.group].value;
                lasers_in_guide = part.wavelengths_per_fibre.unwrap_or(1);
                let mut back = number(0.0);
                let mut passed = number(Decibels::new(0.0));
                for (connector, n) in [
                    (&plant.laser_mate, 1),
                    (&plant.laser_connector, plant.laser_connectors.unwrap_or(0)),
                ] {
                    for _ in 0..n {
                        if let Some(connector) = connector {
                            back = back
                                + to_ratio(&(read(&connector.reflectance) - passed.clone() * 2.0));
                            passed = passed + read(&connector.loss);
                        }
                    }
                }
                back = back + to_ratio(&(input - passed * 2.0));
                (
                    &part.laser,
                    &part.launch,
                    Some(part),
                    &self.here.laser_modules[module_id.index()],
                    part.lanes_per_laser.unwrap_or(1),
                    back,
                )
            }
            LaserHome::Engine(engine_id) => {
                let missing = LaneFault::Incomplete {
                    what: "a laser and its launch power",
                };
                let (Some(laser), Some(launch)) = (&engine.laser, &engine.laser_launch) else {
                    return Err(missing);
                };
                (
                    laser,
                    launch,
                    None,
                    &self.here.engines[engine_id.index()],
                    engine.lanes_per_laser.unwrap_or(1),
                    to_ratio(&input),
                )
            }
        };
        let set_point = match module {
            Some(module) => read(launch) + read(&module.internal_loss),
            None => read(launch),
        };
        let set_point = set_point.named("set-point of the power control");
        let set_point = set_point.map(&TO_WATTS, DbMilliwatts::to_watts);
        let (state, settled) = settled_laser(laser, case, &set_point)?;
        design.derivation.laser_power = Some(settled.result::<Watts>(1).named("power of a laser"));
        let centre = self.wavelength(engine, laser);
        let junction = settled.result::<Celsius>(2).named("junction of the laser");
        design.derivation.junction_temperature = Some(junction.clone());
        let rise = junction - read(&laser.reference_temperature);
        let wavelength = (centre + read(&laser.wavelength_drift) * rise).named("wavelength");
        let rin = laser_noise(laser, &back);
        design.rin = rin.value();
        design.derivation.rin = Some(rin);
        design.laser = Some(LaserState {
            point: LaserOperatingPoint {
                wavelength: wavelength.value(),
                ..state.point
            },
            ..state
        });
        let emitted = settled
            .result::<Watts>(0)
            .map(&TO_LEVEL, DbMilliwatts::from_watts);
        Ok(Feed {
            power: match module {
                Some(module) => {
                    let out = emitted - read(&module.internal_loss);
                    match launch_shortfall(module) {
                        Some(shortfall) => out - shortfall,
                        None => out,
                    }
                }
                None => emitted,
            },
            is_in_module: matches!(home, LaserHome::Module(..)),
            lanes_per_laser,
            wavelength,
            lasers_in_guide,
        })
    }

    /// The planes from a laser module to the input coupler.
    fn laser_path(&self, feed: &Feed, light: &mut Light) {
        if !feed.is_in_module {
            return;
        }
        let plant = &self.system.description.fibre_plant;
        if let Some(mate) = &plant.laser_mate {
            light.pass(Element::LaserMate, &read(&mate.loss));
        }
        if let (Some(fibre), Some(length)) = (&plant.laser_fibre, &plant.laser_fibre_length) {
            let mut loss = read(&fibre.loss) * read(length);
            if let Some(angle) = &fibre.axis_error {
                let ripple = read(angle).map(&AXIS, |angle| {
                    let errors = AxisErrors {
                        launch: angle,
                        exit: angle,
                    };
                    // The retardance is random; the mean over it is the middle of the extremes.
                    let (least, greatest) = errors.extremes();
                    0.5 * (least + greatest)
                });
                loss = loss + ripple.map(&FROM_TRANSMISSION, Decibels::from_transmission);
            }
            light.pass(Element::LaserFibre, &loss);
        }
        if let Some(connector) = &plant.laser_connector {
            let n = plant.laser_connectors.unwrap_or(0);
            light.pass(
                Element::LaserConnectors,
                &(read(&connector.loss) * count("laser connectors", n as usize)),
            );
        }
    }

    /// The laser's wavelength on the grid of its fibre, `f_i = f_0 + (i - (n - 1) / 2) spacing`.
    fn wavelength(&self, engine: &parts::Engine, laser: &parts::Laser) -> Derived<Meters> {
        let centre = read(&laser.wavelength);
        let Some(spacing) = &engine.channel_spacing else {
            return centre;
        };
        let middle = f64::from(engine.wavelengths_per_fibre - 1) / 2.0;
        let place = f64::from(self.lane.wavelength.0) - middle;
        let on_grid = move |centre: f64, spacing: f64| {
            let shift = Hertz::new(spacing) * place;
            (Meters::new(centre).to_optical_frequency() + shift).to_wavelength()
        };
        let spacing = read(spacing);
        let value = on_grid(centre.value().value(), spacing.value().value()).value();
        let inputs = vec![Arc::clone(centre.node()), Arc::clone(spacing.node())];
        Call::recorded(&CHANNEL, inputs, vec![value], move |x| {
            Ok(vec![on_grid(x[0], x[1]).value()])
        })
        .result(0)
    }

    /// The wavelengths of a fibre of an engine round the one of this lane.
    fn channels<'b>(
        &self,
        engine: &'b parts::Engine,
        wavelength: &'b Derived<Meters>,
    ) -> Channels<'b> {
        let spacing = engine.channel_spacing.as_ref();
        Channels {
            n: spacing.map_or(1, |_| engine.wavelengths_per_fibre as usize),
            own: spacing.map_or(0, |_| self.lane.wavelength.index()),
            spacing,
            wavelength,
        }
    }

    /// Past the other ring modulators of the bus, where rings are what puts several wavelengths on
    /// a fibre.
    fn bus(
        &self,
        engine: &parts::Engine,
        modulator: &AtWork,
        wavelength: &Derived<Meters>,
        light: &mut Light,
        design: &mut LaneDesign,
    ) -> Result<(), LaneFault> {
        let channels = self.channels(engine, wavelength);
        let parts::Modulator::RingModulator(ring) = &engine.modulator else {
            return Ok(());
        };
        let Some(detuning) = &modulator.detuning else {
            return Ok(());
        };
        if channels.n < 2 || engine.multiplexer.is_some() {
            return Ok(());
        }
        let ratio = light.power() / light.amplitude();
        let passage = pass_modulators(ring, detuning, &ratio, channels)?;
        light.pass(Element::Multiplexer, &passage.loss);
        design.derivation.crosstalk = Some(passage.crosstalk);
        Ok(())
    }

    /// Through the far end's demultiplexer, which disturbs and slows the signal.
    fn demultiplex(
        &self,
        far: &FarEnd<'_>,
        wavelength: &Derived<Meters>,
        light: &mut Light,
        design: &mut LaneDesign,
    ) -> Result<(), LaneFault> {
        let Some(part) = &far.engine.demultiplexer else {
            return Ok(());
        };
        let passage = demultiplex(part, self.channels(far.engine, wavelength))?;
        light.pass(Element::Demultiplexer, &passage.loss);
        let derivation = &mut design.derivation;
        derivation.crosstalk = Some(match &derivation.crosstalk {
            Some(before) => both(before, &passage.crosstalk),
            None => passage.crosstalk,
        });
        derivation.filter_bandwidth = passage.bandwidth;
        if let parts::Demultiplexer::RingFilter(ring) = part {
            let drift = drift(&far.engine.platform, wavelength)?;
            let control = &self.far.description.control;
            let channel = may_shift(far.engine, control).then(|| {
                let fields: &[Field<parts::RingFilter>] =
                    &[|ring| &mut ring.radius, |ring| &mut ring.group_index];
                channel(&**ring, fields, filter_ring, wavelength)
            });
            let held = (control.heater_reserve.as_ref(), channel);
            let shift =
                made_shift((&**ring).into(), &far.substrate, &drift).named("shift by the heater");
            let (state, power, need) =
                heater_lock((&**ring).into(), &far.substrate, &drift, held, &shift)?;
            derivation.filter_power = Some(power);
            derivation.filter_need = need;
            design.filter_heater = Some(state);
        }
        Ok(())
    }

    /// From the modulator to the far photodiode. Gives the relative powers of the light that
    /// reaches it over two reflections.
    fn light_out(
        &self,
        engine: &parts::Engine,
        far: &FarEnd<'_>,
        light: &mut Light,
        wavelength: &Derived<Meters>,
        (temperature, shift): (&Derived<Celsius>, Option<&Derived<Meters>>),
        design: &mut LaneDesign,
    ) -> Result<Arc<Call>, LaneFault> {
        let receive = far.engine;
        let plant = &self.system.description.fibre_plant;
        if let Some(mux) = &engine.multiplexer {
            light.pass(Element::Multiplexer, &read(&mux.loss));
        }
        light.pass(
            Element::OutputCoupler,
            &coupler_loss(&engine.output_coupler, wavelength, temperature, shift)?,
        );
        let n = plant.data_connectors as usize;
        let connector = &plant.data_connector;
        light.pass(
            Element::Connectors,
            &(read(&connector.loss) * count("data connectors", n)),
        );
        if let Some(shuffle) = &plant.shuffle_loss {
            light.pass(Element::Shuffle, &read(shuffle));
        }
        let length = read(self.length);
        let loss = read(&plant.data_fibre.loss) * length.clone();
        let fading = self.fading(engine, wavelength, &length)?;
        let faded = fading.map(&FROM_TRANSMISSION, Decibels::from_transmission);
        light.pass_amplitude(Element::Fibre, &loss, &(loss.clone() + faded));
        let receive_loss = coupler_loss(
            &receive.receive_coupler,
            wavelength,
            &far.substrate.temperature,
            far.shift.as_ref(),
        )?;
        light.pass(Element::ReceiveCoupler, &receive_loss);
        let polarisation = read(&receive.polarisation_loss);
        light.pass(Element::Polarisation, &polarisation);
        self.demultiplex(far, wavelength, light, design)?;
        light.pass(Element::Photodiode, &number(Decibels::new(0.0)));
        let none = || number(Decibels::new(0.0));
        let mut chain = vec![(read(coupler_reflectance(&engine.output_coupler)), none())];
        for idx in 0..n {
            let mated = read(&connector.loss);
            let to_next = if idx + 1 == n {
                mated + loss.clone()
            } else {
                mated
            };
            chain.push((read(&connector.reflectance), to_next));
        }
        chain.push((
            read(coupler_reflectance(&receive.receive_coupler)),
            receive_loss + polarisation,
        ));
        chain.push((read(&receive.photodiode.reflectance), none()));
        let inputs: Vec<Arc<Node>> = chain
            .iter()
            .flat_map(|(reflectance, loss)| {
                [Arc::clone(reflectance.node()), Arc::clone(loss.node())]
            })
            .collect();
        let pairs = |inputs: &[f64]| {
            let chain: Vec<Reflector> = inputs
                .chunks_exact(2)
                .map(|pair| Reflector {
                    reflectance: Decibels::new(pair[0]),
                    loss_to_next: Decibels::new(pair[1]),
                })
                .collect();
            interference_pairs(&chain)
        };
        let values: Vec<f64> = inputs.iter().map(|node| node.si).collect();
        Ok(Call::recorded(
            &REFLECTIONS,
            inputs,
            pairs(&values)?,
            move |x| pairs(x).map_err(|error| error.to_string()),
        ))
    }

    /// What dispersion leaves of the amplitude. Its value at the Nyquist frequency stands for the
    /// whole band: an upper bound of the loss.
    fn fading(
        &self,
        engine: &parts::Engine,
        wavelength: &Derived<Meters>,
        length: &Derived<Meters>,
    ) -> Result<Derived<f64>, LaneFault> {
        let fibre = &self.system.description.fibre_plant.data_fibre;
        let modulation = modulation(engine);
        let rate = read(&engine.media_rate);
        let fading = move |fibre: &parts::Fibre, x: &[f64]| {
            let (wavelength, length) = (Meters::new(x[0]), Meters::new(x[1]));
            let nyquist = SymbolRate::new(x[2] / modulation.bits_per_symbol() as f64).nyquist();
            let fibre = convert::fibre(fibre);
            let left = fibre.intensity_response(wavelength, length, nyquist).abs();
            if nyquist >= fibre.fading_frequency(wavelength, length) || left <= 0.0 {
                return Err(LaneFault::Dispersion { length, nyquist });
            }
            Ok(vec![left])
        };
        let others = [wavelength.node(), length.node(), rate.node()];
        let values = others.map(|node| node.si);
        let result = fading(fibre, &values)?;
        let given = Given {
            part: &**fibre,
            fields: &[
                |fibre| &mut fibre.zero_dispersion,
                |fibre| &mut fibre.dispersion_slope,
            ],
            others: others.to_vec(),
        };
        Ok(record(&DISPERSION, &given, result, fading).result(0))
    }

    /// The engine that receives: of equal parts in this system, or the first group of the peer
    /// that fits.
    fn far_end<'b>(
        &'b self,
        engine: &'b parts::Engine,
        substrate_here: &Substrate<'b>,
        shift_here: Option<&Derived<Meters>>,
    ) -> Result<FarEnd<'b>, LaneFault> {
        if std::ptr::eq(self.system, self.far) {
            return Ok(FarEnd {
                engine,
                substrate: substrate_here.clone(),
                shift: shift_here.cloned(),
            });
        }
        let entity = fitting_engine(self.far, engine);
        let mismatch = || LaneFault::PeerMismatch {
            peer: self.far.description.name.clone(),
        };
        let id = entity.ok_or_else(mismatch)?;
        Ok(FarEnd {
            engine: &self.far.description.engine[self.far.engines[id.index()].group].value,
            substrate: substrate(self.far, id, self.there),
            shift: self.there.fibre_shifts[id.index()].clone(),
        })
    }
}

/// The first engine of another system that can receive what an engine sends.
pub(crate) fn fitting_engine(far: &System, engine: &parts::Engine) -> Option<EngineId> {
    let fits = |other: &parts::Engine| {
        let ratio = other.media_rate.value / engine.media_rate.value;
        (0.999..=1.001).contains(&ratio)
            && other.modulation == engine.modulation
            && other.wavelengths_per_fibre == engine.wavelengths_per_fibre
    };
    let groups = &far.description.engine;
    far.engines
        .iter()
        .position(|entity| fits(&groups[entity.group].value))
        .map(EngineId::from_index)
}

/// The photonic die of an engine.
fn substrate<'a>(system: &'a System, id: EngineId, conditions: &Conditions) -> Substrate<'a> {
    let zone = system.engines[id.index()].zone;
    let zone = &system.description.zone[zone.index()].value;
    Substrate {
        temperature: conditions.engines[id.index()].clone(),
        design: zone.design_temperature.as_ref(),
    }
}

/// From the input coupler to the modulator. Light of all lasers that share the guide drives its
/// nonlinear absorption. A laser inside of the engine shines into the chip without a fibre, so the
/// shift of the fibres does not reach its coupler.
fn light_in(
    engine: &parts::Engine,
    light: &mut Light,
    (temperature, shift): (&Derived<Celsius>, Option<&Derived<Meters>>),
    feed: &Feed,
) -> Result<(), LaneFault> {
    let (wavelength, lanes_per_laser) = (&feed.wavelength, feed.lanes_per_laser);
    let shift = shift.filter(|_| feed.is_in_module);
    light.pass(
        Element::InputCoupler,
        &coupler_loss(&engine.input_coupler, wavelength, temperature, shift)?,
    );
    let length = read(&engine.routing_length);
    let linear = read(&engine.platform.guide_loss) * length.clone();
    let n_waves = feed.lasers_in_guide;
    let in_guide = match n_waves {
        1 => light.power(),
        n => light.power() * count("lasers in the guide", n as usize),
    };
    let waves = (&in_guide, n_waves);
    let routing = match nonlinear_loss(&engine.platform, waves, &length, wavelength)? {
        Some(excess) => linear + excess,
        None => linear,
    };
    light.pass(Element::Routing, &routing);
    let tree = move |splitter: &parts::Splitter, _: &[f64]| {
        let tree = photonics::splitter::SplitterTree {
            outputs: lanes_per_laser as usize,
            excess_loss: splitter.excess_loss.value,
            imbalance: Decibels::new(0.0),
        };
        Ok(vec![tree.mean_loss()?.value()])
    };
    let loss = tree(&engine.splitter, &[])?;
    let lanes = count("lanes of a laser", lanes_per_laser as usize);
    let given = Given {
        part: &*engine.splitter,
        fields: &[|splitter| &mut splitter.excess_loss],
        others: vec![lanes.node()],
    };
    light.pass(
        Element::Splitter,
        &record(&SPLITTER, &given, loss, tree).result(0),
    );
    Ok(())
}

fn to_ratio(level: &Derived<Decibels>) -> Derived<f64> {
    level.map(&TO_RATIO, Decibels::to_ratio)
}

/// The top level of a modulator; the levels rise.
fn last(levels: &[Derived<f64>]) -> &Derived<f64> {
    levels.last().expect("a modulator has two levels or more")
}

fn mean(levels: &[Derived<f64>]) -> Derived<f64> {
    let sum = levels.iter().cloned().reduce(|sum, level| sum + level);
    let sum = sum.expect("a modulator has two levels or more");
    (sum / count("levels", levels.len())).named("mean level")
}
