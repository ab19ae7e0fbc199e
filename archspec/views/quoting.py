"""Quote text for DOT."""

from __future__ import annotations


def quote_dot(text: str) -> str:
    """Return a text as a DOT string, in which nothing is an escape, an entity or the end of the string."""
    clean = "".join(c if c.isprintable() or c == "\n" else "�" for c in text)
    clean = clean.replace("&", "&amp;").replace("\\", "\\\\").replace('"', '\\"')
    return '"' + clean.replace("\n", "\\n") + '"'
