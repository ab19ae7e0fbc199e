"""A module with initialised weights: archspec.build against torchvision's constructors."""

from __future__ import annotations

from functools import partial

import torch
from _measure import interleaved, ratio_of, report, torchvision_models

import archspec

ROUNDS = 9
TARGETS = {"resnet50": "≤ 0.70", "resnet152": "≤ 0.75"}


def main() -> None:
    torch.set_num_threads(1)
    models = torchvision_models()
    rows = []
    for name, target in TARGETS.items():
        rivals = {
            "ours": partial(archspec.build, name),
            "torchvision": getattr(models, name),
            "ours, without init": partial(archspec.build, name, init=False),
        }
        times = interleaved(rivals, ROUNDS)
        rows.append(ratio_of(f'`build("{name}")`', times, "ours", "torchvision", target))
        rows.append(ratio_of(f'`build("{name}", init=False)`', times, "ours, without init", "torchvision"))
    note = f"Medians of {ROUNDS} runs in turn, one thread, the spec read and lowered each time."
    report("Build against torchvision's constructor", rows, note)


if __name__ == "__main__":
    main()
