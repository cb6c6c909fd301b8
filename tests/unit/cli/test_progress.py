"""Progress: a bar on a terminal, a line now and then in a log."""

from __future__ import annotations

import io
import sys
from typing import TYPE_CHECKING

from verifier.cli.progress import LineWatcher, progress

if TYPE_CHECKING:
    import pytest


def test_bar_says_a_message_as_it_is(monkeypatch: pytest.MonkeyPatch) -> None:
    """No markup of a file name is obeyed."""
    screen = io.StringIO()
    monkeypatch.setattr(screen, "isatty", lambda: True)
    monkeypatch.setattr(sys, "stderr", screen)
    with progress() as watcher:
        watcher.say("[bold]x[/bold]")

    assert "[bold]x[/bold]" in screen.getvalue()


def test_log_gets_a_line_now_and_then(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Ever fewer, and never more than a page of them."""
    clock = 0.0
    monkeypatch.setattr("time.monotonic", lambda: clock)
    watcher = LineWatcher()
    watcher.begin(total=100_000, before=10)
    for _ in range(99_990):
        clock += 1.0
        watcher.graded()
    lines = capsys.readouterr().err.splitlines()

    assert lines[0] == "labcheck: 100000 submissions, 10 of them graded before"
    assert lines[1] == "labcheck: 20 of 100000, 1.0 per second, 99980 s left"
    assert len(lines) == 41


def test_closed_standard_error_stops_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    """As under some service managers."""
    monkeypatch.setattr(sys, "stderr", None)
    with progress() as watcher:
        assert isinstance(watcher, LineWatcher)
