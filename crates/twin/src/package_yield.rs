//! Yield of a package with optical engines, and what its scrap costs: pure functions.
//!
//! A package is built in steps. Each step adds parts, and a share of the packages that enter it
//! leaves it good; the rest are thrown away with everything in them.

/// Probability that a part that passed its test is good: `Y^(1 - T)` with the yield `Y` before
/// the test and the share `T` of faults that the test finds.
///
/// Faults are taken as equally likely and independent.
///
/// # Source
/// T. W. Williams and N. C. Brown, Defect level as a function of fault coverage, IEEE Trans.
/// Computers C-30, 987 (1981).
///
/// ```
/// assert!((twin::known_good(0.8, 0.97) - 0.8_f64.powf(0.03)).abs() < 1e-15);
/// ```
pub fn known_good(process_yield: f64, coverage: f64) -> f64 {
    process_yield.powf(1.0 - coverage)
}

/// Natural logarithm of the probability that at least `needed` of `placed` independent parts work,
/// each with probability `works`: the upper tail of the binomial distribution.
///
/// The sum is taken in the log domain over the smaller of the two tails, so that neither a tiny
/// probability of success nor a tiny one of failure is lost.
///
/// ```
/// // Two of three with 0.9: 3 * 0.81 * 0.1 + 0.729.
/// assert!((twin::ln_at_least(2, 3, 0.9).exp() - 0.972).abs() < 1e-15);
/// ```
pub fn ln_at_least(needed: u32, placed: u32, works: f64) -> f64 {
    if needed == 0 {
        return 0.0;
    }
    if needed > placed || works <= 0.0 {
        return f64::NEG_INFINITY;
    }
    if works >= 1.0 {
        return 0.0;
    }
    let (ln_works, ln_fails) = (works.ln(), (-works).ln_1p());
    let mut ln_choose = 0.0;
    let (mut below, mut above) = (Vec::new(), Vec::new());
    for i in 0..=placed {
        if i > 0 {
            ln_choose += (f64::from(placed - i + 1) / f64::from(i)).ln();
        }
        let term = ln_choose + f64::from(i) * ln_works + f64::from(placed - i) * ln_fails;
        if i < needed {
            below.push(term);
        } else {
            above.push(term);
        }
    }
    let (below, above) = (ln_sum(&below), ln_sum(&above));
    if below < above {
        (-below.exp().min(1.0)).ln_1p()
    } else {
        above
    }
}

/// Logarithm of the sum of numbers given by their logarithms.
fn ln_sum(terms: &[f64]) -> f64 {
    let top = terms.iter().copied().fold(f64::NEG_INFINITY, f64::max);
    if top == f64::NEG_INFINITY {
        return top;
    }
    top + terms
        .iter()
        .map(|term| (term - top).exp())
        .sum::<f64>()
        .ln()
}

/// How an engine that failed in its package is replaced.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Rework {
    /// Greatest number of replacements in one place.
    pub limit: u32,
    /// Probability that a replacement works.
    pub success: f64,
    /// Probability that a replacement leaves the package unharmed.
    pub survival: f64,
}

/// One place for an engine after all replacements.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Place {
    /// Probability that its engine works and no replacement harmed the package.
    pub works: f64,
    /// Probability that its engine does not work and no replacement harmed the package.
    pub fails: f64,
    /// Expected number of replacements.
    pub replacements: f64,
}

