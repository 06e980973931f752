//! The grammar of `.stk` files.

use super::channel::{channel, length, sink};
use super::cursor::{Cursor, Parsed, listed};
use super::lex::Token;
use super::plans::material;
use super::runs::{output, solver};
use super::syntax::{
    DieEntry, DieLayer, Dimensions, Element, ElementKind, LayerEntry, OutputEntry, StackFile,
};
use crate::read::ReadError;

/// How each section begins.
const SECTIONS: [&str; 12] = [
    "material",
    "top heat sink :",
    "top pluggable heat sink :",
    "bottom heat sink :",
    "microchannel",
    "pinfin :",
    "dimensions :",
    "layer",
    "die",
    "stack :",
    "solver :",
    "output :",
];

/// Reads a `.stk` file. Sections may stand in any order.
pub(super) fn parse(file: &str, text: &str) -> (StackFile, Vec<ReadError>) {
    let mut cursor = Cursor::new(file, text);
    let mut found = StackFile::default();
    while !cursor.is_end() {
        if section(&mut cursor, &mut found).is_err() {
            skip_to_section(&mut cursor);
        }
    }
    missing(&mut cursor, &found);
    (found, cursor.problems)
}

/// What has to be there and is not.
fn missing(cursor: &mut Cursor<'_>, found: &StackFile) {
    if !cursor.problems.is_empty() {
        return;
    }
    let place = cursor.place();
    let needed = [
        (
            found.materials.is_empty(),
            "material",
            "material NAME : thermal conductivity k ; volumetric heat capacity c ;",
        ),
        (
            found.dimensions.is_none(),
            "dimensions",
            "dimensions : chip length x , width y ; cell length dx , width dy ;",
        ),
        (
            found.dies.is_empty(),
            "die",
            "die NAME : layer h MATERIAL ; source h MATERIAL ;",
        ),
        (
            found.stack_place.is_none(),
            "stack",
            "stack : die NAME DIE floorplan \"file\" ;",
        ),
        (
            found.solver.is_none(),
            "solver",
            "solver : steady ; initial temperature t ;",
        ),
    ];
    for (is_missing, name, form) in needed {
        if is_missing {
            let message = format!("the file ends without a section `{name}`");
            cursor.problem(place, message, Some(format!("write {form}")));
        }
    }
}

fn is_section(cursor: &Cursor<'_>) -> bool {
    SECTIONS.iter().any(|start| {
        let is_named = matches!(*start, "material" | "layer" | "die");
        cursor.is_next(start)
            && (!is_named
                || matches!(cursor.peek(1), Token::Word(_)) && *cursor.peek(2) == Token::Sign(':'))
    })
}

fn skip_to_section(cursor: &mut Cursor<'_>) {
    loop {
        cursor.skip_statement();
        if cursor.is_end() || is_section(cursor) {
            break;
        }
    }
}

fn section(cursor: &mut Cursor<'_>, found: &mut StackFile) -> Parsed<()> {
    const WORDS: [&str; 11] = [
        "material",
        "top",
        "bottom",
        "microchannel",
        "pinfin",
        "dimensions",
        "layer",
        "die",
        "stack",
        "solver",
        "output",
    ];
    let place = cursor.place();
    let Some(idx) = WORDS.iter().position(|word| cursor.is_next(word)) else {
        return Err(cursor.unexpected(&format!("a section ({})", listed(&WORDS)), &WORDS));
    };
    let word = WORDS[idx];
    let is_twice = match word {
        "top" => found.top.is_some(),
        "bottom" => found.bottom.is_some(),
        "microchannel" | "pinfin" => found.channel.is_some(),
        "dimensions" => found.dimensions.is_some(),
        "stack" => found.stack_place.is_some(),
        "solver" => found.solver.is_some(),
        _ => false,
    };
    if is_twice {
        let message = format!("a second section `{word}`");
        cursor.problem(place, message, Some("one is allowed".to_owned()));
    }
    match word {
        "material" => found.materials.push(material(cursor)?),
        "top" | "bottom" => {
            let sink = sink(cursor, word)?;
            let side = if word == "top" {
                &mut found.top
            } else {
                &mut found.bottom
            };
            *side = Some(sink);
        }
        "microchannel" | "pinfin" => found.channel = Some(channel(cursor)?),
        "dimensions" => found.dimensions = Some(dimensions(cursor)?),
        "layer" => found.layers.push(layer(cursor)?),
        "die" => found.dies.push(die(cursor)?),
        "stack" => {
            cursor.expect("stack :")?;
            found.stack_place = Some(place);
            stack(cursor, &mut found.elements)?;
        }
        "solver" => found.solver = Some(solver(cursor)?),
        _ => {
            cursor.expect("output :")?;
            outputs(cursor, &mut found.outputs);
        }
    }
    Ok(())
}

