"""The scripts that are judged, under names that no layout of the tree can change.

They come from the checkout that this file lies in, whatever commit judges them.
"""

from __future__ import annotations

import hashlib
import tomllib
import zipfile
from pathlib import Path
from typing import TYPE_CHECKING, Any

from scripts.reports.outputs import RIGHT

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

CHECKOUT = Path(__file__).resolve().parent.parent.parent
LAB = CHECKOUT / "lab" / "forward-backward"
MISTAKES = LAB / "mistakes"
BASELINE_GROUPS = {
    "styles": CHECKOUT / "tests" / "lab" / "styles",
    "cheats": CHECKOUT / "tests" / "lab" / "cheats",
    "doubles": CHECKOUT / "tests" / "lab" / "doubles",
}
HOSTILE = CHECKOUT / "tests" / "hostile"
UNREPEATABLE = Path(__file__).with_name("unrepeatable.txt")
APART = "unrepeatable"
"""The folder of scripts whose output varies from run to run, so that no page counts them."""

_MEBIBYTE = 2**20
_ZIP_DATE = (2000, 1, 1, 0, 0, 0)


def references() -> dict[str, bytes]:
    """Give the script of every exercise, by the exercise's id."""
    lab = tomllib.loads((LAB / "lab.toml").read_text(encoding="utf-8"))
    return {name: (LAB / each["script"]).read_bytes() for name, each in lab["exercises"].items()}


def scripts() -> Iterator[tuple[str, bytes]]:
    """Give every script that is run behind the sandbox's walls, with its name."""
    for name, source in references().items():
        yield f"references/{name}", source
    tables = tomllib.loads((MISTAKES / "mistakes.toml").read_text(encoding="utf-8"))
    for script in sorted(MISTAKES.glob("*.py")):
        yield f"mistakes/{tables[script.stem]['exercise']}/{script.stem}", script.read_bytes()
    for group, folder in BASELINE_GROUPS.items():
        for script in sorted(folder.glob("*.py")):
            yield f"{group}/{script.stem}", script.read_bytes()
    yield from _odd_sources(references()["baseline"])


def _odd_sources(right: bytes) -> Iterator[tuple[str, bytes]]:
    """Give what is refused unread, or nearly: no corpus of the tree holds such files."""
    text = right.decode()
    yield "odd/empty", b""
    yield "odd/blank", b"\n\n"
    yield "odd/nul", right + b"\0"
    yield "odd/too-large", right + b"#" * _MEBIBYTE
    yield "odd/no-utf8", right + b"# \xff\n"
    yield "odd/latin-1", b"# coding: latin-1\n" + right + b"# \xff\n"
    yield "odd/unknown-coding", b"# coding: rot13\n" + right
    yield "odd/byte-order-mark", b"\xef\xbb\xbf" + right
    yield "odd/utf-16", text.encode("utf-16")
    yield "odd/crlf", text.replace("\n", "\r\n").encode()
    yield "odd/old-mac", text.replace("\n", "\r").encode()
    yield "odd/nothing-printed", b"import torch\n"
    yield "odd/notebook", b"%matplotlib inline\n" + right
    yield "odd/exit-three", right + b"raise SystemExit(3)\n"
    yield "odd/warns", b"import warnings\nwarnings.warn('\x1b[31mred')\n" + right


def unrepeatable() -> frozenset[str]:
    """Name the scripts whose output varies from run to run of one commit."""
    if not UNREPEATABLE.exists():
        return frozenset()
    lines = UNREPEATABLE.read_text(encoding="utf-8").splitlines()
    return frozenset(line for line in lines if line and not line.startswith("#"))


def write_corpus(folder: Path, *, apart: frozenset[str]) -> None:
    """Write every script into a scratch folder, the unrepeatable ones apart."""
    for name, source in scripts():
        _put(folder / (APART if name in apart else "") / f"{name}.py", source)
    _write_class(folder, references()["baseline"])


def _write_class(folder: Path, right: bytes) -> None:
    """Write a class as it arrives: names with blanks, other files among them, an archive."""
    wrong = right.replace(b"optimizer.step()", b"pass")
    files = {
        "anna b/submission (1).py": right,
        "Émile/lab.py": wrong,
        "=cmd/+formula.py": wrong,
        "notes.txt": b"not a script\n",
        "anna b/lab.ipynb": b"{}\n",
        ".hidden.py": right,
        "__MACOSX/._lab.py": b"\0\5\x16\7",
        "__pycache__/lab.py": right,
        "deep/er/and/deeper/LAB.PY": right,
    }
    for name, content in files.items():
        _put(folder / "class" / name, content)
    (folder / "class" / "link.py").symlink_to("Émile/lab.py")
    with zipfile.ZipFile(folder / "class.zip", "w") as archive:
        for name, content in [*files.items(), ("../climbs.py", right), ("back\\slash.py", right)]:
            archive.writestr(zipfile.ZipInfo(name, date_time=_ZIP_DATE), content)


def write_hostile(folder: Path) -> None:
    """Write every hostile script as its case hands it in, but for those that are too slow."""
    for case in sorted(HOSTILE.glob("*/*/case.toml")):
        table = tomllib.loads(case.read_text(encoding="utf-8"))
        if not table.get("soak"):
            name = f"{case.parent.parent.name}/{case.parent.name}.py"
            _put(
                folder / name, _handed_in(case.with_name("submission.py"), table.get("source", {}))
            )


def _handed_in(script: Path, changes: dict[str, Any]) -> bytes:
    """Make of a hostile script what is handed in, as the README beside the cases says."""
    text = script.read_text(encoding="utf-8")
    for old, new in changes.get("edits", []):
        text = text.replace(old, new)
    for flag, file in (("scan", "scan.py"), ("prelude", "prelude.py")):
        if changes.get(flag):
            text = (HOSTILE / file).read_text(encoding="utf-8") + text
    if changes.get("published"):
        text = f'PUBLISHED = """\\\n{RIGHT.decode()}"""\n\n{text}'
    source: bytes = (changes.get("prefix", "") + text).encode()
    return source.ljust(changes.get("pad_to_bytes", 0), b"#")


def digest(folders: Iterable[Path]) -> str:
    """Give one sha256 over the names and contents of all files in folders."""
    found = hashlib.sha256()
    for folder in folders:
        for path in sorted(folder.rglob("*")):
            if path.is_file() and path.suffix != ".pyc":
                content = hashlib.sha256(path.read_bytes()).hexdigest()
                found.update(f"{path.relative_to(folder).as_posix()}\0{content}\n".encode())
    return found.hexdigest()


def _put(path: Path, content: bytes) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content)
