"""The tree around a half-written word: a marker takes its place, so that the text can be composed."""

from __future__ import annotations

import re
from collections.abc import Iterator

from msgspec import Struct

from archspec.language.symbols import Definitions
from archspec.lsp.cursor_path import CursorPath, find_cursor_path
from archspec.source import Mapping, Scalar, Tree, compose
from archspec.source.positions import LINE_BREAK
from archspec.source.readable import blank_unreadable

# A plain scalar that no spec contains and that YAML reads as a text.
MARK = "zqcursorqz"
BEFORE = re.compile(r"[\w.]*\Z")
AFTER = re.compile(r"[\w.]*")


class CompletionContext(Struct, frozen=True):
    """The tree with the marker, the path to it, and the column at which the replaced word begins."""

    tree: Tree
    cursor: CursorPath
    start: int

    @property
    def is_key(self) -> bool:
        """Whether a key is being written, and not a value."""
        return self.cursor.key is not None


def find_completion_context(text: str, line: int, column: int, definitions: Definitions) -> CompletionContext | None:
    """Return the context of a cursor; None where no repair of its line can be composed.

    Several ways to complete the line are tried, each first with the whole text and then with what comes before it.
    """
    lines = LINE_BREAK.split(text)
    if not 1 <= line <= len(lines):
        return None
    written = lines[line - 1]
    found = BEFORE.search(written[: column - 1])
    start = found.start() if found is not None else column - 1
    rest = AFTER.sub("", written[column - 1 :], count=1)
    wholes = [_others(lines, line), _others(lines[:line], line)]
    # The whole text first: names that are defined below the cursor are then proposed as well.
    for candidate in _candidates(written[:start], rest):
        for before, after in wholes:
            tree, _ = compose("\n".join([*before, candidate, *after]), "<text>")
            # The second character of the marker: at its first, a node that ends there would be found as well.
            cursor = find_cursor_path(tree, line, start + 2, definitions) if tree is not None else None
            if tree is not None and cursor is not None and _has_mark(cursor):
                return CompletionContext(tree, cursor, start + 1)
    return None


def _others(lines: list[str], line: int) -> tuple[list[str], list[str]]:
    """Return the lines before and after one, those that keep the rest from being YAML emptied."""
    others = blank_unreadable("\n".join([*lines[: line - 1], "", *lines[line:]])).split("\n")
    others += [""] * (len(lines) - len(others))
    return others[: line - 1], others[line:]


def _candidates(before: str, after: str) -> Iterator[str]:
    """Yield ways to complete the line: as a key, as it is, with open brackets closed, without its rest."""
    if not before.strip() and not after.lstrip().startswith(":"):
        yield f"{before}{MARK}: {after}"
    yield f"{before}{MARK}{after}"
    closers = _closers(before)
    yield f"{before}{MARK}{after}{closers}"
    # What follows the cursor may be what breaks the line.
    yield f"{before}{MARK}{closers}"
    yield f"{before}{MARK}: {closers}"


def _closers(before: str) -> str:
    """Return the closing quotes, brackets and braces for those that are open at the end of a line's beginning."""
    open_: list[str] = []
    quote = ""
    for letter in before:
        if quote:
            quote = "" if letter == quote else quote
        elif letter in "\"'":
            quote = letter
        elif letter in "[{":
            open_.append("]" if letter == "[" else "}")
        elif letter in "]}" and open_:
            open_.pop()
    return quote + "".join(reversed(open_))


def _has_mark(cursor: CursorPath) -> bool:
    if cursor.key is not None:
        return MARK in cursor.key.text
    tree = cursor.last.tree
    return isinstance(tree, Scalar) and MARK in tree.text


def other_keys(tree: Tree) -> set[str]:
    """Return the keys of a mapping other than the one being written."""
    return {key.text for key, _ in tree.entries if MARK not in key.text} if isinstance(tree, Mapping) else set()
