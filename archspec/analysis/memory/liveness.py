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
    """Memory that one or more pending gradients share."""

    bytes: int
    uses: int = 0


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
        self._seed_gradient(entries)
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

    def _seed_gradient(self, entries: list[TapeEntry]) -> None:
        """Seed the backward pass with the gradient of the loss, a scalar."""
        for entry in entries[-1:]:
            for x in entry.outputs:
                # A scalar: its bytes are not counted.
                self._pending[x] = _GradientBuffer(0, 1)

    def _run_backward(self, entry: TapeEntry) -> int:
        """Compute the gradients of one operation; return the most bytes alive meanwhile."""
        incoming = [self._pending.pop(x) for x in entry.outputs if x in self._pending]
        made: list[tuple[Array, _GradientBuffer]] = []
        temporary = 0
        for x in entry.inputs:
            if not x.needs_grad:
                continue
            smaller = entry.stretches and x.elements < entry.outputs[0].elements
            if x.storage.role == "parameter":
                made.append((x, self._parameter_gradient(x)))
            elif entry.passes and not smaller and _fits(x, entry.outputs[0]):
                made.append((x, incoming[0]))  # the same memory, as of an add
                incoming[0].uses += 1
            else:
                made.append((x, self._allocate(x)))
            # The gradient of a broadcast input is first computed at full size, then summed.
            if smaller and not entry.passes:
                temporary = max(temporary, self.rounded(entry.outputs[0].bytes))
        peak = self.live + temporary + self.rounded(entry.scratch)
        # The gradients of the outputs are alive until those of the inputs exist.
        for gradient in incoming:
            self._release(gradient)
        for x, gradient in made:
            if x.storage.role != "parameter":
                peak = max(peak, self._accumulate(x, gradient))
        return peak

    def _parameter_gradient(self, x: Array) -> _GradientBuffer:
        """Return a parameter's gradient, which stays; a second one is added to it in place."""
        if x.storage not in self._learned:
            self._learned.add(x.storage)
            size = self.rounded(x.storage.bytes)
            self.gradients += size
            self.live += size
        return _GradientBuffer(0, 1)

    def _allocate(self, x: Array) -> _GradientBuffer:
        gradient = _GradientBuffer(self.rounded(x.bytes), 1)
        self.live += gradient.bytes
        return gradient

    def _release(self, gradient: _GradientBuffer) -> None:
        gradient.uses -= 1
        if gradient.uses == 0:
            self.live -= gradient.bytes

    def _accumulate(self, x: Array, gradient: _GradientBuffer) -> int:
        """Add a gradient to that of other readers, in place unless its memory is shared; return the peak."""
        before = self._pending.get(x)
        if before is None:
            self._pending[x] = gradient
            return self.live
        if before.uses == 1:
            peak = self.live
        else:  # another value's gradient shares the memory, so that the sum needs its own
            total = self._allocate(x)
            peak = self.live
            self._release(before)
            self._pending[x] = total
        self._release(gradient)
        return peak


def _fits(x: Array, result: Array) -> bool:
    """Return whether an input's gradient can share the memory of the output's."""
    return x.dtype == result.dtype and x.elements <= result.elements


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
