"""What came of loading weights: the tensors that were loaded, and each that was not, with its place in the spec."""

from __future__ import annotations

from typing import Literal

from msgspec import Struct

from archspec.diagnostics import Span, printable

ProblemKind = Literal["missing", "unexpected", "mismatched", "conflicting"]
"""Not in the file; not in the model; of another shape there; a shared tensor for which the file has two values."""

SHOWN = 12

Shape = tuple[int, ...]


class TensorProblem(Struct, frozen=True):
    """A tensor that was not loaded.

    key: its key in the model; of an unexpected one, in the file.
    shape, found: its shape in the model and in the file; None where it is not there.
    layer, span: the op that owns it and where the spec has it; empty and None where that is not known.
    """

    kind: ProblemKind
    key: str
    shape: Shape | None = None
    found: Shape | None = None
    layer: str = ""
    span: Span | None = None

    def __str__(self) -> str:
        place = ", ".join(str(part) for part in (self.span, self.layer) if part)
        return printable(f"{self._what()} ({place})" if place else self._what())

    def _what(self) -> str:
        if self.kind == "missing":
            return f"missing {self.key} {_show(self.shape)}"
        if self.kind == "unexpected":
            return f"unexpected {self.key} {_show(self.found)}".rstrip()
        if self.kind == "conflicting":
            return f"{self.key} is shared, and has another value under the other key"
        return f"{self.key} is {_show(self.shape)} in the model, {_show(self.found) or 'no tensor'} in the weights"


class WeightsReport(Struct, frozen=True):
    """The report of loading weights; its text has a line for each tensor that was not loaded.

    source: the file, or "the state_dict".
    loaded, tensors: how many tensors of the model were loaded, and how many it has; shared ones count once a key.
    entry: the entry of the checkpoint that holds the state_dict; empty where the whole of it does.
    prefixes: what wrappers had put before the keys, and was removed: `module.` of DataParallel, for example.
    left_out: the keys of the file that `keys` leaves out.
    problems: the tensors that were not loaded, those of the model first, in its order.
    """

    source: str
    loaded: int
    tensors: int
    entry: str = ""
    prefixes: tuple[str, ...] = ()
    left_out: tuple[str, ...] = ()
    problems: tuple[TensorProblem, ...] = ()

    @property
    def missing(self) -> tuple[TensorProblem, ...]:
        """The tensors of the model that the file has not."""
        return self._of("missing")

    @property
    def unexpected(self) -> tuple[TensorProblem, ...]:
        """The tensors of the file that the model has not."""
        return self._of("unexpected")

    @property
    def mismatched(self) -> tuple[TensorProblem, ...]:
        """The tensors whose shapes differ."""
        return self._of("mismatched")

    def _of(self, kind: ProblemKind) -> tuple[TensorProblem, ...]:
        return tuple(problem for problem in self.problems if problem.kind == kind)

    def __str__(self) -> str:
        return "\n".join([self.headline(), *(f"  {problem}" for problem in self.problems)])

    def headline(self) -> str:
        """Return the first line of the text: how much was loaded, from where, and what was changed in the keys."""
        entry = f"[{self.entry!r}]" if self.entry else ""
        notes = [f"removed {' and '.join(self.prefixes)} from its keys"] if self.prefixes else []
        if self.left_out:
            notes.append(f"left out {len(self.left_out)} as `keys` says")
        line = f"loaded {self.loaded:,} of {self.tensors:,} tensors from {self.source}{entry}"
        return printable("; ".join([line, *notes]))


def _show(shape: Shape | None) -> str:
    return "" if shape is None else f"[{', '.join(map(str, shape))}]"


def explain_misfit(report: WeightsReport, hint: str) -> str:
    """Return the message of a WeightsError: the first problems, how many more there are, and what to do."""
    shown = [f"  {problem}" for problem in report.problems[:SHOWN]]
    if len(report.problems) > SHOWN:
        shown.append(f"  and {len(report.problems) - SHOWN:,} more")
    source = f"{report.source}[{report.entry!r}]" if report.entry else report.source
    return "\n".join([printable(f"the weights of {source} do not fit the model:"), *shown, f"  {hint}"])
