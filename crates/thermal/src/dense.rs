//! Small dense matrices: what a package of tens of blocks needs. Row-major throughout.

/// A square matrix as a product of triangles, with its rows exchanged.
#[derive(Debug, Clone)]
pub(crate) struct Lu {
    n: usize,
    factors: Vec<f64>,
    rows: Vec<usize>,
}

impl Lu {
    /// Elimination with the greatest pivot of each column; `None` where a pivot vanishes or is not
    /// finite.
    pub(crate) fn new(n: usize, mut a: Vec<f64>) -> Option<Self> {
        let mut rows: Vec<usize> = (0..n).collect();
        for k in 0..n {
            let size = |i: usize| a[i * n + k].abs();
            let pivot = (k..n).max_by(|i, j| size(*i).total_cmp(&size(*j)))?;
            if !(size(pivot) > 0.0 && size(pivot).is_finite()) {
                return None;
            }
            if pivot != k {
                rows.swap(pivot, k);
                let (above, below) = a.split_at_mut(pivot * n);
                above[k * n..(k + 1) * n].swap_with_slice(&mut below[..n]);
            }
            let (above, below) = a.split_at_mut((k + 1) * n);
            let upper = &above[k * n..];
            for row in below.chunks_exact_mut(n) {
                let by = row[k] / upper[k];
                row[k] = by;
                for (x, u) in row[k + 1..].iter_mut().zip(&upper[k + 1..]) {
                    *x -= by * u;
                }
            }
        }
        let factors = a;
        Some(Self { n, factors, rows })
    }

    /// The solution for one right-hand side.
    pub(crate) fn solve(&self, b: &[f64]) -> Vec<f64> {
        let n = self.n;
        let mut x: Vec<f64> = self.rows.iter().map(|row| b[*row]).collect();
        for i in 0..n {
            x[i] -= dot(&self.factors[i * n..i * n + i], &x[..i]);
        }
        for i in (0..n).rev() {
            let row = &self.factors[i * n..(i + 1) * n];
            x[i] = (x[i] - dot(&row[i + 1..], &x[i + 1..])) / row[i];
        }
        x
    }
}

/// Sum of products.
pub(crate) fn dot(a: &[f64], b: &[f64]) -> f64 {
    a.iter().zip(b).map(|(a, b)| a * b).sum()
}

/// `y += by x`.
pub(crate) fn add(y: &mut [f64], by: f64, x: &[f64]) {
    for (y, x) in y.iter_mut().zip(x) {
        *y += by * x;
    }
}

/// Eigenvalues of a symmetric matrix, rising, with their vectors.
#[derive(Debug, Clone)]
pub(crate) struct Eigen {
    /// The values.
    pub(crate) values: Vec<f64>,
    /// One unit vector in each row.
    pub(crate) vectors: Vec<f64>,
}

/// Eigenvalues of a symmetric matrix by reflections to three diagonals and rotations of those.
///
/// # Source
/// G. H. Golub and C. F. Van Loan, Matrix Computations, 4th edition, 2013, algorithms 8.3.1 and
/// 8.3.3.
pub(crate) fn eigen(n: usize, mut a: Vec<f64>) -> Eigen {
    let mut vectors = vec![0.0; n * n];
    for i in 0..n {
        vectors[i * n + i] = 1.0;
    }
    let mut sides = reflect(n, &mut a, &mut vectors);
    let mut values: Vec<f64> = (0..n).map(|i| a[i * n + i]).collect();
    for first in 0..n {
        // Rounding ends the iteration after two or three sweeps; the limit is never reached.
        for _ in 0..60 {
            let is_small = |m: &usize| {
                let scale = values[*m].abs() + values[*m + 1].abs();
                sides[*m].abs() <= f64::EPSILON * scale
            };
            let last = (first..n - 1).find(is_small).unwrap_or(n - 1);
            if last == first {
                break;
            }
            sweep(n, &mut values, &mut sides, &mut vectors, first, last);
        }
    }
    let mut order: Vec<usize> = (0..n).collect();
    order.sort_by(|i, j| values[*i].total_cmp(&values[*j]));
    Eigen {
        values: order.iter().map(|i| values[*i]).collect(),
        vectors: order
            .iter()
            .flat_map(|i| vectors[i * n..(i + 1) * n].iter().copied())
            .collect(),
    }
}

