"""Ops that work on each element alone: the shape stays."""

from __future__ import annotations

from typing import ClassVar

from archspec.ir.op import Check, Op
from archspec.ir.types import ValueType
from archspec.ops._requirements import require_numbers


class Elementwise(Op):
    """An activation: any map, tokens or vector to the same shape.

    `operations` counts additions, multiplications, divisions, comparisons and function calls (exp, log, tanh, erf)
    for one element, each as one.
    """

    is_pointwise = True

    operations: ClassVar[int] = 1

    def infer(self, inputs: tuple[ValueType, ...], check: Check) -> tuple[ValueType, ...]:
        require_numbers(self, inputs[0])
        return (inputs[0],)

    def elementwise_flops(self, inputs: tuple[ValueType, ...], outputs: tuple[ValueType, ...]) -> int:
        return self.operations * outputs[0].elements
