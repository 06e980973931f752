//! Pictures show what the figures say, can be read, and are the same every time.
#![expect(clippy::unwrap_used, reason = "a test stops where it fails")]

mod common;

use common::Case;
use report::plot::data::{self, Moved};
use report::plot::{
    Function, MarkKind, Plot, PlotError, RegionPlot, Scale, Stretch, TimeMark, TimePanel, TimePlot,
    TimeSeries,
};
use system::{Input, Library, Problems, System};
use twin::solve::{Question, Search, solve};

/// Every kind of plot of a platform with draws.
fn all(case: &Case) -> Vec<Plot> {
    let solved = case.solved();
    let sampled = case.sampled.as_ref().unwrap();
    vec![
        data::waterfall(&solved, None),
        data::power(&[solved]),
        data::compare(&[solved]),
        data::margin(&solved, sampled),
        data::tornado(&solved, sampled, Moved::Margin),
        data::tornado(&solved, sampled, Moved::ModulePower),
    ]
}

/// A text of a picture: its left end, right end, top and foot, smaller than it really is.
struct Text {
    words: String,
    x: (f64, f64),
    y: (f64, f64),
}

fn texts(svg: &str) -> (Vec<Text>, (f64, f64)) {
    let document = roxmltree::Document::parse(svg).unwrap();
    let root = document.root_element();
    let number = |node: roxmltree::Node<'_, '_>, name: &str| -> f64 {
        node.attribute(name).unwrap().parse().unwrap()
    };
    let view: Vec<f64> = root
        .attribute("viewBox")
        .unwrap()
        .split(' ')
        .map(|number| number.parse().unwrap())
        .collect();
    let found = document
        .descendants()
        .filter(|node| node.has_tag_name("text") && node.attribute("transform").is_none())
        .map(|node| {
            let words = node.text().unwrap_or_default().trim().to_owned();
            let em = number(node, "font-size");
            // The narrowest letters of the font are wider than this on average.
            let width = 0.45 * em * words.chars().count() as f64;
            let x = number(node, "x");
            let left = match node.attribute("text-anchor").unwrap() {
                "end" => x - width,
                "middle" => x - 0.5 * width,
                _ => x,
            };
            let baseline = number(node, "y") + 0.76 * em;
            Text {
                words,
                x: (left, left + width),
                y: (baseline - 0.5 * em, baseline),
            }
        })
        .collect();
    (found, (view[2], view[3]))
}

#[test]
fn labels_stay_in_the_picture_and_off_each_other() {
    for (platform, draws) in [
        ("cpo-51t", 60),
        ("quantum-x-115t", 60),
        ("dsp-51t", 60),
        ("lpo-51t", 1),
    ] {
        for plot in all(&Case::new(platform, &[], draws)) {
            off_each_other(&plot);
        }
    }
}

/// All labels lie in the picture, and none covers another.
fn off_each_other(plot: &Plot) {
    let svg = plot.svg().unwrap();
    let (found, (width, height)) = texts(&svg);
    assert!(found.len() > 5, "{}", plot.title());
    for (idx, a) in found.iter().enumerate() {
        assert!(
            a.x.0 >= 0.0 && a.x.1 <= width && a.y.0 >= 0.0 && a.y.1 <= height,
            "{:?} lies outside of {:?}",
            a.words,
            plot.title()
        );
        for b in &found[idx + 1..] {
            let apart = a.x.1 <= b.x.0 || b.x.1 <= a.x.0 || a.y.1 <= b.y.0 || b.y.1 <= a.y.0;
            assert!(
                apart,
                "{:?} covers {:?} in {:?}",
                a.words,
                b.words,
                plot.title()
            );
        }
    }
}

