//! From elements to bodies.

use std::collections::BTreeMap;

use roxmltree::{Document, Node};
use units::{Celsius, Kelvin, ThermalConductivity, VolumetricHeatCapacity};

use super::super::error::{ReadError, ReadErrors};
use crate::stack::{Conductivity, Material};

/// The greatest number of problems of one file that are told.
const MAX_PROBLEMS: usize = 100;

/// The greatest depth of assemblies.
const MAX_DEPTH: usize = 64;

/// The greatest number of elements of one file.
const MAX_NODES: u32 = 4_000_000;

/// The greatest number of objects of one file.
const MAX_BODIES: usize = 20_000;

/// Place of a material that has a problem already; what is made of it does not lack it.
const UNUSABLE: usize = usize::MAX;

/// An axis of the file: x, y or z.
pub(super) type Axis = usize;

/// What a body is.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum What {
    /// A solid of a material.
    Solid(usize),
    /// Heat in whatever is there.
    Source,
    /// Heat in a plane across an axis, which looks along the axis or against it.
    Sheet { axis: Axis, is_along: bool },
}

/// A box.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Body {
    pub(super) name: String,
    pub(super) line: usize,
    /// Least corner in metres.
    pub(super) low: [f64; 3],
    /// Greatest corner.
    pub(super) high: [f64; 3],
    pub(super) what: What,
    pub(super) power_w: f64,
}

/// A package as the file has it.
#[derive(Debug, Default)]
pub(super) struct Package {
    pub(super) materials: Vec<Material>,
    pub(super) bodies: Vec<Body>,
    /// The axis along which the package is built, where flat objects tell it, and their line.
    pub(super) up: Option<(Axis, usize)>,
    pub(super) ambient: Option<Celsius>,
    pub(super) notes: Vec<String>,
}

/// Reads the elements of a file.
pub(super) fn read(file: &str, text: &str) -> Result<Package, ReadErrors> {
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    let options = roxmltree::ParsingOptions {
        allow_dtd: false,
        nodes_limit: MAX_NODES,
        ..Default::default()
    };
    let document = Document::parse_with_options(text, options).map_err(|error| {
        let pos = error.pos();
        ReadError::new(file, line(pos.row), format!("no readable XML: {error}"))
            .at(line(pos.col).max(1))
    })?;
    let mut reader = Reader {
        file,
        document: &document,
        package: Package::default(),
        errors: Vec::new(),
        materials: BTreeMap::new(),
        left_out: BTreeMap::new(),
    };
    reader.root();
    let left_out: Vec<String> = reader
        .left_out
        .iter()
        .map(|(what, n)| format!("{what} ({n})"))
        .collect();
    if !left_out.is_empty() {
        let note = format!("left out, with their number: {}", left_out.join(", "));
        reader.package.notes.push(note);
    }
    if reader.errors.is_empty() {
        Ok(reader.package)
    } else {
        Err(ReadErrors(reader.errors))
    }
}

fn line(number: u32) -> usize {
    usize::try_from(number).unwrap_or(usize::MAX)
}

/// Whether an element has a name; capitals do not count, because programs differ in them.
fn is(node: Node<'_, '_>, name: &str) -> bool {
    node.tag_name().name().eq_ignore_ascii_case(name)
}

fn child<'a, 'd>(node: Node<'a, 'd>, name: &str) -> Option<Node<'a, 'd>> {
    node.children().find(|c| c.is_element() && is(*c, name))
}

fn text<'a>(node: Node<'a, '_>) -> &'a str {
    node.text().unwrap_or_default().trim()
}

struct Reader<'a, 'd> {
    file: &'a str,
    document: &'a Document<'d>,
    package: Package,
    errors: Vec<ReadError>,
    /// Position of each material.
    materials: BTreeMap<String, usize>,
    /// Elements that are not understood, with their number.
    left_out: BTreeMap<String, usize>,
}

impl<'a, 'd> Reader<'a, 'd> {
    fn line(&self, node: Node<'_, '_>) -> usize {
        line(self.document.text_pos_at(node.range().start).row)
    }

