//! Heat in time: what one switch has stored, and the temperatures that it makes.

use std::sync::Arc;

use serde::{Deserialize, Serialize};
use thermal::{Beyond, ReducedState};
use units::{Celsius, Joules, KelvinDifference, KelvinPerWatt, Seconds, Watts};

use super::HeatFault;
use super::dynamics::{HeatDynamics, Lump, ModuleKind, Place, WayOut};
use super::hottest::Hottest;
use super::loads::Loads;

/// A coolant now.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Coolant {
    /// Temperature at the inlet, °C.
    pub inlet_c: f64,
    /// Its flow through each cooler over the flow that is described; zero where it stands.
    pub flow_ratio: f64,
}

/// What the coolers of one cooling take up, as a mean over the last step.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct CoolantHeat {
    /// Heat into the fluid of all its coolers.
    pub heat: Watts,
    /// Mean temperature of the fluid that leaves; none where nothing flows, or where nothing that was
    /// solved is cooled by it.
    pub outlet: Option<Celsius>,
}

/// Heat through one way out of a package, as a mean over the last step.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct SinkHeat {
    /// The package.
    pub package: usize,
    /// Position of the cooling in the description; none for the board.
    pub cooling: Option<usize>,
    /// What leaves there.
    pub heat: Watts,
    /// Mean temperature outside: of the fluid in a cooler, with what its film differs from the
    /// described one, or of the air at the board. Where nothing flows, of the face itself.
    pub outside: Celsius,
}

/// Temperatures and flows of heat at the end of a step.
#[derive(Debug, Clone, PartialEq)]
pub struct HeatNow {
    /// Hottest place of every die.
    pub junctions: Vec<Celsius>,
    /// Mean of the photonic die of every engine, or the optics of a module.
    pub photonic: Vec<Celsius>,
    /// Mean of the electronic die of every engine; that of a module has the temperature of its optics.
    pub electronic: Vec<Celsius>,
    /// Case of every laser module.
    pub laser_modules: Vec<Celsius>,
    /// Coolings, in the order of the description.
    pub coolants: Vec<CoolantHeat>,
    /// Ways out of every package: dies, engines where they have a cooler of their own, board.
    pub sinks: Vec<SinkHeat>,
}

/// Flows of heat and temperatures of what takes them up, as means over several steps.
#[derive(Debug, Clone, PartialEq, Default)]
pub(crate) struct HeatMeans(Vec<f64>);

/// Where the heat of one switch is: a few hundred numbers beside the shared [`HeatDynamics`].
///
/// A step has constant heat, inlets and flows. Packages and modules answer it exactly, whatever its
/// length; the temperature of a fluid that is warmed by what it cools is the one that belongs to the
/// mean heat of the step, so that no heat is lost, and steps of any length are stable.
///
/// # Equations
/// Outside of a cooler: `T = T_in + Q / (2 m c) + Q (R(V) - R(V_0))` with the mean heat `Q` of the
/// step; at no flow `Q = 0`, and the package with its plate stores what it is given.
/// A module: `C dT/dt = P - (T - T_in) / (R(V) + 1 / (2 m c))`.
///
/// # Range
/// The mean of inlet and outlet stands for the fluid. Where the flow is so low that the fluid all but
/// takes the temperature of its plate (`1 / (2 m c)` above `R`), that counts too much of its warming,
/// so that less heat leaves than in truth, and the outlet may come out warmer than the plate.
#[derive(Debug, Clone)]
pub struct HeatMotion {
    dynamics: Arc<HeatDynamics>,
    packages: Vec<ReducedState>,
    /// Modules outside packages, in the order of the lumps, and where the last step found them.
    modules_c: Vec<f64>,
    modules_begun_c: Vec<f64>,
    now: HeatNow,
    /// Share of its flow of every cooling, and what each series is at it.
    flow_ratios: Vec<f64>,
    series_k_per_w: Vec<Option<f64>>,
    // Places to work in, so that a step takes no memory.
    powers: Vec<Watts>,
    beyond: Vec<Beyond>,
    n_coolers: Vec<u32>,
}

/// Where they are: the same system, stored heat and temperatures.
impl PartialEq for HeatMotion {
    fn eq(&self, other: &Self) -> bool {
        Arc::ptr_eq(&self.dynamics, &other.dynamics)
            && self.packages == other.packages
            && self.modules_c == other.modules_c
            && self.now == other.now
    }
}

