//! How the parts of a switch age: lasers wear, connectors gather dirt, thermal interfaces dry and are
//! pumped out.
//!
//! Everything is at the beginning of its life in a new switch, which is as it is described.

use photonics::ageing::arrhenius_acceleration;
use photonics::laser::Laser;
use serde::{Deserialize, Serialize};
use system::parts::{self, Connector, Interface};
use system::{FibreUse, System};
use units::random::Draw;
use units::{Celsius, Joules, Sourced};

use super::laser::LaserHealth;
use super::plan::SwitchPlan;

/// A rate is that of a temperature at most so far, K, from the present one. With 0.55 eV at 25 °C it
/// is then off by at most 0.7 %.
const SAME_RATE_K: f64 = 0.1;

/// Swings of a temperature that are lower, K, count nothing: sensors could not tell them from noise,
/// and ten thousand of them age an interface less than one swing of 60 K.
const LEAST_SWING_K: f64 = 0.5;

/// A process that heat drives: `1 / t_r exp(E / k (1 / T_r - 1 / T))` each second.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Law {
    /// Time that counts as one at the reference temperature, s.
    time_s: f64,
    reference: Celsius,
    activation: Joules,
}

impl Law {
    /// Its rate at a temperature, 1/s.
    fn per_s(&self, celsius: f64) -> f64 {
        let at = Celsius::new(celsius);
        let faster = arrhenius_acceleration(self.activation, self.reference, at);
        let faster =
            faster.expect("an activation energy is not negative and no part is below zero kelvin");
        faster / self.time_s
    }
}

/// How far such a process has come, with the rate that it has now.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub(super) struct Progress {
    done: f64,
    per_s: f64,
    /// Temperature of that rate, °C.
    at_c: f64,
}

impl Progress {
    const NONE: Self = Self {
        done: 0.0,
        per_s: 0.0,
        // Far from every temperature, so that the first one finds its rate.
        at_c: f64::MIN,
    };

    /// Goes on at a temperature.
    ///
    /// The rate is that of a temperature within [`SAME_RATE_K`] of it: most steps take no exponential.
    fn pass(&mut self, law: &Law, celsius: f64, dt_s: f64) {
        let is_same = (celsius - self.at_c).abs() <= SAME_RATE_K;
        if !is_same {
            (self.per_s, self.at_c) = (law.per_s(celsius), celsius);
        }
        self.done += self.per_s * dt_s;
    }

    /// Goes on from one temperature to another, with the mean of their rates.
    fn pass_between(&mut self, law: &Law, (from_c, to_c): (f64, f64), dt_s: f64) {
        self.done += 0.5 * (law.per_s(from_c) + law.per_s(to_c)) * dt_s;
    }
}

/// How a laser wears.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Wear {
    /// One is the median time to wear-out.
    law: Law,
    /// Standard deviation of the logarithm of that time.
    sigma: f64,
    /// Growth of the threshold and loss of the slope at the median, and their exponent in time.
    growth: f64,
    loss: f64,
    exponent: f64,
}

impl Wear {
    pub(super) fn of(part: &parts::Laser) -> Self {
        Self {
            law: Law {
                time_s: part.wearout_median.value.value(),
                reference: part.reference_temperature.value,
                activation: part.activation_energy.value,
            },
            sigma: part.wearout_sigma.value.value(),
            growth: part.threshold_growth.value.value(),
            loss: part.slope_loss.as_ref().map_or(0.0, |of| of.value.value()),
            exponent: part.growth_exponent.value.value(),
        }
    }

    /// What a laser is at the age `a`, in medians of its wear-out: threshold `1 + g a^m` and slope
    /// `1 / (1 + s a^m)` of those when new.
    ///
    /// # Source
    /// Telcordia GR-468-CORE, sublinear degradation in time.
    fn at(&self, age: f64) -> LaserHealth {
        let x = age.powf(self.exponent);
        LaserHealth {
            threshold: 1.0 + self.growth * x,
            slope: 1.0 / (1.0 + self.loss * x),
            ..LaserHealth::NEW
        }
    }
}

