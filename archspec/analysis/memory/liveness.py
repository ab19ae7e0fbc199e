"""What is alive when: a training step's forward and backward over what a trace made, one moment an operation."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable

from msgspec import Struct, field

from archspec.analysis.memory.tracing import Region, Trace
from archspec.tracing.arrays import Array, Storage
from archspec.tracing.tape import TapeEntry

Rounding = Callable[[int], int]
END = 1 << 60  # held until the training step is over
NOWHERE = Region(-1, -1, (), frozenset())


class _Gradient(Struct):
    """Memory that one or more pending gradients lie in."""

    bytes: int
    uses: int = 0


class _Again(Struct):
    """A block computed again: what of it is alive, and which operations' gradients still read it."""

    region: Region = NOWHERE
    alive: dict[Storage, set[int]] = field(default_factory=dict)
    most: int = 0

    def given_at(self, number: int) -> tuple[Storage, ...]:
        """What the block was given, when its first operation's gradient is done."""
        return self.region.given if number == self.region.first else ()

    def freed(self, storage: Storage, number: int) -> bool:
        """Whether the gradient of that operation was the last to read it."""
        self.alive[storage].discard(number)
        if self.alive[storage]:
            return False
        del self.alive[storage]
        return True


class Liveness(Struct):
    """Bytes alive during each operation, parameters, buffers and the optimizer's state not among them."""

    trace: Trace
    rounded: Rounding
    now: int = 0
    forward: list[int] = field(default_factory=list)  # by operation, the most there was in it
    backward: list[int] = field(default_factory=list)  # by operation too; 0 where no gradient passes
    gradients: int = 0  # of parameters, in the end
    _pending: dict[Array, _Gradient] = field(default_factory=dict)
    _learned: set[Storage] = field(default_factory=set)

    def run(self) -> None:
        """Forward, then backward."""
        entries = self.trace.tape.entries
        kept = _saving(entries, self.trace.regions)
        alive = self._forward(entries, kept)
        entering = {region.last - 1: region for region in self.trace.regions if region.last > region.first}
        again = _Again()
        self._seed(entries)
        self.backward = [0] * len(entries)
        for number in range(len(entries) - 1, -1, -1):
            entry = entries[number]
            if number in entering:
                again = self._again(entering[number])
            if any(x in self._pending for x in entry.outputs):
                self.backward[number] = max(self._back(entry), again.most if number == again.region.last - 1 else 0)
            for storage in dict.fromkeys((*entry.saved, *again.given_at(number))):
                kept[storage].discard(number)
                self._drop(storage, kept, alive)
                if storage in again.alive and again.freed(storage, number):
                    self.now -= self.rounded(storage.bytes)

    def _drop(self, storage: Storage, kept: dict[Storage, set[int]], alive: set[Storage]) -> None:
        """Free a storage that nothing needs any more."""
        if storage in alive and not kept[storage] and self.trace.held.get(storage, 0) != END:
            alive.remove(storage)
            self.now -= self.rounded(storage.bytes)

    def _forward(self, entries: list[TapeEntry], kept: dict[Storage, set[int]]) -> set[Storage]:
        alive = {x.storage for x in self.trace.inputs}
        self.now = sum(self.rounded(storage.bytes) for storage in alive)
        dying = defaultdict(list)
        for storage, last in self.trace.held.items():
            dying[last].append(storage)
        for number, entry in enumerate(entries):
            made = {x.storage for x in entry.outputs if x.storage.role == "value"} - alive
            alive |= made
            self.now += sum(self.rounded(storage.bytes) for storage in made)
            self.forward.append(self.now)
            for storage in dying[number]:
                self._drop(storage, kept, alive)
        return alive

    def _again(self, region: Region) -> _Again:
        """Run the forward of a block once more, for what its gradients read."""
        found = _Again(region)
        entries = self.trace.tape.entries
        reading = {storage for number in range(region.first, region.last) for storage in entries[number].saved}
        saves = [number for number in range(region.first, region.last) if entries[number].saved]
        for number in range(region.first, max(saves, default=region.first - 1) + 1):
            for storage in {x.storage for x in entries[number].outputs} & region.made - set(found.alive):
                found.alive[storage] = {n for n in saves if storage in entries[n].saved}
                self.now += self.rounded(storage.bytes)
            found.most = max(found.most, self.now)
            for storage in [s for s in found.alive if s not in reading and self.trace.held.get(s, 0) <= number]:
                del found.alive[storage]
                self.now -= self.rounded(storage.bytes)
        for storage in [s for s in found.alive if s not in reading]:
            del found.alive[storage]
            self.now -= self.rounded(storage.bytes)
        return found

    def _seed(self, entries: list[TapeEntry]) -> None:
        """The loss's gradient, which takes next to nothing."""
        for entry in entries[-1:]:
            for x in entry.outputs:
                self._pending[x] = _Gradient(0, 1)

    def _back(self, entry: TapeEntry) -> int:
        """One operation's gradients; the most that there was in it."""
        given = [self._pending.pop(x) for x in entry.outputs if x in self._pending]
        made: list[tuple[Array, _Gradient]] = []
        temporary = 0
        for x in entry.inputs:
            if not x.needs_grad:
                continue
            smaller = entry.stretches and x.elements < entry.outputs[0].elements
            if x.storage.role == "parameter":
                made.append((x, self._parameter(x)))
            elif entry.passes and not smaller and _fits(x, entry.outputs[0]):
                made.append((x, given[0]))
                given[0].uses += 1
            else:
                made.append((x, self._new(x)))
            if smaller and not entry.passes:
                temporary = max(temporary, self.rounded(entry.outputs[0].bytes))
        most = self.now + temporary + self.rounded(entry.scratch)
        for gradient in given:
            self._release(gradient)
        for x, gradient in made:
            if x.storage.role != "parameter":
                most = max(most, self._accumulate(x, gradient))
        return most

    def _parameter(self, x: Array) -> _Gradient:
        """A parameter's gradient: it stays; a second one is added to it."""
        if x.storage not in self._learned:
            self._learned.add(x.storage)
            size = self.rounded(x.storage.bytes)
            self.gradients += size
            self.now += size
        return _Gradient(0, 1)

    def _new(self, x: Array) -> _Gradient:
        gradient = _Gradient(self.rounded(x.bytes), 1)
        self.now += gradient.bytes
        return gradient

    def _release(self, gradient: _Gradient) -> None:
        gradient.uses -= 1
        if gradient.uses == 0:
            self.now -= gradient.bytes

    def _accumulate(self, x: Array, gradient: _Gradient) -> int:
        """Hand a gradient on, added to what another reader gave; in place unless that memory is shared."""
        before = self._pending.get(x)
        if before is None:
            self._pending[x] = gradient
            return self.now
        if before.uses == 1:
            most = self.now
        else:
            total = self._new(x)
            most = self.now
            self._release(before)
            self._pending[x] = total
        self._release(gradient)
        return most


def _fits(x: Array, result: Array) -> bool:
    """Whether an input's gradient can be that of the result, or a part of it."""
    return x.dtype == result.dtype and x.elements <= result.elements


def _saving(entries: list[TapeEntry], regions: list[Region]) -> dict[Storage, set[int]]:
    """For each storage the operations that keep it; what a block that is computed again was given, its first."""
    found: dict[Storage, set[int]] = defaultdict(set)
    again = {number for region in regions for number in range(region.first, region.last)}
    for number, entry in enumerate(entries):
        for storage in entry.saved if number not in again else ():
            found[storage].add(number)
    for region in regions:
        for storage in region.given:
            found[storage].add(region.first)
    return found
