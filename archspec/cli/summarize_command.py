"""archspec summarize: the table of a network."""

from __future__ import annotations

import argparse
import os
import shutil
import sys

from archspec.analysis.memory.saved_by_row import with_saved_bytes
from archspec.analysis.summary import LEVELS, Summary, summarize
from archspec.analysis.summary_text import render_text
from archspec.cli.arguments import add_format, add_spec
from archspec.cli.partial_designs import partial_graph, print_json, print_shown
from archspec.cli.terminal import has_colour, is_terminal

EXAMPLES = (
    "summarize resnet50",
    "summarize net.yaml --variant small --level op",
    "summarize resnet --set depths=[3,4,23,3] --input 3x256x256",
    "summarize resnet50 --format csv > costs.csv",
)


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add one spec, and the level."""
    add_spec(parser)
    parser.add_argument("--level", choices=LEVELS, default="stage", help="what a row is (default: stage)")
    add_format(parser, "text", "json", "markdown", "csv")


def run(arguments: argparse.Namespace) -> int:
    """Print the summary; of a broken design what is known, and what is wrong."""
    graph, errors = partial_graph(arguments)
    summary = with_saved_bytes(graph, summarize(graph, arguments.level))
    if arguments.format == "json":
        return print_json(summary.to_dict(), errors)
    return print_shown(_rendered(summary, arguments.format), errors)


def _rendered(summary: Summary, form: str) -> str:
    """Return the summary in a format; only what that format needs is imported."""
    if form == "markdown":
        from archspec.cli.summary_markdown import render_markdown

        return render_markdown(summary)
    if form == "csv":
        from archspec.cli.summary_csv import render_csv

        return render_csv(summary)
    if is_terminal(sys.stdout) and os.environ.get("TERM") != "dumb":
        from archspec.cli.summary_rich import render_rich

        return render_rich(summary, shutil.get_terminal_size().columns, has_colour(sys.stdout))
    return render_text(summary)
