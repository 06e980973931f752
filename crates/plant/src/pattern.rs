//! Test patterns that lanes send and find.

use crate::coded::coded;

coded! {
    /// The sequence of a test pattern. Its code is that of management registers.
    ///
    /// # Source
    /// CMIS 5.2, page 13h, codes of patterns, as public clients use them.
    Sequence: u8;
    /// 2^31 - 1 bits, on four levels.
    Prbs31q = 0, "prbs31q";
    /// 2^31 - 1 bits.
    Prbs31 = 1, "prbs31";
    /// 2^23 - 1 bits, on four levels.
    Prbs23q = 2, "prbs23q";
    /// 2^23 - 1 bits.
    Prbs23 = 3, "prbs23";
    /// 2^15 - 1 bits, on four levels.
    Prbs15q = 4, "prbs15q";
    /// 2^15 - 1 bits.
    Prbs15 = 5, "prbs15";
    /// 2^13 - 1 bits, on four levels.
    Prbs13q = 6, "prbs13q";
    /// 2^13 - 1 bits.
    Prbs13 = 7, "prbs13";
    /// 2^9 - 1 bits, on four levels.
    Prbs9q = 8, "prbs9q";
    /// 2^9 - 1 bits.
    Prbs9 = 9, "prbs9";
    /// 2^7 - 1 bits, on four levels.
    Prbs7q = 10, "prbs7q";
    /// 2^7 - 1 bits.
    Prbs7 = 11, "prbs7";
    /// Short stress pattern, random, on four levels.
    Ssprq = 12, "ssprq";
}

/// A test pattern.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct TestPattern {
    /// Its sequence.
    pub sequence: Sequence,
    /// Whether every bit is the other one.
    pub is_inverted: bool,
}

/// What signals of patterns say: that there is none, each sequence, and each inverted, in this order.
pub(crate) const STATES: &[&str] = &[
    "none",
    "prbs31q",
    "prbs31",
    "prbs23q",
    "prbs23",
    "prbs15q",
    "prbs15",
    "prbs13q",
    "prbs13",
    "prbs9q",
    "prbs9",
    "prbs7q",
    "prbs7",
    "ssprq",
    "prbs31q_inverted",
    "prbs31_inverted",
    "prbs23q_inverted",
    "prbs23_inverted",
    "prbs15q_inverted",
    "prbs15_inverted",
    "prbs13q_inverted",
    "prbs13_inverted",
    "prbs9q_inverted",
    "prbs9_inverted",
    "prbs7q_inverted",
    "prbs7_inverted",
    "ssprq_inverted",
];

/// How many sequences there are.
const SEQUENCES: u8 = 13;

impl TestPattern {
    /// The state of signals such as [`ReceivePattern`](crate::Signal::ReceivePattern) that finds none.
    pub const NO_STATE: u8 = 0;

    /// A pattern as it is.
    pub const fn new(sequence: Sequence) -> Self {
        Self {
            sequence,
            is_inverted: false,
        }
    }

    /// The pattern with every bit the other one.
    #[must_use]
    pub const fn inverted(self) -> Self {
        Self {
            is_inverted: !self.is_inverted,
            ..self
        }
    }

    /// The state of signals of patterns that finds it.
    pub const fn state(self) -> u8 {
        1 + self.sequence.code() + if self.is_inverted { SEQUENCES } else { 0 }
    }

    /// The pattern of a state; none of [`NO_STATE`](Self::NO_STATE) and of what is no state.
    pub const fn from_state(state: u8) -> Option<Self> {
        let Some(position) = state.checked_sub(1) else {
            return None;
        };
        if position >= 2 * SEQUENCES {
            return None;
        }
        match Sequence::from_code(position % SEQUENCES) {
            Some(sequence) => Some(Self {
                sequence,
                is_inverted: position >= SEQUENCES,
            }),
            None => None,
        }
    }

    /// The name in the JSON form, `prbs31q` or `prbs31q_inverted`.
    pub fn name(self) -> &'static str {
        STATES[usize::from(self.state())]
    }

    /// The pattern with this name.
    pub fn from_name(name: &str) -> Option<Self> {
        let state = STATES.iter().position(|known| *known == name)?;
        Self::from_state(u8::try_from(state).ok()?)
    }

    /// The names of all patterns, after `none`.
    pub fn names() -> &'static [&'static str] {
        STATES
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn states_and_names_are_those_of_the_sequences() {
        assert_eq!(STATES.len(), 1 + 2 * Sequence::ALL.len());
        assert_eq!(TestPattern::from_state(TestPattern::NO_STATE), None);
        assert_eq!(TestPattern::from_state(27), None);
        assert_eq!(TestPattern::from_name("none"), None);
        for sequence in Sequence::ALL {
            let plain = TestPattern::new(*sequence);
            assert_eq!(plain.name(), sequence.name());
            assert_eq!(
                plain.inverted().name(),
                format!("{}_inverted", sequence.name())
            );
            for pattern in [plain, plain.inverted()] {
                assert_eq!(TestPattern::from_state(pattern.state()), Some(pattern));
                assert_eq!(TestPattern::from_name(pattern.name()), Some(pattern));
            }
            assert_eq!(plain.inverted().inverted(), plain);
        }
    }
}
