//! From the file to switches and links.

use std::collections::BTreeMap;
use std::sync::Arc;

use plant::DeviceName;
use system::{Entry, Node, NodeValue, Problem, Problems, System, parse_bytes};
use units::Dimension;

use super::ends::{Far, Joints};
use super::{FORMAT, Member, Resolve, Unresolved, WorldFile};
use crate::fault::piece::Piece;
use crate::scenario::fields::{Codes, Fields, check_format, check_text};

/// The greatest number of switches of a world.
const MAX_SWITCHES: usize = 4096;

/// The greatest number of problems; whoever has more mends the first ones.
const MAX_PROBLEMS: usize = 200;

/// Range of the loss of a link, dB.
const LOSS_DB: (f64, f64) = (0.0, 60.0);

const CODES: Codes = Codes {
    format: "world::format",
    wrong_type: "world::type",
    missing: "world::missing",
    value: "world::value",
    unknown_key: "world::unknown-key",
};

/// A switch as far as it could be read: one without a description has its problem already.
pub(super) struct Declared {
    pub(super) name: String,
    pub(super) system: Option<Arc<System>>,
    seed: Option<u64>,
}

impl WorldFile {
    /// Reads a world; descriptions come from `resolve`, each text once.
    ///
    /// # Errors
    /// All problems of the file and of the descriptions that it names at once, each with its place.
    pub fn parse(name: &str, bytes: &[u8], resolve: &Resolve<'_>) -> Result<Self, Problems> {
        let mut problems = Vec::new();
        let Some(root) = parse_bytes(name, bytes, &mut problems) else {
            return Err(Problems::collected(problems));
        };
        if !problems.is_empty() {
            return Err(Problems::collected(problems));
        }
        let mut reader = Reader {
            resolve,
            systems: BTreeMap::new(),
            switches: Vec::new(),
            problems,
        };
        let (title, far) = reader.file(&root);
        let switches = reader.switches.into_iter();
        let members: Option<Vec<Member>> = switches
            .map(|of| {
                Some(Member {
                    name: DeviceName::new(of.name).ok()?,
                    system: of.system?,
                    seed: of.seed,
                })
            })
            .collect();
        match members {
            Some(switches) if reader.problems.is_empty() => Ok(Self {
                title,
                switches,
                far,
            }),
            _ => Err(Problems::collected(reader.problems)),
        }
    }
}

struct Reader<'a> {
    resolve: &'a Resolve<'a>,
    /// Descriptions by the text that names them; none for one that cannot be used.
    systems: BTreeMap<String, Option<Arc<System>>>,
    switches: Vec<Declared>,
    problems: Vec<Problem>,
}

impl Reader<'_> {
    /// The title, and what each lane hears.
    fn file(&mut self, root: &Node) -> (Option<String>, Vec<Vec<crate::world::FarEnd>>) {
        check_format(&CODES, root, FORMAT, &mut self.problems);
        let mut unconnected = Far::Loopback;
        for entry in root.entries().unwrap_or_default() {
            match entry.key.as_str() {
                "format" | "switch" | "link" => {}
                "title" | "note" => check_text(&CODES, entry, &mut self.problems),
                "unconnected" => {
                    let far = self.unconnected(entry);
                    unconnected = far.unwrap_or(unconnected);
                }
                key => {
                    let message = format!("a world has no key {key:?}");
                    let problem = Problem::new(CODES.unknown_key, &entry.key_span, message);
                    let known = ["format", "title", "note", "unconnected", "switch", "link"];
                    self.problems.push(problem.with_nearest(key, known));
                }
            }
        }
        for node in tables(root, "switch", &mut self.problems) {
            if self.switches.len() >= MAX_SWITCHES {
                let message = format!("the world has more than {MAX_SWITCHES} switches");
                let problem = Problem::new("world::too-large", &node.span, message);
                self.problems.push(problem.with_help("split the world"));
                break;
            }
            self.switch(node);
        }
        if root.get("switch").is_none() {
            let message = "the world has no switch";
            let problem = Problem::new(CODES.missing, &root.span, message);
            let help = "add `[[switch]]` with a `name` and a `system`";
            self.problems.push(problem.with_help(help));
        }
        let mut joints = Joints::new(&self.switches, unconnected);
        for node in tables(root, "link", &mut self.problems) {
            if self.problems.len() >= MAX_PROBLEMS {
                break;
            }
            link(node, &mut joints, &mut self.problems);
        }
        let title = root.get("title").and_then(|entry| entry.node.text());
        (title.map(str::to_owned), joints.far())
    }

    fn unconnected(&mut self, entry: &Entry) -> Option<Far> {
        let Some(text) = entry.node.text() else {
            check_text(&CODES, entry, &mut self.problems);
            return None;
        };
        let word = Piece::new(text, &entry.node.span);
        Far::read("unconnected", &word)
            .map_err(|problem| self.problems.push(*problem))
            .ok()
    }

    fn switch(&mut self, node: &Node) {
        let entries = node.entries().unwrap_or_default();
        // The fields hold the problems while the reader is in use.
        let mut problems = std::mem::take(&mut self.problems);
        let mut fields = Fields::new((&CODES, "the switch"), entries, &node.span, &mut problems);
        let name = fields.required("name", "\"leaf1\"");
        let text = fields.required("system", "\"cpo-51t\"");
        let seed = seed(&mut fields);
        if let Some(name) = &name {
            self.check_name(name, &mut fields);
        }
        let system = text.and_then(|text| self.system(&text, &mut fields));
        fields.finish();
        self.problems = problems;
        if let Some(name) = name {
            self.switches.push(Declared {
                name: name.text().to_owned(),
                system,
                seed,
            });
        }
    }

    fn check_name(&self, name: &Piece<'_>, fields: &mut Fields<'_, '_>) {
        const CODE: &str = "world::name";
        let text = name.text();
        let is_plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.');
        // Servers name folders after switches; dots alone would lead out of them.
        let is_dots = text.chars().all(|c| c == '.');
        if is_dots || text.len() > 64 || !text.chars().all(is_plain) {
            let problem = name.problem(CODE, format!("a switch cannot be called {text:?}"));
            let help = "a name has 1 to 64 letters, digits, `-`, `_` or `.`, and not dots alone";
            fields.push(problem.with_help(help));
        } else if self.switches.iter().any(|of| of.name == text) {
            let problem = name.problem(CODE, format!("the name {text:?} stands twice"));
            fields.push(problem.with_help("rename one of the two"));
        }
    }

    /// The description that a switch names.
    fn system(&mut self, text: &Piece<'_>, fields: &mut Fields<'_, '_>) -> Option<Arc<System>> {
        if let Some(known) = self.systems.get(text.text()) {
            return known.clone();
        }
        let system = match (self.resolve)(text.text()) {
            Ok(system) => Some(Arc::new(system)),
            Err(Unresolved::Absent(why)) => {
                let problem = text.problem("world::system", why);
                let help = "name a platform, or the path of a description relative to this file";
                fields.push(problem.with_help(help));
                None
            }
            Err(Unresolved::Wrong(problems)) => {
                problems.0.into_iter().for_each(|p| fields.push(p));
                None
            }
        };
        self.systems.insert(text.text().to_owned(), system.clone());
        system
    }
}

