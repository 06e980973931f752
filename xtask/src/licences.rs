//! Each dependency may be shipped under our licence.

use std::collections::BTreeSet;

use anyhow::Result;
use serde::Deserialize;

use crate::cargo::{Workspace, array, text};
use crate::check::Problems;
use crate::spdx::Expression;

/// The content of `xtask/licences.toml`.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Rules {
    allowed: Vec<String>,
    #[serde(default)]
    exception: Vec<Exception>,
}

/// A package that is accepted though its licence is not on the list.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Exception {
    name: String,
    /// What the package declares; when that changes, the exception no longer holds.
    licence: Option<String>,
    reason: String,
}

/// A package and the licence it declares.
#[derive(Debug)]
struct Package {
    name: String,
    version: String,
    licence: Option<String>,
}

/// Checks the licence of each package of the lock file, our own included.
///
/// # Errors
/// The list or the metadata cannot be read.
pub(crate) fn run(ws: &Workspace) -> Result<Problems> {
    let packages: Vec<Package> = array(ws.metadata()?, "packages")?
        .iter()
        .map(|package| {
            Ok(Package {
                name: text(package, "name")?.to_owned(),
                version: text(package, "version")?.to_owned(),
                licence: package["license"].as_str().map(str::to_owned),
            })
        })
        .collect::<Result<_>>()?;
    println!("  {} packages", packages.len());
    Ok(problems(&ws.list("licences.toml")?, &packages))
}

fn problems(rules: &Rules, packages: &[Package]) -> Problems {
    let mut found = Vec::new();
    let mut used = BTreeSet::new();
    for package in packages {
        let Package { name, version, .. } = package;
        let Err(refusal) = judge(rules, package) else {
            continue;
        };
        let exception = rules.exception.iter().find(|entry| &entry.name == name);
        match exception {
            Some(entry) if entry.licence == package.licence => {
                used.insert(name);
            }
            Some(_) => {
                used.insert(name);
                found.push(format!(
                    "{name} {version}: {refusal}; its exception is for another licence"
                ));
            }
            None => found.push(format!("{name} {version}: {refusal}")),
        }
    }
    for entry in &rules.exception {
        if !used.contains(&entry.name) {
            found.push(format!("the exception for {} is not needed", entry.name));
        }
        if entry.reason.trim().is_empty() {
            found.push(format!("the exception for {} has no reason", entry.name));
        }
    }
    found
}

/// Why the list does not cover the package.
fn judge(rules: &Rules, package: &Package) -> Result<(), String> {
    let licence = package
        .licence
        .as_deref()
        .ok_or("declares no licence expression")?;
    let expression =
        Expression::parse(licence).map_err(|error| format!("licence '{licence}': {error}"))?;
    if expression.is_satisfied_by(&rules.allowed) {
        Ok(())
    } else {
        Err(format!(
            "licence '{licence}' cannot be met by the allowed ones"
        ))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const LIST: &str = "allowed = ['MIT', 'ISC']\n";
    const EXCEPTION: &str =
        "[[exception]]\nname = 'odd'\nlicence = 'NCSA'\nreason = 'only for tests'\n";

    fn check(list: &str, packages: &[(&str, Option<&str>)], expected: &[&str]) {
        let rules: Rules = toml::from_str(list).expect("a list of the test");
        let packages: Vec<Package> = packages
            .iter()
            .map(|(name, licence)| Package {
                name: (*name).to_owned(),
                version: "1.0.0".to_owned(),
                licence: licence.map(str::to_owned),
            })
            .collect();
        let found = problems(&rules, &packages);
        assert_eq!(found.len(), expected.len(), "{found:?}");
        for (found, expected) in found.iter().zip(expected) {
            assert!(found.contains(expected), "{found} lacks {expected}");
        }
    }

    #[test]
    fn allowed_forbidden_absent_and_malformed() {
        check(LIST, &[("fine", Some("MIT OR GPL-3.0-only"))], &[]);
        check(LIST, &[("bad", Some("GPL-3.0-only"))], &["bad 1.0.0"]);
        check(LIST, &[("none", None)], &["declares no licence"]);
        check(LIST, &[("broken", Some("MIT OR"))], &["expression ends"]);
    }

    #[test]
    fn an_exception_holds_for_one_package_and_one_licence() {
        let list = format!("{LIST}{EXCEPTION}");
        check(&list, &[("odd", Some("NCSA"))], &[]);
        check(
            &list,
            &[("odd", Some("GPL-3.0-only"))],
            &["another licence"],
        );
        check(
            &list,
            &[("odd", Some("NCSA")), ("other", Some("NCSA"))],
            &["other 1.0.0"],
        );
    }

    #[test]
    fn an_exception_that_nobody_needs_is_a_problem() {
        let list = format!("{LIST}{EXCEPTION}");
        check(&list, &[("odd", Some("MIT"))], &["not needed"]);
    }
}