impl Wear {
    /// How old a laser is by the current that it needs at its set-point, as its module estimates it: at
    /// one temperature `I = I_th (1 + g x) + P / eta (1 + s x)` is a straight line in `x = a^m`, and
    /// the age is one where `x` is. None of a laser that does not wear.
    pub(super) fn age_of(
        &self,
        health: LaserHealth,
        device: &Laser,
        set_point_w: f64,
    ) -> Option<f64> {
        let threshold_a = device.threshold_current.value();
        let above_a = set_point_w / device.slope_efficiency.value();
        let at_end_a = self.growth * threshold_a + self.loss * above_a;
        let more_a = (health.threshold - 1.0) * threshold_a + (1.0 / health.slope - 1.0) * above_a;
        let x = (more_a / at_end_a).max(0.0);
        (at_end_a > 0.0 && x.is_finite()).then(|| x.powf(1.0 / self.exponent))
    }
}

/// How a thermal interface over one part ages.
///
/// # Equation
/// `R = R_inf (1 - exp(-x))`, `dx/dt = 1 / t_r exp(E / k (1 / T_r - 1 / T))`, and each half of a swing
/// of the height `d` adds `(d / d_r)^m / (2 N)`. `T` is the temperature of the part, which is above
/// that of the interface, so that the description states its values for the part.
#[derive(Debug, Clone, Copy, PartialEq)]
struct Drying {
    /// In the long run, K/W over the area of the part.
    k_per_w: f64,
    law: Law,
    swings: Option<Swings>,
}

/// What swings do to an interface.
#[derive(Debug, Clone, Copy, PartialEq)]
struct Swings {
    /// Damage of one swing of the reference height, and that height.
    each: f64,
    height_k: f64,
    exponent: f64,
}

impl Drying {
    /// Over an area; none of an interface that does not age.
    fn of(interface: &Interface, area_m2: f64) -> Option<Self> {
        let resistance = interface.aged_resistance.as_ref()?.value.value();
        let swings = || {
            Some(Swings {
                each: 1.0 / interface.ageing_cycles.as_ref()?.value.value(),
                height_k: interface.ageing_swing.as_ref()?.value.value(),
                exponent: interface.ageing_exponent.as_ref()?.value.value(),
            })
        };
        Some(Self {
            k_per_w: resistance / area_m2,
            law: Law {
                time_s: interface.ageing_time.as_ref()?.value.value(),
                reference: interface.ageing_temperature.as_ref()?.value,
                activation: interface.ageing_energy.as_ref()?.value,
            },
            swings: swings(),
        })
    }
}

/// The interfaces between a part and its cooler: its own, and the one under the plate.
type Interfaces = [Option<Drying>; 2];

/// Mated pairs of one kind along a fibre.
#[derive(Debug, Clone, Copy, PartialEq)]
struct Mated {
    /// Median growth of the loss of one, dB/s.
    db_per_s: f64,
    sigma: f64,
    greatest_db: f64,
    /// How many there are along one fibre of the switch; half of one that it shares with the far end.
    n: f64,
}

impl Mated {
    fn of(connector: &Connector, n: f64) -> Option<Self> {
        let value = |of: &Option<Sourced<units::Ratio>>| of.as_ref().map(|of| of.value.value());
        Some(Self {
            db_per_s: connector.loss_growth.as_ref()?.value.value(),
            sigma: value(&connector.loss_growth_sigma)?,
            greatest_db: connector.greatest_growth.as_ref()?.value.value(),
            n,
        })
    }

