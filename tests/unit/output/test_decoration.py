"""A section word may be decorated; what is read otherwise stays so."""

from __future__ import annotations

import pytest

from verifier.output.line import parse_line

WORD = "mini_training_loop"

DECORATED = (
    "=== {} ===", "==={}===", "--- {} ---", "---- {}", "{} ----", "# {}", "## {}", "*** {} ***",
    "**{}**", "[{}]", "<{}>", '"{}"', "'{}'", "`{}`", "== {}:", "=== {}: ===", "[{}]:",
    "~~~ {} ~~~", "> {}", "▶ {}", "── {} ──", ">>> {} <<<", "--- [{}] ---", "{}...",
    "# {} #", "| {} |",
)  # fmt: skip


@pytest.mark.parametrize("shape", DECORATED)
def test_a_decorated_section_word_opens_its_section(shape: str) -> None:
    """The word is the lab's, whatever is drawn around it."""
    parsed = parse_line(shape.format(WORD))

    assert (parsed.section, parsed.pairs) == (WORD, ())


@pytest.mark.parametrize(
    "line",
    [
        "===", "=== one training step ===", "=== 3 ===", "[1, 2]", "[0.5]", "['a', 'b']", "(4,)",
        "-0.5", "[True]", "(nan)", "-> done it", "--lr", "-x", "x=", "=x", "# 0.5", "[a, b]",
        "(f-string)x", "---", "*", "step 1", "x y ---", "<bound method>", "#!/bin/sh x", "...",
    ],
)  # fmt: skip
def test_what_is_no_single_word_opens_no_section(line: str) -> None:
    """Lists, numbers, options and prose stay what they are."""
    assert parse_line(line).section is None
