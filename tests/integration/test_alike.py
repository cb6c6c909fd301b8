"""Runs of a submission are alike from inside, and what they record is their recorder's alone."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

from tests.fakes import LIMITS
from tests.lab.corpus import BY_HAND, STYLES
from verifier.run.interface import Examination, Exited
from verifier.sandbox.records import unsealed
from verifier.sandbox.request import GENERATORS
from verifier.sandbox.trace.journal import seal_of
from verifier.schema import validate

if TYPE_CHECKING:
    from pathlib import Path

    from verifier.run.sandbox import SandboxRunner

FIRST = Examination(trace=True, rerun_shift=101)
SECOND = Examination(trace=True, seed_shift=101)
WATCHED = Examination(trace=True, arithmetic=True)
LOOKS = b"""
import os, sys, torch
generator = torch.manual_seed(42)
print(torch.initial_seed(), generator.initial_seed(), torch.random.initial_seed())
print(torch.get_rng_state()[:8].tolist(), torch.manual_seed.__module__, torch.manual_seed.__code__)
print(sorted(vars(torch.manual_seed)), sys.getprofile() is None, len(sys.modules), len(os.environ))
print([number for number in range(64) if os.path.exists(f"/proc/self/fd/{number}")])
frame = sys._getframe()
while frame is not None:
    values = [each for each in frame.f_locals.values() if "verifier" in type(each).__module__]
    print(frame.f_code.co_name, len(frame.f_locals), 101 in frame.f_locals.values())
    print([getattr(value, name) for value in values for name in dir(value) if "shift" in name])
    frame = frame.f_back
print([os.fstat(number).st_size for number in (4, 5)])
"""
DRAWS = b"import torch\ntorch.manual_seed(%d)\nprint(torch.rand(3).tolist())"


def test_first_and_second_run_look_the_same_from_inside(boxed: SandboxRunner) -> None:
    """Seeds that were asked for, functions, descriptors, frames, sizes of what is recorded."""
    first = boxed.run(LOOKS, limits=LIMITS, examination=FIRST)
    second = boxed.run(LOOKS, limits=LIMITS, examination=SECOND)

    assert (first.outcome, second.outcome) == (Exited(code=0), Exited(code=0)), first.stderr
    assert first.stdout == second.stdout
    assert first.stdout.startswith(b"42 42 42\n[42, 0")


DRAWN = b"""
import random, numpy, torch
own = torch.Generator().manual_seed(7)
print(torch.manual_seed(7) and torch.rand(2).tolist(), torch.rand(2, generator=own).tolist())
print(numpy.random.default_rng(7).random(2), numpy.random.RandomState(7).rand(2))
print(random.Random(7).random())
"""


@pytest.mark.parametrize("raised", [("torch",), ("numpy",), ("random",), (), ("torch", "random")])
def test_only_the_seeds_that_are_asked_for_are_raised(
    boxed: SandboxRunner, raised: tuple[str, ...]
) -> None:
    """Torch's with its generators', NumPy's of all kinds, Python's."""
    plain = boxed.run(DRAWN, limits=LIMITS)
    asked = Examination(seed_shift=101, generators=raised)
    other = boxed.run(DRAWN, limits=LIMITS, examination=asked)

    pairs = zip(plain.stdout.splitlines(), other.stdout.splitlines(), strict=True)
    assert other.outcome == Exited(code=0), other.stderr
    assert [a != b for a, b in pairs] == [each in raised for each in GENERATORS]


@pytest.mark.parametrize("seed", [42, 0, -1, 2**64 - 1])
def test_a_raised_seed_draws_what_that_seed_draws(boxed: SandboxRunner, seed: int) -> None:
    """The raise goes round where seeds end, as torch's own negative ones do."""
    raised = boxed.run(DRAWS % seed, limits=LIMITS, examination=SECOND)
    alone = boxed.run(DRAWS % ((seed + 101) % 2**64), limits=LIMITS)

    assert raised.stdout == alone.stdout != b""


SEEDED = {
    "torch's own": "torch.manual_seed(7); print(torch.rand(2))",
    "a generator of torch's": "print(torch.rand(2, generator=torch.Generator().manual_seed(7)))",
    "NumPy's global": "np.random.seed(7); print(np.random.rand(2))",
    "NumPy's older": "print(np.random.RandomState(7).rand(2))",
    "NumPy's newer": "print(np.random.default_rng(7).random(2))",
    "a bit generator": "print(np.random.Generator(np.random.PCG64(7)).random(2))",
    "a sequence of seeds": "print(np.random.SeedSequence(7).spawn(2)[1].generate_state(2))",
    "Python's global": "random.seed(7); print(random.random())",
    "Python's own": "print(random.Random(7).random())",
}
UNSEEDED = {
    "a word": "random.seed('seven'); print(random.random())",
    "a list": "np.random.seed([7, 8]); print(np.random.rand(2))",
    "several numbers": "print(np.random.default_rng([7, 8]).random(2))",
    "what it says of itself": "print(torch.Generator().manual_seed(7).initial_seed())",
    "what a sequence says": "print(np.random.SeedSequence(7).entropy)",
}
_IMPORTS = "import random, torch\nimport numpy as np\n"


