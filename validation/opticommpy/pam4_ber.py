"""Counts bit errors of NRZ and PAM4 waveforms behind OptiCommPy's photodiode and compares them
with the semi-analytic receiver of the `link` crate.

Usage: python pam4_ber.py [--binary PATH] [--json]

Without --binary, the example `pam4_ber` is built and run with cargo. Exit status 1 when a point is
outside the tolerance or has too few errors.
"""

import argparse
import json
import subprocess
import sys
from pathlib import Path

import numpy as np
from optic.comm.modulation import demodulateGray, modulateGray
from optic.dsp.core import lowPassFIR
from optic.models.devices import photodiode
from optic.utils import parameters

SAMPLES_PER_SYMBOL = 16
FILTER_TAPS = 255
BLOCK_SYMBOLS = 1 << 17
MAX_BLOCKS = 40
WANTED_ERRORS = 2000
LEAST_ERRORS = 100
TOLERANCE_STANDARD_ERRORS = 4.0
BOLTZMANN = 1.380649e-23
ROOM_C = 25.0

# name, levels, baud, average power (dBm), extinction ratio (dB), load (ohm), RIN (dB/Hz),
# filter bandwidth over baud
POINTS = [
    ("nrz thermal", 2, 25.78125e9, -17.5, 6.0, 50.0, None, 0.75),
    ("nrz thermal, slow filter", 2, 53.125e9, -17.0, 6.0, 50.0, None, 0.45),
    ("pam4 thermal, high BER", 4, 53.125e9, -12.5, 5.0, 50.0, None, 0.75),
    ("pam4 thermal", 4, 53.125e9, -11.0, 5.0, 50.0, None, 0.75),
    ("pam4 shot", 4, 53.125e9, -17.0, 5.0, 1000.0, None, 0.75),
    ("pam4 RIN", 4, 53.125e9, -10.0, 5.0, 50.0, -138.0, 0.75),
    ("pam4 all, slow filter", 4, 53.125e9, -12.5, 5.0, 100.0, -141.0, 0.50),
    ("pam4 all, 106 GBd", 4, 106.25e9, -10.5, 4.5, 100.0, -144.0, 0.65),
]


