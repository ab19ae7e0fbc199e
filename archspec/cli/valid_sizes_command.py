"""archspec valid-sizes: every input size that a network works with."""

from __future__ import annotations

import argparse

from archspec.analysis.valid_sizes.report import ValidSizes
from archspec.analysis.valid_sizes.size_repair import find_size_repair
from archspec.analysis.valid_sizes.solve import valid_sizes
from archspec.cli.arguments import add_format, add_spec, spec_of
from archspec.cli.exit_codes import CLEAN, FINDINGS
from archspec.cli.formats.report import as_json, printable
from archspec.errors import SpecError
from archspec.ir.graph import Graph
from archspec.language.load import Spec
from archspec.lowering import lower_partial

EXAMPLES = (
    "valid-sizes unet",
    "valid-sizes net.yaml --input 3x256x256 --format json",
)


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add one spec."""
    add_spec(parser)
    add_format(parser)


def run(arguments: argparse.Namespace) -> int:
    """Print which sizes work; 1 where the declared ones do not."""
    graph, built, free = _sizes(spec_of(arguments))
    if arguments.format == "json":
        found = {"name": graph.name, "variant": graph.variant, **built.to_dict(), "declarable": free.to_dict()}
        print(as_json(found))
    else:
        print(_text(graph, built, free))
    return CLEAN if built.contains(*(axis.declared for axis in built.axes)) else FINDINGS


def _sizes(spec: Spec) -> tuple[Graph, ValidSizes, ValidSizes]:
    """Return the sizes that the module accepts and those that the spec could declare; the latter twice if it fails."""
    graph, found, _ = lower_partial(spec)
    errors = tuple(d for d in found if d.is_error)
    if graph is not None and not errors:
        return graph, valid_sizes(graph), valid_sizes(graph, pinned=False)
    failing = find_size_repair(spec, found)
    # With errors of another cause no size helps, and an answer about sizes would hide them.
    if failing is None or len(failing.caused) < len(errors):
        raise SpecError(errors)
    return failing.graph, failing.sizes, failing.sizes


def _text(graph: Graph, built: ValidSizes, free: ValidSizes) -> str:
    """Return the sizes that the module accepts, and those that the spec could declare if they differ."""
    title = graph.name + (f":{graph.variant}" if graph.variant else "")
    inputs = ", ".join(f"{name} {x}" for name, x in graph.inputs)
    lines = [f"{title}   {inputs}   {built.verdict}", ""]
    lines.extend(f"  {line}" for line in built.describe().split("\n"))
    if built.axes and free.describe() != built.describe():
        lines += ["", "built for another size, it could be:"]
        lines.extend(f"  {line}" for line in free.describe().split("\n"))
    return "\n".join(map(printable, lines))
