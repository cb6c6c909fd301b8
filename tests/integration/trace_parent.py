"""A warm parent, as the fork server is, that forks one child for each script it is told of.

A program: a line of JSON in, {"script", "traced", "looked"}, a line of JSON out. Nothing but the
recorder tells one run of a script from another: random states are set alike, and addresses are.
"""

from __future__ import annotations

import hashlib
import io
import json
import os
import random
import resource
import sys

from verifier.sandbox import script
from verifier.sandbox.trace import recording
from verifier.sandbox.warm import memory, warmup

PATH = "/tmp/submission.py"


def run(source: bytes, *, traced: bool, looked: bool) -> dict[str, object]:
    """Run a script in a fork, traced or not, or looked at for its milestones."""
    import torch  # noqa: PLC0415 - loaded already

    # As in the sandbox, the file stays on when the descriptor's child is dead.
    files = [os.memfd_create(name) for name in ("stdout", "stderr", "trace", "state")]
    out, err, written, state = files
    begun = resource.getrusage(resource.RUSAGE_CHILDREN)
    pid = os.fork()
    if pid == 0:
        status = 127
        try:
            os.dup2(out, 1)
            os.dup2(err, 2)
            torch.default_generator.manual_seed(11)
            random.seed(11)
            if traced:
                recording.start(written, script_path=PATH)
            if looked:
                recording.look(written, script_path=PATH)
            stdout = recording.counted_output() if looked else io.FileIO
            status = script.run_as_main(source, path=PATH, stdout=stdout)
            recording.stop()
            left = (torch.get_rng_state().tolist(), torch.is_grad_enabled(), random.getstate())
            os.write(state, hashlib.sha256(repr(left).encode()).digest())
        finally:
            os._exit(status)
    _, status = os.waitpid(pid, 0)
    ended = resource.getrusage(resource.RUSAGE_CHILDREN)
    texts = [_content(each) for each in files]
    cpu_s = ended.ru_utime + ended.ru_stime - begun.ru_utime - begun.ru_stime
    return {
        **dict(zip(("stdout", "stderr", "trace", "state"), texts, strict=True)),
        "status": status,
        "cpu_s": cpu_s,
    }


def _content(descriptor: int) -> str:
    """Read a file to its end as text in which every byte is one character, and close it."""
    with os.fdopen(descriptor, "rb") as file:
        file.seek(0)
        return file.read().decode("latin-1")


def main() -> None:
    """Serve until the input ends."""
    warmup.warm_up()
    recording.rehearse()
    memory.freeze()
    memory.gather()
    for line in sys.stdin:
        request = json.loads(line)
        found = run(request["script"].encode(), traced=request["traced"], looked=request["looked"])
        print(json.dumps(found), flush=True)  # noqa: T201 - the answer


if __name__ == "__main__":
    main()
