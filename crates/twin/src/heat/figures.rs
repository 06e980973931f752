//! Heat as a person asks for it: by kind of part, by zone, by cooler.

use system::System;
use units::{
    Celsius, Decibels, KelvinDifference, KelvinPerWatt, Meters, MetersPerKelvin, Pascals,
    VolumeFlow, Watts,
};

use super::cooler::pressure_drop;
use crate::steady::SteadyState;

/// The least and the greatest of some values.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Range<Q> {
    /// Least.
    pub low: Q,
    /// Greatest.
    pub high: Q,
}

impl<Q: units::quantity::Quantity> Range<Q> {
    /// Over all values; none of no values.
    fn of(values: impl Iterator<Item = Q>) -> Option<Self> {
        values.fold(None, |so_far: Option<Self>, value| {
            Some(so_far.map_or(
                Self {
                    low: value,
                    high: value,
                },
                |range| Self {
                    low: Q::from_si(range.low.si().min(value.si())),
                    high: Q::from_si(range.high.si().max(value.si())),
                },
            ))
        })
    }
}

/// What a group of parts is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum HeatedKind {
    /// Switch dies.
    Die,
    /// Optical engines or modules.
    Engine,
    /// Laser modules.
    LaserModule,
}

impl HeatedKind {
    /// The name in tables and machine output.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Die => "die",
            Self::Engine => "engine",
            Self::LaserModule => "laser module",
        }
    }
}

/// Rings of a group of engines and their heaters.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct RingHeat {
    /// Change of the resonance with temperature.
    pub drift: MetersPerKelvin,
    /// Distance of the resonances of the coldest and the warmest engine, were they not heated.
    pub spread: Meters,
    /// Power of all heaters of one engine.
    pub heaters: Range<Watts>,
}

/// How far the fibres of a group of engines have moved since they were attached.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct FibreShift {
    /// Distance across the light, by the bow of the package.
    pub shift: Range<Meters>,
    /// What it costs at the output coupler; none where the coupler does not price it, or where no
    /// laser is lit.
    pub output_loss: Option<Range<Decibels>>,
}

/// A group of equal parts.
#[derive(Debug, Clone, PartialEq)]
pub struct GroupHeat {
    /// What they are.
    pub kind: HeatedKind,
    /// Name of the group.
    pub name: String,
    /// How many.
    pub count: usize,
    /// Heat of each; none where temperatures are stated.
    pub power: Option<Range<Watts>>,
    /// Temperature of each: junction of a die, photonic die of an engine, case of a laser module.
    pub temperature: Range<Celsius>,
    /// Electronic die of each engine of a package.
    pub electronic: Option<Range<Celsius>>,
    /// Highest temperature that the description allows.
    pub limit: Option<Celsius>,
    /// Rise of an engine for each watt of the dies of its package.
    pub crosstalk: Option<Range<KelvinPerWatt>>,
    /// Rise of an engine for each watt of its own photonic die.
    pub own: Option<Range<KelvinPerWatt>>,
    /// Rings and their heaters.
    pub rings: Option<RingHeat>,
    /// Fibres of engines in a package that bows; none where nothing moves them.
    pub fibres: Option<FibreShift>,
}

impl GroupHeat {
    /// Difference of the warmest and the coldest.
    pub fn spread(&self) -> KelvinDifference {
        self.temperature.high - self.temperature.low
    }
}

/// A thermal zone.
#[derive(Debug, Clone, PartialEq)]
pub struct ZoneHeat {
    /// Its name.
    pub name: String,
    /// Its warmest part.
    pub warmest: Celsius,
    /// Whether the description states the temperature.
    pub is_stated: bool,
}

/// A cooler with its fluid.
#[derive(Debug, Clone, PartialEq)]
pub struct CoolingFigures {
    /// Its name.
    pub name: String,
    /// Temperature of the fluid that comes in.
    pub inlet: Celsius,
    /// Mean temperature of the fluid that leaves.
    pub outlet: Celsius,
    /// Flow through each.
    pub flow: VolumeFlow,
    /// Pressure that each takes; none where it is not stated.
    pub pressure_drop: Option<Pascals>,
}

