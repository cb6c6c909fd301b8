"""A relation is what its table says, and one that cannot be judged is a bad lab."""

from __future__ import annotations

import re
import shutil
from decimal import Decimal
from typing import TYPE_CHECKING

import pytest

from tests.fakes import LAB_ROOT, WRITTEN
from verifier.errors import BadDataError
from verifier.lab.load import load_lab, load_labs
from verifier.lab.relation import Operand, RelationKind, RelationSpec, read_relation
from verifier.lab.stage import Stage

if TYPE_CHECKING:
    from pathlib import Path

    from verifier.lab.relation import FieldRows

FIELDS: dict[str, FieldRows] = {
    "own": {("lr_0.5", "loss"): (1, 2, 3), ("step", "grad"): (None,), ("step", "after"): (None,)},
    "other": {("lr_0.5", "loss"): (1, 2, 3)},
}
TABLE = {
    "name": "point",
    "kind": "equal",
    "stage": "loss",
    "operands": ["lr_0.5/loss", "other:lr_0.5/loss"],
    "rows": [2, 3],
    "atol": "0.0002",
    "claim": "both losses are equal",
    "hint": "look at the loss",
    "why": "two roundings",
}


def test_operands_are_places_on_the_rows_asked_for() -> None:
    """In the judged output, and in another exercise's golden."""
    relation = read_relation(TABLE, exercise="own", fields=FIELDS)
    places = (("lr_0.5", "loss", 2), ("lr_0.5", "loss", 3))

    assert relation == RelationSpec(
        name="point",
        kind=RelationKind.EQUAL,
        stage=Stage.LOSS,
        operands=(
            Operand(exercise=None, places=places),
            Operand(exercise="other", places=places),
        ),
        factor=Decimal(0),
        atol=Decimal("0.0002"),
        claim="both losses are equal",
        hint="look at the loss",
        why="two roundings",
    )
    assert (relation.exercises, relation.rtol) == (frozenset({"other"}), Decimal(0))


def test_field_without_rows_is_one_place() -> None:
    """All rows are meant where none are named, and there may be none."""
    table = {**TABLE, "operands": ["step/grad", "step/after"]}
    del table["rows"]

    assert [
        operand.places for operand in read_relation(table, exercise="own", fields=FIELDS).operands
    ] == [(("step", "grad", None),), (("step", "after", None),)]


@pytest.mark.parametrize(
    ("change", "named"),
    [
        ({"operands": ["lr_0.5/los", "lr_0.5/loss"]}, "'lr_0.5/los' is no field"),
        ({"operands": ["lr_0.5/loss", "none:lr_0.5/loss"]}, "'none:lr_0.5/loss' is no field"),
        ({"operands": ["lr_0.5/loss", "loss"]}, "'loss' names no section and key"),
        ({"rows": [1, 4]}, "not on these rows"),
        ({"operands": ["step/grad", "step/after"]}, "not on these rows"),
        ({"operands": ["step/grad", "lr_0.5/loss"], "rows": None}, "different numbers of rows"),
        ({"kind": "changed", "operands": ["lr_0.5/loss"] * 3}, "no partner"),
    ],
)
def test_relation_that_cannot_be_judged_is_refused(change: dict[str, object], named: str) -> None:
    """While the lab is loaded, not while a learner waits."""
    table = {key: value for key, value in {**TABLE, **change}.items() if value is not None}

    with pytest.raises(ValueError, match=re.escape(named)):
        read_relation(table, exercise="own", fields=FIELDS)


@pytest.mark.parametrize(
    ("old", "new", "named"),
    [
        ('kind = "running_sum"', 'kind = "sums"', "sums"),
        ('kind = "falls"', 'kind = "falls"\natol = "0.1"', "atol"),
        ('factor = "-0.5"\n', "", "factor"),
        ('kind = "ordered"', 'kind = "ordered"\nfactor = "2"', "factor"),
        ('atol = "0.0002"\n', "", "atol"),
        ('why = "three rounded', 'reason = "three rounded', "why"),
        ('  "one_training_step/weight_grad",\n', "", "too short|less than 3"),
        ('kind = "falls"\nstage = "update"', 'kind = "falls"\nstage = "run"', "run"),
        ("shapes/pred_shape", "shapes/shape", "two-samples: 'shapes/shape' is no field"),
        ("baseline:one_training_step/loss_before", "base:one_training_step/x", "is no field"),
    ],
)
def test_bad_relation_in_a_manifest_is_named(
    tmp_path: Path, old: str, new: str, named: str
) -> None:
    """Exit 5 with the place, by the schema or by the fields."""
    shutil.copytree(LAB_ROOT / "forward-backward", tmp_path / "forward-backward")
    manifest = tmp_path / "forward-backward" / "lab.toml"
    text = WRITTEN.read_text()
    assert old in text
    manifest.write_text(text.replace(old, new))

    with pytest.raises(BadDataError, match=named):
        load_lab(manifest)


def test_every_tolerance_of_the_lab_covers_the_rounding_it_speaks_of() -> None:
    """Between half a unit for each printed number and a few units."""
    exercises = load_labs(LAB_ROOT)["forward-backward"].exercises.values()
    measured = [each for exercise in exercises for each in exercise.relations if each.why]

    assert len(measured) == 12
    assert {each.atol for each in measured} == {
        Decimal("0.0001"),
        Decimal("0.0002"),
        Decimal("0.001"),
    }


def test_what_may_have_been_meant_is_sought_only_where_something_is_wrong(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """It is dear, and every command loads a lab."""
    sought: list[str] = []

    def noted(wanted: str, *_known: object, **_how: object) -> list[str]:
        sought.append(wanted)
        return []

    monkeypatch.setattr("verifier.toml.get_close_matches", noted)
    for manifest in LAB_ROOT.glob("*/lab.toml"):
        load_lab(manifest)
    assert sought == []
