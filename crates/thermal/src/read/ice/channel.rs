//! Heat sinks and coolant layers of `.stk` files.

use super::cursor::{Cursor, Parsed, Stop};
use super::lex::{Place, Token};
use super::syntax::{Channel, ChannelKind, Sink};

pub(super) fn sink(cursor: &mut Cursor<'_>, side: &str) -> Parsed<Sink> {
    cursor.expect(side)?;
    if cursor.is_next("pluggable") {
        return Err(pluggable(cursor, side));
    }
    cursor.expect("heat sink :")?;
    cursor.expect("heat transfer coefficient")?;
    let coefficient = cursor.positive("the heat transfer coefficient")?;
    cursor.end()?;
    cursor.expect("temperature")?;
    let temperature_k = cursor.positive("the temperature")?;
    cursor.end()?;
    Ok(Sink {
        coefficient,
        temperature_k,
    })
}

/// A sink that a program of the peer computes: read to its end, then refused.
fn pluggable(cursor: &mut Cursor<'_>, side: &str) -> Stop {
    let form = |cursor: &mut Cursor<'_>| -> Parsed<()> {
        cursor.expect("pluggable heat sink :")?;
        cursor.expect("spreader length")?;
        cursor.positive("the length of the spreader")?;
        cursor.expect(", width")?;
        cursor.positive("the width of the spreader")?;
        cursor.expect(", height")?;
        cursor.positive("the height of the spreader")?;
        cursor.end()?;
        cursor.expect("material")?;
        cursor.name("the material of the spreader")?;
        cursor.end()?;
        cursor.expect("plugin")?;
        let place = cursor.place();
        let plugin = cursor.text("the file of the plugin")?;
        if cursor.take(",") {
            cursor.text("the arguments of the plugin")?;
        }
        let message = format!(
            "the heat sink is computed by the program {:?}, which cannot be run here",
            plugin.text
        );
        let help = format!(
            "write `{side} heat sink : heat transfer coefficient h ; temperature t ;` with the coefficient of the sink for the area of the package, and the spreader as a `layer` of its material"
        );
        cursor.problem(place, message, Some(help));
        Ok(())
    };
    // What it says has been recorded either way.
    let _refused = form(cursor);
    Stop
}

pub(super) fn channel(cursor: &mut Cursor<'_>) -> Parsed<Channel> {
    let place = cursor.place();
    if cursor.take("pinfin") {
        cursor.expect(":")?;
        return pins(cursor, place);
    }
    cursor.expect("microchannel")?;
    let is_four = cursor.one_of(&["4rm", "2rm"])? == 0;
    cursor.expect(":")?;
    let height = length(cursor, "height")?;
    let channel = length(cursor, "channel length")?;
    let wall = length(cursor, "wall length")?;
    let mut ends = [wall; 2];
    if is_four {
        for (end, word) in ends.iter_mut().zip(["first", "last"]) {
            if cursor.is_next(word) {
                *end = length(cursor, &format!("{word} wall length"))?;
            }
        }
    }
    cursor.expect("wall material")?;
    let material = cursor.name("the material of the walls")?;
    cursor.end()?;
    cursor.expect("coolant flow rate")?;
    let flow_ml_per_min = cursor.positive("the flow rate")?;
    cursor.end()?;
    let [side, top, bottom] = coefficients(cursor, is_four)?;
    let (coolant_capacity, inlet_k) = coolant(cursor)?;
    let kind = if is_four {
        ChannelKind::FourResistor {
            channel,
            wall,
            first_wall: ends[0],
            last_wall: ends[1],
            flow_ml_per_min,
            side,
            top,
            bottom,
        }
    } else {
        ChannelKind::TwoResistor {
            channel,
            wall,
            flow_ml_per_min,
            top,
            bottom,
        }
    };
    Ok(Channel {
        place,
        height,
        material,
        kind,
        coolant_capacity,
        inlet_k,
    })
}

fn pins(cursor: &mut Cursor<'_>, place: Place) -> Parsed<Channel> {
    let height = length(cursor, "height")?;
    let diameter = length(cursor, "pin diameter")?;
    let pitch = length(cursor, "pin pitch")?;
    cursor.expect("pin distribution")?;
    let is_staggered = cursor.one_of(&["inline", "staggered"])? == 1;
    cursor.end()?;
    cursor.expect("pin material")?;
    let material = cursor.name("the material of the pins")?;
    cursor.end()?;
    cursor.expect("darcy velocity")?;
    let darcy_velocity = cursor.positive("the Darcy velocity")?;
    cursor.end()?;
    let (coolant_capacity, inlet_k) = coolant(cursor)?;
    let kind = ChannelKind::Pins {
        diameter,
        pitch,
        is_staggered,
        darcy_velocity,
    };
    Ok(Channel {
        place,
        height,
        material,
        kind,
        coolant_capacity,
        inlet_k,
    })
}

/// `WORDS l ;`
pub(super) fn length(cursor: &mut Cursor<'_>, words: &str) -> Parsed<f64> {
    cursor.expect(words)?;
    let length = cursor.positive(&format!("the {words}"))?;
    cursor.end()?;
    Ok(length)
}

/// Coefficients at the side, top and bottom.
fn coefficients(cursor: &mut Cursor<'_>, is_four: bool) -> Parsed<[f64; 3]> {
    cursor.expect("coolant heat transfer coefficient")?;
    let what = "the heat transfer coefficient";
    if matches!(cursor.peek(0), Token::Number(_)) {
        let all = cursor.positive(what)?;
        cursor.end()?;
        return Ok([all; 3]);
    }
    let mut side = 0.0;
    if is_four {
        cursor.expect("side")?;
        side = cursor.positive(what)?;
        cursor.expect(",")?;
    }
    cursor.expect("top")?;
    let top = cursor.positive(what)?;
    cursor.expect(", bottom")?;
    let bottom = cursor.positive(what)?;
    cursor.end()?;
    Ok([side, top, bottom])
}

/// Volumetric heat capacity and inlet temperature.
fn coolant(cursor: &mut Cursor<'_>) -> Parsed<(f64, f64)> {
    cursor.expect("coolant volumetric heat capacity")?;
    let capacity = cursor.positive("the volumetric heat capacity")?;
    cursor.end()?;
    cursor.expect("coolant incoming temperature")?;
    let inlet_k = cursor.positive("the incoming temperature")?;
    cursor.end()?;
    Ok((capacity, inlet_k))
}