/// Temperatures and heat of a system.
#[derive(Debug, Clone, PartialEq)]
pub struct HeatFigures {
    /// Why there are no temperatures; what is given then is as cold as what cools it.
    pub fault: Option<String>,
    /// Dies, engines, laser modules by group.
    pub groups: Vec<GroupHeat>,
    /// Zones.
    pub zones: Vec<ZoneHeat>,
    /// Coolers that take heat of what was solved.
    pub coolings: Vec<CoolingFigures>,
    /// Greatest difference between heat and temperature at their agreement; none where every
    /// temperature is stated.
    pub residual: Option<KelvinDifference>,
    /// What is left until the loop from heat to temperature to heat runs away: one less its gain.
    pub runaway_margin: Option<f64>,
    /// Shares of the heat of one package: into its coolers, and through its board.
    pub to_board_share: Option<f64>,
}

impl HeatFigures {
    /// The figures of a solved system.
    pub(crate) fn new(system: &System, state: &SteadyState) -> Self {
        let solved = state.heat.as_ref().and_then(|heat| heat.as_ref().ok());
        let fault = state.heat.as_ref().and_then(|heat| heat.as_ref().err());
        let description = &system.description;
        let mut groups = Vec::new();
        for (idx, group) in description.asic.iter().enumerate() {
            let of = || (0..system.asics.len()).filter(move |i| system.asics[*i].group == idx);
            let power = |i: usize| Some(solved?.asics[i].power);
            groups.extend(group_heat(
                (HeatedKind::Die, &group.name, of().count()),
                of().map(|i| state.conditions.asics[i].value()),
                Range::of(of().filter_map(power)),
                Some(group.value.max_temperature.value),
            ));
        }
        for (idx, group) in description.engine.iter().enumerate() {
            let of = || (0..system.engines.len()).filter(move |i| system.engines[*i].group == idx);
            let heat = |i: usize| Some(&solved?.engines[i]);
            let power = |i: usize| heat(i).map(|e| e.photonic.power + e.electronic.power);
            let found = group_heat(
                (HeatedKind::Engine, &group.name, of().count()),
                of().map(|i| state.conditions.engines[i].value()),
                Range::of(of().filter_map(power)),
                None,
            );
            let k_per_w = KelvinPerWatt::new;
            groups.extend(found.map(|found| {
                GroupHeat {
                    electronic: group
                        .value
                        .integration
                        .is_in_package()
                        .then(|| {
                            Range::of(of().filter_map(|i| Some(heat(i)?.electronic.temperature)))
                        })
                        .flatten(),
                    crosstalk: Range::of(
                        of().filter_map(|i| heat(i)?.crosstalk_k_per_w.map(k_per_w)),
                    ),
                    own: Range::of(of().filter_map(|i| heat(i)?.own_k_per_w.map(k_per_w))),
                    rings: rings(system, state, idx, found.spread()),
                    fibres: fibres(system, state, idx),
                    ..found
                }
            }));
        }
        for (idx, group) in description.laser_module.iter().enumerate() {
            let modules = &system.laser_modules;
            let of = || (0..modules.len()).filter(move |i| modules[*i].group == idx);
            let power = |i: usize| Some(solved?.laser_modules[i].power);
            groups.extend(group_heat(
                (HeatedKind::LaserModule, &group.name, of().count()),
                of().map(|i| state.conditions.laser_modules[i].value()),
                Range::of(of().filter_map(power)),
                None,
            ));
        }
        let zones = description
            .zone
            .iter()
            .enumerate()
            .filter_map(|(idx, zone)| {
                Some(ZoneHeat {
                    name: zone.name.clone(),
                    warmest: state.warmest_of(system, system::ZoneId::from_index(idx))?,
                    is_stated: zone.value.temperature.is_some(),
                })
            });
        let coolings = description
            .cooling
            .iter()
            .enumerate()
            .filter_map(|(idx, group)| {
                Some(CoolingFigures {
                    name: group.name.clone(),
                    inlet: group.value.inlet.value,
                    outlet: solved?.outlets[idx]?,
                    flow: group.value.flow.value,
                    pressure_drop: pressure_drop(&group.value),
                })
            });
        Self {
            fault: fault.map(ToString::to_string),
            groups,
            zones: zones.collect(),
            coolings: coolings.collect(),
            residual: solved.map(|heat| heat.residual),
            runaway_margin: solved.map(|heat| 1.0 - heat.gain),
            to_board_share: solved
                .and_then(|heat| heat.balances.first())
                .map(|balance| balance.to_board / balance.generated),
        }
    }

