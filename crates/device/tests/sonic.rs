//! Files of a platform of SONiC.

use std::collections::BTreeSet;

use device::sonic::{File, ServedAt, SonicError, VENDORS_FORM, files};
use device::{Device, Fleet, Part};
use serde_json::Value;
use system::{Input, Library, System};

fn resolve(name: &str, sets: &[&str]) -> System {
    let library = Library::embedded();
    let text = library.platform(name).expect("a platform").to_owned();
    let sets: Vec<String> = sets.iter().map(ToString::to_string).collect();
    let system = System::resolve(&Input {
        name,
        bytes: text.as_bytes(),
        sets: &sets,
        library: &library,
        load: &|_| Err("no file".to_owned()),
    });
    system.unwrap_or_else(|problems| panic!("{problems}"))
}

/// The buses that the command line gives.
fn bus(of: &Device) -> u16 {
    let first = match of.part {
        Part::Engine(_) => 100,
        Part::LaserModule(_) => 500,
    };
    first + u16::try_from(of.index).expect("few")
}

fn files_of(name: &str, sets: &[&str]) -> Result<Vec<File>, SonicError> {
    files_by(name, sets, false)
}

fn files_by(name: &str, sets: &[&str], is_davisson: bool) -> Result<Vec<File>, SonicError> {
    let system = resolve(name, sets);
    let fleet = Fleet::new(&system).expect("managed");
    let at = ServedAt {
        directory: "/run/switch".to_owned(),
        buses: fleet.devices().iter().map(bus).collect(),
        is_davisson,
    };
    files(&system, &fleet, &at)
}

fn json(files: &[File], path: &str) -> Value {
    let file = files.iter().find(|file| file.path == path);
    serde_json::from_str(&file.expect("written").text).expect("JSON")
}

fn numbers(list: &Value) -> Vec<usize> {
    let text = list.as_str().expect("text");
    text.split(',')
        .map(|n| n.parse().expect("a number"))
        .collect()
}

#[test]
fn every_lane_of_the_asic_has_one_interface_engine_and_laser() {
    let files = files_of("cpo-51t", &[]).expect("it can be expressed");
    let (platform, cpo) = (json(&files, "platform.json"), json(&files, "cpo.json"));
    let mut of_interfaces = Vec::new();
    let members = |value: &Value| value.as_object().expect("an object").clone();
    for (name, interface) in members(&platform["interfaces"]) {
        let lanes = numbers(&interface["lanes"]);
        assert_eq!(numbers(&interface["index"]).len(), lanes.len());
        let associated = &cpo["interfaces"][&name]["associated_devices"];
        assert_eq!(associated.as_array().map(Vec::len), Some(2));
        let [engine, laser] = [0, 1].map(|n| associated[n].clone());
        let device = |of: &Value| cpo["devices"][of["device_id"].as_str().expect("an id")].clone();
        let (engine_device, laser_device) = (device(&engine), device(&laser));
        // The bank of the engine holds the lanes of the interface, in their order.
        let bank = usize::try_from(engine["bank"].as_u64().expect("a bank")).expect("small");
        assert!(bank < 4);
        let of_engine = numbers(&engine_device["asic_lanes"]);
        assert_eq!(of_engine[8 * bank..8 * bank + 8], lanes, "{name}");
        // Its lasers light them.
        let lit = members(&laser_device["laser_to_asic_lane_mapping"]);
        let lit: BTreeSet<usize> = lit.values().flat_map(numbers).collect();
        assert!(lanes.iter().all(|lane| lit.contains(lane)), "{name}");
        of_interfaces.extend(lanes);
    }
    of_interfaces.sort_unstable();
    assert_eq!(of_interfaces, (1..=512).collect::<Vec<_>>());
}

#[test]
fn files_say_where_devices_are_and_how_ports_break_out() {
    let files = files_of("cpo-51t", &[]).expect("it can be expressed");
    let cpo = json(&files, "cpo.json");
    assert_eq!(
        cpo["devices"]["OE15"]["i2c_path"],
        "/run/switch/i2c/115-0050"
    );
    assert_eq!(cpo["devices"]["OE15"]["max_banks"], 4);
    assert_eq!(
        cpo["devices"]["ELS3"]["i2c_path"],
        "/run/switch/i2c/503-0050"
    );
    assert_eq!(
        cpo["devices"]["ELS3"]["presence_path"],
        "/run/switch/presence/els3"
    );
    assert_eq!(cpo["devices"]["ELS3"]["lasers"], 8);
    assert_eq!(json(&files, "optical_devices.json"), cpo);
    let platform = json(&files, "platform.json");
    let modes = platform["interfaces"]["Ethernet8"]["breakout_modes"].as_object();
    let modes: Vec<&String> = modes.expect("an object").keys().collect();
    assert_eq!(modes, ["1x800G", "2x400G", "4x200G", "8x100G"]);
    let hwsku = json(&files, "hwsku.json");
    assert_eq!(
        hwsku["interfaces"]["Ethernet504"]["default_brkout_mode"],
        "1x800G"
    );
    // Interfaces stand in the order of their ports: hosts number them so.
    let text = &files[0].text;
    let at = |name: &str| text.find(&format!("\"{name}\": {{")).expect("listed");
    assert!(at("Ethernet16") < at("Ethernet104"));
}

