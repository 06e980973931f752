//! One register of the map: where it lies, what it means, who may touch it.

use crate::address::HALF;

/// Lower memory, among page numbers.
pub const LOWER: u16 = 0x100;

/// Who may touch a register, and what a touch does.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Access {
    /// Hosts read it. A write changes nothing.
    ReadOnly,
    /// Hosts read and write it.
    ReadWrite,
    /// The module sets it; a host's read clears it.
    ClearOnRead,
    /// A host writes it; it reads as zero.
    WriteOnly,
}

impl Access {
    /// As specifications abbreviate it.
    pub const fn abbreviation(self) -> &'static str {
        match self {
            Self::ReadOnly => "RO",
            Self::ReadWrite => "RW",
            Self::ClearOnRead => "RO/COR",
            Self::WriteOnly => "WO/SC",
        }
    }
}

/// How the number of a register becomes a quantity: times `lsb`, in `unit`.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Scale {
    /// What the least significant bit stands for.
    pub lsb: f64,
    /// In this unit, as a suffix of names in machine output; empty of a pure number.
    pub unit: &'static str,
}

impl Scale {
    /// A pure number.
    pub const ONE: Self = Self { lsb: 1.0, unit: "" };
}

/// The order of the bytes of a number.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Order {
    /// The high byte first, as nearly everywhere.
    Big,
    /// The low byte first: counters and ratios of the diagnostics page.
    Little,
}

/// Names of the values of a field.
pub type Codes = &'static [(u8, &'static str)];

/// What the bits of a register mean.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Form {
    /// Bits `high` to `low` of one byte: a flag where both are the same.
    Bits {
        /// The highest, 0 to 7.
        high: u8,
        /// The lowest.
        low: u8,
        /// What its values mean; empty where they are numbers.
        codes: Codes,
        /// Its quantity where it is a number.
        scale: Scale,
    },
    /// A number without sign.
    Unsigned {
        /// 1 to 8.
        bytes: u8,
        /// Of the bytes.
        order: Order,
        /// Its quantity.
        scale: Scale,
    },
    /// A number in two's complement.
    Signed {
        /// 1 to 8.
        bytes: u8,
        /// Of the bytes.
        order: Order,
        /// Its quantity.
        scale: Scale,
    },
    /// `mantissa * 10^(exponent - 24)`, the exponent in the upper five bits, the mantissa in the
    /// other eleven.
    F16 {
        /// Of the bytes.
        order: Order,
    },
    /// Printable characters of one byte, filled with spaces.
    Text {
        /// How many.
        bytes: u8,
    },
    /// Bytes whose meaning is not the map's.
    Bytes {
        /// How many.
        bytes: u8,
    },
}

/// How often a register stands there.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Repeat {
    /// Once.
    Once,
    /// `count` times, so many bits wide each, from bit 0 of its byte upwards: eight lanes of a bit
    /// in one byte, of a nibble in four.
    Packed {
        /// Elements.
        count: u8,
        /// Of each: 1, 2 or 4.
        bits: u8,
    },
    /// `count` times, `stride` bytes apart.
    Each {
        /// Elements.
        count: u8,
        /// From one to the next, bytes.
        stride: u8,
    },
}

/// What a module has to be or to have for a register to exist. Where it has not, the register reads
/// as zero and a write changes nothing.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
#[repr(u8)]
pub enum Feature {
    /// Every module.
    Always,
    /// An optical engine or a transceiver: it has data paths.
    DataPaths,
    /// A laser module.
    LaserModule,
    /// A receiver or retimer at the electrical input of the module: loss of lock, signal integrity,
    /// patterns and error ratios there.
    HostRetimer,
    /// Tunable lasers.
    TunableLaser,
    /// Loopbacks, patterns and error ratios.
    Diagnostics,
    /// Versatile diagnostics monitoring.
    Vdm,
    /// The command data block.
    Cdb,
    /// Pages of co-packaged optics beyond the standard.
    Extension,
}

impl Feature {
    /// All of them.
    pub const ALL: [Self; 9] = [
        Self::Always,
        Self::DataPaths,
        Self::LaserModule,
        Self::HostRetimer,
        Self::TunableLaser,
        Self::Diagnostics,
        Self::Vdm,
        Self::Cdb,
        Self::Extension,
    ];
}

/// What a module is and has.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Features(u16);

impl Features {
    /// Nothing but what every module has.
    pub const NONE: Self = Self(1);

    /// With a feature.
    #[must_use]
    pub const fn with(self, feature: Feature) -> Self {
        Self(self.0 | 1 << feature as u8)
    }

    /// Whether it has a feature.
    pub const fn has(self, feature: Feature) -> bool {
        self.0 & 1 << feature as u8 != 0
    }
}

