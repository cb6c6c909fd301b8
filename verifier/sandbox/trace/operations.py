"""Operations of torch: each is noted with what it was given, up to a bound, and followed beyond.

Where data meets a parameter, and what a pass through the parameters gave, are milestones.
"""

from __future__ import annotations

import builtins
import sys
from typing import TYPE_CHECKING, Any

from verifier.sandbox.trace.calls import line_of
from verifier.sandbox.trace.digest import as_json
from verifier.sandbox.trace.format import MAX_WHOLE
from verifier.sandbox.trace.producers import Origin, Producers, joined
from verifier.sandbox.trace.tensor import several, text

if TYPE_CHECKING:
    from collections.abc import Callable
    from types import FrameType

    from verifier.sandbox.trace.digest import Digester
    from verifier.sandbox.trace.tensor import Reader
    from verifier.sandbox.trace.trained import Parameter, Trained
    from verifier.sandbox.trace.writer import Writer

# A copy: a script may replace what it finds in there, and this is called from within the script.
__builtins__ = dict(vars(builtins))  # type: ignore[assignment] # of any module

_VIEWS = frozenset(
    (
        *("view", "_unsafe_view", "reshape", "t", "transpose", "permute", "unsqueeze", "squeeze"),
        *("detach", "alias", "expand", "_to_copy", "lift_fresh", "contiguous", "clone", "view_as"),
        *("_reshape_alias", "unbind", "split", "split_with_sizes", "chunk"),
    )
)
"""Operations that leave the numbers as they are: their results come from where these came from."""
_DRAWS = frozenset(
    (
        *("rand", "randn", "randint", "randperm", "rand_like", "randn_like", "randint_like"),
        *("normal", "normal_", "uniform_", "uniform", "bernoulli", "bernoulli_", "multinomial"),
        *("random_", "exponential_", "native_dropout", "log_normal_", "poisson"),
    )
)
_EMPTY = frozenset(("zero_", "empty", "empty_like", "new_empty", "empty_strided", "ones_like"))
"""They make memory, or what a backward pass begins with."""
_MOST_INPUTS = 4
_MOST_ORIGINS = 8
_MOST_ARGUMENTS = 6
_MOST_HEADS = 4
_FLAGS = {False: "false", True: "true"}
_INFINITY = float("inf")
_getframe = sys._getframe  # noqa: SLF001 - there is no other way to a frame


class Done:
    """An operation that was done."""

    __slots__ = ("args", "given", "kwargs", "line", "name", "results", "writes")

    def __init__(self, func: Any, args: Any, kwargs: Any, out: Any, reader: Reader) -> None:  # noqa: ANN401
        schema = func._schema  # noqa: SLF001 - the only way to it
        self.name: str = schema.name.removeprefix("aten::")
        self.args = args
        self.kwargs = kwargs
        self.given = [each for each in _flattened(args, kwargs) if reader.is_plain(each)]
        written = [
            value
            for argument, value in zip(schema.arguments, args, strict=False)
            if argument.alias_info is not None and argument.alias_info.is_write
        ]
        self.writes = [
            each for value in written for each in several(value) if reader.is_plain(each)
        ]
        """What was written to."""
        self.results = self.writes or [each for each in several(out) if reader.is_plain(each)]
        self.line = "null"
        """Of the script."""


