//! The package of a system: yield of its assembly and what a good one costs.

use system::System;
use system::parts::{Assembly, EngineSeat};
use units::{Dollars, Ratio, Sourced};

use crate::cost::{CostDifference, CostRange, unit_price};
use crate::package_yield::{
    PackagePrices, PackageYields, Rework, STEPS, Seat, StagedCost, known_good, package_steps,
};

/// A share with its range: with every yield at its fifth, nominal, and at its ninety-fifth
/// percentile. These are the percentiles of the result when all yields rise and fall together.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct YieldRange {
    /// With every yield low.
    pub low: f64,
    /// With every yield nominal.
    pub nominal: f64,
    /// With every yield high.
    pub high: f64,
}

/// One step of the assembly.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct PackageStep {
    /// Its name.
    pub name: &'static str,
    /// Share of packages that leave it good.
    pub good: YieldRange,
    /// What is thrown away there for each good package; none when a price is missing.
    pub scrap: Option<CostRange>,
}

/// What one good package costs.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct PackageCost {
    /// Parts and work in it: dies, engines, array units, substrate, attaches, test.
    pub parts: CostRange,
    /// Engines replaced while it is put together.
    pub rework: CostRange,
    /// Thrown away before the engines are attached.
    pub scrap_dies: CostRange,
    /// Thrown away at the engine and fibre steps, with the dies in it.
    pub scrap_optics: CostRange,
    /// Everything.
    pub total: CostRange,
}

impl PackageCost {
    /// Everything that is thrown away.
    pub fn scrap(&self) -> CostRange {
        self.scrap_dies.plus(self.scrap_optics)
    }
}

/// The same package with its engines held the other way.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct OtherSeat {
    /// How they are held there.
    pub seat: EngineSeat,
    /// Share of good packages.
    pub good: YieldRange,
    /// Replacements and scrap for each good package; none when a price is missing.
    pub lost: Option<CostRange>,
    /// What a good package costs more there; none when a price is missing. Prices stand at one
    /// place of their ranges in both, yields likewise, and the price of a socket where it moves the
    /// difference most.
    pub difference: Option<CostDifference>,
}

/// The package of a system that says how it is put together.
#[derive(Debug, Clone, PartialEq)]
pub struct PackageFigures {
    /// Packages of the switch.
    pub count: u32,
    /// Engines in one package.
    pub engines: u32,
    /// Engines that have to work; the others are spares.
    pub engines_needed: u32,
    /// How they are held.
    pub seat: EngineSeat,
    /// Share of the started packages that turn out good.
    pub good: YieldRange,
    /// Whether a yield is an estimate.
    pub is_assumed: bool,
    /// The steps, in order.
    pub steps: Vec<PackageStep>,
    /// What a good one costs; none when a price is missing.
    pub cost: Option<PackageCost>,
    /// The prices that are missing.
    pub unpriced: Vec<&'static str>,
    /// The engines held the other way; none without engines in the package.
    pub other_seat: Option<OtherSeat>,
}

impl PackageFigures {
    /// The figures of a system whose package has an assembly. None without one, or when no package
    /// is ever good.
    pub(crate) fn new(system: &System) -> Option<Self> {
        let package = &system.description.package;
        let assembly = package.assembly.as_deref()?;
        let counts = Counts::new(system);
        let (prices, unpriced) = Prices::new(system, assembly, &counts);
        let held = Held::solve(assembly, &counts, &prices, assembly.seat)?;
        let is_assumed = yields_of(assembly).iter().any(|y| y.origin.is_estimate());
        let is_priced = unpriced.is_empty();
        let amount = |of: &dyn Fn(&StagedCost) -> f64| held.amount(of, is_assumed);
        let steps = STEPS
            .iter()
            .enumerate()
            .map(|(idx, name)| PackageStep {
                name,
                good: held.step_yields[idx],
                scrap: is_priced.then(|| amount(&|cost| cost.scrap[idx])),
            })
            .collect();
        let cost = is_priced.then(|| PackageCost {
            parts: held.amount(&|cost| cost.parts, false),
            rework: amount(&|cost| cost.rework),
            scrap_dies: amount(&|cost| cost.scrap[..2].iter().sum()),
            scrap_optics: amount(&|cost| cost.scrap[2..].iter().sum()),
            total: held.total(is_assumed),
        });
        let other = match assembly.seat {
            EngineSeat::Soldered => EngineSeat::Detachable,
            EngineSeat::Detachable => EngineSeat::Soldered,
        };
        // The price of a socket matters to one of the two only.
        let other_is_priced = match other {
            EngineSeat::Soldered => unpriced.iter().all(|name| *name == SOCKET),
            EngineSeat::Detachable => is_priced && assembly.socket_price.is_some(),
        };
        let other_seat = (counts.placed > 0)
            .then(|| Held::solve(assembly, &counts, &prices, other))
            .flatten()
            .map(|held| OtherSeat {
                seat: other,
                good: held.good(),
                lost: other_is_priced.then(|| held.amount(&lost, is_assumed)),
                difference: (is_priced && other_is_priced)
                    .then(|| difference(assembly, &counts, &prices, other))
                    .flatten()
                    .map(|difference| CostDifference {
                        is_assumed: is_assumed || prices.is_assumed(),
                        ..difference
                    }),
            });
        Some(Self {
            count: package.count,
            engines: counts.placed,
            engines_needed: counts.needed,
            seat: assembly.seat,
            good: held.good(),
            is_assumed,
            steps,
            cost,
            unpriced,
            other_seat,
        })
    }

