//! `cmis pages|page|register|observables`.

mod crosswalk;
mod firmware;

use std::io::{Read as _, Write as _};

use anyhow::{Context as _, Result};
use cmis::map::observable::{OBSERVABLES, Observable, Origin, Sample, Scope};
use cmis::map::{self, PAGES, Page};
use cmis::{Form, HALF, Half, LOWER, Order, Register, Scale, Value};
use serde_json::{Value as Json, json};
use system::nearest;

use crate::args::{self, CmisAction};
use crate::output::{Output, UsageError};

/// Runs an action.
pub(crate) fn run(args: &args::Cmis, out: &mut Output) -> Result<()> {
    match &args.action {
        CmisAction::Pages => pages(args.json, out),
        CmisAction::Page(page) => match &page.decode {
            Some(hex) => decode(&page.page, hex, args.json, out),
            None => show(&page.page, args.json, out),
        },
        CmisAction::Register { name } => register(name, args.json, out),
        CmisAction::Observables => observables(args.json, out),
        CmisAction::Crosswalk { only } => crosswalk::run(only.as_deref(), args.json, out),
        CmisAction::Firmware {
            version,
            out: file,
            payload,
        } => firmware::run(version, file, payload.as_deref(), args.json, out),
    }
}

fn usage(text: String) -> anyhow::Error {
    UsageError(text).into()
}

/// Prints rows with aligned columns, the last of which may be as long as it likes.
fn table<const N: usize>(rows: &[[String; N]], out: &mut Output) -> Result<()> {
    let width = |column: usize| {
        let lengths = rows.iter().map(|row| row[column].chars().count());
        lengths.max().unwrap_or(0)
    };
    let widths: Vec<usize> = (0..N).map(width).collect();
    for row in rows {
        let cells = row.iter().zip(&widths);
        let line: Vec<String> = cells
            .map(|(cell, width)| format!("{cell:width$}"))
            .collect();
        writeln!(out, "{}", line.join("  ").trim_end())?;
    }
    Ok(())
}

fn print_json(value: &Json, out: &mut Output) -> Result<()> {
    writeln!(out, "{}", serde_json::to_string_pretty(value)?)?;
    Ok(())
}

fn pages(as_json: bool, out: &mut Output) -> Result<()> {
    if as_json {
        let pages: Vec<Json> = PAGES.iter().map(page_json).collect();
        return print_json(&json!(pages), out);
    }
    let mut rows = vec![["page", "banked", "feature", "registers", "what"].map(str::to_owned)];
    rows.extend(PAGES.iter().map(|page| {
        let is_banked = if page.is_banked() { "yes" } else { "no" };
        let note = if page.is_extension() {
            " (not standard)"
        } else {
            ""
        };
        [
            page.number(),
            is_banked.to_owned(),
            page.feature.name().to_owned(),
            page.registers.len().to_string(),
            format!("{}{note}", page.title),
        ]
    }));
    table(&rows, out)
}

fn page_json(page: &Page) -> Json {
    json!({
        "page": page.number(),
        "title": page.title,
        "is_banked": page.is_banked(),
        "is_standard": !page.is_extension(),
        "feature": page.feature.name(),
        "registers": page.registers.len(),
    })
}

/// A page number: `lower`, or one or two hexadecimal digits, on request with `h` behind or `0x` before
/// them.
fn page_number(text: &str) -> Result<u16> {
    if text.eq_ignore_ascii_case("lower") {
        return Ok(LOWER);
    }
    let lower = text.to_ascii_lowercase();
    let digits = lower.strip_prefix("0x").unwrap_or(&lower);
    let digits = digits.strip_suffix('h').unwrap_or(digits);
    let is_plain = digits.bytes().all(|byte| byte.is_ascii_hexdigit());
    match u8::from_str_radix(digits, 16) {
        Ok(number) if is_plain => Ok(u16::from(number)),
        _ => Err(usage(format!(
            "no page {text:?}; a page is `lower` or hexadecimal from 00h to FFh, such as 11h, \
             a range such as 20h-2Fh"
        ))),
    }
}

