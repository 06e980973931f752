//! The lanes of one bank: what is configured for them, and the data paths that they form.
//!
//! # Source
//! CMIS 5.2, control sets and data paths, as public clients rely on it.

use super::path::{Path, PathDurations, PathInputs, PathState, Went};
use super::profile::{Application, Quirks, SignalIntegrity};

/// Lanes of a bank.
pub const LANES: usize = 8;

/// Bytes of a control set that set up signal integrity, from adaptive equalisation on.
pub(super) const SI_BYTES: usize = 21;

/// What became of a configuration, for each lane.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[repr(u8)]
pub enum ConfigStatus {
    /// Nothing has been tried.
    Undefined = 0,
    /// It stands in the active set.
    Success = 1,
    /// Refused for another reason than those below.
    Rejected = 2,
    /// The module has no such application.
    InvalidAppSel = 3,
    /// The application cannot begin at this lane.
    InvalidDataPath = 4,
    /// The signal integrity asked for is beyond what the module can do.
    InvalidSi = 5,
    /// The lane belongs to another data path, or to one that is up and would lose or gain lanes.
    LaneInUse = 6,
    /// Other lanes of the data path are not part of it.
    PartialDataPath = 7,
    /// Not yet known.
    InProgress = 12,
}

/// What one lane is configured for: application, first lane of its data path, explicit control.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) struct LaneConfig(pub(super) u8);

impl LaneConfig {
    pub(super) const fn new(application: u8, first_lane: u8) -> Self {
        Self(application << 4 | (first_lane & 7) << 1)
    }

    /// The number of the application; zero where the lane is not used.
    pub(super) const fn application(self) -> u8 {
        self.0 >> 4
    }

    /// The first lane of its data path.
    pub(super) const fn first_lane(self) -> usize {
        (self.0 >> 1 & 7) as usize
    }

    /// Whether the host sets signal integrity itself.
    pub(super) const fn is_explicit(self) -> bool {
        self.0 & 1 != 0
    }

    /// Whether both make the same data path of their lane.
    const fn is_same_path(self, other: Self) -> bool {
        self.0 >> 1 == other.0 >> 1 || (self.application() == 0 && other.application() == 0)
    }
}

/// What a host has staged, and for which lanes it shall hold.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Staged {
    pub(super) lanes: u8,
    pub(super) config: [LaneConfig; LANES],
    pub(super) si: [u8; SI_BYTES],
    /// Whether only signal integrity changes, without the data path going down.
    pub(super) is_immediate: bool,
}

/// A staged set that has been accepted and is not yet active.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Accepted {
    staged: Staged,
    due_ns: u64,
}

/// What the host asks of the lanes of a bank, one bit each.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct LaneControls {
    pub(super) deinit: u8,
    pub(super) tx_disable: u8,
    pub(super) tx_force_squelch: u8,
    /// Not the host's: whether the module lets data paths be up.
    pub(super) is_module_ready: bool,
}

/// The lanes of one bank.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Bank {
    pub(super) active: [LaneConfig; LANES],
    pub(super) si: [u8; SI_BYTES],
    pub(super) status: [ConfigStatus; LANES],
    /// Lanes that have a configuration which no initialization has committed yet.
    pub(super) init_pending: u8,
    pub(super) quirks: Quirks,
    paths: [Path; LANES],
    accepted: Vec<Accepted>,
}

/// Lanes whose data path has come to a steady state.
type Arrived = u8;

impl Bank {
    /// As it is after a reset: with the first application wherever it fits among the lanes that there
    /// are.
    pub(super) fn new(applications: &[Application], lanes: u8, si: &SignalIntegrity) -> Self {
        let mut active = [LaneConfig::default(); LANES];
        if let Some(first) = applications.first() {
            for start in (0..LANES).filter(|start| first.begins_at(*start)) {
                let members = start..start + usize::from(first.host_lanes);
                let is_free = members.end <= LANES
                    && members
                        .clone()
                        .all(|lane| lanes >> lane & 1 != 0 && active[lane].application() == 0);
                if is_free {
                    active[members].fill(LaneConfig::new(1, lane_number(start)));
                }
            }
        }
        let mut settings = [0; SI_BYTES];
        for lane in (0..LANES).filter(|lane| lanes >> lane & 1 != 0) {
            SignalIntegrity::copy(lane, &si.default, &mut settings);
        }
        Self {
            active,
            si: settings,
            status: [ConfigStatus::Undefined; LANES],
            init_pending: 0,
            quirks: Quirks::default(),
            paths: [Path::DEACTIVATED; LANES],
            accepted: Vec::new(),
        }
    }

    /// The state of a lane's data path.
    pub(super) fn state(&self, lane: usize) -> PathState {
        let config = self.active[lane];
        if config.application() == 0 {
            return PathState::Deactivated;
        }
        self.paths[config.first_lane()].state
    }

