//! Follows bits back from every receiver to where they begin, over all switches of a world.

use plant::Loopback;

use super::carry::{Carried, Content, Detour, Gathered, Knob, Origin, RECEIVE, TRANSMIT, Way};
use super::route::Sender;
use super::switch::Switch;
use super::{FarEnd, World};

/// All switches, to follow bits among them.
struct Tracer<'a> {
    switches: &'a [Switch],
    far: &'a [Vec<FarEnd>],
    n_lanes: usize,
}

impl Tracer<'_> {
    /// What the electrical input of a lane finds.
    fn host_input(&self, (switch, lane): (usize, usize), way: &mut Way) -> Content {
        let of = &self.switches[switch];
        let plan = &of.plan.lanes[lane];
        if !of.is_on[plan.asic] || of.harm.lanes[lane].is_mute {
            return Content::NOTHING;
        }
        let controls = &of.controls.carry[lane];
        way.touch(switch, controls, Knob::Polarity(TRANSMIT));
        way.electrical += of.segment(lane);
        let sent = self.sent_by_die((switch, lane), way);
        sent.flipped(controls.is_swapped[TRANSMIT])
    }

    /// What the lanes of a die send to a lane: data where none of them has a pattern, and a pattern
    /// where all of them have the same.
    fn sent_by_die(&self, (switch, lane): (usize, usize), way: &mut Way) -> Content {
        let serdes = || self.switches[switch].serdes_of(lane);
        if serdes().all(|of| of.pattern.is_none()) {
            return Content::of(Origin::Data { switch, lane });
        }
        for of in serdes() {
            way.touch_serdes(switch, of);
        }
        let mut patterns = serdes().map(|of| of.pattern);
        let first = patterns.next().flatten();
        let is_of_all = patterns.all(|pattern| pattern == first);
        let pattern = first.filter(|_| is_of_all);
        pattern.map_or(Content::of(Origin::Mixture), Content::pattern)
    }

    /// What the receiver of a lane finds, with its way.
    fn found(&self, at: (usize, usize)) -> (Content, Way) {
        let mut way = Way::default();
        let mut is_swapped = false;
        let (mut switch, mut lane) = at;
        while way.optical.len() <= self.n_lanes {
            let of = &self.switches[switch];
            if !of.is_lane_powered(lane) {
                break;
            }
            way.optical.push((switch, lane));
            let controls = &of.controls.carry[lane];
            let sender = if controls.loopback == Loopback::MediaOutput {
                way.touch(switch, controls, Knob::Loopback);
                Sender::Lane { switch, lane }
            } else {
                of.routes[lane].sender()
            };
            match sender {
                Sender::Nothing => break,
                Sender::Ideal { lane } => {
                    way.electrical += of.segment(lane);
                    let ideal = Content::of(Origin::Ideal { switch, lane });
                    return (ideal.flipped(is_swapped), way);
                }
                Sender::Lane {
                    switch: there,
                    lane: sender,
                } => (switch, lane) = (there, sender),
            }
            let of = &self.switches[switch];
            if !of.is_lane_powered(lane) {
                break;
            }
            let controls = &of.controls.carry[lane];
            if let Some(pattern) = controls.patterns[TRANSMIT] {
                way.touch(switch, controls, Knob::Pattern(TRANSMIT));
                return (Content::pattern(pattern).flipped(is_swapped), way);
            }
            match controls.loopback {
                Loopback::MediaInput => way.touch(switch, controls, Knob::Loopback),
                Loopback::HostOutput => {
                    way.touch(switch, controls, Knob::Loopback);
                    way.touch(switch, controls, Knob::Polarity(RECEIVE));
                    is_swapped ^= controls.is_swapped[RECEIVE];
                    if let Some(pattern) = controls.patterns[RECEIVE] {
                        way.touch(switch, controls, Knob::Pattern(RECEIVE));
                        return (Content::pattern(pattern).flipped(is_swapped), way);
                    }
                }
                _ => {
                    let input = self.host_input((switch, lane), &mut way);
                    return (input.flipped(is_swapped), way);
                }
            }
            if (switch, lane) == at {
                break;
            }
        }
        (Content::NOTHING, way)
    }

    /// What comes to the die, with its way and whether it is what the receiver finds.
    fn leaves(&self, at: (usize, usize), found: &(Content, Way)) -> (Content, Way, bool) {
        let (switch, lane) = at;
        let of = &self.switches[switch];
        let controls = &of.controls.carry[lane];
        let mut way = Way::default();
        if !of.is_lane_powered(lane) {
            return (Content::NOTHING, way, true);
        }
        if !controls.is_receive_on {
            way.touch(switch, controls, Knob::Receive);
            return (Content::NOTHING, way, true);
        }
        let (content, is_found) = match (controls.patterns[RECEIVE], controls.loopback) {
            (Some(pattern), _) => {
                way.touch(switch, controls, Knob::Pattern(RECEIVE));
                (Content::pattern(pattern), false)
            }
            (None, Loopback::HostInput) => {
                way.touch(switch, controls, Knob::Loopback);
                (self.host_input(at, &mut way), false)
            }
            (None, _) => {
                way = found.1.clone();
                (found.0, true)
            }
        };
        way.touch(switch, controls, Knob::Polarity(RECEIVE));
        way.electrical += of.segment(lane);
        let content = content.flipped(controls.is_swapped[RECEIVE]);
        (content, way, is_found)
    }

    /// Whether bits that begin somewhere are those that a lane shall hear: those of the port at its far
    /// end, or its own that a loopback returns.
    fn is_meant(&self, (own, lane): (usize, usize), origin: Origin, is_returned: bool) -> bool {
        let port =
            |switch: usize, lane: usize| self.switches[switch].plan.system().media_lanes[lane].port;
        match origin {
            Origin::Data {
                switch,
                lane: sender,
            } => {
                let is_expected = match self.far[own][lane] {
                    FarEnd::Lane(shall) => {
                        shall.switch == switch
                            && port(switch, sender) == port(switch, shall.lane.index())
                    }
                    FarEnd::Ideal | FarEnd::Nothing => false,
                };
                let is_own = switch == own && port(own, sender) == port(own, lane);
                is_expected || is_returned && is_own
            }
            Origin::Ideal { switch, lane: like } => {
                switch == own && port(own, like) == port(own, lane)
            }
            Origin::Nothing | Origin::Pattern(_) | Origin::Mixture => false,
        }
    }

    fn lane(&self, at: (usize, usize)) -> (Carried, Option<Detour>) {
        let found = self.found(at);
        let (leaves, way, is_found) = self.leaves(at, &found);
        let is_loopback = |knob: Knob| knob == Knob::Loopback;
        let is_returned = way.touched.iter().any(|(knob, ..)| is_loopback(*knob));
        let is_meant = self.is_meant(at, leaves.origin, is_returned);
        let last = |is_one: &dyn Fn(Knob) -> bool| way.last(self.switches, is_one);
        let cause = match leaves.origin {
            Origin::Pattern(_) | Origin::Mixture => {
                last(&|knob| matches!(knob, Knob::Pattern(_) | Knob::Serdes))
            }
            Origin::Nothing => last(&|knob| knob == Knob::Receive).or_else(|| last(&is_loopback)),
            _ if !is_meant => last(&is_loopback),
            _ if leaves.is_inverted => last(&|knob| matches!(knob, Knob::Polarity(_))),
            _ => None,
        };
        let is_pattern = matches!(found.0.origin, Origin::Pattern(_));
        let is_plain = found.1.optical.as_slice() == [at] && !is_pattern;
        let is_detour = found.0.is_something() && !is_plain;
        let leaves_detour = leaves.is_something() && (is_detour || !is_found);
        let (switch, lane) = at;
        // Data are judged by the decoder, which is behind one more segment.
        let mut found_way = found.1;
        if !is_pattern {
            found_way.electrical += self.switches[switch].segment(lane);
        }
        let detour = Detour {
            lane,
            found: is_detour.then_some(found_way),
            leaves: leaves_detour.then_some(way),
        };
        let carried = Carried {
            found: found.0,
            leaves,
            is_own: is_meant && !leaves.is_inverted,
            cause,
            found_by: None,
            leaves_by: None,
        };
        let is_there = detour.found.is_some() || detour.leaves.is_some();
        (carried, is_there.then_some(detour))
    }

    /// What has gone wrong on a way by now.
    fn gather(&self, way: &Way) -> Gathered {
        let mut of = Gathered {
            ratio: way.electrical,
            is_alive: true,
        };
        for (switch, lane) in &way.optical {
            let switch = &self.switches[*switch];
            of.ratio += switch.light.optical_ratio(&switch.plan, *lane);
            of.is_alive &= switch.has_signal(*lane);
        }
        of.ratio = of.ratio.min(0.5);
        of
    }
}

