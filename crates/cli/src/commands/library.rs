//! `library list|show|search`.

use std::io::Write as _;

use anyhow::Result;
use report::spread_text;
use serde_json::{Value as Json, json};
use system::{Library, PART_KINDS, Record, Value, nearest, schema_of};
use units::format_si;

use super::kind;
use crate::args::{self, LibraryAction};
use crate::input;
use crate::output::{BadInput, Output, UsageError};

/// Runs an action.
pub(crate) fn run(args: &args::Library, out: &mut Output) -> Result<()> {
    let library = input::library(args.folder.as_deref())?;
    match &args.action {
        LibraryAction::List { kind } => list(&library, kind.as_deref(), args.json, out),
        LibraryAction::Search { word } => search(&library, word, args.json, out),
        LibraryAction::Show { name } => show(&library, name, args.json, out),
    }
}

/// One line of a listing.
struct Row {
    kind: String,
    name: String,
    title: String,
}

/// Everything that has a name.
fn rows(library: &Library) -> Vec<Row> {
    let row = |kind: &str, name: &str, title: &str| Row {
        kind: kind.into(),
        name: name.into(),
        title: title.into(),
    };
    let mut rows: Vec<Row> = library
        .platforms()
        .map(|name| row("platform", name, &platform_title(library, name)))
        .collect();
    for schema in PART_KINDS {
        rows.extend(library.names(schema.kind).map(|name| {
            row(
                schema.kind,
                name,
                library.title(schema.kind, name).unwrap_or(""),
            )
        }));
    }
    rows.extend(
        library
            .source_keys()
            .filter_map(|key| library.source(key))
            .map(|s| row("source", &s.key, &s.title)),
    );
    rows
}

fn platform_title(library: &Library, name: &str) -> String {
    let text = library.platform(name).unwrap_or_default();
    let line = text.lines().find_map(|line| line.strip_prefix("title = "));
    line.unwrap_or_default().trim_matches('"').to_owned()
}

fn print(rows: &[Row], as_json: bool, out: &mut Output) -> Result<()> {
    if as_json {
        let rows: Vec<Json> = rows
            .iter()
            .map(|row| json!({ "kind": row.kind, "name": row.name, "title": row.title }))
            .collect();
        writeln!(out, "{}", serde_json::to_string_pretty(&rows)?)?;
        return Ok(());
    }
    let width = |of: fn(&Row) -> &str| {
        rows.iter()
            .map(|row| of(row).chars().count())
            .max()
            .unwrap_or(0)
    };
    let (kind_width, name_width) = (width(|row| &row.kind), width(|row| &row.name));
    for row in rows {
        writeln!(
            out,
            "{:kind_width$}  {:name_width$}  {}",
            row.kind, row.name, row.title
        )?;
    }
    Ok(())
}

fn list(library: &Library, kind: Option<&str>, as_json: bool, out: &mut Output) -> Result<()> {
    let mut rows = rows(library);
    if let Some(kind) = kind {
        let mut kinds: Vec<&str> = ["platform", "source"]
            .into_iter()
            .chain(PART_KINDS.iter().map(|s| s.kind))
            .collect();
        // Systems and materials both have platforms.
        kinds.sort_unstable();
        kinds.dedup();
        if !kinds.contains(&kind) {
            let near = nearest(kind, kinds.iter().copied())
                .map_or_else(String::new, |n| format!("; did you mean {n:?}?"));
            return Err(UsageError(format!(
                "no kind {kind:?}{near}\nkinds: {}",
                kinds.join(", ")
            ))
            .into());
        }
        rows.retain(|row| row.kind == kind);
    } else {
        rows.retain(|row| row.kind != "source");
    }
    print(&rows, as_json, out)
}

fn search(library: &Library, word: &str, as_json: bool, out: &mut Output) -> Result<()> {
    let word = word.to_lowercase();
    let mut rows = rows(library);
    rows.retain(|row| {
        [&row.kind, &row.name, &row.title]
            .into_iter()
            .any(|text| text.to_lowercase().contains(&word))
    });
    if rows.is_empty() && !as_json {
        return Err(UsageError(format!("nothing in the library mentions {word:?}")).into());
    }
    print(&rows, as_json, out)
}

