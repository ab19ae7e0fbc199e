"""archspec lint --fix, --unsafe-fixes and --diff: lint and apply fixes in turn until nothing changes."""

from __future__ import annotations

import argparse
import difflib
import os
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import redirect_stdout
from functools import cache
from pathlib import Path

from msgspec import Struct
from msgspec.structs import replace

from archspec.cli.arguments import options_of
from archspec.cli.atomic_write import replace_file
from archspec.cli.exit_codes import CLEAN, FINDINGS, USAGE
from archspec.cli.findings import is_unusable
from archspec.cli.formats.report import counted, printable
from archspec.cli.lint_job import LintJob, LintOutcome, run_job
from archspec.cli.output_option import print_written
from archspec.diagnostics import Diagnostic, Span
from archspec.errors import UsageError
from archspec.frontend import Source, open_text
from archspec.language.files import SpecLocation, gallery, is_path, locate
from archspec.source import read
from archspec.source.fixing import fix_text, is_fixable
from archspec.source.positions import LINE_BREAK

# Enough for fixes that wait for others; two rules that undo each other would otherwise go on for ever.
ROUNDS = 10


LintedText = tuple[tuple[Diagnostic, ...], bool]
"""The findings of a text, and whether it can be read at all."""


class FixResult(Struct, frozen=True):
    """A spec after fixing: what is still found in it, its text before and after, and how many findings were fixed."""

    outcome: LintOutcome
    before: str = ""
    after: str = ""
    count: int = 0

    @property
    def changed(self) -> bool:
        return self.before != self.after


def run_fixing(
    arguments: argparse.Namespace, jobs: Sequence[LintJob], report: Callable[[list[LintOutcome]], int]
) -> int:
    """Fix the specs, or show what would change; `report` prints what is still found and gives the exit code.

    The fixed text of standard input goes to standard output, and all else to standard error.
    """
    _check(arguments)
    results = fix_all(arguments, jobs)
    if arguments.diff:
        return print_difference(results, arguments.quiet)
    piped = [result for result in results if result.outcome.job.name == "-"]
    for result in results:
        if result.changed and result not in piped:
            print_written(arguments, result.outcome.name)
    for result in piped:
        sys.stdout.write(result.after)
    # Standard output holds the fixed text alone, so that it can be piped into a file.
    with redirect_stdout(sys.stderr if piped else sys.stdout):
        code = report([result.outcome for result in results])
        if not arguments.quiet and (text := describe_fixes(results, arguments)):
            print(text, file=sys.stdout if arguments.format in ("full", "concise") else sys.stderr)
    return code


def _check(arguments: argparse.Namespace) -> None:
    """Raise UsageError for options that contradict each other."""
    if arguments.watch:
        raise UsageError("--watch only looks: fix first, or let the editor do it")
    if "-" in arguments.spec and len(arguments.spec) > 1 and not arguments.diff:
        raise UsageError("the fixed text of standard input is printed, so it is fixed alone")


def fix_all(arguments: argparse.Namespace, jobs: Sequence[LintJob]) -> list[FixResult]:
    """Fix every spec, and write those back that have changed unless --diff only shows the difference."""
    results = []
    for job in jobs:
        result = fix_spec(job, arguments.unsafe_fixes)
        if result.changed and not arguments.diff and job.name != "-":
            result = _write(result)
        results.append(result)
    return results


def fix_spec(job: LintJob, unsafe: bool) -> FixResult:
    """Fix the text of one spec without writing it."""
    place = SpecLocation("-", job.shown) if job.name == "-" else locate(job.name)
    text = read(place.path)[0] if isinstance(place, SpecLocation) else None
    if text is None or isinstance(place, Diagnostic):
        return FixResult(run_job(job))
    if _is_from_gallery(job.name, place):
        found, after, count = _lint_text(job, place, text)[0], text, 0
    else:
        found, after, count = fix_in_rounds(text, lambda new: _lint_text(job, place, new), unsafe, place.shown)
    return FixResult(LintOutcome(job, found, after if job.name == "-" else None), text, after, count)


def fix_in_rounds(
    text: str, lint: Callable[[str], LintedText], unsafe: bool, file: str
) -> tuple[tuple[Diagnostic, ...], str, int]:
    """Return the findings that are left, the fixed text, and how many findings were fixed.

    Each round fixes what it can; what a fix uncovers, or a fix that overlaps another, waits for the next. A spec
    without an error stays one: fixes that would give it an error (a number of channels that the heads of an attention
    no longer divide, say) are left out, and their findings stay.
    """
    lint = cache(lint)  # a text that is found to be harmless is that of the next round
    (found, is_spec), after, count = lint(text), text, 0
    for _ in range(ROUNDS):
        chosen = _choose_harmless(after, (found, is_spec), lint, unsafe, file)
        new, more = fix_text(after, chosen, unsafe, file) if chosen else (after, 0)
        if new == after:
            break
        (found, is_spec), after, count = lint(new), new, count + more
    return found, after, count


