//! Conservation, limits and monotonicity of package yield for random assemblies.

use proptest::prelude::*;
use twin::{
    PackagePrices, PackageYields, Place, Rework, Seat, StagedCost, ln_at_least, package_steps,
};

/// Rounding of sums whose terms differ by up to 1e6.
const ROUNDING: f64 = 1e-9;

fn share() -> impl Strategy<Value = f64> {
    0.3..1.0
}

fn price() -> impl Strategy<Value = f64> {
    0.0..10_000.0
}

fn rework() -> impl Strategy<Value = Rework> {
    (0_u32..5, 0.0..1.0, share()).prop_map(|(limit, success, survival)| Rework {
        limit,
        success,
        survival,
    })
}

prop_compose! {
    fn yields()(
        (substrate, asic_known_good, asic_attach) in (share(), share(), share()),
        (engine_known_good, engine_attach, fau_attach) in (share(), share(), share()),
        (n_asics, n_needed, n_spares) in (1_u32..4, 0_u32..12, 0_u32..4),
        faus_per_engine in 0.0..6.0,
        seat in prop_oneof![Just(Seat::Detachable), rework().prop_map(Seat::Soldered)],
    ) -> PackageYields {
        PackageYields {
            substrate, n_asics, asic_known_good, asic_attach,
            n_placed: n_needed + n_spares, n_needed,
            engine_known_good, engine_attach, faus_per_engine, fau_attach, seat,
        }
    }
}

prop_compose! {
    fn prices()(
        (substrate, asic, asic_attach) in (price(), price(), price()),
        (engine, engine_attach, socket) in (price(), price(), price()),
        (faus, fau_attach, test) in (price(), price(), price()),
    ) -> PackagePrices {
        PackagePrices { substrate, asic, asic_attach, engine, engine_attach, socket, faus, fau_attach, test }
    }
}

fn near(found: f64, expected: f64) -> bool {
    (found - expected).abs() <= ROUNDING * expected.abs().max(1e-200)
}

proptest! {
    #[test]
    fn everything_that_is_spent_is_in_a_good_package_or_thrown_away(
        yields in yields(), prices in prices()
    ) {
        let steps = package_steps(&yields, &prices);
        let cost = StagedCost::new(&steps).expect("no step loses everything");
        prop_assert!(near(cost.starts * cost.good, 1.0));
        let (mut entering, mut spent) = (cost.starts, 0.0);
        for step in &steps {
            prop_assert!((0.0..=1.0).contains(&step.good));
            spent += entering * (step.parts + step.rework);
            entering *= step.good;
        }
        prop_assert!(near(entering, 1.0));
        prop_assert!(near(cost.total(), spent), "{} {}", cost.total(), spent);
        prop_assert!(cost.scrap.iter().all(|scrap| *scrap >= 0.0));
    }

    #[test]
    fn a_better_step_never_costs_more(yields in yields(), prices in prices(), by in 0.0..1.0) {
        let cost = |yields: &PackageYields| {
            StagedCost::new(&package_steps(yields, &prices)).expect("no step loses everything")
        };
        let better = |share: f64| share + by * (1.0 - share);
        let before = cost(&yields);
        // Replacements that work more often, or harm fewer packages.
        let seat = match yields.seat {
            Seat::Soldered(rework) => [
                Seat::Soldered(Rework { success: better(rework.success), ..rework }),
                Seat::Soldered(Rework { survival: better(rework.survival), ..rework }),
            ],
            Seat::Detachable => [Seat::Detachable; 2],
        };
        for after in [
            cost(&PackageYields { seat: seat[0], ..yields }),
            cost(&PackageYields { seat: seat[1], ..yields }),
            cost(&PackageYields { engine_attach: better(yields.engine_attach), ..yields }),
            cost(&PackageYields { substrate: better(yields.substrate), ..yields }),
            cost(&PackageYields { asic_attach: better(yields.asic_attach), ..yields }),
            cost(&PackageYields { fau_attach: better(yields.fau_attach), ..yields }),
        ] {
            prop_assert!(after.good >= before.good * (1.0 - ROUNDING));
            prop_assert!(after.total() <= before.total() * (1.0 + ROUNDING));
        }
    }

    #[test]
    fn tails_fall_with_the_need_and_rise_with_parts_and_quality(
        placed in 0_u32..200, needed in 0_u32..200, works in 0.0..1.0, by in 0.0..1.0
    ) {
        let tail = ln_at_least(needed, placed, works);
        // Rounding of logarithms of probabilities close to one.
        let rounding = 1e-12 * (1.0 + tail.abs().min(1e6));
        prop_assert!(tail <= 0.0);
        prop_assert!(ln_at_least(needed + 1, placed, works) <= tail + rounding);
        prop_assert!(ln_at_least(needed, placed + 1, works) >= tail - rounding);
        prop_assert!(ln_at_least(needed, placed, works + by * (1.0 - works)) >= tail - rounding);
        // Both tails together are everything.
        if needed > 0 && needed <= placed {
            let other = ln_at_least(placed - needed + 1, placed, 1.0 - works);
            prop_assert!((tail.exp() + other.exp() - 1.0).abs() < 1e-12);
        }
    }

    #[test]
    fn a_place_keeps_what_no_replacement_harms(first in 0.0..1.0, rework in rework()) {
        let harmless = Place::new(first, Rework { survival: 1.0, ..rework });
        prop_assert!((harmless.works + harmless.fails - 1.0).abs() < 1e-12);
        let place = Place::new(first, rework);
        prop_assert!(place.works <= harmless.works + 1e-12 && place.works >= first);
        // Replacements that work are as many as places that they saved.
        let saved = harmless.works - first;
        prop_assert!((place.replacements * rework.success - saved).abs() < 1e-12);
    }
}
