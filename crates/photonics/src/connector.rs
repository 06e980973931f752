//! Fibre connectors: loss from lateral offset, and interference between their reflections.

use units::{Decibels, Meters, Ratio};

use crate::error::{DeviceError, check, check_non_negative, check_positive};

/// Loss of a mated pair whose fibre cores are offset by independent normal errors on both axes.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct OffsetLoss {
    /// Mode field diameter of both fibres.
    pub mode_field_diameter: Meters,
    /// Standard deviation of the offset on each axis.
    pub offset_sigma: Meters,
    /// Loss that does not depend on the offset.
    pub residual_loss: Decibels,
}

impl OffsetLoss {
    /// Mean loss, `residual + (10 / ln 10) 2 sigma^2 / w^2`, because the loss in decibels is
    /// proportional to the squared offset.
    ///
    /// # Errors
    /// A mode field diameter that is not positive or a negative spread.
    pub fn mean(&self) -> Result<Decibels, DeviceError> {
        Ok(self.residual_loss + self.per_variance()? * 2.0)
    }

    /// Loss that the fraction `p` of connectors does not exceed:
    /// the squared offset is exponential with mean `2 sigma^2`.
    ///
    /// # Errors
    /// As [`OffsetLoss::mean`], or `p` outside `[0, 1)`.
    pub fn quantile(&self, p: Ratio) -> Result<Decibels, DeviceError> {
        check("probability", p.value(), (0.0, 1.0 - f64::EPSILON), "")?;
        Ok(self.residual_loss + self.per_variance()? * (-2.0 * (-p.value()).ln_1p()))
    }

    /// Loss per unit of `d^2 / sigma^2`.
    fn per_variance(&self) -> Result<Decibels, DeviceError> {
        check_positive("mode field diameter", self.mode_field_diameter.value(), "m")?;
        check_non_negative("offset spread", self.offset_sigma.value(), "m")?;
        let relative = 2.0 * self.offset_sigma.value() / self.mode_field_diameter.value();
        Ok(Decibels::from_transmission((-relative * relative).exp()))
    }
}

/// A reflection in a chain, with the loss from it to the next one.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Reflector {
    /// Reflected over incident power; negative decibels.
    pub reflectance: Decibels,
    /// One-way loss from this reflector to the next one, the reflector's own included.
    pub loss_to_next: Decibels,
}

/// Power of every doubly reflected path relative to the signal, `x = R_i R_j T_ij^2`, in the
/// order (0,1), (0,2), ..., (1,2), ...
///
/// `T_ij` is the one-way power transmission between the two reflectors, passed twice more than by
/// the signal. `n (n - 1) / 2` entries; paths with four or more reflections are left out, being
/// smaller by another `R^2`.
///
/// # Errors
/// A reflectance above 0 dB or a negative loss.
pub fn interference_pairs(chain: &[Reflector]) -> Result<Vec<f64>, DeviceError> {
    for reflector in chain {
        check(
            "reflectance",
            reflector.reflectance.value(),
            (f64::MIN, 0.0),
            "dB",
        )?;
        check_non_negative(
            "loss between reflectors",
            reflector.loss_to_next.value(),
            "dB",
        )?;
    }
    let mut pairs = Vec::with_capacity(chain.len() * chain.len().saturating_sub(1) / 2);
    for (i, first) in chain.iter().enumerate() {
        let mut loss = first.loss_to_next;
        for second in &chain[i + 1..] {
            let level = first.reflectance + second.reflectance - 2.0 * loss;
            pairs.push(level.to_ratio());
            loss += second.loss_to_next;
        }
    }
    Ok(pairs)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::coupling::{GaussianMode, Medium, Misalignment, coupling};

    #[test]
    fn eight_connectors_make_28_pairs() {
        // 28 * 10^-7 = -55.53 dB.
        let reflector = Reflector {
            reflectance: Decibels::new(-35.0),
            loss_to_next: Decibels::new(0.0),
        };
        let pairs = interference_pairs(&[reflector; 8]).unwrap();
        assert_eq!(pairs.len(), 28);
        let total = Decibels::from_ratio(pairs.iter().sum());
        assert!((total.value() + 55.53).abs() < 0.005, "{total}");
    }

    #[test]
    fn loss_between_reflectors_counts_twice() {
        let reflector = |r: f64, loss: f64| Reflector {
            reflectance: Decibels::new(r),
            loss_to_next: Decibels::new(loss),
        };
        let pairs = interference_pairs(&[
            reflector(-30.0, 0.5),
            reflector(-40.0, 0.25),
            reflector(-35.0, 9.0),
        ])
        .unwrap();
        let db: Vec<_> = pairs
            .iter()
            .map(|&x| Decibels::from_ratio(x).value())
            .collect();
        for (actual, expected) in db.iter().zip([-71.0, -66.5, -75.5]) {
            assert!((actual - expected).abs() < 1e-12);
        }
        assert!(interference_pairs(&[reflector(1.0, 0.0)]).is_err());
    }

    #[test]
    fn loss_of_one_offset_is_the_gaussian_overlap() {
        let spread = OffsetLoss {
            mode_field_diameter: Meters::new(9.2e-6),
            offset_sigma: Meters::new(0.5e-6),
            residual_loss: Decibels::new(0.0),
        };
        // The median squared offset is 2 ln 2 sigma^2.
        let offset = 0.5e-6 * (2.0 * std::f64::consts::LN_2).sqrt();
        let mode = GaussianMode::circular(spread.mode_field_diameter);
        let moved = Misalignment {
            offset_y: Meters::new(offset),
            ..Misalignment::default()
        };
        let medium = Medium {
            wavelength: Meters::new(1310e-9),
            index: Ratio::new(1.45),
        };
        let loss = Decibels::from_transmission(coupling(&mode, &mode, &moved, medium).unwrap());
        let median = spread.quantile(Ratio::new(0.5)).unwrap();
        assert!((loss - median).value().abs() < 1e-12);
        assert!(spread.mean().unwrap() > median);
        assert!(spread.quantile(Ratio::new(1.0)).is_err());
    }
}
