//! Floorplan and layout files.

use super::cursor::{Cursor, Named, Parsed};
use super::lex::{Place, Token};
use super::syntax::{Floorplan, FloorplanElement, Layout, MaterialEntry, RectUm};
use crate::read::ReadError;

/// Reads a floorplan: elements with their areas and powers.
pub(super) fn floorplan(file: &str, text: &str) -> (Floorplan, Vec<ReadError>) {
    let mut cursor = Cursor::new(file, text);
    let mut plan = Floorplan::default();
    while !cursor.is_end() {
        match element(&mut cursor) {
            Ok(element) => plan.elements.push(element),
            Err(_) => skip_to_element(&mut cursor),
        }
    }
    if plan.elements.is_empty() && cursor.problems.is_empty() {
        let message = "the floorplan has no elements".to_owned();
        let help = "an element is NAME : position x , y ; dimension w , h ; power values p ;";
        cursor.problem(cursor.place(), message, Some(help.to_owned()));
    }
    (plan, cursor.problems)
}

/// Reads a layout: materials of its own, and the areas of materials.
pub(super) fn layout(file: &str, text: &str) -> (Layout, Vec<ReadError>) {
    let mut cursor = Cursor::new(file, text);
    let mut plan = Layout::default();
    while !cursor.is_end() {
        let part = if cursor.is_next("material") {
            material(&mut cursor).map(|entry| plan.materials.push(entry))
        } else {
            part(&mut cursor).map(|part| plan.parts.push(part))
        };
        if part.is_err() {
            skip_to_element(&mut cursor);
        }
    }
    if plan.parts.is_empty() && cursor.problems.is_empty() {
        let message = "the layout has no parts".to_owned();
        let help = "a part is MATERIAL : position x , y ; dimension w , h ;";
        cursor.problem(cursor.place(), message, Some(help.to_owned()));
    }
    (plan, cursor.problems)
}

/// `material NAME : thermal conductivity k [, ky , kz] ; volumetric heat capacity c ;`
pub(super) fn material(cursor: &mut Cursor<'_>) -> Parsed<MaterialEntry> {
    cursor.expect("material")?;
    let name = cursor.name("the name of a material")?;
    cursor.expect(":")?;
    cursor.expect("thermal conductivity")?;
    let kx = cursor.positive("the thermal conductivity")?;
    let mut conductivity = [kx; 3];
    if cursor.take(",") {
        conductivity[1] = cursor.positive("the thermal conductivity along y")?;
        cursor.expect(",")?;
        conductivity[2] = cursor.positive("the thermal conductivity along z")?;
    }
    cursor.end()?;
    cursor.expect("volumetric heat capacity")?;
    let capacity = cursor.positive("the volumetric heat capacity")?;
    cursor.end()?;
    Ok(MaterialEntry {
        name,
        conductivity,
        capacity,
    })
}

/// After a problem: goes on at `NAME :` or at a material.
fn skip_to_element(cursor: &mut Cursor<'_>) {
    loop {
        cursor.skip_statement();
        if cursor.is_end() || is_element(cursor) || cursor.is_next("material") {
            break;
        }
    }
}

/// Whether `NAME :` is next.
fn is_element(cursor: &Cursor<'_>) -> bool {
    matches!(cursor.peek(0), Token::Word(_)) && *cursor.peek(1) == Token::Sign(':')
}

fn element(cursor: &mut Cursor<'_>) -> Parsed<FloorplanElement> {
    let name = cursor.name("the name of a floorplan element")?;
    cursor.expect(":")?;
    let mut found = FloorplanElement {
        name,
        area: area(cursor)?,
        material: None,
        cells: None,
        powers_w: None,
    };
    if cursor.take("material") {
        found.material = Some(cursor.name("the name of a material")?);
        cursor.end()?;
    }
    if cursor.take("discretization") {
        let across = cursor.cells("the number of cells across")?;
        cursor.expect(",")?;
        let up = cursor.cells("the number of cells up")?;
        cursor.end()?;
        found.cells = Some([across, up]);
    }
    if cursor.take("power") {
        cursor.expect("values")?;
        let mut powers = vec![cursor.number("the power")?];
        while cursor.take(",") {
            powers.push(cursor.number("the power")?);
        }
        cursor.end()?;
        found.powers_w = Some(powers);
    }
    // What follows has to be another element.
    if !cursor.is_end() && !is_element(cursor) {
        let words = ["material", "discretization", "power"];
        let expected = "another element, `NAME :`, or `material`, `discretization` or `power values`, each once and in this order,";
        return Err(cursor.unexpected(expected, &words));
    }
    Ok(found)
}

fn part(cursor: &mut Cursor<'_>) -> Parsed<(Named, Vec<(RectUm, Place)>)> {
    let name = cursor.name("the name of a material")?;
    cursor.expect(":")?;
    Ok((name, area(cursor)?))
}

/// `position x , y ; dimension w , h ;`, or rectangles `rectangle ( x , y , w , h ) ;`
fn area(cursor: &mut Cursor<'_>) -> Parsed<Vec<(RectUm, Place)>> {
    let place = cursor.place();
    if cursor.one_of(&["position", "rectangle"])? == 0 {
        let x = cursor.not_negative("the position across")?;
        cursor.expect(",")?;
        let y = cursor.not_negative("the position up")?;
        cursor.end()?;
        cursor.expect("dimension")?;
        let dx = cursor.positive("the width")?;
        cursor.expect(",")?;
        let dy = cursor.positive("the height")?;
        cursor.end()?;
        return Ok(vec![(RectUm { x, y, dx, dy }, place)]);
    }
    let mut rects = Vec::new();
    let mut place = place;
    loop {
        cursor.expect("(")?;
        let x = cursor.not_negative("the position across")?;
        cursor.expect(",")?;
        let y = cursor.not_negative("the position up")?;
        cursor.expect(",")?;
        let dx = cursor.positive("the width")?;
        cursor.expect(",")?;
        let dy = cursor.positive("the height")?;
        cursor.expect(") ;")?;
        rects.push((RectUm { x, y, dx, dy }, place));
        place = cursor.place();
        if !cursor.take("rectangle") {
            return Ok(rects);
        }
    }
}