    /// What the pairs of a fibre have come to lose in a time, dB. Each has its own rate,
    /// `r exp(sigma z)` with a normal deviate `z`, and stops at its greatest loss.
    fn loss_db(&self, draw: Draw, first: u64, time_s: f64) -> f64 {
        let (mut left, mut tick, mut sum_db) = (self.n, first, 0.0);
        while left > 0.0 {
            let rate = self.db_per_s * (self.sigma * draw.normal(tick)).exp();
            sum_db += left.min(1.0) * (rate * time_s).min(self.greatest_db);
            (left, tick) = (left - 1.0, tick + 1);
        }
        sum_db
    }
}

/// How the parts of a description age, beside its lasers.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct AgeingPlan {
    asics: Vec<Interfaces>,
    engines: Vec<Interfaces>,
    /// Pairs along a data fibre. A link has its connectors half at one end and half at the other.
    data: Option<Mated>,
    /// Pairs along a laser fibre: the mate of the module, then the others.
    laser: [Option<Mated>; 2],
}

impl AgeingPlan {
    pub(super) fn new(system: &System) -> Self {
        let plant = &system.description.fibre_plant;
        let n = f64::from(plant.laser_connectors.unwrap_or(0));
        let mate = plant.laser_mate.as_ref();
        let connector = plant.laser_connector.as_ref();
        Self {
            asics: asics(system),
            engines: engines(system),
            data: Mated::of(
                &plant.data_connector,
                0.5 * f64::from(plant.data_connectors),
            ),
            laser: [
                mate.and_then(|of| Mated::of(of, 1.0)),
                connector.and_then(|of| Mated::of(of, n)),
            ],
        }
    }
}

/// Whether the temperature of a zone follows from its heat.
fn is_solved(system: &System, zone: system::ZoneId) -> bool {
    let zone = &system.description.zone[zone.index()].value;
    zone.temperature.is_none()
}

fn asics(system: &System) -> Vec<Interfaces> {
    let stack = system.description.package.stack.as_ref();
    let of = |asic: &system::AsicEntity| {
        let part = &system.description.asic[asic.group].value;
        let (width, height) = (part.width.value.value(), part.height.value.value());
        let stack = stack.filter(|_| is_solved(system, asic.zone));
        stack.map_or([None, None], |stack| {
            [
                Drying::of(&stack.tim1, width * height),
                under_plate(stack, width, height),
            ]
        })
    };
    system.asics.iter().map(of).collect()
}

fn engines(system: &System) -> Vec<Interfaces> {
    let stack = system.description.package.stack.as_ref();
    let of = |engine: &system::EngineEntity| {
        let part = &system.description.engine[engine.group].value;
        let is_inside = part.integration.is_in_package() && is_solved(system, engine.zone);
        let stack = stack.filter(|_| is_inside);
        let extent = |of: &Option<Sourced<units::Meters>>| of.as_ref().map(|of| of.value.value());
        let outline = extent(&part.edge_width).zip(extent(&part.depth));
        stack
            .zip(outline)
            .map_or([None, None], |(stack, (width, height))| {
                [
                    Drying::of(&stack.engine_tim, width * height),
                    under_plate(stack, width, height),
                ]
            })
    };
    system.engines.iter().map(of).collect()
}

/// The interface between lid and plate over a part whose heat spreads in the lid at 45 degrees.
fn under_plate(stack: &parts::PackageStack, width: f64, height: f64) -> Option<Drying> {
    stack.lid.as_ref()?;
    let wider = 2.0 * stack.lid_thickness.as_ref()?.value.value();
    Drying::of(&stack.tim2, (width + wider) * (height + wider))
}

/// The interfaces of one part as they have aged, and the swing that its temperature is in.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
struct Dried {
    progress: [Progress; 2],
    /// Where the present swing began and how far it has come, °C; none of a part without a past.
    swing_c: Option<(f64, f64)>,
}

impl Dried {
    const NEW: Self = Self {
        progress: [Progress::NONE; 2],
        swing_c: None,
    };

    fn pass(&mut self, of: &Interfaces, celsius: f64, dt_s: f64) {
        for (progress, drying) in self.progress.iter_mut().zip(of) {
            if let Some(drying) = drying {
                progress.pass(&drying.law, celsius, dt_s);
            }
        }
        self.swing(of, celsius);
    }

