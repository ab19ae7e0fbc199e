"""Commands that still show what there is of a broken design: its Graph as far as it goes, and its errors."""

from __future__ import annotations

import argparse
import sys
from typing import Any

from archspec.cli.arguments import options_of
from archspec.diagnostics import Diagnostic
from archspec.errors import SpecError
from archspec.frontend import Document, open_design
from archspec.ir.graph import Graph
from archspec.language.load import Spec


def partial_spec(arguments: argparse.Namespace) -> tuple[Spec, tuple[Diagnostic, ...]]:
    """Return the spec that the arguments mean, with the errors of reading it; raises SpecError where there is none."""
    document = _open(arguments)
    assert document.spec is not None
    return document.spec, tuple(d for d in document.read_diagnostics if d.is_error)


def partial_graph(arguments: argparse.Namespace) -> tuple[Graph, tuple[Diagnostic, ...]]:
    """Return the Graph of that spec, partial where there are errors; raises SpecError where it is empty."""
    document = _open(arguments)
    if document.graph is None or not document.graph.body.steps:
        raise SpecError(document.compile_errors)
    return document.graph, document.compile_errors


def _open(arguments: argparse.Namespace) -> Document:
    document = open_design(arguments.spec, options_of(arguments))
    if document.spec is None:
        raise SpecError(document.read_diagnostics)
    return document


def print_shown(text: str, errors: tuple[Diagnostic, ...]) -> int:
    """Print what can be shown, and the errors on standard error; return the exit code."""
    from archspec.cli.findings import exit_code

    print(text)
    print_errors(errors)
    return exit_code(errors)


def print_errors(errors: tuple[Diagnostic, ...]) -> None:
    """Print the errors on standard error."""
    if errors:
        from archspec.cli.formats import render
        from archspec.cli.formats.report import LintReport
        from archspec.cli.terminal import has_colour

        # Standard output may be buffered: where both go to one file, the errors would come before the text.
        sys.stdout.flush()
        print(render("full", LintReport(errors, colour=has_colour(sys.stderr))), file=sys.stderr)


def print_json(value: dict[str, Any], errors: tuple[Diagnostic, ...]) -> int:
    """Print JSON that has the errors, if any, under `diagnostics`; return the exit code."""
    from archspec.cli.findings import exit_code
    from archspec.cli.formats.json import to_dict
    from archspec.cli.formats.report import as_json

    found = {"diagnostics": [to_dict(d) for d in errors]} if errors else {}
    print(as_json({**value, **found}))
    return exit_code(errors)