fn dimensions(cursor: &mut Cursor<'_>) -> Parsed<Dimensions> {
    let place = cursor.place();
    cursor.expect("dimensions :")?;
    let mut pair = |of: &str| -> Parsed<[f64; 2]> {
        cursor.expect(of)?;
        cursor.expect("length")?;
        let length = cursor.positive(&format!("the {of} length"))?;
        cursor.expect(", width")?;
        let width = cursor.positive(&format!("the {of} width"))?;
        cursor.end()?;
        Ok([length, width])
    };
    let [length, width] = pair("chip")?;
    let [cell_length, cell_width] = pair("cell")?;
    let mut is_non_uniform = false;
    if cursor.take("non-uniform") {
        is_non_uniform = cursor.one_of(&["true", "false"])? == 0;
        cursor.end()?;
    }
    Ok(Dimensions {
        place,
        length,
        width,
        cell_length,
        cell_width,
        is_non_uniform,
    })
}

fn layer(cursor: &mut Cursor<'_>) -> Parsed<LayerEntry> {
    cursor.expect("layer")?;
    let name = cursor.name("the name of a layer")?;
    cursor.expect(":")?;
    let height = length(cursor, "height")?;
    cursor.expect("material")?;
    let material = cursor.name("the name of a material")?;
    cursor.end()?;
    let mut layout = None;
    if cursor.take("layout") {
        layout = Some(cursor.text("the name of the layout file")?);
        cursor.end()?;
    }
    Ok(LayerEntry {
        name,
        height,
        material,
        layout,
    })
}

fn die(cursor: &mut Cursor<'_>) -> Parsed<DieEntry> {
    cursor.expect("die")?;
    let name = cursor.name("the name of a die")?;
    cursor.expect(":")?;
    let mut layers = Vec::new();
    let mut source = None;
    while !is_section(cursor) && !cursor.is_end() {
        let place = cursor.place();
        if cursor.one_of(&["layer", "source"])? == 1 {
            if source.is_some() {
                let message = format!("a second `source` in die {}", name.text);
                let help = "a die has one layer that generates heat";
                cursor.problem(place, message, Some(help.to_owned()));
            }
            source = Some(layers.len());
        }
        layers.push(if matches!(cursor.peek(0), Token::Number(_)) {
            let height = cursor.positive("the thickness")?;
            let material = cursor.name("the name of a material")?;
            DieLayer::Plain { height, material }
        } else {
            DieLayer::Named(cursor.name("a thickness and a material, or the name of a layer,")?)
        });
        cursor.end()?;
    }
    let Some(source) = source else {
        return Err(cursor.unexpected(
            &format!("`source` in die {}", name.text),
            &["source", "layer"],
        ));
    };
    Ok(DieEntry {
        name,
        layers,
        source,
    })
}

fn stack(cursor: &mut Cursor<'_>, elements: &mut Vec<Element>) -> Parsed<()> {
    if is_section(cursor) || cursor.is_end() {
        let words = ["die", "layer", "channel"];
        return Err(cursor.unexpected(&listed(&words), &words));
    }
    while !is_section(cursor) && !cursor.is_end() {
        match element(cursor) {
            Ok(element) => elements.push(element),
            Err(_) => cursor.skip_statement(),
        }
    }
    Ok(())
}

fn element(cursor: &mut Cursor<'_>) -> Parsed<Element> {
    let kind = cursor.one_of(&["die", "layer", "channel"])?;
    let name = cursor.name("the name of an element of the stack")?;
    let kind = match kind {
        0 => {
            let die = cursor.name("the name of a die")?;
            cursor.expect("floorplan")?;
            let floorplan = cursor.text("the name of the floorplan file")?;
            ElementKind::Die { die, floorplan }
        }
        1 => ElementKind::Layer {
            layer: cursor.name("the name of a layer")?,
        },
        _ => ElementKind::Channel,
    };
    let mut cells = None;
    if !matches!(kind, ElementKind::Channel) && cursor.take("discretization") {
        let across = cursor.cells("the number of cells across")?;
        cells = Some([across, cursor.cells("the number of cells up")?]);
    }
    cursor.end()?;
    Ok(Element { name, kind, cells })
}

fn outputs(cursor: &mut Cursor<'_>, outputs: &mut Vec<OutputEntry>) {
    while !is_section(cursor) && !cursor.is_end() {
        match output(cursor) {
            Ok(output) => outputs.push(output),
            Err(_) => cursor.skip_statement(),
        }
    }
}
