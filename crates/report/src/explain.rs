//! How a figure came about, as a tree of equations and as data.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::sync::Arc;

use anstyle::{AnsiColor, Style};
use serde_json::{Value, json};
use system::Library;
use twin::Explanation;
use units::derivation::{Call, Leaf, Node, Step};
use units::{Dimension, Origin, Place, format_digits, format_si};

use crate::text::{heading, table};
use crate::words::{counted, spread_text};

const NAME: Style = Style::new().bold();
const FAINT: Style = Style::new().dimmed();
const ASSUMED: Style = AnsiColor::Yellow.on_default();
/// Significant digits of a value in the tree; the data have all of them.
const DIGITS: usize = 5;

/// One line of the tree with what lies below it.
struct Item {
    head: String,
    /// The equation, on a line of its own.
    equation: Option<String>,
    children: Vec<Item>,
}

/// The tree of equations behind a figure, down to stated values with their spreads and sources.
///
/// `depth` levels are shown, all of them without it. What stands twice is written out once.
pub fn explain_text(
    explanation: &Explanation,
    system: &str,
    library: &Library,
    depth: Option<usize>,
) -> String {
    let mut out = String::new();
    // Writing to a string cannot fail.
    let _ = write_text(&mut out, explanation, system, library, depth);
    out
}

fn write_text(
    out: &mut String,
    explanation: &Explanation,
    system: &str,
    library: &Library,
    depth: Option<usize>,
) -> std::fmt::Result {
    let metric = explanation.metric;
    let root = &explanation.root;
    writeln!(
        out,
        "{NAME}{}{NAME:#} of {system} = {NAME}{}{NAME:#}",
        metric.name,
        format_digits(root.dimension, root.si, DIGITS)
    )?;
    write!(out, " {}", metric.doc)?;
    if let Some(boundary) = metric.boundary {
        write!(out, "; boundary: {}", boundary.text())?;
    }
    if let Some(lane) = &explanation.lane {
        write!(out, "; lane {lane}")?;
    }
    writeln!(out, "\n")?;
    let mut tree = Tree {
        library,
        written: BTreeSet::new(),
        levels_left: depth.unwrap_or(usize::MAX),
    };
    let leaves = root.leaves();
    if leaves.is_empty() {
        return writeln!(
            out,
            " counted from the maps of the description; rests on no stated value"
        );
    }
    let items = tree.items(root);
    let last = items.len().saturating_sub(1);
    for (idx, item) in items.iter().enumerate() {
        write_item(out, item, "", idx == last)?;
    }
    let n_assumed = leaves.iter().filter(|leaf| is_assumed(leaf)).count();
    writeln!(
        out,
        "\n rests on {}, {n_assumed} of them {ASSUMED}assumed{ASSUMED:#}; computed again from them it has the same bits",
        counted(leaves.len(), "stated value")
    )
}

fn is_assumed(node: &Node) -> bool {
    matches!(&node.step, Step::Stated(leaf) if leaf.origin.is_estimate())
}

fn write_item(out: &mut String, item: &Item, indent: &str, is_last: bool) -> std::fmt::Result {
    let (branch, below) = if is_last {
        ("└─ ", "   ")
    } else {
        ("├─ ", "│  ")
    };
    writeln!(out, "{indent}{branch}{}", item.head)?;
    let stem = if item.children.is_empty() {
        "   "
    } else {
        "│  "
    };
    if let Some(equation) = &item.equation {
        writeln!(out, "{indent}{below}{stem}{FAINT}= {equation}{FAINT:#}")?;
    }
    let indent = format!("{indent}{below}");
    let last = item.children.len().saturating_sub(1);
    for (idx, child) in item.children.iter().enumerate() {
        write_item(out, child, &indent, idx == last)?;
    }
    Ok(())
}

struct Tree<'a> {
    library: &'a Library,
    /// Nodes that are written out already, by where they lie.
    written: BTreeSet<usize>,
    /// Levels that are still to be shown.
    levels_left: usize,
}

