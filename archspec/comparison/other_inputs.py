"""What a step would make and cost on inputs of other types."""

from __future__ import annotations

from msgspec.structs import replace

from archspec.ir.graph import Body, Node, Step
from archspec.ir.op import ShapeError, raise_unless
from archspec.ir.types import ValueType


def depends_on_inputs(types: tuple[ValueType, ...], step: Step) -> bool:
    """Return whether a step's outputs would have other types if its inputs had these.

    `types` are those of the step before the change. True for a block, and where the op cannot take them.
    """
    moved = with_inputs(types, step)
    return moved is None or moved[1].outputs != step.outputs


def with_inputs(types: tuple[ValueType, ...], step: Step) -> tuple[Body, Node] | None:
    """Return an op with inputs of these types, in a body that holds it alone.

    None for a block, and where the op cannot take them.
    """
    if not isinstance(step, Node) or len(types) != len(step.inputs):
        return None
    try:
        outputs = step.op.infer(types, raise_unless)
    except ShapeError:
        return None
    inputs = tuple(None if value is None else number for number, value in enumerate(step.inputs))
    node = replace(step, inputs=inputs, outputs=outputs)
    return Body("", (), types, (node,), ()), node
