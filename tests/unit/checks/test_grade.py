"""Grading forgives layout and never forgives a number."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.exercises import matched
from tests.fakes import LAB_ROOT, PUBLISHED
from tests.unit.golden.test_golden import _golden
from verifier.checks.check import Check, Status, first_failed, in_debug_order
from verifier.checks.closeness import Apart, Bound, Close, Unlike, compare
from verifier.checks.grade import grade_output, match_findings
from verifier.golden.golden import golden_answers
from verifier.lab.field import sections_of
from verifier.lab.load import load_labs
from verifier.lab.stage import Stage
from verifier.output.match import match_output
from verifier.output.transcript import read_stdout

if TYPE_CHECKING:
    from verifier.output.value import Value

EXERCISE = load_labs(LAB_ROOT)["forward-backward"].exercise("baseline")
ANSWERS = golden_answers(_golden(), EXERCISE)


def _grade(stdout: bytes) -> tuple[Check, ...]:
    return in_debug_order(grade_output(matched(stdout, EXERCISE), answers=ANSWERS))


def _discreet(stdout: bytes) -> list[str | None]:
    checks = in_debug_order(
        grade_output(matched(stdout, EXERCISE), answers=ANSWERS, tells_near=False)
    )
    wrong = [check for check in checks if check.status is Status.FAILED]
    return [None if each.discreet is None else each.discreet.message for each in wrong]


def _failed(stdout: bytes) -> list[Check]:
    return [check for check in _grade(stdout) if check.status is Status.FAILED]


def _kinds(stdout: bytes) -> list[str]:
    return [finding.kind for finding in match_findings(matched(stdout, EXERCISE))]


def _sed(old: bytes, new: bytes) -> bytes:
    assert old in PUBLISHED
    return PUBLISHED.replace(old, new)


def _reversed_inside_sections() -> bytes:
    step, loop = PUBLISHED.split(b"mini_training_loop\n")
    head, *lines = step.splitlines(keepends=True)
    return (
        head
        + b"".join(reversed(lines))
        + b"mini_training_loop\n"
        + b"".join(reversed(loop.splitlines(keepends=True)))
    )


@pytest.mark.parametrize(
    "stdout",
    [
        PUBLISHED,
        _sed(b"0.825", b"0.8248512"),
        _sed(b"0.1927", b"0.1926"),
        _sed(b"= ", b" = "),
        _sed(b"= ", b": "),
        _sed(b"\n", b"\r\n"),
        b"\xef\xbb\xbf" + PUBLISHED,
        _sed(b"0.0560", b"0.056"),
        _sed(b"weight_grad=", b"about to look at the gradients\nweight_grad="),
        _sed(b"[[-0.1753, -0.3505]]", b"tensor([[-0.1753, -0.3505]])"),
        _sed(b"0.825", b"[[0.825]]"),
        PUBLISHED + b"my_experiment\nloss_before= 7\nstep=1 loss=3 pred=2\n",
        PUBLISHED + b"done\n",
        b"hello\n\n" + PUBLISHED,
        _reversed_inside_sections(),
        _sed(b"loss_before= 0.1927\n", b"loss_before= 0.1927\nloss_before= 0.19271\n"),
        _sed(b"step=", b"  step= "),
    ],
)
def test_other_layout_of_right_numbers_passes(stdout: bytes) -> None:
    """The lesson is about a training step, not about spaces."""
    assert _failed(stdout) == []


@pytest.mark.parametrize(
    ("stdout", "stage", "said"),
    [
        (
            _sed(b"0.825", b"0.827"),
            Stage.FORWARD,
            "prediction_before: expected 0.825, got 0.827; difference 0.002, allowed 0.001",
        ),
        (
            _sed(b"0.1927", b"0.1929"),
            Stage.LOSS,
            "loss_before: expected 0.1927, got 0.1929; difference 0.0002, allowed 0.0001",
        ),
        (
            _sed(b"-0.3505", b"-0.1753"),
            Stage.GRADIENT,
            (
                "weight_grad[0][1]: expected -0.3505, got -0.1753; difference 0.1752, "
                "allowed 0.0001 (mismatched elements: 1 / 2)"
            ),
        ),
        (
            _sed(b"[-0.1753]\n", b"None\n"),
            Stage.GRADIENT,
            "bias_grad: it is None, not a list of shape [1]",
        ),
        (
            _sed(b"[[-0.1753, -0.3505]]", b"[-0.1753, -0.3505]"),
            Stage.GRADIENT,
            "weight_grad: its shape is [2], not [1, 2]",
        ),
        (
            _sed(b"prediction_after= 0.888", b"prediction_after= 0.825"),
            Stage.UPDATE,
            "prediction_after: expected 0.888",
        ),
        (
            _sed(b"loss=0.0861", b"loss=nan"),
            Stage.LOOP,
            "loss at step=2: expected 0.0861, got nan, which is no finite number",
        ),
        (
            _sed(b"loss_before= 0.1927\n", b""),
            Stage.LOSS,
            "loss_before is missing: print it under the line one_training_step",
        ),
        (
            _sed(b"step=3 loss=0.0678 pred=0.934\n", b""),
            Stage.LOOP,
            "loss is missing: print it under the line mini_training_loop on a line with step=3",
        ),
        (
            _sed(b"0.1927", b"0.19"),
            Stage.OUTPUT,
            "loss_before is printed with 2 decimals, the lab asks for 4: round less",
        ),
        (_sed(b"one_training_step\n", b""), Stage.OUTPUT, "the line one_training_step is missing"),
        (
            PUBLISHED + b"step=6 loss=0.0417 pred=0.959\n",
            Stage.LOOP,
            "the lab asks for 5 rows; there is also step=6",
        ),
        (
            _sed(b"loss_before= 0.1927\n", b"loss_before= 0.1927\nloss_before= 0.5\n"),
            Stage.OUTPUT,
            "loss_before is printed 2 times with different values (lines 3, 4)",
        ),
        (_sed(b"0.1927", b"1_0"), Stage.LOSS, "loss_before: it is '1_0', not a number alone"),
        (_sed(b"0.1927", b"0.1927 0.5"), Stage.OUTPUT, "loss_before has 2 values on line 3"),
        (_sed(b"0.1927", b"19.27%"), Stage.LOSS, "loss_before: expected 0.1927, got 19.27"),
        (_sed(b"0.1927", b"0.1927 million"), Stage.LOSS, "not a number alone"),
        (b"", Stage.OUTPUT, "printed nothing that can be read"),
        (b"\n\n\x00\n", Stage.OUTPUT, "printed nothing that can be read"),
    ],
)
def test_wrong_output_fails_at_its_stage_and_says_why(
    stdout: bytes, stage: Stage, said: str
) -> None:
    """The stage is where a learner starts; the sentence can be checked by hand."""
    failed = _failed(stdout)

    assert first_failed(failed) is stage
    assert any(said in check.message for check in failed), [check.message for check in failed]


def test_numbers_of_a_failed_check_are_exact_decimals() -> None:
    """A program reads them without parsing the message."""
    (check,) = _failed(_sed(b"0.1927", b"0.1929"))

    assert (check.expected, check.observed, check.difference, check.allowed) == (
        "0.1927",
        "0.1929",
        "0.0002",
        "0.0001",
    )


def test_all_behind_a_wrong_loss_is_skipped() -> None:
    """Contract: a check behind a failed stage is skipped."""
    statuses = {check.stage: check.status for check in _grade(_sed(b"0.1927", b"0.5000"))}

    assert statuses == {
        Stage.OUTPUT: Status.PASSED,
        Stage.FORWARD: Status.PASSED,
        Stage.LOSS: Status.FAILED,
        Stage.GRADIENT: Status.SKIPPED,
        Stage.UPDATE: Status.SKIPPED,
        Stage.LOOP: Status.SKIPPED,
    }


@pytest.mark.parametrize("unit", [b" (BCE)", b" loss", b" %", b"%", b"nats", b" (before)", b"."])
def test_right_value_with_a_unit_passes_and_the_unit_is_named(unit: bytes) -> None:
    """The training is right; what stands behind its number is not asked for."""
    stdout = _sed(b"0.1927", b"0.1927" + unit)

    assert _failed(stdout) == []
    assert _kinds(stdout) == ([] if unit == b"." else ["unit"])


def test_unit_of_a_wrong_value_is_no_excuse() -> None:
    """The number is judged as ever."""
    (check,) = _failed(_sed(b"0.1927", b"0.1937 (BCE)"))

    assert (check.stage, check.difference) == (Stage.LOSS, "0.0010")


@pytest.mark.parametrize(
    ("printed", "stage"),
    [
        # round() drops zeros: 1.0 is what it makes of 0.99997.
        ([(b"pred=0.953", b"pred=1.0")], Stage.LOOP),
        ([(b"loss=0.0478", b"loss=0.0")], Stage.LOOP),
        # The rows around it have all their digits, so 0.95 was 0.950.
        ([(b"pred=0.953", b"pred=0.95")], Stage.LOOP),
        ([(b"prediction_after= 0.888", b"prediction_after= 0.89")], Stage.OUTPUT),
        (
            [
                (b"pred=" + each, b"pred=" + each[:4])
                for each in (b"0.888", b"0.918", b"0.934", b"0.945", b"0.953")
            ],
            Stage.OUTPUT,
        ),
    ],
)
def test_rounded_is_said_only_of_what_was_rounded(
    printed: list[tuple[bytes, bytes]], stage: Stage
) -> None:
    """A wrong value that `round` left few digits fails at its own stage."""
    stdout = PUBLISHED
    for old, new in printed:
        assert old in stdout
        stdout = stdout.replace(old, new)

    assert first_failed(_failed(stdout)) is stage


def test_one_decimal_is_said_in_the_singular() -> None:
    """A sentence for people."""
    failed = _failed(_sed(b"0.1927", b"0.2"))

    assert failed[0].message.startswith("loss_before is printed with 1 decimal, the lab asks")


@pytest.mark.parametrize("shape", [b"=== %b ===", b"# %b", b"[%b]", b"--- %b ---", b"%b:"])
def test_decorated_section_lines_are_the_labs_lines(shape: bytes) -> None:
    """What is drawn around a word is no mistake of training."""
    stdout = PUBLISHED
    for name in (b"one_training_step", b"mini_training_loop"):
        stdout = stdout.replace(name, shape % name)

    assert _failed(stdout) == []
    assert _kinds(stdout) == []


def test_decimal_comma_is_shown_as_it_was_printed() -> None:
    """Not as the number in front of it, which nobody wrote."""
    stdout = _sed(b"0.825", b"0,825").replace(b"loss_after= 0.1183", b"loss_after= 0.1183,0.1183")
    (failed,) = _failed(stdout)
    said = [each.message for each in match_findings(matched(stdout, EXERCISE))]

    assert (failed.name, failed.observed, failed.difference) == ("prediction_before", "0,825", None)
    assert failed.message == (
        "prediction_before: expected 0.825, got 0,825, of which the comma makes two values"
    )
    assert said == [
        "prediction_before is printed as 0,825; its first number is judged",
        "loss_after is printed as 0.1183,0.1183; its first number is judged",
    ]


def test_values_that_a_blank_parts_are_no_decimal_comma() -> None:
    """The first one is judged, and shown alone."""
    (failed,) = [e for e in _failed(_sed(b"0.825", b"0, 825")) if e.name == "prediction_before"]

    assert (failed.observed, failed.difference) == ("0", "0.825")


def test_repeats_and_extra_values_are_named_but_do_not_fail() -> None:
    """A learner may print more; a reader should know."""
    stdout = _sed(b"loss_before= 0.1927\n", b"loss_before= 0.1927\nloss_before= 0.1927\nlr= 0.5\n")

    assert _failed(stdout) == []
    assert _kinds(stdout) == ["repeated_reading", "extra_reading"]


def test_nothing_beside_the_labs_lines_gives_no_finding() -> None:
    """The published output is quiet."""
    assert _kinds(PUBLISHED) == []


def test_bare_list_inside_a_section_is_an_extra_reading() -> None:
    """It has no key to name."""
    (finding,) = match_findings(matched(_sed(b"bias_grad=", b"[[1.0, 2.0]]\nbias_grad="), EXERCISE))

    assert finding.message == "a bare list is not asked for under one_training_step"


@given(st.binary(max_size=300))
def test_grading_never_raises_whatever_was_printed(noise: bytes) -> None:
    """A crash of the grader would be the learner's to trigger."""
    for stdout in (noise, PUBLISHED + noise, PUBLISHED.replace(b"0.1927", noise)):
        assert _grade(stdout)
        match_findings(matched(stdout, EXERCISE))


