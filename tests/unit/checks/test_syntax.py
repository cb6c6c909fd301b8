"""A script's text is parsed once and within bounds; nothing is hidden by what is not parsed."""

from __future__ import annotations

import time

import pytest

from verifier.checks.syntax import MAX_PARSED_BYTES, parsed, written_in


@pytest.mark.parametrize(
    "source",
    [b"x=1\n" * 262_144, b'f"' + b"{a}" * 300_000 + b'"', b"x=" + b"9" * 5_000, b"def", b"\0"],
    ids=["a mebibyte", "quadratic", "a long number", "no Python", "NUL"],
)
def test_what_is_too_dear_to_parse_is_not_parsed(source: bytes) -> None:
    """In no time."""
    start = time.process_time()
    tree = parsed(source)

    assert tree is None
    assert time.process_time() - start < 0.2


def test_numbers_and_calls_are_read_by_syntax() -> None:
    """Without signs, within texts too; not in comments."""
    found = written_in(
        b"x = [-1, 0.5, 1e400, True, None]  # 7.5\ny = m.exp('a 0.25') + f() + (g)()(1)"
    )

    assert found.numbers == sorted([1, 0.5, float("inf"), 1, 0.25, 1])
    assert found.called == {"exp", "f", "g", ""}


@pytest.mark.parametrize("literal", [b"9" * 400, b"0x" + b"f" * 20_000])
def test_whole_number_beyond_every_float_is_passed_over(literal: bytes) -> None:
    """It stopped a class for good."""
    assert written_in(b"x = 0.5, " + literal).numbers == [0.5]


def test_long_script_hides_no_number_and_no_call() -> None:
    """Padding it makes nobody's typed numbers computed ones."""
    code = b"x = [0.19_27, 1.927e-1, .5, 3, 'of 0.25', " + b"9" * 401 + b"]; log(e**2) "
    found = written_in(code + b"#" * MAX_PARSED_BYTES)

    assert {0.1927, 0.5, 3.0, 0.25} <= set(found.numbers)
    assert "log" in found.called