impl HeatMotion {
    /// At rest with the given heat and coolants.
    ///
    /// # Errors
    /// Lists of another system, numbers that are none, a flow below zero, a part that nothing cools.
    pub fn at_rest(
        dynamics: &Arc<HeatDynamics>,
        loads: &Loads,
        coolants: &[Coolant],
    ) -> Result<Self, HeatFault> {
        let n_sinks = dynamics.places.iter();
        let n_sinks = n_sinks.map(|place| dynamics.shapes[place.shape].ways_out.len());
        let nothing = SinkHeat {
            package: 0,
            cooling: None,
            heat: Watts::new(0.0),
            outside: Celsius::new(0.0),
        };
        let part = |at: usize| dynamics.stated(at).unwrap_or_default();
        let (n_asics, n_engines) = (dynamics.n_asics, dynamics.n_engines);
        let engines: Vec<Celsius> = (n_asics..n_asics + n_engines).map(part).collect();
        let now = HeatNow {
            junctions: (0..n_asics).map(part).collect(),
            photonic: engines.clone(),
            electronic: engines,
            laser_modules: (n_asics + n_engines..dynamics.stated_c.len())
                .map(part)
                .collect(),
            coolants: vec![
                CoolantHeat {
                    heat: Watts::new(0.0),
                    outlet: None,
                };
                dynamics.coolings.len()
            ],
            sinks: vec![nothing; n_sinks.sum()],
        };
        let mut motion = Self {
            packages: Vec::with_capacity(dynamics.places.len()),
            modules_c: vec![0.0; dynamics.lumps.len()],
            modules_begun_c: vec![0.0; dynamics.lumps.len()],
            now,
            flow_ratios: vec![f64::NAN; dynamics.coolings.len()],
            series_k_per_w: vec![None; dynamics.series.len()],
            powers: Vec::new(),
            beyond: Vec::new(),
            n_coolers: vec![0; dynamics.coolings.len()],
            dynamics: Arc::clone(dynamics),
        };
        motion.check(loads, coolants)?;
        motion.set_flows(coolants)?;
        for at in 0..dynamics.places.len() {
            let place = &dynamics.places[at];
            motion.set_package(place, loads, coolants);
            let model = Arc::clone(&dynamics.shapes[place.shape].model);
            let state = ReducedState::at_rest_beyond(model, &motion.powers, &motion.beyond)?;
            motion.packages.push(state);
        }
        for (at, lump) in dynamics.lumps.iter().enumerate() {
            let kind = &dynamics.kinds[lump.kind];
            let series = motion.series_k_per_w[kind.series];
            let k_per_w = series.ok_or_else(|| motion.not_cooled(kind.series))? + kind.k_per_w;
            let inlet_c = coolants[dynamics.series[kind.series].cooling].inlet_c;
            motion.modules_c[at] = inlet_c + k_per_w * module_watts(dynamics, lump, loads);
        }
        motion.modules_begun_c.clone_from(&motion.modules_c);
        motion.read_out(loads, coolants, None);
        Ok(motion)
    }

    /// Goes on for a time with constant heat and coolants.
    ///
    /// # Errors
    /// Lists of another system, numbers that are none, a flow below zero, a time that is not
    /// positive, and a module without a heat capacity whose coolant stands: all before anything moves.
    pub fn step(
        &mut self,
        loads: &Loads,
        coolants: &[Coolant],
        dt: Seconds,
    ) -> Result<(), HeatFault> {
        let step_s = dt.value();
        if !(step_s > 0.0 && step_s.is_finite()) {
            let what = format!("a step of {step_s} s; it has to be above zero");
            return Err(HeatFault::Input { what });
        }
        self.check(loads, coolants)?;
        let dynamics = Arc::clone(&self.dynamics);
        let stands = |kind: &&ModuleKind| {
            let cooling = dynamics.series[kind.series].cooling;
            kind.capacity_j_per_k.is_none() && coolants[cooling].flow_ratio <= 0.0
        };
        if let Some(kind) = dynamics.kinds.iter().find(stands) {
            return Err(self.not_cooled(kind.series));
        }
        self.set_flows(coolants)?;
        for (at, place) in dynamics.places.iter().enumerate() {
            self.set_package(place, loads, coolants);
            self.packages[at].step_beyond(&self.powers, &self.beyond, dt)?;
        }
        self.modules_begun_c.copy_from_slice(&self.modules_c);
        self.read_out(loads, coolants, Some(step_s));
        Ok(())
    }

