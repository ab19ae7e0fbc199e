"""A block repeated: from the third turn on, a turn that could only repeat the one before is not worked out again."""

from __future__ import annotations

from archspec.ir.graph import Call
from archspec.language.free_names import names_of
from archspec.language.layers import CallLayer, Layer
from archspec.lowering.calls import Result, added, claim_path
from archspec.lowering.context import Context

WORDS = ("source", "when", "share", "init", "keys", "defaults")  # what may differ from turn to turn, or be an error


def turns_alike(layer: Layer, variable: str) -> bool:
    """Whether the turns of a layer can differ in their input alone: nothing that it is given mentions the turn."""
    if not isinstance(layer, CallLayer) or any(getattr(layer, word) is not None for word in WORDS):
        return False
    given = [layer.callee, *(tree for _, tree in layer.arguments)]
    if layer.main is not None:
        given.append(layer.main)
    turning = {variable, "block_index"}
    return all(turning.isdisjoint(names_of(tree)) for tree in given)


def again(context: Context, layer: Layer, segment: str) -> Result | None:
    """The call that was made last, once more on the running value; None where that would not be the same block.

    The last call must not be the first turn's, which alone gets the parameters that are marked `first`.
    """
    last = context.builder.steps[-1]
    if not isinstance(last, Call) or len(context.prev) != 1:
        return None
    if last.body.inputs != (context.type_of(context.prev[0]),):
        return None
    path = claim_path(context, layer, segment, leaf=True)
    context.lowering.step_made(layer.span, context.lowering.weights[id(last.body)])
    return added(context, Call(last.body, context.prev, path, last.origin, (), last.arguments))
