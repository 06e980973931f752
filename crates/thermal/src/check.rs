//! Whether a stack makes sense: every problem at once.

use std::collections::BTreeSet;

use crate::error::StackProblem;
use crate::stack::{Block, Condition, Layer, Rect, Stack};

/// Share of a length that rounding may move an edge by.
const ROUNDING: f64 = 1e-9;

/// Every problem of a stack, in the order of its parts.
pub(crate) fn check(stack: &Stack) -> Vec<StackProblem> {
    let mut problems = Vec::new();
    let stack_name = "the stack".to_owned();
    positive(
        &mut problems,
        "width",
        &stack_name,
        stack.width.value(),
        "m",
    );
    positive(
        &mut problems,
        "height",
        &stack_name,
        stack.height.value(),
        "m",
    );
    if stack.layers.is_empty() {
        problems.push(StackProblem::NoLayers);
    }
    for material in &stack.materials {
        let of = format!("material {:?}", material.name);
        let k = &material.conductivity;
        for (what, value) in [
            ("conductivity across", k.x),
            ("conductivity up", k.y),
            ("conductivity through", k.z),
        ] {
            positive(&mut problems, what, &of, value.value(), "W/(m K)");
        }
        positive(
            &mut problems,
            "reference temperature",
            &of,
            k.reference.value(),
            "K",
        );
        finite(&mut problems, "exponent", &of, k.exponent);
        let capacity = material.heat_capacity.value();
        positive(&mut problems, "heat capacity", &of, capacity, "J/(m3 K)");
    }
    for layer in &stack.layers {
        check_layer(stack, layer, &mut problems);
    }
    problems.extend(crate::coolant::check(stack));
    let mut names = BTreeSet::new();
    for (_, block) in stack.blocks() {
        if !names.insert(block.name.as_str()) {
            let name = block.name.clone();
            problems.push(StackProblem::TwiceNamed { name });
        }
    }
    for (face, name) in [
        (&stack.top, "the upper face"),
        (&stack.bottom, "the lower face"),
    ] {
        let patches = face.patches.iter().map(|patch| &patch.condition);
        for condition in std::iter::once(&face.condition).chain(patches) {
            check_condition(condition, name, &mut problems);
        }
        let patches: Vec<_> = face.patches.iter().enumerate().collect();
        let rects: Vec<(String, Rect)> = patches
            .iter()
            .map(|(idx, patch)| (format!("patch {idx}"), patch.area))
            .collect();
        check_rects(stack, name, &rects, &mut problems);
    }
    problems
}

fn positive(
    problems: &mut Vec<StackProblem>,
    what: &'static str,
    of: &str,
    value: f64,
    unit: &'static str,
) {
    if !(value > 0.0 && value.is_finite()) {
        let of = of.to_owned();
        problems.push(StackProblem::NotPositive {
            what,
            of,
            value,
            unit,
        });
    }
}

fn finite(problems: &mut Vec<StackProblem>, what: &'static str, of: &str, value: f64) {
    if !value.is_finite() {
        let of = of.to_owned();
        problems.push(StackProblem::NotFinite { what, of, value });
    }
}

fn check_condition(condition: &Condition, face: &str, problems: &mut Vec<StackProblem>) {
    match condition {
        Condition::Adiabatic => {}
        Condition::Convection {
            coefficient,
            ambient,
        } => {
            let h = coefficient.value();
            positive(problems, "heat transfer coefficient", face, h, "W/(m2 K)");
            finite(problems, "ambient temperature", face, ambient.value());
        }
        Condition::Temperature(held) => finite(problems, "temperature", face, held.value()),
        Condition::Flux(flux) => finite(problems, "heat flux", face, flux.value()),
    }
}

