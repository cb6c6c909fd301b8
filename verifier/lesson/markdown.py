"""Markdown, MDX and MyST → what stands on the page, with the line where it stands.

Only blocks are parsed, no inline text: that keeps reading linear, and nothing of it is shown.
A file that a page includes is never opened.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from verifier.lesson.block import (
    MAX_BLOCK_CHARACTERS,
    MAX_BLOCKS,
    MAX_TOKENS,
    Code,
    Kind,
    Mark,
    Note,
    Words,
    unread,
)  # fmt: skip
from verifier.lesson.dialects import TooManyTokensError, course_parser

if TYPE_CHECKING:
    from collections.abc import Iterator

    from markdown_it import MarkdownIt
    from markdown_it.token import Token

    from verifier.lesson.block import Item

_MAX_WORDS = 20_000
_MAX_DEPTH = 5
"""Fences inside fences, as MyST nests them."""
_PYTHON = frozenset({"python", "py", "python3", "py3", "ipython", "ipython3"})
_CONSOLE = frozenset({"pycon", "python-repl", "python-console", "doctest"})
_OUTPUT = frozenset({
    "", "text", "txt", "output", "out", "plaintext", "plain", "none", "stdout", "log", "ansi",
})  # fmt: skip
_SHELL = frozenset({
    "console", "bash", "sh", "shell", "zsh", "shell-session", "shellsession", "sh-session",
    "terminal", "powershell", "ps1", "pwsh", "cmd", "bat", "batch", "fish",
})  # fmt: skip
_CODE_DIRECTIVES = frozenset({"code-block", "code", "sourcecode"})
_TESTED: dict[str, Kind] = {"testcode": "cell", "testoutput": "output", "doctest": "console"}
"""Of Sphinx, whose test codes go on from one another."""
_INCLUDES = frozenset({"literalinclude", "include"})

_DIRECTIVE = re.compile(r"\{([a-z][a-z0-9:_-]{0,40})\}[ \t]*([^ \t]{0,40})")
_LANGUAGE = re.compile(r"\{?[ \t]{0,4}\.?([A-Za-z0-9_+-]{0,40})")
_TITLE = re.compile(r"""(?:title|caption|name|label)\s*=\s*["']([^"'\n]{0,200})["']""")
_COMMENT = re.compile(
    r"<!--((?s:.){0,400}?)-->|\{/\*((?s:.){0,400}?)\*/\}|^%([^\n]{0,400})$", re.MULTILINE
)
_MARK = re.compile(r"\s*labcheck:\s*([a-z-]{1,20})(?:[ \t]+(.{0,200}?))?\s*", re.DOTALL)
_QUOTED = re.compile(r"(`{1,3})(?=[^`\n]{0,400}[<{%])[^`\n]{1,400}\1")
"""Code within words that shows a tag or a comment."""
_TAG = re.compile(r"</?[A-Za-z][^<>]{0,500}>|^:::+[^\n]{0,200}$", re.MULTILINE)
_TABLE_CELL = re.compile(r"<t[dh]\b", re.IGNORECASE)
_MKDOCS = re.compile(
    r"(?:!!!|\?\?\?\+?|===[!+]?)[ \t]+([^\"'\n]{0,100})(?:[\"']([^\"'\n]{0,200}))?.*"
)
_CODE_TAG = re.compile(r"<(?:pre|Code|CodeBlock|CodeSnippet)\b|\{[{%][<%]?\s{0,4}highlight\b")
"""Of HTML, of components, and of the sites that Hugo and Jekyll make."""
_ADMONITION = re.compile(r"^:::+\s*\{?[a-z-]{0,30}\}?\s*\[?([^\]\n]{0,200})")
_SHOWN = re.compile(r"""\b(?:title|label|summary)=\{?["']([^"'<>\n]{0,200})["']""")
_FRONT_MATTER = re.compile(r"(---|\+\+\+)[ \t]*\n(?:[^\n]*\n){0,400}?\1[ \t]*(?:\n|\Z)")
_OPTION = re.compile(r":[a-z-]{1,40}:")
_FENCE_IN_HTML = re.compile(r"^\s*(?:```|~~~)", re.MULTILINE)


def read_markdown(text: str, *, is_mdx: bool) -> Iterator[Item]:
    """Read a page.

    Args:
        text: Of the page; lines end with a newline.
        is_mdx: Whether tags are components with Markdown inside, and indentation makes no code.
    """
    parser = course_parser(is_mdx=is_mdx)
    found = _FRONT_MATTER.match(text)
    skipped = found[0].count("\n") if found else 0
    body = text[found.end() :] if found else text
    yield from _limited(_items(parser, body, first_line=skipped + 1, depth=0))


def _limited(items: Iterator[Item]) -> Iterator[Item]:
    blocks = 0
    for item in items:
        if isinstance(item, Code):
            blocks += 1
            if blocks > MAX_BLOCKS:
                message = f"only the first {MAX_BLOCKS} blocks of code are read: split the page"
                yield Note(line=item.line, message=message)
                return
            if len(item.text) > MAX_BLOCK_CHARACTERS:
                message = f"a block longer than {MAX_BLOCK_CHARACTERS} characters is left out"
                yield unread(message, line=item.line)
                continue
        yield item


def _items(parser: MarkdownIt, text: str, *, first_line: int, depth: int) -> Iterator[Item]:
    is_heading = False
    try:
        tokens = parser.parse(text)
    except TooManyTokensError:
        message = f"more than {MAX_TOKENS} headings, lists and the like: they are left out"
        yield unread(message, line=first_line)
        return
    for token in tokens:
        line = first_line + (token.map[0] if token.map else 0)
        match token.type:
            case "heading_open":
                is_heading = True
            case "inline":
                yield from _words(token.content, line=line, is_heading=is_heading)
                is_heading = False
            case "html_block":
                yield from _words(token.content, line=line, is_html=True)
            case "code_block" if _FENCE_IN_HTML.search(token.content):
                yield unread("this fence is text, for it is indented by four", line=line)
            case "code_block":
                yield Code(kind="indented", text=token.content, line=line, text_line=line)
            case "indented":
                yield from _inner(parser, token.content, line=line, depth=depth)
            case "fence":
                yield from _fence(parser, token, line=line, depth=depth)
            case _:
                pass


def _inner(parser: MarkdownIt, text: str, *, line: int, depth: int) -> Iterator[Item]:
    if depth < _MAX_DEPTH:
        yield from _items(parser, text, first_line=line, depth=depth + 1)
    else:
        yield unread("directives nested this deep are left out", line=line)


def _words(
    content: str, *, line: int, is_heading: bool = False, is_html: bool = False
) -> Iterator[Item]:
    swallowed = _FENCE_IN_HTML.search(content)
    if swallowed:
        message = "this fence is text, for a tag or a paragraph goes on: put an empty line above it"
        yield unread(message, line=line + content.count("\n", 0, swallowed.end()))
    content = content[:_MAX_WORDS]
    meant = content if is_html else _QUOTED.sub("", content)
    tag = _CODE_TAG.search(meant)
    if tag:
        message = "code in tags is not read: it is left out; put it into a fence"
        yield unread(message, line=line + meant.count("\n", 0, tag.start()))
    for comment in _COMMENT.finditer(meant):
        mark = _MARK.fullmatch(comment[1] or comment[2] or comment[3] or "")
        if mark:
            place = line + meant.count("\n", 0, comment.start())
            yield Mark(word=mark[1], argument=(mark[2] or "").strip(), line=place)
    content = _COMMENT.sub(lambda found: " " + "\n" * found[0].count("\n"), content)
    marker = _MKDOCS.fullmatch(content)
    content = (marker[2] or marker[1]) if marker else content
    shown = _TAG.sub(_said_by_tag, content).rstrip()
    words = shown.lstrip()
    if words:
        line += shown.count("\n", 0, len(shown) - len(words))
        yield Words(text=words, line=line, is_heading=is_heading)


def _said_by_tag(tag: re.Match[str]) -> str:
    """Give what a tag shows, and as many line ends as it holds."""
    admonition = _ADMONITION.match(tag[0])
    if admonition:
        return admonition[1]
    cell = " | " if _TABLE_CELL.match(tag[0]) else ""
    said = " ".join(found[1] for found in _SHOWN.finditer(tag[0]))
    return cell + said + "\n" * tag[0].count("\n")


def _fence(parser: MarkdownIt, token: Token, *, line: int, depth: int) -> Iterator[Item]:
    info = token.info.strip()[:400]
    directive = _DIRECTIVE.match(info)
    title = _TITLE.search(info)
    text, text_line = token.content, line + 1
    if directive and directive[1] not in _PYTHON:
        why = _why_unread(directive[1], text)
        if why:
            yield unread(f"{why} is not read: it is left out", line=line)
            return
        text, skipped, options = _without_options(text)
        text_line += skipped
        kind = _directive_kind(directive[1], directive[2].lower())
        if kind is None:
            said = info[directive.end(1) + 1 :].strip()
            if said:
                yield Words(text=said, line=line)
            yield from _inner(parser, text, line=text_line, depth=depth)
            return
        titled = title[1] if title else options
    else:
        language = (_LANGUAGE.match(info) or ("", ""))[1].lower()
        kind = _language_kind(language)
        titled = title[1] if title else ""
    is_result = directive is not None and directive[1] == "testoutput"
    yield Code(
        kind=kind, text=text, line=line, text_line=text_line, title=titled, is_result=is_result
    )


def _why_unread(name: str, text: str) -> str:
    if name in _INCLUDES:
        return "an included file"
    return "reStructuredText" if name == "eval-rst" and "code" in text else ""


def _directive_kind(name: str, argument: str) -> Kind | None:
    """Say what a directive holds; None where it holds Markdown."""
    if name == "code-cell":
        return "cell" if argument in _PYTHON or not argument else "other"
    if name in _CODE_DIRECTIVES:
        return _language_kind(argument)
    return _TESTED.get(name)


def _language_kind(language: str) -> Kind:
    for kind, names in _KINDS:
        if language in names:
            return kind
    return "other"


_KINDS: tuple[tuple[Kind, frozenset[str]], ...] = (
    ("script", _PYTHON),
    ("console", _CONSOLE),
    ("output", _OUTPUT),
    ("shell", _SHELL),
)


def _without_options(text: str) -> tuple[str, int, str]:
    """Take a directive's options off its text; give it, the lines taken, and its caption."""
    lines = text.split("\n")
    count = 0
    if lines[0].strip() == "---":
        ends = [place for place, each in enumerate(lines[1:50], 1) if each.strip() == "---"]
        count = ends[0] + 1 if ends else 0
    else:
        while count < len(lines) and _OPTION.match(lines[count]):
            count += 1
    taken = lines[:count]
    captions = [each.split(":", 2)[2].strip() for each in taken if each.startswith(":caption:")]
    if count and count < len(lines) and not lines[count].strip():
        count += 1
    return "\n".join(lines[count:]), count, "".join(captions[:1])
