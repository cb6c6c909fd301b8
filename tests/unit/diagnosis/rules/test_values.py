"""A right number that was printed as a text nobody can read."""

from __future__ import annotations

import time

import pytest

from tests.fakes import PUBLISHED
from tests.unit.diagnosis.diagnosing import diagnosed, told

STORY = told()
SOURCE = b"loss = 1\npred = 2\nprint(loss, pred)\n"


def _first(*changes: tuple[bytes, bytes]) -> tuple[str, str]:
    stdout = PUBLISHED
    for old, new in changes:
        assert old in stdout
        stdout = stdout.replace(old, new)
    found = diagnosed(stdout, trace=STORY.trace, source=SOURCE)
    return (found[0].id, f"{found[0].message} {found[0].fix}") if found else ("", "")


@pytest.mark.parametrize(
    "text",
    [
        b"{loss.item():.4f}", b"{:.4f}", b"{}", b"{loss}", b"{round(loss.item(), 4)}", b"{0}",
        b"%.4f", b"%f", b"%s", b"%.4f 0.19271", b"${loss}", b"{loss:.4f}",
    ],
)  # fmt: skip
def test_format_that_was_not_filled_is_named(text: bytes) -> None:
    """The f is missing, or .format, or what % fills in."""
    name, said = _first((b"loss_before= 0.1927", b"loss_before= " + text))

    assert name == "format-unfilled"
    assert text.decode() in said


@pytest.mark.parametrize("text", [b"loss", b"loss.item()", b"round(loss.item(), 4)", b"pred"])
def test_name_in_quotes_is_named(text: bytes) -> None:
    """print("loss", "loss") prints the word."""
    name, said = _first((b"loss_before= 0.1927", b"loss_before= " + text))

    assert name == "name-printed"
    assert text.decode() in said


@pytest.mark.parametrize(
    ("changes", "observed", "restored"),
    [
        ([(b"loss_before= 0.1927", b"loss_before= 0,1927")], "0,1927", "0.1927"),
        ([(b"loss_before= 0.1927", "loss_before= 0\u066b1927".encode())], "0\u066b1927", "0.1927"),
        ([(b"loss_before= 0.1927", "loss_before= 0·1927".encode())], "0·1927", "0.1927"),
        ([(b"loss=0.0861 pred=0.918", b"loss=0,0861 pred=0,918")], "0,0861", "0.0861"),
        (
            [(b"[[-0.1753, -0.3505]]", b"[[-0,1753, -0,3505]]")],
            "[[-0,1753, -0,3505]]",
            "[[-0.1753, -0.3505]]",
        ),
    ],
)
def test_decimal_comma_is_named(
    changes: list[tuple[bytes, bytes]], observed: str, restored: str
) -> None:
    """As many languages write it; the grammar reads two numbers."""
    name, said = _first(*changes)

    assert name == "decimal-comma"
    assert f"printed as {observed}" in said
    assert f"as in {restored}" in said


@pytest.mark.parametrize(
    "text", [b"0,1183", b"0.1927, 0.5", b"1, 2", b"0.5,0.6", b"diverged", b"nothing at all"]
)
def test_what_is_wrong_otherwise_is_not_called_a_format(text: bytes) -> None:
    """A comma between two values, another number, a word of the learner's own."""
    name, _ = _first((b"loss_before= 0.1927", b"loss_before= " + text))

    assert name not in {"decimal-comma", "format-unfilled", "name-printed", "printed-wrong-moment"}


@pytest.mark.parametrize("text", [b"82.5%", b"82.5", b"8.25", b"825 m"])
def test_percentage_is_no_value_of_another_moment(text: bytes) -> None:
    """It is the right one, written otherwise."""
    name, _ = _first((b"prediction_before= 0.825", b"prediction_before= " + text))

    assert name != "printed-wrong-moment"


@pytest.mark.parametrize("text", [b"loss" + b"()" * 900 + b"!", b"{" * 3000, b"%" * 3000])
def test_odd_text_is_looked_at_in_linear_time(text: bytes) -> None:
    """A learner may print anything."""
    before = time.process_time()
    _first((b"loss_before= 0.1927", b"loss_before= " + text))

    assert time.process_time() - before < 1
