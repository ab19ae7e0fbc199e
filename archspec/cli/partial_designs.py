"""Commands that still show what there is of a broken design: its Graph as far as it goes, and its errors."""

from __future__ import annotations

import argparse
from typing import Any

from archspec.cli.arguments import is_in_argument, options_of
from archspec.diagnostics import Diagnostic
from archspec.errors import SpecError
from archspec.frontend import Document, open_design
from archspec.ir.graph import Graph
from archspec.language.load import Spec


def partial_spec(arguments: argparse.Namespace) -> tuple[Spec, tuple[Diagnostic, ...]]:
    """Return the spec that the arguments mean, with the errors of reading it; raises SpecError where there is none."""
    document = _open(arguments)
    assert document.spec is not None
    errors = tuple(d for d in document.read_diagnostics if d.is_error)
    _refuse_wrong_arguments(errors)
    return document.spec, errors


def partial_graph(arguments: argparse.Namespace) -> tuple[Graph, tuple[Diagnostic, ...]]:
    """Return the Graph of that spec, partial where there are errors; raises SpecError where it is empty."""
    document = _open(arguments)
    if document.graph is None or not document.graph.body.steps:
        raise SpecError(document.compile_errors)
    _refuse_wrong_arguments(document.compile_errors)
    return document.graph, document.compile_errors


def _refuse_wrong_arguments(errors: tuple[Diagnostic, ...]) -> None:
    """Raise SpecError for an error in `--set` or `--input`: what is shown without it would be another design."""
    if any(is_in_argument(d) for d in errors):
        raise SpecError(errors)


def _open(arguments: argparse.Namespace) -> Document:
    document = open_design(arguments.spec, options_of(arguments))
    if document.spec is None:
        raise SpecError(document.read_diagnostics)
    return document


def print_shown(text: str, errors: tuple[Diagnostic, ...]) -> int:
    """Print what can be shown, and the errors on standard error; return the exit code."""
    from archspec.cli.findings import exit_code, print_errors

    print(text)
    print_errors(errors)
    return exit_code(errors)


def print_json(value: dict[str, Any], errors: tuple[Diagnostic, ...]) -> int:
    """Print JSON that has the errors, if any, under `diagnostics`; return the exit code."""
    from archspec.cli.findings import exit_code
    from archspec.cli.formats.json import to_dict
    from archspec.cli.formats.report import as_json

    found = {"diagnostics": [to_dict(d) for d in errors]} if errors else {}
    print(as_json({**value, **found}))
    return exit_code(errors)
