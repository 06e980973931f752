//! What `.stk` files ask for: the solver and the outputs.

use super::cursor::{Cursor, Parsed};
use super::syntax::{OutputEntry, OutputKind, Solver};
use super::{Quantity, When};

pub(super) fn solver(cursor: &mut Cursor<'_>) -> Parsed<Solver> {
    let place = cursor.place();
    cursor.expect("solver :")?;
    let mut transient = None;
    if cursor.one_of(&["steady", "transient"])? == 1 {
        cursor.expect("step")?;
        let step = cursor.positive("the step")?;
        cursor.expect(", slot")?;
        let of_slot = cursor.place();
        let slot = cursor.positive("the slot")?;
        if slot < step {
            let message = format!("the slot of {slot} s is shorter than the step of {step} s");
            cursor.problem(
                of_slot,
                message,
                Some("a slot holds one step or more".to_owned()),
            );
        }
        transient = Some([step, slot]);
    }
    cursor.end()?;
    cursor.expect("initial temperature")?;
    let initial_k = cursor.positive("the initial temperature")?;
    cursor.end()?;
    if cursor.take("numofcores") {
        cursor.positive("the number of cores")?;
        cursor.end()?;
    }
    Ok(Solver {
        place,
        transient,
        initial_k,
    })
}

pub(super) fn output(cursor: &mut Cursor<'_>) -> Parsed<OutputEntry> {
    const KINDS: [&str; 7] = ["T", "Tflp", "Tflpel", "Tmap", "Pmap", "Tcoolant", "T3d"];
    let kind = KINDS[cursor.one_of(&KINDS)?];
    cursor.expect("(")?;
    let instance = if kind == "T3d" {
        None
    } else {
        Some(cursor.name("the name of an element of the stack")?)
    };
    let mut at = [0.0; 2];
    let mut element = None;
    match kind {
        "T" => {
            for (at, what) in at
                .iter_mut()
                .zip(["the position across", "the position up"])
            {
                cursor.expect(",")?;
                *at = cursor.not_negative(what)?;
            }
        }
        "Tflpel" => {
            cursor.expect(".")?;
            element = Some(cursor.name("the name of a floorplan element")?);
        }
        _ => {}
    }
    if instance.is_some() {
        cursor.expect(",")?;
    }
    let file_name = cursor.text("the name of the output file")?.text;
    let mut quantity = Quantity::Average;
    if matches!(kind, "Tflp" | "Tflpel" | "Tcoolant") {
        cursor.expect(",")?;
        quantity = match cursor.one_of(&["maximum", "minimum", "average", "gradient"])? {
            0 => Quantity::Maximum,
            1 => Quantity::Minimum,
            2 => Quantity::Average,
            _ => Quantity::Gradient,
        };
    }
    let mut when = When::Final;
    if cursor.take(",") {
        when = match cursor.one_of(&["step", "slot", "final"])? {
            0 => When::Step,
            1 => When::Slot,
            _ => When::Final,
        };
    }
    cursor.expect(") ;")?;
    let kind = match (kind, instance, element) {
        ("T", Some(instance), _) => OutputKind::Cell {
            instance,
            x: at[0],
            y: at[1],
        },
        ("Tflp", Some(instance), _) => OutputKind::Floorplan(instance, quantity),
        (_, Some(instance), Some(element)) => {
            OutputKind::FloorplanElement(instance, element, quantity)
        }
        ("Tmap", Some(instance), _) => OutputKind::TemperatureMap(instance),
        ("Pmap", Some(instance), _) => OutputKind::PowerMap(instance),
        (_, Some(instance), _) => OutputKind::Coolant(instance, quantity),
        (_, None, _) => OutputKind::Volume,
    };
    Ok(OutputEntry {
        kind,
        file_name,
        when,
    })
}
