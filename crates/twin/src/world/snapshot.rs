//! A world as bytes, and the same world from them.
//!
//! A snapshot holds what time, faults and commands have made of a world: nothing of its
//! descriptions, which have to be at hand when it is restored. What follows from the rest (what
//! faults do to parts, what is physically so) is found anew.
//!
//! The bytes are the mark `SLSN`, the version of the form as `u16`, SHA-256 of the rest, the length
//! and text of the version of this crate, and the state in the form of postcard. Another version is
//! refused: a snapshot is for going on, not for keeping.

use std::sync::Arc;

use link::{Arrived, FilterPoint, Sent};
use plant::{DeviceName, Entity};
use serde::{Deserialize, Serialize};
use system::{Fingerprint, MediaLaneId, System};
use units::Seconds;

use super::act::Controls;
use super::ageing::{Ages, Worn};
use super::event::{EventId, EventLog};
use super::harm::{Active, Harm};
use super::laser::LaserPoint;
use super::light::{DecidedFrom, SentFrom};
use super::note::Flags;
use super::plan::SwitchPlan;
use super::power::Powers;
use super::rings::Rings;
use super::route::Route;
use super::switch::{LoadSet, Switch};
use super::wander::Wander;
use super::zones::ZoneGuard;
use super::{FarEnd, FarLane, World};
use crate::fault::Fault;
use crate::heat::{Coolant, Loads};
use crate::sensors::{SavedSensors, Sensors, Truth};

const MARK: [u8; 4] = *b"SLSN";
/// The version of the form.
const FORM: u16 = 4;
const HEADER: usize = MARK.len() + size_of::<u16>() + Fingerprint::LENGTH;

/// Why bytes are not a world.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum SnapshotError {
    /// Other bytes.
    #[error("these bytes are no snapshot of a world")]
    NotASnapshot,
    /// From another version of the program.
    #[error(
        "the snapshot was made by version {found}; this is {own}, which goes on with its own only"
    )]
    Version {
        /// As found.
        found: String,
        /// This one.
        own: String,
    },
    /// Damaged on its way.
    #[error("the snapshot is damaged: its checksum is another than that of its bytes")]
    Damaged,
    /// Of other switches.
    #[error("the snapshot is of {found}, and {given} given")]
    Switches {
        /// How many it holds, in words.
        found: String,
        /// How many there are.
        given: String,
    },
    /// Of another description.
    #[error("switch {name} was saved under another description")]
    Description {
        /// Its name.
        name: String,
    },
    /// A state that no world has been in.
    #[error("switch {name} cannot be in the state that was saved: {what}")]
    State {
        /// Its name.
        name: String,
        /// What is wrong.
        what: String,
    },
}

#[derive(Serialize, Deserialize)]
struct SavedWorld {
    now_ns: u64,
    switches: Vec<SavedSwitch>,
    far: Vec<Vec<SavedEnd>>,
}

#[derive(Serialize, Deserialize)]
enum SavedEnd {
    Lane(usize, u32, f64),
    Ideal,
    Nothing,
}

#[derive(Serialize, Deserialize)]
struct SavedSwitch {
    fingerprint: [u8; Fingerprint::LENGTH],
    name: String,
    log: EventLog,
    faults: Vec<Active>,
    worn: Worn,
    ages: Ages,
    worn_at_ns: u64,
    aged_by: Option<EventId>,
    loads_set: Vec<LoadSet>,
    work: Vec<f64>,
    is_on: Vec<bool>,
    has_tripped: Vec<bool>,
    zones: Vec<ZoneGuard>,
    powers: Powers,
    rings: Rings,
    wander: Wander,
    coolants_set: Vec<Coolant>,
    speeds: Vec<f64>,
    coolant_by: Vec<Option<EventId>>,
    controls: Controls,
    commanded: Vec<(Entity, EventId)>,
    light: SavedLight,
    loads: Loads,
    drawn_w: Vec<f64>,
    routes: Vec<Route>,
    own: usize,
    is_unconnected: Vec<bool>,
    has_signal: Vec<bool>,
    heat: Vec<f64>,
    engines_c: Vec<f64>,
    modules_c: Vec<f64>,
    junctions_c: Vec<f64>,
    rest_engines_c: Vec<f64>,
    flags: Flags,
    sensors: SavedSensors,
}

/// The light of a switch. Batches are filled in when their lanes are decided.
#[derive(Serialize, Deserialize)]
pub(super) struct SavedLight {
    pub(super) lasers: Vec<LaserPoint>,
    pub(super) sent: Vec<Sent>,
    pub(super) arrived: Vec<Arrived>,
    pub(super) filters: Vec<Option<FilterPoint>>,
    pub(super) sent_from: Vec<Option<SentFrom>>,
    pub(super) decided_from: Vec<DecidedFrom>,
    /// Error ratio and Q of each lane of each batch.
    pub(super) decided: Vec<Vec<(f64, f64)>>,
    pub(super) is_every_lane_due: bool,
}

