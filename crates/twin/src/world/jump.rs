//! Ageing in steps, and at once over months.
//!
//! In steps, every part ages at the temperature that it has, and what has become of it is put into
//! light and heat once an hour of the switch's clock.
//!
//! At once over months, load, coolants, faults and commands stay as they are, and the clock stands:
//! observations go on as if nothing had been, and the log says how much was jumped. The jump goes
//! from rest to rest in stretches in which no temperature moves by more than [`MOST_MOVED_K`] and
//! which are no longer than [`LONGEST_S`]; each part ages with the mean of its rates at both ends.
//! Faults that grow in time do not grow in a jump, and temperatures do not swing.

use units::Seconds;

use super::WorldError;
use super::ageing::Heats;
use super::event::What;
use super::laser::LaserControl;
use super::power::Pace;
use super::switch::Switch;

const HOUR_NS: u64 = 3_600_000_000_000;

/// Seconds of a Julian year.
const YEAR_S: f64 = 31_557_600.0;

/// A temperature moves by at most this in one stretch, K: rates of 0.55 eV by 7 %, whose mean is
/// right to a hundredth of that.
const MOST_MOVED_K: f64 = 1.0;

/// A stretch is at most a quarter of a year, so that what happens is dated as finely.
const LONGEST_S: f64 = 0.25 * YEAR_S;

/// Shorter stretches, s, end with what they end with: a part that switches off moves temperatures
/// however short the stretch.
const SHORTEST_S: f64 = 86_400.0;

/// Share of its light above which a laser is said to give all of it.
const FULL_LIGHT: f64 = 0.9999;

impl Switch {
    /// Lets parts age by a step; what becomes of them counts once an hour.
    pub(super) fn age_by_step(&mut self, dt: Seconds, now_ns: u64) {
        let dt_s = dt.value();
        for (laser, point) in self.light.lasers.iter().enumerate() {
            if point.emitted_w > 0.0 {
                self.ages.laser(&self.plan, laser, point.junction_c, dt_s);
            }
        }
        let (asics_c, engines_c) = (&self.junctions_c, &self.engines_c);
        self.ages.rest(&self.plan, asics_c, engines_c, dt_s);
        if now_ns / HOUR_NS != self.worn_at_ns / HOUR_NS {
            self.worn_at_ns = now_ns;
            self.wear();
        }
    }

    /// Puts the ages of the parts into what they are.
    fn wear(&mut self) {
        self.ages.put(&self.plan, &mut self.worn);
        self.flags.is_harm_known = false;
    }

    /// Lets all parts age at once by a time, with the load, coolants, faults and commands of this
    /// moment, and leaves the switch at rest. The clock does not move.
    ///
    /// What crosses a limit on the way is an event that leads back to the jump, with how far the
    /// jump had come then, to a quarter of a year or better. The connectors of a link age at both
    /// of its ends, each with its own switch.
    ///
    /// # Errors
    /// Heat and light find no rest any more, or a part leaves the range of its device. The switch is
    /// then as old as it was when it last had one, which the log says.
    pub fn age(&mut self, by: Seconds, at_ns: u64) -> Result<(), WorldError> {
        let text = format!("parts age by {} at once", years(by.value()));
        let start = self.happened(at_ns, None, What::Aged(text), None);
        self.aged_by = Some(start);
        // What moves a resonance is looked for from where the world began.
        let rest_engines_c = self.rest_engines_c.clone();
        let ended = self.stretches(by.value(), at_ns);
        self.jumping = None;
        self.rest_engines_c = rest_engines_c;
        self.show(at_ns);
        let text = match &ended {
            Ok(()) => self.worn_in_words(),
            Err((done_s, error)) => {
                format!("parts stop to age after {}: {error}", years(*done_s))
            }
        };
        self.happened(at_ns, None, What::Aged(text), Some(start));
        ended.map_err(|(_, error)| error)
    }

    fn stretches(&mut self, by_s: f64, at_ns: u64) -> Result<(), (f64, WorldError)> {
        let begun = self.clone();
        // What is on its way arrives: until then nothing follows from age.
        self.power(at_ns, Pace::AtOnce);
        self.arrive_rings(at_ns, Pace::AtOnce);
        if let Err(error) = self.come_to_rest(at_ns) {
            *self = begun;
            return Err((0.0, error));
        }
        self.note_sending(at_ns);
        self.jumping = self.aged_by;
        let (mut done_s, mut stretch_s) = (0.0, LONGEST_S);
        while done_s < by_s {
            // The last two stretches are alike, so that none is too short to tell.
            let left_s: f64 = by_s - done_s;
            let dt_s = if left_s < 2.0 * stretch_s {
                left_s / (left_s / stretch_s).ceil()
            } else {
                stretch_s
            };
            let before = self.clone();
            let from = self.heats();
            self.ages.jump(&self.plan, &from, &from, dt_s);
            self.wear();
            self.begin_stretch(done_s + dt_s, at_ns);
            if let Err(error) = self.come_to_rest(at_ns) {
                *self = before;
                return Err((done_s, error));
            }
            let to = self.heats();
            let moved_k = from.apart(&to);
            if moved_k > MOST_MOVED_K && dt_s > SHORTEST_S {
                *self = before;
                stretch_s = 0.5 * dt_s;
                continue;
            }
            self.ages.clone_from(&before.ages);
            self.ages.jump(&self.plan, &from, &to, dt_s);
            done_s += dt_s;
            self.end_stretch(at_ns);
            if moved_k < 0.3 * MOST_MOVED_K {
                stretch_s = (2.0 * stretch_s).min(LONGEST_S);
            }
        }
        let before = self.clone();
        self.wear();
        self.begin_stretch(by_s, at_ns);
        if let Err(error) = self.come_to_rest(at_ns) {
            *self = before;
            return Err((by_s, error));
        }
        self.end_stretch(at_ns);
        Ok(())
    }

