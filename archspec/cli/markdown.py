"""Text put into markdown so that it stays text: no markup, no HTML, no link, no mention of a person."""

from __future__ import annotations

from collections.abc import Sequence


def code(text: str) -> str:
    """Return a text set as code, in which nothing is markup.

    Code, since a code host looks for people and issues to mention in what has been rendered, where a character
    reference is the character again; it passes over code.
    """
    return f"<code>{_escaped(text)}</code>" if text else ""


def _escaped(text: str) -> str:
    references = "".join(f"&#{ord(c)};" if c in _SPECIAL else c for c in text)
    return references.replace("://", "&#58;//").replace("www.", "www&#46;")  # an address becomes a link anywhere


# Markdown's and HTML's own, and GitHub's: `@` mentions people, `#` issues, `$` is mathematics.
_SPECIAL = frozenset("\\`*_[]<>&|~#!$@^\"'{}\r\n")


def table(head: Sequence[str], rows: Sequence[Sequence[str]], right: Sequence[int] = ()) -> list[str]:
    """Return the lines of a table whose cells are markdown already; the columns in `right` are aligned to the right."""
    rule = "|".join(" ---: " if column in right else " --- " for column in range(len(head)))
    return [_row(head), f"|{rule}|", *map(_row, rows)]


def _row(cells: Sequence[str]) -> str:
    return "| " + " | ".join(cells) + " |"
