"""Grade a class with ten of the worst hand-ins first, and hold its time to its bound.

Run ``make bench``, or ``python -m bench.speed.worst`` with the images built.
The bound: twice the time of the others alone, and the time that the ten themselves ran.
"""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

from tests.integration.worst import WORST

CHECKOUT = Path(__file__).resolve().parents[2]
REFERENCE = CHECKOUT / "lab" / "forward-backward" / "forward_backward_lab.py"
OTHERS = 40
TIMES = 2.0


def main() -> int:
    """Measure and print; 1 where somebody has no row or the bound is broken."""
    with tempfile.TemporaryDirectory() as temporary:
        folder = Path(temporary)
        hand_in(folder / "alone", {})
        hand_in(folder / "both", WORST)
        alone_s, _ = graded(folder, "alone")
        both_s, rows = graded(folder, "both")
    ran_s = sum(row["wall_s"] or 0 for row in rows if row["path"].startswith("a/"))
    allowed_s = TIMES * alone_s + ran_s
    whole = len(rows) == OTHERS + len(WORST)
    passed = sum(row["report"]["verdict"] == "passed" for row in rows)
    holds = whole and passed == OTHERS and both_s <= allowed_s
    print(f"{OTHERS} alone {alone_s:.1f} s; with {len(WORST)} of the worst {both_s:.1f} s")
    print(f"allowed {allowed_s:.1f} s, of which the worst ran {ran_s:.1f} s; holds: {holds}")
    return 0 if holds else 1


def hand_in(folder: Path, worst: dict[str, str]) -> None:
    """Make a class; the worst come first."""
    others = {f"{number}.py": f"{REFERENCE.read_text()}# {number}\n" for number in range(OTHERS)}
    for part, scripts in (("a", worst), ("b", others)):
        (folder / part).mkdir(parents=True)
        for name, source in scripts.items():
            (folder / part / name).write_text(source)


def graded(folder: Path, name: str) -> tuple[float, list[dict[str, Any]]]:
    """Grade a class; give its seconds and rows.

    Raises:
        CalledProcessError: It did not exit 0.
    """
    results = folder / f"results-{name}"
    program = "from verifier.cli import main; main()"
    given = ["grade", str(folder / name), "--results", str(results)]
    command = [sys.executable, "-c", program, *given]
    started_at = time.perf_counter()
    subprocess.run(command, check=True, capture_output=True, cwd=CHECKOUT)
    taken_s = round(time.perf_counter() - started_at, 3)
    lines = (results / "results.jsonl").read_text().splitlines()
    return taken_s, [json.loads(line) for line in lines]


if __name__ == "__main__":
    sys.exit(main())
