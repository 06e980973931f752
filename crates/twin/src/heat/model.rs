//! The linear answer of a system to its heat: packages through their responses, modules through
//! their resistances.

use system::parts::PackageStack;
use system::{Cooling, System, ZoneId};
use thermal::{FaceRegion, Grid, Model, Resolution, Response, Side};
use units::{Celsius, KelvinDifference, Meters, Watts};

use super::cooler::{areal_resistance, flows, mean_rise};
use super::layout::{Layout, Members, members};
use super::loads::Loads;
use super::newton;
use super::stack::{Coolers, Outside, SourceOf, build, plate_areas};
use super::{EngineHeat, HeatFault, HeatState, PackageBalance, PartHeat, Parts};

/// The longer side of a package over the greatest cell where heat is made.
const FINEST_ACROSS: f64 = 40.0;
/// The longer side of a package over its greatest cell.
const COARSEST_ACROSS: f64 = 20.0;
/// Greatest ratio of neighbouring cells.
const GROWTH: f64 = 1.6;

/// One package on its grid, and its response to the heat of dies and engines.
#[derive(Debug)]
pub(crate) struct PackageModel {
    /// The cells, for maps and transients.
    pub(crate) model: Model,
    /// Response of the heated blocks.
    pub(crate) response: Response,
    layout: Layout,
    /// What each heated block is, in the order of the response.
    pub(super) sources: Vec<SourceOf>,
    /// Positions in the response, by place of the die.
    core: Vec<usize>,
    serdes: Vec<usize>,
    /// By seat.
    photonic: Vec<usize>,
    electronic: Vec<usize>,
}

/// Where the heat of a package leaves.
#[derive(Clone, Copy)]
enum Sink {
    Dies,
    Engines,
    Board,
}

/// The packages and modules of a system as resistances.
///
/// Layers, materials and flows are those of the system that it was made from; powers, inlets and
/// laws of leakage are read anew from the system that is solved.
#[derive(Debug)]
pub(crate) struct HeatModel {
    /// The package; none where every part of it stands in a zone of stated temperature.
    pub(crate) package: Option<PackageModel>,
    /// Dies and engines of each package.
    pub(super) packages: Vec<Members>,
}

pub(super) fn cooling_of(system: &System, zone: ZoneId) -> Option<(usize, &Cooling)> {
    let zone = &system.description.zone[zone.index()].value;
    let name = zone.cooling.as_deref()?;
    let groups = &system.description.cooling;
    let idx = groups.iter().position(|group| group.name == name)?;
    Some((idx, &groups[idx].value))
}

fn zone_text(system: &System, zone: ZoneId) -> String {
    format!("zone.{}", system.description.zone[zone.index()].name)
}

impl HeatModel {
    /// Cuts the package into cells and solves its response.
    ///
    /// # Errors
    /// A description that lacks what heat needs, a package whose parts do not fit, a solver that
    /// does not converge.
    pub(crate) fn new(system: &System) -> Result<Self, HeatFault> {
        let packages = members(system)?;
        let parts = Parts::new(system);
        let (dies, engines) = &packages[0];
        let is_stated = dies
            .iter()
            .copied()
            .chain(engines.iter().map(|idx| parts.n_asics + idx))
            .all(|part| parts.stated[part].is_some());
        let package = if is_stated {
            None
        } else {
            Some(PackageModel::new(system, dies, engines)?)
        };
        let model = Self { package, packages };
        Self::check_modules(system, &parts)?;
        Ok(model)
    }

    /// Whether the packages of another system are the same to the last bit.
    pub(crate) fn fits(&self, system: &System) -> bool {
        let Ok(packages) = members(system) else {
            return false;
        };
        if packages != self.packages {
            return false;
        }
        match &self.package {
            None => true,
            Some(package) => {
                let (dies, engines) = &packages[0];
                Cut::new(system, dies, engines, &Outside::NOTHING)
                    .is_ok_and(|cut| cut.stack == *package.model.stack())
            }
        }
    }

