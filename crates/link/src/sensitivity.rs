//! Sensitivity and margin, solved on the whole receiver.

use units::{Decibels, Watts};

use crate::error::check;
use crate::noise::NoiseKind;
use crate::{LinkError, Reception, Thresholds};

/// Powers further than this from the one given are not searched.
const SEARCH_RANGE_DB: f64 = 60.0;
/// Step that stands for infinite power: noise that does not grow with the signal falls by twice
/// this, to 1e-24 of its value.
const INFINITE_DB: f64 = 120.0;
/// Step of the search for a margin with thresholds that do not follow the signal.
const SCAN_STEP_DB: f64 = 0.1;
/// Steps that the search for a crossing may take beyond those of bisection.
const LATE_STEPS: i32 = 8;
/// A crossing is known to this many decibels.
const CROSSING_DB: f64 = 1e-12;

/// The least power that meets a bit error ratio.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Sensitivity {
    /// It exists.
    Reached {
        /// Outer optical modulation amplitude at the photodiode.
        oma: Watts,
        /// Average power at the photodiode.
        average: Watts,
    },
    /// No power suffices, because some disturbance grows with the signal.
    Unreachable {
        /// Bit error ratio at infinite power.
        floor_ber: f64,
        /// Largest disturbance of the worst eye at infinite power.
        limiting: NoiseKind,
    },
    /// The target may be met, but not within 60 dB of the power given.
    OutsideSearch,
}

/// By how much the received power may change until the target is just met.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Margin {
    /// The target is met; the power may fall by this much, in optical decibels.
    Met(Decibels),
    /// The target is met down to the end of the search, 60 dB.
    MetThroughout,
    /// The target is missed; the power must rise by this much.
    MustRise(Decibels),
    /// The target is missed; the power must *fall* by this much. Only with thresholds that do not
    /// follow the signal.
    MustFall(Decibels),
    /// No power meets the target.
    Unreachable {
        /// Bit error ratio at infinite power, or the least one found with fixed thresholds.
        floor_ber: f64,
        /// Largest disturbance of the worst eye there.
        limiting: NoiseKind,
    },
}

impl Margin {
    /// The margin as one signed number: positive when met, negative when the power is wrong in
    /// either direction, none when there is no finite one.
    pub fn signed(&self) -> Option<Decibels> {
        match *self {
            Self::Met(margin) => Some(margin),
            Self::MustRise(change) | Self::MustFall(change) => Some(-change),
            Self::MetThroughout | Self::Unreachable { .. } => None,
        }
    }
}

/// Least power that meets `target_ber`, with the shape of the levels and all ratios kept.
///
/// Solved on the logarithm of the power. With thresholds that follow the signal, Q
/// rises with power without exception, because every variance is at most quadratic in it.
///
/// # Errors
/// Fixed thresholds, a target outside (0, 0.5), or a bad parameter.
pub fn sensitivity(reception: &Reception, target_ber: f64) -> Result<Sensitivity, LinkError> {
    check_target(target_ber)?;
    if matches!(reception.thresholds, Thresholds::Fixed(_)) {
        return Err(LinkError::FixedThresholds);
    }
    let floor = at(reception, INFINITE_DB)?;
    if floor.ln_ber > target_ber.ln() {
        return Ok(Sensitivity::Unreachable {
            floor_ber: floor.ln_ber.exp(),
            limiting: floor.limiting,
        });
    }
    let ln_target = target_ber.ln();
    let ln_ber = |gain_db: f64| Ok(at(reception, gain_db)?.ln_ber);
    if ln_ber(-SEARCH_RANGE_DB)? <= ln_target || ln_ber(SEARCH_RANGE_DB)? > ln_target {
        return Ok(Sensitivity::OutsideSearch);
    }
    let gain_db = crossing_db(-SEARCH_RANGE_DB, SEARCH_RANGE_DB, ln_target, &ln_ber)?;
    let levels = reception.levels.scaled(Decibels::new(gain_db));
    Ok(Sensitivity::Reached {
        oma: levels.oma(),
        average: levels.average(),
    })
}

