//! The texts of the files.

use serde::{Serialize, Serializer};

use super::ServedAt;
use super::plan::{Interface, Plan};
use crate::fleet::Device;

/// An object whose members stay in order: hosts number ports in the order of the file.
struct Members<T>(Vec<(String, T)>);

impl<T: Serialize> Serialize for Members<T> {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        to.collect_map(self.0.iter().map(|(name, value)| (name, value)))
    }
}

#[derive(Serialize)]
struct Platform {
    chassis: Chassis,
    interfaces: Members<PlatformInterface>,
}

#[derive(Serialize)]
struct Chassis {
    name: String,
}

#[derive(Serialize)]
struct PlatformInterface {
    index: String,
    lanes: String,
    breakout_modes: Members<Vec<String>>,
}

#[derive(Serialize)]
struct Hwsku {
    interfaces: Members<HwskuInterface>,
}

#[derive(Serialize)]
struct HwskuInterface {
    default_brkout_mode: String,
    port_type: &'static str,
}

#[derive(Serialize)]
struct DesignDocument {
    devices: Members<Part>,
    interfaces: Members<Associated>,
}

#[derive(Serialize)]
#[serde(tag = "device_type", rename_all = "snake_case")]
enum Part {
    OpticalEngine {
        max_banks: u8,
        asic_lanes: String,
        i2c_path: String,
    },
    ExternalLaserSource {
        lasers: usize,
        max_banks: u8,
        laser_to_asic_lane_mapping: Members<String>,
        /// None in joint mode, where it is read behind the engine.
        #[serde(skip_serializing_if = "Option::is_none")]
        i2c_path: Option<String>,
        presence_path: String,
        /// Which of SONiC's maps reads it there; none for ours of the documented pages.
        #[serde(skip_serializing_if = "Option::is_none")]
        memory_map: Option<&'static str>,
    },
}

#[derive(Serialize)]
struct Associated {
    associated_devices: Vec<AssociatedDevice>,
}

#[derive(Serialize)]
struct AssociatedDevice {
    device_id: String,
    bank: usize,
}

#[derive(Serialize)]
struct Vendors {
    cpo_eeprom_mode: &'static str,
    oes: Members<VendorEngine>,
    elss: Members<VendorLaser>,
    interfaces: Members<VendorInterface>,
}

#[derive(Serialize)]
struct VendorEngine {
    index: usize,
    oe_bank_count: u8,
    oe_cmis_path: String,
}

#[derive(Serialize)]
struct VendorLaser {
    index: usize,
    els_bank_count: u8,
    #[serde(skip_serializing_if = "Option::is_none")]
    els_cmis_path: Option<String>,
    /// The first page of the engine that shows one of the module, in joint mode.
    #[serde(skip_serializing_if = "Option::is_none")]
    base_page: Option<u8>,
    els_presence: Presence,
}

#[derive(Serialize)]
#[expect(clippy::struct_field_names, reason = "they are called so")]
struct Presence {
    presence_file: String,
    presence_offset: &'static str,
    presence_len: u8,
    presence_bit: u8,
    presence_value: u8,
}

#[derive(Serialize)]
struct VendorInterface {
    #[serde(flatten)]
    same: PlatformInterface,
    oe_id: usize,
    oe_bank_id: usize,
    els_id: usize,
    els_bank_id: usize,
    laser_ids: Vec<usize>,
}

pub(super) fn platform(plan: &Plan) -> String {
    json(&Platform {
        chassis: Chassis {
            name: plan.system.description.name.clone(),
        },
        interfaces: each(plan, platform_interface),
    })
}

pub(super) fn hwsku(plan: &Plan) -> String {
    json(&Hwsku {
        interfaces: each(plan, |of| HwskuInterface {
            default_brkout_mode: of.breakouts.first().map_or(String::new(), mode),
            port_type: "CPO",
        }),
    })
}

