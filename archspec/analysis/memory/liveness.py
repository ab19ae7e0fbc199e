"""Compute the bytes alive at each operation of a training step, forward and backward, from a forward trace.

The model: a storage is freed as soon as neither the running forward holds it nor any operation that saved it still
waits for its gradient. The backward pass runs the operations in reverse order, as torch's engine does for a chain; an
operation's gradients are computed while the gradient of its output is still alive, then what it saved is released. The
gradient of a value with several readers is accumulated into the first, in place unless its memory is shared. Gradients
of parameters stay. Workspaces of kernels (cuDNN, cuBLAS) and the allocator's fragmentation are not modelled.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable

from msgspec import Struct, field

from archspec.analysis.memory.forward_trace import CheckpointedRegion, ForwardTrace
from archspec.tracing.arrays import Array, Storage
from archspec.tracing.tape import TapeEntry

Rounding = Callable[[int], int]
END = 1 << 60  # held until the training step is over
NO_REGION = CheckpointedRegion(-1, -1, (), frozenset())


class _GradientBuffer(Struct):
    """Memory that one or more pending gradients share; `expanded` if some elements of a gradient share theirs."""

    bytes: int
    uses: int = 0
    expanded: bool = False


class _Recomputation(Struct):
    """A checkpointed block computed again: its live storages, each with the operations whose gradients will read it."""

    region: CheckpointedRegion = NO_REGION
    alive: dict[Storage, set[int]] = field(default_factory=dict)
    peak: int = 0

    def inputs_released_at(self, number: int) -> tuple[Storage, ...]:
        """Return the block's inputs once the gradient of its first operation is done."""
        return self.region.inputs if number == self.region.first else ()

    def release(self, storage: Storage, number: int) -> bool:
        """Record that the gradient of an operation has read a storage; return whether it was the last reader."""
        self.alive[storage].discard(number)
        if self.alive[storage]:
            return False
        del self.alive[storage]
        return True