/// How far the received power is from just meeting `target_ber`.
///
/// Noise that depends on the signal is evaluated at each power, so this is the true optical
/// margin, and not a difference of penalties. With fixed thresholds the error ratio is not
/// monotone in power, and the nearest crossing is found by steps of 0.1 dB and refined.
///
/// # Errors
/// A target outside (0, 0.5), or a bad parameter.
pub fn margin(reception: &Reception, target_ber: f64) -> Result<Margin, LinkError> {
    check_target(target_ber)?;
    let ln_target = target_ber.ln();
    let ln_ber = |gain_db: f64| Ok(at(reception, gain_db)?.ln_ber);
    let is_met = |gain_db: f64| Ok(ln_ber(gain_db)? <= ln_target);
    if matches!(reception.thresholds, Thresholds::Fixed(_)) {
        return scan(reception, ln_target, &ln_ber);
    }
    if is_met(0.0)? {
        if is_met(-SEARCH_RANGE_DB)? {
            return Ok(Margin::MetThroughout);
        }
        let gain_db = crossing_db(-SEARCH_RANGE_DB, 0.0, ln_target, &ln_ber)?;
        return Ok(Margin::Met(Decibels::new(-gain_db)));
    }
    if !is_met(SEARCH_RANGE_DB)? {
        let floor = at(reception, INFINITE_DB)?;
        return Ok(Margin::Unreachable {
            floor_ber: floor.ln_ber.exp(),
            limiting: floor.limiting,
        });
    }
    let gain_db = crossing_db(0.0, SEARCH_RANGE_DB, ln_target, &ln_ber)?;
    Ok(Margin::MustRise(Decibels::new(gain_db)))
}

fn scan(
    reception: &Reception,
    ln_target: f64,
    ln_ber: &impl Fn(f64) -> Result<f64, LinkError>,
) -> Result<Margin, LinkError> {
    let is_met = |gain_db: f64| Ok(ln_ber(gain_db)? <= ln_target);
    let mut best = at(reception, 0.0)?;
    let met_now = is_met(0.0)?;
    let mut step = 0u32;
    loop {
        let far_db = f64::from(step + 1) * SCAN_STEP_DB;
        let near_db = f64::from(step) * SCAN_STEP_DB;
        if far_db > SEARCH_RANGE_DB {
            break;
        }
        if met_now {
            if !is_met(-far_db)? {
                let gain_db = crossing_db(-far_db, -near_db, ln_target, ln_ber)?;
                return Ok(Margin::Met(Decibels::new(-gain_db)));
            }
        } else {
            if is_met(far_db)? {
                let gain_db = crossing_db(near_db, far_db, ln_target, ln_ber)?;
                return Ok(Margin::MustRise(Decibels::new(gain_db)));
            }
            if is_met(-far_db)? {
                let gain_db = crossing_db(-near_db, -far_db, ln_target, ln_ber)?;
                return Ok(Margin::MustFall(Decibels::new(-gain_db)));
            }
            for gain_db in [far_db, -far_db] {
                let here = at(reception, gain_db)?;
                if here.ln_ber < best.ln_ber {
                    best = here;
                }
            }
        }
        step += 1;
    }
    Ok(if met_now {
        Margin::MetThroughout
    } else {
        Margin::Unreachable {
            floor_ber: best.ln_ber.exp(),
            limiting: best.limiting,
        }
    })
}

struct Point {
    ln_ber: f64,
    limiting: NoiseKind,
}

fn at(reception: &Reception, gain_db: f64) -> Result<Point, LinkError> {
    let mut moved = reception.clone();
    moved.levels = reception.levels.scaled(Decibels::new(gain_db));
    let decision = moved.evaluate()?;
    Ok(Point {
        ln_ber: decision.ln_bit_error_ratio,
        limiting: decision.limiting,
    })
}

