"""A drift in figures: each value has its cell, the worst stand first, nothing worse is left out."""

from __future__ import annotations

import math
from dataclasses import replace
from decimal import Decimal
from typing import TYPE_CHECKING

import pytest

from tests.unit.drift.observing import DROPOUT, drift_of, observation_of, run_of
from verifier.drift.drift import Status
from verifier.drift.observation import Shown
from verifier.drift.plot import WORST, drift_figures, share_of_tolerance

if TYPE_CHECKING:
    from verifier.drift.drift import Drift
    from verifier.report.plot import Bar, Figure

LOSS = "loss_before"


def _drift(torch: str = "2.14.1", **other: Shown | None) -> Drift:
    names = {name.replace("_at_", " at step="): each for name, each in other.items()}
    return drift_of(observation_of(), observation_of(run_of(other=names), torch=torch))


def _text(text: str) -> Shown:
    return Shown(text=text, exact=None)


def _marks(figure: Figure, *kinds: str) -> list[Bar]:
    return [bar for bar in figure.bars if bar.kind in kinds]


def _names(figure: Figure) -> list[str]:
    return [label.text for label in figure.labels if label.anchor == "end" and not label.soft]


@pytest.mark.parametrize(
    ("difference", "allowed", "share"),
    [
        (None, None, None),
        (Decimal("0.1"), None, None),
        (Decimal("NaN"), Decimal("0.1"), None),
        (Decimal("0.05"), Decimal("0.1"), 0.5),
        (Decimal("0.1"), Decimal("0.1"), 1.0),
        (Decimal("0.1"), Decimal(0), math.inf),
        (Decimal(0), Decimal(0), 0.0),
        (Decimal("1e308"), Decimal("1e-10"), math.inf),
    ],
)
def test_a_share_is_how_many_tolerances_a_value_moved(
    difference: Decimal | None, allowed: Decimal | None, share: float | None
) -> None:
    """None where nobody can tell, as from a number to NaN."""
    (script,) = _drift(loss_before=_text("9")).scripts
    (reading,) = [each for each in script.readings if each.name == LOSS]

    assert share_of_tolerance(replace(reading, difference=difference, allowed=allowed)) == share


def test_what_moved_in_no_print_moved_nothing_of_its_tolerance() -> None:
    """NaN in both is no distance, whatever the bits next to it do."""
    runs = [
        run_of(other={"weight_grad": Shown(text="[[nan, 1]]", exact=(math.nan, value))})
        for value in (1.0, 0.75)
    ]
    drift = drift_of(observation_of(runs[0]), observation_of(runs[1]))
    (reading,) = [each for each in drift.scripts[0].readings if each.name == "weight_grad"]

    assert (reading.status, share_of_tolerance(reading)) == (Status.BITS_DIFFER, 0.0)
    assert [bar.height for bar in _marks(drift_figures((drift,))[0], "d-bits")] == [3]


def test_every_value_has_its_cell() -> None:
    """Pale and marked where the bits are the same, filled by how far it moved elsewhere."""
    heat, _, _ = drift_figures(
        (
            _drift(
                loss_before=_text("0.1928"), loss_after=_text("0.1"), pred_at_4=None,
                bias_grad=_text("[nan]"),
            ),
        )
    )  # fmt: skip

    assert len(_marks(heat, "d-identical")) == len(_marks(heat, "d-mark")) == 12
    assert len(_marks(heat, "d-printed")) == 1
    assert len(_marks(heat, "d-beyond")) == 3
    assert {bar.height for bar in _marks(heat, "d-beyond")} == {12}
    assert {bar.note for bar in _marks(heat, "d-printed")} == {"loss_before: 0.1927 → 0.1928"}


def test_bits_fill_little_and_noise_has_its_own_colour() -> None:
    """A value that moved in no print has moved nothing of its tolerance."""
    bits = [run_of(other={LOSS: Shown(text="0.1927", exact=(value,))}) for value in (0.5, 0.25)]
    moved = drift_of(observation_of(bits[0]), observation_of(bits[1], torch="2.14.1"))
    noisy = drift_of(observation_of(*bits), observation_of(*bits))
    heat = drift_figures((moved,))[0]

    assert [bar.height for bar in _marks(heat, "d-bits")] == [3]
    assert _marks(heat, "d-bits")[0].note == "loss_before: 0.1927 in both"
    assert len(_marks(drift_figures((noisy,))[0], "d-noisy")) == 1


