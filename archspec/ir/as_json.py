"""The Graph as JSON for other programs: each distinct body once, with every step, type, tensor and origin."""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import Any

from archspec.diagnostics import Span
from archspec.ir.graph import Body, Call, Graph, Node, Step
from archspec.ir.types import ValueType

FORMAT = 1  # raised where a reader of the former one would go wrong; new keys do not raise it


def to_json(graph: Graph) -> str:
    """Return the Graph as a JSON text that ends in a line break; docs/export.md documents its keys."""
    return json.dumps(to_dict(graph), indent=1, allow_nan=False) + "\n"


def to_dict(graph: Graph) -> dict[str, Any]:
    """Return the Graph as dicts, lists, texts and numbers."""
    numbers = _numbered(graph.body)
    return {
        "format": FORMAT,
        "name": graph.name,
        "variant": graph.variant,
        "inputs": [{"name": name, **_type(item)} for name, item in graph.inputs],
        "outputs": list(graph.outputs),
        "sections": [{"name": s.name, "first": s.first, "last": s.last} for s in graph.sections],
        "bodies": [_body(body, numbers) for body, _ in numbers.values()],
    }


BodyNumbers = dict[int, tuple[Body, int]]


def _numbered(root: Body) -> BodyNumbers:
    """Return every distinct body with its number: 0 for the network's own, then in the order of first use."""
    numbers: BodyNumbers = {}

    def visit(body: Body) -> None:
        # Holding the body keeps its id from being used again.
        numbers[id(body)] = (body, len(numbers))
        for step in body.steps:
            if isinstance(step, Call) and id(step.body) not in numbers:
                visit(step.body)

    visit(root)
    return numbers


def _body(body: Body, numbers: BodyNumbers) -> dict[str, Any]:
    return {
        "block": body.block,
        "ports": list(body.ports),
        "inputs": _types(body.inputs),
        "steps": [_step(body, index, numbers) for index in range(len(body.steps))],
        "outputs": list(body.outputs),
        "main": body.main,
        "exports": [{"name": name, "first": first, "count": count} for name, first, count in body.exports],
        "decisions": [
            {"kind": d.kind, "path": d.path, "block": d.block, "reason": d.reason, "origin": _place(d.span)}
            for d in body.decisions
        ],
    }


def _step(body: Body, index: int, numbers: BodyNumbers) -> dict[str, Any]:
    step = body.steps[index]
    first = body.starts[index]
    what = _node(step, body) if isinstance(step, Node) else _call(step, numbers)
    return {
        **what,
        "path": step.scope,
        "inputs": list(step.inputs),
        "values": list(range(first, first + len(step.outputs))),
        "outputs": _types(step.outputs),
        "share": [{"path": s.path, "tensor": s.tensor, "theirs": s.theirs} for s in step.share],
        "origin": _origin(step),
    }


def _node(node: Node, body: Body) -> dict[str, Any]:
    tensors = node.op.tensors(body.input_types(node)) if not node.failed else ()
    return {
        "op": node.kind,
        "attributes": {p.name: _plain(getattr(node.op, p.name)) for p in node.op.parameters},
        "tensors": [
            {
                "name": tensor.name,
                # A bare op has no module: its one tensor is a parameter of the enclosing one, under the op's name.
                "key": node.scope if node.op.bare else node.key_of(tensor.name),
                "shape": _plain(tensor.shape),
                "role": tensor.role,
            }
            for tensor in tensors
        ],
        "init": [{"tensor": i.tensor, "scheme": i.scheme, "arguments": dict(i.arguments)} for i in node.init],
    }


def _call(call: Call, numbers: BodyNumbers) -> dict[str, Any]:
    return {"block": call.kind, "body": numbers[id(call.body)][1], "arguments": dict(call.arguments)}


def _origin(step: Step) -> dict[str, Any]:
    return {**_place(step.origin.span), "inserted": step.origin.inserted}


def _place(span: Span) -> dict[str, Any]:
    return {"file": span.file, "line": span.line, "column": span.column}


def _types(items: Iterable[ValueType]) -> list[dict[str, Any]]:
    return [_type(item) for item in items]


def _type(item: ValueType) -> dict[str, Any]:
    return {
        "kind": item.kind,
        "shape": _plain(item.shape),
        "channel_axis": item.channel_axis,
        "grid": _plain(item.grid),
        "prefix": item.prefix,
        "range": item.range,
    }


def _plain(value: object) -> Any:
    """Return an attribute as a JSON value; what JSON cannot hold becomes text."""
    if isinstance(value, tuple | list):
        return [_plain(item) for item in value]
    if value is None or isinstance(value, bool | int | str):
        return value
    # JSON has no infinity and no NaN.
    finite = isinstance(value, float) and abs(value) < float("inf")
    return value if finite else str(value)