impl Place {
    /// The place of an engine that works at first with probability `first`.
    ///
    /// With the limit `r`, success `s` and survival `h` of a replacement, and `x = (1 - s) h`,
    ///
    /// ```text
    /// works        = first + (1 - first) s h (1 - x^r) / (1 - x)
    /// fails        = (1 - first) x^r
    /// replacements = (1 - first) (1 - (1 - s)^r) / s
    /// ```
    ///
    /// Replacements are paid whether or not the package survives them, and an engine that failed
    /// is replaced whether or not a spare could stand in.
    pub fn new(first: f64, rework: Rework) -> Self {
        let Rework {
            limit,
            success,
            survival,
        } = rework;
        // The sum of a geometric series, which is the number of its terms where the ratio is one.
        let series = |ratio: f64| {
            if ratio < 1.0 {
                (1.0 - ratio.powf(f64::from(limit))) / (1.0 - ratio)
            } else {
                f64::from(limit)
            }
        };
        let again = (1.0 - success) * survival;
        Self {
            works: first + (1.0 - first) * success * survival * series(again),
            fails: (1.0 - first) * again.powf(f64::from(limit)),
            replacements: (1.0 - first) * series(1.0 - success),
        }
    }

    /// Logarithm of the probability that the package is unharmed and at least `needed` of `placed`
    /// such places work and keep working with probability `then` each.
    pub fn ln_at_least(self, needed: u32, placed: u32, then: f64) -> f64 {
        let unharmed = self.works + self.fails;
        if unharmed <= 0.0 {
            return f64::NEG_INFINITY;
        }
        let works = self.works / unharmed * then;
        f64::from(placed) * unharmed.ln() + ln_at_least(needed, placed, works)
    }
}

/// What one step of an assembly adds and leaves good.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Step {
    /// Share of the packages that enter the step which leave it good.
    pub good: f64,
    /// Cost of the parts and the work that a good package keeps.
    pub parts: f64,
    /// Expected cost of replacements in each package that enters the step.
    pub rework: f64,
}

/// What a good package costs when the others are thrown away at the step where they fail.
#[derive(Debug, Clone, PartialEq)]
pub struct StagedCost {
    /// Share of the started packages that turn out good.
    pub good: f64,
    /// Packages started for each good one.
    pub starts: f64,
    /// Parts and work in a good package.
    pub parts: f64,
    /// Replacements in a good package.
    pub rework: f64,
    /// For each step, what is thrown away there for each good package.
    pub scrap: Vec<f64>,
}

impl StagedCost {
    /// The cost of steps in series.
    ///
    /// With the cumulated yield `Y_k` behind step `k`, `Y_0 = 1`, and the cost `C_k` of parts and
    /// replacements of step `k`, each good package throws away at step `k`
    /// `(Y_(k-1) - Y_k) / Y_n * (C_1 + ... + C_k)`.
    /// None when no package is ever good.
    pub fn new(steps: &[Step]) -> Option<Self> {
        let good: f64 = steps.iter().map(|step| step.good).product();
        if good <= 0.0 || !good.is_finite() {
            return None;
        }
        let (mut before, mut spent) = (1.0, 0.0);
        let scrap = steps
            .iter()
            .map(|step| {
                spent += step.parts + step.rework;
                let lost = before * (1.0 - step.good) / good;
                before *= step.good;
                lost * spent
            })
            .collect();
        Some(Self {
            good,
            starts: 1.0 / good,
            parts: steps.iter().map(|step| step.parts).sum(),
            rework: steps.iter().map(|step| step.rework).sum(),
            scrap,
        })
    }

    /// Everything that is spent for a good package.
    pub fn total(&self) -> f64 {
        self.parts + self.rework + self.scrap.iter().sum::<f64>()
    }
}

/// How the engines are held.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Seat {
    /// Soldered, with a limited number of replacements.
    Soldered(Rework),
    /// In sockets: an engine with its fibres that does not work is replaced until one does, and
    /// the package never suffers.
    Detachable,
}

/// Probabilities of one package.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct PackageYields {
    /// Substrate.
    pub substrate: f64,
    /// Dies of one package.
    pub n_asics: u32,
    /// A die that passed its test is good.
    pub asic_known_good: f64,
    /// Attach of one die.
    pub asic_attach: f64,
    /// Engines in one package.
    pub n_placed: u32,
    /// Engines that have to work; the others are spares.
    pub n_needed: u32,
    /// An engine that passed its test is good.
    pub engine_known_good: f64,
    /// Attach of one engine.
    pub engine_attach: f64,
    /// Fibre array units of one engine, on average where engines differ.
    pub faus_per_engine: f64,
    /// Attach of one fibre array unit.
    pub fau_attach: f64,
    /// How the engines are held.
    pub seat: Seat,
}

