"""archspec lint: every finding, and an exit code that depends on whether there is one."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence

from archspec.cli.arguments import add_spec
from archspec.cli.formats.report import counted
from archspec.cli.lint_job import LintOutcome
from archspec.cli.lint_parallel import lint_all
from archspec.cli.lint_report import choose_format, print_outcomes
from archspec.cli.lint_targets import check_codes, configurations_of, jobs_of
from archspec.diagnostics import Diagnostic, Severity, Span
from archspec.errors import UsageError
from archspec.linter.settings import FORMATS

EXAMPLES = (
    "lint net.yaml",
    "lint specs --fix",
    "lint specs --diff --unsafe-fixes",
    "lint - --stdin-filename net.yaml < net.yaml",
    "lint specs --format github --fail-level error",
)


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add any number of specs, checked with all their variants unless one is named."""
    add_spec(parser, many=True)
    parser.add_argument("--no-variants", action="store_true", help="check the base alone, not every variant")
    parser.add_argument("--format", choices=FORMATS, help="how to print (default: full)")
    _add_rules(parser)
    _add_outcome(parser)
    _add_fixing(parser)
    _add_running(parser)


def _add_rules(parser: argparse.ArgumentParser) -> None:
    rules = parser.add_argument_group(
        "rules", "CODES are codes or the beginnings of codes, apart by commas: CNV,RES001"
    )
    for option, about in (
        ("--select", "only these rules; ALL has those that are off by default too"),
        ("--extend-select", "these rules too"),
        ("--ignore", "not these rules; of --select and --ignore the longer one wins"),
    ):
        rules.add_argument(option, metavar="CODES", action="append", default=[], help=about + "; repeatable")
    rules.add_argument("--config", metavar="FILE", help="the configuration, in place of the nearest one")
    rules.add_argument("--isolated", action="store_true", help="read no configuration")


def _add_outcome(parser: argparse.ArgumentParser) -> None:
    outcome = parser.add_argument_group("outcome")
    levels = [level.value for level in Severity]
    outcome.add_argument("--fail-level", choices=levels, help="what makes the exit code 1 (default: warning)")
    outcome.add_argument("--exit-zero", action="store_true", help="exit with 0 with any finding in the specs")
    outcome.add_argument("--statistics", action="store_true", help="print how often each rule has found something")


def _add_fixing(parser: argparse.ArgumentParser) -> None:
    fixing = parser.add_argument_group("fixes")
    fixing.add_argument("--fix", action="store_true", help="apply the fixes that never change what a design means")
    fixing.add_argument("--unsafe-fixes", action="store_true", help="with --fix or --diff: the other fixes as well")
    fixing.add_argument("--diff", action="store_true", help="print what would be fixed, and write nothing")


def _add_running(parser: argparse.ArgumentParser) -> None:
    running = parser.add_argument_group("running")
    running.add_argument("--stdin-filename", metavar="NAME", help="what to call standard input (-) in the findings")
    running.add_argument("--watch", action="store_true", help="lint again what changes, until Ctrl-C")
    running.add_argument("-j", "--jobs", type=int, default=0, metavar="N", help="processes (default: as many as pay)")


def run(arguments: argparse.Namespace) -> int:
    """Print the findings of every spec; the exit code is 2 where a file could not be read, else 1 where one has any."""
    _check(arguments)
    if arguments.watch:
        # Imported late, as is the fixing below: a plain lint is dominated by its imports.
        from archspec.cli.lint_watch import watch

        return watch(arguments)
    configurations = configurations_of(arguments)
    choose_format(arguments, configurations)
    jobs = jobs_of(arguments, configurations)
    if not jobs:
        # An error, not a clean run: a directory that is misspelt or empty in CI must not look checked.
        return print_outcomes(arguments, [], (_nothing_there(arguments.spec[0]),))
    if _is_fixing(arguments):
        from archspec.cli.lint_fixes import run_fixing

        return run_fixing(arguments, jobs, lambda outcomes: print_outcomes(arguments, outcomes))
    outcomes = lint_all(jobs, arguments.jobs)
    code = print_outcomes(arguments, outcomes)
    if arguments.unsafe_fixes:
        _explain_unsafe_fixes(outcomes)
    return code


def _explain_unsafe_fixes(outcomes: Sequence[LintOutcome]) -> None:
    """Say on standard error that --unsafe-fixes alone writes nothing, if there is anything to fix."""
    from archspec.source.fixing import is_fixable

    count = sum(is_fixable(d, unsafe=True) for outcome in outcomes for d in outcome.diagnostics)
    if count:
        print(f"{counted(count, 'finding')} could be fixed: add --fix, or --diff to look first", file=sys.stderr)


def _is_fixing(arguments: argparse.Namespace) -> bool:
    # --unsafe-fixes alone only chooses which fixes there are, as in ruff: only --fix writes.
    return bool(arguments.fix or arguments.diff)


def _check(arguments: argparse.Namespace) -> None:
    """Raise UsageError for options that contradict each other."""
    check_codes("--select", arguments.select)
    check_codes("--extend-select", arguments.extend_select)
    check_codes("--ignore", arguments.ignore)
    if arguments.stdin_filename and "-" not in arguments.spec:
        raise UsageError("--stdin-filename names standard input; give - as the spec")
    if arguments.watch and "-" in arguments.spec:
        raise UsageError("--watch cannot watch standard input")
    if arguments.watch and _is_fixing(arguments):
        raise UsageError("--watch only looks; fix in a run of its own")
    if arguments.config and arguments.isolated:
        raise UsageError("--config and --isolated exclude each other")
    if arguments.jobs < 0:
        raise UsageError("--jobs is a number of processes; 0 chooses as many as pay")


def _nothing_there(directory: str) -> Diagnostic:
    span = Span(directory, 1, 1, 1, 1)
    hint = "a spec is a .yaml or .yml file with `input:` and `stages:`; a file that is named is always checked"
    return Diagnostic("FIL001", "there is no spec in this directory", span, hint=hint)
