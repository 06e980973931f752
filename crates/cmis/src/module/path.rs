//! The state machine of a data path.
//!
//! # Source
//! CMIS 5.2, data path state machine, as public clients rely on it.

/// The state of a data path, and of each of its lanes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum PathState {
    /// Off, or no data path at all.
    Deactivated,
    /// On its way to initialized.
    Init,
    /// On its way to deactivated.
    Deinit,
    /// It carries data.
    Activated,
    /// Its outputs come on.
    TxTurnOn,
    /// Its outputs go off.
    TxTurnOff,
    /// Set up, with its outputs off.
    Initialized,
}

impl PathState {
    /// As its register has it.
    pub const fn code(self) -> u8 {
        match self {
            Self::Deactivated => 1,
            Self::Init => 2,
            Self::Deinit => 3,
            Self::Activated => 4,
            Self::TxTurnOn => 5,
            Self::TxTurnOff => 6,
            Self::Initialized => 7,
        }
    }

    /// Whether it stays there by itself.
    pub const fn is_steady(self) -> bool {
        matches!(
            self,
            Self::Deactivated | Self::Activated | Self::Initialized
        )
    }
}

/// What makes a data path go from state to state.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct PathInputs {
    /// The module is not ready, or the host has asked to deactivate one of the lanes.
    pub(super) is_deinit_asked: bool,
    /// A configuration waits to be committed.
    pub(super) is_init_pending: bool,
    /// The host has disabled or squelched the outputs of all lanes.
    pub(super) is_output_off: bool,
}

/// Durations of a data path's transitions, ns.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PathDurations {
    /// To initialized.
    pub init_ns: u64,
    /// To deactivated.
    pub deinit_ns: u64,
    /// To activated.
    pub turn_on_ns: u64,
    /// Back to initialized.
    pub turn_off_ns: u64,
    /// From a staged configuration's trigger to its result.
    pub configure_ns: u64,
}

/// The state machine of one data path.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Path {
    pub(super) state: PathState,
    until_ns: u64,
}

/// What came of going on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Went {
    Nowhere,
    /// To a transient state.
    OnItsWay,
    /// To a steady state, which hosts are told.
    Arrived,
}

impl Path {
    pub(super) const DEACTIVATED: Self = Self {
        state: PathState::Deactivated,
        until_ns: 0,
    };

    /// Goes on by at most one state.
    pub(super) fn go_on(
        &mut self,
        now_ns: u64,
        inputs: PathInputs,
        durations: &PathDurations,
    ) -> Went {
        use PathState::{Activated, Deactivated, Deinit, Init, Initialized, TxTurnOff, TxTurnOn};
        let is_over = now_ns >= self.until_ns;
        let is_down_asked = inputs.is_deinit_asked || inputs.is_init_pending;
        let next = match self.state {
            Deactivated if !inputs.is_deinit_asked => Init,
            Init if inputs.is_deinit_asked => Deinit,
            Init | TxTurnOff if is_over => Initialized,
            Initialized if is_down_asked => Deinit,
            Initialized if !inputs.is_output_off => TxTurnOn,
            TxTurnOn | Activated if is_down_asked || inputs.is_output_off => TxTurnOff,
            TxTurnOn if is_over => Activated,
            Deinit if is_over => Deactivated,
            _ => return Went::Nowhere,
        };
        self.until_ns = match next {
            Init => now_ns + durations.init_ns,
            Deinit => now_ns + durations.deinit_ns,
            TxTurnOn => now_ns + durations.turn_on_ns,
            TxTurnOff => now_ns + durations.turn_off_ns,
            _ => now_ns,
        };
        self.state = next;
        if next.is_steady() {
            Went::Arrived
        } else {
            Went::OnItsWay
        }
    }

    /// When it goes on by itself, unless an input changes before.
    pub(super) const fn due_ns(&self) -> Option<u64> {
        if self.state.is_steady() {
            None
        } else {
            Some(self.until_ns)
        }
    }
}
