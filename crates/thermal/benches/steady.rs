//! The package of the facts at several sizes.
fn main() {}
