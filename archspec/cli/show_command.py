"""archspec show: a spec's text, its flattened form, its graph; a block's source; an op's arguments."""

from __future__ import annotations

import argparse

from archspec.cli.arguments import add_format, add_overrides
from archspec.cli.formats.report import printable
from archspec.cli.list_command import op_about
from archspec.cli.partial_designs import partial_graph, partial_spec, print_json, print_shown
from archspec.diagnostics import Diagnostic
from archspec.ir.dump import dump
from archspec.ir.parameters import Parameter, expected, show
from archspec.language.files import gallery_names, is_path
from archspec.language.flatten import flatten
from archspec.language.symbols import library_file, library_names
from archspec.ops import op_names, op_parameters

EXAMPLES = (
    "show resnet",
    "show resnet50 --graph",
    "show resnet50 --resolved > mine.yaml",
    "show bottleneck",
    "show conv",
)


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the name of a spec, a library block or an op, and the form."""
    parser.add_argument("spec", metavar="NAME", help="a spec (path or gallery name), a library block, or an op")
    how = parser.add_mutually_exclusive_group()
    how.add_argument(
        "--graph", action="store_true", help="the graph: every layer with its shape, identical blocks once"
    )
    how.add_argument("--resolved", action="store_true", help="the spec with `extends`, variant and --set worked in")
    add_overrides(parser)
    add_format(parser)


def run(arguments: argparse.Namespace) -> int:
    """Print what the name denotes; of a broken spec the valid part, and its errors on standard error."""
    kind, text, errors = _shown(arguments)
    if arguments.format == "json":
        return print_json({"name": arguments.spec, "kind": kind, "text": text}, errors)
    return print_shown(text.rstrip("\n"), errors)


def _shown(arguments: argparse.Namespace) -> tuple[str, str, tuple[Diagnostic, ...]]:
    name = arguments.spec
    wanted = arguments.graph or arguments.resolved
    if not wanted and not is_path(name) and name not in gallery_names():
        if name in library_names():
            return "block", library_file(name).read_text(encoding="utf-8"), ()
        if name in op_names():
            return "op", _op(name), ()
    if arguments.graph:
        graph, errors = partial_graph(arguments)
        return "graph", "\n".join(map(printable, dump(graph).split("\n"))), errors
    spec, errors = partial_spec(arguments)
    return ("resolved", flatten(spec), errors) if arguments.resolved else ("spec", spec.text, errors)


def _op(name: str) -> str:
    lines = [f"{name}: {op_about(name)}", ""]
    lines.extend(f"  {parameter.name:<16} {describe(parameter)}" for parameter in op_parameters(name))
    return "\n".join(lines)


def describe(parameter: Parameter) -> str:
    """Return what a parameter accepts and its default, in a line."""
    text = expected(parameter)
    text += "; required" if parameter.required else f"; default {show(parameter.default)}"
    if parameter.main:
        text += "; the main argument"
    return text + (f" ({parameter.about})" if parameter.about else "")