    fn problem(&mut self, node: Node<'_, '_>, message: impl Into<String>) {
        self.problem_with(node, message, None);
    }

    fn problem_with(
        &mut self,
        node: Node<'_, '_>,
        message: impl Into<String>,
        help: Option<String>,
    ) {
        if self.errors.len() < MAX_PROBLEMS {
            let pos = self.document.text_pos_at(node.range().start);
            let mut error =
                ReadError::new(self.file, line(pos.row), message).at(line(pos.col).max(1));
            error.help = help;
            self.errors.push(error);
        }
    }

    fn required(&mut self, node: Node<'a, 'd>, name: &str) -> Option<Node<'a, 'd>> {
        let found = child(node, name);
        if found.is_none() {
            let of = node.tag_name().name();
            self.problem(node, format!("<{of}> has no <{name}>"));
        }
        found
    }

    fn number(&mut self, node: Node<'a, 'd>) -> Option<f64> {
        let found = text(node);
        let number = found
            .parse::<f64>()
            .ok()
            .filter(|number| number.is_finite());
        if number.is_none() {
            let of = node.tag_name().name();
            let shown: String = found.chars().take(40).collect();
            self.problem(node, format!("<{of}> is {shown:?}, no finite number"));
        }
        number
    }

    fn number_in(&mut self, node: Node<'a, 'd>, name: &str) -> Option<f64> {
        let node = self.required(node, name)?;
        self.number(node)
    }

    /// A number that has to be positive.
    fn positive_in(&mut self, node: Node<'a, 'd>, name: &str) -> Option<f64> {
        let found = self.required(node, name)?;
        let number = self.number(found)?;
        if number > 0.0 {
            return Some(number);
        }
        self.problem(
            found,
            format!("<{name}> is {number}; it has to be positive"),
        );
        None
    }

    fn vector_in(&mut self, node: Node<'a, 'd>, name: &str) -> Option<[f64; 3]> {
        let vector = self.required(node, name)?;
        let [x, y, z] = ["x", "y", "z"].map(|axis| self.number_in(vector, axis));
        Some([x?, y?, z?])
    }

    /// Counts the elements within one that are not known.
    fn leave_out(&mut self, node: Node<'a, 'd>, known: &[&str]) {
        for found in node.children().filter(Node::is_element) {
            if !known.iter().any(|name| is(found, name)) {
                let name = format!("{}/{}", node.tag_name().name(), found.tag_name().name());
                *self.left_out.entry(name).or_default() += 1;
            }
        }
    }

    fn root(&mut self) {
        let root = self.document.root_element();
        if !is(root, "neutralXML") {
            let found = root.tag_name().name();
            let help = Some("an ECXML file begins with <neutralXML>".to_owned());
            self.problem_with(root, format!("the outermost element is <{found}>"), help);
            return;
        }
        self.leave_out(
            root,
            &[
                "name",
                "producer",
                "solutionDomain",
                "materials",
                "geometry",
            ],
        );
        let ambient = child(root, "solutionDomain")
            .and_then(|domain| child(domain, "ambientConditions"))
            .and_then(|ambient| child(ambient, "temperature"));
        if let Some(node) = ambient
            && let Some(kelvin) = self.number(node)
        {
            if kelvin > 0.0 {
                self.package.ambient = Some(Kelvin::new(kelvin).into());
            } else {
                self.problem(node, format!("an ambient temperature of {kelvin} K"));
            }
        }
        if let Some(materials) = child(root, "materials") {
            self.leave_out(materials, &["material"]);
            for material in materials.children().filter(Node::is_element) {
                if is(material, "material") {
                    self.material(material);
                }
            }
        }
        if let Some(geometry) = self.required(root, "geometry") {
            self.geometry(geometry, "", 0);
        }
        if self.package.bodies.is_empty() && self.errors.is_empty() {
            self.problem(root, "no active object has a place");
        }
    }