    /// Follows a temperature from turn to turn. Each way between two turns is half a swing.
    fn swing(&mut self, of: &Interfaces, celsius: f64) {
        let (turned_c, farthest_c) = *self.swing_c.get_or_insert((celsius, celsius));
        let so_far = farthest_c - turned_c;
        if (celsius - farthest_c) * so_far >= 0.0 {
            self.swing_c = Some((turned_c, celsius));
        } else if (celsius - farthest_c).abs() >= LEAST_SWING_K {
            for (progress, drying) in self.progress.iter_mut().zip(of) {
                if let Some(swings) = drying.and_then(|of| of.swings) {
                    let height = so_far.abs() / swings.height_k;
                    progress.done += 0.5 * swings.each * height.powf(swings.exponent);
                }
            }
            self.swing_c = Some((farthest_c, celsius));
        }
    }

    fn k_per_w(&self, of: &Interfaces) -> f64 {
        let each = self.progress.iter().zip(of);
        each.map(|(progress, drying)| {
            drying.map_or(0.0, |drying| -drying.k_per_w * (-progress.done).exp_m1())
        })
        .sum()
    }
}

/// Temperatures at which the parts of a switch age, °C.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Heats {
    /// Of lasers that are lit; none of those that are dark, which do not wear.
    pub(super) lasers: Vec<Option<f64>>,
    pub(super) asics: Vec<f64>,
    pub(super) engines: Vec<f64>,
}

/// What ageing has made of the parts of a switch.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(super) struct Worn {
    pub(super) lasers: Vec<LaserHealth>,
    /// Loss of every fibre beyond the described one, dB.
    pub(super) fibres_db: Vec<f64>,
    /// Resistance between dies or engines and their cooler beyond the described one, K/W.
    pub(super) asic_k_per_w: Vec<f64>,
    pub(super) engine_k_per_w: Vec<f64>,
}

impl Worn {
    /// Nothing has aged.
    pub(super) fn none(system: &System) -> Self {
        Self {
            lasers: vec![LaserHealth::NEW; system.lasers.len()],
            fibres_db: vec![0.0; system.fibres.len()],
            asic_k_per_w: vec![0.0; system.asics.len()],
            engine_k_per_w: vec![0.0; system.engines.len()],
        }
    }
}

/// How old the parts of a switch are.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(super) struct Ages {
    seed: u64,
    /// In medians of wear-out, before what each laser does faster or slower.
    lasers: Vec<Progress>,
    asics: Vec<Dried>,
    engines: Vec<Dried>,
    /// Since when connectors are mated, s.
    mated_s: f64,
}

impl Ages {
    /// New parts.
    pub(super) fn new(plan: &SwitchPlan, seed: u64) -> Self {
        let system = plan.system();
        Self {
            seed,
            lasers: vec![Progress::NONE; system.lasers.len()],
            asics: vec![Dried::NEW; system.asics.len()],
            engines: vec![Dried::NEW; system.engines.len()],
            mated_s: 0.0,
        }
    }

    /// Whether these are the ages of the parts of this system.
    pub(super) fn fit(&self, system: &System) -> bool {
        let found = (self.lasers.len(), self.asics.len(), self.engines.len());
        found
            == (
                system.lasers.len(),
                system.asics.len(),
                system.engines.len(),
            )
    }

    /// A laser that is lit goes on.
    pub(super) fn laser(&mut self, plan: &SwitchPlan, laser: usize, junction_c: f64, dt_s: f64) {
        self.lasers[laser].pass(&plan.lasers[laser].wear.law, junction_c, dt_s);
    }

