"""With how many decimals a number can be published: as many as every CPU prints, off any tie."""

from __future__ import annotations

import math
import struct
from dataclasses import replace

import pytest

from tests.unit.drift.observing import DROPOUT, LABS, LESSON, observation_of, run_of
from verifier.drift.observation import Shown
from verifier.drift.portability import CPU_SETTINGS, Portable, portable, profile
from verifier.printable import counted


def _float32(value: float) -> float:
    (kept,) = struct.unpack("<f", struct.pack("<f", value))
    return float(kept)


def _shown(text: str, *exact: float) -> Shown:
    return Shown(text=text, exact=exact or None)


def _judge(*shown: Shown | None, decimals: int = 4) -> Portable:
    """Judge one run under each setting."""
    return portable("loss", [[each] for each in shown], decimals=decimals)


def _after(value: float, steps: int) -> float:
    (bits,) = struct.unpack("<i", struct.pack("<f", value))
    (found,) = struct.unpack("<f", struct.pack("<i", bits + steps))
    return float(found)


def test_what_prints_the_same_under_every_setting_is_safe() -> None:
    """Whatever its bits do below."""
    found = _judge(_shown("0.1927", 0.19268923997879028), _shown("0.1927", 0.19268925487995148))

    assert found == Portable(
        name="loss", texts=("0.1927",), decimals=4, safe_decimals=4, reasons=()
    )
    assert found.safe


def test_digits_that_differ_are_not_published() -> None:
    """Those in front of them are."""
    found = _judge(_shown("0.1927", 0.19266), _shown("0.1926", 0.19264))

    assert (found.texts, found.safe_decimals, found.safe) == (("0.1927", "0.1926"), 3, False)
    assert found.reasons == ("it prints 2 texts under different settings",)


def test_more_digits_than_float32_has_are_not_published() -> None:
    """A sum of a hundred thousand has two decimals, and the second lies on an edge."""
    value = _float32(123456.789)
    found = _judge(_shown("123456.7891", value))

    assert (found.decimals, found.safe_decimals) == (4, 1)
    assert found.reasons == ("float32 carries 2 of its 4 decimals",)


@pytest.mark.parametrize(
    ("text", "decimals", "carries"),
    [("123456.7891", 4, 2), ("8388608.5", 1, 0), ("-0.1234567891", 10, 8)],
)
def test_where_the_bits_are_unknown_a_number_is_taken_for_a_float32(
    text: str, decimals: int, carries: int
) -> None:
    """As torch computes by default; the printed text alone would seem to have every digit."""
    found = _judge(_shown(text), decimals=decimals)

    assert not found.safe
    assert found.reasons == (f"float32 carries {carries} of its {counted(decimals, 'decimal')}",)


def test_a_float64_has_more_digits() -> None:
    """Its own width is what counts, where the bits are known."""
    assert _judge(_shown("123456.7891", 123456.78912)).safe
    found = _judge(_shown("0.12345678901234567890", 0.123456789012345678), decimals=20)

    assert found.reasons == ("float64 carries 16 of its 20 decimals",)


def test_digits_in_front_of_the_point_can_be_too_many_too() -> None:
    """Then no number of decimals helps."""
    found = _judge(_shown("33554436.0", 33554436.0), decimals=1)

    assert (found.safe_decimals, found.reasons) == (
        None, ("float32 does not carry its last digits",),
    )  # fmt: skip


@pytest.mark.parametrize("steps", [-3, -1, 0, 1, 3])
def test_a_tie_is_not_safe_though_every_setting_agrees(steps: int) -> None:
    """Any change of a kernel may flip it."""
    value = _after(_float32(0.12345), steps)
    found = _judge(_shown(f"{value:.4f}", value), _shown(f"{value:.4f}", value))

    assert (found.decimals, found.safe_decimals, found.safe) == (4, 3, False)
    assert found.reasons == ("it lies within 4 ULP of where its text flips",)


@pytest.mark.parametrize("steps", [-6, 6])
def test_a_little_off_a_tie_is_safe(steps: int) -> None:
    """The four steps are counted from the edge."""
    value = _after(_float32(0.12345), steps)

    assert _judge(_shown(f"{value:.4f}", value)).safe


def test_a_tie_is_sought_where_the_script_rounds_and_not_where_zeros_end() -> None:
    """``round(x, 4)`` prints 0.9, and 0.90005 would have been 0.9001."""
    value = _float32(0.90005)
    found = _judge(_shown("0.9", value), decimals=4)

    assert found.reasons == ("it lies within 4 ULP of where its text flips",)
    assert _judge(_shown("0.9", _float32(0.9)), decimals=4).safe


def test_the_longest_text_says_how_many_decimals_there_are() -> None:
    """Whichever setting printed it."""
    short, long = _shown("0.9", 0.90004), _shown("0.8999", 0.89994)

    for shown in ((short, long), (long, short)):
        found = _judge(*shown, decimals=1)
        assert (found.decimals, found.safe_decimals, found.safe) == (4, 3, False)


@pytest.mark.parametrize("text", ["nan", "inf", "-inf", "[nan, 0.5000]"])
@pytest.mark.parametrize("known", [True, False])
def test_what_is_no_number_prints_the_same_everywhere(text: str, *, known: bool) -> None:
    """It is portable, though nobody would publish it."""
    exact = [float(each) for each in text.strip("[]").split(", ")] if known else []
    shown = _shown(text, *exact)

    assert _judge(shown, shown).safe
    assert _judge(shown, shown).reasons == ()


