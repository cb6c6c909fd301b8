"""Only a script that ran to its end with status 0 has run."""

from __future__ import annotations

import dataclasses

import pytest

from tests.exercises import matched
from tests.fakes import LIMITS, PUBLISHED, run_result
from tests.unit.diagnosis.diagnosing import EXERCISE
from verifier.checks.check import Status
from verifier.checks.ending import (
    check_ending,
    ended_itself,
    ending_checks,
    traceback_findings,
)
from verifier.lab.stage import Stage
from verifier.run.interface import Exited, Killed, Outcome, OutputFlood, TimedOut


def test_exit_status_zero_passes() -> None:
    """Whatever is on standard error: warnings are no failure."""
    run = run_result(stderr=b"UserWarning: something\n")

    assert check_ending(run, limits=LIMITS).status is Status.PASSED
    assert traceback_findings(run) == ()


@pytest.mark.parametrize(
    ("outcome", "stderr", "said"),
    [
        (Exited(code=3), b"", "ended with exit status 3"),
        (Exited(code=1), b"", "ended with exit status 1"),
        (Exited(code=1), b"Traceback\nValueError: bad\n", "stopped with an error: ValueError: bad"),
        (
            Exited(code=1),
            b'  File "submission.py"\nSyntaxError: invalid syntax\n',
            "could not read the script",
        ),
        (Exited(code=1), b"IndentationError: unexpected indent\n", "could not read the script"),
        (Exited(code=1), b"MemoryError\n", "asked for more memory"),
        (
            Exited(code=1),
            b'  File "/usr/lib/multiprocessing/context.py", line 68, in Lock\nOSError: x\n',
            "num_workers=0",
        ),
        (Exited(code=1), b"RuntimeError: can't start new thread\n", "one process alone"),
        (Exited(code=1), b"BlockingIOError: [Errno 11] Resource\n", "one process alone"),
        (Exited(code=1), b"RuntimeError: x: can't allocate memory: y\n", "asked for more memory"),
        (Exited(code=1), b"\xff\x1b]0;title\x07 word\x1b[31m\n", r"\x1b]0;title\x07 word"),
        (Killed(signal=9), b"", "most likely because it ran out of memory"),
        (Killed(signal=11), b"", "killed by SIGSEGV"),
        (Killed(signal=99), b"", "killed by signal 99"),
        (TimedOut(), b"", "still running after 10 s"),
        (TimedOut(), b"", "it computed for 0.4 s only: look for a sleep"),
        (OutputFlood(stream="stdout"), b"", "printed without end on stdout"),
    ],
)
def test_other_ending_fails_and_is_said_in_words(
    outcome: Outcome, stderr: bytes, said: str
) -> None:
    """Each has its own sentence: a learner cannot do anything with a number."""
    check = check_ending(run_result(outcome=outcome, stderr=stderr), limits=LIMITS)

    assert check.status is Status.FAILED
    assert said in check.message


@pytest.mark.parametrize("cpu_s", [9.5, None])
def test_time_out_of_a_script_that_computed_all_along_is_a_loop(cpu_s: float | None) -> None:
    """Nobody should look for a sleep there."""
    run = dataclasses.replace(run_result(outcome=TimedOut()), cpu_s=cpu_s)

    assert "look for a loop that never ends" in check_ending(run, limits=LIMITS).message


def test_traceback_of_a_failed_run_is_kept_printable() -> None:
    """It is the best clue there is, and it is a stranger's text."""
    run = run_result(outcome=Exited(code=1), stderr=b"Traceback\n  line\x1b[0m\r\nValueError\n")
    (finding,) = traceback_findings(run)

    assert (finding.kind, finding.message) == ("stderr", "Traceback\n  line\\x0d\nValueError")


def test_line_of_the_script_is_named_even_where_torch_raised() -> None:
    """The last frame of the learner's own file, not of a package."""
    stderr = (
        b'Traceback (most recent call last):\n  File "submission.py", line 3, in <module>\n'
        b'  File "submission.py", line 12, in train\n'
        b'  File "/usr/lib/torch/nn.py", line 900, in f\nValueError: bad\n'
    )
    check = check_ending(run_result(outcome=Exited(code=1), stderr=stderr), limits=LIMITS)

    assert check.message == (
        "the script stopped with an error: ValueError: bad (line 12 of the script)"
    )


def test_silent_failure_leaves_no_finding() -> None:
    """There is nothing to show."""
    assert traceback_findings(run_result(outcome=TimedOut(), stderr=b" \n")) == ()