/// Prices of one package, in any one currency.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct PackagePrices {
    /// Substrate.
    pub substrate: f64,
    /// One die.
    pub asic: f64,
    /// Attach of one die.
    pub asic_attach: f64,
    /// One engine.
    pub engine: f64,
    /// Attach of one engine.
    pub engine_attach: f64,
    /// Socket of one engine, which counts where engines are detachable.
    pub socket: f64,
    /// Fibre array units of one engine.
    pub faus: f64,
    /// Attach of one fibre array unit.
    pub fau_attach: f64,
    /// Last test.
    pub test: f64,
}

/// The steps of an assembly, in order.
pub const STEPS: [&str; 5] = ["substrate", "dies", "engines", "fibre array units", "test"];

/// The steps of one package, as [`STEPS`] names them.
///
/// Soldered without replacement and without spares, the yields multiply to
/// `y_substrate (y_asic y_attach)^n (y_engine y_attach y_fau^k)^m`.
/// Spares count at the end of both engine steps: a place that works before its fibres are attached
/// may fail afterwards. The last test finds every package that is not good, which costs nothing
/// more here, because each step already threw away its own.
pub fn package_steps(yields: &PackageYields, prices: &PackagePrices) -> [Step; 5] {
    let n_asics = f64::from(yields.n_asics);
    let placed = f64::from(yields.n_placed);
    let first = yields.engine_known_good * yields.engine_attach;
    let fibres = yields.fau_attach.powf(yields.faus_per_engine);
    let fau_cost = prices.faus + yields.faus_per_engine * prices.fau_attach;
    let placing = prices.engine + prices.engine_attach;
    let (engines, faus) = match yields.seat {
        Seat::Soldered(rework) => {
            let place = Place::new(first, rework);
            let ln_engines = place.ln_at_least(yields.n_needed, yields.n_placed, 1.0);
            let ln_all = place.ln_at_least(yields.n_needed, yields.n_placed, fibres);
            let engines = Step {
                good: ln_engines.exp(),
                parts: placed * placing,
                rework: placed * place.replacements * placing,
            };
            let good = if ln_engines == f64::NEG_INFINITY {
                0.0
            } else {
                (ln_all - ln_engines).min(0.0).exp()
            };
            (engines, good)
        }
        Seat::Detachable => {
            let replaced = (1.0 / (first * fibres) - 1.0) * (placing + fau_cost);
            let engines = Step {
                good: 1.0,
                parts: placed * (placing + prices.socket),
                rework: placed * replaced,
            };
            (engines, 1.0)
        }
    };
    [
        Step {
            good: yields.substrate,
            parts: prices.substrate,
            rework: 0.0,
        },
        Step {
            good: (yields.asic_known_good * yields.asic_attach).powf(n_asics),
            parts: n_asics * (prices.asic + prices.asic_attach),
            rework: 0.0,
        },
        engines,
        Step {
            good: faus,
            parts: placed * fau_cost,
            rework: 0.0,
        },
        Step {
            good: 1.0,
            parts: prices.test,
            rework: 0.0,
        },
    ]
}

#[cfg(test)]
mod tests {
    use super::*;

    const NO_REWORK: Rework = Rework {
        limit: 0,
        success: 0.9,
        survival: 0.97,
    };

    fn near(found: f64, expected: f64) {
        // A few hundred roundings of sums and logarithms.
        let bound = 1e-12 * expected.abs().max(1e-300);
        assert!((found - expected).abs() <= bound, "{found} {expected}");
    }

