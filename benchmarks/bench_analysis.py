"""Shapes, parameters and MACs of a network: lower and summarize against torchinfo on torchvision's model on meta."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable
from itertools import cycle
from statistics import median

import torch
import torchinfo
from _measure import ROOT, Ratio, interleaved, repeated, report, torchvision_models
from torch import nn

import archspec

ROUNDS, COLD_ROUNDS, CALLS = 9, 5, 5
TARGETS = {"resnet152": "≤ 1 / 100", "densenet201": "≤ 1 / 30"}
COLD = """
from time import process_time
import archspec
start = process_time()
archspec.summarize(archspec.lower(archspec.load({name!r})))
print(process_time() - start)
"""


def main() -> None:
    models = torchvision_models()
    rows = []
    for name, target in TARGETS.items():
        rows.extend(_rows(name, getattr(models, name), target))
    note = (
        f"Medians of {ROUNDS} runs in turn in one process, a run of archspec being {CALLS} calls (cold: of"
        f" {COLD_ROUNDS} processes, the first thing after the import, reading the spec and the library's blocks"
        " included). A cache kept: a sweep over `classes`, where no spec comes twice, with one LoweringCache. Making"
        " torchvision's model is not counted."
    )
    report("Analysis: lower + summarize against torchinfo.summary on the meta device", rows, note)


def _rows(name: str, constructor: Callable[[], nn.Module], target: str) -> list[Ratio]:
    spec = archspec.load(name)
    # The constructor's time is not the analysis's: torchinfo gets a model that exists.
    with torch.device("meta"):
        model = constructor()
    # Every spec is new to the cache, which has the blocks that they share.
    variants = cycle([archspec.load(name, classes=classes) for classes in range(2, 2 + (ROUNDS + 2) * CALLS)])
    cache = archspec.LoweringCache()
    times = interleaved(
        {
            "ours": repeated(lambda: archspec.summarize(archspec.lower(spec)), CALLS),
            "sweep": repeated(lambda: archspec.summarize(archspec.lower(next(variants), cache=cache)), CALLS),
            "with reading": repeated(lambda: archspec.summarize(archspec.lower(archspec.load(name))), CALLS),
            "torchinfo": lambda: torchinfo.summary(model, (1, 3, 224, 224), device="meta", verbose=0),
        },
        ROUNDS,
    )
    theirs = median(times["torchinfo"])
    return [
        Ratio(f"{name}, warm, a cache kept", median(times["sweep"]) / CALLS, theirs, target),
        Ratio(f"{name}, warm", median(times["ours"]) / CALLS, theirs),
        Ratio(f"{name}, warm, the spec read again", median(times["with reading"]) / CALLS, theirs),
        Ratio(f"{name}, cold", median(_cold(name) for _ in range(COLD_ROUNDS)), theirs, "≤ 0.5"),
    ]


def _cold(name: str) -> float:
    """Return the seconds of the first analysis in a fresh process; bytecode is cached, as for any installed package."""
    # The variable would make every process compile all modules, which no installed package does.
    environment = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
    command = [sys.executable, "-c", COLD.format(name=name)]
    run = subprocess.run(command, cwd=ROOT, env=environment, check=True, capture_output=True, text=True)
    return float(run.stdout)


if __name__ == "__main__":
    main()