    /// Temperatures at the end of the last step, and flows of heat in it.
    pub const fn now(&self) -> &HeatNow {
        &self.now
    }

    /// What it is made of.
    pub const fn dynamics(&self) -> &Arc<HeatDynamics> {
        &self.dynamics
    }

    pub(super) fn packages(&self) -> &[ReducedState] {
        &self.packages
    }

    /// Where a module was at a time after the last step, of that length, began.
    pub(super) fn module_within(&self, at: usize, since: Seconds, step: Seconds) -> Celsius {
        let kind = &self.dynamics.kinds[self.dynamics.lumps[at].kind];
        let share = match (kind.capacity_j_per_k, self.series_k_per_w[kind.series]) {
            (None, _) => 1.0,
            (Some(_), None) => since / step,
            (Some(capacity), Some(series)) => {
                let tau_s = (series + kind.k_per_w) * capacity;
                f64::exp_m1(-since.value() / tau_s) / f64::exp_m1(-step.value() / tau_s)
            }
        };
        let (begun_c, now_c) = (self.modules_begun_c[at], self.modules_c[at]);
        Celsius::new(begun_c + share * (now_c - begun_c))
    }

    /// Adds a share of what is told of the last step to means over several.
    pub(crate) fn add_to(&self, means: &mut HeatMeans, share: f64) {
        let outlet = |of: &CoolantHeat| of.outlet.map_or(f64::NAN, Celsius::value);
        let coolants = self.now.coolants.iter();
        let coolants = coolants.flat_map(|of| [of.heat.value(), outlet(of)]);
        let sinks = self.now.sinks.iter();
        let sinks = sinks.flat_map(|of| [of.heat.value(), of.outside.value()]);
        let n = 2 * (self.now.coolants.len() + self.now.sinks.len());
        means.0.resize(n, 0.0);
        for (mean, of) in means.0.iter_mut().zip(coolants.chain(sinks)) {
            *mean += share * of;
        }
    }

    /// Tells these means of the last step.
    pub(crate) fn put(&mut self, means: &HeatMeans) {
        let mut pairs = means.0.chunks_exact(2);
        for (of, pair) in self.now.coolants.iter_mut().zip(&mut pairs) {
            of.heat = Watts::new(pair[0]);
            of.outlet = (!pair[1].is_nan()).then_some(Celsius::new(pair[1]));
        }
        for (of, pair) in self.now.sinks.iter_mut().zip(pairs) {
            (of.heat, of.outside) = (Watts::new(pair[0]), Celsius::new(pair[1]));
        }
    }

    /// Goes back to where the last step began, for another one in its place.
    pub(crate) fn begin_again(&mut self) {
        for package in &mut self.packages {
            package.begin_again();
        }
        self.modules_c.copy_from_slice(&self.modules_begun_c);
    }

    /// Heat that packages and modules hold above 0 °C. What the parts made in a step less what left
    /// is what it grew by.
    pub fn stored(&self) -> Joules {
        let lumps = self.dynamics.lumps.iter().zip(&self.modules_c);
        let of_modules = lumps.map(|(lump, celsius)| {
            let capacity = self.dynamics.kinds[lump.kind].capacity_j_per_k;
            capacity.unwrap_or(0.0) * celsius
        });
        let of_packages = self.packages.iter().map(|of| of.stored().value());
        Joules::new(of_packages.sum::<f64>() + of_modules.sum::<f64>())
    }

    /// Heat that its packages and modules gave off in the last step, as a mean: into coolants and
    /// through boards.
    pub fn leaving(&self) -> Watts {
        let to_boards = self.now.sinks.iter().filter(|sink| sink.cooling.is_none());
        let to_boards: f64 = to_boards.map(|sink| sink.heat.value()).sum();
        let coolants = self.now.coolants.iter();
        Watts::new(to_boards + coolants.map(|of| of.heat.value()).sum::<f64>())
    }

