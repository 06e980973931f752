//! The bytes of a module, and what hosts may do with them.

use std::sync::Arc;

use crate::access::Nack;
use crate::address::{Address, HALF, is_banked};
use crate::codec::Half;
use crate::map::extension::Placement;
use crate::map::{PAGES, lower};
use crate::register::{Access, Features, LOWER, Register};

const PAGE_SELECT: u8 = 127;

/// Which bits of a half hosts may write, clear by reading, or write but never read.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Mask {
    write: Half,
    clear: Half,
    hidden: Half,
}

/// What a module with certain features lets hosts do, shared by all modules of that kind.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Masks {
    /// By page number, lower memory behind them; none where there is no page.
    pages: Vec<Option<Box<Mask>>>,
    foreign: Foreign,
}

/// Pages that another module answers for, which hosts select here all the same.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(super) struct Foreign {
    pub(super) pages: Vec<u8>,
    /// In how many banks.
    pub(super) banks: u8,
}

impl Masks {
    pub(super) fn new(features: Features, extension: Placement) -> Self {
        let mut pages: Vec<Option<Box<Mask>>> = vec![None; usize::from(LOWER) + 1];
        for page in PAGES {
            if page.registers_of(features).next().is_none() {
                continue;
            }
            let mut mask = Mask {
                write: [0; HALF],
                clear: [0; HALF],
                hidden: [0; HALF],
            };
            for register in page.registers_of(features) {
                for element in 0..register.count() {
                    let place = register.place(element);
                    for byte in place.first..place.first + place.bytes {
                        match register.access {
                            Access::ReadOnly => {}
                            Access::ReadWrite => mask.write[byte] |= place.mask,
                            Access::ClearOnRead => mask.clear[byte] |= place.mask,
                            Access::WriteOnly => mask.hidden[byte] |= place.mask,
                        }
                    }
                }
            }
            let from_default = if page.is_extension() {
                Placement::DEFAULT.first()
            } else {
                extension.first()
            };
            for number in page.first..=page.last {
                let number = usize::from(number) + usize::from(extension.first());
                let number = number - usize::from(from_default);
                pages[number] = Some(Box::new(mask.clone()));
            }
        }
        Self {
            pages,
            foreign: Foreign::default(),
        }
    }

    pub(super) fn set_foreign(&mut self, foreign: Foreign) {
        self.foreign = foreign;
    }
}

/// What a host has written, for the module to act upon.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Written {
    /// Of the page, or [`LOWER`].
    pub(super) page: u16,
    pub(super) bank: u8,
    pub(super) byte: u8,
    /// As the host sent it.
    pub(super) data: u8,
}

/// The bytes of a module.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Memory {
    masks: Arc<Masks>,
    banks: u8,
    /// Position of each page of each bank among the halves, lower memory first.
    slots: Vec<u16>,
    halves: Vec<Half>,
}

const NO_SLOT: u16 = u16::MAX;

impl Memory {
    /// All zero.
    pub(super) fn new(masks: &Arc<Masks>, banks: u8) -> Self {
        let banks = banks.max(1);
        let mut halves = vec![[0; HALF]];
        let mut slots = vec![NO_SLOT; usize::from(banks) * 256];
        for bank in 0..banks {
            for page in 0..=u8::MAX {
                let exists = masks.pages[usize::from(page)].is_some();
                if exists && (bank == 0 || is_banked(page)) {
                    slots[usize::from(bank) * 256 + usize::from(page)] =
                        u16::try_from(halves.len()).expect("at most 256 pages in 255 banks");
                    halves.push([0; HALF]);
                }
            }
        }
        Self {
            masks: Arc::clone(masks),
            banks,
            slots,
            halves,
        }
    }

