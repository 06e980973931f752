//! What a switch costs: prices of the description times counts of its entities.
//!
//! A price that is an estimate makes every sum that holds it *assumed*, and such a sum is a range.
//! A price that is missing is counted by nobody, and every sum says how many it lacks.

mod bill;
pub(crate) mod derivation;
mod difference;
mod life;

use system::System;
use units::{BitRate, Dollars, Origin, Place};

use crate::figures::PowerFigures;
use crate::package::PackageFigures;
use crate::reliability::ReliabilityFigures;

pub use bill::unit_price;
pub use difference::{CostDifference, CostVerdict};
pub use life::{LifeCost, annuity};

/// An amount of money with its range.
///
/// `low` and `high` are the sums with every price at its fifth and at its ninety-fifth percentile:
/// the percentiles of the sum when all prices rise and fall together. No independence is assumed,
/// because one reason may move all estimates; independent prices would give a narrower range.
/// Counts, powers, failures and times are nominal.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct CostRange {
    /// With every price nominal.
    pub nominal: Dollars,
    /// With every price low; never above the nominal amount.
    pub low: Dollars,
    /// With every price high; never below the nominal amount.
    pub high: Dollars,
    /// The part of the nominal amount that rests on estimates.
    pub assumed: Dollars,
    /// Whether any part rests on estimates.
    pub is_assumed: bool,
    /// Items that it adds up.
    pub n_priced: usize,
    /// Items that it lacks, because they have no price.
    pub n_unpriced: usize,
}

impl CostRange {
    /// Nothing.
    pub const NOTHING: Self = Self {
        nominal: Dollars::new(0.0),
        low: Dollars::new(0.0),
        high: Dollars::new(0.0),
        assumed: Dollars::new(0.0),
        is_assumed: false,
        n_priced: 0,
        n_unpriced: 0,
    };

    /// One item without a price.
    pub const UNPRICED: Self = Self {
        n_unpriced: 1,
        ..Self::NOTHING
    };

    /// The sum of two amounts.
    #[must_use]
    pub fn plus(self, other: Self) -> Self {
        Self {
            nominal: self.nominal + other.nominal,
            low: self.low + other.low,
            high: self.high + other.high,
            assumed: self.assumed + other.assumed,
            is_assumed: self.is_assumed || other.is_assumed,
            n_priced: self.n_priced + other.n_priced,
            n_unpriced: self.n_unpriced + other.n_unpriced,
        }
    }

    /// The amount, a number of times that is not negative.
    #[must_use]
    pub fn times(self, count: f64) -> Self {
        Self {
            nominal: self.nominal * count,
            low: self.low * count,
            high: self.high * count,
            assumed: self.assumed * count,
            ..self
        }
    }

    /// The sum of amounts, in order.
    pub fn sum(amounts: impl IntoIterator<Item = Self>) -> Self {
        amounts.into_iter().fold(Self::NOTHING, Self::plus)
    }

    /// Whether it is an amount at all: something in it has a price.
    pub fn is_known(&self) -> bool {
        self.n_priced > 0
    }

    /// Whether nothing in it lacks a price.
    pub fn is_complete(&self) -> bool {
        self.is_known() && self.n_unpriced == 0
    }

    /// The share of the nominal amount that rests on estimates, 0 to 1.
    pub fn assumed_share(&self) -> f64 {
        if self.nominal > Dollars::new(0.0) {
            self.assumed / self.nominal
        } else {
            f64::from(u8::from(self.is_assumed))
        }
    }
}

/// Where a cost is counted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CostBoundary {
    /// What turns electrons into light and back.
    Optics,
    /// The box, optics included.
    Box,
    /// This end's half of the cables and connectors between boxes.
    Cabling,
}

impl CostBoundary {
    /// What lies inside, in one line.
    pub const fn text(self) -> &'static str {
        match self {
            Self::Optics => {
                "engines or modules, laser modules, fibres and connectors inside the box, their assembly and what it scraps"
            }
            Self::Box => {
                "optics, dies, packages and chassis at the prices of parts; no margin of the box vendor, software or service"
            }
            Self::Cabling => {
                "half of each link's fibre and connectors between boxes, for each switch"
            }
        }
    }
}

/// One item of the bill.
#[derive(Debug, Clone, PartialEq)]
pub struct CostLine {
    /// Kind of part, equal for all lines of the kind.
    pub kind: &'static str,
    /// What it is, with the name of its group where there is one.
    pub item: String,
    /// The narrowest boundary that holds it.
    pub within: CostBoundary,
    /// How many of its unit.
    pub count: f64,
    /// The unit: `piece`, `metre`, `fibre`, `failure`.
    pub per: &'static str,
    /// Price of one unit; none without a price.
    pub unit: Option<CostRange>,
    /// Where the price comes from; none without a price.
    pub origin: Option<Origin>,
    /// Where the price is stated; none without a price or where it is computed.
    pub place: Option<Place>,
}