/// Pages of the map within what was asked for, cut to it.
fn wanted(text: &str) -> Result<Vec<Page>> {
    let (first, last) = match text.split_once('-') {
        Some((first, last)) => (page_number(first)?, page_number(last)?),
        None => (page_number(text)?, page_number(text)?),
    };
    if first > last {
        return Err(usage(format!("range {text:?} ends before it begins")));
    }
    let within = PAGES.iter().filter(|page| {
        let is_lower = page.first == LOWER;
        page.first <= last && page.last >= first && is_lower == (first == LOWER)
    });
    let found: Vec<Page> = within
        .map(|page| Page {
            first: page.first.max(first),
            last: page.last.min(last),
            ..*page
        })
        .collect();
    if found.is_empty() {
        let numbers: Vec<String> = PAGES.iter().map(Page::number).collect();
        return Err(usage(format!(
            "the map has no page {text}\npages: {}",
            numbers.join(", ")
        )));
    }
    Ok(found)
}

fn show(text: &str, as_json: bool, out: &mut Output) -> Result<()> {
    let wanted = wanted(text)?;
    if as_json {
        let pages: Vec<Json> = wanted
            .iter()
            .map(|page| {
                let registers: Vec<Json> = page.registers.iter().map(register_json).collect();
                let mut json = page_json(page);
                json["registers"] = json!(registers);
                json
            })
            .collect();
        return print_json(&json!(pages), out);
    }
    for (nth, page) in wanted.iter().enumerate() {
        if nth > 0 {
            writeln!(out)?;
        }
        heading(page, out)?;
        let head = [
            "byte", "bits", "name", "type", "access", "feature", "meaning",
        ];
        let mut rows = vec![head.map(str::to_owned)];
        rows.extend(page.registers.iter().map(|register| {
            [
                register.bytes_text(),
                register.bits_text(),
                register.name.to_owned(),
                register.type_text(),
                register.access.abbreviation().to_owned(),
                register.feature.name().to_owned(),
                register.meaning(),
            ]
        }));
        table(&rows, out)?;
    }
    Ok(())
}

fn heading(page: &Page, out: &mut Output) -> Result<()> {
    let name = if page.first == LOWER {
        page.title.to_owned()
    } else {
        format!("Page {}: {}", page.number(), page.title)
    };
    let banked = if page.is_banked() {
        ", in each bank"
    } else {
        ""
    };
    let note = if page.is_extension() {
        ", not standard"
    } else {
        ""
    };
    writeln!(out, "{name}{banked}{note}\n")?;
    Ok(())
}

fn register_json(register: &Register) -> Json {
    let (form, order, scale) = match register.form {
        Form::Bits { scale, .. } => ("bits", Order::Big, scale),
        Form::Unsigned { order, scale, .. } => ("unsigned", order, scale),
        Form::Signed { order, scale, .. } => ("signed", order, scale),
        Form::F16 { order } => ("f16", order, Scale::ONE),
        Form::Text { .. } => ("text", Order::Big, Scale::ONE),
        Form::Bytes { .. } => ("bytes", Order::Big, Scale::ONE),
    };
    let codes: serde_json::Map<String, Json> = match register.form {
        Form::Bits { codes, .. } => codes
            .iter()
            .map(|(code, name)| (code.to_string(), json!(name)))
            .collect(),
        _ => serde_json::Map::new(),
    };
    json!({
        "name": register.name,
        "bytes": register.bytes_text(),
        "bits": register.bits_text(),
        "elements": register.count(),
        "form": form,
        "element_bytes": register.element_bytes(),
        "is_little_endian": order == Order::Little,
        "lsb": scale.lsb,
        "unit": scale.unit,
        "codes": codes,
        "access": register.access.abbreviation(),
        "feature": register.feature.name(),
        "is_overlay": register.is_overlay,
        "meaning": register.meaning(),
    })
}