class Operations:
    """Follows what a script computes."""

    def __init__(
        self,
        writer: Writer,
        trained: Trained,
        *,
        reader: Reader,
        digester: Digester,
        torch: Any,  # noqa: ANN401 - the module
        settle: Callable[[], None],
    ) -> None:
        self._settle = settle
        """Called before data meets a parameter: an update is over then."""
        self._writer = writer
        self._trained = trained
        self._reader = reader
        self._digester = digester
        self._producers = Producers(reader)
        self._is_grad_enabled = torch._C.is_grad_enabled  # noqa: SLF001 - cannot be replaced
        files = (torch.nn.functional.__file__, torch.nn.modules.loss.__file__)
        self._loss_files = frozenset(files)
        self._path = ""
        self._in_pass: set[int] = set()
        self._heads: dict[int, tuple[str, str]] = {}
        """What a pass has given so far, by number: line and members."""
        self.names: dict[int, str] = {}
        """Of parameters, by identity."""
        self.replaced: Callable[[str], None] = _nothing
        """Called with the line where a new tensor takes a parameter's place."""
        self.made: dict[int, str] = {}
        """Lines where modules were made, by identity."""
        self.training = "null"
        """Whether the model that the script called last is in training mode."""

    def begin(self, script_path: str) -> None:
        """Take the name under which the script is compiled."""
        self._path = script_path

    def nodes(self, tensor: Any) -> list[int]:  # noqa: ANN401 - of torch
        """Give the nearest milestones that a tensor comes from."""
        return list(self._producers.find(tensor).nodes)

    def comes_from(self, tensor: Any, number: int) -> None:  # noqa: ANN401 - of torch
        """Say which milestone a tensor comes from."""
        self._producers.set(tensor, Origin((number,), depends=True))

    def shown(self, tensor: Any) -> str:  # noqa: ANN401 - of torch
        """Give what tells a tensor from others, as members of JSON."""
        return f'{self._reader.kind(tensor)},"d":{as_json(self._digester.sums(tensor))}'

    def note(self, done: Done) -> None:
        """Note an operation that is no part of a backward pass or an update."""
        if done.name in _EMPTY or not done.results:
            return
        done.line = line_of(_getframe(2), self._path)
        is_view = done.name in _VIEWS and len(done.given) == 1 and not done.writes
        if is_view and self._follows(done):
            for each in done.results:
                self._producers.set(each, self._as_it_is(done))
            return
        uses = self._parameters(done)  # first: it introduces those that are new
        origins = [self._producers.find(each) for each in done.given]
        number = self._write(done, origins, is_meeting=bool(uses))
        origin = joined(origins, node=number)
        if uses:
            self._meet(done, uses, origins)
            self._heads = {
                key: head
                for key, head in self._heads.items()
                if not any(key in each.heads for each in origins)
            }
            origin.heads = self._head(done, origin)
        for each in done.results:
            made = Origin(
                origin.nodes, heads=origin.heads, depends=origin.depends, learned=origin.learned
            )
            self._producers.set(each, made, writes=bool(done.writes))

    def end_pass(self) -> None:
        """Note what a pass through the parameters gave."""
        heads, self._heads = self._heads, {}
        self._in_pass.clear()
        for line, members in list(heads.values())[-_MOST_HEADS:]:
            self._writer.milestone("out", line, members)

    def _follows(self, done: Done) -> bool:
        """Whether the results of a view come from where its tensor came from, which is known."""
        tensor = done.given[0]
        if done.name != "detach" and self._reader.is_leaf(tensor):
            self._introduce(tensor, done.line)
        return self._producers.knows(tensor)

    def _as_it_is(self, done: Done) -> Origin:
        origin = self._producers.find(done.given[0])
        if done.name == "detach":
            return Origin(origin.nodes, learned=origin.learned)
        return Origin(origin.nodes, heads=origin.heads, leaf=origin.leaf, depends=origin.depends)

    def _parameters(self, done: Done) -> list[Parameter]:
        """Give the parameters among what an operation was given, but for those it writes to."""
        written = {id(each) for each in done.writes}
        found = []
        for each in done.given:
            if id(each) not in written:
                known = self._trained.get(self._producers.find(each).leaf)
                if known is None and self._reader.is_leaf(each):
                    known = self._introduce(each, done.line)
                found += [] if known is None else [known]
        return found

    def _introduce(self, tensor: Any, line: str) -> Parameter:  # noqa: ANN401 - of torch
        known = self._trained.of(tensor)
        if known is not None:
            return known
        if self._producers.find(tensor).learned:
            # Made of one that was trained: an update, by a new tensor in place of the old one.
            replaced = self._trained.replace(tensor)
            if replaced is not None:
                self._producers.set(tensor, Origin((replaced.id,), leaf=replaced.id))
                self.replaced(line)
                return replaced
        number = self._writer.take_number()
        before = self.nodes(tensor)
        self._writer.begin_training()
        name = text(self.names.get(id(tensor), ""))
        members = f'"id":{number},"name":{name},"of":{before},{self.shown(tensor)}'
        self._writer.event("param", line, members)
        self._producers.set(tensor, Origin((number,), leaf=number))
        return self._trained.add(tensor, number=number)

    def _meet(self, done: Done, uses: list[Parameter], origins: list[Origin]) -> None:
        """Note data that meets a parameter."""
        fresh = [
            each
            for each, origin in zip(done.given, origins, strict=True)
            if not origin.depends and origin.leaf is None and not self._reader.is_leaf(each)
        ]
        if "batch_norm" in done.name:  # what it keeps of earlier batches is no data
            fresh = [each for each in fresh if each is done.given[0]]
        numbers = {each.id for each in uses}
        if fresh:
            self._settle()
        if fresh and numbers & self._in_pass:
            self.end_pass()
        self._in_pass |= numbers
        for parameter in uses:
            parameter.met = True
        for each in fresh[:1]:
            members = f'"of":{self.nodes(each)},{self.shown(each)}'
            self._writer.milestone("data", done.line, members)

    def _head(self, done: Done, origin: Origin) -> frozenset[int]:
        number = self._writer.take_number()
        mode = _FLAGS[self._is_grad_enabled()]
        of = f'"of":{list(origin.nodes)},"mode":{mode},"training":{self.training}'
        self._heads[number] = (done.line, f"{of},{self.shown(done.results[0])}")
        return frozenset((number,))

    def _write(self, done: Done, origins: list[Origin], *, is_meeting: bool) -> int | None:
        """Note an operation by itself, and give its number; None where there were enough."""
        mode = self._is_grad_enabled()
        if not self._writer.is_new(done.name, done.line, mode, len(self._trained)):
            return None
        if not self._writer.has_room():
            return None
        number = self._writer.take_number()
        nodes = list(dict.fromkeys(node for each in origins for node in each.nodes))
        generator = done.kwargs.get("generator")
        members = [
            f'"id":{number},"op":{text(done.name)},"of":{nodes[:_MOST_ORIGINS]}',
            f'"mode":{_FLAGS[mode]},"meets":{_FLAGS[is_meeting]}',
            f'"in_loss":{_FLAGS[self._is_in_loss()]},"args":{_arguments(done)}',
            f'"in":{[self._reader.shape(each) for each in done.given[:_MOST_INPUTS]]}',
            f'"made":{self._made_at()}',
            *([_drawn(generator)] if done.name in _DRAWS else []),
            self.shown(done.results[0]),
        ]
        self._writer.event("op", done.line, ",".join(members))
        return number

    def _made_at(self) -> str:
        """Give the line where the innermost module between an operation and the script was made."""
        frame: FrameType | None = _getframe(3)
        while frame is not None and frame.f_code.co_filename != self._path:
            if frame.f_code.co_name == "_call_impl":
                return self.made.get(id(frame.f_locals.get("self")), "null")
            frame = frame.f_back
        return "null"

    def _is_in_loss(self) -> bool:
        """Whether one of torch's loss functions stands between the script and an operation."""
        frame: FrameType | None = _getframe(3)
        while frame is not None and frame.f_code.co_filename != self._path:
            names = frame.f_code.co_varnames[:3]
            if frame.f_code.co_filename in self._loss_files and "target" in names:
                return True
            frame = frame.f_back
        return False


def _nothing(_line: str) -> None:
    pass


def _drawn(generator: Any) -> str:  # noqa: ANN401 - of torch
    """Give, as members of JSON, which generator a draw is from."""
    if generator is None:
        return '"draw":true,"own":false'
    return f'"draw":true,"own":true,"seed":{int(generator.initial_seed()) % MAX_WHOLE}'


def _flattened(args: Any, kwargs: Any) -> list[Any]:  # noqa: ANN401 - of torch
    found: list[Any] = []
    for value in (*args, *kwargs.values()):
        found += value if type(value) in {list, tuple} else [value]
    return found


def _arguments(done: Done) -> str:
    """Give the plain numbers among the arguments of an operation, as JSON."""
    found = []
    for each in _flattened(done.args, done.kwargs):
        if type(each) is bool:
            found.append(_FLAGS[each])
        elif type(each) is int:
            found.append(str(each))
        elif type(each) is float:
            found.append(f"{each:.9g}" if abs(each) < _INFINITY else f'"{each}"')
    return f"[{','.join(found[:_MOST_ARGUMENTS])}]"
