"""archspec draw: a picture of a network."""

from __future__ import annotations

import argparse

from archspec.analysis.summary import LEVELS
from archspec.cli.arguments import add_spec
from archspec.cli.findings import exit_code, print_errors
from archspec.cli.output_option import add_output, format_of, write_output
from archspec.cli.partial_designs import partial_graph
from archspec.cli.time_limit_option import add_time_limit
from archspec.errors import OpenPathError, PictureError, UsageError
from archspec.views.colours import SCALES
from archspec.views.draw import DIRECTIONS, FORMATS, draw

EXAMPLES = (
    "draw unet -o unet.svg",
    "draw resnet50 -o net.png --level op --open layer1",
    "draw net.yaml -o net.html --color macs",
)


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add one spec, the level, and the file."""
    add_spec(parser)
    parser.add_argument("--level", choices=LEVELS, default="block", help="what a box is (default: block)")
    parser.add_argument(
        "--direction", choices=DIRECTIONS, default="down", help="where the network runs to (default: down)"
    )
    parser.add_argument(
        "--open",
        metavar="PATH",
        action="append",
        default=[],
        help="divide this stage or block further, e.g. layer2.0; repeatable",
    )
    parser.add_argument("--color", choices=SCALES, default="", help="colour boxes by a figure, and tell it in each")
    add_time_limit(parser)
    add_output(parser, FORMATS)


def run(arguments: argparse.Namespace) -> int:
    """Write the picture; of a broken design the valid part, with what is wrong on standard error."""
    form = format_of(arguments.output, FORMATS)
    graph, errors = partial_graph(arguments)
    try:
        drawn = draw(
            graph,
            arguments.level,
            form,
            open=arguments.open,
            color=arguments.color,
            direction=arguments.direction,
            diagnostics=errors,
            time_limit=arguments.time_limit,
        )
    except (PictureError, OpenPathError) as error:
        raise UsageError(str(error)) from None
    write_output(arguments, drawn)
    print_errors(errors)
    return exit_code(errors)
