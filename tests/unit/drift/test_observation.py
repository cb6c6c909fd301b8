"""What is kept of an environment is what it showed, to the bit; a file that is not is refused."""

from __future__ import annotations

import json
import math
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.fakes import CHECKOUT
from tests.unit.drift.observing import observation_of, run_of
from verifier.drift.observation import (
    Observation,
    Script,
    ScriptRun,
    Shown,
    load_observation,
    observation_text,
)
from verifier.errors import BadDataError, ExitCode
from verifier.run.interface import Environment

if TYPE_CHECKING:
    from pathlib import Path

EXAMPLE = CHECKOUT / "schemas" / "examples" / "observation.json"

TEXTS = st.text(max_size=20)
WORDS = st.none() | TEXTS
SECONDS = st.floats(min_value=0, allow_infinity=False)
EXACTS = st.none() | st.lists(st.floats() | st.floats(width=32), max_size=4).map(tuple)
RUNS = st.builds(
    ScriptRun,
    ended=TEXTS,
    last_words=TEXTS,
    shown=st.dictionaries(TEXTS, st.builds(Shown, text=TEXTS, exact=EXACTS), max_size=3),
    warnings=st.lists(st.sampled_from(["UserWarning", "AWarning"]), max_size=3).map(tuple),
    wall_s=SECONDS,
    peak_bytes=st.none() | st.integers(min_value=0, max_value=1 << 62),
)
OBSERVATIONS = st.builds(
    Observation,
    name=TEXTS,
    environment=st.builds(
        Environment,
        runner=st.sampled_from([None, "container", "sandbox"]),
        image=WORDS,
        pins_sha256=WORDS,
        torch=WORDS,
        python=WORDS,
        platform=WORDS,
        cpu_capability=WORDS,
        threads=st.none() | st.integers(min_value=1, max_value=1 << 16),
    ),
    settings=st.dictionaries(st.sampled_from(["A", "B_2", "OMP_NUM_THREADS"]), TEXTS),
    wheel_sha256=st.none() | st.just("a" * 64),
    start_s=st.lists(SECONDS, min_size=1, max_size=3).map(tuple),
    scripts=st.lists(
        st.builds(
            Script,
            lab=TEXTS,
            exercise=TEXTS,
            runs=st.lists(RUNS, min_size=1, max_size=2).map(tuple),
        ),
        max_size=2,
    ).map(tuple),
)


def _bits(observation: Observation) -> list[list[str]]:
    return [
        [value.hex() for value in shown.exact]
        for script in observation.scripts
        for run in script.runs
        for shown in run.shown.values()
        if shown.exact is not None
    ]


def _without_nan(observation: Observation) -> str:
    return repr(observation)  # there NaN equals itself


@given(OBSERVATIONS)
def test_what_is_read_is_what_was_kept(
    tmp_path_factory: pytest.TempPathFactory, observation: Observation
) -> None:
    """Every field, and every bit of every unrounded number."""
    path = tmp_path_factory.mktemp("kept") / "observation.json"
    path.write_text(observation_text(observation))
    found = load_observation(path)

    assert _bits(found) == _bits(observation)
    assert _without_nan(found) == _without_nan(observation)


@pytest.mark.parametrize(
    "value",
    [0.0, -0.0, math.inf, -math.inf, 5e-324, -(2.0**-149), 2.0**-1022, 1.7976931348623157e308, 0.1],
)
def test_the_ends_of_the_numbers_are_kept(tmp_path: Path, value: float) -> None:
    """A sign of zero is a bit, too."""
    path = tmp_path / "a.json"
    shown = {"loss_before": Shown(text="0", exact=(value, math.nan))}
    path.write_text(observation_text(observation_of(run_of(other=shown))))
    kept = load_observation(path).scripts[0].runs[0].shown["loss_before"].exact

    assert kept is not None
    assert (kept[0].hex(), kept[1].hex()) == (value.hex(), "nan")


def test_the_example_is_one(tmp_path: Path) -> None:
    """And is written as it stands there."""
    path = tmp_path / "a.json"
    path.write_text(observation_text(load_observation(EXAMPLE)))

    assert json.loads(path.read_text()) == json.loads(EXAMPLE.read_text())


def test_text_that_breaks_the_schema_is_not_written() -> None:
    """What nobody could read back is an error where it is made."""
    with pytest.raises(BadDataError, match="settings"):
        observation_text(observation_of(settings={"no-name": "x"}))


@pytest.mark.parametrize(
    "content",
    [
        b"", b"{", b"[]", b"null", b"\xff\xfe", b'{"schema_version": 1}', b"[" * 100_000,
        b"1" * 10_000, b'{"a": NaN}', b"\x00",
    ],
    ids=lambda content: str(content[:12]),
)  # fmt: skip
def test_what_is_no_observation_is_bad_data(tmp_path: Path, content: bytes) -> None:
    """Exit 5, with the file's name and what to do."""
    path = tmp_path / "broken.json"
    path.write_bytes(content)

    with pytest.raises(BadDataError, match=r"broken\.json") as caught:
        load_observation(path)
    assert caught.value.exit_code == ExitCode.BAD_DATA
    assert "labcheck drift observe" in caught.value.remedy


@pytest.mark.parametrize("name", ["nothing.json", "."])
def test_what_cannot_be_read_is_bad_data(tmp_path: Path, name: str) -> None:
    """A missing file, or a folder."""
    with pytest.raises(BadDataError, match=str(tmp_path)):
        load_observation(tmp_path / name)


@pytest.mark.parametrize(
    ("place", "value"),
    [
        (("schema_version",), 2),
        (("more",), 1),
        (("environment", "threads"), 0),
        (("environment", "torch"), 2.13),
        (("settings",), {"a b": "x"}),
        (("settings",), {"A": 1}),
        (("wheel_sha256",), "A" * 64),
        (("wheel_sha256",), "a" * 64 + "\n"),
        (("start_s",), []),
        (("start_s",), [-1]),
        (("start_s",), [math.nan]),
        (("start_s",), [math.inf]),
        (("scripts", 0, "runs"), []),
        (("scripts", 0, "runs", 0, "wall_s"), "1"),
        (("scripts", 0, "runs", 0, "peak_bytes"), -1),
        (("scripts", 0, "runs", 0, "warnings"), ["<b>Warning"]),
        (("scripts", 0, "runs", 0, "warnings"), ["UserWarning\n"]),
        (("scripts", 0, "runs", 0, "shown", "few", "exact"), [0.5]),
        (("scripts", 0, "runs", 0, "shown", "few", "exact"), ["0.5"]),
        (("scripts", 0, "runs", 0, "shown", "few", "exact"), ["0x1.0p+1024"]),
        (("scripts", 0, "runs", 0, "shown", "few", "exact"), ["-0x1.0p+9999"]),
        (("scripts", 0, "runs", 0, "shown", "few", "exact"), ["0x1.0p+0\n"]),
        (("scripts", 0, "runs", 0, "shown", "few", "text"), None),
    ],
    ids=str,
)
def test_a_field_that_is_not_as_agreed_is_bad_data(
    tmp_path: Path, place: tuple[str | int, ...], value: object
) -> None:
    """Somebody edited it, or another version wrote it."""
    document: Any = json.loads(EXAMPLE.read_text())
    inner = document
    for each in place[:-1]:
        inner = inner[each]
    inner[place[-1]] = value
    path = tmp_path / "edited.json"
    path.write_text(json.dumps(document))

    with pytest.raises(BadDataError, match=r"edited\.json"):
        load_observation(path)
