//! What wrong files are told.

use super::*;
use crate::read::{Analysis, ReadErrors};

const STACK: &str = r#"material SILICON :
  thermal conductivity 1.2e-4 ;
  volumetric heat capacity 1.63e-12 ;
material MOLD : thermal conductivity 1e-6 , 1e-6 , 2e-6 ; volumetric heat capacity 1.7e-12 ;
top heat sink :
  heat transfer coefficient 1e-8 ;
  temperature 313.15 ;
dimensions :
  chip length 10000 , width 8000 ;
  cell length 1000 , width 1000 ;
layer LID : height 500 ; material SILICON ;
layer BODY : height 20 ; material MOLD ; layout "body.lay" ;
die ASIC :
  layer 480 SILICON ;
  source BODY ;
stack :
  layer LID1 LID ;
  die CHIP ASIC floorplan "chip.flp" ;
solver :
  steady ;
  initial temperature 300 ;
output :
  Tflp ( CHIP , "chip.txt" , average , final ) ;
  Tflpel ( CHIP.CORE , "core.txt" , maximum ) ;
  T ( LID1 , 500 , 7500 , "cell.txt" , final ) ;
  Tmap ( CHIP , "map.txt" ) ;
  Pmap ( CHIP , "map.txt" ) ;
  T3d ( "all.vtk" ) ;
"#;

const PLAN: &str = "CORE :
  position 0 , 0 ;
  dimension 4000 , 8000 ;
  power values 10 , 20 , 30 ;
IO :
  rectangle ( 5000 , 0 , 1000 , 2000 ) ;
  rectangle ( 8000 , 4000 , 2000 , 4000 ) ;
  power values 1 , 2 ;
";

const LAYOUT: &str = "SILICON : position 2000 , 0 ; dimension 4000 , 8000 ;\n";

fn read_with(stack: &str, plan: &str, layout: &str) -> Result<IceFile, ReadErrors> {
    read("a.stk", stack, &|name| match name {
        "chip.flp" => Ok(plan.to_owned()),
        "body.lay" => Ok(layout.to_owned()),
        _ => Err("no such file".to_owned()),
    })
}

/// The problems after a change, one per line.
fn check(from: &str, to: &str, expected: &str) {
    assert!(
        STACK.contains(from) || PLAN.contains(from) || LAYOUT.contains(from),
        "{from}"
    );
    let changed = |text: &str| text.replacen(from, to, 1);
    let shown = match read_with(&changed(STACK), &changed(PLAN), &changed(LAYOUT)) {
        Ok(_) => "it is read".to_owned(),
        Err(errors) => errors.to_string(),
    };
    assert_eq!(shown, expected, "{from} -> {to}");
}

#[test]
fn a_file_is_a_package() -> Result<(), Box<dyn std::error::Error>> {
    let file = read_with(STACK, PLAN, LAYOUT)?;
    let stack = &file.case.stack;
    let names: Vec<_> = stack.layers.iter().map(|l| l.name.as_str()).collect();
    assert_eq!(names, ["CHIP.source", "CHIP.layer1", "LID1"]);
    assert_eq!(file.case.grid.shape(), [10, 8, 3]);
    // The core lies half on the mold and half on the silicon of the layout, the interface on both.
    let blocks: Vec<_> = stack
        .blocks()
        .map(|(_, b)| (b.name.as_str(), b.power.value()))
        .collect();
    let expected = [
        ("CHIP.CORE/SILICON", 5.0),
        ("CHIP.CORE", 5.0),
        ("CHIP.IO/SILICON", 0.2),
        ("CHIP.IO", 0.8),
        ("CHIP.source/SILICON", 0.0),
    ];
    assert_eq!(blocks, expected);
    let of_layout: f64 = stack.layers[0].blocks[4]
        .area
        .iter()
        .map(crate::Rect::area_m2)
        .sum();
    // Half of the layout less what the interface covers.
    assert!((of_layout * 1e6 - 14.0).abs() < 1e-9);
    let mold = &stack.materials[1].conductivity;
    assert!((mold.z.value() - 2.0).abs() < 1e-12 && (mold.x.value() - 1.0).abs() < 1e-12);
    assert!((stack.materials[0].heat_capacity.value() - 1.63e6).abs() < 1e-6);
    assert_eq!(file.case.analysis, Analysis::Steady);
    Ok(())
}

