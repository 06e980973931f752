//! Whether a cavity makes sense: every problem at once.

use super::cells::ROUNDING;
use super::{Cavity, CellMap, Channels, Drive, MapCell, Passage, Transfer};
use crate::error::StackProblem;
use crate::grid::MAX_CELLS;
use crate::stack::Stack;

/// Problems of one layer.
struct Findings<'a> {
    layer: &'a str,
    problems: &'a mut Vec<StackProblem>,
}

impl Findings<'_> {
    fn say(&mut self, what: impl Into<String>) {
        self.problems.push(StackProblem::Cavity {
            layer: self.layer.to_owned(),
            what: what.into(),
        });
    }

    fn positive(&mut self, what: &str, value: f64, unit: &str) -> bool {
        let is_sound = value > 0.0 && value.is_finite();
        if !is_sound {
            self.say(format!("{what} is {value} {unit}; it has to be positive"));
        }
        is_sound
    }

    fn not_negative(&mut self, what: &str, value: f64, unit: &str) -> bool {
        let is_sound = value >= 0.0 && value.is_finite();
        if !is_sound {
            self.say(format!(
                "{what} is {value} {unit}; it has to be zero or more"
            ));
        }
        is_sound
    }
}

/// Problems of the cavities of a stack that need no grid.
pub(crate) fn check(stack: &Stack) -> Vec<StackProblem> {
    let mut problems = Vec::new();
    for (idx, layer) in stack.layers.iter().enumerate() {
        let Some(cavity) = &layer.cavity else {
            continue;
        };
        let mut found = Findings {
            layer: &layer.name,
            problems: &mut problems,
        };
        if layer.material.is_none() {
            found.say("its walls have no material; give the layer one");
        }
        if layer.sheets != 1 {
            let sheets = layer.sheets;
            found.say(format!(
                "it is cut into {sheets} sheets; coolant takes exactly one"
            ));
        }
        let with_power = layer
            .blocks
            .iter()
            .filter(|block| block.power.value() != 0.0);
        for block in with_power {
            let (name, power) = (&block.name, block.power);
            found.say(format!(
                "block {name:?} generates {power} in it; put the power into the layer below or above"
            ));
        }
        if stack
            .layers
            .get(idx + 1)
            .is_some_and(|above| above.cavity.is_some())
        {
            found.say("another coolant layer lies on it; put a solid layer between them");
        }
        let is_outermost = idx == 0 || idx + 1 == stack.layers.len();
        if is_averaged(cavity) && is_outermost {
            found.say("averaged channels and pins need a solid layer below and above");
        }
        check_coolant(cavity, &mut found);
        check_passage(stack, cavity, &mut found);
        check_drive(cavity, &mut found);
        check_transfer(cavity, &mut found);
    }
    problems
}

const fn is_averaged(cavity: &Cavity) -> bool {
    matches!(cavity.passage, Passage::Averaged(_) | Passage::Pins(_))
}

fn check_coolant(cavity: &Cavity, found: &mut Findings) {
    let coolant = &cavity.coolant;
    let capacity = coolant.heat_capacity.value();
    found.positive("the heat capacity of the coolant", capacity, "J/(m3 K)");
    if let Some(k) = coolant.conductivity {
        found.positive("the conductivity of the coolant", k.value(), "W/(m K)");
    }
    if let Some(mu) = coolant.viscosity {
        found.positive("the viscosity of the coolant", mu.value(), "Pa s");
    }
    if let Some(rho) = coolant.density {
        found.positive("the density of the coolant", rho.value(), "kg/m3");
    }
    let inlet = cavity.inlet.value();
    if !inlet.is_finite() {
        found.say(format!(
            "the inlet temperature is {inlet}; it has to be a finite number"
        ));
    }
}

fn check_passage(stack: &Stack, cavity: &Cavity, found: &mut Findings) {
    match &cavity.passage {
        Passage::Channels(channels) | Passage::Averaged(channels) => {
            let across = if cavity.direction.is_along_x() {
                stack.height
            } else {
                stack.width
            };
            check_channels(channels, across.value(), found);
        }
        Passage::Pins(of) => {
            let is_thick = found.positive("the pin diameter", of.diameter.value(), "m");
            let is_apart = found.positive("the pin pitch", of.pitch.value(), "m");
            if is_thick && is_apart && of.diameter >= of.pitch {
                let (d, p) = (of.diameter, of.pitch);
                found.say(format!("pins of {d} at a pitch of {p} leave no gap"));
            }
        }
        Passage::Map(map) => check_map(map, found),
    }
}

