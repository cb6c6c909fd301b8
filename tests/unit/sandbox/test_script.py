"""A script ends with the status, and the last words, that the interpreter would give it."""

from __future__ import annotations

import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

from tests.fakes import CHECKOUT

if TYPE_CHECKING:
    from pathlib import Path

RUN = f"""
import os, sys
sys.path.insert(0, {str(CHECKOUT)!r})
from verifier.sandbox import script
del sys.path[0]
path = sys.argv[1]
with open(path, "rb") as file:
    source = file.read()
os._exit(script.run_as_main(source, path=path))
"""
ODD = """
import sys
class Whole(int):
    def __and__(self, other): return "no status"
    def __index__(self): raise ValueError
    def __le__(self, other): return True
    def __ge__(self, other): return True
class Silent:
    def __str__(self): raise RuntimeError("no words")
class Wordless:
    def __str__(self): sys.exit(7)
class Hidden(SystemExit):
    @property
    def code(self): raise RuntimeError("hidden")
class Changing(SystemExit):
    codes = iter([3, "three", 5])
    @property
    def code(self): return next(Changing.codes)
class Unwritable:
    def write(self, text): raise OSError("full")
    def flush(self): pass
def hook(status):
    def excepthook(*_): raise status
    return excepthook
"""


def ended(*command: str) -> tuple[int, bytes, bytes]:
    """Run a command to its end; its folder is the only one on its path that is ours."""
    done = subprocess.run(command, capture_output=True, timeout=60, check=False)
    return done.returncode, done.stdout, done.stderr


@pytest.mark.parametrize(
    "last",
    [
        "sys.exit()", "sys.exit(None)", "sys.exit(0)", "sys.exit(3)", "sys.exit(256)",
        "sys.exit(-1)", "sys.exit(2**31)", "sys.exit(2**32 + 5)", "sys.exit(2**63 - 1)",
        "sys.exit(2**63)", "sys.exit(2**64)", "sys.exit(-2**63)", "sys.exit(-2**63 - 1)",
        "sys.exit(10**5000)",
        "sys.exit(True)", "sys.exit(False)", "sys.exit(0.0)", "sys.exit('')", "sys.exit('done')",
        "sys.exit('ü\\udc80')", "sys.exit(b'x')", "sys.exit((1, 2))", "sys.exit([])",
        "sys.exit('x' * 1_000_000)",
        "sys.exit(Whole(4))", "sys.exit(Whole(2**70))", "sys.exit(Silent())",
        "sys.exit(Wordless())", "sys.exit(SystemExit(4))", "raise SystemExit(1, 2)",
        "raise SystemExit", "raise Hidden(5)", "raise Changing(5)", "exit(2**64)", "quit('x')",
        "sys.stderr = None; sys.exit('words')", "del sys.stderr; sys.exit('words')",
        "sys.stderr = Unwritable(); sys.exit('words')", "sys.stderr.close(); sys.exit('words')",
        "sys.excepthook = hook(SystemExit(9)); 1 / 0",
        "sys.excepthook = hook(SystemExit('x')); 1 / 0",
        "sys.excepthook = lambda *_: sys.exit(2**64); 1 / 0",
        "1 / 0", "raise KeyError('x')",
    ],
)  # fmt: skip
def test_a_script_ends_as_under_the_interpreter(tmp_path: Path, last: str) -> None:
    """Status 0 passes a script whose work is right: no other number may become it."""
    path = tmp_path / "submission.py"
    path.write_text(f"{ODD}\nprint('right')\n{last}\n", encoding="utf-8")
    python = [sys.executable, "-X", "utf8", "-u"]

    assert ended(*python, "-c", RUN, str(path)) == ended(*python, str(path))


@pytest.mark.parametrize(
    "last", ["del sys.excepthook; 1 / 0", "sys.excepthook = hook(KeyError()); 1 / 0"]
)
def test_a_lost_or_broken_hook_for_exceptions_is_a_failure_of_the_script(
    tmp_path: Path, last: str
) -> None:
    """Its own, with status 1 and the exception shown; not one of what runs it."""
    path = tmp_path / "submission.py"
    path.write_text(f"{ODD}\n{last}\n", encoding="utf-8")

    code, _, stderr = ended(sys.executable, "-X", "utf8", "-u", "-c", RUN, str(path))

    assert code == 1
    assert b"ZeroDivisionError" in stderr
    assert b"script.py" not in stderr


@pytest.mark.parametrize(
    "last",
    [
        "sys.stdout = Flushless()",
        "sys.stderr = Flushless()",
        "sys.stderr = Truthless(); sys.exit('x')",
        "sys.stdout = Nameless()",
        "sys.stdout = Unclosed()",
        "sys.stdout = Undecided()",
        "sys.stderr = Undecided()",
        "sys.stdout = Unflushable()",
        "sys.stdout = Flushless(); sys.stderr = None",
    ],
)
@pytest.mark.parametrize("error", ["RuntimeError('full')", "OSError('full')", "SystemExit(5)"])
def test_a_flush_that_raises_ends_as_under_the_interpreter(
    tmp_path: Path, last: str, error: str
) -> None:
    """A class of the script's own; its error is shown, and no status is of what runs it."""
    path = tmp_path / "submission.py"
    streams = f"""
class Flushless:
    def __repr__(self): return "Flushless"
    def write(self, text): sys.__stdout__.write(text)
    def flush(self): raise {error}
class Truthless(Flushless):
    def __bool__(self): raise {error}
    def flush(self): pass
class Nameless(Flushless):
    def __repr__(self): raise {error}
class Unclosed(Truthless):
    @property
    def closed(self): raise {error}
class Undecided(Truthless):
    closed = property(lambda self: self)
class Unflushable(Flushless):
    @property
    def flush(self): raise {error}
"""
    path.write_text(f"{ODD}{streams}\nprint('right')\n{last}\n", encoding="utf-8")
    python = [sys.executable, "-X", "utf8", "-u"]

    assert ended(*python, "-c", RUN, str(path)) == ended(*python, str(path))


@pytest.mark.parametrize(("last", "status"), [("1 / 0", 1), ("sys.exit(3)", 3)])
def test_a_flush_that_raises_after_an_error_leaves_the_script_s_own_status(
    tmp_path: Path, last: str, status: int
) -> None:
    """The error is what is told, and it came first."""
    path = tmp_path / "submission.py"
    flushless = "class Flushless(Unwritable):\n    def flush(self): raise OSError('full')\n"
    path.write_text(f"{ODD}{flushless}sys.stdout = Flushless()\n{last}\n", encoding="utf-8")

    code, _, stderr = ended(sys.executable, "-X", "utf8", "-u", "-c", RUN, str(path))

    assert (code, b"OSError: full" in stderr) == (status, True)
