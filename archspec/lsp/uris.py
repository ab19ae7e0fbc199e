"""URIs of the files that diagnostics and definitions point to."""

from __future__ import annotations

from pathlib import Path

from archspec.language.files import gallery
from archspec.language.symbols import library_file
from archspec.linter.catalogue import rule_file

PACKAGE = Path(__file__).resolve().parent.parent


def uri_of(shown: str, own_file: str, own_uri: str) -> str | None:
    """Return the URI of a span's file: the text itself, the library, or a file next to it; None for others."""
    if shown == own_file:
        return own_uri
    if shown.startswith("library/"):
        return library_file(Path(shown).stem).as_uri()
    # Spans of included files are relative to the including file, those of the gallery to the gallery.
    for base in (Path(own_file).parent, gallery().parent, gallery()):
        path = base / shown
        if path.is_file():
            return path.resolve().as_uri()
    return None


def rule_page_uri(code: str) -> str | None:
    """Return the URI of a code's documentation: its page in a clone, else the module of the rule."""
    module = rule_file(code)
    if module is None:
        return None
    page = PACKAGE.parent / "docs" / "rules" / f"{code}.md"
    return (page if page.is_file() else module).as_uri()
