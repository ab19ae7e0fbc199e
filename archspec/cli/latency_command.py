"""archspec latency: the time of a forward pass or a training step, predicted."""

from __future__ import annotations

import argparse

from archspec.analysis.latency.predict import predict_latency
from archspec.analysis.latency.profile import DTYPES
from archspec.analysis.latency.profiles import device_names
from archspec.analysis.summary import LEVELS
from archspec.cli.arguments import add_format, add_spec, spec_of
from archspec.cli.exit_codes import CLEAN
from archspec.cli.formats.report import as_json
from archspec.cli.latency_text import render_text
from archspec.errors import UsageError
from archspec.lowering import lower

EXAMPLES = (
    "latency resnet50 --device a100 --batch 32",
    "latency net.yaml --training --dtype bfloat16 --level op",
)


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add one spec, a device, and how the design runs on it."""
    add_spec(parser)
    add = parser.add_argument
    about = f"a profile: {', '.join(device_names())}, or the path of one of your own (default: h100)"
    add("--device", default="h100", metavar="NAME|FILE", help=about)
    add("--batch", type=int, default=1, metavar="N", help="samples at a time (default: 1)")
    add("--dtype", choices=DTYPES, default=DTYPES[0], help="of all numbers (default: float32)")
    add("--training", action="store_true", help="a step, backward and SGD with momentum included")
    add("--level", choices=LEVELS, default="stage", help="what a row is (default: stage)")
    add_format(parser)


def run(arguments: argparse.Namespace) -> int:
    """Print the prediction."""
    graph = lower(spec_of(arguments))
    try:
        found = predict_latency(
            graph,
            device=arguments.device,
            batch=arguments.batch,
            dtype=arguments.dtype,
            training=arguments.training,
            level=arguments.level,
        )
    except ValueError as error:  # an unknown device, no figure for the dtype, no batch
        raise UsageError(str(error)) from None
    print(as_json(found.to_dict()) if arguments.format == "json" else render_text(found))
    return CLEAN
