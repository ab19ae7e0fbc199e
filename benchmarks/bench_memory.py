"""The predicted peak memory of training steps against torch's MemTracker, under fake tensors: nothing is allocated.

The training steps are those of the tests (tests/analysis/memory/peak_designs.py): some are dominated by their outputs,
some by one op, the others are networks of the gallery.
"""

from __future__ import annotations

import sys
import warnings
from importlib import import_module
from pathlib import Path

import archspec

sys.path.insert(0, str(Path(__file__).parents[1]))  # for the tests, which are no part of the package


def main() -> None:
    """Print a table in Markdown and the largest deviation."""
    warnings.filterwarnings("ignore", "Mismatch dtype between input and weight")  # rms_norm's, once
    steps = import_module("tests.analysis.memory.peak_designs").STEPS
    tracked_peak = import_module("tests.analysis.memory.tracked_peak").tracked_peak
    print("| design | batch | dtype | optimizer | loss | predicted | tracked | deviation |")
    print("|---|---:|---|---|---|---:|---:|---:|")
    deviations = []
    for step in steps:
        spec = step.load()
        how = {"optimizer": step.optimizer, "dtype": step.dtype, "loss": step.loss}
        predicted = archspec.memory(spec, batch=step.batch, device="cpu", **how).peak
        tracked = tracked_peak(spec, step.batch, **how)
        deviations.append(predicted / tracked - 1)
        name = step.name + (f":{step.variant}" if step.variant else "")
        cells = (name, str(step.batch), step.dtype, step.optimizer, step.loss, _size(predicted), _size(tracked))
        print(f"| {' | '.join(cells)} | {100 * deviations[-1]:+.2f} % |", flush=True)
    worst = max(map(abs, deviations))
    print(f"\n{len(deviations)} designs; the largest deviation is {100 * worst:.2f} % (target: 2 %)")


def _size(count: int) -> str:
    return f"{count / 2**20:,.2f} MiB"


if __name__ == "__main__":
    main()
