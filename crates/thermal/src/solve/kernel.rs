//! Loops over vectors: the same bits on any number of threads.

use std::ops::Range;

use rayon::prelude::*;

/// Numbers that one task works on. Sums are made in parts of this many, and then of the parts in
/// their order, so that the number of threads does not show.
const PART: usize = 1 << 14;

/// Numbers below which a loop stays on one thread: handing it out takes longer.
const SERIAL: usize = 1 << 16;

/// Calls `f` for each row of `length` numbers.
pub(crate) fn for_rows(list: &mut [f64], length: usize, f: impl Fn(usize, &mut [f64]) + Sync) {
    if list.len() < SERIAL {
        for (row, part) in list.chunks_mut(length).enumerate() {
            f(row, part);
        }
    } else {
        let parts = list
            .par_chunks_mut(length)
            .with_min_len(PART.div_ceil(length));
        parts.enumerate().for_each(|(row, part)| f(row, part));
    }
}

/// Sum of what `f` makes of each part of `n` numbers or rows.
fn sum_of_parts(n: usize, f: impl Fn(Range<usize>) -> f64 + Sync) -> f64 {
    let range = |part: usize| part * PART..((part + 1) * PART).min(n);
    let parts = n.div_ceil(PART);
    if n < SERIAL {
        (0..parts).map(|part| f(range(part))).sum()
    } else {
        let sums: Vec<f64> = (0..parts)
            .into_par_iter()
            .map(|part| f(range(part)))
            .collect();
        sums.iter().sum()
    }
}

/// Sum of the products, in eight interleaved sums so that the processor can go on.
fn dot_part(a: &[f64], b: &[f64]) -> f64 {
    let mut sums = [0.0; 8];
    let (a8, b8) = (a.chunks_exact(8), b.chunks_exact(8));
    let rest = a8.remainder().iter().zip(b8.remainder());
    let rest: f64 = rest.map(|(a, b)| a * b).sum();
    for (a, b) in a8.zip(b8) {
        for ((sum, a), b) in sums.iter_mut().zip(a).zip(b) {
            *sum += a * b;
        }
    }
    sums.iter().sum::<f64>() + rest
}

/// `a . b`.
pub(super) fn dot(a: &[f64], b: &[f64]) -> f64 {
    sum_of_parts(a.len(), |part| dot_part(&a[part.clone()], &b[part]))
}

/// Whether something holds for all numbers of a list.
pub(super) fn all(list: &[f64], holds: impl Fn(f64) -> bool + Sync) -> bool {
    let of_part = |part: &[f64]| part.iter().fold(true, |all, x| all & holds(*x));
    if list.len() < SERIAL {
        of_part(list)
    } else {
        list.par_chunks(PART).all(of_part)
    }
}

/// Norm of `b - A x`, where `row` makes a row of `A x` of a given length.
pub(super) fn residual_norm(
    b: &[f64],
    length: usize,
    row: impl Fn(usize, &mut [f64]) + Sync,
) -> f64 {
    let of_row = |image: &mut Vec<f64>, (idx, b): (usize, &[f64])| -> f64 {
        row(idx, image);
        image
            .iter()
            .zip(b)
            .map(|(image, b)| (b - image).powi(2))
            .sum()
    };
    let rows = b
        .par_chunks(length)
        .enumerate()
        .with_min_len(PART.div_ceil(length));
    let squares: Vec<f64> = rows.map_init(|| vec![0.0; length], of_row).collect();
    squares.iter().sum::<f64>().sqrt()
}

pub(super) fn norm(a: &[f64]) -> f64 {
    dot(a, a).sqrt()
}

/// `y += alpha x`.
pub(super) fn add(y: &mut [f64], alpha: f64, x: &[f64]) {
    for_rows(y, PART, |row, y| {
        for (y, x) in y.iter_mut().zip(&x[row * PART..]) {
            *y += alpha * x;
        }
    });
}

/// `y = x + beta y`.
pub(super) fn follow(y: &mut [f64], beta: f64, x: &[f64]) {
    for_rows(y, PART, |row, y| {
        for (y, x) in y.iter_mut().zip(&x[row * PART..]) {
            *y = x + beta * *y;
        }
    });
}
