//! How much of a variance one input explains, from draws that are there anyway.

/// Fewer draws give no index.
pub(crate) const MIN_DRAWS: usize = 50;
/// Standard deviations below this share of the mean are what searches leave undecided, and no
/// variance.
const ROUNDING: f64 = 1e-12;
/// Cells at either end are halved this often: a normal value moves most where it is rarest.
const TAIL_HALVINGS: i32 = 3;

/// A first-order Sobol index, `Var(E[Y | X]) / Var(Y)`: the share of the variance of a result that
/// would go if the input were exact, interactions aside.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct FirstOrder {
    /// The estimate. It is not biased upwards, so that of an input without influence is as often
    /// below zero as above.
    pub value: f64,
    /// Its standard error, `sqrt(4 S (1 - S)^2 / N)` and [`FirstOrder::chance`] together.
    pub standard_error: f64,
    /// Standard deviation of the estimate for an input without influence. A share that does not
    /// stand out from it may be chance.
    ///
    /// ```text
    /// sqrt(2 (M - 1) / ((N - M) (N + 1)) + max(K, 0) (SUM 1 / n_i - M^2 / N) / N^2)
    /// ```
    ///
    /// with `n_i` results in cell i and the excess kurtosis K of the results. The first term is
    /// that of normal results, for which `SSB / SST` has a beta distribution. The second belongs
    /// to results with rare extremes, such as a link that hardly ever fails, and to cells of
    /// unequal size: one extreme in a small cell is much between cells.
    pub chance: f64,
}

/// The first-order index of an input, by analysis of variance over cells of its level.
///
/// ```text
/// S = (SSB - (M - 1) MSW) / SST
/// ```
///
/// `levels` are the quantiles in (0, 1) at which the input was drawn, `outputs` what came out. M
/// cells cut the levels into `ceil(N^0.4)` equal parts, the outer ones finer; SSB, MSW and SST are
/// the sum of squares between cells, the mean square within and the total. The second term removes
/// what chance alone puts between cells. What varies within a cell is lost: below 2 % of the
/// index from 100 draws on, 0.2 % at 10 000.
///
/// None for fewer than 50 draws, or outputs that are all equal.
///
/// # Source
/// E. Plischke, E. Borgonovo, C. L. Smith, "Global sensitivity measures from given data", European
/// Journal of Operational Research 226 (2013), section 3; the correction is epsilon squared of
/// T. L. Kelley, "An unbiased correlation ratio measure", PNAS 21 (1935).
pub(crate) fn first_order(levels: &[f64], outputs: &[f64]) -> Option<FirstOrder> {
    let n = outputs.len();
    if n < MIN_DRAWS || levels.len() != n {
        return None;
    }
    let count = n as f64;
    let mean = outputs.iter().sum::<f64>() / count;
    let total: f64 = outputs.iter().map(|y| (y - mean).powi(2)).sum();
    if total <= count * (mean * ROUNDING).powi(2) || !total.is_finite() {
        return None;
    }
    let edges = cell_edges(n);
    let mut sums = vec![(0u32, 0.0); edges.len() + 1];
    for (level, y) in levels.iter().zip(outputs) {
        let (members, sum) = &mut sums[edges.partition_point(|edge| edge <= level)];
        *members += 1;
        *sum += y - mean;
    }
    let filled = || sums.iter().filter(|(members, _)| *members > 0);
    let n_cells = filled().count() as f64;
    let between: f64 = filled()
        .map(|(members, sum)| sum * sum / f64::from(*members))
        .sum();
    let within = (total - between).max(0.0) / (count - n_cells);
    let value = (between - (n_cells - 1.0) * within) / total;
    let share = value.clamp(0.0, 1.0);
    let fourth: f64 = outputs.iter().map(|y| (y - mean).powi(4)).sum();
    let kurtosis = (fourth / total * (count / total) - 3.0).max(0.0);
    let uneven: f64 = filled()
        .map(|(members, _)| 1.0 / f64::from(*members))
        .sum::<f64>()
        - n_cells * n_cells / count;
    let normal = 2.0 * (n_cells - 1.0) / ((count - n_cells) * (count + 1.0));
    let chance = (normal + kurtosis * uneven.max(0.0) / (count * count)).sqrt();
    Some(FirstOrder {
        value,
        standard_error: (2.0 * (share / count).sqrt() * (1.0 - share)).hypot(chance),
        chance,
    })
}

