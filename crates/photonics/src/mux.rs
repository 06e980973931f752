//! Wavelength multiplexer of add-drop rings on a bus.

use units::{Decibels, Meters};

use crate::error::{DeviceError, check_positive};
use crate::ring::Ring;

/// Add-drop rings along one bus, each resonant at its own channel.
///
/// The rings are alike but for their resonance. The order along the bus is that of the channels:
/// channel `i` passes the rings `0 .. i` before it is dropped.
#[derive(Debug, Clone, PartialEq)]
pub struct RingBank {
    /// The ring, at any resonance near the channels.
    pub ring: Ring,
    /// Wavelength of each channel.
    pub channels: Vec<Meters>,
    /// Error of each ring's resonance; as many as channels.
    pub resonance_errors: Vec<Meters>,
}

impl RingBank {
    /// Transmission from the bus input to the drop port of ring `drop` at channel `channel`,
    /// `n x n` row-major as `[drop, channel]`.
    ///
    /// # Errors
    /// A ring out of range, a channel that is not positive, or lists of different length.
    pub fn transmissions(&self) -> Result<Vec<f64>, DeviceError> {
        let n = self.channels.len();
        self.ring.check()?;
        if self.resonance_errors.len() != n {
            return Err(DeviceError::Shape {
                what: "resonance errors",
                expected: n,
                actual: self.resonance_errors.len(),
            });
        }
        for channel in &self.channels {
            check_positive("channel wavelength", channel.value(), "m")?;
        }
        let mut matrix = vec![0.0; n * n];
        for (j, &channel) in self.channels.iter().enumerate() {
            let mut on_bus = 1.0;
            for i in 0..n {
                let ring = Ring {
                    resonance: self.channels[i] + self.resonance_errors[i],
                    ..self.ring
                };
                let detuning = channel - ring.resonance;
                matrix[i * n + j] = on_bus * ring.drop(detuning);
                on_bus *= ring.through(detuning);
            }
        }
        Ok(matrix)
    }

    /// Loss of each channel from the bus input to its own drop port, passed rings included.
    ///
    /// # Errors
    /// As [`RingBank::transmissions`].
    pub fn losses(&self) -> Result<Vec<Decibels>, DeviceError> {
        let n = self.channels.len();
        let matrix = self.transmissions()?;
        Ok((0..n)
            .map(|i| Decibels::from_transmission(matrix[i * n + i]))
            .collect())
    }

    /// Light of channel `channel` at drop port `drop` relative to the light wanted there, `n x n`
    /// row-major as `[drop, channel]`, for equal powers on the bus. The diagonal is 1.
    ///
    /// # Errors
    /// As [`RingBank::transmissions`].
    pub fn crosstalk(&self) -> Result<Vec<f64>, DeviceError> {
        let n = self.channels.len();
        let mut matrix = self.transmissions()?;
        for row in matrix.chunks_mut(n.max(1)).enumerate() {
            let (i, row) = row;
            let wanted = row[i];
            for entry in row {
                *entry /= wanted;
            }
        }
        Ok(matrix)
    }

    /// Loss of light that passes one ring at a distance from its resonance.
    ///
    /// # Errors
    /// A ring out of range.
    pub fn passing_loss(&self, detuning: Meters) -> Result<Decibels, DeviceError> {
        self.ring.check()?;
        Ok(Decibels::from_transmission(self.ring.through(detuning)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ring::tests::filter;
    use units::Hertz;

    fn bank() -> RingBank {
        // Three channels 200 GHz apart, from the middle of the O band downwards in frequency.
        let first = Meters::new(1310e-9).to_optical_frequency();
        let channels = (0..3)
            .map(|i| (first - Hertz::new(200e9) * f64::from(i)).to_wavelength())
            .collect();
        RingBank {
            ring: filter(),
            channels,
            resonance_errors: vec![Meters::new(0.0); 3],
        }
    }

    #[test]
    fn crosstalk_at_200_and_400_ghz() {
        let db = |x: f64| Decibels::from_ratio(x).value();
        // Relative to the input: -23 and -28 dB; relative to the wanted signal 1.1 dB worse.
        let matrix = bank().transmissions().unwrap();
        assert!((db(matrix[1]) + 22.75).abs() < 0.1, "{}", db(matrix[1]));
        let far = db(filter().drop(bank().channels[2] - bank().channels[0]));
        assert!((far + 28.4).abs() < 0.1, "{far}");
        let relative = bank().crosstalk().unwrap();
        assert!((db(relative[1]) - db(matrix[1]) - 1.085).abs() < 0.01);
        assert!((relative[0] - 1.0).abs() < 1e-15);
    }

    #[test]
    fn passed_rings_cost_a_little() {
        let losses = bank().losses().unwrap();
        assert!(losses[2] > losses[1] && losses[1] > losses[0]);
        let passing = bank().passing_loss(bank().channels[1] - bank().channels[0]);
        let passing = passing.unwrap().value();
        assert!(passing > 0.0 && passing < 0.1, "{passing}");
    }

    #[test]
    fn a_ring_off_its_channel_loses_light() {
        let mut off = bank();
        off.resonance_errors[0] = filter().linewidth() * 0.5;
        let lost = off.losses().unwrap()[0] - bank().losses().unwrap()[0];
        // Half a linewidth costs 3 dB.
        assert!((lost.value() - 3.01).abs() < 0.02, "{lost}");
        off.resonance_errors.pop();
        assert!(matches!(off.losses(), Err(DeviceError::Shape { .. })));
    }
}
