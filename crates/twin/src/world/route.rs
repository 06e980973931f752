//! From where each lane hears its light: the links between switches, and fibres that have changed
//! places.

use std::sync::Arc;

use link::Sent;
use plant::Loopback;
use serde::{Deserialize, Serialize};
use system::FibreId;

use super::FarEnd;
use super::light::Incoming;
use super::plan::SwitchPlan;
use super::switch::Switch;

/// What a switch lends to those that hear it.
pub(super) struct Heard {
    plan: Arc<SwitchPlan>,
    sent: Vec<Sent>,
    /// Whether it was followed anew in this step.
    is_new: Vec<bool>,
    fibres_db: Vec<f64>,
    fibre_at: Vec<usize>,
}

/// Where light comes from.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
enum From {
    Nothing,
    /// A transmitter like that of this lane.
    Ideal {
        lane: usize,
    },
    /// A lane, over a fibre at its own switch.
    Lane {
        switch: usize,
        sender: usize,
        out_of: usize,
    },
}

/// From where a lane hears its light.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub(super) struct Route {
    from: From,
    /// The fibre here.
    into: usize,
    /// Loss that the link adds, dB.
    extra_db: f64,
}

/// Who sends what a lane hears.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum Sender {
    Nothing,
    /// A transmitter like that of this lane, at which nothing ever changes.
    Ideal {
        lane: usize,
    },
    /// A lane of a switch of the world.
    Lane {
        switch: usize,
        lane: usize,
    },
}

impl Route {
    /// Whether what it names is there: in its own switch, and among all.
    pub(super) fn fits(&self, own: &Switch, all: &[Switch]) -> bool {
        let into = self.into < own.plan.system().fibres.len().max(1);
        into && match self.from {
            From::Nothing => true,
            From::Ideal { lane } => lane < own.plan.lanes.len(),
            From::Lane {
                switch,
                sender,
                out_of,
            } => all.get(switch).is_some_and(|there| {
                let fibres = there.plan.system().fibres.len();
                sender < there.plan.lanes.len() && out_of < fibres
            }),
        }
    }

    const NOTHING: Self = Self {
        from: From::Nothing,
        into: 0,
        extra_db: 0.0,
    };

    /// Who sends what is heard.
    pub(super) const fn sender(&self) -> Sender {
        match self.from {
            From::Nothing => Sender::Nothing,
            From::Ideal { lane } => Sender::Ideal { lane },
            From::Lane { switch, sender, .. } => Sender::Lane {
                switch,
                lane: sender,
            },
        }
    }

    /// The position of the switch and the lane that are heard; none of an ideal far end and of none.
    pub(super) const fn sending_lane(&self) -> Option<(usize, usize)> {
        match self.from {
            From::Lane { switch, sender, .. } => Some((switch, sender)),
            From::Ideal { .. } | From::Nothing => None,
        }
    }
}

impl Switch {
    /// Whether fibres have changed places since its lanes were last laid.
    pub(super) fn is_laid_anew(&self) -> bool {
        self.flags.laid_at != self.harm.fibre_at
    }

    /// Its light, for those that hear it.
    pub(super) fn lend(&mut self) -> Heard {
        Heard {
            plan: Arc::clone(&self.plan),
            sent: std::mem::take(&mut self.light.sent),
            is_new: std::mem::take(&mut self.light.is_sent_anew),
            fibres_db: std::mem::take(&mut self.harm.fibres_db),
            fibre_at: std::mem::take(&mut self.harm.fibre_at),
        }
    }

    pub(super) fn take_back(&mut self, heard: Heard) {
        self.light.sent = heard.sent;
        self.light.is_sent_anew = heard.is_new;
        self.harm.fibres_db = heard.fibres_db;
        self.harm.fibre_at = heard.fibre_at;
    }

    /// Finds from where each lane hears its light, `far` being what is meant; `own` is its own
    /// position among all.
    pub(super) fn lay(&mut self, own: usize, far: &[FarEnd], all: &[Heard]) {
        let (plan, here) = (&*self.plan, &all[own]);
        let system = plan.system();
        // Where two fibres have changed places, a lane hears what the other's fibre brings.
        let route = |lane: usize| -> Route {
            let place = system.media_lanes[lane].receive_fibre.index();
            let into = here.fibre_at[place];
            let listens = if into == place {
                Some(lane)
            } else {
                plan.lane_at(&plan.by_receive, FibreId::from_index(into), lane)
            };
            let Some(listens) = listens else {
                return Route::NOTHING;
            };
            match far[listens] {
                FarEnd::Nothing => Route::NOTHING,
                FarEnd::Ideal => Route {
                    from: From::Ideal { lane: listens },
                    into,
                    extra_db: 0.0,
                },
                FarEnd::Lane(meant) => {
                    let there = &all[meant.switch];
                    let entities = &there.plan.system().media_lanes;
                    let place = entities[meant.lane.index()].transmit_fibre.index();
                    let out_of = there.fibre_at[place];
                    let by = &there.plan.by_transmit;
                    let sender = if out_of == place {
                        Some(meant.lane.index())
                    } else {
                        let fibre = FibreId::from_index(out_of);
                        there.plan.lane_at(by, fibre, meant.lane.index())
                    };
                    let Some(sender) = sender else {
                        return Route::NOTHING;
                    };
                    Route {
                        from: From::Lane {
                            switch: meant.switch,
                            sender,
                            out_of,
                        },
                        into,
                        extra_db: meant.extra_db,
                    }
                }
            }
        };
        self.routes = (0..far.len()).map(route).collect();
        self.own = own;
        let is_open = |end: &FarEnd| *end == FarEnd::Nothing;
        self.is_unconnected = far.iter().map(is_open).collect();
        self.flags.laid_at.clone_from(&here.fibre_at);
        self.light.forget_decisions();
        self.carriage.is_stale = true;
    }

    /// Takes in what its lanes hear; `own` is its own position among all.
    pub(super) fn receive(&mut self, own: usize, all: &[Heard]) {
        let (plan, routes, here) = (&*self.plan, &self.routes, &all[own]);
        let heard = |lane: usize, way_db: f64, filter_db: f64| -> Option<Incoming<'_>> {
            if self.controls.carry[lane].loopback == Loopback::MediaOutput {
                let model = &plan.models[plan.lanes[lane].model?];
                return Some(Incoming {
                    model,
                    levels_w: &here.sent[lane].levels_w,
                    loss_db: filter_db - model.outside_db(),
                    is_new: here.is_new[lane],
                });
            }
            let Route {
                from,
                into,
                extra_db,
                ..
            } = routes[lane];
            let loss_db = way_db + filter_db + here.fibres_db[into] + extra_db;
            match from {
                From::Nothing => None,
                From::Ideal { lane } => {
                    let model = plan.lanes[lane].model?;
                    Some(Incoming {
                        model: &plan.models[model],
                        levels_w: &plan.ideal_w[model],
                        loss_db,
                        is_new: false,
                    })
                }
                From::Lane {
                    switch,
                    sender,
                    out_of,
                } => {
                    let there = &all[switch];
                    Some(Incoming {
                        model: &there.plan.models[there.plan.lanes[sender].model?],
                        levels_w: &there.sent[sender].levels_w,
                        loss_db: loss_db + there.fibres_db[out_of],
                        is_new: there.is_new[sender],
                    })
                }
            }
        };
        self.light
            .receive(plan, &self.engines_c, &self.harm.lanes, heard);
        self.find_signals();
    }
}
