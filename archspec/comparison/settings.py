"""What two specs set differently: sizes, parameters with their values, defaults; and which blocks they define anew."""

from __future__ import annotations

from typing import Any

from archspec.analysis.cost import Cost
from archspec.comparison.arguments import UNSET, shown
from archspec.comparison.difference import Change, Said
from archspec.comparison.parts import place
from archspec.language.load import Spec
from archspec.language.symbols import definitions_of
from archspec.lowering.context import Lowering
from archspec.lowering.root import scope_of
from archspec.source import Tree, plain

BUILT_IN = {"norm": "batch_norm", "act": "relu", "shortcut": "projection"}  # the roles, where no spec says otherwise

DEFAULT = "default "
PASSED_OVER = ("name", "about", "extends", "params", "sizes", "variants", "budget")


def setting_changes(before: Spec, after: Spec, cost: Cost) -> tuple[Change, ...]:
    """A change for each setting that both specs have and that differs; where nothing else does, it has all the cost."""
    said = (*_values(before, after), *_defaults(before, after))
    alone = len(said) == 1 and _rest(before, said[0].name) == _rest(after, said[0].name)
    return tuple(Change("setting", (item,), cost=cost if alone else None) for item in said)


def _rest(spec: Spec, setting: str) -> Any:
    """What a spec says but for one setting, its parameters (whose values are compared) and what does not matter."""
    tree = spec.document.tree
    written = plain(tree) if tree is not None else {}
    rest = {key: value for key, value in written.items() if key not in PASSED_OVER}
    defaults = {
        key: value for key, value in (rest.pop("defaults", None) or {}).items() if key != _default_name(setting)
    }
    return rest, defaults, None if spec.input is None else plain(spec.input)


def _default_name(setting: str) -> str:
    return setting.removeprefix(DEFAULT) if setting.startswith(DEFAULT) else ""


def _values(before: Spec, after: Spec) -> list[Said]:
    """The sizes and parameters that have other values."""
    ours, theirs = _evaluated(before), _evaluated(after)
    said = []
    for name in sorted(ours.keys() & theirs.keys()):
        old, new = shown(ours[name]), shown(theirs[name])
        if old != new:
            said.append(Said(name, old, new, (_where(before, name), _where(after, name))))
    return said


def _evaluated(spec: Spec) -> dict[str, Any]:
    lowering = Lowering(definitions_of(spec.document.blocks), root=spec.root)
    values = scope_of(lowering, spec)
    return {name: values[name] for name in (*spec.document.sizes, *spec.document.params)}


def _where(spec: Spec, name: str) -> str:
    """Where a parameter's value is written: in the variant, in the declaration, or outside the text."""
    tree = dict(spec.overrides).get(name) or spec.document.sizes.get(name)
    declared = spec.document.params.get(name)
    if tree is None and declared is not None:
        tree = declared.default
    return place(tree.span if tree is not None else None)


def _defaults(before: Spec, after: Spec) -> list[Said]:
    """The defaults that are written differently and mean something else."""
    ours, theirs = before.document.defaults, after.document.defaults
    values = _evaluated(before), _evaluated(after)
    said = []
    for name in sorted({*ours, *theirs}):
        old, new = ours.get(name), theirs.get(name)
        if old is not None and new is not None and plain(old) == plain(new):
            continue  # a parameter in it that has another value is told as such
        texts = _default(name, old, values[0]), _default(name, new, values[1])
        if texts[0] != texts[1]:
            where = place(old.span if old is not None else None), place(new.span if new is not None else None)
            said.append(Said(DEFAULT + name, *texts, where))
    return said


def _default(name: str, tree: Tree | None, values: dict[str, Any]) -> str:
    """A default in words; a parameter that it names is its value."""
    if tree is None:
        return BUILT_IN.get(name, UNSET)
    written = plain(tree)
    return shown(values[written]) if isinstance(written, str) and written in values else shown(written)


def redefined(before: Spec, after: Spec) -> frozenset[str]:
    """The names of blocks whose definitions differ between two specs."""
    ours, theirs = _blocks(before), _blocks(after)
    return frozenset(name for name in {*ours, *theirs} if ours.get(name) != theirs.get(name))


def _blocks(spec: Spec) -> dict[str, Any]:
    tree = spec.document.tree.get("blocks") if spec.document.tree is not None else None
    blocks = plain(tree) if tree is not None else None
    return blocks if isinstance(blocks, dict) else {}
