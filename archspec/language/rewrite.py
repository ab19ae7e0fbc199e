"""Rewriting: a spec's text under another name, its variant worked in, with its comments."""

from __future__ import annotations

from typing import Any

from archspec.diagnostics import Edit
from archspec.language.flatten import flatten
from archspec.language.load import Spec, loads_partial
from archspec.source import Mapping, plain
from archspec.source.edits import remove_entry, set_entry
from archspec.source.fixing import apply_edits
from archspec.source.layout import Layout


def rewrite(spec: Spec, name: str) -> str:
    """Return a text of the same meaning that includes no other file by `extends`, under another name.

    The text of the spec itself is edited, so that comments and layout stay. Its variant's values become the defaults
    of its parameters, and its variants are left out; without a variant they stay. A text that cannot be edited so (it
    extends another, or is laid out in a rare way) is written anew, without comments.
    """
    edited = _edit(spec, name)
    if edited is not None:
        again, _ = loads_partial(edited, spec.file, spec.root)
        if again is not None and _without_name(flatten(again)) == _without_name(flatten(spec)):
            return edited
    return set_name(flatten(spec), name)


def set_name(text: str, name: str) -> str:
    """Return the text of a spec with another name."""
    spec, _ = loads_partial(text, "<text>")
    assert spec is not None
    tree = spec.document.tree
    assert isinstance(tree, Mapping)
    return apply_edits(text, set_entry(Layout(text, tree), tree, "name", name))


def _edit(spec: Spec, name: str) -> str | None:
    tree = spec.document.tree
    # Of a spec that extends another, the tree is the other's, and the text its own.
    if not isinstance(tree, Mapping) or tree.span.file != spec.file or tree.get("extends") is not None:
        return None
    layout = Layout(spec.text, tree)
    edits: list[Edit] = []
    if tree.get("name") is not None:
        edits.extend(set_entry(layout, tree, "name", name))
    params = tree.get("params")
    for key, value in dict(spec.overrides).items():
        if not isinstance(params, Mapping):
            return None
        edits.extend(_set_default(layout, params, key, plain(value)))
    if spec.variant:
        edits.extend(remove_entry(layout, tree, "variants"))
    return apply_edits(spec.text, edits).rstrip() + "\n"


def _set_default(layout: Layout, params: Mapping, key: str, value: Any) -> tuple[Edit, ...]:
    """Set the default of a declared parameter, in its long form (`{type: int, default: 1}`) where it has that."""
    declared = params.get(key)
    if isinstance(declared, Mapping) and (declared.get("type") is not None or declared.get("default") is not None):
        return set_entry(layout, declared, "default", value)
    return set_entry(layout, params, key, value)


def _without_name(text: str) -> str:
    # `name` is the first key of a flattened spec.
    return text.partition("\n")[2]
