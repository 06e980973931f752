//! What heat needs to find its way: coolers for what gives heat, layers in pairs, room for engines.

use units::VolumeFlow;

use super::Builder;
use crate::description::{Cooling, Description, Zone};
use crate::parts::{Asic, Engine, PackageStack};
use crate::schema::Named;

/// Rounding in adding up lengths and powers.
const ROUNDING: f64 = 1e-9;

/// Lengths in metres that a package must have for its dies and engines.
struct Outline {
    width: f64,
    height: f64,
}

impl Builder<'_> {
    /// Checks of coolers, of the stack of the package, and of what leaks.
    pub(super) fn heat(&mut self, description: &Description) {
        for zone in &description.zone {
            self.zone_heat(description, zone);
        }
        for cooling in &description.cooling {
            self.cooler_parts(cooling);
        }
        for group in &description.asic {
            self.leakage(group);
        }
        self.modules(description);
        if let Some(stack) = &description.package.stack {
            self.layer_pairs(stack);
            self.package_coolers(description);
        }
    }

    /// A zone has a temperature, or a cooling from which it follows.
    fn zone_heat(&mut self, description: &Description, zone: &Named<Zone>) {
        if let Some(cooling) = &zone.value.cooling {
            let field = ("zone", zone.name.as_str(), "cooling");
            self.reference(field, Some(cooling), &description.cooling);
        } else if zone.value.temperature.is_none() {
            self.error(
                "system::missing",
                ("zone", &zone.name, ""),
                format!("zone.{} has neither a temperature nor a cooling", zone.name),
                "add `cooling = \"name of a [cooling]\"`, or state its `temperature`",
            );
        }
    }

    fn cooler_parts(&mut self, group: &Named<Cooling>) {
        let cooler = &group.value.cooler;
        let name = group.name.as_str();
        if cooler.base.is_some() != cooler.base_thickness.is_some() {
            self.half(
                ("cooling", name, "cooler."),
                &format!("the cooler of cooling.{name}"),
                ("base", cooler.base.is_some()),
                ("base_thickness", cooler.base_thickness.is_some()),
            );
        }
        if group.value.area_width.is_some() != group.value.area_height.is_some() {
            self.half(
                ("cooling", name, ""),
                &format!("cooling.{name}"),
                ("area_width", group.value.area_width.is_some()),
                ("area_height", group.value.area_height.is_some()),
            );
        }
        self.measured_flow(group);
    }

    /// Nothing is extrapolated: the flow lies where the cooler was measured.
    fn measured_flow(&mut self, group: &Named<Cooling>) {
        let Some(table) = &group.value.cooler.measured else {
            return;
        };
        let places = &table.0.columns[0];
        let flow = group.value.flow.value;
        let (Some(first), Some(last)) = (places.first(), places.last()) else {
            return;
        };
        let is_inside =
            flow.value() >= first * (1.0 - ROUNDING) && flow.value() <= last * (1.0 + ROUNDING);
        if !is_inside {
            let (first, last) = (VolumeFlow::new(*first), VolumeFlow::new(*last));
            self.error(
                "system::conflict",
                ("cooling", &group.name, "flow"),
                format!(
                    "a flow of {flow:.4}, and the cooler was measured from {first:.4} to {last:.4}"
                ),
                "change `flow`, or measure the cooler there",
            );
        }
    }

    /// Reports one of two fields of a part that go together.
    fn half(
        &mut self,
        (kind, group, part): (&str, &str, &str),
        of: &str,
        first: (&str, bool),
        second: (&str, bool),
    ) {
        let (there, missing) = if first.1 {
            (first.0, second.0)
        } else {
            (second.0, first.0)
        };
        self.error(
            "system::missing",
            (kind, group, &format!("{part}{there}")),
            format!("{of} has {there} and lacks {missing}"),
            format!("add `{missing}`, or leave `{there}` out"),
        );
    }

    /// Leakage is a power at a temperature with its growth, and a part of the whole.
    fn leakage(&mut self, group: &Named<Asic>) {
        let (asic, name) = (&group.value, group.name.as_str());
        let fields = [
            ("leakage", asic.leakage.is_some()),
            ("leakage_temperature", asic.leakage_temperature.is_some()),
            ("leakage_slope", asic.leakage_slope.is_some()),
        ];
        let (there, missing): (Vec<_>, Vec<_>) =
            fields.into_iter().partition(|(_, is_there)| *is_there);
        let list = |fields: &[(&str, bool)]| {
            let names: Vec<_> = fields.iter().map(|(name, _)| *name).collect();
            names.join(", ")
        };
        if !there.is_empty() && !missing.is_empty() {
            self.error(
                "system::missing",
                ("asic", name, there[0].0),
                format!(
                    "asic.{name} has {} and lacks {}",
                    list(&there),
                    list(&missing)
                ),
                format!("add {}, or leave all three out", list(&missing)),
            );
        }
        let Some(leakage) = &asic.leakage else { return };
        let core = asic.core_power.value;
        if leakage.value.value() > core.value() * (1.0 + ROUNDING) {
            self.error(
                "system::conflict",
                ("asic", name, "leakage"),
                format!(
                    "{} leak, and the core takes {core} as a whole",
                    leakage.value
                ),
                "leakage is a part of `core_power`; lower it",
            );
        }
    }

    /// What a cooler leaves of the resistance from a module to its fluid cannot be negative, and a
    /// module in a zone whose temperature follows from its heat needs a resistance.
    fn modules(&mut self, description: &Description) {
        let engines = description.engine.iter().filter(|group| {
            let engine = &group.value;
            !engine.integration.is_in_package()
        });
        let engines = engines.map(|group| {
            let part = &group.value;
            (
                "engine",
                group.name.as_str(),
                &part.zone,
                &part.heat_resistance,
            )
        });
        let lasers = description.laser_module.iter().map(|group| {
            let part = &group.value;
            let name = group.name.as_str();
            ("laser_module", name, &part.zone, &part.heat_resistance)
        });
        for (kind, name, zone, resistance) in engines.chain(lasers) {
            let Some(zone) = super::checks::named(&description.zone, zone.as_deref()) else {
                continue;
            };
            let Some(resistance) = resistance else {
                if zone.value.temperature.is_none() {
                    self.error(
                        "system::missing",
                        (kind, name, ""),
                        format!(
                            "{kind}.{name} lacks heat_resistance, and its zone {} has no temperature",
                            zone.name
                        ),
                        "add `heat_resistance`, for example \"1.3 K/W\"",
                    );
                }
                continue;
            };
            let Some(cooling) = cooling_of(description, zone) else {
                continue;
            };
            let Some(share) = share_k_w(&cooling.value) else {
                continue;
            };
            if share > resistance.value.value() * (1.0 + ROUNDING) {
                self.error(
                    "system::conflict",
                    (kind, name, "heat_resistance"),
                    format!(
                        "{kind}.{name} has {} to its fluid, of which its cooler alone has {share:.3} K/W",
                        resistance.value
                    ),
                    format!(
                        "raise `heat_resistance`, or use a better cooler or a larger area in cooling.{}",
                        cooling.name
                    ),
                );
            }
        }
    }

    /// Layers that may be left out are there with their thickness or not at all.
    fn layer_pairs(&mut self, stack: &PackageStack) {
        let pairs = [
            (
                ("interposer", stack.interposer.is_some()),
                ("interposer_thickness", stack.interposer_thickness.is_some()),
            ),
            (
                ("lid", stack.lid.is_some()),
                ("lid_thickness", stack.lid_thickness.is_some()),
            ),
            (
                ("board", stack.board.is_some()),
                ("board_thickness", stack.board_thickness.is_some()),
            ),
            (
                ("board_coefficient", stack.board_coefficient.is_some()),
                ("board_ambient", stack.board_ambient.is_some()),
            ),
            (
                ("warpage", stack.warpage.is_some()),
                ("fibre_lever", stack.fibre_lever.is_some()),
            ),
            (
                ("fibre_lever", stack.fibre_lever.is_some()),
                ("bow_since_attach", stack.bow_since_attach.is_some()),
            ),
        ];
        for (first, second) in pairs {
            // Warpage thickens interfaces even where no fibre is attached.
            let is_half = if first.0 == "warpage" {
                second.1 && !first.1
            } else {
                first.1 != second.1
            };
            if is_half {
                self.half(
                    ("package", "", "stack."),
                    "the stack of the package",
                    first,
                    second,
                );
            }
        }
        let (active, die) = (stack.active_thickness.value, stack.die_thickness.value);
        if active.value() > die.value() * (1.0 + ROUNDING) {
            self.error(
                "system::conflict",
                ("package", "", "stack.active_thickness"),
                format!("heat arises in {active} of a die of {die}"),
                "lower `active_thickness`, or raise `die_thickness`",
            );
        }
    }

    /// Dies and engines of a package with layers stand under coolers with a base.
    fn package_coolers(&mut self, description: &Description) {
        let dies = description
            .asic
            .iter()
            .map(|group| ("asic", &group.name, &group.value.zone));
        let engines = description
            .engine
            .iter()
            .filter(|group| group.value.integration.is_in_package())
            .map(|group| ("engine", &group.name, &group.value.zone));
        let mut done = Vec::new();
        for (kind, name, zone) in dies.chain(engines) {
            let Some(zone) = super::checks::named(&description.zone, zone.as_deref()) else {
                continue;
            };
            if done.contains(&zone.name.as_str()) {
                continue;
            }
            done.push(&zone.name);
            // Without a temperature the zone is reported by itself.
            if zone.value.cooling.is_none() && zone.value.temperature.is_some() {
                self.error(
                    "system::missing",
                    ("zone", &zone.name, ""),
                    format!(
                        "zone.{} of {kind}.{name} lacks a cooling, and the package has a stack",
                        zone.name
                    ),
                    "add `cooling = \"name of a [cooling]\"`, or leave `package.stack` out",
                );
            }
            let Some(cooling) = cooling_of(description, zone) else {
                continue;
            };
            if cooling.value.cooler.base.is_none() {
                self.error(
                    "system::missing",
                    ("cooling", &cooling.name, "cooler"),
                    format!(
                        "the cooler of cooling.{} sits on a package and has no base",
                        cooling.name
                    ),
                    "use a cooler with a base, for example \"cold-plate\", or add `base` and `base_thickness`",
                );
            }
        }
    }

    /// Dies and engines lie within the outline of their package. Their numbers have been checked.
    pub(super) fn engine_room(&mut self, description: &Description) {
        let package = &description.package;
        let Some(stack) = &package.stack else { return };
        let given = Outline {
            width: package.width.value.value(),
            height: package.height.value.value(),
        };
        let gap = stack.engine_gap.value.value();
        let Some(needed) = needed(description, gap) else {
            return;
        };
        let sides = [
            ("width", needed.width, given.width),
            ("height", needed.height, given.height),
        ];
        for (field, needed, given) in sides {
            if needed > given * (1.0 + ROUNDING) {
                self.error(
                    "system::map",
                    ("package", "", field),
                    format!(
                        "dies and engines take {:.1} mm of the {field} of the package, {:.1} mm",
                        needed * 1e3,
                        given * 1e3
                    ),
                    format!(
                        "raise `{field}`, or use smaller or fewer engines (`edge_width`, `depth`) or a smaller `engine_gap`"
                    ),
                );
            }
        }
    }
}

