"""The public way to see whether a design can learn. torch is imported in the process of the check, never here."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from archspec.building import require_torch
from archspec.ir.graph import Graph
from archspec.language.load import Spec
from archspec.running import graph_of
from archspec.runtime.learn.report import LearnReport
from archspec.runtime.learn.request import LearnRequest


def learn(
    design: Graph | Spec | str,
    variant: str | None = None,
    *,
    data: str,
    steps: int | None = None,
    batch: int = 32,
    learning_rate: float | None = None,
    optimizer: str = "adamw",
    seed: int = 0,
    device: str = "auto",
    timeout: float = 600.0,
    on_progress: Callable[[str, str], None] | None = None,
    stop: Callable[[], bool] | None = None,
    **params: Any,
) -> LearnReport:
    """Train a design for a short while on small real data, in a process of its own; how well it does.

    design: a Graph, a Spec, a path or a gallery name; variant and params belong to a path or name.
    data: digits (pictures to 10 scores), shapes (pictures to 4 scores at each pixel) or text (characters to scores of
        the next one).
    steps, learning_rate: None for what is usual: 200 steps, 400 for text; 0.003 with adamw, 0.05 with sgd.
    seed: of the weights and of the order of the examples; the data is always the same.
    timeout: seconds after which the check is ended.
    on_progress: called with the stage and the layer entered last whenever either changes.
    stop: polled several times a second; the check ends as `cancelled` once it returns True.

    Raises SpecError for a spec that is wrong, ValueError for an argument that is or for a design that the data does not
    fit, MissingDependencyError without torch, MissingDependencyError without scikit-learn and torchmetrics.
    """
    request = LearnRequest(
        data=data,
        steps=steps,
        batch=batch,
        learning_rate=learning_rate,
        optimizer=optimizer,
        seed=seed,
        device=device,
        timeout=timeout,
    )
    graph = graph_of(design, variant, params)
    require_torch("learning")
    from archspec.runtime.learn.learn_run import require_learn, run

    require_learn()
    return run(graph, request, on_progress, stop)
