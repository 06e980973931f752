//! Power splitters as trees of 1x2 stages.

use units::Decibels;

use crate::error::{DeviceError, check, check_non_negative};

/// A 1xN splitter. Where N is not a power of two the stages divide unevenly, so that every output
/// gets an equal share of the division; outputs at different depths differ by the excess losses.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct SplitterTree {
    /// Number of outputs, at least 1.
    pub outputs: usize,
    /// Loss of each 1x2 stage beyond the division.
    pub excess_loss: Decibels,
    /// Power difference between the two outputs of a stage beyond the wanted division.
    pub imbalance: Decibels,
}

impl SplitterTree {
    /// Number of stages on the longest path, `ceil(log2 N)`.
    ///
    /// # Errors
    /// There is no output or more than 65,536, or a loss is negative.
    pub fn stages(&self) -> Result<u32, DeviceError> {
        check(
            "number of splitter outputs",
            self.outputs as f64,
            (1.0, 65_536.0),
            "",
        )?;
        check_non_negative("excess loss", self.excess_loss.value(), "dB")?;
        check_non_negative("imbalance", self.imbalance.value(), "dB")?;
        Ok(self.outputs.next_power_of_two().ilog2())
    }

    /// Loss from the input to an output at full depth, `10 log10 N + ceil(log2 N) * excess`.
    ///
    /// # Errors
    /// As [`SplitterTree::stages`].
    pub fn mean_loss(&self) -> Result<Decibels, DeviceError> {
        let stages = f64::from(self.stages()?);
        Ok(Decibels::from_ratio(self.outputs as f64) + self.excess_loss * stages)
    }

    /// Transmission to each output, first the one that takes the strong branch of every stage.
    /// The sum is at most 1, and `10^(-stages excess / 10)` for a power of two.
    ///
    /// # Errors
    /// As [`SplitterTree::stages`].
    pub fn transmissions(&self) -> Result<Vec<f64>, DeviceError> {
        self.stages()?;
        let mut outputs = Vec::with_capacity(self.outputs);
        self.divide(self.outputs, 1.0, &mut outputs);
        Ok(outputs)
    }

    /// Divides `power` over `n` outputs: the strong branch takes the larger half of them.
    fn divide(&self, n: usize, power: f64, outputs: &mut Vec<f64>) {
        if n == 1 {
            outputs.push(power);
            return;
        }
        let (strong, weak) = (n.div_ceil(2), n / 2);
        // The wanted shares, moved by the imbalance.
        let (a, b) = (
            strong as f64,
            weak as f64 * self.imbalance.to_transmission(),
        );
        let passed = power * self.excess_loss.to_transmission();
        self.divide(strong, passed * a / (a + b), outputs);
        self.divide(weak, passed * b / (a + b), outputs);
    }

    /// Loss to the weakest output.
    ///
    /// # Errors
    /// As [`SplitterTree::stages`].
    pub fn worst_loss(&self) -> Result<Decibels, DeviceError> {
        let worst = self
            .transmissions()?
            .into_iter()
            .fold(f64::INFINITY, f64::min);
        Ok(Decibels::from_transmission(worst))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn eight_way_split() {
        let tree = SplitterTree {
            outputs: 8,
            excess_loss: Decibels::new(0.2),
            imbalance: Decibels::new(0.0),
        };
        // 9.031 dB of division and three stages of 0.2 dB.
        assert!((tree.mean_loss().unwrap().value() - 9.630_9).abs() < 1e-4);
        let worst = tree.worst_loss().unwrap();
        assert!((worst - tree.mean_loss().unwrap()).value().abs() < 1e-12);
    }

    #[test]
    fn imbalance_moves_power_and_loses_none() {
        let tree = SplitterTree {
            outputs: 4,
            excess_loss: Decibels::new(0.0),
            imbalance: Decibels::new(0.3),
        };
        let t = tree.transmissions().unwrap();
        assert!((t.iter().sum::<f64>() - 1.0).abs() < 1e-15);
        // Strongest and weakest output differ by two stages of 0.3 dB.
        assert!((Decibels::from_ratio(t[0] / t[3]).value() - 0.6).abs() < 1e-12);
    }

    #[test]
    fn five_ways_share_alike_and_differ_by_depth() {
        let tree = SplitterTree {
            outputs: 5,
            excess_loss: Decibels::new(0.2),
            imbalance: Decibels::new(0.0),
        };
        let t = tree.transmissions().unwrap();
        assert_eq!(t.len(), 5);
        // 10 log10 5 = 6.990 dB, and three or two stages of 0.2 dB.
        assert!((tree.mean_loss().unwrap().value() - 7.589_7).abs() < 1e-4);
        assert!(
            (tree.worst_loss().unwrap() - tree.mean_loss().unwrap())
                .value()
                .abs()
                < 1e-12
        );
        let best = t.iter().copied().fold(0.0, f64::max);
        assert!((Decibels::from_transmission(best).value() - 7.389_7).abs() < 1e-4);
    }

    #[test]
    fn a_splitter_without_outputs_is_refused() {
        let tree = SplitterTree {
            outputs: 0,
            excess_loss: Decibels::new(0.2),
            imbalance: Decibels::new(0.0),
        };
        assert!(tree.mean_loss().is_err());
    }
}
