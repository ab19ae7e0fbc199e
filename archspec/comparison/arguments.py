"""What is said differently of two steps that are each other's counterpart: what they are, arguments, tensors."""

from __future__ import annotations

from typing import Any

from archspec.comparison.difference import Said
from archspec.comparison.parts import place
from archspec.ir.graph import Call, Initial, Node, Share, Step
from archspec.ir.parameters import show
from archspec.language.symbols import library_block
from archspec.lowering.context import SlotValue
from archspec.lowering.values import BlockValue
from archspec.source import plain

UNSET = "unset"


def said_of(before: Step, after: Step) -> tuple[str, tuple[Said, ...]]:
    """The kind of change, and what is said differently; nothing where the bodies alone may differ."""
    if before.kind != after.kind:
        where = place(before.origin.span), place(after.origin.span)
        return "block", (Said("block", before.kind, after.kind, where),)
    said = _differing(before, after, _arguments(before), _arguments(after))
    kind = "arguments" if said else "tensors"
    return kind, (*said, *_differing(before, after, _tensors(before), _tensors(after)))


def _arguments(step: Step) -> dict[str, str]:
    """The arguments by name; of a block those that are given, and the library's own defaults."""
    if isinstance(step, Call):
        return {**_library_defaults(step), **dict(step.arguments)}
    return {p.name: show(getattr(step.op, p.name)) for p in step.op.parameters}


def _library_defaults(call: Call) -> dict[str, str]:
    span = call.body.span
    block = library_block(call.kind) if span is not None and span.file.startswith("library/") else None
    if block is None:
        return {}
    literal = [(item.parameter.name, item.default) for item in block.declared if item.default is not None]
    return {name: shown(plain(tree)) for name, tree in literal}


def _tensors(step: Step) -> dict[str, str]:
    """How the tensors are called, start and are shared, where that is said."""
    told = {"share": ", ".join(map(_share, step.share))}
    if isinstance(step, Node):
        told["keys"] = ", ".join(f"{ours}={key}" for ours, key in step.keys)
        told["init"] = ", ".join(map(_initial, step.init))
    return {name: text for name, text in told.items() if text}


def _share(share: Share) -> str:
    return f"{share.tensor}={share.path}.{share.theirs}" if share.tensor else share.path


def _initial(initial: Initial) -> str:
    arguments = ", ".join(f"{name}={value}" for name, value in initial.arguments)
    return f"{initial.tensor}={initial.scheme}" + (f"({arguments})" if arguments else "")


def _differing(before: Step, after: Step, ours: dict[str, str], theirs: dict[str, str]) -> tuple[Said, ...]:
    spans = dict(before.origin.arguments), dict(after.origin.arguments)
    said = []
    for name in dict.fromkeys(sorted((*ours, *theirs))):
        old, new = ours.get(name, UNSET), theirs.get(name, UNSET)
        if old != new:
            where = (
                place(spans[0].get(name, before.origin.span)),
                place(spans[1].get(name, after.origin.span)),
            )
            said.append(Said(name, old, new, where))
    return tuple(said)


def shown(value: Any) -> str:
    """A value of an expression in words: a block with the arguments that it is given."""
    if isinstance(value, BlockValue):
        given = ", ".join(f"{name}: {shown(item)}" for name, item in value.arguments)
        return value.definition.name + (f" {{{given}}}" if given else "")
    if isinstance(value, SlotValue):
        return shown(plain(value.tree))
    if isinstance(value, dict):
        return "{" + ", ".join(f"{name}: {shown(item)}" for name, item in value.items()) + "}"
    if isinstance(value, (list, tuple)) and any(isinstance(item, dict) for item in value):
        return "[" + ", ".join(map(shown, value)) + "]"
    return show(value)
