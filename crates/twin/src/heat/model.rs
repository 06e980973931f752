//! The answer of a system to its heat: packages through their responses, modules through their
//! resistances.

use std::sync::Arc;

use rayon::prelude::*;
use system::System;
use units::{Celsius, KelvinDifference, Watts};

use super::cooler::mean_rise;
use super::layout::{Members, members};
use super::loads::Loads;
use super::newton;
use super::response::{AtRest, Cut, Heated, PackageModel};
use super::search::coldest_loads;
use super::sinks::sinks;
use super::stack::Outside;
use super::{EngineHeat, HeatFault, HeatState, PackageBalance, PartHeat, Parts, Setting};

/// The packages and modules of a system as resistances.
///
/// Layers, materials and flows are those of the system that it was made from; powers, inlets and
/// laws of leakage are read anew from the system that is solved.
#[derive(Debug, Clone)]
pub(crate) struct HeatModel {
    /// The package; none where every part of it stands in a zone of stated temperature.
    pub(super) package: Option<Arc<PackageModel>>,
    /// Dies and engines of each package.
    pub(super) packages: Vec<Members>,
    /// The field of each package at an operating point; none before there is one, and where no
    /// conductivity depends on temperature.
    pub(super) at_rest: Vec<Option<Arc<AtRest>>>,
}

impl HeatModel {
    /// Cuts the package into cells and solves its response, with conductivities at the heat of
    /// parts as cold as what cools them.
    ///
    /// # Errors
    /// A description that lacks what heat needs, a package whose parts do not fit, a solver that
    /// does not converge.
    pub(crate) fn new(system: &System) -> Result<Self, HeatFault> {
        let packages = members(system)?;
        let setting = Setting::new(system);
        let parts = Parts::new(system);
        let (dies, engines) = &packages[0];
        let is_stated = dies
            .iter()
            .copied()
            .chain(engines.iter().map(|idx| parts.n_asics + idx))
            .all(|part| parts.stated[part].is_some());
        let package = if is_stated {
            None
        } else {
            let loads = || coldest_loads(system);
            Some(Arc::new(PackageModel::new(system, &packages[0], &loads)?))
        };
        setting?;
        let at_rest = vec![None; packages.len()];
        Ok(Self {
            package,
            packages,
            at_rest,
        })
    }

    /// Whether the packages of another system are the same to the last bit.
    pub(crate) fn fits(&self, system: &System) -> bool {
        let Ok(packages) = members(system) else {
            return false;
        };
        if packages != self.packages {
            return false;
        }
        match &self.package {
            None => true,
            Some(package) => {
                let (dies, engines) = &packages[0];
                Cut::new(system, dies, engines, &Outside::NOTHING)
                    .is_ok_and(|cut| cut.stack == *package.model.stack())
            }
        }
    }

    /// The same with the field of every package at the given heat, with its conductivities at its
    /// own temperatures; none where no conductivity depends on temperature.
    ///
    /// # Errors
    /// A package so hot that its conductivities fade away, a solver that does not converge.
    pub(super) fn at_rest(
        &self,
        system: &System,
        loads: &Loads,
    ) -> Result<Option<Self>, HeatFault> {
        let Some(package) = &self.package else {
            return Ok(None);
        };
        if !package.model.has_varying_conductivity() {
            return Ok(None);
        }
        let powers: Vec<Vec<Watts>> = self
            .packages
            .iter()
            .map(|members| package.powers(members, loads))
            .collect();
        // Packages of equal heat are solved once.
        let first_of: Vec<usize> = powers
            .iter()
            .map(|own| powers.iter().position(|other| other == own).unwrap_or(0))
            .collect();
        let solved: Vec<Option<Arc<AtRest>>> = (0..self.packages.len())
            .into_par_iter()
            .map(|idx| {
                if first_of[idx] != idx {
                    return Ok(None);
                }
                let last = self.at_rest[idx].as_deref();
                let found = package.at_rest(system, &self.packages[idx], loads, last)?;
                Ok(Some(Arc::new(found)))
            })
            .collect::<Result<_, HeatFault>>()?;
        Ok(Some(Self {
            at_rest: first_of
                .iter()
                .map(|first| solved[*first].clone())
                .collect(),
            ..self.clone()
        }))
    }