#[test]
fn outputs_have_the_asked_columns() -> Result<(), Box<dyn std::error::Error>> {
    let file = read_with(STACK, PLAN, LAYOUT)?;
    let model = crate::Model::new(&file.case.stack, &file.case.grid)?;
    let field = model.steady(&model.powers())?;
    let texts = steady_outputs(&file, &model, &field);
    let names: Vec<_> = texts.iter().map(|(name, _)| name.as_str()).collect();
    assert_eq!(
        names,
        ["chip.txt", "core.txt", "cell.txt", "map.txt", "all.vtk"]
    );
    let lines: Vec<_> = texts[0].1.lines().collect();
    assert_eq!(lines[0], "% average temperatures of the elements of CHIP");
    assert_eq!(lines[1], "% time_s\tCORE_k\tIO_k");
    let numbers: Vec<f64> = lines[2]
        .split('\t')
        .map(str::parse)
        .collect::<Result<_, _>>()?;
    // The mean of an element of two materials is that of its cells by volume.
    let cells = (0..8).flat_map(|j| (0..4).map(move |i| j * 10 + i));
    let core = cells.map(|cell| field.kelvin[cell]).sum::<f64>() / 32.0;
    assert!((numbers[1] - core).abs() < 1e-6);
    let cell: f64 = texts[2]
        .1
        .split_whitespace()
        .next_back()
        .ok_or("a number")?
        .parse()?;
    assert!((cell - field.kelvin[2 * 80 + 70]).abs() < 1e-6);
    // Maps: two texts in one file, the powers of the second adding up to those of the blocks.
    let (_, powers) = texts[3].1.split_once("powers").ok_or("a map of powers")?;
    let numbers = powers.lines().filter(|line| !line.starts_with('%')).skip(1);
    let sum: f64 = numbers
        .flat_map(str::split_whitespace)
        .map(str::parse::<f64>)
        .sum::<Result<_, _>>()?;
    assert!((sum - 11.0).abs() < 1e-6);
    assert!(texts[4].1.contains("DIMENSIONS 11 9 4"));
    assert_eq!(texts[4].1.lines().count(), 5 + 6 + 3 + 240);
    Ok(())
}

#[test]
fn a_transient_ends_with_the_shortest_list() -> Result<(), Box<dyn std::error::Error>> {
    let stack = STACK.replace("steady ;", "transient step 0.1 , slot 0.35 ;");
    let file = read_with(&stack, PLAN, LAYOUT)?;
    let Analysis::Transient {
        intervals, step, ..
    } = &file.case.analysis
    else {
        return Err("a transient".into());
    };
    assert!((step.value() - 0.1).abs() < 1e-15);
    let powers = |slot: usize| -> f64 { intervals[slot].powers.iter().map(|p| p.value()).sum() };
    assert_eq!(intervals.len(), 2);
    assert!((powers(0) - 11.0).abs() < 1e-12 && (powers(1) - 22.0).abs() < 1e-12);
    // As in 3D-ICE a slot holds whole steps only.
    assert_eq!(file.steps_per_slot, 3);
    assert!((intervals[0].duration.value() - 0.3).abs() < 1e-12);
    let about = |what: &str| file.case.notes.iter().any(|note| note.contains(what));
    assert!(about("2 to 3 values") && about("no whole number of steps"));
    Ok(())
}

#[test]
fn a_grid_that_is_not_uniform_has_the_edges_of_all() -> Result<(), Box<dyn std::error::Error>> {
    let stack = STACK
        .replace(
            "width 1000 ;\nlayer LID",
            "width 1000 ;\n  non-uniform true ;\nlayer LID",
        )
        .replace("layer LID1 LID ;", "layer LID1 LID discretization 2 1 ;")
        .replace(
            "floorplan \"chip.flp\" ;",
            "floorplan \"chip.flp\" discretization 2 2 ;",
        );
    let plan = PLAN.replace(
        "dimension 4000 , 8000 ;",
        "dimension 4000 , 8000 ; discretization 4 , 1 ;",
    );
    let file = read_with(&stack, &plan, LAYOUT)?;
    let mm =
        |edges: &[f64]| -> Vec<f64> { edges.iter().map(|m| (m * 1e7).round() / 1e4).collect() };
    let grid = &file.case.grid;
    let x = [0.0, 1.0, 2.0, 3.0, 4.0, 5.0, 5.5, 6.0, 8.0, 9.0, 10.0];
    assert_eq!(mm(grid.x_m()), x);
    assert_eq!(mm(grid.y_m()), [0.0, 1.0, 2.0, 4.0, 6.0, 8.0]);
    Ok(())
}