/// The point between `missed_db` and `met_db` where the target is just met, on the side where it
/// is met.
///
/// The search draws straight lines through `ln(-ln BER)`, which is nearly straight over decibels.
/// The height of an end that stays is halved, so that the other side has its turn; and no step
/// goes further from the middle than lets bisection end in time. It takes about twelve steps, and
/// never more than nine over bisection.
///
/// # Source
/// M. Dowell, P. Jarratt, "A modified regula falsi method for computing the root of an equation",
/// BIT 11 (1971), for the halving; for the limit I. F. D. Oliveira, R. H. C. Takahashi, "An enhancement of the bisection method average
/// performance preserving minmax optimality", ACM Transactions on Mathematical Software 47 (2020).
pub(crate) fn crossing_db(
    missed_db: f64,
    met_db: f64,
    ln_target: f64,
    ln_ber: &impl Fn(f64) -> Result<f64, LinkError>,
) -> Result<f64, LinkError> {
    // Below zero where the target is missed. An error ratio of one has no logarithm of its
    // logarithm; it stands at the far end.
    let excess = |gain_db: f64| -> Result<f64, LinkError> {
        let ln_ber = ln_ber(gain_db)?;
        let height = (-ln_ber).max(f64::MIN_POSITIVE).ln() - (-ln_target).ln();
        // The sign is that of the comparison, whatever rounding makes of the logarithms.
        Ok(if ln_ber <= ln_target {
            height.clamp(f64::MIN_POSITIVE, f64::MAX)
        } else {
            height.min(-f64::MIN_POSITIVE)
        })
    };
    let (mut missed, mut met) = ((missed_db, excess(missed_db)?), (met_db, excess(met_db)?));
    let mut last_was_met = None;
    let mut slack_db = (met_db - missed_db).abs() * 2f64.powi(LATE_STEPS);
    while (met.0 - missed.0).abs() > CROSSING_DB {
        let middle_db = f64::midpoint(missed.0, met.0);
        let width_db = (met.0 - missed.0).abs();
        let straight_db = (met.1 * missed.0 - missed.1 * met.0) / (met.1 - missed.1);
        let reach_db = (slack_db - 0.5 * width_db).max(0.0);
        let next_db = if straight_db.is_finite() {
            // A step of half the tolerance at least, so that the last one passes the crossing.
            let inside_db = 0.5 * (width_db - CROSSING_DB).max(0.0);
            let reach_db = reach_db.min(inside_db);
            straight_db.clamp(middle_db - reach_db, middle_db + reach_db)
        } else {
            middle_db
        };
        let next = (next_db, excess(next_db)?);
        if next.1 > 0.0 {
            met = next;
            missed.1 *= if last_was_met == Some(true) { 0.5 } else { 1.0 };
        } else {
            missed = next;
            met.1 *= if last_was_met == Some(false) {
                0.5
            } else {
                1.0
            };
        }
        last_was_met = Some(next.1 > 0.0);
        slack_db *= 0.5;
    }
    Ok(met.0)
}

