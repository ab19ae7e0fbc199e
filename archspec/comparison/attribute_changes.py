"""The attributes in which two matching steps differ: their kinds, their arguments, their tensors."""

from __future__ import annotations

from typing import Any

from archspec.comparison.changes import AttributeChange, show_location
from archspec.ir.graph import Call, Initializer, Node, Share, Step
from archspec.ir.parameters import show
from archspec.language.symbols import library_block
from archspec.lowering.context import SlotValue
from archspec.lowering.values import BlockValue
from archspec.source import plain

UNSET = "unset"


def attribute_changes(before: Step, after: Step) -> tuple[str, tuple[AttributeChange, ...]]:
    """Return the kind of a Change and its attributes; none of these if only the steps' bodies may differ."""
    if before.kind != after.kind:
        where = show_location(before.origin.span), show_location(after.origin.span)
        return "block", (AttributeChange("block", before.kind, after.kind, where),)
    arguments = _differing(before, after, _arguments(before), _arguments(after))
    kind = "arguments" if arguments else "tensors"
    return kind, (*arguments, *_differing(before, after, _tensors(before), _tensors(after)))


def _arguments(step: Step) -> dict[str, str]:
    """Return the arguments as text by name; of a block those that the call passes, and the library's own defaults."""
    if isinstance(step, Call):
        # A call that states a default of the library's block does not differ from one that leaves it out.
        return {**_library_defaults(step), **dict(step.arguments)}
    return {p.name: show(getattr(step.op, p.name)) for p in step.op.parameters}


def _library_defaults(call: Call) -> dict[str, str]:
    span = call.body.span
    block = library_block(call.kind) if span is not None and span.in_library else None
    if block is None:
        return {}
    literal = [(item.parameter.name, item.default) for item in block.declared if item.default is not None]
    return {name: show_value(plain(tree)) for name, tree in literal}


def _tensors(step: Step) -> dict[str, str]:
    """Return the keys, initialisation and sharing of a step's tensors as text, those that the spec sets."""
    texts = {"share": ", ".join(map(_show_share, step.share))}
    if isinstance(step, Node):
        texts["keys"] = ", ".join(f"{tensor}={key}" for tensor, key in step.keys)
        texts["init"] = ", ".join(map(_show_initializer, step.init))
    return {name: text for name, text in texts.items() if text}


def _show_share(share: Share) -> str:
    return f"{share.tensor}={share.path}.{share.theirs}" if share.tensor else share.path


def _show_initializer(initializer: Initializer) -> str:
    arguments = ", ".join(f"{name}={value}" for name, value in initializer.arguments)
    return f"{initializer.tensor}={initializer.scheme}" + (f"({arguments})" if arguments else "")


def _differing(
    before: Step, after: Step, texts: dict[str, str], texts_after: dict[str, str]
) -> tuple[AttributeChange, ...]:
    spans = dict(before.origin.arguments), dict(after.origin.arguments)
    found = []
    for name in dict.fromkeys(sorted((*texts, *texts_after))):
        old, new = texts.get(name, UNSET), texts_after.get(name, UNSET)
        if old != new:
            where = (
                show_location(spans[0].get(name, before.origin.span)),
                show_location(spans[1].get(name, after.origin.span)),
            )
            found.append(AttributeChange(name, old, new, where))
    return tuple(found)


def show_value(value: Any) -> str:
    """Return the value of an expression as text: a block with the arguments that it is called with."""
    if isinstance(value, BlockValue):
        arguments = ", ".join(f"{name}: {show_value(item)}" for name, item in value.arguments)
        return value.definition.name + (f" {{{arguments}}}" if arguments else "")
    if isinstance(value, SlotValue):
        return show_value(plain(value.tree))
    if isinstance(value, dict):
        return "{" + ", ".join(f"{name}: {show_value(item)}" for name, item in value.items()) + "}"
    if isinstance(value, (list, tuple)) and any(isinstance(item, dict) for item in value):
        return "[" + ", ".join(map(show_value, value)) + "]"
    return show(value)