    /// Lets truth and far ends know what the jump has made of light and heat.
    fn show(&mut self, at_ns: u64) {
        self.light.forget_light();
        self.light.forget_decisions();
        if self.flags.has_stepped {
            self.refill(at_ns);
            self.flags.is_harm_new = true;
        }
    }

    /// An event for what happens in a stretch.
    fn begin_stretch(&mut self, done_s: f64, at_ns: u64) {
        let text = format!("parts have aged by {}", years(done_s));
        self.jumping = Some(self.happened(at_ns, None, What::Aged(text), self.aged_by));
    }

    /// Notes what happened in it; nothing has to be said of one in which nothing did.
    fn end_stretch(&mut self, at_ns: u64) {
        self.note_sending(at_ns);
        if let Some(event) = self.jumping {
            self.log.take_back(event);
        }
    }

    /// Rest, after dies that are too hot in it have switched themselves off and zones have protected
    /// themselves.
    fn come_to_rest(&mut self, now_ns: u64) -> Result<(), WorldError> {
        let mut n_shifts = 0;
        loop {
            let n_on = self.is_on.iter().filter(|is_on| **is_on).count();
            let rest = self.settle(now_ns);
            // A runaway ends where the die protects itself.
            self.protect_at_rest(now_ns);
            let is_calm = self.is_on.iter().filter(|is_on| **is_on).count() == n_on;
            let has_shifted = self.shift_rings_at_rest(now_ns, &mut n_shifts);
            if is_calm && !has_shifted && !self.guard_zones_at_rest(now_ns) {
                return rest;
            }
        }
    }

    fn heats(&self) -> Heats {
        let lasers = self.light.lasers.iter();
        Heats {
            lasers: lasers
                .map(|point| (point.emitted_w > 0.0).then_some(point.junction_c))
                .collect(),
            asics: self.junctions_c.clone(),
            engines: self.engines_c.clone(),
        }
    }

    /// What ageing has come to, in a few words.
    fn worn_in_words(&self) -> String {
        let ends = |values: &mut dyn Iterator<Item = f64>| {
            values.fold((f64::INFINITY, f64::NEG_INFINITY), |at, value| {
                (at.0.min(value), at.1.max(value))
            })
        };
        let worn = &self.worn;
        let lit = || self.light.lasers.iter().filter(|of| of.emitted_w > 0.0);
        let (least, most) = ends(&mut lit().map(|point| 1e3 * point.current_a));
        let plans = self.light.lasers.iter().zip(&self.plan.lasers);
        let (weakest, _) = ends(&mut plans.filter_map(|(point, plan)| {
            let LaserControl::Power(factor) = point.input.control else {
                return None;
            };
            Some(point.emitted_w / (factor * plan.set_point_w))
        }));
        let mut words = vec![if least <= most {
            format!("lasers take {least:.1} to {most:.1} mA")
        } else {
            "no laser is lit".to_owned()
        }];
        if weakest < FULL_LIGHT {
            words.push(format!(
                "the weakest gives {:.1} % of its light",
                100.0 * weakest
            ));
        }
        let (_, most) = ends(&mut worn.fibres_db.iter().copied());
        if most > 0.0 {
            words.push(format!("fibres lose up to {most:.2} dB more"));
        }
        let voids = worn.asic_k_per_w.iter().zip(&self.loads.cores_w);
        let voids = voids.zip(&self.loads.serdes_w);
        let (_, most) = ends(&mut voids.map(|((void, core), serdes)| void * (core + serdes)));
        if most > 0.0 {
            words.push(format!("dies are up to {most:.2} K warmer"));
        }
        words.join(", ")
    }
}

impl Heats {
    /// The greatest difference of a temperature, K. A laser that goes out is not far from one that
    /// is lit.
    fn apart(&self, other: &Self) -> f64 {
        let lasers = self.lasers.iter().zip(&other.lasers);
        let lasers = lasers.filter_map(|(one, other)| Some((one.as_ref()?, other.as_ref()?)));
        let asics = self.asics.iter().zip(&other.asics);
        let engines = self.engines.iter().zip(&other.engines);
        let all = lasers.chain(asics).chain(engines);
        all.map(|(one, other)| (one - other).abs())
            .fold(0.0, f64::max)
    }
}

/// A time in years.
fn years(seconds: f64) -> String {
    format!("{:.2} years", seconds / YEAR_S)
}
