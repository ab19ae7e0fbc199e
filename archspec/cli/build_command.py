"""archspec build: the torch module, a batch pushed through it, its weights saved under --save."""

from __future__ import annotations

import argparse
from typing import Any

from archspec.cli.arguments import add_format, add_spec, spec_of
from archspec.cli.exit_codes import CLEAN
from archspec.cli.formats.report import as_json, printable
from archspec.dependencies import require_torch
from archspec.errors import UsageError
from archspec.ir.types import show_shape
from archspec.lowering import lower

MOST_SAMPLES = 2**63 - 1  # what torch can count


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add one spec, and what to do with its module."""
    add_spec(parser)
    parser.add_argument("--batch", type=int, metavar="N", help="push N random samples through the module")
    parser.add_argument("--device", default="cpu", help="cpu, cuda, cuda:1, mps or meta (default: cpu)")
    parser.add_argument("--seed", type=int, default=0, help="of the weights and the random samples (default: 0)")
    parser.add_argument("--weights", metavar="FILE", help="load a state_dict (.safetensors, or torch.save's tensors)")
    parser.add_argument("--save", metavar="FILE", help="save the state_dict as .safetensors")
    add_format(parser)


def run(arguments: argparse.Namespace) -> int:
    """Build the module, run and save it if the arguments say so, and print the result."""
    if arguments.batch is not None and arguments.batch < 1:
        raise UsageError(f"--batch takes a number of at least 1, not {arguments.batch}")
    if arguments.batch is not None and arguments.batch > MOST_SAMPLES:
        raise UsageError(f"--batch takes a number of at most {MOST_SAMPLES:,}, not {arguments.batch:,}")
    if arguments.save and not arguments.save.endswith(".safetensors"):
        raise UsageError(f"--save {arguments.save}: weights are saved as .safetensors, and read by that suffix")
    spec = spec_of(arguments)
    graph = lower(spec)
    require_torch()
    from archspec.backends.torch.command import build_and_run

    result: dict[str, Any] = build_and_run(graph, spec, arguments)
    if "error" in result:
        raise UsageError(result["error"])
    if arguments.format == "json":
        print(as_json(result))
        return CLEAN
    name = printable(result["name"])
    print(f"built {name}: {result['modules']:,} modules, {result['params']:,} parameters on {result['device']}")
    if "outputs" in result:
        shapes = ", ".join(f"{name} {show_shape(tuple(shape))}" for name, shape in result["outputs"].items())
        print(printable(f"forward of a batch of {arguments.batch}: {shapes}"))
    if arguments.save:
        print(f"saved to {arguments.save}")
    return CLEAN