#[test]
fn words_are_said_to_be_wrong_where_they_are() {
    for (from, to, expected) in ERRORS {
        check(from, to, expected);
    }
}

/// What is changed, to what, and what is said.
const ERRORS: &[(&str, &str, &str)] = &[
    (
        "thermal conductivity 1.2e-4",
        "termal conductivity 1.2e-4",
        "a.stk:2:3: expected `thermal`, found `termal` (help: did you mean `thermal`?)",
    ),
    (
        "thermal conductivity 1.2e-4",
        "thermal conductivity -1",
        "a.stk:2:24: the thermal conductivity is -1; it has to be positive",
    ),
    (
        "height 500 ; material SILICON",
        "height 0 ; material SILICON",
        "a.stk:11:20: the height is 0; it has to be positive",
    ),
    (
        "height 500 ;",
        "height 500",
        "a.stk:11:24: expected `;`, found `material`",
    ),
    (
        "top heat sink :\n  heat transfer coefficient 1e-8 ;\n  temperature 313.15 ;",
        "",
        "a.stk:14:1: the package floats: no heat sink and no channel takes heat away (help: write top heat sink : heat transfer coefficient h ; temperature t ;)",
    ),
    (
        "layer 480 SILICON",
        "layer 480 SILICONE",
        "a.stk:14:13: there is no material named `SILICONE` (help: did you mean `SILICON`?)",
    ),
    (
        "layer LID1 LID ;",
        "layer LID1 LIDD ;",
        "a.stk:17:14: there is no layer named `LIDD` (help: did you mean `LID`?)",
    ),
    (
        "die CHIP ASIC",
        "dye CHIP ASIC",
        "a.stk:18:3: expected `die`, `layer` or `channel`, found `dye` (help: did you mean `die`?)",
    ),
    (
        "floorplan \"chip.flp\"",
        "floorplan \"chop.flp\"",
        "a.stk:18:27: the floorplan \"chop.flp\" cannot be read: no such file (help: names count from the folder of the .stk file)",
    ),
    (
        "CHIP.CORE",
        "CHIP.CORD",
        "a.stk:24:17: there is no element of the floorplan of CHIP named `CORD` (help: did you mean `CORE`?)",
    ),
    (
        "Tmap ( CHIP",
        "Tmap ( CHAP",
        "a.stk:26:10: there is no element of the stack named `CHAP` (help: did you mean `CHIP`?)",
    ),
    (
        "solver :\n  steady ;\n  initial temperature 300 ;\n",
        "",
        "a.stk:25:22: the file ends without a section `solver` (help: write solver : steady ; initial temperature t ;)",
    ),
    (
        "rectangle ( 5000 , 0",
        "rectangle ( 3000 , 0",
        "chip.flp:6:3: IO overlaps CORE of line 2 by 2 mm2 (help: areas of one layer have to lie side by side)",
    ),
    (
        "rectangle ( 8000 , 4000",
        "rectangle ( 8500 , 4000",
        "chip.flp:7:3: IO reaches to (10500, 8000) um, beyond the chip of 10000 x 8000 um (help: make it smaller or the chip of the section `dimensions` larger)",
    ),
    (
        "IO :",
        "CORE :",
        "chip.flp:5:1: a second element `CORE` (help: the first is in line 1; rename one)",
    ),
    (
        "power values 1 , 2 ;",
        "power values 1 , 2",
        "chip.flp:8:21: the file ends where `;` was expected (help: the file seems to be cut off)",
    ),
    (
        "power values 1 , 2",
        "power value 1 , 2",
        "chip.flp:8:9: expected `values`, found `value` (help: did you mean `values`?)",
    ),
    (
        "SILICON : position",
        "COPPER : position",
        "body.lay:1:1: there is no material named `COPPER` (help: declared are MOLD, SILICON)",
    ),
    (
        "cell length 1000",
        "cell length 0.001",
        "a.stk:8:1: the chip is cut into more than 262144 cells along one axis (help: write larger cells or a smaller discretization)",
    ),
    (
        "top heat sink :\n  heat transfer coefficient 1e-8 ;\n  temperature 313.15 ;",
        "top pluggable heat sink :\n  spreader length 10000 , width 8000 , height 500 ;\n  material SILICON ;\n  plugin \"sink.so\" , \"args\" ;",
        "a.stk:8:10: the heat sink is computed by the program \"sink.so\", which cannot be run here (help: write `top heat sink : heat transfer coefficient h ; temperature t ;` with the coefficient of the sink for the area of the package, and the spreader as a `layer` of its material)",
    ),
    (
        "  source BODY ;",
        "",
        "a.stk:16:1: expected `source` in die ASIC, found `stack`",
    ),
];

