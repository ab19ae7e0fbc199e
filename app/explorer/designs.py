"""The designs that can be opened: those of the gallery and of the folder that the app was started with."""

from __future__ import annotations

import os
import re
import tempfile
from functools import cache
from pathlib import Path

import archspec

FOLDER = "ARCHSPEC_SPECS"
FIRST, FIRST_VARIANT = "resnet", "resnet50"
MOST_BYTES = 1_000_000
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]{0,79}")


def folder() -> Path | None:
    """Return the folder of specs that the app was started with."""
    named = os.environ.get(FOLDER)
    return Path(named).resolve() if named and Path(named).is_dir() else None


def names() -> list[str]:
    """Return the names of the designs that can be opened: those of the gallery, then `./` and the names of files."""
    return [*archspec.gallery_names(), *(f"./{path.name}" for path in _files())]


def _files() -> list[Path]:
    here = folder()
    if here is None:
        return []
    found = (path for path in here.iterdir() if path.suffix in (".yaml", ".yml") and path.is_file())
    # A symbolic link may lead out of the folder, to what sessions must not read.
    return sorted(path for path in found if path.resolve().is_relative_to(here))


def text_of(name: str) -> str | None:
    """Return the text of a design; None if there is none of that name, or it is too large."""
    if name in archspec.gallery_names():
        return _gallery_text(name)
    # Chosen from the list, never joined to a path: a name cannot lead elsewhere.
    path = next((path for path in _files() if f"./{path.name}" == name), None)
    try:
        if path is None or path.stat().st_size > MOST_BYTES:
            return None
        return path.read_text(encoding="utf-8-sig")
    except (OSError, ValueError):
        return None


@cache
def _gallery_text(name: str) -> str:
    return archspec.load(name).text


def root() -> str | None:
    """Return the folder whose files a spec may include; None for those of the gallery alone."""
    here = folder()
    return None if here is None else str(here)


def save(name: str, text: str, replace: bool) -> str:
    """Write a file of the folder; return the reason if that is refused or fails, else nothing.

    A name cannot leave the folder, and a symbolic link is not written through. The text goes to a temporary file
    that then takes the name, so that nobody reads half of it.
    """
    here = folder()
    if here is None:
        return "the app was started without a folder: archspec app --specs DIR"
    if not _NAME.fullmatch(name):
        return "a name has letters, digits, - and _, and begins with a letter or digit"
    target = here / f"{name}.yaml"
    if target.is_symlink() or (target.exists() and not replace):
        return f"{target.name} is there already"
    try:
        handle, temporary = tempfile.mkstemp(prefix=f".{name}.", suffix=".part", dir=here)
        with os.fdopen(handle, "w", encoding="utf-8") as stream:
            stream.write(text)
        # mkstemp makes files that only their owner may read.
        os.chmod(temporary, 0o644)
        os.replace(temporary, target)
    except OSError as error:
        return (error.strerror or type(error).__name__).lower()
    return ""
