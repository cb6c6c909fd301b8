"""Texts that one Python refuses and a newer one reads, and texts that none reads."""

from __future__ import annotations

import time

import pytest

from verifier.diagnosis.dialect import newer


@pytest.mark.parametrize(
    ("source", "since"),
    [
        ('print(f"{d["a"]}")', "3.12"),
        ('x = "a" f"{d["a"]}"', "3.12"),
        ('print(f"{"\\n".join(a)}")', "3.12"),
        ('f"{x # why\n}"', "3.12"),
        ("type X = int", "3.12"),
        ("def f[T](x: T): pass", "3.12"),
        ("class A[T]: pass", "3.12"),
        ("class A[T = int]: pass", "3.13"),
        ('f"{x:{"a"}}"', "3.12"),
        ('f"{a != b["c"]}{d["e"]!r}{{}}"', "3.12"),
        ("try:\n  pass\nexcept A, B:\n  pass", "3.14"),
        ('x = t"{a}"', "3.14"),
    ],
)
def test_text_of_a_newer_python_is_known(source: str, since: str) -> None:
    """Rewritten as an older one reads it, all of it can be read."""
    assert newer(source.encode()) == since


@pytest.mark.parametrize(
    "source",
    [
        "x = 1",
        'print "x"',
        "print(1",
        'f"{lambda x: 1}"',
        'f"}{d["a"]}"',
        'f"{d["a"]!z}"',
        'print(f"{x}}")',
        'print(f"{x")',
        'f"{}"',
        'f"{1 +}"',
        "try:\n  pass\nexcept A, e:\n  pass",
        "type X = int\nprint(1",
        "#" * 40_000 + "\ntype X = int",
        b"\xff".decode("latin-1") + " = = 1",
    ],
)
def test_text_with_another_error_is_not_said_to_be_newer(source: str) -> None:
    """It would be as wrong there."""
    assert newer(source.encode()) is None


def test_nested_text_is_read_in_bounded_time() -> None:
    """A level costs no more than the one around it."""
    nested = "1"
    for _ in range(18):
        nested = f'f"{{{nested}}}"'
    started = time.perf_counter()
    newer((f"x = {nested}\n" * 300).encode())

    assert time.perf_counter() - started < 5
