//! What the manual shows is what the program prints.
//!
//! `TRYCMD=overwrite cargo test -p shoreline` writes what is printed now into the files; read the
//! difference before you keep it.

#[test]
fn commands_print_what_is_written_here() {
    // Help is wrapped at the width of the terminal.
    trycmd::TestCases::new()
        .env("COLUMNS", "100")
        .case("tests/cmd/*.trycmd")
        .run();
}
