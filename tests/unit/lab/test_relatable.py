"""A relation that no output can meet, or that every one does, is an author's mistake."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.unit.lab.derived_labs import MANIFEST, made_lab
from verifier.errors import BadDataError
from verifier.lab.load import load_lab

if TYPE_CHECKING:
    from pathlib import Path

PRINTED = b"""\
one
scale= 2.0
bias= [0.5]
grid= [[0.1, 0.9], [0.5, 0.5]]
mask= [[1, 0], [0, 1]]
row= [1.0, 2.0, 3.0]
good= True
word= fine
loop
step=1 loss=3.0
step=2 loss=2.0 kept=1
step=3 loss=1.0
runs
sgd lr=1 loss=3.0
sgd lr=2 loss=2.0
adam lr=1 loss=1.0
"""
ATOL = '\natol = "0.1"'
FACTOR = ATOL + '\nfactor = "2"'


def _relation(kind: str, operands: list[str], rest: str = "") -> str:
    return f"""
[[relations]]
name = "point"
kind = "{kind}"
stage = "values"
operands = {operands}
claim = "what holds of these"
hint = "look at both of them"{rest}
"""


@pytest.mark.parametrize(
    ("kind", "operands", "rest", "says"),
    [
        ("falls", ["one/scale"], "", "one value cannot fall; name several rows"),
        ("rises", ["one/scale", "one/bias"], "", "one value cannot rise; name several rows"),
        ("falls", ["one/scale"] * 2, "", "one value cannot fall"),
        ("within", ["one/row"], "", "there is neither low nor high to be within"),
        ("within", ["one/row"], '\nlow = "2"\nhigh = "1"', "low is above high"),
        ("equal", ["one/scale", "one/scale"], ATOL, "an operand is compared with itself"),
        ("ordered", ["loop/loss", "loop/step=*/loss"], "", "an operand is compared with itself"),
        ("changed", ["one/bias", "one/bias"], "", "an operand is compared with itself"),
        ("moved_by", ["one/row", "one/scale", "one/row"], FACTOR, "compared with itself"),
        ("ordered", ["one/row", "one/scale"], "", "row is a list, and no single number"),
        ("ordered", ["one/good", "one/scale"], "", "good is a truth, and no number"),
        ("within", ["one/good"], '\nlow = "0"', "good is a truth, and no number"),
        ("equal", ["one/word", "one/scale"], ATOL, "word is a text, which no relation can be"),
        ("sums_to", ["one/scale"], FACTOR, "scale has no axis -1: it is a single value"),
        (
            "sums_to",
            ["one/grid"],
            FACTOR + "\naxis = 2",
            "has no axis 2: it is of shape [2, 2]",
        ),
        ("equal_first_dimension", ["one/row", "one/scale"], "", "scale is no shape"),
        ("same_shape", ["one/bias", "one/scale"], "", "of shape [1] and scale is a single"),
        (
            "zero_outside",
            ["one/grid", "one/row"],
            "",
            "row is of shape [3], so it cannot",
        ),
        ("ratio", ["one/grid", "one/row"], FACTOR, "row is of shape [3], so it cannot"),
        ("falls", ["runs/sgd/lr=*/loss"], "\nrows = [1]", "has no numbered rows; name those that"),
        ("falls", ["runs/loss"], "\nrows = [1]", "has no numbered rows; name those that"),
        ("falls", ["loop/kept"], "", "one value cannot fall"),
        ("within", ["loop/kept"], '\nlow = "0"\nrows = [1]', "is no field, or not on these rows"),
    ],
)
def test_a_relation_that_tells_nothing_is_refused(
    tmp_path: Path, kind: str, operands: list[str], rest: str, says: str
) -> None:
    """While the lab is loaded, at the line of its table."""
    with pytest.raises(BadDataError) as error:
        made_lab(tmp_path, _relation(kind, operands, rest), printed=PRINTED)

    assert "line 5: baseline: " in error.value.problem
    assert says in error.value.problem


@pytest.mark.parametrize(
    ("kind", "operands", "rest"),
    [
        ("falls", ["loop/loss"], ""),
        ("falls", ["loop/step=*/loss"], ""),
        ("falls", ["loop/loss"], "\nrows = [1, 3]"),
        ("within", ["one/row", "one/grid", "one/scale"], '\nlow = "0"'),
        ("within", ["one/scale"], '\nlow = "2"\nhigh = "2"'),
        ("equal", ["one/scale", "one/bias"], ATOL),
        ("equal", ["one/good", "baseline:one/good"], ATOL),
        ("ratio", ["one/bias", "one/scale"], FACTOR),
        ("ordered", ["one/scale", "one/bias"], ""),
        ("moved_by", ["one/scale", "one/bias", "one/bias"], FACTOR),
        ("running_sum", ["one/scale", "one/bias"], ATOL),
        ("changed", ["one/scale", "one/bias", "one/scale", "one/row"], ""),
        ("sums_to", ["one/grid"], FACTOR + "\naxis = 0"),
        ("zero_outside", ["one/grid", "one/mask"], ""),
        ("same_shape", ["one/grid", "one/mask"], ""),
        ("equal_first_dimension", ["one/grid", "one/mask"], ""),
    ],
)
def test_a_relation_that_could_hold_is_taken(
    tmp_path: Path, kind: str, operands: list[str], rest: str
) -> None:
    """Whether it holds is for the run to say."""
    (relation,) = (
        made_lab(tmp_path, _relation(kind, operands, rest), printed=PRINTED)
        .exercise("baseline")
        .relations
    )

    assert relation.kind == kind


def test_section_and_key_are_all_rows_whatever_names_them(tmp_path: Path) -> None:
    """In printed order, of lines with a label and of rows that no whole number names."""
    lab = made_lab(tmp_path, _relation("falls", ["runs/loss"]), printed=PRINTED)

    (operand,) = lab.exercise("baseline").relations[0].operands
    assert operand.places == (
        "runs/sgd/lr=1/loss", "runs/sgd/lr=2/loss", "runs/adam/lr=1/loss",
    )  # fmt: skip


def test_an_exercise_without_a_run_takes_no_relations_from_others(tmp_path: Path) -> None:
    """Those that name it wait for its run; all others are judged."""
    made_lab(tmp_path, printed=PRINTED)
    text = MANIFEST.split("script")[0] + (
        '[exercises.other]\nscript = "reference.py"\n'
        '[exercises.baseline]\nscript = "reference.py"\n'
        + _relation("ordered", ["other:one/scale", "one/bias"])
        + _relation("falls", ["loop/loss"]).replace("point", "second")
    ).replace("[[relations]]", "[[exercises.baseline.relations]]")
    manifest = tmp_path / "steps" / "lab.toml"
    manifest.write_text(text)
    assert [each.name for each in load_lab(manifest).exercise("baseline").relations] == ["second"]

    manifest.write_text(text.replace("loop/loss", "loop/los"))
    with pytest.raises(BadDataError, match=r"line 16: baseline: 'loop/los' is no field"):
        load_lab(manifest)


def test_a_lab_without_values_has_nothing_to_relate(tmp_path: Path) -> None:
    """Its output is judged as a whole, and the relation would be passed over."""
    with pytest.raises(BadDataError, match="line 5: baseline: 'one/scale' is no field"):
        made_lab(tmp_path, _relation("within", ["one/scale"], '\nlow = "0"'), printed=b"hello\n")
