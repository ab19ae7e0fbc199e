"""Locating specs: a path, standard input or a gallery name; and what one spec may include."""

from __future__ import annotations

import os
import re
from functools import cache
from pathlib import Path

from msgspec import Struct

from archspec.diagnostics import Diagnostic, Span, did_you_mean

SUFFIXES = (".yaml", ".yml", ".json")


@cache
def gallery() -> Path:
    """Return the directory of the gallery: next to the package in a clone, inside it in a wheel."""
    package = Path(__file__).resolve().parent.parent
    inside = package / "specs"
    return inside if inside.is_dir() else package.parent / "specs"


@cache
def gallery_names() -> tuple[str, ...]:
    """Return the names of the gallery's specs."""
    return tuple(sorted(path.stem for path in gallery().glob("*.yaml")))


class SpecLocation(Struct, frozen=True):
    """Where a spec was found: the path to read, the name to show, the variant that the name chose."""

    path: str
    shown: str
    variant: str = ""


def is_path(name: str) -> bool:
    """Return whether a name is a path: it has a slash or a suffix, or is `-` (standard input)."""
    return name == "-" or "/" in name or os.sep in name or name.endswith(SUFFIXES)


def locate(name: str) -> SpecLocation | Diagnostic:
    """Return the location of a spec by path or gallery name, either with `:variant`, or what is wrong with the name."""
    path, colon, variant = name.rpartition(":")
    # A file name may contain a colon: a file of the whole name has precedence.
    if colon and path.endswith(SUFFIXES) and variant and not is_path(variant) and not os.path.lexists(name):
        return SpecLocation(path, path, variant)
    if is_path(name):
        return SpecLocation(name, "<stdin>" if name == "-" else name)
    spec, _, variant = name.partition(":")
    if is_path(spec):
        return SpecLocation(spec, spec, variant)
    # Before files of that name, so that a gallery name means the same in every directory; `./name` is the file.
    if spec in gallery_names():
        return _gallery_location(spec, variant)
    if os.path.isfile(name):
        return SpecLocation(name, name)
    # Reading it reports a directory, which explains more than an unknown name.
    if os.path.isdir(name):
        return SpecLocation(name, name)
    return locate_variant(name) or _not_found(name, _specs_with_variant(name))


def locate_variant(name: str) -> SpecLocation | None:
    """Return the location of the one spec of the gallery that has a variant of this name (`resnet50`), if only one."""
    found = _specs_with_variant(name)
    return _gallery_location(found[0], name) if len(found) == 1 else None


def _specs_with_variant(name: str) -> list[str]:
    return [spec for spec in gallery_names() if name in variant_names(spec)]


def _gallery_location(spec: str, variant: str) -> SpecLocation:
    path = gallery() / f"{spec}.yaml"
    return SpecLocation(str(path), _display_name(path), variant)


def _display_name(path: Path) -> str:
    """Return a gallery file's name in findings: its relative path if it has one, so that terminals can open it."""
    try:
        return str(path.relative_to(Path.cwd()))
    except ValueError:
        return f"specs/{path.name}"


def _not_found(name: str, found: list[str]) -> Diagnostic:
    span = Span(name or "<empty>", 1, 1, 1, 1)
    if found:
        hint = "say which: " + ", ".join(f"{spec}:{name}" for spec in found)
        return Diagnostic("FIL001", f"{name} is a variant of several specs", span, hint=hint)
    known = [*gallery_names(), *(v for spec in gallery_names() for v in variant_names(spec))]
    close = did_you_mean(name, known)
    hint = f"did you mean {close}?" if close else "a path ends in .yaml; `archspec list` names the gallery"
    return Diagnostic("FIL001", f"there is no file and no gallery spec named {name!r}", span, hint=hint)


_VARIANTS = re.compile(r"^variants:\s*$(?P<body>(?:\n(?:[ \t].*|#.*|\s*))*)", re.MULTILINE)
_VARIANT = re.compile(r"^  (?P<name>[A-Za-z0-9_.-]+):", re.MULTILINE)


@cache
def variant_names(spec: str) -> tuple[str, ...]:
    """Return the variants of a gallery spec from its text, unparsed: the gallery is ours, and in block style.

    A name such as `resnet50` is looked up in every file of the gallery; parsing them would take longer than the lint.
    """
    match = _VARIANTS.search((gallery() / f"{spec}.yaml").read_text(encoding="utf-8"))
    return tuple(m["name"] for m in _VARIANT.finditer(match["body"])) if match else ()


def resolve_include(written: str, root: Path, base: Path) -> Path | str:
    """Return the file that `extends` or `network` names, or why it may not be read.

    Only files inside the root, links resolved, may be: a spec from elsewhere must not read other files of this machine.
    """
    if not is_path(written):
        return gallery() / f"{written}.yaml" if written in gallery_names() else f"there is no gallery spec {written!r}"
    if os.path.isabs(written):
        return f"{written} is an absolute path; write it relative to this file"
    try:
        target = (base / written).resolve()
    except (OSError, RuntimeError, ValueError):  # too long, a circle of links, a NUL
        return f"{written[:80]!r} is no path"
    if not target.is_relative_to(root.resolve()):
        return f"{written} lies outside {root.name or root}, the directory of the first spec"
    return target