#[test]
fn a_file_that_is_cut_off_is_never_read() {
    let end = STACK.find("output :").unwrap_or(STACK.len());
    for cut in 0..end {
        if STACK[cut..end].trim().is_empty() {
            continue;
        }
        let errors = read_with(&STACK[..cut], PLAN, LAYOUT).err();
        let lines = STACK[..cut].lines().count().max(1);
        let is_located = |e: &crate::read::ReadError| e.file == "a.stk" && e.line <= lines;
        let is_told = errors.is_some_and(|ReadErrors(all)| all.iter().all(is_located));
        assert!(is_told, "cut after {cut} bytes");
    }
    // A floorplan may end after any area and any list of powers; an element whose list is missing
    // is noted.
    for cut in 0..PLAN.trim_end().len() {
        let text = PLAN[..cut].trim_end();
        let is_whole = text.ends_with(';') && !text.ends_with("0 , 0 ;");
        let file = read_with(STACK, text, LAYOUT);
        assert_eq!(file.is_ok(), is_whole, "{cut}");
        let notes = file.map_or(Vec::new(), |file| file.case.notes);
        let is_noted = notes.iter().any(|note| note.contains("no power values"));
        assert_eq!(is_noted, is_whole && !text.ends_with("30 ;"), "{cut}");
    }
}

#[test]
fn several_problems_are_told_at_once() {
    let stack = STACK
        .replace("thermal conductivity 1.2e-4", "thermal conductivity 0")
        .replace("die CHIP ASIC", "dye CHIP ASIC")
        .replace("Tmap (", "Tmop (");
    let lines: Vec<_> = match read_with(&stack, PLAN, LAYOUT) {
        Ok(_) => Vec::new(),
        Err(ReadErrors(all)) => all.iter().map(|e| e.line).collect(),
    };
    assert_eq!(lines, [2, 18, 26]);
}

#[test]
fn mutilated_files_are_read_or_told() {
    // Words of all three files in places where they do not belong, from a linear congruence.
    let words: Vec<&str> = STACK
        .split_whitespace()
        .chain(PLAN.split_whitespace())
        .collect();
    let mut state = 1_u64;
    let mut below = |n: usize| {
        state = state
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1);
        usize::try_from(state >> 33).unwrap_or(0) % n
    };
    let mut n_read = 0;
    for _ in 0..2000 {
        let mut texts = [STACK, PLAN, LAYOUT].map(|text| text.split(' ').collect::<Vec<_>>());
        let which = below(3);
        let text = &mut texts[which];
        for _ in 0..=below(3) {
            let (at, word) = (below(text.len()), words[below(words.len())]);
            match below(3) {
                0 => text[at] = word,
                1 => text.insert(at, word),
                _ => {
                    text.remove(at);
                }
            }
        }
        let [stack, plan, layout] = texts.map(|text| text.join(" "));
        match read_with(&stack, &plan, &layout) {
            Ok(file) => {
                n_read += 1;
                assert!(file.case.grid.n_cells() > 0);
            }
            Err(ReadErrors(all)) => {
                let is_located = |e: &crate::read::ReadError| e.line > 0 && !e.message.is_empty();
                assert!(!all.is_empty() && all.iter().all(is_located), "{all:?}");
            }
        }
    }
    // Some changes are harmless; most are not.
    assert!((1..1000).contains(&n_read), "{n_read}");
}
