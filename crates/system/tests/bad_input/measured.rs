//! Grids of transmissions, receivers over frequency, and wafer maps that cannot be used.

use std::fmt::Write as _;

use crate::{CPO, check_files};

/// A table of a Mach-Zehnder modulator.
#[track_caller]
fn check_grid(text: &str, expected: &str) {
    let set = "engine.oe.modulator.measured=t.csv";
    check_files(CPO, &[], &[set], &[("t.csv", text.as_bytes())], expected);
}

/// Rows of a full grid of two temperatures, two voltages and four wavelengths.
fn full() -> Vec<String> {
    let mut rows = Vec::new();
    for temperature in ["25", "85"] {
        for voltage in ["-1", "1"] {
            for wavelength in ["1308", "1309.5", "1311", "1312"] {
                rows.push(format!("{temperature},{voltage},{wavelength},-3"));
            }
        }
    }
    rows
}

const HEADER: &str = "temperature [C],voltage [V],wavelength [nm],transmission [dB]";

fn grid(rows: &[String]) -> String {
    format!("# a device\n{HEADER}\n{}\n", rows.join("\n"))
}

#[test]
fn a_grid_without_gaps_is_taken() {
    check_grid(&grid(&full()), "accepted");
    // In other units, and the columns in another order.
    let rows = "transmission [dB],wavelength [um],temperature [K],voltage [mV]\n";
    let rows = full().iter().fold(rows.to_owned(), |text, row| {
        let cells: Vec<f64> = row
            .split(',')
            .map(|cell| cell.parse().expect("a number"))
            .collect();
        let [t, v, w, db] = cells[..] else { panic!() };
        text + &format!("{db},{},{},{}\n", w / 1e3, t + 273.15, v * 1e3)
    });
    check_grid(&rows, "accepted");
}

#[test]
fn gaps_of_a_grid_are_named() {
    let mut rows = full();
    rows.remove(6);
    check_grid(
        &grid(&rows),
        "table::gap t.csv:9:1 the grid has a gap: temperature 25 C, voltage 1 V, wavelength 1311 nm is missing | measure the same places of each axis at all places of the others, and write the places as they were set",
    );
    // The last point of all, and two others.
    let mut rows = full();
    rows.pop();
    rows.remove(0);
    rows.remove(0);
    check_grid(
        &grid(&rows),
        "
        table::gap t.csv:3:1 the grid has a gap: temperature 25 C, voltage -1 V, wavelength 1308 nm is missing | measure the same places of each axis at all places of the others, and write the places as they were set
        table::gap t.csv:3:1 the grid has a gap: temperature 25 C, voltage -1 V, wavelength 1309.5 nm is missing | measure the same places of each axis at all places of the others, and write the places as they were set
        table::gap t.csv:15:1 the grid has a gap: temperature 85 C, voltage 1 V, wavelength 1312 nm is missing | measure the same places of each axis at all places of the others, and write the places as they were set
        ",
    );
    // Places that were read back instead of set make a grid of holes.
    let rows: Vec<String> = (0..16).map(|i| format!("{i},{i},130{i},-3")).collect();
    check_grid(
        &grid(&rows[..9]),
        "
        table::gap t.csv:4:1 the grid has a gap: temperature 0 C, voltage 0 V, wavelength 1301 nm is missing | measure the same places of each axis at all places of the others, and write the places as they were set
        table::gap t.csv:4:1 the grid has a gap: temperature 0 C, voltage 0 V, wavelength 1302 nm is missing | measure the same places of each axis at all places of the others, and write the places as they were set
        table::gap t.csv:4:1 the grid has a gap: temperature 0 C, voltage 0 V, wavelength 1303 nm is missing, and 717 more | measure the same places of each axis at all places of the others, and write the places as they were set
        ",
    );
}

