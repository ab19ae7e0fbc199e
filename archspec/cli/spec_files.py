"""The specs in a directory: which directories are searched, and which files in them look like specs."""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Iterator
from typing import Final

from archspec.errors import UsageError
from archspec.source.limits import FILE_BYTES

SUFFIXES: Final = (".yaml", ".yml")
SKIPPED: Final = frozenset(
    ("__pycache__", "__pypackages__", "_build", "build", "dist", "node_modules", "site-packages", "venv")
)
"""Directories that are not searched: what packages, builds and tools write, as ruff skips it. So are hidden ones."""

# In block style a key of the top level begins its line; in flow style it follows a bracket or a comma.
_KEY: Final = re.compile(rb"(?:^|[{,]\s*)(?:\"|')?(input|inputs|stem|stages|head)(?:\"|')?[ \t]*:(?=\s|\Z|\[|\{)", re.M)
_SHAPE: Final = re.compile(rb"^(?:\"|')?input(?:\"|')?[ \t]*:\s+\[", re.M)
_EXTENDS: Final = re.compile(rb"^(?:\"|')?extends(?:\"|')?[ \t]*:[ \t]+[^\s#{\[&*!|>]", re.M)


def find_specs(directory: str, is_excluded: Callable[[str], bool]) -> Iterator[str]:
    """Yield the specs in a directory and below it, sorted, without what `is_excluded`; raises UsageError."""
    for entry in _scan(directory):
        if is_excluded(entry.path):
            continue
        # A link to a directory above would be followed for ever.
        if entry.is_dir(follow_symlinks=False):
            if not is_skipped(entry.path):
                yield from find_specs(entry.path, is_excluded)
        # Opening a pipe would wait for its writer.
        elif entry.name.endswith(SUFFIXES) and entry.is_file() and looks_like_spec(entry.path):
            # `./a.yaml`, found in `.`, is the same job as an argument `a.yaml`.
            yield os.path.normpath(entry.path)


def _scan(directory: str) -> list[os.DirEntry[str]]:
    try:
        return sorted(os.scandir(directory), key=lambda entry: entry.name)
    except OSError as error:
        raise UsageError(f"{directory}: {(error.strerror or 'it cannot be read').lower()}") from None


def is_skipped(directory: str) -> bool:
    """Return whether a directory is left out of a search: hidden, installed or built, or a virtual environment."""
    name = os.path.basename(directory)
    return name.startswith(".") or name in SKIPPED or os.path.isfile(os.path.join(directory, "pyvenv.cfg"))


def looks_like_spec(path: str) -> bool:
    """Return whether a file is a spec, by its text alone, so that one which is not valid YAML is still reported.

    Its top level has `input:` with a list, or `extends:` with a name, or two of `input`, `inputs`, `stem`, `stages` and
    `head`. One of them alone is not enough: GitLab's and DVC's files have `stages:`, GitHub's actions `inputs:`.
    """
    try:
        with open(path, "rb") as file:
            text = file.read(FILE_BYTES).removeprefix(b"\xef\xbb\xbf")
    # What cannot be read cannot be judged; linting it reports why.
    except OSError:
        return True
    return bool(_SHAPE.search(text) or _EXTENDS.search(text)) or len(set(_KEY.findall(text))) > 1
