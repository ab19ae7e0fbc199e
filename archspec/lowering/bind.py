"""Bind the arguments of a call to parameters: written ones first, then `defaults:`, then declared defaults."""

from __future__ import annotations

from functools import lru_cache
from typing import Any

from msgspec import Struct

from archspec.diagnostics import Span
from archspec.ir.parameters import REQUIRED, Parameter, WrongValue, coerce
from archspec.language.layers import RESERVED
from archspec.language.symbols import DeclaredParameter, Definition, OpDefinition
from archspec.lowering.context import Context
from archspec.lowering.definition_order import explain_definition_order
from archspec.lowering.errors import LoweringError, Suppressed
from archspec.lowering.evaluate import (
    evaluate_argument,
    evaluate_block,
    evaluate_element,
    find_parameter,
    literal_value,
)
from archspec.lowering.values import UntypedText
from archspec.source import Mapping, Scalar, Sequence, Tree


class CallArguments(Struct, frozen=True):
    """The arguments of one call as they are written."""

    span: Span
    arguments: tuple[tuple[Scalar, Tree], ...] = ()
    main: Tree | None = None


def bind_arguments(
    context: Context,
    definition: Definition,
    partial: tuple[tuple[str, Any], ...],
    written: CallArguments,
    extra: dict[str, Any],
) -> tuple[dict[str, Any], dict[str, Tree]]:
    """Return the values of all arguments of a call, and the trees of those that are written in it.

    Written arguments win over those of a block value, then those that the compiler supplies, then the defaults.
    Reports every wrong one, then raises Suppressed.
    """
    values: dict[str, Any] = dict(context.defaults.arguments_of(definition.name))
    values.update(extra)
    values.update(partial)
    trees: dict[str, Tree] = {}
    failed = False
    for key, tree in _argument_pairs(context, definition, written):
        try:
            parameter = _resolve_parameter(context, definition, key, written)
            values[parameter.name] = evaluate_argument(context, parameter, tree)
            trees[parameter.name] = tree
        except Suppressed:
            failed = True
        except LoweringError as problem:
            context.lowering.report(problem)
            failed = True
    if failed:
        raise Suppressed
    # Parameters marked `first` (a stage's stride) hold for the first repeat; the later ones use their defaults.
    if context.iteration:
        for parameter in definition.parameters:
            if parameter.first:
                values.pop(parameter.name, None)
    return values, trees


def _resolve_parameter(context: Context, definition: Definition, key: Scalar, written: CallArguments) -> Parameter:
    """Return the parameter that a key names; report a misspelt key and return the likely parameter."""
    try:
        return find_parameter(definition, key, tuple(other.text for other, _ in written.arguments), RESERVED)
    except LoweringError as problem:
        context.lowering.report(problem)
        # The value is checked for the parameter that its fix names, too, unless the call sets that one elsewhere.
        meant = problem.fix.edits[0].replacement if problem.fix is not None else None
        likely = next((p for p in definition.parameters if p.name == meant), None)
        is_main = written.main is not None and definition.main is not None and definition.main.name == meant
        if likely is None or is_main:
            raise Suppressed from None
        return likely


def _argument_pairs(context: Context, definition: Definition, written: CallArguments) -> list[tuple[Scalar, Tree]]:
    pairs = list(written.arguments)
    if written.main is not None:
        main = definition.main
        if main is None:
            message = f"{definition.name} takes no argument"
            hint = f"write `- {definition.name}`"
            if isinstance(written.main, Scalar) and context.definitions.find(written.main.text, context.in_library):
                hint = f"write `- {written.main.text}`, or say so in `defaults:`"
            raise LoweringError("SPC002", message, written.main.span, hint)
        pairs.append((Scalar(main.name, main.name, written.main.span), written.main))
    return pairs


def missing_argument(definition: Definition, parameter: Parameter, span: Span) -> LoweringError:
    """Return the error for a required argument that is missing."""
    about = f" ({parameter.about})" if parameter.about else ""
    hint = f"write `{definition.name}: {{{parameter.name}: ...}}`"
    return LoweringError("SPC009", f"{definition.name} needs {parameter.name}{about}", span, hint)


def require_arguments(definition: OpDefinition, values: dict[str, Any], span: Span) -> dict[str, Any]:
    """Return the attributes to construct an op with; raise LoweringError if a required one is missing."""
    for parameter in _required_parameters(definition):
        if parameter.name not in values:
            raise missing_argument(definition, parameter, span)
    return values


@lru_cache(maxsize=512)
def _required_parameters(definition: OpDefinition) -> tuple[Parameter, ...]:
    return tuple(parameter for parameter in definition.parameters if parameter.required)


def block_scope(
    context: Context,
    definition: Definition,
    declared: tuple[DeclaredParameter, ...],
    values: dict[str, Any],
    span: Span,
) -> dict[str, Any]:
    """Return the scope inside a block: its parameters' values; defaults may use earlier parameters.

    `context` carries the scope that the defaults are evaluated in (the block's, not the caller's).
    """
    scope = dict(context.scope)
    trees = {item.parameter.name: item.default for item in declared if item.default is not None}
    for item in declared:
        name = item.parameter.name
        if name in values:
            scope[name] = values[name]
        elif item.parameter.default is REQUIRED:
            raise missing_argument(definition, item.parameter, span)
        else:
            try:
                scope[name] = default_value(context, item, scope)
            except LoweringError as problem:
                raise explain_definition_order(problem, name, trees) from None
    return scope


def default_value(context: Context, item: DeclaredParameter, scope: dict[str, Any]) -> Any:
    """Return the declared default of a parameter: literal in the short form, else evaluated with earlier parameters."""

    tree = item.default
    assert tree is not None
    inner = context.replace(scope=scope)
    # The short form of a declaration is literal; only the long form has expressions.
    if not item.literal:
        return evaluate_argument(inner, item.parameter, tree)
    if isinstance(tree, Scalar):
        # For its warning; the value itself is the same at every use and cached.
        literal_value(context, tree)
        return _constant(item)
    if isinstance(tree, Mapping):
        return evaluate_block(inner, tree)
    assert isinstance(tree, Sequence)
    kind = "any" if item.parameter.of in ("any", "str") else item.parameter.of
    return tuple(evaluate_element(context.replace(scope={}), kind, entry) for entry in tree.items)


@lru_cache(maxsize=1024)
def _constant(item: DeclaredParameter) -> Any:
    """Return the value of a literal default, which is the same at every use of the block."""
    parameter, tree = item.parameter, item.default
    assert isinstance(tree, Scalar)
    try:
        value = coerce(parameter, tree.value)
    except WrongValue as error:
        raise LoweringError("SPC002", f"{parameter.name} {error}", tree.span) from None
    return UntypedText(value) if isinstance(value, str) and parameter.type == "any" else value
