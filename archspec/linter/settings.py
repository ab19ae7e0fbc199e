"""The settings of lint, as a configuration file sets them."""

from __future__ import annotations

import os

from msgspec import Struct

from archspec.diagnostics import Severity
from archspec.linter.globs import matches
from archspec.linter.selection import Selection

FORMATS = ("full", "concise", "json", "sarif", "github", "junit")


class Settings(Struct, frozen=True):
    """The content of a configuration file. `file` is empty where there is none; patterns are relative to `root`."""

    file: str = ""
    root: str = "."
    select: tuple[str, ...] = ()
    extend_select: tuple[str, ...] = ()
    ignore: tuple[str, ...] = ()
    per_file_ignores: tuple[tuple[str, tuple[str, ...]], ...] = ()
    exclude: tuple[str, ...] = ()
    fail_level: Severity | None = None
    format: str = ""

    def excludes(self, path: str) -> bool:
        """Return whether a file or directory is left out when a directory is searched for specs."""
        relative = self._relative(path)
        return any(matches(relative, pattern) for pattern in self.exclude)

    def selection(self, path: str) -> Selection:
        """Return the rules that are selected for a file."""
        relative = self._relative(path)
        here = [code for pattern, codes in self.per_file_ignores if matches(relative, pattern) for code in codes]
        return Selection(self.select, (*self.ignore, *here), self.extend_select)

    def _relative(self, path: str) -> str:
        """Return a path relative to the configuration's directory, with `/`."""
        try:
            return os.path.relpath(path, self.root).replace(os.sep, "/")
        # os.path.relpath has no answer between drives of Windows.
        except ValueError:  # another drive
            return path.replace(os.sep, "/")
