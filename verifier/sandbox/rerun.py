"""A rerun: the same script once more, in the process that has just run it, its seeds raised.

Pages that the first run has touched need not be copied again, so this costs a quarter of a run.
Whatever the script left is still there, and its own process writes the answer. So the answer
counts in one case alone: where its numbers follow the reference, for then the script can compute
them. For any other, the script is run in a new process.

The first bytes of the file say that the script had come to its end with status 0. A script that
forges them says no more than one that ends so.
"""

from __future__ import annotations

import os
import signal
import sys
from typing import Final

from verifier.sandbox import script

MARK: Final = b"rerun\n"
QUICK_S: Final = 0.5
"""A first run that took longer is not done again here, for both share one time limit."""
_TIME_S: Final = 1.0


def run(source: bytes, *, path: str, writer: int) -> int:
    """Run a script again, its seeds raised already, and its output going to a file.

    Args:
        source: What was run before.
        path: As before.
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
    return script.run_as_main(source, path=path)