    /// All that time has made of it, as plain numbers; [`Self::resume`] makes the same of them.
    pub(crate) fn numbers(&self) -> Vec<f64> {
        let now = &self.now;
        let celsius = [
            &now.junctions,
            &now.photonic,
            &now.electronic,
            &now.laser_modules,
        ];
        let outlet = |of: &CoolantHeat| of.outlet.map_or(f64::NAN, Celsius::value);
        let coolants = now.coolants.iter();
        let coolants = coolants.flat_map(|of| [of.heat.value(), outlet(of)]);
        let sinks = now.sinks.iter();
        let sinks = sinks.flat_map(|of| [of.heat.value(), of.outside.value()]);
        let packages = self.packages.iter().flat_map(ReducedState::numbers);
        packages
            .chain(self.modules_c.iter().copied())
            .chain(celsius.into_iter().flatten().map(|t| t.value()))
            .chain(coolants)
            .chain(sinks)
            .collect()
    }

    /// Puts what [`Self::numbers`] gave in place of its state.
    ///
    /// # Errors
    /// Numbers of another switch. The state is then as before.
    pub(crate) fn resume(&mut self, numbers: &[f64]) -> Result<(), HeatFault> {
        let missing = || HeatFault::Input {
            what: "saved heat has another length than that of the system".to_owned(),
        };
        let mut read = self.clone();
        let mut numbers = numbers.iter().copied();
        for package in &mut read.packages {
            package.resume(&mut numbers)?;
        }
        for module_c in &mut read.modules_c {
            *module_c = numbers.next().ok_or_else(missing)?;
        }
        let now = &mut read.now;
        for celsius in [
            &mut now.junctions,
            &mut now.photonic,
            &mut now.electronic,
            &mut now.laser_modules,
        ] {
            for slot in celsius {
                *slot = Celsius::new(numbers.next().ok_or_else(missing)?);
            }
        }
        for of in &mut now.coolants {
            of.heat = Watts::new(numbers.next().ok_or_else(missing)?);
            let outlet = numbers.next().ok_or_else(missing)?;
            of.outlet = (!outlet.is_nan()).then_some(Celsius::new(outlet));
        }
        for of in &mut now.sinks {
            of.heat = Watts::new(numbers.next().ok_or_else(missing)?);
            of.outside = Celsius::new(numbers.next().ok_or_else(missing)?);
        }
        if numbers.next().is_some() {
            return Err(missing());
        }
        read.modules_begun_c.clone_from(&read.modules_c);
        // What the flows make of the series is found at the next step.
        read.flow_ratios.fill(f64::NAN);
        *self = read;
        Ok(())
    }

    /// Memory that this switch takes beside the shared part, bytes.
    pub fn bytes(&self) -> usize {
        let of_packages: usize = self.packages.iter().map(ReducedState::bytes).sum();
        let now = &self.now;
        let n_values = 2 * self.modules_c.len()
            + now.junctions.len()
            + now.photonic.len()
            + now.electronic.len()
            + now.laser_modules.len()
            + self.flow_ratios.len()
            + 2 * self.series_k_per_w.len()
            + self.powers.capacity();
        let n_flows = size_of_val(now.coolants.as_slice()) + size_of_val(now.sinks.as_slice());
        let scratch = size_of_val(self.beyond.as_slice()) + size_of_val(self.n_coolers.as_slice());
        size_of::<Self>() + of_packages + n_values * size_of::<f64>() + n_flows + scratch
    }

    fn not_cooled(&self, series: usize) -> HeatFault {
        let name = &self.dynamics.coolings[self.dynamics.series[series].cooling];
        HeatFault::Cooler {
            what: format!(
                "nothing flows through cooling.{name}, which alone cools modules that do not state their heat_capacity, or that are at rest"
            ),
        }
    }

