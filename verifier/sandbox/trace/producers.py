"""Which operation made which tensor: the graph of what a script computes, as torch is told of it.

A node is an operation that was noted, a parameter or an event of the training. Of every tensor it
is known from which nodes it comes: the nearest ones, so that operations may be left out.
"""

from __future__ import annotations

import builtins
from typing import TYPE_CHECKING, Any
from weakref import ref

if TYPE_CHECKING:
    from collections.abc import Iterable

    from verifier.sandbox.trace.tensor import Reader

# A copy: a script may replace what it finds in there, and this is called from within the script.
__builtins__ = dict(vars(builtins))  # type: ignore[assignment] # of any module

_MOST_ORIGINS = 6


class Origin:
    """Where a tensor comes from."""

    __slots__ = ("depends", "heads", "leaf", "learned", "nodes", "stamp")

    def __init__(
        self,
        nodes: tuple[int, ...] = (),
        *,
        heads: frozenset[int] = frozenset(),
        leaf: int | None = None,
        depends: bool = False,
        learned: bool = False,
        stamp: int = 0,
    ) -> None:
        self.nodes = nodes
        """The nearest noted nodes."""
        self.heads = heads
        """The last operations with a parameter that it comes from."""
        self.leaf = leaf
        """The parameter that it is, or is a view of."""
        self.depends = depends
        """Whether a parameter is among what it was computed from."""
        self.learned = learned or depends or leaf is not None
        """The same, also where the graph was cut in between."""
        self.stamp = stamp
        """When that was so: a later write to the same memory counts more."""


UNKNOWN = Origin()


class Producers:
    """Where every tensor that is still alive comes from."""

    __slots__ = ("_by_id", "_pointer", "_reader", "_stamp", "_written")

    def __init__(self, reader: Reader) -> None:
        self._reader = reader
        self._by_id: dict[int, tuple[ref[Any], Origin]] = {}
        self._written: dict[int, Origin] = {}
        """By memory: what was last written into it."""
        self._stamp = 0

    def find(self, tensor: Any) -> Origin:  # noqa: ANN401 - of torch
        """Give what is known of a plain tensor."""
        known = self._by_id.get(id(tensor))
        origin = known[1] if known is not None and known[0]() is tensor else None
        written = self._written.get(self._reader.memory(tensor))
        if written is not None and (origin is None or origin.stamp < written.stamp):
            return written
        return origin or UNKNOWN

    def knows(self, tensor: Any) -> bool:  # noqa: ANN401 - of torch
        """Whether anything is known of it."""
        return self.find(tensor) is not UNKNOWN

    def set(self, tensor: Any, origin: Origin, *, writes: bool = False) -> None:  # noqa: ANN401
        """Say where a tensor comes from; what shares its memory too, where it was written to."""
        self._stamp += 1
        origin.stamp = self._stamp
        if writes:
            self._written[self._reader.memory(tensor)] = origin
        key = id(tensor)
        self._by_id[key] = (ref(tensor, lambda gone: self._forget(key, gone)), origin)

    def _forget(self, key: int, gone: ref[Any]) -> None:
        known = self._by_id.get(key)
        if known is not None and known[0] is gone:
            del self._by_id[key]


def joined(origins: Iterable[Origin], *, node: int | None = None) -> Origin:
    """Say where the result of an operation comes from.

    Args:
        origins: Of what it was given.
        node: The operation's own, where it was noted.
    """
    nodes: dict[int, None] = {}
    heads: frozenset[int] = frozenset()
    depends = learned = False
    for each in origins:
        nodes |= dict.fromkeys(each.nodes)
        heads |= each.heads
        depends = depends or each.depends or each.leaf is not None
        learned = learned or each.learned
    kept = (node,) if node is not None else tuple(nodes)[:_MOST_ORIGINS]
    return Origin(kept, heads=heads, depends=depends, learned=learned)
