"""The formats in which findings are printed: a module each, imported when it is chosen."""

from __future__ import annotations

from importlib import import_module

from archspec.cli.formats.report import LintReport

WITH_STATISTICS = ("full", "concise", "json")


def render(form: str, report: LintReport) -> str:
    """Return the findings in one of the formats; empty where it prints nothing."""
    text: str = import_module(f"archspec.cli.formats.{form}").render(report)
    return text
