use units::{Celsius, HeatTransferCoefficient, ThermalConductivity, Watts};

use super::*;
use crate::read::power_map;
use crate::{Condition, Face, Model, Stack};

/// A box as the file has it, lengths in millimetres.
fn object(kind: &str, name: &str, low: [f64; 3], size: [f64; 3], more: &str) -> String {
    let vector = |[x, y, z]: [f64; 3]| {
        let m = 1e-3;
        format!("<x>{}</x><y>{}</y><z>{}</z>", x * m, y * m, z * m)
    };
    format!(
        "<{kind}><name>{name}</name><active>true</active><location>{}</location><size>{}</size>{more}</{kind}>\n",
        vector(low),
        vector(size)
    )
}

fn solid(name: &str, low: [f64; 3], size: [f64; 3], material: &str, power_w: f64) -> String {
    let more =
        format!("<material>{material}</material><powerDissipation>{power_w}</powerDissipation>");
    object("solid3dBlock", name, low, size, &more)
}

fn material(name: &str, conductivity: &str) -> String {
    format!(
        "<material><name>{name}</name><density>2000</density><specific_heat>800</specific_heat>\
         <surfaceEmissivity>0.8</surfaceEmissivity>\
         <thermalConductivity>{conductivity}</thermalConductivity></material>\n"
    )
}

fn isotropic(k: f64) -> String {
    format!("<isotropic><conductivity>{k}</conductivity></isotropic>")
}

fn file(geometry: &str) -> String {
    let materials = [
        material("silicon", &isotropic(120.0)),
        material("mold", &isotropic(0.8)),
        material("copper", &isotropic(390.0)),
        material(
            "laminate",
            "<orthotropic><x>30</x><y>20</y><z>0.5</z></orthotropic>",
        ),
    ];
    format!(
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<neutralXML><name>own</name><producer>hand</producer>\n\
         <solutionDomain><location><x>0</x><y>0</y><z>0</z></location><size><x>1</x><y>1</y><z>1</z></size>\
         <ambientConditions><temperature>308.15</temperature><radiantTemperature>308.15</radiantTemperature><pressure>101325</pressure></ambientConditions></solutionDomain>\n\
         <materials>{}</materials>\n<geometry>\n{geometry}</geometry></neutralXML>\n",
        materials.concat()
    )
}

fn read_all(geometry: &str) -> Read {
    read("own.ecxml", &file(geometry), &Options::default()).unwrap()
}

fn refused(geometry: &str) -> String {
    let result = read("own.ecxml", &file(geometry), &Options::default());
    result.unwrap_err().to_string()
}

fn cooled(stack: &Stack) -> Stack {
    let mut stack = stack.clone();
    stack.top = Face::uniform(Condition::Convection {
        coefficient: HeatTransferCoefficient::new(1e4),
        ambient: Celsius::new(35.0),
    });
    stack
}

