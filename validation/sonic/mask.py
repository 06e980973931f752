"""Two recordings of `platform_common.py --record` as one: bytes that differ become `??`.

    python3 mask.py FIRST SECOND > TRACE
"""

import json
import sys


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


def shared(first, second):
    if first is None or second is None:
        return first if first == second else "?"
    pairs = [(first[at : at + 2], second[at : at + 2]) for at in range(0, len(first), 2)]
    return "".join(one if one == other else "??" for one, other in pairs)


def main():
    first, second = (list(accesses(path)) for path in sys.argv[1:3])
    if len(first) != len(second):
        print(f"{len(first)} accesses and {len(second)}", file=sys.stderr)
    for number, ((pause, one), (other_pause, other)) in enumerate(zip(first, second)):
        reads = one[0] in "rp"
        if one[1:-1] != other[1:-1] or (reads != (other[0] in "rp")) or not (reads or one == other):
            sys.exit(f"access {number} differs: {one} and {other}")
        pause = max(pause, other_pause)
        if pause:
            print(json.dumps(["s", -(-pause // 10) * 10], separators=(",", ":")))
        if reads:
            # Read twice in one recording, once in the other: it was waited for.
            one[0] = "p" if "p" in (one[0], other[0]) else "r"
            one[-1] = shared(one[-1], other[-1])
        print(json.dumps(one, separators=(",", ":")))


main()
