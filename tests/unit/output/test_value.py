"""One printed value, and its form in JSON."""

from __future__ import annotations

import json
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from verifier.output.value import (
    INFINITY,
    MAX_DEPTH,
    MAX_NUMBER_CHARACTERS,
    MAX_TEXT_CHARACTERS,
    NAN,
    ParsedValue,
    Value,
    parse_value,
    value_from_json,
    value_to_json,
    word,
)

NUMBERS = st.decimals(
    allow_nan=False, allow_infinity=False, min_value=-(10**6), max_value=10**6, places=4
)
LEAVES = (
    NUMBERS
    | st.integers(min_value=-(10**12), max_value=10**12).map(Decimal)
    | st.sampled_from([True, False, None, NAN, INFINITY, -INFINITY, "word", "torch.float32", ""])
)
VALUES: st.SearchStrategy[Value] = st.recursive(
    LEAVES, lambda inner: st.lists(inner, max_size=4).map(tuple), max_leaves=20
)


def parse(text: str) -> ParsedValue | None:
    """Parse the value a text starts with."""
    return parse_value(text, 0, len(text))


def parsed(text: str) -> ParsedValue:
    """Parse a value that must be there."""
    value = parse(text)
    assert value is not None
    return value


@pytest.mark.parametrize(
    ("text", "value", "decimals"),
    [
        ("0.0560", "0.0560", 4),
        ("-24.0", "-24.0", 1),
        ("+7", "7", 0),
        ("001", "1", 0),
        ("2.", "2", 0),
        (".5", "0.5", 1),
        ("1.5e-05", "0.000015", 6),
        ("1E3", "1000", 0),
        ("0.0000e+00", "0.0000", 4),
        ("95%", "95", 0),
        ("0e999999999", "0", 0),
        ("1" * 41, "1" * 41, 0),
    ],
)
def test_number_keeps_its_printed_digits(text: str, value: str, decimals: int) -> None:
    """Rounding drops trailing zeros: how many were printed is part of the reading."""
    result = parsed(text)

    assert result == ParsedValue(Decimal(value), len(text), decimals)
    assert result.value == Decimal(value)


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("nan", NAN),
        ("NaN", NAN),
        ("-nan", NAN),
        ("inf", INFINITY),
        ("+inf", INFINITY),
        ("-Infinity", -INFINITY),
        ("1e999", INFINITY),
        ("-1e999", -INFINITY),
        ("1e99999999999999999999", INFINITY),
    ],
)
def test_number_that_is_not_finite_is_noted(text: str, value: Decimal) -> None:
    """A diverged run must be seen, however it is spelled."""
    result = parsed(text)

    assert str(result.value) == str(value)
    assert result.notes == ("non_finite",)
    assert result.decimals is None


@pytest.mark.parametrize("text", ["1e-9999", "-1e-99999999999999999999"])
def test_number_too_close_to_zero_is_zero_and_noted(text: str) -> None:
    """A Decimal would carry the exponent on, and fill the memory of whoever expands it."""
    assert parsed(text) == ParsedValue(Decimal(0), len(text), 0, ("out_of_range",))


@pytest.mark.parametrize("text", ["1_0", "٣", "-1_0.5", "１２", "٣٫٥", "−0.5"])  # noqa: RUF001 - other scripts' digits are the case
def test_what_only_looks_like_a_number_is_a_word_and_noted(text: str) -> None:
    """Python's int() would take these; JSON, and the lesson, would not."""
    assert parsed(text) == ParsedValue(text, len(text), None, ("malformed_number",))


@pytest.mark.parametrize(
    "text", ["2.1.0", "1/5", "word", "1e", "--5", "_", "True%", "None%", "[0, 1)", ""]
)
def test_word_is_no_value(text: str) -> None:
    """What is no number, truth or list is for the grammar of the line to judge."""
    assert parse(text) is None


@pytest.mark.parametrize(
    ("text", "value"),
    [("True", True), ("true", True), ("False", False), ("false", False), ("None", None)],
)
def test_truths_and_none_are_values(text: str, value: Value) -> None:
    """A truth is never the number 1."""
    assert parsed(text) == ParsedValue(value, len(text))


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("[]", ()),
        ("[1, 2]", (Decimal(1), Decimal(2))),
        ("(4,)", (Decimal(4),)),
        ("[[1. 2.]\n [3. 4.]]", ((Decimal(1), Decimal(2)), (Decimal(3), Decimal(4)))),
        ("[1. 2. ... 9.]", (Decimal(1), Decimal(2), "...", Decimal(9))),
        ("[ True False]", (True, False)),
        ("['cat', \"a dog\"]", ("cat", "a dog")),
        ("['a' 'b']", ("a", "b")),
        ("['nan', nan]", ("'nan'", NAN)),
        ("[N, C_in, H]", ("N", "C_in", "H")),
        ("[1、2，3]", (Decimal(1), Decimal(2), Decimal(3))),  # noqa: RUF001 - as translated pages print it
        ("tensor(0.5)", Decimal("0.5")),
        ("tensor([0.5], grad_fn=<SigmoidBackward0>)", (Decimal("0.5"),)),
        ("tensor([], size=(0, 3))", ()),
        ("tensor([1], device='cuda:0', dtype=torch.int32)", (Decimal(1),)),
        ("tensor([1.], requires_grad=True)", (Decimal(1),)),
        ("array(['a'], dtype='<U1')", ("a",)),
        ("torch.Size([2, 3])", (Decimal(2), Decimal(3))),
        ("[np.float64(0.5), np.int64(2)]", (Decimal("0.5"), Decimal(2))),
        ("tensor([1], [2])", ((Decimal(1),), (Decimal(2),))),
    ],
)
def test_list_tuple_array_and_tensor_become_tuples(text: str, value: Value) -> None:
    """Torch, NumPy and Python print the same nested list in three ways."""
    result = parsed(text)

    assert result.value == value
    assert result.end == len(text)


