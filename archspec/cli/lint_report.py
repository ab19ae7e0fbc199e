"""The output of `archspec lint`: the choice of the format, the findings of all specs, and the exit code."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence

from archspec.cli.exit_codes import CLEAN, FINDINGS, USAGE
from archspec.cli.findings import is_unusable
from archspec.cli.formats import WITH_STATISTICS, render
from archspec.cli.formats.report import LintReport, counted, reaches
from archspec.cli.lint_job import LintOutcome
from archspec.cli.lint_targets import settings_for
from archspec.cli.terminal import has_colour
from archspec.diagnostics import Diagnostic
from archspec.errors import UsageError
from archspec.linter.configuration import Configurations


def choose_format(arguments: argparse.Namespace, configurations: Configurations) -> None:
    """Set the format: that of the command line, else that of the configuration here, else full."""
    arguments.format = arguments.format or settings_for(configurations, ".").format or "full"
    if arguments.statistics and arguments.format not in WITH_STATISTICS:
        raise UsageError(f"--statistics is printed as {', '.join(WITH_STATISTICS)}, not as {arguments.format}")


def print_outcomes(
    arguments: argparse.Namespace, outcomes: Sequence[LintOutcome], before: tuple[Diagnostic, ...] = ()
) -> int:
    """Print what was found in all specs, equal findings (of a file that several include) once; return the exit code."""
    found = tuple(dict.fromkeys([*before, *(d for outcome in outcomes for d in outcome.diagnostics)]))
    failing = {d for outcome in outcomes for d in outcome.diagnostics if reaches(d, outcome.job.fail_level)}
    texts = {outcome.name: outcome.text for outcome in outcomes if outcome.text is not None}
    names = tuple(outcome.name for outcome in outcomes)
    report = LintReport(found, names, texts, frozenset({*before, *failing}), has_colour(sys.stdout))
    _print(arguments, report)
    # Before --exit-zero, which hides findings in specs, but no file that could not be checked.
    if any(map(is_unusable, found)):
        return USAGE
    return FINDINGS if report.failing and not arguments.exit_zero else CLEAN


def _print(arguments: argparse.Namespace, report: LintReport) -> None:
    form = arguments.format
    if arguments.statistics:
        from archspec.cli.lint_statistics import statistics

        text = statistics(report, form)
    else:
        text = render(form, report)
    if text:
        print(text)
    elif form in ("full", "concise") and not arguments.quiet:
        print(f"{counted(len(report.checked), 'spec')} checked, nothing found")