#[test]
fn both_forms_say_the_same() {
    for name in ["cpo-51t", "spectrum-x-102t", "davisson-102t"] {
        let files = files_of(name, &[]).expect("it can be expressed");
        let (design, vendors) = (json(&files, "cpo.json"), json(&files, "vendor/cpo.json"));
        let is_joint = name == "spectrum-x-102t";
        let mode = if is_joint { "joint" } else { "separate" };
        assert_eq!(vendors["cpo_eeprom_mode"], mode);
        for (interface, of) in vendors["interfaces"].as_object().expect("an object") {
            let associated = &design["interfaces"][interface]["associated_devices"];
            assert_eq!(associated[0]["device_id"], format!("OE{}", of["oe_id"]));
            assert_eq!(associated[0]["bank"], of["oe_bank_id"]);
            assert_eq!(associated[1]["device_id"], format!("ELS{}", of["els_id"]));
            assert_eq!(associated[1]["bank"], of["els_bank_id"]);
            let laser = &design["devices"][format!("ELS{}", of["els_id"])];
            let lit: BTreeSet<usize> = of["laser_ids"]
                .as_array()
                .expect("a list")
                .iter()
                .flat_map(|id| {
                    let laser_id = (id.as_u64().expect("a number") + 1).to_string();
                    numbers(&laser["laser_to_asic_lane_mapping"][laser_id])
                })
                .collect();
            let lanes: BTreeSet<usize> = numbers(&of["lanes"]).into_iter().collect();
            assert!(lanes.is_subset(&lit), "{name} {interface}");
            assert_eq!(laser.get("i2c_path").is_none(), is_joint);
        }
    }
}

#[test]
fn laser_modules_on_other_pages_name_the_map_that_reads_them() {
    for (name, is_davisson, expected) in [
        ("spectrum-x-102t", true, Some("davisson")),
        ("spectrum-x-102t", false, None),
        ("davisson-102t", true, None),
    ] {
        let files = files_by(name, &[], is_davisson).expect("it can be expressed");
        let devices = json(&files, "cpo.json")["devices"].clone();
        for (device, of) in devices.as_object().expect("an object") {
            let expected = expected.filter(|_| device.starts_with("ELS"));
            assert_eq!(of["memory_map"].as_str(), expected, "{name} {device}");
        }
    }
}

#[test]
fn ports_that_share_a_bank_are_breakouts_of_one_interface() {
    let sets = [
        "port.eth.count=128",
        "port.eth.lanes=4",
        "port.eth.rate=400 Gb/s",
        "port.eth.breakout=4",
    ];
    let files = files_of("cpo-51t", &sets).expect("it can be expressed");
    let hwsku = json(&files, "hwsku.json");
    assert_eq!(
        hwsku["interfaces"].as_object().map(serde_json::Map::len),
        Some(64)
    );
    assert_eq!(
        hwsku["interfaces"]["Ethernet8"]["default_brkout_mode"],
        "2x400G"
    );
    let platform = json(&files, "platform.json");
    let modes = &platform["interfaces"]["Ethernet8"]["breakout_modes"];
    assert_eq!(modes["2x400G"], serde_json::json!(["Eth2/1", "Eth2/2"]));
    assert_eq!(modes["8x100G"].as_array().map(Vec::len), Some(8));
}

#[test]
fn an_interface_that_several_modules_light_names_all_of_them() {
    // Each of its four wavelengths comes from a laser of its own, in two modules.
    let files = files_of("bailly-51t", &[]).expect("it can be expressed");
    let cpo = json(&files, "cpo.json");
    let associated = &cpo["interfaces"]["Ethernet0"]["associated_devices"];
    let ids = [0, 1, 2].map(|n| associated[n]["device_id"].clone());
    assert_eq!(ids, ["OE0", "ELS0", "ELS1"]);
    // The other form has no place for the second.
    assert!(files.iter().all(|file| file.path != VENDORS_FORM));
}

#[test]
fn every_managed_platform_is_expressed_or_says_which_rule_it_breaks() {
    let expected = |name: &str| match name {
        "cpo-51t" | "cpo-51t-2.5d" | "cpo-51t-3d" | "bailly-51t" | "davisson-102t" | "npo-51t" => {
            Ok(64)
        }
        // Half of its ports are electrical.
        "humboldt-25t" => Err("is on no engine"),
        "arista-28t" => Ok(18),
        "spectrum-x-102t" => Ok(64),
        "dsp-25t" | "dsp-51t" | "dsp-102t" | "lpo-51t" => Err("has an external_laser_source"),
        "quantum-x-115t" | "spectrum-x-409t" => Err("lists lanes of one ASIC"),
        "oci-4t" => Err("is lit by no laser module"),
        "teraphy-oio" => Err("one bank of one optical_engine"),
        other => panic!("no expectation for {other}"),
    };
    for name in Library::embedded().platforms() {
        let found = files_of(name, &[]);
        match (found, expected(name)) {
            (Ok(files), Ok(interfaces)) => {
                let cpo = json(&files, "cpo.json");
                let n = cpo["interfaces"].as_object().map(serde_json::Map::len);
                assert_eq!(n, Some(interfaces), "{name}");
            }
            (Err(error), Err(rule)) => {
                let error = error.to_string();
                assert!(error.contains(rule), "{name}: {error}");
            }
            (found, _) => panic!("{name}: {found:?}", found = found.map(|files| files.len())),
        }
    }
}

#[test]
fn a_system_that_files_cannot_express_is_refused_with_the_rule() {
    let check = |name: &str, sets: &[&str], rule: &str| {
        let error = files_of(name, sets).expect_err(name).to_string();
        assert!(error.contains(rule), "{name}: {error}");
    };
    check("quantum-x-115t", &[], "lists lanes of one ASIC");
    check("dsp-51t", &[], "has an external_laser_source");
    // Sixteen lanes of a port lie in two banks.
    let wide = [
        "port.eth.count=32",
        "port.eth.lanes=16",
        "port.eth.rate=1.6 Tb/s",
    ];
    check("cpo-51t", &wide, "one bank of one optical_engine");
}
