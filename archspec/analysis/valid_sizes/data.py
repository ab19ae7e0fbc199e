"""The JSON form of valid sizes, with which a program can decide about any sizes without archspec."""

from __future__ import annotations

from archspec.analysis.valid_sizes.model import InputAxis, LinkedAxes
from archspec.analysis.valid_sizes.size_set import SizeSet
from archspec.ir.sizes import Condition, Dim, Size


def axis_data(axis: InputAxis) -> dict[str, object]:
    """Return an axis as JSON holds it."""
    return {
        "input": axis.input,
        "axis": axis.index,
        "name": axis.name,
        "variable": axis.variable,
        "declared": axis.declared,
        "verdict": axis.verdict,
        "sizes": _set_data(axis.sizes),
        "lossless": _set_data(axis.lossless),
        "nearest": list(axis.nearest(axis.declared)),
    }


def _set_data(sizes: SizeSet) -> list[dict[str, object]]:
    """Return runs: a size belongs to the set if it is in one of them and has one of its remainders by the period."""
    return [
        {"from": run.first, "to": run.last, "period": run.period, "remainders": list(run.residues)}
        for run in sizes.runs()
    ]


def linked_axes_data(linked: LinkedAxes) -> dict[str, object]:
    """Return linked axes as JSON holds them."""
    boxes = None
    if linked.boxes is not None:
        boxes = [{n: _set_data(s) for n, s in zip(linked.variables, box, strict=True)} for box in linked.boxes]
    return {
        "variables": list(linked.variables),
        "conditions": [_condition_data(condition) for condition in linked.conditions],
        "combinations": boxes,
    }


def _condition_data(condition: Condition) -> dict[str, object]:
    left, right = _polynomial_data(condition.left), _polynomial_data(condition.right)
    return {"relation": condition.relation, "left": left, "right": right}


def _polynomial_data(dim: Dim) -> dict[str, object]:
    """Return a constant and products of functions f(n) = table[n mod period] + growth * (n div period)."""
    if isinstance(dim, int):
        return {"constant": dim, "products": []}
    if isinstance(dim, Size):
        return {"constant": 0, "products": [[_size_data(dim)]]}
    return {"constant": dim.constant, "products": [[_size_data(factor) for factor in term] for term in dim.terms]}


def _size_data(size: Size) -> dict[str, object]:
    return {"variable": size.variable, "growth": size.growth, "table": list(size.table)}
