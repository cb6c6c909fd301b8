"""What counts as right, and how it is summed up."""

from __future__ import annotations

from bench.diagnosis.accuracy import Answer, accuracy_of, by_key, by_stage, misses
from verifier.lab.stage import STAGES, Stage

STAGES_OF = {"step-twice": Stage.UPDATE, "lr-wrong": Stage.UPDATE, "loss-nan": Stage.LOOP}


def _answer(*told: tuple[str, Stage], also: tuple[str, ...] = ("lr-wrong",)) -> Answer:
    return Answer(
        name="some--script",
        exercise="baseline",
        diagnosis="step-twice",
        stage=Stage.UPDATE,
        also=also,
        told=told,
    )


EXACT = _answer(("step-twice", Stage.UPDATE), ("loss-nan", Stage.LOOP))
ALSO = _answer(("lr-wrong", Stage.UPDATE))
SECOND = _answer(("loss-nan", Stage.LOOP), ("step-twice", Stage.UPDATE))
SAME_STAGE = _answer(("update-sign", Stage.UPDATE))
SILENT = _answer()


def test_only_the_first_diagnosis_counts() -> None:
    """A learner reads the first."""
    assert [each.right for each in (EXACT, ALSO, SECOND, SAME_STAGE, SILENT)] == [
        True,
        True,
        False,
        False,
        False,
    ]
    assert [each.exact for each in (EXACT, ALSO)] == [True, False]


def test_stage_may_be_right_where_the_diagnosis_is_not() -> None:
    """Silence is neither."""
    assert [each.right_stage(STAGES_OF) for each in (EXACT, SECOND, SAME_STAGE, SILENT)] == [
        True,
        False,
        True,
        False,
    ]


def test_stage_of_what_is_right_as_well_is_right() -> None:
    """An id that nobody knows has none."""
    late = _answer(("loss-nan", Stage.LOOP), also=("loss-nan", "unheard-of"))

    assert late.right_stage(STAGES_OF)
    assert not late.right_stage({})


def test_group_is_counted() -> None:
    """Shares of nothing are nothing, not zero."""
    accuracy = accuracy_of([EXACT, ALSO, SECOND, SILENT], STAGES_OF)

    assert accuracy.to_json() == {
        "scripts": 4,
        "right_stage": 2,
        "right": 2,
        "exact": 1,
        "silent": 1,
        "stage_share": 0.5,
        "share": 0.5,
    }
    assert accuracy_of([], STAGES_OF).share is None
    assert accuracy_of([], STAGES_OF).stage_share is None


def test_tables_have_a_row_for_each_stage_and_name() -> None:
    """In debug order; a stage without scripts shows that."""
    rows = by_stage([EXACT, SILENT], STAGES_OF)

    assert [row["stage"] for row in rows] == [stage.value for stage in STAGES]
    assert [row["scripts"] for row in rows] == [0, 0, 0, 0, 0, 2, 0]
    assert [(row["diagnosis"], row["share"]) for row in by_key([EXACT], {}, key="diagnosis")] == [
        ("step-twice", 1.0)
    ]


def test_misses_are_listed_with_what_was_told() -> None:
    """So that somebody can look."""
    assert misses([EXACT, SECOND]) == [
        {
            "name": "some--script",
            "exercise": "baseline",
            "expected": {"id": "step-twice", "stage": "update"},
            "told": [
                {"id": "loss-nan", "stage": "loop"},
                {"id": "step-twice", "stage": "update"},
            ],
        }
    ]
