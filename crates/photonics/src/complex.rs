//! Complex numbers, as far as field transfer functions need them.

use std::ops::{Add, Div, Mul, Neg, Sub};

/// A complex number. Fields vary as `exp(+j w t)`, so a wave that travels a distance `z` takes
/// the factor `exp(-j beta z)`.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct Complex {
    /// Real part.
    pub re: f64,
    /// Imaginary part.
    pub im: f64,
}

impl Complex {
    /// Zero.
    pub const ZERO: Self = Self::new(0.0, 0.0);
    /// One.
    pub const ONE: Self = Self::new(1.0, 0.0);
    /// The imaginary unit.
    pub const J: Self = Self::new(0.0, 1.0);

    /// From real and imaginary part.
    pub const fn new(re: f64, im: f64) -> Self {
        Self { re, im }
    }
    /// A real number.
    pub const fn real(re: f64) -> Self {
        Self::new(re, 0.0)
    }
    /// From modulus and argument in radians.
    pub fn polar(modulus: f64, argument: f64) -> Self {
        Self::new(modulus * argument.cos(), modulus * argument.sin())
    }
    /// The complex conjugate.
    #[must_use]
    pub const fn conj(self) -> Self {
        Self::new(self.re, -self.im)
    }
    /// The squared modulus.
    pub fn norm_sqr(self) -> f64 {
        self.re * self.re + self.im * self.im
    }
    /// The modulus.
    pub fn norm(self) -> f64 {
        self.re.hypot(self.im)
    }
    /// The argument in radians, in (-pi, pi].
    pub fn arg(self) -> f64 {
        self.im.atan2(self.re)
    }
    /// The exponential.
    #[must_use]
    pub fn exp(self) -> Self {
        Self::polar(self.re.exp(), self.im)
    }
}

impl Add for Complex {
    type Output = Self;
    fn add(self, rhs: Self) -> Self {
        Self::new(self.re + rhs.re, self.im + rhs.im)
    }
}
impl Sub for Complex {
    type Output = Self;
    fn sub(self, rhs: Self) -> Self {
        Self::new(self.re - rhs.re, self.im - rhs.im)
    }
}
impl Neg for Complex {
    type Output = Self;
    fn neg(self) -> Self {
        Self::new(-self.re, -self.im)
    }
}
impl Mul for Complex {
    type Output = Self;
    fn mul(self, rhs: Self) -> Self {
        Self::new(
            self.re * rhs.re - self.im * rhs.im,
            self.re * rhs.im + self.im * rhs.re,
        )
    }
}
impl Mul<f64> for Complex {
    type Output = Self;
    fn mul(self, rhs: f64) -> Self {
        Self::new(self.re * rhs, self.im * rhs)
    }
}
impl Div for Complex {
    type Output = Self;
    fn div(self, rhs: Self) -> Self {
        let scale = 1.0 / rhs.norm_sqr();
        self * rhs.conj() * scale
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn field_operations() {
        let a = Complex::new(1.0, -2.0);
        let b = Complex::new(-0.5, 3.0);
        assert!((a * b / b - a).norm() < 1e-15);
        assert!((Complex::J * Complex::J + Complex::ONE).norm() < 1e-15);
        // exp(j pi) = -1.
        let euler = (Complex::J * std::f64::consts::PI).exp();
        assert!((euler + Complex::ONE).norm() < 1e-15);
    }
}