#[test]
fn rows_of_a_grid_are_in_order_and_enough() {
    let mut rows = full();
    rows.swap(1, 2);
    rows.insert(12, rows[11].clone());
    check_grid(
        &grid(&rows),
        "
        table::order t.csv:5:1 wavelength does not rise | sort the rows by temperature, then voltage, then wavelength, each place once
        table::order t.csv:15:1 temperature 85 C, voltage -1 V, wavelength 1312 nm stands twice | sort the rows by temperature, then voltage, then wavelength, each place once
        ",
    );
    let one_voltage: Vec<String> = full()
        .into_iter()
        .filter(|row| row.contains(",-1,"))
        .collect();
    check_grid(
        &grid(&one_voltage),
        "table::short t.csv:2:1 too few places of voltage: 1 | measure 2 at least",
    );
    let few: Vec<String> = full()
        .into_iter()
        .filter(|row| !row.contains("1311"))
        .collect();
    check_grid(
        &grid(&few),
        "table::short t.csv:2:1 too few places of wavelength: 3 | measure 4 at least",
    );
}

#[test]
fn a_transmission_is_no_gain_and_no_loss_with_the_sign_left_out() {
    let rows = [full(), vec!["85,2,1308,3".to_owned()]].concat();
    check_grid(
        &grid(&rows),
        r#"
        table::number t.csv:19:11 transmission cannot be "3" dB | the valid range is -100 dB to 0 dB; leave rows with gaps out
        "#,
    );
    let header = "temperature [C],voltage [mA],wavelength [GHz],transmission [%],voltage [V]";
    check_grid(
        &format!("{header}\n25,1,1,1,1\n"),
        r#"
        table::unit t.csv:1:17 column "voltage" takes a voltage, and mA is the unit of a current | for example "voltage [V]"; units: V, mV, kV
        table::unit t.csv:1:30 column "wavelength" takes a length, and GHz is the unit of a frequency | for example "wavelength [m]"; units: m, km, cm, mm, um, µm, nm, pm
        table::unit t.csv:1:47 column "transmission" takes a ratio in decibels, and % is the unit of a pure number | for example "transmission [dB]"; units: dB
        "#,
    );
}

#[test]
fn receivers_need_noise_or_response() {
    let check = |text: &str, expected: &str| {
        let set = "engine.oe.tia.measured=t.csv";
        check_files(CPO, &[], &[set], &[("t.csv", text.as_bytes())], expected);
    };
    check(
        "frequency [GHz],noise [pA/rtHz],response [dB]\n1,16,0\n60,20,-6\n",
        "accepted",
    );
    check("frequency [GHz],noise [pA/rtHz]\n1,16\n60,20\n", "accepted");
    check("frequency [GHz],response [dB]\n1,0\n60,-6\n", "accepted");
    check(
        "frequency [GHz]\n1\n60\n",
        r#"
        table::column t.csv:1:1 neither column "noise" nor "response" is there | the first line is, for example, "frequency [Hz],noise [A/rtHz],response [dB]"
        "#,
    );
    check(
        "frequency [GHz],noise [pA],respons [dB]\n1,16,0\n",
        r#"
        table::unit t.csv:1:17 column "noise" takes a current noise density, and pA is the unit of a current | for example "noise [A/rtHz]"; units: A/rtHz, pA/rtHz
        table::column t.csv:1:28 unknown column "respons" | did you mean "response"?
        "#,
    );
    check(
        "frequency [GHz],noise [pA/rtHz]\n60,16\n1,20\n1,20\n",
        "
        table::order t.csv:3:1 frequency does not rise | sort the rows by frequency, each place once
        table::order t.csv:4:1 frequency 1 GHz stands twice | sort the rows by frequency, each place once
        ",
    );
}

/// A map of twelve sites with two measured columns.
fn wafer(loss: impl Fn(usize) -> String) -> String {
    (0..12).fold(
        "# sites of one wafer\nx [mm],y [mm],die,loss [dB],resonance [nm]\n".to_owned(),
        |mut text, i| {
            let (x, y) = (10 * (i % 4), 20 * (i / 4));
            writeln!(text, "{x},{y},D{i},{},1310", loss(i)).expect("a String takes all");
            text
        },
    )
}

#[track_caller]
fn check_map(value: &str, text: &str, expected: &str) {
    let set = format!("engine.oe.output_coupler.residual_loss={value}");
    let files: [(&str, &[u8]); 1] = [("w.csv", text.as_bytes())];
    check_files(CPO, &[], &[&set], &files, expected);
}

