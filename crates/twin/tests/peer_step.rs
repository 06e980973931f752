//! A package after a step of its load, by the reduced model that the world steps, against what
//! 3D-ICE 4.0 printed for the same package.
//!
//! The peer takes backward Euler steps, whose error is of the first order in their length; it was
//! run with steps of 20, 10 and 5 ms.
#![expect(
    clippy::disallowed_methods,
    reason = "the files of the validation case are read from the repository"
)]

use std::path::PathBuf;
use std::sync::Arc;

use thermal::read::ice::{self, IceFile};
use thermal::{Beyond, FaceRegion, Model, Rect, ReducedModel, ReducedState, Side};
use twin::heat::HEAT_REDUCTION;
use units::{Celsius, Kelvin, KelvinDifference, Meters, Seconds, Watts};

type Outcome<T = ()> = Result<T, Box<dyn std::error::Error>>;

/// The blocks whose temperatures the peer printed.
const BLOCKS: [&str; 3] = ["asic", "engine1", "engine10"];
/// Its steps from one row of its output to the next.
const STEPS_PER_ROW: [usize; 3] = [5, 10, 20];
/// Rows of its output stand this far apart, s; the load changes with row 40.
const ROW_S: f64 = 0.1;
const SLOT_ROWS: usize = 40;
/// A fifth of the 25 mK that [`HEAT_REDUCTION`] leaves of 500 W, and ten times half a printed digit.
const SAME_STEPS_K: f64 = 0.005;
/// Half a digit of three columns weighed with 8/3, 2 and 1/3.
const EXTRAPOLATED_K: f64 = 0.0025;
/// Where both sinks of the package are, and where the peer begins.
const START_C: f64 = 40.0;

fn text(name: &str) -> Result<String, String> {
    let root = PathBuf::from(env!("CARGO_MANIFEST_DIR"));
    let path = root.join("../../validation/thermal/cpo-16/ice").join(name);
    std::fs::read_to_string(path).map_err(|error| error.to_string())
}

/// What the peer printed: by row, step and block.
fn printed() -> Outcome<Vec<[[f64; 3]; 3]>> {
    let rows = text("peer-load.csv")?;
    let rows = rows.lines().skip(1).map(|row| {
        let cells = row.split(',').skip(1).map(str::parse::<f64>);
        let cells: Vec<f64> = cells.collect::<Result<_, _>>()?;
        let mut by_step = [[0.0; 3]; 3];
        for (at, kelvin) in cells.into_iter().enumerate() {
            by_step[at / 3][at % 3] = kelvin;
        }
        Ok(by_step)
    });
    rows.collect()
}

/// The package of the peer, reduced as the world reduces its own.
struct Package {
    reduced: Arc<ReducedModel>,
    /// Positions of the printed blocks.
    at: [usize; 3],
    /// Powers of the two slots.
    slots: [Vec<Watts>; 2],
}

impl Package {
    fn read() -> Outcome<Self> {
        let load = |name: &str| text(name);
        let file: IceFile = ice::read("cpo-load.stk", &load("cpo-load.stk")?, &load)?;
        let model = Model::new(&file.case.stack, &file.case.grid)?;
        let whole = |side| FaceRegion {
            side,
            areas: vec![Rect::new(
                Meters::new(0.0),
                Meters::new(0.0),
                Meters::new(0.06),
                Meters::new(0.06),
            )],
        };
        let elements: Vec<_> = file.instances.iter().flat_map(|of| &of.elements).collect();
        let blocks = elements.iter().flat_map(|element| &element.blocks);
        let blocks: Vec<usize> = blocks.map(|(block, _)| *block).collect();
        assert_eq!((elements.len(), blocks.len()), (17, 17), "one block each");
        let faces = [whole(Side::Top), whole(Side::Bottom)];
        let reduced = ReducedModel::through(&model, &blocks, &faces, &HEAT_REDUCTION)?;
        let mut at = [0; 3];
        for (at, name) in at.iter_mut().zip(BLOCKS) {
            let found = elements.iter().position(|element| element.name == name);
            *at = found.ok_or("a block of that name")?;
        }
        let slots = [150.0, 500.0].map(|asic_w| {
            let mut powers = vec![Watts::new(12.0); blocks.len()];
            powers[at[0]] = Watts::new(asic_w);
            powers
        });
        Ok(Self {
            reduced: Arc::new(reduced),
            slots,
            at,
        })
    }

    /// As warm as the peer begins: everywhere as its sinks.
    fn start(&self) -> Outcome<ReducedState> {
        let none = vec![Watts::new(0.0); self.slots[0].len()];
        let model = Arc::clone(&self.reduced);
        Ok(ReducedState::at_rest_beyond(model, &none, &held())?)
    }

