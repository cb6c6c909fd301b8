"""The stdout grammar: what is wrong, hidden or without end becomes a finding."""

from __future__ import annotations

import pytest

from tests.unit.output.transcripts import D, kinds, pairs, read
from verifier.finding import Finding
from verifier.output import text as stdout_text
from verifier.output import transcript as stdout
from verifier.output.text import MAX_FINDINGS_PER_KIND, MAX_LINE_CHARACTERS
from verifier.output.transcript import MAX_NAME_CHARACTERS, read_stdout
from verifier.output.value import INFINITY, MAX_TEXT_CHARACTERS, NAN
from verifier.printable import printable


def test_repeated_section_is_a_finding_and_goes_on_counting() -> None:
    """A step printed twice must not silently replace the first."""
    transcript = read("step\nz=1\nstep\nz=2\n")

    assert [r.occurrence for r in transcript.readings] == [1, 2]
    assert transcript.findings == (
        Finding(
            kind="repeated_section",
            line=3,
            message="section step is printed again; it first stands on line 1",
        ),
    )


def test_values_that_are_not_finite_are_findings() -> None:
    """Learning rate too high: the report must say where the first nan stood."""
    transcript = read("loss= nan\n[1, inf]\nx=-1e999\n")

    assert [r.value for r in transcript.readings] == [NAN, (D(1), INFINITY), -INFINITY]
    assert transcript.findings == (
        Finding(kind="non_finite", line=1, message="loss is not a finite number: nan"),
        Finding(kind="non_finite", line=2, message="a value is not a finite number: [1, inf]"),
        Finding(kind="non_finite", line=3, message="x is not a finite number: -1e999"),
    )


@pytest.mark.parametrize(
    ("line", "kind"),
    [
        ("f=1_0", "malformed_number"),
        ("f=٣", "malformed_number"),
        ("1_0", "malformed_number"),
        ("f=1e-9999", "out_of_range"),
        ("f=" + "7" * 5_000, "over_long"),
        ("f: [" + "1, " * MAX_TEXT_CHARACTERS + "]", "over_long"),
        ("f: " + "long " * MAX_TEXT_CHARACTERS, "over_long"),
        ("f= [[1, 2", "unclosed_bracket"),
        ("f: " + "[" * 1_000, "nested_too_deep"),
        ("a" * (MAX_NAME_CHARACTERS + 1) + "=1", "over_long"),
        ("a" * (MAX_NAME_CHARACTERS + 1) + " b=1", "over_long"),
        ("a" * (MAX_NAME_CHARACTERS + 1), "over_long"),
    ],
)
def test_value_or_name_that_cannot_be_read_is_a_finding(line: str, kind: str) -> None:
    """Nothing unreadable is dropped in silence, and nothing kept is without bound."""
    transcript = read(f"{line}\nz=1\n")

    assert [(finding.kind, finding.line) for finding in transcript.findings] == [(kind, 1)]
    assert transcript.readings[-1].text == "1"
    assert all(len(r.text) <= MAX_TEXT_CHARACTERS for r in transcript.readings)


def test_invalid_utf_8_is_a_finding_that_names_the_byte() -> None:
    """The rest of the output is read all the same."""
    transcript = read_stdout(b"z=1\nab\xff=2\n")

    assert [r.key for r in transcript.readings] == ["z", "ab\ufffd"]
    assert transcript.findings == (
        Finding(
            kind="invalid_utf8",
            line=2,
            message="byte 6 of the output (0xff) is not UTF-8; such bytes are read as U+FFFD",
        ),
    )


@pytest.mark.parametrize(
    ("line", "kind", "shown"),
    [
        ("a\0=1", "nul_character", "\\x00"),
        ("a\x0b=1", "control_character", "\\x0b"),
        ("a\x85=1", "control_character", "\\x85"),
        ("a\x1b =1", "control_character", "\\x1b"),
        ("a\u202e=1", "hidden_character", "\\u202e"),
        ("a\u200b=1", "hidden_character", "\\u200b"),
        ("a\u2028=1", "hidden_character", "\\u2028"),
    ],
)
def test_invisible_character_is_a_finding_and_ends_no_line(
    line: str, kind: str, shown: str
) -> None:
    """Lines end at a line feed only; zero-width and bidi characters stay part of the key."""
    transcript = read(line)

    message = f"the line holds characters that cannot be seen: {shown}"
    assert transcript.findings == (Finding(kind=kind, line=1, message=message),)
    assert [r.line for r in transcript.readings] == [1]
    assert [r.key for r in transcript.readings] == [line.partition("=")[0].strip()]


