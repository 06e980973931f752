//! Properties of the receiver, of the codes and of the batch kernel.

#![expect(clippy::unwrap_used, reason = "a refused input is a failed test")]

use link::batch::{LaneBatch, LaneResults, evaluate, evaluate_parallel, margins_db};
use link::fec::{FecCode, ReedSolomon, Segment, SegmentEnd, chain_error};
use link::{
    CompressedEyes, Impairments, Interference, LevelShape, Levels, Margin, Modulation, Receiver,
    Reception, SymbolDisturbance, Thresholds, margin,
};
use proptest::prelude::*;
use units::{
    Amperes, AmperesPerRootHertz, AmperesPerWatt, DbMilliwatts, Decibels, DecibelsPerHertz, Hertz,
    Ratio,
};

fn modulations() -> impl Strategy<Value = Modulation> {
    prop_oneof![Just(Modulation::Nrz), Just(Modulation::Pam4)]
}

fn disturbances() -> impl Strategy<Value = SymbolDisturbance> {
    prop_oneof![
        Just(SymbolDisturbance::None),
        (0.0..0.06).prop_map(|rms| SymbolDisturbance::Gaussian {
            rms: Ratio::new(rms)
        }),
        prop::collection::vec(-0.08..0.08, 1..=2).prop_map(SymbolDisturbance::Taps),
    ]
}

prop_compose! {
    fn receptions()(
        modulation in modulations(),
        power_dbm in -14.0..3.0,
        er_db in 3.0..12.0,
        rlm in 0.9..1.0,
        thermal in 8e-12..30e-12,
        bandwidth in 20e9..85e9,
        rin_db in -155.0..-138.0,
        interferer_db in prop::option::of(-45.0..-25.0),
        isi in disturbances(),
        crosstalk in prop::option::of(0.0..0.02),
    ) -> Reception {
        let shape = LevelShape {
            modulation,
            extinction_ratio: Decibels::new(er_db),
            level_mismatch: Ratio::new(rlm),
            compressed_eyes: CompressedEyes::Middle,
        };
        Reception {
            levels: Levels::from_average(DbMilliwatts::new(power_dbm).to_watts(), &shape).unwrap(),
            receiver: Receiver {
                responsivity: AmperesPerWatt::new(0.9),
                dark_current: Amperes::new(2e-8),
                thermal_noise: AmperesPerRootHertz::new(thermal),
                noise_bandwidth: Hertz::new(bandwidth),
                noise_enhancement: Ratio::new(1.2),
            },
            impairments: Impairments {
                rin: Some(DecibelsPerHertz::new(rin_db)),
                interference: Interference {
                    ratios: interferer_db
                        .into_iter()
                        .map(|x| Ratio::new(Decibels::new(x).to_ratio()))
                        .collect(),
                    ..Interference::default()
                },
                crosstalk: crosstalk.map_or(SymbolDisturbance::None, |x| SymbolDisturbance::Taps(vec![x])),
                isi,
            },
            thresholds: Thresholds::GaussianCrossing,
        }
    }
}

