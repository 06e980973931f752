//! What a switch costs over its service life.

use system::parts::Connector;
use system::{LaserHome, RepairUnit, System};
use units::{Dollars, Origin, Ratio, Seconds, Sourced};

use super::bill::{range_of, unit_price};
use super::{CostBoundary, CostLine, CostRange};
use crate::figures::PowerFigures;
use crate::reliability::ReliabilityFigures;

/// Cost over the service life: capital, energy at full load at the facility boundary, and failures.
///
/// The sum is not discounted; where the description gives an interest, capital is paid as an
/// annuity. Space, staff beyond visits, lost traffic and what the box is worth at the end are left
/// out.
#[derive(Debug, Clone, PartialEq)]
pub struct LifeCost {
    /// The service life.
    pub life: Seconds,
    /// Interest in a year; none without one.
    pub interest: Option<Ratio>,
    /// The box, with interest where there is one.
    pub capital: CostRange,
    /// Energy of the facility for the box.
    pub energy: CostRange,
    /// Expected replacements by kind of part; the count is of failures over the life.
    pub replacements: Vec<CostLine>,
    /// Expected failures.
    pub failures: f64,
    /// What replaces them.
    pub parts: CostRange,
    /// One visit for each failure.
    pub visits: CostRange,
    /// Everything.
    pub total: CostRange,
}

/// Payment in a year, as a share of the capital, that pays it off with interest over `years`:
/// `r / (1 - (1 + r)^-n)`, and `1 / n` without interest.
///
/// # Source
/// The present value of an ordinary annuity, any textbook of finance.
///
/// ```
/// assert!((twin::annuity(0.0, 5.0) - 0.2).abs() < 1e-15);
/// // After one year the capital and its interest are due.
/// assert!((twin::annuity(0.07, 1.0) - 1.07).abs() < 1e-12);
/// ```
pub fn annuity(interest: f64, years: f64) -> f64 {
    if interest > 0.0 {
        interest / -(-years * interest.ln_1p()).exp_m1()
    } else {
        1.0 / years
    }
}

impl LifeCost {
    pub(super) fn new(
        system: &System,
        lines: &[CostLine],
        capex: CostRange,
        power: &PowerFigures,
        reliability: &ReliabilityFigures,
    ) -> Self {
        let description = &system.description;
        let life = description.repair.service_life.value;
        let interest = description.facility.interest.as_ref();
        let years = life.to_years();
        let capital = interest.map_or(capex, |interest| {
            let nominal = interest.value.value();
            let factor = |rate: f64| annuity(rate, years) * years;
            let at = |p| interest.spread.quantile(nominal, p).max(0.0);
            let is_assumed = interest.origin.is_estimate();
            let paid = capex.nominal * factor(nominal);
            CostRange {
                nominal: paid,
                low: capex.low * factor(at(0.05).min(nominal)),
                high: capex.high * factor(at(0.95).max(nominal)),
                assumed: if is_assumed {
                    paid
                } else {
                    capex.assumed * factor(nominal)
                },
                is_assumed: capex.is_assumed || is_assumed,
                ..capex
            }
        });
        let energy_price = description.facility.energy_price.as_ref();
        let energy = energy_price.map_or(CostRange::UNPRICED, |price| {
            let joules = power.facility.value() * life.value();
            range_of(price).times(joules)
        });
        let replacements = replacements(system, lines, capex, reliability, years);
        let parts = CostRange::sum(replacements.iter().map(CostLine::total));
        let failures: f64 = replacements.iter().map(|line| line.count).sum();
        let visit = description.repair.visit_price.as_ref();
        let visits = visit.map_or(CostRange::UNPRICED, |price| {
            unit_price(price).times(failures)
        });
        Self {
            life,
            interest: interest.map(|interest| interest.value),
            capital,
            energy,
            total: CostRange::sum([capital, energy, parts, visits]),
            replacements,
            failures,
            parts,
            visits,
        }
    }

    /// The life in years.
    pub fn years(&self) -> f64 {
        self.life.to_years()
    }
}

