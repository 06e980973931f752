//! The solvers against the plain one, on networks that no package would make.

use proptest::prelude::*;
use rayon::prelude::*;

use super::kernel::norm;
use super::{Linear, Method, plain};
use crate::ThermalError;
use crate::network::{Bypass, FaceLinks, Network, Stream};

/// Numbers between 0 and 1 that look random, from a seed.
fn noise(seed: u64) -> impl FnMut() -> f64 {
    let mut state = seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1;
    move || {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        (state >> 11) as f64 / (1_u64 << 53) as f64
    }
}

fn face(n_columns: usize, mut of: impl FnMut() -> f64) -> FaceLinks {
    FaceLinks {
        conductance: (0..n_columns).map(|_| of()).collect(),
        heat: vec![0.0; n_columns],
    }
}

/// A network of random conductances over some decades, with some links cut.
fn random(shape: [usize; 3], decades: f64, cut: f64, seed: u64) -> Network {
    let [nx, ny, nz] = shape;
    let n = nx * ny * nz;
    let mut next = noise(seed);
    let mut links = |is_last: &dyn Fn(usize) -> bool, cut: f64| -> Vec<f64> {
        (0..n)
            .map(|cell| {
                let is_cut = next() < cut;
                let g = 10_f64.powf(decades * (next() - 1.0));
                if is_last(cell) || is_cut { 0.0 } else { g }
            })
            .collect()
    };
    let gx = links(&|cell| cell % nx + 1 == nx, cut);
    let gy = links(&|cell| cell / nx % ny + 1 == ny, cut);
    let gz = links(&|cell| cell / (nx * ny) + 1 == nz, 0.0);
    Network {
        shape,
        gx,
        gy,
        gz,
        bottom: face(nx * ny, || 0.0),
        top: face(nx * ny, || 0.01 + next()),
        capacity: (0..n).map(|_| next()).collect(),
        bypasses: Vec::new(),
        streams: Vec::new(),
    }
}

/// Coolant in the middle sheet, every second column from one edge to the other, with walls beside
/// it that pass it.
fn with_streams(mut network: Network, rate: f64) -> Network {
    let [nx, ny, nz] = network.shape;
    let sheet = nz / 2;
    let first = sheet * nx * ny;
    for i in (0..nx).step_by(2) {
        network.streams.push(Stream {
            cells: (0..ny)
                .map(|j| u32::try_from(first + j * nx + i).expect("small"))
                .collect(),
            capacity_rate_w_per_k: rate,
            inlet_k: 300.0,
        });
    }
    network.bypasses.push(Bypass {
        sheet,
        conductance: (0..nx * ny)
            .map(|column| 0.1 * (column % 3) as f64)
            .collect(),
    });
    network
}

/// Solves by both and compares: the difference is no more than what the residuals allow.
fn check(network: &Network, rate: f64, seed: u64) -> Result<usize, TestCaseError> {
    let mut next = noise(seed);
    let b: Vec<f64> = (0..network.n_cells())
        .map(|_| if next() < 0.3 { next() } else { 0.0 })
        .collect();
    let diagonal = network.diagonal(rate);
    let linear = Linear::new(network, rate).expect("a sound network");
    let mut x = vec![0.0; b.len()];
    let done = linear.solve(&b, &mut x, 1e-12).expect("converges");
    let mut oracle = vec![0.0; b.len()];
    plain::solve(network, &diagonal, &b, &mut oracle, 1e-12).expect("converges");
    let difference: Vec<f64> = x.iter().zip(&oracle).map(|(x, o)| x - o).collect();
    // Both residuals are 1e-12 of the heat; the condition of these networks is below 1e6.
    prop_assert!(norm(&difference) <= 1e-6 * norm(&oracle));
    // A warm start is where it ended.
    let again = linear.solve(&b, &mut x, 1e-11).expect("converges");
    prop_assert_eq!(again.iterations, 0);
    Ok(done.iterations)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    #[test]
    fn random_networks_are_solved_as_the_plain_solver_does(
        nx in 1..12_usize, ny in 1..12_usize, nz in 1..6_usize,
        decades in 0.0..4.0_f64, cut in 0.0..0.3_f64, rate in prop_oneof![Just(0.0), 0.0..10.0_f64],
        seed in any::<u64>(),
    ) {
        check(&random([nx, ny, nz], decades, cut, seed), rate, seed)?;
    }

    #[test]
    fn coolant_is_solved_as_the_plain_solver_does(
        nx in 1..10_usize, ny in 1..10_usize, nz in 3..6_usize,
        decades in 0.0..3.0_f64, rate in -3.0..3.0_f64, seed in any::<u64>(),
    ) {
        let network = random([nx, ny, nz], decades, 0.1, seed);
        check(&with_streams(network, 10_f64.powf(rate)), 0.0, seed)?;
    }
}

