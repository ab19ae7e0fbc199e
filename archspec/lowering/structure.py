"""Lower structure, layers that hold layers: what all of them share, and the plain sequence."""

from __future__ import annotations

from archspec.language.layers import BranchesLayer, ResidualLayer, SequenceLayer
from archspec.lowering import references
from archspec.lowering.context import Context, LoweredLayer, Segment
from archspec.lowering.dispatch import lowers
from archspec.lowering.errors import LoweringError
from archspec.lowering.layers import lower_layers
from archspec.source import Scalar

StructureLayers = SequenceLayer | ResidualLayer | BranchesLayer


def enter_structure(context: Context, layer: StructureLayers, segment: str | None) -> Context:
    """Return the context of a structure's layers, which start from its `from:`.

    A named one opens a segment of its own; in an unnamed one, positions continue from the layers around it.
    """
    _refuse_weight_keys(layer)
    prev = context.prev
    if layer.source is not None and not references.continues_turn(context, layer.source):
        prev = references.resolve_many(context, layer.source)
    # Of the turns of a repeat, the layers inside are no part: each is a layer of its own in every turn.
    inner = context.replace(prev=prev, start=prev, start_from=None, iteration=0, turn_names=frozenset())
    return inner if segment is None else inner.replace(segment=Segment(context.path(segment)))


def _refuse_weight_keys(layer: StructureLayers) -> None:
    """Raise SPC001 for keys about weights: structure has none of its own to initialise, rename or share."""
    for word in ("init", "keys", "share"):
        tree = getattr(layer, word)
        if tree is not None:
            span = tree.span if isinstance(tree, Scalar) else layer.span
            raise LoweringError(
                "SPC001", f"{word} belongs to an op or a block, not to structure", span, "put it on the layer inside"
            )


@lowers(SequenceLayer)
def lower_sequence(layer: SequenceLayer, context: Context, segment: str | None) -> LoweredLayer:
    """Lower a sequence's layers one after the other; its `merge` belongs to its repeats."""
    return lower_layers(enter_structure(context, layer, segment), layer.body), {}