fn check_channels(channels: &Channels, across_m: f64, found: &mut Findings) {
    let count = channels.count;
    // Each channel is a line of cells; beyond this no grid could hold them.
    if count == 0 || count > MAX_CELLS {
        found.say(format!("it has {count} channels; 1 to {MAX_CELLS} can be"));
        return;
    }
    let mut is_sound = found.positive("the channel width", channels.width.value(), "m");
    if count > 1 {
        is_sound &= found.positive("the wall width", channels.wall.value(), "m");
    } else {
        is_sound &= found.not_negative("the wall width", channels.wall.value(), "m");
    }
    is_sound &= found.not_negative(
        "the width of the first wall",
        channels.first_wall.value(),
        "m",
    );
    if is_sound && channels.span_m() > across_m * (1.0 + ROUNDING) {
        let (needed, have) = (channels.span_m() * 1e3, across_m * 1e3);
        found.say(format!(
            "its {count} channels reach to {needed} mm, and the stack is {have} mm wide there"
        ));
    }
}

fn check_map(map: &CellMap, found: &mut Findings) {
    let n = map.columns.saturating_mul(map.rows);
    if n == 0 || n != map.cells.len() {
        let (columns, rows, given) = (map.columns, map.rows, map.cells.len());
        found.say(format!("its map of {columns} x {rows} holds {given} cells"));
        return;
    }
    for (kind, name) in [(MapCell::Inlet, "inlet"), (MapCell::Outlet, "outlet")] {
        if !map.cells.contains(&kind) {
            found.say(format!("its map has no {name}"));
        }
    }
}

fn check_drive(cavity: &Cavity, found: &mut Findings) {
    if !cavity.split.is_empty() {
        let n = cavity.split.len();
        match &cavity.passage {
            Passage::Channels(channels) if channels.count == n => {}
            Passage::Channels(channels) => {
                let count = channels.count;
                found.say(format!("{n} shares of the flow for {count} channels"));
            }
            _ => found.say("shares of the flow are for resolved channels; leave them empty"),
        }
        let sum: f64 = cavity.split.iter().sum();
        let is_share = |share: &f64| *share >= 0.0;
        if !(cavity.split.iter().all(is_share) && (sum - 1.0).abs() <= ROUNDING) {
            found.say(format!("the shares of the flow add up to {sum}; they have to be zero or more and add up to one"));
        }
    }
    match cavity.drive {
        Drive::Flow(flow) => {
            found.not_negative("the flow", flow.value(), "m3/s");
        }
        Drive::Pressure {
            difference,
            internal_pa_s_per_m3,
        } => {
            found.not_negative("the pumping pressure", difference.value(), "Pa");
            found.not_negative(
                "the internal resistance of the pump",
                internal_pa_s_per_m3,
                "Pa s/m3",
            );
            if cavity.coolant.viscosity.is_none() {
                found.say("a flow driven by pressure needs the viscosity of the coolant");
            }
            if matches!(cavity.passage, Passage::Pins(_)) {
                found
                    .say("the flow between pins has to be given; their resistance is not modelled");
            }
        }
    }
}

fn check_transfer(cavity: &Cavity, found: &mut Findings) {
    let coolant = &cavity.coolant;
    let mut coefficient = |what: &str, h: f64| {
        let what = format!("the heat transfer coefficient of the {what}");
        found.positive(&what, h, "W/(m2 K)");
    };
    match cavity.transfer {
        Transfer::Given { side, top, bottom } => {
            coefficient("side", side.value());
            coefficient("top", top.value());
            coefficient("bottom", bottom.value());
        }
        Transfer::Effective { top, bottom } => {
            coefficient("top", top.value());
            coefficient("bottom", bottom.value());
            if !is_averaged(cavity) {
                found.say(
                    "effective coefficients are for averaged channels and pins; give those of side, top and bottom",
                );
            }
        }
        Transfer::Computed { .. } => {
            if coolant.conductivity.is_none() {
                let name = &coolant.name;
                found.say(format!(
                    "computed coefficients need the conductivity of {name:?}"
                ));
            }
            let is_of_pins = matches!(cavity.passage, Passage::Pins(_));
            if is_of_pins && (coolant.viscosity.is_none() || coolant.density.is_none()) {
                let name = &coolant.name;
                found.say(format!(
                    "coefficients of pins need viscosity and density of {name:?}"
                ));
            }
        }
    }
    if !cavity.is_flowing() && coolant.conductivity.is_none() {
        let name = &coolant.name;
        found.say(format!(
            "{name:?} stands still, and without its conductivity no heat passes it"
        ));
    }
}
