//! Crates import only what `xtask/layers.toml` allows.

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::path::Path;

use anyhow::{Context, Result};
use serde::Deserialize;
use serde_json::Value;

use crate::cargo::{Workspace, array, text};
use crate::check::Problems;
use crate::tree;

/// The content of `xtask/layers.toml`.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Rules {
    crates: BTreeMap<String, Crate>,
    absence: Vec<Absence>,
    sockets: Sockets,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Crate {
    layer: u32,
    imports: BTreeSet<String>,
}

/// None of `crates` may reach one of `never_reach` (itself apart) by any path of imports.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Absence {
    crates: BTreeSet<String>,
    never_reach: BTreeSet<String>,
    reason: String,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Sockets {
    may_know: BTreeSet<String>,
    names: Vec<String>,
}

/// Packages by identity, and who imports whom.
#[derive(Debug, Default)]
struct Graph {
    packages: BTreeMap<String, Package>,
}

#[derive(Debug)]
struct Package {
    /// Folder name for our own crates, package name for others.
    name: String,
    is_ours: bool,
    imports: Vec<Import>,
}

#[derive(Debug)]
struct Import {
    id: String,
    /// A development dependency builds tests only, so it does not reach those who import its owner.
    is_dev_only: bool,
}

/// Checks the graph of `cargo metadata` and the source text of each crate.
///
/// # Errors
/// The list, the metadata or a source file cannot be read.
pub(crate) fn run(ws: &Workspace) -> Result<Problems> {
    let rules: Rules = ws.list("layers.toml")?;
    let graph = read_graph(ws.metadata()?)?;
    let mut found = inconsistencies(&rules);
    found.extend(problems(&rules, &graph));
    for path in tree::files_ending(&ws.root().join("crates"), "rs")? {
        let content = std::fs::read_to_string(ws.root().join("crates").join(&path))?;
        let owner = path.iter().next().and_then(|name| name.to_str());
        if owner.is_some_and(|name| !rules.sockets.may_know.contains(name)) {
            found.extend(
                socket_lines(&rules.sockets.names, &content)
                    .map(|(line, name)| format!("crates/{}:{line}: names {name}", path.display())),
            );
        }
    }
    let n_ours = graph.packages.values().filter(|p| p.is_ours).count();
    println!(
        "  {n_ours} crates of ours, {} packages in all",
        graph.packages.len()
    );
    Ok(found)
}

/// Where the list contradicts itself.
fn inconsistencies(rules: &Rules) -> Problems {
    let mut found = Vec::new();
    for (name, Crate { layer, imports }) in &rules.crates {
        for import in imports {
            match rules.crates.get(import) {
                None => found.push(format!(
                    "xtask/layers.toml: {name} imports {import}, which is not listed"
                )),
                Some(other) if other.layer >= *layer => found.push(format!(
                    "xtask/layers.toml: {name} (layer {layer}) imports {import} (layer {}), which is not below it",
                    other.layer
                )),
                Some(_) => {}
            }
        }
    }
    let named = rules
        .absence
        .iter()
        .flat_map(|absence| &absence.crates)
        .chain(&rules.sockets.may_know);
    for name in named {
        if !rules.crates.contains_key(name) {
            found.push(format!(
                "xtask/layers.toml: there is a rule for {name}, which is not listed"
            ));
        }
    }
    found
}

/// Where the graph breaks the rules.
fn problems(rules: &Rules, graph: &Graph) -> Problems {
    let mut found = Vec::new();
    for (id, package) in graph.packages.iter().filter(|(_, p)| p.is_ours) {
        let name = &package.name;
        let Some(listed) = rules.crates.get(name) else {
            found.push(format!("{name} is not listed in xtask/layers.toml"));
            continue;
        };
        for import in &package.imports {
            let other = graph.packages.get(&import.id);
            if let Some(other) = other.filter(|other| other.is_ours && &import.id != id)
                && !listed.imports.contains(&other.name)
            {
                found.push(format!("{name} must not import {}", other.name));
            }
        }
        for absence in rules.absence.iter().filter(|a| a.crates.contains(name)) {
            for path in paths(graph, id) {
                let end = path.last().expect("a path has at least its start");
                if path.len() > 1 && end != name && absence.never_reach.contains(end) {
                    found.push(format!("{}: {}", path.join(" -> "), absence.reason));
                }
            }
        }
    }
    found
}

