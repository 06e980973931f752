//! Prints a file of the worked example in `examples/measured`: what a bench would measure on the
//! analytic devices.
//!
//! ```sh
//! cargo run -p link --example measured_tables -- ring > examples/measured/ring.csv
//! ```

#![expect(
    clippy::print_stdout,
    reason = "the table is the purpose of the program"
)]

#[path = "../tests/tables/mod.rs"]
mod tables;

fn main() -> Result<(), String> {
    let name = std::env::args().nth(1).unwrap_or_default();
    let table = tables::example(&name)
        .ok_or_else(|| format!("no table {name:?}; expected laser, ring, receiver or wafer"))?;
    print!("{table}");
    Ok(())
}