fn check_target(target_ber: f64) -> Result<(), LinkError> {
    check("target bit error ratio", target_ber, "in (0, 0.5)", |p| {
        p > 0.0 && p < 0.5
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        CompressedEyes, Impairments, LevelShape, Levels, Modulation, Receiver, SymbolDisturbance,
    };
    use units::special::normal_quantile;
    use units::{Amperes, AmperesPerRootHertz, AmperesPerWatt, DecibelsPerHertz, Hertz, Ratio};

    fn reception(er_db: f64) -> Reception {
        let shape = LevelShape {
            modulation: Modulation::Pam4,
            extinction_ratio: Decibels::new(er_db),
            level_mismatch: Ratio::new(1.0),
            compressed_eyes: CompressedEyes::Middle,
        };
        Reception {
            levels: Levels::from_average(Watts::new(1e-3), &shape).unwrap(),
            receiver: Receiver {
                responsivity: AmperesPerWatt::new(0.9),
                dark_current: Amperes::new(1e-8),
                thermal_noise: AmperesPerRootHertz::new(16e-12),
                noise_bandwidth: Hertz::new(40e9),
                noise_enhancement: Ratio::new(1.0),
            },
            impairments: Impairments::default(),
            thresholds: Thresholds::default(),
        }
    }

    #[test]
    fn thermal_noise_alone_gives_the_closed_sensitivity() {
        let mut r = reception(f64::INFINITY);
        // Thermal noise so large that shot noise is 1e-9 of it at the sensitivity.
        r.receiver.thermal_noise = AmperesPerRootHertz::new(1.0);
        r.levels = r.levels.scaled(Decibels::new(100.0));
        // 0.75 Q(q) = 2.4e-4 gives q = 3.414, up to transitions over two levels (1e-20).
        let q = -normal_quantile(2.4e-4 / 0.75);
        assert!((q - 3.414).abs() < 5e-4);
        let expected = 2.0 * q * 3.0 * 40e9f64.sqrt() / 0.9;
        match sensitivity(&r, 2.4e-4).unwrap() {
            Sensitivity::Reached { oma, .. } => {
                assert!((oma.value() / expected - 1.0).abs() < 1e-8, "{oma}");
            }
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn a_floor_above_the_target_is_reported_and_not_a_sensitivity() {
        let mut r = reception(4.0);
        r.receiver.noise_bandwidth = Hertz::new(0.75 * 113.4375e9);
        r.impairments.rin = Some(DecibelsPerHertz::new(-136.0));
        // At -136 dB/Hz the top eye has Q = 2.4 at best: far above 2.4e-4.
        match sensitivity(&r, 2.4e-4).unwrap() {
            Sensitivity::Unreachable {
                floor_ber,
                limiting,
            } => {
                assert!(floor_ber > 2e-3 && floor_ber < 4e-3, "{floor_ber:e}");
                assert_eq!(limiting, NoiseKind::IntensityNoise);
            }
            other => panic!("{other:?}"),
        }
        assert!(matches!(
            margin(&r, 2.4e-4).unwrap(),
            Margin::Unreachable { .. }
        ));
        r.impairments.rin = Some(DecibelsPerHertz::new(-145.0));
        assert!(matches!(
            sensitivity(&r, 2.4e-4).unwrap(),
            Sensitivity::Reached { .. }
        ));
    }

    #[test]
    fn interference_of_symbols_can_close_the_eye_for_any_power() {
        let mut r = reception(5.0);
        // Peak distortion: 3 (0.2 + 0.15) > 1 closes PAM4 whatever the power.
        r.impairments.isi = SymbolDisturbance::Taps(vec![0.2, 0.15]);
        match sensitivity(&r, 1e-6).unwrap() {
            Sensitivity::Unreachable {
                floor_ber,
                limiting,
            } => {
                // One of 16 patterns per side and inner or outer level closes an eye.
                assert!(floor_ber > 1e-2 && floor_ber < 0.1, "{floor_ber}");
                assert_eq!(limiting, NoiseKind::Isi);
            }
            other => panic!("{other:?}"),
        }
        r.impairments.isi = SymbolDisturbance::Taps(vec![0.2, 0.1]);
        assert!(matches!(
            sensitivity(&r, 1e-6).unwrap(),
            Sensitivity::Reached { .. }
        ));
    }

    #[test]
    fn margin_is_the_distance_to_the_sensitivity() {
        let mut r = reception(5.0);
        r.impairments.rin = Some(DecibelsPerHertz::new(-145.0));
        let Sensitivity::Reached { average, .. } = sensitivity(&r, 2.4e-4).unwrap() else {
            panic!("reachable")
        };
        for offset_db in [3.0, 0.5, -0.5, -3.0] {
            let target_db = Decibels::from_ratio(average / r.levels.average()).value() + offset_db;
            let mut moved = r.clone();
            moved.levels = r.levels.scaled(Decibels::new(target_db));
            let found = margin(&moved, 2.4e-4).unwrap();
            let signed = found.signed().unwrap().value();
            assert!((signed - offset_db).abs() < 1e-9, "{found:?}");
            assert_eq!(matches!(found, Margin::Met(_)), offset_db > 0.0);
        }
    }

    #[test]
    fn the_crossing_is_that_of_plain_bisection() {
        for (er_db, rin, gain_db) in [(3.5, -140.0, 4.0), (5.0, -145.0, 0.0), (9.0, -150.0, -14.0)]
        {
            let mut r = reception(er_db);
            r.impairments.rin = Some(DecibelsPerHertz::new(rin));
            r.levels = r.levels.scaled(Decibels::new(gain_db));
            for target in [2.4e-4f64, 1e-9] {
                let ln_target = target.ln();
                let n_calls = std::cell::Cell::new(0);
                let ln_ber = |gain_db: f64| {
                    n_calls.set(n_calls.get() + 1);
                    Ok(at(&r, gain_db)?.ln_ber)
                };
                if ln_ber(SEARCH_RANGE_DB).unwrap() > ln_target {
                    continue;
                }
                let (mut missed, mut met) = (-SEARCH_RANGE_DB, SEARCH_RANGE_DB);
                for _ in 0..60 {
                    let middle = f64::midpoint(missed, met);
                    if ln_ber(middle).unwrap() <= ln_target {
                        met = middle;
                    } else {
                        missed = middle;
                    }
                }
                n_calls.set(0);
                let found =
                    crossing_db(-SEARCH_RANGE_DB, SEARCH_RANGE_DB, ln_target, &ln_ber).unwrap();
                // Twice the tolerance, and the rounding of the error ratio.
                assert!((found - met).abs() < 4.0 * CROSSING_DB, "{found} {met}");
                assert!(n_calls.get() < 25, "{} calls", n_calls.get());
                assert!(ln_ber(found).unwrap() <= ln_target);
            }
        }
    }

    #[test]
    fn fixed_thresholds_can_ask_for_less_power() {
        let mut r = reception(5.0);
        let eyes = r.evaluate().unwrap().eyes;
        r.thresholds = Thresholds::Fixed(eyes.iter().map(|e| e.threshold).collect());
        assert!(matches!(margin(&r, 2.4e-4).unwrap(), Margin::Met(_)));
        assert_eq!(sensitivity(&r, 2.4e-4), Err(LinkError::FixedThresholds));
        r.levels = r.levels.scaled(Decibels::new(2.0));
        assert!(matches!(margin(&r, 2.4e-4).unwrap(), Margin::MustFall(_)));
        r.levels = r.levels.scaled(Decibels::new(-4.0));
        assert!(matches!(margin(&r, 2.4e-4).unwrap(), Margin::MustRise(_)));
    }
}
