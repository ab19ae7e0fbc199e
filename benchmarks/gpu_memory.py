"""Predicted against measured memory of a training step on a CUDA GPU: designs, batches and dtypes, one process each.

Not one of the scripts that `make bench` runs: it needs a GPU, and says so where there is none (exit status 2).
Measured is torch.cuda.max_memory_allocated over the second step, predicted archspec.memory(..., device="gpu").
"""

from __future__ import annotations

import argparse
import json
import math
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import nullcontext
from dataclasses import asdict, dataclass
from pathlib import Path
from statistics import median
from typing import Any, Literal

import archspec

DESIGNS = (
    "cifar_preact_resnet", "cifar_resnet", "cifar_resnet:resnet110", "convnext:convnext_tiny", "custom_block",
    "densenet:densenet121", "densenet:densenet169", "googlenet", "guest_net", "highway", "highway_conv",
    "hrnet:hrnet_w18", "mobilenet_v2", "preact_resnet:preact_resnet18", "preact_resnet:preact_resnet50", "residual_mlp",
    "resnet:resnet101", "resnet:resnet152", "resnet:resnet18", "resnet:resnet34", "resnet:resnet50",
    "resnet:resnext50_32x4d", "resnet:wide_resnet50_2", "resnet50d", "se_resnet50", "small_resnet",
    "squeezenet:squeezenet1_0", "squeezenet:squeezenet1_1", "unet", "vit:vit_b_16", "vit:vit_b_32", "vit:vit_l_32",
)  # fmt: skip
BATCHES = (8, 16, 32)
Dtype = Literal["float32", "bfloat16"]
DTYPES: tuple[Dtype, ...] = ("float32", "bfloat16")
OPTIMIZER: Literal["adamw"] = "adamw"
TIMEOUT = 600


@dataclass(frozen=True, slots=True)
class Case:
    """One training step, predicted and measured in bytes; `problem` is the reason for a missing measurement."""

    design: str
    batch: int
    dtype: str
    predicted: int
    measured: int | None = None
    problem: str = ""

    @property
    def error(self) -> float:
        """The excess of the prediction over the measurement, as a share of the latter."""
        assert self.measured
        return self.predicted / self.measured - 1


@dataclass(frozen=True, slots=True)
class Errors:
    """The median and 95th percentile of the errors' magnitudes, and the share of cases that predict too little."""

    cases: int
    median: float
    percentile_95: float
    under_estimates: float


def errors_of(cases: Sequence[Case]) -> Errors | None:
    """Return the errors of the measured cases; None if there is none."""
    found = [case.error for case in cases if case.measured]
    if not found:
        return None
    sizes = sorted(map(abs, found))
    # The nearest-rank percentile: one of the errors, not a mean between two.
    highest = sizes[math.ceil(0.95 * len(sizes)) - 1]
    return Errors(len(found), median(sizes), highest, sum(error < 0 for error in found) / len(found))


def table(cases: Sequence[Case]) -> str:
    """Return a table in Markdown with a row for each case."""
    lines = ["| design | batch | dtype | predicted | measured | error |", "|---|---:|---|---:|---:|---:|"]
    for case in cases:
        measured = (
            [case.problem or "?", ""] if not case.measured else [_size(case.measured), f"{100 * case.error:+.1f} %"]
        )
        cells = [case.design, str(case.batch), case.dtype, _size(case.predicted), *measured]
        lines.append(f"| {' | '.join(cells)} |")
    return "\n".join(lines)


def in_words(errors: Errors | None) -> str:
    """Return the errors as one sentence."""
    if errors is None:
        return "nothing was measured"
    return (
        f"{errors.cases} cases: median error {100 * errors.median:.1f} %, 95th percentile "
        f"{100 * errors.percentile_95:.1f} %, too little predicted in {100 * errors.under_estimates:.0f} %"
    )


def as_dict(cases: Sequence[Case], device: str) -> dict[str, Any]:
    """Return cases and errors as JSON holds them."""
    errors = errors_of(cases)
    rows = [{**asdict(case), "error": case.error if case.measured else None} for case in cases]
    return {"device": device, "optimizer": OPTIMIZER, "errors": asdict(errors) if errors else None, "cases": rows}


