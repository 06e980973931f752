//! Nothing is flagged of a switch in which nothing is wrong, on any platform that is managed.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use cmis::Address;
use cmis::module::ModuleState;
use device::{Fleet, ManagedSwitch};
use plant::{DeviceName, Plant as _, Timestamp};
use system::{Input, Library, System};
use twin::world::{Offer, Switch, SwitchPlan, TwinPlant, World};

const STEP: Duration = Duration::from_millis(100);
/// By then everything is up.
const UP: Duration = Duration::from_secs(10);
/// And by then it has been so for a while.
const LATER: Duration = Duration::from_secs(15);

struct Live {
    plant: TwinPlant,
    devices: ManagedSwitch,
    now: Duration,
}

impl Live {
    /// None of a platform that registers cannot express.
    fn new(library: &Library, name: &str) -> Option<Self> {
        let text = library.platform(name).expect("a platform").to_owned();
        let system = System::resolve(&Input {
            name,
            bytes: text.as_bytes(),
            sets: &[],
            library,
            load: &|_| Err("no file".to_owned()),
        });
        let system = Arc::new(system.unwrap_or_else(|problems| panic!("{problems}")));
        Fleet::new(&system).ok()?;
        let plan = SwitchPlan::new(Arc::clone(&system)).expect("it has a steady state");
        let leaf = DeviceName::new("leaf").expect("a name");
        let world = World::looped_back(Switch::new(&Arc::new(plan), leaf, 1).expect("at rest"));
        let offer = Offer {
            step: STEP,
            allow_inject: false,
        };
        let plant = TwinPlant::new(&Arc::new(Mutex::new(world)), 0, offer).expect("the switch");
        let capabilities = plant.capabilities();
        let devices = ManagedSwitch::new(&system, capabilities, &[], Timestamp::default()).ok()?;
        Some(Self {
            plant,
            devices,
            now: Duration::ZERO,
        })
    }

    fn go_until(&mut self, end: Duration) {
        while self.now < end {
            self.now += STEP;
            let nanos = u64::try_from(self.now.as_nanos()).expect("seconds");
            let now = Timestamp::from_nanos(nanos);
            self.devices.advance(now);
            self.devices.command(&mut self.plant);
            if let Some(seen) = self.plant.poll(now).expect("the world goes on") {
                self.devices.tick(seen, now).expect("its own");
            }
        }
    }

    /// Reads all flags of a device, which clears them: where there are any, and which.
    fn flags(&mut self, device: usize) -> Vec<(u8, u8, Vec<u8>)> {
        let of = &self.devices.fleet().devices()[device];
        let (banks, is_engine) = (of.banks, !of.lanes.is_empty());
        let pages: &[(u8, u8, usize)] = if is_engine {
            &[
                (0x11, 134, 20),
                (0x14, 132, 8),
                (0x2C, 128, 128),
                (0xC6, 128, 12),
            ]
        } else {
            &[(0x1A, 165, 29), (0x2C, 128, 128)]
        };
        let mut found = Vec::new();
        let mut read = |bank: u8, page: u8, at: Address, n: usize| {
            let mut bytes = vec![0; n];
            let is_there = self.devices.read(device, at, &mut bytes).is_ok();
            if is_there && bytes.iter().any(|byte| *byte != 0) {
                found.push((bank, page, bytes));
            }
        };
        read(0, 0, Address::lower(8), 4);
        for bank in 0..banks {
            for (page, byte, n) in pages {
                read(bank, *page, Address::page(*page, *byte).in_bank(bank), *n);
            }
        }
        found
    }
}

#[test]
fn nothing_is_flagged_of_a_healthy_platform() {
    let library = Library::embedded();
    let mut n_managed = 0;
    for name in library.platforms() {
        let Some(mut live) = Live::new(&library, name) else {
            continue;
        };
        n_managed += 1;
        live.go_until(UP);
        let n_devices = live.devices.fleet().devices().len();
        for device in 0..n_devices {
            live.flags(device);
        }
        live.go_until(LATER);
        for device in 0..n_devices {
            let of = live.devices.fleet().devices()[device].name.clone();
            let state = live.devices.module(device).map(cmis::module::Module::state);
            assert_eq!(state, Some(ModuleState::Ready), "{name} {of}");
            assert_eq!(live.flags(device), [], "{name} {of}");
            assert!(!live.devices.is_interrupting(device), "{name} {of}");
        }
    }
    assert!(n_managed >= 14, "{n_managed} platforms");
}
