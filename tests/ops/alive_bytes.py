"""The bytes alive while one op runs forward and backward: as torch has them under fake tensors, and by its rule."""

from __future__ import annotations

import weakref
from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import Any

import torch
from torch.utils._python_dispatch import TorchDispatchMode
from torch.utils._pytree import tree_leaves

from archspec.analysis.memory.forward_trace import ForwardTrace, own_array
from archspec.analysis.memory.liveness import END, Liveness
from archspec.backends.torch.emit.base import Site
from archspec.tracing.arrays import Array
from archspec.tracing.tape import Tape, TracedOp
from tests.ops.harness import module_of, run_module


@dataclass(frozen=True)
class AliveBytes:
    """The most bytes alive in the forward and the backward pass, and those after it, without inputs and weights."""

    forward: int
    backward: int
    after: int


class _Tracker(TorchDispatchMode):
    """Counts the storages that are made while it is active, until nothing references them."""

    def __init__(self, known: list[torch.Tensor]) -> None:
        super().__init__()  # type: ignore[no-untyped-call]  # as torch declares it
        self._seen = weakref.WeakSet([t.untyped_storage() for t in known])
        self.live = self.peak = 0

    def __torch_dispatch__(self, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        found = func(*args, **(kwargs or {}))
        for tensor in tree_leaves(found):
            if isinstance(tensor, torch.Tensor) and tensor.untyped_storage() not in self._seen:
                self._track(tensor.untyped_storage())
        self.peak = max(self.peak, self.live)
        return found

    def _track(self, storage: torch.UntypedStorage) -> None:
        size = storage.nbytes()
        self._seen.add(storage)
        self.live += size
        weakref.finalize(storage, self._forget, size)

    def _forget(self, size: int) -> None:
        self.live -= size


class _Reader(torch.autograd.Function):
    """A reader of values, whose gradients it makes new; they are gone once they have been used."""

    @staticmethod
    def forward(ctx: Any, *values: torch.Tensor) -> torch.Tensor:
        ctx.like = [(x.shape, torch.empty_like(x).stride(), x.dtype) for x in values]
        return values[0].new_zeros(())

    @staticmethod
    def backward(ctx: Any, *_: Any) -> Any:
        return tuple(torch.empty_strided(shape, strides, dtype=dtype) for shape, strides, dtype in ctx.like)


def seen_alive(site: Site, tensors: tuple[torch.Tensor | None, ...], how: AbstractContextManager[Any]) -> AliveBytes:
    """Return what torch has alive, under `fake_tensors`; the outputs are held, as a later op would hold them."""
    module = module_of(site, "cpu")
    trained = [t for t in (*tensors, *module.parameters()) if t is not None and t.is_floating_point()]
    for tensor in trained:
        tensor.requires_grad_()
    tracker = _Tracker([t for t in (*tensors, *module.parameters(), *module.buffers()) if t is not None])
    with tracker, how:
        given = run_module(site, module, tensors)
    outputs = given if isinstance(given, tuple) else (given,)
    forward, tracker.peak = tracker.peak, 0
    read = _Reader.apply(*outputs)  # type: ignore[no-untyped-call]  # as torch declares it
    with tracker:
        gradients = torch.autograd.grad(read, trained, allow_unused=True)
    found = AliveBytes(forward, tracker.peak, tracker.live)
    del gradients, outputs, given
    return found


def alive_by_rule(site: Site, tape: Tape, arrays: list[Array | None]) -> AliveBytes:
    """Return what is alive by the op's own rule."""
    own = {tensor.name: own_array(tensor.shape, tensor.role) for tensor in site.op.tensors(site.inputs)}
    trace = ForwardTrace(3, tape, inputs=tuple(dict.fromkeys(x for x in arrays if x is not None)))
    trace.outputs = site.op.trace(tape, TracedOp(tuple(arrays), site.inputs, site.outputs, own))
    trace.seeds = trace.outputs
    last = len(tape.entries) - 1
    for number, entry in enumerate(tape.entries):
        trace.held_until.update(dict.fromkeys([x.storage for x in (*entry.inputs, *entry.outputs)], number))
    trace.held_until.update(tape.held_until)
    trace.held_until.update({x.storage: last for x in tape.weights.values()})
    trace.held_until.update({x.storage: END for x in (*trace.inputs, *trace.outputs)})
    alive = Liveness(trace, lambda size: size)
    alive.run()
    outside = sum(storage.bytes for storage in {x.storage for x in trace.inputs})
    return AliveBytes(max(alive.forward) - outside, max(alive.backward) - outside, alive.live - outside)
