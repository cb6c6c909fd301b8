"""The figures of the runs: ratios, bounds, and tables on standard output."""

from __future__ import annotations

import statistics
from typing import TYPE_CHECKING, Any

from bench import document, machine
from bench.bound import Bound
from bench.speed.measure import row_of

if TYPE_CHECKING:
    from bench.speed.grading import Grading
    from bench.speed.measure import Samples

MOONSHOT_CPU_MS = 10.0
TITLES = {
    "walled_1": "labcheck, one walled run at a time (container)",
    "walled_2": "labcheck, walled runs, 2 jobs",
    "sandbox_1": "labcheck, one walled run at a time (sandbox)",
    "floor_1": "the same fork server without any wall",
    "hot": "the script once more in one hot process, no fork",
    "grade_2": "`labcheck grade FOLDER`, 2 jobs, reports and files included",
    "mixture_2": "mixture with crashes, floods and endless loops, 2 jobs",
    "python": "`python submission.py`",
    "docker_labcheck": "`docker run labcheck FILE`",
    "docker_python": "`docker run --entrypoint python3 labcheck FILE`",
}
BOUNDS = (
    Bound(name="runs_vs_python", least=200),
    Bound(name="throughput_vs_python", least=100),
    Bound(name="walls_vs_no_walls", most=1.1),
    Bound(name="cold_run_vs_python", most=1.3),
    Bound(name="cpu_ms_per_clean_submission", most=20),
)
"""From the issue that asked for the speed."""


def figures_of(
    samples: dict[str, Samples], grading: Grading, *, engine: str, cpu_source: str
) -> dict[str, Any]:
    """Sum everything up as ``schemas/bench.schema.json`` asks."""
    rows = {name: row_of(samples[name], title=TITLES[name]) for name in TITLES if name != "grade_2"}
    if grading.wall_s:
        rows["grade_2"] = grading.row(title=TITLES["grade_2"])
    ratios = _ratios(samples, grading)
    cpu_ms = _rounded(rows["walled_1"].cpu_ms)
    measured = {**ratios, "cpu_ms_per_clean_submission": cpu_ms}
    return {
        "date": document.today(),
        "machine": machine.describe(engine=engine),
        "cpu_source": cpu_source,
        "client_peak_memory_mb": round(machine.peak_client_bytes() / 1e6, 1),
        "rows": {name: rows[name].to_json() for name in TITLES if name in rows},
        "grading": grading.to_json() if grading.wall_s else None,
        "ratios": ratios,
        "cpu_ms_per_clean_submission": cpu_ms,
        "moonshot": {
            "cpu_ms": cpu_ms,
            "target_cpu_ms": MOONSHOT_CPU_MS,
            "reached": cpu_ms is not None and cpu_ms <= MOONSHOT_CPU_MS,
            "hot_wall_ms": _rounded(samples["hot"].median_s * 1000),
        },
        "bounds": [bound.to_json(measured[bound.name]) for bound in BOUNDS],
        "broken": [bound.name for bound in BOUNDS if not bound.holds(measured[bound.name])],
    }


def _ratios(samples: dict[str, Samples], grading: Grading) -> dict[str, float | None]:
    """Compare. Throughputs with `python submission.py`: above 1 is faster; others: times."""
    python_s = samples["python"].median_s
    walled, floor = samples["walled_1"], samples["floor_1"]
    graded = bool(grading.wall_s)
    ratios = {
        "runs_vs_python": samples["walled_2"].per_second * python_s,
        "one_job_vs_python": walled.per_second * python_s,
        "throughput_vs_python": grading.per_second * python_s if graded else None,
        "steady_throughput_vs_python": (
            statistics.median(grading.steady_per_second) * python_s if graded else None
        ),
        "walls_vs_no_walls": walled.median_s / floor.median_s,
        "walls_vs_no_walls_cpu": (walled.cpu_ms or 0.0) / (floor.cpu_ms or 1.0),
        "cold_run_vs_python": (
            samples["docker_labcheck"].median_s / samples["docker_python"].median_s
        ),
    }
    return {name: _rounded(value) for name, value in ratios.items()}


def _rounded(value: float | None) -> float | None:
    return None if value is None else float(f"{value:.4g}")


def show(figures: dict[str, Any]) -> None:
    """Print the table and what became of the bounds."""
    heads = ("/s", "p50 ms", "p95 ms", "CPU ms", "script", "client", "MB")
    print(" " * 66 + "".join(f"{head:>8}" for head in heads))
    for row in figures["rows"].values():
        cells = (
            row["per_second"],
            row["wall_ms_p50"],
            row["wall_ms_p95"],
            row["cpu_ms"],
            row["child_cpu_ms"],
            row["client_cpu_ms"],
            row["peak_memory_mb"],
        )
        print(f"{row['title']:66}" + "".join(_cell(value, 8) for value in cells))
    print(f"client: {figures['client_peak_memory_mb']:.0f} MB; CPU by {figures['cpu_source']}")
    for name, value in figures["ratios"].items():
        print(f"{name:32}{_cell(value, 9)}")
    for bound, outcome in zip(BOUNDS, figures["bounds"], strict=True):
        verdict = "holds" if outcome["holds"] else "BROKEN"
        print(f"{bound.name:32}{_cell(outcome['measured'], 9)}  {bound!s:8} {verdict}")
    moonshot = figures["moonshot"]
    print(
        f"moonshot: {_cell(moonshot['cpu_ms'], 0)} of {moonshot['target_cpu_ms']:g} ms CPU; "
        f"hot, without a fork: {moonshot['hot_wall_ms']:.2f} ms"
    )


def _cell(value: float | None, width: int) -> str:
    return f"{'-' if value is None else format(value, '.2f' if value < 100 else '.0f'):>{width}}"
