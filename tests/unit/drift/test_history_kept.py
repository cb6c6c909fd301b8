"""The history that is kept, and what it must show."""

from __future__ import annotations

from verifier.drift.drift import Status
from verifier.drift.history import history_table, load_history
from verifier.resources import CHECKOUT, history_file

STEPS = {(step.before, step.after): step.moved for step in load_history(history_file())}


def test_the_page_on_upgrades_shows_the_history() -> None:
    """A table that nobody compares goes stale."""
    page = (CHECKOUT / "docs" / "torch-upgrades.md").read_text()
    shown = page.partition("<!-- history -->\n")[2].partition("<!-- end of history -->")[0]

    assert shown == history_table(load_history(history_file()))


def test_two_samplers_steps_are_named_by_their_canaries_alone() -> None:
    """What is known of these releases, found again by the labs."""
    beyond = Status.BEYOND_TOLERANCE

    assert STEPS["2.6.0", "2.7.1"]["canary-dropout"] is beyond
    assert STEPS["2.6.0", "2.7.1"].keys() == {
        "canary-bernoulli", "canary-dropout", "canary-exponential", "canary-multinomial",
    }  # fmt: skip
    assert STEPS["2.11.0", "2.12.0"] == {"canary-trunc-normal": beyond}


def test_every_step_has_its_wheels() -> None:
    """Provenance: which files were compared."""
    assert len(STEPS) >= 5
    assert all(None not in step.wheels_sha256 for step in load_history(history_file()))