def predictions(designs: Sequence[str], batches: Sequence[int], dtypes: Sequence[Dtype]) -> Iterator[Case]:
    """Yield the cases, predicted and not yet measured."""
    for design in designs:
        graph = archspec.lower(_spec(design))
        for batch in batches:
            for dtype in dtypes:
                peak = archspec.memory(graph, batch=batch, dtype=dtype, optimizer=OPTIMIZER, device="gpu").peak
                yield Case(design, batch, dtype, peak)


def measured(case: Case) -> Case:
    """Measure a case in a separate process, so that none leaves memory behind for the next."""
    words = [sys.executable, str(Path(__file__).resolve()), "--measure", case.design, str(case.batch), case.dtype]
    try:
        done = subprocess.run(words, capture_output=True, text=True, timeout=TIMEOUT)
    except subprocess.TimeoutExpired:
        return _missing(case, f"not done after {TIMEOUT} s")
    if done.returncode:
        lines = done.stderr.strip().splitlines()
        problem = "out of memory" if "out of memory" in done.stderr else lines[-1] if lines else "no reason was given"
        return _missing(case, problem.replace("|", "/"))
    return Case(case.design, case.batch, case.dtype, case.predicted, int(done.stdout))


def second_step(design: str, batch: int, dtype: str) -> int:
    """Return the peak of allocated bytes in the second training step; the first makes the optimizer's state."""
    import torch

    from archspec.backends.torch.samples import random_inputs

    spec = _spec(design)
    model = archspec.build(spec, device="cuda")
    inputs = random_inputs(archspec.lower(spec), batch, torch.device("cuda"), 0)
    optimizer = torch.optim.AdamW(model.parameters(), lr=1e-5)
    for _ in range(2):
        torch.cuda.synchronize()
        # The last step counts: the peak of the first, which is without the optimizer's state, is forgotten.
        torch.cuda.reset_peak_memory_stats()
        train(model, inputs, optimizer, "cuda", dtype)
    torch.cuda.synchronize()
    return int(torch.cuda.max_memory_allocated())


def train(model: Any, inputs: Sequence[Any], optimizer: Any, kind: str, dtype: str) -> None:
    """Take one training step as the prediction assumes it: the loss is the mean square of the outputs, in float32."""
    import torch

    # As the prediction has it: gradients are allocated in each backward pass, not kept as zeros.
    optimizer.zero_grad(set_to_none=True)
    with nullcontext() if dtype == "float32" else torch.autocast(kind, dtype=getattr(torch, dtype)):
        given = model(*inputs)
    outputs = given.values() if isinstance(given, dict) else given if isinstance(given, tuple) else (given,)
    loss = torch.stack([x.float().square().mean() for x in outputs]).sum()
    loss.backward()
    optimizer.step()


def main(words: Sequence[str] | None = None) -> int:
    """Measure all cases and print them; 2 where there is no GPU."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--json", metavar="FILE", help="write everything as JSON too")
    parser.add_argument("--designs", nargs="+", default=DESIGNS, metavar="NAME")
    parser.add_argument("--batches", nargs="+", type=int, default=BATCHES, metavar="N")
    parser.add_argument("--measure", nargs=3, metavar=("DESIGN", "BATCH", "DTYPE"), help="one case alone: its bytes")
    arguments = parser.parse_args(words)
    import torch

    if not torch.cuda.is_available():
        print(f"gpu_memory.py needs a CUDA GPU: torch {torch.__version__} finds none", file=sys.stderr)
        return 2
    if arguments.measure:
        design, batch, dtype = arguments.measure
        print(second_step(design, int(batch), dtype))
        return 0
    cases = [measured(case) for case in predictions(arguments.designs, arguments.batches, DTYPES)]
    device = f"{torch.cuda.get_device_name()}, torch {torch.__version__}"
    print(f"### Memory on a GPU: {device}\n\n{table(cases)}\n\n{in_words(errors_of(cases))}")
    if arguments.json:
        Path(arguments.json).write_text(json.dumps(as_dict(cases, device), indent=2) + "\n", encoding="utf-8")
    return 0


def _spec(design: str) -> archspec.Spec:
    name, _, variant = design.partition(":")
    return archspec.load(name, variant or None)


def _missing(case: Case, problem: str) -> Case:
    return Case(case.design, case.batch, case.dtype, case.predicted, None, problem)


def _size(size: int) -> str:
    return f"{size / 2**20:,.0f} MiB"


if __name__ == "__main__":
    sys.exit(main())