impl World {
    /// The world as bytes, from which [`World::restore`] makes one that goes on with the same bits.
    ///
    /// # Panics
    /// When there is no memory for them.
    pub fn snapshot(&self) -> Vec<u8> {
        let end = |end: &FarEnd| match end {
            FarEnd::Lane(of) => SavedEnd::Lane(of.switch, of.lane.0, of.extra_db),
            FarEnd::Ideal => SavedEnd::Ideal,
            FarEnd::Nothing => SavedEnd::Nothing,
        };
        let saved = SavedWorld {
            now_ns: self.now_ns,
            switches: self.switches.iter().map(Switch::saved).collect(),
            far: self
                .far
                .iter()
                .map(|ends| ends.iter().map(end).collect())
                .collect(),
        };
        let body = postcard::to_stdvec(&(version(), saved));
        let body = body.expect("plain data of known length can be written");
        let mut bytes = Vec::with_capacity(HEADER + body.len());
        bytes.extend(MARK);
        bytes.extend(FORM.to_le_bytes());
        bytes.extend(Fingerprint::of(&body).as_bytes());
        bytes.extend(body);
        bytes
    }

    /// The world that a snapshot was made of; one plan for each of its switches, in order.
    ///
    /// # Errors
    /// Bytes that are no snapshot, or of other switches: what is wrong.
    pub fn restore(bytes: &[u8], plans: &[Arc<SwitchPlan>]) -> Result<Self, SnapshotError> {
        let body = bytes
            .strip_prefix(&MARK)
            .ok_or(SnapshotError::NotASnapshot)?;
        let header = HEADER - MARK.len();
        let (header, body) = body
            .split_at_checked(header)
            .ok_or(SnapshotError::Damaged)?;
        let (form, checksum) = header.split_at(size_of::<u16>());
        if form != FORM.to_le_bytes() {
            return Err(SnapshotError::Version {
                found: format!("of form {}", u16::from_le_bytes([form[0], form[1]])),
                own: format!("{}, of form {FORM}", version()),
            });
        }
        if checksum != Fingerprint::of(body).as_bytes() {
            return Err(SnapshotError::Damaged);
        }
        // The version stands ahead of the rest, whose form it decides.
        let (found, rest): (String, _) =
            postcard::take_from_bytes(body).map_err(|_| SnapshotError::Damaged)?;
        if found != version() {
            return Err(SnapshotError::Version {
                found,
                own: version().to_owned(),
            });
        }
        let saved: SavedWorld = postcard::from_bytes(rest).map_err(|_| SnapshotError::Damaged)?;
        saved.world(plans)
    }
}

const fn version() -> &'static str {
    env!("CARGO_PKG_VERSION")
}

impl SavedWorld {
    fn world(self, plans: &[Arc<SwitchPlan>]) -> Result<World, SnapshotError> {
        if self.switches.len() != plans.len() {
            let switches = |n: usize, verb| match n {
                1 => format!("one switch{verb}"),
                n => format!("{n} switches{verb}"),
            };
            return Err(SnapshotError::Switches {
                found: switches(self.switches.len(), ""),
                given: switches(plans.len(), if plans.len() == 1 { " is" } else { " are" }),
            });
        }
        let now_ns = self.now_ns;
        let switches = self.switches.into_iter().zip(plans);
        let mut restored = Vec::with_capacity(plans.len());
        for (saved, plan) in switches {
            restored.push(saved.switch(plan, now_ns)?);
        }
        let end = |end: SavedEnd| match end {
            SavedEnd::Lane(switch, lane, extra_db) => FarEnd::Lane(FarLane {
                switch,
                lane: MediaLaneId(lane),
                extra_db,
            }),
            SavedEnd::Ideal => FarEnd::Ideal,
            SavedEnd::Nothing => FarEnd::Nothing,
        };
        let far = self.far.into_iter();
        let far = far
            .map(|ends| ends.into_iter().map(end).collect())
            .collect();
        let first = restored
            .first()
            .map_or_else(String::new, |of| of.name.to_string());
        let routes_fit = restored.iter().all(|switch| {
            let mut routes = switch.routes.iter();
            routes.all(|route| route.fits(switch, &restored))
        });
        if !routes_fit {
            let what = "a lane hears one that there is not".to_owned();
            return Err(SnapshotError::State { name: first, what });
        }
        let mut world = World::new(restored, far).map_err(|error| SnapshotError::State {
            name: first,
            what: error.to_string(),
        })?;
        world.carry();
        for switch in &mut world.switches {
            switch.refill(now_ns);
            // What the next step would find anew it finds anew.
            switch.carriage.is_stale = true;
        }
        Ok(World { now_ns, ..world })
    }
}