#[test]
fn maps_name_their_column() {
    let map = wafer(|i| format!("0.{i}"));
    check_map("{ map = 'w.csv', column = 'loss' }", &map, "accepted");
    // One column alone is in decibels.
    check_map("{ map = 'w.csv' }", &map, "accepted");
    check_map(
        "{ map = 'w.csv' }",
        &map.replace("resonance [nm]", "old loss [dB]"),
        r#"
        table::column w.csv:2:1 the map has 2 columns that may be a ratio in decibels | say which one is meant: `column = "loss"`
        "#,
    );
    check_map(
        "{ map = 'w.csv' }",
        &map.replace("loss [dB]", "loss"),
        r#"
        table::column w.csv:2:1 the map has 0 columns that may be a ratio in decibels | say which one is meant: `column = "die"`
        "#,
    );
    check_map(
        "{ map = 'w.csv', column = 'los' }",
        &map,
        r#"
        table::column w.csv:2:1 no column "los" | did you mean "loss"?
        "#,
    );
    check_map(
        "{ map = 'w.csv', column = 'resonance' }",
        &map,
        r#"
        table::unit w.csv:2:29 column "resonance" takes a ratio in decibels, and nm is the unit of a length | for example "resonance [dB]"; units: dB
        "#,
    );
    check_map(
        "{ map = 'w.csv', column = 'die' }",
        &map,
        r#"
        table::unit w.csv:2:15 column "die" needs the unit of a ratio in decibels in brackets | for example "die [dB]"; units: dB
        "#,
    );
    check_map(
        "{ map = 'gone.csv', value = '1 dB', spread = '+-1 dB' }",
        &map,
        r#"
        system::map --set:1:40 `value` cannot stand beside `map` | the map gives value and spread, and is their origin; remarks go into `note`
        system::map --set:1:40 `spread` cannot stand beside `map` | the map gives value and spread, and is their origin; remarks go into `note`
        system::file --set:1:40 cannot read "gone.csv": no such file | the path is relative to the description
        "#,
    );
    check_map(
        "{ value = '1 dB', column = 'loss' }",
        &map,
        "system::unknown-key --set:1:40 `column` goes with `map` | leave it out, or name the file of the map",
    );
}

#[test]
fn maps_have_enough_sites_and_each_once() {
    let value = "{ map = 'w.csv', column = 'loss' }";
    let map = wafer(|i| format!("0.{i}")) + "30,20,D7,0.7,1310\n0,0,D0,0.1,1310\n";
    check_map(
        value,
        &map,
        "
        table::site w.csv:15:1 the site x 30 mm, y 20 mm stands twice | keep one measurement of each site
        table::site w.csv:16:1 the site x 0 mm, y 0 mm stands twice | keep one measurement of each site
        ",
    );
    let map: String = wafer(|_| "0.5".to_owned())
        .lines()
        .take(10)
        .flat_map(|line| [line, "\n"])
        .collect();
    check_map(
        value,
        &map,
        "table::short w.csv:2:1 too few sites: 8 | a distribution needs 9 at least; with fewer, state a value with a spread",
    );
    let map = wafer(|i| ["0.4", "", "NaN", "11", "-0.1"][i % 5].to_owned());
    check_map(
        value,
        &map.lines().take(7).collect::<Vec<_>>().join("\n"),
        r#"
        table::number w.csv:4:9 loss cannot be "" dB | the valid range is 0 dB to 10 dB; leave rows with gaps out
        table::number w.csv:5:9 loss cannot be "NaN" dB | the valid range is 0 dB to 10 dB; leave rows with gaps out
        table::number w.csv:6:9 loss cannot be "11" dB | the valid range is 0 dB to 10 dB; leave rows with gaps out
        table::number w.csv:7:9 loss cannot be "-0.1" dB | the valid range is 0 dB to 10 dB; leave rows with gaps out
        "#,
    );
    check_map(
        value,
        "",
        r#"
        table::empty w.csv:1:1 the table is empty | the first line is, for example, "x [m],y [m],loss [dB]"
        "#,
    );
}
