//! Parts that contradict each other, and values that a standard or a data sheet rules out.

use super::Builder;
use crate::description::{Description, RepairUnit};
use crate::parts::{
    Asic, Code, Electrical, ElsfpClass, Engine, InnerCode, LaserModule, Modulator, SerdesClass,
};
use crate::schema::Named;
use units::{Ohms, Sourced, Volts, Watts};

/// The greatest relative difference between the rates of two lanes that are meant to be equal.
const RATE_TOLERANCE: f64 = 0.01;

/// Rounding in reading a level or a temperature from text.
const ROUNDING: f64 = 1e-9;

impl Builder<'_> {
    /// Checks that need no entity.
    pub(super) fn checks(&mut self, description: &Description) {
        for group in &description.engine {
            self.electrical_parts(group);
            if let Some(class) = host_class(description, &group.value) {
                self.linear_host(group, class);
            }
            self.bias_heater(group);
            self.bias_drift(group);
            self.supply(
                ("engine", &group.name),
                group.value.supply_voltage.as_ref(),
                group.value.supply_resistance.as_ref(),
                None,
            );
            self.wavelength_parts(group);
            self.inner_code(description, group);
        }
        self.repair_units(description);
        for group in &description.laser_module {
            self.warnings.extend(launch_warning(group));
            self.supply(
                ("laser_module", &group.name),
                group.value.supply_voltage.as_ref(),
                group.value.supply_resistance.as_ref(),
                Some(group.value.max_power.value),
            );
        }
        for group in &description.asic {
            self.warnings
                .extend(temperature_warning(description, group));
        }
    }

    /// What the engine does to the signal decides which electrical parts it has.
    fn electrical_parts(&mut self, group: &Named<Engine>) {
        let (engine, name) = (&group.value, group.name.as_str());
        match engine.electrical {
            Electrical::Linear => {
                let parts = [
                    ("dsp", engine.dsp.is_some()),
                    ("host_interface", engine.host_interface.is_some()),
                ];
                for (part, _) in parts.into_iter().filter(|(_, is_there)| *is_there) {
                    self.error(
                        "system::conflict",
                        ("engine", name, part),
                        format!("{name} is linear and has a {part}"),
                        format!(
                            "use an engine without `{part}`, or write `electrical = \"retimed\"`"
                        ),
                    );
                }
            }
            Electrical::Retimed if engine.dsp.is_none() => self.error(
                "system::missing",
                ("engine", name, "electrical"),
                format!("{name} is retimed and has no dsp"),
                "add `dsp`, or write `electrical = \"linear\"`",
            ),
            Electrical::Retimed => {}
        }
    }

    /// Nothing in a linear engine changes levels or rate, so the light has those of the host.
    fn linear_host(&mut self, group: &Named<Engine>, class: &Named<SerdesClass>) {
        let (engine, name) = (&group.value, group.name.as_str());
        if engine.electrical != Electrical::Linear {
            return;
        }
        let host = &class.value.part;
        if host.modulation != engine.modulation {
            self.error(
                "system::conflict",
                ("engine", name, "modulation"),
                format!(
                    "{name} is linear and sends {}, its host lanes of class {} carry {}",
                    engine.modulation, class.name, host.modulation
                ),
                "write the same `modulation`, or use an engine with a DSP",
            );
        }
        let (host_rate, rate) = (host.rate.value.value(), engine.media_rate.value.value());
        if (host_rate - rate).abs() > RATE_TOLERANCE * rate {
            self.error(
                "system::conflict",
                ("engine", name, "media_rate"),
                format!(
                    "{name} is linear and sends {:.2} Gb/s, its host lanes of class {} run at {:.2} Gb/s",
                    rate / 1e9,
                    class.name,
                    host_rate / 1e9
                ),
                "a linear engine passes the host's rate on; change `media_rate`, the SerDes class in `host`, or use an engine with a DSP",
            );
        }
    }

    /// A rail is described as a whole, and brings what its part states to take.
    fn supply(
        &mut self,
        (kind, name): (&'static str, &str),
        voltage: Option<&Sourced<Volts>>,
        resistance: Option<&Sourced<Ohms>>,
        most: Option<Watts>,
    ) {
        let law = [
            ("supply_voltage", voltage.is_some()),
            ("supply_resistance", resistance.is_some()),
        ];
        self.law((kind, name), &law);
        let (Some(voltage), Some(resistance), Some(most)) = (voltage, resistance, most) else {
            return;
        };
        let volts = voltage.value.value();
        let brings = Watts::new(volts * volts / (4.0 * resistance.value.value()));
        if most > brings {
            self.error(
                "system::conflict",
                (kind, name, "supply_resistance"),
                format!(
                    "the supply of {name} collapses at {brings}: {} over {} bring no more, and {name} takes up to {most}",
                    voltage.value, resistance.value
                ),
                "lower `supply_resistance`, or raise `supply_voltage`",
            );
        }
    }

    fn bias_heater(&mut self, group: &Named<Engine>) {
        let Modulator::MachZehnder(modulator) = &group.value.modulator else {
            return;
        };
        let (mean, greatest) = (modulator.bias_power.value, modulator.max_bias_power.value);
        if mean > greatest {
            self.error(
                "system::conflict",
                ("engine", &group.name, "modulator.bias_power"),
                format!("the mean bias power, {mean}, is above the greatest one, {greatest}"),
                "lower `bias_power`, or raise `max_bias_power`",
            );
        }
    }

    fn wavelength_parts(&mut self, group: &Named<Engine>) {
        let (engine, name) = (&group.value, group.name.as_str());
        if engine.wavelengths_per_fibre <= 1 {
            return;
        }
        let needed = [
            ("channel_spacing", engine.channel_spacing.is_some()),
            (
                "multiplexer",
                engine.multiplexer.is_some()
                    || matches!(engine.modulator, Modulator::RingModulator(_)),
            ),
            ("demultiplexer", engine.demultiplexer.is_some()),
        ];
        let missing: Vec<&str> = needed
            .into_iter()
            .filter_map(|(field, is_there)| (!is_there).then_some(field))
            .collect();
        if !missing.is_empty() {
            let missing = missing.join(", ");
            self.error(
                "system::missing",
                ("engine", name, "wavelengths_per_fibre"),
                format!(
                    "{name} has {} wavelengths on a fibre and lacks {missing}",
                    engine.wavelengths_per_fibre
                ),
                format!("add {missing}, or write `wavelengths_per_fibre = 1`"),
            );
        }
    }

    /// An inner code runs under an outer one.
    fn inner_code(&mut self, description: &Description, group: &Named<Engine>) {
        let Some(dsp) = &group.value.dsp else { return };
        if dsp.inner_code != InnerCode::None && matches!(description.fec, Code::Uncoded(_)) {
            self.error(
                "system::conflict",
                ("engine", &group.name, "dsp.inner_code"),
                format!(
                    "{} adds the inner code {}, and the links have no outer code",
                    group.name, dsp.inner_code
                ),
                "write `inner_code = \"none\"`, or give `fec` a Reed-Solomon code",
            );
        }
    }

    fn repair_units(&mut self, description: &Description) {
        let repair = &description.repair;
        if repair.engine == RepairUnit::Subassembly && repair.engines_per_subassembly.is_none() {
            self.error(
                "system::missing",
                ("repair", "", "engine"),
                "engines are replaced by the sub-assembly, and repair lacks engines_per_subassembly"
                    .to_owned(),
                "add `engines_per_subassembly`, for example 3",
            );
        }
        if repair.laser_module == RepairUnit::Subassembly {
            self.error(
                "system::conflict",
                ("repair", "", "laser_module"),
                "a laser module belongs to no sub-assembly of engines".to_owned(),
                "write `laser_module = \"part\"` or \"switch\"",
            );
        }
    }
}

