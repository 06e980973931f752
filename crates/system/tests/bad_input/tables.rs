//! Measured tables and libraries that cannot be read.

use system::Library;

use crate::{CPO, assert_texts, check, check_files, list};

#[test]
fn table_headers_name_columns_and_units() {
    check_files(
        CPO,
        &[],
        &["engine.oe.input_coupler.measured=t.csv"],
        &[("t.csv", b"")],
        r#"
        table::empty t.csv:1:1 the table is empty | the first line is, for example, "wavelength [m],loss [dB]"
        "#,
    );
    check_files(
        CPO,
        &[],
        &["engine.oe.input_coupler.measured=t.csv"],
        &[("t.csv", b"# nothing\n\n")],
        r#"
        table::empty t.csv:1:1 the table is empty | the first line is, for example, "wavelength [m],loss [dB]"
        "#,
    );
    check_files(
        CPO,
        &[],
        &["engine.oe.input_coupler.measured=t.csv"],
        &[("t.csv", b"wavelength [nm]\n1310\n")],
        r#"
        table::column t.csv:1:1 no column "loss" | the first line is, for example, "wavelength [m],loss [dB]"
        "#,
    );
    check_files(
        CPO,
        &[],
        &["engine.oe.input_coupler.measured=t.csv"],
        &[("t.csv", b"wavelengh [nm],loss [dB]\n1310,1\n")],
        r#"
        table::column t.csv:1:1 unknown column "wavelengh" | did you mean "wavelength"?
        "#,
    );
    check_files(
        CPO,
        &[],
        &["engine.oe.input_coupler.measured=t.csv"],
        &[("t.csv", b"wavelength [dB],loss\n1310,1\n")],
        r#"
        table::unit t.csv:1:1 column "wavelength" takes a length, and dB is the unit of a ratio in decibels | for example "wavelength [m]"; units: m, km, cm, mm, um, µm, nm, pm
        table::unit t.csv:1:17 column "loss" needs the unit of a ratio in decibels in brackets | for example "loss [dB]"; units: dB
        "#,
    );
    check_files(
        CPO,
        &[],
        &["engine.oe.input_coupler.measured=t.csv"],
        &[("t.csv", b"wavelength [nm],loss [dB],loss [dB]\n1310,1,1\n")],
        r#"
        table::column t.csv:1:27 column "loss" stands twice | remove one
        "#,
    );
}