#[test]
fn embedded_dies_of_any_size_become_layers() {
    // Mold over everything, then dies of different height that take its place, and a lid.
    let geometry = [
        solid(
            "substrate",
            [10.0, 10.0, 0.0],
            [20.0, 20.0, 1.0],
            "laminate",
            0.0,
        ),
        solid("mold", [10.0, 10.0, 1.0], [20.0, 20.0, 0.8], "mold", 0.0),
        solid("asic", [16.0, 16.0, 1.0], [8.0, 8.0, 0.8], "silicon", 100.0),
        solid("pic", [11.0, 18.0, 1.0], [3.0, 4.0, 0.3], "silicon", 2.0),
        solid("eic", [11.0, 18.0, 1.3], [3.0, 4.0, 0.5], "silicon", 4.0),
        solid("lid", [10.0, 10.0, 1.8], [20.0, 20.0, 1.0], "copper", 0.0),
    ];
    let read = read_all(&geometry.concat());
    let stack = &read.case.stack;
    assert_eq!(read.ambient, Some(Celsius::new(35.0)));
    assert_eq!(read.case.notes, Vec::<String>::new());
    let layers: Vec<(&str, f64)> = stack
        .layers
        .iter()
        .map(|layer| {
            (
                layer.name.as_str(),
                (layer.thickness.value() * 1e7).round() / 1e4,
            )
        })
        .collect();
    assert_eq!(
        layers,
        [
            ("substrate", 1.0),
            ("mold", 0.3),
            ("mold (2)", 0.5),
            ("lid", 1.0)
        ]
    );
    let blocks: Vec<(usize, &str, f64)> = stack
        .blocks()
        .map(|(layer, block)| (layer, block.name.as_str(), block.power.value()))
        .collect();
    let rounded: Vec<(usize, &str, f64)> = blocks
        .iter()
        .map(|(layer, name, power)| (*layer, *name, (power * 1e9).round() / 1e9))
        .collect();
    assert_eq!(
        rounded,
        [
            (1, "mold::1", 0.0),
            (1, "asic::1", 37.5),
            (1, "pic", 2.0),
            (2, "mold::2", 0.0),
            (2, "asic::2", 62.5),
            (2, "eic", 4.0),
        ]
    );
    let pic = stack
        .blocks()
        .find(|(_, block)| block.name == "pic")
        .unwrap()
        .1;
    let [rect] = pic.area[..] else {
        panic!("{pic:?}")
    };
    assert!((rect.x.value() - 1e-3).abs() < 1e-12 && (rect.y.value() - 8e-3).abs() < 1e-12);
    // The edges of all dies are lines of the grid.
    let grid = &read.case.grid;
    for x_mm in [0.0, 1.0, 4.0, 6.0, 14.0, 20.0] {
        assert!(
            grid.x_m().iter().any(|x| (x - x_mm * 1e-3).abs() < 1e-12),
            "{x_mm}"
        );
    }
    let widest = grid
        .x_m()
        .windows(2)
        .map(|w| w[1] - w[0])
        .fold(0.0, f64::max);
    assert!(widest <= 20e-3 / 64.0 * (1.0 + 1e-6) && grid.shape()[0] <= 64 + 5);
    // Silicon shows through the mold: the package is solved, and all of the heat goes out.
    let model = Model::new(&cooled(stack), &read.case.grid).unwrap();
    let heat: f64 = model.heat(&model.powers()).unwrap().iter().sum();
    assert!((heat - 106.0).abs() < 1e-9);
    assert_eq!(power_map::whole("asic::2"), "asic");
}

#[test]
fn a_slab_of_two_resistors_has_their_resistances() {
    // 10 W through 0.5 K/W to a held face: the junction is 5 K above it, less what its own
    // thickness takes.
    let more = "<plane>+xy</plane><powerDissipation>10</powerDissipation><thetaJC>0.5</thetaJC><thetaJB>4</thetaJB>";
    let read = read_all(&object(
        "twoResistorModel",
        "U1",
        [0.0; 3],
        [5.0, 5.0, 2.0],
        more,
    ));
    let mut stack = read.case.stack.clone();
    stack.top = Face::uniform(Condition::Temperature(Celsius::new(20.0)));
    stack.bottom = Face::uniform(Condition::Temperature(Celsius::new(20.0)));
    let model = Model::new(&stack, &Grid::uniform(&stack, 3, 3).unwrap()).unwrap();
    let field = model.steady(&model.powers()).unwrap();
    let names: Vec<&str> = stack
        .layers
        .iter()
        .map(|layer| layer.name.as_str())
        .collect();
    assert_eq!(names, ["U1 (board side)", "U1", "U1 (case side)"]);
    // Both ways lead to 20 C: 10 W split as 0.5 and 4 K/W have it.
    let rise = 10.0 * (0.5 * 4.0 / 4.5);
    let junction = model.average(&field, 0).value();
    // The junction conducts a thousand times better and is a ninth as thick as half of the body.
    assert!((junction - 20.0 - rise).abs() < 1e-3 * rise, "{junction}");
    assert!((field.balance.through_top.value() - 10.0 * 4.0 / 4.5).abs() < 1e-2);
}