/// The tables of a list; a list of anything else is a problem.
fn tables<'n>(root: &'n Node, key: &'static str, problems: &mut Vec<Problem>) -> Vec<&'n Node> {
    let help = format!("begin each {key} with `[[{key}]]`");
    let Some(entry) = root.get(key) else {
        return Vec::new();
    };
    let NodeValue::Array(nodes) = &entry.node.value else {
        let message = format!("{key} takes a list of tables, found {}", entry.node.noun());
        let problem = Problem::new(CODES.wrong_type, &entry.node.span, message);
        problems.push(problem.with_help(help));
        return Vec::new();
    };
    let mut tables = Vec::with_capacity(nodes.len());
    for node in nodes {
        if node.entries().is_some() {
            tables.push(node);
        } else if problems.len() < MAX_PROBLEMS {
            let message = format!("a {key} is a table, found {}", node.noun());
            let problem = Problem::new(CODES.wrong_type, &node.span, message);
            problems.push(problem.with_help(help.clone()));
        }
    }
    tables
}

fn seed(fields: &mut Fields<'_, '_>) -> Option<u64> {
    let node = fields.node("seed")?;
    let seed = match node.value {
        NodeValue::Integer(seed) => u64::try_from(seed).ok(),
        _ => None,
    };
    if seed.is_none() {
        fields.wrong_type("seed", node, "a whole number that is not negative");
    }
    seed
}

/// A link, or the links that a pattern stands for.
fn link(node: &Node, joints: &mut Joints<'_>, problems: &mut Vec<Problem>) {
    const CODE: &str = "world::link";
    let entries = node.entries().unwrap_or_default();
    let mut fields = Fields::new((&CODES, "the link"), entries, &node.span, problems);
    let ends = fields.list("ends", "[\"leaf1.eth0\", \"spine1.eth0\"]");
    let word = fields.optional("far");
    let loss_db = fields.quantity("loss", Dimension::PowerRatio, LOSS_DB);
    let far = word
        .as_ref()
        .and_then(|word| fields.keep(Far::read("far", word)));
    match (ends.as_slice(), &word) {
        ([], _) => {}
        ([_], None) => fields.lacks("far", "\"loopback\""),
        ([end], Some(_)) => {
            if fields.has("loss") && matches!(far, Some(Far::Ideal | Far::None)) {
                let message = "only light of a port can lose";
                let problem = Problem::new(CODE, fields.span(), message);
                fields.push(problem.with_help("remove `loss`, or write `far = \"loopback\"`"));
            }
            let ports = fields.keep(joints.ports(end));
            if let (Some(ports), Some(far)) = (ports, far) {
                let joined = joints.leave(end, &ports, far, loss_db.unwrap_or(0.0));
                fields.keep(joined);
            }
        }
        ([_, _], Some(word)) => {
            let problem = word.problem(CODE, "a link of two ends has no other far end");
            fields.push(problem.with_help("remove `far`, or one of the `ends`"));
        }
        ([one, other], None) => {
            let both = [one, other].map(|end| fields.keep(joints.ports(end)));
            if let [Some(ports), Some(far)] = both {
                let joined = joints.join([one, other], [&ports, &far], loss_db.unwrap_or(0.0));
                fields.keep(joined);
            }
        }
        ([_, _, third, ..], _) => {
            let problem = third.problem(CODE, "a link has one or two ends");
            fields.push(problem.with_help("write a [[link]] for each pair"));
        }
    }
    fields.finish();
}
