"""Arguments to parameters: what is written, then the defaults', then the declared defaults."""

from __future__ import annotations

from typing import Any

from msgspec import Struct

from archspec.diagnostics import Span, did_you_mean
from archspec.ir.parameters import REQUIRED, Parameter, WrongValue, coerce
from archspec.language.symbols import Declared, Definition, OpDefinition
from archspec.lowering.context import Context
from archspec.lowering.definition_order import ordered
from archspec.lowering.evaluate import argument, block_value, element_value, known_parameter, plain_value
from archspec.lowering.problem import Problem, Suppressed
from archspec.lowering.values import Untyped
from archspec.source import Mapping, Scalar, Sequence, Tree


class Written(Struct, frozen=True):
    """The arguments of one use as they stand in the text."""

    span: Span
    arguments: tuple[tuple[Scalar, Tree], ...] = ()
    main: Tree | None = None


def given(
    context: Context,
    definition: Definition,
    partial: tuple[tuple[str, Any], ...],
    written: Written,
    extra: dict[str, Any],
) -> tuple[dict[str, Any], dict[str, Tree]]:
    """The arguments that somebody gives, evaluated, and those that are written, as trees.

    What is written wins over what a block value carries, then what the compiler hands over, then the defaults.
    Reports every wrong one and then raises Suppressed.
    """
    values: dict[str, Any] = {**dict(context.defaults.arguments_of(definition.name)), **extra, **dict(partial)}
    trees: dict[str, Tree] = {}
    failed = False
    for key, tree in _pairs(context, definition, written):
        try:
            parameter = _meant(context, definition, key, written)
            values[parameter.name] = argument(context, parameter, tree)
            trees[parameter.name] = tree
        except Suppressed:
            failed = True
        except Problem as problem:
            context.lowering.report(problem)
            failed = True
    if failed:
        raise Suppressed
    if context.iteration:
        for parameter in definition.parameters:
            if parameter.first:
                values.pop(parameter.name, None)
    return values, trees


def _meant(context: Context, definition: Definition, key: Scalar, written: Written) -> Parameter:
    """The parameter that a key names; one that is misspelt is reported, and the rest checked with the likely one."""
    try:
        return known_parameter(definition, key)
    except Problem as problem:
        context.lowering.report(problem)
        close = did_you_mean(key.text, (parameter.name for parameter in definition.parameters))
        taken = {other.text for other, _ in written.arguments}
        likely = next((p for p in definition.parameters if p.name == close and close not in taken), None)
        is_main = written.main is not None and definition.main is not None and definition.main.name == close
        if likely is None or is_main:
            raise Suppressed from None
        return likely


def _pairs(context: Context, definition: Definition, written: Written) -> list[tuple[Scalar, Tree]]:
    pairs = list(written.arguments)
    if written.main is not None:
        main = definition.main
        if main is None:
            message = f"{definition.name} takes no argument"
            hint = f"write `- {definition.name}`"
            if isinstance(written.main, Scalar) and context.lowering.definitions.find(
                written.main.text, context.in_library
            ):
                hint = f"write `- {written.main.text}`, or say so in `defaults:`"
            raise Problem("SPC002", message, written.main.span, hint)
        pairs.append((Scalar(main.name, main.name, written.main.span), written.main))
    return pairs


def missing(definition: Definition, parameter: Parameter, span: Span) -> Problem:
    """The error for a required argument that nobody gives."""
    about = f" ({parameter.about})" if parameter.about else ""
    hint = f"write `{definition.name}: {{{parameter.name}: ...}}`"
    return Problem("SPC009", f"{definition.name} needs {parameter.name}{about}", span, hint)


def op_attributes(definition: OpDefinition, values: dict[str, Any], span: Span) -> dict[str, Any]:
    """The attributes to construct an op with."""
    for parameter in definition.parameters:
        if parameter.required and parameter.name not in values:
            raise missing(definition, parameter, span)
    return values


def block_scope(
    context: Context, definition: Definition, declared: tuple[Declared, ...], values: dict[str, Any], span: Span
) -> dict[str, Any]:
    """The values of a block's parameters in its own scope; defaults may use earlier parameters.

    `context` carries the scope that the defaults are evaluated in (the block's, not the caller's).
    """
    scope = dict(context.scope)
    trees = {item.parameter.name: item.default for item in declared if item.default is not None}
    for item in declared:
        name = item.parameter.name
        if name in values:
            scope[name] = values[name]
        elif item.parameter.default is REQUIRED:
            raise missing(definition, item.parameter, span)
        else:
            try:
                scope[name] = default_value(context, item, scope)
            except Problem as problem:
                raise ordered(problem, name, trees) from None
    return scope


def default_value(context: Context, item: Declared, scope: dict[str, Any]) -> Any:
    """The declared default of a parameter: literal in the short form, else evaluated with earlier parameters."""

    tree = item.default
    assert tree is not None
    inner = context.but(scope=scope)
    if not item.literal:
        return argument(inner, item.parameter, tree)
    if isinstance(tree, Scalar):
        plain_value(context, tree)
        return _checked(item.parameter, tree)
    if isinstance(tree, Mapping):
        return block_value(inner, tree)
    assert isinstance(tree, Sequence)
    kind = "any" if item.parameter.of in ("any", "str") else item.parameter.of
    return tuple(element_value(context.but(scope={}), kind, entry) for entry in tree.items)


def _checked(parameter: Parameter, tree: Scalar) -> Any:
    try:
        value = coerce(parameter, tree.value)
    except WrongValue as error:
        raise Problem("SPC002", f"{parameter.name} {error}", tree.span) from None
    return Untyped(value) if isinstance(value, str) and parameter.type == "any" else value
