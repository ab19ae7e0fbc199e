"""archspec learn: designs trained for a short while on small real data, in separate processes."""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING, Any

from archspec.charts.style import FORMATS
from archspec.cli.arguments import add_format, add_overrides, spec_of
from archspec.cli.exit_codes import CLEAN, FINDINGS, INTERRUPTED, USAGE
from archspec.cli.formats.report import as_json
from archspec.cli.learn_text import render_table, render_text
from archspec.cli.output_option import add_output, format_of, write_output
from archspec.cli.progress import run_progress
from archspec.dependencies import require_matplotlib, require_torch
from archspec.errors import DataMismatchError, UsageError
from archspec.lowering import lower
from archspec.runtime.learn.report import LearnReport
from archspec.runtime.learn.request import DATA, LearnRequest
from archspec.runtime.learn.task_match import refuse_unfit
from archspec.runtime.request import OPTIMIZERS

if TYPE_CHECKING:
    from archspec.ir.graph import Graph

EXAMPLES = (
    "learn digits_resnet --data digits",
    "learn small_unet --data shapes -o curves.svg",
    "learn a.yaml b.yaml --data digits --seed 0,1,2",
)


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add one spec or several, the data, and how to train."""
    add = parser.add_argument
    add(
        "spec",
        metavar="SPEC",
        nargs="+",
        help="a path (- for standard input) or a name of the gallery; several are compared",
    )
    add_overrides(parser)
    about = "digits: pictures to 10 scores; shapes: pictures to 4 scores at each pixel; text: characters to the next"
    add("--data", choices=DATA, required=True, help=about)
    add("--steps", type=int, metavar="N", help="training steps (default: 200; text: 400)")
    add("--batch", type=int, default=32, metavar="N", help="examples in a step (default: 32)")
    add("--learning-rate", type=float, metavar="RATE", help="the same in all steps (default: adamw 0.003, sgd 0.05)")
    add("--optimizer", choices=OPTIMIZERS, default="adamw", help="sgd has momentum (default: adamw)")
    add("--seed", default="0", metavar="N[,N...]", help="of the weights and the order of examples (default: 0)")
    add("--device", default="auto", help="auto, cpu, cuda, cuda:1 (any number) or mps (default: auto)")
    add("--timeout", type=float, default=600.0, metavar="SECONDS", help="end a check after so long (default: 600)")
    add_output(parser, FORMATS, also="draw the curves too, to this file")
    add_format(parser)


def run(arguments: argparse.Namespace) -> int:
    """Check each design with each seed and print what happened; of an interrupted check what is known."""
    form = format_of(arguments.output, FORMATS) if arguments.output is not None else ""
    # All arguments and designs are checked before the first training: a mistake in the last costs no minutes.
    requests = _requests(arguments)
    graphs = _graphs(arguments)
    _require(drawing=bool(form))
    from archspec.runtime.collector import Interrupted
    from archspec.runtime.learn.learn_run import run as learn

    reports: list[LearnReport] = []
    try:
        for graph in graphs:
            for request in requests:
                with run_progress(arguments.quiet, request.timeout) as on_progress:
                    reports.append(learn(graph, request, on_progress))
    except Interrupted as stopped:
        # The checks that were completed before Ctrl-C are printed, too.
        reports.append(stopped.report)
    if form and any(report.losses for report in reports):
        _draw(reports, arguments, form)
    # By the requests, not the reports: JSON has the same form if the run is interrupted.
    _print(reports, arguments.format, len(graphs) * len(requests) > 1)
    return _exit_code(reports)


def _requests(arguments: argparse.Namespace) -> list[LearnRequest]:
    """Return a request for each seed; raises UsageError."""
    try:
        seeds = [int(text) for text in arguments.seed.split(",")]
    except ValueError:
        raise UsageError(f"--seed takes a number or several as in 0,1,2, not {arguments.seed!r}") from None
    try:
        return [
            LearnRequest(
                data=arguments.data,
                steps=arguments.steps,
                batch=arguments.batch,
                learning_rate=arguments.learning_rate,
                optimizer=arguments.optimizer,
                seed=seed,
                device=arguments.device,
                timeout=arguments.timeout,
            )
            for seed in seeds
        ]
    except ValueError as error:
        raise UsageError(str(error)) from None


def _graphs(arguments: argparse.Namespace) -> list[Graph]:
    """Return the graph of every design; raises UsageError if the data does not fit one, SpecError."""
    if arguments.spec.count("-") > 1:
        raise UsageError("standard input is read once, so that - can be one of the specs alone")
    graphs = [lower(spec_of(arguments, name)) for name in arguments.spec]
    try:
        for graph in graphs:
            refuse_unfit(graph, arguments.data)
    except DataMismatchError as error:
        raise UsageError(str(error)) from None
    return graphs


def _require(drawing: bool) -> None:
    """Raise MissingDependencyError before anything is trained."""
    require_torch("learning")
    from archspec.dependencies import require_learn

    require_learn()
    if drawing:
        require_matplotlib()


def _draw(reports: list[LearnReport], arguments: argparse.Namespace, form: str) -> None:
    from archspec.charts.learning import learning_chart

    write_output(arguments, learning_chart([report.to_dict() for report in reports], form))


def _print(reports: list[LearnReport], form: str, several: bool) -> None:
    if form == "json":
        value: dict[str, Any] = reports[0].to_dict()
        if several:
            value = {"ok": all(r.ok for r in reports), "learned": all(reports), "runs": [r.to_dict() for r in reports]}
        print(as_json(value))
    else:
        print(render_table(reports) if several else render_text(reports[0]))


def _exit_code(reports: list[LearnReport]) -> int:
    kinds = {report.error_kind for report in reports}
    if "interrupted" in kinds:
        return INTERRUPTED
    if "device" in kinds:
        return USAGE
    return CLEAN if all(reports) else FINDINGS
