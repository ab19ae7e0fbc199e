"""Errors about arguments and expressions: at the character, with what could be written instead."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from archspec.diagnostics import Edit, Fix, Severity, spelling_fix
from archspec.ir.parameters import Parameter, WrongValue, coerce, show
from archspec.language.expressions import ExpressionError, evaluate, identifiers_in, parse
from archspec.lowering.context import Context
from archspec.lowering.errors import LoweringError
from archspec.source import Scalar, Tree
from archspec.source.scalars import describe_pitfall, has_leading_zero, intended_value

if TYPE_CHECKING:
    from archspec.language.suggestions import Suggestion

HINTS: Final = {
    "int": "write such a number, or an expression that gives one (as a parameter's default: {type: int, default: ...})",
    "float": "write a number, or an expression that gives one",
    "bool": "write true, false, or a condition such as width > 64",
    "axes": "write one whole number, or a list with one for each axis: [3, 3]",
    "shape": "write a list of whole numbers: [4, 8]",
    "list": "write a list: [1, 2]",
    "str": "write one of them as it stands",
    "layers": "write a list of layers: [relu, {conv: 64}]",
    "block": "write the name of a block or op",
}


def wrong_argument(parameter: Parameter, tree: Tree, message: str) -> LoweringError:
    """Return the error for an argument that its parameter does not take, with what to write instead."""
    code, hint = "SPC002", HINTS.get(parameter.type, "")
    meant = _suggest_word(parameter, tree)
    # The message ends in the value that was evaluated (`takes an int, not yes`). It differs from the text where a
    # name is written here and the pitfall is where that name is defined.
    given = message.rpartition(", not ")[2]
    if not meant.hint and isinstance(tree, Scalar) and given != tree.text:
        hint = _suggest_word(parameter, Scalar(given, given, tree.span)).hint or hint
    hint, fix = meant.hint or hint, meant.fix
    sentence = describe_pitfall(given) if isinstance(tree, Scalar) and not tree.quoted else None
    # YAML 1.1's booleans (yes, off) explain nothing where no boolean is taken.
    if isinstance(tree, Scalar) and sentence is not None and (parameter.type == "bool" or "boolean" not in sentence):
        code, hint = "SPC004", sentence if given == tree.text else f"{sentence} where {tree.text} is defined"
        fix = _unambiguous_fix(tree) if given == tree.text else None
    return LoweringError(code, f"{parameter.name} {message}", tree.span, hint, fix=fix)


def suggest_argument(parameter: Parameter, tree: Scalar, problem: LoweringError) -> None:
    """Give an error about a word the hint and the fix for one that the parameter takes, if one may be meant."""
    meant = _suggest_word(parameter, tree)
    problem.hint, problem.fix = meant.hint or problem.hint, meant.fix or problem.fix


def _suggest_word(parameter: Parameter, tree: Tree) -> Suggestion:
    from archspec.language.suggestions import Suggestion, suggest_value  # for a mistake alone

    if not isinstance(tree, Scalar):
        return Suggestion()
    # Keras writes `valid` for no padding.
    numbers = ("0",) if parameter.name == "padding" else ()
    return suggest_value(tree.text, (*parameter.choices, *parameter.words, *numbers), tree.span)


def spell_insertion(context: Context, parameter: Parameter, tree: Tree) -> str | None:
    """Return the text as `${...}`, if it is an expression whose value the parameter takes; None if it is not."""
    if parameter.type != "str" or not isinstance(tree, Scalar) or "${" in tree.text:
        return None
    try:
        value = evaluate(parse(tree.text), context.scope)
        if not isinstance(value, str):
            return None
        coerce(parameter, value)
    except (ExpressionError, WrongValue):
        return None
    return "${" + tree.text + "}"


def uninserted_expression(parameter: Parameter, tree: Tree, message: str, spelt: str) -> LoweringError:
    """Return the error for a text that was meant as an expression."""
    hint = f'write "{spelt}": in a text, ${{...}} inserts the value of an expression'
    return LoweringError("SPC002", f"{parameter.name} {message}", tree.span, hint, fix=_insertion_fix(tree, spelt))


def warn_uninserted_name(context: Context, parameter: Parameter, tree: Scalar) -> None:
    """Warn of a text that is the name of a text in scope and is taken literally; in quotes, that is meant."""
    if tree.quoted or not isinstance(context.scope.get(tree.text), str):
        return
    spelt = "${" + tree.text + "}"
    message = f"{parameter.name} is the text {tree.text}, not the value of {tree.text}"
    hint = f'write "{spelt}" for its value, or "{tree.text}" in quotes for the text'
    fix = _insertion_fix(tree, spelt)
    context.lowering.report(LoweringError("SPC012", message, tree.span, hint, severity=Severity.WARNING, fix=fix))


def _insertion_fix(tree: Tree, spelt: str) -> Fix | None:
    if tree.span.line != tree.span.end_line or tree.alias is not None or '"' in spelt or "\\" in spelt:
        return None
    return Fix("unsafe", (Edit(tree.span, f'"{spelt}"'),))


def warn_ambiguous_number(context: Context, tree: Scalar) -> None:
    """Warn of a number that other readers of YAML take for another one."""
    if has_leading_zero(tree.text) and not tree.quoted:
        message, _, hint = (describe_pitfall(tree.text) or "").partition(": ")
        problem = LoweringError(
            "SPC004", message, tree.span, hint, severity=Severity.WARNING, fix=_unambiguous_fix(tree)
        )
        context.lowering.report(problem)


def _unambiguous_fix(tree: Scalar) -> Fix | None:
    """Return the edit that writes a scalar so that all readers of YAML agree on it; None if there is none."""
    replacement = intended_value(tree.text)
    return None if replacement is None else Fix("safe", (Edit(tree.span, replacement),))


def locate_expression_error(context: Context, tree: Scalar, error: ExpressionError) -> LoweringError:
    """Return an expression's error as a LoweringError at the character where it is."""
    # The span of a quoted scalar includes its quotes, the expression's offsets do not.
    quote = 1 if tree.quoted else 0
    span = tree.span.shifted(error.offset + quote, error.length)
    # With an escape in the quotes, offsets into the text are not those of the spec.
    is_verbatim = tree.span.end_column - tree.span.column == len(tree.text) + 2 * quote
    name = tree.text[error.offset : error.offset + error.length]
    fix = spelling_fix(name, context.scope, span) if error.code == "SPC005" and is_verbatim else None
    return LoweringError(error.code, error.message, span, error.hint or _hint_names(context, tree, error.code), fix=fix)


def _hint_names(context: Context, tree: Scalar, code: str) -> str:
    """Return a hint for a failed expression: the names in scope if one is unknown, else the values of those it uses."""
    if code == "SPC005":
        names = sorted(context.scope)
        inside = "; a block sees its own parameters only" if context.lowering.frames else ""
        return ("names here: " + ", ".join(names[:20]) if names else "there are no names here") + inside
    used = sorted(name for name in identifiers_in(tree.text) if name in context.scope)
    if used:
        return "here " + ", ".join(f"{name} is {show(context.scope[name])}" for name in used[:8])
    return "an expression has numbers, names, operators and functions such as max and len"