/// One register, or one field of a register.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Register {
    /// As the specification names it.
    pub name: &'static str,
    /// What it means.
    pub doc: &'static str,
    /// 00h to FFh, or [`LOWER`].
    pub page: u16,
    /// Its first byte: below 128 in lower memory, from there on in a page.
    pub byte: u8,
    /// What its bits mean.
    pub form: Form,
    /// How often it stands there.
    pub repeat: Repeat,
    /// Who may touch it.
    pub access: Access,
    /// Which modules have it.
    pub feature: Feature,
    /// Whether it lies over other registers, which a selector chooses.
    pub is_overlay: bool,
}

/// Where one element of a register lies in its half of 128 bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Place {
    /// Its first byte, 0 to 127.
    pub first: usize,
    /// How many bytes.
    pub bytes: usize,
    /// The bits of a byte that belong to it; all of a longer one.
    pub mask: u8,
    /// The lowest of them.
    pub shift: u8,
}

/// A register under construction: a byte that hosts can read.
pub const fn at(byte: u8) -> Register {
    Register {
        name: "",
        doc: "",
        page: LOWER,
        byte,
        form: Form::Unsigned {
            bytes: 1,
            order: Order::Big,
            scale: Scale::ONE,
        },
        repeat: Repeat::Once,
        access: Access::ReadOnly,
        feature: Feature::Always,
        is_overlay: false,
    }
}

#[expect(
    clippy::missing_panics_doc,
    reason = "a table that cannot be built does not compile"
)]
impl Register {
    /// Bits `high` to `low` of its byte.
    #[must_use]
    pub const fn bits(self, high: u8, low: u8) -> Self {
        assert!(
            high < 8 && low <= high,
            "bits of one byte, the higher first"
        );
        Self {
            form: Form::Bits {
                high,
                low,
                codes: &[],
                scale: Scale::ONE,
            },
            ..self
        }
    }

    /// One bit of its byte.
    #[must_use]
    pub const fn bit(self, bit: u8) -> Self {
        self.bits(bit, bit)
    }

    /// What the values of its bits, or of its byte, mean.
    #[must_use]
    pub const fn codes(self, codes: Codes) -> Self {
        let (high, low) = match self.form {
            Form::Bits { high, low, .. } => (high, low),
            Form::Unsigned { bytes: 1, .. } => (7, 0),
            _ => panic!("codes belong to one byte or to its bits"),
        };
        Self {
            form: Form::Bits {
                high,
                low,
                codes,
                scale: Scale::ONE,
            },
            ..self
        }
    }

    /// A number without sign, the high byte first.
    #[must_use]
    pub const fn unsigned(self, bytes: u8) -> Self {
        assert!(bytes >= 1 && bytes <= 8, "1 to 8 bytes");
        let (order, scale) = (Order::Big, Scale::ONE);
        Self {
            form: Form::Unsigned {
                bytes,
                order,
                scale,
            },
            ..self
        }
    }

    /// A number in two's complement, the high byte first.
    #[must_use]
    pub const fn signed(self, bytes: u8) -> Self {
        assert!(bytes >= 1 && bytes <= 8, "1 to 8 bytes");
        let (order, scale) = (Order::Big, Scale::ONE);
        Self {
            form: Form::Signed {
                bytes,
                order,
                scale,
            },
            ..self
        }
    }

    /// A decimal floating point number of two bytes.
    #[must_use]
    pub const fn f16(self) -> Self {
        Self {
            form: Form::F16 { order: Order::Big },
            ..self
        }
    }

    /// Characters.
    #[must_use]
    pub const fn text(self, bytes: u8) -> Self {
        Self {
            form: Form::Text { bytes },
            ..self
        }
    }

    /// Bytes without a meaning of the map's.
    #[must_use]
    pub const fn raw(self, bytes: u8) -> Self {
        Self {
            form: Form::Bytes { bytes },
            ..self
        }
    }

    /// The low byte first.
    #[must_use]
    pub const fn little(self) -> Self {
        let order = Order::Little;
        let form = match self.form {
            Form::Unsigned { bytes, scale, .. } => Form::Unsigned {
                bytes,
                order,
                scale,
            },
            Form::Signed { bytes, scale, .. } => Form::Signed {
                bytes,
                order,
                scale,
            },
            Form::F16 { .. } => Form::F16 { order },
            _ => panic!("bytes of numbers have an order"),
        };
        Self { form, ..self }
    }

    /// What its least significant bit stands for.
    #[must_use]
    pub const fn scaled(self, lsb: f64, unit: &'static str) -> Self {
        let scale = Scale { lsb, unit };
        let form = match self.form {
            Form::Unsigned { bytes, order, .. } => Form::Unsigned {
                bytes,
                order,
                scale,
            },
            Form::Signed { bytes, order, .. } => Form::Signed {
                bytes,
                order,
                scale,
            },
            Form::Bits {
                high, low, codes, ..
            } => Form::Bits {
                high,
                low,
                codes,
                scale,
            },
            _ => panic!("only numbers have a scale"),
        };
        Self { form, ..self }
    }