/// Bytes from hexadecimal digits between which blanks, colons and commas do not matter.
fn bytes(hex: &str) -> Result<Vec<u8>> {
    let mut digits = Vec::new();
    for (place, character) in hex.char_indices() {
        match character.to_digit(16) {
            Some(digit) => digits.push(u8::try_from(digit)?),
            None if character.is_whitespace() || ":,".contains(character) => {}
            None => {
                return Err(usage(format!(
                    "character {} of the bytes is {character:?}; hexadecimal digits are expected",
                    place + 1
                )));
            }
        }
    }
    if !digits.len().is_multiple_of(2) {
        return Err(usage(format!(
            "{} hexadecimal digits are not whole bytes; two are a byte",
            digits.len()
        )));
    }
    Ok(digits
        .chunks(2)
        .map(|pair| pair[0] << 4 | pair[1])
        .collect())
}

/// Halves that were given: of a page, or of lower memory and a page.
fn halves(page: &Page, bytes: &[u8]) -> Result<Vec<(Page, Half)>> {
    let padded = |bytes: &[u8]| {
        let mut half = [0; HALF];
        half[..bytes.len()].copy_from_slice(bytes);
        half
    };
    match bytes.len() {
        0 => Err(usage("there are no bytes to decode".to_owned())),
        1..=HALF => Ok(vec![(*page, padded(bytes))]),
        len if len == 2 * HALF && page.first != LOWER => {
            let (lower, upper) = bytes.split_at(HALF);
            Ok(vec![(PAGES[0], padded(lower)), (*page, padded(upper))])
        }
        len => Err(usage(format!(
            "{len} bytes; a page has up to {HALF}, or {} with lower memory before it",
            2 * HALF
        ))),
    }
}

fn decode(text: &str, hex: &str, as_json: bool, out: &mut Output) -> Result<()> {
    let found = wanted(text)?;
    let [page] = found.as_slice() else {
        return Err(usage(format!(
            "bytes are of one page, and {text} is {}",
            found.len()
        )));
    };
    let mut piped = String::new();
    let hex = if hex == "-" {
        let mut input = std::io::stdin().lock().take(1 << 16);
        input.read_to_string(&mut piped).context("standard input")?;
        &piped
    } else {
        hex
    };
    let given = bytes(hex)?;
    let halves = halves(page, &given)?;
    // Of fewer bytes, only registers that lie in them as a whole say something.
    let is_given = |register: &Register| {
        let end = usize::from(register.byte) % HALF + register.total_bytes();
        given.len() >= end
    };
    if as_json {
        let mut decoded = serde_json::Map::new();
        for (page, half) in &halves {
            let mut values = serde_json::Map::new();
            for of in page.decode(half).iter().filter(|of| is_given(&of.register)) {
                let said: Vec<Json> = of.values.iter().map(value_json).collect();
                values.insert(of.register.name.to_owned(), json!(said));
            }
            decoded.insert(page.number(), json!(values));
        }
        return print_json(&json!(decoded), out);
    }
    for (nth, (page, half)) in halves.iter().enumerate() {
        if nth > 0 {
            writeln!(out)?;
        }
        heading(page, out)?;
        for of in page.decode(half).iter().filter(|of| is_given(&of.register)) {
            writeln!(out, "{} = {}", of.register.name, of.text())?;
        }
    }
    Ok(())
}

fn value_json(value: &Value) -> Json {
    match value {
        Value::Code(code, Some(name)) => json!({ "code": code, "name": name }),
        Value::Code(code, None) => json!({ "code": code }),
        Value::Number(number) => json!(number),
        Value::Text(text) => json!(text),
        Value::Bytes(_) => json!(value.to_string()),
    }
}

/// Registers of a name, or else all whose names have it in them.
fn named(name: &str) -> Vec<&'static Register> {
    let name = name.to_lowercase().replace('_', "");
    let by = |matches: &dyn Fn(&str) -> bool| -> Vec<&'static Register> {
        map::all()
            .filter(|register| matches(&register.name.to_lowercase()))
            .collect()
    };
    let exact = by(&|of| of == name || of.rsplit("::").next() == Some(&name));
    if exact.is_empty() && !name.is_empty() {
        return by(&|of| of.contains(&name));
    }
    exact
}

