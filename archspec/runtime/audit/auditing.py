"""Run the checkers, and compare their figures with archspec's."""

from __future__ import annotations

import warnings
from collections.abc import Iterable

from archspec.analysis.cost import graph_cost
from archspec.analysis.training_macs import training_macs
from archspec.ir.graph import Graph
from archspec.runtime.audit.checker import Checker, FigureName, apply_rule
from archspec.runtime.audit.checkers import find_checker
from archspec.runtime.audit.layers import CountedLayer, layers_of
from archspec.runtime.audit.report import Audit, Checked, Figure, Term


def run(graph: Graph, names: Iterable[str]) -> Audit:
    """Compare the figures of a graph without errors with those of the checkers of these names."""
    cost = graph_cost(graph)
    ours: dict[FigureName, int] = {"params": cost.params, "macs": cost.macs, "training_macs": training_macs(graph)}
    layers = layers_of(graph)
    checked = tuple(_checked(find_checker(name), graph, layers, ours) for name in names)
    return Audit(graph.name, graph.variant, graph.inputs, cost.params, cost.macs, ours["training_macs"], checked)


def _checked(checker: Checker, graph: Graph, layers: tuple[CountedLayer, ...], ours: dict[FigureName, int]) -> Checked:
    version = checker.version
    if not version:
        return Checked(checker.name, "", checker.about)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # of tracing and of what the checker itself uses
            theirs = checker.count(graph)
    except Exception as error:  # a counter that is not ours may fail with anything
        cause = error.__cause__ or error
        lines = str(cause).strip().splitlines() or [type(cause).__name__]
        return Checked(checker.name, version, checker.about, error=f"it failed: {lines[0]}")
    figures = tuple(figure(checker, name, ours[name], count, layers) for name, count in theirs.items())
    return Checked(checker.name, version, checker.about, figures)


def figure(checker: Checker, name: FigureName, ours: int, theirs: int, layers: tuple[CountedLayer, ...]) -> Figure:
    """Return one figure with the rules whose amount is not 0."""
    terms = []
    for rule in checker.rules:
        if rule.figure == name:
            # From the ops alone, never from `theirs`: a mistake on either side stays visible as an unexplained rest.
            amount, concerned = apply_rule(rule, layers)
            if amount:
                terms.append(Term(rule.words, amount, concerned))
    return Figure(name, ours, theirs, tuple(terms))