    fn material(&mut self, node: Node<'a, 'd>) {
        let Some(name) = self.required(node, "name").map(text) else {
            return;
        };
        self.leave_out(
            node,
            &[
                "name",
                "density",
                "specific_heat",
                "surfaceEmissivity",
                "thermalConductivity",
            ],
        );
        let density = self.positive_in(node, "density");
        let specific_heat = self.positive_in(node, "specific_heat");
        let Some(conductivity) = self
            .required(node, "thermalConductivity")
            .and_then(|node| self.conductivity(node, name))
        else {
            self.materials.insert(name.to_owned(), UNUSABLE);
            return;
        };
        let (Some(density), Some(specific_heat)) = (density, specific_heat) else {
            self.materials.insert(name.to_owned(), UNUSABLE);
            return;
        };
        let material = Material {
            name: name.to_owned(),
            conductivity,
            heat_capacity: VolumetricHeatCapacity::new(density * specific_heat),
        };
        let idx = self.package.materials.len();
        if self.materials.insert(name.to_owned(), idx).is_some() {
            self.problem(node, format!("a second material is named {name:?}"));
        }
        self.package.materials.push(material);
    }

    fn conductivity(&mut self, node: Node<'a, 'd>, of: &str) -> Option<Conductivity> {
        let constant = |[x, y, z]: [f64; 3]| Conductivity {
            x: ThermalConductivity::new(x),
            y: ThermalConductivity::new(y),
            z: ThermalConductivity::new(z),
            reference: Kelvin::new(300.0),
            exponent: 0.0,
        };
        let varying = |k: f64, reference: f64, exponent: f64| Conductivity {
            reference: Kelvin::new(reference),
            exponent,
            ..constant([k; 3])
        };
        if let Some(kind) = child(node, "isotropic") {
            let k = self.positive_in(kind, "conductivity")?;
            return Some(constant([k; 3]));
        }
        if let Some(kind) = child(node, "orthotropic") {
            let [x, y, z] = ["x", "y", "z"].map(|axis| self.positive_in(kind, axis));
            return Some(constant([x?, y?, z?]));
        }
        if let Some(kind) = child(node, "linearTemperatureDependant") {
            let k = self.positive_in(kind, "conductivity");
            let slope = self.number_in(kind, "coeff");
            let reference = self.positive_in(kind, "tref");
            let (k, slope, reference) = (k?, slope?, reference?);
            let exponent = -slope * reference / k;
            if exponent != 0.0 {
                self.package.notes.push(format!(
                    "material {of:?}: k = {k} W/(m K) {slope:+} (T - {reference} K) is taken as {k} (T / {reference} K)^{:.3}, of the same value and slope at {reference} K",
                    -exponent
                ));
            }
            return Some(varying(k, reference, exponent));
        }
        if let Some(kind) = child(node, "nonLinearTemperatureDependant") {
            let mut points = Vec::new();
            for point in kind.children().filter(|n| is(*n, "tempCurvePoint")) {
                let at = self.positive_in(point, "temperature");
                let k = self.positive_in(point, "conductivity");
                points.push((at?, k?));
            }
            if points.is_empty() {
                self.problem(kind, format!("material {of:?} has no <tempCurvePoint>"));
                return None;
            }
            let (k, reference, exponent, off) = power_law(&points);
            self.package.notes.push(format!(
                "material {of:?}: the {} points of its conductivity are taken as {k:.4} W/(m K) (T / {reference:.1} K)^{:.3}, off by {:.1} % at most",
                points.len(),
                -exponent,
                100.0 * off
            ));
            return Some(varying(k, reference, exponent));
        }
        let found: Vec<&str> = node
            .children()
            .filter(Node::is_element)
            .map(|n| n.tag_name().name())
            .collect();
        let help = "known are isotropic, orthotropic, linearTemperatureDependant and nonLinearTemperatureDependant";
        self.problem_with(
            node,
            format!(
                "the conductivity of {of:?} is given as {:?}",
                found.join(", ")
            ),
            Some(help.to_owned()),
        );
        None
    }

