//! Coolant layers of the stack.

use units::{Celsius, HeatTransferCoefficient, Kelvin, Meters, VolumeFlow, VolumetricHeatCapacity};

use super::Instance;
use super::build::{Builder, PER_UM2, PER_UM3, UM, instance};
use super::cursor::Named;
use super::geometry::count;
use super::syntax::{Channel, ChannelKind};
use crate::coolant::{Arrangement, Cavity, Channels, Coolant, Passage, Pins, Transfer};

/// m3/s of a ml/min.
const ML_PER_MIN: f64 = 1e-6 / 60.0;

impl Builder<'_> {
    /// A layer that holds coolant, which flows towards larger y.
    pub(super) fn cavity(&mut self, name: &Named) -> Option<Instance> {
        let channel = self.found.channel.as_ref()?;
        let (passage, transfer, flow) = self.passage(channel)?;
        let capacity = VolumetricHeatCapacity::new(channel.coolant_capacity * PER_UM3);
        self.push_layer(name.text.clone(), channel.height, &channel.material);
        let inlet: Celsius = Kelvin::new(channel.inlet_k).into();
        if let Some(layer) = self.stack.layers.last_mut() {
            let coolant = Coolant::new("coolant", capacity);
            layer.cavity = Some(Cavity::new(coolant, inlet, flow, passage, transfer));
        }
        Some(instance(name, self.stack.layers.len() - 1))
    }

    fn passage(&mut self, channel: &Channel) -> Option<(Passage, Transfer, VolumeFlow)> {
        let meters = |um: f64| Meters::new(um * UM);
        let h = |per_um2: f64| HeatTransferCoefficient::new(per_um2 * PER_UM2);
        let dimensions = self.dimensions;
        match channel.kind {
            ChannelKind::FourResistor {
                channel: width,
                wall,
                first_wall,
                flow_ml_per_min,
                side,
                top,
                bottom,
                ..
            } => {
                let Some(n) = super::geometry::channels(&channel.kind, dimensions.length) else {
                    let message = format!(
                        "walls and channels do not add up to the chip of {} um",
                        dimensions.length
                    );
                    let help = "chip length = first wall + n channels + n - 1 walls + last wall";
                    self.problem(channel.place, message, help);
                    return None;
                };
                let passage = Passage::Channels(Channels {
                    count: n,
                    width: meters(width),
                    wall: meters(wall),
                    first_wall: meters(first_wall),
                });
                let transfer = Transfer::Given {
                    side: h(side),
                    top: h(top),
                    bottom: h(bottom),
                };
                let flow = VolumeFlow::new(flow_ml_per_min * ML_PER_MIN);
                Some((passage, transfer, flow))
            }
            ChannelKind::TwoResistor {
                channel: width,
                wall,
                flow_ml_per_min,
                top,
                bottom,
            } => {
                let n = count((dimensions.length / (width + wall)).round()).max(1);
                let passage = Passage::Averaged(Channels {
                    count: n,
                    width: meters(width),
                    wall: meters(wall),
                    first_wall: meters(wall / 2.0),
                });
                let transfer = Transfer::Effective {
                    top: h(top),
                    bottom: h(bottom),
                };
                let flow = VolumeFlow::new(flow_ml_per_min * ML_PER_MIN);
                Some((passage, transfer, flow))
            }
            ChannelKind::Pins {
                diameter,
                pitch,
                is_staggered,
                darcy_velocity,
            } => {
                if diameter >= pitch {
                    let message = format!("pins of {diameter} um at a pitch of {pitch} um touch");
                    self.problem(channel.place, message, "write a larger pitch");
                    return None;
                }
                let velocity_m_per_s = darcy_velocity * UM;
                let coefficient = pin_coefficient(velocity_m_per_s, is_staggered);
                let passage = Passage::Pins(Pins {
                    diameter: meters(diameter),
                    pitch: meters(pitch),
                    arrangement: if is_staggered {
                        Arrangement::Staggered
                    } else {
                        Arrangement::Inline
                    },
                });
                let transfer = Transfer::Effective {
                    top: coefficient,
                    bottom: coefficient,
                };
                let across = meters(dimensions.length);
                let height = meters(channel.height);
                let flow = Pins::flow_of_darcy_velocity(velocity_m_per_s, across, height);
                Some((passage, transfer, flow))
            }
        }
    }
}

/// The coefficient of a field of pins for the whole area of floor and roof.
///
/// `h = 1 / (2.527e-5 (u + 1.35)^-n + 1.533e-6)`, with the Darcy velocity `u` in m/s and n = 0.64 for
/// pins behind one another, 1.52 for staggered ones. The file states no other property of the
/// coolant, so that this law, which stands for water and the pins of one test vehicle, is a part of
/// the format.
///
/// # Source
/// 3D-ICE 4.0, `include/macros.h`.
fn pin_coefficient(velocity_m_per_s: f64, is_staggered: bool) -> HeatTransferCoefficient {
    let exponent = if is_staggered { 1.52 } else { 0.64 };
    let resistance = 2.527e-5 * (velocity_m_per_s + 1.35).powf(-exponent) + 1.533e-6;
    HeatTransferCoefficient::new(1.0 / resistance)
}
