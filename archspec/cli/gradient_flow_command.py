"""archspec gradient-flow: gradients and activations by depth, with and without shortcuts."""

from __future__ import annotations

import argparse
import sys
from typing import TYPE_CHECKING

from archspec.analysis.gradient_flow import GradientFlow
from archspec.charts.gradient_flow import plot_gradient_flow
from archspec.charts.style import FORMATS
from archspec.cli.arguments import add_format, add_spec, spec_of
from archspec.cli.exit_codes import CLEAN, FINDINGS
from archspec.cli.formats.report import as_json, printable
from archspec.cli.gradient_flow_text import render_text
from archspec.cli.output_option import add_output, format_of, write_output
from archspec.cli.progress import run_progress
from archspec.dependencies import require_matplotlib, require_torch
from archspec.errors import ShortcutRemovalError, UsageError
from archspec.lowering import lower
from archspec.runtime.gradient_flow.request import INITS, FlowRequest

if TYPE_CHECKING:
    from archspec.errors import GradientFlowError

EXAMPLES = (
    "gradient-flow resnet50 --without-shortcuts",
    "gradient-flow net.yaml --steps 20 -o flow.svg",
)


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add one spec, and how it is measured."""
    add_spec(parser)
    add = parser.add_argument
    add("--without-shortcuts", action="store_true", help="measure it without the shortcuts of its adds too")
    add("--steps", type=int, default=0, metavar="N", help="measure again after N steps of SGD (default: 0)")
    about = "how convolutions and linear layers start: the design's own start, he, xavier, or as torch's layers start"
    add("--init", choices=INITS, default=INITS[0], help=f"{about} (default: {INITS[0]})")
    add("--learning-rate", type=float, default=0.01, metavar="RATE", help="of the steps (default: 0.01)")
    add("--seed", type=int, default=0, help="of the weights and the random samples (default: 0)")
    add("--batch", type=int, default=16, metavar="N", help="how many samples (default: 16)")
    add("--device", default="cpu", help="auto, cpu, cuda, cuda:1 (any number) or mps (default: cpu)")
    add_output(parser, FORMATS, also="draw the norms by depth into a file")
    add_format(parser)


def run(arguments: argparse.Namespace) -> int:
    """Measure, draw if there is an output file, and print; return the exit code."""
    request = _request(arguments)
    form = None if arguments.output is None else format_of(arguments.output, FORMATS)
    graph = lower(spec_of(arguments))
    require_torch("gradient flow")
    if form is not None:
        require_matplotlib()  # before minutes are spent
    from archspec.errors import DeviceNotFoundError, GradientFlowError
    from archspec.runtime.gradient_flow.compare import compare

    try:
        with run_progress(arguments.quiet) as on_progress:
            flow = compare(graph, request, on_progress)
    except (ShortcutRemovalError, DeviceNotFoundError) as error:
        raise UsageError(printable(str(error))) from None
    except GradientFlowError as error:
        return _failed(error, arguments.format)
    if form is not None:
        write_output(arguments, plot_gradient_flow(flow, form))
    _print(flow, arguments.format)
    return CLEAN


def _request(arguments: argparse.Namespace) -> FlowRequest:
    try:
        return FlowRequest(
            without_shortcuts=arguments.without_shortcuts,
            steps=arguments.steps,
            init=arguments.init,
            seed=arguments.seed,
            batch=arguments.batch,
            device=arguments.device,
            learning_rate=arguments.learning_rate,
        )
    except ValueError as error:
        raise UsageError(str(error)) from None


def _print(flow: GradientFlow, form: str) -> None:
    print(as_json(flow.to_dict()) if form == "json" else render_text(flow))


def _failed(error: GradientFlowError, form: str) -> int:
    """Report the layer of the design that does not run; return the exit code."""
    if form == "json":
        span = error.span
        place = {name: getattr(span, name, None) for name in ("file", "line", "column")}
        print(as_json({"error": error.message, "layer": error.layer or None, **place}))
    else:
        print(printable(f"archspec: {error}"), file=sys.stderr)
    return FINDINGS
