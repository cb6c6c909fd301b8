"""A drift in words: what happened is said first, and nothing that was observed is obeyed."""

from __future__ import annotations

import re
from dataclasses import replace

from tests.unit.drift.observing import (
    DROPOUT,
    drift_of,
    hostile_drift,
    observation_of,
    run_of,
)
from verifier.drift.observation import Observation, ScriptRun, Shown
from verifier.drift.text import drift_markdown, drift_text, extras, headline, troubles
from verifier.run.interface import NOWHERE

LOSS = "loss_before"
COMMANDS = re.compile(r"^::|##\[", re.MULTILINE)


def _moved(*texts: str, exact: tuple[float, ...] | None = None) -> list[ScriptRun]:
    return [run_of(other={LOSS: Shown(text=text, exact=exact)}) for text in texts]


def _with_bits(*, torch: str = "2.13.0+cpu", changed: float = 0.0) -> Observation:
    """Give an observation whose every value has its bits."""
    run = run_of()
    shown = {
        name: replace(each, exact=tuple([0.5 + changed] * each.text.count(".")))
        for name, each in run.shown.items()
    }
    return observation_of(replace(run, shown=shown), torch=torch)


def test_the_first_line_says_what_came_out() -> None:
    """In words that need no table."""
    same = observation_of(torch="2.14.1")
    near, far = (observation_of(*_moved(text), torch="2.14.1") for text in ("0.1928", "0.5"))

    assert headline(drift_of(_with_bits(), _with_bits(torch="2.14.1"))) == (
        "torch 2.13.0+cpu → 2.14.1: nothing changed: every value has the same bits"
    )
    assert headline(drift_of(observation_of(), same)) == (
        "torch 2.13.0+cpu → 2.14.1: nothing changed: every value prints the same"
    )
    assert headline(drift_of(_with_bits(), _with_bits(changed=2**-20))) == (
        "torch 2.13.0+cpu under another environment: bits changed, but no reader would see it"
    )
    assert headline(drift_of(observation_of(), near)).endswith(
        "→ 2.14.1: published numbers changed, within the labs' tolerance"
    )
    assert headline(drift_of(observation_of(), far)).endswith(
        "→ 2.14.1: published numbers changed beyond tolerance"
    )


def test_what_is_not_drift_stands_in_the_first_line_too() -> None:
    """It exits 1, so "nothing changed" alone would be a riddle."""
    noisy = observation_of(*_moved("0.1927", "0.2"))
    stale = observation_of(*_moved("0.1928"))
    broken = observation_of(run_of(ended="timed out"), torch="2.14.1")

    assert headline(drift_of(noisy, noisy)).endswith(
        "nothing changed: every value prints the same; 1 script is not deterministic"
    )
    assert headline(drift_of(stale, stale)).endswith(
        "nothing changed: every value prints the same; 1 golden record is stale"
    )
    assert headline(drift_of(observation_of(), broken)).endswith(
        "→ 2.14.1: 1 script does not run to its end"
    )
    assert headline(drift_of(observation_of(key=DROPOUT), observation_of())).endswith(
        "no script was run in both"
    )


def test_scripts_that_fail_do_not_hide_what_the_others_did() -> None:
    """Both are said."""
    moved = observation_of(*_moved("0.5"), torch="2.14.1")
    fails = observation_of(run_of(ended="timed out"), torch="2.14.1").scripts[0]
    before = observation_of()
    drift = drift_of(
        replace(before, scripts=(*before.scripts, replace(before.scripts[0], exercise="logits"))),
        replace(moved, scripts=(*moved.scripts, replace(fails, exercise="logits"))),
    )

    assert headline(drift).endswith(
        "→ 2.14.1: 1 script does not run to its end; otherwise published numbers changed beyond "
        "tolerance"
    )


def test_text_shows_both_sides_what_moved_and_why() -> None:
    """The worst three values of each script, old → new, with tolerance and ULP."""
    before = observation_of(
        run_of(other={LOSS: Shown(text="0.1927", exact=(0.1875,))}), torch="2.6.0"
    )
    after = observation_of(
        run_of(
            other={
                LOSS: Shown(text="0.1928", exact=(0.1875 + 2**-26,)),
                "loss_after": None,
                "pred at step=4": Shown(text="0.5", exact=None),
                "pred at step=5": Shown(text="[0.953]", exact=None),
            },
            warnings=("UserWarning",),
        ),
        torch="2.7.1",
        settings={"A": "1"},
    )
    text = drift_text(drift_of(before, after))

    for line in (
        "torch 2.6.0 → 2.7.1: published numbers changed beyond tolerance",
        "  baseline   torch 2.6.0, CPU AVX2, 1 thread  (python:/venv/bin/python)",
        "  candidate  torch 2.7.1, CPU AVX2, 1 thread  (python:/venv/bin/python)",
        "  differs    torch: 2.6.0 → 2.7.1",
        "  differs    A: not set → 1",
        "beyond_tolerance:",
        "  forward-backward/baseline: 4 of 16 values",
        "    loss_after: printed in one of the two only",
        "    pred at step=4: 0.945 → 0.5, by 0.445 (allowed 0.001)",
        "    loss_before: 0.1927 → 0.1928, by 0.0001 (allowed 0.0001), 1 ULP",
        "why:",
        "  - the version is not all that differs (A: not set → 1): compare on equal terms",
        "also:",
        "  - new warnings: UserWarning (1)",
    ):
        assert line in text.splitlines(), line
    assert "pred at step=5" not in text
    assert text.endswith("\n")


