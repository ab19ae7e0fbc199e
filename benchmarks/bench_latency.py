"""The error of predicted latencies on this machine's CPU, by a profile that is measured first."""

from __future__ import annotations

import sys
from collections.abc import Callable
from dataclasses import dataclass
from statistics import median

import torch

import archspec
from archspec.ir.graph import Graph
from archspec.runtime.calibrate.clock import seconds_of

DESIGNS = (
    "resnet18",
    "resnet50",
    "resnext50_32x4d",
    "se_resnet50",
    "resnet50d",
    "preact_resnet18",
    "densenet121",
    "googlenet",
    "squeezenet1_1",
    "mobilenet_v2",
    "convnext_tiny",
    "vit_b_32",
    "hrnet_w18_small",
    "unet",
    "cifar_resnet:resnet56",
    "highway",
    "guest_net",
)
TRAINED = (
    "resnet18",
    "densenet121",
    "squeezenet1_1",
    "mobilenet_v2",
    "vit_b_32",
    "hrnet_w18_small",
    "cifar_resnet:resnet56",
    "guest_net",
)
BATCH, SECONDS = 2, 6.0
CPU = torch.device("cpu")


@dataclass(frozen=True, slots=True)
class Compared:
    """One design: milliseconds, predicted and measured."""

    name: str
    predicted: float
    measured: float

    @property
    def error(self) -> float:
        """The excess of the prediction over the measurement, as a share of the latter."""
        return self.predicted / self.measured - 1


def main() -> None:
    # Processor time counts all threads; with one it is the time that passes.
    torch.set_num_threads(1)
    profile = archspec.calibrate("cpu").profile
    how = f"batch {BATCH}, float32, one thread, processor time; {profile.source}"
    report(f"Forward pass in eval mode, {how}", [compared(name, profile, training=False) for name in DESIGNS])
    report(f"Training step, {how}", [compared(name, profile, training=True) for name in TRAINED])


def report(title: str, rows: list[Compared]) -> None:
    """Print a table of designs, and how far off they are together."""
    print(f"### {title}\n")
    print("| design | predicted | measured | error |")
    print("|---|---:|---:|---:|")
    for row in rows:
        print(f"| {row.name} | {_ms(row.predicted)} | {_ms(row.measured)} | {row.error:+.0%} |")
    errors = sorted(abs(row.error) for row in rows)
    print(f"\nmedian absolute error {median(errors):.0%}, largest {errors[-1]:.0%}, {len(rows)} designs\n")


def compared(name: str, profile: archspec.DeviceProfile, training: bool) -> Compared:
    """Predict and measure a design's forward pass or training step."""
    graph = archspec.lower(archspec.load(name))
    found = archspec.latency(graph, device=profile, batch=BATCH, training=training)
    run = stepping(name, graph) if training else forward(name, graph)
    with torch.set_grad_enabled(training):
        measured = 1e3 * seconds_of(run, CPU, SECONDS)
    both = Compared(name, found.forward_ms if found.step_ms is None else found.step_ms, measured)
    print(f"{name}: {both.predicted:.1f} ms, measured {both.measured:.1f} ms", file=sys.stderr)
    return both


def forward(name: str, graph: Graph) -> Callable[[], object]:
    """Return a forward pass in eval mode."""
    model, given = archspec.build(name, init=False).eval(), samples(graph)
    return lambda: model(*given)


def stepping(name: str, graph: Graph) -> Callable[[], object]:
    """Return a training step: forward, backward of the mean of squares, SGD with momentum."""
    model, given = archspec.build(name, seed=0), samples(graph)
    optimizer = torch.optim.SGD(model.parameters(), lr=1e-4, momentum=0.9)

    def step() -> None:
        optimizer.zero_grad()
        model(*given).square().mean().backward()
        optimizer.step()

    return step


def samples(graph: Graph) -> list[torch.Tensor]:
    """Return a batch of random numbers for each input."""
    return [torch.randn(BATCH, *(size for size in kind.shape if isinstance(size, int))) for _, kind in graph.inputs]


def _ms(milliseconds: float) -> str:
    return f"{milliseconds:,.0f} ms" if milliseconds >= 1000 else f"{milliseconds:.3g} ms"


if __name__ == "__main__":
    main()
