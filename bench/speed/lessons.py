"""Measure how long `labcheck lesson check` takes for a folder, against `python` for each script.

Run ``make bench``, which writes the key ``lessons`` of ``bench/results.json``; exits 1 if the bound
is broken. Both run the same scripts on this machine within one run; times are wall seconds of whole
commands. The folder is checked twice: with an empty cache, which is what is held to the bound, and
again.
"""

from __future__ import annotations

import argparse
import os
import sys
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

from bench import document
from bench.bound import Bound
from bench.speed.process import timed_process

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

SCRIPTS = 30
RATIO = Bound(name="check_vs_python", most=0.1)
ROOT = Path(__file__).resolve().parents[2]
_CHECK = "from verifier.cli import main; main()"

_SCRIPT = """\
import torch

torch.manual_seed({seed})
inputs = torch.arange(12.0).reshape(6, 2) / 10
targets = inputs.sum(dim=1, keepdim=True) * {seed} / 10
model = torch.nn.Linear(2, 1)
optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
losses = []
for _ in range(20):
    loss = torch.nn.functional.mse_loss(model(inputs), targets)
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
    losses.append(loss.item())
print("shape:", tuple(targets.shape))
print("falls:", losses[-1] < losses[0])
"""


class BenchmarkFailedError(Exception):
    """A command did not end as it should; its time would mean nothing."""


def main() -> int:
    """Measure, print a table, write JSON; 1 where the bound is broken."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--output", type=Path, help="where the figures go, as JSON")
    parser.add_argument("--runner", choices=["container", "sandbox"], default="container")
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="labcheck-bench-") as name:
        python_s, check_s, cached_s = _measured(Path(name), runner=arguments.runner)
    ratio = check_s / python_s
    print(f"{SCRIPTS} scripts, each by `python`: {python_s:.2f} s")
    print(f"`labcheck lesson check` of their pages: {check_s:.2f} s; once more: {cached_s:.2f} s")
    print(f"{RATIO.name}: {ratio:.3f} {RATIO} {'holds' if RATIO.holds(ratio) else 'BROKEN'}")
    if arguments.output:
        figures = {
            "scripts": SCRIPTS,
            "runner": arguments.runner,
            "python_s": round(python_s, 2),
            "check_s": round(check_s, 2),
            "cached_s": round(cached_s, 2),
            "bound": RATIO.to_json(round(ratio, 4)),
        }
        document.update(arguments.output, {"lessons": figures})
    return 0 if RATIO.holds(ratio) else 1


def _measured(folder: Path, *, runner: str) -> tuple[float, float, float]:
    """Write the pages, and give the seconds of `python`, of a check, and of a second check."""
    course = folder / "course"
    course.mkdir()
    python_s = 0.0
    for seed in range(1, SCRIPTS + 1):
        source = _SCRIPT.format(seed=seed)
        script = folder / "script.py"
        script.write_text(source, encoding="utf-8")
        wall_s, stdout = _run([sys.executable, str(script)], environment=os.environ)
        python_s += wall_s
        page = f"```python\n{source}```\n\nExpected output:\n\n```text\n{stdout}```\n"
        (course / f"lesson-{seed:02}.md").write_text(page, encoding="utf-8")
    environment = {
        **os.environ, "PYTHONPATH": str(ROOT), "XDG_CACHE_HOME": str(folder / "cache"),
    }  # fmt: skip
    check = [sys.executable, "-c", _CHECK, "lesson", "check", str(course), "--runner", runner]
    check_s, _ = _run(check, environment=environment)
    cached_s, said = _run(check, environment=environment)
    if f"{SCRIPTS} same ({SCRIPTS} not run" not in said:
        raise BenchmarkFailedError(said[-300:])
    return python_s, check_s, cached_s


def _run(command: Sequence[str], *, environment: Mapping[str, str]) -> tuple[float, str]:
    """Give the wall seconds of a command, and what it printed.

    Raises:
        BenchmarkFailedError: It did not exit 0.
    """
    ended = timed_process(command, environment=environment)
    if ended.code != 0:
        raise BenchmarkFailedError(f"exit {ended.code}: {ended.last_words} {ended.stdout[-300:]!r}")
    return ended.wall_s, ended.stdout.decode("utf-8", "replace")


if __name__ == "__main__":
    sys.exit(main())
