"""Samples become rows."""

from __future__ import annotations

import pytest

from bench.speed.measure import Samples, percentile, row_of


def test_percentile_interpolates_between_ranks() -> None:
    """As numpy's default does."""
    assert percentile([4.0, 1.0, 3.0, 2.0], 50) == 2.5
    assert percentile([4.0, 1.0, 3.0, 2.0], 95) == pytest.approx(3.85)
    assert percentile([7.0], 95) == 7.0


def test_row_counts_throughput_by_elapsed_time_and_cpu_by_submission() -> None:
    """With two jobs the walls overlap: their sum says nothing of the throughput."""
    samples = Samples(jobs=2, wall_s=[0.02, 0.02, 0.04], elapsed_s=0.04)
    samples.add_cpu(0.03)
    samples.add_cpu(None)
    samples.add_client_cpu(0.003)
    samples.note_memory(3_000_000)
    samples.note_memory(2_000_000)
    samples.note_outcome("exited 0")

    assert row_of(samples, title="t").to_json() == {
        "title": "t",
        "submissions": 3,
        "jobs": 2,
        "per_second": 75.0,
        "wall_ms_p50": 20.0,
        "wall_ms_p95": 38.0,
        "cpu_ms": 10.0,
        "child_cpu_ms": None,
        "client_cpu_ms": 1.0,
        "peak_memory_mb": 3.0,
        "outcomes": {"exited 0": 1},
    }


def test_cpu_that_nobody_counts_is_null() -> None:
    """Zero would be a figure."""
    row = row_of(Samples(wall_s=[0.1], elapsed_s=0.1), title="t").to_json()

    assert row["cpu_ms"] is row["peak_memory_mb"] is row["client_cpu_ms"] is None
