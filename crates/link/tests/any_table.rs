//! Whatever a measured table holds, it is refused with places, or its lanes are numbers or dark with
//! a reason.

use std::fmt::Write as _;
use std::sync::LazyLock;

use link::{Conditions, Lanes};
use proptest::prelude::*;
use system::{Input, Library, Problems, System};
use units::Celsius;

static LIBRARY: LazyLock<Library> = LazyLock::new(Library::embedded);

fn resolve(platform: &str, set: &str, table: &str) -> Result<System, Problems> {
    System::resolve(&Input {
        name: platform,
        bytes: LIBRARY.platform(platform).expect("a platform").as_bytes(),
        sets: &[set.to_owned()],
        library: &LIBRARY,
        load: &|_| Ok(table.as_bytes().to_vec()),
    })
}

/// Refused with places and help, or solved without a number that is none.
fn check(platform: &str, set: &str, table: &str) -> Result<bool, TestCaseError> {
    let system = match resolve(platform, set, table) {
        Ok(system) => system,
        Err(problems) => {
            prop_assert!(!problems.0.is_empty());
            for problem in &problems.0 {
                let range = problem.span.range.clone();
                prop_assert!(problem.span.source.text.get(range).is_some(), "{problem:?}");
                prop_assert!(problem.help.is_some(), "{problem:?}");
            }
            return Ok(false);
        }
    };
    for system in [&system, &system.drawn(1, 1)] {
        let design =
            &Lanes::new(system, &Conditions::stated(system, Celsius::new(70.0))).designs[0];
        match &design.outcome {
            Ok(solution) => {
                prop_assert!(solution.optical_ber.is_finite(), "{design:?}");
                prop_assert!(!solution.ln_codeword_error_ratio.is_nan(), "{design:?}");
                let state = design.modulator.as_ref().expect("lit");
                prop_assert!(state.insertion_loss.value() >= 0.0, "{state:?}");
                prop_assert!(state.tuning_power.value().is_finite(), "{state:?}");
                prop_assert!(state.bandwidth.value() > 0.0, "{state:?}");
                prop_assert!(state.lock_penalty.value() >= 0.0, "{state:?}");
            }
            Err(fault) => prop_assert!(!fault.to_string().contains("NaN"), "{fault}"),
        }
    }
    Ok(true)
}

const RING: (&str, &str) = ("quantum-x-115t", "engine.oe.modulator.measured=t.csv");
const MZM: (&str, &str) = ("cpo-51t", "engine.oe.modulator.measured=t.csv");
const TIA: (&str, &str) = ("cpo-51t", "engine.oe.tia.measured=t.csv");
const LASER: (&str, &str) = ("cpo-51t", "laser_module.els.laser.measured=t.csv");
const MAP: (&str, &str) = ("cpo-51t", "engine.oe.tia.noise={ map = 't.csv' }");

fn numbers(n: usize, low: f64, high: f64) -> impl Strategy<Value = Vec<f64>> {
    prop::collection::vec(low..high, n)
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(96) })]

    /// Dips of any depth, width and place, with scatter, over a full grid.
    #[test]
    fn any_grid_gives_numbers_or_reasons(
        n_t in 1usize..4, n_v in 2usize..5, n_w in 4usize..160,
        (centre, width, drift) in (1309.0..1314.0f64, 0.05..1.5f64, -0.05..0.15f64),
        (depth, shift, noise) in (0.0..40.0f64, -0.3..0.3f64, 0.0..0.5f64),
        scatter in numbers(960, 0.0, 1.0),
    ) {
        let mut table = String::from("temperature [C],voltage [V],wavelength [nm],transmission [dB]\n");
        let mut scatter = scatter.into_iter().cycle();
        for t in 0..n_t {
            for v in 0..n_v {
                for w in 0..n_w {
                    let (t, v) = (60.0 + 30.0 * t as f64, -1.0 + 1.7 * v as f64);
                    let w = 1307.0 + 10.0 * w as f64 / (n_w - 1) as f64;
                    let x = (w - centre - drift * (t - 60.0) - shift * v) / width;
                    let db = -depth / (1.0 + x * x) - noise * scatter.next().unwrap_or(0.0);
                    writeln!(table, "{t},{v:.3},{w:.6},{db:.6}").expect("a String takes all");
                }
            }
        }
        for (platform, set) in [RING, MZM] {
            prop_assert!(check(platform, set, &table)?, "a full grid is taken");
        }
    }

    #[test]
    fn any_curve_gives_numbers_or_reasons(
        power in numbers(24, 0.0, 0.4), voltage in numbers(24, 0.0, 3.0),
        noise in numbers(20, 0.0, 60.0), response in numbers(20, -12.0, 2.0),
        top in 20.0..200.0f64,
    ) {
        let mut laser = String::from("temperature [C],current [A],power [W],voltage [V]\n");
        for (row, (p, v)) in power.iter().zip(&voltage).enumerate() {
            let (t, i) = (if row < 12 { 20 } else { 70 }, 0.05 * (row % 12) as f64);
            writeln!(laser, "{t},{i:.2},{p},{v}").expect("a String takes all");
        }
        prop_assert!(check(LASER.0, LASER.1, &laser)?);
        let mut receiver = String::from("frequency [GHz],noise [pA/rtHz],response [dB]\n");
        for (row, (i, r)) in noise.iter().zip(&response).enumerate() {
            writeln!(receiver, "{},{i},{r}", top * row as f64 / 19.0).expect("a String takes all");
        }
        prop_assert!(check(TIA.0, TIA.1, &receiver)?);
    }

    /// Lines and cells of tables that are mostly right.
    #[test]
    fn any_text_is_read_or_refused(
        header in 0usize..6,
        rows in prop::collection::vec((0usize..4, 0usize..3, 0usize..5, 0usize..12), 0..24),
        junk in "[-,.\\[\\]#0-9a-zA-Z \n]{0,30}",
    ) {
        let headers = [
            "temperature [C],voltage [V],wavelength [nm],transmission [dB]",
            "frequency [GHz],noise [pA/rtHz],response [dB]",
            "x [mm],y [mm],noise [pA/rtHz]",
            "temperature [C],current [mA],power [mW],voltage [V]",
            "wavelength [nm],loss [dB]",
            "1,2,3,4",
        ];
        let last = ["-1", "0", "16", "-3", "NaN", "inf", "", "1e400", "x", "2", "-0", "1e-300"];
        let n_cells = headers[header].split(',').count();
        let mut table = format!("{}\n", headers[header]);
        for (a, b, c, d) in rows {
            let cells = [format!("{}", 25 * a), format!("{b}"), format!("{}", 1300 + 5 * c), last[d].to_owned()];
            let first = cells.len() - n_cells;
            writeln!(table, "{}", cells[first..].join(",")).expect("a String takes all");
        }
        for text in [table.clone(), format!("{table}{junk}"), junk] {
            for (platform, set) in [RING, MZM, TIA, LASER, MAP] {
                check(platform, set, &text)?;
            }
        }
    }
}
