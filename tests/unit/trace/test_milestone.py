"""Any bytes give milestones; only what is one is among them."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.fakes import LAB_ROOT
from verifier.errors import BadDataError
from verifier.golden.golden import load_golden
from verifier.golden.reference import (
    MAX_BYTES,
    Reference,
    load_reference,
    reference_file,
    reference_text,
)
from verifier.lab.load import load_labs
from verifier.sandbox.trace.format import MAX_LOOK_BYTES
from verifier.trace.milestone import (
    MAX_MILESTONES,
    Milestone,
    Sums,
    in_words,
    milestone_of,
    milestone_to_json,
    read_milestones,
)

if TYPE_CHECKING:
    from pathlib import Path

    from verifier.golden.golden import Golden
    from verifier.lab.spec import Exercise

LOSS = b'{"e":"loss","id":7,"line":9,"at":2,"of":[5],"shape":[],"d":[1,0.5,0.25,0.5,0.5,0]}\n'
LESSONS = {name: lab for name, lab in load_labs(LAB_ROOT).items() if lab.canary is None}
EXERCISES = [
    pytest.param(lab, exercise, id=f"{name}-{exercise.id}")
    for name, lab in LESSONS.items()
    for exercise in lab.exercises.values()
    if reference_file(exercise).exists()
]
numbers = st.floats(allow_nan=False) | st.just(float("inf"))
sums = st.builds(Sums, *[st.floats(-1e9, 1e9)] * 6)
milestones = st.builds(
    Milestone,
    kind=st.sampled_from(["op", "grad", "read"]),
    id=st.none() | st.integers(0, 9),
    line=st.none() | st.integers(1, 99),
    after_lines=st.integers(0, 99),
    of=st.lists(st.integers(0, 9), max_size=4).map(tuple),
    sums=st.none() | sums,
    shape=st.none() | st.lists(st.integers(0, 9), max_size=4).map(tuple),
    name=st.text(max_size=9),
    arguments=st.lists(st.integers(-9, 9).map(float), max_size=3).map(tuple),
    mode=st.none() | st.booleans(),
    training=st.none() | st.booleans(),
    draw=st.booleans(),
    seeded=st.booleans(),
)


@given(
    st.binary(max_size=400)
    | st.lists(st.sampled_from([LOSS, b"{}", b"\xff", b"[1"])).map(b"\n".join)
)
def test_any_bytes_give_milestones(raw: bytes) -> None:
    """Whatever a script wrote: nothing is raised, and each one is of a kind."""
    assert all(each.kind for each in read_milestones(raw))


@pytest.mark.parametrize(
    "line",
    [
        b"[]",
        b'{"e":"loss"}',
        b'{"e":"nothing","at":0}',
        b'{"e":"loss","at":true}',
        b'{"e":"loss","at":0,"line":"9"}',
        b'{"e":"loss","at":0,"of":[null]}',
        b'{"e":"loss","at":0,"d":[1,2]}',
        b'{"e":"loss","at":0,"d":[1,2,3,4,5,[]]}',
        b'{"e":"loss","at":0,"shape":[1e3]}',
        b'{"e":"op","at":0,"draw":1}',
        b'{"e":"update","at":0,"settings":{"lr":["no hex"]}}',
        b'{"e":"loss","at":' + b"9" * 400 + b"}",
        b'{"e":"loss","at":0,"in":' + b"[" * 4000,
    ],
)
def test_a_line_that_is_none_is_left_out(line: bytes) -> None:
    """Those beside it are read."""
    assert [each.kind for each in read_milestones(LOSS + line + b"\n" + LOSS)] == ["loss", "loss"]


def test_what_is_read_is_bounded() -> None:
    """In bytes and in lines."""
    assert len(read_milestones(LOSS * 10_000)) == MAX_LOOK_BYTES // len(LOSS) < MAX_MILESTONES
    assert len(read_milestones(b'{"e":"call","at":0}\n' * 9_000)) == MAX_MILESTONES


@given(milestones)
def test_a_milestone_comes_back_as_it_was(milestone: Milestone) -> None:
    """But for digits beyond the ninth of a sum."""
    document = json.loads(json.dumps(milestone_to_json(milestone)))
    once = milestone_of(document)

    assert milestone_to_json(once) == document
    assert (once.kind, once.of, once.shape, once.mode, once.seeded) == (
        milestone.kind, milestone.of, milestone.shape, milestone.mode, milestone.seeded,
    )  # fmt: skip


@pytest.mark.parametrize(("lab", "exercise"), EXERCISES)
def test_what_every_reference_did_is_kept(lab: object, exercise: object) -> None:
    """It is of the golden's own script, and no longer than a golden may be."""
    kept = load_reference(exercise, load_golden(lab=lab.id, exercise=exercise))  # type: ignore[attr-defined,arg-type]

    assert kept is not None
    assert {each.kind for each in kept.milestones} >= {"op", "param", "read"}
    assert reference_file(exercise).stat().st_size <= 100_000  # type: ignore[arg-type]