/// Three uniform sheets of very different materials.
fn uniform(nx: usize, ny: usize, h: f64) -> Network {
    let sheets = [(0.9, 1.1, 0.02), (1e-4, 2e-4, 5.0), (0.3, 0.2, 0.0)];
    let per_cell = |of: &dyn Fn(usize, usize, (f64, f64, f64)) -> f64| -> Vec<f64> {
        (0..3 * nx * ny)
            .map(|c| of(c % nx, c / nx % ny, sheets[c / (nx * ny)]))
            .collect()
    };
    Network {
        shape: [nx, ny, 3],
        gx: per_cell(&|i, _, (gx, _, _)| if i + 1 < nx { gx } else { 0.0 }),
        gy: per_cell(&|_, j, (_, gy, _)| if j + 1 < ny { gy } else { 0.0 }),
        gz: per_cell(&|_, _, (_, _, gz)| gz),
        bottom: face(nx * ny, || 0.0),
        top: face(nx * ny, || h),
        capacity: per_cell(&|_, _, (gx, _, _)| gx),
        bypasses: Vec::new(),
        streams: Vec::new(),
    }
}

#[test]
fn uniform_sheets_are_solved_by_modes_in_one_pass() {
    for (nx, ny) in [(1, 1), (1, 7), (8, 8), (15, 9), (12, 20)] {
        for rate in [0.0, 0.5] {
            let network = uniform(nx, ny, 0.05);
            let linear = Linear::new(&network, rate).expect("a sound network");
            assert!(matches!(linear.method, Method::Modes(_)));
            assert_eq!(check(&network, rate, 7).expect("agrees"), 0);
        }
    }
    let mut network = uniform(8, 8, 0.05);
    network.gx[9] *= 1.001;
    let linear = Linear::new(&network, 0.0).expect("a sound network");
    assert!(matches!(linear.method, Method::Symmetric(_)));
}

#[test]
fn iterations_do_not_grow_as_a_package_hardly_cools() {
    let mut network = uniform(40, 30, 1.0);
    for i in 0..10 {
        network.gy[500 + i] = 0.01;
    }
    let mut counts = Vec::new();
    for h in [1.0, 1e-4, 1e-8] {
        network.top.conductance.fill(h);
        let mut b = vec![0.0; network.n_cells()];
        b[7] = 1.0;
        let mut x = vec![0.0; b.len()];
        let linear = Linear::new(&network, 0.0).expect("a sound network");
        let done = linear.solve(&b, &mut x, 1e-10).expect("converges");
        counts.push(done.iterations);
    }
    assert!(counts.iter().all(|n| *n <= 20), "{counts:?}");
}

#[test]
fn results_do_not_depend_on_the_number_of_threads() {
    let network = random([70, 64, 20], 2.0, 0.05, 3);
    let b: Vec<f64> = (0..network.n_cells()).map(|c| (c % 17) as f64).collect();
    let solve = |threads: usize| {
        let pool = rayon::ThreadPoolBuilder::new()
            .num_threads(threads)
            .build()
            .expect("threads");
        pool.install(|| {
            let linear = Linear::new(&network, 0.0).expect("a sound network");
            let solved = [(); 2].into_par_iter().map(|()| {
                let mut x = vec![0.0; b.len()];
                linear.solve(&b, &mut x, 1e-10).expect("converges");
                x
            });
            solved.collect::<Vec<_>>()
        })
    };
    let alone = solve(1);
    assert_eq!(alone[0], alone[1]);
    assert_eq!(alone, solve(3));
}

#[test]
fn what_cannot_be_solved_is_refused() {
    let sound = random([4, 4, 3], 1.0, 0.0, 1);
    let refused = |network: &Network| match Linear::new(network, 0.0) {
        Err(ThermalError::NotPositiveDefinite { what }) => what,
        other => panic!("{other:?}"),
    };
    let mut floating = sound.clone();
    floating.top.conductance.fill(0.0);
    assert!(refused(&floating).contains("nothing holds"));
    let mut negative = sound.clone();
    negative.gy[5] = -1e-3;
    assert_eq!(refused(&negative), "conductance 5 up is -0.001 W/K");
    let mut no_number = sound.clone();
    no_number.gx[2] = f64::NAN;
    assert!(refused(&no_number).contains("NaN"));
    let mut b = vec![0.0; sound.n_cells()];
    b[3] = f64::INFINITY;
    let linear = Linear::new(&sound, 0.0).expect("a sound network");
    let outcome = linear.solve(&b, &mut vec![0.0; b.len()], 1e-10);
    assert!(matches!(outcome, Err(ThermalError::NotFinite { what }) if what.contains("cell 3")));
}
