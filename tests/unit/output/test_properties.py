"""The stdout grammar: what holds for any output at all."""

from __future__ import annotations

from collections import Counter
from decimal import Decimal
from typing import TYPE_CHECKING

from hypothesis import given
from hypothesis import strategies as st

from tests.unit.output.transcripts import read
from verifier.output.line import parse_line
from verifier.output.transcript import read_stdout

if TYPE_CHECKING:
    from verifier.output.value import Value

FRAGMENT_WORDS = (
    "a loss step=1 loss= 0.5 x: = : ： -> , 、 ; | [ ] ( ) { } tensor( array( grad_fn=<A> nan inf "  # noqa: RUF001 - as translated pages print it
    "1e999 1_0 ٣ True None ' \" \\ \r \x1b[0m \x1b[ \0 \u200b \u202e \ufeff - + % [1, 2] (3,)"
)
FRAGMENTS = st.sampled_from(
    [*FRAGMENT_WORDS.split(" "), " ", "  ", "\n", "\n ", "\t", "\u2028", "\x85"],
)
OUTPUTS = st.binary(max_size=200) | st.lists(FRAGMENTS, max_size=40).map(
    lambda p: "".join(p).encode()
)


@given(OUTPUTS)
def test_any_bytes_are_read_within_the_invariants(raw: bytes) -> None:
    """Never an exception; counts linear in the input; lines rise; occurrences have no gap."""
    transcript = read_stdout(raw)

    lines = [r.line for r in transcript.readings]
    assert lines == sorted(lines)
    assert all(1 <= line <= raw.count(b"\n") + 1 for line in lines)
    assert len(lines) + len(transcript.sections) <= len(raw)
    assert transcript == read_stdout(raw)
    counts: Counter[tuple[str | None, str | None, str | None]] = Counter()
    for found in transcript.readings:
        counts[found.section, found.row, found.key] += 1
        assert found.occurrence == counts[found.section, found.row, found.key]


@given(OUTPUTS)
def test_windows_line_ends_change_no_reading(raw: bytes) -> None:
    """The same script prints other line ends on Windows."""
    text = raw.replace(b"\r", b"")

    assert read_stdout(text.replace(b"\n", b"\r\n")).readings == read_stdout(text).readings


NUMBERS = st.decimals(
    allow_nan=False, allow_infinity=False, min_value=-9999, max_value=9999, places=4
)
NESTED: st.SearchStrategy[Value] = st.recursive(
    NUMBERS, lambda inner: st.lists(inner, max_size=4).map(tuple), max_leaves=30
)


def shown(value: Value) -> str:
    """Print a nested list as Python does."""
    if isinstance(value, tuple):
        return "[" + ", ".join(map(shown, value)) + "]"
    assert isinstance(value, Decimal)
    return format(value, "f")


@given(st.lists(NESTED, max_size=5).map(tuple))
def test_printed_list_reads_back_the_same(value: tuple[Value, ...]) -> None:
    """What torch's tolist() prints is what the checks compare."""
    [result] = read(f"key= {shown(value)}").readings

    assert (result.key, result.value) == ("key", value)


@given(
    st.lists(
        st.tuples(
            st.sampled_from(["a", "w.grad", "_x"]),
            st.sampled_from(["1", "-0.50", "nan", "1e5", "x"]),
        ),
        min_size=1,
        max_size=5,
    )
)
def test_quick_way_for_plain_pairs_reads_like_the_grammar(found: list[tuple[str, str]]) -> None:
    """Two blanks before the sign lead around the quick way; nothing else may change."""
    quick = parse_line(" ".join(f"{key}={text}" for key, text in found))
    slow = parse_line(" ".join(f"{key}  ={text}" for key, text in found))

    assert [(p.row, p.key, p.text) for p in quick.pairs] == [
        (p.row, p.key, p.text) for p in slow.pairs
    ]
    assert [p.parsed.value for p in quick.pairs] == [p.parsed.value for p in slow.pairs]