    /// The packages with what their heat makes of them.
    pub(super) fn heated<'a>(
        &'a self,
        system: &'a System,
        loads: &'a Loads,
    ) -> impl Iterator<Item = (&'a PackageModel, &'a Members, Heated)> {
        let packages = self.packages.iter().zip(&self.at_rest);
        packages.filter_map(move |(members, at_rest)| {
            let package = self.package.as_deref()?;
            let heated = package.heated(system, members, loads, at_rest.as_deref());
            Some((package, members, heated))
        })
    }

    /// The temperatures that a given heat makes, of all parts in order.
    pub(super) fn temperatures(&self, setting: &Setting<'_>, loads: &Loads) -> Vec<f64> {
        let parts = &setting.parts;
        let mut celsius: Vec<f64> = parts
            .stated
            .iter()
            .map(|stated| stated.as_ref().map_or(f64::NAN, |t| t.value.value()))
            .collect();
        let mut set = |part: usize, t: f64| {
            if parts.stated[part].is_none() {
                celsius[part] = t;
            }
        };
        for (package, (dies, engines), heated) in self.heated(setting.system, loads) {
            for (place, die) in dies.iter().enumerate() {
                set(*die, heated.junctions[place]);
            }
            for (seat, engine) in engines.iter().enumerate() {
                set(
                    parts.n_asics + engine,
                    heated.averages[package.photonic[seat]],
                );
            }
        }
        for module in &setting.modules {
            set(
                module.part,
                module.celsius(loads.of_module(parts, module.part)),
            );
        }
        celsius
    }

    /// The links of the loop from heat to temperature: for each package the parts and the matrix
    /// of its response to them, and for each module its resistance.
    fn loops(&self, setting: &Setting<'_>, slopes: &[f64]) -> Vec<newton::Loop> {
        let parts = &setting.parts;
        let mut loops = Vec::new();
        for (dies, engines) in &self.packages {
            let Some(package) = &self.package else { break };
            let of_dies = dies.iter().zip(&package.core);
            let of_engines = engines.iter().map(|idx| parts.n_asics + idx);
            let members: Vec<(usize, usize)> = of_dies
                .map(|(part, source)| (*part, *source))
                .chain(of_engines.zip(package.photonic.iter().copied()))
                .filter(|(part, _)| parts.stated[*part].is_none())
                .collect();
            let sinks = sinks(setting.system, dies, engines);
            let n = members.len();
            let mut matrix = vec![0.0; n * n];
            for (row, (_, out)) in members.iter().enumerate() {
                for (column, (part, source)) in members.iter().enumerate() {
                    matrix[row * n + column] =
                        package.k_per_w(&sinks, *out, *source) * slopes[*part];
                }
            }
            loops.push(newton::Loop {
                parts: members.iter().map(|(part, _)| *part).collect(),
                matrix,
            });
        }
        for module in &setting.modules {
            loops.push(newton::Loop {
                parts: vec![module.part],
                matrix: vec![module.k_per_w * slopes[module.part]],
            });
        }
        loops
    }

    /// Greatest eigenvalue of the loop from heat to temperature to heat, and the part whose own
    /// heat comes back to it most.
    pub(super) fn gain(&self, setting: &Setting<'_>, slopes: &[f64]) -> (f64, usize) {
        let loops = self.loops(setting, slopes);
        let gains = loops.iter().map(|of| (of.gain(), of.strongest()));
        gains.fold(
            (0.0, 0),
            |worst, found| {
                if found.0 > worst.0 { found } else { worst }
            },
        )
    }

    /// One step of Newton's method.
    pub(super) fn newton_step(
        &self,
        setting: &Setting<'_>,
        slopes: &[f64],
        difference: &[f64],
    ) -> Vec<f64> {
        let mut step = vec![0.0; difference.len()];
        for of in self.loops(setting, slopes) {
            of.step(difference, &mut step);
        }
        step
    }

    /// Everything that is known at the agreement.
    pub(super) fn state(
        &self,
        setting: &Setting<'_>,
        loads: &Loads,
        residual_k: f64,
        steps: usize,
        gain: f64,
    ) -> HeatState {
        let (system, parts) = (setting.system, &setting.parts);
        let celsius = self.temperatures(setting, loads);
        let part = |idx: usize, watts: f64| PartHeat {
            power: Watts::new(watts),
            temperature: Celsius::new(celsius[idx]),
        };
        let asics = (0..parts.n_asics)
            .map(|idx| part(idx, loads.cores_w[idx] + loads.serdes_w[idx]))
            .collect();
        let mut engines: Vec<EngineHeat> = loads
            .engines
            .iter()
            .enumerate()
            .map(|(idx, load)| EngineHeat {
                photonic: part(parts.n_asics + idx, load.photonic_w),
                electronic: part(parts.n_asics + idx, load.electronic_w),
                crosstalk_k_per_w: None,
                own_k_per_w: None,
            })
            .collect();
        let mut fluids = Fluids::new(system);
        let mut balances = Vec::new();
        for (package, (dies, of_package), heated) in self.heated(system, loads) {
            let sinks = sinks(system, dies, of_package);
            for (seat, engine) in of_package.iter().enumerate() {
                let heat = &mut engines[*engine];
                heat.electronic.temperature =
                    Celsius::new(heated.averages[package.electronic[seat]]);
                heat.crosstalk_k_per_w = Some(package.crosstalk(&sinks, seat, dies, loads));
                let own = package.photonic[seat];
                heat.own_k_per_w = Some(package.k_per_w(&sinks, own, own));
            }
            for (cooling, watts) in &heated.to_coolers {
                fluids.take(*cooling, *watts);
            }
            let to_coolers: f64 = heated.to_coolers.iter().map(|(_, watts)| watts).sum();
            balances.push(PackageBalance {
                generated: Watts::new(heated.generated_w),
                to_coolers: Watts::new(to_coolers),
                to_board: Watts::new(heated.to_board_w),
            });
        }
        for module in &setting.modules {
            fluids.take(module.cooling, loads.of_module(parts, module.part));
        }
        let first_module = parts.n_asics + parts.n_engines;
        HeatState {
            asics,
            engines,
            laser_modules: loads
                .laser_modules_w
                .iter()
                .enumerate()
                .map(|(idx, watts)| part(first_module + idx, *watts))
                .collect(),
            outlets: fluids.outlets(system),
            residual: KelvinDifference::new(residual_k),
            steps,
            gain,
            balances,
        }
    }
}

/// The heat that the fluids take up, over all coolers of one description.
struct Fluids {
    watts: Vec<f64>,
    coolers: Vec<usize>,
}

impl Fluids {
    fn new(system: &System) -> Self {
        let n = system.description.cooling.len();
        Self {
            watts: vec![0.0; n],
            coolers: vec![0; n],
        }
    }

    fn take(&mut self, cooling: usize, watts: f64) {
        self.watts[cooling] += watts;
        self.coolers[cooling] += 1;
    }

    /// Mean temperature of the fluid that leaves, over the coolers that take heat.
    fn outlets(&self, system: &System) -> Vec<Option<Celsius>> {
        let groups = system.description.cooling.iter().enumerate();
        groups
            .map(|(idx, group)| {
                let each = self.watts[idx] / self.coolers[idx] as f64;
                let rise = KelvinDifference::new(2.0 * mean_rise(&group.value, each));
                (self.coolers[idx] > 0).then(|| group.value.inlet.value + rise)
            })
            .collect()
    }
}
