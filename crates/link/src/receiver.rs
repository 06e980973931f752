//! The exact receiver: noise per level, thresholds, symbol and bit error ratios.
//!
//! This is the plain form that the batch kernel is tested against. Probabilities are kept as
//! logarithms, so that no tail underflows.

use units::Amperes;

use crate::density::{DiscreteDensity, MAX_ATOMS};
use crate::error::check;
use crate::noise::{
    Impairments, InterferenceModel, InterfererPower, LevelCurrent, NoiseKind, NoiseTerms, Receiver,
};
use crate::tails::{LevelState, Tails, density_crossing, gaussian_crossing};
use crate::{Levels, LinkError};

/// Interferers that are averaged exactly, the strongest first.
const N_EXACT_INTERFERERS: usize = 3;
/// Quadrature points per exact interferer. The relative error of a Gaussian tail at x sigma is
/// about `I_2n(z) / I_0(z)` with `z = x A / sigma`: below 1e-15 up to z = 80.
const N_PHASES: usize = 64;

/// Where the decision thresholds lie.
#[derive(Debug, Clone, PartialEq, Default)]
pub enum Thresholds {
    /// Where two Gaussian densities with the level currents and total sigmas cross. The optimum
    /// when all noise is Gaussian.
    #[default]
    GaussianCrossing,
    /// Where the densities of neighbouring levels really cross, bounded disturbances included.
    Optimal,
    /// Half-way between neighbouring levels.
    Midpoint,
    /// At the average current and a third of the outer swing above and below it.
    EquallySpaced,
    /// At given currents, lowest first; they do not follow the signal.
    Fixed(Vec<Amperes>),
}

/// A signal, the receiver and what disturbs it.
#[derive(Debug, Clone, PartialEq)]
pub struct Reception {
    /// Powers at the photodiode, at the sampling instant, without disturbances.
    pub levels: Levels,
    /// The receiver.
    pub receiver: Receiver,
    /// What disturbs the signal.
    pub impairments: Impairments,
    /// Where decisions are taken.
    pub thresholds: Thresholds,
}

/// One eye, between two neighbouring levels.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Eye {
    /// `Q = (I_{k+1} - I_k) / (sigma_k + sigma_{k+1})` with all variances; infinite without noise.
    pub q: f64,
    /// Difference of the two level currents.
    pub opening: Amperes,
    /// Where the decision is taken.
    pub threshold: Amperes,
}

/// What the receiver makes of the signal.
#[derive(Debug, Clone, PartialEq)]
pub struct Decision {
    /// The eyes, lowest first.
    pub eyes: Vec<Eye>,
    /// Noise of each level, lowest first.
    pub noise: Vec<NoiseTerms>,
    /// Symbol error ratio.
    pub symbol_error_ratio: f64,
    /// Bit error ratio with Gray coding; zero below the smallest number.
    pub bit_error_ratio: f64,
    /// Natural logarithm of the bit error ratio, without underflow; minus infinity when no error
    /// is possible.
    pub ln_bit_error_ratio: f64,
    /// Largest noise of the eye with the least Q.
    pub limiting: NoiseKind,
}

impl Decision {
    /// Q of the worst eye.
    pub fn q_min(&self) -> f64 {
        self.eyes
            .iter()
            .map(|eye| eye.q)
            .fold(f64::INFINITY, f64::min)
    }
}

impl Reception {
    /// Evaluates the receiver.
    ///
    /// ```text
    /// T_kj = P(y > t_j | level k) = E_d [ Q((t_j - I_k - d) / sigma_k) ]
    /// BER  = (1 / M log2 M) SUM_k SUM_j P(k -> j) hamming(g_k, g_j)
    /// ```
    ///
    /// d is the bounded part of the disturbance, with its exact density as long as no more than
    /// [`MAX_ATOMS`] points are needed and merged points beyond; `sigma_k` holds everything that is
    /// Gaussian. The beat of an interferer also adds `x P_avg` to every level; thresholds follow
    /// it, and it is left out.
    ///
    /// # Errors
    /// A parameter outside its range, or a wrong number of fixed thresholds.
    ///
    /// # Source
    /// G. P. Agrawal, Fiber-Optic Communication Systems, 4th ed., section 4.6 (two levels);
    /// J. G. Proakis, Digital Communications, 4th ed., section 5.2.6 (multi-level amplitudes).
    pub fn evaluate(&self) -> Result<Decision, LinkError> {
        self.receiver.check()?;
        self.impairments.check()?;
        let states = self.level_states();
        let thresholds_a = self.thresholds_a(&states)?;
        let tails = Tails::new(&states, &thresholds_a);
        let ln_ber = tails.ln_bit_error_ratio(self.levels.modulation());
        let eyes: Vec<Eye> = states
            .windows(2)
            .zip(&thresholds_a)
            .map(|(pair, &threshold_a)| {
                let opening_a = pair[1].current_a - pair[0].current_a;
                Eye {
                    q: opening_a / (pair[0].total_sigma_a() + pair[1].total_sigma_a()),
                    opening: Amperes::new(opening_a),
                    threshold: Amperes::new(threshold_a),
                }
            })
            .collect();
        let worst = (0..eyes.len()).fold(0, |w, i| if eyes[i].q < eyes[w].q { i } else { w });
        Ok(Decision {
            symbol_error_ratio: tails.symbol_error_ratio(),
            bit_error_ratio: ln_ber.exp(),
            ln_bit_error_ratio: ln_ber,
            limiting: states[worst].noise.largest(&states[worst + 1].noise),
            noise: states.iter().map(|s| s.noise).collect(),
            eyes,
        })
    }

