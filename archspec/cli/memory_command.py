"""archspec memory: the memory of a training step, predicted."""

from __future__ import annotations

import argparse
import json
from itertools import pairwise

from archspec.analysis.format_numbers import format_mebibytes
from archspec.analysis.memory import defaults
from archspec.analysis.memory.largest_batch import largest_batch
from archspec.analysis.memory.losses import LOSSES
from archspec.analysis.memory.predict import DEVICES, DTYPES, OPTIMIZERS, Memory, MemoryMoment, predict_memory
from archspec.charts.plotting import plot_memory
from archspec.charts.style import FORMATS
from archspec.cli.arguments import add_format, add_spec, spec_of
from archspec.cli.exit_codes import CLEAN
from archspec.cli.formats.report import printable
from archspec.cli.output_option import add_output, format_of, write_output
from archspec.errors import UsageError
from archspec.lowering import lower

CARDS = (24, 40, 80)  # GB, as they are sold
BAR, ROWS = 40, 16
EXAMPLES = (
    "memory resnet50 --batch 64 --optimizer adamw",
    'memory net.yaml --dtype bfloat16 --checkpoint "layer3.*"',
    "memory resnet50 -o memory.svg",
)


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add one spec, and how it is trained."""
    add_spec(parser)
    about = "samples at a time (default: %(default)s)"
    parser.add_argument("--batch", type=int, default=defaults.BATCH, metavar="N", help=about)
    about = "sgd, momentum (SGD with it) or adamw (default: %(default)s)"
    parser.add_argument("--optimizer", choices=OPTIMIZERS, default=defaults.OPTIMIZER, help=about)
    about = "mean_square of the outputs, mse to a target of their shape, or cross_entropy (default: %(default)s)"
    parser.add_argument("--loss", choices=LOSSES, default=LOSSES[0], help=about)
    about = "bfloat16 and float16 by autocast (default: float32)"
    parser.add_argument("--dtype", choices=DTYPES, default=DTYPES[0], help=about)
    about = "blocks that are computed again in the backward pass: a pattern of paths (layer3.*), or all; repeatable"
    parser.add_argument("--checkpoint", metavar="PATTERN", action="append", default=[], help=about)
    about = "gpu: in the blocks of 512 bytes of its allocator; cpu: in bytes (default: gpu)"
    parser.add_argument("--device", choices=DEVICES, default=DEVICES[0], help=about)
    parser.add_argument("--timeline", action="store_true", help="every op, and not the highest moments alone")
    add_output(parser, FORMATS, "a chart of the timeline")
    add_format(parser)


def run(arguments: argparse.Namespace) -> int:
    """Print the prediction."""
    if arguments.batch < 1:
        raise UsageError(f"--batch {arguments.batch}: at least one sample")
    form = format_of(arguments.output, FORMATS) if arguments.output is not None else ""
    graph = lower(spec_of(arguments))
    how = {"dtype": arguments.dtype, "optimizer": arguments.optimizer, "loss": arguments.loss}
    # `all` is no pattern: predict_memory takes True for every block.
    again = True if "all" in arguments.checkpoint else tuple(arguments.checkpoint)
    try:
        found = predict_memory(graph, batch=arguments.batch, device=arguments.device, checkpoint=again, **how)
    except ValueError as error:  # a pattern that fits no block
        raise UsageError(str(error)) from None
    if form:
        write_output(arguments, plot_memory(found, form))
    largest = {card: largest_batch(graph, card * 10**9, checkpoint=again, **how) for card in CARDS}
    if arguments.format == "json":
        cards = {f"{card}GB": batch for card, batch in largest.items()}
        print(json.dumps({**found.to_dict(), "largest_batch": cards}, indent=2, ensure_ascii=False))
    else:
        print(printable_lines(_text(found, largest, arguments.timeline)))
    return CLEAN


def printable_lines(lines: list[str]) -> str:
    """Return the lines without characters that a terminal would obey."""
    return "\n".join(printable(line) for line in lines)


def _text(found: Memory, largest: dict[int, int], everything: bool) -> list[str]:
    title = found.name + (f":{found.variant}" if found.variant else "")
    head = f"{title}   batch {found.batch}, {found.dtype}, {found.optimizer}, {found.device}; loss: {found.loss}"
    parts = (
        ("parameters", found.parameters),
        ("buffers", found.buffers),
        ("gradients", found.gradients),
        ("optimizer", found.optimizer_state),
        ("batch", found.inputs),
        ("kept for backward", found.saved),
        ("peak", found.peak),
    )
    lines = [head, "", *(f"  {name:<18}{format_mebibytes(size):>12}" for name, size in parts)]
    lines += ["", f"the peak is {_where(found.peak_phase, found.peak_path)}", ""]
    lines += [_bar(moment, found.peak) for moment in (found.timeline if everything else _highest(found))]
    fitting = ", ".join(f"{batch:,} in {card} GB" for card, batch in largest.items())
    return [*lines, "", f"the largest batch by this prediction: {fitting}"]


def _highest(found: Memory) -> list[MemoryMoment]:
    """Return the highest moment of each of ROWS stretches of the timeline."""
    count = len(found.timeline)
    rows = min(ROWS, count)
    edges = [number * count // rows for number in range(rows + 1)]
    stretches = (found.timeline[first:last] for first, last in pairwise(edges))
    # The highest of each stretch, not evenly spaced moments: the peak is always among them.
    return [max(stretch, key=lambda moment: moment.bytes) for stretch in stretches]


def _bar(moment: MemoryMoment, peak: int) -> str:
    where = _where(moment.phase, moment.path)
    return f"  {'█' * max(1, BAR * moment.bytes // peak):<{BAR}} {format_mebibytes(moment.bytes):>11}  {where}"


def _where(phase: str, path: str) -> str:
    return f"{phase} of {path}" if path else "the optimizer's step"
