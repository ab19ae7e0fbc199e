"""archspec audit: compare a design's figures with those of other counters."""

from __future__ import annotations

import argparse

from archspec.cli.arguments import add_format, add_spec, spec_of
from archspec.cli.audit_text import render_markdown, render_text
from archspec.cli.exit_codes import CLEAN, FINDINGS
from archspec.cli.formats.report import as_json
from archspec.lowering import lower
from archspec.runtime.audit.checkers import checker_names

EXAMPLES = (
    "audit resnet50",
    "audit net.yaml --checker torchinfo --format markdown",
)


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add one spec, and the choice of counters."""
    add_spec(parser)
    about = "one of the counters, repeatable (default: all that are installed): " + ", ".join(checker_names())
    parser.add_argument("--checker", choices=checker_names(), metavar="NAME", action="append", help=about)
    add_format(parser, "text", "json", "markdown")


def run(arguments: argparse.Namespace) -> int:
    """Print the audit; exit code 1 where a difference is left unexplained."""
    from archspec.api.run import audit

    found = audit(lower(spec_of(arguments)), checkers=arguments.checker)
    if arguments.format == "json":
        print(as_json(found.to_dict()))
    else:
        print(render_markdown(found) if arguments.format == "markdown" else render_text(found))
    return CLEAN if found else FINDINGS
