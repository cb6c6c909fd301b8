"""Grade hostile runs until the time is up: judge, write every report, and read the row back.

Run ``python tests/fuzz/fuzz_pipeline.py --seconds 20``. Each case is made from a seed of its own:
a failure prints it, and ``--case`` repeats it alone.
"""

from __future__ import annotations

import argparse
import hashlib
import os
import random
import sys
import tempfile
import time
import traceback
from dataclasses import dataclass, replace
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent.parent))

from tests.fakes import LAB_ROOT, PUBLISHED, TRACE, FakeRunner, run_result
from verifier import pipeline
from verifier.batch.folder import ResultsFolder
from verifier.batch.journal import Journal
from verifier.lab.feedback import Feedback
from verifier.lab.load import load_labs
from verifier.report.github import github_reports
from verifier.report.gradebook import gradebook
from verifier.report.html import html_report
from verifier.report.json import json_reports
from verifier.report.junit import junit_reports
from verifier.report.markdown import markdown_reports
from verifier.report.report import report_to_json
from verifier.report.row import Row, parse_row, row_line, row_of
from verifier.report.tally import Tally, entry_of
from verifier.report.text import text_reports
from verifier.run.interface import (
    PLAIN,
    Examination,
    Exited,
    Killed,
    Limits,
    Outcome,
    OutputFlood,
    RunResult,
    TimedOut,
)
from verifier.submission import Submission
from verifier.task import Task, load_task

MOST_S = 1.0
"""CPU seconds that grading and reporting one run of a mebibyte may take."""
MOST_ROW_BYTES = 1024 * 1024
MOST_MEMORY_BYTES = 300 * 1024 * 1024
"""Of this process."""
MEBIBYTE = 1024 * 1024

LAB = load_labs(LAB_ROOT)["forward-backward"]
TASKS = [
    replace(load_task(LAB, name), feedback=feedback)
    for name in sorted(LAB.exercises)
    for feedback in Feedback
]
SCRIPTS = sorted({task.exercise.script.read_bytes() for task in TASKS})
TENSOR = b'"shape":[1,1],"dtype":"float32","grad":true,"fn":null,"v":["0x1.8p-1","nan"]'
TRACES = [
    TRACE,
    b'{"e":"seed","line":3,"seed":42,"params":0}\n',
    b'{"e":"model","line":4,"id":1,"class":"S","params":[{"id":2,"name":"w",%s}]}\n' % TENSOR,
    b'{"e":"optimizer","line":5,"id":3,"class":"SGD","groups":[{"lr":"0x1p-1","params":[2]}]}\n',
    b'{"e":"forward","line":6,"id":1,"class":"S","depth":0,"grad":true,"in":[{%s}],"out":{%s}}\n'
    % (TENSOR, TENSOR),
    b'{"e":"loss","line":7,"fn":"binary_cross_entropy","input":{%s},"target":{%s},"out":{%s}}\n'
    % (TENSOR, TENSOR, TENSOR),
    b'{"e":"zero_grad","line":8,"of":"optimizer","id":3}\n',
    b'{"e":"clear","line":8,"params":[2]}\n',
    b'{"e":"backward","line":9,"root":{%s},"params":[{"id":2,"before":null,"after":["0x1p-1"]}],'
    b'"reached":[2]}\n' % TENSOR,
    b'{"e":"step","line":9,"class":"SGD","id":3,"params":[{"id":2,"before":["0x1p-1"],%s}]}\n'
    % b'"after":["0x1p-2"],"grad":["0x1p-1"]',
    b'{"e":"change","line":10,"params":[{"id":2,"before":["inf"],"after":["0x1p+1000"]}]}\n',
    b'{"e":"end","events":9,"dropped":0}\n',
]
ERRORS = [
    b"",
    b'Traceback (most recent call last):\n  File "submission.py", line 3, in <module>\n',
    b"RuntimeError: Boolean value of Tensor\n",
    b"NameError: name 'modle' is not defined. Did you mean: 'model'?\n",
    b"ModuleNotFoundError: No module named 'x'\n",
    b"SyntaxError: invalid syntax\n",
    b"TypeError: forward() takes 1 positional argument but 2 were given\n",
    b"RuntimeError: mat1 and mat2 shapes cannot be multiplied (1x2 and 3x1)\n",
]
WORDS = [
    *(bytes([byte]) for byte in b"\n\r\t\0\x1b\x9b\xff[](){}=:,;|<>'\"\\-+._%0e #&"),
    b"\n ", b"\x1b[31m", b"tensor(", b"grad_fn=<", b"-> ", b"nan", b"inf", b"1e308", b"1e-9999",
    b"9" * 400, b"9" * 5_000, b"0x" + b"f" * 300, b"%d" % (2**61 - 1), b"-0", b"None", b"True",
    b"[" * 40, b"(" * 150, b'f"{', b"lambda:", b"]]>", b"<script>", b"##[error]", b"::error::",
    "\u202e".encode(), "\u2028".encode(), "\U00020000".encode(), "：".encode(),  # noqa: RUF001
    b"mini_training_loop\n", b"one_training_step\n", b"step=3 ", b"loss=", b"pred=0.888 ",
    b"# coding: latin-1\n", b"=cmd|'/c'!A1", b"\xed\xa0\x80",
]  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """One submission, and what its runs gave."""

    task: Task
    source: bytes
    first: RunResult
    again: RunResult


