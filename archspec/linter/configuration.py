"""The configuration of a spec: the nearest archspec.toml or pyproject.toml (`[tool.archspec]`) above it."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

from msgspec import Struct, field
from msgspec.structs import replace

from archspec.errors import ConfigurationError
from archspec.linter.settings import Settings

OWN, SHARED = "archspec.toml", "pyproject.toml"


class Configurations(Struct):
    """The configurations of one run, each file read once.

    `given` (--config) is used for every spec; `isolated` reads none.
    """

    given: str = ""
    isolated: bool = False
    _settings: dict[str, Settings] = field(default_factory=dict)

    def of(self, directory: str) -> Settings:
        """Return the settings for the files of a directory; raises ConfigurationError."""
        if self.isolated:
            return Settings()
        if self.given:
            return self._cached(self.given, lambda: _read_given(self.given))
        here = os.path.abspath(directory)
        return self._cached(here, lambda: self._find_nearest(here))

    def _cached(self, key: str, find: Callable[[], Settings]) -> Settings:
        if key not in self._settings:
            self._settings[key] = find()
        return self._settings[key]

    def _find_nearest(self, directory: str) -> Settings:
        # archspec.toml comes first: who has both wants archspec configured there.
        for name in (OWN, SHARED):
            path = os.path.join(directory, name)
            found = _read(path) if os.path.isfile(path) else None
            if found is not None:
                return found
        # By `of`, so that the folders above, which the specs of a run share, are kept as well.
        above = os.path.dirname(directory)
        return Settings() if above == directory else self.of(above)

    def files(self) -> tuple[str, ...]:
        """Return the configuration files that have been used."""
        return tuple(sorted({settings.file for settings in self._settings.values() if settings.file}))


def _read_given(path: str) -> Settings:
    """Read the file that --config names."""
    if not os.path.isfile(path):
        raise ConfigurationError((f"{path}: there is no such configuration file",))
    found = _read(path)
    if found is None:
        raise ConfigurationError((f"{path}: there is no [tool.archspec] in it",))
    return found


def _read(path: str) -> Settings | None:
    """Read a configuration file; None for a pyproject.toml without a table for archspec."""
    from archspec.source import read

    shared = os.path.basename(path) == SHARED
    text, found = read(path)
    if text is None:
        raise ConfigurationError(tuple(f"{display_path(path)}: {d.message}" for d in found))
    if shared and not _may_configure(text):
        return None
    from archspec.linter.read_settings import read_settings

    settings = read_settings(text, display_path(path), shared)
    return None if settings is None else replace(settings, file=path, root=str(Path(path).resolve().parent))


_SPELLINGS = str.maketrans("", "", " \t'\"")


def _may_configure(text: str) -> bool:
    """Return whether a pyproject.toml may have a table for archspec, in any of TOML's spellings.

    Nearly none has, and importing tomllib and parsing a whole file takes a fortieth of a lint.
    """
    squeezed = "\n" + text.translate(_SPELLINGS)
    return "tool.archspec" in squeezed or "\n[tool]" in squeezed or "\ntool=" in squeezed


def display_path(path: str) -> str:
    """Return a path as it is printed: relative where it lies below the working directory, else absolute."""
    relative = os.path.relpath(path)
    return os.path.abspath(path) if relative.startswith("..") else relative