def test_values_under_a_learners_own_section_are_a_finding() -> None:
    """A reader sees that they were not judged."""
    assert _kinds(PUBLISHED + b"again\nloss= 9\n") == ["not_judged"]


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        (b"0.1927", b"0.1930", "loss_before is not right"),
        (b"0.1927", b"0.193", "loss_before is not right"),
        (
            b"0.1927",
            b"7",
            "loss_before is not right as printed, with 0 decimals; the lab asks for 4",
        ),
        (b"0.1927", b"nan", "loss_before is no finite number"),
        (b"0.1927", b"much", "loss_before: it is 'much', not a number alone"),
        (
            b"loss_before= 0.1927",
            b"loss_before= 0.2",
            "loss_before is not right as printed, with 1 decimal; the lab asks for 4",
        ),
        (b"[[-0.1753, -0.3505]]", b"[[-0.2, -0.4]]", "weight_grad is not right"),
        (b"[[-0.1753, -0.3505]]", b"[[nan, -0.4]]", "weight_grad is not right"),
        (
            b"[[-0.1753, -0.3505]]",
            b"-0.1753",
            "weight_grad: it is not of the kind and shape asked for",
        ),
    ],
)
def test_a_wrong_value_can_be_told_without_the_right_one(old: bytes, new: bytes, said: str) -> None:
    """In words that would be the same, were the right one another."""
    assert _discreet(_sed(old, new)) == [said]