    /// Modules need a resistance and a fluid where their zone states no temperature.
    fn check_modules(system: &System, parts: &Parts) -> Result<(), HeatFault> {
        let description = &system.description;
        for (idx, engine) in system.engines.iter().enumerate() {
            let group = &description.engine[engine.group];
            if parts.stated[parts.n_asics + idx].is_none()
                && !group.value.integration.is_in_package()
            {
                let of = format!("engine.{}", group.name);
                check_module(
                    system,
                    engine.zone,
                    group.value.heat_resistance.is_some(),
                    of,
                )?;
            }
        }
        for (idx, module) in system.laser_modules.iter().enumerate() {
            let group = &description.laser_module[module.group];
            if parts.stated[parts.n_asics + parts.n_engines + idx].is_none() {
                let of = format!("laser_module.{}", group.name);
                check_module(
                    system,
                    module.zone,
                    group.value.heat_resistance.is_some(),
                    of,
                )?;
            }
        }
        Ok(())
    }

    /// The temperatures that a given heat makes, of all parts in order.
    pub(super) fn temperatures(&self, system: &System, parts: &Parts, loads: &Loads) -> Vec<f64> {
        let mut celsius: Vec<f64> = parts
            .stated
            .iter()
            .map(|stated| stated.as_ref().map_or(f64::NAN, |t| t.value.value()))
            .collect();
        let mut set = |part: usize, t: f64| {
            if parts.stated[part].is_none() {
                celsius[part] = t;
            }
        };
        for (dies, engines) in &self.packages {
            let Some(package) = &self.package else { break };
            let heated = package.heated(system, dies, engines, loads);
            for (place, die) in dies.iter().enumerate() {
                set(*die, heated.junctions[place]);
            }
            for (seat, engine) in engines.iter().enumerate() {
                set(
                    parts.n_asics + engine,
                    heated.averages[package.photonic[seat]],
                );
            }
        }
        for module in modules(system, parts) {
            set(
                module.part,
                module.celsius(loads.of_module(parts, module.part)),
            );
        }
        celsius
    }

    /// The links of the loop from heat to temperature: for each package the parts and the matrix
    /// of its response to them, and for each module its resistance.
    fn loops(&self, system: &System, parts: &Parts, slopes: &[f64]) -> Vec<newton::Loop> {
        let mut loops = Vec::new();
        for (dies, engines) in &self.packages {
            let Some(package) = &self.package else { break };
            let of_dies = dies.iter().zip(&package.core);
            let of_engines = engines.iter().map(|idx| parts.n_asics + idx);
            let members: Vec<(usize, usize)> = of_dies
                .map(|(part, source)| (*part, *source))
                .chain(of_engines.zip(package.photonic.iter().copied()))
                .filter(|(part, _)| parts.stated[*part].is_none())
                .collect();
            let sinks = sinks(system, dies, engines);
            let n = members.len();
            let mut matrix = vec![0.0; n * n];
            for (row, (_, out)) in members.iter().enumerate() {
                for (column, (part, source)) in members.iter().enumerate() {
                    matrix[row * n + column] =
                        package.k_per_w(&sinks, *out, *source) * slopes[*part];
                }
            }
            loops.push(newton::Loop {
                parts: members.iter().map(|(part, _)| *part).collect(),
                matrix,
            });
        }
        for module in modules(system, parts) {
            if parts.stated[module.part].is_none() {
                loops.push(newton::Loop {
                    parts: vec![module.part],
                    matrix: vec![module.k_per_w * slopes[module.part]],
                });
            }
        }
        loops
    }

    /// Greatest eigenvalue of the loop from heat to temperature to heat, and the part whose own
    /// heat comes back to it most.
    pub(super) fn gain(&self, system: &System, parts: &Parts, slopes: &[f64]) -> (f64, usize) {
        let loops = self.loops(system, parts, slopes);
        let gains = loops.iter().map(|of| (of.gain(), of.strongest()));
        gains.fold(
            (0.0, 0),
            |worst, found| {
                if found.0 > worst.0 { found } else { worst }
            },
        )
    }

    /// One step of Newton's method.
    pub(super) fn newton_step(
        &self,
        system: &System,
        parts: &Parts,
        slopes: &[f64],
        difference: &[f64],
    ) -> Vec<f64> {
        let mut step = vec![0.0; difference.len()];
        for of in self.loops(system, parts, slopes) {
            of.step(difference, &mut step);
        }
        step
    }

