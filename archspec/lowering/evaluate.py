"""Evaluate arguments: from the tree to the value, by the type that the parameter declares."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable
from functools import lru_cache
from typing import Any

from pydantic import ValidationError

from archspec.diagnostics import Fix, Span
from archspec.ir.parameters import Parameter, WrongValue, coerce, expected, show
from archspec.language.expression_values import LARGEST_INTEGER, LONGEST_LIST
from archspec.language.expressions import ExpressionError, evaluate, identifiers_in, interpolate, parse
from archspec.language.free_names import free_names
from archspec.language.models import parse_layers
from archspec.language.nodes import Located
from archspec.language.parse import diagnostics_of
from archspec.language.symbols import Definition
from archspec.language.vocabulary import ROLES, SHORTCUT_KINDS
from archspec.lowering.argument_errors import (
    HINTS,
    locate_expression_error,
    spell_insertion,
    suggest_argument,
    uninserted_expression,
    warn_ambiguous_number,
    warn_uninserted_name,
    wrong_argument,
)
from archspec.lowering.context import Context, SlotValue
from archspec.lowering.errors import LoweringError, Suppressed
from archspec.lowering.values import DEFAULT, FAILED, BlockValue, Keyword, UntypedText
from archspec.source import Mapping, Scalar, Sequence, Tree, describe
from archspec.source.scalars import describe_pitfall

_IDENTIFIER = re.compile(r"[A-Za-z_][A-Za-z0-9_]*\Z")
SHORT_LIST = 64
_ELEMENTS = {"axes": "int", "shape": "int"}


def evaluate_argument(context: Context, parameter: Parameter, tree: Tree) -> Any:
    """Return the value of an argument for a parameter; raise LoweringError at the tree."""
    if parameter.type != "layers":
        suppress_if_failed(context, tree)
    try:
        return coerce(parameter, _raw(context, parameter, tree))
    except WrongValue as error:
        spelt = spell_insertion(context, parameter, tree)
        if spelt is not None:
            raise uninserted_expression(parameter, tree, str(error), spelt).mentioning(free_names(tree)) from None
        raise wrong_argument(parameter, tree, str(error)).mentioning(free_names(tree)) from None
    except LoweringError as problem:
        raise problem.mentioning(free_names(tree)) from None


def suppress_if_failed(context: Context, tree: Tree) -> None:
    """Raise Suppressed if the tree uses a name whose definition failed; avoids follow-up errors."""
    # Before the first failure no name can have failed. A layer that could not be read fails without a finding here.
    if not context.lowering.diagnostics and not context.lowering.limits.failures:
        return
    if any(context.scope.get(name) == FAILED for name in free_names(tree)):
        raise Suppressed


def _raw(context: Context, parameter: Parameter, tree: Tree) -> Any:
    kind = parameter.type
    if isinstance(tree, Scalar) and kind not in ("layers", "block"):
        return _scalar(context, kind, parameter, tree)
    if kind == "layers":
        return _slot(context, parameter, tree)
    if kind == "block":
        return evaluate_block(context, tree, SHORTCUT_KINDS if parameter.name == "shortcut" else ())
    if isinstance(tree, Sequence):
        element = _ELEMENTS.get(kind, parameter.of)
        if element == "str" and not parameter.choices:
            for item in tree.items:
                if isinstance(item, Scalar):
                    warn_uninserted_name(context, parameter, item)
        return tuple(evaluate_element(context, element, item) for item in tree.items)
    assert isinstance(tree, Mapping)
    if kind == "any":
        return evaluate_block(context, tree)
    raise wrong_argument(parameter, tree, f"takes {expected(parameter)}, not a mapping")


def _scalar(context: Context, kind: str, parameter: Parameter, tree: Scalar) -> Any:
    if kind == "str":
        if not parameter.choices:
            warn_uninserted_name(context, parameter, tree)
        return interpolate_scalar(context, tree)
    if not isinstance(tree.value, str):
        return literal_value(context, tree)
    # Words win over names in scope: `padding: auto` means the same in every block.
    if tree.text in parameter.words:
        return tree.text
    # A bound says that the value is a number, so that a text is an expression.
    if kind == "any" and not parameter.is_bounded:
        return _literal(context, tree)
    # An unquoted `yes` is a text in YAML 1.2: explain that instead of reporting an unknown name.
    if not tree.quoted and tree.text not in context.scope and describe_pitfall(tree.text) is not None:
        raise wrong_argument(parameter, tree, f"takes {expected(parameter)}, not {tree.text}")
    try:
        return evaluate_expression(context, tree)
    except LoweringError as problem:
        suggest_argument(parameter, tree, problem)
        raise


def evaluate_element(context: Context, kind: str, tree: Tree) -> Any:
    """Return one element of a list: of `str` and `any` literal, of other types an expression's value."""
    if isinstance(tree, Sequence):
        return tuple(evaluate_element(context, kind, item) for item in tree.items)
    if isinstance(tree, Mapping):
        return evaluate_block(context, tree)
    if kind == "str":
        return interpolate_scalar(context, tree)
    if not isinstance(tree.value, str):
        return literal_value(context, tree)
    return _literal(context, tree) if kind == "any" else evaluate_expression(context, tree)