/// Rising levels that divide (0, 1) into cells.
fn cell_edges(n: usize) -> Vec<f64> {
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "a small positive number"
    )]
    let n_cells = (n as f64).powf(0.4).ceil() as usize;
    let width = 1.0 / n_cells as f64;
    let tail = || (1..=TAIL_HALVINGS).map(move |k| width * 0.5f64.powi(k));
    let mut edges: Vec<f64> = tail().rev().collect();
    edges.extend((1..n_cells).map(|k| k as f64 * width));
    edges.extend(tail().map(|edge| 1.0 - edge));
    edges
}

#[cfg(test)]
mod tests {
    use std::f64::consts::PI;

    use units::random::Draw;
    use units::special::normal_quantile;

    use super::*;

    fn levels(seed: u64, input: &str, n: usize) -> Vec<f64> {
        let draw = Draw::new(seed, "test", input);
        (0..n as u64).map(|tick| draw.uniform(tick)).collect()
    }

    /// Indices of `model` for each of its inputs.
    fn indices<const K: usize>(
        seed: u64,
        n: usize,
        model: impl Fn([f64; K]) -> f64,
    ) -> [FirstOrder; K] {
        let inputs: [Vec<f64>; K] =
            std::array::from_fn(|input| levels(seed, &format!("x{input}"), n));
        let outputs: Vec<f64> = (0..n)
            .map(|draw| model(std::array::from_fn(|input| inputs[input][draw])))
            .collect();
        std::array::from_fn(|input| first_order(&inputs[input], &outputs).unwrap())
    }

    /// T. Ishigami, T. Homma (1990): sin x1 + 7 sin^2 x2 + 0.1 x3^4 sin x1 on (-pi, pi).
    fn ishigami(u: [f64; 3]) -> f64 {
        let [x1, x2, x3] = u.map(|u| PI * (2.0 * u - 1.0));
        x1.sin() + 7.0 * x2.sin().powi(2) + 0.1 * x3.powi(4) * x1.sin()
    }

    #[test]
    fn ishigamis_function_has_its_closed_indices() {
        let (a, b) = (7.0, 0.1f64);
        let total = a * a / 8.0 + b * PI.powi(4) / 5.0 + b * b * PI.powi(8) / 18.0 + 0.5;
        let expected = [
            0.5 * (1.0 + b * PI.powi(4) / 5.0).powi(2) / total,
            a * a / 8.0 / total,
            0.0,
        ];
        assert!((expected[0] - 0.3139).abs() < 1e-4 && (expected[1] - 0.4424).abs() < 1e-4);
        for (n, cells) in [(400, 11.0), (10_000, 40.0)] {
            for seed in 0..5 {
                for (found, expected) in indices(seed, n, ishigami).iter().zip(expected) {
                    // Five standard errors, and what a wave of two periods varies within a cell:
                    // (4 pi / M)^2 / 12 of the index.
                    let lost = expected * (4.0 * PI / cells).powi(2) / 12.0;
                    let bound = 5.0 * found.standard_error + lost;
                    assert!(
                        (found.value - expected).abs() < bound,
                        "{n} {seed}: {found:?}, expected {expected}"
                    );
                }
            }
        }
    }

