"""REVISION:path, as a name of a network: when a name is one, and the spec that it means."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager

from msgspec import Struct

from archspec.comparison.revisions import at_revision
from archspec.diagnostics import Diagnostic
from archspec.errors import SpecError
from archspec.language.files import SUFFIXES, is_path, locate
from archspec.language.load import Spec, load_place


class Revised(Struct, frozen=True):
    """A spec in a git revision: its path from the repository's root or from here, a variant, and what it is called."""

    revision: str
    path: str
    variant: str
    from_root: bool
    shown: str = ""


class Opened(Struct, frozen=True):
    """What was read there: the spec without a variant, or None, with every finding; its text and what it is called."""

    spec: Spec | None
    found: tuple[Diagnostic, ...]
    text: str
    shown: str


def revised(name: str) -> Revised | None:
    """The revision and path that a name means, if it means these; a file of that very name is a file."""
    revision, colon, rest = name.partition(":")
    path, variant = _variant_of(rest)
    if not colon or not is_path(path) or revision.endswith(SUFFIXES) or os.path.lexists(name):
        return None
    return Revised(revision, path, variant, from_root=True)


def at(revision: str, name: str) -> Revised:
    """A spec, by its path or gallery name, as it was in a revision; raises SpecError for a name that leads nowhere."""
    place = locate(name)
    if isinstance(place, Diagnostic):
        raise SpecError([place])
    return Revised(revision, place.path, place.variant, from_root=False, shown=place.shown)


@contextmanager
def opened(revised: Revised) -> Iterator[Opened]:
    """The spec, as long as the files are there that it may include; raises SpecError where there is none."""
    with at_revision(revised.revision, revised.path, revised.from_root, revised.shown) as (place, text):
        spec, found = load_place(place)
        yield Opened(spec, found, text, place.shown)


def _variant_of(path: str) -> tuple[str, str]:
    """A path, and the variant that it may end in."""
    before, colon, variant = path.rpartition(":")
    return (before, variant) if colon and before.endswith(SUFFIXES) else (path, "")
