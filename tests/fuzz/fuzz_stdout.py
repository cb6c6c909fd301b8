"""Read mutated lab output until the time is up, and check what must always hold.

Run ``python tests/fuzz/fuzz_stdout.py --seconds 20``. A failure writes the input to a file,
prints its name and the seed, and exits 1; ``--seed`` repeats a run.
"""

from __future__ import annotations

import argparse
import json
import random
import sys
import tempfile
import time
import traceback
from collections import Counter
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent.parent))

from verifier.output.transcript import MAX_NAME_CHARACTERS, MAX_READINGS, MAX_SECTIONS, read_stdout
from verifier.output.value import MAX_TEXT_CHARACTERS, value_from_json, value_to_json
from verifier.printable import printable

SLOWEST_BYTE_S = 2e-5
"""CPU seconds that one byte may cost …"""
BASE_S = 0.25
"""… on top of this, for a machine with other work to do."""

CORPUS = """\
one_training_step
confusion_matrix rows=true cols=pred
weight_grad= [[-0.1753, -0.3505]]
step=1 loss=0.1183 pred=0.888
sgd      step=1  w=4.400 loss=9.0000
tiny + ReLU    first_std=0.0337
epoch=   0, loss=4031.2007
step=001
x=[0.0, 1.0] prob=1.000 pred=1
x=[1.0, 2.0] -> pred=12.05
underfit_case -> possible_underfitting
batch=0 x_shape=(3, 2) y_shape=(3, 1)
w.grad: -24.0
Predicted score for 6 hours of study: 87.0
gap head    : 170
train: (384, 1, 16, 16) (384,)
train size: 6 val size: 2
X: shape=(2, 3) dtype=torch.float32 device=cpu
[[1.075, -0.014], [0.2, 0.3]]
last_equal: True
net.0.bias (4,)
fp32: 0.0340 MB
predictions:
sample 0: tensor([2., 1.]) tensor([0.5500], grad_fn=<SigmoidBackward0>)
logits: tensor([[2.2100, 1.1800],
        [0.1000, 0.2000]])
[[-2.  2. -4.]
 [ 1.5 1.  ... ]]
used standard precision on cpu
loss= nan x=1e999 y=+7 z=1_0 w=٣ v=None
""".encode()

TOKENS = [
    *(bytes([byte]) for byte in b"\n\r\t\0\x1b\x9b\xff[](){}=:,;|<>'\"-+._%0e "),
    b"\r\n",
    b"\n ",
    b"\x1b[2K",
    b"\x1b[31m",
    b"tensor(",
    b"grad_fn=<",
    b"-> ",
    b"nan",
    b"1e-9999",
    "：".encode(),  # noqa: RUF001 - as translated pages print it
    "、".encode(),
    "\u202e".encode(),
    "\u200b".encode(),
    "\u2028".encode(),
    b"[" * 40,
    b"9" * 500,
]


def main() -> int:
    """Fuzz until the time is up; 1 where an invariant is broken."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=float, default=20.0)
    parser.add_argument("--seed", type=int, default=random.SystemRandom().randrange(2**32))
    arguments = parser.parse_args()
    print(f"seed {arguments.seed}")  # noqa: T201 - a script
    source = random.Random(arguments.seed)  # noqa: S311 - repeatable, not secret
    end = time.monotonic() + arguments.seconds
    runs = 0
    while time.monotonic() < end:
        raw = mutate(source)
        runs += 1
        try:
            check_invariants(raw)
        except Exception:  # noqa: BLE001 - any exception is what a fuzzer looks for
            traceback.print_exc()
            with tempfile.NamedTemporaryFile(
                prefix="fuzz_stdout_", suffix=".bin", delete=False
            ) as file:
                file.write(raw)
            print(f"run {runs} failed; reproducer: {file.name}")  # noqa: T201 - a script
            return 1
    print(f"{runs} outputs read, every invariant held")  # noqa: T201 - a script
    return 0


def mutate(source: random.Random) -> bytes:
    """Take some lines of the corpus, and damage them."""
    lines = CORPUS.splitlines(keepends=True)
    start = source.randrange(len(lines))
    raw = bytearray(b"".join(lines[start : start + source.randrange(1, 12)]))
    for _ in range(source.randrange(1, 12)):
        at = source.randrange(len(raw) + 1)
        until = min(len(raw), at + source.randrange(1, 20))
        token = source.choice(TOKENS)
        action = source.randrange(5)
        if action == 0:
            raw[at:at] = token
        elif action == 1:
            raw[at:until] = token
        elif action == 2:
            del raw[at:until]
        elif action == 3:
            raw[at:at] = raw[at:until] * source.randrange(1, 50)
        else:
            raw[at:at] = bytes([source.randrange(256)])
    return bytes(raw)


def check_invariants(raw: bytes) -> None:
    """Read twice; raise where the result breaks a promise of `read_stdout`."""
    start = time.process_time()
    transcript = read_stdout(raw)
    seconds = time.process_time() - start
    demand(seconds <= BASE_S + SLOWEST_BYTE_S * len(raw), f"reading took {seconds:.3f} s")
    demand(transcript == read_stdout(raw), "two readings differ")
    demand(len(transcript.readings) <= MAX_READINGS, "too many readings")
    demand(len(transcript.sections) <= MAX_SECTIONS, "too many sections")
    line_count = raw.count(b"\n") + 1
    lines = [reading.line for reading in transcript.readings]
    demand(lines == sorted(lines), "lines do not rise")
    demand(all(1 <= line <= line_count for line in lines), "a line is outside the output")
    counts: Counter[tuple[str | None, str | None, str | None]] = Counter()
    for reading in transcript.readings:
        address = (reading.section, reading.row, reading.key)
        counts[address] += 1
        demand(reading.occurrence == counts[address], f"occurrence of {address}")
        demand(len(reading.text) <= MAX_TEXT_CHARACTERS, "a text is too long")
        demand(all(len(name or "") <= MAX_NAME_CHARACTERS for name in address), "a long name")
        written = json.dumps(value_to_json(reading.value), allow_nan=False)
        again = value_to_json(value_from_json(json.loads(written)))
        demand(json.dumps(again) == written, f"JSON of {written[:80]}")
    for finding in transcript.findings:
        demand(finding.message == printable(finding.message, limit=1_000), "a message")
        demand(finding.line is not None and 1 <= finding.line <= line_count, "a finding's line")


def demand(holds: bool, promise: str) -> None:  # noqa: FBT001 - reads like an assertion
    """Raise where a promise is broken; unlike ``assert``, also under ``-O``."""
    if not holds:
        raise AssertionError(promise)


if __name__ == "__main__":
    sys.exit(main())