    #[test]
    fn a_sum_of_normal_values_divides_by_their_variances() {
        let weights = [3.0, 2.0, 1.0, 0.0];
        let square: f64 = weights.iter().map(|w| w * w).sum();
        for n in [1_000, 20_000] {
            let found = indices(11, n, |u: [f64; 4]| {
                1e3 + u
                    .iter()
                    .zip(weights)
                    .map(|(u, w)| w * normal_quantile(*u))
                    .sum::<f64>()
            });
            for (found, w) in found.iter().zip(weights) {
                let expected = w * w / square;
                assert!(
                    (found.value - expected).abs() < 5.0 * found.standard_error + 0.007 * expected,
                    "{n}: {found:?}, expected {expected}"
                );
            }
            // Nothing interacts: the shares add up to one.
            let sum: f64 = found.iter().map(|index| index.value).sum();
            let noise: f64 = found.iter().map(|index| index.standard_error).sum();
            assert!((sum - 1.0).abs() < noise + 0.007, "{sum}");
        }
    }

    #[test]
    fn shares_never_add_up_to_more_than_one() {
        // Products interact as much as anything does.
        for seed in 0..20 {
            let found = indices(seed, 500, |u: [f64; 8]| {
                u.iter().map(|u| 2.0 * u - 0.3).product()
            });
            let sum: f64 = found.iter().map(|index| index.value).sum();
            let square: f64 = found.iter().map(|i| i.standard_error.powi(2)).sum();
            assert!(sum < 1.0 + 3.0 * square.sqrt(), "{sum}");
        }
    }

    #[test]
    fn an_input_without_influence_is_as_often_below_zero() {
        let below = (0..200)
            .filter(|seed| {
                let [_, idle] = indices(*seed, 300, |[x, _]: [f64; 2]| (5.0 * x).exp());
                // Six standard errors of chance alone.
                assert!(idle.value.abs() < 6.0 * idle.standard_error, "{idle:?}");
                idle.value < 0.0
            })
            .count();
        // The distribution leans a little; half of 200, and four standard deviations of that.
        assert!((72..=148).contains(&below), "{below}");
    }

    /// What stands out by chance is known for results of any shape: normal ones, a link that fails
    /// in few draws, and a long tail.
    #[test]
    fn chance_is_the_spread_of_inputs_without_influence() {
        type Shape = fn(f64) -> f64;
        let one_of_a_hundred: Shape = |u| f64::from(u8::from(u < 0.01));
        let one_of_two_hundred: Shape = |u| f64::from(u8::from(u < 0.005));
        let lognormal: Shape = |u| (0.8 * normal_quantile(u)).exp();
        let shapes = [
            ("normal, few draws", 60, normal_quantile as Shape),
            ("fails in one of a hundred", 1_000, one_of_a_hundred),
            ("fails in one of two hundred", 3_000, one_of_two_hundred),
            ("lognormal", 1_000, lognormal),
        ];
        for (name, n, shape) in shapes {
            let (mut square, mut expected, mut n_trials) = (0.0, 0.0, 0.0);
            for seed in 0..400 {
                let idle = levels(seed, "idle", n);
                let outputs: Vec<f64> = levels(seed, "y", n).into_iter().map(shape).collect();
                let Some(index) = first_order(&idle, &outputs) else {
                    continue;
                };
                square += index.value * index.value;
                expected += index.chance * index.chance;
                n_trials += 1.0;
            }
            let ratio = (square / expected).sqrt();
            // Three standard errors of a deviation from 400 trials are 11 %; the long tails of the
            // index itself widen that.
            assert!(
                n_trials > 390.0 && (ratio - 1.0).abs() < 0.2,
                "{name}: {ratio}"
            );
        }
    }

    #[test]
    fn nothing_that_varies_and_too_few_draws_give_none() {
        let x = levels(1, "x", 100);
        assert_eq!(first_order(&x, &[0.1; 100]), None);
        assert_eq!(first_order(&x[..20], &x[..20]), None);
        assert_eq!(first_order(&x, &x[..60]), None);
        let itself = first_order(&x, &x).unwrap();
        assert!(itself.value > 0.97 && itself.value < 1.0, "{itself:?}");
    }
}
