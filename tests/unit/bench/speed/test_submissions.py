"""The benchmark's submissions: the same each time, all different, right and wrong mixed."""

from __future__ import annotations

import ast
from collections import Counter

from bench.speed.submissions import COUNT, MISTAKES, Submission, clean, mixture


def _sources(made: list[Submission]) -> set[bytes]:
    return {submission.source for submission in made}


def test_clean_submissions_are_the_same_each_time() -> None:
    """Figures of two days compare the same work."""
    assert clean() == clean()


def test_clean_submissions_all_differ() -> None:
    """Grading keys its results by content: equal ones would be graded once."""
    made = clean()

    assert len(_sources(made)) == len({submission.name for submission in made}) == COUNT


def test_six_of_ten_clean_submissions_are_right() -> None:
    """Any part of them is mixed, as each round of the benchmark takes one."""
    made = clean()

    for start in range(0, COUNT, 10):
        right = [each.expected for each in made[start : start + 10]].count("passed")
        assert right == 6


def test_every_mistake_is_made() -> None:
    """No recipe is there for nothing."""
    wrong = {submission.kind for submission in clean() if submission.expected == "failed"}

    assert wrong == set(MISTAKES)


def test_fewer_submissions_are_the_first_of_more() -> None:
    """A short run of the benchmark measures a part of the long one."""
    assert clean(20) == clean()[:20]


def test_clean_submissions_are_python() -> None:
    """One that cannot be compiled would be measured as fast."""
    for submission in clean():
        ast.parse(submission.source)


def test_mixture_has_every_kind_of_bad_ending() -> None:
    """Thirty crashes, five endless, five floods of 200, and all texts differ."""
    made = mixture()

    assert Counter(each.expected for each in made if each.expected not in ("passed", "failed")) == {
        "crashed": 30,
        "timed_out": 5,
        "flooded": 5,
    }
    assert len(_sources(made)) == COUNT