    /// Everything that is known at the agreement.
    pub(super) fn state(
        &self,
        system: &System,
        parts: &Parts,
        loads: &Loads,
        residual_k: f64,
        steps: usize,
        gain: f64,
    ) -> HeatState {
        let celsius = self.temperatures(system, parts, loads);
        let part = |idx: usize, watts: f64| PartHeat {
            power: Watts::new(watts),
            temperature: Celsius::new(celsius[idx]),
        };
        let asics = (0..parts.n_asics)
            .map(|idx| part(idx, loads.cores_w[idx] + loads.serdes_w[idx]))
            .collect();
        let mut engines: Vec<EngineHeat> = loads
            .engines
            .iter()
            .enumerate()
            .map(|(idx, load)| EngineHeat {
                photonic: part(parts.n_asics + idx, load.photonic_w),
                electronic: part(parts.n_asics + idx, load.electronic_w),
                crosstalk_k_per_w: None,
                own_k_per_w: None,
            })
            .collect();
        let mut fluids = Fluids::new(system);
        let mut balances = Vec::new();
        for (dies, of_package) in &self.packages {
            let Some(package) = &self.package else { break };
            let heated = package.heated(system, dies, of_package, loads);
            let sinks = sinks(system, dies, of_package);
            for (seat, engine) in of_package.iter().enumerate() {
                let heat = &mut engines[*engine];
                heat.electronic.temperature =
                    Celsius::new(heated.averages[package.electronic[seat]]);
                heat.crosstalk_k_per_w = Some(package.crosstalk(&sinks, seat, dies, loads));
                let own = package.photonic[seat];
                heat.own_k_per_w = Some(package.k_per_w(&sinks, own, own));
            }
            for (cooling, watts) in &heated.to_coolers {
                fluids.take(*cooling, *watts);
            }
            let to_coolers: f64 = heated.to_coolers.iter().map(|(_, watts)| watts).sum();
            balances.push(PackageBalance {
                generated: Watts::new(heated.generated_w),
                to_coolers: Watts::new(to_coolers),
                to_board: Watts::new(heated.to_board_w),
            });
        }
        for module in modules(system, parts) {
            if parts.stated[module.part].is_none() {
                fluids.take(module.cooling, loads.of_module(parts, module.part));
            }
        }
        let first_module = parts.n_asics + parts.n_engines;
        HeatState {
            asics,
            engines,
            laser_modules: loads
                .laser_modules_w
                .iter()
                .enumerate()
                .map(|(idx, watts)| part(first_module + idx, *watts))
                .collect(),
            outlets: fluids.outlets(system),
            residual: KelvinDifference::new(residual_k),
            steps,
            gain,
            balances,
        }
    }
}

fn check_module(
    system: &System,
    zone: ZoneId,
    has_resistance: bool,
    of: String,
) -> Result<(), HeatFault> {
    if !has_resistance {
        let what = "heat_resistance, or a zone that states its temperature";
        return Err(HeatFault::Missing { what, of });
    }
    let Some((idx, cooling)) = cooling_of(system, zone) else {
        let (what, of) = ("a temperature or a cooling", zone_text(system, zone));
        return Err(HeatFault::Missing { what, of });
    };
    if !flows(cooling) {
        let name = &system.description.cooling[idx].name;
        return Err(HeatFault::Cooler {
            what: format!("nothing flows through cooling.{name}, which alone cools {of}"),
        });
    }
    contact_area(cooling).map_or(Ok(()), |area| areal_resistance(cooling, area).map(|_| ()))
}

/// Area of a cooler, m^2; none where it is not stated.
fn contact_area(cooling: &Cooling) -> Option<f64> {
    let (width, height) = cooling
        .area_width
        .as_ref()
        .zip(cooling.area_height.as_ref())?;
    Some(width.value.value() * height.value.value())
}

/// A module outside the packages.
struct Module<'a> {
    part: usize,
    cooling: usize,
    fluid: &'a Cooling,
    /// From the fluid's inlet, K/W.
    k_per_w: f64,
}

impl Module<'_> {
    fn celsius(&self, watts: f64) -> f64 {
        self.fluid.inlet.value.value() + self.k_per_w * watts
    }
}

