"""Text for DOT."""

from __future__ import annotations


def quoted(text: str) -> str:
    """A text as a DOT string: nothing in it is an escape, an entity or the end of the string."""
    clean = "".join(c if c.isprintable() or c == "\n" else "�" for c in text)
    clean = clean.replace("&", "&amp;").replace("\\", "\\\\").replace('"', '\\"')
    return '"' + clean.replace("\n", "\\n") + '"'
