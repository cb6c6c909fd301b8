"""What is no script is refused by what it holds, with a sentence of its own."""

from __future__ import annotations

import gzip
import io
import json
import tarfile
import zipfile
from pathlib import Path

import pytest

from verifier.submission import SIZE_LIMIT_BYTES, read_stream

FIELD = Path(__file__).parents[1] / "lab" / "field"
CELL = {"cell_type": "code", "source": ["print(1)\n"], "outputs": []}


def _refused(source: bytes) -> list[tuple[str, str]]:
    refusals = read_stream(io.BytesIO(source), name="-").refusals
    return [(finding.kind, finding.message) for finding in refusals]


def _zip(**members: bytes) -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_STORED) as archive:
        for name, content in members.items():
            archive.writestr(name, content)
    return file.getvalue()


def _tar() -> bytes:
    file = io.BytesIO()
    with tarfile.open(fileobj=file, mode="w") as archive:
        archive.addfile(tarfile.TarInfo("submission.py"))
    return file.getvalue()


def _notebook(**more: object) -> bytes:
    return json.dumps({"cells": [CELL], "metadata": {}, "nbformat": 4, **more}).encode()


@pytest.mark.parametrize(
    ("source", "said"),
    [
        ((FIELD / "case21_notebook.ipynb").read_bytes(), "a notebook"),
        ((FIELD / "case25_rtf.py").read_bytes(), "rich text"),
        ((FIELD / "case26_html.py").read_bytes(), "a web page"),
        (_notebook(), "hand in its code cells as one .py file"),
        (b"\xef\xbb\xbf\n " + _notebook(), "a notebook"),
        (json.dumps({"nbformat": 3, "worksheets": [{"cells": [CELL]}]}).encode(), "a notebook"),
        (_notebook()[:-20], "a notebook"),
        (_notebook(image="x" * SIZE_LIMIT_BYTES), "a notebook"),
        (b"{\\rtf1\\ansi import torch\\\n}", "plain text"),
        (b"<html><body>Google Drive - Virus scan warning</body></html>", "a web page"),
        (b"\n<!-- saved from x -->\n<HTML>\n", "a web page"),
        (b"<pre>\nimport torch\n</pre>\n", "a web page"),
        (b"<p class='x'>import torch</p>\n", "a web page"),
        (b'{"cells": [], "metadata": {}, "nbformat": 4}', "a notebook"),
        (b"<?xml version='1.0'?><office:document/>", "an XML document"),
        (b"From: <Saved by Blink>\r\nMIME-Version: 1.0\r\n\r\nx", "an e-mail or a saved web page"),
        (b"bplist00\xd1\x01\x02" + bytes(9), "a saved web page"),
        (_zip(**{"word/document.xml": b"x"}), "a Word document"),
        (_zip(**{"xl/workbook.xml": b"x"}), "an Excel sheet"),
        (_zip(**{"ppt/presentation.xml": b"x"}), "a presentation"),
        (_zip(**{"a/data.pkl": b"x"}), "a saved model"),
        (_zip(**{"password/x.py": b"print(1)"}), "a zip archive"),
        (b"RIFF" + bytes(4) + b"WAVEfmt ", "a picture, a sound or a film"),
        (_zip(**{"submission.py": b"print(1)"}), "a zip archive"),
        (_zip(mimetype=b"application/vnd.oasis"), "an office document"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(64), "an old Office document"),
        (b"%PDF-1.7\n%\xe2\xe3", "a PDF"),
        (gzip.compress(b"print(1)"), "a compressed file"),
        (_tar(), "a tar archive"),
        (b"7z\xbc\xaf\x27\x1c" + bytes(9), "a compressed file"),
        (b"Rar!\x1a\x07\x01\x00", "a compressed file"),
        (b"\x89PNG\r\n\x1a\n" + bytes(9), "a picture"),
        (b"\xff\xd8\xff\xe0" + bytes(9), "a picture"),
        (b"GIF89a" + bytes(9), "a picture"),
        (b"RIFF\x00\x00\x00\x00WEBPVP8 ", "a picture"),
        (b"\xa7\x0d\x0d\x0a" + bytes(12) + b"\xe3\x00", "compiled Python"),
        (b"\x7fELF\x02\x01\x01" + bytes(9), "a program"),
        (b"MZ\x90\x00\x03\x00" + bytes(9), "a program"),
        (b"\x80\x04\x95\x10\x00\x00\x00", "a pickle"),
        (b"\x93NUMPY\x01\x00v\x00", "a saved array"),
        (b"SQLite format 3\x00" + bytes(9), "a database"),
        (b"diff --git a/x.py b/x.py\n--- a/x.py\n", "a patch"),
        (b"[InternetShortcut]\r\nURL=x://y\r\n", "a link"),
    ],
)
def test_what_is_no_script_is_named_and_its_remedy_told(source: bytes, said: str) -> None:
    """Not gradable: it was never run, and says nothing about the learner's training."""
    ((kind, message),) = _refused(source)

    assert kind == "not_a_script"
    assert message.startswith("this is ")
    assert said in message
    assert ": " in message


@pytest.mark.parametrize(
    "source",
    [
        b'"""<html>\n<body>"""\nprint(1)\n',
        b"# <!DOCTYPE html>\nprint(1)\n",
        b"{'cells': [1], 'nbformat': 4}\nprint(1)\n",
        b'{"cells": [{"cell_type": "code"}], "nbformat": 4}["cells"]\nimport torch\n',
        b'{"a": 1}\n',
        b"{1, 2}\n",
        b"PK = 3\nMZ = 4\nBM = 5\nGIF = 6\n",
        b"%PDF = 1\n",
        b"From = 1\n",
        b"{" * 100_000,
        b'{"cells": ' + b"[" * 100_000,
        b"import torch\n<html>\n",
        b"#!/usr/bin/env python\nprint(1)\n",
        b"diff = 1\n",
        b"MZ = 'a'\n" * 9,
        b"<<<<<<< HEAD\nx = 1\n",
        b"<submission.py>\n",
    ],
)
def test_a_script_that_starts_oddly_is_run(source: bytes) -> None:
    """What Python says of it is for the learner to read."""
    assert _refused(source) == []


@pytest.mark.parametrize("coding", ["utf-16", "utf-16-le", "utf-16-be", "utf-32"])
def test_text_in_two_byte_characters_is_named(coding: str) -> None:
    """As an editor's "Unicode" or a shell's redirection writes it."""
    ((kind, message),) = _refused("import torch\nprint('x')\n".encode(coding))

    assert kind == "nul_byte"
    assert message.startswith(f"this is text in UTF-{coding[4:6]}, which Python does not read: ")


def test_captured_output_may_be_anything() -> None:
    """Only a script is refused for what it is."""
    source = b"<html>\n"

    assert read_stream(io.BytesIO(source), name="-", is_script=False).refusals == ()
