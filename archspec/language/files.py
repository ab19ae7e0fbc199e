"""Where a spec is found: a path, standard input, or a name of the gallery; and what one spec may include."""

from __future__ import annotations

import os
import re
from functools import cache
from pathlib import Path

from msgspec import Struct

from archspec.diagnostics import Diagnostic, Span, did_you_mean

SUFFIXES = (".yaml", ".yml", ".json")
NEW_SPEC = "name: my_network\ninput: [3, 32, 32]\nstages: [...]\n"


@cache
def gallery() -> Path:
    """The directory of the gallery: beside the package in a clone, inside it in a wheel."""
    package = Path(__file__).resolve().parent.parent
    inside = package / "specs"
    return inside if inside.is_dir() else package.parent / "specs"


@cache
def gallery_names() -> tuple[str, ...]:
    """The names of the gallery's specs."""
    return tuple(sorted(path.stem for path in gallery().glob("*.yaml")))


class Place(Struct, frozen=True):
    """Where a spec was found: the path to read, the name to show, the variant that the name chose."""

    path: str
    shown: str
    variant: str = ""


def is_path(name: str) -> bool:
    """A name with a slash or a suffix is a path; `-` is standard input."""
    return name == "-" or "/" in name or os.sep in name or name.endswith(SUFFIXES)


def locate(name: str) -> Place | Diagnostic:
    """The place of a spec by path or gallery name, either with `:variant`, or what is wrong with the name."""
    path, colon, variant = name.rpartition(":")
    if colon and path.endswith(SUFFIXES) and variant and not is_path(variant) and not os.path.lexists(name):
        return Place(path, path, variant)
    if is_path(name):
        return Place(name, "<stdin>" if name == "-" else name)
    spec, _, variant = name.partition(":")
    if is_path(spec):
        return Place(spec, spec, variant)
    if spec in gallery_names():
        return _placed(spec, variant)
    if os.path.isfile(name):
        return Place(name, name)
    if os.path.isdir(name):
        return Place(name, name)
    found = [owner for owner in gallery_names() if name in variant_names(owner)]
    if len(found) == 1:
        return _placed(found[0], name)
    return _unknown(name, found)


def _placed(spec: str, variant: str) -> Place:
    path = gallery() / f"{spec}.yaml"
    return Place(str(path), _shown(path), variant)


def _shown(path: Path) -> str:
    """A gallery file as it is shown: the way from here where there is one, so that editors can follow it."""
    try:
        return str(path.relative_to(Path.cwd()))
    except ValueError:
        return f"specs/{path.name}"


def _unknown(name: str, found: list[str]) -> Diagnostic:
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
    """The variants of a gallery spec, from its text (our own files, written in block style), without parsing it."""
    match = _VARIANTS.search((gallery() / f"{spec}.yaml").read_text(encoding="utf-8"))
    return tuple(m["name"] for m in _VARIANT.finditer(match["body"])) if match else ()


def include(written: str, root: Path, base: Path) -> Path | str:
    """The file that `extends` or `network` names, or why it may not: only inside the root, never through a link out."""
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
