"""REVISION:path as the name of a network: parse it, and load the spec as it was in that revision."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager

from msgspec import Struct

from archspec.comparison.git_files import checked_out
from archspec.diagnostics import Diagnostic
from archspec.errors import SpecError
from archspec.language.files import SUFFIXES, is_path, locate
from archspec.language.load import Spec, load_location


class RevisionPath(Struct, frozen=True):
    """A spec in a git revision: its path from the repository's root or from here, a variant, and its display name."""

    revision: str
    path: str
    variant: str
    from_root: bool
    shown: str = ""


class RevisionSpec(Struct, frozen=True):
    """A spec read from a revision: without a variant, or None, with every finding; its text and its display name."""

    spec: Spec | None
    found: tuple[Diagnostic, ...]
    text: str
    shown: str


def parse_revision_path(name: str) -> RevisionPath | None:
    """Return the revision and path of a name such as HEAD:net.yaml; None for other names, and for existing files."""
    revision, colon, rest = name.partition(":")
    path, variant = _split_variant(rest)
    # A colon may be part of a file's name; a file that exists wins.
    if not colon or not is_path(path) or revision.endswith(SUFFIXES) or os.path.lexists(name):
        return None
    return RevisionPath(revision, path, variant, from_root=True)


def at_revision(revision: str, name: str) -> RevisionPath:
    """Return where a spec, named by path or gallery name, is in a revision; raises SpecError for an unknown name."""
    place = locate(name)
    if isinstance(place, Diagnostic):
        raise SpecError([place])
    return RevisionPath(revision, place.path, place.variant, from_root=False, shown=place.shown)


@contextmanager
def open_revision(path: RevisionPath) -> Iterator[RevisionSpec]:
    """Load a spec, and keep the files that it may include until the block ends; raises SpecError."""
    with checked_out(path.revision, path.path, path.from_root, path.shown) as (place, text):
        spec, found = load_location(place)
        yield RevisionSpec(spec, found, text, place.shown)


def _split_variant(path: str) -> tuple[str, str]:
    """Split a path from the variant that it may end in."""
    before, colon, variant = path.rpartition(":")
    return (before, variant) if colon and before.endswith(SUFFIXES) else (path, "")