    fn geometry(&mut self, node: Node<'a, 'd>, path: &str, depth: usize) {
        if depth > MAX_DEPTH {
            self.problem(node, format!("assemblies nest deeper than {MAX_DEPTH}"));
            return;
        }
        for object in node.children().filter(Node::is_element) {
            if self.package.bodies.len() > MAX_BODIES {
                self.problem(object, format!("more than {MAX_BODIES} objects"));
                return;
            }
            if self.errors.len() >= MAX_PROBLEMS {
                return;
            }
            self.object(object, path, depth);
        }
    }

    fn object(&mut self, node: Node<'a, 'd>, path: &str, depth: usize) {
        let kind = node.tag_name().name();
        let is_active = match child(node, "active").map(|n| text(n).to_ascii_lowercase()) {
            None => true,
            Some(word) if word == "true" || word == "1" => true,
            Some(word) if word == "false" || word == "0" => false,
            Some(word) => {
                let shown: String = word.chars().take(20).collect();
                self.problem(node, format!("<active> is {shown:?}; it is true or false"));
                return;
            }
        };
        if !is_active {
            return;
        }
        let name = child(node, "name").map_or("", text);
        let path = match (path, name) {
            ("", "") => kind.to_owned(),
            ("", name) => name.to_owned(),
            (path, "") => format!("{path}/{kind}"),
            (path, name) => format!("{path}/{name}"),
        };
        let any = |names: &[&str]| names.iter().any(|name| is(node, name));
        if any(&["assembly", "heatsink"]) {
            let inner = if any(&["assembly"]) {
                "geometry"
            } else {
                "parts"
            };
            self.leave_out(node, &["name", "active", "location", "size", inner]);
            if let Some(location) = child(node, "location").filter(|_| any(&["assembly"])) {
                let moves = ["x", "y", "z"]
                    .iter()
                    .filter_map(|axis| child(location, axis))
                    .any(|n| text(n).parse::<f64>().is_ok_and(|moved| moved != 0.0));
                if moves {
                    let help = "write the places of its parts from the origin of the file";
                    self.problem_with(
                        location,
                        format!("assembly {path:?} has a place of its own, whose meaning is not documented"),
                        Some(help.to_owned()),
                    );
                }
            }
            if let Some(inner) = self.required(node, inner) {
                self.geometry(inner, &path, depth + 1);
            }
        } else if any(&["solid3dBlock", "printedCircuitBoard"]) {
            self.solid(node, path);
        } else if any(&["solid2dBlock", "source2dBlock"]) {
            self.flat(node, path);
        } else if any(&["sourceBlock"]) {
            self.leave_out(
                node,
                &["name", "active", "location", "size", "powerDissipation"],
            );
            let corners = self.corners(node);
            let power_w = self.number_in(node, "powerDissipation");
            if let (Some((low, high)), Some(power_w)) = (corners, power_w) {
                self.body(node, path, (low, high), What::Source, power_w);
            }
        } else if any(&["twoResistorModel"]) {
            self.two_resistors(node, &path);
        } else if any(&["solidCylinder", "externalMcadFile"]) {
            let help = "replace it by boxes, or make it inactive";
            self.problem_with(
                node,
                format!("{kind} {path:?} is no box"),
                Some(help.to_owned()),
            );
        } else {
            *self.left_out.entry(kind.to_owned()).or_default() += 1;
        }
    }

    fn body(
        &mut self,
        node: Node<'a, 'd>,
        name: String,
        (low, high): ([f64; 3], [f64; 3]),
        what: What,
        power_w: f64,
    ) {
        let line = self.line(node);
        self.package.bodies.push(Body {
            name,
            line,
            low,
            high,
            what,
            power_w,
        });
    }

    /// Both corners of an object with a volume.
    fn corners(&mut self, node: Node<'a, 'd>) -> Option<([f64; 3], [f64; 3])> {
        let low = self.vector_in(node, "location");
        let size = self.vector_in(node, "size");
        let (low, size) = (low?, size?);
        if let Some(axis) = (0..3).find(|axis| size[*axis] <= 0.0) {
            let extent = size[axis];
            let name = ["x", "y", "z"][axis];
            self.problem(
                node,
                format!("the extent along {name} is {extent} m; it has to be positive"),
            );
            return None;
        }
        Some((low, [0, 1, 2].map(|axis| low[axis] + size[axis])))
    }