/// The modules that have what it takes to solve their heat, in the order of the parts.
fn modules<'a>(system: &'a System, parts: &'a Parts) -> impl Iterator<Item = Module<'a>> {
    let description = &system.description;
    let engines = system
        .engines
        .iter()
        .enumerate()
        .filter_map(move |(idx, engine)| {
            let part = &description.engine[engine.group].value;
            let outside = !part.integration.is_in_package();
            let stated = part.heat_resistance.as_ref().filter(|_| outside)?;
            Some((parts.n_asics + idx, engine.zone, stated))
        });
    let lasers = system
        .laser_modules
        .iter()
        .enumerate()
        .filter_map(move |(idx, module)| {
            let part = &description.laser_module[module.group].value;
            let stated = part.heat_resistance.as_ref()?;
            Some((parts.n_asics + parts.n_engines + idx, module.zone, stated))
        });
    engines
        .chain(lasers)
        .filter_map(move |(part, zone, stated)| {
            let (cooling, fluid) = cooling_of(system, zone)?;
            // The share of the cooler follows the flow; without an area nothing says how large it is.
            let with_flow = contact_area(fluid).map_or(0.0, |area| {
                let rated = fluid.cooler.resistance.value;
                let now = areal_resistance(fluid, area).unwrap_or(rated);
                (now - rated).value() / area
            });
            Some(Module {
                part,
                cooling,
                fluid,
                k_per_w: stated.value.value() + with_flow + mean_rise(fluid, 1.0),
            })
        })
}

/// The heat that the fluids take up, over all coolers of one description.
struct Fluids {
    watts: Vec<f64>,
    coolers: Vec<usize>,
}

impl Fluids {
    fn new(system: &System) -> Self {
        let n = system.description.cooling.len();
        Self {
            watts: vec![0.0; n],
            coolers: vec![0; n],
        }
    }

    fn take(&mut self, cooling: usize, watts: f64) {
        self.watts[cooling] += watts;
        self.coolers[cooling] += 1;
    }

    /// Mean temperature of the fluid that leaves, over the coolers that take heat.
    fn outlets(&self, system: &System) -> Vec<Option<Celsius>> {
        let groups = system.description.cooling.iter().enumerate();
        groups
            .map(|(idx, group)| {
                let each = self.watts[idx] / self.coolers[idx] as f64;
                let rise = KelvinDifference::new(2.0 * mean_rise(&group.value, each));
                (self.coolers[idx] > 0).then(|| group.value.inlet.value + rise)
            })
            .collect()
    }
}

/// What the heat of one package makes.
pub(super) struct Heated {
    /// Temperatures outside, in the order of the sinks.
    pub(super) outside: Vec<f64>,
    /// Mean temperature of every heated block, in the order of the response.
    averages: Vec<f64>,
    /// Hottest place of every die.
    junctions: Vec<f64>,
    generated_w: f64,
    /// Heat into each cooler, by position of the cooling in the description.
    to_coolers: Vec<(usize, f64)>,
    to_board_w: f64,
}

/// A package as layers, before it is cut into cells.
pub(super) struct Cut {
    pub(super) layout: Layout,
    pub(super) stack: thermal::Stack,
    pub(super) of_block: Vec<Option<SourceOf>>,
    regions: Vec<FaceRegion>,
}

impl Cut {
    pub(super) fn new(
        system: &System,
        dies: &[usize],
        engines: &[usize],
        outside: &Outside,
    ) -> Result<Self, HeatFault> {
        let package = &system.description.package;
        let stack = package.stack.as_deref().ok_or_else(|| HeatFault::Missing {
            what: "a stack, or zones that state their temperatures",
            of: "package".to_owned(),
        })?;
        let layout = Layout::new(system, dies, engines, stack)?;
        let (coolers, _) = coolers(system, dies, engines)?;
        let regions = regions(stack, &layout, &coolers);
        let (stack, of_block) = build(stack, &layout, &coolers, outside)?;
        Ok(Self {
            layout,
            stack,
            of_block,
            regions,
        })
    }
}