/// The SerDes class that drives an engine; none when its names lead nowhere, which is reported
/// where they are resolved.
fn host_class<'a>(description: &'a Description, engine: &Engine) -> Option<&'a Named<SerdesClass>> {
    let asic = named(&description.asic, engine.asic.as_deref())?;
    named(&asic.value.serdes, engine.host.as_deref())
}

/// The group of a name, or the only one.
pub(super) fn named<'a, T>(groups: &'a [Named<T>], name: Option<&str>) -> Option<&'a Named<T>> {
    match (name, groups) {
        (Some(name), _) => groups.iter().find(|group| group.name == name),
        (None, [only]) => Some(only),
        (None, _) => None,
    }
}

fn launch_warning(group: &Named<LaserModule>) -> Option<String> {
    let module = &group.value;
    let nominal = module.class.nominal_launch();
    let tolerance = ElsfpClass::LAUNCH_TOLERANCE;
    let launch = module.launch.value;
    let deviation = (launch - nominal).value().abs();
    (deviation > tolerance.value() + ROUNDING).then(|| {
        format!(
            "laser_module.{}: a launch of {launch} lies outside class {}, {nominal} within {tolerance}",
            group.name, module.class
        )
    })
}

fn temperature_warning(description: &Description, group: &Named<Asic>) -> Option<String> {
    let zone = named(&description.zone, group.value.zone.as_deref())?;
    let (temperature, limit) = (
        zone.value.temperature.as_ref()?.value,
        group.value.max_temperature.value,
    );
    (temperature.value() > limit.value() + ROUNDING).then(|| {
        format!(
            "asic.{}: its zone {} has {temperature}, above the greatest temperature of the die, {limit}",
            group.name, zone.name
        )
    })
}
