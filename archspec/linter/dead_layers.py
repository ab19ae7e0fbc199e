"""Layers whose output nothing reads, judged where they are written: what GRF001 reports."""

from __future__ import annotations

from weakref import WeakKeyDictionary

from msgspec import Struct

from archspec.diagnostics import Span
from archspec.ir.graph import Body, Call, Node, Step, enclosing_paths
from archspec.linter.rule_context import RuleContext


class DeadLayers(Struct, frozen=True):
    """The dead layers of the user's text by their places, and every step whose outputs nothing reads."""

    reported: dict[Span, DeadLayer]
    unread: frozenset[Step]


def find_dead_layers(context: RuleContext) -> DeadLayers | None:
    """Return the dead layers of a design; None where a layer is missing, which may be the reader of any other."""
    bodies = _bodies(context.graph.body)
    uses = _uses_of(context, bodies)
    # The missing reader may be in this body, or in another, through an export.
    if not all(_is_whole(context, body, use) for body, use in zip(bodies, uses, strict=True)):
        return None
    unread = frozenset().union(*(use.unread for use in uses))
    return DeadLayers(_dead_layers(bodies, uses) if unread else {}, unread)


class DeadLayer(Struct, frozen=True):
    """The steps of one layer that nothing reads, in one body, and the number of all its steps there."""

    steps: tuple[Step, ...]
    count: int

    @property
    def is_partial(self) -> bool:
        """Whether others of its repeats are read."""
        return self.count > len(self.steps)


def _dead_layers(bodies: list[Body], uses: list[_BodyUse]) -> dict[Span, DeadLayer]:
    """Return the dead layers by where they are written.

    A layer is judged there: if it is dead in one use of its block and read in another, it is not dead. Of a repeat,
    each turn must be read, since all turns are in the body of one use.
    """
    dead: dict[Span, DeadLayer] = {}
    alive: set[Span] = set()
    for body, use in zip(bodies, uses, strict=True):
        unread: dict[Span, list[Step]] = {}
        read: dict[Span, int] = {}
        for step in body.steps:
            if step in use.unread and not step.origin.span.in_library:
                unread.setdefault(step.origin.span, []).append(step)
            else:
                read[step.origin.span] = read.get(step.origin.span, 0) + 1
        alive |= read.keys() - unread.keys()
        for span, steps in unread.items():
            dead.setdefault(span, DeadLayer(tuple(steps), len(steps) + read.get(span, 0)))
    return {span: layer for span, layer in dead.items() if span not in alive}


def _bodies(body: Body) -> list[Body]:
    """Return a body and all that are called in it, each once."""
    found = {id(body): body}
    waiting = [body]
    while waiting:
        for step in waiting.pop().steps:
            if isinstance(step, Call) and id(step.body) not in found:
                found[id(step.body)] = step.body
                waiting.append(step.body)
    return list(found.values())


class _BodyUse(Struct, frozen=True):
    """The use of a body's steps within it: whether it has a placeholder for a failed layer, and its unread steps."""

    has_failed: bool
    unread: frozenset[Step]


class _BodyUses(WeakKeyDictionary[Body, _BodyUse]):
    """The uses of bodies, kept between the variants of a spec and the versions of a text, which share bodies."""


def _uses_of(context: RuleContext, bodies: list[Body]) -> list[_BodyUse]:
    known = context.cache.analysis_cache(_BodyUses)
    for body in bodies:
        if body not in known:
            has_failed = any(isinstance(step, Node) and step.failed for step in body.steps)
            known[body] = _BodyUse(has_failed, frozenset(_unread(body)))
    return [known[body] for body in bodies]


def _is_whole(context: RuleContext, body: Body, use: _BodyUse) -> bool:
    """Return whether all of a body could be lowered; if not, what is missing might read what seems unread."""
    document = context.spec.document
    declared = document.outputs
    if body is not context.graph.body:
        block = document.blocks.get(body.block)
        declared = block.outputs if block is not None else {}
    elif len(context.graph.outputs) < len(declared):
        return False
    return not use.has_failed and len(body.exports) >= len(declared) - (body is context.graph.body)


def _unread(body: Body) -> set[Step]:
    """Return the steps whose outputs are neither read nor outputs of the body, and whose weights no layer shares."""
    read = {value for step in body.steps for value in step.inputs} | set(body.outputs)
    unread = set()
    for step, first in zip(body.steps, body.starts, strict=True):
        if step.outputs and not any(value in read for value in range(first, first + len(step.outputs))):
            unread.add(step)
    if not unread:
        return unread
    # Weights that another layer shares are used, even if nothing reads what this one gives.
    lent = {path for step in body.steps for share in step.share for path in enclosing_paths(share.path)}
    return {step for step in unread if step.scope not in lent}
