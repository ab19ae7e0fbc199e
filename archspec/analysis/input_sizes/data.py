"""Valid sizes as data, from which a program can decide of any sizes without archspec."""

from __future__ import annotations

from archspec.analysis.input_sizes.joint import Joint
from archspec.analysis.input_sizes.size_set import SizeSet
from archspec.analysis.input_sizes.valid_sizes import Axis, ValidSizes
from archspec.ir.sizes import Condition, Dim, Size


def as_data(sizes: ValidSizes) -> dict[str, object]:
    """Dicts, lists, texts and numbers alone."""
    return {
        "verdict": sizes.verdict,
        "bounded": sizes.bounded,
        "tried": sizes.tried,
        "description": sizes.describe(),
        "axes": [_axis(axis) for axis in sizes.axes],
        "together": [_joint(joint) for joint in sizes.joints],
    }


def _axis(axis: Axis) -> dict[str, object]:
    return {
        "input": axis.input,
        "axis": axis.index,
        "name": axis.name,
        "variable": axis.variable,
        "declared": axis.declared,
        "verdict": axis.verdict,
        "sizes": _set(axis.sizes),
        "lossless": _set(axis.lossless),
        "nearest": list(axis.nearest(axis.declared)),
    }


def _set(sizes: SizeSet) -> list[dict[str, object]]:
    """A size belongs to the set if it lies in one of these, with one of its remainders by the period."""
    return [
        {"from": run.first, "to": run.last, "period": run.period, "remainders": list(run.residues)}
        for run in sizes.runs()
    ]


def _joint(joint: Joint) -> dict[str, object]:
    boxes = None
    if joint.boxes is not None:
        boxes = [{n: _set(s) for n, s in zip(joint.variables, box, strict=True)} for box in joint.boxes]
    return {
        "variables": list(joint.variables),
        "conditions": [_condition(condition) for condition in joint.conditions],
        "combinations": boxes,
    }


def _condition(condition: Condition) -> dict[str, object]:
    left, right = _sum(condition.left), _sum(condition.right)
    return {"relation": condition.relation, "left": left, "right": right}


def _sum(dim: Dim) -> dict[str, object]:
    """A constant and products of functions f(n) = table[n mod period] + growth * (n div period)."""
    if isinstance(dim, int):
        return {"constant": dim, "products": []}
    if isinstance(dim, Size):
        return {"constant": 0, "products": [[_function(dim)]]}
    return {"constant": dim.constant, "products": [[_function(factor) for factor in term] for term in dim.terms]}


def _function(size: Size) -> dict[str, object]:
    return {"variable": size.variable, "growth": size.growth, "table": list(size.table)}
