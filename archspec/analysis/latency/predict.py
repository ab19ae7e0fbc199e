"""Predict the time of a forward pass or a training step on a device."""

from __future__ import annotations

import os
from typing import Any

from msgspec import Struct

from archspec.analysis.latency.kernels import Kernel, OpKernels, list_kernels
from archspec.analysis.latency.profile import DTYPES, DeviceProfile, Dtype
from archspec.analysis.latency.profiles import load_profile
from archspec.analysis.latency.roofline import BOUNDS, Bound, Time, kernel_time, sum_times
from archspec.analysis.memory.forward_trace import ForwardTrace, trace_forward
from archspec.analysis.summary import LEVELS, SummaryRow, summarize
from archspec.errors import IncompleteGraphError
from archspec.ir.graph import Body, Call, Graph

CHUNK = 64  # parameters that a GPU updates in one operation (torch's foreach)
UPDATES = 3  # of SGD with momentum: the momentum shrinks, takes in the gradient, moves the parameter


class LatencyRow(Struct, frozen=True):
    """A row: the module path, the kind, and the times, those of `backward` all 0 without training.

    bytes: read and written by its operations; flops: 2 · MACs; launches: how many operations it runs.
    """

    path: str
    kind: str
    forward: Time
    backward: Time
    bytes: int
    flops: int
    launches: int

    @property
    def time(self) -> Time:
        """Forward and backward."""
        return self.forward + self.backward

    def to_dict(self) -> dict[str, Any]:
        """Return the JSON form."""
        return {
            "path": self.path,
            "kind": self.kind,
            "forward_ms": _ms(self.forward),
            "backward_ms": _ms(self.backward),
            "bound": self.time.bound,
            "bytes": self.bytes,
            "flops": self.flops,
            "launches": self.launches,
        }


class Latency(Struct, frozen=True):
    """The predicted time of a forward pass or, where `training`, of a step: forward, backward, SGD with momentum.

    `ops` has a row for each op, `rows` one for each row of the summary at `level`; the rows' times add up to forward
    and backward at every level.
    """

    name: str
    variant: str
    device: str
    batch: int
    dtype: str
    training: bool
    level: str
    forward: Time
    backward: Time
    optimizer: Time
    rows: tuple[LatencyRow, ...]
    ops: tuple[LatencyRow, ...]

    @property
    def forward_ms(self) -> float:
        return _ms(self.forward)

    @property
    def step_ms(self) -> float | None:
        """Forward, backward and the optimizer; None without training."""
        return _ms(self.forward + self.backward + self.optimizer) if self.training else None

    @property
    def samples_per_second(self) -> float:
        """Samples per second of the forward pass or, in training, of whole steps."""
        seconds = (self.forward + self.backward + self.optimizer).seconds
        return self.batch / seconds if seconds else 0.0

    def bound_by(self, bound: Bound) -> tuple[int, float]:
        """Return how many ops are bound by memory, compute or launches, and the milliseconds that they take."""
        ops = [row.time for row in self.ops if row.time.bound == bound]
        return len(ops), _ms(sum_times(ops))

    def to_dict(self) -> dict[str, Any]:
        """Return the JSON form."""
        bounds = {bound: dict(zip(("ops", "ms"), self.bound_by(bound), strict=True)) for bound in BOUNDS}
        return {
            "name": self.name,
            "variant": self.variant,
            "device": self.device,
            "batch": self.batch,
            "dtype": self.dtype,
            "training": self.training,
            "forward_ms": self.forward_ms,
            "backward_ms": _ms(self.backward) if self.training else None,
            "optimizer_ms": _ms(self.optimizer) if self.training else None,
            "step_ms": self.step_ms,
            "samples_per_second": self.samples_per_second,
            "bound": bounds,
            "level": self.level,
            "rows": [row.to_dict() for row in self.rows],
        }


