"""A Graph as one readable Python file that imports torch alone."""

from __future__ import annotations

from archspec.backends.torch.source.classes import Families, own_modules
from archspec.backends.torch.source.copying import copied, imports_of, reserved
from archspec.backends.torch.source.values import Arguments
from archspec.backends.torch.source.writing import ClassWriter
from archspec.ir.graph import Graph, Node


class Unsupported(ValueError):
    """A graph that cannot be written as Python source."""


def source_of(graph: Graph) -> str:
    """The file's text; its network class has the state_dict keys and the outputs of what `build` makes."""
    _refuse_failed(graph)
    families = Families.of(graph, taken=reserved())
    parts = [text for text in [copied(own_modules(families))] if text]
    for family in families.families:
        arguments = Arguments(family.channels(outgoing=False), family.channels(outgoing=True))
        parts.append(ClassWriter(family, families, arguments).write())
    text = "\n\n".join(parts)
    return f'"""{_title(graph)}"""\n\n{imports_of(text)}\n\n{text}'


def _refuse_failed(graph: Graph) -> None:
    for placed in graph.nodes():
        if isinstance(placed.step, Node) and placed.step.failed:
            raise Unsupported(f"{placed.path} failed to compile, and only whole networks can be written as Python")


def _title(graph: Graph) -> str:
    name = graph.name + (f":{graph.variant}" if graph.variant else "")
    sizes = ", ".join(f"{port} [N, {', '.join(map(str, item.shape))}]" for port, item in graph.inputs)
    lines = [f"{name}: a network written by archspec.", "", f"Inputs: {sizes}."]
    lines.append("Tensors start as torch starts them; load a state_dict for the weights of a built network.")
    return "\n".join("".join(c if c.isprintable() and c not in '\\"' else "_" for c in line) for line in lines) + "\n"