impl Tree<'_> {
    /// The lines of a node, and after it of what it continues: a level after one element is that
    /// after the element before, less a loss.
    fn items(&mut self, node: &Arc<Node>) -> Vec<Item> {
        match &node.step {
            Step::Named(name, inner) => self.named(name, node, inner),
            Step::Result(call, _) => vec![self.result(call.function.name, node, call)],
            Step::Stated(leaf) => vec![Item {
                head: self.stated(node, leaf),
                equation: None,
                children: Vec::new(),
            }],
            Step::Least(nodes) => vec![self.least(node, nodes)],
            Step::Number { .. } => Vec::new(),
            Step::Add(..) | Step::Subtract(..) | Step::Multiply(..) | Step::Divide(..) => {
                let children = self.below(node, None);
                vec![Item {
                    head: format!("{NAME}{}{NAME:#}", value(node)),
                    equation: Some(formula(node, 0)),
                    children,
                }]
            }
        }
    }

    fn named(&mut self, name: &str, node: &Arc<Node>, inner: &Arc<Node>) -> Vec<Item> {
        let head = format!("{name} = {NAME}{}{NAME:#}", value(node));
        if self.is_written(node) {
            return vec![Item {
                head: format!("{head} (above)"),
                equation: None,
                children: Vec::new(),
            }];
        }
        if let Step::Result(call, _) = &inner.step {
            return vec![self.result(name, inner, call)];
        }
        let before = continued(node, inner);
        let children = self.below(inner, before);
        let equation = match &inner.step {
            Step::Stated(_) | Step::Named(..) | Step::Number { .. } => None,
            _ => Some(formula(inner, 0)),
        };
        let mut items = vec![Item {
            head,
            equation,
            children,
        }];
        if let Some(before) = before {
            items.extend(self.items(before));
        }
        items
    }

    fn result(&mut self, name: &str, node: &Arc<Node>, call: &Arc<Call>) -> Item {
        let head = format!("{name} = {NAME}{}{NAME:#}", value(node));
        let by = if name == call.function.name {
            String::new()
        } else {
            format!("{}: ", call.function.name)
        };
        let equation = Some(format!(
            "{by}{} [{}]",
            call.function.equation, call.function.source
        ));
        // Another result of the same model rests on the same inputs.
        let address = Arc::as_ptr(call).addr();
        if !self.written.insert(address) {
            return Item {
                head: format!("{head} (from the same, above)"),
                equation: None,
                children: Vec::new(),
            };
        }
        let children = self.children(call.inputs.iter());
        Item {
            head,
            equation,
            children,
        }
    }

    fn least(&mut self, node: &Arc<Node>, nodes: &[Arc<Node>]) -> Item {
        let least = nodes
            .iter()
            .find(|other| other.si.to_bits() == node.si.to_bits());
        Item {
            head: format!(
                "the least of {} = {NAME}{}{NAME:#}",
                counted(nodes.len(), "kind of lane"),
                value(node)
            ),
            equation: None,
            children: self.children(least),
        }
    }

    /// The lines of the terms of an expression, but for one that follows later.
    fn below(&mut self, node: &Arc<Node>, without: Option<&Arc<Node>>) -> Vec<Item> {
        let mut terms = Vec::new();
        collect_terms(node, &mut terms);
        let is_left_out = |term: &Arc<Node>| without.is_some_and(|w| Arc::ptr_eq(w, term));
        self.children(terms.into_iter().filter(|term| !is_left_out(term)))
    }

    /// The lines one level further down, as long as levels are left.
    fn children<'a>(&mut self, nodes: impl IntoIterator<Item = &'a Arc<Node>>) -> Vec<Item> {
        if self.levels_left <= 1 {
            return Vec::new();
        }
        self.levels_left -= 1;
        let items = nodes.into_iter().flat_map(|node| self.items(node));
        let items = items.collect();
        self.levels_left += 1;
        items
    }

    fn is_written(&mut self, node: &Arc<Node>) -> bool {
        !self.written.insert(Arc::as_ptr(node).addr())
    }

    /// A stated value with its spread and where it comes from.
    fn stated(&mut self, node: &Arc<Node>, leaf: &Leaf) -> String {
        let place = leaf
            .place
            .as_ref()
            .map_or_else(|| "a value".to_owned(), ToString::to_string);
        let mut text = format!("{place} = {NAME}{}{NAME:#}", value(node));
        let spread = spread_text(node.dimension, &leaf.spread);
        if !spread.is_empty() {
            let _ = write!(text, "  {spread}");
        }
        let _ = write!(text, "  {}", self.origin(&leaf.origin));
        text
    }

    fn origin(&self, origin: &Origin) -> String {
        match origin {
            Origin::Source(key) => match self.library.source(key) {
                Some(source) => match &source.doubt {
                    Some(doubt) => format!("[{key}] {} (doubt: {doubt})", source.title),
                    None => format!("[{key}] {}", source.title),
                },
                None => format!("[{key}]"),
            },
            Origin::Estimate(reason) => format!("{ASSUMED}assumed{ASSUMED:#}: {reason}"),
            other => other.to_string(),
        }
    }
}

