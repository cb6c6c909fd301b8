"""Several trainings in one script: each is judged by its own learning rate, and by its section."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import Any

import pytest

from tests.unit.diagnosis.diagnosing import TASKS, diagnosed, told
from tests.unit.diagnosis.story import B, Story, W

RATES = (0.05, 0.5, 1.0)
TASK = TASKS["lr-sweep"]


@dataclass(kw_only=True)
class Sweep:
    """Three trainings, one after the other, each told as a story of its own."""

    stories: list[Story] = field(default_factory=list)
    names: list[str] = field(default_factory=list)

    def train(self, rate: float, **switches: Any) -> Story:  # noqa: ANN401 - fields of a Story
        """Tell one more."""
        base = 10 * len(self.stories)
        story = told(**({"first": "", "lr": rate, "base": base} | switches))
        self.stories.append(story)
        self.names.append(f"lr_{rate}")
        return story

    @property
    def lines(self) -> list[dict[str, Any]]:
        """Give what the recorder would have written."""
        lines = [line for story in self.stories for line in story.lines if line["e"] != "end"]
        return [*lines, {"e": "end", "events": len(lines), "dropped": 0}]

    @property
    def stdout(self) -> bytes:
        """Give what the script would have printed."""
        parts = zip(self.names, self.stories, strict=True)
        return "\n".join(line for name, story in parts for line in (name, *story.rows)).encode()


def swept(rates: tuple[float, ...] = RATES, **switches: Any) -> Sweep:  # noqa: ANN401
    """Tell three trainings with the same mistake, or none."""
    sweep = Sweep()
    for rate in rates:
        sweep.train(rate, **switches)
    return sweep


def found(
    sweep: Sweep,
    *,
    lines: list[dict[str, Any]] | None = None,
    **more: Any,  # noqa: ANN401
) -> list[str]:
    """Name the diagnoses."""
    written = sweep.lines if lines is None else lines
    trace = "".join(json.dumps(line) + "\n" for line in written).encode()
    stdout = more.pop("stdout", sweep.stdout)
    return [each.id for each in diagnosed(stdout, trace=trace, task=TASK, **more)]


def test_right_trainings_pass_without_a_diagnosis() -> None:
    """The story prints what the reference prints."""
    sweep = swept()

    assert found(sweep) == []
    assert sweep.stories[2].rows[-1] == "step=5 loss=0.0295 pred=0.971"


@pytest.mark.parametrize(
    ("expected", "switches"),
    [
        ("step-missing", {"loop": "FLZB"}),
        ("zero-grad-missing", {"loop": "FLBS"}),
        ("target-wrong", {"y": 0.0}),
        ("loop-too-short", {"rounds": 3}),
        ("loop-too-long", {"rounds": 7}),
        ("loop-printed-late", {"late": True}),
        ("loop-restarts", {"loop": "RFLZBS"}),
        ("momentum-used", {"momentum": 0.9}),
    ],
)
def test_mistake_of_every_training_gets_its_diagnosis_first(
    expected: str, switches: dict[str, Any]
) -> None:
    """By the rules of the baseline."""
    assert found(swept(**switches))[:1] == [expected]


def test_rate_is_compared_with_that_of_the_section() -> None:
    """All three rates are right ones, in the wrong places."""
    sweep = swept((0.5, 0.5, 0.5))
    sweep.names = [f"lr_{rate}" for rate in RATES]
    found = diagnosed(sweep.stdout, trace=_written(sweep.lines), task=TASK)

    assert [each.id for each in found] == ["lr-wrong"]
    assert "0.5 times the gradient" in found[0].message
    assert "rate of 0.05 was expected" in found[0].message
    assert found[0].evidence[-1] == "this is the training under lr_0.05"


def _written(lines: list[dict[str, Any]]) -> bytes:
    return "".join(json.dumps(line) + "\n" for line in lines).encode()


@pytest.mark.parametrize("rates", [(1.0, 0.5, 0.05), (0.5, 1.0, 0.05)])
def test_order_of_the_sections_is_the_order_of_the_trainings(rates: tuple[float, ...]) -> None:
    """A learner may begin with the greatest."""
    assert found(swept(rates, y=0.0)) == ["target-wrong"]


def test_rate_that_is_far_too_high_is_far_above_the_highest() -> None:
    """1.0 in the place of 0.05 overshoots nothing."""
    sweep = swept((1.0, 0.5, 1.0))
    sweep.names[0] = "lr_0.05"

    assert found(sweep) == ["lr-wrong"]
    sweep = swept((100.0, 0.5, 1.0))
    sweep.names[0] = "lr_0.05"
    assert found(sweep) == ["lr-too-high"]


def _reused(*, seeds: tuple[tuple[int, int], ...] = ()) -> Sweep:
    sweep = Sweep()
    weights, bias = W, B
    for rate in RATES:
        first = not sweep.stories
        story = sweep.train(
            rate,
            base=0,
            introduced=first,
            weights=weights,
            bias=bias,
            seeds=((42, 0),) if first else seeds,
        )
        weights, bias = (story.w[0], story.w[1]), story.b
    return sweep


@pytest.mark.parametrize("seeds", [(), ((42, 2),)], ids=["once", "each"])
def test_model_that_goes_on_is_told_from_a_missing_seed(seeds: tuple[tuple[int, int], ...]) -> None:
    """Its parameters are those that the training before had left."""
    assert found(_reused(seeds=seeds)) == ["model-reused"]


def test_seed_that_is_set_once_is_missing_from_the_second_training_on() -> None:
    """The first one is right."""
    sweep = Sweep()
    sweep.train(0.05)
    sweep.train(0.5, seeds=(), weights=(0.649556, -0.15493), bias=0.142688)
    sweep.train(1.0, seeds=(), weights=(0.3234567, 0.1234567), bias=-0.5234567)
    diagnoses = diagnosed(sweep.stdout, trace=_written(sweep.lines), task=TASK)

    assert [each.id for each in diagnoses] == ["seed-missing"]
    assert diagnoses[0].evidence[1:] == (
        "torch's random numbers were not seeded between the training before and this one",
        "this is the training under lr_0.5",
    )


def test_stage_is_judged_by_the_first_training_in_which_it_is_wrong() -> None:
    """What follows from it in the later ones is no second diagnosis."""
    sweep = Sweep()
    sweep.train(0.05, lr=0.1)
    sweep.train(0.5, momentum=0.9)
    sweep.train(1.0, y=0.0)
    sweep.names[0] = "lr_0.05"

    assert found(sweep) == ["target-wrong", "lr-wrong"]


def test_models_and_optimizers_made_beforehand_belong_to_their_trainings() -> None:
    """Nothing but the parameters tells the trainings apart."""
    sweep = swept(momentum=0.9)
    early = [line for line in sweep.lines if line["e"] in {"seed", "optimizer"}]
    late = [line for line in sweep.lines if line["e"] not in {"seed", "optimizer"}]

    assert found(sweep, lines=early + late) == ["momentum-used"]


def test_trainings_that_take_turns_are_told_apart_by_their_parameters() -> None:
    """Step by step, not one after the other."""
    sweep = swept(y=0.0)
    early: list[dict[str, Any]] = []
    turns: dict[tuple[int, int], list[dict[str, Any]]] = {}
    for place, story in enumerate(sweep.stories):
        rounds = 0
        for line in story.lines[:-1]:
            if line["e"] in {"seed", "optimizer", "model"}:
                early.append(line)
            else:
                turns.setdefault((rounds, place), []).append(line)
                rounds += line["e"] == "step"
    lines = early + [line for turn in sorted(turns) for line in turns[turn]]

    assert found(sweep, lines=[*lines, sweep.lines[-1]]) == ["target-wrong"]


def test_trainings_of_one_model_that_is_reset_are_counted_out() -> None:
    """No seed, no model, no optimizer is made in between: each has as many rounds."""
    sweep = Sweep()
    left: tuple[tuple[float, ...], float] | None = None
    for rate in RATES:
        story = sweep.train(rate, base=0, introduced=left is None, kind="SGD", y=0.0)
        if left is not None:
            story.lines[:] = [e for e in story.lines if e["e"] not in {"seed", "optimizer"}]
            story.lines.insert(0, _reset(*left))
        left = tuple(story.w), story.b

    assert found(sweep) == ["target-wrong"]


def _reset(weights: tuple[float, ...], bias: float) -> dict[str, Any]:
    moved = [(0, weights, W), (1, (bias,), (B,))]
    return {
        "e": "change",
        "line": 30,
        "params": [
            {"id": i, "before": [n.hex() for n in old], "after": [n.hex() for n in new]}
            for i, old, new in moved
        ],
    }


def test_look_at_a_model_behind_its_training_is_not_the_next_ones() -> None:
    """It ends where the next seed is set."""
    sweep = Sweep()
    for rate in RATES:
        sweep.train(rate, momentum=0.9)
        look = told(base=10 * (len(sweep.stories) - 1), first="FL", rounds=0, weights=(0.9, 0.9))
        ends = [each for each in look.lines if each["e"] in {"forward", "loss"}]
        sweep.stories[-1].lines[-1:-1] = ends

    assert found(sweep) == ["momentum-used"]


def test_headings_that_cannot_be_read_are_named_and_no_rate_is_judged() -> None:
    """Which training has which rate is not known then."""
    sweep = swept((1.0, 0.5, 0.05))
    sweep.names = ["first", "second", "third"]

    assert found(sweep) == ["line-missing"]


def test_heading_that_is_missing_leaves_the_others_in_their_order() -> None:
    """The second of three stands between the first and the third."""
    sweep = swept((0.05, 0.7, 1.0))
    sweep.names[1] = "lr_half"

    assert found(sweep) == ["line-missing", "lr-wrong"]


def test_two_trainings_with_two_headings_are_those_two() -> None:
    """A rate that was left out is a missing line, and no wrong rate."""
    assert found(swept((0.05, 1.0))) == ["line-missing"]


def test_headings_out_of_order_with_one_missing_tell_no_rate() -> None:
    """Three trainings, and two names that do not say which is which."""
    sweep = swept((1.0, 0.5, 0.05))
    sweep.names[1] = "lr_half"

    assert found(sweep) == ["line-missing"]


def test_trainings_that_cannot_be_counted_out_are_judged_as_one() -> None:
    """Any of the rates is right in any of them then."""
    sweep = swept((0.05, 0.5, 1.0, 0.5), y=0.0)
    sweep.names[3] = "again"
    named = found(sweep)

    assert named[0] == "target-wrong"
    assert "lr-wrong" not in named


CRASH = 'Traceback (most recent call last):\n  File "submission.py", line 9, in <module>\n'


@pytest.mark.parametrize("count", [1, 2])
def test_script_that_ended_early_is_judged_by_what_it_came_to(count: int) -> None:
    """The sections that are not there would have come."""
    sweep = swept(RATES[:count], y=0.0)
    ended = found(sweep, stderr=CRASH + "KeyError: 'x'\n")

    assert ended[:2] == ["script-error", "target-wrong"]
    assert "lr-wrong" not in ended


def test_script_that_ended_before_any_training_has_none_to_judge() -> None:
    """Nothing was seen."""
    assert found(Sweep(), lines=[], stderr=CRASH + "KeyError: 'x'\n") == ["script-error"]
