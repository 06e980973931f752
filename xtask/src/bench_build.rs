//! Measures a clean release build and writes `bench/build.md`.

use std::fmt::Write as _;
use std::time::{Instant, SystemTime, UNIX_EPOCH};

use anyhow::{Context, Result, bail};
use serde::Deserialize;
use serde_json::Value;

use crate::cargo::{Workspace, array, text};

/// How many units the summary lists.
const N_LISTED: usize = 15;

/// What cargo's report says of one unit of work; it holds more than we read.
#[derive(Debug, Deserialize)]
struct Unit {
    name: String,
    version: String,
    #[serde(default)]
    target: String,
    /// In seconds.
    duration: f64,
}

/// What was measured, ready to be written down.
#[derive(Debug)]
struct Summary {
    binary: String,
    date: String,
    compiler: String,
    n_cores: usize,
    total_s: f64,
    units: Vec<Unit>,
}

/// Builds the package with this binary into an empty folder and writes what it took.
///
/// # Errors
/// No package has the binary, the build fails, or cargo's report is not understood.
pub(crate) fn run(ws: &Workspace, binary: &str) -> Result<()> {
    let package = package_of(ws.metadata()?, binary)?;
    let target_dir = ws.target_dir()?.join("bench-build");
    if target_dir.exists() {
        std::fs::remove_dir_all(&target_dir)?;
    }
    // Download first: the network is not what is measured.
    let mut problems = ws.cargo(&["fetch", "--locked"], &[])?;
    let start = Instant::now();
    if problems.is_empty() {
        problems = ws.cargo(
            &[
                "build",
                "--release",
                "--locked",
                "--timings",
                "--package",
                &package,
                "--bin",
                binary,
                "--target-dir",
                &target_dir.to_string_lossy(),
            ],
            &[],
        )?;
    }
    let total_s = start.elapsed().as_secs_f64();
    if let Some(problem) = problems.first() {
        bail!("{problem}");
    }
    let report = target_dir.join("cargo-timings/cargo-timing.html");
    let report = std::fs::read_to_string(&report)
        .with_context(|| format!("cannot read {}", report.display()))?;
    let now_s = SystemTime::now().duration_since(UNIX_EPOCH)?.as_secs();
    let compiler = ws.command("rustc").arg("--version").output()?.stdout;
    let summary = Summary {
        binary: binary.to_owned(),
        date: date(now_s / 86_400),
        compiler: String::from_utf8_lossy(&compiler).trim().to_owned(),
        n_cores: std::thread::available_parallelism()?.get(),
        total_s,
        units: units(&report)?,
    };
    let written = markdown(&summary);
    std::fs::create_dir_all(ws.root().join("bench"))?;
    std::fs::write(ws.root().join("bench/build.md"), &written)?;
    std::fs::remove_dir_all(&target_dir)?;
    println!("{written}\nwritten to bench/build.md");
    Ok(())
}

/// Name of our package that has a binary of this name.
fn package_of(metadata: &Value, binary: &str) -> Result<String> {
    let members = array(metadata, "workspace_members")?;
    for package in array(metadata, "packages")? {
        let has_binary = array(package, "targets")?.iter().any(|target| {
            target["name"] == binary
                && target["kind"]
                    .as_array()
                    .is_some_and(|kinds| kinds.contains(&"bin".into()))
        });
        if has_binary && members.contains(&package["id"]) {
            return Ok(text(package, "name")?.to_owned());
        }
    }
    bail!("no crate of the workspace has a binary '{binary}'")
}

/// The units of cargo's HTML report, which holds them as JSON after `UNIT_DATA =`.
fn units(report: &str) -> Result<Vec<Unit>> {
    let (_, after) = report
        .split_once("UNIT_DATA = ")
        .context("cargo's report holds no UNIT_DATA; its form has changed")?;
    serde_json::Deserializer::from_str(after)
        .into_iter()
        .next()
        .context("cargo's report ends after UNIT_DATA")?
        .context("cargo's report holds an unknown form of UNIT_DATA")
}

