//! Heaters of rings that stand in a row: the heat that neighbours give each other, and which ring of
//! a bus is tuned to which channel.
//!
//! A heater only shifts to longer wavelengths. It shifts the two rings beside its own by a share `x`
//! of what it shifts its own; farther ones see nothing, as no data on them are at hand. With all
//! powers counted by what they do to their own ring, the rings of a row need
//! `P_i + x (P_(i-1) + P_(i+1)) = A_i`, where `A_i` is what heater `i` would need alone.

/// The heater of one ring of a row.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct RowHeater {
    /// Power that it would need alone, W; any sign.
    pub alone_w: f64,
    /// Least and greatest power that it can have, W; equal ones of a heater that is held.
    pub low_w: f64,
    /// See above.
    pub high_w: f64,
}

impl RowHeater {
    /// One whose power nobody changes.
    pub const fn held(watts: f64) -> Self {
        Self {
            alone_w: watts,
            low_w: watts,
            high_w: watts,
        }
    }

    /// Whether nobody changes its power.
    #[expect(clippy::float_cmp, reason = "a held power is both of its limits")]
    pub fn is_held(&self) -> bool {
        self.low_w == self.high_w
    }
}

/// Change of a power, W, below which a row has settled.
const SETTLED_W: f64 = 1e-12;

/// A share of 1/4 halves the error in each sweep: from a watt to [`SETTLED_W`] in 40.
const MAX_SWEEPS: usize = 64;

/// What the neighbours of a heater do for its ring, as power of its own heater, W.
#[inline]
pub fn from_neighbours_w(share: f64, powers_w: &[f64], ring: usize) -> f64 {
    let before = if ring > 0 { powers_w[ring - 1] } else { 0.0 };
    share * (before + powers_w.get(ring + 1).copied().unwrap_or(0.0))
}

/// Powers at which every heater of a row gives its ring what its neighbours do not, or stands at its
/// limit; `powers_w` holds a guess, and has as many places as the row.
///
/// Gauss-Seidel sweeps with every power kept within its limits. For a share of up to 1/4 a sweep
/// divides the error by two or more, so there is one solution, and it is found from any guess; where
/// no heater stands at a limit it is that of the linear equations.
pub fn settle_row(share: f64, row: &[RowHeater], powers_w: &mut [f64]) {
    for _ in 0..MAX_SWEEPS {
        let mut moved_w: f64 = 0.0;
        for (ring, heater) in row.iter().enumerate() {
            let asked_w = heater.alone_w - from_neighbours_w(share, powers_w, ring);
            let power_w = asked_w.clamp(heater.low_w, heater.high_w);
            moved_w = moved_w.max((power_w - powers_w[ring]).abs());
            powers_w[ring] = power_w;
        }
        if moved_w <= SETTLED_W {
            return;
        }
    }
}

/// Whether a heater of a settled row gives its ring what it needs. One that is held does so by
/// chance only, and is not asked.
pub fn holds(share: f64, row: &[RowHeater], powers_w: &[f64], ring: usize) -> bool {
    let heater = &row[ring];
    let asked_w = heater.alone_w - from_neighbours_w(share, powers_w, ring);
    heater.is_held() || (heater.low_w - SETTLED_W..=heater.high_w + SETTLED_W).contains(&asked_w)
}

/// The channel of a ring when every ring of its bus serves the one that is `steps` on from its own,
/// and by how much farther it then has to be tuned, m.
///
/// Channels and rings are in rising order of wavelength, and ring `i` is made for channel `i`. A
/// ring that would leave the channels on one side serves them from the other through its next order,
/// one free spectral range away.
pub fn barrel_shift(channels_m: &[f64], fsr_m: f64, ring: usize, steps: i32) -> (usize, f64) {
    let n = i64::try_from(channels_m.len()).unwrap_or(i64::MAX);
    let on = i64::try_from(ring).unwrap_or(i64::MAX) + i64::from(steps);
    let channel = usize::try_from(on.rem_euclid(n)).unwrap_or(0);
    let orders = on.div_euclid(n) as f64;
    let shift_m = channels_m[channel] + orders * fsr_m - channels_m[ring];
    (channel, shift_m)
}

/// A bus whose rings may serve other channels than their own.
#[derive(Debug, Clone, Copy)]
pub struct Bus<'a> {
    /// Wavelengths, rising, m.
    pub channels_m: &'a [f64],
    /// Free spectral range of its rings, m.
    pub fsr_m: f64,
    /// Shift by a heater, m/W.
    pub m_per_w: f64,
    /// Share of it that a neighbour sees.
    pub share: f64,
}

