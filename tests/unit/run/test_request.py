"""The server's end: a request is read whole, or refused."""

from __future__ import annotations

from dataclasses import asdict, replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.fakes import LIMITS
from tests.unit.run.server import JSON, REQUEST
from verifier.sandbox import wire
from verifier.sandbox.request import RequestError, parse_run


@pytest.mark.parametrize(
    "change",
    [
        {"id": True},
        {"id": -1},
        {"id": 1.0},
        {"source": None},
        {"source": "!"},
        {"more": 1},
        {"trace": 1},
        {"seed_shift": -1},
        {"seed_shift": True},
        {"seed_shift": 1 << 32},
        {"rerun_shift": -1},
        {"rerun_shift": True},
        {"type": "hello"},
        {"limits": None},
        {"limits": {}},
        {"limits": asdict(replace(LIMITS, time_limit_s=0.0))},
        {"limits": asdict(replace(LIMITS, time_limit_s=float("inf")))},
        {"limits": asdict(LIMITS) | {"time_limit_s": True}},
        {"limits": asdict(replace(LIMITS, memory_limit_bytes=-1))},
        {"limits": asdict(replace(LIMITS, memory_limit_bytes=1 << 41))},
        {"limits": asdict(replace(LIMITS, stdout_limit_bytes=12 << 20))},
        {"limits": asdict(replace(LIMITS, stdout_limit_bytes=6 << 20, stderr_limit_bytes=6 << 20))},
        {"source": wire.bytes_to_text(b"#" * ((8 << 20) + 1))},
    ],
    ids=lambda change: str(change)[:40],
)
def test_the_server_refuses_a_request_out_of_bounds(change: dict[str, Any]) -> None:
    """It checks by hand what the client checks by schema."""
    assert parse_run(REQUEST).source == b"print(1)"
    with pytest.raises(RequestError):
        parse_run(REQUEST | change)


@given(frame=st.dictionaries(st.sampled_from([*REQUEST]), JSON))
def test_any_request_is_read_or_refused(frame: wire.Frame) -> None:
    """The server outlives every request."""
    for known in ({}, REQUEST):
        try:
            parse_run(known | frame)
        except RequestError:
            continue