@pytest.mark.parametrize("line", SEEDED.values(), ids=SEEDED)
def test_every_generator_there_is_draws_other_numbers(boxed: SandboxRunner, line: str) -> None:
    """The same ones each time; and without a raise those of any other process."""
    source = f"{_IMPORTS}{line}\n".encode()
    plain = boxed.run(source, limits=LIMITS).stdout
    raised = [boxed.run(source, limits=LIMITS, examination=SECOND).stdout for _ in range(2)]
    alone = subprocess.run([sys.executable, "-c", source], capture_output=True, check=True)

    assert plain == alone.stdout != b""
    assert raised[0] == raised[1] != plain


@pytest.mark.parametrize("line", UNSEEDED.values(), ids=UNSEEDED)
def test_what_is_no_number_is_left_alone(boxed: SandboxRunner, line: str) -> None:
    """And a generator does not say that its seed was raised."""
    source = f"{_IMPORTS}{line}\n".encode()

    assert boxed.run(source, limits=LIMITS, examination=SECOND).stdout == (
        boxed.run(source, limits=LIMITS).stdout
    )


_CHANGING = re.compile(rb"\b(?:datetime|rand|randint|random|secrets|time|uuid4)\b")
REPEATABLE = [each for each in BY_HAND if not _CHANGING.search(each.read_bytes())]
"""Those that print the same twice."""


@pytest.mark.parametrize("script", [*REPEATABLE, *STYLES[::6]], ids=lambda each: each.stem)
def test_noting_arithmetic_changes_nothing_that_is_printed(
    boxed: SandboxRunner, script: Path
) -> None:
    """And what is noted satisfies the schema."""
    source = script.read_bytes()
    plain = boxed.run(source, limits=LIMITS)
    watched = boxed.run(source, limits=LIMITS, examination=WATCHED)
    events = [json.loads(line) for line in watched.trace.splitlines()]

    assert (watched.outcome, watched.stdout) == (plain.outcome, plain.stdout)
    assert {"calculated", "end"} <= {event["e"] for event in events}
    for event in events:
        validate("trace", event)


@pytest.mark.parametrize(
    "forged",
    [
        "os.write(4, b'{}\\n')",
        "os.write(4, b'{} 0011223344556677\\n')",
        "os.write(4, os.pread(4, 9999, 0))",
        "os.pwrite(4, b'9', 5)",
    ],
    ids=["unsealed", "wrong seal", "again", "changed"],
)
def test_a_trace_in_which_a_script_has_written_is_none(boxed: SandboxRunner, forged: str) -> None:
    """One line that its recorder did not write, and nothing of it is believed."""
    source = f"import os, torch\ntorch.manual_seed(1)\n{forged}\nos._exit(0)"
    honest = "import os, torch\ntorch.manual_seed(1)\nos._exit(0)"

    assert boxed.run(source.encode(), limits=LIMITS, examination=FIRST).trace == b""
    assert boxed.run(honest.encode(), limits=LIMITS, examination=FIRST).trace != b""


def test_the_key_is_gone_before_a_script_begins(boxed: SandboxRunner) -> None:
    """It lay in the file, which the fork server passes on unread."""
    source = b"import os\nprint(os.fstat(4).st_size, os.pread(4, 99, 0))"

    assert boxed.run(source, limits=LIMITS, examination=FIRST).stdout == b"0 b''\n"


def test_a_seal_speaks_for_all_lines_before_it() -> None:
    """Lines that were moved, left out or cut are not believed; an honest beginning is."""
    seal, lines = seal_of(b"key"), []
    for line in (b"one", b"two"):
        seal.update(line)
        lines.append(line + b" " + seal.hexdigest().encode() + b"\n")
    one, two = lines

    assert unsealed(one + two, b"key") == b"one\ntwo\n"
    assert unsealed(one, b"key") == b"one\n"
    assert unsealed(b"", b"key") == b""
    for broken in (two, two + one, one + one, one + two[:-1], one + b"\n"):
        assert unsealed(broken, b"key") == b""
    assert unsealed(one, b"other") == b""


def test_arithmetic_is_noted_beyond_the_calls_that_a_trace_takes(boxed: SandboxRunner) -> None:
    """What is not noted would look as if it had not been calculated."""
    source = b"for number in range(101_000):\n    abs(number)\nprint(float('0.7') * float('0.3'))\n"

    run = boxed.run(source, limits=LIMITS, examination=WATCHED)

    assert (0.7 * 0.3).hex().encode() in run.trace
