"""The Graph as text: every step with its arguments and shape, each distinct body once. Stable, for golden tests."""

from __future__ import annotations

from archspec.ir.graph import RESIDUAL_MERGE, Body, Call, Graph, Node, Step
from archspec.ir.types import ValueType


def dump(graph: Graph) -> str:
    """Return the whole graph as text, bodies numbered in the order of their first use."""
    numbers = _numbered(graph.body)
    title = graph.name + (f":{graph.variant}" if graph.variant else "")
    lines = [f"graph {title}"]
    lines.extend(f"  %{value} = input {name}: {_type(item)}" for value, (name, item) in enumerate(graph.inputs))
    for section in graph.sections:
        lines.append(f"{section.name}:")
        lines.extend(_step(graph.body, index, numbers) for index in range(section.first, section.last))
    lines.append(f"return {_values(graph.body.outputs)}" + (f" as {', '.join(graph.outputs)}" if graph.outputs else ""))
    for body, number in numbers.values():
        lines.extend(["", *_body(body, number, numbers)])
    return "\n".join(lines) + "\n"


BodyNames = dict[int, tuple[Body, str]]


def _numbered(root: Body) -> BodyNames:
    """Return every distinct body under the root with its name; `bottleneck.2` is the second of that block."""
    numbers: BodyNames = {}
    counts: dict[str, int] = {}

    def visit(body: Body) -> None:
        for step in body.steps:
            if isinstance(step, Call) and id(step.body) not in numbers:
                counts[step.body.block] = counts.get(step.body.block, 0) + 1
                numbers[id(step.body)] = (step.body, f"{step.body.block}.{counts[step.body.block]}")
                visit(step.body)

    visit(root)
    return numbers


def _body(body: Body, name: str, numbers: BodyNames) -> list[str]:
    ports = body.ports if len(body.ports) == len(body.inputs) else tuple(f"x{n}" for n in range(len(body.inputs)))
    shown = ", ".join(
        f"%{value} {port}: {_type(item)}" for value, (port, item) in enumerate(zip(ports, body.inputs, strict=True))
    )
    lines = [f"body {name} ({shown})"]
    lines.extend(_step(body, index, numbers) for index in range(len(body.steps)))
    exports = "".join(f", {name} {_values(body.outputs[first : first + count])}" for name, first, count in body.exports)
    lines.append(f"  return {_values(body.outputs[: body.main])}{exports}")
    return lines


def _step(body: Body, index: int, numbers: BodyNames) -> str:
    step = body.steps[index]
    first = body.starts[index]
    gives = _values(tuple(range(first, first + len(step.outputs))))
    takes = ", ".join("none" if v is None else f"%{v}" for v in step.inputs)
    what = _node(step) if isinstance(step, Node) else numbers[id(step.body)][1]
    shapes = ", ".join(_type(item) for item in step.outputs)
    extra = _extras(step)
    return f"  {gives} = {step.scope}: {what}({takes}) -> {shapes}{extra}"


def _values(values: tuple[int, ...]) -> str:
    return ", ".join(f"%{value}" for value in values)


def _node(node: Node) -> str:
    """Return the op with its attributes that are not the defaults."""
    shown = []
    for item in node.op.parameters:
        # Without defaults golden files stay short, and a new attribute does not change them.
        value = getattr(node.op, item.name)
        if value != item.default:
            shown.append(f"{item.name}={_attribute(value)}")
    return node.kind + (f"[{', '.join(shown)}]" if shown else "")


def _attribute(value: object) -> str:
    if isinstance(value, tuple):
        return "[" + ", ".join(_attribute(item) for item in value) + "]"
    return str(value).lower() if isinstance(value, bool) else str(value)


def _extras(step: Step) -> str:
    parts = []
    if step.origin.inserted and step.origin.inserted != RESIDUAL_MERGE:
        parts.append(f"inserted: {step.origin.inserted}")
    if step.share:
        parts.append(
            "share: " + ", ".join(s.path if not s.tensor else f"{s.tensor}={s.path}.{s.theirs}" for s in step.share)
        )
    if isinstance(step, Node):
        if step.keys:
            parts.append("keys: " + ", ".join(f"{a}={b}" for a, b in step.keys))
        if step.init:
            parts.append("init: " + ", ".join(f"{i.tensor}={i.scheme}" for i in step.init))
    return "   # " + "; ".join(parts) if parts else ""


def _type(item: ValueType) -> str:
    return f"{item.kind} {item}" if item.known else "unknown"