    /// The step that loses most: by what it throws away where prices are known, by yield otherwise.
    pub fn worst_step(&self) -> Option<&PackageStep> {
        let loss = |step: &&PackageStep| {
            step.scrap
                .map_or(1.0 - step.good.nominal, |scrap| scrap.nominal.value())
        };
        // Of equals the first one counts.
        let steps = self.steps.iter().rev();
        steps
            .filter(|step| loss(step) > 0.0)
            .max_by(|a, b| loss(a).total_cmp(&loss(b)))
    }
}

/// Cost of a good package with its engines held as `other` says, less that of the package as it is.
fn difference(
    assembly: &Assembly,
    counts: &Counts,
    prices: &Prices,
    other: EngineSeat,
) -> Option<CostDifference> {
    let total = |seat, p, prices: PackagePrices| {
        let steps = package_steps(&yields_at(assembly, counts, seat, p), &prices);
        StagedCost::new(&steps).map(|cost| cost.total())
    };
    let at = |p, prices: PackagePrices| {
        Some(total(other, p, prices)? - total(assembly.seat, p, prices)?)
    };
    let nominal = at(None, prices.at(At::Nominal))?;
    let (mut low, mut high) = (nominal, nominal);
    for p in [0.05, 0.95] {
        for all in [At::Low, At::High] {
            for socket in [At::Low, At::High] {
                let socket = price_at(&prices.socket, socket);
                let found = at(
                    Some(p),
                    PackagePrices {
                        socket,
                        ..prices.at(all)
                    },
                )?;
                (low, high) = (low.min(found), high.max(found));
            }
        }
    }
    Some(CostDifference {
        nominal: Dollars::new(nominal),
        low: Dollars::new(low),
        high: Dollars::new(high),
        is_assumed: false,
        is_complete: true,
    })
}

/// Replacements and scrap.
fn lost(cost: &StagedCost) -> f64 {
    cost.total() - cost.parts
}

const SOCKET: &str = "socket of an engine";

/// The parts of one package.
struct Counts {
    asics: u32,
    placed: u32,
    needed: u32,
    faus_per_engine: f64,
}

impl Counts {
    fn new(system: &System) -> Self {
        let n_packages = system.description.package.count as usize;
        let per_package = |n: usize| u32::try_from(n / n_packages).unwrap_or(u32::MAX);
        let (mut placed, mut needed, mut faus) = (0, 0, 0);
        for engine in inside(system) {
            placed += 1;
            needed += usize::from(!engine.is_spare);
            faus += engine.faus.len();
        }
        Self {
            asics: per_package(system.asics.len()),
            placed: per_package(placed),
            needed: per_package(needed),
            faus_per_engine: faus as f64 / placed.max(1) as f64,
        }
    }
}

/// The engines inside the packages.
fn inside(system: &System) -> impl Iterator<Item = &system::EngineEntity> {
    system.engines.iter().filter(|engine| {
        let part = &system.description.engine[engine.group].value;
        part.integration.is_in_package()
    })
}

/// Where in their ranges yields and prices stand.
#[derive(Clone, Copy)]
enum At {
    /// Everything as it costs least: low prices.
    Low,
    Nominal,
    High,
    /// Nominal, with prices that are no estimates left out.
    Assumed,
}

fn price_at(range: &CostRange, at: At) -> f64 {
    match at {
        At::Low => range.low,
        At::Nominal => range.nominal,
        At::High => range.high,
        At::Assumed => range.assumed,
    }
    .value()
}

