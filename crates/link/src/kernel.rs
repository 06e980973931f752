//! Branch-free normal tails that compilers turn into vector code.

use std::f64::consts::{FRAC_1_SQRT_2, LOG2_E};

/// Adding this rounds a small number to an integer held in the lowest bits.
const ROUNDING: f64 = 6_755_399_441_055_744.0;
/// ln 2 in two parts, the first with trailing zeros, so that a product with an integer is exact.
const LN_2_HIGH: f64 = 0.693_147_180_369_123_8;
const LN_2_LOW: f64 = 1.908_214_929_270_587_7e-10;
/// Largest argument, in units of sigma; the tail there is about 1e-306 and stands for all beyond.
const LARGEST: f64 = 37.4;

/// `(1 + 2 z) exp(z^2) erfc(z)` as a polynomial in `t = (z - 4)/(z + 4)`, lowest power first:
/// Chebyshev coefficients computed with 60 digits and converted to powers. Relative error below
/// 2e-11 for all z from zero up.
///
/// The form is that of M. M. Shepherd, J. G. Laframboise, "Chebyshev approximation of
/// (1 + 2x) exp(x^2) erfc x in 0 <= x < infinity", Mathematics of Computation 36 (1981) 249-253.
const SCALED_TAIL: [f64; 16] = [
    1.232_995_118_611_571,
    -0.139_621_116_719_021_94,
    0.015_379_653_887_989_312,
    0.068_097_048_368_064_2,
    -0.101_039_103_405_888_69,
    0.093_732_918_375_498_24,
    -0.066_330_068_279_281_98,
    0.037_166_983_197_371_065,
    -0.016_198_894_296_806_057,
    0.005_033_784_041_064_152,
    -0.000_755_329_394_228_758,
    -0.000_202_803_450_267_124,
    0.000_147_805_705_192_141_18,
    -2.035_933_277_070_887_3e-05,
    -9.599_294_957_067_414e-06,
    3.129_074_511_428_275e-06,
];

/// Inverse factorials, lowest power first: the exponential series to `r^9`, with a relative error
/// below 8e-12 up to half of ln 2.
const EXPONENTIAL: [f64; 10] = [
    1.0,
    1.0,
    0.5,
    0.166_666_666_666_666_66,
    0.041_666_666_666_666_664,
    0.008_333_333_333_333_333,
    0.001_388_888_888_888_889,
    0.000_198_412_698_412_698_4,
    2.480_158_730_158_73e-5,
    2.755_731_922_398_589_3e-6,
];

/// Numbers that are worked on together: enough independent chains to fill the units of a core.
const WIDTH: usize = 8;

/// Upper tails of the standard normal distribution: relative error below 5e-11 up to x = 37.4,
/// constant (1e-306) beyond.
///
/// Each step is a loop over a short array, which the compiler turns into vector code for
/// whatever the target offers.
#[inline]
pub(crate) fn normal_tails<const N: usize>(x: &[f64; N]) -> [f64; N] {
    let mut t = [0.0; N];
    let mut factor = [0.0; N];
    let mut r = [0.0; N];
    for i in 0..N {
        let z = x[i].abs().min(LARGEST) * FRAC_1_SQRT_2;
        let (sum, linear) = (z + 4.0, 1.0 + 2.0 * z);
        let inverse = 0.5 / (sum * linear);
        t[i] = 2.0 * (z - 4.0) * linear * inverse;
        // exp(-z^2) = 2^n exp(r), with |r| below ln 2 / 2.
        let rounded = -z * z * LOG2_E + ROUNDING;
        let n = rounded - ROUNDING;
        r[i] = (-z * z - n * LN_2_HIGH) - n * LN_2_LOW;
        factor[i] = f64::from_bits(rounded.to_bits().wrapping_add(1023) << 52) * (sum * inverse);
    }
    let scaled = horner(&SCALED_TAIL, &t);
    let exponential = horner(&EXPONENTIAL, &r);
    let mut tail = [0.0; N];
    for i in 0..N {
        let upper = exponential[i] * factor[i] * scaled[i];
        tail[i] = if x[i] < 0.0 { 1.0 - upper } else { upper };
    }
    tail
}

#[inline]
fn horner<const DEGREE: usize, const N: usize>(
    coefficients: &[f64; DEGREE],
    x: &[f64; N],
) -> [f64; N] {
    let mut sum = [coefficients[DEGREE - 1]; N];
    for c in coefficients[..DEGREE - 1].iter().rev() {
        for i in 0..N {
            sum[i] = sum[i] * x[i] + c;
        }
    }
    sum
}

/// `SUM Q(base + slope d)` over the offsets, in interleaved partial sums. Blocks of offsets whose
/// arguments all exceed `cutoff` are left out.
#[inline]
pub(crate) fn sum_of_tails(base: f64, slope: f64, offsets: &[f64], cutoff: f64) -> f64 {
    let mut partial = [0.0; WIDTH];
    let (blocks, rest) = offsets.as_chunks::<WIDTH>();
    for block in blocks {
        let arguments = block.map(|d| base + slope * d);
        if arguments.iter().all(|&x| x > cutoff) {
            continue;
        }
        let tails = normal_tails(&arguments);
        for i in 0..WIDTH {
            partial[i] += tails[i];
        }
    }
    let mut last = [f64::INFINITY; WIDTH];
    for (x, d) in last.iter_mut().zip(rest) {
        *x = base + slope * d;
    }
    let mut sum: f64 = partial.iter().sum();
    if !rest.is_empty() {
        sum += normal_tails(&last)[..rest.len()].iter().sum::<f64>();
    }
    sum
}

#[cfg(test)]
mod tests {
    use super::*;

    fn normal_tail(x: f64) -> f64 {
        normal_tails(&[x])[0]
    }

    #[test]
    fn tails_agree_with_the_library_function() {
        let mut worst = 0.0f64;
        for i in 0..74_000 {
            let x = f64::from(i) * 5e-4;
            let exact = units::special::normal_tail(x);
            worst = worst.max((normal_tail(x) / exact - 1.0).abs());
            // The same error, and two roundings near one.
            assert!((normal_tail(-x) + exact - 1.0).abs() < 5e-11 * exact + 4.5e-16);
        }
        assert!(worst < 5e-11, "{worst:e}");
        assert!(normal_tail(1e9) > 0.0 && normal_tail(f64::INFINITY) < 1e-300);
        assert!((normal_tail(f64::NEG_INFINITY) - 1.0).abs() < 1e-15);
    }

    #[test]
    fn sums_do_not_depend_on_the_block_size() {
        let offsets: Vec<f64> = (0..11).map(|i| f64::from(i) * 0.1).collect();
        for n in 0..offsets.len() {
            let plain: f64 = offsets[..n]
                .iter()
                .map(|d| normal_tail(2.0 + 0.5 * d))
                .sum();
            assert!((sum_of_tails(2.0, 0.5, &offsets[..n], f64::INFINITY) - plain).abs() < 1e-15);
        }
    }
}
