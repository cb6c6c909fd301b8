"""Where a key of a manifest stands."""

from __future__ import annotations

import tomllib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from verifier.toml import line_of, lines_of_keys

TEXT = """\
id = "a"  # a remark
points.run = 3

[exercises.baseline]
script = "x.py"
[[exercises.baseline.fields]]
at = "x"
[[exercises.baseline.fields]]
at = "y"
[exercises.baseline.fields.more]
deep = 1
["quoted key"]
'single' = 1
"double" = 2
"""


@pytest.mark.parametrize(
    ("place", "line"),
    [
        (("id",), 1),
        (("points", "run"), 2),
        (("exercises", "baseline"), 4),
        (("exercises", "baseline", "script"), 5),
        (("exercises", "baseline", "fields", 0, "at"), 7),
        (("exercises", "baseline", "fields", 1, "at"), 9),
        (("exercises", "baseline", "fields", 1, "more", "deep"), 11),
        (("exercises", "baseline", "fields", 1, "stage"), 8),
        (("exercises", "logits"), 1),
        (("quoted key", "double"), 14),
        ((), 1),
    ],
)
def test_a_key_or_the_table_around_it_is_found(place: tuple[str | int, ...], line: int) -> None:
    """A list of tables is counted from 0, as the parsed document has it."""
    assert line_of(place, lines_of_keys(TEXT)) == line


WITHIN = '''\
id = "a [ b"  # [ no list "
tasks = ["""one [
[[fields]]
zzz = 1
""", 'two" [',
  "b = 3",
]
[[fields]]
at = "x"
a."b c".'d' = """ one
at = "no" """
y = "a\\"["
last = 1'''


@pytest.mark.parametrize(
    ("place", "line"),
    [
        (("id",), 1),
        (("tasks",), 2),
        (("fields", 0), 8),
        (("fields", 0, "at"), 9),
        (("fields", 0, "zzz"), 8),
        (("fields", 0, "a", "b c", "d"), 10),
        (("fields", 0, "y"), 12),
        (("fields", 0, "last"), 13),
        (("fields", 1), 1),
        (("b",), 1),
    ],
)
def test_what_stands_within_a_text_or_a_list_is_no_key(
    place: tuple[str | int, ...], line: int
) -> None:
    """However many lines that has, and whatever brackets and quotes are in it."""
    assert tomllib.loads(WITHIN)["fields"][0]["y"] == 'a"['
    assert line_of(place, lines_of_keys(WITHIN)) == line


@given(st.text(alphabet="[]=\"'.\n a1#", max_size=200))
def test_whatever_stands_there_has_lines(text: str) -> None:
    """No text takes it down, and lines are lines of the text."""
    lines = lines_of_keys(text)

    assert all(1 <= line <= text.count("\n") + 1 for line in lines.values())
    assert line_of(("a", 0, "b"), lines) >= 1


def test_the_keys_of_a_document_are_found() -> None:
    """Those that the parser gives for it."""
    assert {place[0] for place in lines_of_keys(TEXT)} >= set(tomllib.loads(TEXT)) - {"points"}