/// What a named value continues: the value before it of the same kind, when it is that value plus
/// or minus something.
fn continued<'a>(node: &Node, inner: &'a Node) -> Option<&'a Arc<Node>> {
    let (Step::Add(before, _) | Step::Subtract(before, _)) = &inner.step else {
        return None;
    };
    let is_level = node.dimension == Dimension::PowerLevel;
    (is_level && before.dimension == node.dimension && matches!(before.step, Step::Named(..)))
        .then_some(before)
}

/// The values that an expression combines, from left to right; zero terms are left out.
fn collect_terms<'a>(node: &'a Arc<Node>, terms: &mut Vec<&'a Arc<Node>>) {
    let is_same = |term: &&Arc<Node>| {
        Arc::ptr_eq(term, node) || place_of(node).is_some_and(|place| place_of(term) == Some(place))
    };
    if is_zero(node) || terms.iter().any(is_same) {
        return;
    }
    match &node.step {
        Step::Add(a, b) | Step::Subtract(a, b) | Step::Multiply(a, b) | Step::Divide(a, b) => {
            collect_terms(a, terms);
            collect_terms(b, terms);
        }
        Step::Number { .. } => {}
        _ => terms.push(node),
    }
}

/// Where a stated value stands.
fn place_of(node: &Node) -> Option<&Place> {
    match &node.step {
        Step::Stated(leaf) => leaf.place.as_ref(),
        _ => None,
    }
}

/// Whether a term is zero because the part that it would come from is not there.
fn is_zero(node: &Node) -> bool {
    match &node.step {
        Step::Number { .. } => node.si.to_bits() << 1 == 0,
        Step::Multiply(a, b) => is_zero(a) || is_zero(b),
        Step::Divide(a, _) => is_zero(a),
        Step::Add(a, b) | Step::Subtract(a, b) => is_zero(a) && is_zero(b),
        Step::Named(_, node) => is_zero(node),
        Step::Stated(_) | Step::Least(_) | Step::Result(..) => false,
    }
}

/// An expression with the names of its values; `binding` is 0 inside a sum, 1 inside a product
/// and 2 behind a division.
fn formula(node: &Node, binding: u8) -> String {
    let wrapped = |text: String, own: u8| {
        if own < binding {
            format!("({text})")
        } else {
            text
        }
    };
    match &node.step {
        Step::Add(a, b) if is_zero(b) => formula(a, binding),
        Step::Add(a, b) if is_zero(a) => formula(b, binding),
        Step::Add(a, b) => wrapped(format!("{} + {}", formula(a, 0), formula(b, 0)), 0),
        Step::Subtract(a, b) if is_zero(b) => formula(a, binding),
        Step::Subtract(a, b) => wrapped(format!("{} - {}", formula(a, 0), formula(b, 1)), 0),
        Step::Multiply(a, b) => wrapped(format!("{} x {}", formula(a, 1), formula(b, 1)), 1),
        Step::Divide(a, b) => wrapped(format!("{} / {}", formula(a, 1), formula(b, 2)), 1),
        Step::Number { what: Some(what) } => {
            format!("{} {what}", format_si(node.dimension, node.si))
        }
        Step::Number { what: None } => format_digits(node.dimension, node.si, DIGITS),
        Step::Stated(leaf) => leaf.place.as_ref().map_or_else(
            || format_si(node.dimension, node.si),
            |place| format!("{}.{}", short(&place.key), place.field),
        ),
        Step::Named(name, _) => name.clone(),
        Step::Result(call, _) => call.function.name.to_owned(),
        Step::Least(nodes) => format!("the least of {}", nodes.len()),
    }
}

