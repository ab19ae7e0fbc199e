"""Bodies kept from one run of lowering for the next: the variants of a spec, and an open file at every keystroke."""

from __future__ import annotations

from collections.abc import Callable, Hashable
from typing import Any, TypeVar, TypeVarTuple

from msgspec import Struct

from archspec.ir.graph import Body
from archspec.language.load import Spec
from archspec.language.symbols import Definitions, definitions_of
from archspec.lowering.shape_change import ShapeGuard
from archspec.source import Tree

T = TypeVar("T")
Ts = TypeVarTuple("Ts")
RUNS_KEPT = 4  # runs of lint after which an unused body is dropped


class LoweringWork(Struct, frozen=True):
    """The work of lowering a body, counted against the limits: layers, turns of repeats, the cost of expressions."""

    layers: int = 0
    iterations: int = 0
    expressions: int = 0

    def __add__(self, other: LoweringWork) -> LoweringWork:
        return LoweringWork(
            self.layers + other.layers, self.iterations + other.iterations, self.expressions + other.expressions
        )

    def __sub__(self, other: LoweringWork) -> LoweringWork:
        return LoweringWork(
            self.layers - other.layers, self.iterations - other.iterations, self.expressions - other.expressions
        )


NO_WORK = LoweringWork()


class LoweredBody(Struct, frozen=True):
    """A body with how many layers it has, the work of lowering it, and what its steps depend on.

    `own_work` leaves out what its calls count. `guards`: what must hold of other input types for
    the same steps to be right; None where they depend on more than that. `is_cacheable`: whether another run misses
    nothing if it takes the body over: no finding, and no file that was read.
    """

    body: Body
    weight: int
    work: LoweringWork = NO_WORK
    own_work: LoweringWork = NO_WORK
    guards: tuple[ShapeGuard, ...] | None = None
    is_cacheable: bool = True


class LoweringCache:
    """The bodies that several runs of lowering share; those that the last runs did not use are dropped.

    The key of a body is its BlockUse (block, arguments, port widths, defaults) and input types. What the names of
    blocks inside it refer to is not part of the key, so the cache is cleared when the spec's own blocks change, be it
    their content or their place in the file, which origins and messages show.
    """

    def __init__(self) -> None:
        self._own: Tree | None = None
        self._place: tuple[str, tuple[str, ...]] | None = None
        self._definitions: Definitions | None = None
        self._kept: dict[Hashable, LoweredBody] = {}
        self._used: dict[Hashable, int] = {}
        self._run = 0
        self._analyses: dict[object, Any] = {}
        self._last: dict[object, tuple[tuple[int, ...], Any, Any]] = {}

    def definitions(self, spec: Spec) -> Definitions:
        """Return the symbol table of a spec; the same object while the spec's own blocks stay the same."""
        # Trees are compared with their spans: a block that only moved has other origins, too.
        own = spec.document.tree.get("blocks") if spec.document.tree is not None else None
        if self._definitions is None or own != self._own:
            self._kept.clear()
            self._used.clear()
            self._definitions = None
        # Bodies of the library's blocks stay where only the file is another.
        if self._definitions is None or (spec.root, spec.chain) != self._place:
            self._own, self._place, self._definitions = own, (spec.root, spec.chain), definitions_of(spec)
        return self._definitions

    def get(self, key: Hashable) -> LoweredBody | None:
        """Return the body of a key; None if it is not cached."""
        kept = self._kept.get(key)
        if kept is not None:
            self._used[key] = self._run
        return kept

    def put(self, key: Hashable, kept: LoweredBody) -> None:
        """Keep a body for later runs."""
        self._kept[key] = kept
        self._used[key] = self._run

    def analysis_cache(self, kind: Callable[[], T]) -> T:
        """Return the cache of an analysis that lives as long as this one, creating it with `kind()` at first use."""
        if kind not in self._analyses:
            self._analyses[kind] = kind()
        found: T = self._analyses[kind]
        return found

    def last_result(self, compute: Callable[[*Ts], T], *args: *Ts) -> T:
        """Return `compute(*args)`, kept while the objects are the same: all variants of a spec share its tree."""
        identities = tuple(map(id, args))
        known = self._last.get(compute)
        if known is None or known[0] != identities:
            # With the arguments, so that no other object can get their identities.
            known = self._last[compute] = identities, args, compute(*args)
        found: T = known[2]
        return found

    def begin_run(self) -> None:
        """Begin another run; drop the bodies that the last RUNS_KEPT runs did not use."""
        self._run += 1
        for key in [key for key, turn in self._used.items() if turn < self._run - RUNS_KEPT]:
            del self._kept[key], self._used[key]