impl Switch {
    fn saved(&self) -> SavedSwitch {
        // What is left out follows from the rest, or is there only within a jump or a step.
        let Self {
            plan,
            name,
            log,
            faults,
            harm: _,
            worn,
            ages,
            worn_at_ns,
            aged_by,
            jumping: _,
            loads_set,
            work,
            is_on,
            has_tripped,
            zones,
            powers,
            rings,
            wander,
            coolants_set,
            speeds,
            coolant_by,
            controls,
            commanded,
            light,
            loads,
            drawn_w,
            routes,
            own,
            is_unconnected,
            carriage: _,
            has_signal,
            heat,
            engines_c,
            modules_c,
            junctions_c,
            rest_engines_c,
            flags,
            causes: _,
            edges: _,
            truth: _,
            sensors,
        } = self;
        SavedSwitch {
            fingerprint: *plan.system().fingerprint.as_bytes(),
            name: name.as_str().to_owned(),
            log: log.clone(),
            faults: faults.clone(),
            worn: worn.clone(),
            ages: ages.clone(),
            worn_at_ns: *worn_at_ns,
            aged_by: *aged_by,
            loads_set: loads_set.clone(),
            work: work.clone(),
            is_on: is_on.clone(),
            has_tripped: has_tripped.clone(),
            zones: zones.clone(),
            powers: powers.clone(),
            rings: rings.clone(),
            wander: wander.clone(),
            coolants_set: coolants_set.clone(),
            speeds: speeds.clone(),
            coolant_by: coolant_by.clone(),
            controls: controls.clone(),
            commanded: commanded.clone(),
            light: light.saved(),
            loads: loads.clone(),
            drawn_w: drawn_w.clone(),
            routes: routes.clone(),
            own: *own,
            is_unconnected: is_unconnected.clone(),
            has_signal: has_signal.clone(),
            heat: heat.numbers(),
            engines_c: engines_c.clone(),
            modules_c: modules_c.clone(),
            junctions_c: junctions_c.clone(),
            rest_engines_c: rest_engines_c.clone(),
            flags: flags.clone(),
            sensors: sensors.saved(),
        }
    }

    fn find_harm(&mut self, now_ns: u64) {
        // Faults that have begun since the last step have not done anything yet.
        let n = self.flags.strengths.len().min(self.faults.len());
        self.harm = Harm::of(&self.plan, &self.worn, &self.faults[..n], now_ns);
    }

    /// Finds again what follows from the rest.
    pub(super) fn refill(&mut self, now_ns: u64) {
        self.find_harm(now_ns);
        self.find_signals();
        if !self.flags.has_stepped {
            return;
        }
        let dt = Seconds::new(self.flags.filled_for_s);
        let is_harm_new = self.flags.is_harm_new;
        let mut truth = Box::new(Truth::new(self.plan.system()));
        self.flags.filled_for_s = 0.0;
        self.fill_truth(&mut truth, dt, &self.coolants());
        self.flags.is_harm_new = is_harm_new;
        self.truth = Some(truth);
    }
}

impl SavedSwitch {
    fn switch(self, plan: &Arc<SwitchPlan>, now_ns: u64) -> Result<Switch, SnapshotError> {
        let system = plan.system();
        let name = self.name.clone();
        let wrong = |what: String| SnapshotError::State {
            name: name.clone(),
            what,
        };
        if self.fingerprint != *system.fingerprint.as_bytes() {
            return Err(SnapshotError::Description { name });
        }
        self.check(system).map_err(&wrong)?;
        if !self.rings.fit(plan) {
            return Err(wrong("other rings".to_owned()));
        }
        if !self.wander.fits(&plan.wander) {
            return Err(wrong("other parts that wander".to_owned()));
        }
        let device = DeviceName::new(self.name).map_err(|error| wrong(error.to_string()))?;
        let mut switch = Switch::new(plan, device, 0).map_err(|error| wrong(error.to_string()))?;
        let sensors = Sensors::resumed(Arc::clone(&plan.sensors), self.sensors);
        switch.sensors = sensors.map_err(|error| wrong(error.to_string()))?;
        let heat = switch.heat.resume(&self.heat);
        heat.map_err(|error| wrong(error.to_string()))?;
        let light = switch.light.resume(self.light);
        light.map_err(|what| wrong(what.to_owned()))?;
        switch.log = self.log;
        switch.faults = self.faults;
        switch.worn = self.worn;
        switch.ages = self.ages;
        switch.worn_at_ns = self.worn_at_ns;
        switch.aged_by = self.aged_by;
        switch.loads_set = self.loads_set;
        switch.work = self.work;
        switch.is_on = self.is_on;
        switch.has_tripped = self.has_tripped;
        switch.zones = self.zones;
        switch.powers = self.powers;
        switch.rings = self.rings;
        switch.wander = self.wander;
        switch.coolants_set = self.coolants_set;
        switch.speeds = self.speeds;
        switch.coolant_by = self.coolant_by;
        switch.controls = self.controls;
        switch.commanded = self.commanded;
        switch.loads = self.loads;
        switch.drawn_w = self.drawn_w;
        switch.routes = self.routes;
        switch.own = self.own;
        switch.is_unconnected = self.is_unconnected;
        switch.has_signal = self.has_signal;
        switch.engines_c = self.engines_c;
        switch.modules_c = self.modules_c;
        switch.junctions_c = self.junctions_c;
        switch.rest_engines_c = self.rest_engines_c;
        switch.flags = self.flags;
        switch.find_harm(now_ns);
        Ok(switch)
    }

