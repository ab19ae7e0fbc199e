"""A spec lowered with torch in the place of every shape rule: what is built, and whether it runs.

Lowering decides which op reads which value; here each op is then run at once, and its output's real shape is what the
next one gets. What archspec checks of shapes and bounds is switched off meanwhile: torch alone refuses.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from typing import Any
from unittest.mock import patch

import torch

from archspec.diagnostics import Diagnostic
from archspec.ir import parameters
from archspec.ir.graph import Body, Node
from archspec.ir.types import UNKNOWN, ValueType
from archspec.language.load import Spec
from archspec.lowering import bodies, lower_partial, ports, residual, specialization, steps
from archspec.lowering.errors import LoweringError
from tests.oracle.torch_ops import Torch, convolution


@dataclass(slots=True)
class Run:
    """The result of one design: the refusals of torch, and errors of the language, because of which it was not run."""

    refused: list[str] = field(default_factory=list)
    unread: list[Diagnostic] = field(default_factory=list)
    last: tuple[ValueType, ValueType] = (UNKNOWN, UNKNOWN)  # the residual that is looked at: its input and its body

    @property
    def valid(self) -> bool:
        return not self.refused and not self.unread


def run(spec: Spec, answers: Torch) -> Run:
    """Run every op of a spec, in training mode on a batch of two."""
    state = Run()
    with _torch_decides(state, answers):
        graph, found, _ = lower_partial(spec)
    state.unread = [d for d in found if d.is_error]
    if graph is not None:
        for body in _bodies(graph.body):
            state.refused.extend(_unshared(body))
    return state


def _bounded(parameter: parameters.Parameter, value: Any) -> None:
    """Check only bounds that torch cannot: those of repeats and of the network's input."""
    if parameter.name == "repeat" and value < 0:
        raise parameters.WrongValue("takes no number below 0")
    if parameter.name in ("a size", "a shape") and min(value if isinstance(value, tuple) else (value,)) < 1:
        raise parameters.WrongValue("takes no size below 1")


@contextmanager
def _torch_decides(state: Run, answers: Torch) -> Iterator[None]:
    """Patch lowering to use torch's answers in place of its shape rules."""
    fits, matching, difference = residual._lower_identity, residual._matching_arguments, residual._shape_change

    def infer(context: Any, op: Any, inputs: tuple[int | None, ...], *_: Any) -> tuple[ValueType, ...]:
        types = tuple(UNKNOWN if v is None else context.type_of(v) for v in inputs)
        if any(v is not None and not t.known for t, v in zip(types, inputs, strict=True)):
            return (UNKNOWN,)
        made = answers.ask(op, types)
        if isinstance(made, str):
            state.refused.append(f"{op.kind}: {made}")
            return (UNKNOWN,)
        return made

    def identity(context: Any, *rest: Any) -> Any:
        try:
            return fits(context, *rest)
        except LoweringError:
            return context.prev  # the add says whether it works

    def remembered(context: Any, body: int) -> Any:
        state.last = (context.type_of(context.prev[0]), context.type_of(body))
        return difference(context, body)

    def matched(*arguments: Any) -> Any:
        try:
            return matching(*arguments)
        except LoweringError:
            if not _some_stride_fits(*state.last):
                state.refused.append(f"no stride makes {state.last[0]} as large as {state.last[1]}")
            raise

    with ExitStack() as stack:
        stack.enter_context(patch.object(steps, "infer", infer))
        # A specialised body takes its shapes from the ops' own rules, without infer() above.
        stack.enter_context(patch.object(specialization, "_specialize", lambda *_: None))
        stack.enter_context(patch.object(residual, "_lower_identity", identity))
        stack.enter_context(patch.object(residual, "_shape_change", remembered))
        stack.enter_context(patch.object(residual, "_matching_arguments", matched))
        stack.enter_context(patch.object(residual, "_check_strides", lambda *_: None))
        stack.enter_context(patch.object(parameters, "_check_bounds", _bounded))
        stack.enter_context(patch.object(ports, "_check_kinds", lambda *_: None))
        stack.enter_context(patch.object(bodies, "find_share_mismatches", lambda _: ()))
        yield


def _some_stride_fits(before: ValueType, after: ValueType) -> bool:
    """Return whether a 1x1 convolution of some stride makes one map as large as another."""
    if before.kind != after.kind or len(before.shape) != len(after.shape):
        return False
    pairs = [(int(n), int(m)) for n, m in zip(before.spatial, after.spatial, strict=True)]  # type: ignore[arg-type]
    return all(any((n - 1) // s + 1 == m for s in range(1, n + 1)) for n, m in pairs)


def _bodies(body: Body) -> Iterator[Body]:
    yield body
    for step in body.steps:
        if not isinstance(step, Node):
            yield from _bodies(step.body)


def _unshared(body: Body) -> Iterator[str]:
    """Yield a message for each convolution that cannot load the weights that it shares."""
    made = {step.scope: step for step in body.steps}
    for step in body.steps:
        for share in step.share:
            other = made[share.path]
            if not (isinstance(step, Node) and isinstance(other, Node) and step.kind == other.kind == "conv"):
                continue
            types = (body.input_types(step)[0], body.input_types(other)[0])
            if not all(t.known for t in types) or not (step.outputs[0].known and other.outputs[0].known):
                continue
            with torch.device("meta"):
                mine, theirs = convolution(step.op, types[0]), convolution(other.op, types[1])
            try:
                mine.load_state_dict(theirs.state_dict(), assign=True)
            except RuntimeError as error:
                yield f"share: {error}"