/// The prices of one package; one that is missing is nothing here and named beside.
struct Prices {
    substrate: CostRange,
    asic: CostRange,
    asic_attach: CostRange,
    engine: CostRange,
    engine_attach: CostRange,
    socket: CostRange,
    faus: CostRange,
    fau_attach: CostRange,
    test: CostRange,
}

impl Prices {
    /// Dies and engines at their mean price, where they differ.
    fn new(system: &System, assembly: &Assembly, counts: &Counts) -> (Self, Vec<&'static str>) {
        let mut missing = Vec::new();
        let mut priced = |name: &'static str, is_used: bool, price: Option<CostRange>| {
            if is_used && price.is_none_or(|price| price.n_unpriced > 0) {
                missing.push(name);
            }
            price.filter(|_| is_used).unwrap_or(CostRange::NOTHING)
        };
        let of = |price: &Option<Sourced<Dollars>>| price.as_ref().map(unit_price);
        let or_unpriced =
            |price: &Option<Sourced<Dollars>>| of(price).unwrap_or(CostRange::UNPRICED);
        let mean = |amounts: Vec<CostRange>| {
            let n = amounts.len().max(1) as f64;
            Some(CostRange::sum(amounts).times(1.0 / n))
        };
        let description = &system.description;
        let asics = system.asics.iter();
        let asic = mean(
            asics
                .map(|asic| or_unpriced(&description.asic[asic.group].value.price))
                .collect(),
        );
        let engine = mean(
            inside(system)
                .map(|engine| {
                    let part = &description.engine[engine.group].value;
                    // A laser with a price of its own is bought apart.
                    let lasers = part.laser.as_ref().and_then(|laser| of(&laser.price));
                    let lasers = lasers.unwrap_or(CostRange::NOTHING);
                    or_unpriced(&part.price).plus(lasers.times(engine.lasers.len() as f64))
                })
                .collect(),
        );
        let mut n_fibres = vec![0_u32; system.faus.len()];
        for fibre in &system.fibres {
            n_fibres[fibre.fau.index()] += 1;
        }
        let faus = mean(
            inside(system)
                .map(|engine| {
                    let faus = engine.faus.start as usize..engine.faus.end as usize;
                    let n_fibres: u32 = n_fibres[faus].iter().sum();
                    let part = &description.engine[engine.group].value;
                    or_unpriced(&part.fau_price).times(f64::from(n_fibres))
                })
                .collect(),
        );
        let has_engines = counts.placed > 0;
        let has_sockets = has_engines && assembly.seat == EngineSeat::Detachable;
        let prices = Self {
            substrate: priced("substrate", true, of(&assembly.substrate_price)),
            asic: priced("die", true, asic),
            asic_attach: priced("attach of a die", true, of(&assembly.asic_attach_price)),
            engine: priced("engine", has_engines, engine),
            engine_attach: priced(
                "attach of an engine",
                has_engines,
                of(&assembly.engine_attach_price),
            ),
            faus: priced("fibre array units", has_engines, faus),
            fau_attach: priced(
                "attach of a fibre array unit",
                has_engines,
                of(&assembly.fau_attach_price),
            ),
            test: priced("test", true, of(&assembly.test_price)),
            socket: CostRange::NOTHING,
        };
        if has_sockets && assembly.socket_price.is_none() {
            missing.push(SOCKET);
        }
        let socket = of(&assembly.socket_price).unwrap_or(CostRange::NOTHING);
        (Self { socket, ..prices }, missing)
    }

    fn at(&self, at: At) -> PackagePrices {
        PackagePrices {
            substrate: price_at(&self.substrate, at),
            asic: price_at(&self.asic, at),
            asic_attach: price_at(&self.asic_attach, at),
            engine: price_at(&self.engine, at),
            engine_attach: price_at(&self.engine_attach, at),
            socket: price_at(&self.socket, at),
            faus: price_at(&self.faus, at),
            fau_attach: price_at(&self.fau_attach, at),
            test: price_at(&self.test, at),
        }
    }

    /// Whether any price is an estimate.
    fn is_assumed(&self) -> bool {
        [
            self.substrate,
            self.asic,
            self.asic_attach,
            self.engine,
            self.engine_attach,
            self.socket,
            self.faus,
            self.fau_attach,
            self.test,
        ]
        .iter()
        .any(|price| price.is_assumed)
    }
}

