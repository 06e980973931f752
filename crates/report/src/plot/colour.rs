//! Colours of numbers: equal steps of a number look like equal steps of colour.

use plotters::style::RGBColor;

/// Anchors of the scale in Oklab: lightness, green to red, blue to yellow. Lightness rises evenly,
/// and the hue goes from deep blue over violet and orange to pale yellow, which people with any
/// kind of colour vision see as a rise.
const ANCHORS: [[f64; 3]; 6] = [
    [0.18, 0.010, -0.080],
    [0.335, 0.085, -0.130],
    [0.49, 0.165, -0.045],
    [0.645, 0.150, 0.085],
    [0.80, 0.045, 0.140],
    [0.955, -0.020, 0.085],
];

/// The colour of a share between zero and one.
///
/// # Source
/// B. Ottosson, "A perceptual color space for image processing", 2020, for the space.
pub(super) fn uniform(share: f64) -> RGBColor {
    let [l, a, b] = lab(share);
    // Cube roots of the responses of the eye, and their mixtures to linear red, green and blue.
    let long = (l + 0.396_337_777_4 * a + 0.215_803_757_3 * b).powi(3);
    let medium = (l - 0.105_561_345_8 * a - 0.063_854_172_8 * b).powi(3);
    let short = (l - 0.089_484_177_5 * a - 1.291_485_548 * b).powi(3);
    let red = 4.076_741_662_1 * long - 3.307_711_591_3 * medium + 0.230_969_929_2 * short;
    let green = -1.268_438_004_6 * long + 2.609_757_401_1 * medium - 0.341_319_396_5 * short;
    let blue = -0.004_196_086_3 * long - 0.703_418_614_7 * medium + 1.707_614_701 * short;
    RGBColor(byte(red), byte(green), byte(blue))
}

/// Whether light text is read better on the colour of a share.
pub(super) fn is_dark(share: f64) -> bool {
    lab(share)[0] < 0.68
}

fn lab(share: f64) -> [f64; 3] {
    let n = ANCHORS.len() - 1;
    let place = share.clamp(0.0, 1.0) * n as f64;
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "between zero and the number of anchors"
    )]
    let first = (place as usize).min(n - 1);
    let within = place - first as f64;
    // A smooth curve through the anchors: each is left along the line between its neighbours.
    let at = |idx: usize, part: usize| ANCHORS[idx.min(n)][part];
    let mut mixed = [0.0; 3];
    for (part, mixed) in mixed.iter_mut().enumerate() {
        let (from, to) = (at(first, part), at(first + 1, part));
        let before = if first == 0 {
            2.0 * from - to
        } else {
            at(first - 1, part)
        };
        let behind = if first + 2 > n {
            2.0 * to - from
        } else {
            at(first + 2, part)
        };
        let (leave, reach) = (0.5 * (to - before), 0.5 * (behind - from));
        let (t, t2, t3) = (within, within.powi(2), within.powi(3));
        *mixed = (2.0 * t3 - 3.0 * t2 + 1.0) * from
            + (t3 - 2.0 * t2 + t) * leave
            + (3.0 * t2 - 2.0 * t3) * to
            + (t3 - t2) * reach;
    }
    mixed
}

/// A linear share of light as a byte, by the transfer function of sRGB (IEC 61966-2-1).
fn byte(linear: f64) -> u8 {
    let linear = linear.clamp(0.0, 1.0);
    let shown = if linear <= 0.003_130_8 {
        12.92 * linear
    } else {
        1.055 * linear.powf(1.0 / 2.4) - 0.055
    };
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "between zero and 255"
    )]
    let byte = (255.0 * shown).round() as u8;
    byte
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn white_and_black_of_the_space_are_white_and_black() {
        assert_eq!([byte(0.0), byte(1.0), byte(0.215_860_5)], [0, 255, 128]);
    }

    #[test]
    fn lightness_rises_evenly() {
        let n = 100;
        let light: Vec<f64> = (0..=n)
            .map(|i| lab(f64::from(i) / f64::from(n))[0])
            .collect();
        let even = (light[light.len() - 1] - light[0]) / f64::from(n);
        for pair in light.windows(2) {
            assert!((pair[1] - pair[0] - even).abs() < 1e-9, "{pair:?}");
        }
    }

    #[test]
    fn equal_steps_look_alike() {
        let n = 100;
        let places: Vec<[f64; 3]> = (0..=n).map(|i| lab(f64::from(i) / f64::from(n))).collect();
        let steps: Vec<f64> = places
            .windows(2)
            .map(|w| {
                (0..3)
                    .map(|k| (w[1][k] - w[0][k]).powi(2))
                    .sum::<f64>()
                    .sqrt()
            })
            .collect();
        let least = steps.iter().copied().fold(f64::INFINITY, f64::min);
        let most = steps.iter().copied().fold(0.0, f64::max);
        assert!(most < 1.6 * least, "{least} {most}");
    }
}