/// The kind of a library part, or the last step of a path.
fn short(key: &str) -> &str {
    match key.split_once(' ') {
        Some((kind, _)) => kind,
        None => key.rsplit('.').next().unwrap_or(key),
    }
}

fn value(node: &Node) -> String {
    format_digits(node.dimension, node.si, DIGITS)
}

/// The figures of a system that can be explained, with their values.
pub fn figures_text(system: &str, known: &[Explanation]) -> String {
    let rows = known.iter().map(|explanation| {
        let (metric, root) = (explanation.metric, &explanation.root);
        vec![
            metric.name.to_owned(),
            format_digits(root.dimension, root.si, DIGITS),
            metric.doc.to_owned(),
        ]
    });
    format!(
        "{}\n{}\n",
        heading(&format!("Figures of {system}")),
        table(&[], &[1], rows)
    )
}

/// The derivation as data: nodes in an order in which each stands behind its inputs, the figure
/// last.
pub fn explain_json(explanation: &Explanation, system: &str, library: &Library) -> Value {
    let metric = explanation.metric;
    let mut list = List {
        library,
        nodes: Vec::new(),
        ids: BTreeMap::new(),
    };
    let root = list.add(&explanation.root);
    json!({
        "system": system,
        "quantity": metric.name,
        "doc": metric.doc,
        "boundary": metric.boundary.map(twin::Boundary::text),
        "lane": explanation.lane,
        "unit": metric.unit,
        "value": metric.in_unit(explanation.root.si),
        "root": root,
        "nodes": list.nodes,
    })
}

struct List<'a> {
    library: &'a Library,
    nodes: Vec<Value>,
    ids: BTreeMap<usize, usize>,
}

impl List<'_> {
    fn add(&mut self, node: &Arc<Node>) -> usize {
        let address = Arc::as_ptr(node).addr();
        if let Some(id) = self.ids.get(&address) {
            return *id;
        }
        let inputs: Vec<usize> = node
            .inputs()
            .into_iter()
            .map(|input| self.add(input))
            .collect();
        let id = self.nodes.len();
        let mut entry = json!({
            "id": id,
            "si": node.si,
            "value": format_si(node.dimension, node.si),
            "inputs": inputs,
        });
        let more = match &node.step {
            Step::Stated(leaf) => self.leaf(node, leaf),
            Step::Number { what } => json!({ "step": "number", "what": what }),
            Step::Add(..) => json!({ "step": "add" }),
            Step::Subtract(..) => json!({ "step": "subtract" }),
            Step::Multiply(..) => json!({ "step": "multiply" }),
            Step::Divide(..) => json!({ "step": "divide" }),
            Step::Least(_) => json!({ "step": "least" }),
            Step::Named(name, inner) => json!({
                "step": "name", "name": name, "equation": formula(inner, 0),
            }),
            Step::Result(call, index) => json!({
                "step": "model",
                "name": call.function.name,
                "equation": call.function.equation,
                "source": call.function.source,
                "result": index,
            }),
        };
        if let (Some(entry), Value::Object(more)) = (entry.as_object_mut(), more) {
            entry.extend(more);
        }
        self.nodes.push(entry);
        self.ids.insert(address, id);
        id
    }

    fn leaf(&self, node: &Node, leaf: &Leaf) -> Value {
        let at = |p: f64| leaf.spread.quantile(node.si, p);
        let source = match &leaf.origin {
            Origin::Source(key) => self.library.source(key).map(
                |source| json!({ "key": source.key, "title": source.title, "doubt": source.doubt }),
            ),
            _ => None,
        };
        json!({
            "step": "stated",
            "place": leaf.place.as_ref().map(ToString::to_string),
            "spread": spread_text(node.dimension, &leaf.spread),
            "p5_si": at(0.05),
            "p95_si": at(0.95),
            "origin": leaf.origin.to_string(),
            "assumed": leaf.origin.is_estimate(),
            "source": source,
        })
    }
}