fn register(name: &str, as_json: bool, out: &mut Output) -> Result<()> {
    let found = named(name);
    if found.is_empty() {
        let near = nearest(name, map::all().map(|register| register.name))
            .map_or_else(String::new, |near| format!("; did you mean {near:?}?"));
        return Err(usage(format!("the map has no register {name:?}{near}")));
    }
    let number =
        |register: &Register| map::page(register.page).map_or_else(String::new, Page::number);
    if as_json {
        let registers: Vec<Json> = found
            .iter()
            .map(|register| {
                let mut json = register_json(register);
                json["page"] = json!(number(register));
                json
            })
            .collect();
        return print_json(&json!(registers), out);
    }
    for (nth, register) in found.iter().enumerate() {
        if nth > 0 {
            writeln!(out)?;
        }
        writeln!(out, "{}\n  {}", register.name, register.meaning())?;
        let bits = register.bits_text();
        let mut rows = vec![
            ["page", &number(register)].map(str::to_owned),
            ["byte", &register.bytes_text()].map(str::to_owned),
        ];
        if !bits.is_empty() {
            rows.push(["bits", &bits].map(str::to_owned));
        }
        rows.push(["type", &register.type_text()].map(str::to_owned));
        rows.push(["access", register.access.abbreviation()].map(str::to_owned));
        rows.push(["feature", register.feature.name()].map(str::to_owned));
        if let Form::Bits { codes, .. } = register.form {
            let code = |(code, name): &(u8, &str)| [format!("code {code}"), (*name).to_owned()];
            rows.extend(codes.iter().map(code));
        }
        let indented: Vec<[String; 2]> = rows
            .into_iter()
            .map(|[name, value]| [format!("  {name}"), value])
            .collect();
        table(&indented, out)?;
    }
    Ok(())
}

fn observables(as_json: bool, out: &mut Output) -> Result<()> {
    if as_json {
        let all: Vec<Json> = OBSERVABLES.iter().map(observable_json).collect();
        return print_json(&json!(all), out);
    }
    let head = ["type", "sample", "of", "whose", "freeze", "what"];
    let mut rows = vec![head.map(str::to_owned)];
    rows.extend(OBSERVABLES.iter().map(|of| {
        let scale = match (of.scale.unit, of.scale.lsb) {
            ("", _) => String::new(),
            // Fractions of full scale have no short form.
            (unit, lsb) => format!(", {} {unit}", Value::Number((lsb * 1e9).round() / 1e9)),
        };
        [
            of.code.to_string(),
            format!("{}{scale}", sample_name(of)),
            scope_name(of).to_owned(),
            origin_name(of).to_owned(),
            if of.needs_freeze { "yes" } else { "no" }.to_owned(),
            of.name.to_owned(),
        ]
    }));
    table(&rows, out)
}

const fn sample_name(of: &Observable) -> &'static str {
    match of.sample {
        Sample::U16 => "u16",
        Sample::S16 => "s16",
        Sample::F16 => "f16",
    }
}

const fn scope_name(of: &Observable) -> &'static str {
    match of.scope {
        Scope::Module => "module",
        Scope::MediaLane => "media_lane",
        Scope::HostLane => "host_lane",
        Scope::MediaDataPath => "media_data_path",
        Scope::HostDataPath => "host_data_path",
        Scope::Zone => "zone",
        Scope::Feed => "feed",
    }
}

const fn origin_name(of: &Observable) -> &'static str {
    match of.origin {
        Origin::Standard => "standard",
        Origin::Coherent => "coherent",
        Origin::Extension => "extension",
    }
}

fn observable_json(of: &Observable) -> Json {
    json!({
        "type": of.code,
        "name": of.name,
        "sample": sample_name(of),
        "lsb": of.scale.lsb,
        "unit": of.scale.unit,
        "scope": scope_name(of),
        "origin": origin_name(of),
        "needs_freeze": of.needs_freeze,
        "register": of.register.map(|register| register.name),
    })
}
