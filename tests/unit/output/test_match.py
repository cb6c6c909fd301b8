"""Readings find their fields, however a learner lays them out."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from tests.exercises import matched
from tests.fakes import LAB_ROOT, PUBLISHED
from verifier.lab.load import load_labs

if TYPE_CHECKING:
    from verifier.output.match import SectionMatch

EXERCISE = load_labs(LAB_ROOT)["forward-backward"].exercise("baseline")


def _match(stdout: bytes) -> tuple[SectionMatch, ...]:
    return matched(stdout, EXERCISE).sections


def _texts(stdout: bytes) -> dict[str, list[str]]:
    return {
        field.name: [reading.text for reading in readings]
        for match in _match(stdout)
        for field, readings in match.fields.items()
    }


PUBLISHED_TEXTS = _texts(PUBLISHED)


def test_published_output_answers_every_field_once() -> None:
    """The lab's own output is the simplest case."""
    assert PUBLISHED_TEXTS["weight_grad"] == ["[[-0.1753, -0.3505]]"]
    assert PUBLISHED_TEXTS["loss at step=4"] == ["0.0560"]
    assert {len(texts) for texts in PUBLISHED_TEXTS.values()} == {1}
    assert all(
        match.present and not match.extra and not match.surplus_rows for match in _match(PUBLISHED)
    )


def test_rows_are_found_in_any_order() -> None:
    """``step=3`` is the third row wherever it stands."""
    head, rows = PUBLISHED.split(b"mini_training_loop\n")
    shuffled = b"".join(reversed(rows.splitlines(keepends=True)))

    assert _texts(head + b"mini_training_loop\n" + shuffled) == PUBLISHED_TEXTS


def test_row_key_may_stand_behind_its_values() -> None:
    """The row of a line is the one named on it, not the one above."""
    swapped = PUBLISHED.replace(b"step=2 loss=0.0861", b"loss=0.0861 step=2")

    assert _texts(swapped) == PUBLISHED_TEXTS


def test_values_below_their_row_key_belong_to_it() -> None:
    """One value a line is as good as several."""
    assert (
        _texts(PUBLISHED.replace(b" loss=", b"\nloss=").replace(b" pred=", b"\npred="))
        == PUBLISHED_TEXTS
    )


def test_rows_without_a_row_key_count_from_the_first() -> None:
    """A learner may leave ``step=`` out."""
    bare = PUBLISHED
    for step in b"12345":
        bare = bare.replace(b"step=" + bytes([step]) + b" ", b"")

    assert _texts(bare) == PUBLISHED_TEXTS
    assert _texts(bare + b"loss=0.01 pred=0.99\n") == PUBLISHED_TEXTS


def test_a_learners_own_word_between_lines_does_not_hide_them() -> None:
    """For the grammar ``done`` opens a section; here it is only a word."""
    assert _texts(PUBLISHED.replace(b"weight_grad=", b"halfway\nweight_grad=")) == PUBLISHED_TEXTS


def test_sections_after_the_labs_own_change_nothing() -> None:
    """A learner may go on experimenting below."""
    assert _texts(PUBLISHED + b"my_own\nloss_before= 9\nstep=1 loss=9 pred=9\n") == PUBLISHED_TEXTS


def test_missing_section_answers_nothing() -> None:
    """Values without their section line could be anything."""
    _, loop = _match(PUBLISHED.replace(b"mini_training_loop\n", b""))

    assert not loop.present
    assert set(loop.fields.values()) == {()}


def test_nothing_printed_answers_nothing() -> None:
    """No sections at all is a case of its own for the code."""
    assert [match.present for match in _match(b"")] == [False, False]


def test_section_printed_twice_gives_both_readings() -> None:
    """Which one is meant is for the checks to say."""
    assert _texts(PUBLISHED + PUBLISHED)["loss_before"] == ["0.1927", "0.1927"]


