"""The inputs and outputs of two networks that differ, as effects."""

from __future__ import annotations

from itertools import zip_longest

from archspec.comparison.changes import AttributeChange, Pair, show_location
from archspec.comparison.effects import NO_EFFECTS, Effect
from archspec.comparison.stages import value_text
from archspec.ir.graph import Graph
from archspec.language.free_names import free_names
from archspec.language.load import Spec
from archspec.source import Tree, plain

SpecPair = tuple[Spec, Spec]


def port_effects(
    before: Graph, after: Graph, specs: SpecPair | None, settings: dict[str, Effect]
) -> tuple[list[Effect], list[frozenset[Effect]]]:
    """Return the effects of inputs whose type or order differs and of outputs whose names do; then the former's by
    input, where its type differs."""
    inputs, inputs_after = dict(before.inputs), dict(after.inputs)
    where = show_location(before.body.span), show_location(after.body.span)
    texts = [{name: value_text(value) for name, value in ports.items()} for ports in (inputs, inputs_after)]
    is_edit, names = _written_inputs(specs)
    evidence = [frozenset(effect for name, effect in settings.items() if name in names)]
    found: dict[str, Effect] = {}
    for name in dict.fromkeys(sorted((*inputs, *inputs_after))):
        old, new = (side.get(name, "none") for side in texts)
        if old != new:
            attribute = AttributeChange(f"input {name}" if name != "input" else name, old, new, where)
            found[name] = Effect("input", (attribute,), is_edit=is_edit, evidence=evidence)
    others = []
    if list(inputs) != list(inputs_after) and sorted(inputs) == sorted(inputs_after):
        others.append(_names_effect("inputs", tuple(inputs), tuple(inputs_after), where))
    by_input = []
    for one, other in zip_longest(before.inputs, after.inputs):
        effects = {found[name] for name, _ in filter(None, (one, other)) if name in found} or set(others)
        by_input.append(NO_EFFECTS if one and other and one[1] == other[1] else frozenset(effects))
    if before.outputs != after.outputs:
        others.append(_names_effect("outputs", before.outputs, after.outputs, where))
    return [*found.values(), *others], by_input


def _written_inputs(specs: SpecPair | None) -> tuple[bool, frozenset[str]]:
    """Return whether the inputs are written differently, and the names that they mention."""
    if specs is None:
        return True, frozenset()
    trees = [_input_trees(spec) for spec in specs]
    written = [[plain(tree) for tree in side] for side in trees]
    return written[0] != written[1], frozenset().union(*(free_names(tree) for side in trees for tree in side))


def _input_trees(spec: Spec) -> list[Tree]:
    tree = spec.document.tree
    if spec.input is not None:
        return [spec.input]
    found = [tree.get(key) for key in ("input", "inputs")] if tree is not None else []
    return [tree for tree in found if tree is not None]


def _names_effect(name: str, before: tuple[str, ...], after: tuple[str, ...], where: Pair) -> Effect:
    texts = [", ".join(names) or "unnamed" for names in (before, after)]
    return Effect("input", (AttributeChange(name, texts[0], texts[1], where),))
