"""torch._dynamo, put off until a script needs more of it than every optimizer does.

An optimizer's first step imports torch's compiler, which takes as long as torch itself and a
third of the memory that every fork then copies, to call two functions that do nothing unless
something is being compiled. Here those two stand alone in the module; whatever else of it is
asked for loads the real one in their place, in this very module object.
"""

from __future__ import annotations

import importlib.util
import sys
from types import ModuleType
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable

NAME = "torch._dynamo"
_MEMO = "__dynamo_disable"
"""Where torch keeps, on a function, what `disable` gave for it."""


class _Deferred(ModuleType):
    """The module before it is loaded: all that is missing here loads it."""

    def __getattr__(self, name: str) -> Any:  # noqa: ANN401 - whatever the real module has
        spec = self.__spec__
        # Dunder names are asked for by whoever walks over all modules; only __path__, which the
        # import of a submodule asks for, means that somebody wants it.
        if spec is None or spec.loader is None or (name.startswith("__") and name != "__path__"):
            msg = f"module {NAME!r} has no attribute {name!r}"
            raise AttributeError(msg)
        disabled: list[Callable[..., Any]] = self.__dict__.pop("_disabled")
        for key in ("graph_break", "disable"):
            del self.__dict__[key]
        for function in disabled:  # to be disabled for good when it is called next
            vars(function).pop(_MEMO, None)
        self.__class__ = ModuleType  # type: ignore[assignment] # as importlib's lazy modules do
        self.__path__ = list(spec.submodule_search_locations or ())
        spec.loader.exec_module(self)
        return getattr(self, name)


def defer() -> None:
    """Put the stand-in where torch will look; nothing, if the real one is there or there is none.

    Needs torch.
    """
    if NAME in sys.modules or (spec := importlib.util.find_spec(NAME)) is None:
        return
    module = _Deferred(NAME)
    module.__spec__ = spec
    module.__file__ = spec.origin
    module.__loader__ = spec.loader
    module.__package__ = NAME
    disabled: list[Callable[..., Any]] = []

    def disable(function: Callable[..., Any], *_: object, **__: object) -> Callable[..., Any]:
        disabled.append(function)
        return function

    def graph_break(*_: object, **__: object) -> None:
        pass

    vars(module).update(disable=disable, graph_break=graph_break, _disabled=disabled)
    sys.modules[NAME] = module
    vars(sys.modules["torch"])["_dynamo"] = module  # as an import would