impl World {
    fn tracer(&self) -> Tracer<'_> {
        Tracer {
            switches: &self.switches,
            far: &self.far,
            n_lanes: self.switches.iter().map(|of| of.plan.lanes.len()).sum(),
        }
    }

    /// Finds what lanes carry, where it may have changed, and what goes wrong with it.
    pub(super) fn carry(&mut self) {
        let is_laid = self
            .switches
            .iter()
            .all(|of| of.routes.len() == of.plan.lanes.len());
        if !is_laid {
            return;
        }
        let mut is_stale = false;
        for switch in &mut self.switches {
            is_stale |= switch.has_carriage_changed();
        }
        if is_stale {
            self.trace();
        }
        self.gather();
    }

    fn trace(&mut self) {
        let tracer = self.tracer();
        let of_switch = |switch: usize| -> (Vec<Carried>, Vec<Detour>) {
            let lanes = 0..self.switches[switch].plan.lanes.len();
            let (carried, detours): (Vec<_>, Vec<_>) =
                lanes.map(|lane| tracer.lane((switch, lane))).unzip();
            (carried, detours.into_iter().flatten().collect())
        };
        let found: Vec<_> = (0..self.switches.len()).map(of_switch).collect();
        for (switch, (lanes, detours)) in self.switches.iter_mut().zip(found) {
            let of = &mut switch.carriage;
            (of.lanes, of.detours) = (lanes, detours);
            of.is_stale = false;
            of.is_new = true;
        }
    }

    /// Sums up what goes wrong on ways that are not the plain one.
    fn gather(&mut self) {
        if self
            .switches
            .iter()
            .all(|of| of.carriage.detours.is_empty())
        {
            return;
        }
        let tracer = self.tracer();
        let of_detour = |detour: &Detour| {
            let sum = |way: &Option<Way>| way.as_ref().map(|way| tracer.gather(way));
            (detour.lane, sum(&detour.found), sum(&detour.leaves))
        };
        let of_switch =
            |of: &Switch| -> Vec<_> { of.carriage.detours.iter().map(of_detour).collect() };
        let found: Vec<Vec<_>> = self.switches.iter().map(of_switch).collect();
        for (switch, found) in self.switches.iter_mut().zip(found) {
            let of = &mut switch.carriage;
            for (lane, found_by, leaves_by) in found {
                let lane = &mut of.lanes[lane];
                of.is_new |= (lane.found_by, lane.leaves_by) != (found_by, leaves_by);
                (lane.found_by, lane.leaves_by) = (found_by, leaves_by);
            }
        }
    }
}