def test_a_script_that_fails_has_a_cell_that_says_so() -> None:
    """It has no values."""
    broken = observation_of(run_of(ended="timed out"), torch="2.14.1")
    heat = drift_figures((drift_of(observation_of(), broken),))[0]

    (cell,) = heat.bars
    assert (cell.kind, cell.note[:31]) == ("d-beyond", "in the candidate it timed out: ")


def test_each_candidate_has_its_column_and_each_script_its_row() -> None:
    """Also where one of them was not run in all of them."""
    canary = observation_of(key=DROPOUT)
    lesson = observation_of()
    both = replace(lesson, scripts=(*canary.scripts, *lesson.scripts))
    moved = run_of(other={LOSS: _text("0.5")})
    drifts = (
        drift_of(both, replace(both, environment=replace(both.environment, torch="2.12.0"))),
        drift_of(both, observation_of(moved, torch="2.14.1")),
        drift_of(lesson, lesson),
    )
    heat = drift_figures(drifts)[0]

    assert _names(heat) == ["canary-dropout", "forward-backward/baseline"]
    versions = [label.text for label in heat.labels if label.soft]
    assert versions == ["2.12.0", "2.14.1", "2.13.0+cpu"]
    rows = {label.text: label.y for label in heat.labels if label.anchor == "end"}
    (cell,) = _marks(heat, "d-beyond")
    assert rows["forward-backward/baseline"] - 20 < cell.y < rows["forward-backward/baseline"]
    first = {round(bar.y, 1) for bar in _marks(heat, "d-identical")}
    assert len(first) == 2


def test_the_worst_stand_first_each_in_its_band() -> None:
    """What is furthest in tolerances, not in digits; what nobody can measure is worst of all."""
    _, worst, _ = drift_figures(
        (
            _drift(
                loss_before=_text("0.1928"), loss_after=_text("0.1183"), pred_at_1=_text("0.890"),
                loss_at_5=None, bias_grad=_text("[nan]"), pred_at_2=_text("9.918"),
            ),
        )
    )  # fmt: skip

    assert [name.partition(": ")[2] for name in _names(worst)] == [
        "bias_grad", "loss at step=5", "pred at step=2", "pred at step=1", "loss_before",
    ]  # fmt: skip
    marks = _marks(worst, "d-printed", "d-beyond")
    bands = _marks(worst, "d-band")
    assert len(bands) == len(marks) == 5
    edge = bands[0].x + bands[0].width
    assert [mark.x + 3 > edge for mark in marks] == [True, True, True, True, False]
    assert marks[-1].x + 3 == pytest.approx(edge)
    assert len({mark.x for mark in marks[:3]}) == 1
    assert (marks[0].note, marks[3].note) == (
        "nobody can say how far", "2 of its tolerance",
    )  # fmt: skip


def test_no_more_than_fifteen_are_drawn() -> None:
    """The others stand in the table."""
    names = {name: _text("9") for name in run_of().shown}
    drift = drift_of(observation_of(), observation_of(run_of(other=names), torch="2.14.1"))
    _, worst, _ = drift_figures((drift,))

    assert len(names) > WORST
    assert len(_names(worst)) == WORST


def test_where_nothing_moved_that_is_said() -> None:
    """An empty picture says nothing."""
    _, worst, margins = drift_figures((_drift(),))

    assert [label.text for label in worst.labels] == ["no value moved"]
    assert [label.text for label in margins.labels] == ["no unrounded value is known"]


def test_the_narrowest_margins_stand_first() -> None:
    """Of lessons alone: nobody reads what a canary prints."""
    near = Shown(text="0.945", exact=(0.9454970955848694,))
    far = Shown(text="0.0560", exact=(0.05604446306824684,))
    names = {"pred at step=4": near, "loss at step=4": far, LOSS: Shown(text="5", exact=(5.0,))}
    after = observation_of(run_of(other=names), torch="2.14.1")
    canary = observation_of(
        run_of(DROPOUT, other={"few": Shown(text="0.5", exact=(0.5,))}), key=DROPOUT
    )
    drift = drift_of(
        replace(observation_of(), scripts=(*observation_of().scripts, *canary.scripts)),
        replace(after, scripts=(*after.scripts, *canary.scripts)),
    )
    _, _, margins = drift_figures((drift,))

    assert _names(margins) == [
        "forward-backward/baseline: pred at step=4", "forward-backward/baseline: loss at step=4",
    ]  # fmt: skip
    assert [label.text for label in margins.labels if label.anchor == "start"] == [
        "49 ULP", "1487 ULP",
    ]  # fmt: skip
    assert margins.bars[0].width < margins.bars[1].width
