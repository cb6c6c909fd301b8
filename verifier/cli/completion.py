"""Command completion: a script that completes commands and options in a shell."""

from __future__ import annotations

import click

from verifier.errors import ExitCode


@click.command(short_help="Print a completion script for a shell.")
@click.argument("shell", type=click.Choice(("bash", "zsh", "fish")))
def completion(shell: str) -> int:
    """Print a completion script: eval "$(labcheck completion bash)"."""
    from click.shell_completion import get_completion_class  # noqa: PLC0415 - only here

    parent = click.get_current_context().find_root()
    made = get_completion_class(shell)
    assert made is not None, "click knows all three shells"  # noqa: S101
    click.echo(made(parent.command, {}, "labcheck", "_LABCHECK_COMPLETE").source())
    return ExitCode.PASSED