@pytest.mark.parametrize(
    "text",
    [
        "(see the notes)",
        "(5 notes)",
        "(note 5)",
        "[f(x)]",
        "(a=1)",
        "[{1}]",
        "[1)",
        "['a]",
        "[a [1]]",
        "[a 'b']",
    ],
)
def test_prose_or_code_in_brackets_is_no_value(text: str) -> None:
    """Only numbers may stand side by side without a comma; words so are prose."""
    assert parse(text) is None


def test_list_holds_the_most_decimals_and_each_note_once() -> None:
    """One bad number marks the list; the printed precision is that of its finest number."""
    result = parsed("[0.5, nan, 0.25, inf, 1_0, 1]")

    assert result.decimals == 2
    assert result.notes == ("non_finite", "malformed_number")


def test_too_long_number_is_kept_as_the_start_of_its_text() -> None:
    """Python refuses to convert integers of over 4,300 digits; we stop long before."""
    text = "7" * 5_000

    assert parsed(text) == ParsedValue(text[:MAX_TEXT_CHARACTERS], 5_000, None, ("over_long",))
    assert parsed("7" * MAX_NUMBER_CHARACTERS).notes == ("non_finite",)


def test_too_long_list_is_kept_as_the_start_of_its_text() -> None:
    """A value's text is bounded, and half a list is no list."""
    text = "[" + "1, " * MAX_TEXT_CHARACTERS + "]"
    just_fits = "[" + "1" * (MAX_NUMBER_CHARACTERS - 200) + " " * (MAX_TEXT_CHARACTERS - 202) + "]"

    assert parsed(text) == ParsedValue(text[:MAX_TEXT_CHARACTERS], len(text), None, ("over_long",))
    assert parsed(just_fits).notes == ()


def test_nesting_is_read_up_to_its_bound_and_no_deeper() -> None:
    """200,000 open brackets must neither recurse nor take long."""
    deepest = "[" * MAX_DEPTH + "]" * MAX_DEPTH
    deeper = f"[{deepest}]"
    bottomless = "[" * 200_000

    assert parsed(deepest).notes == ()
    assert parsed(deeper) == ParsedValue(deeper, len(deeper), None, ("nested_too_deep",))
    assert parsed(bottomless).notes == ("nested_too_deep",)


def test_unclosed_list_is_its_text_and_noted() -> None:
    """Output cut off in the middle of a tensor must not look like a smaller tensor."""
    assert parsed("[[1, 2]") == ParsedValue("[[1, 2]", 7, None, ("unclosed_bracket",))


def test_word_loses_its_quotes_and_is_bounded() -> None:
    """A repr prints quotes; a word of any length must fit the report."""
    long = "a" * (MAX_TEXT_CHARACTERS + 1)

    assert word("'cat'").value == "cat"
    assert word("'nan'").value == "'nan'"
    assert word("'a' and 'b'").value == "'a' and 'b'"
    assert word("'").value == "'"
    assert word(long) == ParsedValue(long[:-1], len(long), None, ("over_long",))


def test_json_form_of_each_kind_of_value() -> None:
    """JSON stays strict: what it has no number for is a string."""
    value: Value = (
        Decimal(1),
        Decimal("0.0560"),
        Decimal("1e400"),
        -INFINITY,
        NAN,
        True,
        None,
        "a",
        (),
    )

    assert value_to_json(value) == [1, 0.056, "inf", "-inf", "nan", True, None, "a", []]
    assert isinstance(value_to_json(Decimal("1.0")), float)


def test_json_form_of_an_object_is_refused() -> None:
    """A golden file written by hand fails early."""
    with pytest.raises(TypeError, match="a dict is no value"):
        value_from_json({})


def test_json_form_nested_too_deep_is_refused() -> None:
    """A record is a stranger's file too."""
    document: object = 1
    for _ in range(MAX_DEPTH + 1):
        document = [document]

    with pytest.raises(ValueError, match="nested deeper than 32"):
        value_from_json(document)


@pytest.mark.parametrize("number", [float("nan"), float("inf"), float("-inf")])
def test_float_from_a_lenient_json_reader_is_not_finite(number: float) -> None:
    """Python's json module reads a bare NaN; it means the same as the string."""
    assert str(value_from_json(number)) in {"NaN", "Infinity", "-Infinity"}


@given(VALUES)
def test_json_round_trip_gives_the_same_value(value: Value) -> None:
    """A record read back must compare equal with the run it came from."""
    document = json.loads(json.dumps(value_to_json(value), allow_nan=False))

    # In a tuple, the one NaN equals itself.
    assert (value_from_json(document),) == (value,)


@given(st.text(alphabet="[](),'\"<>=0123456789.-+eE_ naitrues\n٣", max_size=60))
def test_parsing_stays_within_the_text(text: str) -> None:
    """Whatever starts with a bracket: no exception, no end behind the text."""
    result = parse(text)

    assert result is None or 0 < result.end <= len(text)


@pytest.mark.parametrize("text", ["11111111111111112.0", "1.11111111111111120e16", "1e16", "5e300"])
def test_a_large_float_is_still_one_when_it_is_read_back(text: str) -> None:
    """Its repr may have a whole coefficient, but a fraction was printed."""
    written = value_to_json(parse_value(text, 0, len(text)).value)  # type: ignore[union-attr] # a number

    again = value_to_json(value_from_json(written))

    assert (type(again), again) == (type(written), written)
