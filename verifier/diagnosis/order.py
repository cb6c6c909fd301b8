"""Whether the error that ended a script may come from what the trace found. Pure.

An error that nothing else explains is told first: Python named it, and the script got no further.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Set as AbstractSet

    from verifier.run.script_error import ScriptError

_OWN = re.compile(r"(assert|raise)\b")
_SHAPES = (
    "activation-other input-wrong loss-arguments-swapped loss-other model-other shape-mismatch "
    "target-wrong"
)
_EXPLAINED_BY = tuple(
    (re.compile(pattern), frozenset(ids.split()))
    for pattern, ids in (
        (
            r"NoneType",
            (
                "backward-missing graph-cut loop-backward-missing model-other "
                "optimizer-other-parameters parameters-frozen printed-wrong-moment "
                "step-before-backward update-makes-new-tensor zero-grad-late"
            ),
        ),
        (
            r"does not require grad and does not have a grad_fn",
            "graph-cut parameters-frozen update-makes-new-tensor",
        ),
        (
            r"backward through the graph a second time",
            "backward-twice loop-forward-missing loss-accumulated update-makes-new-tensor",
        ),
        (
            r"modified by an inplace operation|in-place operation",
            "in-place-change leaf-changed-in-place",
        ),
        (
            r"can't optimize a non-leaf",
            "optimizer-other-parameters weights-by-hand",
        ),
        (r"Using a target size|size of tensor a|must match the size", _SHAPES),
        (
            r"shapes cannot be multiplied|size mismatch|size of input tensor|same as input size",
            _SHAPES,
        ),
        (
            r"elements of target should be between",
            "loss-arguments-swapped loss-other target-wrong",
        ),
        (
            r"elements of input should be between",
            (
                "activation-other input-scaled input-wrong loss-arguments-swapped loss-nan "
                "lr-too-high lr-wrong model-other sigmoid-missing"
            ),
        ),
        (
            (
                r"[Ff]ound dtype|result type \w+ can't be cast|same dtype|expected scalar type|"
                r"expected m1"
            ),
            "dtype-other input-wrong target-dtype target-wrong",
        ),
        (r"Expected more than 1 value per channel|values to unpack", "model-other"),
        (r"with (?:a|two) bool tensors?", "target-dtype target-wrong"),
        (r"converted to Scalar|scalar outputs|one element tensors", _SHAPES + " loss-reduction"),
    )
)

SHOWS_EARLIER = frozenset({"logits-loss-with-sigmoid", "loss-nan", "loss-other", "lr-too-high"})
"""What may show at a stage before its own: a model is made to fit its loss, nan goes everywhere."""


def may_explain(error: ScriptError, found: AbstractSet[str]) -> bool:
    """Tell whether an error may come from what the trace found.

    What a script raises itself, by ``assert`` or ``raise``, may come from anything.

    Args:
        error: What ended the script.
        found: Ids of the diagnoses that the trace suggests.
    """
    own = _OWN.match(error.statement) is not None and not error.files
    return (own or error.kind == "AssertionError") or any(
        pattern.search(error.message) and found & explaining
        for pattern, explaining in _EXPLAINED_BY
    )
