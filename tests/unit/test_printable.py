"""A stranger's text is harmless once it is printable."""

from __future__ import annotations

import unicodedata

from hypothesis import given
from hypothesis import strategies as st

from verifier.printable import last_line, printable


def test_escapes_are_shown_not_sent() -> None:
    """A terminal must never get a stranger's escape sequence."""
    assert printable("a\x1b[31mb\r\n") == r"a\x1b[31mb\x0d\x0a"


def test_bidi_zero_width_and_astral_characters_are_named() -> None:
    """They change how a line looks without being seen."""
    assert printable("\u202e\u200b\U000e0001") == r"\u202e\u200b\U000e0001"


def test_lone_surrogates_are_named() -> None:
    """They cannot be encoded: a report holding one could not be written."""
    assert printable("\udcff") == r"\udcff"


def test_commands_to_a_ci_service_are_broken_up() -> None:
    """``##[…]`` works anywhere in a line of its log."""
    assert printable("##[error]##") == r"#\x23[error]#\x23"


def test_long_text_is_cut_with_a_mark() -> None:
    """A reader must see that something is missing."""
    assert printable("abcdef", limit=3) == "abc…"
    assert printable("abc", limit=3) == "abc"


def test_kept_characters_stay() -> None:
    """A traceback is shown with its lines."""
    assert printable("a\nb\tc", keep="\n") == r"a" + "\n" + r"b\x09c"


@given(st.text(st.characters(exclude_categories=())))
def test_no_invisible_character_survives(text: str) -> None:
    """Whatever comes in, only visible text comes out."""
    shown = printable(text, limit=10_000)

    assert all(unicodedata.category(c) not in {"Cc", "Cf", "Cs", "Co", "Zl", "Zp"} for c in shown)
    shown.encode("utf-8")


@given(st.text(st.characters(exclude_characters="#")))
def test_a_text_is_shown_as_its_characters_are(text: str) -> None:
    """Whether or not there is one among them that cannot be seen."""
    assert printable(text, limit=10_000) == "".join(map(printable, text))


def test_the_last_line_of_a_strangers_text_is_shown_alone() -> None:
    """Of a traceback it says what went wrong; of nothing, nothing."""
    assert (
        last_line("Traceback:\n  x\n  ValueError: \x1b[2J\n\n", limit=60) == "ValueError: \\x1b[2J"
    )
    assert last_line("abcdef", limit=3) == "abc…"
    assert last_line(" \n", limit=3) == ""
