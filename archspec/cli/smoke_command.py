"""archspec smoke: a design run for real, in a separate process."""

from __future__ import annotations

import argparse
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from archspec.cli.arguments import add_format, add_spec, spec_of
from archspec.cli.exit_codes import CLEAN, FINDINGS, INTERRUPTED, USAGE
from archspec.cli.formats.report import as_json
from archspec.cli.progress import run_progress
from archspec.cli.smoke_text import render_table, render_text
from archspec.dependencies import require_torch
from archspec.errors import UsageError
from archspec.ir.graph import Graph
from archspec.lowering import lower
from archspec.runtime.request import OPTIMIZERS
from archspec.runtime.smoke.report import SmokeReport
from archspec.runtime.smoke.request import DTYPES, SmokeRequest, bytes_of

if TYPE_CHECKING:
    from archspec.runtime.collector import ProgressCallback

EXAMPLES = (
    "smoke net.yaml",
    "smoke resnet50 --batch 8,16,32 --device cuda",
    "smoke net.yaml --max-batch --memory-limit 4GB",
)


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add one spec, and how to run it."""
    add_spec(parser)
    add = parser.add_argument
    add("--device", default="auto", help="auto, cpu, cuda, cuda:1 (any number) or mps (default: auto)")
    add("--batch", default="8", metavar="N[,N...]", help="how many samples; several for a table (default: 8)")
    add("--max-batch", action="store_true", help="find the largest batch that fits; on a CPU within --memory-limit")
    add("--dtype", choices=DTYPES, default="float32", help="bfloat16 and float16 by autocast (default: float32)")
    add("--steps", type=int, default=5, metavar="N", help="timed forward passes, and training steps (default: 5)")
    add("--optimizer", choices=OPTIMIZERS, default="sgd", help="sgd has momentum (default: sgd)")
    add("--compile", action="store_true", help="time what torch.compile makes of the module")
    add("--channels-last", action="store_true", help="keep the channels of maps and kernels last in memory")
    add("--seed", type=int, default=0, help="of the weights and the random samples (default: 0)")
    add("--timeout", type=float, default=300.0, metavar="SECONDS", help="end a run after so long (default: 300)")
    add("--memory-limit", metavar="SIZE", help="such as 4GB; on a CPU under Linux, and on CUDA")
    add_format(parser)


def run(arguments: argparse.Namespace) -> int:
    """Run each batch and print what happened; of an interrupted run what is known."""
    requests = _requests(arguments)
    graph = lower(spec_of(arguments))
    require_torch()
    from archspec.runtime.collector import Interrupted

    reports: list[SmokeReport] = []
    try:
        for request in requests:
            with run_progress(arguments.quiet, request.timeout) as on_progress:
                reports.append(_one(graph, request, arguments.max_batch, on_progress))
    except Interrupted as stopped:
        reports.append(stopped.report)
    # By the requests, not the reports: JSON has the same form if the run is interrupted.
    _print(reports, arguments.format, len(requests) > 1)
    return _exit_code(reports)


def _one(
    graph: Graph, request: SmokeRequest, largest_fitting: bool, on_progress: ProgressCallback | None
) -> SmokeReport:
    from archspec.runtime.smoke.largest import largest
    from archspec.runtime.smoke.smoke_run import run as run_once

    if not largest_fitting:
        return run_once(graph, request, on_progress)
    try:
        return largest(graph, request, on_progress)
    except ValueError as error:
        raise UsageError(f"{error} (--memory-limit 4GB)") from None


def _requests(arguments: argparse.Namespace) -> list[SmokeRequest]:
    """Return a request for each batch; raises UsageError."""
    try:
        batches = [int(text) for text in arguments.batch.split(",")]
    except ValueError:
        raise UsageError(f"--batch takes a number or several as in 8,16,32, not {arguments.batch!r}") from None
    if arguments.max_batch:
        # The search sets the batch of each run; the request only carries the other arguments.
        batches = [1]
    try:
        first = SmokeRequest(
            device=arguments.device,
            dtype=arguments.dtype,
            steps=arguments.steps,
            optimizer=arguments.optimizer,
            compile=arguments.compile,
            channels_last=arguments.channels_last,
            seed=arguments.seed,
            timeout=arguments.timeout,
            memory_limit=None if arguments.memory_limit is None else bytes_of(arguments.memory_limit),
        )
        return [replace(first, batch=batch) for batch in batches]
    except ValueError as error:
        raise UsageError(str(error)) from None


def _print(reports: list[SmokeReport], form: str, several: bool) -> None:
    if form == "json":
        value: dict[str, Any] = reports[0].to_dict()
        if several:
            value = {"ok": all(reports), "runs": [report.to_dict() for report in reports]}
        print(as_json(value))
    else:
        print(render_table(reports) if several else render_text(reports[0]))


def _exit_code(reports: list[SmokeReport]) -> int:
    kinds = {report.error_kind for report in reports}
    if "interrupted" in kinds:
        return INTERRUPTED
    # A device that is not there is a wrong argument, no finding about the design.
    if "device" in kinds:
        return USAGE
    return CLEAN if all(reports) else FINDINGS