    /// Refuses lists of another length than the system has parts, and names of parts that there are
    /// not.
    fn check(&self, system: &System) -> Result<(), String> {
        let (lanes, lasers) = (system.media_lanes.len(), system.lasers.len());
        let (asics, engines) = (system.asics.len(), system.engines.len());
        let serdes = system.serdes_lanes.len();
        let (modules, coolings) = (system.laser_modules.len(), system.description.cooling.len());
        let of = &self.controls;
        let lists = [
            ("lasers", self.worn.lasers.len(), lasers),
            ("fibres", self.worn.fibres_db.len(), system.fibres.len()),
            ("interfaces", self.worn.asic_k_per_w.len(), asics),
            ("interfaces", self.worn.engine_k_per_w.len(), engines),
            ("settings of lasers", of.lasers.len(), lasers),
            ("settings of lasers", of.laser_enabled.len(), lasers),
            ("settings of lanes", of.transmit_enabled.len(), lanes),
            ("settings of lanes", of.carry.len(), lanes),
            ("settings of lanes of dies", of.serdes.len(), serdes),
            ("settings of heaters", of.heaters.len(), lanes),
            ("settings of engines", of.engines.len(), engines),
            ("settings of modules", of.modules.len(), modules),
            ("loads", self.loads_set.len(), asics),
            ("loads", self.work.len(), asics),
            ("loads", self.loads.cores_w.len(), asics),
            ("loads", self.loads.serdes_w.len(), asics),
            ("dies", self.is_on.len(), asics),
            ("dies", self.has_tripped.len(), asics),
            ("zones", self.zones.len(), system.description.zone.len()),
            ("loads of engines", self.loads.engines.len(), engines),
            (
                "loads of modules",
                self.loads.laser_modules_w.len(),
                modules,
            ),
            ("coolants", self.coolants_set.len(), coolings),
            ("speeds of pumps and fans", self.speeds.len(), coolings),
            ("coolants", self.coolant_by.len(), coolings),
            ("temperatures of engines", self.engines_c.len(), engines),
            (
                "temperatures of engines",
                self.rest_engines_c.len(),
                engines,
            ),
            ("temperatures of modules", self.modules_c.len(), modules),
            ("temperatures of dies", self.junctions_c.len(), asics),
            ("signals", self.has_signal.len(), lanes),
        ];
        if let Some((what, found, needed)) = lists.into_iter().find(|(_, a, b)| a != b) {
            return Err(format!("{found} {what} where there are {needed}"));
        }
        if !self.ages.fit(system) {
            return Err("ages of other parts".to_owned());
        }
        if !self.powers.fit(system) {
            return Err("power states of other parts".to_owned());
        }
        if !(self.routes.is_empty() || self.routes.len() == lanes) {
            return Err("lanes that hear nothing known".to_owned());
        }
        let is_there = |entity: &Entity| (entity.index as usize) < system.count(entity.kind);
        let events = self.log.events().iter().filter_map(|event| event.entity);
        let commanded = self.commanded.iter().map(|(entity, _)| *entity);
        if let Some(absent) = events.chain(commanded).find(|entity| !is_there(entity)) {
            return Err(format!("there is no {absent}"));
        }
        let is_speed = |speed: &f64| (0.0..f64::INFINITY).contains(speed);
        if !self.speeds.iter().all(is_speed) {
            return Err("a speed of a pump or fan that is none".to_owned());
        }
        if self.loads_set.iter().any(|of| !of.load.is_sound()) {
            return Err("a load that is none".to_owned());
        }
        // What the text of a fault may say, the fault may be.
        let is_sound = |active: &Active| {
            let text = active.fault.display(system).to_string();
            let read = Fault::parse(&text, system).ok();
            read.is_some_and(|fault| {
                (fault.kind, fault.target) == (active.fault.kind, active.fault.target)
            })
        };
        match self.faults.iter().find(|active| !is_sound(active)) {
            None => Ok(()),
            Some(_) => Err("a fault that there cannot be".to_owned()),
        }
    }
}