pub(super) fn design_document(plan: &Plan, at: &ServedAt) -> String {
    let engines = plan.of_kind(true).map(|(number, of)| {
        let lanes = (0..of.lanes.len()).filter_map(|lane| plan.asic_lane(number, lane));
        let part = Part::OpticalEngine {
            max_banks: of.banks,
            asic_lanes: list(lanes),
            i2c_path: i2c_path(at, number),
        };
        (device_id(of), part)
    });
    let lasers = plan.of_kind(false).map(|(number, of)| {
        let mapping = of.lasers.iter().enumerate().map(|(laser, of)| {
            let feeds = of.feeds.iter();
            let lanes = feeds.filter_map(|feed| plan.asic_lane(feed.device, feed.lane));
            ((laser + 1).to_string(), list(lanes))
        });
        let part = Part::ExternalLaserSource {
            lasers: of.lasers.len(),
            max_banks: of.banks,
            laser_to_asic_lane_mapping: Members(mapping.collect()),
            i2c_path: (!is_joint(plan)).then(|| i2c_path(at, number)),
            presence_path: presence_path(at, of),
            memory_map: (is_joint(plan) && at.is_davisson).then_some("davisson"),
        };
        (device_id(of), part)
    });
    json(&DesignDocument {
        devices: Members(engines.chain(lasers).collect()),
        interfaces: each(plan, |of| {
            let engine = AssociatedDevice {
                device_id: device_id(&plan.devices[of.engine]),
                bank: of.bank,
            };
            let lit_by = of.lit_by.iter().map(|source| AssociatedDevice {
                device_id: device_id(&plan.devices[source.module]),
                bank: source.bank,
            });
            Associated {
                associated_devices: std::iter::once(engine).chain(lit_by).collect(),
            }
        }),
    })
}

/// None where several laser modules light an interface, for which this form has no place.
pub(super) fn vendors(plan: &Plan, at: &ServedAt) -> Option<String> {
    let mut all = plan.interfaces.iter();
    if all.any(|of| of.lit_by.len() != 1) {
        return None;
    }
    let is_joint = is_joint(plan);
    let oes = plan.of_kind(true).map(|(number, of)| {
        let oe = VendorEngine {
            index: of.index,
            oe_bank_count: of.banks,
            oe_cmis_path: i2c_path(at, number) + "/",
        };
        (of.name.clone(), oe)
    });
    let elss = plan.of_kind(false).map(|(number, of)| {
        let els = VendorLaser {
            index: of.index,
            els_bank_count: of.banks,
            els_cmis_path: (!is_joint).then(|| i2c_path(at, number) + "/"),
            base_page: is_joint.then_some(cmis::map::mirror::DOCUMENTED[0].engine_page),
            els_presence: Presence {
                presence_file: presence_path(at, of),
                // The digits 0 and 1 differ in their lowest bit.
                presence_offset: "0x0",
                presence_len: 1,
                presence_bit: 0,
                presence_value: 1,
            },
        };
        (of.name.clone(), els)
    });
    Some(json(&Vendors {
        cpo_eeprom_mode: if is_joint { "joint" } else { "separate" },
        oes: Members(oes.collect()),
        elss: Members(elss.collect()),
        interfaces: each(plan, |of| VendorInterface {
            same: platform_interface(of),
            oe_id: plan.devices[of.engine].index,
            oe_bank_id: of.bank,
            els_id: plan.devices[of.lit_by[0].module].index,
            els_bank_id: of.lit_by[0].bank,
            laser_ids: of.lit_by[0].lasers.clone(),
        }),
    }))
}

fn platform_interface(of: &Interface) -> PlatformInterface {
    let modes = of.breakouts.iter().map(|breakout| {
        let aliases = match breakout.0 {
            1 => vec![format!("Eth{}", of.index)],
            n => (1..=n).map(|n| format!("Eth{}/{n}", of.index)).collect(),
        };
        (mode(breakout), aliases)
    });
    PlatformInterface {
        index: list(of.lanes.iter().map(|_| of.index)),
        lanes: list(of.lanes.iter().copied()),
        breakout_modes: Members(modes.collect()),
    }
}

fn mode((ports, gbps): &(usize, u64)) -> String {
    format!("{ports}x{gbps}G")
}

fn each<T>(plan: &Plan, value: impl Fn(&Interface) -> T) -> Members<T> {
    let all = plan.interfaces.iter();
    Members(all.map(|of| (of.name.clone(), value(of))).collect())
}

fn list(numbers: impl Iterator<Item = usize>) -> String {
    let numbers: Vec<String> = numbers.map(|number| number.to_string()).collect();
    numbers.join(",")
}

/// As code reads it that takes the numbers of devices from their names.
fn device_id(of: &Device) -> String {
    of.name.to_uppercase()
}

fn is_joint(plan: &Plan) -> bool {
    plan.of_kind(true).any(|(_, of)| of.is_joint)
}

fn i2c_path(at: &ServedAt, device: usize) -> String {
    let bus = at.buses.get(device).copied().unwrap_or_default();
    format!("{}/i2c/{bus}-0050", at.directory)
}

fn presence_path(at: &ServedAt, of: &Device) -> String {
    format!("{}/presence/{}", at.directory, of.name)
}

fn json<T: Serialize>(value: &T) -> String {
    let text = serde_json::to_string_pretty(value);
    text.expect("names are text and nothing fails to be written") + "\n"
}
