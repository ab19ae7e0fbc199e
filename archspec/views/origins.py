"""Describe where a step comes from."""

from __future__ import annotations

from archspec.ir.graph import Call, Step


def describe_origin(step: Step) -> str:
    """Return the place of a step in the text, and why the compiler inserted it if it did."""
    where = str(step.origin.span)
    if step.origin.inserted:
        return f"{step.origin.inserted}, {where}"
    return f"{step.kind} called at {where}" if isinstance(step, Call) else where