    /// The page and bank that a host gets when it asks for one: what there is not is page 00h.
    fn selected(&self, bank: u8, page: u8) -> (u8, u8) {
        let bank = if is_banked(page) { bank } else { 0 };
        let exists = bank < self.banks && self.slot(bank, page) != NO_SLOT;
        if exists { (bank, page) } else { (0, 0) }
    }

    /// Whether another module answers for a page.
    fn is_foreign(&self, bank: u8, page: u8) -> bool {
        let Foreign { pages, banks } = &self.masks.foreign;
        bank < *banks && pages.contains(&page)
    }

    /// Lets hosts do what masks that have changed say.
    pub(super) fn set_masks(&mut self, masks: &Arc<Masks>) {
        self.masks = Arc::clone(masks);
    }

    fn slot(&self, bank: u8, page: u8) -> u16 {
        self.slots[usize::from(bank) * 256 + usize::from(page)]
    }

    fn position(&self, bank: u8, page: u16) -> usize {
        match u8::try_from(page) {
            Ok(page) => {
                let bank = if is_banked(page) { bank } else { 0 };
                let slot = self.slot(bank, page);
                assert!(slot != NO_SLOT, "page {page:02X}h is not the module's");
                usize::from(slot)
            }
            Err(_) => 0,
        }
    }

    /// Whether the module has a page.
    pub(super) fn has(&self, page: u16) -> bool {
        u8::try_from(page).map_or(true, |page| self.slot(0, page) != NO_SLOT)
    }

    /// The half in which a register lies.
    ///
    /// # Panics
    /// The module has no such page.
    pub(super) fn half(&self, bank: u8, page: u16) -> &Half {
        &self.halves[self.position(bank, page)]
    }

    /// The half in which a register lies, for the module to write.
    ///
    /// # Panics
    /// The module has no such page.
    pub(super) fn half_mut(&mut self, bank: u8, page: u16) -> &mut Half {
        let position = self.position(bank, page);
        &mut self.halves[position]
    }

    /// A byte, as the module itself sees it.
    pub(super) fn byte(&self, bank: u8, register: &Register) -> u8 {
        self.half(bank, register.page)[usize::from(register.byte) % HALF]
    }

    /// Puts a byte in place.
    pub(super) fn put_byte(&mut self, bank: u8, register: &Register, value: u8) {
        self.half_mut(bank, register.page)[usize::from(register.byte) % HALF] = value;
    }

    /// What a host reads: an access names its page and leaves the selected one as it is, as drivers do
    /// that restore it. Latched bits of exactly these bytes are cleared. Whether any was set.
    ///
    /// # Errors
    /// Bytes behind byte 255.
    pub(super) fn read(&mut self, from: Address, into: &mut [u8]) -> Result<bool, Nack> {
        let first = usize::from(from.byte);
        if first + into.len() > 2 * HALF {
            return Err(Nack);
        }
        let in_lower = HALF.saturating_sub(first).min(into.len());
        let (lower, upper) = into.split_at_mut(in_lower);
        let mut has_cleared = false;
        if !lower.is_empty() {
            let mask = self.masks.pages[usize::from(LOWER)].as_deref();
            has_cleared |= take(&mut self.halves[0], mask, first, lower);
        }
        if !upper.is_empty() {
            let (bank, page) = self.selected(from.bank, from.page);
            let position = self.position(bank, u16::from(page));
            let mask = self.masks.pages[usize::from(page)].as_deref();
            let first = first.max(HALF) - HALF;
            has_cleared |= take(&mut self.halves[position], mask, first, upper);
        }
        Ok(has_cleared)
    }