#[test]
fn table_rows_are_sorted_numbers_in_range() {
    check_files(
        CPO,
        &[],
        &["engine.oe.input_coupler.measured=t.csv"],
        &[("t.csv", b"wavelength [nm],loss [dB]\n1310,1\n")],
        "
        table::short t.csv:1:1 too few rows: 1 | nothing can be interpolated between fewer than two
        ",
    );
    check_files(CPO, &[], &["engine.oe.input_coupler.measured=t.csv"], &[("t.csv", b"wavelength [nm],loss [dB]\n1310\n1311,,\n1312,\n1313,one\n1314,NaN\n1315,inf\n1316,-1\n1e30,1\n\"1317\",1\n")], r#"
        table::row t.csv:2:1 the row has 1 cells, the header 2 | separate cells by commas and write numbers with a decimal point
        table::row t.csv:3:1 the row has 3 cells, the header 2 | separate cells by commas and write numbers with a decimal point
        table::number t.csv:4:6 loss cannot be "" dB | the valid range is 0 dB to 100 dB; leave rows with gaps out
        table::number t.csv:5:6 loss cannot be "one" dB | the valid range is 0 dB to 100 dB; leave rows with gaps out
        table::number t.csv:6:6 loss cannot be "NaN" dB | the valid range is 0 dB to 100 dB; leave rows with gaps out
        table::number t.csv:7:6 loss cannot be "inf" dB | the valid range is 0 dB to 100 dB; leave rows with gaps out
        table::number t.csv:8:6 loss cannot be "-1" dB | the valid range is 0 dB to 100 dB; leave rows with gaps out
        table::number t.csv:9:1 wavelength cannot be "1e30" nm | the valid range is 800 nm to 1.7 um; leave rows with gaps out
        table::number t.csv:10:1 wavelength cannot be "\"1317\"" nm | the valid range is 800 nm to 1.7 um; leave rows with gaps out
        "#);
    check_files(
        CPO,
        &[],
        &["engine.oe.input_coupler.measured=t.csv"],
        &[(
            "t.csv",
            b"\xef\xbb\xbfwavelength [nm],loss [dB]\r\n1310,1\r\n1300,1\r\n",
        )],
        "
        table::order t.csv:3:1 wavelength does not rise | sort the rows by wavelength, each place once
        ",
    );
    check_files(
        CPO,
        &[],
        &["engine.oe.input_coupler.measured=t.csv"],
        &[("t.csv", b"wavelength [nm],loss [dB]\n1310,1\n1310,2\n")],
        "
        table::order t.csv:3:1 wavelength 1310 nm stands twice | sort the rows by wavelength, each place once
        ",
    );
    check_files(
        CPO,
        &[],
        &["engine.oe.input_coupler.measured=t.csv"],
        &[("t.csv", b"1310,1\n1320,1\n")],
        r#"
        table::header t.csv:1:1 the header is missing | the first line is, for example, "wavelength [m],loss [dB]"
        "#,
    );
    check_files(
        CPO,
        &[],
        &["engine.oe.input_coupler.measured=t.csv"],
        &[("t.csv", b"wavelength;loss\n1310;1\n")],
        r#"
        table::column t.csv:1:1 unknown column "wavelength;loss" | expected one of: wavelength, loss
        "#,
    );
    check_files(
        CPO,
        &[],
        &["engine.oe.input_coupler.measured=t.csv"],
        &[("t.csv", b"wavelength [nm],loss [dB]\n1310,\xff\n")],
        r#"
        system::not-utf8 --set:1:34 "t.csv" is not UTF-8: byte 0xff at offset 31 | save the file as UTF-8
        "#,
    );
    check_files(
        CPO,
        &[],
        &["engine.oe.input_coupler.measured=t.csv"],
        &[("t.csv", &vec![b'\n'; (4 << 20) + 1])],
        r#"
        system::too-large --set:1:34 "t.csv" has 4194305 bytes; the limit is 4194304 | thin the table out
        "#,
    );
    check(
        CPO,
        &[],
        &["engine.oe.input_coupler.measured=gone.csv"],
        r#"
        system::file --set:1:34 cannot read "gone.csv": no such file | the path is relative to the description
        "#,
    );
    check_files(
        CPO,
        &[],
        &["engine.oe.input_coupler.measured=t.csv"],
        &[(
            "t.csv",
            b"wavelength [nm],loss [dB]\n1300,1\n1310,1.5\n1320,1\n",
        )],
        "
        accepted
        ",
    );
}

#[test]
fn laser_tables_rise_in_temperature_and_then_in_current() {
    check_files(CPO, &[], &["laser_module.els.laser.measured=t.csv"], &[("t.csv", b"temperature [C],current [mA],power [mW],voltage [V]\n25,100,28,1.2\n25,200,58,1.3\n70,100,10,1.2\n70,200,30,1.3\n")], "
        accepted
        ");
    check_files(CPO, &[], &["laser_module.els.laser.measured=t.csv"], &[("t.csv", b"temperature [C],current [mA],power [mW],voltage [V]\n25,100,28,1.2\n70,100,10,1.2\n25,200,58,1.3\n70,200,30,1.3\n")], "
        table::order t.csv:4:1 temperature does not rise | sort the rows by temperature, then current, each place once
        ");
    check_files(
        CPO,
        &[],
        &["laser_module.els.laser.measured=t.csv"],
        &[(
            "t.csv",
            b"temperature [C],current [mA],power [mW],voltage [V]\n25,200,28,1.2\n25,100,58,1.3\n",
        )],
        "
        table::order t.csv:3:1 current does not rise | sort the rows by temperature, then current, each place once
        ",
    );
    check_files(
        CPO,
        &[],
        &["laser_module.els.laser.measured=t.csv"],
        &[(
            "t.csv",
            b"temperature [C],current [mA],power [mW],voltage [V]\n70,100,28,1.2\n25,100,58,1.3\n",
        )],
        "
        table::order t.csv:3:1 temperature does not rise | sort the rows by temperature, then current, each place once
        ",
    );
}

/// Problems of parts of a library of one file with sources.
#[track_caller]
fn check_part(kind: &str, name: &str, file: &str, expected: &str) {
    let text = format!("format = 1\n[source.s]\ntitle = \"a source\"\n{file}");
    let found = Library::new([("parts.toml", text.as_bytes())], Vec::new())
        .and_then(|library| library.part(kind, name).map(|_| library));
    let found = match found {
        Ok(_) => "accepted".to_owned(),
        Err(problems) => list(&problems),
    };
    assert_texts(&found, expected);
}

#[test]
fn libraries_are_checked_too() {
    check_part(
        "connector",
        "a",
        "[connector.a]\nuse = \"b\"\n[connector.b]\nuse = \"c\"\n[connector.c]\nuse = \"a\"\n",
        "
        system::cycle parts.toml:5:7 a part uses itself: connector b -> connector c -> connector a -> connector b | let one of them state its fields without `use`
        ",
    );
    check_part(
        "connector",
        "a",
        "[connector]\na = \"a\"\n",
        "
        system::cycle parts.toml:5:5 a part uses itself: connector a -> connector a | let one of them state its fields without `use`
        ",
    );
    let chain: String = (0..1000).fold(String::new(), |text, i| {
        text + &format!("[connector.c{i}]\nuse = \"c{}\"\n", i + 1)
    });
    check_part(
        "connector",
        "c0",
        &chain,
        "
        system::cycle parts.toml:69:7 connector c33 stands at the end of a chain of 32 parts | let parts state their fields, or use a part that does
        ",
    );
    check_part(
        "connector",
        "a",
        "[connector.a]\nloss = \"1 dB\"\nreflectance = { value = \"-50 dB\", source = \"t\" }\nfailure_rate = { value = \"1 FIT\", estimate = \"guess\" }\n",
        r#"
        library::no-source parts.toml:5:8 loss names neither a source nor the reason of an estimate | write `{ value = ..., source = "key" }`, or `estimate` with the reason
        library::unknown-source parts.toml:6:15 no source "t" | did you mean "s"?
        library::no-reason parts.toml:7:16 the estimate says too little: "guess" | write in a few words how it was made
        library::no-source parts.toml:7:16 failure_rate names neither a source nor the reason of an estimate | write `{ value = ..., source = "key" }`, or `estimate` with the reason
        "#,
    );
    check_part(
        "conector",
        "a",
        "",
        r#"
        system::unknown-part library:1:1 the library has no conector called "a" | did you mean "connector"?
        "#,
    );
    check_part(
        "connector",
        "a",
        "[conector.a]\n[source.t]\n",
        r#"
        library::no-title parts.toml:5:9 source "t" has no title | add `title = "author, title, year"`
        library::unknown-kind parts.toml:4:2 unknown kind of part "conector" | did you mean "connector"?
        "#,
    );
    check_part(
        "connector",
        "ab",
        "[connector.abc]\nsource = \"s\"\nloss = \"1 dB\"\n",
        r#"
        system::unknown-part library:1:1 the library has no connector called "ab" | did you mean "abc"?
        "#,
    );
    check_part(
        "edge_coupler",
        "a",
        "[edge_coupler.a]\nmeasured = \"t.csv\"\n",
        r#"
        system::file parts.toml:5:12 cannot read "t.csv": a library part cannot name the file t.csv | the path is relative to the description
        "#,
    );
    check_part(
        "connector",
        "abc",
        "[connector.abc]\nsource = \"s\"\nloss = \"1 dB\"\n",
        "
        accepted
        ",
    );
}
