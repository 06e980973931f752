//! Small dense matrices, row-major: exponential, products, Cholesky factor.

/// Largest norm for which the Taylor series is summed directly.
const TAYLOR_NORM: f64 = 0.25;
/// Degree of the Taylor series: the remainder is about `0.25^14 / 14!`, 4e-20.
pub(super) const TAYLOR_DEGREE: usize = 13;

/// Largest absolute row sum of an `n x n` matrix.
fn norm(a: &[f64], n: usize) -> f64 {
    a.chunks_exact(n)
        .map(|row| row.iter().map(|x| x.abs()).sum::<f64>())
        .fold(0.0, f64::max)
}

/// Number of halvings that bring `norm(a)` below [`TAYLOR_NORM`].
pub(super) fn halvings(a: &[f64], n: usize) -> i32 {
    let mut size = norm(a, n);
    let mut count = 0;
    while size > TAYLOR_NORM {
        size /= 2.0;
        count += 1;
    }
    count
}

/// Product of two `n x n` matrices.
pub(super) fn product(a: &[f64], b: &[f64], n: usize) -> Vec<f64> {
    let mut c = vec![0.0; n * n];
    for (row, out) in a.chunks_exact(n).zip(c.chunks_exact_mut(n)) {
        for (&x, b_row) in row.iter().zip(b.chunks_exact(n)) {
            for (o, &y) in out.iter_mut().zip(b_row) {
                *o += x * y;
            }
        }
    }
    c
}

/// Transpose of an `n x n` matrix.
pub(super) fn transpose(a: &[f64], n: usize) -> Vec<f64> {
    (0..n * n).map(|k| a[(k % n) * n + k / n]).collect()
}

/// `exp(a)` of an `n x n` matrix, by scaling and squaring.
///
/// # Source
/// C. Moler and C. Van Loan, Nineteen dubious ways to compute the exponential of a matrix,
/// twenty-five years later, SIAM Review 45 (2003), method 3 with a Taylor series.
pub(super) fn exponential(a: &[f64], n: usize) -> Vec<f64> {
    let count = halvings(a, n);
    let scale = 2f64.powi(-count);
    let scaled: Vec<f64> = a.iter().map(|x| x * scale).collect();
    let mut sum = identity(n);
    for k in (1..=TAYLOR_DEGREE).rev() {
        sum = product(&scaled, &sum, n);
        for x in &mut sum {
            *x /= k as f64;
        }
        for i in 0..n {
            sum[i * n + i] += 1.0;
        }
    }
    for _ in 0..count {
        sum = product(&sum, &sum, n);
    }
    sum
}

fn identity(n: usize) -> Vec<f64> {
    (0..n * n)
        .map(|k| f64::from(u8::from(k % (n + 1) == 0)))
        .collect()
}

/// Lower triangle `L` of a symmetric positive definite matrix `L L^T`.
#[derive(Debug)]
pub(super) struct Cholesky {
    lower: Vec<f64>,
    n: usize,
}

impl Cholesky {
    /// Factors the Toeplitz matrix whose first column is given.
    ///
    /// # Errors
    /// The first pivot that is not positive.
    pub(super) fn of_toeplitz(column: &[f64]) -> Result<Self, f64> {
        let n = column.len();
        let mut lower = vec![0.0; n * n];
        for i in 0..n {
            for j in 0..=i {
                let (head, tail) = lower.split_at(i * n);
                let row_j = if j < i {
                    &head[j * n..j * n + j]
                } else {
                    &tail[..j]
                };
                let dot: f64 = tail[..j].iter().zip(row_j).map(|(x, y)| x * y).sum();
                let rest = column[i - j] - dot;
                lower[i * n + j] = if i > j {
                    rest / lower[j * n + j]
                } else if rest > 0.0 {
                    rest.sqrt()
                } else {
                    return Err(rest);
                };
            }
        }
        Ok(Self { lower, n })
    }

    /// Solves `L z = b`.
    pub(super) fn forward(&self, b: &[f64]) -> Vec<f64> {
        let mut z: Vec<f64> = Vec::with_capacity(self.n);
        for (i, row) in self.lower.chunks_exact(self.n).enumerate() {
            let dot: f64 = row.iter().zip(&z).map(|(l, x)| l * x).sum();
            z.push((b[i] - dot) / row[i]);
        }
        z
    }

    /// Solves `L^T x = z`.
    pub(super) fn backward(&self, z: &[f64]) -> Vec<f64> {
        let n = self.n;
        let mut x = z.to_vec();
        for i in (0..n).rev() {
            x[i] /= self.lower[i * n + i];
            let (head, tail) = x.split_at_mut(i);
            for (xj, l) in head.iter_mut().zip(&self.lower[i * n..]) {
                *xj -= l * tail[0];
            }
        }
        x
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A rotation by 3 rad and a decay by e^-40: closed forms.
    #[test]
    fn exponential_of_rotation_and_decay() {
        let e = exponential(&[0.0, -3.0, 3.0, 0.0], 2);
        // Rounding grows with the number of squarings (4): 1e-14 leaves a factor of ten.
        for (x, y) in e
            .iter()
            .zip([3f64.cos(), -3f64.sin(), 3f64.sin(), 3f64.cos()])
        {
            assert!((x - y).abs() < 1e-14, "{x} {y}");
        }
        let decay = exponential(&[-40.0], 1)[0];
        assert!((decay / (-40f64).exp() - 1.0).abs() < 1e-12);
    }

    #[test]
    fn cholesky_solves_its_own_system() {
        let column = [2.0, -0.7, 0.3, 0.05];
        let factor = Cholesky::of_toeplitz(&column).unwrap();
        let wanted = [1.0, -2.0, 0.5, 3.0];
        let b: Vec<f64> = (0..4usize)
            .map(|i| (0..4).map(|j| column[i.abs_diff(j)] * wanted[j]).sum())
            .collect();
        let x = factor.backward(&factor.forward(&b));
        for (x, y) in x.iter().zip(wanted) {
            assert!((x - y).abs() < 1e-13);
        }
        assert!(Cholesky::of_toeplitz(&[1.0, 2.0]).is_err());
    }
}
