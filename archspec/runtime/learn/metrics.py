"""How good a model is: torchmetrics over examples, in evaluation."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import cache
from math import log2, nan
from typing import Any

import torch

from archspec.runtime.learn.examples import Examples, ExampleSet


@contextmanager
def evaluating(model: torch.nn.Module) -> Iterator[None]:
    """The model in evaluation, without gradients; in training afterwards."""
    model.eval()
    try:
        with torch.no_grad():
            yield
    finally:
        model.train()


def measured(model: torch.nn.Module, examples: Examples, part: ExampleSet, batch: int, device: torch.device) -> float:
    """The metric of the examples on a part of them, nan where a score is not finite; the model is left as it was."""
    metric = None
    with evaluating(model):
        for first in range(0, len(part), batch):
            chosen = part.take(torch.arange(first, min(first + batch, len(part))))
            scores = scored(model, examples.prepare(chosen.inputs.to(device)))
            if not bool(torch.isfinite(scores).all()):
                return nan
            metric = metric or metric_of(examples.metric, scores.shape[1]).to(device)
            metric.update(_given(examples.metric, scores), chosen.targets.to(device))
    assert metric is not None
    value = float(metric.compute())
    return log2(value) if examples.metric == "bits per character" else value


def scored(model: Callable[..., torch.Tensor], inputs: torch.Tensor) -> torch.Tensor:
    """The scores with their classes on the second axis, as torch's losses and most metrics take them."""
    scores = model(inputs)
    return scores.transpose(1, 2) if scores.dim() == 3 else scores  # tokens: [batch, position, class]


def _given(metric: str, scores: torch.Tensor) -> torch.Tensor:
    return scores.transpose(1, 2) if metric == "bits per character" else scores


def metric_of(name: str, classes: int) -> Any:
    """torchmetrics' own: perplexity is 2 to the power of the bits per character."""
    if name == "accuracy":
        return _torchmetrics().classification.MulticlassAccuracy(classes, average="micro")
    if name == "mean IoU":
        return _torchmetrics().classification.MulticlassJaccardIndex(classes)
    return _torchmetrics().text.Perplexity()


@cache
def _torchmetrics() -> Any:
    """torchmetrics, also beside a torchvision that does not work, which it would import and which is not used here."""
    with _without_broken_torchvision():
        import torchmetrics.classification
        import torchmetrics.text
    return torchmetrics


@contextmanager
def _without_broken_torchvision() -> Iterator[None]:
    """Let torchmetrics find no torchvision where that cannot be imported, as one made for another build of torch."""
    from lightning_utilities.core import imports

    try:
        import torchvision  # noqa: F401  # only to see whether it can be
    except (ImportError, RuntimeError, OSError):
        there: Any = imports.RequirementCache

        class Found(there):  # type: ignore[misc]  # mypy takes no base that is a variable
            def __bool__(self) -> bool:
                return self.requirement != "torchvision" and bool(super().__bool__())

        imports.RequirementCache = Found  # type: ignore[misc]
        try:
            yield
        finally:
            imports.RequirementCache = there  # type: ignore[misc]
    else:
        yield
