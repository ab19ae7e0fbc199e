"""How far predicted latencies are from measured ones on this machine's CPU, by a profile that is measured first."""

from __future__ import annotations

import sys
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
    "densenet121",
    "googlenet",
    "squeezenet1_1",
    "mobilenet_v2",
    "convnext_tiny",
    "vit_b_32",
    "hrnet_w18_small",
    "cifar_resnet:resnet56",
    "preact_resnet18",
    "unet",
    "highway",
    "guest_net",
)
BATCH, SECONDS = 2, 6.0


@dataclass(frozen=True, slots=True)
class Compared:
    """One design: milliseconds of a forward pass, predicted and measured."""

    name: str
    predicted: float
    measured: float

    @property
    def error(self) -> float:
        """How much the prediction is above the measurement, as a share of it."""
        return self.predicted / self.measured - 1


def main() -> None:
    torch.set_num_threads(1)
    profile = archspec.calibrate("cpu").profile
    rows = [compared(name, profile) for name in DESIGNS]
    print(f"Forward pass in eval mode, batch {BATCH}, float32, one thread, processor time; {profile.source}")
    print()
    print("| design | predicted | measured | error |")
    print("|---|---:|---:|---:|")
    for row in rows:
        print(f"| {row.name} | {row.predicted:.3g} ms | {row.measured:.3g} ms | {row.error:+.0%} |")
    errors = sorted(abs(row.error) for row in rows)
    print()
    print(f"median absolute error {median(errors):.0%}, largest {errors[-1]:.0%}, {len(rows)} designs")


def compared(name: str, profile: archspec.DeviceProfile) -> Compared:
    """A design's forward pass, predicted by a profile and measured."""
    graph = archspec.lower(archspec.load(name))
    predicted = archspec.latency(graph, device=profile, batch=BATCH).forward_ms
    found = Compared(name, predicted, _measured(name, graph))
    print(f"{name}: {found.predicted:.1f} ms, measured {found.measured:.1f} ms", file=sys.stderr)
    return found


def _measured(name: str, graph: Graph) -> float:
    model = archspec.build(name, init=False, seed=0).eval()
    samples = [torch.randn(BATCH, *(size for size in kind.shape if isinstance(size, int))) for _, kind in graph.inputs]
    with torch.no_grad():
        return 1e3 * seconds_of(lambda: model(*samples), torch.device("cpu"), SECONDS)


if __name__ == "__main__":
    main()