fn check_layer(stack: &Stack, layer: &Layer, problems: &mut Vec<StackProblem>) {
    let of = format!("layer {:?}", layer.name);
    positive(problems, "thickness", &of, layer.thickness.value(), "m");
    if layer.sheets == 0 {
        let layer = layer.name.clone();
        problems.push(StackProblem::NoSheets { layer });
    }
    if let Some(contact) = layer.contact {
        let value = contact.value();
        if !(value >= 0.0 && value.is_finite()) {
            let what = "contact resistance";
            let of = of.clone();
            problems.push(StackProblem::NotFinite { what, of, value });
        }
    }
    let blocks = layer.blocks.iter();
    let of_blocks = blocks.map(|block| (format!("block {:?}", block.name), block.material));
    for (of, material) in std::iter::once((of, layer.material)).chain(of_blocks) {
        if let Some(index) = material
            .map(|id| id.0)
            .filter(|i| *i >= stack.materials.len())
        {
            let n = stack.materials.len();
            problems.push(StackProblem::NoMaterial { of, index, n });
        }
    }
    for block in &layer.blocks {
        finite(
            problems,
            "power",
            &format!("block {:?}", block.name),
            block.power.value(),
        );
    }
    let n_before = problems.len();
    let named = |block: &Block| -> Vec<(String, Rect)> {
        block
            .area
            .iter()
            .map(|rect| (block.name.clone(), *rect))
            .collect()
    };
    let rects: Vec<_> = layer.blocks.iter().flat_map(named).collect();
    check_rects(stack, &layer.name, &rects, problems);
    if layer.material.is_none() && problems.len() == n_before {
        let of_own = layer.blocks.iter().filter(|block| block.material.is_some());
        let covered: f64 = of_own
            .flat_map(|block| &block.area)
            .map(Rect::area_m2)
            .sum();
        let whole = stack.outline().area_m2();
        if covered < whole * (1.0 - ROUNDING) {
            problems.push(StackProblem::Gap {
                layer: layer.name.clone(),
                covered_mm2: covered * 1e6,
                whole_mm2: whole * 1e6,
            });
        }
    }
}

/// Rectangles of one layer or face: positive, inside, and apart.
fn check_rects(
    stack: &Stack,
    layer: &str,
    rects: &[(String, Rect)],
    problems: &mut Vec<StackProblem>,
) {
    let (width, height) = (stack.width.value(), stack.height.value());
    let mut is_sound = true;
    for (name, rect) in rects {
        let n_before = problems.len();
        let of = format!("block {name:?}");
        positive(problems, "width", &of, rect.width.value(), "m");
        positive(problems, "height", &of, rect.height.value(), "m");
        finite(problems, "x", &of, rect.x.value());
        finite(problems, "y", &of, rect.y.value());
        let (x1, y1) = (
            (rect.x + rect.width).value(),
            (rect.y + rect.height).value(),
        );
        let is_inside = rect.x.value() >= -ROUNDING * width
            && rect.y.value() >= -ROUNDING * height
            && x1 <= width * (1.0 + ROUNDING)
            && y1 <= height * (1.0 + ROUNDING);
        if problems.len() == n_before && !is_inside {
            problems.push(StackProblem::Outside {
                block: name.clone(),
                layer: layer.to_owned(),
                x0_mm: rect.x.value() * 1e3,
                y0_mm: rect.y.value() * 1e3,
                x1_mm: x1 * 1e3,
                y1_mm: y1 * 1e3,
                width_mm: width * 1e3,
                height_mm: height * 1e3,
            });
        }
        is_sound &= problems.len() == n_before;
    }
    if is_sound {
        overlaps(stack, layer, rects, problems);
    }
}

/// Pairs that share an area, by a sweep over their left edges.
fn overlaps(
    stack: &Stack,
    layer: &str,
    rects: &[(String, Rect)],
    problems: &mut Vec<StackProblem>,
) {
    let mut order: Vec<usize> = (0..rects.len()).collect();
    order.sort_by(|a, b| rects[*a].1.x.value().total_cmp(&rects[*b].1.x.value()));
    let least = [
        ROUNDING * stack.width.value(),
        ROUNDING * stack.height.value(),
    ];
    for (place, a) in order.iter().enumerate() {
        let (name, rect) = &rects[*a];
        let end = (rect.x + rect.width).value();
        let later = order[place + 1..].iter();
        for b in later.take_while(|b| rects[**b].1.x.value() < end) {
            let (other_name, other) = &rects[*b];
            let [across, up] = rect.overlap_m(other);
            if across > least[0] && up > least[1] {
                let (first, second) = if a < b {
                    (name, other_name)
                } else {
                    (other_name, name)
                };
                problems.push(StackProblem::Overlap {
                    first: first.clone(),
                    second: second.clone(),
                    layer: layer.to_owned(),
                    area_mm2: across * up * 1e6,
                });
            }
        }
    }
}