impl Bus<'_> {
    /// By how many channels the rings have to be shifted so that all of them hold, with the least
    /// power; of equal powers the least shift. None where no shift lets all of them hold.
    ///
    /// `own_w` is what a ring needs alone for each channel that is its own, and `rings` are the limits
    /// of each ring's heater.
    pub fn least_power(&self, own_w: &[f64], rings: &[RowHeater]) -> Option<i32> {
        let n = i32::try_from(rings.len()).unwrap_or(0);
        let mut best: Option<(f64, i32)> = None;
        let (mut row, mut powers_w) = (rings.to_vec(), vec![0.0; rings.len()]);
        // 0, 1, -1, 2, -2 and so on.
        for step in 0..=2 * n {
            let steps = if step % 2 == 1 {
                step / 2 + 1
            } else {
                -step / 2
            };
            for (ring, heater) in row.iter_mut().enumerate() {
                let (channel, shift_m) = barrel_shift(self.channels_m, self.fsr_m, ring, steps);
                heater.alone_w = own_w[channel] + shift_m / self.m_per_w;
            }
            settle_row(self.share, &row, &mut powers_w);
            let total_w: f64 = powers_w.iter().sum();
            let is_less = best.is_none_or(|(least_w, _)| total_w < least_w - SETTLED_W);
            if is_less && (0..row.len()).all(|ring| holds(self.share, &row, &powers_w, ring)) {
                best = Some((total_w, steps));
            }
        }
        best.map(|(_, steps)| steps)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn free(alone_w: f64) -> RowHeater {
        RowHeater {
            alone_w,
            low_w: 0.0,
            high_w: 40e-3,
        }
    }

    #[test]
    fn two_and_three_rings_settle_where_the_equations_are_solved() {
        let (a, b, x) = (10e-3, 5e-3, 0.1);
        let mut powers = [0.0; 2];
        settle_row(x, &[free(a), free(b)], &mut powers);
        // Cramer's rule.
        assert!((powers[0] - (a - x * b) / (1.0 - x * x)).abs() < 1e-11);
        assert!((powers[1] - (b - x * a) / (1.0 - x * x)).abs() < 1e-11);
        // Three that need the same: the ends P, the middle A - 2 x P with P + x (A - 2 x P) = A.
        let mut powers = [40e-3, 0.0, 40e-3];
        settle_row(0.25, &[free(a); 3], &mut powers);
        let end = a * (1.0 - 0.25) / (1.0 - 2.0 * 0.25 * 0.25);
        assert!((powers[0] - end).abs() < 1e-11 && (powers[2] - end).abs() < 1e-11);
        assert!((powers[1] - (a - 0.5 * end)).abs() < 1e-11);
    }

    #[test]
    fn a_heater_at_its_limit_stays_there_and_its_ring_is_not_held() {
        // The neighbour alone shifts ring 1 by more than it needs.
        let row = [free(10e-3), free(0.5e-3)];
        let mut powers = [0.0; 2];
        settle_row(0.1, &row, &mut powers);
        assert!((powers[0] - 10e-3).abs() < 1e-11 && powers[1] == 0.0);
        assert!(holds(0.1, &row, &powers, 0) && !holds(0.1, &row, &powers, 1));
        // Beside an open heater a ring pays for itself.
        let row = [RowHeater::held(0.0), free(10e-3)];
        settle_row(0.1, &row, &mut powers);
        assert!(powers[0] == 0.0 && (powers[1] - 10e-3).abs() < 1e-11);
    }

    /// Sixteen channels 1.1 nm apart, rings of 21 nm, 0.12 nm/mW.
    fn channels() -> Vec<f64> {
        (0..16).map(|i| 1.3e-6 + 1.1e-9 * f64::from(i)).collect()
    }

    #[test]
    fn rings_serve_the_next_channel_and_the_last_one_the_first() {
        let channels = channels();
        let (channel, shift_m) = barrel_shift(&channels, 21e-9, 3, 2);
        assert!(channel == 5 && (shift_m - 2.2e-9).abs() < 1e-15);
        // From its next shorter order: 21 nm less the 15 spacings down.
        let (channel, shift_m) = barrel_shift(&channels, 21e-9, 15, 1);
        assert!(channel == 0 && (shift_m - 4.5e-9).abs() < 1e-15);
        let (channel, shift_m) = barrel_shift(&channels, 21e-9, 0, -1);
        assert!(channel == 15 && (shift_m + 4.5e-9).abs() < 1e-15);
    }

    #[test]
    fn the_least_power_that_holds_every_ring_is_found() {
        let channels = channels();
        let bus = Bus {
            channels_m: &channels,
            fsr_m: 21e-9,
            m_per_w: 0.12e-6,
            share: 0.05,
        };
        let at = |alone_w: f64| bus.least_power(&[alone_w; 16], &[free(0.0); 16]);
        // Where each holds its own, nobody pays for more.
        assert_eq!(at(3e-3), Some(0));
        // Too warm for the own channel: the next one.
        assert_eq!(at(-3e-3), Some(1));
        assert_eq!(at(-12e-3), Some(2));
        // Too cold: one back.
        assert_eq!(at(46e-3), Some(-1));
        // Rings whose orders lie too far apart for their heaters cannot be shifted.
        let far = Bus {
            fsr_m: 40e-9,
            ..bus
        };
        assert_eq!(far.least_power(&[-3e-3; 16], &[free(0.0); 16]), None);
    }
}
