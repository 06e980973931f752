//! Monte Carlo of the inner code: PAM4 in white Gaussian noise, Gray mapping, extended Hamming
//! (128,120), hard and Chase decoding. Prints the ratio of wrong 10-bit symbols against the bit
//! error ratio before decoding, with the standard error from whole codewords (errors within one
//! codeword are not independent).
//!
//! `cargo run --release -p link --example inner_code -- 100000` takes the codewords per point.

#![expect(
    clippy::print_stdout,
    reason = "the table is the purpose of the program"
)]

use link::fec::ExtendedHamming;
use units::random::Draw;
use units::special::{normal_quantile, normal_tail};

const GRAY: [(u128, u128); 4] = [(0, 0), (0, 1), (1, 1), (1, 0)];

fn main() {
    let n_words: u64 = std::env::args()
        .nth(1)
        .and_then(|text| text.parse().ok())
        .unwrap_or(20_000);
    println!("ber_in,chase_symbol_error_ratio,standard_error,hard_symbol_error_ratio,hard_ber");
    for ber in [
        1e-3, 1.5e-3, 2e-3, 2.5e-3, 3e-3, 4e-3, 4.8e-3, 6e-3, 8e-3, 1e-2, 1.5e-2, 2e-2,
    ] {
        point(ber, n_words);
    }
}

fn point(ber: f64, n_words: u64) {
    // Half a level distance is 1; the Gray bit error ratio with all transitions fixes sigma.
    let mut sigma = -1.0 / normal_quantile(ber / 0.75);
    for _ in 0..50 {
        let (a, b, c) = (1.0 / sigma, 3.0 / sigma, 5.0 / sigma);
        let model = (3.0 * normal_tail(a) + 2.0 * normal_tail(b) - normal_tail(c)) / 4.0;
        sigma = -1.0 / normal_quantile(normal_tail(1.0 / sigma) * ber / model);
    }
    let code = ExtendedHamming::new();
    let entity = format!("{ber:e}");
    let payload = Draw::new(1, &entity, "payload");
    let noise = Draw::new(1, &entity, "noise");
    let (mut wrong, mut wrong_square, mut hard_wrong, mut hard_bits) = (0u64, 0u64, 0u64, 0u64);
    let mut reliability = [0.0; 128];
    for index in 0..n_words {
        let bits =
            u128::from(payload.bits(2 * index)) << 64 | u128::from(payload.bits(2 * index + 1));
        let sent = code.encode(bits);
        let mut received = 0u128;
        for symbol in 0..64 {
            let pair = (sent >> (2 * symbol) & 1, sent >> (2 * symbol + 1) & 1);
            let level = GRAY.iter().position(|&g| g == pair).unwrap_or(0);
            let y = 2.0 * level as f64 - 3.0 + sigma * noise.normal(index * 64 + symbol as u64);
            let metric = |bit: u128, second: bool| {
                (0..4)
                    .filter(|&k| (if second { GRAY[k].1 } else { GRAY[k].0 }) == bit)
                    .map(|k| (y - (2.0 * k as f64 - 3.0)).powi(2))
                    .fold(f64::INFINITY, f64::min)
            };
            for second in [false, true] {
                let ratio = metric(0, second) - metric(1, second);
                let position = 2 * symbol + usize::from(second);
                reliability[position] = ratio.abs();
                received |= u128::from(ratio > 0.0) << position;
            }
        }
        let count = |word: u128| {
            (0..12)
                .filter(|s| (word ^ sent) >> (10 * s) & 0x3ff != 0)
                .count() as u64
        };
        let failed = count(code.decode_chase(received, &reliability, 5));
        wrong += failed;
        wrong_square += failed * failed;
        let hard = code.decode_hard(received);
        hard_wrong += count(hard);
        hard_bits += u64::from((hard ^ sent).count_ones());
    }
    let n = n_words as f64;
    let mean = wrong as f64 / n;
    let deviation = ((wrong_square as f64 / n - mean * mean) / n).sqrt();
    println!(
        "{ber:e},{:.4e},{:.1e},{:.4e},{:.4e}",
        mean / 12.0,
        deviation / 12.0,
        hard_wrong as f64 / (12.0 * n),
        hard_bits as f64 / (128.0 * n)
    );
}
