"""The specs that a lint run checks, and their rules: names, directories and configuration to jobs."""

from __future__ import annotations

import argparse
import os
from collections.abc import Iterable, Iterator

from archspec.cli.arguments import STDIN, choices_of
from archspec.cli.lint_job import LintJob
from archspec.cli.spec_files import find_specs
from archspec.diagnostics import Severity
from archspec.errors import ConfigurationError, UsageError
from archspec.linter.configuration import Configurations
from archspec.linter.selection import Selection, split, wrong_code
from archspec.linter.settings import Settings


def configurations_of(arguments: argparse.Namespace) -> Configurations:
    """Return the configurations of a run; each is read on first use."""
    return Configurations(arguments.config or "", arguments.isolated)


def jobs_of(arguments: argparse.Namespace, configurations: Configurations) -> tuple[LintJob, ...]:
    """Return a job for each spec, once, in the order of the arguments; raises UsageError."""
    names = dict.fromkeys(name for written in arguments.spec for name in _expanded(written, configurations))
    return tuple(_job(arguments, name, configurations) for name in names)


def settings_for(configurations: Configurations, directory: str) -> Settings:
    """Return the settings of a directory; raises UsageError."""
    try:
        return configurations.of(directory)
    except ConfigurationError as error:
        raise UsageError(str(error)) from None


def _job(arguments: argparse.Namespace, name: str, configurations: Configurations) -> LintJob:
    shown = arguments.stdin_filename or STDIN
    path = shown if name == "-" else name
    # Each spec has the configuration nearest to it, not that of the working directory.
    settings = settings_for(configurations, os.path.dirname(path))
    selection = Selection(
        split(arguments.select), split(arguments.ignore), split(arguments.extend_select), settings.selection(path)
    )
    level = Severity(arguments.fail_level) if arguments.fail_level else settings.fail_level or Severity.WARNING
    return LintJob(name, selection, choices_of(arguments), not arguments.no_variants, level, shown)


def _expanded(name: str, configurations: Configurations) -> Iterator[str]:
    """Yield a spec's name as it is, and for a directory the specs in it."""
    if name != "-" and os.path.isdir(name):  # False for a name that no file can have, where Path's way raises
        yield from find_specs(name, lambda path: _is_excluded(configurations, path))
    else:
        yield name


def _is_excluded(configurations: Configurations, path: str) -> bool:
    """Return whether the configuration nearest to a file or directory leaves it out of a search."""
    return settings_for(configurations, os.path.dirname(path)).excludes(path)


def check_codes(option: str, written: Iterable[str]) -> None:
    """Raise UsageError for a code that no rule has: a misspelt --ignore would hide nothing, a misspelt --select all."""
    codes = split(written)
    wrong = [message for message in map(wrong_code, codes) if message]
    if wrong or (written and not codes):
        raise UsageError(f"{option}: {wrong[0] if wrong else 'it names no rule'}")