    fn level_states(&self) -> Vec<LevelState> {
        let responsivity = self.receiver.responsivity.value();
        let currents_a: Vec<f64> = self
            .levels
            .powers_w()
            .iter()
            .map(|p| p * responsivity)
            .collect();
        let n = currents_a.len() as f64;
        let mean_a = currents_a.iter().sum::<f64>() / n;
        let deviation_a: Vec<f64> = currents_a.iter().map(|i| i - mean_a).collect();
        let variance_a2 = deviation_a.iter().map(|d| d * d).sum::<f64>() / n;
        let symbols = DiscreteDensity::of_cursors(&deviation_a, self.impairments.isi.taps())
            .convolve(
                &DiscreteDensity::of_cursors(&deviation_a, self.impairments.crosstalk.taps()),
                MAX_ATOMS,
            );
        currents_a
            .iter()
            .map(|&current_a| {
                let level = LevelCurrent {
                    current_a,
                    mean_a,
                    variance_a2,
                };
                self.level_state(&level, &currents_a, &symbols)
            })
            .collect()
    }

    fn level_state(
        &self,
        level: &LevelCurrent,
        currents_a: &[f64],
        symbols: &DiscreteDensity,
    ) -> LevelState {
        let impairments = &self.impairments;
        let interference = &impairments.interference;
        let noise = NoiseTerms::of_level(&self.receiver, impairments, level);
        let mut ratios: Vec<f64> = interference.ratios.iter().map(|x| x.value()).collect();
        ratios.sort_by(|a, b| b.total_cmp(a));
        let n_exact = match interference.model {
            InterferenceModel::Gaussian => 0,
            InterferenceModel::Bounded => N_EXACT_INTERFERERS.min(ratios.len()),
        };
        let (exact, rest) = ratios.split_at(n_exact);
        let amplitude_a =
            |ratio: f64, other_a: f64| 2.0 * (ratio * level.current_a * other_a).sqrt();
        let beat = |&ratio: &f64| match interference.power {
            InterfererPower::Average => {
                DiscreteDensity::arcsine(amplitude_a(ratio, level.mean_a), N_PHASES)
            }
            InterfererPower::Modulated => DiscreteDensity::mixture(
                &currents_a
                    .iter()
                    .map(|&other_a| DiscreteDensity::arcsine(amplitude_a(ratio, other_a), N_PHASES))
                    .collect::<Vec<_>>(),
            ),
        };
        let bounded = exact
            .iter()
            .map(beat)
            .fold(symbols.clone(), |sum, one| sum.convolve(&one, MAX_ATOMS));
        let strongest_other_a = match interference.power {
            InterfererPower::Average => level.mean_a,
            InterfererPower::Modulated => currents_a.iter().copied().fold(0.0, f64::max),
        };
        let white_a2: f64 = [
            NoiseKind::Thermal,
            NoiseKind::Shot,
            NoiseKind::IntensityNoise,
        ]
        .iter()
        .map(|&kind| noise.variance_a2(kind))
        .sum();
        let gaussian_symbols_a2 = [
            (&impairments.crosstalk, NoiseKind::Crosstalk),
            (&impairments.isi, NoiseKind::Isi),
        ]
        .iter()
        .filter(|(disturbance, _)| disturbance.is_gaussian())
        .map(|&(_, kind)| noise.variance_a2(kind))
        .sum::<f64>();
        let rest_a2 = 2.0 * level.current_a * level.mean_a * rest.iter().sum::<f64>();
        let rest_peak_a = match interference.model {
            InterferenceModel::Gaussian => None,
            InterferenceModel::Bounded if rest.is_empty() => None,
            InterferenceModel::Bounded => Some(
                rest.iter()
                    .map(|&x| amplitude_a(x, strongest_other_a))
                    .sum(),
            ),
        };
        LevelState {
            current_a: level.current_a,
            noise,
            sigma_a: (white_a2 + gaussian_symbols_a2 + rest_a2).sqrt(),
            sigma_without_rest_a: (white_a2 + gaussian_symbols_a2).sqrt(),
            rest_peak_a,
            bounded,
        }
    }