#[test]
fn sources_add_heat_to_what_is_there() {
    let plane =
        |sign: &str| format!("<plane>{sign}xy</plane><powerDissipation>3</powerDissipation>");
    let geometry = [
        solid("die", [0.0; 3], [4.0, 4.0, 1.0], "silicon", 1.0),
        object(
            "sourceBlock",
            "core",
            [1.0, 1.0, 0.0],
            [2.0, 2.0, 0.5],
            "<powerDissipation>5</powerDissipation>",
        ),
        // It looks up, where nothing is: the heat lies in the upper tenth of the die.
        object(
            "source2dBlock",
            "film",
            [0.0, 0.0, 1.0],
            [4.0, 4.0, 0.0],
            &plane("+"),
        ),
    ];
    let read = read_all(&geometry.concat());
    let stack = &read.case.stack;
    let total: f64 = stack.blocks().map(|(_, block)| block.power.value()).sum();
    assert!((total - 9.0).abs() < 1e-12);
    let core = stack
        .blocks()
        .find(|(_, block)| block.name == "core")
        .unwrap()
        .1;
    // A share of the die's own watt lies in the core: 2 of 16 mm3.
    assert!((core.power.value() - 5.0 - 2.0 / 16.0).abs() < 1e-12);
    let (layer, film) = stack
        .blocks()
        .find(|(_, block)| block.name == "film")
        .unwrap();
    assert!((film.power.value() - 3.0 - 0.1).abs() < 1e-12, "{film:?}");
    assert_eq!(layer, 2);
    assert!((stack.layers[2].thickness.value() - 0.1e-3).abs() < 1e-12);
}

#[test]
fn a_package_built_along_y_is_turned() {
    let board = "<plane>+xz</plane><material>laminate</material>";
    let geometry = [
        object(
            "printedCircuitBoard",
            "board",
            [0.0, 0.0, 0.0],
            [30.0, 1.6, 20.0],
            board,
        ),
        solid("die", [0.0, 1.6, 0.0], [30.0, 0.5, 20.0], "silicon", 3.0),
    ];
    let read = read_all(&geometry.concat());
    let stack = &read.case.stack;
    assert!(
        read.case.notes[0].contains("across y"),
        "{:?}",
        read.case.notes
    );
    assert!(
        (stack.width.value() - 0.02).abs() < 1e-12 && (stack.height.value() - 0.03).abs() < 1e-12
    );
    assert_eq!(stack.layers[1].name, "die");
    let k = stack.materials[3].conductivity;
    assert_eq!(
        [k.x, k.y, k.z],
        [0.5, 30.0, 20.0].map(ThermalConductivity::new),
        "z, x and y of the file"
    );
}

#[test]
fn conductivity_over_temperature_keeps_value_and_slope() {
    let linear = "<linearTemperatureDependant><conductivity>148</conductivity><coeff>-0.6</coeff><tref>300</tref></linearTemperatureDependant>";
    // Points of 148 (T/300)^-1.3.
    let points: Vec<String> = [300.0f64, 350.0, 400.0]
        .iter()
        .map(|t| {
            let k = 148.0 * (t / 300.0).powf(-1.3);
            format!("<tempCurvePoint><temperature>{t}</temperature><conductivity>{k}</conductivity></tempCurvePoint>")
        })
        .collect();
    let curve = format!(
        "<nonLinearTemperatureDependant>{}</nonLinearTemperatureDependant>",
        points.concat()
    );
    let text = file(&solid("die", [0.0; 3], [4.0, 4.0, 1.0], "curve", 1.0)).replace(
        "</materials>",
        &format!(
            "{}{}</materials>",
            material("linear", linear),
            material("curve", &curve)
        ),
    );
    let read = read("own.ecxml", &text, &Options::default()).unwrap();
    let of = |name: &str| {
        let found = read.case.stack.materials.iter().find(|m| m.name == name);
        found.unwrap().conductivity
    };
    let at = |name: &str, t: f64| of(name).x.value() * of(name).factor_at(units::Kelvin::new(t));
    assert!((at("linear", 300.0) - 148.0).abs() < 1e-9);
    let slope = (at("linear", 300.1) - at("linear", 299.9)) / 0.2;
    assert!((slope + 0.6).abs() < 1e-6, "{slope}");
    for t in [290.0f64, 320.0, 390.0] {
        assert!((at("curve", t) - 148.0 * (t / 300.0).powf(-1.3)).abs() < 1e-9);
    }
    assert!(
        read.case.notes[1].ends_with("off by 0.0 % at most"),
        "{:?}",
        read.case.notes
    );
}

