"""The server as a program: it serves on standard input and output until the input ends.

Usage: ``python -I -m verifier.sandbox [--hide PATH]… [--without WALL]… [--set NAME=VALUE]…``
"""

from __future__ import annotations

import argparse
import contextlib
import os

from verifier.sandbox import wire
from verifier.sandbox.server import ClientGoneError, Connection, converse
from verifier.sandbox.walls.tier import WALLS


def main() -> None:
    """Read the command line, take standard output for frames alone, and serve."""
    parser = argparse.ArgumentParser(prog="verifier.sandbox")
    parser.add_argument("--hide", action="append", default=[], metavar="PATH")
    parser.add_argument("--without", action="append", default=[], choices=WALLS[1:-1])
    parser.add_argument("--set", action="append", default=[], metavar="NAME=VALUE")
    options = parser.parse_args()
    writer = os.dup(1)  # close-on-exec, as is every descriptor made by Python
    os.dup2(2, 1)  # a stray print must not be taken for a frame
    connection = Connection(reader=0, writer=writer, buffer=wire.FrameBuffer())
    with contextlib.suppress(ClientGoneError):
        converse(
            connection,
            hide=tuple(options.hide),
            without=frozenset(options.without),
            settings=dict(each.split("=", 1) for each in options.set),
        )


if __name__ == "__main__":
    main()