    fn thresholds_a(&self, states: &[LevelState]) -> Result<Vec<f64>, LinkError> {
        let n_eyes = states.len() - 1;
        let low_a = states[0].current_a;
        let swing_a = states[n_eyes].current_a - low_a;
        let between = |rule: fn(&LevelState, &LevelState) -> f64| {
            states.windows(2).map(|p| rule(&p[0], &p[1])).collect()
        };
        Ok(match &self.thresholds {
            Thresholds::GaussianCrossing => between(gaussian_crossing),
            Thresholds::Optimal => between(density_crossing),
            Thresholds::Midpoint => between(|a, b| f64::midpoint(a.current_a, b.current_a)),
            Thresholds::EquallySpaced => {
                let mean_a = states.iter().map(|s| s.current_a).sum::<f64>() / states.len() as f64;
                (0..n_eyes)
                    .map(|j| {
                        let step = j as f64 - (n_eyes - 1) as f64 / 2.0;
                        mean_a + step * swing_a / n_eyes as f64
                    })
                    .collect()
            }
            Thresholds::Fixed(list) => {
                if list.len() != n_eyes {
                    return Err(LinkError::Length {
                        name: "thresholds",
                        found: list.len(),
                        expected: n_eyes,
                    });
                }
                let list_a: Vec<f64> = list.iter().map(|t| t.value()).collect();
                for pair in list_a.windows(2) {
                    check("threshold (A)", pair[1], "above the one before", |t| {
                        t >= pair[0]
                    })?;
                }
                for &threshold_a in &list_a {
                    check("threshold (A)", threshold_a, "finite", f64::is_finite)?;
                }
                list_a
            }
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Modulation;
    use crate::levels::{CompressedEyes, LevelShape};
    use crate::noise::{Interference, SymbolDisturbance};
    use crate::tails::crossing;
    use units::special::ln_normal_tail;
    use units::special::normal_tail;
    use units::{
        AmperesPerRootHertz, AmperesPerWatt, Decibels, DecibelsPerHertz, Hertz, Ratio, Watts,
    };

    fn reception(modulation: Modulation, average_w: f64, er_db: f64) -> Reception {
        let shape = LevelShape {
            modulation,
            extinction_ratio: Decibels::new(er_db),
            level_mismatch: Ratio::new(1.0),
            compressed_eyes: CompressedEyes::Middle,
        };
        Reception {
            levels: Levels::from_average(Watts::new(average_w), &shape).unwrap(),
            receiver: Receiver {
                responsivity: AmperesPerWatt::new(0.9),
                dark_current: Amperes::new(0.0),
                thermal_noise: AmperesPerRootHertz::new(16e-12),
                noise_bandwidth: Hertz::new(40e9),
                noise_enhancement: Ratio::new(1.0),
            },
            impairments: Impairments::default(),
            thresholds: Thresholds::default(),
        }
    }

    /// Thermal noise that gives the worst eye this Q without any other noise.
    fn with_q(mut r: Reception, q: f64) -> Reception {
        let opening = r.levels.oma().value() * 0.9 / r.levels.modulation().n_eyes() as f64;
        r.receiver.thermal_noise = AmperesPerRootHertz::new(opening / (2.0 * q) / 40e9f64.sqrt());
        r
    }

    #[test]
    fn crossing_is_where_two_normal_densities_are_equal() {
        for (d, s0, s1) in [
            (1.0, 0.1, 0.1),
            (1.0, 0.05, 0.2),
            (3.0, 0.4, 0.1),
            (1.0, 0.1, 0.100_000_1),
        ] {
            let t = crossing(d, s0, s1);
            let ln_density = |x: f64, s: f64| -0.5 * (x / s).powi(2) - s.ln();
            let difference = ln_density(t, s0) - ln_density(d - t, s1);
            assert!(difference.abs() < 1e-9, "{d} {s0} {s1}: {difference}");
        }
        assert!((crossing(1.0, 0.1, 0.1) - 0.5).abs() < 1e-15);
    }

    #[test]
    fn equal_noise_gives_the_closed_bit_error_ratio() {
        for q in [1.0, 3.414, 6.0, 20.0] {
            let tail = |x: f64| normal_tail(x * q);
            // Gray PAM4 with equal spacing: (3 Q(q) + 2 Q(3q) - Q(5q)) / 4.
            let mut r = reception(Modulation::Pam4, 1e-4, 5.0);
            r.thresholds = Thresholds::EquallySpaced;
            // Shot noise is part of the model. At an (absurd) power 120 dB higher its variance is
            // below 3e-12 of the thermal one that gives the same Q.
            r.levels = r.levels.scaled(Decibels::new(120.0));
            let r = with_q(r, q);
            let d = r.evaluate().unwrap();
            let expected = (3.0 * tail(1.0) + 2.0 * tail(3.0) - tail(5.0)) / 4.0;
            let error = (d.bit_error_ratio / expected - 1.0).abs();
            // d ln Q(x) / d ln sigma^2 is about x^2 / 2.
            assert!(error < 1e-11 * (1.0 + q * q), "q {q}: {error:e}");
            assert!((d.q_min() / q - 1.0).abs() < 1e-11);
        }
    }

    #[test]
    fn error_ratios_survive_below_the_smallest_number() {
        let d = with_q(reception(Modulation::Nrz, 1e-3, 10.0), 60.0)
            .evaluate()
            .unwrap();
        assert!(d.bit_error_ratio == 0.0 && d.ln_bit_error_ratio.is_finite());
        let expected = ln_normal_tail(d.q_min());
        // The eye has two slightly different sigmas; Q(q) is their common value to 1e-3.
        assert!((d.ln_bit_error_ratio / expected - 1.0).abs() < 1e-3);
    }

    #[test]
    fn intensity_noise_alone_leaves_the_derived_floor() {
        // Q_top = (L3 - L2) / (sqrt(RIN Bn) (L3 + L2)) with Bn of three quarters of the baud rate.
        // The expected numbers are this expression to three figures.
        for (baud, er_db, rin_db, q, floor) in [
            (53.125e9, 5.0, -136.0, 4.07, 6e-6),
            (113.4375e9, 4.0, -140.0, 3.82, 1.7e-5),
        ] {
            let mut r = reception(Modulation::Pam4, 1e-3, er_db);
            r.receiver.thermal_noise = AmperesPerRootHertz::new(0.0);
            r.receiver.noise_bandwidth = Hertz::new(0.75 * baud);
            r.impairments.rin = Some(DecibelsPerHertz::new(rin_db));
            r.levels = r.levels.scaled(Decibels::new(120.0));
            let d = r.evaluate().unwrap();
            assert!((d.eyes[2].q - q).abs() < 0.006, "Q {}", d.eyes[2].q);
            assert!(
                (d.bit_error_ratio / floor - 1.0).abs() < 0.1,
                "floor {:e}",
                d.bit_error_ratio
            );
            assert_eq!(d.limiting, NoiseKind::IntensityNoise);
        }
    }

    #[test]
    fn one_bounded_interferer_costs_less_than_a_gaussian_of_its_variance() {
        // Expected: a direct double sum of Q((h - A cos phi)/sigma) over 64 phases in NumPy,
        // PAM4, 5 dB extinction ratio, Q = 4 from thermal noise alone, midpoint thresholds.
        for (x_db, expected) in [(-26.0, 2.04), (-28.0, 2.49), (-30.0, 2.53), (-32.0, 2.20)] {
            let mut r = reception(Modulation::Pam4, 1e-3, 5.0);
            // A high power keeps shot noise below the digits compared.
            r.levels = r.levels.scaled(Decibels::new(80.0));
            let mut r = with_q(r, 4.0);
            r.thresholds = Thresholds::Midpoint;
            r.impairments.interference.ratios = vec![Ratio::new(Decibels::new(x_db).to_ratio())];
            let mut ber = |model, power| {
                r.impairments.interference.model = model;
                r.impairments.interference.power = power;
                r.evaluate().unwrap().bit_error_ratio
            };
            let gaussian = ber(InterferenceModel::Gaussian, InterfererPower::Average);
            let bounded = ber(InterferenceModel::Bounded, InterfererPower::Average);
            let modulated = ber(InterferenceModel::Bounded, InterfererPower::Modulated);
            let ratio = gaussian / bounded;
            assert!((ratio - expected).abs() < 0.01, "{x_db} dB: {ratio}");
            assert!(bounded < modulated && modulated < gaussian);
        }
    }

    #[test]
    fn many_small_interferers_tend_to_the_gaussian_model_from_below() {
        let mut r = with_q(reception(Modulation::Pam4, 1e-3, 5.0), 4.5);
        let total = 2e-4;
        let mut previous = 0.0;
        for n in [1usize, 2, 4, 16, 64] {
            r.impairments.interference = Interference {
                ratios: vec![Ratio::new(total / n as f64); n],
                ..Interference::default()
            };
            let ber = r.evaluate().unwrap().bit_error_ratio;
            assert!(
                ber > previous,
                "{n} interferers: {ber:e} after {previous:e}"
            );
            previous = ber;
        }
        r.impairments.interference.model = InterferenceModel::Gaussian;
        let gaussian = r.evaluate().unwrap().bit_error_ratio;
        assert!(previous <= gaussian && previous > 0.9 * gaussian);
    }

    #[test]
    fn tails_of_many_interferers_end_at_their_largest_sum() {
        // Thermal noise far below the interference: the eye is open for every phase.
        let mut r = with_q(reception(Modulation::Nrz, 1e-3, 10.0), 200.0);
        r.impairments.interference.ratios = vec![Ratio::new(2e-4); 6];
        let bounded = r.evaluate().unwrap().ln_bit_error_ratio;
        r.impairments.interference.model = InterferenceModel::Gaussian;
        let gaussian = r.evaluate().unwrap().ln_bit_error_ratio;
        assert!(bounded < 10.0 * gaussian, "{bounded} against {gaussian}");
    }

    #[test]
    fn optimal_thresholds_are_not_worse_than_any_other() {
        let mut r = with_q(reception(Modulation::Pam4, 1e-3, 5.0), 5.0);
        r.impairments.rin = Some(DecibelsPerHertz::new(-143.0));
        r.impairments.isi = SymbolDisturbance::Taps(vec![0.05, -0.03]);
        r.impairments.interference.ratios = vec![Ratio::new(5e-4)];
        let ber = |rule: Thresholds| {
            let r = Reception {
                thresholds: rule,
                ..r.clone()
            };
            r.evaluate().unwrap().bit_error_ratio
        };
        let optimal = ber(Thresholds::Optimal);
        let crossing = ber(Thresholds::GaussianCrossing);
        // Equal up to the distant transitions, which the crossing of neighbours does not see.
        assert!(optimal <= crossing * (1.0 + 1e-9));
        assert!(crossing <= ber(Thresholds::Midpoint));
        assert!(optimal < ber(Thresholds::EquallySpaced));
        assert!(
            crossing < 1.2 * optimal,
            "the Gaussian crossing is a good rule: {crossing:e} {optimal:e}"
        );
    }

    #[test]
    fn discrete_interference_agrees_with_a_direct_sum() {
        let mut r = with_q(reception(Modulation::Nrz, 1e-3, 6.0), 4.0);
        r.impairments.isi = SymbolDisturbance::Taps(vec![0.1]);
        r.thresholds = Thresholds::Midpoint;
        r.receiver.thermal_noise = r.receiver.thermal_noise * 1.0;
        let d = r.evaluate().unwrap();
        // Four patterns: half the eye is h, the neighbour moves it by +-0.1 h.
        let h = d.eyes[0].opening.value() / 2.0;
        let expected: f64 = (0..2)
            .map(|k| {
                let white = d.noise[k].total_a2() - d.noise[k].variance_a2(NoiseKind::Isi);
                let s = white.sqrt();
                (normal_tail(0.9 * h / s) + normal_tail(1.1 * h / s)) / 4.0
            })
            .sum();
        assert!((d.bit_error_ratio / expected - 1.0).abs() < 1e-12);
    }

    #[test]
    fn nonsense_is_refused() {
        let mut r = reception(Modulation::Pam4, 1e-3, 5.0);
        r.receiver.responsivity = AmperesPerWatt::new(-1.0);
        assert!(r.evaluate().is_err());
        let mut r = reception(Modulation::Pam4, 1e-3, 5.0);
        r.thresholds = Thresholds::Fixed(vec![Amperes::new(0.0)]);
        assert!(matches!(r.evaluate(), Err(LinkError::Length { .. })));
        let mut r = reception(Modulation::Pam4, 1e-3, 5.0);
        r.impairments.isi = SymbolDisturbance::Taps(vec![f64::NAN]);
        assert!(r.evaluate().is_err());
    }
}
