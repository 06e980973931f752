//! The state machine of a module.
//!
//! # Source
//! CMIS 5.2, module state machine of modules with pages, as public clients rely on it. The state *reset*
//! has no code: a module in it, or on its way out of it, does not answer.

/// The state of a module.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum ModuleState {
    /// In reset, or starting: it does not answer.
    Starting,
    /// Manageable, and nothing else has power.
    LowPower,
    /// On its way to full power.
    PoweringUp,
    /// At full power: data paths may go up.
    Ready,
    /// On its way to low power.
    PoweringDown,
    /// It has shut itself down, until it is reset.
    Fault,
}

impl ModuleState {
    /// As its register has it; zero of a state in which nobody can read it.
    pub const fn code(self) -> u8 {
        match self {
            Self::Starting => 0,
            Self::LowPower => 1,
            Self::PoweringUp => 2,
            Self::Ready => 3,
            Self::PoweringDown => 4,
            Self::Fault => 5,
        }
    }

    /// Whether it stays there by itself.
    pub const fn is_steady(self) -> bool {
        matches!(self, Self::LowPower | Self::Ready | Self::Fault)
    }
}

/// What makes a module go from state to state.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[expect(clippy::struct_excessive_bools, reason = "four independent signals")]
pub(super) struct PowerInputs {
    /// Low power is asked for, by register or pin.
    pub(super) is_low_power_asked: bool,
    /// Every data path is deactivated.
    pub(super) are_paths_down: bool,
    /// The parts behind the registers have full power.
    pub(super) is_powered: bool,
    /// Something has gone wrong for which it shuts itself down.
    pub(super) is_faulty: bool,
}

/// Durations of a module's transitions, ns.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PowerDurations {
    /// From the end of a reset to the first answer.
    pub start_ns: u64,
    /// From low power to ready, at least.
    pub power_up_ns: u64,
    /// From ready to low power.
    pub power_down_ns: u64,
}

/// The state machine.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Power {
    pub(super) state: ModuleState,
    /// When the present transition may end.
    until_ns: u64,
}

impl Power {
    pub(super) const fn starting(now_ns: u64, durations: &PowerDurations) -> Self {
        Self {
            state: ModuleState::Starting,
            until_ns: now_ns + durations.start_ns,
        }
    }

    /// Goes on by at most one state. Whether it went.
    pub(super) fn go_on(
        &mut self,
        now_ns: u64,
        inputs: PowerInputs,
        durations: &PowerDurations,
    ) -> bool {
        use ModuleState::{Fault, LowPower, PoweringDown, PoweringUp, Ready, Starting};
        let is_over = now_ns >= self.until_ns;
        let next = match self.state {
            Starting if is_over => LowPower,
            Starting | Fault => return false,
            _ if inputs.is_faulty => Fault,
            LowPower if !inputs.is_low_power_asked => PoweringUp,
            PoweringUp if inputs.is_low_power_asked => PoweringDown,
            PoweringUp if is_over && inputs.is_powered => Ready,
            Ready if inputs.is_low_power_asked && inputs.are_paths_down => PoweringDown,
            PoweringDown if is_over => LowPower,
            _ => return false,
        };
        self.until_ns = match next {
            PoweringUp => now_ns + durations.power_up_ns,
            PoweringDown => now_ns + durations.power_down_ns,
            _ => now_ns,
        };
        self.state = next;
        true
    }

    /// When it goes on by itself, unless an input changes before.
    pub(super) const fn due_ns(&self) -> Option<u64> {
        match self.state {
            ModuleState::Starting | ModuleState::PoweringUp | ModuleState::PoweringDown => {
                Some(self.until_ns)
            }
            _ => None,
        }
    }
}