def test_tabs_and_wide_blanks_are_no_findings() -> None:
    """They are seen for what they are."""
    assert kinds("a\t=\u30001\u00a0b=2") == []


@pytest.mark.parametrize(
    "line",
    [
        "\x1b[1;31mloss\x1b[0m= 0.5",
        "\x9b1mloss= 0.5",
        "\x1b]0;title\x07loss= 0.5",
        "\x1b]0;title\x1b\\loss= 0.5",
        "\x1b(Bloss\x1b7= 0.5",
    ],
)
def test_key_is_matched_without_escape_sequences(line: str) -> None:
    """Colour is not part of a name; that it was there is a finding."""
    assert pairs(line) == [(None, "loss", "0.5", D("0.5"))]
    assert kinds(line) == ["ansi_escape"]


@pytest.mark.parametrize(
    ("line", "expected", "expected_kinds"),
    [
        ("  0%\r 50%\rloss= 0.5", "0.5", ["overwritten_text"]),
        ("loss= 0.75\rloss= 0.1", "0.15", ["overwritten_text"]),
        ("loss= 0.75\r\x1b[Kloss= 0.1", "0.1", ["ansi_escape", "overwritten_text"]),
        ("loss= 0.5\r\r\r", "0.5", []),
    ],
)
def test_overwritten_text_is_read_as_a_terminal_shows_it(
    line: str, expected: str, expected_kinds: list[str]
) -> None:
    """A progress bar leaves its last state, and what sticks out of an earlier one."""
    assert pairs(line) == [(None, "loss", expected, D(expected))]
    assert sorted(kinds(line)) == expected_kinds


def test_line_without_end_is_cut_and_said_so() -> None:
    """A megabyte without a line feed is one finding, not a hang."""
    transcript = read("a=1 " * 250_000)

    assert transcript.findings[0] == Finding(
        kind="over_long",
        line=1,
        message="the line is 1000000 characters long; the first 65536 are read",
    )


def test_value_over_too_many_lines_is_cut_and_the_rest_is_read() -> None:
    """A list of a million numbers costs only itself."""
    transcript = read("x= [\n" + " 1,\n" * MAX_LINE_CHARACTERS + "]\n")
    short = read("x= [\n" + f" {'1 ' * 1_000}\n" * 40 + "]\nz=1\n")

    assert {"over_long", "too_many_lines"} <= {finding.kind for finding in transcript.findings}
    assert [finding.kind for finding in short.findings] == ["over_long", "over_long"]
    assert [r.key for r in short.readings] == ["x", "z"]


def test_unclosed_bracket_does_not_swallow_the_pairs_below() -> None:
    """A tensor cut off must not hide the lines that follow it."""
    assert [r.key for r in read("x= [1,\n  y=2\nz: [2,\nw=1").readings] == ["x", "y", "z", "w"]


def test_too_many_lines_readings_and_sections_are_findings(monkeypatch: pytest.MonkeyPatch) -> None:
    """Each count has a bound, and reaching it is said."""
    monkeypatch.setattr(stdout_text, "MAX_LINES", 3)
    monkeypatch.setattr(stdout, "MAX_READINGS", 2)
    monkeypatch.setattr(stdout, "MAX_SECTIONS", 1)

    assert kinds("a\n\n\nb\n") == ["too_many_lines"]
    assert kinds("a\n\n\n") == []
    assert kinds("a=1 b=2") == []
    assert kinds("a=1 b=2 c=3") == ["too_many_readings"]
    assert kinds("a\nb\nc=1") == ["too_many_sections"]


def test_values_too_long_together_end_the_reading(monkeypatch: pytest.MonkeyPatch) -> None:
    """Ten thousand values of 4,000 characters would still be too much."""
    monkeypatch.setattr(stdout, "MAX_VALUE_CHARACTERS", 5)

    assert pairs("a=12345") == [(None, "a", "12345", D(12345))]
    assert pairs("a=123 b=456") == [(None, "a", "123", D(123))]


def test_flood_of_one_finding_hides_no_other() -> None:
    """Each kind has its own bound."""
    transcript = read("a=nan\n" * 1_000 + "b=[1\n")

    found = [finding.kind for finding in transcript.findings]
    flood = ["non_finite"] * MAX_FINDINGS_PER_KIND
    assert found == [*flood, "too_many_findings", "unclosed_bracket"]


def test_messages_of_findings_are_printable() -> None:
    """What a stranger prints reaches no terminal unescaped."""
    transcript = read("\u202ea\0=nan\u0007\n\u200bx\u200b=1_0\n")

    assert transcript.findings
    assert all(printable(f.message, limit=500) == f.message for f in transcript.findings)
