"""What must never leave a run: texts and bits that only golden files and solutions hold."""

from __future__ import annotations

import base64
import json
from dataclasses import dataclass
from typing import TYPE_CHECKING

from tests.fakes import LIMITS
from verifier.golden.reference import reference_file

if TYPE_CHECKING:
    from tests.hostile.warm import Warm
    from verifier.task import Task

_SHORTEST_LINE = 30
_SHOW_BITS = """
import sys
for tensor in (model[0].weight.grad, model[0].weight, model[0].bias):
    print("bits=", tensor.detach().numpy().tobytes().hex(), file=sys.stderr)
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Canaries:
    """Texts and bit patterns of the lab as it is now."""

    provenance: tuple[bytes, ...]
    """Of the golden file: digests and the reason for its last change; no honest run prints them."""
    published: tuple[bytes, ...]
    """Lines that the reference prints; an honest run prints them, a memory must not hold them."""
    source: tuple[bytes, ...]
    """Lines of the reference that no learner writes."""
    bits: tuple[bytes, ...]
    """Weights and gradients after the reference's last step, as float32 lies in memory."""

    milestones: tuple[bytes, ...]
    """Lines of what the reference did, as they lie beside its golden."""

    @property
    def forbidden(self) -> tuple[bytes, ...]:
        """What must be in no output: plain, and as base64 and hex begin with it."""
        plain = (*self.provenance, *self.source, *self.milestones)
        return (
            *plain,
            *(base64.b64encode(each)[:40] for each in plain),
            *(each.hex()[:40].encode() for each in plain),
        )

    def halves(self) -> list[tuple[bytes, bytes]]:
        """Give the patterns that a memory is searched for, cut in two, without our reading them."""
        patterns = (
            *self.provenance[:2],
            *self.published[-3:],
            *self.source[:2],
            *self.bits[:2],
            *self.milestones,
        )
        return [(each[: len(each) // 2], each[len(each) // 2 :]) for each in patterns]


def find_canaries(task: Task, warm: Warm) -> Canaries:
    """Collect them; the reference runs as production runs it, in a child of the warm server."""
    golden = json.loads(task.exercise.golden.read_text(encoding="utf-8"))["provenance"]
    reference = task.exercise.script.read_text(encoding="utf-8")
    run = warm.run((reference + _SHOW_BITS).encode(), limits=LIMITS)
    lines = [line.strip() for line in reference.splitlines()]
    bits = [
        bytes.fromhex(line.removeprefix("bits=").strip())
        for line in run.stderr.decode().splitlines()
        if line.startswith("bits=")
    ]
    found = Canaries(
        provenance=tuple(
            golden[key].encode() for key in ("script_sha256", "stdout_sha256", "reason")
        ),
        published=tuple(run.stdout.strip().splitlines()),
        source=tuple(
            line.strip('"').encode()
            for line in lines
            if len(line) > _SHORTEST_LINE and line.startswith('"""')
        ),
        bits=tuple(each for each in bits if len(each) >= 8),
        milestones=tuple(
            line.strip(",").encode()
            for line in reference_file(task.exercise).read_text(encoding="utf-8").splitlines()
            if '"e":"grad"' in line or '"e":"update"' in line
        )[:4],
    )
    assert len(found.milestones) == 4, found
    assert all((found.provenance, found.published, found.source, len(found.bits) == 2)), found
    return found