/// A shortest path of names from one package to each that it reaches.
fn paths(graph: &Graph, start: &str) -> Vec<Vec<String>> {
    let mut seen = BTreeSet::from([start]);
    let mut queue = VecDeque::from([(start, Vec::<String>::new())]);
    let mut found = Vec::new();
    while let Some((id, mut path)) = queue.pop_front() {
        let Some(package) = graph.packages.get(id) else {
            continue;
        };
        path.push(package.name.clone());
        for import in &package.imports {
            if (id == start || !import.is_dev_only) && seen.insert(&import.id) {
                queue.push_back((&import.id, path.clone()));
            }
        }
        found.push(path);
    }
    found
}

/// Lines that name a socket type, with their number; comment lines do not count.
fn socket_lines<'a>(
    names: &'a [String],
    content: &'a str,
) -> impl Iterator<Item = (usize, &'a str)> {
    content
        .lines()
        .enumerate()
        .filter(|(_, line)| !line.trim_start().starts_with("//"))
        .flat_map(move |(index, line)| {
            names
                .iter()
                .filter(move |name| line.contains(name.as_str()))
                .map(move |name| (index + 1, name.as_str()))
        })
}

fn read_graph(metadata: &Value) -> Result<Graph> {
    let ours: BTreeSet<&str> = array(metadata, "workspace_members")?
        .iter()
        .filter_map(Value::as_str)
        .collect();
    let mut graph = Graph::default();
    for package in array(metadata, "packages")? {
        let id = text(package, "id")?;
        let is_ours = ours.contains(id);
        let name = if is_ours {
            folder_name(text(package, "manifest_path")?)?
        } else {
            text(package, "name")?.to_owned()
        };
        let imports = Vec::new();
        let package = Package {
            name,
            is_ours,
            imports,
        };
        graph.packages.insert(id.to_owned(), package);
    }
    for node in array(&metadata["resolve"], "nodes")? {
        let package = graph
            .packages
            .get_mut(text(node, "id")?)
            .context("cargo metadata resolves a package that it does not list")?;
        for import in array(node, "deps")? {
            package.imports.push(Import {
                id: text(import, "pkg")?.to_owned(),
                is_dev_only: array(import, "dep_kinds")?
                    .iter()
                    .all(|kind| kind["kind"] == "dev"),
            });
        }
    }
    Ok(graph)
}