/// Signals over time with so many marks, three of which stand at one place each.
fn over_time(n_marks: usize) -> Plot {
    let stretch = |idx: usize, value: f64| {
        Some(Stretch {
            at_s: 0.1 * (idx + 1) as f64,
            least: value - 1.0,
            mean: value,
            greatest: value + 2.0,
        })
    };
    let series = |name: &str, value: f64| TimeSeries {
        name: name.into(),
        stretches: (0..100)
            .map(|idx| if idx == 50 { None } else { stretch(idx, value) })
            .collect(),
    };
    let panel = |scale, values: &[f64]| TimePanel {
        title: "A title that is much longer than the room that its legend leaves to it".into(),
        name: "some_signal_dbm".into(),
        unit: "dBm".into(),
        scale,
        series: values
            .iter()
            .map(|value| series("leaf1: 512 lanes", *value))
            .collect(),
    };
    Plot::Time(TimePlot {
        title: "a world: signals over time".into(),
        note: "what sensors say".into(),
        start_s: 0.0,
        end_s: 10.0,
        panels: vec![
            panel(Scale::Even { extent: 2.0 }, &[-3.0, -4.0]),
            panel(Scale::FromZero, &[30.0]),
            panel(Scale::Count(64), &[]),
            panel(Scale::Count(64), &[62.0]),
            panel(Scale::Decades, &[1e-9, 1e-3]),
        ],
        marks: (0..n_marks)
            .map(|idx| TimeMark {
                at_s: (idx / 3) as f64 * 9.99 / (n_marks / 3).max(1) as f64,
                label: "leaf1: fibre_dirt oe0.rx3 2.5 dB onset 4 s, and much more than there is room for in a column".into(),
                kind: MarkKind::Fault,
            })
            .collect(),
    })
}

#[test]
fn labels_of_signals_over_time_stay_off_each_other() {
    for n_marks in [0, 1, 3, 5, 12] {
        off_each_other(&over_time(n_marks));
    }
}

#[test]
fn no_signal_is_no_picture() {
    let empty = TimePlot {
        title: String::new(),
        note: String::new(),
        start_s: 0.0,
        end_s: 1.0,
        panels: Vec::new(),
        marks: Vec::new(),
    };
    let error = Plot::Time(empty).svg().unwrap_err();
    assert!(matches!(error, PlotError::Nothing(_)), "{error}");
}

#[test]
fn many_systems_fit() {
    let library = Library::embedded();
    let platforms: Vec<String> = library.platforms().map(str::to_owned).collect();
    let cases: Vec<Case> = platforms
        .iter()
        .cycle()
        .take(24)
        .map(|platform| Case::new(platform, &[], 0))
        .collect();
    let solved: Vec<_> = cases.iter().map(Case::solved).collect();
    for plot in [data::power(&solved), data::compare(&solved)] {
        let svg = plot.svg().unwrap();
        let (found, (_, height)) = texts(&svg);
        let names = found.iter().filter(|text| text.words == platforms[0]);
        assert!(names.count() >= 24 / platforms.len(), "{}", plot.title());
        assert!(found.iter().all(|text| text.y.1 <= height));
    }
}

#[test]
fn the_same_content_gives_the_same_bytes() {
    let draw = || -> Vec<(String, Vec<u8>)> {
        let drawn = |plot: &Plot| (plot.svg().unwrap(), plot.png().unwrap());
        all(&Case::new("cpo-51t", &[], 60))
            .iter()
            .map(drawn)
            .collect()
    };
    assert!(draw() == draw());
}

#[test]
fn a_png_has_two_pixels_for_each_unit_and_the_colours_of_the_plot() {
    let case = Case::new("cpo-51t", &[], 0);
    let file = data::power(&[case.solved()]).png().unwrap();
    let decoder = png::Decoder::new(std::io::Cursor::new(&file));
    let mut reader = decoder.read_info().unwrap();
    let mut pixels = vec![0; reader.output_buffer_size().unwrap()];
    let info = reader.next_frame(&mut pixels).unwrap();
    assert_eq!(info.width, 1600);
    let has = |colour: [u8; 3]| pixels.chunks_exact(3).any(|pixel| pixel == colour);
    // Paper, the engine and the laser.
    for colour in [[255, 255, 255], [0x00, 0x72, 0xb2], [0xe6, 0x9f, 0x00]] {
        assert!(has(colour), "{colour:?}");
    }
    // Letters are drawn: something is nearly black.
    assert!(
        pixels
            .chunks_exact(3)
            .any(|pixel| pixel.iter().all(|c| *c < 0x30))
    );
}