proptest! {
    #[test]
    fn more_power_never_harms_a_receiver_whose_thresholds_follow(r in receptions(), step_db in 0.01..3.0) {
        let mut more = r.clone();
        more.levels = r.levels.scaled(Decibels::new(step_db));
        let (less, more) = (r.evaluate().unwrap(), more.evaluate().unwrap());
        prop_assert!(more.q_min() > less.q_min());
        // Where a bounded part dominates, the Gaussian crossing is not exactly the optimum, and
        // the error ratio may waver by a trifle.
        prop_assert!(more.ln_bit_error_ratio <= less.ln_bit_error_ratio + 1e-3);
        // Rounding of the two sums, absolute where numbers lose digits.
        prop_assert!(less.bit_error_ratio <= less.symbol_error_ratio * (1.0 + 1e-12) + f64::MIN_POSITIVE);
    }

    #[test]
    fn batch_agrees_with_the_plain_receiver(r in receptions()) {
        let mut batch = LaneBatch::new(r.levels.modulation());
        batch.push(&r, FecCode::Kp4).unwrap();
        let mut results = LaneResults::default();
        evaluate(&batch, &mut results);
        let plain = r.evaluate().unwrap();
        prop_assert!((results.q_min[0] / plain.q_min() - 1.0).abs() < 1e-12);
        prop_assert_eq!(results.limiting[0], plain.limiting);
        // Further out the logarithmic tail of the plain form is an asymptotic series (2e-10).
        if plain.ln_bit_error_ratio > -400.0 {
            // Gaussian tails are good to 5e-11. What the kernel leaves out is exp(-23), 1e-10, of
            // the largest of at most 64 points; phases are added to 1e-7 by design. Ten times
            // that is allowed.
            let has_taps = |d: &SymbolDisturbance| matches!(d, SymbolDisturbance::Taps(_));
            let allowed = if !r.impairments.interference.ratios.is_empty() {
                1e-6
            } else if has_taps(&r.impairments.isi) || has_taps(&r.impairments.crosstalk) {
                1e-8
            } else {
                1e-10
            };
            let error = results.bit_error_ratio[0].ln() - plain.ln_bit_error_ratio;
            prop_assert!(error.abs() < allowed, "{} at ln BER {}", error, plain.ln_bit_error_ratio);
            let ln_cer = ReedSolomon::KP4.ln_codeword_error_ratio(plain.bit_error_ratio);
            let found = results.log10_codeword_error_ratio[0] * std::f64::consts::LN_10;
            prop_assert!((found - ln_cer).abs() < 16.0 * allowed + 1e-9 * ln_cer.abs());
        }
    }

    #[test]
    fn results_do_not_depend_on_neighbours_or_threads(list in prop::collection::vec(receptions(), 2..40)) {
        for modulation in [Modulation::Nrz, Modulation::Pam4] {
            let lanes: Vec<&Reception> = list.iter().filter(|r| r.levels.modulation() == modulation).collect();
            let mut all = LaneBatch::new(modulation);
            // Repeated, so that several units of parallel work exist.
            for i in 0..lanes.len() * 20 {
                all.push(lanes[i % lanes.len()], FecCode::ALL[i % FecCode::ALL.len()]).unwrap();
            }
            let (mut serial, mut parallel) = (LaneResults::default(), LaneResults::default());
            evaluate(&all, &mut serial);
            evaluate_parallel(&all, &mut parallel);
            prop_assert_eq!(&serial, &parallel);
            for (i, r) in lanes.iter().enumerate() {
                let mut one = LaneBatch::new(modulation);
                one.push(r, FecCode::ALL[i % FecCode::ALL.len()]).unwrap();
                let mut alone = LaneResults::default();
                evaluate(&one, &mut alone);
                prop_assert_eq!(alone.bit_error_ratio[0].to_bits(), serial.bit_error_ratio[i].to_bits());
            }
        }
    }

    #[test]
    fn codeword_error_ratio_rises_with_the_bit_error_ratio(ln_ber in -60.0f64..-0.8, step in 1e-3f64..1.0) {
        for code in FecCode::ALL {
            let ln = |x: f64| code.ln_codeword_error_ratio(x.exp()).unwrap();
            let (low, high) = (ln(ln_ber), ln((ln_ber + step).min(-0.7)));
            prop_assert!(low <= high && high <= 0.0, "{:?}: {} {}", code, low, high);
        }
    }

    #[test]
    fn small_error_ratios_of_segments_add(a in 1e-9..1e-5, b in 1e-9..1e-5) {
        let chain = chain_error(&[
            Segment { ber: a, end: SegmentEnd::PassThrough },
            Segment { ber: b, end: SegmentEnd::Decoded(FecCode::Kp4) },
        ]).unwrap();
        // 1 - 2 p = (1 - 2 a)(1 - 2 b) differs from the sum by 2 a b.
        prop_assert!((chain.decoder_ber[0] - (a + b)).abs() <= 2.0 * a * b + 1e-15);
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]
    #[test]
    fn batch_margins_agree_with_the_plain_ones(r in receptions()) {
        let mut batch = LaneBatch::new(r.levels.modulation());
        batch.push(&r, FecCode::Kp4).unwrap();
        let found = margins_db(&batch, 2.4e-4).unwrap()[0];
        match margin(&r, 2.4e-4).unwrap() {
            Margin::Unreachable { .. } => prop_assert!(found.is_infinite() && found < 0.0),
            // 1e-6 in the error ratio, and a slope of at least a decade in 10 dB near a floor.
            other => prop_assert!((found - other.signed().unwrap().value()).abs() < 1e-4),
        }
    }
}
