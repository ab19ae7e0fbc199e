"""Edits of a text by the spans of its tree: set or remove an entry of a mapping, insert or remove an item of a list.

The rest of the text is untouched, comments and layout included. Where that is not certain (the node is an alias, has an
anchor, or is laid out in a rare way) there are no edits: a fix that breaks a file is worse than none.
"""

from __future__ import annotations

import re
from typing import Any, Final

from archspec.diagnostics import Edit
from archspec.source.emit_scalar import emit_quoted, emit_text, emit_value
from archspec.source.layout import Layout, TreePath
from archspec.source.tree import Mapping, Scalar, Sequence, Tree

Edits = tuple[Edit, ...]
NO_EDITS: Final[Edits] = ()
_DASH: Final = r"-[ \t]+$"
_DASHES: Final = r"[ \t]*-[ \t]+$"


def quote(layout: Layout, scalar: Scalar) -> Edits:
    """Put a scalar in quotes, which makes it the text that it spells."""
    return NO_EDITS if scalar.quoted or scalar.alias else (Edit(scalar.span, emit_quoted(scalar.text)),)


def rename(key: Scalar, name: str) -> Edits:
    """Rename a key, or replace any scalar by another word."""
    return NO_EDITS if key.alias else (Edit(key.span, emit_text(name)),)


def replace_value(layout: Layout, tree: Tree, text: str) -> Edits:
    """Replace a node by another value, as YAML on one line; of an alias only this use changes."""
    start, end = layout.start(tree), layout.end(tree)
    if tree.alias is None and (layout.has_anchor(start, end) or _has_comment(layout, tree)):
        return NO_EDITS
    # The span of an absent value (`key:`) is empty and touches the colon, which a space must follow.
    if start == end:
        text = " " * (not layout.text[start - 1 : start].isspace()) + text
    if isinstance(tree, Scalar) or layout.is_flow(tree) or tree.alias is not None:
        return (layout.edit(start, end, text),)
    return NO_EDITS


def _has_comment(layout: Layout, tree: Tree) -> bool:
    """Return whether a list or mapping may hold a comment, which would be lost with it."""
    return not isinstance(tree, Scalar) and re.search(r"\s#", layout.source(tree)) is not None


def set_entry(layout: Layout, mapping: Mapping, name: str, value: Any) -> Edits:
    """Set an entry of a mapping; a new one is appended."""
    current = mapping.get(name)
    # A value inherited through `<<` belongs to another mapping: an entry of this one overrides it instead.
    own = layout.own_entries(mapping)
    if current is not None and any(key.text == name for key, _ in own):
        return replace_value(layout, current, emit_value(value))
    entry = f"{emit_text(name)}: {emit_value(value)}"
    if layout.is_flow(mapping):
        return _set_in_brackets(layout, mapping, own, entry)
    if not own or mapping.alias is not None:
        return NO_EDITS
    first, last = layout.start(own[0][0]), layout.end(own[-1][1])
    # The first key may follow dashes (`- a: 1`), whose columns are spaces on the lines below.
    indent = re.sub(r"[^ \t]", " ", layout.before(first))
    place = layout.line_end(last)
    rest = layout.text[last:place].strip(" \t")
    if rest and not rest.startswith("#"):
        return NO_EDITS
    return (layout.edit(place, place, layout.newline + indent + entry),)


def _set_in_brackets(layout: Layout, mapping: Mapping, own: list[tuple[Scalar, Tree]], entry: str) -> Edits:
    start, end = layout.start(mapping), layout.end(mapping)
    if mapping.alias is not None:
        return NO_EDITS
    if not own and layout.is_blank(start + 1, end - 1):
        return (layout.edit(start + 1, end - 1, entry),)
    after = layout.end(own[-1][1]) if own else start
    rest = layout.skip(after)
    rest = layout.skip(rest + 1) if layout.text[rest : rest + 1] == "," else rest
    if own and rest == end - 1:
        return (layout.edit(after, after, f", {entry}"),)
    place = layout.skip(start + 1)  # something stands there that is no entry of its own, such as `<<`
    return (layout.edit(place, place, f"{entry}, "),)


def remove_entry(layout: Layout, mapping: Mapping, name: str) -> Edits:
    """Remove an entry of a mapping; comments on lines of their own stay."""
    own = layout.own_entries(mapping)
    place = next((place for place, (key, _) in enumerate(own) if key.text == name), None)
    if place is None or mapping.alias is not None:
        return NO_EDITS
    pieces = [(layout.start(key), layout.end(value)) for key, value in own]
    if layout.has_anchor(*pieces[place]):
        return NO_EDITS
    if layout.is_flow(mapping):
        return _cut_from_brackets(layout, pieces, place)
    return _cut_lines(layout, pieces, place)