class Liveness(Struct):
    """The bytes alive during each operation, without parameters, buffers and optimizer state.

    forward, backward: by operation the most alive during it; 0 where no gradient passes.
    """

    trace: ForwardTrace
    rounded: Rounding
    live: int = 0  # bytes, at the current operation
    forward: list[int] = field(default_factory=list)
    backward: list[int] = field(default_factory=list)
    gradients: int = 0  # of parameters, after the backward pass
    _pending: dict[Array, _GradientBuffer] = field(default_factory=dict)
    _learned: set[Storage] = field(default_factory=set)

    def run(self) -> None:
        """Run forward, then backward."""
        entries = self.trace.tape.entries
        savers = _savers(entries, self.trace.regions)
        alive = self._run_forward(entries, savers)
        # The backward pass meets a checkpointed block at its last operation, and recomputes it there.
        entering = {region.last - 1: region for region in self.trace.regions if region.last > region.first}
        recomputed = _Recomputation()
        # The backward pass starts with the gradients of the loss.
        self._pending.update({x: self._allocate_for(x) for x in self.trace.seeds})
        self.backward = [0] * len(entries)
        for number in range(len(entries) - 1, -1, -1):
            entry = entries[number]
            if number in entering:
                recomputed = self._recompute(entering[number])
            if any(x in self._pending for x in entry.outputs):
                self.backward[number] = self._run_backward(entry)
                if number == recomputed.region.last - 1:
                    self.backward[number] = max(self.backward[number], recomputed.peak)
            for storage in dict.fromkeys((*entry.saved, *recomputed.inputs_released_at(number))):
                savers[storage].discard(number)
                self._free_unused(storage, savers, alive)
                if storage in recomputed.alive and recomputed.release(storage, number):
                    self.live -= self.rounded(storage.bytes)

    def _free_unused(self, storage: Storage, savers: dict[Storage, set[int]], alive: set[Storage]) -> None:
        """Free a storage that no operation has saved any more, unless the caller of the module holds it."""
        if storage in alive and not savers[storage] and self.trace.held_until.get(storage, 0) != END:
            alive.remove(storage)
            self.live -= self.rounded(storage.bytes)

    def _run_forward(self, entries: list[TapeEntry], savers: dict[Storage, set[int]]) -> set[Storage]:
        alive = {x.storage for x in self.trace.inputs}
        self.live = sum(self.rounded(storage.bytes) for storage in alive)
        dying = defaultdict(list)  # by operation the storages that forward holds no longer than that
        for storage, last in self.trace.held_until.items():
            dying[last].append(storage)
        for number, entry in enumerate(entries):
            made = {x.storage for x in entry.outputs if x.storage.role == "value"} - alive
            alive |= made
            self.live += sum(self.rounded(storage.bytes) for storage in made)
            # The peak of an operation is before its inputs are freed: it reads them while it writes its outputs.
            self.forward.append(self.live)
            for storage in dying[number]:
                self._free_unused(storage, savers, alive)
        return alive

    def _recompute(self, region: CheckpointedRegion) -> _Recomputation:
        """Run the forward of a checkpointed block again, as far as its last saved value; what gradients read stays."""
        found = _Recomputation(region)
        entries = self.trace.tape.entries
        reading = {storage for number in range(region.first, region.last) for storage in entries[number].saved}
        saves = [number for number in range(region.first, region.last) if entries[number].saved]
        for number in range(region.first, max(saves, default=region.first - 1) + 1):
            # Views and results written in place are on a storage that is alive already.
            for storage in {x.storage for x in entries[number].outputs} & region.made - set(found.alive):
                found.alive[storage] = {n for n in saves if storage in entries[n].saved}
                self.live += self.rounded(storage.bytes)
            found.peak = max(found.peak, self.live)
            for storage in [s for s in found.alive if s not in reading and self.trace.held_until.get(s, 0) <= number]:
                del found.alive[storage]
                self.live -= self.rounded(storage.bytes)
        for storage in [s for s in found.alive if s not in reading]:
            del found.alive[storage]
            self.live -= self.rounded(storage.bytes)
        return found

    def _run_backward(self, entry: TapeEntry) -> int:
        """Compute the gradients of one operation; return the most bytes alive meanwhile."""
        incoming = [self._pending.pop(x) for x in entry.outputs if x in self._pending]
        made: list[tuple[Array, _GradientBuffer]] = []
        to_reduce: list[tuple[Array, _GradientBuffer]] = []
        for x in entry.inputs:
            if not x.needs_grad:
                continue
            if _is_reduced(x, entry):
                to_reduce.append((x, self._allocate(self.rounded(entry.outputs[0].bytes))))
            elif x.storage.role == "parameter":
                made.append((x, self._parameter_gradient(x)))
            elif entry.expands or (entry.passes and _fits(x, entry)):
                incoming[0].uses += 1  # the same memory, as of an add
                incoming[0].expanded = incoming[0].expanded or entry.expands
                made.append((x, incoming[0]))
            else:
                made.append((x, self._allocate_for(x)))
        peak = self.live + self.rounded(entry.scratch)
        # All are computed before the first of them is summed or cast.
        for x, whole in to_reduce:
            gradient = self._parameter_gradient(x) if x.storage.role == "parameter" else self._allocate_for(x)
            made.append((x, gradient))
            peak = max(peak, self.live)
            self._release(whole)
        # The gradients of the outputs are alive until those of the inputs exist.
        for gradient in incoming:
            self._release(gradient)
        for x, gradient in made:
            peak = max(peak, self._accumulate(x, gradient))
        return peak

    def _parameter_gradient(self, x: Array) -> _GradientBuffer:
        """Return a parameter's gradient, which stays; a second one is added to it in place and released."""
        if x.storage in self._learned:
            return self._allocate_for(x)
        self._learned.add(x.storage)
        size = self.rounded(x.storage.bytes)
        self.gradients += size
        self.live += size
        return _GradientBuffer(0, 1)

    def _allocate_for(self, x: Array) -> _GradientBuffer:
        return self._allocate(self.rounded(x.bytes))

    def _allocate(self, size: int) -> _GradientBuffer:
        self.live += size
        return _GradientBuffer(size, 1)

    def _release(self, gradient: _GradientBuffer) -> None:
        gradient.uses -= 1
        if gradient.uses == 0:
            self.live -= gradient.bytes

    def _accumulate(self, x: Array, gradient: _GradientBuffer) -> int:
        """Add a gradient to that of other readers, in place unless its memory is shared; return the peak."""
        if x.storage.role == "parameter":
            peak = self.live
            self._release(gradient)
            return peak
        before = self._pending.get(x)
        if before is None:
            self._pending[x] = gradient
            return self.live
        if before.uses == 1 and not before.expanded:
            peak = self.live
        else:  # another value's gradient shares the memory, so that the sum needs its own
            total = self._allocate_for(x)
            peak = self.live
            self._release(before)
            self._pending[x] = total
        self._release(gradient)
        return peak


def _is_reduced(x: Array, entry: TapeEntry) -> bool:
    """Return whether an input's gradient is computed in the output's shape and dtype, then summed or cast."""
    out = entry.outputs[0]
    return entry.stretches and not entry.passes and (x.elements < out.elements or x.dtype != out.dtype)


def _fits(x: Array, entry: TapeEntry) -> bool:
    """Return whether an input's gradient can share the memory of the output's: it is neither summed nor cast."""
    out = entry.outputs[0]
    most = x.elements == out.elements if entry.stretches else x.elements <= out.elements
    return most and x.dtype == out.dtype


def _savers(entries: list[TapeEntry], regions: list[CheckpointedRegion]) -> dict[Storage, set[int]]:
    """Return for each storage the operations that save it; for the inputs of a checkpointed block, its first one."""
    found: dict[Storage, set[int]] = defaultdict(set)
    recomputed = {number for region in regions for number in range(region.first, region.last)}
    for number, entry in enumerate(entries):
        for storage in entry.saved if number not in recomputed else ():
            found[storage].add(number)
    for region in regions:
        for storage in region.inputs:
            found[storage].add(region.first)
    return found