def _ended(stdout: bytes, outcome: Outcome, stderr: bytes) -> list[tuple[Stage, str, Status, str]]:
    run = run_result(stdout, outcome=outcome, stderr=stderr)
    checks = ending_checks(run, limits=LIMITS, match=matched(stdout, EXERCISE), exercise=EXERCISE)
    return [(each.stage, each.name, each.status, each.message) for each in checks]


@pytest.mark.parametrize(
    ("code", "stderr", "said"),
    [
        (1, b"finished\n", "(finished): if that text was given to exit()"),
        (1, b"INFO:root:done\n", "(INFO:root:done): if that text was given to exit()"),
        (1, b"<string>:3: UserWarning: x\n", "UserWarning: x): if that text was given to exit()"),
        (1, b"UserWarning: x\nfinished\n", "(finished): if that text was given to exit()"),
        (1, b"", "ended with exit status 1"),
        (3, b"", "ended with exit status 3"),
        (120, b"Exception ignored in: <stdout>\n", "ended with exit status 120"),
    ],
)
def test_status_after_all_was_printed_fails_the_last_stage_alone(
    code: int, stderr: bytes, said: str
) -> None:
    """The training is right and was judged; its last line says that something went wrong."""
    ran, status = _ended(PUBLISHED, Exited(code=code), stderr)

    assert ran == (Stage.RUN, "script_ran", Status.PASSED, "the script ran to its end")
    assert status[:3] == (Stage.LOOP, "exit_status", Status.FAILED)
    assert said in status[3]


@pytest.mark.parametrize(
    ("stdout", "outcome", "stderr"),
    [
        (PUBLISHED, Exited(code=1), b"Traceback (most recent call last):\nValueError: x\n"),
        (PUBLISHED, Exited(code=1), b'  File "submission.py", line 1\nSyntaxError: x\n'),
        (PUBLISHED.replace(b"pred=0.953", b""), Exited(code=1), b"finished\n"),
        (PUBLISHED.replace(b"mini_training_loop\n", b""), Exited(code=1), b"finished\n"),
        (PUBLISHED, Killed(signal=11), b""),
        (PUBLISHED, TimedOut(), b""),
        (b"", Exited(code=1), b""),
    ],
)
def test_other_ending_is_the_scripts_own(stdout: bytes, outcome: Outcome, stderr: bytes) -> None:
    """An error, a signal, or a line that is still due: it did not run to its end."""
    ((stage, name, status, _),) = _ended(stdout, outcome, stderr)

    assert (stage, name, status) == (Stage.RUN, "script_ran", Status.FAILED)


def _raised(kind: bytes, message: bytes) -> bytes:
    return (
        b'Traceback (most recent call last):\n  File "submission.py", line 57, in <module>\n'
        b"    raise " + kind + b"\n" + kind + b": " + message + b"\n"
    )


GROUP = b"""  + Exception Group Traceback (most recent call last):
  |   File "submission.py", line 57, in <module>
  |     raise ExceptionGroup("all", [ValueError("bad")])
  | ExceptionGroup: all (1 sub-exception)
  +-+---------------- 1 ----------------
    | Traceback (most recent call last):
    |   File "submission.py", line 12, in step
    |     raise ValueError("bad")
    | ValueError: bad
    +------------------------------------
"""


@pytest.mark.parametrize(
    ("stderr", "said"),
    [
        (GROUP, "ExceptionGroup: all (1 sub-exception) (line 57 of the script)"),
        (_raised(b"ValueError", b"x\n" * 9000), "ValueError: x (line 57 of the script)"),
        (_raised(b"ValueError", b"x" * 18_000), "(line 57 of the script)"),
    ],
)
def test_error_is_named_however_it_is_written(stderr: bytes, said: str) -> None:
    """With a margin as a group has one, or with a message of many lines."""
    ((_, _, _, message),) = _ended(PUBLISHED, Exited(code=1), stderr)

    assert message.startswith("the script stopped with an error: ")
    assert message.endswith(said)


@pytest.mark.parametrize("line", [b"x\n", b"x"])
def test_error_whose_traceback_is_cut_away_is_not_called_an_exit(line: bytes) -> None:
    """Of standard error the end is kept: what is as long as that may have lost its head."""
    stderr = (line * LIMITS.stderr_limit_bytes)[: LIMITS.stderr_limit_bytes]

    ((_, _, _, message),) = _ended(PUBLISHED, Exited(code=1), stderr)

    assert "ended itself" not in message
    assert "exit()" not in message


