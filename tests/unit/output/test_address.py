"""Readings with labels, several row keys or none are found by their address."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from pathlib import Path

import pytest

from verifier.lab.field import Field, sections_of
from verifier.lab.spec import Exercise
from verifier.lab.stage import Stage
from verifier.output.address import canonical
from verifier.output.match import Match, match_output
from verifier.output.transcript import read_stdout

W = Field(
    section="", key="w", row_key=None, row=None, stage=Stage.LOOP, decimals=1, atol=Decimal("0.1"),
    rtol=Decimal(0), why="one unit of the last digit",
)  # fmt: skip


def exercise_of(*fields: Field) -> Exercise:
    """An exercise that asks for these fields."""
    return Exercise(
        id="baseline", title="t", script=Path("s.py"), golden=Path("g.json"), before_after={},
        sections=sections_of(fields),
    )  # fmt: skip


def matched(text: str, *fields: Field) -> Match:
    """Match a text with these fields."""
    return match_output(read_stdout(text.encode()), exercise_of(*fields))


def shown(match: Match) -> dict[str, str]:
    """The judged texts by the fields' names."""
    return {field.name: reading.text for field, reading in match.judged.items()}


@pytest.mark.parametrize(
    ("one", "other"),
    [("0.10", ".1"), ("[1.0, 2]", "(1, 2.00)"), ("-0.0", "0"), ("1e2", "100"), ("True", "true")],
)
def test_equal_values_are_written_alike(one: str, other: str) -> None:
    """However many zeros, and whatever brackets."""
    values = [read_stdout(f"a={text}\n".encode()).readings[0].value for text in (one, other)]

    assert canonical(values[0]) == canonical(values[1])


def test_lines_with_labels_may_come_in_any_order() -> None:
    """The label and the row name the value; what is not asked for is told."""
    one = replace(W, label="sgd", where=(("epoch", "1"), ("batch", "2")))
    other = replace(one, label="adam")
    match = matched(
        "adam epoch=1 batch=2 w=0.5\nsgd epoch=1 batch=2 w=4.4 lr=0.1\nsgd batch=2 w=9\n",
        one,
        other,
    )

    assert shown(match) == {"sgd w at epoch=1 batch=2": "4.4", "adam w at epoch=1 batch=2": "0.5"}
    assert [reading.key for reading in match.sections[0].extra] == ["lr", "batch", "w"]


def test_rows_beyond_those_asked_for_are_surplus() -> None:
    """A sixth step is not in the lab; a second value where two are asked for is one of them."""
    field = replace(W, where=(("x", "[0, 1]"),))
    match = matched("x=[0.0, 1.0] w=0.5\nx=[0, 2] w=0.6\n", field)
    assert shown(match) == {"w at x=[0, 1]": "0.5"}
    assert match.sections[0].surplus == ("x=[0, 2]",)

    labelled = replace(field, label="sgd")
    assert matched("sgd x=[7] w=1\n", labelled).sections[0].surplus == ("sgd x=[7]",)


def test_values_of_one_name_are_told_apart_by_their_order() -> None:
    """First a shape, then a tensor; a third is one too many."""
    fields = [W, replace(W, occurrence=2)]
    match = matched("w=1.5\nw=2.5\n", *fields)
    assert shown(match) == {"w": "1.5", "w no. 2": "2.5"}
    assert match.sections[0].surplus == ()
    assert matched("w=1\nw=2\nw=3\n", *fields).sections[0].surplus == ("w 3 times, not 2",)


def test_what_stands_before_the_first_section_has_none() -> None:
    """And a bare list has no key."""
    bare = replace(W, section="out", key="", kind="list")
    match = matched("w=1.5\nout\n[1.0, 2.0]\nw=2.5\n", W, bare)

    assert shown(match) == {"w": "1.5", "the list": "[1.0, 2.0]"}
    assert [each.present for each in match.sections] == [True, True]
    assert not matched("w=1.5\n", W, bare).sections[1].present


def test_an_address_is_written_as_a_manifest_has_it() -> None:
    """Section, label, rows, key and count."""
    field = replace(W, section="loop", label="sgd", where=(("step", "1"),), occurrence=2)

    assert field.at == "loop/sgd/step=1/w#2"
    assert replace(W, section="s", row_key="step", row=3).at == "s/step=3/w"
    assert field.called == "sgd w no. 2"


def test_one_whole_number_a_row_becomes_a_row_key() -> None:
    """Then lines without it are read in their order; names say the section where two have a key."""
    rows = [replace(W, section="loop", where=(("step", str(row)),)) for row in (1, 2)]
    sections = exercise_of(*rows, replace(W, section="end")).sections
    assert (sections[0].row_key, sections[0].rows, sections[0].is_plain) == ("step", (1, 2), True)
    printed = shown(matched("loop\nw=1.0\nw=2.0\n", *rows))
    assert printed == {"w at step=1": "1.0", "w at step=2": "2.0"}

    named = [each.name for each in exercise_of(W, replace(W, section="end")).fields]
    assert named == ["w before the first section", "w under end"]


@pytest.mark.parametrize("section", ["", "attention"])
def test_a_key_may_stand_on_the_line_above_its_list(section: str) -> None:
    """``out:`` and an array below it is ``out: [...]``; a section of the lab stays one."""
    wanted = replace(W, section=section, key="out", kind="list")
    head = f"{section}\n" if section else ""
    match = matched(f"{head}out:\n[1.0, 2.0]\n", wanted)
    assert shown(match) == {"out": "[1.0, 2.0]"}

    both = (replace(W, section="out", key="", kind="list"), replace(W, section=section, key="w"))
    assert shown(matched(f"w=1\n{head}out:\n[1.0, 2.0]\n", *both))["the list"] == "[1.0, 2.0]"