    /// The modes of the reduced model by backward Euler, `x' = (x + h r P / tau) / (1 + h / tau)`:
    /// what the peer would print were its cells these modes. By row.
    fn by_backward_euler(&self, steps_per_row: usize, n_rows: usize) -> Vec<[f64; 3]> {
        let start_k = Kelvin::from(Celsius::new(START_C)).value();
        let n = self.slots[0].len();
        let ladders: Vec<Vec<_>> = self
            .at
            .iter()
            .map(|out| {
                (0..n)
                    .map(|source| self.reduced.foster(*out, source))
                    .collect()
            })
            .collect();
        let mut rises: Vec<Vec<Vec<f64>>> = ladders
            .iter()
            .map(|of| of.iter().map(|ladder| vec![0.0; ladder.len()]).collect())
            .collect();
        let step_s = ROW_S / steps_per_row as f64;
        let mut rows = Vec::new();
        for row in 0..n_rows {
            let powers = &self.slots[row / SLOT_ROWS];
            for _ in 0..steps_per_row {
                for (ladders, rises) in ladders.iter().zip(&mut rises) {
                    for ((ladder, rises), power) in ladders.iter().zip(rises).zip(powers) {
                        for ((r, tau), rise) in ladder.iter().zip(rises) {
                            let full = r.value() * power.value();
                            let steps = step_s / tau.value();
                            *rise = if steps.is_finite() {
                                (*rise + steps * full) / (1.0 + steps)
                            } else {
                                full
                            };
                        }
                    }
                }
            }
            let mut now = [start_k; 3];
            for (now, rises) in now.iter_mut().zip(&rises) {
                *now += rises.iter().flatten().sum::<f64>();
            }
            rows.push(now);
        }
        rows
    }
}

fn held() -> [Beyond; 2] {
    [Beyond::Held(KelvinDifference::new(0.0)); 2]
}

/// The greatest difference from the peer over some rows.
fn worst(ours: &[(usize, [f64; 3])], peer: impl Fn(usize, usize) -> f64) -> f64 {
    let differences = ours.iter().flat_map(|(row, kelvin)| {
        let blocks = kelvin.iter().enumerate();
        blocks.map(|(block, kelvin)| (kelvin - peer(*row, block)).abs())
    });
    differences.fold(0.0, f64::max)
}

/// The same method on our modes and on the peer's cells: what is left is how they are reduced.
#[test]
fn modes_stepped_as_the_peer_steps_are_what_it_printed() -> Outcome {
    let (package, printed) = (Package::read()?, printed()?);
    assert_eq!(printed.len(), 2 * SLOT_ROWS);
    for (step, steps_per_row) in STEPS_PER_ROW.into_iter().enumerate() {
        let ours = package.by_backward_euler(steps_per_row, printed.len());
        let ours: Vec<_> = ours.into_iter().enumerate().collect();
        let worst = worst(&ours, |row, block| printed[row][step][block]);
        assert!(worst < SAME_STEPS_K, "{steps_per_row} steps: {worst} K");
    }
    Ok(())
}

/// A step of the world is exact whatever its length; the peer comes to it as its steps shorten.
#[test]
fn the_peer_comes_to_our_transient_as_its_steps_shorten() -> Outcome {
    let (package, printed) = (Package::read()?, printed()?);
    // Terms of the first and second order in its step cancel.
    let limit = |row: usize, block: usize| {
        let [coarse, middle, fine] = printed[row].map(|of| of[block]);
        (8.0 * fine - 6.0 * middle + coarse) / 3.0
    };
    for rows_per_step in [1, 5, SLOT_ROWS] {
        let mut state = package.start()?;
        let mut ours = Vec::new();
        for row in (rows_per_step - 1..printed.len()).step_by(rows_per_step) {
            let powers = &package.slots[row / SLOT_ROWS];
            let length = Seconds::new(ROW_S * rows_per_step as f64);
            state.step_beyond(powers, &held(), length)?;
            let blocks = package.at.map(|block| state.average(block));
            ours.push((row, blocks.map(|celsius| Kelvin::from(celsius).value())));
        }
        let worst = worst(&ours, limit);
        let bound = SAME_STEPS_K + EXTRAPOLATED_K;
        assert!(worst < bound, "{rows_per_step} rows: {worst} K");
        if rows_per_step == 1 {
            // As it stands, the peer is off by what its method leaves, halved with its step.
            let off = |step: usize| {
                let of = ours.iter().map(|(row, kelvin)| {
                    let [asic, ..] = kelvin;
                    (asic - printed[*row][step][0]).abs()
                });
                of.fold(0.0, f64::max)
            };
            let off = [off(0), off(1), off(2)];
            assert!((0.15..0.25).contains(&off[0]), "{off:?}");
            for pair in off.windows(2) {
                assert!((1.9..2.3).contains(&(pair[0] / pair[1])), "{off:?}");
            }
        }
    }
    Ok(())
}