/// Every yield of an assembly.
fn yields_of(assembly: &Assembly) -> [&Sourced<Ratio>; 10] {
    [
        &assembly.substrate_yield,
        &assembly.asic_yield,
        &assembly.asic_coverage,
        &assembly.asic_attach,
        &assembly.engine_yield,
        &assembly.engine_coverage,
        &assembly.engine_attach,
        &assembly.fau_attach,
        &assembly.rework_success,
        &assembly.rework_survival,
    ]
}

/// The yields with every one at a quantile of its spread; nominal without `p`.
fn yields_at(
    assembly: &Assembly,
    counts: &Counts,
    seat: EngineSeat,
    p: Option<f64>,
) -> PackageYields {
    let at = |ratio: &Sourced<Ratio>| {
        let nominal = ratio.value.value();
        // A quantile beyond the nominal value on the wrong side is none of the range.
        match p {
            None => nominal,
            Some(p) if p < 0.5 => ratio.spread.quantile(nominal, p).clamp(0.0, nominal),
            Some(p) => ratio.spread.quantile(nominal, p).clamp(nominal, 1.0),
        }
    };
    PackageYields {
        substrate: at(&assembly.substrate_yield),
        n_asics: counts.asics,
        asic_known_good: known_good(at(&assembly.asic_yield), at(&assembly.asic_coverage)),
        asic_attach: at(&assembly.asic_attach),
        n_placed: counts.placed,
        n_needed: counts.needed,
        engine_known_good: known_good(at(&assembly.engine_yield), at(&assembly.engine_coverage)),
        engine_attach: at(&assembly.engine_attach),
        faus_per_engine: counts.faus_per_engine,
        fau_attach: at(&assembly.fau_attach),
        seat: match seat {
            EngineSeat::Detachable => Seat::Detachable,
            EngineSeat::Soldered => Seat::Soldered(Rework {
                limit: assembly.reworks,
                success: at(&assembly.rework_success),
                survival: at(&assembly.rework_survival),
            }),
        },
    }
}

/// A package with its engines held one way, at both ends of the ranges.
struct Held {
    low: StagedCost,
    nominal: StagedCost,
    high: StagedCost,
    assumed: StagedCost,
    step_yields: Vec<YieldRange>,
    has_assumed_price: bool,
}

impl Held {
    /// Low costs come from low prices and high yields.
    fn solve(
        assembly: &Assembly,
        counts: &Counts,
        prices: &Prices,
        seat: EngineSeat,
    ) -> Option<Self> {
        let mut prices_at = [At::Low, At::Nominal, At::High, At::Assumed].map(|at| prices.at(at));
        if seat == EngineSeat::Soldered {
            for prices in &mut prices_at {
                prices.socket = 0.0;
            }
        }
        let [low, nominal, high, assumed] = prices_at;
        let steps = |p, prices: &PackagePrices| {
            package_steps(&yields_at(assembly, counts, seat, p), prices)
        };
        let (bad, mid, fine) = (
            steps(Some(0.05), &high),
            steps(None, &nominal),
            steps(Some(0.95), &low),
        );
        Some(Self {
            low: StagedCost::new(&fine)?,
            nominal: StagedCost::new(&mid)?,
            high: StagedCost::new(&bad)?,
            assumed: StagedCost::new(&steps(None, &assumed))?,
            step_yields: (0..STEPS.len())
                .map(|idx| YieldRange {
                    low: bad[idx].good,
                    nominal: mid[idx].good,
                    high: fine[idx].good,
                })
                .collect(),
            has_assumed_price: prices.is_assumed(),
        })
    }

    fn good(&self) -> YieldRange {
        YieldRange {
            low: self.high.good,
            nominal: self.nominal.good,
            high: self.low.good,
        }
    }

    /// A cost that is linear in the prices; all of it is assumed where it rests on assumed yields.
    fn amount(&self, of: &dyn Fn(&StagedCost) -> f64, rests_on_yields: bool) -> CostRange {
        let [low, nominal, high, assumed] = [&self.low, &self.nominal, &self.high, &self.assumed]
            .map(|cost| Dollars::new(of(cost)));
        CostRange {
            nominal,
            low: low.min(nominal),
            high: high.max(nominal),
            assumed: if rests_on_yields { nominal } else { assumed },
            is_assumed: rests_on_yields || self.has_assumed_price,
            n_priced: 1,
            n_unpriced: 0,
        }
    }

    /// Parts, which no yield changes, and what is lost.
    fn total(&self, is_assumed: bool) -> CostRange {
        let parts = self.amount(&|cost| cost.parts, false);
        let total = parts.plus(self.amount(&lost, is_assumed));
        CostRange {
            n_priced: 1,
            ..total
        }
    }
}