def test_candidates_are_not_told_apart_by_whether_one_is_right() -> None:
    """The first is judged, as a finding says; that others are not right is told where it is."""
    line = b"loss_before= 0.1927\n"
    assert _discreet(_sed(line, b"loss_before= 0.5555\n" + line)) == ["loss_before is not right"]
    assert _discreet(_sed(line, line + b"loss_before= 0.5555\n")) == [None]


@pytest.mark.parametrize(
    "magnitude",
    [
        b" x10^-3", b"*10**-3", " ×10⁻³".encode(), b" e-3", b" million", b" Mio", b" * 1e-3",
        b" x 1000", b" *1e-3", b" x1e-3", b" e - 3", b" times 10", b" (x 1000)", b" (in thousands)",
        " (×10⁻³)".encode(), b" [million]", b" thousandths", b" milli", b"**2", b"^2", b" lakh",
        "·10^-3".encode(), b"M", b" k",
    ],
)  # fmt: skip
def test_magnitude_behind_a_number_makes_another_number(magnitude: bytes) -> None:
    """It is no unit: it fails, and is not said to be left out of account."""
    stdout = _sed(b"loss_before= 0.1927", b"loss_before= 0.1927" + magnitude)

    assert [check.name for check in _failed(stdout)][:1] == ["loss_before"]
    assert "unit" not in _kinds(stdout)