fn cooling_of<'a>(description: &'a Description, zone: &Named<Zone>) -> Option<&'a Named<Cooling>> {
    let name = zone.value.cooling.as_ref()?;
    description.cooling.iter().find(|group| group.name == *name)
}

/// The resistance of a cooler over its area at its rated flow, in kelvin per watt.
fn share_k_w(cooling: &Cooling) -> Option<f64> {
    let (width, height) = (cooling.area_width.as_ref()?, cooling.area_height.as_ref()?);
    let area_m2 = width.value.value() * height.value.value();
    Some(cooling.cooler.resistance.value.value() / area_m2)
}

/// What the dies of one package, side by side in its middle, and the engines in rows round them
/// need ([`crate::Package::engines_by_side`]); a row below or above moves out until it is clear of
/// rows at the sides that are longer than the dies.
fn needed(description: &Description, gap: f64) -> Option<Outline> {
    let package = &description.package;
    let n_packages = package.count.max(1);
    let dies: Vec<&Asic> = description
        .asic
        .iter()
        .flat_map(|group| {
            let count = group.value.count.unwrap_or(1) / n_packages;
            std::iter::repeat_n(&group.value, count as usize)
        })
        .collect();
    let first = dies.first()?;
    let across = (1..=dies.len()).find(|n| n * n >= dies.len())?;
    let up = dies.len().div_ceil(across);
    let row = |n: usize, each: f64| n as f64 * each + (n - 1) as f64 * gap;
    let core = Outline {
        width: row(across, first.width.value.value()),
        height: row(up, first.height.value.value()),
    };
    let engines: Vec<(f64, f64)> = description
        .engine
        .iter()
        .filter(|group| group.value.integration.is_in_package())
        .flat_map(|group| {
            let count = group.value.count.unwrap_or(1) / n_packages;
            std::iter::repeat_n(size_m(&group.value), count as usize)
        })
        .collect::<Option<_>>()?;
    let mut rest = engines.as_slice();
    let rows: Vec<(f64, f64)> = package
        .engines_by_side(engines.len())
        .into_iter()
        .map(|n| {
            let (row, after) = rest.split_at(n);
            rest = after;
            let length = row.iter().map(|(edge, _)| edge).sum();
            let depth = row.iter().map(|(_, depth)| *depth).fold(0.0, f64::max);
            (length, depth)
        })
        .collect();
    let row = |place: usize| rows.get(place).copied().unwrap_or((0.0, 0.0));
    let taken = |depth: f64, from_die: f64| if depth > 0.0 { from_die + depth } else { 0.0 };
    let column = row(2).0.max(row(3).0);
    let from_die = gap.max((column - core.height) / 2.0);
    // The dies stand in the middle, so that the wider side counts twice.
    let beside = taken(row(2).1, gap).max(taken(row(3).1, gap));
    let above = taken(row(0).1, from_die).max(taken(row(1).1, from_die));
    Some(Outline {
        width: (core.width + 2.0 * beside).max(row(0).0).max(row(1).0),
        height: (core.height + 2.0 * above).max(column),
    })
}

/// Edge and depth of an engine in metres.
fn size_m(engine: &Engine) -> Option<(f64, f64)> {
    let (edge, depth) = (engine.edge_width.as_ref()?, engine.depth.as_ref()?);
    Some((edge.value.value(), depth.value.value()))
}