    /// Lanes of the data path that begins at a lane.
    fn members(&self, first: usize) -> u8 {
        (0..LANES)
            .filter(|lane| {
                let config = self.active[*lane];
                config.application() != 0 && config.first_lane() == first
            })
            .fold(0, |lanes, lane| lanes | 1 << lane)
    }

    pub(super) fn are_paths_down(&self) -> bool {
        (0..LANES).all(|lane| self.state(lane) == PathState::Deactivated)
    }

    /// Lanes whose configuration is on its way.
    fn in_progress(&self) -> u8 {
        self.accepted
            .iter()
            .fold(0, |lanes, accepted| lanes | accepted.staged.lanes)
    }

    /// Takes in what a host has staged: each of its lanes is accepted or rejected with its whole data
    /// path. Lanes whose last configuration is still on its way are left alone.
    pub(super) fn apply(
        &mut self,
        mut staged: Staged,
        controls: LaneControls,
        applications: &[Application],
        si: &SignalIntegrity,
        now_ns: u64,
        durations: &PathDurations,
    ) {
        staged.lanes &= !self.in_progress();
        if staged.lanes == 0 {
            return;
        }
        let verdicts = self.judge(&staged, controls, applications, si);
        for (lane, verdict) in verdicts.iter().enumerate() {
            if staged.lanes >> lane & 1 != 0 {
                self.status[lane] = *verdict;
                if *verdict != ConfigStatus::InProgress {
                    staged.lanes &= !(1 << lane);
                }
            }
        }
        if staged.lanes != 0 {
            self.accepted.push(Accepted {
                staged,
                due_ns: now_ns + durations.configure_ns,
            });
        }
    }

    /// For each lane of a staged set, in progress or why not.
    fn judge(
        &self,
        staged: &Staged,
        controls: LaneControls,
        applications: &[Application],
        si: &SignalIntegrity,
    ) -> [ConfigStatus; LANES] {
        let mut verdicts = [ConfigStatus::InProgress; LANES];
        for lane in (0..LANES).filter(|lane| staged.lanes >> lane & 1 != 0) {
            verdicts[lane] = self.judge_lane(lane, staged, controls, applications, si);
        }
        // What one lane of a data path is refused for, all of them are.
        for lane in (0..LANES).filter(|lane| staged.lanes >> lane & 1 != 0) {
            let config = staged.config[lane];
            let siblings = (0..LANES).filter(|other| {
                config.application() != 0 && staged.config[*other].is_same_path(config)
            });
            let refused = siblings
                .filter(|other| staged.lanes >> other & 1 != 0)
                .map(|other| verdicts[other])
                .find(|verdict| *verdict != ConfigStatus::InProgress);
            if let Some(refused) = refused.filter(|_| verdicts[lane] == ConfigStatus::InProgress) {
                verdicts[lane] = refused;
            }
        }
        verdicts
    }

    fn judge_lane(
        &self,
        lane: usize,
        staged: &Staged,
        controls: LaneControls,
        applications: &[Application],
        si: &SignalIntegrity,
    ) -> ConfigStatus {
        let (config, before) = (staged.config[lane], self.active[lane]);
        let is_applied = |other: usize| staged.lanes >> other & 1 != 0;
        if staged.is_immediate && !config.is_same_path(before) {
            return ConfigStatus::Rejected;
        }
        // The data path that the lane leaves must not lose some of its lanes only.
        let is_leaving = before.application() != 0 && !config.is_same_path(before);
        let left = if is_leaving {
            self.members(before.first_lane())
        } else {
            0
        };
        if (0..LANES).any(|other| left >> other & 1 != 0 && !is_applied(other)) {
            return if config.application() == 0 {
                ConfigStatus::PartialDataPath
            } else {
                ConfigStatus::LaneInUse
            };
        }
        let Some(chosen) = usize::from(config.application()).checked_sub(1) else {
            return if self.quirks.rejects_application_0 {
                ConfigStatus::InvalidAppSel
            } else if self.stays_up(lane, controls) {
                ConfigStatus::LaneInUse
            } else {
                ConfigStatus::InProgress
            };
        };
        let Some(application) = applications.get(chosen) else {
            return ConfigStatus::InvalidAppSel;
        };
        let first = config.first_lane();
        let members = first..first + usize::from(application.host_lanes);
        if !application.begins_at(first) || members.end > LANES || !members.contains(&lane) {
            return ConfigStatus::InvalidDataPath;
        }
        let is_whole = members
            .clone()
            .all(|other| is_applied(other) && staged.config[other].is_same_path(config));
        if !is_whole {
            return ConfigStatus::PartialDataPath;
        }
        if config.is_explicit() && !si.allows(lane, &staged.si) {
            return ConfigStatus::InvalidSi;
        }
        let lanes = members.fold(0, |lanes, lane| lanes | 1 << lane);
        if self.members(before.first_lane()) != lanes && self.stays_up(lane, controls) {
            return ConfigStatus::LaneInUse;
        }
        ConfigStatus::InProgress
    }

