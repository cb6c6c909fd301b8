"""A page's scripts, each with the output that the page promises for it.

An output belongs to the last script above it where words between the two say so ("Expected
output:"), or where nothing but the script stands above it. Whatever else looks like an output is
left out, and a note says why: a block that is paired wrongly would be called wrong.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, assert_never

from verifier.lesson.block import Code, Mark, Note, Passage, Words

if TYPE_CHECKING:
    from collections.abc import Iterable

_EXAMPLE = re.compile(
    r"\b(?:example|sample) output\b|\boutput (?:may|will|might) (?:differ|vary)|"
    r"\byour (?:output|numbers|values|results?) (?:may|will|might)\b|"
    r"\b(?:see|get|prints?|outputs?|looks?)\b[^.\n]{0,40}\b(?:something like|similar to)\b|"
    r"示例输出|样例输出|输出示例|出力例|例の出力",
    re.IGNORECASE,
)
_EXPECTED = re.compile(
    # a label alone; words for it anywhere; a sentence that ends with it and a colon
    r"\A\W*(?:(?:expected|program|console|terminal|full|the)\s+)?(?:outputs?|results?|printout)\W*\Z|"
    r"\bexpected (?:output|result|printout)|\byou (?:should|will|would) (?:see|get)\b|"
    r"\boutput (?:is|will be|should be|looks? like this)\W*\Z|"
    r"\b(?:output|prints?|printed|printout)\b(?!\s+(?:files?|folders?|layers?|director|paths?|"
    r"shapes?|sizes?|formats?|dim|features?))(?:[^\n.]|\.[0-9]){0,60}[:\uff1a]\W*\Z|"
    r"\b(?:it|this|script|program|code) prints\W*\Z|"
    r"(?:预期|期望|期待)(?:的)?(?:输出|结果)|(?:输出|运行结果|执行结果|打印)[^\n。]{0,8}。?\Z|"
    r"期待される(?:出力|結果)|(?:出力|実行結果|表示され)[^\n。先]{0,12}。?\Z",
    re.IGNORECASE,
)
_NUMBERED = re.compile(r"\s*([0-9]{1,5})(?:[ \t]*[|:│][ \t]?|[ \t]{1,2}|\.[ \t]|$)(.*)", re.DOTALL)
_RUN = re.compile(r"\s*(?:\([\w.-]{1,40}\)\s*)?[$%>]\s+(?:python|uv run|py\b|labcheck)[^\n]*")
_PROMPT = re.compile(r"\s*(?:[$%]|>>>|In \[[0-9 ]*\]:)\s")
_FILE_TITLE = re.compile(r"[\w./-]+\.(?!py\b)[a-z]{1,5}")
_LONGEST_SAID = 300
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
    """Whether it goes on where the script above ended: a cell, or by its mark."""
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
        self.words: list[Words] = []
        """Since the last block of code."""
        self.passages: list[Passage] = []
        self._heading = ""
        self._marks: list[Mark] = []
        """Since the last block of code."""
        self._is_open = False
        """Whether the last script may still get its output."""

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
                self._note(code.line, "a session with prompts is no script: it is left out")
                self._is_open = False
            case "included":
                self._note(code.line, "an included file is not read: it is left out")
                self._is_open = False
            case "quoted":
                self._add_passage(code.text, code.text_line, is_code=True)
                return  # nor does it part a script from its output
            case "other":
                return  # neither runs nor parts a script from its output
            case _:
                assert_never(code.kind)
        self.words.clear()
        self._marks.clear()

    def end(self) -> None:
        for mark in self._marks:
            self._note(mark.line, f"the mark {mark.word} stands above no block of code")

    def _note(self, line: int, message: str) -> None:
        self.notes.append(Note(line=line, message=message))

    def _add_script(self, code: Code) -> None:
        first = next(filter(str.strip, code.text.split("\n")), "")
        if not first:
            self._note(code.line, "an empty block is left out")
            return
        if _PROMPT.match(first + " "):
            self._note(code.line, "a session with prompts is no script: it is left out")
            self._is_open = False
            return
        words = {mark.word for mark in self._marks}
        self.scripts.append(
            Script(
                index=len(self.scripts) + 1,
                line=code.line,
                text=without_line_numbers(code.text),
                continues=bool(self.scripts) and (code.kind == "cell" or "continues" in words),
                is_example="example" in words,
                skipped="its mark says skip" if "skip" in words else "",
                needs=next((mark.argument for mark in self._marks if mark.word == "needs"), ""),
                ignore=self._patterns(),
            )
        )
        self._is_open = True

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
        return any(_EXPECTED.search(words.text) for words in self.words)

    def _add_output(self, code: Code) -> None:
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
            or (not code.is_result and bool(_EXAMPLE.search(said))),
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
        if not (self._says() or _EXPECTED.search(code.title) or code.is_result):
            return ""
        if not self.scripts:
            return "this output stands above any script: it is left out"
        return "this is a second output, or no script stands right above it: it is left out"

    def _unannounced(self, code: Code) -> str | None:
        near = [each.text for each in self._near_words()]
        if code.is_result or not near:
            return None
        if any(_EXPECTED.search(each) or _EXAMPLE.search(each) for each in (*near, code.title)):
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


def without_line_numbers(text: str) -> str:
    """Take line numbers off a script, where every line has its own."""
    lines = text.rstrip("\n").split("\n")
    found = [_NUMBERED.fullmatch(line) for line in lines]
    kept = [match[2] for match in found if match is not None]
    numbers = [int(match[1]) for match in found if match is not None]
    if len(lines) == 1 or numbers != list(range(1, len(lines) + 1)):
        return text
    return "\n".join(kept) + "\n"


_WORDS = ("skip", "continues", "example", "ignore", "needs")
_UNBOUNDED = re.compile(r"[*+]|\{[0-9]*,[0-9]*\}")
_COSTLY = re.compile(r"[)][*+?{]|\\[1-9]|\(\?(?![:])")
_MOST_UNBOUNDED = 2


def mark_trouble(mark: Mark) -> str:
    """Say what is wrong with a mark; empty where nothing is.

    A pattern may repeat twice, no group of it may be repeated, and it may not refer back: so it
    takes bounded time on the short lines that it is tried on.
    """
    if mark.word not in _WORDS:
        return f"there is no mark {mark.word}: use one of {', '.join(_WORDS)}"
    if mark.word in ("ignore", "needs") and not mark.argument:
        return f"the mark {mark.word} names nothing: write what after it"
    if mark.word != "ignore":
        return ""
    if _COSTLY.search(mark.argument) or len(_UNBOUNDED.findall(mark.argument)) > _MOST_UNBOUNDED:
        return "this pattern could take for ever: repeat at most twice, and no group"
    try:
        re.compile(mark.argument)
    except (re.error, OverflowError, RecursionError) as error:
        return f"this is no pattern: {error}"
    return ""