    /// What [`read`](Self::read) would give, without clearing anything.
    ///
    /// # Errors
    /// Bytes behind byte 255.
    pub(super) fn peek(&self, from: Address, into: &mut [u8]) -> Result<(), Nack> {
        let first = usize::from(from.byte);
        if first + into.len() > 2 * HALF {
            return Err(Nack);
        }
        let in_lower = HALF.saturating_sub(first).min(into.len());
        let (lower, upper) = into.split_at_mut(in_lower);
        if !lower.is_empty() {
            let mask = self.masks.pages[usize::from(LOWER)].as_deref();
            show(&self.halves[0], mask, first, lower);
        }
        if !upper.is_empty() {
            let (bank, page) = self.selected(from.bank, from.page);
            let position = self.position(bank, u16::from(page));
            let mask = self.masks.pages[usize::from(page)].as_deref();
            let first = first.max(HALF) - HALF;
            show(&self.halves[position], mask, first, upper);
        }
        Ok(())
    }

    /// Takes what a host writes, as far as it may, and says what it sent to which registers that it may
    /// write.
    ///
    /// # Errors
    /// Bytes behind byte 255: nothing is written.
    pub(super) fn write(
        &mut self,
        from: Address,
        data: &[u8],
        written: &mut Vec<Written>,
    ) -> Result<(), Nack> {
        let first = usize::from(from.byte);
        if first + data.len() > 2 * HALF {
            return Err(Nack);
        }
        let (lower, upper) = data.split_at(HALF.saturating_sub(first).min(data.len()));
        self.put(LOWER, 0, first, lower, written);
        if !upper.is_empty() {
            let (bank, page) = self.selected(from.bank, from.page);
            let first = first.max(HALF) - HALF;
            let is_broadcast = lower::BANK_BROADCAST_ENABLE.flag(0, &self.halves[0]);
            let banks = if is_broadcast && is_banked(page) {
                0..self.banks
            } else {
                bank..bank + 1
            };
            for bank in banks {
                self.put(u16::from(page), bank, first, upper, written);
            }
        }
        // The bank takes effect with the page.
        if written
            .iter()
            .any(|of| of.page == LOWER && of.byte == PAGE_SELECT)
        {
            let asked = [usize::from(PAGE_SELECT) - 1, usize::from(PAGE_SELECT)];
            let [bank, page] = asked.map(|byte| self.halves[0][byte]);
            let (bank, page) = if self.is_foreign(bank, page) {
                (bank, page)
            } else {
                self.selected(bank, page)
            };
            self.halves[0][asked[0]] = bank;
            self.halves[0][asked[1]] = page;
        }
        Ok(())
    }

    fn put(&mut self, page: u16, bank: u8, first: usize, data: &[u8], written: &mut Vec<Written>) {
        let position = self.position(bank, page);
        let Some(mask) = &self.masks.pages[usize::from(page)] else {
            return;
        };
        let half = &mut self.halves[position];
        let base = if page == LOWER { 0 } else { HALF };
        for (at, data) in (first..).zip(data) {
            let write = mask.write[at];
            half[at] = half[at] & !write | data & write;
            if write | mask.hidden[at] != 0 {
                written.push(Written {
                    page,
                    bank,
                    byte: u8::try_from(base + at).expect("a byte of 256"),
                    data: *data,
                });
            }
        }
    }
}

/// Copies bytes out as a host sees them.
fn show(half: &Half, mask: Option<&Mask>, first: usize, into: &mut [u8]) {
    for (at, into) in (first..).zip(into) {
        *into = half[at] & !mask.map_or(0, |mask| mask.hidden[at]);
    }
}

/// Copies bytes out as a host sees them and clears what its read clears. Whether anything was.
fn take(half: &mut Half, mask: Option<&Mask>, first: usize, into: &mut [u8]) -> bool {
    let from = &mut half[first..first + into.len()];
    let Some(mask) = mask else {
        into.copy_from_slice(from);
        return false;
    };
    let mut has_cleared = false;
    let (clear, hidden) = (&mask.clear[first..], &mask.hidden[first..]);
    for (((byte, into), clear), hidden) in from.iter_mut().zip(into).zip(clear).zip(hidden) {
        *into = *byte & !hidden;
        has_cleared |= *byte & clear != 0;
        *byte &= !clear;
    }
    has_cleared
}
