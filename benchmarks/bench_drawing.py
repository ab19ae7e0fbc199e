"""Pictures at op level, from the spec to SVG, against torchview with the same Graphviz; then how large they can get.

torchview is left out where it is not installed; `pip install -r benchmarks/drawing/peers.txt` brings it.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from importlib import import_module
from importlib.util import find_spec
from statistics import median
from time import perf_counter
from typing import Any

from _measure import Ratio, report, timed, torchvision_models

import archspec
from archspec.views.layout import render

ROUNDS = 3
PEER_DEPTH = 3
COMPARED = ("resnet50", "densenet121")  # torchview takes minutes for densenet201
LARGE: dict[str, tuple[str, dict[str, Any]]] = {
    "DenseNet-264": ("densenet264", {}),
    "the pre-activation ResNet-1001 for CIFAR": ("resnet1001", {}),
    "a ResNet of 1,000 blocks": ("resnet:resnet18", {"depths": [250, 250, 250, 250]}),
}
TARGETS = {"DenseNet-264": "≤ 10 s", "the pre-activation ResNet-1001 for CIFAR": "≤ 10 s"}


def main() -> None:
    rows = [row for name in COMPARED for row in _compared(name)] if find_spec("torchview") else []
    note = (
        f"Medians of {ROUNDS} runs (one of torchview's), in turn; torchview with depth={PEER_DEPTH} on the meta device."
    )
    report("Op level as SVG against torchview", rows, note)
    print("### Large networks at op level\n")
    print("| network | boxes | to DOT | to SVG | layout alone, in a separate process | target |")
    print("|---|---:|---:|---:|---:|---|")
    for what, (name, parameters) in LARGE.items():
        _large(what, name, parameters)


def ours(name: str, **parameters: Any) -> bytes:
    """Read, lower and draw a spec as SVG."""
    drawn = archspec.draw(archspec.lower(archspec.load(name, **parameters)), level="op")
    assert isinstance(drawn, bytes)
    return drawn


def torchviews(model: Any) -> bytes:
    """Draw a model by torchview, laid out by the Graphviz that archspec uses."""
    draw_graph = import_module("torchview").draw_graph
    drawn = draw_graph(model, input_size=(1, 3, 224, 224), device="meta", depth=PEER_DEPTH)
    return render(drawn.visual_graph.source, "svg")


def _compared(name: str) -> Iterator[Ratio]:
    model = getattr(torchvision_models(), name)()
    # In turn, as far as one slow run of torchview allows: ours before it and after it.
    times = [timed(partial(ours, name))]
    theirs = timed(partial(torchviews, model))
    times += [timed(partial(ours, name)) for _ in range(ROUNDS - 1)]
    boxes = sum(1 for _ in archspec.lower(archspec.load(name)).nodes())
    yield Ratio(f"{name}, {boxes} ops", median(times), theirs)


def _large(what: str, name: str, parameters: dict[str, Any]) -> None:
    begun = perf_counter()
    dot = archspec.draw(archspec.lower(archspec.load(name, **parameters)), level="op", format="dot")
    written = perf_counter() - begun
    assert isinstance(dot, str)
    laid_out = timed(partial(render, dot, "svg"))
    apart = timed(partial(render, dot, "svg", 600))
    # Inputs are boxes, too, but no ops.
    boxes = dot.count(" id=") - dot.count('id="in:')
    seconds = " | ".join(f"{time:.1f} s" for time in (written, written + laid_out, apart))
    print(f"| {what} | {boxes:,} | {seconds} | {TARGETS.get(what, '')} |")


if __name__ == "__main__":
    main()
