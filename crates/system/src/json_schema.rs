//! The JSON schema of descriptions, for editors that complete and check TOML.

use std::fmt::Write as _;

use crate::description::Description;
use crate::schema::{FieldKind, FieldSchema, FromRecord, RecordSchema};

/// The JSON schema (draft 2020-12) of a description.
pub fn json_schema() -> String {
    let mut kinds: Vec<&'static RecordSchema> = vec![Description::SCHEMA];
    let mut next = 0;
    while next < kinds.len() {
        for field in kinds[next].fields {
            let below: &[&'static RecordSchema] = match field.kind {
                FieldKind::Part(schemas) => schemas,
                FieldKind::Groups(schema) => &[schema],
                _ => &[],
            };
            for schema in below {
                if !kinds.iter().any(|known| known.kind == schema.kind) {
                    kinds.push(schema);
                }
            }
        }
        next += 1;
    }
    let mut text = String::from(
        "{\n  \"$schema\": \"https://json-schema.org/draft/2020-12/schema\",\n  \"$ref\": \"#/$defs/system\",\n  \"$defs\": {\n",
    );
    text.push_str(QUANTITY);
    for schema in kinds {
        text.push_str(",\n");
        definition(schema, &mut text);
    }
    text.push_str("\n  }\n}\n");
    text
}

/// A quantity is a text with a unit, a pure number, a table that adds spread and source, or a wafer
/// map.
const QUANTITY: &str = r#"    "quantity": {
      "oneOf": [
        { "type": ["string", "number"] },
        {
          "type": "object",
          "required": ["value"],
          "additionalProperties": false,
          "properties": {
            "value": { "type": ["string", "number"] },
            "spread": { "type": "string" },
            "at": { "type": "string" },
            "source": { "type": "string" },
            "clause": { "type": "string" },
            "estimate": { "type": "string" },
            "note": { "type": "string" }
          }
        },
        {
          "type": "object",
          "required": ["map"],
          "additionalProperties": false,
          "properties": {
            "map": { "type": "string" },
            "column": { "type": "string" },
            "at": { "type": "string" },
            "clause": { "type": "string" },
            "note": { "type": "string" }
          }
        }
      ]
    }"#;

fn definition(schema: &RecordSchema, text: &mut String) {
    let is_top = schema.kind == Description::SCHEMA.kind;
    let common: &[&str] = if is_top {
        &["title", "note"]
    } else {
        &["use", "kind", "title", "note", "source"]
    };
    let mut properties: Vec<String> = common
        .iter()
        .map(|key| format!("        {}: {{ \"type\": \"string\" }}", quoted(key)))
        .collect();
    if is_top {
        properties.insert(
            0,
            format!(
                "        \"format\": {{ \"const\": {} }}",
                crate::description::FORMAT
            ),
        );
    }
    properties.extend(
        schema
            .fields
            .iter()
            .map(|field| format!("        {}: {}", quoted(field.name), property(field))),
    );
    let required = if is_top {
        ",\n      \"required\": [\"format\", \"name\"]"
    } else {
        ""
    };
    // Writing to a String does not fail.
    let _ = write!(
        text,
        "    {}: {{\n      \"type\": \"object\",\n      \"description\": {},\n      \"additionalProperties\": false{required},\n      \"properties\": {{\n{}\n      }}\n    }}",
        quoted(schema.kind),
        quoted(schema.doc.trim()),
        properties.join(",\n"),
    );
}

fn property(field: &FieldSchema) -> String {
    let reference = |kind: &str| format!("{{ \"$ref\": \"#/$defs/{kind}\" }}");
    let doc = quoted(field.doc.trim());
    let body = match field.kind {
        FieldKind::Quantity(_) => "\"$ref\": \"#/$defs/quantity\"".to_owned(),
        FieldKind::Count => {
            format!(
                "\"type\": \"integer\", \"minimum\": {}, \"maximum\": {}",
                field.low,
                field.high.min(1e6)
            )
        }
        FieldKind::Flag => "\"type\": \"boolean\"".to_owned(),
        FieldKind::Text | FieldKind::Table(_) => "\"type\": \"string\"".to_owned(),
        FieldKind::Choice(words) => {
            let words: Vec<_> = words.iter().map(|word| quoted(word)).collect();
            format!("\"enum\": [{}]", words.join(", "))
        }
        FieldKind::Part(schemas) => {
            let kinds: Vec<_> = schemas
                .iter()
                .map(|schema| reference(schema.kind))
                .collect();
            format!(
                "\"anyOf\": [{{ \"type\": \"string\" }}, {}]",
                kinds.join(", ")
            )
        }
        FieldKind::Groups(schema) => {
            format!(
                "\"type\": \"object\", \"additionalProperties\": {}",
                reference(schema.kind)
            )
        }
    };
    format!("{{ {body}, \"description\": {doc} }}")
}

/// A JSON string.
fn quoted(text: &str) -> String {
    let mut quoted = String::from("\"");
    for c in text.chars() {
        match c {
            '"' | '\\' => quoted.extend(['\\', c]),
            c if c.is_control() => {
                let _ = write!(quoted, "\\u{:04x}", u32::from(c));
            }
            c => quoted.push(c),
        }
    }
    quoted.push('"');
    quoted
}
