//! Where the heat of a package leaves.

use system::parts::PackageStack;
use system::{Cooling, System, ZoneId};
use thermal::{FaceRegion, Side};

use super::HeatFault;
use super::layout::Layout;
use super::stack::{Coolers, plate_areas};

/// A way out for the heat of a package.
#[derive(Clone, Copy)]
pub(super) enum Sink {
    Dies,
    Engines,
    Board,
}

/// The cooling of a zone.
pub(super) fn cooling_of(system: &System, zone: ZoneId) -> Option<(usize, &Cooling)> {
    let zone = &system.description.zone[zone.index()].value;
    let name = zone.cooling.as_deref()?;
    let groups = &system.description.cooling;
    let idx = groups.iter().position(|group| group.name == name)?;
    Some((idx, &groups[idx].value))
}

pub(super) fn zone_text(system: &System, zone: ZoneId) -> String {
    format!("zone.{}", system.description.zone[zone.index()].name)
}

/// A cooling with its position in the description.
pub(super) type Found<'a> = Option<(usize, &'a Cooling)>;

/// The coolers of a package with their positions in the description.
pub(super) fn coolers<'a>(
    system: &'a System,
    dies: &[usize],
    engines: &[usize],
) -> Result<(Coolers<'a>, [Found<'a>; 2]), HeatFault> {
    let missing = |zone| HeatFault::Missing {
        what: "a temperature or a cooling",
        of: zone_text(system, zone),
    };
    let die_zone = system.asics[dies[0]].zone;
    let of_dies = cooling_of(system, die_zone).ok_or_else(|| missing(die_zone))?;
    let of_engines = match engines.first() {
        None => None,
        Some(first) => {
            let zone = system.engines[*first].zone;
            let found = cooling_of(system, zone).ok_or_else(|| missing(zone))?;
            (found.0 != of_dies.0).then_some(found)
        }
    };
    let coolers = Coolers {
        dies: of_dies.1,
        engines: of_engines.map(|(_, cooling)| cooling),
    };
    Ok((coolers, [Some(of_dies), of_engines]))
}

/// The sinks of a package in the order of the regions of its response.
pub(super) fn sinks<'a>(
    system: &'a System,
    dies: &[usize],
    engines: &[usize],
) -> Vec<(Sink, Found<'a>)> {
    let Ok((_, [of_dies, of_engines])) = coolers(system, dies, engines) else {
        return Vec::new();
    };
    let mut sinks = vec![(Sink::Dies, of_dies)];
    if of_engines.is_some() {
        sinks.push((Sink::Engines, of_engines));
    }
    sinks.push((Sink::Board, None));
    sinks
}

/// The regions of the faces through which the heat of a package leaves, in the order of its sinks.
pub(super) fn regions(
    package: &PackageStack,
    layout: &Layout,
    coolers: &Coolers<'_>,
) -> Vec<FaceRegion> {
    let (of_dies, of_engines) = plate_areas(package, layout, coolers);
    let top = |areas| FaceRegion {
        side: Side::Top,
        areas,
    };
    let mut regions = vec![top(of_dies)];
    if coolers.engines.is_some() {
        regions.push(top(of_engines));
    }
    regions.push(FaceRegion {
        side: Side::Bottom,
        areas: vec![layout.outline],
    });
    regions
}
