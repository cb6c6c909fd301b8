"""The page of a drift: self-contained, without a script, nobody's text is markup."""

from __future__ import annotations

import base64
import hashlib
import re
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from tests.unit.drift.observing import (
    DROPOUT,
    LABS,
    drift_of,
    hostile_drift,
    observation_of,
    run_of,
)
from tests.unit.report.test_html import Page
from verifier.drift import page
from verifier.drift.observation import Shown
from verifier.drift.page import drift_page

if TYPE_CHECKING:
    from verifier.drift.drift import Drift

LOSS = "loss_before"


def _moved(text: str, torch: str = "2.14.1") -> Drift:
    run = run_of(other={LOSS: Shown(text=text, exact=None)})
    return drift_of(observation_of(), observation_of(run, torch=torch))


def _both() -> Drift:
    """Compare two scripts of which one fails."""
    before, after = observation_of(), observation_of(torch="2.14.1")
    fails = observation_of(run_of(DROPOUT, ended="timed out"), key=DROPOUT)
    return drift_of(
        replace(before, scripts=(*before.scripts, *observation_of(key=DROPOUT).scripts)),
        replace(after, scripts=(*after.scripts, *fails.scripts)),
    )


SAME = drift_of(observation_of(), observation_of(torch="2.14.1"))
NOISY = drift_of(
    observation_of(run_of(), run_of(other={LOSS: Shown(text="0.5", exact=None)})),
    observation_of(run_of(other={LOSS: Shown(text="0.6", exact=None)})),
)
NOTHING = drift_of(observation_of(key=DROPOUT), observation_of())
DRIFTS: dict[str, tuple[Drift, ...]] = {
    "nothing moved": (SAME,),
    "moved": (_moved("0.1928"),),
    "moved far": (_moved("1e300"),),
    "diverged": (_moved("nan"),),
    "other shape": (_moved("[1, 2, 3]"),),
    "noisy": (NOISY,),
    "fails": (_both(),),
    "no script": (NOTHING,),
    "hostile": (hostile_drift(),),
    "several": (SAME, _moved("0.1928", "2.12.0"), _both()),
    "several, of other scripts": (_both(), SAME, NOTHING),
}
each_drift = pytest.mark.parametrize("drifts", DRIFTS.values(), ids=DRIFTS.keys())


@each_drift
def test_page_is_well_formed_and_loads_nothing(drifts: tuple[Drift, ...]) -> None:
    """One file: no script, no link to elsewhere, no style but its own."""
    found = Page(drift_page(drifts))

    assert {"script", "link", "img", "iframe", "object", "form", "base"} & set(found.tags) == set()
    names = {name for name, _ in found.attributes}
    assert {name for name in names if name.startswith("on")} | ({"src", "style"} & names) == set()
    assert "href" not in names


@each_drift
def test_policy_allows_the_style_that_is_there_and_nothing_else(drifts: tuple[Drift, ...]) -> None:
    """The hash is of the style element's very text."""
    text = drift_page(drifts)
    (style,) = re.findall(r"<style>(.*?)</style>", text, flags=re.DOTALL)
    digest = base64.b64encode(hashlib.sha256(style.encode()).digest()).decode()

    assert (
        "content",
        f"default-src 'none'; style-src 'sha256-{digest}'; base-uri 'none'; form-action 'none'",
    ) in Page(text).attributes


@each_drift
def test_every_figure_says_what_it_shows(drifts: tuple[Drift, ...]) -> None:
    """For a reader who does not see it: a title and a description, which its image names."""
    text = drift_page(drifts)
    found = Page(text)
    ids = [value for name, value in found.attributes if name == "id"]
    named = [value for name, value in found.attributes if name == "aria-labelledby"]

    assert found.tags.count("svg") == found.tags.count("desc") == text.count('role="img"') == 3
    assert len(ids) == len(set(ids))
    assert {each for value in named for each in (value or "").split()} <= set(ids)
    for tag in ("title", "desc"):
        assert all(re.findall(rf'<{tag} id="[^"]*">([^<]*)</{tag}>', text))


