"""A commit's files beside the checkout, for as long as they are needed, and its images."""

from __future__ import annotations

import contextlib
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from scripts.reports.corpus import CHECKOUT

if TYPE_CHECKING:
    from collections.abc import Iterator

AS_IT_IS = (".", "worktree")
"""What names the working tree, uncommitted changes included."""
RUNTIME = "labcheck-runtime"

_WORKTREES = CHECKOUT / "build" / "worktrees"
_WHEELS = CHECKOUT / "build" / "wheelhouse"


class GuardError(Exception):
    """What keeps the reports from being made, with what to do about it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Revision:
    """A commit, or the working tree."""

    short: str
    """Seven characters always: a path that is cut off is cut at the same place then."""
    full: str | None
    """None for the working tree, which has no name that would hold."""


def revision(name: str) -> Revision:
    """Find the commit of a name.

    Raises:
        GuardError: Git knows none.
    """
    if name in AS_IT_IS:
        return Revision(short="current", full=None)
    try:
        full = _git("rev-parse", "--verify", "--quiet", "--end-of-options", f"{name}^{{commit}}")
    except subprocess.CalledProcessError as error:
        raise GuardError(f"git knows no commit {name!r}; `git log` lists them") from error
    return Revision(short=full[:7], full=full)


@contextlib.contextmanager
def checked_out(wanted: Revision) -> Iterator[Path]:
    """Give a folder with a revision's files, which is removed afterwards.

    The working tree is copied: whoever goes on writing in it changes nothing that is judged.
    """
    path = _WORKTREES / wanted.short
    _remove(path)  # one that was killed may have left it
    try:
        if wanted.full is None:
            _copy_tree(path)
        else:
            _git("worktree", "add", "--quiet", "--force", "--detach", str(path), wanted.full)
        yield path
    finally:
        _remove(path)


def _copy_tree(target: Path) -> None:
    """Copy every file of the working tree that git tracks, or would if it were told to."""
    listed = _git("ls-files", "-z", "--cached", "--others", "--exclude-standard").split("\0")
    for name in map(Path, filter(None, listed)):
        if (CHECKOUT / name).is_symlink() or (CHECKOUT / name).exists():
            (target / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(CHECKOUT / name, target / name, follow_symlinks=False)


def _remove(path: Path) -> None:
    with contextlib.suppress(subprocess.CalledProcessError):  # there may be none
        _git("worktree", "remove", "--force", "--force", str(path))
    shutil.rmtree(path, ignore_errors=True)


def build_image(code: Path) -> str:
    """Build the images of a revision by its own script, and give the runtime image's id.

    Raises:
        GuardError: They cannot be built.
    """
    if _WHEELS.is_dir():
        # Its own .venv and wheels, for its locks may be others; what is here needs no download.
        shutil.copytree(_WHEELS, code / "build" / "wheelhouse")
    try:
        subprocess.run(["scripts/image.sh"], cwd=code, check=True, stdout=sys.stderr)
        found = subprocess.run(
            ["docker", "image", "inspect", "--format", "{{.Id}}", RUNTIME],
            check=True,
            capture_output=True,
            text=True,
        )
    except (OSError, subprocess.CalledProcessError) as error:
        raise GuardError(f"the images cannot be built: {error}; see `make image`") from error
    return found.stdout.strip()


def _git(*arguments: str) -> str:
    return subprocess.run(
        ["git", "-C", str(CHECKOUT), *arguments], check=True, capture_output=True, text=True
    ).stdout.strip()
