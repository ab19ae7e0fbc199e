"""Composes the tree of one YAML text from parse events, without recursion, checking the limits while it reads."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

import yaml

from archspec.diagnostics import Diagnostic
from archspec.source.builder import Builder
from archspec.source.comments import Comment, find_comments
from archspec.source.events import YamlSyntaxError, events
from archspec.source.limits import FILE_BYTES
from archspec.source.placeholders import Placeholders
from archspec.source.positions import Positions
from archspec.source.reader import too_large
from archspec.source.syntax_errors import explain, forbidden_character
from archspec.source.tree import Scalar, Tree
from archspec.source.yaml_pitfalls import diagnose_unparsed, find_unparsed

ReadTree = Callable[[str, str], tuple[Tree | None, tuple[Diagnostic, ...]]]
"""A function from a text and its file's name to its tree: `compose`, or the `read` of an IncrementalComposer."""

_MAX_HIDDEN: Final = 8
"""Unreadable expressions of one text that are hidden to read on; each costs another reading."""

_MAX_FINDINGS: Final = 200
"""Findings of one text, errors before remarks: nobody reads more, and each costs a rendering."""

_SMALLEST: Final = "the smallest spec has `input: [3, 32, 32]` and `head: [global_avg_pool, {linear: 10}]`"


def compose(text: str, file: str, *, pure: bool = False) -> tuple[Tree | None, tuple[Diagnostic, ...]]:
    """Return the tree of a YAML 1.2 text with its findings; None for the tree if the text cannot be read further.

    `pure` reads with PyYAML's Python parser even if libyaml is installed. The tree is the same, but that parser refuses
    tabs between values and a `?` in unquoted text inside `{ }` and `[ ]`.
    """
    text = text.removeprefix("\ufeff")
    # A lone surrogate, which UTF-8 has no bytes for, must not raise here: it is reported as forbidden below.
    if len(text.encode("utf-8", errors="replace")) > FILE_BYTES:
        return None, (too_large(file),)
    positions = Positions(text, file)
    # PyYAML refuses these characters too, but by a ReaderError, which has no mark.
    forbidden = forbidden_character(text, positions)
    if forbidden is not None:
        return None, (forbidden,)
    tree, found = _read(text, positions, pure)
    reported = sorted(found, key=lambda diagnostic: (not diagnostic.is_error, diagnostic.span))[:_MAX_FINDINGS]
    return tree, tuple(sorted(reported, key=lambda diagnostic: diagnostic.span))


def read_comments(text: str, file: str) -> tuple[Comment, ...]:
    """Return the comments of a text that can be composed, none of them inside quotes or a text after `|` or `>`."""
    text = text.removeprefix("\ufeff")
    positions = Positions(text, file)
    builder, _, _ = _build(text, positions, pure=False)
    return tuple(find_comments(text, builder.literal, positions))


def _read(text: str, positions: Positions, pure: bool) -> tuple[Tree | None, list[Diagnostic]]:
    builder, hidden, error = _build(text, positions, pure)
    if error is not None:
        return None, [*hidden, *builder.found, explain(error, text, positions)]
    return _finish(builder, hidden, positions)


def _build(text: str, positions: Positions, pure: bool) -> tuple[Builder, list[Diagnostic], YamlSyntaxError | None]:
    """Build the tree; if an expression breaks YAML's grammar, report it, hide it and read again.

    Hiding replaces each character by one placeholder, so all other offsets stay: the spans of the second reading hold.
    """
    placeholders = Placeholders(text)
    found: list[Diagnostic] = []
    while True:
        builder = Builder(text, placeholders, positions)
        try:
            _feed(builder, placeholders.text, pure)
        except YamlSyntaxError as error:
            stretch = find_unparsed(builder.open_parts, error.index, text) if len(found) < _MAX_HIDDEN else None
            if stretch is None:
                return builder, found, error
            found.append(diagnose_unparsed(*stretch, text, positions))
            placeholders.hide(*stretch)
            continue
        return builder, found, None


def _feed(builder: Builder, text: str, pure: bool) -> None:
    documents = 0
    for event in events(text, pure=pure):
        if isinstance(event, yaml.DocumentStartEvent):
            documents += 1
            if documents == 2:
                builder.refuse_document(event)
                return
        builder.take(event)
        if builder.refused:
            return


def _finish(builder: Builder, hidden: list[Diagnostic], positions: Positions) -> tuple[Tree | None, list[Diagnostic]]:
    if builder.refused:
        return None, [*hidden, *builder.found]
    root = builder.root
    if root is None or (isinstance(root, Scalar) and not root.text and not root.quoted):
        empty = Diagnostic("SPC009", "the file is empty", positions.span(0, 0), hint=_SMALLEST)
        return None, [*hidden, *builder.found, empty]
    return root, [*hidden, *builder.found, *builder.unused_anchors()]
