"""A batch that somebody ends: what is finished is kept, and the same command goes on."""

from __future__ import annotations

import os
import signal
import threading
import time
from typing import TYPE_CHECKING

import pytest

from tests.fakes import run_result
from tests.unit.batch.batches import (
    Notes,
    ScriptedRunner,
    configured,
    grade,
    hand_in,
    rows,
)
from verifier.batch import batch

if TYPE_CHECKING:
    from pathlib import Path

    from verifier.run.interface import RunResult


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_interrupted_batch_keeps_what_is_finished_and_goes_on(
    tmp_path: Path, results: Path, number: signal.Signals
) -> None:
    """The run under way ends by itself and counts; nothing more is handed out."""
    hand_in(tmp_path / "class", *(f"{number}.py" for number in range(20)))
    told = threading.Event()

    def interrupt(source: bytes) -> RunResult:
        if b"3.py" in source and not told.is_set():
            told.set()
            os.kill(os.getpid(), number)
            time.sleep(0.2)
        return run_result()

    before = signal.getsignal(number)
    notes = Notes()
    summary = grade([tmp_path / "class"], results, configured(ScriptedRunner(interrupt)), notes)

    assert summary.interrupted
    assert 1 <= len(rows(results)) < 20
    assert "interrupted" in notes.said[0]
    assert signal.getsignal(number) is before
    assert len((results / "gradebook.csv").read_text().splitlines()) == len(rows(results)) + 1
    assert grade([tmp_path / "class"], results).complete


def test_run_that_does_not_end_is_given_up_after_an_interrupt(
    folder: Path, results: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """After the time to drain, or at the second interrupt; its thread is a daemon."""
    monkeypatch.setattr(batch, "DRAIN_S", 0.2)
    release = threading.Event()

    def hang(_source: bytes) -> RunResult:
        os.kill(os.getpid(), signal.SIGINT)
        release.wait(20)
        return run_result()

    began = time.monotonic()
    summary = grade([folder], results, configured(ScriptedRunner(hang)))
    assert (summary.interrupted, time.monotonic() - began < 10) == (True, True)

    def insist(source: bytes) -> RunResult:
        os.kill(os.getpid(), signal.SIGINT)
        time.sleep(0.2)
        return hang(source)

    monkeypatch.setattr(batch, "DRAIN_S", 60.0)
    assert grade([folder], results, configured(ScriptedRunner(insist))).interrupted
    assert time.monotonic() - began < 10
    release.set()


def test_batch_in_a_thread_leaves_signals_alone(folder: Path, results: Path) -> None:
    """Only the main thread may handle them."""
    thread = threading.Thread(target=grade, args=([folder], results))
    thread.start()
    thread.join(20)

    assert len(rows(results)) == 4