#[test]
fn what_the_receiver_needs_lies_the_margin_below_what_it_gets() {
    for platform in ["cpo-51t", "quantum-x-115t", "dsp-51t"] {
        let case = Case::new(platform, &[], 0);
        let Plot::Waterfall(plot) = data::waterfall(&case.solved(), None) else {
            unreachable!()
        };
        let received = plot.planes.last().unwrap().oma.unwrap().nominal_dbm;
        let worst = case.figures.link.as_ref().unwrap().worst.as_ref().unwrap();
        let margin = worst.margin.signed().unwrap().value();
        let needed = plot.sensitivity_dbm.unwrap();
        // Both are bisected to far less; the target is the same.
        assert!(
            (received - needed - margin).abs() < 1e-6,
            "{platform}: {received} - {needed} is not {margin}"
        );
        let loss: f64 = plot.planes.iter().map(|plane| plane.loss_db).sum();
        let mean = |idx: usize| plot.planes[idx].average.nominal_dbm;
        assert!((mean(0) - mean(plot.planes.len() - 1) - loss).abs() < 1e-9);
    }
}

#[test]
fn ranges_of_a_waterfall_are_those_of_the_draws_and_hold_the_nominal_level() {
    let case = Case::new("cpo-51t", &[], 200);
    let sampled = case.sampled.as_ref().unwrap();
    let Plot::Waterfall(plot) = data::waterfall(&case.solved(), None) else {
        unreachable!()
    };
    assert_eq!(plot.planes.len(), sampled.planes.len());
    for (plane, drawn) in plot.planes.iter().zip(&sampled.planes) {
        let band = plane.average.band_dbm.unwrap();
        assert_eq!(band.p5.to_bits(), drawn.average_dbm.p5.to_bits());
        assert_eq!(band.p95.to_bits(), drawn.average_dbm.p95.to_bits());
        let nominal = plane.average.nominal_dbm;
        assert!(band.p5 < nominal && nominal < band.p95, "{}", plane.element);
        assert_eq!(plane.oma.is_some(), drawn.oma_dbm.is_some());
    }
}

#[test]
fn stacked_functions_end_at_the_module_and_at_the_port() {
    let library = Library::embedded();
    for platform in library.platforms() {
        let case = Case::new(platform, &[], 0);
        let Some(power) = &case.figures.power else {
            continue;
        };
        let Plot::Power(plot) = data::power(&[case.solved()]) else {
            unreachable!()
        };
        let terms = || Function::ALL.iter().zip(plot.bars[0].terms_pj_per_bit);
        let inside = terms().filter(|(function, _)| function.is_in_module());
        let module: f64 = inside.map(|(_, energy)| energy).sum();
        let port: f64 = terms().map(|(_, energy)| energy).sum();
        for (stacked, watts) in [(module, power.port.module()), (port, power.port.port())] {
            let expected = power.per_bit(watts).value() * 1e12;
            assert!((stacked / expected - 1.0).abs() < 1e-12, "{platform}");
        }
    }
}

#[test]
fn a_histogram_fails_as_often_as_the_lanes_do() {
    // So little light that many draws fail.
    for launch in [
        "laser_module.els.launch='10.5 dBm'",
        "laser_module.els.launch='9 dBm'",
    ] {
        let case = Case::new("cpo-51t", &[launch], 200);
        let sampled = case.sampled.as_ref().unwrap();
        let Plot::Margin(plot) = data::margin(&case.solved(), sampled) else {
            unreachable!()
        };
        let (n_open, n) = plot.failing();
        let closes = sampled.yields.worst_lane().unwrap().closes;
        assert_eq!((n - n_open) as u64, closes.n_yes);
        assert_eq!(n as u64, closes.n);
        assert!(n_open > 0, "the test needs draws that fail");
    }
}

