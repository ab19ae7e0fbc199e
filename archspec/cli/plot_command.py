"""archspec plot: a chart of a network's figures."""

from __future__ import annotations

import argparse

from archspec.charts.plotting import KINDS, plot
from archspec.charts.style import FORMATS, ChartError
from archspec.cli.arguments import add_spec
from archspec.cli.exits import UsageError
from archspec.cli.findings import exit_code
from archspec.cli.partial import lowered, print_errors
from archspec.cli.replacing import write_file


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """One spec, one chart, one file."""
    add_spec(parser)
    about = "cost: parameters, MACs and memory of activations of each stage; receptive-field: its growth by depth"
    parser.add_argument("--kind", choices=KINDS, default=KINDS[0], help=f"{about} (default: {KINDS[0]})")
    suffixes = " or ".join(f".{form}" for form in FORMATS)
    parser.add_argument(
        "-o", "--output", metavar="FILE", required=True, help=f"where to; its suffix says the format: {suffixes}"
    )


def run(arguments: argparse.Namespace) -> int:
    """Write the chart; of a broken design what is known, with what is wrong on standard error."""
    form = _format_of(arguments.output)
    graph, errors = lowered(arguments)
    try:
        drawn = plot(graph, arguments.kind, form)
    except ChartError as error:
        raise UsageError(str(error)) from None
    problem = write_file(arguments.output, drawn)
    if problem:
        raise UsageError(f"{arguments.output}: {problem}")
    print_errors(errors)
    return exit_code(errors)


def _format_of(path: str) -> str:
    suffix = path.rpartition(".")[2].lower() if "." in path else ""
    if suffix not in FORMATS:
        raise UsageError(f"-o {path}: the suffix says the format, one of {', '.join(f'.{form}' for form in FORMATS)}")
    return suffix
