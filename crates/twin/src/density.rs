//! Bandwidth, and how densely it leaves the package and the box.

use std::collections::BTreeMap;

use system::{EngineEntity, Medium, Port, System};
use units::derivation::{count, read};
use units::{BitRate, BitRatePerMeter, BitRatePerSquareMeter, Derived, Meters, SquareMeters};

/// Data rate of all ports of a medium, or of all, one direction; none without a port.
pub(crate) fn bandwidth(system: &System, medium: Option<Medium>) -> Option<Derived<BitRate>> {
    let groups = system.description.port.iter();
    groups
        .filter(|group| medium.is_none_or(|medium| group.value.medium == medium))
        .map(|group| read(&group.value.rate) * count("ports", group.value.count as usize))
        .reduce(|sum, rate| sum + rate)
        .map(|rate| rate.named("bandwidth"))
}

/// Bandwidth of all ports for each rack unit; none of what is no chassis.
pub(crate) fn per_rack_unit(system: &System) -> Option<Derived<BitRate>> {
    let units = system.description.rack_units.as_ref()?;
    Some(bandwidth(system, None)? / units::derivation::read_ratio(units))
}

/// Whether an engine works at the edge of a package, and that edge is known.
fn is_at_edge(system: &System, engine: &EngineEntity) -> bool {
    let part = &system.description.engine[engine.group].value;
    part.edge_width.is_some() && part.integration.is_in_package() && !engine.is_spare
}

/// Rate of the ports whose engines sit at a package edge.
fn rate_at_edges(system: &System) -> Option<Derived<BitRate>> {
    let at_edge = |port: &&Port| {
        let lane = port.media_lanes.first();
        lane.is_some_and(|lane| {
            let engine = system.media_lanes[lane.index()].engine;
            is_at_edge(system, &system.engines[engine.index()])
        })
    };
    let mut n_by_group: BTreeMap<usize, usize> = BTreeMap::new();
    for port in system.ports.iter().filter(at_edge) {
        *n_by_group.entry(port.group).or_default() += 1;
    }
    n_by_group
        .into_iter()
        .map(|(group, n)| read(&system.description.port[group].value.rate) * count("ports", n))
        .reduce(|sum, rate| sum + rate)
        .map(|rate| rate.named("bandwidth at package edges"))
}

/// Working engines at package edges, counted by group.
fn engines_at_edges(system: &System) -> impl Iterator<Item = (usize, usize)> {
    let mut n_by_group: BTreeMap<usize, usize> = BTreeMap::new();
    for engine in system
        .engines
        .iter()
        .filter(|engine| is_at_edge(system, engine))
    {
        *n_by_group.entry(engine.group).or_default() += 1;
    }
    n_by_group.into_iter()
}

/// Bandwidth of the ports whose engines sit at a package edge, over the edge that those take; none
/// when no engine sits in a package.
pub(crate) fn shoreline(system: &System) -> Option<Derived<BitRatePerMeter>> {
    let edges: Option<Derived<Meters>> = engines_at_edges(system)
        .filter_map(|(group, n)| {
            let width = system.description.engine[group].value.edge_width.as_ref()?;
            Some(read(width) * count("engines", n))
        })
        .reduce(|sum, edge| sum + edge);
    Some(rate_at_edges(system)? / edges?.named("edge that the engines take"))
}

/// The same bandwidth over the area of those engines, edge times depth; none where a depth is not
/// known.
pub(crate) fn areal(system: &System) -> Option<Derived<BitRatePerSquareMeter>> {
    let mut area: Option<Derived<SquareMeters>> = None;
    for (group, n) in engines_at_edges(system) {
        let part = &system.description.engine[group].value;
        let one = read(part.edge_width.as_ref()?) * read(part.depth.as_ref()?);
        let all = one * count("engines", n);
        area = Some(match area {
            Some(sum) => sum + all,
            None => all,
        });
    }
    Some(rate_at_edges(system)? / area?.named("area of the engines"))
}