def _choose_harmless(
    text: str, linted: LintedText, lint: Callable[[str], LintedText], unsafe: bool, file: str
) -> list[Diagnostic]:
    """Return the findings whose fixes, made together, leave a text readable, and a spec without an error valid."""
    found, is_spec = linted
    is_valid = is_spec and not any(finding.is_error for finding in found)

    def is_harmless(chosen: list[Diagnostic]) -> bool:
        new = fix_text(text, chosen, unsafe, file)[0]
        if new == text:
            return True
        new_found, new_is_spec = lint(new)
        return new_is_spec >= is_spec and not (is_valid and any(finding.is_error for finding in new_found))

    def add(chosen: list[Diagnostic], more: list[Diagnostic]) -> list[Diagnostic]:
        # By halves, so that one harmful fix among many costs few lints.
        if is_harmless([*chosen, *more]):
            return [*chosen, *more]
        if len(more) == 1:
            return chosen
        middle = len(more) // 2
        return add(add(chosen, more[:middle]), more[middle:])

    fixable = [finding for finding in found if is_fixable(finding, unsafe)]
    return add([], fixable) if fixable else []


def _is_from_gallery(name: str, place: SpecLocation) -> bool:
    """Return whether a spec was named as one of the gallery, whose files are never changed."""
    return not is_path(name.partition(":")[0]) and Path(place.path).parent == gallery()


def _lint_text(job: LintJob, place: SpecLocation, text: str) -> LintedText:
    """Lint a text in place of a spec's."""
    directory = os.path.dirname(job.shown if job.name == "-" else os.path.realpath(place.path))
    # The text is given, but its name is that of the file: includes and circles are found as if the file were read.
    chain = () if job.name == "-" else (os.path.realpath(place.path),)
    source = Source(text, place.shown, os.path.realpath(directory or "."), chain)
    options = options_of(job.choices)
    document = open_text(source, replace(options, variant=options.variant or place.variant or ""))
    return document.lint(job.variants, job.selection), document.as_written is not None


def _write(result: FixResult) -> FixResult:
    """Write a fixed text to its file; where that fails, report FIL003 and leave the file as it is."""
    place = locate(result.outcome.job.name)
    assert isinstance(place, SpecLocation)
    problem = replace_file(place.path, result.before, result.after)
    if not problem:
        return result
    span = Span(place.shown, 1, 1, 1, 1)
    failed = Diagnostic("FIL003", f"the file cannot be written: {problem}", span, hint="nothing in it has been changed")
    return FixResult(
        replace(result.outcome, diagnostics=(failed, *result.outcome.diagnostics)), result.before, result.before
    )


def print_difference(results: Sequence[FixResult], quiet: bool) -> int:
    """Print what would change, as `patch` takes it; 1 where anything would, 2 where a spec could not be read."""
    sys.stdout.write("".join(line for result in results if result.changed for line in _difference(result)))
    changed = sum(result.changed for result in results)
    count = sum(result.count for result in results)
    if changed and not quiet:
        print(f"{counted(count, 'finding')} would be fixed in {counted(changed, 'spec')}", file=sys.stderr)
    unread = [d for result in results for d in result.outcome.diagnostics if is_unusable(d)]
    for diagnostic in unread:
        print(printable(str(diagnostic)), file=sys.stderr)
    return USAGE if unread else FINDINGS if changed else CLEAN


def _difference(result: FixResult) -> Iterator[str]:
    name = printable(result.outcome.name)
    for line in difflib.unified_diff(_lines(result.before), _lines(result.after), name, name):
        # The line that diff and patch use for a text without a line break at its end.
        yield line if line.endswith("\n") else f"{line}\n\\ No newline at end of file\n"


def _lines(text: str) -> list[str]:
    # Not splitlines(), which also splits at form feeds, U+2028 and others that end no line for YAML or for patch.
    ends = [match.end() for match in LINE_BREAK.finditer(text)]
    parts = [text[start:end] for start, end in zip([0, *ends], [*ends, len(text)], strict=True)]
    return [part for part in parts if part]


def describe_fixes(results: Sequence[FixResult], arguments: argparse.Namespace) -> str:
    """Return how many findings were fixed, and how many more could be; empty if none."""
    count, changed = sum(result.count for result in results), sum(result.changed for result in results)
    parts = [f"{counted(count, 'finding')} fixed in {counted(changed, 'spec')}"] if count else []
    left = [d for result in results for d in result.outcome.diagnostics if is_fixable(d, unsafe=True)]
    unsafe = sum(not is_fixable(d, unsafe=False) for d in left)
    if unsafe and not arguments.unsafe_fixes:
        parts.append(f"{unsafe} more could be with --unsafe-fixes")
    ours = [result.outcome.name for result in results if _is_named_from_gallery(result) and left]
    if ours:
        parts.append(f"{', '.join(ours)}: a spec of the gallery is fixed by its path, not by its name")
    return "; ".join(parts)


def _is_named_from_gallery(result: FixResult) -> bool:
    place = locate(result.outcome.job.name) if result.outcome.job.name != "-" else None
    return isinstance(place, SpecLocation) and _is_from_gallery(result.outcome.job.name, place)