#[test]
fn what_is_left_out_is_counted() {
    let geometry = [
        solid("die", [0.0; 3], [4.0, 4.0, 1.0], "silicon", 1.0).replace("</solid3dBlock>", "<vendorThing>9</vendorThing></solid3dBlock>"),
        "<grille><name>g</name><active>true</active></grille>\n".to_owned(),
        solid("off", [9.0; 3], [4.0, 4.0, 1.0], "nothing", 1.0).replace(">true<", ">false<"),
        "<assembly><name>a</name><active>false</active><geometry><solidCylinder><name>c</name></solidCylinder></geometry></assembly>".to_owned(),
    ];
    let read = read_all(&geometry.concat());
    assert_eq!(
        read.case.notes,
        ["left out, with their number: grille (1), solid3dBlock/vendorThing (1)"]
    );
    assert_eq!(read.case.stack.blocks().count(), 1);
}

#[test]
fn every_problem_has_its_line() {
    let geometry = [
        solid("die", [0.0; 3], [4.0, 4.0, 1.0], "silikon", 1.0),
        solid("thin", [0.0; 3], [4.0, 4.0, 0.0], "silicon", 1.0),
        "<solidCylinder><name>ball</name></solidCylinder>\n".to_owned(),
        "<solid3dBlock><name>bare</name></solid3dBlock>\n".to_owned(),
        solid("hot", [0.0; 3], [4.0, 4.0, 1.0], "silicon", 1.0)
            .replace("<powerDissipation>1", "<powerDissipation>lots"),
    ];
    let said = refused(&geometry.concat());
    let lines: Vec<&str> = said.lines().collect();
    let expected = [
        "own.ecxml:10:",
        "own.ecxml:11:1: the extent along z is 0 m",
        "own.ecxml:12:1: solidCylinder \"ball\" is no box",
        "own.ecxml:13:1: <solid3dBlock> has no <location>",
        "own.ecxml:13:1: <solid3dBlock> has no <size>",
        "own.ecxml:13:1: <solid3dBlock> has no <material>",
        "own.ecxml:14:",
    ];
    assert_eq!(lines.len(), expected.len(), "{said}");
    for (line, expected) in lines.iter().zip(expected) {
        assert!(line.starts_with(expected), "{line} {expected}");
    }
    assert!(
        lines[0].contains("there is no material \"silikon\" (help: did you mean \"silicon\"?)")
    );
    assert!(lines[6].contains("\"lots\", no finite number"));
}

#[test]
fn a_place_that_nothing_fills_is_refused_or_filled() {
    let geometry = [
        solid("base", [0.0; 3], [10.0, 10.0, 1.0], "copper", 0.0),
        solid("die", [2.0, 2.0, 1.0], [4.0, 4.0, 1.0], "silicon", 5.0),
    ]
    .concat();
    let said = refused(&geometry);
    assert!(said.starts_with("own.ecxml: from 1.0000 to 2.0000 mm of its height no object fills 84.0000 of 100.0000 mm2"), "{said}");
    let filled = |name: &str| {
        let options = Options {
            fill: Some(name.to_owned()),
            ..Options::default()
        };
        read("own.ecxml", &file(&geometry), &options)
    };
    let stack = filled("mold").unwrap().case.stack;
    assert_eq!(stack.layers.len(), 2);
    Model::new(&cooled(&stack), &Grid::uniform(&stack, 5, 5).unwrap()).unwrap();
    let said = filled("tar").unwrap_err().to_string();
    assert!(said.contains("there is no material \"tar\""), "{said}");
}

#[test]
fn covered_heat_and_odd_files_are_refused() {
    let die = solid("die", [0.0; 3], [4.0, 4.0, 1.0], "silicon", 1.0);
    let cover = solid("cover", [0.0; 3], [4.0, 4.0, 1.0], "silicon", 0.0);
    let said = refused(&format!("{die}{cover}"));
    assert!(
        said.starts_with("own.ecxml:10: nothing is left of \"die\""),
        "{said}"
    );
    for (text, expected) in [
        ("", "own.ecxml:1:1: no readable XML"),
        ("<neutralXML>", "own.ecxml:1:"),
        (
            "<other/>",
            "own.ecxml:1:1: the outermost element is <other>",
        ),
        (
            "<neutralXML/>",
            "own.ecxml:1:1: <neutralXML> has no <geometry>",
        ),
        (
            "<neutralXML><geometry/></neutralXML>",
            "own.ecxml:1:1: no active object",
        ),
        (
            "<!DOCTYPE a [<!ENTITY b \"c\">]><neutralXML/>",
            "own.ecxml:1:",
        ),
    ] {
        let said = read("own.ecxml", text, &Options::default())
            .unwrap_err()
            .to_string();
        assert!(said.starts_with(expected), "{said}");
    }
    let deep = format!(
        "{}{}",
        "<assembly><geometry>".repeat(3000),
        "</geometry></assembly>".repeat(3000)
    );
    assert!(refused(&deep).contains("nest deeper than 64"));
    let moved = "<assembly><name>a</name><location><x>1</x></location><geometry/></assembly>";
    assert!(refused(moved).contains("not documented"));
}