    /// Interfaces and connectors go on.
    pub(super) fn rest(
        &mut self,
        plan: &SwitchPlan,
        asics_c: &[f64],
        engines_c: &[f64],
        dt_s: f64,
    ) {
        let of = &plan.ageing;
        for ((dried, of), celsius) in self.asics.iter_mut().zip(&of.asics).zip(asics_c) {
            dried.pass(of, *celsius, dt_s);
        }
        for ((dried, of), celsius) in self.engines.iter_mut().zip(&of.engines).zip(engines_c) {
            dried.pass(of, *celsius, dt_s);
        }
        self.mated_s += dt_s;
    }

    /// Everything goes on for a long time from one state at rest to another, without swings.
    pub(super) fn jump(&mut self, plan: &SwitchPlan, from: &Heats, to: &Heats, dt_s: f64) {
        let lasers = from.lasers.iter().zip(&to.lasers);
        for ((progress, of), (from, to)) in self.lasers.iter_mut().zip(&plan.lasers).zip(lasers) {
            // One that goes out on the way wears as one that is lit.
            if let Some(from_c) = *from {
                let to_c = to.unwrap_or(from_c);
                progress.pass_between(&of.wear.law, (from_c, to_c), dt_s);
            }
        }
        let of = &plan.ageing;
        let asics = self.asics.iter_mut().zip(&of.asics);
        let engines = self.engines.iter_mut().zip(&of.engines);
        let asics_c = from.asics.iter().zip(&to.asics);
        let engines_c = from.engines.iter().zip(&to.engines);
        let parts = asics.chain(engines).zip(asics_c.chain(engines_c));
        for ((dried, of), (from_c, to_c)) in parts {
            for (progress, drying) in dried.progress.iter_mut().zip(of) {
                if let Some(drying) = drying {
                    progress.pass_between(&drying.law, (*from_c, *to_c), dt_s);
                }
            }
        }
        self.mated_s += dt_s;
    }

    /// What it makes of the parts.
    pub(super) fn put(&self, plan: &SwitchPlan, worn: &mut Worn) {
        let system = plan.system();
        for (laser, health) in worn.lasers.iter_mut().enumerate() {
            let wear = &plan.lasers[laser].wear;
            let drawn = Draw::new(self.seed, &system.lasers[laser].name, "wear").normal(0);
            let pace = (wear.sigma * drawn).exp();
            *health = wear.at(pace * self.lasers[laser].done);
        }
        let of = &plan.ageing;
        for (fibre, loss_db) in system.fibres.iter().zip(&mut worn.fibres_db) {
            let draw = Draw::new(self.seed, &fibre.name, "dirt");
            let loss = |of: &Option<Mated>, first| {
                of.map_or(0.0, |of| of.loss_db(draw, first, self.mated_s))
            };
            *loss_db = match fibre.carries {
                FibreUse::Laser => loss(&of.laser[0], 0) + loss(&of.laser[1], 1),
                FibreUse::Data => loss(&of.data, 0),
            };
        }
        let parts = self.asics.iter().zip(&of.asics);
        for (k_per_w, (dried, of)) in worn.asic_k_per_w.iter_mut().zip(parts) {
            *k_per_w = dried.k_per_w(of);
        }
        let parts = self.engines.iter().zip(&of.engines);
        for (k_per_w, (dried, of)) in worn.engine_k_per_w.iter_mut().zip(parts) {
            *k_per_w = dried.k_per_w(of);
        }
    }
}

#[cfg(test)]
mod tests {
    use units::{
        ArealThermalResistance, Decibels, DecibelsPerSecond, KelvinDifference, Ratio, Seconds,
    };

    use super::*;

    const YEAR_S: f64 = 31_557_600.0;
    const EV: f64 = units::constants::ELEMENTARY_CHARGE;

    fn law() -> Law {
        Law {
            time_s: 30.0 * YEAR_S,
            reference: Celsius::new(50.0),
            activation: Joules::new(0.7 * EV),
        }
    }