    /// Whether the data path of a lane is up, and nobody has asked it to go down: its lanes can then be
    /// neither freed nor put together in another way. A host that has asked need not wait until it is
    /// down, as SONiC does not where it decommissions all lanes at once.
    fn stays_up(&self, lane: usize, controls: LaneControls) -> bool {
        let members = self.members(self.active[lane].first_lane());
        let is_going_down = !controls.is_module_ready || controls.deinit & members != 0;
        self.state(lane) != PathState::Deactivated && !is_going_down
    }

    /// Whether lanes of an accepted set have to be down before it becomes active: data paths that
    /// begin, end or change do, and so do all that are to be initialized anew.
    fn goes_down_for(&self, accepted: &Accepted, lane: usize) -> bool {
        let staged = &accepted.staged;
        staged.lanes >> lane & 1 != 0
            && !staged.is_immediate
            && !staged.config[lane].is_same_path(self.active[lane])
    }

    /// Makes accepted sets active whose time has come. Whether any was.
    fn commit(&mut self, now_ns: u64, si: &SignalIntegrity) -> bool {
        let mut has_changed = false;
        let mut at = 0;
        while at < self.accepted.len() {
            let accepted = self.accepted[at];
            let is_waiting = (0..LANES).any(|lane| {
                self.goes_down_for(&accepted, lane) && self.state(lane) != PathState::Deactivated
            });
            let is_stuck = accepted.staged.lanes & self.quirks.stuck_lanes != 0;
            if now_ns < accepted.due_ns || is_waiting || is_stuck {
                at += 1;
                continue;
            }
            self.accepted.remove(at);
            has_changed = true;
            let staged = accepted.staged;
            for lane in (0..LANES).filter(|lane| staged.lanes >> lane & 1 != 0) {
                let config = staged.config[lane];
                self.active[lane] = if config.application() == 0 {
                    LaneConfig::default()
                } else {
                    config
                };
                self.status[lane] = ConfigStatus::Success;
                let source = if config.is_explicit() {
                    &staged.si
                } else {
                    &si.default
                };
                SignalIntegrity::copy(lane, source, &mut self.si);
                if config.application() == 0 {
                    self.init_pending &= !(1 << lane);
                } else if !staged.is_immediate {
                    self.init_pending |= 1 << lane;
                }
            }
        }
        has_changed
    }

    /// Goes on by one state of everything that can go on. The lanes whose data paths have arrived, and
    /// whether anything changed at all.
    pub(super) fn go_on(
        &mut self,
        now_ns: u64,
        controls: LaneControls,
        si: &SignalIntegrity,
        durations: &PathDurations,
    ) -> (Arrived, bool) {
        let mut has_changed = self.commit(now_ns, si);
        let mut arrived = 0;
        let waiting = (0..LANES)
            .filter(|lane| {
                self.accepted
                    .iter()
                    .any(|accepted| self.goes_down_for(accepted, *lane))
            })
            .fold(0_u8, |lanes, lane| lanes | 1 << lane);
        for first in 0..LANES {
            let members = self.members(first);
            if members == 0 {
                self.paths[first] = Path::DEACTIVATED;
                continue;
            }
            let off = controls.tx_disable | controls.tx_force_squelch;
            let inputs = PathInputs {
                is_deinit_asked: !controls.is_module_ready
                    || controls.deinit & members != 0
                    || waiting & members != 0,
                is_init_pending: self.init_pending & members != 0,
                is_output_off: off & members == members,
            };
            let path = &mut self.paths[first];
            let before = path.state;
            match path.go_on(now_ns, inputs, durations) {
                Went::Nowhere => {}
                Went::OnItsWay => has_changed = true,
                Went::Arrived => {
                    has_changed = true;
                    arrived |= members;
                    if before == PathState::Init {
                        self.init_pending &= !members;
                    }
                }
            }
        }
        (arrived, has_changed)
    }

    /// When after `now_ns` something goes on by itself, unless an input changes before.
    pub(super) fn due_ns(&self, now_ns: u64) -> Option<u64> {
        let paths = self.paths.iter().filter_map(Path::due_ns);
        let accepted = self.accepted.iter().map(|accepted| accepted.due_ns);
        paths.chain(accepted).filter(|due| *due > now_ns).min()
    }
}

fn lane_number(lane: usize) -> u8 {
    u8::try_from(lane).expect("eight lanes")
}
