"""A Graph as one readable Python file that imports torch alone."""

from __future__ import annotations

from torch import nn

from archspec.backends.torch.source.classes import Families, own_modules
from archspec.backends.torch.source.copying import copied, imports_of, reserved
from archspec.backends.torch.source.expressions import ModuleRow, each
from archspec.backends.torch.source.values import Arguments
from archspec.backends.torch.source.writing import ClassWriter
from archspec.errors import ExportError
from archspec.ir.graph import Graph, Node


def source_of(graph: Graph) -> str:
    """Return the file's text; its network class has the state_dict keys and the outputs of the built module."""
    _refuse_failed(graph)
    # Blocks are named by the spec: none may take the name of an import or of a copied class.
    families = Families.of(graph, taken=reserved())
    _refuse_names(families)
    parts = [text for text in [copied(own_modules(families))] if text]
    for family in families.families:
        arguments = Arguments(family.channels(outgoing=False), family.channels(outgoing=True))
        parts.append(ClassWriter(family, families, arguments).write())
    text = "\n\n".join(parts)
    return f'"""{_title(graph)}"""\n\n{imports_of(text)}\n\n{text}'


def _refuse_failed(graph: Graph) -> None:
    for placed in graph.nodes():
        if isinstance(placed.step, Node) and placed.step.failed:
            raise ExportError(f"{placed.path} failed to compile, and only whole networks can be written as Python")


def _refuse_names(families: Families) -> None:
    """Raise ExportError for a layer named like an attribute of nn.Module: torch refuses such a submodule."""
    for plan in (plan for family in families.families for plan in family.plans):
        for entry in plan.entries:
            _refuse_name(plan.body.block, entry.name, nn.Module())
            for row in each(entry.made) if entry.made is not None else ():
                for name in row.names if isinstance(row, ModuleRow) else ():
                    _refuse_name(plan.body.block, name, nn.Sequential())


def _refuse_name(block: str, name: str, holder: nn.Module) -> None:
    if hasattr(holder, name):
        kind = type(holder).__name__
        raise ExportError(
            f"{block} has a layer named {name}, a name that torch.nn.{kind} uses itself: rename the layer"
        )


def _title(graph: Graph) -> str:
    name = graph.name + (f":{graph.variant}" if graph.variant else "")
    sizes = ", ".join(f"{port} [N, {', '.join(map(str, item.shape))}]" for port, item in graph.inputs)
    lines = [f"{name}: a network written by archspec.", "", f"Inputs: {sizes}."]
    # The text becomes a docstring, which no quote or backslash of a name may end or escape.
    return "\n".join("".join(c if c.isprintable() and c not in '\\"' else "_" for c in line) for line in lines) + "\n"
