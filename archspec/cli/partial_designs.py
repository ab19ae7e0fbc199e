"""What can still be shown of a broken design: its Graph as far as it goes, and what is wrong with it."""

from __future__ import annotations

import argparse
import sys
from typing import Any

from archspec.cli.arguments import partial_spec
from archspec.diagnostics import Diagnostic
from archspec.errors import SpecError
from archspec.ir.graph import Graph
from archspec.language.load import Spec
from archspec.lowering import lower_partial


def loaded(arguments: argparse.Namespace) -> tuple[Spec, tuple[Diagnostic, ...]]:
    """The spec that the arguments mean, with its errors; raises SpecError where nothing of it can be shown."""
    spec, found = partial_spec(arguments, arguments.spec)
    if spec is None:
        raise SpecError(found)
    return spec, tuple(d for d in found if d.is_error)


def lowered(arguments: argparse.Namespace) -> tuple[Graph, tuple[Diagnostic, ...]]:
    """The Graph of that spec, partial where there are errors; raises SpecError where there is none."""
    spec, found = loaded(arguments)
    graph, more, _ = lower_partial(spec)
    errors = (*found, *(d for d in more if d.is_error))
    errors = tuple(sorted(dict.fromkeys(errors), key=lambda d: (d.span, d.code, d.message)))
    if graph is None or not graph.body.steps:
        raise SpecError(errors)
    return graph, errors


def print_shown(text: str, errors: tuple[Diagnostic, ...]) -> int:
    """Print what can be shown, and on standard error what is wrong; the exit code."""
    from archspec.cli.findings import exit_code

    print(text)
    print_errors(errors)
    return exit_code(errors)


def print_errors(errors: tuple[Diagnostic, ...]) -> None:
    """Print what is wrong on standard error."""
    if errors:
        from archspec.cli.formats import render
        from archspec.cli.formats.report import Report
        from archspec.cli.terminal import has_colour

        sys.stdout.flush()
        print(render("full", Report(errors, colour=has_colour(sys.stderr))), file=sys.stderr)


def print_json(value: dict[str, Any], errors: tuple[Diagnostic, ...]) -> int:
    """Print JSON that has the errors, where there are any, under `diagnostics`; the exit code."""
    from archspec.cli.findings import exit_code
    from archspec.cli.formats.json import to_dict
    from archspec.cli.formats.report import as_json

    found = {"diagnostics": [to_dict(d) for d in errors]} if errors else {}
    print(as_json({**value, **found}))
    return exit_code(errors)
