"""archspec build: the torch module, a batch pushed through it, its weights saved under --save."""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING, Any

from archspec.cli.arguments import add_format, add_spec, spec_of
from archspec.cli.exit_codes import CLEAN
from archspec.cli.formats.report import as_json, printable
from archspec.cli.output_option import print_written, refuse_unwritable
from archspec.dependencies import require_torch
from archspec.errors import UsageError
from archspec.ir.types import show_shape
from archspec.lowering import lower

if TYPE_CHECKING:
    from archspec.backends.torch.weights_report import WeightsReport

MOST_SAMPLES = 2**63 - 1  # what torch can count
EXAMPLES = (
    "build resnet50 --batch 2",
    "build net.yaml --save net.safetensors",
    "build resnet50 --weights resnet50.safetensors --device cuda",
)


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add one spec, and what to do with its module."""
    add_spec(parser)
    parser.add_argument("--batch", type=int, metavar="N", help="push N random samples through the module")
    parser.add_argument("--device", default="cpu", help="cpu, cuda, cuda:1, mps or meta (default: cpu)")
    parser.add_argument("--seed", type=int, default=0, help="of the weights and the random samples (default: 0)")
    parser.add_argument("--weights", metavar="FILE", help="load a state_dict (.safetensors, or torch.save's tensors)")
    parser.add_argument(
        "--no-strict", dest="strict", action="store_false", help="load the weights that fit, and list the others"
    )
    parser.add_argument(
        "--keys",
        metavar="OLD=NEW",
        action="append",
        help="other keys for tensors of the weights ('backbone.*=*'); nothing after the = leaves them out ('fc.*=')",
    )
    parser.add_argument(
        "--dtype",
        choices=("float32", "float16", "bfloat16", "auto"),
        default="float32",
        help="of the module; auto: that of the weights (default: float32)",
    )
    parser.add_argument("--save", metavar="FILE", help="save the state_dict as .safetensors")
    add_format(parser)


def run(arguments: argparse.Namespace) -> int:
    """Build the module, run and save it if the arguments say so, and print the result."""
    if arguments.batch is not None and arguments.batch < 1:
        raise UsageError(f"--batch takes a number of at least 1, not {arguments.batch}")
    if arguments.batch is not None and arguments.batch > MOST_SAMPLES:
        raise UsageError(f"--batch takes a number of at most {MOST_SAMPLES:,}, not {arguments.batch:,}")
    if arguments.save is not None and not arguments.save.endswith(".safetensors"):
        raise UsageError(f"--save {arguments.save}: weights are saved as .safetensors, and read by that suffix")
    _check_weights_options(arguments)
    if arguments.save:
        refuse_unwritable(arguments.save)
    spec = spec_of(arguments)
    graph = lower(spec)
    require_torch()
    from archspec.backends.torch.command import build_and_run

    result: dict[str, Any] = build_and_run(graph, spec, arguments)
    if "error" in result:
        raise UsageError(result["error"])
    report = result.get("weights")
    if arguments.save:
        print_written(arguments, arguments.save)
    if arguments.format == "json":
        print(as_json(result if report is None else {**result, "weights": _weights_json(report)}))
        return CLEAN
    name = printable(result["name"])
    print(f"built {name}: {result['modules']:,} modules, {result['params']:,} parameters on {result['device']}")
    if report is not None:
        print(report)
    if "outputs" in result:
        shapes = ", ".join(f"{name} {show_shape(tuple(shape))}" for name, shape in result["outputs"].items())
        print(printable(f"forward of a batch of {arguments.batch}: {shapes}"))
    return CLEAN


def _check_weights_options(arguments: argparse.Namespace) -> None:
    """Raise UsageError for options that say how to load weights where none are given, and for --keys without a =."""
    options = {"--no-strict": not arguments.strict, "--keys": arguments.keys, "--dtype auto": arguments.dtype == "auto"}
    for option, is_given in options.items():
        if is_given and not arguments.weights:
            raise UsageError(f"{option} says how to load weights: name them by --weights FILE")
    for words in arguments.keys or ():
        if "=" not in words or words.startswith("="):
            raise UsageError(f"--keys takes OLD=NEW, not {words}")


def _weights_json(report: WeightsReport) -> dict[str, Any]:
    problems = [
        {
            "kind": problem.kind,
            "key": problem.key,
            "shape": problem.shape,
            "found": problem.found,
            "layer": problem.layer or None,
            "place": None if problem.span is None else str(problem.span),
        }
        for problem in report.problems
    ]
    return {
        "file": report.source,
        "entry": report.entry or None,
        "loaded": report.loaded,
        "tensors": report.tensors,
        "prefixes": report.prefixes,
        "left_out": report.left_out,
        "problems": problems,
    }
