"""archspec lint: every finding, and an exit code that says whether there is one."""

from __future__ import annotations

import argparse
import os
from pathlib import Path

from archspec.cli.arguments import CLEAN, STDIN, add_format, add_spec, partial_spec, with_options
from archspec.cli.findings import report
from archspec.diagnostics import Diagnostic, Span
from archspec.lint.engine import lint, lint_loaded
from archspec.source import read
from archspec.spec.load import loads_partial


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Any number of specs, checked with all their variants unless one is named."""
    add_spec(parser, many=True)
    add_format(parser)


def run(arguments: argparse.Namespace) -> int:
    """Print the findings of every spec; the exit code is 2 where a file could not be read, else 1 where one has any."""
    found: list[Diagnostic] = []
    specs = [path for name in arguments.spec for path in _expanded(name)]
    texts: dict[str, str] = {}
    for name in specs:
        found.extend(_findings(arguments, name, texts))
    if not specs:
        span = Span(arguments.spec[0], 1, 1, 1, 1)
        found.append(Diagnostic("FIL001", "there is no spec in this directory", span, hint="specs end in .yaml"))
    code = report(tuple(found), arguments.format, texts)
    if code == CLEAN and arguments.format == "text":
        print(f"{len(specs)} spec{'s' if len(specs) != 1 else ''} checked, nothing found")
    return code


def _expanded(name: str) -> list[str]:
    """A directory stands for the specs in it."""
    if name != "-" and os.path.isdir(name):  # False for a name that no file can have, where Path's way raises
        return [str(p) for p in sorted(Path(name).rglob("*.yaml"))]
    return [name]


def _findings(arguments: argparse.Namespace, name: str, texts: dict[str, str]) -> tuple[Diagnostic, ...]:
    """The findings of one spec; the text of standard input is kept, since it cannot be read again."""
    if name == "-":
        text, unread = read(name)
        if text is None:
            return unread
        texts[STDIN] = text
        return _of_text(arguments, text)
    if not (arguments.variant or arguments.set or arguments.input):
        return lint(name)
    spec, found = partial_spec(arguments, name)
    return found if spec is None else lint_loaded(spec, found)


def _of_text(arguments: argparse.Namespace, text: str) -> tuple[Diagnostic, ...]:
    spec, found = with_options(arguments, *loads_partial(text, STDIN))
    return found if spec is None else lint_loaded(spec, found)
