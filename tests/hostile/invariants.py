"""What must hold after every case, whatever it tried."""

from __future__ import annotations

import contextlib
from dataclasses import dataclass
from typing import TYPE_CHECKING

from tests.fakes import LIMITS, PUBLISHED
from tests.hostile.judgement import judge
from verifier.golden.record import record_to_json
from verifier.report.report import Verdict
from verifier.run.interface import Exited
from verifier.schema import strict_json

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.hostile.canary import Canaries
    from tests.hostile.case import Case
    from tests.hostile.judgement import Judgement
    from tests.hostile.warm import Sight, Warm
    from verifier.task import Task

SLACK_S = 2.0
"""What a run may take beyond its wall limit: the fork, the sweep, the cleaning, the reports.

Measured on two cores under a load of six: 0.02 to 0.04 s for each run that was timed out.
"""

CLEAN = b"""\
import torch
import torch.nn as nn

torch.manual_seed(42)
inputs = torch.tensor([[1.0, 2.0]])
target = torch.tensor([[1.0]])
net = nn.Sequential(nn.Linear(2, 1), nn.Sigmoid())
criterion = nn.BCELoss()
sgd = torch.optim.SGD(net.parameters(), lr=0.5)


def show(values):
    return [round(each, 4) for each in values]


print("one_training_step")
out = net(inputs)
loss = criterion(out, target)
print("prediction_before=", round(out.item(), 3))
print("loss_before=", round(loss.item(), 4))
sgd.zero_grad()
loss.backward()
print("weight_grad=", [show(row) for row in net[0].weight.grad.tolist()])
print("bias_grad=", show(net[0].bias.grad.tolist()))
sgd.step()
out = net(inputs)
print("prediction_after=", round(out.item(), 3))
print("loss_after=", round(criterion(out, target).item(), 4))
print("mini_training_loop")
for step in range(1, 6):
    sgd.zero_grad()
    out = net(inputs)
    loss = criterion(out, target)
    loss.backward()
    sgd.step()
    print(f"step={step} loss={loss.item():.4f} pred={out.item():.3f}")
"""
"""What a diligent learner hands in."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """How the container stands between runs, and what the clean submission gives there."""

    sight: Sight
    record: str
    """The clean submission's, as JSON."""


def stand(warm: Warm, task: Task) -> Standing:
    """Run the clean submission, which must pass, and look at what is there then."""
    seen = judge(CLEAN, runner=warm, task=task, limits=LIMITS)

    assert [(run.outcome, run.stderr) for run in seen.runs] == [(Exited(code=0), b"")]
    assert seen.runs[0].stdout == PUBLISHED
    assert (seen.report.verdict, seen.report.computed) == (Verdict.PASSED, "yes")
    return Standing(sight=warm.look(), record=strict_json(record_to_json(seen.report.record)))


class Watch:
    """Looks at a container after each case; what is seen then is the next one's before."""

    def __init__(self, warm: Warm, task: Task) -> None:
        self._warm = warm
        self._task = task
        self._last: Standing | None = stand(warm, task)
        self._record = self._last.record

    @contextlib.contextmanager
    def unharmed(self) -> Iterator[None]:
        """See that what is done inside leaves the container as it was.

        The same container serves, by the same processes; nothing of a run is in it; and the
        clean submission's record is the very first one's, byte for byte.
        """
        before = self._last or stand(self._warm, self._task)
        self._last = None  # whatever is wrong now is this case's fault, not the next one's
        yield
        after = stand(self._warm, self._task)
        assert_nothing_left(after.sight)

        assert after.sight.container == before.sight.container, "it was replaced"
        assert after.sight.processes == before.sight.processes
        assert after.record == self._record
        self._last = after


def assert_nothing_left(sight: Sight) -> None:
    """No process of a run, no zombie, no second thread, no file, no object in shared memory."""
    assert [each for each in sight.processes if each[2] == sight.run_uid] == [], sight.processes
    assert sight.troubled == ()
    assert {path: names for path, names in sight.files.items() if names} == {}
    assert sight.objects == ()


def assert_secret_kept(seen: Judgement, canaries: Canaries, *, case: Case) -> None:
    """No byte that left the run, or stands in a report, is one of the lab's secrets."""
    leaving = seen.output + (seen.text + seen.json + seen.junit).encode()

    assert [secret for secret in canaries.forbidden if secret in leaving] == []
    if not case.prints_golden:
        assert [line for line in canaries.published[1:] if line in seen.output] == []


def assert_in_time(seen: Judgement, *, case: Case) -> None:
    """A run ends at its wall limit, cleaned up, and no later."""
    allowed_s = case.limits.time_limit_s + SLACK_S
    assert seen.took_s <= allowed_s * max(1, len(seen.runs))
