"""Evaluate a spec's sizes, parameters and lets, each of which may use those before it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial
from typing import Any

from archspec.language.load import Spec
from archspec.language.symbols import DeclaredParameter, declare
from archspec.lowering.bind import default_value
from archspec.lowering.context import Context
from archspec.lowering.definition_order import explain_definition_order
from archspec.lowering.errors import LimitExceeded, LoweringError, Suppressed
from archspec.lowering.evaluate import evaluate_argument, evaluate_integer, evaluate_let
from archspec.lowering.values import FAILED
from archspec.source import Tree


def evaluate_parameters(context: Context, spec: Spec, given: Mapping[str, Any]) -> dict[str, Any]:
    """Return every name with its value, FAILED for those whose error has been reported.

    `given`: the values of parameters that a layer sets, where the spec is used as one.
    """
    document, overrides = spec.document, dict(spec.overrides)
    declared = {name: declare(name, item) for name, item in document.params.items()}
    written = {name: tree for name, item in declared.items() if (tree := overrides.get(name, item.default)) is not None}
    # In order of evaluation, which is what an error about a wrong order has to explain.
    trees = {**document.sizes, **written, **document.let}
    scope: dict[str, Any] = {}
    for name, tree in document.sizes.items():
        scope[name] = _evaluate_or_fail(
            context, scope, name, trees, partial(evaluate_integer, tree=tree, what=name, ge=1)
        )
    for name, item in declared.items():
        if name in given:
            scope[name] = given[name]
            continue
        scope[name] = _evaluate_or_fail(context, scope, name, trees, _parameter(item, spec, overrides.get(name)))
    for name, value in evaluate_lets(context, scope, document.let, trees).items():
        scope[name] = value
    return scope


def evaluate_lets(
    context: Context, scope: Mapping[str, Any], written: Mapping[str, Tree], trees: Mapping[str, Tree]
) -> dict[str, Any]:
    """Return the values of `let:`, evaluated in `scope`; `trees`: all definitions in order, for messages."""
    known = dict(scope)
    for name, tree in written.items():
        known[name] = _evaluate_or_fail(context, known, name, trees, partial(evaluate_let, tree=tree))
    return {name: known[name] for name in written}


def _parameter(item: DeclaredParameter, spec: Spec, override: Tree | None) -> Callable[[Context], Any]:
    def value(inner: Context) -> Any:
        # An override is an expression of the earlier names, as a default in the long form is.
        if override is not None:
            return evaluate_argument(inner, item.parameter, override)
        if item.default is None:
            name = item.parameter.name
            span = spec.document.params[name].span
            raise LoweringError("SPC009", f"the parameter {name} has no value", span, "give it a default, or --set")
        return default_value(inner, item, inner.scope)

    return value


def _evaluate_or_fail(
    context: Context, scope: dict[str, Any], name: str, trees: Mapping[str, Tree], value: Callable[[Context], Any]
) -> Any:
    """Return one value; report what is wrong with it and return FAILED."""
    try:
        return value(context.replace(scope=scope))
    except LimitExceeded:
        raise
    except Suppressed:
        return FAILED
    except LoweringError as problem:
        context.lowering.report(explain_definition_order(problem, name, trees))
        return FAILED
