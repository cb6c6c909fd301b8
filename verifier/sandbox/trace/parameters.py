"""Parameters, modules and optimizers as a trace knows them: each has a number, and a last sight.

Numbers are given at first sight. Nothing here keeps one alive, or calls code of the script.
"""

from __future__ import annotations

import builtins
from typing import TYPE_CHECKING, Any
from weakref import ref

from verifier.sandbox.trace.format import MAX_LISTED
from verifier.sandbox.trace.tensor import flat, hexes, text

if TYPE_CHECKING:
    from verifier.sandbox.trace.tensor import Reader, Values

# A copy: a script may replace what it finds in there, and this is called from within the script.
__builtins__ = dict(vars(builtins))  # type: ignore[assignment] # of any module

MAX_NODES = 10_000
"""So far is a graph followed."""
_HYPERPARAMETERS = ("lr", "momentum", "weight_decay")


class Known:
    """A module or an optimizer that was seen."""

    __slots__ = ("called", "id", "kind", "thing")

    def __init__(self, thing: object, *, number: int) -> None:
        self.thing = ref(thing)
        self.id = number
        """By first sight."""
        self.kind = text(type(thing).__name__)
        """Its class, as JSON."""
        self.called = False
        """Whether the script itself has called it before."""


class Register:
    """All modules, or all optimizers, that were seen."""

    __slots__ = ("_known", "_seen")

    def __init__(self) -> None:
        self._known: dict[int, Known] = {}
        self._seen = 0

    def find(self, thing: object) -> Known:
        """Give what is known of it, from now on at least its number."""
        known = self._known.get(id(thing))
        if known is None or known.thing() is not thing:
            known = self._known[id(thing)] = Known(thing, number=self._seen)
            self._seen += 1
        return known


class Leaf:
    """A parameter, or any other tensor that gradients gather in; known, not kept alive."""

    __slots__ = ("_grad_text", "_text", "grad", "id", "key", "name", "tensor", "values")

    def __init__(self, tensor: Any, *, number: int, reader: Reader) -> None:  # noqa: ANN401
        self.tensor = ref(tensor)
        self.key = id(tensor)
        self.id = number
        """In the trace, by first sight."""
        self.name: str | None = None
        """In the model that was first seen with it."""
        self.values: Values = reader.values(tensor)
        """As last seen."""
        self.grad: Values | None = reader.grad(tensor)
        """As last seen."""
        self._text: str | None = None
        self._grad_text: str | None = None

    def text(self) -> str:
        """Give its values as JSON."""
        if self._text is None:
            self._text = hexes(self.values)
        return self._text

    def grad_text(self) -> str:
        """Give its gradient, as last seen, as JSON."""
        if self._grad_text is None:
            self._grad_text = hexes(self.grad)
        return self._grad_text

    def see(self, values: Values) -> str | None:
        """Take its values as they are now; give those before if they differ."""
        before = self.text()
        self.values = values
        self._text = None
        return None if self.text() == before else before  # NaN is unlike itself

    def see_grad(self, grad: Values | None) -> bool:
        """Take its gradient as it is now; say whether it has become None or zero."""
        before = self.grad
        self.grad = grad
        self._grad_text = None
        if before is None:
            return False
        return grad is None or (any(flat(before)) and bool(grad) and not any(flat(grad)))


