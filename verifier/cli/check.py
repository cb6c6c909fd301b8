"""Command check: judge output that was captured elsewhere."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import click

from verifier import pipeline
from verifier.cli.labs import chosen_lesson
from verifier.cli.options import DEFAULT_EXERCISE, GivenPath, given_file, lab_options
from verifier.cli.output import feedback_option, output_options, tell_fault, tell_reports
from verifier.lab.feedback import Feedback, chosen_feedback
from verifier.task import load_task

if TYPE_CHECKING:
    from verifier.cli.output import Outputs


@click.command(short_help="Judge captured output; nothing is run.")
@click.argument("stdout", type=GivenPath(path_type=Path, allow_dash=True, readable=False))
@lab_options
@output_options
@feedback_option
def check(
    stdout: Path,
    root: Path | None,
    lab_id: str | None,
    exercise_id: str | None,
    out: Outputs,
    feedback: Feedback | None,
) -> int:
    """Judge captured output, within tolerance, without running anything.

    STDOUT is a file that holds what a script printed, or - for standard input.
    """
    lab = chosen_lesson(root, lab_id)
    task = load_task(lab, exercise_id or DEFAULT_EXERCISE)
    told = chosen_feedback(feedback, lab=lab, exercise=task.exercise, in_class=False)
    task = replace(task, feedback=told)
    graded = pipeline.check_captured(given_file(stdout, is_script=False), task=task)
    tell_fault(graded.fault)
    return tell_reports([graded.report], out)