    fn yields(seat: Seat) -> PackageYields {
        PackageYields {
            substrate: 0.99,
            n_asics: 1,
            asic_known_good: 0.996,
            asic_attach: 0.995,
            n_placed: 8,
            n_needed: 8,
            engine_known_good: 0.993,
            engine_attach: 0.99,
            faus_per_engine: 4.0,
            fau_attach: 0.995,
            seat,
        }
    }

    const PRICES: PackagePrices = PackagePrices {
        substrate: 350.0,
        asic: 12_000.0,
        asic_attach: 60.0,
        engine: 4000.0,
        engine_attach: 20.0,
        socket: 60.0,
        faus: 1152.0,
        fau_attach: 15.0,
        test: 300.0,
    };

    fn staged(yields: &PackageYields) -> StagedCost {
        StagedCost::new(&package_steps(yields, &PRICES)).expect("some packages are good")
    }

    /// Adds the probabilities of all 2^placed patterns of working and failing parts.
    fn enumerated(needed: u32, placed: u32, works: f64) -> f64 {
        (0..1u32 << placed)
            .filter(|pattern| pattern.count_ones() >= needed)
            .map(|pattern| {
                (0..placed)
                    .map(|i| {
                        if pattern >> i & 1 == 1 {
                            works
                        } else {
                            1.0 - works
                        }
                    })
                    .product::<f64>()
            })
            .sum()
    }

    #[test]
    fn the_binomial_tail_is_the_sum_over_all_patterns() {
        for placed in 1..=10 {
            for needed in 0..=placed {
                for works in [0.01, 0.3, 0.5, 0.97, 0.999_9] {
                    near(
                        ln_at_least(needed, placed, works).exp(),
                        enumerated(needed, placed, works),
                    );
                }
            }
        }
    }

    #[test]
    fn the_binomial_tail_keeps_tiny_numbers() {
        // All of 400 at one in a million: 1e-2400 is below the smallest number.
        near(ln_at_least(400, 400, 1e-6), 400.0 * 1e-6_f64.ln());
        // At least one of three fails to fail: one less 2^-99.
        near(ln_at_least(1, 3, 1.0 - 2f64.powi(-33)), -2f64.powi(-99));
        assert!(ln_at_least(4, 3, 0.5).exp() <= 0.0);
        assert!(ln_at_least(3, 3, 1.0).abs() < f64::EPSILON);
    }

    #[test]
    fn perfect_steps_cost_the_sum_of_their_parts() {
        let mut perfect = yields(Seat::Soldered(NO_REWORK));
        perfect.substrate = 1.0;
        perfect.asic_known_good = 1.0;
        perfect.asic_attach = 1.0;
        perfect.engine_known_good = 1.0;
        perfect.engine_attach = 1.0;
        perfect.fau_attach = 1.0;
        let cost = staged(&perfect);
        near(cost.good, 1.0);
        let sum = 350.0 + 12_060.0 + 8.0 * (4020.0 + 1152.0 + 60.0) + 300.0;
        near(cost.total(), sum);
        near(cost.parts, sum);
        let sockets = StagedCost::new(&package_steps(
            &PackageYields {
                seat: Seat::Detachable,
                ..perfect
            },
            &PRICES,
        ))
        .expect("all packages are good");
        near(sockets.total(), sum + 8.0 * 60.0);
    }

    #[test]
    fn soldered_yields_multiply() {
        let all = yields(Seat::Soldered(NO_REWORK));
        let engine = 0.993 * 0.99 * 0.995_f64.powi(4);
        near(staged(&all).good, 0.99 * 0.996 * 0.995 * engine.powi(8));
        let one = PackageYields {
            n_placed: 1,
            n_needed: 1,
            ..all
        };
        near(staged(&one).good, 0.99 * 0.996 * 0.995 * engine);
        let none = PackageYields {
            n_placed: 0,
            n_needed: 0,
            ..all
        };
        near(staged(&none).good, 0.99 * 0.996 * 0.995);
    }

