"""A page's scripts, each with the output that the page promises for it.

An output belongs to the last script above it where words between the two say so ("Expected
output:"), or where nothing but the script stands above it. Whatever else looks like an output is
left out, and a note says why: a block that is paired wrongly would be called wrong.
"""

from __future__ import annotations

import re
from collections import deque
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, assert_never

from verifier.lesson.block import MAX_MARKS, MAX_NOTES, Code, Mark, Note, Passage, Words
from verifier.lesson.dialects import without_line_numbers
from verifier.lesson.mark import mark_trouble
from verifier.lesson.promise import gives_example, promises

if TYPE_CHECKING:
    from collections.abc import Iterable

_RUN = re.compile(
    r"\s*(?:\([\w.-]{1,40}\)\s*)?(?:(?:PS )?[A-Z]:[^>\n]{0,200}>|[\w.@:~/-]{0,80}[$%>]\s)\s*"
    r"(?:python|uv run|py\b|labcheck)[^\n]*"
)
_PROMPT = re.compile(r"\s*(?:[$%]|>>>|In \[[0-9 ]*\]:)\s")
_FILE_TITLE = re.compile(r"[\w./-]+\.(?!py\b)[a-z]{1,5}")
_LONGEST_SAID = 300
_MOST_WORDS = 20
"""Headings and paragraphs between a script and an output that are looked at."""
_PYTHON_LINE = re.compile(
    r"^(?:import \w|from [\w.]{1,80} import |print\(|def \w{1,80}\(|for \w[^\n]{0,80} in )",
    re.MULTILINE,
)
"""As scripts have it, and hardly any output."""
ABRIDGED = re.compile(r"^\s*(?:\.\.\.|…|\[\.\.\.\])\s*$", re.MULTILINE)