    /// The farthest that fibres have moved; none where nothing moves them.
    pub fn greatest_fibre_shift(&self) -> Option<Meters> {
        let groups = self.groups.iter().filter_map(|group| group.fibres);
        groups.map(|fibres| fibres.shift.high).reduce(Meters::max)
    }

    /// The first group of a kind.
    pub fn first(&self, kind: HeatedKind) -> Option<&GroupHeat> {
        self.groups.iter().find(|group| group.kind == kind)
    }
}

fn group_heat(
    (kind, name, count): (HeatedKind, &str, usize),
    temperatures: impl Iterator<Item = Celsius>,
    power: Option<Range<Watts>>,
    limit: Option<Celsius>,
) -> Option<GroupHeat> {
    Some(GroupHeat {
        kind,
        name: name.to_owned(),
        count,
        power,
        temperature: Range::of(temperatures)?,
        electronic: None,
        limit,
        crosstalk: None,
        own: None,
        rings: None,
        fibres: None,
    })
}

/// Shift of the fibres of a group of engines.
fn fibres(system: &System, state: &SteadyState, group: usize) -> Option<FibreShift> {
    let shifts = || {
        let engines = (0..system.engines.len()).filter(move |i| system.engines[*i].group == group);
        engines.filter_map(|i| Some((i, state.conditions.fibre_shifts[i].as_ref()?.value())))
    };
    let coupler = &system.description.engine[group].value.output_coupler;
    let loss = |(i, shift): (usize, Meters)| {
        let lane = system.engines[i].media_lanes.start as usize;
        let design = state.lanes.design_of.get(lane)?;
        let wavelength = state.lanes.designs[*design].laser?.point.wavelength;
        let temperature = state.conditions.engines[i].value();
        link::shift_loss(coupler, wavelength, temperature, shift).ok()?
    };
    Some(FibreShift {
        shift: Range::of(shifts().map(|(_, shift)| shift))?,
        output_loss: Range::of(shifts().filter_map(loss)),
    })
}

/// Rings of a group of engines; none without rings that are locked.
fn rings(
    system: &System,
    state: &SteadyState,
    group: usize,
    spread: KelvinDifference,
) -> Option<RingHeat> {
    let members = || system.engines.iter().filter(|engine| engine.group == group);
    let designs = |engine: &system::EngineEntity| {
        let lanes = engine.media_lanes.clone();
        lanes.map(|lane| state.lanes.design_of[lane as usize])
    };
    let drift = members().flat_map(designs).find_map(|design| {
        let design = &state.lanes.designs[design];
        let modulator = design.modulator.as_ref().and_then(|m| m.heater);
        modulator
            .or(design.filter_heater)
            .map(|heater| heater.drift)
    })?;
    let tuning: Vec<Watts> = (0..state.lanes.designs.len())
        .map(|design| {
            let power = state.lanes.tuning_power(design);
            power.map_or(Watts::new(0.0), |power| power.value())
        })
        .collect();
    let of_engine =
        |engine: &system::EngineEntity| designs(engine).map(|design| tuning[design]).sum();
    Some(RingHeat {
        drift,
        spread: drift * spread,
        heaters: Range::of(members().map(of_engine))?,
    })
}
