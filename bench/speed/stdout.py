"""Measure how fast standard output is read, and hold it to its bounds.

Run ``make bench``, which writes the key ``stdout`` of ``bench/results.json``; exits 1 if a bound
is broken.
Times are CPU seconds, the least of several rounds: other work on the machine does not count.
"""

from __future__ import annotations

import argparse
import math
import sys
import time
from pathlib import Path

from bench import document
from verifier.output.transcript import read_stdout

MEGABYTE = 1_000_000
NORMAL_BYTES = 100_000
HOSTILE_LIMIT_S = 1.0
NORMAL_LIMIT_S = 0.15
EXPONENT_LIMIT = 1.2
SIZES = (125_000, 250_000, 500_000, 1_000_000)
ROUNDS = 3
NORMAL_ROUNDS = 15
EXPONENT_FLOOR_S = 0.02
"""Below this, growth is not measured: noise and the bounds on counts outweigh the size."""

NORMAL = b"""one_training_step
prediction_before= 0.825
weight_grad= [[-0.1753, -0.3505]]
bias_grad= [-0.1753]
mini_training_loop
step=1 loss=0.1183 pred=0.888
step=2 loss=0.0861 pred=0.918
"""
"""Lines as the lesson prints them; repeated up to the size that is measured."""

HOSTILE: dict[str, bytes] = {
    "line feeds": b"\n",
    "carriage returns": b"a\r",
    "unfinished escapes": b"\x1b[",
    "unfinished OSC": b"\x1b]",
    "coloured pairs": b"\x1b[31mloss\x1b[0m=1\n",
    "no UTF-8": b"\xff",
    "NUL": b"\0",
    "full-width colons": "：".encode(),  # noqa: RUF001 - as translated pages print it
    "one number": b"1",
    "numbers on a line": b"1 ",
    "opening brackets": b"[",
    "opening bracket lines": b"[\n",
    "continuing brackets": b" [\n",
    "empty lists": b"[]\n",
    "too deep lines": b"[" * 33 + b"\n",
    "deep lists": b"x= " + b"[" * 30 + b"]" * 30 + b"\n",
    "long lists": b"x= [" + b"1, " * 1300 + b"]\n",
    "too long lists": b"x= [" + b"1, " * 1400 + b"]\n",
    "unclosed lists": b"x= [\n 1,\n",
    "unclosed quotes": b"x: ['\n",
    "unclosed tensors": b"x=[grad_fn=<\n",
    "pairs on a line": b"a=",
    "pairs with units": b"a: 1 MB, ",
    "labels on a line": b"a b: ",
    "arrows": b"a -> b\n",
    "prose": b"used standard precision on cpu\n",
    "dashes": b"a-" * 30_000 + b"\n",
    "zero width": "\u200b=\n".encode(),
    "words": b"a\n",
    "infinities": b"1e999 ",
    "long integers": b"1" * 5_000 + b"\n",
}


def main() -> int:
    """Measure, print a table, write JSON; 1 where a bound is broken."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--output", type=Path, help="where the figures go, as JSON")
    arguments = parser.parse_args()
    normal_s = least_seconds(repeat(NORMAL, NORMAL_BYTES), rounds=NORMAL_ROUNDS)
    broken = [] if normal_s < NORMAL_LIMIT_S else ["normal"]
    print(f"{'normal, 100 kB':24}{normal_s * 1000:8.0f} ms")
    print(f"{'hostile':24}" + "".join(f"{size // 1000:>7} kB" for size in SIZES) + "  exponent")
    rows = []
    for name, piece in HOSTILE.items():
        seconds = [least_seconds(repeat(piece, size)) for size in SIZES]
        exponent = growth_exponent(seconds)
        cells = "".join(f"{value * 1000:7.0f} ms" for value in seconds)
        print(f"{name:24}{cells}  {'-' if exponent is None else format(exponent, '.2f')}")
        if seconds[-1] >= HOSTILE_LIMIT_S or (exponent or 0) > EXPONENT_LIMIT:
            broken.append(name)
        rows.append({"name": name, "seconds": seconds, "exponent": exponent})
    print(f"broken bounds: {', '.join(broken) or 'none'}")
    if arguments.output:
        limits = {
            "hostile_s": HOSTILE_LIMIT_S,
            "normal_s": NORMAL_LIMIT_S,
            "exponent": EXPONENT_LIMIT,
        }
        figures = {
            "python": sys.version.split()[0],
            "limits": limits,
            "normal_s": normal_s,
            "sizes": list(SIZES),
            "hostile": rows,
            "broken": broken,
        }
        document.update(arguments.output, {"stdout": figures})
    return 1 if broken else 0


def repeat(piece: bytes, size: int) -> bytes:
    """Repeat a piece up to a size in bytes."""
    return (piece * (size // len(piece) + 1))[:size]


def least_seconds(raw: bytes, *, rounds: int = ROUNDS) -> float:
    """Measure the CPU seconds of reading, the least of some rounds."""
    measured = []
    for _ in range(rounds):
        start = time.process_time()
        read_stdout(raw)
        measured.append(time.process_time() - start)
    return min(measured)


def growth_exponent(seconds: list[float]) -> float | None:
    """Fit ``time = c * size ** exponent`` from the smallest to the largest; None below the floor.

    1 MB may also be cheaper than linear: the counts of lines and values are bounded.
    """
    if seconds[0] < EXPONENT_FLOOR_S:
        return None
    return math.log(seconds[-1] / seconds[0]) / math.log(SIZES[-1] / SIZES[0])


if __name__ == "__main__":
    sys.exit(main())