@dataclass(frozen=True, slots=True, kw_only=True)
class Output:
    """An output block."""

    text: str
    line: int
    """1-based: of its fence; in a notebook, the number of the cell."""
    text_line: int
    """1-based: of its first line."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Script:
    """A script of a page, with what the page says about it."""

    index: int
    """From 1, over the scripts of the page."""
    line: int
    text: str
    continues: bool = False
    """Whether it goes on where the script above ended, by its mark; a cell, where the cell did."""
    is_cell: bool = False
    output: Output | None = None
    is_example: bool = False
    """Whether the output is said to differ from machine to machine."""
    skipped: str = ""
    """Why it is not run; empty where it is."""
    needs: str = ""
    """The package that its mark names."""
    ignore: tuple[str, ...] = ()
    """Patterns of what may differ, by its marks."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """What was read of a page."""

    scripts: tuple[Script, ...]
    notes: tuple[Note, ...]
    source_bytes: int = 0
    """Of all scripts together."""
    passages: tuple[Passage, ...] = ()
    """All else that stands on it."""
    is_notebook: bool = False
    """Whether a line is the number of a cell."""


def paired(items: Iterable[Code | Words | Mark | Note]) -> Page:
    """Pair the scripts of a page with their outputs."""
    reader = _Reader()
    for item in items:
        match item:
            case Words():
                reader.add_words(item)
            case Mark():
                reader.add_mark(item)
            case Note():
                reader.notes.append(item)
            case Code():
                reader.add_code(item)
            case _:
                assert_never(item)
    reader.end()
    notes = sorted(reader.notes, key=lambda note: note.line)
    if len(notes) > MAX_NOTES:
        message = f"{len(notes) - MAX_NOTES} more notes are left out"
        notes[MAX_NOTES:] = [Note(line=notes[MAX_NOTES].line, message=message)]
    size = sum(len(script.text.encode("utf-8", "replace")) for script in reader.scripts)
    return Page(
        scripts=tuple(reader.scripts),
        notes=tuple(notes),
        source_bytes=size,
        passages=tuple(reader.passages),
    )


class _Reader:
    def __init__(self) -> None:
        self.scripts: list[Script] = []
        self.notes: list[Note] = []
        self.words: deque[Words] = deque(maxlen=_MOST_WORDS)
        """The last ones since the last block of code."""
        self.passages: list[Passage] = []
        self._heading = ""
        self._marks: list[Mark] = []
        """Since the last block of code."""
        self._is_open = False
        """Whether the last script may still get its output."""
        self._outputs_above = 0
        """Outputs that were promised above any script."""

    def add_words(self, words: Words) -> None:
        self.words.append(words)
        self._heading = words.text[:_LONGEST_SAID] if words.is_heading else self._heading
        self._add_passage(words.text, words.line, is_code=False)

    def _add_passage(self, text: str, line: int, *, is_code: bool) -> None:
        said = self.words[-1].text[-_LONGEST_SAID:] if is_code and self.words else ""
        self.passages.append(
            Passage(text=text, line=line, is_code=is_code, heading=self._heading, said=said)
        )

    def add_mark(self, mark: Mark) -> None:
        trouble = mark_trouble(mark)
        if trouble:
            self._note(mark.line, trouble)
        elif len(self._marks) >= MAX_MARKS:
            self._note(mark.line, f"no more than {MAX_MARKS} marks count above one block")
        else:
            self._marks.append(mark)

    def add_code(self, code: Code) -> None:
        match code.kind:
            case "script" | "cell":
                self._add_script(code)
            case "output":
                self._add_output(code)
            case "shell":
                self._add_shell(code)
            case "console":
                self._close(code.line, "a session with prompts is no script: it is left out")
            case "unread":
                self._close(code.line, code.text)
            case "quoted" | "indented":
                if not self._add_quoted(code):
                    return  # nor does it part a script from its output
            case "other":
                if not (self._is_open and self._says()):
                    return  # neither runs nor parts a script from its output
                self._close(code.line, "a block of another language is no output: call it text")
            case _:
                assert_never(code.kind)
        self.words.clear()
        self._marks.clear()

    def _add_quoted(self, code: Code) -> bool:
        """Keep what may repeat an output; give whether it is more than that."""
        if code.kind == "indented" and self._add_indented(code):
            return True
        self._add_passage(code.text, code.text_line, is_code=True)
        return False

    def _add_indented(self, code: Code) -> bool:
        """Take indented code for an output where words say so; give whether it counts at all."""
        if _PYTHON_LINE.search(code.text):
            self._close(code.line, "indented code is not run: put a script into a fence")
            return True
        if not self._says():
            return False
        self._add_output(code)
        return True

    def end(self) -> None:
        for mark in self._marks:
            self._note(mark.line, f"the mark {mark.word} stands above no block of code")
        self._take_back_doubtful()

    def _take_back_doubtful(self) -> None:
        """Pair nothing where each output may as well be that of the script below it."""
        outputs = [script.output for script in self.scripts]
        if self._outputs_above != 1 or len(outputs) < 2 or outputs[-1] or None in outputs[:-1]:  # noqa: PLR2004 - else none is between two
            return
        for output in filter(None, outputs):
            message = "this page shows outputs above their scripts, it seems: it is left out"
            self._note(output.line, message)
        self.scripts = [replace(script, output=None) for script in self.scripts]

    def _note(self, line: int, message: str) -> None:
        self.notes.append(Note(line=line, message=message))

    def _close(self, line: int, message: str) -> None:
        """Leave a block out that may be a script: what follows is not the output of that before."""
        self._note(line, message)
        self._is_open = False

    def _add_script(self, code: Code) -> None:
        first = next(filter(str.strip, code.text.split("\n")), "")
        if not first:
            self._close(code.line, "an empty block is left out")
            return
        if _PROMPT.match(first + " "):
            self._close(code.line, "a session with prompts is no script: it is left out")
            return
        if self._is_open and not _PYTHON_LINE.search(code.text) and self._is_announced(code):
            self._note(
                code.line, "words promise an output, and this says python: taken for a script"
            )
        words = {mark.word for mark in self._marks}
        self.scripts.append(
            Script(
                index=len(self.scripts) + 1,
                line=code.line,
                text=without_line_numbers(code.text),
                continues=self._continues(code, is_marked="continues" in words),
                is_cell=code.kind == "cell",
                is_example="example" in words,
                skipped="its mark says skip" if "skip" in words else "",
                needs=next((mark.argument for mark in self._marks if mark.word == "needs"), ""),
                ignore=self._patterns(),
            )
        )
        self._is_open = True

    def _continues(self, code: Code, *, is_marked: bool) -> bool:
        if code.kind == "cell":
            return any(script.is_cell for script in self.scripts)
        return bool(self.scripts) and is_marked

    def _patterns(self) -> tuple[str, ...]:
        return tuple(mark.argument for mark in self._marks if mark.word == "ignore")

    def _add_shell(self, code: Code) -> None:
        command, _, rest = code.text.lstrip("\n").partition("\n")
        if _RUN.fullmatch(command) and rest.strip() and self._is_open:
            self._add_output(code)
            return
        self._add_passage(code.text, code.text_line, is_code=True)
        if rest.strip() and not all(map(_is_command, code.text.split("\n"))) and self._says():
            self._note(code.line, "a block of commands is not taken for an output")

    def _says(self) -> bool:
        return any(promises(words.text) for words in self.words)

    def _add_output(self, code: Code) -> None:
        if self._is_bare_script(code):
            message = "this looks like a script, but its fence does not say python: left out"
            self._close(code.line, message)
            return
        text, text_line = _without_command(code)
        reason = self._why_left_out(code, text)
        if reason is not None:
            self._add_passage(text, text_line, is_code=True)
            if reason:
                self._note(code.line, reason)
            return
        script = self.scripts[-1]
        words = {mark.word for mark in self._marks}
        said = " ".join([code.title, *(each.text for each in self._near_words())])
        self.scripts[-1] = replace(
            script,
            output=Output(text=text, line=code.line, text_line=text_line),
            is_example=script.is_example
            or "example" in words
            or (not code.is_result and gives_example(said)),
            skipped=script.skipped
            or ("its mark says skip" if "skip" in words else "")
            or ("the page shows only a part of it (…)" if ABRIDGED.search(text) else ""),
            ignore=script.ignore + self._patterns(),
        )
        self._is_open = False

    def _why_left_out(self, code: Code, text: str) -> str | None:
        """Say why a block is no output of the script above; None where it is, empty for no note."""
        if self._is_open:
            return _other_than_output(code, text) or self._unannounced(code)
        if not (self._says() or promises(code.title) or code.is_result):
            return ""
        if not self.scripts:
            self._outputs_above += 1
            return "this output stands above any script: it is left out"
        return "this is a second output, or no script stands right above it: it is left out"

    def _is_bare_script(self, code: Code) -> bool:
        is_python = _PYTHON_LINE.match(code.text.lstrip("\n"))
        return bool(is_python) and not code.is_result and not self._is_announced(code)

    def _is_announced(self, code: Code) -> bool:
        near = (*(each.text for each in self._near_words()), code.title)
        return any(promises(each) or gives_example(each) for each in near)

    def _unannounced(self, code: Code) -> str | None:
        if code.is_result or not self._near_words() or self._is_announced(code):
            return None
        return "no words such as “Expected output” lead to this block: it is left out"

    def _near_words(self) -> list[Words]:
        """Give the words above, back to the nearest heading and with it."""
        found: list[Words] = []
        for each in reversed(self.words):
            found.append(each)
            if each.is_heading:
                break
        return found


def _other_than_output(code: Code, text: str) -> str:
    """Say what a block is, where that is no output of any script; empty where it may be one."""
    if not text.strip():
        return "an empty block is left out"
    if _FILE_TITLE.fullmatch(code.title.strip()):
        return f"this is the file {code.title.strip()}, not an output: it is left out"
    if all(map(_is_command, text.split("\n"))):
        return "this shows commands, not an output: it is left out"
    return ""


def _is_command(line: str) -> bool:
    return not line.strip() or bool(_PROMPT.match(line)) or line.lstrip().startswith("#")


def _without_command(code: Code) -> tuple[str, int]:
    """Take the line ``$ python script.py`` off an output."""
    command, newline, rest = code.text.partition("\n")
    if newline and _RUN.fullmatch(command):
        return rest, code.text_line + 1
    return code.text, code.text_line