@each_drift
def test_every_place_in_a_figure_is_a_number_inside_it(drifts: tuple[Drift, ...]) -> None:
    """Neither a NaN nor a bar that leaves the picture."""
    for view, body in re.findall(
        r'<svg viewBox="0 0 (\d+ \d+)"(.*?)</svg>', drift_page(drifts), flags=re.DOTALL
    ):
        width, height = map(int, view.split())
        for x, y, wide, high in re.findall(
            r'<rect class="[^"]*" x="([^"]*)" y="([^"]*)" width="([^"]*)" height="([^"]*)"', body
        ):
            assert 0 <= float(x) <= float(x) + float(wide) <= width
            assert 0 <= float(y) <= float(y) + float(high) <= height
        for x, y in re.findall(r'<text[^>]* x="([^"]*)" y="([^"]*)"', body):
            assert 0 <= float(x) <= width
            assert 0 <= float(y) <= height


def test_nothing_that_was_observed_is_obeyed() -> None:
    """Markup is text, and what cannot be seen is shown as what it is."""
    text = drift_page((hostile_drift(),))
    shown = "".join(Page(text).text)

    assert "<script>alert(1)</script>" in shown
    assert "\\x1b[2J" in shown
    assert [each for each in text if not each.isprintable() and each != "\n"] == []


def test_it_says_what_came_out_and_why() -> None:
    """Both sides, what differs, causes, troubles and the rest."""
    shown = "".join(Page(drift_page((_both(),))).text)

    assert shown.count("torch 2.13.0+cpu → 2.14.1: 1 script does not run to its end") == 2
    for said in (
        "baseline: python:/venv/bin/python",
        "candidate: python:/venv/bin/python",
        "differs: torch: 2.13.0+cpu → 2.14.1",
        "candidate / baseline: start 1.00",
        "canary-dropout: in the candidate it timed out: RuntimeError: no such thing",
    ):
        assert said in shown
    noisy = "".join(Page(drift_page((NOISY,))).text)
    assert "Not drift" in noisy
    assert "forward-backward/baseline is not deterministic" in noisy


def test_a_row_for_each_value_that_moved() -> None:
    """With both texts, how far, how much is allowed."""
    found = Page(drift_page((_moved("0.1928"),)))
    cells = [cell for cell in found.text if cell.strip()]
    place = cells.index("forward-backward/baseline", cells.index("1 value moved"))

    assert cells[place : place + 7] == [
        "forward-backward/baseline", LOSS, "printed differs",
        "0.1927", "0.1928", "0.0001", "0.0001",
    ]  # fmt: skip


def test_a_value_that_one_side_did_not_print_is_told() -> None:
    """A blank would be a puzzle."""
    run = run_of(other={LOSS: None})
    shown = "".join(Page(drift_page((drift_of(observation_of(), observation_of(run)),))).text)

    assert "(not printed)" in shown


def test_rows_are_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    """The worst stay; the caption says how many there are."""
    monkeypatch.setattr(page, "_MAX_ROWS", 2)
    run = run_of(other={name: Shown(text="9", exact=None) for name in run_of().shown})
    text = drift_page((drift_of(observation_of(), observation_of(run)),))

    assert "16 values moved, the worst first; 2 of them are shown" in text
    assert text.count('<th scope="row">') == 2


def test_a_page_of_every_script_stays_small() -> None:
    """A megabyte opens nowhere quickly."""
    before = observation_of()
    scripts = tuple(
        replace(observation_of().scripts[0], lab="forward-backward", exercise=exercise)
        for exercise in LABS["forward-backward"].exercises
    )
    many = replace(before, scripts=scripts * 5)

    assert len(drift_page((drift_of(many, many),))) < 300_000