fn folder_name(manifest: &str) -> Result<String> {
    Path::new(manifest)
        .parent()
        .and_then(Path::file_name)
        .map(|name| name.to_string_lossy().into_owned())
        .context("a manifest lies in a folder")
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    const RULES: &str = r#"
        [crates]
        base = { layer = 0, imports = [] }
        heat = { layer = 1, imports = ["base"] }
        light = { layer = 1, imports = ["base"] }
        world = { layer = 2, imports = ["heat", "light"] }
        show = { layer = 3, imports = ["world"] }
        manage = { layer = 4, imports = ["base", "show"] }
        [[absence]]
        crates = ["heat", "light"]
        never_reach = ["heat", "light"]
        reason = "solvers apart"
        [[absence]]
        crates = ["manage"]
        never_reach = ["world"]
        reason = "no peeking"
        [[absence]]
        crates = ["base", "heat"]
        never_reach = ["runtime"]
        reason = "no runtime"
        [sockets]
        may_know = ["manage"]
        names = ["TcpStream"]
    "#;

    fn rules() -> Rules {
        toml::from_str(RULES).expect("rules of the test")
    }

    /// Names in capitals are other people's packages; a kind is `""`, `"dev"` or `"build"`.
    fn graph(edges: &[(&str, &str, &str)]) -> Graph {
        let mut graph = Graph::default();
        let id = |name: &str| format!("id of {name}");
        for name in edges.iter().flat_map(|(from, to, _)| [from, to]) {
            let package = Package {
                name: name.to_lowercase(),
                is_ours: name.to_lowercase() == **name,
                imports: Vec::new(),
            };
            graph.packages.entry(id(name)).or_insert(package);
        }
        for (from, to, kind) in edges {
            let package = graph.packages.get_mut(&id(from)).expect("inserted above");
            package.imports.push(Import {
                id: id(to),
                is_dev_only: *kind == "dev",
            });
        }
        graph
    }

    fn check(edges: &[(&str, &str, &str)], expected: &[&str]) {
        assert_eq!(problems(&rules(), &graph(edges)), expected, "{edges:?}");
    }

    #[test]
    fn listed_imports_pass() {
        check(
            &[
                ("heat", "base", ""),
                ("world", "heat", ""),
                ("world", "SERDE", ""),
            ],
            &[],
        );
    }

    #[test]
    fn an_unlisted_import_fails_whatever_its_kind() {
        for kind in ["", "dev", "build"] {
            check(&[("base", "show", kind)], &["base must not import show"]);
        }
    }

    #[test]
    fn a_crate_may_import_itself_for_its_tests() {
        check(&[("base", "base", "dev")], &[]);
    }

    #[test]
    fn an_unlisted_crate_fails() {
        check(
            &[("newcomer", "base", "")],
            &["newcomer is not listed in xtask/layers.toml"],
        );
    }

    #[test]
    fn a_forbidden_neighbour_fails_twice() {
        check(
            &[("heat", "light", "")],
            &["heat must not import light", "heat -> light: solvers apart"],
        );
    }

    #[test]
    fn a_forbidden_crate_is_found_behind_a_listed_one() {
        check(
            &[("manage", "show", ""), ("show", "world", "")],
            &["manage -> show -> world: no peeking"],
        );
    }

    #[test]
    fn what_only_the_tests_of_an_import_use_is_not_reached() {
        check(&[("manage", "show", ""), ("show", "world", "dev")], &[]);
        check(
            &[("manage", "show", "dev"), ("show", "world", "")],
            &["manage -> show -> world: no peeking"],
        );
    }

    #[test]
    fn an_async_runtime_is_found_behind_other_packages() {
        check(
            &[
                ("heat", "base", ""),
                ("base", "HTTP", ""),
                ("HTTP", "RUNTIME", ""),
                ("world", "RUNTIME", ""),
            ],
            &[
                "base -> http -> runtime: no runtime",
                "heat -> base -> http -> runtime: no runtime",
            ],
        );
    }

    #[test]
    fn a_list_that_contradicts_itself_is_a_problem() {
        assert_eq!(inconsistencies(&rules()), Problems::new());
        let text = RULES
            .replace("\"heat\", \"light\"] }", "\"heat\", \"missing\"] }")
            .replace("light = { layer = 1", "light = { layer = 0")
            .replace("may_know = [\"manage\"]", "may_know = [\"nobody\"]");
        let rules: Rules = toml::from_str(&text).expect("rules of the test");
        assert_eq!(
            inconsistencies(&rules),
            [
                "xtask/layers.toml: light (layer 0) imports base (layer 0), which is not below it",
                "xtask/layers.toml: world imports missing, which is not listed",
                "xtask/layers.toml: there is a rule for nobody, which is not listed",
            ]
        );
    }

    #[test]
    fn socket_types_are_found_outside_comments() {
        let names = ["TcpStream".to_owned()];
        let content = "// TcpStream is absent\nuse std::net::TcpStream;\n    /// TcpStream\n";
        let lines: Vec<_> = socket_lines(&names, content).collect();
        assert_eq!(lines, [(2, "TcpStream")]);
    }

    #[test]
    fn metadata_is_read_by_folder_and_kind() {
        let metadata = json!({
            "workspace_members": ["A"],
            "packages": [
                { "id": "A", "name": "shoreline", "manifest_path": "/x/crates/cli/Cargo.toml" },
                { "id": "B", "name": "other", "manifest_path": "/y/other-1.0/Cargo.toml" },
            ],
            "resolve": { "nodes": [
                { "id": "A", "deps": [
                    { "pkg": "B", "dep_kinds": [{ "kind": "dev" }, { "kind": null }] },
                ] },
                { "id": "B", "deps": [] },
            ] },
        });
        let graph = read_graph(&metadata).expect("made-up metadata");
        let ours = &graph.packages["A"];
        assert_eq!((ours.name.as_str(), ours.is_ours), ("cli", true));
        assert!(!ours.imports[0].is_dev_only);
        let other = &graph.packages["B"];
        assert_eq!((other.name.as_str(), other.is_ours), ("other", false));
        assert!(read_graph(&json!({})).is_err());
    }
}
