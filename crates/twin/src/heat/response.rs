//! One package on its grid, and what its heat makes of it.

use system::{Cooling, System};
use thermal::{Excess, FaceRegion, Field, Grid, Model, Resolution, Response};
use units::{Celsius, Meters, Watts};

use super::cooler::{flows, mean_rise};
use super::layout::{Layout, Members};
use super::loads::Loads;
use super::sinks::{Found, Sink, coolers, regions, sinks};
use super::stack::{Outside, SourceOf, build};
use super::{AGREEMENT, HeatFault};

/// The longer side of a package over the greatest cell where heat is made.
const FINEST_ACROSS: f64 = 40.0;
/// The longer side of a package over its greatest cell.
const COARSEST_ACROSS: f64 = 20.0;
/// Greatest ratio of neighbouring cells.
const GROWTH: f64 = 1.6;

/// Share of [`AGREEMENT`] by which a field may move in its last sweep: what is left of its error is
/// a small part of that.
const FIELD: f64 = 0.5;

/// One package on its grid, and its response to the heat of dies and engines.
#[derive(Debug)]
pub(super) struct PackageModel {
    /// The cells, with conductivities near those of the operating point.
    pub(super) model: Model,
    /// The temperatures at which those conductivities are; none where they do not depend on them.
    near: Option<Field>,
    /// Response of the heated blocks.
    pub(super) response: Response,
    /// What every block is.
    of_block: Vec<Option<SourceOf>>,
    layout: Layout,
    /// Where heat leaves, in the order of the sinks.
    pub(super) regions: Vec<FaceRegion>,
    /// What each heated block is, in the order of the response.
    pub(super) sources: Vec<SourceOf>,
    /// Positions in the response, by place of the die.
    pub(super) core: Vec<usize>,
    pub(super) serdes: Vec<usize>,
    /// By seat.
    pub(super) photonic: Vec<usize>,
    pub(super) electronic: Vec<usize>,
}

/// One package at rest, with the conductivities of its own temperatures.
#[derive(Debug)]
pub(super) struct AtRest {
    pub(super) field: Field,
    /// How far its temperatures lie above the linear answer.
    excess: Excess,
}

