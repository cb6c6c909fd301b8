"""A release is what pip takes for one, written so that it can name a folder and be sorted."""

from __future__ import annotations

import pytest

from verifier.drift.release import place_of, release_of, version_of


@pytest.mark.parametrize(
    "text",
    [
        "1.13.1", "2.14", "2.14.1rc1", "2.15.0.dev20261101", "2.7.0a0+git1a2b", "2.5.0a0+b.nv24.09",
    ],
)  # fmt: skip
def test_what_torch_calls_itself_is_a_version(text: str) -> None:
    """Candidates, nightly builds and builds of others included."""
    assert version_of(text) is not None
    assert release_of(text) == text.partition("+")[0]


@pytest.mark.parametrize(
    "text",
    [
        "", "2", "v2.14", "2.14.1\n", " 2.14.1", "2.14.1+cpu ", "1!2.14.1", "02.14", "2.14.1-1",
        "2.14.1RC1", "2.14.1+CPU", "nightly", "unknown", "2.14.1 <b>", "2.14.1+a/b",
        "2." + "1" * 39, "2.\u0661", "9" * 5000,
    ],
)  # fmt: skip
def test_what_could_be_written_otherwise_is_no_version(text: str) -> None:
    """Nor is what is longer than a schema keeps; it is left as it is."""
    assert version_of(text) is None
    assert release_of(text) == text


def test_releases_are_sorted_as_pip_sorts_them() -> None:
    """What is no version comes first."""
    ordered = [
        "unknown", "1.13.1", "2.9.1", "2.10.0", "2.14.0.dev20260101", "2.14.0a0", "2.14.0rc1",
        "2.14.0", "2.14.1rc1", "2.14.1", "2.14.1.post1",
    ]  # fmt: skip

    assert sorted(sorted(ordered), key=place_of) == ordered