#[test]
fn a_file_is_known_by_its_first_element() {
    assert!(is_ecxml(&file("")));
    assert!(is_ecxml("\u{feff}<!-- a --> <e:NeutralXML xmlns:e='u'>"));
    for text in [
        "",
        "<",
        "<other>",
        "stack:",
        "<!-- open",
        "<?xml?><neutralXM/>",
    ] {
        assert!(!is_ecxml(text), "{text}");
    }
}

#[test]
fn powers_by_name_reach_all_slabs_of_a_body() {
    let geometry = [
        solid("mold", [0.0; 3], [9.0, 9.0, 1.0], "mold", 0.0),
        solid("low", [0.0; 3], [3.0, 3.0, 0.5], "silicon", 1.0),
        solid("high", [4.0, 4.0, 0.0], [3.0, 3.0, 1.0], "silicon", 8.0),
    ];
    let mut stack = read_all(&geometry.concat()).case.stack;
    power_map::blocks("p.csv", "block,power [W]\nhigh,2\n", &mut stack).unwrap();
    let high: Vec<Watts> = stack
        .blocks()
        .filter(|(_, block)| power_map::whole(&block.name) == "high")
        .map(|(_, block)| block.power)
        .collect();
    assert_eq!(high, [Watts::new(1.0), Watts::new(1.0)]);
}

/// `integral of k0 (T / T0)^-n = q L`, Kirchhoff's transform, from the upper face to the middle of
/// the lowest slab. A linear law of slope -0.65 W/(m K2) at 150 W/(m K) and 300 K has n = 1.3.
#[test]
fn conductivity_over_temperature_raises_the_temperature_as_kirchhoff_says() {
    let linear = "<linearTemperatureDependant><conductivity>150</conductivity><coeff>-0.65</coeff><tref>300</tref></linearTemperatureDependant>";
    let die = solid("die", [0.0; 3], [4.0, 4.0, 0.1], "warm", 16.0);
    let bulk = solid("bulk", [0.0, 0.0, 0.1], [4.0, 4.0, 2.0], "warm", 0.0);
    let text = file(&format!("{die}{bulk}")).replace(
        "</materials>",
        &format!("{}</materials>", material("warm", linear)),
    );
    let read = read("own.ecxml", &text, &Options::default()).unwrap();
    let mut stack = read.case.stack;
    stack.top = crate::Face::uniform(crate::Condition::Temperature(units::Celsius::new(40.0)));
    let model = crate::Model::new(&stack, &read.case.grid).unwrap();
    assert!(model.has_varying_conductivity());
    let found = model.steady_nonlinear(&model.powers()).unwrap();
    let warmest = found.field.kelvin.iter().copied().fold(0.0, f64::max);
    // 16 W on 16 mm2, through 2 mm and half of 0.1 mm.
    let (n, flux, length) = (1.3, 1e6, 2.05e-3);
    let transformed =
        313.15_f64.powf(1.0 - n) + (1.0 - n) * flux * length / (150.0 * 300_f64.powf(n));
    let expected = transformed.powf(1.0 / (1.0 - n));
    // One cell through the bulk: second order, n (n + 1) / 24 (dT / T)^2 of the rise.
    let rise = expected - 313.15;
    let tolerance = n * (n + 1.0) / 24.0 * (rise / expected).powi(2) * rise;
    assert!(
        (warmest - expected).abs() < 2.0 * tolerance,
        "{warmest} {expected} {tolerance}"
    );
}