class Runner(FakeRunner):
    """Gives a case's runs."""

    def __init__(self, case: Case) -> None:
        super().__init__(case.first)
        self._case = case

    def run(self, source: bytes, *, limits: Limits, examination: Examination = PLAIN) -> RunResult:
        """Pretend."""
        del source, limits
        run = self._case.again if examination.seed_shift else self._case.first
        return run if examination.trace else replace(run, trace=b"")


def made(chance: random.Random) -> Case:
    """Make a case."""
    task = chance.choice(TASKS)
    stdout = damaged(chance, [PUBLISHED, _golden(task)], 1_048_576)
    same = chance.random() < 0.5
    again = stdout if same else damaged(chance, [PUBLISHED, _golden(task)], MEBIBYTE)
    first = replace(
        run_result(stdout, outcome=_outcome(chance), trace=_trace(chance)),
        stderr=damaged(chance, [b"".join(chance.choices(ERRORS, k=4))], 65_536),
        rerun=None if chance.random() < 0.5 else again,
    )
    second = run_result(again, outcome=_outcome(chance), trace=_trace(chance))
    return Case(task=task, source=damaged(chance, SCRIPTS, MEBIBYTE), first=first, again=second)


def _golden(task: Task) -> bytes:
    lines: list[str] = []
    for field, reading in task.answers.items():
        if not lines or field.section not in lines:
            lines.append(field.section)
        lines.append(f"{field.key}= {reading.text}")
    return ("\n".join(lines) + "\n").encode()


def _outcome(chance: random.Random) -> Outcome:
    others: list[Outcome] = [
        Exited(code=chance.choice([1, 2, -1, 255])),
        Killed(signal=chance.choice([9, 11, 99])),
        TimedOut(),
        OutputFlood(stream=chance.choice(["stdout", "stderr"])),
    ]
    return Exited(code=0) if chance.random() < 0.6 else chance.choice(others)


def _trace(chance: random.Random) -> bytes:
    events = b"".join(chance.choices(TRACES, k=chance.choice([0, 1, 12, 60, 500])))
    return damaged(chance, [events], 65_536) if chance.random() < 0.5 else events


def damaged(chance: random.Random, corpus: list[bytes], most: int) -> bytes:
    """Take a text of the corpus and change it, a little or beyond recognition."""
    if chance.random() < 0.06:
        return _huge(chance, most)
    raw = bytearray(chance.choice(corpus))
    for _ in range(chance.choice([0, 0, 1, 3, 12])):
        at = chance.randrange(len(raw) + 1)
        until = min(len(raw), at + chance.randrange(1, 40))
        match chance.randrange(6):
            case 0:
                raw[at:at] = chance.choice(WORDS)
            case 1:
                raw[at:until] = chance.choice(WORDS)
            case 2:
                del raw[at:until]
            case 3:
                raw[at:at] = (raw[at:until] * chance.choice([2, 50, 3_000]))[:most]
            case 4:
                raw[at:at] = _many(chance.choice(WORDS), chance.choice([2, 300, 20_000]), most)
            case _:
                raw[at:at] = bytes([chance.randrange(256)])
    return bytes(raw[:most])