    /// At 70 °C a process of 0.7 eV that is stated for 50 °C runs 4.33 times as fast, so that after
    /// seven years the threshold has grown by `0.5 (7 * 4.33 / 30)^0.6`, and the slope is
    /// `1 / (1 + 0.1 x)`.
    #[test]
    fn a_laser_at_constant_temperature_wears_by_the_closed_form() {
        let wear = Wear {
            law: law(),
            sigma: 0.6,
            growth: 0.5,
            loss: 0.1,
            exponent: 0.6,
        };
        let mut progress = Progress::NONE;
        for _ in 0..7 * 8766 {
            progress.pass(&wear.law, 70.0, 3600.0);
        }
        let faster = (0.7 / 8.617_333e-5 * (1.0 / 323.15 - 1.0 / 343.15_f64)).exp();
        let x = (7.0 * faster / 30.0_f64).powf(0.6);
        let worn = wear.at(progress.done);
        assert!((worn.threshold - (1.0 + 0.5 * x)).abs() < 1e-6, "{worn:?}");
        assert!(
            (worn.slope - 1.0 / (1.0 + 0.1 * x)).abs() < 1e-6,
            "{worn:?}"
        );
        let mut jumped = Progress::NONE;
        jumped.pass_between(&wear.law, (70.0, 70.0), 7.0 * YEAR_S);
        assert!((jumped.done / progress.done - 1.0).abs() < 1e-9);
        // What its module finds by its current is its age, at any set-point.
        let device = Laser {
            wavelength: units::Meters::new(1.31e-6),
            reference_temperature: Celsius::new(25.0),
            threshold_current: units::Amperes::new(0.015),
            threshold_t0: KelvinDifference::new(60.0),
            slope_efficiency: units::WattsPerAmpere::new(0.3),
            slope_t1: KelvinDifference::new(180.0),
            turn_on_voltage: units::Volts::new(0.95),
            series_resistance: units::Ohms::new(0.9),
            thermal_resistance: units::KelvinPerWatt::new(25.0),
            max_current: units::Amperes::new(0.6),
            wavelength_drift: units::MetersPerKelvin::new(1e-10),
            rin: units::DecibelsPerHertz::new(-150.0),
            feedback_threshold: Decibels::new(-27.0),
            isolation: Decibels::new(30.0),
        };
        for set_point_w in [0.01, 0.1] {
            let age = wear.age_of(worn, &device, set_point_w);
            let age = age.expect("it wears");
            assert!((age / progress.done - 1.0).abs() < 1e-12, "{age}");
        }
        assert_eq!(wear.age_of(LaserHealth::NEW, &device, 0.1), Some(0.0));
        let tireless = Wear {
            growth: 0.0,
            loss: 0.0,
            ..wear
        };
        assert_eq!(tireless.age_of(LaserHealth::NEW, &device, 0.1), None);
    }

    /// A temperature that creeps and swings, against the rate at every step: off by no more than
    /// the rate changes in a tenth of a kelvin, `E / (k T^2)` of it.
    #[test]
    fn a_rate_that_is_kept_is_off_by_less_than_a_tenth_of_a_kelvin_makes() {
        let law = law();
        let (mut kept, mut exact) = (Progress::NONE, 0.0);
        for step in 0..200_000_u32 {
            let t = f64::from(step);
            let celsius = 60.0 + 1e-4 * t + 5.0 * (t * 1e-3).sin() + 0.08 * (t * 0.7).sin();
            kept.pass(&law, celsius, 1.0);
            exact += law.per_s(celsius);
        }
        let kelvin = 60.0 - 5.1 + 273.15;
        let most = 0.7 / 8.617_333e-5 / (kelvin * kelvin) * SAME_RATE_K;
        let off = (kept.done / exact - 1.0).abs();
        assert!(off < most, "{off} {most}");
        assert!(most < 0.008, "{most}");
    }

    fn interface() -> Drying {
        Drying {
            k_per_w: ArealThermalResistance::new(8e-6).value() / 4e-4,
            law: law(),
            swings: Some(Swings {
                each: 1.0 / 7500.0,
                height_k: KelvinDifference::new(60.0).value(),
                exponent: 2.0,
            }),
        }
    }

