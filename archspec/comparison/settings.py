"""The settings in which two specs differ (sizes, parameters, defaults), and the blocks that they define differently."""

from __future__ import annotations

from typing import Any

from archspec.comparison.attribute_changes import UNSET, show_value
from archspec.comparison.changes import AttributeChange, show_location
from archspec.comparison.effects import Effect
from archspec.comparison.written_texts import WrittenText
from archspec.language.free_names import free_names
from archspec.language.load import Spec
from archspec.language.symbols import definitions_of
from archspec.lowering.context import Lowering
from archspec.lowering.root import scope_of
from archspec.source import Tree, plain

BUILT_IN = {"norm": "batch_norm", "act": "relu", "shortcut": "projection"}  # what the roles are unless a spec sets them

DEFAULT = "default "
IGNORED_KEYS = (
    "name", "about", "extends", "params", "sizes", "variants", "budget", "defaults", "input", "inputs"
)  # fmt: skip


def setting_effects(before: Spec, after: Spec) -> dict[str, Effect]:
    """Return an effect for each setting of both specs that differs, by the name that expressions and layers use."""
    found = {
        item.name.removeprefix(DEFAULT): Effect("setting", (item,))
        for item in (*_value_changes(before, after), *_default_changes(before, after))
    }
    for name, effect in found.items():
        if effect.attributes[0].name.startswith(DEFAULT):
            continue
        trees = _written_value(before, name), _written_value(after, name)
        # `hidden: width * 4` differs because width does.
        if trees[0] is not None and trees[1] is not None and plain(trees[0]) == plain(trees[1]):
            names = WrittenText(after).names_behind(free_names(trees[1])) - {name}
            effect.is_edit = False
            effect.evidence = [frozenset(other for key, other in found.items() if key in names)]
    return found


def have_same_layers(before: Spec, after: Spec) -> bool:
    """Return whether two specs differ in nothing but settings: in parameters, sizes, defaults and their input."""
    return _layers(before) == _layers(after)


def _layers(spec: Spec) -> dict[str, Any]:
    """Return the plain spec without IGNORED_KEYS."""
    tree = spec.document.tree
    written = plain(tree) if tree is not None else {}
    return {key: value for key, value in written.items() if key not in IGNORED_KEYS}


def _value_changes(before: Spec, after: Spec) -> list[AttributeChange]:
    """Return the sizes and parameters whose values differ."""
    values, values_after = _evaluate_settings(before), _evaluate_settings(after)
    found = []
    for name in sorted(values.keys() & values_after.keys()):
        old, new = show_value(values[name]), show_value(values_after[name])
        if old != new:
            found.append(AttributeChange(name, old, new, (_location(before, name), _location(after, name))))
    return found


def _evaluate_settings(spec: Spec) -> dict[str, Any]:
    lowering = Lowering(definitions_of(spec))
    values = scope_of(lowering, spec)
    return {name: values[name] for name in (*spec.document.sizes, *spec.document.params)}


def _written_value(spec: Spec, name: str) -> Tree | None:
    """Return what a parameter or size is set to: by the variant, or by its declaration."""
    tree = dict(spec.overrides).get(name) or spec.document.sizes.get(name)
    declared = spec.document.params.get(name)
    return declared.default if tree is None and declared is not None else tree


def _location(spec: Spec, name: str) -> str:
    """Return where a parameter's value is set; "" for outside the text."""
    tree = _written_value(spec, name)
    return show_location(tree.span if tree is not None else None)


def _default_changes(before: Spec, after: Spec) -> list[AttributeChange]:
    """Return the defaults that have another text and another meaning."""
    defaults, defaults_after = before.document.defaults, after.document.defaults
    values = _evaluate_settings(before), _evaluate_settings(after)
    found = []
    for name in sorted({*defaults, *defaults_after}):
        old, new = defaults.get(name), defaults_after.get(name)
        if old is not None and new is not None and plain(old) == plain(new):
            continue  # if both name a parameter whose value differs, that is a separate change
        texts = _show_default(name, old, values[0]), _show_default(name, new, values[1])
        if texts[0] != texts[1]:
            spans = old.span if old is not None else None, new.span if new is not None else None
            where = show_location(spans[0]), show_location(spans[1])
            found.append(AttributeChange(DEFAULT + name, *texts, where))
    return found


def _show_default(name: str, tree: Tree | None, values: dict[str, Any]) -> str:
    """Return a default as text, with a parameter that it names replaced by its value."""
    if tree is None:
        return BUILT_IN.get(name, UNSET)
    written = plain(tree)
    return show_value(values[written]) if isinstance(written, str) and written in values else show_value(written)


def redefined_blocks(before: Spec, after: Spec) -> frozenset[str]:
    """Return the names of the blocks whose definitions differ between two specs."""
    blocks, blocks_after = _plain_blocks(before), _plain_blocks(after)
    return frozenset(name for name in {*blocks, *blocks_after} if blocks.get(name) != blocks_after.get(name))


def _plain_blocks(spec: Spec) -> dict[str, Any]:
    tree = spec.document.tree.get("blocks") if spec.document.tree is not None else None
    blocks = plain(tree) if tree is not None else None
    return blocks if isinstance(blocks, dict) else {}