    /// Refuses heat and coolants of another system, and numbers that are none.
    fn check(&self, loads: &Loads, coolants: &[Coolant]) -> Result<(), HeatFault> {
        let of = &self.dynamics;
        let n_modules = of.stated_c.len() - of.n_asics - of.n_engines;
        let lists = [
            ("cores", loads.cores_w.len(), of.n_asics),
            ("SerDes of dies", loads.serdes_w.len(), of.n_asics),
            ("engines", loads.engines.len(), of.n_engines),
            ("laser modules", loads.laser_modules_w.len(), n_modules),
            ("coolants", coolants.len(), of.coolings.len()),
        ];
        if let Some((what, given, needed)) = lists.into_iter().find(|(_, a, b)| a != b) {
            let what = format!("{given} {what} were given, and the system has {needed}");
            return Err(HeatFault::Input { what });
        }
        let of_engines = loads.engines.iter();
        let watts = loads
            .cores_w
            .iter()
            .chain(&loads.serdes_w)
            .chain(&loads.laser_modules_w)
            .copied()
            .chain(of_engines.flat_map(|engine| [engine.photonic_w, engine.electronic_w]));
        if let Some(bad) = watts.into_iter().find(|watts| !watts.is_finite()) {
            let what = format!("a part makes {bad} W; heat has to be a number");
            return Err(HeatFault::Input { what });
        }
        let is_bad = |of: &Coolant| {
            !(of.inlet_c.is_finite() && of.flow_ratio >= 0.0 && of.flow_ratio.is_finite())
        };
        if let Some(at) = coolants.iter().position(is_bad) {
            let (name, coolant) = (&of.coolings[at], coolants[at]);
            let what = format!(
                "cooling.{name} is at {} C with {} of its flow; both have to be numbers, and the flow zero or more",
                coolant.inlet_c, coolant.flow_ratio
            );
            return Err(HeatFault::Input { what });
        }
        Ok(())
    }

    /// What the series are at the flows now.
    fn set_flows(&mut self, coolants: &[Coolant]) -> Result<(), HeatFault> {
        let changed =
            |at: usize| coolants[at].flow_ratio.to_bits() != self.flow_ratios[at].to_bits();
        for (series, k_per_w) in self.dynamics.series.iter().zip(&mut self.series_k_per_w) {
            if changed(series.cooling) {
                *k_per_w = series.k_per_w(coolants[series.cooling].flow_ratio)?;
            }
        }
        for (ratio, coolant) in self.flow_ratios.iter_mut().zip(coolants) {
            *ratio = coolant.flow_ratio;
        }
        Ok(())
    }

    /// Heat and ways out of one package.
    fn set_package(&mut self, place: &Place, loads: &Loads, coolants: &[Coolant]) {
        let dynamics = &self.dynamics;
        self.powers.clear();
        let powers = place.feeds.iter().map(|feed| feed.watts(loads));
        self.powers.extend(powers.map(Watts::new));
        self.beyond.clear();
        let shape = &dynamics.shapes[place.shape];
        let ways_out = shape.ways_out.iter().zip(&shape.heat_ratios);
        self.beyond
            .extend(ways_out.map(|(way_out, ratio)| match *way_out {
                WayOut::Board(celsius) => Beyond::Held(KelvinDifference::new(celsius)),
                WayOut::Standing(_) => Beyond::Closed,
                WayOut::Fluid(at) => match self.series_k_per_w[at] {
                    None => Beyond::Closed,
                    Some(k_per_w) => Beyond::Warmed {
                        from: KelvinDifference::new(coolants[dynamics.series[at].cooling].inlet_c),
                        resistance: KelvinPerWatt::new(k_per_w * ratio),
                    },
                },
            }));
    }

    /// Moves the modules, where a time has passed, and reads all temperatures and flows of heat.
    fn read_out(&mut self, loads: &Loads, coolants: &[Coolant], step_s: Option<f64>) {
        let dynamics = Arc::clone(&self.dynamics);
        for coolant in &mut self.now.coolants {
            coolant.heat = Watts::new(0.0);
        }
        self.n_coolers.fill(0);
        let mut sink = 0;
        for (package, place) in dynamics.places.iter().enumerate() {
            self.read_package(&dynamics, package, place, loads);
            for (way_out, of) in dynamics.shapes[place.shape].ways_out.iter().enumerate() {
                let state = &self.packages[package];
                let cooling = of.cooling(&dynamics.series);
                let heat = state.heat_through(way_out);
                self.now.sinks[sink] = SinkHeat {
                    package,
                    cooling,
                    heat,
                    outside: Celsius::new(state.outside(way_out).value()),
                };
                sink += 1;
                if let Some(cooling) = cooling {
                    self.now.coolants[cooling].heat += heat;
                    self.n_coolers[cooling] += 1;
                }
            }
        }
        for (at, lump) in dynamics.lumps.iter().enumerate() {
            let heat = self.move_module(&dynamics, at, lump, loads, (coolants, step_s));
            let cooling = dynamics.series[dynamics.kinds[lump.kind].series].cooling;
            self.now.coolants[cooling].heat += Watts::new(heat);
            self.n_coolers[cooling] += 1;
        }
        for (at, coolant) in coolants.iter().enumerate() {
            let (now, n_coolers) = (&mut self.now.coolants[at], self.n_coolers[at]);
            let capacity_rate = dynamics.capacity_rates[at] * coolant.flow_ratio;
            now.outlet = (n_coolers > 0 && capacity_rate > 0.0).then(|| {
                let each = now.heat.value() / f64::from(n_coolers);
                Celsius::new(coolant.inlet_c + each / capacity_rate)
            });
        }
    }