class Leaves:
    """All leaves that are known."""

    __slots__ = ("_accumulate", "_known", "_reader", "seen", "work")

    def __init__(self, reader: Reader, *, accumulate: Any) -> None:  # noqa: ANN401 - a type
        self._reader = reader
        self._accumulate: Any = accumulate
        """The type of a graph's ends."""
        self._known: dict[int, Leaf] = {}
        self.seen = 0
        """How many there have been."""
        self.work = 0
        """How many tensors and nodes were looked at."""

    def find(self, tensor: Any) -> Leaf:  # noqa: ANN401 - of torch
        """Give what is known of a plain tensor, from now on at least its number."""
        leaf = self._known.get(id(tensor))
        if leaf is None or leaf.tensor() is not tensor:
            leaf = Leaf(tensor, number=self.seen, reader=self._reader)
            self._known[id(tensor)] = leaf
            self.seen += 1
            self.work += 1
        return leaf

    def all(self) -> list[Leaf]:
        """Give all that were there when last looked at."""
        return list(self._known.values())

    def look(self) -> tuple[list[tuple[Leaf, str]], list[Leaf]]:
        """Look at all of them again; those that are gone are forgotten.

        Returns:
            The leaves that changed, with their values before; then the leaves whose gradient
            became None or zero.
        """
        changed: list[tuple[Leaf, str]] = []
        cleared: list[Leaf] = []
        values_of, grad_of = self._reader.values, self._reader.grad
        self.work += len(self._known)
        for leaf in list(self._known.values()):
            tensor = leaf.tensor()
            if tensor is None:
                del self._known[leaf.key]
                continue
            values = values_of(tensor)
            if values != leaf.values:
                before = leaf.see(values)
                if before is not None:
                    changed.append((leaf, before))
            grad = grad_of(tensor)
            if grad != leaf.grad and leaf.see_grad(grad):
                cleared.append(leaf)
        return changed, cleared

    def look_at_gradients(self) -> None:
        """Look at the gradients alone, and take them as they are."""
        self.work += len(self._known)
        for leaf in self._known.values():
            tensor = leaf.tensor()
            if tensor is not None:
                grad = self._reader.grad(tensor)
                if grad != leaf.grad:
                    leaf.see_grad(grad)

    def reached(self, roots: list[Any]) -> list[Leaf]:
        """Follow the graph from tensors to the leaves that a backward pass from them reaches."""
        found: dict[int, Leaf] = {}
        seen: dict[int, Any] = {}  # the nodes too: the number of one that is gone is used again
        nodes: list[Any] = []
        for root in roots:
            if self._reader.is_leaf(root):
                leaf = self.find(root)
                found[leaf.id] = leaf
            nodes.append(self._reader.grad_fn(root))
        while nodes and len(seen) < MAX_NODES:
            node = nodes.pop()
            if node is None or id(node) in seen:
                continue
            seen[id(node)] = node
            if type(node) is self._accumulate:
                tensor: Any = node.variable
                if self._reader.is_plain(tensor):
                    leaf = self.find(tensor)
                    found[leaf.id] = leaf
            else:
                nodes.extend([following for following, _ in reversed(node.next_functions)])
        self.work += len(seen)
        return [found[number] for number in sorted(found)]


def of_module(module: Any) -> list[tuple[str, Any]]:  # noqa: ANN401 - of torch
    """Give a module's parameters with their names, as `named_parameters` does."""
    found: list[tuple[str, Any]] = []
    seen: set[int] = set()
    modules: list[tuple[str, Any]] = [("", module)]
    while modules:
        prefix, each = modules.pop()
        if each is None or id(each) in seen:
            continue
        seen.add(id(each))
        for name, parameter in each.__dict__.get("_parameters", {}).items():
            if parameter is not None and id(parameter) not in seen:
                seen.add(id(parameter))
                found.append((f"{prefix}{name}", parameter))
        children = list(each.__dict__.get("_modules", {}).items())
        modules += [(f"{prefix}{name}.", child) for name, child in reversed(children)]
    return found


def of_optimizer(optimizer: Any) -> list[Any]:  # noqa: ANN401 - of torch
    """Give an optimizer's parameters, group by group."""
    groups = optimizer.__dict__.get("param_groups", ())
    return [parameter for group in groups for parameter in group["params"]]


def group(settings: dict[str, Any], leaves: list[Leaf], reader: Reader) -> str:
    """Give an optimizer's group as JSON."""
    numbers = [f'"{name}":{reader.number(settings.get(name, 0.0))}' for name in _HYPERPARAMETERS]
    return f'{{{",".join(numbers)},"params":{numbered(leaves)}}}'


def parameter(leaf: Leaf, tensor: Any, reader: Reader) -> str:  # noqa: ANN401 - of torch
    """Give a model's parameter as JSON."""
    return (
        f'{{"id":{leaf.id},"name":{text(leaf.name or "")},{reader.kind(tensor)},"v":{leaf.text()}}}'
    )


def moved(leaf: Leaf, before: str, after: str) -> str:
    """Give a parameter's numbers before and after an event as JSON."""
    return f'{{"id":{leaf.id},"before":{before},"after":{after}}}'


def stepped(leaf: Leaf, before: str, grad: str) -> str:
    """Give a parameter's numbers around an optimizer's step as JSON."""
    return f'{{"id":{leaf.id},"before":{before},"after":{leaf.text()},"grad":{grad}}}'


def numbered(leaves: list[Leaf]) -> str:
    """Give the numbers of parameters as JSON."""
    return str([leaf.id for leaf in leaves[:MAX_LISTED]])
