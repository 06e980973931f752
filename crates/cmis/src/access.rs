//! What a host can do with a module: read bytes and write them.

use crate::address::Address;

/// The module did not answer: it starts, it is gone, it is busy, or there are no such bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, thiserror::Error)]
#[error("the module does not acknowledge")]
pub struct Nack;

/// The registers of a module, as a host sees them over its bus. Modules of this crate have them, and so
/// do sockets and files behind which there is a module.
pub trait Registers {
    /// Reads as many bytes as `into` has, from `from` on. A read that begins in lower memory goes on into
    /// the page that `from` names.
    ///
    /// # Errors
    /// The module does not answer, or the bytes end behind byte 255. Nothing is cleared then.
    fn read(&mut self, from: Address, into: &mut [u8]) -> Result<(), Nack>;

    /// Writes bytes from `from` on.
    ///
    /// # Errors
    /// The module does not answer, or the bytes end behind byte 255. Nothing is written then.
    fn write(&mut self, from: Address, data: &[u8]) -> Result<(), Nack>;
}