impl CostLine {
    /// The amount of the line; unpriced without a price.
    pub fn total(&self) -> CostRange {
        self.unit
            .map_or(CostRange::UNPRICED, |unit| unit.times(self.count))
    }
}

/// What a switch costs.
#[derive(Debug, Clone, PartialEq)]
pub struct CostFigures {
    /// The bill, optics first.
    pub lines: Vec<CostLine>,
    /// The optics.
    pub optics: CostRange,
    /// The box, optics included.
    pub capex: CostRange,
    /// Cables and connectors between boxes, which the box does not include.
    pub cabling: CostRange,
    /// Dollars of the box for each Gb/s of all ports, one direction; nothing without a port.
    pub per_gbps: CostRange,
    /// Dollars of the optics for each Gb/s of the optical ports, one direction; none without an
    /// optical port.
    pub optics_per_gbps: Option<CostRange>,
    /// Over the service life; none without power.
    pub life: Option<LifeCost>,
    optical_gbps: f64,
    all_gbps: f64,
}

impl CostFigures {
    pub(crate) fn new(
        system: &System,
        bandwidth: (BitRate, BitRate),
        power: Option<&PowerFigures>,
        reliability: &ReliabilityFigures,
        package: Option<&PackageFigures>,
    ) -> Self {
        let lines = bill::lines(system, package);
        let within = |inside: &[CostBoundary]| {
            let inside = lines.iter().filter(|line| inside.contains(&line.within));
            CostRange::sum(inside.map(CostLine::total))
        };
        let optics = within(&[CostBoundary::Optics]);
        let capex = within(&[CostBoundary::Optics, CostBoundary::Box]);
        let cabling = within(&[CostBoundary::Cabling]);
        let (all_gbps, optical_gbps) = (bandwidth.0.value() / 1e9, bandwidth.1.value() / 1e9);
        Self {
            optics,
            capex,
            cabling,
            per_gbps: if all_gbps > 0.0 {
                capex.times(1.0 / all_gbps)
            } else {
                CostRange::NOTHING
            },
            optics_per_gbps: (optical_gbps > 0.0).then(|| optics.times(1.0 / optical_gbps)),
            life: power.map(|power| LifeCost::new(system, &lines, capex, power, reliability)),
            lines,
            optical_gbps,
            all_gbps,
        }
    }

    /// Share of the optics in the box: low, nominal and high, with the optics at one end of their
    /// range and everything else at the other. None when either lacks every price.
    pub fn optics_share(&self) -> Option<[f64; 3]> {
        if !self.optics.is_known() || self.capex.nominal <= Dollars::new(0.0) {
            return None;
        }
        let share = |optics: Dollars, other: Dollars| {
            let all = optics + other;
            if all > Dollars::new(0.0) {
                optics / all
            } else {
                0.0
            }
        };
        let other = |of: fn(&CostRange) -> Dollars| of(&self.capex) - of(&self.optics);
        Some([
            share(self.optics.low, other(|range| range.high)),
            self.optics.nominal / self.capex.nominal,
            share(self.optics.high, other(|range| range.low)),
        ])
    }

    /// The items without a price.
    pub fn unpriced(&self) -> impl Iterator<Item = &str> {
        let lines = self.lines.iter().filter(|line| line.unit.is_none());
        lines.map(|line| line.item.as_str())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn range(low: f64, nominal: f64, high: f64) -> CostRange {
        CostRange {
            nominal: Dollars::new(nominal),
            low: Dollars::new(low),
            high: Dollars::new(high),
            n_priced: 1,
            ..CostRange::NOTHING
        }
    }

    #[test]
    fn a_sum_is_assumed_by_its_share() {
        let stated = range(100.0, 100.0, 100.0);
        let assumed = CostRange {
            assumed: Dollars::new(300.0),
            is_assumed: true,
            ..range(200.0, 300.0, 500.0)
        };
        let sum = CostRange::sum([stated, assumed, CostRange::UNPRICED]);
        assert_eq!(
            (sum.low.value(), sum.nominal.value(), sum.high.value()),
            (300.0, 400.0, 600.0)
        );
        assert!(sum.is_assumed && sum.is_known() && !sum.is_complete());
        assert!((sum.assumed_share() - 0.75).abs() < 1e-15);
        assert!((sum.times(3.0).assumed_share() - 0.75).abs() < 1e-15);
        assert!(!stated.is_assumed && stated.assumed_share().abs() < f64::EPSILON);
        assert!(!CostRange::UNPRICED.is_known());
    }
}
