//! The switches of a world with their devices, as servers take them.
//!
//! All devices of all switches are behind one lock. Whoever takes that lock and the one of the world
//! takes that of the devices first, and whoever holds that of the world waits for no other.

use std::collections::VecDeque;
use std::io::Write as _;
use std::ops::Range;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use cmis::{Address, Nack};
use plant::Timestamp;
use serde_json::{Map, Value};
use server::{DeviceInfo, ManagedDevices};
use twin::scenario::Event;
use twin::world::World;

use super::switch::ManagedTwin;

/// Steps that are made at once at the most: when more time has passed, they are longer.
const MOST_STEPS: u32 = 2_000;

/// A world whose switches are managed.
pub(super) struct ManagedWorld {
    world: Arc<Mutex<World>>,
    /// In the order of the world.
    twins: Vec<ManagedTwin>,
    /// The devices of all switches, one switch after the other.
    infos: Vec<DeviceInfo>,
    /// Where those of each switch begin.
    firsts: Vec<usize>,
    step: Duration,
    next_step: Timestamp,
    start: Timestamp,
    /// What is still to happen.
    events: VecDeque<Event>,
    /// Why the world does not go on; it has been told.
    stopped: bool,
}

impl ManagedWorld {
    /// Switches of a world from `start` on, with what happens to them.
    pub(super) fn new(
        world: &Arc<Mutex<World>>,
        twins: Vec<ManagedTwin>,
        events: Vec<Event>,
        (step, start): (Duration, Timestamp),
    ) -> Self {
        let mut infos = Vec::new();
        let mut firsts = Vec::with_capacity(twins.len());
        for twin in &twins {
            firsts.push(infos.len());
            infos.extend(twin.infos());
        }
        Self {
            world: Arc::clone(world),
            twins,
            infos,
            firsts,
            step,
            next_step: start,
            start,
            events: events.into(),
            stopped: false,
        }
    }

    /// Its switches, each with the places of its devices among all.
    pub(super) fn switches(&self) -> impl Iterator<Item = (&ManagedTwin, Range<usize>)> {
        let firsts = self.twins.iter().zip(&self.firsts);
        firsts.map(|(twin, first)| (twin, *first..first + twin.managed().len()))
    }

    /// The switch of a device, and the place of the device there.
    fn locate(&mut self, device: usize) -> (&mut ManagedTwin, usize) {
        let switch = self.switch_of(device);
        (&mut self.twins[switch], device - self.firsts[switch])
    }

    /// The last switch that begins there: one without devices begins where the next one does.
    fn switch_of(&self, device: usize) -> usize {
        self.firsts.partition_point(|first| *first <= device) - 1
    }

    /// Takes the world and all devices to a time, switches in the order of the world.
    fn step_to(&mut self, now: Timestamp) {
        for twin in &mut self.twins {
            twin.command(now);
        }
        self.play(now);
        if self.twins.len() > 1 {
            // The first that observes moves the world for all.
            for twin in &mut self.twins {
                twin.obey(now);
            }
        }
        let mut twins = self.twins.iter_mut();
        let wrong = twins.find_map(|twin| twin.observe(now).err());
        if let Some(why) = wrong {
            self.stop(&why);
        }
        for twin in &mut self.twins {
            twin.settle();
        }
    }

    /// What the scenario says up to a time.
    fn play(&mut self, now: Timestamp) {
        let since_ns = now.nanos().saturating_sub(self.start.nanos());
        while let Some(event) = self.events.front().filter(|event| event.at_ns <= since_ns) {
            let mut world = locked(&self.world);
            let at_ns = world.now_ns();
            let refused = world
                .switch_mut(event.switch)
                .and_then(|switch| switch.act(&event.action, at_ns).err());
            drop(world);
            if let Some(refusal) = refused {
                let _ = writeln!(anstream::stderr(), "warning: scenario: {refusal}");
            }
            self.events.pop_front();
        }
    }

    fn stop(&mut self, why: &str) {
        if !self.stopped {
            self.stopped = true;
            let _ = writeln!(
                anstream::stderr(),
                "error: the world stands still: {why}; registers keep what they said last"
            );
        }
    }
}

impl ManagedDevices for ManagedWorld {
    fn devices(&self) -> &[DeviceInfo] {
        &self.infos
    }

    fn advance_to(&mut self, now: Timestamp) {
        if !self.stopped && now >= self.next_step {
            let behind_ns = now.nanos() - self.next_step.nanos();
            let step_ns = u64::try_from(self.step.as_nanos()).unwrap_or(u64::MAX);
            let step_ns = step_ns.max(behind_ns / u64::from(MOST_STEPS));
            while self.next_step <= now && !self.stopped {
                self.step_to(self.next_step);
                self.next_step = self.next_step.saturating_add(Duration::from_nanos(step_ns));
            }
        }
        for twin in &mut self.twins {
            twin.devices.advance(now);
        }
    }

    fn read(&mut self, device: usize, from: Address, into: &mut [u8]) -> Result<(), Nack> {
        let (twin, device) = self.locate(device);
        twin.devices.read(device, from, into)
    }

    fn peek(&mut self, device: usize, from: Address, into: &mut [u8]) -> Result<(), Nack> {
        let (twin, device) = self.locate(device);
        twin.devices.peek(device, from, into)
    }

    fn write(&mut self, device: usize, from: Address, data: &[u8]) -> Result<(), Nack> {
        let (twin, device) = self.locate(device);
        twin.devices.write(device, from, data)
    }

    fn is_present(&self, device: usize) -> bool {
        let switch = self.switch_of(device);
        let place = device - self.firsts[switch];
        self.twins[switch].devices.is_present(place)
    }

    fn fresh(&mut self, device: usize) {
        let (twin, device) = self.locate(device);
        twin.devices.fresh(device);
    }

    fn inject(
        &mut self,
        device: usize,
        what: &str,
        args: &Map<String, Value>,
    ) -> Result<(), String> {
        let (twin, device) = self.locate(device);
        twin.inject(device, what, args)
    }
}

/// A world whose last user stopped amid a step is still what its next step makes of it.
fn locked(world: &Mutex<World>) -> MutexGuard<'_, World> {
    world.lock().unwrap_or_else(PoisonError::into_inner)
}
