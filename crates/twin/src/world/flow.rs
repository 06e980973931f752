//! Pumps and fans on their way to the flow that is asked for.
//!
//! A speed follows what is asked, and what a fault leaves of it, with the time constant of its
//! cooler: `t ds/dt = s_asked - s`, a closed form over any time with constant asking. Flow goes with
//! the speed and power with its cube (the affinity laws of pumps and fans of one size in one system).
//! The heat of a part of a step meets the mean flow of that part. A cooling without a time constant
//! follows at once.
//!
//! A fault that takes flow is one of the pump or the fans: they turn as much slower. What flows
//! beside the plate, or leaks, is not told apart.
//!
//! # Source
//! S. L. Dixon, C. A. Hall, Fluid Mechanics and Thermodynamics of Turbomachinery, 7th edition, 2014,
//! chapter 2 (similar machines).

use system::System;

use super::switch::Switch;
use crate::heat::Coolant;

/// A flow below this share of the described one stands.
const STANDS: f64 = 1e-6;

/// What pumps and fans are described by.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct FlowPlan {
    /// Seconds; none where the flow follows at once.
    time_s: Option<f64>,
    /// Share of the power for cooling.
    drive_share: f64,
}

/// Pumps and fans of a description, in the order of its coolings.
pub(super) fn flow_plans(system: &System) -> Vec<FlowPlan> {
    let coolings = system.description.cooling.iter();
    coolings
        .map(|group| {
            let cooling = &group.value;
            let time = cooling.cooler.flow_time.as_ref();
            let share = cooling.drive_share.as_ref();
            FlowPlan {
                time_s: time.map(|time| time.value.value()),
                drive_share: share.map_or(0.0, |share| share.value.value()),
            }
        })
        .collect()
}

impl FlowPlan {
    /// Speed at the end of a time, from a speed at its beginning towards one that is asked for.
    fn end(self, begin: f64, asked: f64, length_s: f64) -> f64 {
        let left = self.time_s.map_or(0.0, |time_s| (-length_s / time_s).exp());
        let end = asked + (begin - asked) * left;
        if end < STANDS && asked < STANDS {
            asked
        } else {
            end
        }
    }

    /// Its mean over that time.
    fn mean(self, begin: f64, asked: f64, length_s: f64) -> f64 {
        let Some(time_s) = self.time_s else {
            return asked;
        };
        if begin < STANDS && asked < STANDS {
            return asked;
        }
        let times = length_s / time_s;
        asked + (begin - asked) * -f64::exp_m1(-times) / times
    }
}

impl Switch {
    /// Pumps and fans at rest turn as they are asked to.
    pub(super) fn come_to_speed(&mut self, asked: &[Coolant]) {
        for (speed, asked) in self.speeds.iter_mut().zip(asked) {
            *speed = asked.flow_ratio;
        }
    }

    /// Coolants as they flow in the mean of a time that begins now.
    pub(super) fn flowing(&self, asked: &[Coolant], length_s: f64) -> Vec<Coolant> {
        let flows = asked.iter().zip(&self.speeds).zip(&self.plan.flows);
        flows
            .map(|((asked, speed), plan)| Coolant {
                flow_ratio: plan.mean(*speed, asked.flow_ratio, length_s),
                ..*asked
            })
            .collect()
    }

    /// Speeds at the end of a time that begins now.
    pub(super) fn speeds_after(&self, asked: &[Coolant], length_s: f64) -> Vec<f64> {
        let flows = asked.iter().zip(&self.speeds).zip(&self.plan.flows);
        flows
            .map(|((asked, speed), plan)| plan.end(*speed, asked.flow_ratio, length_s))
            .collect()
    }

    /// The greatest change of a speed that takes its time, over the larger of the two.
    pub(super) fn flow_change(&self, after: &[f64]) -> f64 {
        let plans = self.plan.flows.iter().zip(&self.speeds).zip(after);
        let changes = plans.map(|((plan, before), after)| match before.max(*after) {
            larger if larger > 0.0 && plan.time_s.is_some() => (before - after).abs() / larger,
            _ => 0.0,
        });
        changes.fold(0.0, f64::max)
    }

    /// Power of pumps and fans over that at the described flows, at the end of a step.
    pub(super) fn drive_ratio(&self) -> f64 {
        let plans = self.plan.flows.iter().zip(&self.speeds);
        let more = plans.map(|(plan, speed)| plan.drive_share * (speed.powi(3) - 1.0));
        1.0 + more.sum::<f64>()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const PUMP: FlowPlan = FlowPlan {
        time_s: Some(2.0),
        drive_share: 0.5,
    };

    /// However a time is cut, the speed at its end and the volume that has flowed are the same.
    #[test]
    fn a_speed_does_not_depend_on_how_time_is_cut() {
        for (begin, asked) in [(1.0, 0.0), (0.2, 1.0), (0.0, 0.5), (1.0, 1.0)] {
            let whole = (
                PUMP.end(begin, asked, 3.0),
                3.0 * PUMP.mean(begin, asked, 3.0),
            );
            let (mut speed, mut volume) = (begin, 0.0);
            for _ in 0..30 {
                volume += 0.1 * PUMP.mean(speed, asked, 0.1);
                speed = PUMP.end(speed, asked, 0.1);
            }
            assert!((speed - whole.0).abs() < 1e-14, "{begin} {asked}");
            assert!((volume - whole.1).abs() < 1e-14, "{begin} {asked}");
        }
        // A time constant leaves 1/e of the way.
        assert!((PUMP.end(1.0, 0.0, 2.0) - (-1.0_f64).exp()).abs() < 1e-15);
        // What nobody notices any more stands.
        assert!(PUMP.end(1.0, 0.0, 100.0) <= 0.0);
    }

    #[test]
    fn without_a_time_it_follows_at_once() {
        let at_once = FlowPlan {
            time_s: None,
            ..PUMP
        };
        for asked in [0.0, 0.7] {
            assert!((at_once.end(1.0, asked, 0.1) - asked).abs() <= 0.0);
            assert!((at_once.mean(1.0, asked, 0.1) - asked).abs() <= 0.0);
        }
    }
}