impl PackageModel {
    fn new(system: &System, dies: &[usize], engines: &[usize]) -> Result<Self, HeatFault> {
        let cut = Cut::new(system, dies, engines, &Outside::NOTHING)?;
        let model = Model::new(&cut.stack, &grid(&cut)?)?;
        let (layout, of_block) = (cut.layout, cut.of_block);
        let heated: Vec<usize> = (0..of_block.len())
            .filter(|block| of_block[*block].is_some())
            .collect();
        let response = Response::among(&model, &heated, &cut.regions)?;
        let sources: Vec<SourceOf> = of_block.iter().copied().flatten().collect();
        let position = |of: SourceOf| {
            let found = sources.iter().position(|source| *source == of);
            found.expect("every die and every seat has its blocks")
        };
        let of_dies = 0..layout.dies.len();
        let of_seats = 0..layout.seats.len();
        Ok(Self {
            core: of_dies
                .clone()
                .map(|die| position(SourceOf::Core(die)))
                .collect(),
            serdes: of_dies.map(|die| position(SourceOf::Serdes(die))).collect(),
            photonic: of_seats
                .clone()
                .map(|seat| position(SourceOf::Photonic(seat)))
                .collect(),
            electronic: of_seats
                .map(|seat| position(SourceOf::Electronic(seat)))
                .collect(),
            model,
            response,
            layout,
            sources,
        })
    }

    /// The powers of the heated blocks of one package.
    pub(super) fn powers(&self, dies: &[usize], engines: &[usize], loads: &Loads) -> Vec<Watts> {
        let of_source = |source: &SourceOf| match *source {
            SourceOf::Core(die) => loads.cores_w[dies[die]],
            SourceOf::Serdes(die) => loads.serdes_w[dies[die]],
            SourceOf::Photonic(seat) => {
                loads.engines[engines[self.layout.seats[seat].place]].photonic_w
            }
            SourceOf::Electronic(seat) => {
                loads.engines[engines[self.layout.seats[seat].place]].electronic_w
            }
        };
        self.sources
            .iter()
            .map(|source| Watts::new(of_source(source)))
            .collect()
    }

    /// The temperatures that the heat of one package makes.
    ///
    /// What is outside sets a block to the mean of its temperatures, weighted by the shares of the
    /// block's heat that leave there: reciprocity of linear conduction.
    pub(super) fn heated(
        &self,
        system: &System,
        dies: &[usize],
        engines: &[usize],
        loads: &Loads,
    ) -> Heated {
        let powers = self.powers(dies, engines, loads);
        let n = powers.len();
        let sinks = sinks(system, dies, engines);
        let through = |sink: usize| -> f64 {
            (0..n)
                .map(|source| self.response.share(sink, source) * powers[source].value())
                .sum()
        };
        let mut to_coolers = Vec::new();
        let mut to_board_w = 0.0;
        let mut outside = Vec::new();
        for (place, (sink, cooling)) in sinks.iter().enumerate() {
            let watts = through(place);
            match (sink, cooling) {
                (Sink::Board, _) | (_, None) => {
                    to_board_w = watts;
                    let stack = system.description.package.stack.as_ref();
                    let ambient = stack.and_then(|stack| stack.board_ambient.as_ref());
                    outside.push(ambient.map_or(0.0, |ambient| ambient.value.value()));
                }
                (_, Some((idx, cooling))) => {
                    to_coolers.push((*idx, watts));
                    // No heat leaves where nothing flows.
                    let rise = if flows(cooling) {
                        mean_rise(cooling, watts)
                    } else {
                        0.0
                    };
                    outside.push(cooling.inlet.value.value() + rise);
                }
            }
        }
        let averages: Vec<f64> = (0..n)
            .map(|out| {
                let base: f64 = outside
                    .iter()
                    .enumerate()
                    .map(|(sink, celsius)| self.response.share(sink, out) * celsius)
                    .sum();
                let rise: f64 = (0..n)
                    .map(|source| {
                        self.response.resistance(out, source).value() * powers[source].value()
                    })
                    .sum();
                base + rise
            })
            .collect();
        let fluids: Vec<Celsius> = outside.iter().copied().map(Celsius::new).collect();
        let hottest = |block: usize| {
            let hottest = self.response.maximum_outside(block, &powers, &fluids);
            hottest.expect("the response is asked with one power for each heated block")
        };
        let junctions = (0..self.core.len())
            .map(|die| {
                hottest(self.core[die])
                    .max(hottest(self.serdes[die]))
                    .value()
            })
            .collect();
        Heated {
            outside,
            averages,
            junctions,
            generated_w: powers.iter().map(|power| power.value()).sum(),
            to_coolers,
            to_board_w,
        }
    }

