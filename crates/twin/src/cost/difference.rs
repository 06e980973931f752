//! Which of two systems is cheaper, and whether that can be told at all.

use units::Dollars;

use super::{CostBoundary, CostFigures, CostLine, CostRange};

/// The difference of two costs.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct CostDifference {
    /// With every price nominal; negative where the first is cheaper.
    pub nominal: Dollars,
    /// With every price where it makes the difference least.
    pub low: Dollars,
    /// With every price where it makes the difference greatest.
    pub high: Dollars,
    /// Whether it rests on estimates.
    pub is_assumed: bool,
    /// Whether nothing in either cost lacks a price.
    pub is_complete: bool,
}

/// What a difference tells.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CostVerdict {
    /// The first costs less over the whole range.
    Cheaper,
    /// The first costs more over the whole range.
    Dearer,
    /// The range holds both, or no difference at all.
    CannotTell,
    /// A price is missing.
    Incomplete,
}

impl CostVerdict {
    /// In words.
    pub const fn text(self) -> &'static str {
        match self {
            Self::Cheaper => "cheaper",
            Self::Dearer => "dearer",
            Self::CannotTell => "cannot be told apart",
            Self::Incomplete => "a price is missing",
        }
    }
}

impl CostDifference {
    /// The verdict.
    pub fn verdict(&self) -> CostVerdict {
        let none = Dollars::new(0.0);
        if !self.is_complete {
            CostVerdict::Incomplete
        } else if self.high < none {
            CostVerdict::Cheaper
        } else if self.low > none {
            CostVerdict::Dearer
        } else {
            CostVerdict::CannotTell
        }
    }
}

/// A price and how often it counts.
struct Term<'a> {
    line: &'a CostLine,
    unit: CostRange,
    times: f64,
}

/// Whether two lines have one price: stated at the same place with the same range and origin, or
/// computed with the same result.
fn is_shared(a: &CostLine, b: &CostLine) -> bool {
    a.kind == b.kind && a.unit == b.unit && a.origin == b.origin && a.place == b.place
}

impl CostFigures {
    /// Dollars per Gb/s less those of `base`, of the optics over optical ports or of the box over
    /// all ports. None for cables, and where either system lacks such ports.
    ///
    /// A price that both share (stated at the same place, with the same range and origin) is one unknown: it
    /// stands at one place of its range in both. Prices that they do not share are each taken where
    /// they move the difference most, so that the range is the widest one.
    pub fn difference_per_gbps(
        &self,
        base: &Self,
        boundary: CostBoundary,
    ) -> Option<CostDifference> {
        let gbps = |figures: &Self| match boundary {
            CostBoundary::Optics if figures.optical_gbps > 0.0 => Some(figures.optical_gbps),
            CostBoundary::Box if figures.all_gbps > 0.0 => Some(figures.all_gbps),
            _ => None,
        };
        let (own, other) = (gbps(self)?, gbps(base)?);
        let is_inside =
            |line: &&CostLine| line.within == CostBoundary::Optics || line.within == boundary;
        let mut terms: Vec<Term<'_>> = Vec::new();
        let (mut is_complete, mut n) = (true, [0, 0]);
        let signed = [(self, 1.0 / own), (base, -1.0 / other)];
        for (side, (figures, per)) in signed.into_iter().enumerate() {
            for line in figures.lines.iter().filter(is_inside) {
                n[side] += 1;
                let Some(unit) = line.unit else {
                    is_complete = false;
                    continue;
                };
                is_complete &= unit.n_unpriced == 0;
                let times = line.count * per;
                match terms.iter_mut().find(|term| is_shared(term.line, line)) {
                    Some(term) => term.times += times,
                    None => terms.push(Term { line, unit, times }),
                }
            }
        }
        let sum = |of: &dyn Fn(&Term<'_>) -> Dollars| terms.iter().map(of).sum::<Dollars>();
        let at = |term: &Term<'_>, is_low: bool| {
            let price = if is_low == (term.times > 0.0) {
                term.unit.low
            } else {
                term.unit.high
            };
            price * term.times
        };
        Some(CostDifference {
            nominal: sum(&|term| term.unit.nominal * term.times),
            low: sum(&|term| at(term, true)),
            high: sum(&|term| at(term, false)),
            // A shared price that cancels decides nothing.
            is_assumed: terms
                .iter()
                .any(|term| term.unit.is_assumed && term.times.abs() > 1e-15),
            is_complete: is_complete && n[0] > 0 && n[1] > 0,
        })
    }
}
