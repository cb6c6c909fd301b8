"""The text is read, bounded, and never run."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from verifier.checks.syntax import MAX_PARSED_BYTES
from verifier.diagnosis.source import NO_FACTS, Call, read_source

SOURCE = b"""\
import torch.nn as nn, sys
from torch import optim
def step(size, *, rate=-0.5):
    pass
class Net(nn.Module): ...
async def wait(): ...
x = [[1.0, 2.0], (3.0, 4.5)]
opt = optim.SGD(p, 0.1, momentum=0.9, nesterov=True, weight_decay=decay)
for i in range(1, 6):
    opt.zero_grad()
    (lambda: opt.step())()
opt.step
p.grad.zero_()
p.grad = None
big = 10 ** 400
huge = %d
"\\d"
get().zero_()
f(-2)
"""


def test_facts_of_a_script() -> None:
    """Calls, names, numbers and what clears by hand, each with its line."""
    facts = read_source(SOURCE % 10**400)

    assert facts.imported == {"nn", "sys", "optim"}
    assert {"step", "size", "rate", "Net", "wait", "x", "opt", "i"} <= set(facts.assigned)
    assert facts.called("SGD") == (
        Call(
            name="SGD",
            path="optim.SGD",
            line=8,
            looped=False,
            numbers=(0.1,),
            keywords={"momentum": 0.9, "nesterov": 1.0, "weight_decay": None},
        ),
    )
    assert [call.looped for call in facts.called("zero_grad", "step")] == [True, False]
    assert facts.uncalled == {"step": 12}
    assert facts.clears == (13, 14)
    assert facts.line_of("nowhere") is None
    assert facts.line_of("grad", "x") == 7
    assert {0.1, 0.9, 0.5, 10.0} <= facts.constants
    assert facts.constants.isdisjoint({1.0, 3.0, 4.5, 6.0})


@pytest.mark.parametrize(
    "source",
    [
        b"for",
        b"\0",
        b"x = 1 # coding: nothing",
        b"# coding: nothing",
        b"(" * 30_000,
        b"-" * 60_000 + b"1",
        b"x = 1\n" + b"#" * MAX_PARSED_BYTES,
    ],
    ids=lambda source: repr(source[:12]),
)
def test_text_that_cannot_be_read_gives_few_facts_or_none(source: bytes) -> None:
    """Too long, nested too deep or no Python: never an exception."""
    facts = read_source(source)

    assert facts == NO_FACTS or not facts.calls


def test_number_of_nodes_is_bounded() -> None:
    """A text of calls only is read in part."""
    assert 0 < len(read_source(b"f()\n" * 8_000).calls) < 8_000


@given(st.text(max_size=200))
def test_any_text_is_read(text: str) -> None:
    """It is a stranger's."""
    read_source(text.encode("utf-8", errors="surrogatepass"))