def test_end_without_a_status_is_one_check() -> None:
    """As ever."""
    assert [each[2] for each in _ended(PUBLISHED, Exited(code=0), b"")] == [Status.PASSED]


def test_exit_text_before_the_end_is_not_called_an_error() -> None:
    """Python raised none: the script itself said so."""
    run = run_result(outcome=Exited(code=1), stderr=b"done with step one\n")

    message = check_ending(run, limits=LIMITS).message

    assert message.startswith("the script ended itself with exit status 1, and the last")
    assert "(done with step one)" in message


@pytest.mark.parametrize(
    ("said", "shown"),
    [
        (b"ValueError: bad\n", "ValueError: bad"),
        (
            b"RuntimeError: sizes\n\nleft is [2]\nright is [3]\n",
            "RuntimeError: sizes",
        ),
        (
            b"RuntimeError: sizes:\n  left is [2]\n",
            "RuntimeError: sizes: left is [2]",
        ),
        (b"torch.linalg.LinAlgError: \n\nsingular\n", "LinAlgError: singular"),
        (b"KeyError: 'x'\nnote: added by hand\n", "KeyError: 'x'"),
        (b"KeyboardInterrupt\n", "KeyboardInterrupt"),
        (b"nothing like it\nlast\n", "last"),
    ],
)
def test_error_of_several_lines_is_told_by_the_one_that_names_it(said: bytes, shown: str) -> None:
    """Its last line alone would be a riddle."""
    frames = b'Traceback (most recent call last):\n  File "submission.py", line 3, in f\n    f()\n'
    run = run_result(outcome=Exited(code=1), stderr=b"Traceback:\n" + frames + said)

    message = check_ending(run, limits=LIMITS).message

    assert message == f"the script stopped with an error: {shown} (line 3 of the script)"


@pytest.mark.parametrize(
    ("cpu_s", "said", "never"),
    [(0.4, "look for a sleep", "loop that"), (2.0, "loop that never ends", "sleep")],
)
def test_busy_machine_is_no_sleep(cpu_s: float, said: str, never: str) -> None:
    """Who got a fifth of the processor has computed all along."""
    run = dataclasses.replace(run_result(outcome=TimedOut()), cpu_s=cpu_s)
    message = check_ending(run, limits=LIMITS).message

    assert said in message
    assert never not in message


@pytest.mark.parametrize(
    "stderr",
    [
        b"  + Exception Group Traceback (most recent call last):\n  | ExceptionGroup: two\n",
        b'Traceback (most recent call last):\n  File "submission.py", line 3, in <module>\n'
        b"ValueError: " + b"x" * 20_000 + b"\n",
    ],
)
def test_error_of_pythons_is_no_status_of_the_scripts(stderr: bytes) -> None:
    """However it is drawn, and however long it is."""
    assert not ended_itself(run_result(outcome=Exited(code=1), stderr=stderr))


def test_warning_is_no_text_given_to_exit() -> None:
    """A script that warns, and then ends with status 1, gave exit() no text."""
    stderr = b'submission.py:60: UserWarning: careful\n  warnings.warn("careful")\n'
    run = run_result(PUBLISHED, outcome=Exited(code=1), stderr=stderr)
    match = matched(PUBLISHED, EXERCISE)
    checks = ending_checks(run, limits=LIMITS, match=match, exercise=EXERCISE)

    assert "given to exit()" not in checks[-1].message
    assert "exit status 1" in checks[-1].message


def test_frames_of_libraries_are_left_out_of_what_is_shown() -> None:
    """Eighty lines of a compiler hide the one of the script's that matters."""
    library = b'  File "/usr/lib/torch/x.py", line 9, in call\n    return f()\n           ^^^\n'
    stderr = (
        b'Traceback (most recent call last):\n  File "submission.py", line 3, in <module>\n'
        b"    model(x)\n" + library * 40 + b"ValueError: bad\n\nYou can suppress it\n"
    )
    (finding,) = traceback_findings(run_result(outcome=Exited(code=1), stderr=stderr))

    assert finding.message == (
        'Traceback (most recent call last):\n  File "submission.py", line 3, in <module>\n'
        "    model(x)\n  … inside Python and its libraries …\nValueError: bad\n\n"
        "You can suppress it"
    )


def test_long_standard_error_is_shortened_in_linear_time() -> None:
    """Whatever it holds."""
    for stderr in (b'  File "x", line 1\n' * 4_000, b"   \n" * 20_000, b'  File "' * 10_000):
        assert len(traceback_findings(run_result(outcome=Exited(code=1), stderr=stderr))) <= 1
