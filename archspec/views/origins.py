"""Where a step comes from, in words."""

from __future__ import annotations

from archspec.ir.graph import Call, Step


def origin_of(step: Step) -> str:
    """Where a step was written, with why the compiler put it there where it did."""
    where = str(step.origin.span)
    if step.origin.inserted:
        return f"{step.origin.inserted}, {where}"
    return f"{step.kind} called at {where}" if isinstance(step, Call) else where
