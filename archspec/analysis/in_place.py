"""Which ops may overwrite their input, so that neither memory nor time is spent on a copy nobody reads."""

from __future__ import annotations

from archspec.ir.graph import Body, Node

OVERWRITING = frozenset({"relu", "relu6", "leaky_relu", "elu", "silu", "hardswish", "hardsigmoid"})
"""Activations whose torch module takes `inplace` and keeps its result, or nothing, for the backward pass."""

KEEPS_NO_OUTPUT = frozenset({"conv", "conv_transpose", "linear", "batch_norm", "add", "concat"})
"""Ops whose backward pass does not read their own output, which may therefore be overwritten."""

SAVES_INPUT = frozenset({"relu6", "silu", "hardswish", "hardsigmoid"})
"""Activations that keep their input for the backward pass: in place they would have to copy it."""


def find_in_place_steps(body: Body) -> frozenset[int]:
    """The steps of a body that may overwrite their input: its only reader, of a fresh value nobody needs again."""
    readers: dict[int, int] = {}
    for step in body.steps:
        for value in step.inputs:
            if value is not None:
                readers[value] = readers.get(value, 0) + 1
    for value in body.outputs:
        readers[value] = readers.get(value, 0) + 1
    producer = {first: step for step, first in zip(body.steps, body.starts, strict=True)}
    found = set()
    for index, step in enumerate(body.steps):
        if not isinstance(step, Node) or step.kind not in OVERWRITING - SAVES_INPUT:
            continue
        value = step.inputs[0]
        made = producer.get(value) if value is not None else None
        if isinstance(made, Node) and made.kind in KEEPS_NO_OUTPUT and value is not None and readers[value] == 1:
            found.add(index)
    return frozenset(found)
