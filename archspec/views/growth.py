"""Dense blocks: every layer concatenates its output to its input."""

from __future__ import annotations

from archspec.ir.graph import Call


def describe_growth(call: Call) -> str:
    """Return the number of layers of a dense block, and the channels that each adds; "" for other blocks."""
    body = call.body
    if len(body.steps) < 2 or {step.kind for step in body.steps} != {body.steps[0].kind}:
        return ""
    layers = [step for step in body.steps if isinstance(step, Call)]
    if len(layers) != len(body.steps) or not all(_grows(layer) for layer in layers):
        return ""
    added = {layer.outputs[0].channels - body.input_types(layer)[0].channels for layer in layers}
    each = f", each +{added.pop()} channels" if len(added) == 1 else ""
    return f"\n{layers[0].kind} ×{len(layers)}{each}"


def _grows(call: Call) -> bool:
    """Whether a block ends by concatenating its input to something."""
    last = call.body.steps[-1]
    known = call.body.inputs[0].known and call.outputs[0].known
    return last.kind == "concat" and 0 in last.inputs and known