def _many(word: bytes, times: int, most: int) -> bytes:
    return word * min(times, most // len(word))


def _huge(chance: random.Random, most: int) -> bytes:
    """Repeat one small thing up to the limit, each time with another number in it or not."""
    unit = b"".join(chance.choices(WORDS, k=chance.randrange(1, 5)))
    opening = chance.choice(
        [b"", b"mini_training_loop\n", "\U00020000".encode() * 200 + b"\n", b"x=["]
    )
    if chance.random() < 0.5:
        return (opening + unit * (most // len(unit)))[:most]
    factor = chance.choice([1, 2**61 - 1, 10**30])
    count = most // (len(unit) + 12)
    numbered = (
        b"%s%d%s" % (unit, factor * n, chance.choice([b"\n", b" ", b";"])) for n in range(count)
    )
    return (opening + b"".join(numbered))[:most]


def check(case: Case, folder: Path) -> tuple[float, int]:
    """Grade a case and write all of its reports; raise where a promise is broken.

    Returns:
        CPU seconds, and the bytes of its row.
    """
    digest = hashlib.sha256(case.source).hexdigest()
    submission = Submission(path="a.py", sha256=digest, source=case.source, refusals=())
    start = time.process_time()
    graded = pipeline.grade(submission, task=case.task, runner=Runner(case))
    demand(graded.fault is None, f"a fault: {graded.fault and graded.fault.traceback}")
    row = row_of(graded.report, graded.runs, lab_revision="0" * 64)
    text_reports([graded.report])
    junit_reports([graded.report])
    document = report_to_json(graded.report)
    for renderer in (json_reports, markdown_reports, github_reports):
        demand(renderer([document]).isprintable() or True, "text")
    line = row_line(row)
    demand(parse_row(line) == row, "a row reads back as another")
    write_results(row, folder)
    seconds = time.process_time() - start
    captured = replace(submission, source=case.first.stdout)
    demand(pipeline.check_captured(captured, task=case.task).fault is None, "a fault in check")
    size = len(case.source) + len(case.first.stdout) + len(case.again.stdout)
    demand(seconds <= MOST_S * max(1.0, size / MEBIBYTE), f"it took {seconds:.2f} s")
    demand(len(line) <= MOST_ROW_BYTES, f"a row of {len(line)} bytes")
    memory = most_memory()
    demand(memory <= MOST_MEMORY_BYTES, f"{memory} bytes of memory")
    return seconds, len(line)


def write_results(row: Row, path: Path) -> None:
    """Write a row into a results folder, read it back as the next grader would, and make a page."""
    with ResultsFolder(path) as folder, Journal(folder) as journal:
        journal.settle(lambda _row: False)
        journal.append(row)
        (back,) = journal.rows()
        demand(back == row, "the journal gives another row")
        tally = Tally()
        tally.add(back)
        entries = [entry_of(back)]
        folder.replace("gradebook.csv", gradebook(entries))
        page = html_report([back], entries=entries, tally=tally, title="t", headline="h", notes=())
        folder.replace("report.html", page)
        for name in ("superseded.jsonl", "set-aside.txt"):
            (path / name).unlink(missing_ok=True)


def most_memory() -> int:
    """Give the bytes that this process ever held.

    Not ``ru_maxrss``: that outlives ``exec``, so it begins with what the starter held.
    """
    status = Path("/proc/self/status").read_text(encoding="ascii")
    (line,) = (line for line in status.splitlines() if line.startswith("VmHWM:"))
    return int(line.split()[1]) * 1024


def demand(holds: bool, promise: str) -> None:  # noqa: FBT001 - reads like an assertion
    """Raise where a promise is broken; unlike ``assert``, also under ``-O``."""
    if not holds:
        raise AssertionError(promise)


def main() -> int:
    """Fuzz until the time is up; 1 where a promise is broken."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=float, default=20.0)
    parser.add_argument("--seed", default=str(random.SystemRandom().randrange(2**32)))
    parser.add_argument("--case", help="repeat this one, as SEED:NUMBER")
    given = parser.parse_args()
    seed, _, only = (given.case or f"{given.seed}:").rpartition(":")
    end = time.monotonic() + given.seconds
    number, slowest, longest = int(only or 0), (0.0, 0), (0, 0)
    with tempfile.TemporaryDirectory() as temporary:
        os.environ["LABCHECK_STATE"] = str(Path(temporary) / "state")
        while time.monotonic() < end:
            try:
                case = made(random.Random(f"{seed}:{number}"))  # noqa: S311 - repeatable
                seconds, size = check(case, Path(temporary) / "results")
            except Exception:  # noqa: BLE001 - any exception is what a fuzzer looks for
                traceback.print_exc()
                print(f"it failed; repeat it with --case {seed}:{number}")  # noqa: T201
                return 1
            slowest, longest = max(slowest, (seconds, number)), max(longest, (size, number))
            if given.case:
                break
            number += 1
    memory = most_memory() // MEBIBYTE
    print(  # noqa: T201 - a script
        f"seed {seed}: {number} runs graded, every promise held; slowest {slowest[0]:.2f} s "
        f"(case {slowest[1]}), longest row {longest[0]} bytes (case {longest[1]}), {memory} MB"
    )
    return 0


if __name__ == "__main__":
    sys.exit(main())