/// What the heat of one package makes.
pub(super) struct Heated {
    /// Temperatures outside, in the order of the sinks.
    pub(super) outside: Vec<f64>,
    /// Mean temperature of every heated block, in the order of the response.
    pub(super) averages: Vec<f64>,
    /// Hottest place of core and SerDes of every die.
    pub(super) hottest: Vec<[f64; 2]>,
    /// Hottest place of every die.
    pub(super) junctions: Vec<f64>,
    pub(super) generated_w: f64,
    /// Heat into each cooler, by position of the cooling in the description.
    pub(super) to_coolers: Vec<(usize, f64)>,
    pub(super) to_board_w: f64,
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
    /// The response of a package at the temperatures that some heat makes of it, which is asked
    /// for where conductivities depend on them.
    ///
    /// One solve with the conductivities of reference gives those temperatures: a response does
    /// not need them as exactly as [`Self::at_rest`] does, for it only says what changes.
    pub(super) fn new(
        system: &System,
        members: &Members,
        loads: &dyn Fn() -> Loads,
    ) -> Result<Self, HeatFault> {
        let (dies, engines) = members;
        let cut = Cut::new(system, dies, engines, &Outside::NOTHING)?;
        let mut model = Model::new(&cut.stack, &grid(&cut)?)?;
        let (layout, of_block) = (cut.layout, cut.of_block);
        let mut near = None;
        if model.has_varying_conductivity() {
            let loads = loads();
            let powers = block_powers(&of_block, &layout, members, &loads);
            let outside = fluids_alone(system, members, &loads);
            let with_fluids = with_fluids(system, members, &outside, model.grid())?;
            let field = with_fluids.steady(&powers)?;
            model = model.frozen_at(&field)?;
            near = Some(field);
        }
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
            near,
            response,
            of_block,
            layout,
            regions: cut.regions,
            sources,
        })
    }

    /// The field of a package at the given heat, from the last one.
    ///
    /// The shares of the heat that leave through each sink are those of the response.
    pub(super) fn at_rest(
        &self,
        system: &System,
        members: &Members,
        loads: &Loads,
        last: Option<&AtRest>,
    ) -> Result<AtRest, HeatFault> {
        let heated = self.heated(system, members, loads, last);
        let model = with_fluids(system, members, &heated.outside, self.model.grid())?;
        let powers = block_powers(&self.of_block, &self.layout, members, loads);
        let near = last.map(|last| &last.field).or(self.near.as_ref());
        let change = AGREEMENT * FIELD;
        let found = match near {
            Some(near) => model.steady_nonlinear_near(&powers, near, change)?,
            None => model.steady_nonlinear(&powers)?,
        };
        let outside: Vec<Celsius> = heated.outside.into_iter().map(Celsius::new).collect();
        let powers = self.powers(members, loads);
        let excess = self.response.excess(&found.field, &powers, &outside)?;
        Ok(AtRest {
            field: found.field,
            excess,
        })
    }

    /// Positions of the heated blocks among all blocks, in the order of the response.
    pub(super) fn heated_blocks(&self) -> Vec<usize> {
        let blocks = self.of_block.iter().enumerate();
        blocks.filter_map(|(at, of)| of.map(|_| at)).collect()
    }

    /// The position among those of its package of the engine that a seat holds.
    pub(super) fn place(&self, seat: usize) -> usize {
        self.layout.seats[seat].place
    }

    /// The powers of the heated blocks of one package.
    pub(super) fn powers(&self, members: &Members, loads: &Loads) -> Vec<Watts> {
        let sources = self.sources.iter();
        sources
            .map(|source| power(*source, &self.layout, members, loads))
            .collect()
    }

    /// The temperatures that the heat of one package makes.
    ///
    /// What is outside sets a block to the mean of its temperatures, weighted by the shares of the
    /// block's heat that leave there: reciprocity of linear conduction.
    pub(super) fn heated(
        &self,
        system: &System,
        members: &Members,
        loads: &Loads,
        at_rest: Option<&AtRest>,
    ) -> Heated {
        let powers = self.powers(members, loads);
        let (dies, engines) = members;
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
                    outside.push(board_ambient(system));
                }
                (_, Some((idx, cooling))) => {
                    to_coolers.push((*idx, watts));
                    outside.push(fluid(cooling, watts));
                }
            }
        }
        let fluids: Vec<Celsius> = outside.iter().copied().map(Celsius::new).collect();
        let excess = at_rest.map(|at_rest| &at_rest.excess);
        let one_power_each = "the response is asked with one power for each heated block";
        let averages = self.response.averages_outside(&powers, &fluids, excess);
        let averages = averages.expect(one_power_each);
        let hottest = |block: usize| {
            let hottest = self
                .response
                .maximum_outside(block, &powers, &fluids, excess);
            hottest.expect(one_power_each)
        };
        let dies = self.core.iter().zip(&self.serdes);
        let hottest: Vec<[f64; 2]> = dies
            .map(|(core, serdes)| [hottest(*core).value(), hottest(*serdes).value()])
            .collect();
        let junctions = hottest.iter().map(|of| of[0].max(of[1])).collect();
        Heated {
            outside,
            averages: averages.into_iter().map(Celsius::value).collect(),
            hottest,
            junctions,
            generated_w: powers.iter().map(|power| power.value()).sum(),
            to_coolers,
            to_board_w,
        }
    }

    /// Rise of one block for each watt of another: through the package, and through the fluids that
    /// it warms.
    pub(super) fn k_per_w(&self, sinks: &[(Sink, Found<'_>)], out: usize, source: usize) -> f64 {
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
    pub(super) fn crosstalk(
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

/// The power of a source of one package.
fn power(source: SourceOf, layout: &Layout, (dies, engines): &Members, loads: &Loads) -> Watts {
    let engine = |seat: usize| loads.engines[engines[layout.seats[seat].place]];
    Watts::new(match source {
        SourceOf::Core(die) => loads.cores_w[dies[die]],
        SourceOf::Serdes(die) => loads.serdes_w[dies[die]],
        SourceOf::Photonic(seat) => engine(seat).photonic_w,
        SourceOf::Electronic(seat) => engine(seat).electronic_w,
    })
}

/// The powers of all blocks of one package.
fn block_powers(
    of_block: &[Option<SourceOf>],
    layout: &Layout,
    members: &Members,
    loads: &Loads,
) -> Vec<Watts> {
    let none = Watts::new(0.0);
    let of = |source: SourceOf| power(source, layout, members, loads);
    of_block
        .iter()
        .map(|source| source.map_or(none, of))
        .collect()
}

/// Mean temperatures of what is outside of a package if all heat of the dies went to their fluid,
/// and that of the engines to theirs.
fn fluids_alone(system: &System, members: &Members, loads: &Loads) -> Vec<f64> {
    let (dies, engines) = members;
    let of_dies: f64 = dies
        .iter()
        .map(|die| loads.cores_w[*die] + loads.serdes_w[*die])
        .sum();
    let of_engines: f64 = engines
        .iter()
        .map(|idx| loads.engines[*idx].photonic_w + loads.engines[*idx].electronic_w)
        .sum();
    let sinks = sinks(system, dies, engines);
    let is_shared = sinks.len() < 3;
    sinks
        .iter()
        .map(|(sink, cooling)| match (sink, cooling) {
            (Sink::Board, _) | (_, None) => board_ambient(system),
            (sink, Some((_, cooling))) => {
                let watts = match sink {
                    Sink::Engines => of_engines,
                    _ if is_shared => of_dies + of_engines,
                    _ => of_dies,
                };
                fluid(cooling, watts)
            }
        })
        .collect()
}

/// Mean temperature of a fluid that takes up some heat. None leaves where nothing flows.
fn fluid(cooling: &Cooling, watts: f64) -> f64 {
    let rise = if flows(cooling) {
        mean_rise(cooling, watts)
    } else {
        0.0
    };
    cooling.inlet.value.value() + rise
}

pub(super) fn board_ambient(system: &System) -> f64 {
    let stack = system.description.package.stack.as_ref();
    let ambient = stack.and_then(|stack| stack.board_ambient.as_ref());
    ambient.map_or(0.0, |ambient| ambient.value.value())
}

/// A package between fluids, whose temperatures stand in the order of its sinks.
fn with_fluids(
    system: &System,
    (dies, engines): &Members,
    outside: &[f64],
    grid: &Grid,
) -> Result<Model, HeatFault> {
    let cut = Cut::new(system, dies, engines, &Outside::of(outside))?;
    Ok(Model::new(&cut.stack, grid)?)
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