    /// Temperatures of the dies and engines of one package.
    fn read_package(
        &mut self,
        dynamics: &HeatDynamics,
        package: usize,
        place: &Place,
        loads: &Loads,
    ) {
        let (shape, state) = (&dynamics.shapes[place.shape], &self.packages[package]);
        let (dies, engines) = &place.members;
        self.powers.clear();
        let powers = place.feeds.iter().map(|feed| feed.watts(loads));
        self.powers.extend(powers.map(Watts::new));
        for (die, [core, serdes]) in dies.iter().zip(&shape.hottest) {
            let hottest = |of: &Hottest| {
                let above = KelvinDifference::new(of.above_mean_k(&self.powers));
                state.average(of.block) + above
            };
            let stated = dynamics.stated(*die);
            self.now.junctions[*die] = stated.unwrap_or(hottest(core).max(hottest(serdes)));
        }
        let seats = engines.iter().zip(&shape.photonic).zip(&shape.electronic);
        for ((engine, photonic), electronic) in seats {
            let stated = dynamics.stated(dynamics.n_asics + engine);
            self.now.photonic[*engine] = stated.unwrap_or(state.average(*photonic));
            self.now.electronic[*engine] = state.average(*electronic);
        }
    }

    /// Moves one module where a time has passed; gives its mean heat into its fluid.
    fn move_module(
        &mut self,
        dynamics: &HeatDynamics,
        at: usize,
        lump: &Lump,
        loads: &Loads,
        (coolants, step_s): (&[Coolant], Option<f64>),
    ) -> f64 {
        let kind = &dynamics.kinds[lump.kind];
        let watts = module_watts(dynamics, lump, loads);
        let before_c = self.modules_c[at];
        let inlet_c = coolants[dynamics.series[kind.series].cooling].inlet_c;
        let series = self.series_k_per_w[kind.series].map(|series| series + kind.k_per_w);
        let moved = match (step_s, kind.capacity_j_per_k, series) {
            (Some(_), None, Some(k_per_w)) => Some((inlet_c + k_per_w * watts, watts)),
            (Some(step_s), Some(capacity), Some(k_per_w)) => {
                let rest_c = inlet_c + k_per_w * watts;
                let settled = -f64::exp_m1(-step_s / (k_per_w * capacity));
                let after_c = before_c + (rest_c - before_c) * settled;
                Some((after_c, watts - capacity * (after_c - before_c) / step_s))
            }
            (Some(step_s), Some(capacity), None) => {
                Some((before_c + watts * step_s / capacity, 0.0))
            }
            // At rest the temperature is set already; a step refuses what neither stores heat nor
            // gives it off before anything moves.
            (None, ..) | (Some(_), None, None) => None,
        };
        let (after_c, heat) = moved.unwrap_or((before_c, watts));
        self.modules_c[at] = after_c;
        let (n_asics, n_engines) = (dynamics.n_asics, dynamics.n_engines);
        let celsius = Celsius::new(after_c);
        let module = lump.part.checked_sub(n_asics + n_engines);
        if let Some(module) = module {
            self.now.laser_modules[module] = celsius;
        } else {
            self.now.photonic[lump.part - n_asics] = celsius;
            self.now.electronic[lump.part - n_asics] = celsius;
        }
        heat
    }
}

/// Heat of a module.
fn module_watts(dynamics: &HeatDynamics, lump: &Lump, loads: &Loads) -> f64 {
    let engine = lump.part - dynamics.n_asics;
    match loads.engines.get(engine) {
        Some(engine) => engine.photonic_w + engine.electronic_w,
        None => loads.laser_modules_w[engine - dynamics.n_engines],
    }
}