def describe(levels, baud, power_dbm, er_db, load_ohm, rin_db, relative_bandwidth):
    """Level powers, receiver and taps of one point, as both sides use them."""
    average_w = 1e-3 * 10 ** (power_dbm / 10)
    ratio = 10 ** (er_db / 10)
    swing = (ratio - 1) / (ratio + 1)
    level_w = average_w * (1 + swing * np.linspace(-1, 1, levels))
    rate = baud * SAMPLES_PER_SYMBOL
    bandwidth = relative_bandwidth * baud
    taps = lowPassFIR(bandwidth, rate, FILTER_TAPS, typeF="gauss")
    # A symbol held for one period and sampled at its middle: the cursors are sums of the filter
    # over the samples of each symbol.
    centre = (FILTER_TAPS - 1) // 2
    cursor = {}
    for n in range(FILTER_TAPS):
        lag = n - centre  # the output at sample s sees the input at s - lag
        symbol = (SAMPLES_PER_SYMBOL // 2 - lag) // SAMPLES_PER_SYMBOL
        cursor[symbol] = cursor.get(symbol, 0.0) + taps[n]
    main = cursor.pop(0)
    others = [c / main for c in cursor.values() if abs(c) > 1e-6]
    return {
        "levels_w": list(average_w + main * (level_w - average_w)),
        "responsivity_a_per_w": 0.9,
        "dark_current_a": 1e-8,
        "thermal_noise_a_per_rthz": float(np.sqrt(4 * BOLTZMANN * (ROOM_C + 273.15) / load_ohm)),
        # One-sided noise bandwidth of the filter that the package really applies.
        "noise_bandwidth_hz": float(rate / 2 * np.sum(taps**2) / np.sum(taps) ** 2),
        "rin_db_per_hz": rin_db,
        "taps": others,
    }, level_w, rate, bandwidth


def count(point, level_w, rate, bandwidth, load_ohm, thresholds_a, seed):
    """Counted bit errors and bits, by waveform."""
    levels = len(level_w)
    bits_per_symbol = int(np.log2(levels))
    constellation = np.arange(-(levels - 1), levels, 2)
    rng = np.random.default_rng(seed)
    detector = parameters()
    detector.R = point["responsivity_a_per_w"]
    detector.Tc = ROOM_C
    detector.Id = point["dark_current_a"]
    detector.RL = load_ohm
    detector.B = bandwidth
    detector.N = FILTER_TAPS
    detector.fType = "gauss"
    detector.Fs = rate
    rin = point["rin_db_per_hz"]
    errors = total = 0
    guard = FILTER_TAPS // SAMPLES_PER_SYMBOL + 1
    for block in range(MAX_BLOCKS):
        bits = rng.integers(0, 2, BLOCK_SYMBOLS * bits_per_symbol)
        symbols = np.real(modulateGray(bits, levels, "pam"))
        index = np.rint((symbols + levels - 1) / 2).astype(int)
        power = np.repeat(level_w[index], SAMPLES_PER_SYMBOL)
        if rin is not None:
            # White relative intensity noise: one-sided density times half the sampling rate.
            deviation = np.sqrt(10 ** (rin / 10) * rate / 2)
            power = power * (1 + deviation * rng.standard_normal(power.size))
        detector.seed = seed * 1000 + block
        current = photodiode(np.sqrt(np.maximum(power, 0)), detector)
        sampled = current[SAMPLES_PER_SYMBOL // 2 :: SAMPLES_PER_SYMBOL]
        decided = constellation[np.searchsorted(thresholds_a, sampled)]
        received = demodulateGray(decided.astype(complex), levels, "pam")
        wrong = (received != bits).reshape(-1, bits_per_symbol)[guard:-guard]
        errors += int(wrong.sum())
        total += wrong.size
        if errors >= WANTED_ERRORS:
            break
    return errors, total


def run_ours(binary, points):
    command = [binary] if binary else [
        "cargo", "run", "--quiet", "--release", "-p", "link", "--example", "pam4_ber",
    ]
    done = subprocess.run(
        command, input=json.dumps(points), capture_output=True, text=True, check=True,
        cwd=Path(__file__).resolve().parents[2],
    )
    return json.loads(done.stdout)


def main():
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--binary", help="the example program, already built")
    arguments.add_argument("--json", action="store_true", help="print JSON instead of CSV")
    arguments = arguments.parse_args()
    described = [describe(*point[1:]) for point in POINTS]
    ours = run_ours(arguments.binary, [d[0] for d in described])
    rows, failed = [], False
    for i, (point, (values, level_w, rate, bandwidth), result) in enumerate(
        zip(POINTS, described, ours)
    ):
        errors, bits = count(
            values, level_w, rate, bandwidth, point[5], np.array(result["thresholds_a"]), i + 1
        )
        # Errors are counted, hence Poisson; the expected number gives the standard error.
        expected = result["ber"] * bits
        deviation = (errors - expected) / np.sqrt(expected)
        good = errors >= LEAST_ERRORS and abs(deviation) <= TOLERANCE_STANDARD_ERRORS
        failed |= not good
        rows.append({
            "point": point[0],
            "noise_bandwidth_ghz": round(values["noise_bandwidth_hz"] / 1e9, 3),
            "errors": errors,
            "bits": bits,
            "ber_counted": errors / bits,
            "ber_ours": result["ber"],
            "ratio": errors / expected,
            "standard_errors": round(deviation, 2),
            "within": good,
        })
    if arguments.json:
        print(json.dumps(rows, indent=2))
    else:
        print(";".join(rows[0]))
        for row in rows:
            print(";".join(f"{v:.4g}" if isinstance(v, float) else str(v) for v in row.values()))
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