def test_what_another_script_did_is_no_reference() -> None:
    """It is bound to the script that its golden was made of."""
    exercise = LESSONS["autograd"].exercise("baseline")
    golden = load_golden(lab="autograd", exercise=exercise)
    other = replace(golden, provenance=replace(golden.provenance, script_sha256="0" * 64))

    assert load_reference(exercise, golden) is not None
    assert load_reference(exercise, other) is None


def test_what_a_reference_did_is_cut_to_its_bound() -> None:
    """The first milestones are kept."""
    one = milestone_of(json.loads(LOSS))
    text = reference_text(
        Reference(lab="a", exercise="b", script_sha256="0" * 64, milestones=(one,) * 1500)
    )

    assert len(text) <= MAX_BYTES
    assert 500 < len(json.loads(text)["milestones"]) < 1500


def test_what_is_kept_is_told_in_words() -> None:
    """How much of each kind."""
    one = milestone_of(json.loads(LOSS))

    assert "1 loss" in in_words((one,))
    assert "0 of these change with the seed" in in_words((one,))
    assert in_words(()).startswith("nothing is kept")


@pytest.mark.parametrize(
    "member",
    [
        {"id": 10**400},
        {"at": 2**70},
        {"d": [10**400, 0, 0, 0, 0, 0]},
        {"args": [10**400]},
        {"settings": {"lr": ["no hex"]}},
        {"settings": {"lr": ["0x1p99999"]}},
    ],
    ids=["id", "at", "sums", "arguments", "settings", "setting"],
)
def test_a_reference_with_numbers_that_are_none_is_bad_data(
    tmp_path: Path, member: dict[str, object]
) -> None:
    """What its schema lets through is refused with the file's name, as anything else of a lab."""
    exercise, golden, document = _kept(tmp_path)
    document["milestones"][0] |= member
    reference_file(exercise).write_text(json.dumps(document))

    with pytest.raises(BadDataError, match=r"trace\.json.*milestone"):
        load_reference(exercise, golden)


def test_a_reference_longer_than_any_is_not_read(tmp_path: Path) -> None:
    """A lab may come from anybody."""
    exercise, golden, document = _kept(tmp_path)
    reference_file(exercise).write_text(json.dumps(document) + " " * MAX_BYTES)

    with pytest.raises(BadDataError, match=r"trace\.json"):
        load_reference(exercise, golden)


def _kept(folder: Path) -> tuple[Exercise, Golden, dict[str, Any]]:
    """Copy what one reference did, and join it with an exercise."""
    lab = LESSONS["attention"]
    exercise = lab.exercise("baseline")
    document = json.loads(reference_file(exercise).read_bytes())
    moved = replace(exercise, golden=folder / "baseline.json")
    return moved, load_golden(lab=lab.id, exercise=exercise), document