fn markdown(summary: &Summary) -> String {
    let Summary {
        binary,
        date,
        compiler,
        n_cores,
        total_s,
        units,
    } = summary;
    let mut sorted: Vec<&Unit> = units.iter().collect();
    sorted.sort_by(|a, b| b.duration.total_cmp(&a.duration));
    let work_s: f64 = units.iter().map(|unit| unit.duration).sum();
    let mut written = format!(
        "# A clean release build of `{binary}`\n\n\
         Written by `cargo xtask bench-build` on {date}, {n_cores} cores, {compiler}.\n\
         The download of the dependencies is not counted.\n\n\
         **{total_s:.1} s** from start to end; {n_units} units took {work_s:.1} s together.\n\n\
         | seconds | unit |\n|---:|---|\n",
        n_units = units.len(),
    );
    for unit in sorted.iter().take(N_LISTED) {
        let line = format!("{} {}{}", unit.name, unit.version, unit.target);
        // Writing to a String cannot fail.
        let _ = writeln!(written, "| {:.1} | {} |", unit.duration, line.trim());
    }
    written
}

/// The day as `YYYY-MM-DD`, from the number of days since 1970-01-01.
///
/// Years start in March here, so that the leap day is the last of its year; 719 468 days lie between
/// 0000-03-01 and 1970-01-01, and 400 years have 146 097 days.
///
/// # Source
/// Howard Hinnant, "chrono-Compatible Low-Level Date Algorithms", 2013, `civil_from_days`.
fn date(days: u64) -> String {
    let days = days + 719_468;
    let era = days / 146_097;
    let day_of_era = days % 146_097;
    let year_of_era =
        (day_of_era - day_of_era / 1_460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
    let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let month_from_march = (5 * day_of_year + 2) / 153;
    let day = day_of_year - (153 * month_from_march + 2) / 5 + 1;
    let month = (month_from_march + 2) % 12 + 1;
    let year = era * 400 + year_of_era + u64::from(month <= 2);
    format!("{year:04}-{month:02}-{day:02}")
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn dates_of_known_days() {
        for (days, expected) in [
            (0, "1970-01-01"),
            (30, "1970-01-31"),
            (31, "1970-02-01"),
            // 30 years of 365 days and the leap days of 1972 to 1996.
            (30 * 365 + 7, "2000-01-01"),
            (30 * 365 + 7 + 59, "2000-02-29"),
            (30 * 365 + 7 + 60, "2000-03-01"),
            (30 * 365 + 7 + 365, "2000-12-31"),
            // GNU date: 4107542400 s.
            (4_107_542_400 / 86_400, "2100-03-01"),
        ] {
            assert_eq!(date(days), expected);
        }
    }

    #[test]
    fn units_are_read_from_the_report_and_listed_by_time() {
        let report = "<script>\nconst UNIT_DATA = [\
            {\"i\":0,\"name\":\"a\",\"version\":\"1.0\",\"target\":\"\",\"duration\":0.5,\"more\":[]},\
            {\"i\":1,\"name\":\"b\",\"version\":\"2.0\",\"target\":\" build script\",\"duration\":1.5}\
            ];\nconst CONCURRENCY_DATA = [];</script>";
        let units = units(report).expect("a report");
        assert_eq!(units.len(), 2);
        let written = markdown(&Summary {
            binary: "x".to_owned(),
            date: date(0),
            compiler: "rustc 1.0".to_owned(),
            n_cores: 2,
            total_s: 1.75,
            units,
        });
        assert!(written.contains("2 units took 2.0 s"), "{written}");
        assert!(
            written.ends_with("| 1.5 | b 2.0 build script |\n| 0.5 | a 1.0 |\n"),
            "{written}"
        );
    }

    #[test]
    fn an_unknown_report_is_an_error() {
        for report in ["", "UNIT_DATA = ", "UNIT_DATA = [{}]", "UNIT_DATA = {}"] {
            assert!(units(report).is_err(), "{report}");
        }
    }

    #[test]
    fn the_package_is_found_by_its_binary_among_ours() {
        let package = |id: &str, name: &str, kind: &str| json!({ "id": id, "name": name, "targets": [{ "name": "tool", "kind": [kind] }] });
        let metadata = json!({
            "workspace_members": ["2", "3"],
            "packages": [
                package("1", "foreign", "bin"),
                package("2", "library", "lib"),
                package("3", "ours", "bin"),
            ],
        });
        assert_eq!(package_of(&metadata, "tool").expect("found"), "ours");
        assert!(package_of(&metadata, "other").is_err());
    }
}
