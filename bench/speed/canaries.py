"""Measure how long each canary takes in a warm sandbox server, and hold it to its bound.

Run ``make bench``, which writes the key ``canaries`` of ``bench/results.json``; exits 1 if a bound
is broken. Times are wall seconds as the client sees them. The first run is told apart: it also
imports what no run before needed.
"""

from __future__ import annotations

import argparse
import statistics
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

from bench import document
from verifier.lab.load import load_labs
from verifier.run.interface import Exited
from verifier.run.sandbox import SandboxRunner

if TYPE_CHECKING:
    from verifier.lab.spec import Lab
    from verifier.run.interface import Runner

LAB_ROOT = Path(__file__).resolve().parents[2] / "lab"
LIMIT_S = 0.5
ROUNDS = 20


class CanaryFailedError(Exception):
    """A canary did not run to its end; its time would mean nothing."""


def main() -> int:
    """Measure, print a table, write JSON; 1 where a bound is broken."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--output", type=Path, help="where the figures go, as JSON")
    arguments = parser.parse_args()
    canaries = [lab for lab in load_labs(LAB_ROOT).values() if lab.canary is not None]
    with SandboxRunner() as runner:
        runner.run(b"print()", limits=canaries[0].limits)  # starts the server
        rows = [_row(lab, [seconds(lab, runner) for _ in range(ROUNDS + 1)]) for lab in canaries]
    broken = [row["lab"] for row in rows if row["first_s"] >= LIMIT_S or row["max_s"] >= LIMIT_S]
    print(f"{'canary':28}{'first':>9}{'median':>9}{'most':>9}")
    for row in rows:
        times = "".join(f"{row[key] * 1000:6.0f} ms" for key in ("first_s", "median_s", "max_s"))
        print(f"{row['lab']:28}{times}")
    print(f"all, median: {sum(row['median_s'] for row in rows):.2f} s")
    print(f"broken bounds: {', '.join(broken) or 'none'}")
    if arguments.output:
        figures = {"limit_s": LIMIT_S, "rounds": ROUNDS, "rows": rows, "broken": broken}
        document.update(arguments.output, {"canaries": figures})
    return 1 if broken else 0


def seconds(lab: Lab, runner: Runner) -> float:
    """Run a canary once and give its wall time.

    Raises:
        CanaryFailedError: It did not end as it should.
    """
    source = lab.exercise("baseline").script.read_bytes()
    started_at = time.perf_counter()
    run = runner.run(source, limits=lab.limits)
    taken_s = time.perf_counter() - started_at
    if run.outcome != Exited(code=0):
        raise CanaryFailedError(f"{lab.id}: {run.stderr.decode(errors='replace')[-500:]}")
    return taken_s


def _row(lab: Lab, taken_s: list[float]) -> dict[str, Any]:
    first_s, *others = (round(each, 4) for each in taken_s)
    return {
        "lab": lab.id,
        "first_s": first_s,
        "median_s": round(statistics.median(others), 4),
        "max_s": max(others),
    }


if __name__ == "__main__":
    sys.exit(main())