    /// The material that an object names.
    fn made_of(&mut self, node: Node<'a, 'd>) -> Option<usize> {
        let found = self.required(node, "material")?;
        let name = text(found);
        if let Some(idx) = self.materials.get(name) {
            return Some(*idx).filter(|idx| *idx != UNUSABLE);
        }
        let near = self.materials.keys().max_by(|a, b| {
            let like = |other: &str| strsim::normalized_damerau_levenshtein(name, other);
            like(a).total_cmp(&like(b))
        });
        let help = near.map(|near| format!("did you mean {near:?}?"));
        self.problem_with(found, format!("there is no material {name:?}"), help);
        None
    }

    fn solid(&mut self, node: Node<'a, 'd>, path: String) {
        let is_board = is(node, "printedCircuitBoard");
        let mut known = vec![
            "name",
            "active",
            "location",
            "size",
            "material",
            "powerDissipation",
        ];
        if is_board {
            known.push("plane");
        }
        self.leave_out(node, &known);
        let corners = self.corners(node);
        let material = self.made_of(node);
        let power_w = match child(node, "powerDissipation") {
            Some(node) => self.number(node),
            None => Some(0.0),
        };
        if is_board {
            self.plane(node);
        }
        if let (Some(corners), Some(material), Some(power_w)) = (corners, material, power_w) {
            self.body(node, path, corners, What::Solid(material), power_w);
        }
    }

    /// The axis across a flat object, and whether it looks along it.
    fn plane(&mut self, node: Node<'a, 'd>) -> Option<(Axis, bool)> {
        let found = self.required(node, "plane")?;
        let word = text(found).to_ascii_lowercase();
        let axis = match word.get(1..) {
            Some("xy") => Some(2),
            Some("yz") => Some(0),
            Some("xz") => Some(1),
            _ => None,
        };
        let (Some(axis), true) = (axis, word.starts_with(['+', '-'])) else {
            let shown: String = word.chars().take(20).collect();
            let help = "it is +xy, -xy, +yz, -yz, +xz or -xz";
            self.problem_with(
                found,
                format!("<plane> is {shown:?}"),
                Some(help.to_owned()),
            );
            return None;
        };
        let line = self.line(found);
        match self.package.up {
            None => self.package.up = Some((axis, line)),
            Some((other, first)) if other != axis => {
                let help = "a package is built of layers across one axis";
                self.problem_with(
                    found,
                    format!("this plane is upright against that of line {first}"),
                    Some(help.to_owned()),
                );
            }
            Some(_) => {}
        }
        Some((axis, word.starts_with('+')))
    }

    /// A plate, or heat in a plane.
    fn flat(&mut self, node: Node<'a, 'd>, path: String) {
        self.leave_out(
            node,
            &[
                "name",
                "active",
                "location",
                "size",
                "plane",
                "material",
                "powerDissipation",
            ],
        );
        let is_plate = is(node, "solid2dBlock");
        let low = self.vector_in(node, "location");
        let size = self.vector_in(node, "size");
        let plane = self.plane(node);
        let power_w = self.number_in(node, "powerDissipation");
        let material = if is_plate { self.made_of(node) } else { None };
        let (Some(low), Some(mut size), Some((axis, is_along)), Some(power_w)) =
            (low, size, plane, power_w)
        else {
            return;
        };
        if (0..3).any(|other| size[other] < 0.0 || (other != axis && size[other] <= 0.0)) {
            self.problem(node, format!("{path:?} has no area"));
            return;
        }
        let is_thick = is_plate && size[axis] > 0.0;
        if !is_thick {
            size[axis] = 0.0;
        }
        let corners = (low, [0, 1, 2].map(|axis| low[axis] + size[axis]));
        if is_thick {
            if let Some(material) = material {
                self.body(node, path, corners, What::Solid(material), power_w);
            }
        } else if power_w == 0.0 {
            *self
                .left_out
                .entry("plates without thickness and power".to_owned())
                .or_default() += 1;
        } else {
            self.body(node, path, corners, What::Sheet { axis, is_along }, power_w);
        }
    }

