"""archspec plot: a chart of a network's figures."""

from __future__ import annotations

import argparse

from archspec.charts.plotting import KINDS, plot
from archspec.charts.style import FORMATS
from archspec.cli.arguments import add_spec
from archspec.cli.findings import exit_code, print_errors
from archspec.cli.output_option import add_output, format_of, write_output
from archspec.cli.partial_designs import partial_graph
from archspec.errors import ChartError, UsageError

EXAMPLES = (
    "plot resnet50 -o cost.svg",
    "plot resnet50 --kind receptive-field -o field.png",
)


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add one spec, the kind of chart, and the file."""
    add_spec(parser)
    about = "cost: parameters, MACs and memory of activations of each stage; receptive-field: its growth by depth"
    parser.add_argument("--kind", choices=KINDS, default=KINDS[0], help=f"{about} (default: {KINDS[0]})")
    add_output(parser, FORMATS)


def run(arguments: argparse.Namespace) -> int:
    """Write the chart; of a broken design what is known, with what is wrong on standard error."""
    form = format_of(arguments.output, FORMATS)
    graph, errors = partial_graph(arguments)
    try:
        drawn = plot(graph, arguments.kind, form)
    except ChartError as error:
        raise UsageError(str(error)) from None
    write_output(arguments, drawn)
    print_errors(errors)
    return exit_code(errors)
