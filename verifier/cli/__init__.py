"""The command line: thin, and quick to say what it can do.

`main` catches, prints and exits; `run` gives the exit code, so that tests can call it.
torch, docker and jsonschema are imported only by the commands that need them.
"""

from __future__ import annotations

import importlib
import os
import select
import signal
import sys
import traceback
from typing import TYPE_CHECKING

import click

from verifier import __version__
from verifier.errors import ExitCode, LabcheckError
from verifier.printable import printable

if TYPE_CHECKING:
    from collections.abc import Sequence
    from types import FrameType


COMMANDS = (
    "check", "completion", "doctor", "drift", "explain", "golden", "grade", "history", "lab",
    "lesson", "portability", "record", "upgrade", "verify",
)  # fmt: skip
"""Each is imported from its own module when it is asked for: no run of one pays for another."""


_READER_GONE = 128 + signal.SIGPIPE
"""As a shell says of any program whose reader left; no verdict and no error of ours."""


class FileFirstGroup(click.Group):
    """A group where ``labcheck submission.py`` means ``labcheck grade submission.py``."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Name every command, imported or not."""
        del ctx
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Find a command, imported now if it has not been."""
        del ctx
        return self._imported(cmd_name) if cmd_name in COMMANDS else None

    def _imported(self, name: str) -> click.Command:
        command: click.Command = getattr(importlib.import_module(f"verifier.cli.{name}"), name)
        return command

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """Take a first word that looks like a file, and is no command, as `grade`'s argument."""
        first = args[0]
        looks_like_file = first == "-" or "." in first or "/" in first
        if looks_like_file and self.get_command(ctx, first) is None:
            args = ["grade", *args]
        if self.get_command(ctx, args[0]) is None:
            self.commands = {name: self._imported(name) for name in COMMANDS}  # to suggest one
        return super().resolve_command(ctx, args)


@click.group(
    cls=FileFirstGroup,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
)
@click.version_option(__version__, prog_name="labcheck")
def cli() -> None:
    """Run a lesson's script, read what it prints, and judge it.

    \b
    labcheck verify                    is the published output still what the pinned torch prints?
    labcheck grade submission.py       did a learner's script take the full training step?
    labcheck submission.py             the same
    labcheck grade class/              the same for a whole class: a folder, a ZIP archive, files
    labcheck check output.txt          judge captured output; nothing is run
    labcheck lesson check course/      do the pages of a course still print what they show?
    labcheck explain step-missing      what the lesson says about a diagnosis or a stage
    labcheck upgrade --to 2.14.1       may the torch pin be raised? what would change?

    Exit codes: 0 passed, 1 failed, 2 usage, 3 not gradable, 4 environment (engine, image, worker,
    missing walls), 5 bad lab, golden or schema, 130 interrupted, 141 nobody read the output.
    """  # noqa: D301 - \b is click's mark for a block it must not wrap


def run(arguments: Sequence[str] | None = None) -> int:
    """Run one command and give its exit code; errors are printed, none escapes."""
    try:
        outcome = _outcome(arguments)
    except LabcheckError as error:
        click.echo(f"labcheck: {error}", err=True)
        return error.exit_code
    except click.ClickException as error:
        error.show()
        return ExitCode.USAGE
    except OSError as error:
        # Left unguarded are the standard streams, which have no name: a full disk, a closed pipe.
        click.echo(f"labcheck: {_os_trouble(error)}", err=True)
        return ExitCode.ENVIRONMENT
    except (click.Abort, KeyboardInterrupt):
        click.echo("labcheck: interrupted", err=True)
        return ExitCode.INTERRUPTED
    except Exception:  # noqa: BLE001 - a fault of ours must not look like a learner's (exit 1)
        traceback.print_exc()
        click.echo("labcheck: this is a fault in labcheck; please report the lines above", err=True)
        return ExitCode.ENVIRONMENT
    return outcome if isinstance(outcome, int) else ExitCode.PASSED


def _os_trouble(error: OSError) -> str:
    if error.filename is None:
        return f"{error}\n  → see that standard output can be written to"
    name = printable(os.fsdecode(error.filename))
    return f"{name}: {error.strerror}\n  → see that it is there, and may be read and written"


def _outcome(arguments: Sequence[str] | None) -> object:
    try:
        outcome: object = cli.main(args=arguments, prog_name="labcheck", standalone_mode=False)
    except SystemExit:  # click's way to say that a stream's reader has gone
        return _reader_is_gone()
    return outcome


def _reader_is_gone() -> int:
    """Have nothing more written, at the interpreter's end neither, and give a shell's code for it.

    That is no learner's failure, so it must not be 1.
    """
    nowhere = os.open(os.devnull, os.O_WRONLY)
    for stream in (1, 2):
        poll = select.poll()
        poll.register(stream, 0)
        if any(event & select.POLLERR for _, event in poll.poll(0)):
            os.dup2(nowhere, stream)
    os.close(nowhere)
    return _READER_GONE


def main() -> None:
    """Entry point of the command ``labcheck``."""
    signal.signal(signal.SIGTERM, _interrupt)
    try:
        code = run()
    except BrokenPipeError:  # while it said what was wrong
        code = _reader_is_gone()
    sys.exit(code)


def _interrupt(_number: int, _frame: FrameType | None) -> None:
    """End on SIGTERM as on Ctrl-C, so that containers are removed."""
    raise KeyboardInterrupt
