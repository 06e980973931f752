//! What the manual shows is what the program prints.
//!
//! `TRYCMD=overwrite cargo test -p shoreline` writes what is printed now into the files; read the
//! difference before you keep it.

#[test]
fn commands_print_what_is_written_here() {
    trycmd::TestCases::new().case("tests/cmd/*.trycmd").run();
}
