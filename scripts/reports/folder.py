"""Where the reports of one commit are written, and what they were made from."""

from __future__ import annotations

import hashlib
import importlib.metadata
import platform
import shutil
import sys
from pathlib import Path
from typing import Any

from scripts.reports.corpus import CHECKOUT
from scripts.reports.normal import readable

REPORTS = CHECKOUT / "build" / "reports"
ABOUT = "about.json"
"""What the reports were made from: not compared, but read to see whether they still hold."""

_READS_CORPUS = ("corpus.py", "outputs.py")


class Folder:
    """A folder of reports that stands under its name only once it is whole."""

    def __init__(self, name: str) -> None:
        self.path = REPORTS / name
        self._partial = REPORTS / f"{name}.part"

    def begin(self) -> None:
        """Throw away what a run that was killed left half done."""
        self.discard()
        self._partial.mkdir(parents=True)

    def discard(self) -> None:
        """Throw away what is half done."""
        shutil.rmtree(self._partial, ignore_errors=True)

    def put(self, name: str, text: str) -> None:
        """Write one report."""
        path = self._partial / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8", errors="backslashreplace", newline="")

    def finish(self, about: dict[str, Any]) -> None:
        """Put the whole folder in its place."""
        self.put(ABOUT, readable(about))
        shutil.rmtree(self.path, ignore_errors=True)
        self._partial.rename(self.path)

    def holds(self, about: dict[str, Any]) -> bool:
        """Whether it was made from the same, and need not be made again."""
        try:
            return (self.path / ABOUT).read_text(encoding="utf-8") == readable(about)
        except OSError:
            return False


def about(*, commit: str, corpus: str, runner: str) -> dict[str, Any]:
    """Say all that decides what the reports are, but for this machine's kernel and processor."""
    packages = sorted(
        f"{each.name}=={each.version}"
        for each in importlib.metadata.distributions()
        if each.name != "labcheck"
    )
    return {
        "commit": commit,
        "corpus": corpus,
        "runner": runner,
        "guard": _guard(),
        "checkout": str(CHECKOUT),
        "python": sys.prefix,
        "platform": platform.platform(),
        "packages": packages,
    }


def _guard() -> str:
    """Digest this script, but for what only reads the corpus, which has its own digest."""
    here = Path(__file__).parent
    texts = {
        path.name: path.read_text(encoding="utf-8")
        for path in sorted(here.glob("*.py"))
        if path.name not in _READS_CORPUS
    }
    return hashlib.sha256(repr(sorted(texts.items())).encode()).hexdigest()
