"""Composes the tree of one YAML text from parse events, without recursion, checking the limits while it reads."""

from __future__ import annotations

from typing import Final

import yaml

from archspec.diagnostics import Diagnostic
from archspec.source.builder import Builder
from archspec.source.comments import Comment, found_in
from archspec.source.events import Syntax, events
from archspec.source.limits import FILE_BYTES
from archspec.source.placeholders import Mask
from archspec.source.positions import Positions
from archspec.source.problems import explain, forbidden_character
from archspec.source.reader import too_large
from archspec.source.tree import Scalar, Tree
from archspec.source.yaml_pitfalls import diagnose_unparsed, unparsed

_TRAPS: Final = 8
"""How many unreadable expressions of one text are stepped over; each costs another reading."""

_FINDINGS: Final = 200
"""No more than these of one text are told, errors before remarks: nobody reads on, and each costs a rendering."""

_SMALLEST: Final = "the smallest spec has `input: [3, 32, 32]` and `head: [global_avg_pool, {linear: 10}]`"


def compose(text: str, file: str, *, pure: bool = False) -> tuple[Tree | None, tuple[Diagnostic, ...]]:
    """The tree of a YAML 1.2 text and what is wrong with it; no tree where there is no way to go on.

    `pure` reads with PyYAML's Python parser even where libyaml is there. The tree is the same, but that parser refuses
    tabs between values and a `?` in unquoted text inside `{ }` and `[ ]`.
    """
    text = text.removeprefix("\ufeff")
    if len(text.encode("utf-8", errors="replace")) > FILE_BYTES:
        return None, (too_large(file),)
    positions = Positions(text, file)
    forbidden = forbidden_character(text, positions)
    if forbidden is not None:
        return None, (forbidden,)
    tree, found = _read(text, positions, pure)
    told = sorted(found, key=lambda diagnostic: (not diagnostic.is_error, diagnostic.span))[:_FINDINGS]
    return tree, tuple(sorted(told, key=lambda diagnostic: diagnostic.span))


def comments(text: str, file: str) -> tuple[Comment, ...]:
    """The comments of a text that can be composed, none of them inside quotes or a text after `|` or `>`."""
    text = text.removeprefix("\ufeff")
    positions = Positions(text, file)
    builder, _, _ = _built(text, positions, pure=False)
    return tuple(found_in(text, builder.literal, positions))


def _read(text: str, positions: Positions, pure: bool) -> tuple[Tree | None, list[Diagnostic]]:
    builder, traps, syntax = _built(text, positions, pure)
    if syntax is not None:
        return None, [*traps, *builder.found, explain(syntax, text, positions)]
    return _finish(builder, traps, positions)


def _built(text: str, positions: Positions, pure: bool) -> tuple[Builder, list[Diagnostic], Syntax | None]:
    """Reads the text; where an expression breaks YAML's grammar, says so, hides it and reads again."""
    mask = Mask(text)
    traps: list[Diagnostic] = []
    while True:
        builder = Builder(text, mask, positions)
        try:
            _feed(builder, mask.text, pure)
        except Syntax as syntax:
            trap = unparsed(builder.open_parts, syntax.index, text) if len(traps) < _TRAPS else None
            if trap is None:
                return builder, traps, syntax
            traps.append(diagnose_unparsed(*trap, text, positions))
            mask.hide(*trap)
            continue
        return builder, traps, None


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


def _finish(builder: Builder, traps: list[Diagnostic], positions: Positions) -> tuple[Tree | None, list[Diagnostic]]:
    if builder.refused:
        return None, [*traps, *builder.found]
    root = builder.root
    if root is None or (isinstance(root, Scalar) and not root.text and not root.quoted):
        empty = Diagnostic("SPC009", "the file is empty", positions.span(0, 0), hint=_SMALLEST)
        return None, [*traps, *builder.found, empty]
    return root, [*traps, *builder.found, *builder.unused_anchors()]