def literal_value(context: Context, tree: Scalar) -> Any:
    """Return the value of a number, a boolean or null; warn of a number that YAML readers disagree on."""
    if type(tree.value) is int:
        warn_ambiguous_number(context, tree)
    return tree.value


def _literal(context: Context, tree: Scalar) -> Any:
    if _IDENTIFIER.match(tree.text) and tree.text in context.scope:
        return context.scope[tree.text]
    return UntypedText(interpolate_scalar(context, tree))


def evaluate_expression(context: Context, tree: Scalar) -> Any:
    """Return the value of a scalar read as an expression; a number is itself."""
    if not isinstance(tree.value, str):
        return literal_value(context, tree)
    known = context.scope.get(tree.text)
    # Not isinstance(), by which booleans are ints.
    if type(known) is int and abs(known) <= LARGEST_INTEGER:
        return known  # a bare name of a number, as most arguments are
    suppress_if_failed(context, tree)
    _charge(context, tree)
    try:
        return evaluate(parse(tree.text), context.scope)
    except ExpressionError as error:
        raise locate_expression_error(context, tree, error) from None


def _charge(context: Context, tree: Scalar) -> None:
    """Count the work of an expression on long lists, each part of which may walk through a whole one."""
    longest = 0
    for name in identifiers_in(tree.text):
        value = context.scope.get(name)
        if isinstance(value, tuple) and len(value) > longest:
            longest = len(value)
    # range() makes a list whose length is only known when it is evaluated: count the longest there may be.
    if "range" in tree.text:
        longest = LONGEST_LIST
    if longest > SHORT_LIST:
        context.lowering.limits.count_expression(tree.span, (1 + len(tree.text) // 8) * longest)


def evaluate_let(context: Context, tree: Tree) -> Any:
    """Return the value of a `let`: a number, an expression, a block, or lists of them."""
    if isinstance(tree, Sequence):
        return tuple(evaluate_let(context, item) for item in tree.items)
    if isinstance(tree, Mapping):
        return evaluate_block(context, tree)
    return evaluate_expression(context, tree)


def interpolate_scalar(context: Context, tree: Scalar) -> str:
    """Return a scalar's text with its `${...}` replaced."""
    if "${" not in tree.text:
        return tree.text
    suppress_if_failed(context, tree)
    _charge(context, tree)
    try:
        return interpolate(tree.text, context.scope)
    except ExpressionError as error:
        raise locate_expression_error(context, tree, error) from None


def interpolate_text(context: Context, written: str, span: Span) -> str:
    """Return a text with its `${...}` replaced; `span` is its place where the node is not known."""
    return interpolate_scalar(context, scalar_of(written, span))


def scalar_of(written: str, span: Span) -> Scalar:
    """Return the node that a text was read from, or a new one at `span`."""
    return written.tree if isinstance(written, Located) else Scalar(written, written, span)


def evaluate_integer(context: Context, tree: Tree, what: str, ge: int = 0) -> int:
    """Return a whole number that is no parameter of an op or block (repeat, an input's size)."""
    number: int = evaluate_argument(context, _unnamed_parameter(what, "int", ge), tree)
    return number


def evaluate_flag(context: Context, tree: Tree, what: str) -> bool:
    """Return the value of a condition."""
    value: bool = evaluate_argument(context, _unnamed_parameter(what, "bool"), tree)
    return value


@lru_cache(maxsize=256)
def _unnamed_parameter(what: str, kind: str, ge: int | None = None) -> Parameter:
    """Return a parameter for a value that no op or block declares: a condition, a number of repeats."""
    return Parameter(what, kind, ge=ge)


def find_definition(context: Context, name: str, span: Span, words: tuple[str, ...]) -> Definition:
    """Return the op or block of a name; raise SPC005, with the likely one as a hint, if there is none.

    `words` are those of the language that may be written in its place.
    """
    found = context.definitions.find(name, context.in_library)
    if found is None:
        hint, fix = _suggest_definition(context, name, span, words)
        raise LoweringError("SPC005", f"there is no op or block named {name}", span, hint, fix=fix)
    return found


def _suggest_definition(context: Context, name: str, span: Span, words: tuple[str, ...]) -> tuple[str, Fix | None]:
    from archspec.language.suggestions import suggest_layer  # for a mistake alone: a clean lint needs no synonyms

    # `conv:64` is one word in YAML.
    if ":" in name:
        return f"YAML wants a space after the colon: {name.replace(':', ': ', 1)}", None
    # Of the names in scope only those of blocks: a number cannot be a layer.
    blocks = (key for key, value in context.scope.items() if is_block_like(value))
    meant = suggest_layer(name, {*context.definitions.names(context.in_library), *words, *blocks}, span)
    if name in (*SHORTCUT_KINDS, *ROLES, DEFAULT.word) and name not in words:
        also = f"; {meant.hint}" if meant.hint else ""
        return f"that word stands where a block is an argument (shortcut: none), not for a layer{also}", None
    return meant.hint or "archspec list --blocks names all ops and blocks", meant.fix


def evaluate_block(context: Context, tree: Tree, words: Iterable[str] = ()) -> BlockValue | Keyword:
    """Return a block or op from a name, an expression that chooses one, or {block: {arguments}}.

    `words` are those of the language that may be written there, for a hint about a name that is unknown.
    """
    suppress_if_failed(context, tree)
    if isinstance(tree, Mapping):
        return _partial(context, tree)
    if not isinstance(tree, Scalar) or not tree.text:
        raise LoweringError(
            "SPC002", f"expected the name of a block or op, found {describe(tree)}", tree.span, HINTS["block"]
        )
    if not _IDENTIFIER.match(tree.text) and not context.definitions.find(tree.text, context.in_library):
        return as_block(context, _chosen(context, tree), tree.span)
    if tree.text in context.scope and is_block_like(context.scope[tree.text]):
        return as_block(context, context.scope[tree.text], tree.span)
    return as_block(context, tree.text, tree.span, words)


def _chosen(context: Context, tree: Scalar) -> Any:
    """Return the value of an expression whose names may be blocks too: `basic if depth < 50 else bottleneck`."""
    _charge(context, tree)
    try:
        found = parse(tree.text)
        mentioned = identifiers_in(tree.text) - set(context.scope)
        # Expressions have no blocks: a block's name is passed through as a text and looked up afterwards.
        known = {n: n for n in mentioned if context.definitions.find(n, context.in_library)}
        return evaluate(found, {**known, **context.scope})
    except ExpressionError as error:
        raise locate_expression_error(context, tree, error) from None


def is_block_like(value: Any) -> bool:
    """Return whether the name of a parameter with that value may be used as the name of a block."""
    return isinstance(value, (BlockValue, Keyword, UntypedText))


def as_block(context: Context, value: Any, span: Span, words: Iterable[str] = ()) -> BlockValue | Keyword:
    """Return a value as a block; a name is looked up in the definitions visible here. `words`: see evaluate_block."""
    if isinstance(value, (BlockValue, Keyword)):
        return value
    if not isinstance(value, str):
        raise LoweringError("SPC002", f"expected the name of a block or op, found {show(value)}", span, HINTS["block"])
    if value == DEFAULT.word:
        return DEFAULT
    # `identity` is an op as well, which residuals recognise by its name.
    if value in SHORTCUT_KINDS and value != "identity":
        return Keyword(value)
    return BlockValue(find_definition(context, value, span, (*ROLES, *words)))


def _partial(context: Context, tree: Mapping) -> BlockValue | Keyword:
    if len(tree.entries) != 1:
        hint = "put all arguments inside: {bottleneck: {groups: 32, base_width: 4}}"
        raise LoweringError(
            "SPC002", f"expected {{block: {{arguments}}}}, found {len(tree.entries)} keys", tree.span, hint
        )
    key, inner = tree.entries[0]
    value = evaluate_block(context, key)
    if not isinstance(value, BlockValue):
        raise LoweringError("SPC002", f"{key.text} takes no arguments here", key.span, f"write {key.text} alone")
    given = dict(value.arguments)
    if isinstance(inner, Mapping):
        given.update(evaluate_arguments(context, value.definition, inner))
    elif not (isinstance(inner, Scalar) and inner.value is None):
        main = value.definition.main
        if main is None:
            raise LoweringError("SPC002", f"{key.text} takes no argument", inner.span, f"write {key.text} alone")
        given[main.name] = evaluate_argument(context, main, inner)
    return BlockValue(value.definition, tuple(sorted(given.items())))


def evaluate_arguments(context: Context, definition: Definition, tree: Mapping) -> dict[str, Any]:
    """Return the arguments of a mapping, each evaluated as the definition declares it."""
    found = {}
    for key, value in tree.entries:
        found[key.text] = evaluate_argument(context, find_parameter(definition, key, tuple(tree.keys())), value)
    return found


def find_parameter(
    definition: Definition, key: Scalar, keys: Collection[str], reserved: tuple[str, ...] = ()
) -> Parameter:
    """Return the parameter that a key names; raise SPC001, with the likely one as a hint, if there is none.

    `keys` are all keys of the call, `reserved` those that it may have among its arguments.
    """
    parameter = _parameters_by_name(definition).get(key.text)
    if parameter is not None:
        return parameter
    from archspec.language.suggestions import suggest_key

    names = [p.name for p in definition.parameters]
    takes = f"{definition.name} takes " + (", ".join(names) if names else "no arguments")
    meant = suggest_key(key.text, (*names, *reserved), key.span, keys)
    message = f"{definition.name} has no argument {key.text}"
    raise LoweringError("SPC001", message, key.span, meant.hint or takes, fix=meant.fix)


@lru_cache(maxsize=512)
def _parameters_by_name(definition: Definition) -> dict[str, Parameter]:
    return {parameter.name: parameter for parameter in definition.parameters}


def _slot(context: Context, parameter: Parameter, tree: Tree) -> SlotValue:
    if isinstance(tree, Scalar) and isinstance(context.scope.get(tree.text), SlotValue):
        # A slot passed on to an inner block keeps the context that its layers were written in.
        passed: SlotValue = context.scope[tree.text]
        return passed
    if isinstance(tree, (Scalar, Mapping)):
        tree = Sequence((tree,), tree.span)
    return SlotValue(tree, context, free_names(tree))


def read_layers(tree: Tree) -> tuple[Any, ...]:
    """Read the layers that an argument holds."""
    try:
        return parse_layers(tree)
    except ValidationError as error:
        first = diagnostics_of(error, tree)[0]
        raise LoweringError(first.code, first.message, first.span, first.hint) from None


def read_call(tree: Tree) -> Any:
    """Read one op or block, written as in a list of layers."""
    return read_layers(Sequence((tree,), tree.span))[0]