def test_what_is_identical_is_only_counted() -> None:
    """Nobody reads two dozen lines of nothing."""
    text = drift_text(drift_of(observation_of(), observation_of(torch="2.14.1")))

    assert "identical: 1 of 1 script" in text
    assert "why:" not in text


def test_bits_that_nobody_knows_are_admitted() -> None:
    """A value whose printed text alone is known may have moved below it."""
    (known,) = extras(drift_of(_with_bits(), _with_bits()))
    unknown = extras(drift_of(observation_of(), observation_of()))

    assert known.startswith("candidate / baseline: start 1.00")
    assert unknown[1:] == ["of 16 values only the printed text is known, not the bits"]


def test_scripts_of_one_side_alone_are_named() -> None:
    """They were not compared, and nobody should think so."""
    before = observation_of()
    both = replace(before, scripts=(*before.scripts, *observation_of(key=DROPOUT).scripts))

    for sides in ((both, before), (before, both)):
        assert extras(drift_of(*sides))[-1] == (
            "not compared, for one of the two did not run it: canary-dropout/baseline"
        )


def test_trouble_of_the_labs_is_no_drift() -> None:
    """Each sentence names the script, the value and what to do."""
    noisy = observation_of(*_moved("0.1927", "0.2"))
    stale = observation_of(*_moved("0.1928"))
    gone = observation_of(run_of(other={LOSS: None}))

    assert troubles(drift_of(noisy, noisy)) == [
        (
            "forward-backward/baseline is not deterministic: loss_before differs between two runs "
            "in the same environment (beyond_tolerance); seed all that it draws"
        )
    ]
    assert troubles(drift_of(stale, stale)) == [
        (
            "forward-backward/baseline has a stale golden record: loss_before is 0.1927 there, "
            "and 0.1928 from the torch that it names; run `labcheck golden diff`"
        )
    ]
    assert "loss_before is 0.1927 there, and nothing from" in troubles(drift_of(gone, gone))[0]
    assert troubles(drift_of(observation_of(), observation_of())) == []


def test_many_noisy_values_are_counted() -> None:
    """Three names are enough."""
    other = {name: Shown(text="9", exact=None) for name in run_of().shown}
    noisy = observation_of(run_of(), run_of(other=other))

    (said,) = troubles(drift_of(noisy, noisy))
    assert "prediction_before, loss_before, weight_grad and 13 more differ" in said


def test_nothing_in_a_text_for_terminals_is_obeyed() -> None:
    """No control or format character but newlines of ours, no command to a CI service."""
    text = drift_text(hostile_drift())

    assert [each for each in text if not each.isprintable() and each != "\n"] == []
    assert COMMANDS.search(text) is None
    assert "# title" not in text.splitlines()
    assert "\\x1b[2J" in text


def test_nothing_in_markdown_is_taken_for_markup() -> None:
    """What stands there is read as it was observed."""
    text = drift_markdown(hostile_drift())
    lines = text.splitlines()

    assert [each for each in text if not each.isprintable() and each != "\n"] == []
    assert COMMANDS.search(text) is None
    for mark in ("<script", "](", "**b", "![", "&lt", "$m", "~~s", "`c", "@user", "www.e"):
        assert re.search(rf"(?<!\\){re.escape(mark)}", text) is None, mark
    tables = [line for line in lines if line.startswith("|")]
    columns = {len(re.findall(r"(?<!\\)\|", line)) for line in tables}
    assert columns <= {5, 6}
    starts = ("|", "- ", "## ", "**")
    assert all(not line or line.startswith(starts) or "identical." in line for line in lines)


def test_markdown_has_a_row_for_each_script_that_moved() -> None:
    """The worst first, each with its worst value; what is identical is counted."""
    drift = drift_of(
        observation_of(torch="2.6.0"), observation_of(*_moved("0.1928"), torch="2.7.1")
    )
    lines = drift_markdown(drift).splitlines()

    assert lines[0].startswith("## torch 2.6.0 → 2.7.1")
    assert "| script | status | values | worst |" in lines
    assert (
        "| forward-backward/baseline | printed\\_differs | 1 of 16 values | loss\\_before\\: 0.1927"
        " → 0.1928, by 0.0001 \\(allowed 0.0001\\) |"
    ) in lines
    assert "0 of 1 script identical." in lines
    assert "**Why**" in lines


def test_markdown_of_nothing_moved_has_no_table_of_scripts() -> None:
    """A summary of a quiet upgrade is short."""
    text = drift_markdown(drift_of(observation_of(), observation_of(torch="2.14.1")))

    assert "| script |" not in text
    assert "1 of 1 script identical." in text


def test_what_a_server_did_not_say_is_unknown() -> None:
    """An old file may lack it."""
    found = observation_of()
    nowhere = replace(found, environment=NOWHERE)
    text = drift_text(drift_of(nowhere, nowhere))

    assert text.startswith("torch unknown under another environment")
    assert "torch unknown, CPU unknown, unknown threads  (python:/venv/bin/python)" in text
    assert "None" not in text + drift_markdown(drift_of(nowhere, nowhere))
