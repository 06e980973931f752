//! Heat goes through a step in parts.
//!
//! In a step in which no temperature moves much there is one part. Otherwise there are so many that
//! none moves much in any: dies leak what they leak at the temperatures of a part, zones throttle in
//! it, dies that have passed their limit make no heat after it, and fluids have their mean flow in it
//! and the temperature that belongs to their mean heat.

use units::{Celsius, Seconds};

use super::WorldError;
use super::edge::Made;
use super::switch::Switch;
use crate::heat::{Coolant, HeatMeans, core_w};

/// A temperature moves by at most this in one part, K: what a fluid that stands still errs by goes
/// with it.
const MOST_MOVED_K: f64 = 0.25;

/// The same while a zone throttles, whose dies work in a part as it left them in the one before. A
/// die that loses its coolant then trips within 20 ms of where it would in steps of 10 ms.
const MOST_THROTTLED_K: f64 = 0.1;

/// A flow changes by at most this share of the larger one in one part: what follows from a flow
/// meets its mean.
const MOST_FLOW: f64 = 0.05;

/// A part is not made shorter than this, s: a quarter of the tick of a twin. What moves faster moves
/// at once.
const SHORTEST_S: f64 = 0.025;

/// Most parts of a step, however long.
const MOST_PARTS: f64 = 256.0;

/// Share of the heat of a die by which it may differ between the ends of a part and count as the
/// same: of 500 W in the second in which a package answers, some millikelvin.
const SAME_HEAT: f64 = 1e-4;

impl Switch {
    /// Lets the heat move for a step, and zones and dies protect themselves.
    pub(super) fn move_heat(&mut self, coolants: &[Coolant], step: Made) -> Result<(), WorldError> {
        let slowed = self.speeds_after(coolants, step.length.value());
        let changed = self.flow_change(&slowed);
        let before = (
            self.junctions_c.clone(),
            self.engines_c.clone(),
            self.modules_c.clone(),
        );
        let cores_w = self.loads.cores_w.clone();
        self.move_part(coolants, step)?;
        let moved_k = greatest(&before.0, &self.junctions_c)
            .max(greatest(&before.1, &self.engines_c))
            .max(greatest(&before.2, &self.modules_c));
        let most_k = if self.is_throttled() {
            MOST_THROTTLED_K
        } else {
            MOST_MOVED_K
        };
        let n_parts = parts(moved_k / most_k, changed / MOST_FLOW, step.length.value());
        if n_parts == 1 {
            self.speeds = slowed;
            self.protect(step);
            return Ok(());
        }
        self.heat.begin_again();
        (self.junctions_c, self.engines_c, self.modules_c) = before;
        self.loads.cores_w = cores_w;
        self.move_in_parts(coolants, step, n_parts)
    }

    fn move_in_parts(
        &mut self,
        coolants: &[Coolant],
        step: Made,
        n_parts: u32,
    ) -> Result<(), WorldError> {
        let share = 1.0 / f64::from(n_parts);
        let mut means = HeatMeans::default();
        let (mut cores_w, mut serdes_w) = (Vec::new(), Vec::new());
        let mut part = Made {
            length: step.length * share,
            end_ns: step.begin_ns,
            ..step
        };
        for at in 1..=n_parts {
            part.begin_ns = part.end_ns;
            part.end_ns = if at == n_parts {
                step.end_ns
            } else {
                step.at_ns(part.length * f64::from(at))
            };
            self.move_part(coolants, part)?;
            self.speeds = self.speeds_after(coolants, part.length.value());
            self.heat.add_to(&mut means, share);
            add(&mut cores_w, &self.loads.cores_w, share);
            add(&mut serdes_w, &self.loads.serdes_w, share);
            self.protect(part);
            self.limit_work();
            self.heat_dies();
        }
        // What is told of a step is its mean.
        self.heat.put(&means);
        (self.loads.cores_w, self.loads.serdes_w) = (cores_w, serdes_w);
        Ok(())
    }

    /// One part with constant heat. Every die makes the mean of what it makes at the temperatures at
    /// the beginning and at the end, so that what it leaks lags by nothing of the first order.
    fn move_part(&mut self, coolants: &[Coolant], part: Made) -> Result<(), WorldError> {
        let flowing = self.flowing(coolants, part.length.value());
        self.let_heat_flow(&flowing, part.length)?;
        if self.take_mean_leakage() {
            self.heat.begin_again();
            self.let_heat_flow(&flowing, part.length)?;
        }
        Ok(())
    }

    fn let_heat_flow(&mut self, coolants: &[Coolant], length: Seconds) -> Result<(), WorldError> {
        let moved = self.heat.step(&self.loads, coolants, length);
        moved.map_err(WorldError::Heat)?;
        self.read_temperatures();
        Ok(())
    }

    /// Whether dies make another heat in the mean of a part than at its beginning, which they then
    /// do.
    fn take_mean_leakage(&mut self) -> bool {
        let mut is_other = false;
        for asic in 0..self.is_on.len() {
            let begin_w = self.loads.cores_w[asic];
            let more_w = self.core_w(asic) - begin_w;
            if more_w.abs() > SAME_HEAT * begin_w {
                self.loads.cores_w[asic] += 0.5 * more_w;
                is_other = true;
            }
        }
        is_other
    }

    /// Heat of the dies at their temperatures and with their work.
    fn heat_dies(&mut self) {
        for asic in 0..self.is_on.len() {
            self.loads.cores_w[asic] = self.core_w(asic);
            if !self.is_on[asic] {
                self.loads.serdes_w[asic] = 0.0;
            }
        }
    }

    fn core_w(&self, asic: usize) -> f64 {
        if !self.is_on[asic] {
            return 0.0;
        }
        let system = self.plan.system();
        let part = &system.description.asic[system.asics[asic].group].value;
        core_w(part, self.work[asic], Celsius::new(self.junctions_c[asic]))
    }

    /// Lets zones and dies protect themselves in a part that has been made.
    fn protect(&mut self, part: Made) {
        self.guard_zones(part);
        self.find_trips(part);
        self.happen(part.end_ns);
    }
}

/// How many parts a step of some length has in which a temperature moves and a flow changes by so
/// many times what they may in one.
#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "from one to the most"
)]
fn parts(moved: f64, changed: f64, step_s: f64) -> u32 {
    let by_time = (step_s / SHORTEST_S).ceil().min(MOST_PARTS);
    moved.max(changed).ceil().min(by_time).max(1.0) as u32
}

fn greatest(before: &[f64], now: &[f64]) -> f64 {
    let moved = before.iter().zip(now).map(|(a, b)| (a - b).abs());
    moved.fold(0.0, f64::max)
}

/// Adds a share of numbers to their mean.
fn add(mean: &mut Vec<f64>, of: &[f64], share: f64) {
    mean.resize(of.len(), 0.0);
    for (mean, of) in mean.iter_mut().zip(of) {
        *mean += share * of;
    }
}
