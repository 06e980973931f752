//! The bill of materials: lines from the entities of a system.

use system::parts::{Assembly, Connector, EngineSeat};
use system::{FibreUse, System};
use units::quantity::Quantity;
use units::{Dollars, Origin, Sourced};

use super::{CostBoundary, CostLine, CostRange};
use crate::package::PackageFigures;

type Price<'a> = Option<&'a Sourced<Dollars>>;

/// The range of one price: its fifth and its ninety-fifth percentile, not below zero, widened
/// where the nominal value lies outside.
pub fn unit_price(price: &Sourced<Dollars>) -> CostRange {
    range_of(price)
}

/// The range of dollars for one SI unit of anything.
pub(super) fn range_of<Q: Quantity>(price: &Sourced<Q>) -> CostRange {
    let nominal = price.value.si();
    let at = |p| price.spread.quantile(nominal, p).max(0.0);
    let is_assumed = price.origin.is_estimate();
    CostRange {
        nominal: Dollars::new(nominal),
        low: Dollars::new(at(0.05).min(nominal)),
        high: Dollars::new(at(0.95).max(nominal)),
        assumed: Dollars::new(if is_assumed { nominal } else { 0.0 }),
        is_assumed,
        n_priced: 1,
        n_unpriced: 0,
    }
}

/// Collects lines; what is not there is not bought.
struct Bill {
    lines: Vec<CostLine>,
}

