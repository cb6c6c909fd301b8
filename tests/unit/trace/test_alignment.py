"""Printed numbers find their values in order, and say where two could be meant."""

from __future__ import annotations

import math
import time
from functools import cache
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from verifier.trace.alignment import MAX_DOUBTS, Found, Span, align

SPANS = st.tuples(st.integers(0, 4), st.integers(0, 2)).map(
    lambda pair: Span(float(pair[0]), float(sum(pair)))
)
VALUES = st.integers(0, 6).map(float)

Pairs = frozenset[tuple[int, int]]


def best_alignments(spans: list[Span], values: list[float]) -> set[Pairs]:
    """Give every alignment that is as long as can be, by trying all."""

    @cache
    def all_of(span: int, value: int) -> frozenset[Pairs]:
        if span == len(spans) or value == len(values):
            return frozenset({frozenset()})
        found = all_of(span + 1, value) | all_of(span, value + 1)
        if spans[span].low <= values[value] <= spans[span].high:
            pair = frozenset({(span, value)})
            found |= {pair | rest for rest in all_of(span + 1, value + 1)}
        return found

    alignments = all_of(0, 0)
    longest = max(map(len, alignments))
    return {each for each in alignments if len(each) == longest}


@given(st.lists(SPANS, max_size=5), st.lists(VALUES, max_size=5))
def test_alignment_is_one_of_the_best_and_sure_only_where_all_of_them_agree(
    spans: list[Span], values: list[float]
) -> None:
    """Against every alignment there is."""
    found = align(spans, values)
    pairs = {(span, each.place) for span, each in enumerate(found) if each is not None}
    best = best_alignments(spans, values)

    assert pairs in best
    for span, each in enumerate(found):
        if each is not None:
            others = {values[value] for one in best for place, value in one if place == span}
            assert each.is_sure == (others == {values[each.place]})


@given(st.lists(VALUES, max_size=40), st.lists(st.booleans(), max_size=40))
def test_numbers_that_all_left_torch_are_all_found(values: list[float], kept: list[bool]) -> None:
    """Whatever else left torch in between."""
    printed = [value for value, keep in zip(values, kept, strict=False) if keep]
    found = align([Span(value, value) for value in printed], values)
    indexes = [each.place for each in found if each is not None]

    assert [values[index] for index in indexes] == printed
    assert all(low < high for low, high in pairwise(indexes))
    assert all(each is not None and each.is_sure for each in found)


def test_of_two_equal_numbers_and_one_value_the_first_has_it() -> None:
    """A value is spent once; which of the two it is cannot be told, the value can."""
    assert align([Span(1, 1), Span(1, 1)], [1.0]) == [Found(0, is_sure=True), None]


def test_what_is_out_of_order_is_left_out() -> None:
    """Order is what tells equal texts apart, so it is kept."""
    found = align([Span(1, 1), Span(2, 2), Span(3, 3)], [2.0, 3.0, 1.0])

    assert found == [None, Found(0, is_sure=True), Found(1, is_sure=True)]


def test_nan_is_found_among_numbers() -> None:
    """It is not equal to itself, and sorts nowhere."""
    nan = Span(math.nan, math.nan)
    values = [2.0, math.nan, 1.0, -math.nan]

    assert align([Span(1, 2), nan, Span(1, 2), nan], values) == [
        Found(0, is_sure=True),
        Found(1, is_sure=True),
        Found(2, is_sure=True),
        Found(3, is_sure=True),
    ]


def test_zeros_of_both_signs_are_two_values() -> None:
    """They print differently and hold other bits."""
    assert align([Span(0, 0)], [0.0, -0.0]) == [Found(0, is_sure=False)]


def test_nothing_is_found_in_nothing() -> None:
    """Both ends empty."""
    assert align([], [1.0]) == []
    assert align([Span(1, 1)], []) == [None]


@pytest.mark.parametrize("distinct", [1, 2, 2_000])
def test_a_flood_is_aligned_in_bounded_time(distinct: int) -> None:
    """As many readings and events as are ever read; each number could be each value.

    A table of all pairs would take seconds.
    """
    values = [float(place % distinct) for place in range(2_000)]
    spans = [Span(0, distinct)] * 10_000
    began = time.process_time()
    found = align(spans, values)

    assert time.process_time() - began < 1
    assert sum(each is not None for each in found) == len(values)
    # All values are spent, so the first number can only be the first value.
    assert [each.place for each in found if each is not None and each.is_sure] == (
        list(range(2_000)) if distinct == 1 else [0]
    )


def test_what_was_not_looked_into_is_doubtful() -> None:
    """Behind the bound nothing is claimed."""
    # As many values as numbers, each of which could be each: only the order tells, and it does.
    several = math.isqrt(MAX_DOUBTS)
    few, many = (
        align([Span(0, size)] * size, [float(place) for place in range(size)])
        for size in (several, 2 * several)
    )

    assert all(each is not None and each.is_sure for each in few)
    assert many[0] == Found(0, is_sure=True)
    assert many[-1] == Found(2 * several - 1, is_sure=False)