    /// `count` elements of a bit each, bit 0 first.
    #[must_use]
    pub const fn each_bit(self, count: u8) -> Self {
        self.packed(count, 1)
    }

    /// `count` elements of a nibble each, the low one first.
    #[must_use]
    pub const fn each_nibble(self, count: u8) -> Self {
        self.packed(count, 4)
    }

    /// `count` elements of so many bits each, the lowest first.
    #[must_use]
    pub const fn packed(self, count: u8, bits: u8) -> Self {
        assert!(
            bits == 1 || bits == 2 || bits == 4,
            "elements do not straddle bytes"
        );
        let codes = match self.form {
            Form::Bits { codes, .. } => codes,
            _ => &[],
        };
        Self {
            form: Form::Bits {
                high: bits - 1,
                low: 0,
                codes,
                scale: Scale::ONE,
            },
            repeat: Repeat::Packed { count, bits },
            ..self
        }
    }

    /// `count` elements, one behind the other.
    #[must_use]
    pub const fn each(self, count: u8) -> Self {
        let stride = self.element_bytes();
        self.each_apart(count, stride)
    }

    /// `count` elements, `stride` bytes apart.
    #[must_use]
    pub const fn each_apart(self, count: u8, stride: u8) -> Self {
        Self {
            repeat: Repeat::Each { count, stride },
            ..self
        }
    }

    /// Hosts may write it.
    #[must_use]
    pub const fn rw(self) -> Self {
        Self {
            access: Access::ReadWrite,
            ..self
        }
    }

    /// A host's read clears it.
    #[must_use]
    pub const fn cor(self) -> Self {
        Self {
            access: Access::ClearOnRead,
            ..self
        }
    }

    /// Hosts write it, and read zero.
    #[must_use]
    pub const fn wo(self) -> Self {
        Self {
            access: Access::WriteOnly,
            ..self
        }
    }

    /// Only modules with this feature have it.
    #[must_use]
    pub const fn of(self, feature: Feature) -> Self {
        Self { feature, ..self }
    }

    /// It lies over other registers, which a selector chooses.
    #[must_use]
    pub const fn overlay(self) -> Self {
        Self {
            is_overlay: true,
            ..self
        }
    }

    pub(crate) const fn named(self, page: u16, name: &'static str, doc: &'static str) -> Self {
        Self {
            name,
            doc,
            page,
            ..self
        }
    }

    /// The same register on another page, as laser modules have theirs mirrored in engines.
    #[must_use]
    pub const fn on_page(self, page: u16) -> Self {
        Self { page, ..self }
    }

    /// Bytes of one element.
    pub const fn element_bytes(&self) -> u8 {
        match self.form {
            Form::Bits { .. } => 1,
            Form::F16 { .. } => 2,
            Form::Unsigned { bytes, .. }
            | Form::Signed { bytes, .. }
            | Form::Text { bytes }
            | Form::Bytes { bytes } => bytes,
        }
    }

    /// How many elements it has.
    pub const fn count(&self) -> usize {
        match self.repeat {
            Repeat::Once => 1,
            Repeat::Packed { count, .. } | Repeat::Each { count, .. } => count as usize,
        }
    }

    /// Bytes from its first to behind its last.
    pub const fn total_bytes(&self) -> usize {
        let last = self.place(self.count() - 1);
        last.first + last.bytes - self.byte as usize % HALF
    }

    /// Where an element lies in its half of 128 bytes.
    ///
    /// # Panics
    /// An element that there is not.
    pub const fn place(&self, element: usize) -> Place {
        assert!(element < self.count(), "no such element");
        let first = self.byte as usize % HALF;
        let bytes = self.element_bytes() as usize;
        let (high, low) = match self.form {
            Form::Bits { high, low, .. } => (high, low),
            _ => (7, 0),
        };
        let (first, up) = match self.repeat {
            Repeat::Once => (first, 0),
            Repeat::Each { stride, .. } => (first + element * stride as usize, 0),
            Repeat::Packed { bits, .. } => {
                let bit = element * bits as usize;
                (first + bit / 8, bit % 8)
            }
        };
        let width = high - low + 1;
        let ones = if width == 8 {
            0xFF
        } else {
            (1_u8 << width) - 1
        };
        #[expect(clippy::cast_possible_truncation, reason = "below 8")]
        let shift = low + up as u8;
        Place {
            first,
            bytes,
            mask: ones << shift,
            shift,
        }
    }
}