/// Makes three diagonals of `a` by reflections, which go into the rows of `vectors`; returns the
/// side diagonal, with a zero at its end.
fn reflect(n: usize, a: &mut [f64], vectors: &mut [f64]) -> Vec<f64> {
    let mut sides = vec![0.0; n];
    let (mut v, mut w) = (vec![0.0; n], vec![0.0; n]);
    for k in 0..n.saturating_sub(1) {
        for i in 0..n {
            v[i] = if i > k { a[i * n + k] } else { 0.0 };
        }
        let tail = dot(&v[k + 2..], &v[k + 2..]);
        if tail == 0.0 {
            sides[k] = v[k + 1];
            continue;
        }
        let norm = (tail + v[k + 1] * v[k + 1]).sqrt();
        let image = if v[k + 1] > 0.0 { -norm } else { norm };
        v[k + 1] -= image;
        sides[k] = image;
        let beta = 2.0 / (tail + v[k + 1] * v[k + 1]);
        for i in k..n {
            w[i] = beta * dot(&a[i * n + k + 1..(i + 1) * n], &v[k + 1..]);
        }
        let half = 0.5 * beta * dot(&w[k + 1..], &v[k + 1..]);
        for i in k..n {
            w[i] -= half * v[i];
        }
        for i in k..n {
            let (vi, wi) = (v[i], w[i]);
            let row = &mut a[i * n..(i + 1) * n];
            for j in k..n {
                row[j] -= vi * w[j] + wi * v[j];
            }
        }
        let mut mean = vec![0.0; n];
        for i in k + 1..n {
            add(&mut mean, beta * v[i], &vectors[i * n..(i + 1) * n]);
        }
        for i in k + 1..n {
            add(&mut vectors[i * n..(i + 1) * n], -v[i], &mean);
        }
    }
    sides
}

/// One sweep of rotations with Wilkinson's shift over the rows from `first` to `last`.
fn sweep(
    n: usize,
    values: &mut [f64],
    sides: &mut [f64],
    vectors: &mut [f64],
    first: usize,
    last: usize,
) {
    let slope = (values[first + 1] - values[first]) / (2.0 * sides[first]);
    let root = slope.hypot(1.0).copysign(slope);
    let mut g = values[last] - values[first] + sides[first] / (slope + root);
    let (mut sine, mut cosine, mut shift) = (1.0, 1.0, 0.0);
    for i in (first..last).rev() {
        let (f, b) = (sine * sides[i], cosine * sides[i]);
        let r = f.hypot(g);
        sides[i + 1] = r;
        if r == 0.0 {
            values[i + 1] -= shift;
            sides[last] = 0.0;
            return;
        }
        sine = f / r;
        cosine = g / r;
        g = values[i + 1] - shift;
        let turn = (values[i] - g) * sine + 2.0 * cosine * b;
        shift = sine * turn;
        values[i + 1] = g + shift;
        g = cosine * turn - b;
        let (low, high) = vectors[i * n..(i + 2) * n].split_at_mut(n);
        for (low, high) in low.iter_mut().zip(high) {
            let f = *high;
            *high = sine * *low + cosine * f;
            *low = cosine * *low - sine * f;
        }
    }
    values[first] -= shift;
    sides[first] = g;
    sides[last] = 0.0;
}

#[cfg(test)]
mod tests {
    use super::*;

    fn random(n: usize) -> Vec<f64> {
        let mut state = 1_u64;
        let mut next = || {
            state = state
                .wrapping_mul(6_364_136_223_846_793_005)
                .wrapping_add(1);
            (state >> 11) as f64 / (1_u64 << 53) as f64 - 0.5
        };
        (0..n * n).map(|_| next()).collect()
    }

    #[test]
    fn triangles_solve_what_they_came_from() {
        let n = 23;
        let a = random(n);
        let x: Vec<f64> = (0..n).map(|i| i as f64 - 3.5).collect();
        let b: Vec<f64> = a.chunks(n).map(|row| dot(row, &x)).collect();
        let found = Lu::new(n, a).expect("a random matrix").solve(&b);
        for (found, x) in found.iter().zip(&x) {
            // Rounding times the condition of a random matrix.
            assert!((found - x).abs() < 1e-10, "{found} {x}");
        }
        assert!(Lu::new(2, vec![1.0, 2.0, 2.0, 4.0]).is_none());
    }

    #[test]
    fn eigenvectors_are_orthonormal_and_diagonalise() {
        for n in [1, 2, 3, 40] {
            let half = random(n);
            let a: Vec<f64> = (0..n * n)
                .map(|at| half[at] + half[(at % n) * n + at / n])
                .collect();
            let of = eigen(n, a.clone());
            assert!(of.values.windows(2).all(|w| w[0] <= w[1]));
            for i in 0..n {
                let v = &of.vectors[i * n..(i + 1) * n];
                for j in 0..n {
                    let other = &of.vectors[j * n..(j + 1) * n];
                    let unit = f64::from(u8::from(i == j));
                    assert!((dot(v, other) - unit).abs() < 1e-13);
                    let image = dot(&a[j * n..(j + 1) * n], v);
                    assert!((image - of.values[i] * v[j]).abs() < 1e-12);
                }
            }
        }
    }

    #[test]
    fn eigenvalues_of_a_chain_are_cosines() {
        let n = 30;
        let mut a = vec![0.0; n * n];
        for i in 0..n {
            a[i * n + i] = 2.0;
            if i + 1 < n {
                a[i * n + i + 1] = -1.0;
                a[(i + 1) * n + i] = -1.0;
            }
        }
        for (k, value) in eigen(n, a).values.iter().enumerate() {
            let angle = (k + 1) as f64 * std::f64::consts::PI / (n + 1) as f64;
            assert!((value - (2.0 - 2.0 * angle.cos())).abs() < 1e-13);
        }
    }
}