    #[test]
    fn an_interface_dries_towards_its_last_resistance() {
        let of = [Some(interface()), None];
        let mut dried = Dried::NEW;
        let mut last = 0.0;
        for year in 1..=300_u32 {
            dried.pass(&of, 50.0, YEAR_S);
            let k_per_w = dried.k_per_w(&of);
            let exact = 0.02 * (1.0 - (-f64::from(year) / 30.0).exp());
            assert!((k_per_w - exact).abs() < 1e-12, "{year}: {k_per_w} {exact}");
            assert!(k_per_w > last && k_per_w < 0.02);
            last = k_per_w;
        }
        assert!(last > 0.9999 * 0.02);
    }

    /// 7500 swings of 60 K, or four times as many of 30 K, make as much as the ageing time; the
    /// noise of a sensor makes nothing.
    #[test]
    fn swings_count_by_the_square_of_their_height() {
        let of = [Some(interface()), None];
        let damage = |height_k: f64, n: u32| {
            let mut dried = Dried::NEW;
            for _ in 0..n {
                dried.swing(&of, 40.0);
                dried.swing(&of, 40.0 + 0.7 * height_k);
                dried.swing(&of, 40.0 + height_k);
            }
            dried.progress[0].done
        };
        // The first way up has begun nowhere, and the last one has not turned.
        assert!(
            (damage(60.0, 7501) - 1.0).abs() < 2e-4,
            "{}",
            damage(60.0, 7501)
        );
        assert!((damage(30.0, 30_001) - 1.0).abs() < 2e-4);
        assert!(damage(0.4, 30_001).abs() < 1e-12);
        let [first, second] = [damage(50.0, 11), damage(50.0, 21)];
        assert!((second - first - 10.0 * (50.0_f64 / 60.0).powi(2) / 7500.0).abs() < 1e-12);
    }

    fn mated(n: f64) -> Mated {
        Mated {
            db_per_s: DecibelsPerSecond::new(0.01 / YEAR_S).value(),
            sigma: Ratio::new(1.0).value(),
            greatest_db: Decibels::new(1.5).value(),
            n,
        }
    }

    /// Half of the pairs lose less than the median, 16 % more than e times it, and none more than
    /// the greatest loss.
    #[test]
    fn pairs_gather_dirt_about_their_median() {
        let of = mated(1.0);
        let ten_years = Seconds::new(10.0 * YEAR_S).value();
        let loss = |of: &Mated, name: u32, time_s| {
            of.loss_db(Draw::new(7, &format!("fibre{name}"), "dirt"), 0, time_s)
        };
        let losses: Vec<f64> = (0..4000).map(|name| loss(&of, name, ten_years)).collect();
        let share = |least: f64| {
            losses.iter().filter(|loss| **loss > least).count() as f64 / losses.len() as f64
        };
        // Three standard deviations of a share of 4000.
        assert!((share(0.1) - 0.5).abs() < 0.024, "{}", share(0.1));
        assert!((share(0.1 * 1.0_f64.exp()) - 0.1587).abs() < 0.018);
        assert!(losses.iter().all(|loss| *loss > 0.0 && *loss <= 1.5));
        assert!((0..100).all(|name| (loss(&of, name, 1e6 * YEAR_S) - 1.5).abs() < 1e-12));
        // One and a half pairs: each its own rate, the second by half.
        let more = mated(1.5);
        let draw = Draw::new(7, "fibre0", "dirt");
        let [first, second] = [0, 1].map(|tick| of.loss_db(draw, tick, ten_years));
        let both = more.loss_db(draw, 0, ten_years);
        assert!((both - first - 0.5 * second).abs() < 1e-12 && (first - second).abs() > 1e-6);
        assert!(loss(&of, 0, 0.0).abs() < 1e-300);
    }
}
