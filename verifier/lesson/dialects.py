"""What courses write beyond Markdown, as rules of its parser: components, colons, MkDocs.

A rule pushes a token: of MDX, a line of tags (``html_block``); of MyST, code between colons
(``fence``); of MkDocs, what is indented below its marker (``indented``, whose content is Markdown).
Line numbers that were copied along with a script are taken off here, too.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from markdown_it import MarkdownIt

from verifier.lesson.block import MAX_TOKENS

if TYPE_CHECKING:
    from markdown_it.rules_block import StateBlock

_TAGS_ALONE = re.compile(r"(?:</?[A-Za-z][^<>\n]{0,500}>[ \t]*){1,10}")
_COLONS = re.compile(
    r"(:{3,40})(\{(?:code-block|code-cell|code|sourcecode|literalinclude|testcode|testoutput)\}.*)"
)
_MKDOCS = re.compile(r"(?:(?:!!!|\?\?\?\+?)[ \t]+\S|===[!+]?[ \t]+[\"']).*")
_NUMBERED = re.compile(r"\s*([0-9]{1,5})(?:[ \t]*[|:│][ \t]?|[ \t]{1,2}|\.[ \t]|$)(.*)", re.DOTALL)
_INDENTED_BY = 4


class TooManyTokensError(ValueError):
    """Of the parser, for a page that would take too much memory."""


def course_parser(*, is_mdx: bool) -> MarkdownIt:
    """Make a parser of blocks alone.

    Args:
        is_mdx: Whether tags are components with Markdown inside, and indentation makes no code.
    """
    parser = MarkdownIt("commonmark", {"maxNesting": 40}).disable(["inline", "reference"])
    parser.block.ruler.before("code", "budget", _budget)
    rules = {"colons": _colons}
    if is_mdx:
        parser = parser.disable(["html_block", "code"])
        rules["component"] = _component
    else:
        rules["mkdocs"] = _mkdocs
    for name, rule in rules.items():
        parser.block.ruler.before("fence", name, rule, {"alt": ["paragraph"]})
    return parser


def _budget(state: StateBlock, line: int, end: int, silent: bool) -> bool:  # noqa: FBT001 - the parser's, as below
    """Stop where too many tokens have come together."""
    del line, end, silent
    if len(state.tokens) > MAX_TOKENS:
        raise TooManyTokensError
    return False


def _shown(state: StateBlock, line: int) -> str:
    return state.getLines(line, line + 1, 0, keepLastLF=False).strip()


def _component(state: StateBlock, line: int, end: int, silent: bool) -> bool:  # noqa: FBT001
    """Take a line of tags for itself: what follows it in MDX is Markdown, however far indented."""
    del end
    shown = _shown(state, line)
    if not _TAGS_ALONE.fullmatch(shown):
        return False
    if not silent:
        _push(state, "html_block", shown, line, line + 1)
    return True


def _colons(state: StateBlock, line: int, end: int, silent: bool) -> bool:  # noqa: FBT001
    """Take code between colons for a fence: MyST lets a directive be written so."""
    opened = _COLONS.fullmatch(_shown(state, line))
    if not opened:
        return False
    if not silent:
        closed = line + 1
        while closed < end and not _closes(_shown(state, closed), opened[1]):
            closed += 1
        text = state.getLines(line + 1, closed, state.sCount[line], keepLastLF=True)
        _push(state, "fence", text, line, min(closed + 1, end), info=opened[2])
    return True


def _closes(shown: str, opening: str) -> bool:
    return len(shown) >= len(opening) and not shown.strip(":")


def _mkdocs(state: StateBlock, line: int, end: int, silent: bool) -> bool:  # noqa: FBT001
    """Take what is indented below a marker of MkDocs, an admonition or a tab, for its content."""
    if not _MKDOCS.fullmatch(_shown(state, line)):
        return False
    if not silent:
        indentation = state.sCount[line] + _INDENTED_BY
        last = after = line + 1
        while after < end and (state.isEmpty(after) or state.sCount[after] >= indentation):
            after += 1
            last = last if state.isEmpty(after - 1) else after
        _push(state, "html_block", _shown(state, line), line, line + 1)
        if last > line + 1:
            text = state.getLines(line + 1, last, indentation, keepLastLF=True)
            _push(state, "indented", text, line + 1, last)
    return True


def _push(
    state: StateBlock, kind: str, content: str, line: int, after: int, *, info: str = ""
) -> None:
    token = state.push(kind, "", 0)
    token.content, token.map, token.info = content, [line, after], info
    state.line = after


def without_line_numbers(text: str) -> str:
    """Take line numbers off a script, where every line has its own."""
    lines = text.rstrip("\n").split("\n")
    found = [_NUMBERED.fullmatch(line) for line in lines]
    kept = [match[2] for match in found if match is not None]
    numbers = [int(match[1]) for match in found if match is not None]
    if len(lines) == 1 or numbers != list(range(1, len(lines) + 1)):
        return text
    return "\n".join(kept) + "\n"
