//! What parts that age or drift and zones that protect themselves must say: a law is there as a whole
//! or not at all.

use super::Builder;
use super::checks::named;
use crate::description::{Description, Zone};
use crate::parts::{Connector, Engine, Interface, Modulator};
use crate::schema::Named;

/// Fields of a law by name, and whether each is there.
type Law<'a> = &'a [(&'a str, bool)];

impl Builder<'_> {
    /// Checks of connectors whose loss grows and of interfaces that dry.
    pub(super) fn ageing(&mut self, description: &Description) {
        let plant = &description.fibre_plant;
        let connectors = [
            ("data_connector", Some(&plant.data_connector)),
            ("laser_mate", plant.laser_mate.as_ref()),
            ("laser_connector", plant.laser_connector.as_ref()),
        ];
        for (name, connector) in connectors {
            if let Some(connector) = connector {
                self.law(("fibre_plant", name), &growth(connector));
            }
        }
        if let Some(stack) = &description.package.stack {
            let interfaces = [
                ("stack.tim1", &stack.tim1),
                ("stack.tim2", &stack.tim2),
                ("stack.engine_tim", &stack.engine_tim),
            ];
            for (name, interface) in interfaces {
                self.law(("package", name), &drying(interface));
                let cycles = pumping(interface);
                self.law(("package", name), &cycles);
                if interface.ageing_cycles.is_some() && interface.aged_resistance.is_none() {
                    self.error(
                        "system::missing",
                        ("package", "", &format!("{name}.ageing_cycles")),
                        format!("package.{name} has ageing_cycles and lacks aged_resistance"),
                        "add `aged_resistance` with its time, or leave `ageing_cycles` out",
                    );
                }
            }
        }
    }

    /// Checks of modulators whose bias drifts.
    pub(super) fn bias_drift(&mut self, group: &Named<Engine>) {
        if let Modulator::MachZehnder(modulator) = &group.value.modulator {
            let law = [
                ("modulator.bias_drift", modulator.bias_drift.is_some()),
                (
                    "modulator.bias_drift_time",
                    modulator.bias_drift_time.is_some(),
                ),
            ];
            self.law(("engine", &group.name), &law);
        }
    }

    /// Checks of the limits of zones.
    pub(super) fn limits(&mut self, description: &Description) {
        for zone in &description.zone {
            self.zone_limits(description, zone);
        }
    }

    fn zone_limits(&mut self, description: &Description, zone: &Named<Zone>) {
        let (of, name) = (&zone.value, zone.name.as_str());
        let law = [
            ("throttle", of.throttle.is_some()),
            ("hysteresis", of.hysteresis.is_some()),
            ("throttle_time", of.throttle_time.is_some()),
        ];
        self.law(("zone", name), &law);
        if let (Some(throttle), Some(emergency)) = (&of.throttle, &of.emergency)
            && throttle.value >= emergency.value
        {
            self.error(
                "system::conflict",
                ("zone", name, "throttle"),
                format!(
                    "zone.{name} throttles above {} and is shut down above {}",
                    throttle.value, emergency.value
                ),
                "lower `throttle`, or raise `emergency`",
            );
        }
        if of.throttle.is_some() && !has_dies(description, name) {
            self.error(
                "system::conflict",
                ("zone", name, "throttle"),
                format!("zone.{name} holds neither dies nor engines whose work could be lowered"),
                "leave `throttle` out, or give the zone to an [asic] or [engine]",
            );
        }
    }

    /// Reports a law of which a part is there.
    pub(super) fn law(&mut self, (section, part): (&str, &str), law: Law<'_>) {
        let fields = |are_there: bool| -> Vec<&str> {
            let such = law.iter().filter(|(_, is_there)| *is_there == are_there);
            such.map(|(name, _)| *name).collect()
        };
        let (there, missing) = (fields(true), fields(false));
        if there.is_empty() || missing.is_empty() {
            return;
        }
        let place = format!("{part}.{}", there[0]);
        let place = match section {
            "zone" | "engine" => (section, part, there[0]),
            _ => (section, "", place.as_str()),
        };
        self.error(
            "system::missing",
            place,
            format!(
                "{section}.{part} has {} and lacks {}",
                there.join(", "),
                missing.join(", ")
            ),
            format!("add {}, or leave all of them out", missing.join(", ")),
        );
    }
}

/// Whether a zone holds dies or engines. One that a group names wrongly may be this one.
fn has_dies(description: &Description, zone: &str) -> bool {
    let dies = description.asic.iter().map(|group| &group.value.zone);
    let engines = description.engine.iter().map(|group| &group.value.zone);
    let mut zones = dies.chain(engines);
    zones.any(|of| named(&description.zone, of.as_deref()).is_none_or(|of| of.name == zone))
}

fn growth(connector: &Connector) -> [(&'static str, bool); 3] {
    [
        ("loss_growth", connector.loss_growth.is_some()),
        ("loss_growth_sigma", connector.loss_growth_sigma.is_some()),
        ("greatest_growth", connector.greatest_growth.is_some()),
    ]
}

fn drying(interface: &Interface) -> [(&'static str, bool); 4] {
    [
        ("aged_resistance", interface.aged_resistance.is_some()),
        ("ageing_time", interface.ageing_time.is_some()),
        ("ageing_temperature", interface.ageing_temperature.is_some()),
        ("ageing_energy", interface.ageing_energy.is_some()),
    ]
}

fn pumping(interface: &Interface) -> [(&'static str, bool); 3] {
    [
        ("ageing_cycles", interface.ageing_cycles.is_some()),
        ("ageing_swing", interface.ageing_swing.is_some()),
        ("ageing_exponent", interface.ageing_exponent.is_some()),
    ]
}
