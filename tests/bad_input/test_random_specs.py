"""Lint answers for every spec; what it accepts, torch builds and runs, with the shapes of the Graph."""

from __future__ import annotations

import time
from typing import Any

import torch
from hypothesis import HealthCheck, given, note, settings

import archspec
from archspec import Diagnostic, SpecError
from archspec.ir.types import ValueType
from tests.bad_input.cases import is_reported
from tests.bad_input.random_specs import specs

NOT_TOO_SLOW = settings(max_examples=100, suppress_health_check=list(HealthCheck))


def samples(inputs: tuple[tuple[str, ValueType], ...]) -> list[torch.Tensor]:
    """A batch of two for each input, on the meta device."""
    kinds = {"ids": torch.int64, "mask": torch.bool}
    made = []
    for _, value in inputs:
        shape = [int(size) for size in value.shape if isinstance(size, int)]
        made.append(torch.empty(2, *shape, dtype=kinds.get(value.kind, torch.float32), device="meta"))
    return made


def flat(value: Any) -> list[torch.Tensor]:
    """The tensors of an output, in order."""
    if isinstance(value, torch.Tensor):
        return [value]
    return [tensor for part in (value.values() if isinstance(value, dict) else value) for tensor in flat(part)]


@given(specs())
@NOT_TOO_SLOW
def test_lint_answers_and_torch_agrees(text: str) -> None:
    note(text)
    started = time.process_time()
    found = archspec.lint(text)
    assert time.process_time() - started < 5
    assert all(isinstance(finding, Diagnostic) for finding in found)
    if not any(finding.is_error for finding in found):
        agrees_with_torch(text)


def agrees_with_torch(text: str) -> None:
    spec = archspec.loads(text)
    graph = archspec.lower(spec)
    archspec.summarize(graph)
    model = archspec.build(spec, device="meta")
    with torch.no_grad():
        outputs = flat(model(*samples(graph.inputs)))
    shapes = [tuple(tensor.shape) for tensor in outputs]
    assert shapes == [(2, *value.shape) for value in graph.output_types]


@given(specs())
@NOT_TOO_SLOW
def test_load_and_lower_raise_nothing_but_spec_errors(text: str) -> None:
    note(text)
    errors = tuple(finding for finding in archspec.lint(text, variants=False) if finding.is_error)
    raised: tuple[Diagnostic, ...] = ()
    try:
        archspec.lower(archspec.loads(text))
    except SpecError as error:
        raised = error.diagnostics
    assert bool(raised) == bool(errors)
    assert [str(finding) for finding in raised if not is_reported(finding, errors)] == []