impl Bill {
    fn add(
        &mut self,
        kind: &'static str,
        item: impl Into<String>,
        within: CostBoundary,
        (count, per): (f64, &'static str),
        price: Price<'_>,
    ) {
        let line = CostLine {
            kind,
            item: item.into(),
            within,
            count,
            per,
            unit: price.map(unit_price),
            origin: price.map(|price| price.origin.clone()),
            place: price.and_then(|price| price.place.clone()),
        };
        if count > 0.0 {
            self.lines.push(line);
        }
    }
}

/// The bill, optics first.
pub(super) fn lines(system: &System, package: Option<&PackageFigures>) -> Vec<CostLine> {
    let mut bill = Bill { lines: Vec::new() };
    engines(&mut bill, system);
    lasers(&mut bill, system);
    let is_pluggable = connectors(&mut bill, system);
    assembly(&mut bill, system, package);
    electronics(&mut bill, system);
    cabling(&mut bill, system, &is_pluggable);
    bill.lines.sort_by_key(|line| match line.within {
        CostBoundary::Optics => 0,
        CostBoundary::Box => 1,
        CostBoundary::Cabling => 2,
    });
    bill.lines
}

fn engines(bill: &mut Bill, system: &System) {
    for (idx, group) in system.description.engine.iter().enumerate() {
        let members = || system.engines.iter().filter(move |e| e.group == idx);
        let noun = if group.value.integration == system::parts::Integration::Pluggable {
            "module"
        } else {
            "engine"
        };
        bill.add(
            "engine",
            format!("{noun} {}", group.name),
            CostBoundary::Optics,
            (members().count() as f64, "piece"),
            group.value.price.as_ref(),
        );
        if let Some(laser) = group.value.laser.as_deref().filter(|l| l.price.is_some()) {
            let n_lasers: usize = members().map(|engine| engine.lasers.len()).sum();
            bill.add(
                "laser",
                format!("lasers of {}", group.name),
                CostBoundary::Optics,
                (n_lasers as f64, "piece"),
                laser.price.as_ref(),
            );
        }
        if group.value.integration != system::parts::Integration::Pluggable {
            let n_fibres = system
                .fibres
                .iter()
                .filter(|fibre| system.engines[fibre.engine.index()].group == idx)
                .count();
            bill.add(
                "fau",
                format!("fibre array units of {}", group.name),
                CostBoundary::Optics,
                (n_fibres as f64, "fibre"),
                group.value.fau_price.as_ref(),
            );
        }
    }
}

fn lasers(bill: &mut Bill, system: &System) {
    for (idx, group) in system.description.laser_module.iter().enumerate() {
        let members = || system.laser_modules.iter().filter(move |m| m.group == idx);
        bill.add(
            "laser_module",
            format!("laser module {}", group.name),
            CostBoundary::Optics,
            (members().count() as f64, "piece"),
            group.value.price.as_ref(),
        );
        if group.value.laser.price.is_some() {
            let n_lasers: usize = members().map(|module| module.lasers.len()).sum();
            bill.add(
                "laser",
                format!("lasers of {}", group.name),
                CostBoundary::Optics,
                (n_lasers as f64, "piece"),
                group.value.laser.price.as_ref(),
            );
        }
    }
}

/// Laser fibres and the connectors inside the box. Gives for each ferrule whether it is the
/// receptacle of a pluggable module, which is in the module's price.
fn connectors(bill: &mut Bill, system: &System) -> Vec<bool> {
    let plant = &system.description.fibre_plant;
    let optics = CostBoundary::Optics;
    let n_laser_fibres = system
        .fibres
        .iter()
        .filter(|fibre| fibre.carries == FibreUse::Laser)
        .count() as f64;
    let length = plant.laser_fibre_length.as_ref();
    let metres = n_laser_fibres * length.map_or(0.0, |length| length.value.value());
    let price_of = |part: Option<&Connector>| part.and_then(|part| part.price.clone());
    let laser_fibre = plant.laser_fibre.as_deref();
    bill.add(
        "laser_fibre",
        "laser fibres",
        optics,
        (metres, "metre"),
        laser_fibre.and_then(|fibre| fibre.price.as_ref()),
    );
    let n_modules = system.laser_modules.len() as f64;
    let (mate, connector) = (
        plant.laser_mate.as_deref(),
        plant.laser_connector.as_deref(),
    );
    let n_mates = if mate.is_some() { n_modules } else { 0.0 };
    bill.add(
        "laser_mate",
        "laser mates",
        optics,
        (n_mates, "piece"),
        price_of(mate).as_ref(),
    );
    let n_connectors = n_modules * f64::from(plant.laser_connectors.unwrap_or(0));
    bill.add(
        "laser_connector",
        "laser connectors",
        optics,
        (n_connectors, "piece"),
        price_of(connector).as_ref(),
    );
    let mut is_pluggable = vec![false; system.connectors.len()];
    for fibre in &system.fibres {
        let group = system.engines[fibre.engine.index()].group;
        let part = &system.description.engine[group].value;
        if part.integration == system::parts::Integration::Pluggable {
            is_pluggable[fibre.connector.index()] = true;
        }
    }
    let n_faceplate = is_pluggable.iter().filter(|is| !**is).count() as f64;
    bill.add(
        "connector",
        "faceplate connectors",
        optics,
        (
            n_faceplate * at_faceplate(plant.data_connectors, false),
            "piece",
        ),
        plant.data_connector.price.as_ref(),
    );
    is_pluggable
}

/// Mated pairs at the faceplate of each ferrule: one where the link has one for each end.
fn at_faceplate(data_connectors: u32, is_pluggable: bool) -> f64 {
    if is_pluggable {
        0.0
    } else {
        (f64::from(data_connectors) / 2.0).min(1.0)
    }
}

fn assembly(bill: &mut Bill, system: &System, package: Option<&PackageFigures>) {
    let description = &system.description;
    let inside: Vec<_> = system
        .engines
        .iter()
        .filter(|engine| {
            let part = &description.engine[engine.group].value;
            part.integration.is_in_package()
        })
        .collect();
    let n_packages = f64::from(description.package.count);
    let Some(part) = description.package.assembly.as_deref() else {
        // Without engines inside, a die is sold in its package.
        if !inside.is_empty() {
            let packages = (n_packages, "piece");
            let item = "assembly of packages";
            bill.add("assembly", item, CostBoundary::Optics, packages, None);
        }
        return;
    };
    let part: &Assembly = part;
    let n_engines = inside.len() as f64;
    let n_faus: usize = inside.iter().map(|engine| engine.faus.len()).sum();
    let n_sockets = match part.seat {
        EngineSeat::Soldered => 0.0,
        EngineSeat::Detachable => n_engines,
    };
    let optics = [
        (
            "engine_attach",
            "attach of engines",
            n_engines,
            &part.engine_attach_price,
        ),
        (
            "socket",
            "sockets of engines",
            n_sockets,
            &part.socket_price,
        ),
        (
            "fau_attach",
            "attach of fibre array units",
            n_faus as f64,
            &part.fau_attach_price,
        ),
    ];
    let of_box = [
        (
            "substrate",
            "package substrates",
            n_packages,
            &part.substrate_price,
        ),
        (
            "asic_attach",
            "attach of dies",
            system.asics.len() as f64,
            &part.asic_attach_price,
        ),
        (
            "package_test",
            "test of packages",
            n_packages,
            &part.test_price,
        ),
    ];
    for (steps, within) in [(optics, CostBoundary::Optics), (of_box, CostBoundary::Box)] {
        for (kind, item, count, price) in steps {
            bill.add(kind, item, within, (count, "piece"), price.as_ref());
        }
    }
    lost(bill, n_packages, !inside.is_empty(), package);
}

/// What the assembly replaces and throws away.
fn lost(bill: &mut Bill, n_packages: f64, has_engines: bool, package: Option<&PackageFigures>) {
    let cost = package.and_then(|package| package.cost.as_ref());
    let optics = [
        (
            "rework",
            "engines replaced in assembly",
            cost.map(|cost| cost.rework),
        ),
        (
            "scrap",
            "scrap of engine and fibre steps",
            cost.map(|cost| cost.scrap_optics),
        ),
    ];
    let of_box = [(
        "scrap",
        "scrap of substrate and die steps",
        cost.map(|cost| cost.scrap_dies),
    )];
    let optics = optics.into_iter().filter(|_| has_engines);
    let all = optics
        .map(|line| (line, CostBoundary::Optics))
        .chain(of_box.map(|line| (line, CostBoundary::Box)));
    for ((kind, item, unit), within) in all {
        // A range of nothing, because no step of the kind can fail, is not bought.
        if unit.is_none_or(|unit| unit.high > Dollars::new(0.0)) {
            bill.lines.push(CostLine {
                kind,
                item: item.to_owned(),
                within,
                count: n_packages,
                per: "piece",
                unit,
                origin: unit.map(|_| Origin::Derived),
                place: None,
            });
        }
    }
}

fn electronics(bill: &mut Bill, system: &System) {
    let description = &system.description;
    for (idx, group) in description.asic.iter().enumerate() {
        let n = system.asics.iter().filter(|asic| asic.group == idx).count();
        bill.add(
            "asic",
            format!("die {}", group.name),
            CostBoundary::Box,
            (n as f64, "piece"),
            group.value.price.as_ref(),
        );
    }
    let one = (1.0, "piece");
    let Some(chassis) = description.chassis.as_deref() else {
        // What has no height goes into the box of somebody else.
        if description.rack_units.is_some() {
            bill.add("chassis", "chassis", CostBoundary::Box, one, None);
        }
        return;
    };
    let items = [
        ("enclosure", chassis.enclosure_price.as_ref()),
        ("board", chassis.board_price.as_ref()),
        ("supply", chassis.supply_price.as_ref()),
        ("cooling", chassis.cooling_price.as_ref()),
    ];
    for (item, price) in items {
        bill.add(item, item, CostBoundary::Box, one, price);
    }
}

/// This end's half of the links.
fn cabling(bill: &mut Bill, system: &System, is_pluggable: &[bool]) {
    let plant = &system.description.fibre_plant;
    let n_fibres = system
        .fibres
        .iter()
        .filter(|fibre| fibre.carries == FibreUse::Data)
        .count() as f64;
    let metres = n_fibres * plant.reach.value.value() / 2.0;
    bill.add(
        "data_fibre",
        "data fibres, half of each link",
        CostBoundary::Cabling,
        (metres, "metre"),
        plant.data_fibre.price.as_ref(),
    );
    // A ferrule that holds laser fibres only leads to no link.
    let mut has_data = vec![false; system.connectors.len()];
    for fibre in &system.fibres {
        if fibre.carries == FibreUse::Data {
            has_data[fibre.connector.index()] = true;
        }
    }
    let pairs: f64 = is_pluggable
        .iter()
        .zip(&has_data)
        .filter(|(_, has_data)| **has_data)
        .map(|(is_pluggable, _)| {
            f64::from(plant.data_connectors) / 2.0
                - at_faceplate(plant.data_connectors, *is_pluggable)
        })
        .sum();
    bill.add(
        "connector",
        "connectors, half of each link",
        CostBoundary::Cabling,
        (pairs, "piece"),
        plant.data_connector.price.as_ref(),
    );
}