@pytest.mark.parametrize(
    "magnitude", [b" x10^-3", b" e-3", b"e-3", b" * 2", b" million", b" (x10)"]
)
def test_magnitude_behind_a_list_makes_other_numbers(magnitude: bytes) -> None:
    """As behind a number."""
    failed = _failed(_sed(b"bias_grad= [-0.1753]", b"bias_grad= [-0.1753]" + magnitude))

    assert [check.name for check in failed][:1] == ["bias_grad"]
    assert "not numbers alone" in failed[0].message


@pytest.mark.parametrize("magnitude", [b" x 1000", b" * 1e-3"])
def test_magnitude_before_another_key_makes_another_number(magnitude: bytes) -> None:
    """It stands within its line."""
    assert _failed(_sed(b"loss=0.0861", b"loss=0.0861" + magnitude))[0].name == "loss at step=2"


@pytest.mark.parametrize(
    "remark",
    [
        b" (x1)", b" (two inputs)", b" ** best", b" * see below", b" kept", b" Tensor", b" (e.g.)",
        b" +/- 0.1", b" mean of 1", " · 10 steps".encode(), b" (k)",
    ],
)  # fmt: skip
def test_remark_that_only_looks_like_a_magnitude_is_none(remark: bytes) -> None:
    """A right submission is never accused."""
    assert _failed(_sed(b"loss_before= 0.1927", b"loss_before= 0.1927" + remark)) == []


@pytest.mark.parametrize("remark", [b" (dL/db)", b" [bias]", b" (first)"])
def test_remark_behind_a_list_is_no_second_value(remark: bytes) -> None:
    """As behind a number."""
    assert _failed(_sed(b"bias_grad= [-0.1753]", b"bias_grad= [-0.1753]" + remark)) == []