    /// Rise of one block for each watt of another: through the package, and through the fluids that
    /// it warms.
    fn k_per_w(&self, sinks: &[(Sink, Found<'_>)], out: usize, source: usize) -> f64 {
        let by_fluids = sinks.iter().enumerate().map(|(place, (_, cooling))| {
            let share = |block| self.response.share(place, block);
            let rise = cooling.filter(|(_, cooling)| flows(cooling));
            rise.map_or(0.0, |(_, cooling)| {
                share(out) * share(source) * mean_rise(cooling, 1.0)
            })
        });
        self.response.resistance(out, source).value() + by_fluids.sum::<f64>()
    }

    /// Rise of an engine's photonic die for each watt of the dies of its package, shared between
    /// core and SerDes as they share their power.
    fn crosstalk(
        &self,
        sinks: &[(Sink, Found<'_>)],
        seat: usize,
        dies: &[usize],
        loads: &Loads,
    ) -> f64 {
        let out = self.photonic[seat];
        let (mut rise, mut watts) = (0.0, 0.0);
        for (place, die) in dies.iter().enumerate() {
            for (source, of) in [
                (self.core[place], loads.cores_w[*die]),
                (self.serdes[place], loads.serdes_w[*die]),
            ] {
                rise += self.k_per_w(sinks, out, source) * of;
                watts += of;
            }
        }
        rise / watts
    }
}

type Found<'a> = Option<(usize, &'a Cooling)>;

/// The coolers of a package with their positions in the description.
fn coolers<'a>(
    system: &'a System,
    dies: &[usize],
    engines: &[usize],
) -> Result<(Coolers<'a>, [Found<'a>; 2]), HeatFault> {
    let missing = |zone| HeatFault::Missing {
        what: "a temperature or a cooling",
        of: zone_text(system, zone),
    };
    let die_zone = system.asics[dies[0]].zone;
    let of_dies = cooling_of(system, die_zone).ok_or_else(|| missing(die_zone))?;
    let of_engines = match engines.first() {
        None => None,
        Some(first) => {
            let zone = system.engines[*first].zone;
            let found = cooling_of(system, zone).ok_or_else(|| missing(zone))?;
            (found.0 != of_dies.0).then_some(found)
        }
    };
    let coolers = Coolers {
        dies: of_dies.1,
        engines: of_engines.map(|(_, cooling)| cooling),
    };
    Ok((coolers, [Some(of_dies), of_engines]))
}

/// The sinks of a package in the order of the regions of its response.
fn sinks<'a>(system: &'a System, dies: &[usize], engines: &[usize]) -> Vec<(Sink, Found<'a>)> {
    let Ok((_, [of_dies, of_engines])) = coolers(system, dies, engines) else {
        return Vec::new();
    };
    let mut sinks = vec![(Sink::Dies, of_dies)];
    if of_engines.is_some() {
        sinks.push((Sink::Engines, of_engines));
    }
    sinks.push((Sink::Board, None));
    sinks
}

/// The regions of the faces through which the heat of a package leaves, in the order of its sinks.
fn regions(package: &PackageStack, layout: &Layout, coolers: &Coolers<'_>) -> Vec<FaceRegion> {
    let (of_dies, of_engines) = plate_areas(package, layout, coolers);
    let top = |areas| FaceRegion {
        side: Side::Top,
        areas,
    };
    let mut regions = vec![top(of_dies)];
    if coolers.engines.is_some() {
        regions.push(top(of_engines));
    }
    regions.push(FaceRegion {
        side: Side::Bottom,
        areas: vec![layout.outline],
    });
    regions
}

/// The grid of a package: lines on the edges of all blocks, finest where heat is made.
///
/// Parts of the platforms come out within 4 % of the rise that they have on one three times finer.
pub(super) fn grid(cut: &Cut) -> Result<Grid, HeatFault> {
    let mut heated = cut.stack.clone();
    let blocks = heated.layers.iter_mut().flat_map(|layer| &mut layer.blocks);
    for (block, of) in blocks.zip(&cut.of_block) {
        block.power = Watts::new(f64::from(u8::from(of.is_some())));
    }
    let outline = cut.layout.outline;
    let longer = outline.width.value().max(outline.height.value());
    let resolution = Resolution {
        finest: Meters::new(longer / FINEST_ACROSS),
        coarsest: Meters::new(longer / COARSEST_ACROSS),
        growth: GROWTH,
    };
    Ok(Grid::fitted(&heated, &resolution)?)
}
