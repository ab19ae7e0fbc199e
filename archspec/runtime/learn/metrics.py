"""The metric of a model: torchmetrics over examples, in evaluation mode."""

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
    """Switch the model to evaluation without gradients, and back to training afterwards."""
    model.eval()
    try:
        with torch.no_grad():
            yield
    finally:
        model.train()


def measured(model: torch.nn.Module, examples: Examples, part: ExampleSet, batch: int, device: torch.device) -> float:
    """Return the metric on some of the examples; nan if a score is not finite."""
    metric = None
    with evaluating(model):
        for first in range(0, len(part), batch):
            chosen = part.take(torch.arange(first, min(first + batch, len(part))))
            scores = scored(model, examples.prepare(chosen.inputs.to(device)))
            if not bool(torch.isfinite(scores).all()):
                return nan
            metric = metric or metric_of(examples.metric, scores.shape[1]).to(device)
            metric.update(_metric_scores(examples.metric, scores), chosen.targets.to(device))
    assert metric is not None
    value = float(metric.compute())
    return log2(value) if examples.metric == "bits per character" else value


def scored(model: Callable[..., torch.Tensor], inputs: torch.Tensor) -> torch.Tensor:
    """Return the scores with the classes on axis 1, as torch's losses and most metrics take them."""
    scores = model(inputs)
    return scores.transpose(1, 2) if scores.dim() == 3 else scores  # tokens: [batch, position, class]


def _metric_scores(metric: str, scores: torch.Tensor) -> torch.Tensor:
    return scores.transpose(1, 2) if metric == "bits per character" else scores


def metric_of(name: str, classes: int) -> Any:
    """Return torchmetrics' metric; bits per character are the base 2 logarithm of perplexity."""
    if name == "accuracy":
        return _torchmetrics().classification.MulticlassAccuracy(classes, average="micro")
    if name == "mean IoU":
        return _torchmetrics().classification.MulticlassJaccardIndex(classes)
    return _torchmetrics().text.Perplexity()


@cache
def _torchmetrics() -> Any:
    """Import torchmetrics, also if the installed torchvision is broken: it would be imported, and is not used here."""
    with _without_broken_torchvision():
        import torchmetrics.classification
        import torchmetrics.text
    return torchmetrics


@contextmanager
def _without_broken_torchvision() -> Iterator[None]:
    """Hide a torchvision that cannot be imported, such as one made for another build of torch, from torchmetrics."""
    from lightning_utilities.core import imports

    try:
        import torchvision  # noqa: F401  # whether it can be imported
    except (ImportError, RuntimeError, OSError):
        original: Any = imports.RequirementCache

        class WithoutTorchvision(original):  # type: ignore[misc]  # mypy takes no base that is a variable
            def __bool__(self) -> bool:
                return self.requirement != "torchvision" and bool(super().__bool__())

        # torchmetrics decides at import, by this class, whether to use torchvision.
        imports.RequirementCache = WithoutTorchvision  # type: ignore[misc]
        try:
            yield
        finally:
            imports.RequirementCache = original  # type: ignore[misc]
    else:
        yield
