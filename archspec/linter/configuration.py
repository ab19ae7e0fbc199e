"""Configuration of lint: `[tool.archspec]` of the nearest pyproject.toml, or an archspec.toml, from a spec upwards."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

from msgspec import Struct, field
from msgspec.structs import replace

from archspec.diagnostics import Severity
from archspec.errors import ConfigurationError
from archspec.linter.globs import matches
from archspec.linter.selection import Selection

OWN, SHARED = "archspec.toml", "pyproject.toml"
FORMATS = ("full", "concise", "json", "sarif", "github", "junit")


class Settings(Struct, frozen=True):
    """What a configuration says. `file` is empty where there is none; patterns are relative to `root`."""

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
        """Whether a file or directory is left out where a directory is searched for specs."""
        relative = self._relative(path)
        return any(matches(relative, pattern) for pattern in self.exclude)

    def selection(self, path: str) -> Selection:
        """The rules that are wanted for a file."""
        relative = self._relative(path)
        here = [code for pattern, codes in self.per_file_ignores if matches(relative, pattern) for code in codes]
        return Selection(self.select, (*self.ignore, *here), self.extend_select)

    def _relative(self, path: str) -> str:
        """A path seen from the configuration's directory."""
        try:
            return os.path.relpath(path, self.root).replace(os.sep, "/")
        except ValueError:  # another drive
            return path.replace(os.sep, "/")


class Configurations(Struct):
    """The configurations of one run, each file read once.

    `given` (--config) is used for every spec; `isolated` reads none.
    """

    given: str = ""
    isolated: bool = False
    _known: dict[str, Settings] = field(default_factory=dict)

    def of(self, directory: str) -> Settings:
        """The settings for the files of a directory; raises ConfigurationError."""
        if self.isolated:
            return Settings()
        if self.given:
            return self._kept(self.given, lambda: _given(self.given))
        here = os.path.abspath(directory)
        return self._kept(here, lambda: self._nearest(here))

    def _kept(self, key: str, find: Any) -> Settings:
        if key not in self._known:
            self._known[key] = find()
        return self._known[key]

    def _nearest(self, directory: str) -> Settings:
        for name in (OWN, SHARED):
            path = os.path.join(directory, name)
            found = _read(path) if os.path.isfile(path) else None
            if found is not None:
                return found
        above = os.path.dirname(directory)
        return Settings() if above == directory else self.of(above)

    def files(self) -> tuple[str, ...]:
        """The files that have been used."""
        return tuple(sorted({settings.file for settings in self._known.values() if settings.file}))


def _given(path: str) -> Settings:
    """The file that --config names."""
    if not os.path.isfile(path):
        raise ConfigurationError((f"{path}: there is no such configuration file",))
    found = _read(path)
    if found is None:
        raise ConfigurationError((f"{path}: there is no [tool.archspec] in it",))
    return found


def _read(path: str) -> Settings | None:
    """What a configuration file says; None for a pyproject.toml that says nothing of archspec."""
    from archspec.source import read

    shared = os.path.basename(path) == SHARED
    text, found = read(path)
    if text is None:
        raise ConfigurationError(tuple(f"{shown(path)}: {d.message}" for d in found))
    if shared and "archspec" not in text:
        return None  # nearly always; then no TOML has to be parsed
    from archspec.linter.settings import settings_of

    settings = settings_of(text, shown(path), shared)
    return None if settings is None else replace(settings, file=path, root=str(Path(path).resolve().parent))


def shown(path: str) -> str:
    """A path as it is printed: from here where it lies below, else absolute."""
    relative = os.path.relpath(path)
    return os.path.abspath(path) if relative.startswith("..") else relative