def test_surplus_rows_are_named() -> None:
    """A sixth step is a loop that ran too long."""
    _, loop = _match(PUBLISHED + b"step=6 loss=0.0417 pred=0.959\nstep=7 loss=0.0 pred=1.0\n")

    assert loop.surplus_rows == (6, 7)


def test_row_names_that_are_no_whole_numbers_name_no_row() -> None:
    """``step=nan`` and ``step=last`` must not crash."""
    _, loop = _match(PUBLISHED.replace(b"step=1 ", b"step=nan ").replace(b"step=2 ", b"step=last "))

    assert [bool(readings) for readings in loop.fields.values()][:4] == [False, False, False, False]


def test_extra_readings_inside_a_section_are_named() -> None:
    """They do not fail a learner, but a typing error in a key shows up so."""
    one_step, _ = _match(PUBLISHED.replace(b"loss_before=", b"los_before="))

    assert [reading.key for reading in one_step.extra] == ["los_before"]


def test_rows_beyond_the_last_are_surplus_without_a_row_key_too() -> None:
    """Wrong numbers must not hide behind five right ones."""
    bare = PUBLISHED
    for step in b"12345":
        bare = bare.replace(b"step=" + bytes([step]) + b" ", b"")

    assert _match(bare + b"loss=9 pred=9\nloss=9 pred=9\n")[1].surplus_rows == (6, 7)


def test_surplus_rows_under_a_learners_own_word_are_seen_where_the_rows_stand_there() -> None:
    """``go`` between the section line and its rows changes nothing."""
    stdout = PUBLISHED.replace(b"mini_training_loop\n", b"mini_training_loop\ngo\n")

    assert _match(stdout + b"step=6 loss=9 pred=9\n")[1].surplus_rows == (6,)


def _halfway(stdout: bytes, third: bytes) -> bytes:
    assert third in stdout
    return stdout.replace(third, b"halfway\n" + third)


def test_rows_on_both_sides_of_a_learners_own_word_are_one_loops() -> None:
    """The word stands between them; they go on counting, and one too many is seen."""
    bare = re.sub(rb"step=[0-9] ", b"", PUBLISHED)

    for stdout in (_halfway(PUBLISHED, b"step=3"), _halfway(bare, b"loss=0.0678")):
        assert _texts(stdout) == PUBLISHED_TEXTS
        assert _match(stdout)[1].elsewhere == ()
    assert _match(_halfway(PUBLISHED, b"step=3") + b"step=6 loss=9\n")[1].surplus_rows == (6,)
    assert _match(_halfway(bare, b"loss=0.0678") + b"loss=9\n")[1].surplus_rows == (6,)


def test_values_before_the_first_row_are_extra() -> None:
    """They belong to no row, and are not dropped in silence."""
    stdout = PUBLISHED.replace(b"mini_training_loop\n", b"mini_training_loop\nloss=9 pred=9\n")
    _, loop = _match(stdout)

    assert [reading.text for reading in loop.extra] == ["9", "9"]
    assert _texts(stdout) == PUBLISHED_TEXTS


def test_values_under_a_learners_own_section_are_named_as_not_judged() -> None:
    """A section after the lab's own does not fail it, and does not pass for it either."""
    _, loop = _match(PUBLISHED + b"again\nstep=1 loss=9 pred=9\n")

    assert [reading.key for reading in loop.elsewhere] == ["loss", "pred"]


def test_value_behind_a_label_is_another_value() -> None:
    """``not loss_before= 0.1927`` does not say what the lab asks for."""
    assert _texts(PUBLISHED.replace(b"loss_before=", b"not loss_before="))["loss_before"] == []


def test_values_under_a_learners_own_word_are_judged_where_no_others_are() -> None:
    """Only what has its like under the lab's own word is left out, and named so."""
    stdout = PUBLISHED.replace(b"loss_before=", b"=== loss ===\nloss_before=")
    first = _match(stdout)[0]

    assert all(first.fields.values())
    assert first.elsewhere == ()