    /// A body whose halves have the two resistances.
    fn two_resistors(&mut self, node: Node<'a, 'd>, path: &str) {
        /// Share of the height that the junction takes.
        const JUNCTION: f64 = 0.1;
        /// The junction conducts so much better than the halves.
        const BETTER: f64 = 1000.0;
        self.leave_out(
            node,
            &[
                "name",
                "active",
                "location",
                "size",
                "plane",
                "powerDissipation",
                "thetaJC",
                "thetaJB",
            ],
        );
        let corners = self.corners(node);
        let plane = self.plane(node);
        let power_w = self.number_in(node, "powerDissipation");
        let to_case = self.positive_in(node, "thetaJC");
        let to_board = self.positive_in(node, "thetaJB");
        let (Some((low, high)), Some((axis, is_along)), Some(power_w)) = (corners, plane, power_w)
        else {
            return;
        };
        let (Some(to_case), Some(to_board)) = (to_case, to_board) else {
            return;
        };
        let height = high[axis] - low[axis];
        let area: f64 = (0..3)
            .filter(|other| *other != axis)
            .map(|other| high[other] - low[other])
            .product();
        let half = 0.5 * (1.0 - JUNCTION) * height;
        let [k_case, k_board] = [to_case, to_board].map(|theta| half / (area * theta));
        let cut = |from: f64, to: f64| {
            let (mut a, mut b) = (low, high);
            a[axis] = from;
            b[axis] = to;
            (a, b)
        };
        let (lower, upper) = (low[axis] + half, high[axis] - half);
        let sides = [cut(low[axis], lower), cut(upper, high[axis])];
        let junction = cut(lower, upper);
        let (case, board) = if is_along { (1, 0) } else { (0, 1) };
        let parts = [
            ("board side", k_board, sides[board], 0.0),
            ("case side", k_case, sides[case], 0.0),
            ("", BETTER * k_case.max(k_board), junction, power_w),
        ];
        for (what, k, corners, power_w) in parts {
            let name = if what.is_empty() {
                path.to_owned()
            } else {
                format!("{path} ({what})")
            };
            let material = self.package.materials.len();
            // Two resistors hold no heat; the value only has to be positive, and a package of this
            // kind is solved at rest.
            self.package.materials.push(Material::isotropic(
                name.clone(),
                ThermalConductivity::new(k),
                VolumetricHeatCapacity::new(1.0),
            ));
            self.body(node, name, corners, What::Solid(material), power_w);
        }
        self.package.notes.push(format!(
            "{path:?} of two resistors is a body of two halves, {k_case:.4} W/(m K) to the case and {k_board:.4} W/(m K) to the board; it holds no heat"
        ));
    }
}

/// The power law `k0 (T/T0)^-n` nearest to points in the logarithm, with its greatest deviation.
fn power_law(points: &[(f64, f64)]) -> (f64, f64, f64, f64) {
    let n = points.len() as f64;
    let mean = |f: &dyn Fn(&(f64, f64)) -> f64| points.iter().map(f).sum::<f64>() / n;
    let (x, y) = (mean(&|p| p.0.ln()), mean(&|p| p.1.ln()));
    let spread = mean(&|p| (p.0.ln() - x).powi(2));
    let common = mean(&|p| (p.0.ln() - x) * (p.1.ln() - y));
    let exponent = if spread > 0.0 { -common / spread } else { 0.0 };
    let (reference, k) = (x.exp(), y.exp());
    let off = points
        .iter()
        .map(|(t, k_there)| (k * (t / reference).powf(-exponent) / k_there - 1.0).abs())
        .fold(0.0, f64::max);
    (k, reference, exponent, off)
}
