"""The kinds of layers and the functions that lower them, each registered by the module that defines it.

Structure holds lists of layers again, so the function that lowers a list and those that lower each kind are mutually
recursive. They meet here alone: `layers` knows no kind, and the modules of the kinds import `layers`.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

from archspec.language.layers import BranchesLayer, Layer, ResidualLayer, SequenceLayer
from archspec.lowering.context import Context, LoweredLayer
from archspec.lowering.defaults import with_defaults

LowerKind = Callable[[Any, Context, Any], LoweredLayer]
"""A function that lowers layers of one kind, under a segment of the module path (None for unnamed structure)."""

_LOWERERS: dict[type[Layer], LowerKind] = {}

F = TypeVar("F", bound=LowerKind)


def lowers(kind: type[Layer]) -> Callable[[F], F]:
    """Register the function that lowers layers of a kind."""

    def register(function: F) -> F:
        _LOWERERS[kind] = function
        return function

    return register


def lower_kind(context: Context, layer: Layer, segment: str | None) -> LoweredLayer:
    """Lower a layer by its kind, with the defaults that it declares for itself."""
    if layer.defaults is not None:
        context = with_defaults(context, layer.defaults)
    return _LOWERERS[type(layer)](layer, context, segment)


def is_structure(layer: Layer) -> bool:
    """Return whether a layer is no module itself: it takes no position among its siblings and has no weights."""
    return isinstance(layer, (ResidualLayer, SequenceLayer, BranchesLayer))


def segment_of(context: Context, name: str | None) -> str:
    """Return the path segment of an op or block: its name, else its position; a named layer takes a position too."""
    position = str(context.segment.take())
    return position if name is None else name
