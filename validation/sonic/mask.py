"""Two recordings of `platform_common.py --record` as one.

Bytes that differ become `??`, and so do those that hold measurements or follow from the description.

    python3 mask.py FIRST SECOND > TRACE
"""

import json
import sys


LOWER = -1
# Page, first and last byte of what sensors say, and of serial numbers.
ANY = [
    (LOWER, 14, 25),
    (0x00, 166, 181),
    (0x11, 154, 201),
    (0x14, 192, 255),
    (0x1B, 184, 255),
    *((page, 128, 255) for page in range(0x24, 0x28)),
]


def accesses(path):
    """Accesses, each with the pause before it."""
    pause = 0
    with open(path, encoding="ascii") as file:
        for line in file:
            access = json.loads(line)
            if access[0] == "s":
                pause = access[1]
                continue
            yield pause, access
            pause = 0


def without_rounds(accesses):
    """Reads that a host repeats with pauses between: the last round of them, which was waited for."""
    kept = []
    for pause, access in accesses:
        kept.append((pause, access))
        for length in range(2, 5):
            last, before = kept[-length:], kept[-2 * length : -length]
            is_round = [one[1:-1] for _, one in last] == [one[1:-1] for _, one in before]
            if is_round and last[0][0] and all(one[0] in "rp" for _, one in last):
                kept[-2 * length :] = [(before[0][0], ["p", *last[0][1][1:]])] + [
                    (0, ["p", *one[1:]]) for _, one in last[1:]
                ]
    return kept


def is_any(page, byte):
    page = LOWER if byte < 128 else page
    return any(page == of and first <= byte <= last for of, first, last in ANY)


def shared(page, byte, first, second):
    if first is None or second is None:
        return first if first == second else "?"
    pairs = [(first[at : at + 2], second[at : at + 2]) for at in range(0, len(first), 2)]
    return "".join(
        one if one == other and not is_any(page, byte + at) else "??" for at, (one, other) in enumerate(pairs)
    )


def main():
    first, second = (without_rounds(accesses(path)) for path in sys.argv[1:3])
    if len(first) != len(second):
        print(f"{len(first)} accesses and {len(second)}", file=sys.stderr)
    silent = set()
    for number, ((pause, one), (other_pause, other)) in enumerate(zip(first, second)):
        reads = one[0] in "rp"
        if one[1:-1] != other[1:-1] or (reads != (other[0] in "rp")) or not (reads or one == other):
            sys.exit(f"access {number} differs: {one} and {other}")
        pause = max(pause, other_pause)
        if pause:
            print(json.dumps(["s", -(-pause // 10) * 10], separators=(",", ":")))
        if reads:
            # Read twice in one recording, once in the other, or for the first time after silence: it was
            # waited for.
            at = tuple(one[1:-1])
            one[0] = "p" if "p" in (one[0], other[0]) or at in silent else "r"
            (silent.add if None in (one[-1], other[-1]) else silent.discard)(at)
            one[-1] = shared(one[2], one[4], one[-1], other[-1])
        print(json.dumps(one, separators=(",", ":")))


main()
