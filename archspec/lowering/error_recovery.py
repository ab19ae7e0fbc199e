"""Error recovery: the values that a failed layer may have read, which rules must not report as unread."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from archspec.diagnostics import Span
from archspec.language.free_names import free_names
from archspec.language.layers import CallLayer
from archspec.lowering.context import Bundle, Context, NamedValue
from archspec.source import Tree


def possible_reads(context: Context, layer: Any) -> Bundle:
    """Return the values that a failed op or block may read: the running one, and those that it names.

    Empty if unknown: the layer names what does not exist, or is structure with layers of its own.
    """
    if not isinstance(layer, CallLayer) or _names_the_unknown(context, layer.span):
        return ()
    # An argument may turn out to be a reference (add: [x, prev]), so that names in all of them count.
    trees: list[Tree | None] = [layer.source, layer.main, *(tree for _, tree in layer.arguments)]
    names = frozenset().union(*(free_names(tree) for tree in trees if tree is not None))
    # Where it has the name of another layer, references from here on may mean that one.
    names |= {layer.name} if layer.name else set()
    found = [*context.prev]
    for name in sorted(names):
        named = context.names.find(name)
        if named is not None:
            found.extend(_values(named))
    return tuple(dict.fromkeys(found))


def _names_the_unknown(context: Context, span: Span) -> bool:
    """Return whether an unknown name within a layer has been reported: the layer may then read any value."""
    lines = range(span.line, span.end_line + 1)
    found = (d for d in context.lowering.diagnostics if d.code == "SPC005" and d.span.file == span.file)
    return any(d.span.line in lines for d in found)


def _values(named: NamedValue) -> Iterator[int]:
    yield from named.bundle
    for bundle in named.exports.values():
        yield from bundle
    for below in (*(named.repeats or {}).values(), *named.inner.values()):
        yield from _values(below)