    #[test]
    fn starts_times_yield_is_one_good_package_and_scrap_is_the_rest() {
        for seat in [
            Seat::Soldered(NO_REWORK),
            Seat::Soldered(Rework {
                limit: 2,
                ..NO_REWORK
            }),
            Seat::Detachable,
        ] {
            let steps = package_steps(&yields(seat), &PRICES);
            let cost = StagedCost::new(&steps).expect("some packages are good");
            near(cost.starts * cost.good, 1.0);
            // What is spent in all: each step on every package that enters it.
            let mut entering = cost.starts;
            let mut spent = 0.0;
            for step in steps {
                spent += entering * (step.parts + step.rework);
                entering *= step.good;
            }
            near(entering, 1.0);
            near(cost.total(), spent);
            near(
                cost.scrap.iter().sum::<f64>(),
                spent - cost.parts - cost.rework,
            );
        }
        let never = [Step {
            good: 0.0,
            parts: 1.0,
            rework: 0.0,
        }];
        assert_eq!(StagedCost::new(&never), None);
    }

    #[test]
    fn one_step_costs_its_parts_over_its_yield() {
        let one = [Step {
            good: 0.8,
            parts: 100.0,
            rework: 0.0,
        }];
        let cost = StagedCost::new(&one).expect("some packages are good");
        near(cost.total(), 125.0);
    }

    #[test]
    fn a_spare_is_worth_what_enumeration_says() {
        let spare = PackageYields {
            n_placed: 9,
            ..yields(Seat::Soldered(NO_REWORK))
        };
        let works = 0.993 * 0.99 * 0.995_f64.powi(4);
        near(
            staged(&spare).good,
            0.99 * 0.996 * 0.995 * enumerated(8, 9, works),
        );
    }

    #[test]
    fn replacements_are_the_sum_over_their_histories() {
        let (first, rework) = (
            0.7,
            Rework {
                limit: 3,
                success: 0.6,
                survival: 0.9,
            },
        );
        // Works at once; or after one, two or three replacements, each survived.
        let works = 0.7 + 0.3 * (0.6 * 0.9 + 0.4 * 0.6 * 0.81 + 0.16 * 0.6 * 0.729);
        let fails = 0.3 * 0.064 * 0.729;
        let replacements = 0.3 * (1.0 + 0.4 + 0.16);
        let place = Place::new(first, rework);
        near(place.works, works);
        near(place.fails, fails);
        near(place.replacements, replacements);
        // Two places, one needed: both histories of each, by hand.
        near(
            place.ln_at_least(1, 2, 0.95).exp(),
            (works + fails).powi(2) - (fails + 0.05 * works).powi(2),
        );
    }

    #[test]
    fn endless_rework_without_harm_saves_every_engine() {
        let place = |limit| {
            Place::new(
                0.9,
                Rework {
                    limit,
                    success: 0.5,
                    survival: 1.0,
                },
            )
        };
        near(place(2000).works, 1.0);
        near(place(2000).replacements, 0.1 / 0.5);
        assert!(place(1).works < place(2).works);
        // A replacement that never works changes nothing but its cost.
        let useless = Place::new(
            0.9,
            Rework {
                limit: 4,
                success: 0.0,
                survival: 1.0,
            },
        );
        near(useless.works, 0.9);
        near(useless.replacements, 0.4);
    }

    #[test]
    fn sockets_lose_engines_and_no_package() {
        let cost = staged(&yields(Seat::Detachable));
        near(cost.good, 0.99 * 0.996 * 0.995);
        let works = 0.993 * 0.99 * 0.995_f64.powi(4);
        near(
            cost.rework,
            8.0 * (1.0 / works - 1.0) * (4020.0 + 1152.0 + 60.0),
        );
    }

    #[test]
    fn a_test_that_finds_everything_leaves_no_escape() {
        near(known_good(0.5, 1.0), 1.0);
        near(known_good(0.5, 0.0), 0.5);
    }
}