@pytest.mark.parametrize(
    "other", [_shown("0.5000", 0.5), _shown("0.5000"), _shown("inf", math.inf), _shown("-inf")]
)
def test_nan_under_one_setting_is_not_safe(other: Shown) -> None:
    """With any number of decimals."""
    for shown in ((_shown("nan", math.nan), other), (other, _shown("nan"))):
        assert _judge(*shown).safe_decimals is None


def test_a_sign_of_zero_is_a_text_of_its_own() -> None:
    """A reader sees it, with however few decimals."""
    found = _judge(_shown("0.0000", 1e-9), _shown("-0.0000", -1e-9))

    assert (found.safe_decimals, len(found.texts)) == (None, 2)


@pytest.mark.parametrize(
    ("first", "other", "reason"),
    [
        ("[1.5, 2.5]", "[1.5]", "its lists have different lengths"),
        ("[1.5, 2.5]", "diverged", "its lists have different lengths"),
        ("diverged", "converged", None),
    ],
)
def test_what_has_no_elements_in_common_is_not_safe(
    first: str, other: str, reason: str | None
) -> None:
    """There is nothing to round."""
    found = _judge(_shown(first), _shown(other))
    texts = "it prints 2 texts under different settings"

    assert found.safe_decimals is None
    assert found.reasons == ((texts,) if reason is None else (texts, reason))


@pytest.mark.parametrize("text", ["True", "None", "[]", "converged", "[True, False]"])
def test_a_word_that_is_the_same_everywhere_is_safe(text: str) -> None:
    """It has no decimals."""
    found = _judge(_shown(text), _shown(text), decimals=0)

    assert (found.safe, found.decimals) == (True, 0)


@pytest.mark.parametrize("text", ["7", "[2, 1]", "16777217", "25557032", "-3"])
def test_whole_numbers_are_counted_and_not_rounded(text: str) -> None:
    """A number of parameters is no float32."""
    assert _judge(_shown(text), _shown(text), decimals=0).safe


def test_a_whole_number_that_was_rounded_can_lie_on_a_tie() -> None:
    """Its bits tell."""
    found = _judge(_shown("2", 2.5), decimals=0)

    assert (found.safe_decimals, found.safe) == (None, False)
    assert found.reasons == ("it lies within 4 ULP of where its text flips",)


def test_a_list_is_as_safe_as_its_least_safe_number() -> None:
    """One number of decimals for all."""
    tie = _float32(0.12345)
    found = _judge(_shown("[0.5000, 0.1235, 0.2500]", 0.5, tie, 0.25))

    assert (found.safe_decimals, found.safe) == (3, False)


def test_a_value_that_some_setting_does_not_print_is_not_safe() -> None:
    """A page that shows it would be wrong there."""
    some = _judge(_shown("0.5"), None)
    nowhere = _judge(None, None)

    assert (some.safe_decimals, some.reasons) == (
        None, ("it is not printed under every setting",),
    )  # fmt: skip
    assert (nowhere.texts, nowhere.safe, nowhere.reasons) == (
        (), False, ("it is not printed under every setting",),
    )  # fmt: skip


def test_what_differs_from_run_to_run_is_not_laid_on_the_settings() -> None:
    """A seed is missing; every CPU would do the same."""
    runs = [[_shown("0.5"), _shown("0.6")], [_shown("0.5"), _shown("0.5")]]
    found = portable("loss", runs, decimals=1)

    assert found.reasons == ("it differs from run to run under one setting",)
    assert not found.safe


def test_every_value_of_every_script_is_judged() -> None:
    """By its name, as the lab has it."""
    observations = [
        replace(observation_of(key=key), name=f"setting {number}")
        for key in (LESSON,)
        for number in range(3)
    ]
    (script,) = profile(observations, labs=LABS)

    assert (script.name, script.is_canary, script.failures) == (
        "forward-backward/baseline", False, (),
    )  # fmt: skip
    fields = LABS["forward-backward"].exercise("baseline").fields
    assert [value.name for value in script.values] == [field.name for field in fields]
    assert [value.decimals for value in script.values] == [field.decimals for field in fields]
    assert all(value.safe for value in script.values)
    assert script.safe


def test_a_setting_under_which_a_script_fails_is_named() -> None:
    """And its values are judged by the others; safe it is not."""
    usual = replace(observation_of(), name="usual")
    broken = replace(observation_of(run_of(ended="exited 1")), name="broken")
    (script,) = profile([usual, broken], labs=LABS)

    assert script.failures == ("broken",)
    assert all(value.safe for value in script.values)
    assert not script.safe


def test_a_script_that_runs_nowhere_has_no_safe_values() -> None:
    """Nothing printed is nothing to publish."""
    broken = replace(observation_of(run_of(ended="exited 1")), name="broken")
    (script,) = profile([broken, replace(broken, name="also")], labs=LABS)

    assert (script.values, script.failures, script.safe) == ((), ("broken", "also"), False)


def test_a_canary_is_called_by_its_lab_alone() -> None:
    """It has one script."""
    (script,) = profile([observation_of(key=DROPOUT)], labs=LABS)

    assert (script.name, script.is_canary) == ("canary-dropout", True)


def test_the_usual_setting_comes_first() -> None:
    """Its texts are those that are published."""
    assert CPU_SETTINGS[0] == {}
    assert len({tuple(each.items()) for each in CPU_SETTINGS}) == len(CPU_SETTINGS)