fn show(library: &Library, name: &str, as_json: bool, out: &mut Output) -> Result<()> {
    if let Some(text) = library.platform(name) {
        if as_json {
            writeln!(
                out,
                "{}",
                json!({ "kind": "platform", "name": name, "text": text })
            )?;
        } else {
            out.write_all(text.as_bytes())?;
        }
        return Ok(());
    }
    if let Some(source) = library.source(name) {
        if as_json {
            writeln!(
                out,
                "{}",
                json!({ "kind": "source", "name": name, "title": source.title, "doubt": source.doubt })
            )?;
        } else {
            writeln!(out, "source {name}\n  {}", source.title)?;
            if let Some(doubt) = &source.doubt {
                writeln!(out, "  doubt: {doubt}")?;
            }
        }
        return Ok(());
    }
    let kinds: Vec<&str> = PART_KINDS
        .iter()
        .map(|schema| schema.kind)
        .filter(|kind| library.names(kind).any(|n| n == name))
        .collect();
    if kinds.is_empty() {
        if let Some(schema) = schema_of(name) {
            return kind::show(schema, as_json, out);
        }
        let rows = rows(library);
        let names = rows.iter().map(|row| row.name.as_str());
        let near = nearest(name, names.chain(PART_KINDS.iter().map(|s| s.kind)));
        let near = near.map_or_else(String::new, |n| format!("; did you mean {n:?}?"));
        return Err(UsageError(format!("the library has nothing called {name:?}{near}")).into());
    }
    let mut shown = Vec::new();
    for kind in kinds {
        let record = library.part(kind, name).map_err(BadInput)?;
        let title = library.title(kind, name).unwrap_or("");
        if as_json {
            shown.push(json!({ "kind": kind, "name": name, "title": title, "values": values_json(&record) }));
        } else {
            writeln!(out, "{kind} {name}\n  {title}\n")?;
            let mut lines = Vec::new();
            values(&record, "", &mut lines);
            let width = |of: fn(&[String; 4]) -> &String| {
                lines
                    .iter()
                    .map(|line| of(line).chars().count())
                    .max()
                    .unwrap_or(0)
            };
            let (w0, w1, w2) = (width(|l| &l[0]), width(|l| &l[1]), width(|l| &l[2]));
            for [name, value, spread, origin] in &lines {
                writeln!(
                    out,
                    "{}",
                    format!("  {name:w0$}  {value:w1$}  {spread:w2$}  {origin}").trim_end()
                )?;
            }
        }
    }
    if as_json {
        writeln!(out, "{}", serde_json::to_string_pretty(&shown)?)?;
    }
    Ok(())
}

/// Name, value, spread and origin of every field.
fn values(record: &Record, path: &str, lines: &mut Vec<[String; 4]>) {
    for (schema, field) in record.schema.fields.iter().zip(&record.fields) {
        let Some(field) = field else { continue };
        let name = format!("{path}{}", schema.name);
        let plain = |value: String| [name.clone(), value, String::new(), String::new()];
        match &field.value {
            Value::Quantity {
                si,
                spread,
                origin,
                remarks,
                ..
            } => {
                let system::FieldKind::Quantity(dimension) = schema.kind else {
                    continue;
                };
                let remarks = remarks
                    .as_ref()
                    .map_or_else(String::new, |text| format!(" [{text}]"));
                lines.push([
                    name,
                    format_si(dimension, *si),
                    spread_text(dimension, spread),
                    format!("{origin}{remarks}"),
                ]);
            }
            Value::Count(count) => lines.push(plain(count.to_string())),
            Value::Flag(flag) => lines.push(plain(flag.to_string())),
            Value::Text(text) => lines.push(plain(text.to_string())),
            Value::Choice(index) => {
                if let system::FieldKind::Choice(words) = schema.kind {
                    lines.push(plain(words[*index].to_owned()));
                }
            }
            Value::Part(part) => match &part.name {
                Some(part_name) => lines.push(plain(format!("{} {part_name}", part.schema.kind))),
                None => values(part, &format!("{name}."), lines),
            },
            Value::Groups(groups) => {
                for (group, part) in groups {
                    values(part, &format!("{name}.{group}."), lines);
                }
            }
            Value::Table(_) => lines.push(plain("measured table".to_owned())),
        }
    }
}

fn values_json(record: &Record) -> Json {
    let mut map = serde_json::Map::new();
    for (schema, field) in record.schema.fields.iter().zip(&record.fields) {
        let Some(field) = field else { continue };
        let value = match &field.value {
            Value::Quantity {
                si,
                spread,
                origin,
                remarks,
                ..
            } => {
                let system::FieldKind::Quantity(dimension) = schema.kind else {
                    continue;
                };
                json!({
                    "value": format_si(dimension, *si), "held": si, "spread": spread_text(dimension, spread),
                    "origin": origin.to_string(), "is_estimate": origin.is_estimate(), "remarks": remarks.as_deref(),
                })
            }
            Value::Count(count) => json!(count),
            Value::Flag(flag) => json!(flag),
            Value::Text(text) => json!(text.as_ref()),
            Value::Choice(index) => match schema.kind {
                system::FieldKind::Choice(words) => json!(words[*index]),
                _ => continue,
            },
            Value::Part(part) => {
                json!({ "kind": part.schema.kind, "name": part.name.as_deref(), "values": values_json(part) })
            }
            Value::Groups(groups) => groups
                .iter()
                .map(|(name, part)| (name.to_string(), values_json(part)))
                .collect::<serde_json::Map<_, _>>()
                .into(),
            Value::Table(_) => json!("measured table"),
        };
        map.insert(schema.name.to_owned(), value);
    }
    Json::Object(map)
}