#[test]
fn a_tornado_moves_both_ways_from_the_nominal_figure() {
    let case = Case::new("cpo-51t", &[], 60);
    let sampled = case.sampled.as_ref().unwrap();
    let Plot::Tornado(plot) = data::tornado(&case.solved(), sampled, Moved::Margin) else {
        unreachable!()
    };
    let launch = plot
        .bars
        .iter()
        .find(|bar| bar.name.ends_with(".launch"))
        .unwrap();
    assert!(launch.at_low.unwrap() < plot.centre && plot.centre < launch.at_high.unwrap());
    let loss = plot
        .bars
        .iter()
        .find(|bar| bar.name.ends_with("mpo.loss"))
        .unwrap();
    assert!(loss.at_low.unwrap() > plot.centre && plot.centre > loss.at_high.unwrap());
    let swing = |bar: &report::plot::TornadoBar| (bar.at_high.unwrap() - bar.at_low.unwrap()).abs();
    assert!(
        plot.bars
            .windows(2)
            .all(|pair| swing(&pair[0]) >= swing(&pair[1]))
    );
}

#[test]
fn nothing_to_show_is_an_error_that_says_why() {
    let case = Case::new("cpo-51t", &[], 0);
    let plot = data::power(&[]);
    assert!(matches!(plot.svg(), Err(PlotError::Nothing(_))));
    let Plot::Waterfall(mut plot) = data::waterfall(&case.solved(), None) else {
        unreachable!()
    };
    plot.planes.clear();
    assert!(matches!(
        Plot::Waterfall(plot).png(),
        Err(PlotError::Nothing(_))
    ));
}

#[test]
fn names_cannot_break_the_document() {
    let case = Case::new("cpo-51t", &["name=\"<b>&'x'\\u0007\""], 0);
    for plot in [
        data::waterfall(&case.solved(), None),
        data::power(&[case.solved()]),
    ] {
        let svg = plot.svg().unwrap();
        let document = roxmltree::Document::parse(&svg).unwrap();
        let mut texts = document.descendants().filter_map(|node| node.text());
        assert!(texts.any(|text| text.contains("<b>&'x'")), "{svg}");
        assert!(!document.descendants().any(|node| node.has_tag_name("b")));
    }
}

fn region(constraints: &str, variables: &str) -> RegionPlot {
    let library = Library::embedded();
    let resolve = |sets: &[String]| -> Result<System, Problems> {
        System::resolve(&Input {
            name: "cpo-51t",
            bytes: library.platform("cpo-51t").unwrap().as_bytes(),
            sets,
            library: &library,
            load: &|file| Err(format!("{file} is not there")),
        })
    };
    let system = resolve(&[]).unwrap();
    let question = Question::parse(constraints, variables, None, &system, &library).unwrap();
    let search = Search {
        seed: 1,
        draws: 20,
        stop: &std::sync::atomic::AtomicBool::new(false),
        progress: &|_, _| {},
    };
    let found = solve(&question, &system, &library, &resolve, &search).unwrap();
    let plot = data::region(&system, &found);
    assert!(plot.svg().is_ok() && plot.png().is_ok());
    let Plot::Region(plot) = plot else {
        unreachable!()
    };
    // Every point lies in one cell.
    let n_points: usize = plot.cells.iter().map(|cell| cell.n_points).sum();
    assert_eq!(n_points, found.points.len());
    let n_feasible: usize = plot.cells.iter().map(|cell| cell.n_feasible).sum();
    let feasible = found.points.iter().filter(|point| point.feasible);
    assert_eq!(n_feasible, feasible.count());
    plot
}

#[test]
fn a_region_shows_every_point_and_what_fails() {
    let plot = region(
        "margin>=1 dB, power.module_w<=4",
        "laser.class,lanes_per_laser",
    );
    let (x, y) = plot.cheapest.unwrap();
    let cheapest = plot.cells.iter().find(|cell| (cell.x, cell.y) == (x, y));
    assert!(cheapest.unwrap().n_feasible > 0);
    let fails = |idx| {
        plot.cells
            .iter()
            .any(|cell| cell.n_feasible == 0 && cell.binding == Some(idx))
    };
    assert!(fails(0) || fails(1), "something fails somewhere");
    // Nothing can have both.
    let plot = region("margin>=60 dB, power.module_w<=4", "lanes_per_laser");
    assert!(plot.cheapest.is_none());
    assert!(plot.cells.iter().all(|cell| cell.n_feasible == 0));
}
