"""The checks of `verify`: the text that the reference prints, compared with its golden, exactly."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING

from verifier.checks.check import Check, Status, failed, passed
from verifier.golden.golden import reading_name
from verifier.golden.record import Gradients
from verifier.lab.stage import Stage
from verifier.output.value import numbers_in, value_to_json
from verifier.printable import printable

if TYPE_CHECKING:
    from verifier.golden.golden import Golden
    from verifier.golden.record import Record
    from verifier.lab.spec import Exercise
    from verifier.output.transcript import Reading
    from verifier.output.value import Json


def verify_output(
    stdout: bytes, *, record: Record, exercise: Exercise, golden: Golden
) -> tuple[Check, ...]:
    """Compare an output with its golden record: texts, values, lines, the evidence drawn from them.

    Returns:
        Every check, judged for itself; `in_debug_order` skips those after a failed stage.
    """
    stages = {(field.section, field.key): field.stage for field in exercise.fields}
    for section in exercise.sections:
        stages[section.name, section.row_key or ""] = section.fields[0].stage
    # What no two runs print alike is published by nobody.
    unsteady = set() if golden.derived is None else {*golden.derived.unsteady}
    observed = {reading.address: reading for reading in record.readings}
    wanted = {reading.address for reading in golden.record.readings}
    checks = [
        _reading_check(
            observed.get(reading.address),
            reading,
            _stage(stages, reading),
            # Where fields are derived, NaN is none: a lesson may print it on purpose.
            may_be_nan=golden.derived is not None,
        )
        for reading in golden.record.readings
        if reading_name(reading) not in unsteady
    ]
    checks += [
        failed(
            _stage(stages, reading), reading_name(reading), "printed, but not in the golden record"
        )
        for reading in record.readings
        if reading.address not in wanted
    ]
    if golden.record.readings:
        checks.append(_printed_check(record))
    if all(check.status is Status.PASSED for check in checks):
        # Beside a changed value these would only say the same again, with less.
        checks += _before_after_checks(record, golden, exercise)
        checks += [] if unsteady else [_bytes_check(stdout, golden)]
    return tuple(checks)


def _stage(stages: dict[tuple[str, str], Stage], reading: Reading) -> Stage:
    return stages.get((reading.section or "", reading.key or ""), Stage.OUTPUT)


def _reading_check(
    observed: Reading | None, golden: Reading, stage: Stage, *, may_be_nan: bool
) -> Check:
    name = reading_name(golden)
    if observed is None:
        return Check(
            stage=stage,
            name=name,
            status=Status.FAILED,
            message=f"{name}: {printable(golden.text)} is published, but not printed",
            expected=golden.text,
        )
    problem = _difference(observed, golden, may_be_nan=may_be_nan)
    return Check(
        stage=stage,
        name=name,
        status=Status.PASSED if problem is None else Status.FAILED,
        message="printed as published" if problem is None else f"{name}: {problem}",
        expected=printable(golden.text),
        observed=printable(observed.text),
    )


def _difference(observed: Reading, golden: Reading, *, may_be_nan: bool) -> str | None:
    if observed.text != golden.text:
        return f"{printable(golden.text)} is published, {printable(observed.text)} is printed"
    is_finite = all(number.is_finite() for number in numbers_in(observed.value))
    if not is_finite and not may_be_nan:
        return f"{printable(observed.text)} is no finite number: nothing that can be published"
    if value_to_json(observed.value) != value_to_json(golden.value):
        return "the golden's own text and value disagree: it was edited by hand"
    if observed.decimals != golden.decimals:
        return "the golden's own text and decimals disagree: it was edited by hand"
    if observed.line != golden.line:
        return f"it is published on line {golden.line}, printed on line {observed.line}"
    return None


def _printed_check(record: Record) -> Check:
    name = "anything_printed"
    if record.readings:
        return passed(Stage.OUTPUT, name, "the output can be read")
    return failed(Stage.OUTPUT, name, "nothing that can be read was printed")


def _before_after_checks(record: Record, golden: Golden, exercise: Exercise) -> list[Check]:
    stages = {(field.section, field.key): field.stage for field in exercise.fields}
    now, published = _evidence(record), _evidence(golden.record)
    return [
        Check(
            stage=stages[place],
            name=f"before_after {name}",
            status=Status.PASSED if now[name] == published[name] else Status.FAILED,
            message="as published"
            if now[name] == published[name]
            else f"{name} in the before/after record is not the published one",
            expected=printable(str(published[name])),
            observed=printable(str(now[name])),
        )
        for name, place in exercise.before_after.items()
    ]


def _evidence(record: Record) -> dict[str, Json]:
    evidence = record.before_after
    gradient = evidence.gradient_seen or Gradients(weight_grad=None, bias_grad=None)
    values = {
        "prediction_before": evidence.prediction_before,
        "loss_before": evidence.loss_before,
        "weight_grad": gradient.weight_grad,
        "bias_grad": gradient.bias_grad,
        "prediction_after": evidence.prediction_after,
        "loss_after": evidence.loss_after,
    }
    return {name: value_to_json(value) for name, value in values.items()}


def _bytes_check(stdout: bytes, golden: Golden) -> Check:
    name = "bytes"
    if hashlib.sha256(stdout).hexdigest() == golden.provenance.stdout_sha256:
        return passed(Stage.OUTPUT, name, "the whole output is the golden one, to the byte")
    return failed(
        Stage.OUTPUT, name, "the output is not byte-identical to the one the golden was made from"
    )
