"""Find the definitions behind a finding: the parameters, lets and sizes that the texts at its spans mention."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterator
from collections.abc import Mapping as Mappings
from itertools import islice

from msgspec import Struct
from msgspec.structs import replace

from archspec.diagnostics import Cause, Diagnostic, Span
from archspec.language.free_names import free_names
from archspec.language.load import Spec
from archspec.lowering.cache import LoweringCache
from archspec.source import Mapping, Scalar, Sequence, Tree

MAX_TEXTS = 24  # a place with more is a whole section of the spec, whose names explain nothing
MAX_CAUSES = 12
MISSING = "SPC009"
"""The code of what is not written at all, a port or an argument: no definition of what is written leads to it."""


def add_definition_causes(spec: Spec, found: list[Diagnostic], cache: LoweringCache) -> list[Diagnostic]:
    """Return the findings, each with a cause for every definition that leads to it."""
    if not found or spec.document.tree is None:
        return found
    texts = _SpecTexts(spec, cache.last_result(ScalarIndex, spec.document.tree))
    return [_explained(texts, diagnostic) for diagnostic in found]


class ScalarIndex:
    """The scalars of a tree in the order of the text, found by their place."""

    def __init__(self, tree: Tree) -> None:
        self._scalars = sorted(_scalars(tree), key=lambda s: _start(s.span))
        self._starts = [_start(s.span) for s in self._scalars]

    def at(self, span: Span) -> list[Scalar]:
        """Return the scalars within a span or around it; none where there are more than MAX_TEXTS."""
        begin = _start(span)
        # Scalars do not overlap, so that those around a span are the last to start before it: one, or an anchor's
        # and those of its aliases, which have its span.
        first = bisect_left(self._starts, begin)
        if first and (first == len(self._starts) or self._starts[first] != begin):
            first = bisect_left(self._starts, self._starts[first - 1])
        found: list[Scalar] = []
        for scalar in islice(self._scalars, first, None):
            if _start(scalar.span) > (span.file, span.end_line, span.end_column):
                break
            if _within(scalar.span, span) or _within(span, scalar.span):
                found.append(scalar)
                if len(found) > MAX_TEXTS:
                    return []
        return found


class _SpecTexts(Struct, frozen=True):
    """A spec with the index of its scalars."""

    spec: Spec
    index: ScalarIndex

    def at(self, span: Span) -> list[Scalar]:
        """Return the scalars within a span or around it; none where there are too many."""
        return self.index.at(span)


def _explained(texts: _SpecTexts, diagnostic: Diagnostic) -> Diagnostic:
    if diagnostic.code == MISSING:
        return diagnostic
    causes = list(diagnostic.causes)
    spans = {cause.span for cause in causes} | {diagnostic.span}
    places = [diagnostic.span, *(cause.span for cause in causes if cause.span is not None)]
    # Sorted, since sets have no order of their own: equal specs give equal messages.
    names = sorted({(name, _block_around(texts.spec, place)) for place in places for name in _mentioned(texts, place)})
    seen = set(names)
    # Breadth first: where MAX_CAUSES ends the search, the definitions left out are the most remote ones.
    while names and len(causes) < MAX_CAUSES:
        name, block = names.pop(0)
        cause, tree = _definition(texts, name, block, places)
        if cause is None or tree is None or cause.span in spans:
            continue
        spans.add(cause.span)
        causes.append(cause)
        more = {(other, _block_around(texts.spec, tree.span)) for other in free_names(tree)} - seen
        seen |= more
        names.extend(sorted(more))
    return replace(diagnostic, causes=tuple(causes)) if len(causes) > len(diagnostic.causes) else diagnostic


def _mentioned(texts: _SpecTexts, place: Span) -> set[str]:
    return {name for scalar in texts.at(place) for name in free_names(scalar)}


def _definition(texts: _SpecTexts, name: str, block: str, places: list[Span]) -> tuple[Cause | None, Tree | None]:
    """Return where a name gets its value: a parameter of the block, or one of the spec."""
    if block:
        return _block_parameter(texts, name, block, places)
    document = texts.spec.document
    overrides = dict(texts.spec.overrides)
    if name in overrides and name in document.params:
        tree = overrides[name]
        where = f" in {texts.spec.variant}" if texts.spec.variant else ""
        return Cause(f"{name} is {_short(tree)}{where}", tree.span), tree
    given: Tree | None = document.params[name].default if name in document.params else None
    given = given or document.let.get(name) or document.sizes.get(name)
    return (None, None) if given is None else (Cause(f"{name} is {_short(given)}", given.span), given)


def _block_parameter(texts: _SpecTexts, name: str, block: str, places: list[Span]) -> tuple[Cause | None, Tree | None]:
    """Return the argument for a block's parameter in one of the calls at these spans, else its default."""
    model = texts.spec.document.blocks[block]
    if name in model.let:
        return Cause(f"{name} is {_short(model.let[name])}", model.let[name].span), model.let[name]
    if name not in model.params:
        return None, None
    # Inside the block's own definition, an argument of that name belongs to another call.
    for scalar in (s for place in places if not _within(place, model.span) for s in texts.at(place)):
        if scalar.key is not None and scalar.key.text == name:
            return Cause(f"{name} is {_short(scalar)} here", scalar.span), scalar
    default = model.params[name].default
    return (
        (None, None) if default is None else (Cause(f"{name} is {_short(default)}, its default", default.span), default)
    )


def _block_around(spec: Spec, place: Span) -> str:
    """Return the block of the spec whose definition contains a span; empty for none."""
    blocks: Mappings[str, object] = spec.document.blocks
    return next((name for name in blocks if _within(place, spec.document.blocks[name].span)), "")


def _within(inner: Span, outer: Span) -> bool:
    start = (inner.line, inner.column) >= (outer.line, outer.column)
    return (
        inner.file == outer.file and start and (inner.end_line, inner.end_column) <= (outer.end_line, outer.end_column)
    )


def _start(span: Span) -> tuple[str, int, int]:
    return span.file, span.line, span.column


def _scalars(tree: Tree, in_network: bool = False) -> Iterator[Scalar]:
    """Yield the scalars that may be expressions: a key is a name of the language or of an argument, not a mention."""
    if isinstance(tree, Scalar):
        yield tree
    elif isinstance(tree, Sequence):
        for item in tree.items:
            yield from _scalars(item)
    else:
        for key, value in tree.entries:
            # The names of a spec that is written in place are its own.
            if not (in_network and key.text == "spec" and isinstance(value, Mapping)):
                yield from _scalars(value, key.text == "network")


def _short(tree: Tree) -> str:
    if isinstance(tree, Scalar):
        return tree.text if len(tree.text) <= 60 else tree.text[:57] + "…"
    return "a list" if isinstance(tree, Sequence) else "a mapping"