def predict_latency(
    graph: Graph,
    *,
    device: str | os.PathLike[str] | DeviceProfile = "h100",
    batch: int = 1,
    dtype: Dtype = "float32",
    training: bool = False,
    level: str = "stage",
) -> Latency:
    """Return the time of a forward pass in eval mode or of a training step in eager mode, without running it.

    device: the name of a profile that archspec ships, the path of one, or a profile. dtype: of all numbers.
    level: what a row is, as in `summarize`.

    Raises ValueError for an argument that is wrong, SpecError for a profile that is.
    """
    _check(graph, batch, dtype, level)
    profile = device if isinstance(device, DeviceProfile) else load_profile(device)
    try:
        # One trace for all dtypes: `list_kernels` converts the bytes, since latency has all numbers in one dtype.
        found = trace_forward(graph, batch, device="gpu", fused_attention=True)
    except IncompleteGraphError:
        raise ValueError("a layer has no known shape, so that the latency cannot be predicted") from None
    nodes = list(graph.nodes())
    kernels = list_kernels(found, nodes, dtype, training)
    heads = summarize(graph, "op").rows
    ops = tuple(_row(head, [own], profile, dtype) for head, own in zip(heads, kernels, strict=True))
    return Latency(
        name=graph.name,
        variant=graph.variant,
        device=profile.name,
        batch=batch,
        dtype=dtype,
        training=training,
        level=level,
        forward=sum_times(row.forward for row in ops),
        backward=sum_times(row.backward for row in ops),
        optimizer=_optimizer(found, profile, dtype) if training else Time(),
        rows=ops if level == "op" else _rows(graph, level, kernels, profile, dtype),
        ops=ops,
    )


def _check(graph: Graph, batch: int, dtype: str, level: str) -> None:
    if batch < 1:
        raise ValueError(f"batch is at least 1, not {batch}")
    if dtype not in DTYPES:
        raise ValueError(f"dtype is one of {', '.join(DTYPES)}, not {dtype!r}")
    if level not in LEVELS:
        raise ValueError(f"level is one of {', '.join(LEVELS)}, not {level!r}")


def _rows(
    graph: Graph, level: str, kernels: list[OpKernels], profile: DeviceProfile, dtype: Dtype
) -> tuple[LatencyRow, ...]:
    """Return a row for each stage or block, whose ops follow one another."""
    starts = [0]
    for step in graph.body.steps:
        starts.append(starts[-1] + (_count_ops(step.body, {}) if isinstance(step, Call) else 1))
    whole = [(section.first, section.last) for section in graph.sections]
    ranges = whole if level == "stage" else [(n, n + 1) for n in range(len(graph.body.steps))]
    heads = summarize(graph, level).rows
    return tuple(
        _row(head, kernels[starts[first] : starts[last]], profile, dtype)
        for head, (first, last) in zip(heads, ranges, strict=True)
    )


def _count_ops(body: Body, known: dict[int, int]) -> int:
    """Return how many ops a body has with its calls inlined."""
    if id(body) not in known:
        known[id(body)] = sum(_count_ops(s.body, known) if isinstance(s, Call) else 1 for s in body.steps)
    return known[id(body)]


def _row(head: SummaryRow, ops: list[OpKernels], profile: DeviceProfile, dtype: Dtype) -> LatencyRow:
    forward = [kernel for op in ops for kernel in op.forward]
    backward = [kernel for op in ops for kernel in op.backward]
    both = [*forward, *backward]
    return LatencyRow(
        path=head.path,
        kind=head.kind,
        forward=_time(forward, profile, dtype),
        backward=_time(backward, profile, dtype),
        bytes=sum(kernel.bytes for kernel in both),
        flops=sum(kernel.flops for kernel in both),
        launches=len(both),
    )


def _time(kernels: list[Kernel], profile: DeviceProfile, dtype: Dtype) -> Time:
    return sum_times(kernel_time(kernel, profile, dtype) for kernel in kernels)


def _optimizer(found: ForwardTrace, profile: DeviceProfile, dtype: Dtype) -> Time:
    """Return the time of a step of SGD with momentum, which reads parameter, gradient and momentum and writes two."""
    learned = [x for x in found.tensors if x.needs_grad]
    item = 4 if dtype == "float32" else 2
    # torch's optimizers update many parameters in one operation on a GPU (`foreach`), one by one on a CPU.
    if profile.launch.overlaps:
        chunks = [learned[first : first + CHUNK] for first in range(0, len(learned), CHUNK)]
    else:
        chunks = [[x] for x in learned]
    # The momentum is read and written, then it and the gradient read and it written, then both read and one written.
    passes = (2, 3, 3)
    assert len(passes) == UPDATES
    sizes = [item * sum(x.elements for x in chunk) for chunk in chunks]
    return sum_times(kernel_time(Kernel(times * size), profile, dtype) for size in sizes for times in passes)


def _ms(time: Time) -> float:
    return time.seconds * 1e3