/// What replaces each failed part: the part, its sub-assembly, or the box, as the description's
/// repair section says. A failed SerDes is a failed die. Ferrules, mates and laser connectors fail
/// together in one rate and are replaced at the price of a data connector.
fn replacements(
    system: &System,
    lines: &[CostLine],
    capex: CostRange,
    reliability: &ReliabilityFigures,
    years: f64,
) -> Vec<CostLine> {
    let description = &system.description;
    let (plant, repair) = (&description.fibre_plant, &description.repair);
    // Engines with the array units glued to them, at their mean price where they differ.
    let in_engines = system
        .lasers
        .iter()
        .all(|laser| matches!(laser.home, LaserHome::Engine(_)));
    let mean = |kinds: &[&str], n: usize| {
        let of_kind = lines.iter().filter(|line| kinds.contains(&line.kind));
        CostRange::sum(of_kind.map(CostLine::total)).times(1.0 / n.max(1) as f64)
    };
    let (engine_kinds, module_kinds): (&[&str], &[&str]) = if in_engines {
        (&["engine", "fau", "laser"], &["laser_module"])
    } else {
        (&["engine", "fau"], &["laser_module", "laser"])
    };
    let engine = mean(engine_kinds, system.engines.len());
    let engine = match repair.engine {
        RepairUnit::Part => engine,
        RepairUnit::Subassembly => {
            engine.times(f64::from(repair.engines_per_subassembly.unwrap_or(1)))
        }
        RepairUnit::Switch => capex,
    };
    let module = match repair.laser_module {
        RepairUnit::Switch => capex,
        _ => mean(module_kinds, system.laser_modules.len()),
    };
    let of = |price: Option<&Sourced<Dollars>>, times: f64| {
        price.map_or(CostRange::UNPRICED, |price| unit_price(price).times(times))
    };
    let laser_length = plant.laser_fibre_length.as_ref();
    let laser_fibre = of(
        plant
            .laser_fibre
            .as_ref()
            .and_then(|fibre| fibre.price.as_ref()),
        laser_length.map_or(0.0, |length| length.value.value()),
    );
    let connector: &Connector = &plant.data_connector;
    let unit_of = |part: &str| match part {
        "engine" => engine,
        "laser" if in_engines => engine,
        "laser" | "laser_module" => module,
        "data_fibre" => of(plant.data_fibre.price.as_ref(), plant.reach.value.value()),
        "laser_fibre" => laser_fibre,
        "ferrule" => of(connector.price.as_ref(), 1.0),
        _ => capex,
    };
    let by_part: f64 = reliability
        .parts
        .iter()
        .map(|part| part.failures_per_year)
        .sum();
    // What no part of the list holds are the SerDes lanes.
    let serdes = (reliability.total.to_per_year() - by_part).max(0.0);
    let line = |kind: &'static str, per_year: f64, unit: CostRange| CostLine {
        kind,
        item: kind.replace('_', " "),
        within: CostBoundary::Box,
        count: per_year * years,
        per: "failure",
        unit: unit.is_known().then_some(unit),
        origin: unit.is_known().then_some(Origin::Derived),
        place: None,
    };
    reliability
        .parts
        .iter()
        .map(|part| {
            let more = if part.part == "asic" { serdes } else { 0.0 };
            line(part.part, part.failures_per_year + more, unit_of(part.part))
        })
        .filter(|line| line.count > 0.0)
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_annuity_pays_the_capital_off() {
        for (interest, years) in [(0.07, 5.0), (0.2, 3.0), (1e-9, 4.0)] {
            let paid = annuity(interest, years);
            let mut debt: f64 = 1.0;
            let mut left = years;
            while left > 0.5 {
                debt = debt * (1.0 + interest) - paid;
                left -= 1.0;
            }
            // A few roundings.
            assert!(debt.abs() < 1e-14, "{interest} {debt}");
        }
        // Without interest it is the limit.
        assert!((annuity(1e-12, 4.0) - 0.25).abs() < 1e-11);
    }
}