def _without_steps(stdout: bytes) -> bytes:
    lines = stdout.splitlines(keepends=True)
    return b"".join(line.split(b" ", 1)[1] if line.startswith(b"step=") else line for line in lines)


def test_headline_inside_a_section_changes_nothing() -> None:
    """Signs around a word make it pretty; only the lab's words open a section."""
    row = b"step=6 loss=0.0416 pred=0.959\n"
    one, halfway = _without_steps(PUBLISHED), b"--- halfway ---\n"
    beyond = _failed(PUBLISHED + b"--- extra ---\n" + row)

    assert ["also step=6" in check.message for check in beyond] == [True]
    assert _failed(one.replace(b"loss=0.0678", halfway + b"loss=0.0678")) == []
    assert _kinds(_sed(b"step=3", halfway + b"step=3")) == []


@pytest.mark.parametrize("word", [b"extra ---\n", b"extra ===\n", b"extra >>>\n"])
def test_signs_behind_a_word_make_a_headline_too(word: bytes) -> None:
    """As those in front of it do."""
    (check,) = _failed(PUBLISHED + word + b"step=6 loss=0.0416 pred=0.959\n")

    assert "also step=6" in check.message


@pytest.mark.parametrize("word", [b"halfway\n", b"halfway:\n", b"- halfway\n"])
def test_row_that_is_judged_is_not_said_to_be_left_out(word: bytes) -> None:
    """A word of the learner's own stands between the rows, which count all the same."""
    stdout = _sed(b"step=3", word + b"step=3")

    assert (_failed(stdout), _kinds(stdout)) == ([], [])


def test_row_under_a_word_of_ones_own_is_told_by_its_values() -> None:
    """They are not judged; the number of the row says nothing by itself."""
    stdout = PUBLISHED + b"debug\nstep=3 loss=0.5\n"

    assert [each.message for each in match_findings(matched(stdout, EXERCISE))] == [
        "loss under debug is not judged: the one under mini_training_loop is"
    ]


def test_what_was_read_in_place_of_a_missing_value_is_named() -> None:
    """Where an address takes more than a section and a key; nothing is guessed that is not near."""
    field = replace(
        EXERCISE.fields[0], section="", label="sgd", key="weight", where=(("step", "1"),)
    )
    answers = {field: read_stdout(b"sgd step=1 weight=0.5\n").readings[1]}
    exercise = replace(EXERCISE, sections=sections_of([field]), relations=())

    def said(printed: bytes) -> str:
        match = match_output(read_stdout(printed), exercise)
        return grade_output(match, answers=answers)[0].message

    assert said(b"sgd step=1 weihgt=0.5\n") == (
        "sgd weight is missing: print it behind sgd on a line with step=1; "
        "the nearest that was read is `sgd weihgt` on line 1"
    )
    assert said(b"sgd step=1 loss=0.5\n").endswith("on a line with step=1")
    assert said(b"other= 1\n").endswith("on a line with step=1")


@pytest.mark.parametrize(
    ("golden", "printed", "says"),
    [
        ("True", "False", "x is not right"),
        ("[True, False]", "[True, True]", "x is not right"),
        ("LayerNorm", "BatchNorm", "x is not right"),
        ("[0.5, 0.25]", "[0.5]", "x: it is not of the kind and shape asked for"),
    ],
)
def test_a_wrong_word_is_of_the_right_kind(golden: str, printed: str, says: str) -> None:
    """What is told where no golden value may be told is true as well."""
    field = replace(EXERCISE.fields[0], section="", key="x", decimals=2)
    exercise = replace(EXERCISE, sections=sections_of([field]), relations=())
    (reading,) = read_stdout(f"x= {golden}\n".encode()).readings
    match = match_output(read_stdout(f"x= {printed}\n".encode()), exercise)
    (check,) = grade_output(match, answers={field: reading})

    assert check.discreet is not None
    assert check.discreet.message == says


def test_a_value_is_compared_as_often_as_it_is_printed(monkeypatch: pytest.MonkeyPatch) -> None:
    """It is most of what judging costs."""
    compared: list[Value] = []

    def counted(*, observed: Value, golden: Value, bound: Bound) -> Close | Apart | Unlike:
        compared.append(observed)
        return compare(observed=observed, golden=golden, bound=bound)

    monkeypatch.setattr("verifier.checks.grade.compare", counted)
    assert all(check.status is Status.PASSED for check in _grade(PUBLISHED))
    assert len(compared) == len(EXERCISE.fields)
