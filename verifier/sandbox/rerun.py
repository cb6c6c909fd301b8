"""The same script once more in the process that has just run it, with its seeds raised.

Pages that the first run has touched need not be copied again, so this costs a quarter of a run.
What the script has left behind is still there, and what is written here comes from its own
process: where the numbers follow the reference, the script can compute them, whatever else it
did; any other answer is to be had from a process of its own.

The first bytes of the file say that the script had come to its end with status 0. Whoever forges
them says no more than a script says by ending so.
"""

from __future__ import annotations

import os
import signal
import sys
from typing import Final

from verifier.sandbox import script, seed

MARK: Final = b"rerun\n"
MAX_BYTES: Final = 64 * 1024
"""More output is not worth its way: what labs print is far shorter."""
QUICK_S: Final = 0.5
"""A first run that took longer is not done again here, for both share one time limit."""
_TIME_S: Final = 1.0


def run(source: bytes, *, path: str, by: int, writer: int) -> int:
    """Run a script again, its output going to a file.

    Args:
        source: What was run before.
        path: As before.
        by: Added to every seed.
        writer: Descriptor of the file, written to at its position.
    Returns:
        The exit status that the interpreter would give.
    Raises:
        OSError: The script has closed the file.
    """
    _kept = sys.modules.get("__main__")  # what the first run left may speak when it is deleted
    os.write(writer, MARK)
    null = os.open(os.devnull, os.O_WRONLY)
    os.dup2(writer, 1)
    os.dup2(null, 2)
    signal.setitimer(signal.ITIMER_REAL, _TIME_S)  # whose signal ends the process
    seed.shift(by)
    return script.run_as_main(source, path=path)


def read(descriptor: int) -> bytes | None:
    """Read what a rerun printed; None where there was none, or it printed too much."""
    recorded = os.pread(descriptor, len(MARK) + MAX_BYTES + 1, 0)
    if not recorded.startswith(MARK) or len(recorded) > len(MARK) + MAX_BYTES:
        return None
    return recorded[len(MARK) :]


def marked(descriptor: int) -> bool:
    """Whether the script had ended with status 0 before the rerun."""
    return os.pread(descriptor, len(MARK), 0) == MARK
