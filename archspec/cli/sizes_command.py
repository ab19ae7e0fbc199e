"""archspec sizes: every input size that a network works with."""

from __future__ import annotations

import argparse
import json

from archspec.analysis.input_sizes.valid_sizes import ValidSizes, valid_sizes
from archspec.cli.arguments import add_format, add_spec, spec_of
from archspec.ir.graph import Graph
from archspec.lower import lower


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """One spec."""
    add_spec(parser)
    add_format(parser)


def run(arguments: argparse.Namespace) -> int:
    """Print which sizes work."""
    graph = lower(spec_of(arguments))
    built, free = valid_sizes(graph), valid_sizes(graph, pinned=False)
    if arguments.format == "json":
        found = {"name": graph.name, "variant": graph.variant, **built.to_dict(), "declarable": free.to_dict()}
        print(json.dumps(found, indent=2, ensure_ascii=False))
    else:
        print(_text(graph, built, free))
    return 0


def _text(graph: Graph, built: ValidSizes, free: ValidSizes) -> str:
    """The sizes that the built module takes; those that the spec could declare, where they are others."""
    title = graph.name + (f":{graph.variant}" if graph.variant else "")
    inputs = ", ".join(f"{name} {x}" for name, x in graph.inputs)
    lines = [f"{title}   {inputs}   {built.verdict}", ""]
    lines.extend(f"  {line}" for line in built.describe().split("\n"))
    if built.axes and free.describe() != built.describe():
        lines += ["", "built for another size, it could be:"]
        lines.extend(f"  {line}" for line in free.describe().split("\n"))
    return "\n".join(lines)
