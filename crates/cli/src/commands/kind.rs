//! `library show KIND`: the fields of a kind of part, and the columns of its tables.

use std::io::Write as _;

use anyhow::Result;
use serde_json::{Value as Json, json};
use system::{Column, ColumnRole, FieldKind, FieldSchema, Layout, RecordSchema, TableSchema};
use units::format_si;

use crate::output::Output;

/// Prints a kind.
pub(super) fn show(schema: &RecordSchema, as_json: bool, out: &mut Output) -> Result<()> {
    if as_json {
        let fields: Vec<Json> = schema.fields.iter().map(field_json).collect();
        let kind = json!({ "kind": "kind", "name": schema.kind, "title": schema.doc.trim(), "fields": fields });
        writeln!(out, "{}", serde_json::to_string_pretty(&kind)?)?;
        return Ok(());
    }
    writeln!(out, "kind {}\n  {}\n", schema.kind, schema.doc.trim())?;
    let rows: Vec<[String; 3]> = schema.fields.iter().map(row).collect();
    let width = |i: usize| {
        rows.iter()
            .map(|row| row[i].chars().count())
            .max()
            .unwrap_or(0)
    };
    let (w0, w1) = (width(0), width(1));
    for [name, takes, doc] in &rows {
        writeln!(out, "  {name:w0$}  {takes:w1$}  {doc}")?;
    }
    for field in schema.fields {
        if let FieldKind::Table(table) = field.kind {
            writeln!(out, "\n  {} = \"file.csv\" has the columns", field.name)?;
            columns(table, out)?;
        }
    }
    Ok(())
}

/// Name, what it takes, what it means.
fn row(field: &FieldSchema) -> [String; 3] {
    let range = match field.kind {
        // A field without limits takes any number.
        FieldKind::Quantity(dimension) if field.high >= 1e300 => dimension.noun().to_owned(),
        FieldKind::Quantity(dimension) => format!(
            "{}, {} to {}",
            dimension.noun(),
            format_si(dimension, field.low),
            format_si(dimension, field.high)
        ),
        FieldKind::Count => format!("{} to {}", field.low, field.high.min(1e6)),
        _ => field.kind.noun(),
    };
    let optional = if field.is_required { "" } else { " (optional)" };
    [
        field.name.to_owned(),
        format!("{range}{optional}"),
        field.doc.trim().to_owned(),
    ]
}

/// The columns of a table and how its rows hang together.
fn columns(table: &TableSchema, out: &mut Output) -> Result<()> {
    for column in table.columns {
        let units: Vec<_> = column
            .dimension
            .units()
            .iter()
            .map(|unit| unit.symbol)
            .collect();
        writeln!(
            out,
            "    {:12}  {} to {}, in {}; {}",
            column.name,
            format_si(column.dimension, column.low),
            format_si(column.dimension, column.high),
            units.join(", "),
            role(column)
        )?;
    }
    let axes: Vec<_> = table
        .columns
        .iter()
        .filter(|column| column.is_axis())
        .map(|column| column.name)
        .collect();
    let layout = match table.layout {
        Layout::Curves => "",
        Layout::Grid => ", with every combination of their places",
    };
    writeln!(
        out,
        "    rows sorted by {}{layout}; units in brackets after the names; # starts a remark",
        axes.join(", then ")
    )?;
    Ok(())
}

fn role(column: &Column) -> String {
    match column.role {
        ColumnRole::Axis { least: 1 } => "axis".to_owned(),
        ColumnRole::Axis { least } => format!("axis of {least} places or more"),
        ColumnRole::Measured => "measured".to_owned(),
        ColumnRole::Optional => "measured, may be left out".to_owned(),
    }
}

fn field_json(field: &FieldSchema) -> Json {
    let [name, takes, doc] = row(field);
    let mut json =
        json!({ "name": name, "takes": takes, "required": field.is_required, "doc": doc });
    if let FieldKind::Table(table) = field.kind {
        let columns: Vec<Json> = table
            .columns
            .iter()
            .map(|column| {
                let units: Vec<_> = column
                    .dimension
                    .units()
                    .iter()
                    .map(|unit| unit.symbol)
                    .collect();
                json!({ "name": column.name, "units": units, "role": role(column) })
            })
            .collect();
        json["columns"] = columns.into();
        json["is_grid"] = (table.layout == Layout::Grid).into();
    }
    json
}
