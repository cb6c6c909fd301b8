"""The same deterministic submission gives the same record to the byte, however it is run."""

from __future__ import annotations

import threading
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from tests.fakes import LAB_ROOT, LIMITS
from verifier.golden.record import build_record, record_to_json
from verifier.lab.load import load_labs
from verifier.output.match import match_output
from verifier.run.container import ContainerRunner
from verifier.run.interface import Examination, Exited
from verifier.schema import strict_json
from verifier.trace.unrounded import traced_transcript

if TYPE_CHECKING:
    from verifier.run.interface import Runner
    from verifier.run.local import LocalRunner
    from verifier.run.sandbox import SandboxRunner

EXERCISE = load_labs(LAB_ROOT)["forward-backward"].exercise("baseline")
PATIENT = replace(LIMITS, time_limit_s=60.0)
REFERENCE = EXERCISE.script.read_bytes()

OTHERS = (
    b"import torch; torch.manual_seed(1); torch.set_default_dtype(torch.float64)",
    b"import torch; torch.nn.Linear.forward = None; torch.manual_seed = print",
    b"import builtins, random; builtins.round = None; random.seed(3); print(random.random())",
    b"import torch; torch.use_deterministic_algorithms(True); torch.set_flush_denormal(True)",
    b"raise SystemExit(9)",
    b"import os; open('left', 'w').write('x'); os._exit(1)",
)
"""What others do to the interpreter that they take for theirs alone."""


def _both(runner: Runner, script: bytes) -> tuple[bytes, bytes]:
    """Run the reference and a script that prints bits; give the record and the bits.

    The record holds every number of the reference before it was rounded.
    """
    reference = runner.run(REFERENCE, limits=PATIENT, examination=Examination(trace=True))
    bits = runner.run(script, limits=PATIENT)

    assert (reference.outcome, bits.outcome) == (Exited(code=0), Exited(code=0))
    transcript = traced_transcript(reference.stdout, reference.trace)
    record = record_to_json(build_record(match_output(transcript, EXERCISE), EXERCISE))
    assert sum(reading["exact"] is not None for reading in record["readings"]) == 14
    return strict_json(record).encode() + reference.stdout, bits.stdout


@pytest.mark.torch
def test_a_record_is_the_same_first_last_and_after_anything(
    boxed: SandboxRunner, unboxed: LocalRunner, training: bytes
) -> None:
    """No run changes another's interpreter; walls, warmth and huge pages change no bit."""
    first = _both(boxed, training)
    for other in OTHERS:
        boxed.run(other, limits=LIMITS)

    assert _both(boxed, training) == first
    assert _both(unboxed, training) == first


@pytest.mark.engine
@pytest.mark.usefixtures("no_container_left")
def test_a_record_is_the_same_in_every_container(runtime_image: str, training: bytes) -> None:
    """Cold and warm, alone, after others and beside them."""
    found: list[tuple[bytes, bytes]] = []

    def run_beside(runner: ContainerRunner) -> None:
        found.extend(_both(runner, training) for _ in range(3))

    with ContainerRunner(image=runtime_image, fresh=True) as cold:
        expected = _both(cold, training)
    with (
        ContainerRunner(image=runtime_image) as one,
        ContainerRunner(image=runtime_image) as another,
    ):
        found.append(_both(one, training))
        for script in OTHERS:
            one.run(script, limits=LIMITS)
        found.append(_both(one, training))
        threads = [threading.Thread(target=run_beside, args=(each,)) for each in (one, another)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()

    assert len(found) == 8
    assert set(found) == {expected}
