"""archspec lint --watch: compare the files' times, and lint again what has changed."""

from __future__ import annotations

import argparse
import os
import re
import sys
import time
from collections.abc import Callable

from msgspec import Struct, field

from archspec.cli.exit_codes import INTERRUPTED
from archspec.cli.lint_job import LintJob, LintOutcome
from archspec.cli.lint_parallel import lint_all
from archspec.cli.lint_report import choose_format, print_outcomes
from archspec.cli.lint_targets import configurations_of, jobs_of
from archspec.cli.spec_files import is_skipped
from archspec.cli.terminal import CLEAR, is_terminal
from archspec.errors import UsageError
from archspec.language.files import SUFFIXES, locate

SECONDS = 0.5
# A search of the text: a spec that only mentions the words is linted once too often, and nothing is missed.
_INCLUDES = re.compile(r"\b(?:extends|network)\b")
# Time and size: two saves may fall within one tick of the file system's clock.
Stamp = tuple[int, int]


class Watcher(Struct):
    """The specs of a run with what was found in them; `turn` brings both up to date."""

    arguments: argparse.Namespace
    outcomes: dict[str, LintOutcome] = field(default_factory=dict)
    _jobs: dict[str, LintJob] | None = None
    _stamps: dict[str, Stamp] = field(default_factory=dict)

    def turn(self) -> tuple[str, ...] | None:
        """Lint what is new or has changed and forget what is gone; None where nothing has happened since."""
        # Read again at each turn, as the configuration may have changed, and directories may have new specs.
        configurations = configurations_of(self.arguments)
        choose_format(self.arguments, configurations)
        jobs = {job.name: job for job in jobs_of(self.arguments, configurations)}
        stamps = {path: stamp for path in _looked_at(jobs) if (stamp := _stamp(path)) is not None}
        changed = {path for path in {*stamps, *self._stamps} if stamps.get(path) != self._stamps.get(path)}
        if jobs == self._jobs and not changed:
            return None
        again = tuple(name for name, job in jobs.items() if self._is_stale(job, changed))
        new = {o.job.name: o for o in lint_all([jobs[name] for name in again], self.arguments.jobs)}
        self.outcomes = {name: new[name] if name in new else self.outcomes[name] for name in jobs}
        self._jobs, self._stamps = jobs, stamps
        return again

    def _is_stale(self, job: LintJob, changed: set[str]) -> bool:
        """Return whether a spec must be linted: new, reconfigured, changed, or with a changed file to include."""
        if job.name not in self.outcomes or self.outcomes[job.name].job != job:
            return True
        path = _path(job.name)
        if path in changed:
            return True
        # A spec includes files below its own folder alone (LIM010), or of the gallery, which does not change.
        below = os.path.dirname(path) + os.sep
        return any(file.startswith(below) for file in changed) and _may_include(path)


def watch(arguments: argparse.Namespace, pause: Callable[[], None] = lambda: time.sleep(SECONDS)) -> int:
    """Print the findings whenever they may be others, until Ctrl-C; then the exit code is 130."""
    watcher, form, reported = Watcher(arguments), arguments.format, ""
    try:
        while True:
            arguments.format = form  # a configuration may have another; it is read again
            try:
                again = watcher.turn()
            except UsageError as error:  # a configuration that is being written
                reported = _report_once(str(error), reported)
            else:
                reported = ""
                if again is not None:
                    _show(watcher, again)
            pause()
    except KeyboardInterrupt:
        return INTERRUPTED


def _report_once(problem: str, reported: str) -> str:
    if problem != reported:
        print(f"archspec: {problem}", file=sys.stderr)
    return problem


def _show(watcher: Watcher, again: tuple[str, ...]) -> None:
    if is_terminal(sys.stdout):
        print(CLEAR, end="")
    print_outcomes(watcher.arguments, list(watcher.outcomes.values()))
    sys.stdout.flush()
    if watcher.arguments.quiet:
        return
    checked = ", ".join(again) if len(again) <= 3 else f"{len(again)} specs"
    print(f"[{time.strftime('%H:%M:%S')}] checked {checked or 'nothing'}; watching, Ctrl-C ends", file=sys.stderr)


def _looked_at(jobs: dict[str, LintJob]) -> set[str]:
    """Return the files whose change may change a finding: the specs, and what they may include from their folders."""
    files = {_path(name) for name in jobs}
    for directory in {os.path.dirname(path) for path in files if _may_include(path)}:
        for folder, below, names in os.walk(directory):
            below[:] = [name for name in below if not is_skipped(os.path.join(folder, name))]
            files.update(os.path.join(folder, name) for name in names if name.endswith(SUFFIXES))
    return files


def _path(name: str) -> str:
    place = locate(name)
    return os.path.abspath(getattr(place, "path", name))


def _stamp(path: str) -> Stamp | None:
    try:
        status = os.stat(path)
    except (OSError, ValueError):
        return None
    return status.st_mtime_ns, status.st_size


def _may_include(path: str) -> bool:
    try:
        with open(path, encoding="utf-8", errors="replace") as file:
            return bool(_INCLUDES.search(file.read()))
    except (OSError, ValueError):
        return False
