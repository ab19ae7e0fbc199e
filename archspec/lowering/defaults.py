"""`defaults:` of a spec, a block or a layer: roles and arguments, the innermost winning."""

from __future__ import annotations

from typing import Any

from archspec.diagnostics import Cause
from archspec.language.symbols import op_definition
from archspec.language.vocabulary import ROLES, SHORTCUT_KINDS
from archspec.lowering.context import Context
from archspec.lowering.errors import LoweringError, Suppressed
from archspec.lowering.evaluate import as_block, evaluate_arguments, evaluate_block, find_definition
from archspec.lowering.values import DEFAULT, FAILED, BlockValue, DefaultBindings, Keyword
from archspec.source import Mapping, Scalar, Tree


def built_in_defaults() -> DefaultBindings:
    """Return the defaults of the language: batch_norm, relu, projection."""
    norm, act = op_definition("batch_norm"), op_definition("relu")
    assert norm is not None
    assert act is not None
    return DefaultBindings((("act", BlockValue(act)), ("norm", BlockValue(norm)), ("shortcut", Keyword("projection"))))


def with_defaults(context: Context, trees: dict[str, Any]) -> Context:
    """Return the context with more defaults, each evaluated here; report those that are wrong."""
    defaults = context.defaults
    for name, tree in trees.items():
        try:
            defaults = _with_one(context, defaults, name, tree)
        except (LoweringError, Suppressed) as problem:
            if isinstance(problem, LoweringError):
                context.lowering.report(problem)
            # Falling back to the enclosing default could report errors about a block that the spec does not use here.
            defaults = defaults.with_role(name, FAILED)
    return context.replace(defaults=defaults)


def _with_one(context: Context, defaults: DefaultBindings, name: str, tree: Tree) -> DefaultBindings:
    if name not in ROLES:
        return _arguments(context, defaults, name, tree)
    value = evaluate_block(context, tree, SHORTCUT_KINDS if name == "shortcut" else ())
    return defaults if value == DEFAULT else defaults.with_role(name, value, tree.span)


def _arguments(context: Context, defaults: DefaultBindings, name: str, tree: Tree) -> DefaultBindings:
    key = tree.key or Scalar(name, name, tree.span)
    definition = find_definition(context, name, key.span, tuple(ROLES))
    if not isinstance(tree, Mapping):
        hint = f"write `{name}: {{argument: value}}`; the roles {', '.join(ROLES)} take a block"
        raise LoweringError("SPC002", f"the defaults of {name} are a mapping of arguments", tree.span, hint)
    return defaults.with_arguments(name, evaluate_arguments(context, definition, tree), tree.span)


def resolve_role(context: Context, role: str) -> BlockValue | Keyword:
    """Return the block of a role here; raise Suppressed where its definition failed."""
    value = context.defaults.role(role)
    if value is None:
        value = built_in_defaults().role(role)
    assert value is not None
    if not isinstance(value, Keyword):
        return value
    if value == FAILED:
        raise Suppressed
    # The keyword means the library's block, also where the spec has one of that name.
    if value.word == "projection":
        found = context.definitions.find("projection", library=True)
        assert found is not None
        return BlockValue(found)
    return value


def role_causes(context: Context, role: str) -> tuple[Cause, ...]:
    """Return the place where the user defines a role, as a cause; nothing for the library's own defaults."""
    place = dict(context.defaults.places).get(role)
    if place is None or place.in_library:
        return ()
    return (Cause(f"{role} stands for {context.defaults.role(role)}", place),)


__all__ = ["as_block", "built_in_defaults", "resolve_role", "role_causes", "with_defaults"]
