"""Find ops that may overwrite their input, so that no memory or time is spent on a copy that is never read."""

from __future__ import annotations

from archspec.ir.graph import Body, Node


def find_in_place_steps(body: Body) -> frozenset[int]:
    """Return the steps of a body that may overwrite their input.

    The op must be able to (`inplace_safe`), it must be the only reader of its input, and what made that value must give
    fresh memory that its own gradient does not read (`output_overwritable`). A body's inputs are never overwritten: the
    caller may read them again.
    """
    readers: dict[int, int] = {}
    for step in body.steps:
        for value in step.inputs:
            if value is not None:
                readers[value] = readers.get(value, 0) + 1
    # An output is read by the caller, which must not find it overwritten.
    for value in body.outputs:
        readers[value] = readers.get(value, 0) + 1
    # By the first output: a step with several (split, a call) is never overwritten.
    producer = {first: step for step, first in zip(body.steps, body.starts, strict=True)}
    found = set()
    for index, step in enumerate(body.steps):
        if not isinstance(step, Node) or not step.op.inplace_safe:
            continue
        value = step.inputs[0]
        made = producer.get(value) if value is not None else None
        if isinstance(made, Node) and made.op.output_overwritable and value is not None and readers[value] == 1:
            found.add(index)
    return frozenset(found)
