"""A right training that is printed wrongly is no mistake of training."""

from __future__ import annotations

import pytest

from tests.fakes import PUBLISHED
from tests.unit.diagnosis.diagnosing import diagnosed, told

TRACE = told().trace


def _ids(*changes: tuple[bytes, bytes], trace: bytes = TRACE) -> list[str]:
    stdout = PUBLISHED
    for old, new in changes:
        assert old in stdout
        stdout = stdout.replace(old, new)
    return [each.id for each in diagnosed(stdout, trace=trace)]


def test_values_under_each_others_name_are_swapped() -> None:
    """Both are right, elsewhere."""
    swap = [
        (b"loss_before= 0.1927", b"loss_before= 0.1183"),
        (b"loss_after= 0.1183", b"loss_after= 0.1927"),
    ]

    assert _ids(*swap)[:1] == ["values-swapped"]


def test_value_of_another_moment_is_named() -> None:
    """The loss before the step is the one behind it."""
    found = diagnosed(PUBLISHED.replace(b"0.1927", b"0.1183"), trace=TRACE)

    assert [each.id for each in found] == ["printed-wrong-moment"]
    assert "0.1183" in found[0].message
    assert "before the first update" in found[0].message


def test_no_gradient_where_there_was_one_was_printed_too_early() -> None:
    """The trace shows that backward filled it."""
    assert _ids((b"[[-0.1753, -0.3505]]", b"None")) == ["printed-wrong-moment"]


def test_number_from_nowhere_in_the_loop_is_not_explained() -> None:
    """No diagnosis is better than a wrong one."""
    assert _ids((b"0.0678", b"0.5555")) == []


def test_rows_of_the_next_row_are_printed_late() -> None:
    """Each row shows what the row below should."""
    rows = [
        (b"step=1 loss=0.1183 pred=0.888", b"step=1 loss=0.0861 pred=0.918"),
        (b"step=2 loss=0.0861 pred=0.918\nstep=3", b"step=2 loss=0.0678 pred=0.934\nstep=3"),
        (b"step=3 loss=0.0678 pred=0.934", b"step=3 loss=0.0560 pred=0.945"),
        (b"step=4 loss=0.0560 pred=0.945", b"step=4 loss=0.0478 pred=0.953"),
        (b"step=5 loss=0.0478 pred=0.953", b"step=5 loss=0.0416 pred=0.959"),
    ]

    assert _ids(*rows) == ["loop-printed-late"]


@pytest.mark.parametrize("trace", [TRACE, b""])
def test_missing_line_is_named(trace: bytes) -> None:
    """With or without a trace."""
    assert _ids((b"loss_after= 0.1183\n", b""), trace=trace)[:1] == ["line-missing"]


def test_missing_section_is_named() -> None:
    """Its values cannot be found without it."""
    found = diagnosed(PUBLISHED.replace(b"mini_training_loop\n", b""), trace=TRACE)

    assert found[0].id == "line-missing"
    assert "The line mini_training_loop" in found[0].message


def test_rows_that_may_just_have_ended_are_not_missing() -> None:
    """Without a trace a short loop looks like rows that were not printed: the loop is named."""
    assert _ids((b"step=5 loss=0.0478 pred=0.953\n", b""), trace=b"") == ["loop-too-short"]
    assert _ids((b"step=5 loss=0.0478 pred=0.953\n", b"")) == ["line-missing"]


def test_rounded_too_much_is_named_before_anything_else() -> None:
    """Nothing can be compared before it is printed."""
    assert _ids((b"0.1927", b"0.19"), (b"0.1183", b"0.12"))[:1] == ["printed-too-coarse"]


def test_one_number_that_looks_rounded_beside_a_wrong_training_is_chance() -> None:
    """A wrong rate may print 0.92 where 0.918 is expected."""
    story = told(lr=0.45)
    stdout = story.stdout.replace(story.printed["prediction_after"].encode(), b"0.89")
    found = [each.id for each in diagnosed(stdout, trace=story.trace)]

    assert found == ["lr-wrong"]


@pytest.mark.parametrize(
    "text", [b"<built-in method item of Tensor object at 0x7f>", b"{'a': tensor([[1.]])}"]
)
def test_object_in_place_of_a_number_is_named(text: bytes) -> None:
    """A method that was not called prints its own name."""
    assert _ids((b"0.1927", text))[:1] == ["printed-as-tensor"]


def test_rows_from_zero_are_named() -> None:
    """The counter begins one too low."""
    rows = PUBLISHED
    for row in range(1, 6):
        rows = rows.replace(b"step=%d" % row, b"step=%d" % (row - 1))

    assert diagnosed(rows, trace=TRACE)[0].id == "loop-numbered-from-zero"


def test_only_the_last_row_printed_is_a_missing_line() -> None:
    """The trace shows that all rounds ran."""
    rows = b"".join(
        line + b"\n"
        for line in PUBLISHED.splitlines()
        if line[:6] not in {b"step=%d" % n for n in (1, 2, 3, 4)}
    )

    assert diagnosed(rows, trace=TRACE)[0].id == "line-missing"
