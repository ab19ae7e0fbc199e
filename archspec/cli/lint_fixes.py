"""archspec lint --fix, --unsafe-fixes and --diff: lints and mends by turns until nothing changes."""

from __future__ import annotations

import argparse
import difflib
import os
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import redirect_stdout
from pathlib import Path

from msgspec import Struct
from msgspec.structs import replace

from archspec.cli.arguments import with_options
from archspec.cli.atomic_write import replace_file
from archspec.cli.exit_codes import CLEAN, FINDINGS, USAGE
from archspec.cli.findings import is_unusable
from archspec.cli.formats.report import counted, printable
from archspec.cli.lint_job import Job, Outcome, lint_one
from archspec.diagnostics import Diagnostic, Span
from archspec.errors import UsageError
from archspec.language.files import Place, gallery, is_path, locate
from archspec.language.load import loads_partial
from archspec.linter.engine import lint_spec
from archspec.source import read
from archspec.source.fixing import fixed, is_fixable
from archspec.source.positions import LINE_BREAK

ROUNDS = 10


class Mended(Struct, frozen=True):
    """A spec after fixing: what is still found in it, its text before and after, and how many findings were fixed."""

    outcome: Outcome
    before: str = ""
    after: str = ""
    count: int = 0

    @property
    def changed(self) -> bool:
        return self.before != self.after


def run_fixing(arguments: argparse.Namespace, jobs: Sequence[Job], report: Callable[[list[Outcome]], int]) -> int:
    """Fix the specs, or show what would change; `report` prints what is still found and gives the exit code.

    The fixed text of standard input goes to standard output, and all else to standard error.
    """
    _check(arguments)
    mended = mend_all(arguments, jobs)
    if arguments.diff:
        return print_difference(mended)
    piped = [done for done in mended if done.outcome.job.name == "-"]
    for done in piped:
        sys.stdout.write(done.after)
    with redirect_stdout(sys.stderr if piped else sys.stdout):
        code = report([done.outcome for done in mended])
        if said := said_of(mended, arguments):
            print(said, file=sys.stdout if arguments.format in ("full", "concise") else sys.stderr)
    return code


def _check(arguments: argparse.Namespace) -> None:
    """Refuse what cannot be meant."""
    if arguments.watch:
        raise UsageError("--watch only looks: fix first, or let the editor do it")
    if "-" in arguments.spec and len(arguments.spec) > 1 and not arguments.diff:
        raise UsageError("the fixed text of standard input is printed, so it is fixed alone")


def mend_all(arguments: argparse.Namespace, jobs: Sequence[Job]) -> list[Mended]:
    """Fix every spec, and write those back that have changed unless only the difference is asked for."""
    mended = []
    for job in jobs:
        done = mend(job, arguments.unsafe_fixes)
        if done.changed and not arguments.diff and job.name != "-":
            done = _write(done)
        mended.append(done)
    return mended


def mend(job: Job, unsafe: bool) -> Mended:
    """Fix the text of one spec, nothing written."""
    place = Place("-", job.shown) if job.name == "-" else locate(job.name)
    text = read(place.path)[0] if isinstance(place, Place) else None
    if text is None or isinstance(place, Diagnostic):
        return Mended(lint_one(job))
    found, is_spec = _lint_text(job, place, text)
    after, count = text, 0
    if not _is_ours(job.name, place):
        for _ in range(ROUNDS):
            new, more = fixed(after, found, unsafe, place.shown)
            found_then, is_spec_then = _lint_text(job, place, new) if new != after else (found, is_spec)
            if new == after or (is_spec and not is_spec_then):
                break  # nothing is left to do, or the fixes together make something that cannot be read
            after, count, found, is_spec = new, count + more, found_then, is_spec_then
    return Mended(Outcome(job, found, after if job.name == "-" else None), text, after, count)


def _is_ours(name: str, place: Place) -> bool:
    """Whether a spec was named as one of the gallery, whose files are not the user's to change."""
    return not is_path(name.partition(":")[0]) and Path(place.path).parent == gallery()


def _lint_text(job: Job, place: Place, text: str) -> tuple[tuple[Diagnostic, ...], bool]:
    """The findings of a text in a spec's place, and whether it can be read at all."""
    directory = os.path.dirname(job.shown if job.name == "-" else os.path.realpath(place.path))
    chain = () if job.name == "-" else (os.path.realpath(place.path),)
    spec, found = loads_partial(text, place.shown, os.path.realpath(directory or "."), chain)
    is_spec = spec is not None
    choices = replace(job.choices, variant=job.choices.variant or place.variant or None)
    spec, found = with_options(choices, spec, found)
    return lint_spec(spec, found, job.variants, job.selection), is_spec


def _write(done: Mended) -> Mended:
    """Put a fixed text in its file's place; where that fails, say so and leave the file as it is."""
    place = locate(done.outcome.job.name)
    assert isinstance(place, Place)
    problem = replace_file(place.path, done.before, done.after)
    if not problem:
        return done
    span = Span(place.shown, 1, 1, 1, 1)
    failed = Diagnostic("FIL003", f"the file cannot be written: {problem}", span, hint="nothing in it has been changed")
    return Mended(replace(done.outcome, diagnostics=(failed, *done.outcome.diagnostics)), done.before, done.before)


def print_difference(mended: Sequence[Mended]) -> int:
    """Print what would change, as `patch` takes it; 1 where anything would, 2 where a spec could not be read."""
    sys.stdout.write("".join(line for done in mended if done.changed for line in _difference(done)))
    changed = sum(done.changed for done in mended)
    count = sum(done.count for done in mended)
    if changed:
        print(f"{counted(count, 'finding')} would be fixed in {counted(changed, 'spec')}", file=sys.stderr)
    unread = [d for done in mended for d in done.outcome.diagnostics if is_unusable(d)]
    for diagnostic in unread:
        print(printable(str(diagnostic)), file=sys.stderr)
    return USAGE if unread else FINDINGS if changed else CLEAN


def _difference(done: Mended) -> Iterator[str]:
    name = printable(done.outcome.name)
    for line in difflib.unified_diff(_lines(done.before), _lines(done.after), name, name):
        yield line if line.endswith("\n") else f"{line}\n\\ No newline at end of file\n"


def _lines(text: str) -> list[str]:
    ends = [match.end() for match in LINE_BREAK.finditer(text)]
    parts = [text[start:end] for start, end in zip([0, *ends], [*ends, len(text)], strict=True)]
    return [part for part in parts if part]


def said_of(mended: Sequence[Mended], arguments: argparse.Namespace) -> str:
    """How many findings were fixed, and how many more could be; empty where neither."""
    count, changed = sum(done.count for done in mended), sum(done.changed for done in mended)
    said = [f"{counted(count, 'finding')} fixed in {counted(changed, 'spec')}"] if count else []
    left = [d for done in mended for d in done.outcome.diagnostics if is_fixable(d, unsafe=True)]
    unsafe = sum(not is_fixable(d, unsafe=False) for d in left)
    if unsafe and not arguments.unsafe_fixes:
        said.append(f"{unsafe} more could be with --unsafe-fixes")
    ours = [done.outcome.name for done in mended if _named_ours(done) and left]
    if ours:
        said.append(f"{', '.join(ours)}: a spec of the gallery is fixed by its path, not by its name")
    return "; ".join(said)


def _named_ours(done: Mended) -> bool:
    place = locate(done.outcome.job.name) if done.outcome.job.name != "-" else None
    return isinstance(place, Place) and _is_ours(done.outcome.job.name, place)