def remove_item(layout: Layout, path: TreePath) -> Edits:
    """Remove the item that the path leads to, unless it is the only item of a list written with dashes."""
    found = _item(path)
    if found is None:
        return NO_EDITS
    sequence, place = found
    pieces = [(layout.start(item), layout.end(item)) for item in sequence.items]
    if layout.has_anchor(*pieces[place]):
        return NO_EDITS
    if layout.is_flow(sequence):
        return _cut_from_brackets(layout, pieces, place)
    dash = re.search(_DASH, layout.before(pieces[place][0]))
    # Without its only item, `key:` would have the value null and not an empty list.
    if dash is None or len(pieces) == 1:
        return NO_EDITS
    if not re.fullmatch(_DASHES, layout.before(pieces[place][0])):
        return _pull_up(layout, pieces)
    start = layout.line_start(pieces[place][0])
    return _cut_lines(layout, [(start + dash.start(), pieces[place][1])], 0)


def insert_item(layout: Layout, path: TreePath, text: str, after: bool) -> Edits:
    """Insert an item, as YAML on one line, just before or after the item that the path leads to."""
    found = _item(path)
    if found is None:
        return NO_EDITS
    sequence, place = found
    start, end = layout.start(sequence.items[place]), layout.end(sequence.items[place])
    if layout.is_flow(sequence):
        if after:
            return (layout.edit(end, end, f", {text}"),)
        return NO_EDITS if layout.has_property(start) else (layout.edit(start, start, f"{text}, "),)
    dash = re.search(_DASH, layout.before(start))
    if dash is None:
        return NO_EDITS
    column = dash.start()
    if after:
        end = layout.line_end(end)
        indent = re.sub(r"[^ \t]", " ", layout.before(start)[:column])
        return (layout.edit(end, end, f"{layout.newline}{indent}- {text}"),)
    at = layout.line_start(start) + column
    indent = re.sub(r"[^ \t]", " ", layout.before(start)[:column])
    return (layout.edit(at, at, f"- {text}{layout.newline}{indent}"),)


def _item(path: TreePath) -> tuple[Sequence, int] | None:
    """Return the list that a path's last node is an item of, and its index."""
    if len(path) < 2 or not isinstance(path[-2], Sequence):
        return None
    place = next((place for place, item in enumerate(path[-2].items) if item is path[-1]), None)
    return None if place is None else (path[-2], place)


def _cut_from_brackets(layout: Layout, pieces: list[tuple[int, int]], place: int) -> Edits:
    """Cut one of the pieces between brackets, with its comma."""
    start, end = pieces[place]
    comma = layout.skip(end)
    has_comma = layout.text[comma : comma + 1] == ","
    # A comment between an item and its comma would be lost.
    if has_comma and not layout.is_blank(end, comma):
        return NO_EDITS
    stop = comma + 1 if has_comma else end
    line_end = layout.line_end(stop)
    rest = layout.text[stop:line_end].strip(" \t")
    if not layout.before(start).strip() and (not rest or rest.startswith("#")) and layout.next_line(stop) > line_end:
        return (layout.edit(layout.line_start(start), layout.next_line(stop), ""),)
    if has_comma:
        spaces = len(layout.text[stop:line_end]) - len(layout.text[stop:line_end].lstrip(" \t"))
        if not rest:
            start -= len(layout.before(start)) - len(layout.before(start).rstrip(" \t"))
        return (layout.edit(start, stop + spaces, ""),)
    # The last item takes along the comma before it, unless a comment or line break lies between.
    if place and layout.text[pieces[place - 1][1] : start].strip(" \t") == ",":
        start = pieces[place - 1][1]
    return (layout.edit(start, end, ""),)


def _pull_up(layout: Layout, pieces: list[tuple[int, int]]) -> Edits:
    """Move the second item into the place of the first, which shares its line with the dash of an outer list."""
    (start, end), following = pieces[0], pieces[1][0]
    line = layout.line_start(following)
    if not layout.is_blank(end, line) or not re.fullmatch(_DASHES, layout.before(following)):
        return NO_EDITS
    return (layout.edit(start, following, ""),)


def _cut_lines(layout: Layout, pieces: list[tuple[int, int]], place: int) -> Edits:
    """Cut the lines of one of the pieces; after a dash, the next piece moves into its place."""
    start, end = pieces[place]
    line_end = layout.line_end(end)
    rest = layout.text[end:line_end].strip(" \t")
    if rest and not rest.startswith("#"):
        return NO_EDITS
    if not layout.before(start).strip():
        return (layout.edit(layout.line_start(start), layout.next_line(end), ""),)
    if place + 1 < len(pieces) and layout.is_blank(line_end, pieces[place + 1][0]):
        return (layout.edit(start, pieces[place + 1][0], ""),)
    return (layout.edit(start, line_end, ""),)
