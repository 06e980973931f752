//! Modules outside the packages: a resistance from each to its fluid.

use system::{Cooling, System, ZoneId};
use units::{JoulesPerKelvin, KelvinPerWatt, Sourced};

use super::cooler::{areal_resistance, flows, mean_rise};
use super::sinks::{cooling_of, zone_text};
use super::{HeatFault, Parts};

/// A module outside the packages.
pub(super) struct Module<'a> {
    /// Position among all parts.
    pub(super) part: usize,
    /// Position of its cooling in the description.
    pub(super) cooling: usize,
    pub(super) fluid: &'a Cooling,
    /// What it takes up for each kelvin, J/K; none where it follows its heat at once.
    pub(super) capacity_j_per_k: Option<f64>,
    /// From the fluid's inlet, K/W.
    pub(super) k_per_w: f64,
}

impl Module<'_> {
    /// Its temperature with the given heat.
    pub(super) fn celsius(&self, watts: f64) -> f64 {
        self.fluid.inlet.value.value() + self.k_per_w * watts
    }
}

/// The modules whose temperature follows from their heat, in the order of the parts.
///
/// # Errors
/// A module without a resistance or a fluid, a fluid that does not flow, a flow beyond the
/// measurement of its cooler: of a draw as of a nominal system.
pub(super) fn modules<'a>(system: &'a System, parts: &Parts) -> Result<Vec<Module<'a>>, HeatFault> {
    let description = &system.description;
    let engines = system.engines.iter().enumerate();
    let engines = engines.filter_map(|(idx, engine)| {
        let group = &description.engine[engine.group];
        let stated = group.value.heat_resistance.as_ref();
        let kind = ("engine", group.name.as_str());
        let stated = (stated, group.value.heat_capacity.as_ref());
        let outside = !group.value.integration.is_in_package();
        outside.then_some((parts.n_asics + idx, engine.zone, kind, stated))
    });
    let lasers = system.laser_modules.iter().enumerate();
    let lasers = lasers.map(|(idx, module)| {
        let group = &description.laser_module[module.group];
        let stated = group.value.heat_resistance.as_ref();
        let part = parts.n_asics + parts.n_engines + idx;
        let kind = ("laser_module", group.name.as_str());
        let stated = (stated, group.value.heat_capacity.as_ref());
        (part, module.zone, kind, stated)
    });
    engines
        .chain(lasers)
        .filter(|(part, ..)| parts.stated[*part].is_none())
        .map(|(part, zone, kind, stated)| module(system, part, zone, kind, stated))
        .collect()
}

/// Resistance and heat capacity of a module as its description has them.
type Stated<'a> = (
    Option<&'a Sourced<KelvinPerWatt>>,
    Option<&'a Sourced<JoulesPerKelvin>>,
);

fn module<'a>(
    system: &'a System,
    part: usize,
    zone: ZoneId,
    (kind, group): (&str, &str),
    (stated, capacity): Stated<'_>,
) -> Result<Module<'a>, HeatFault> {
    let of = || format!("{kind}.{group}");
    let Some(stated) = stated else {
        let what = "heat_resistance, or a zone that states its temperature";
        return Err(HeatFault::Missing { what, of: of() });
    };
    let Some((cooling, fluid)) = cooling_of(system, zone) else {
        let (what, of) = ("a temperature or a cooling", zone_text(system, zone));
        return Err(HeatFault::Missing { what, of });
    };
    if !flows(fluid) {
        let name = &system.description.cooling[cooling].name;
        return Err(HeatFault::Cooler {
            what: format!(
                "nothing flows through cooling.{name}, which alone cools {}",
                of()
            ),
        });
    }
    // The share of the cooler follows the flow; without an area nothing says how large it is.
    let with_flow = match contact_area_m2(fluid) {
        None => 0.0,
        Some(area) => {
            let rated = fluid.cooler.resistance.value;
            (areal_resistance(fluid, area)? - rated).value() / area
        }
    };
    Ok(Module {
        part,
        cooling,
        fluid,
        capacity_j_per_k: capacity.map(|capacity| capacity.value.value()),
        k_per_w: stated.value.value() + with_flow + mean_rise(fluid, 1.0),
    })
}

/// Area of a cooler; none where it is not stated.
pub(super) fn contact_area_m2(cooling: &Cooling) -> Option<f64> {
    let (width, height) = cooling
        .area_width
        .as_ref()
        .zip(cooling.area_height.as_ref())?;
    Some(width.value.value() * height.value.value())
}
