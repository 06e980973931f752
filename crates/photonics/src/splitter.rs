//! Power splitters as binary trees of 1x2 stages.

use units::Decibels;

use crate::error::{DeviceError, check_non_negative};

/// A 1xN splitter.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct SplitterTree {
    /// Number of outputs, a power of two.
    pub outputs: usize,
    /// Loss of each 1x2 stage beyond the division.
    pub excess_loss: Decibels,
    /// Power difference between the two outputs of a stage.
    pub imbalance: Decibels,
}

impl SplitterTree {
    /// Number of stages, `log2 N`.
    ///
    /// # Errors
    /// The number of outputs is not a power of two, or a loss is negative.
    pub fn stages(&self) -> Result<u32, DeviceError> {
        if !self.outputs.is_power_of_two() {
            return Err(DeviceError::OutOfRange {
                quantity: "number of splitter outputs (a power of two)",
                value: self.outputs as f64,
                low: 1.0,
                high: f64::INFINITY,
                unit: "",
            });
        }
        check_non_negative("excess loss", self.excess_loss.value(), "dB")?;
        check_non_negative("imbalance", self.imbalance.value(), "dB")?;
        Ok(self.outputs.ilog2())
    }

    /// Loss from the input to an average output, `10 log10 N + stages * excess`.
    ///
    /// # Errors
    /// As [`SplitterTree::stages`].
    pub fn mean_loss(&self) -> Result<Decibels, DeviceError> {
        let stages = f64::from(self.stages()?);
        Ok(Decibels::from_ratio(self.outputs as f64) + self.excess_loss * stages)
    }

    /// Transmission to each output, first the one that takes the strong branch of every stage.
    ///
    /// Bit `k` of the output's index says which branch stage `k` gave. The sum is
    /// `10^(-stages excess / 10)`, at most 1.
    ///
    /// # Errors
    /// As [`SplitterTree::stages`].
    pub fn transmissions(&self) -> Result<Vec<f64>, DeviceError> {
        let stages = self.stages()?;
        let ratio = self.imbalance.to_transmission();
        let strong = self.excess_loss.to_transmission() / (1.0 + ratio);
        let mut outputs = vec![1.0];
        for _ in 0..stages {
            let weak_half: Vec<f64> = outputs.iter().map(|t| t * strong * ratio).collect();
            for t in &mut outputs {
                *t *= strong;
            }
            outputs.extend(weak_half);
        }
        Ok(outputs)
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
    fn odd_trees_are_refused() {
        let tree = SplitterTree {
            outputs: 6,
            excess_loss: Decibels::new(0.2),
            imbalance: Decibels::new(0.0),
        };
        assert!(tree.mean_loss().is_err());
    }
}
