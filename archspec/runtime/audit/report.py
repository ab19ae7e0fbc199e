"""The result of an audit, as plain data. No torch."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from archspec.ir.types import ValueType


@dataclass(frozen=True, slots=True)
class Term:
    """A rule's part of a difference, and how many layers it concerns."""

    rule: str
    amount: int
    layers: int

    def to_dict(self) -> dict[str, Any]:
        """Return the term as JSON holds it."""
        return {"rule": self.rule, "amount": self.amount, "layers": self.layers}


@dataclass(frozen=True, slots=True)
class Figure:
    """One figure of archspec and of a checker, and why they differ."""

    name: str
    ours: int
    theirs: int
    terms: tuple[Term, ...]

    @property
    def difference(self) -> int:
        """The checker's figure less archspec's."""
        return self.theirs - self.ours

    @property
    def unexplained(self) -> int:
        """The difference less the amounts of all rules."""
        return self.difference - sum(term.amount for term in self.terms)

    def to_dict(self) -> dict[str, Any]:
        """Return the figure as JSON holds it."""
        return {
            "name": self.name,
            "archspec": self.ours,
            "checker": self.theirs,
            "difference": self.difference,
            "explained": [term.to_dict() for term in self.terms],
            "unexplained": self.unexplained,
        }


@dataclass(frozen=True, slots=True)
class Checked:
    """The figures of one checker. `version` is empty if it is not installed; `error` says why there are no figures."""

    checker: str
    version: str
    about: str
    figures: tuple[Figure, ...] = ()
    error: str = ""

    @property
    def explained(self) -> bool:
        """Whether nothing is left unexplained; also of a checker that is not installed."""
        return not self.error and all(figure.unexplained == 0 for figure in self.figures)

    def to_dict(self) -> dict[str, Any]:
        """Return the checker's part as JSON holds it."""
        return {
            "checker": self.checker,
            "installed": bool(self.version),
            "version": self.version or None,
            "about": self.about,
            "error": self.error or None,
            "figures": [figure.to_dict() for figure in self.figures],
        }


@dataclass(frozen=True, slots=True)
class Audit:
    """A network's figures for one sample, and those of each checker. It is true if every difference is explained."""

    name: str
    variant: str
    inputs: tuple[tuple[str, ValueType], ...]
    params: int
    macs: int
    training_macs: int
    checked: tuple[Checked, ...]

    def __bool__(self) -> bool:
        return all(checked.explained for checked in self.checked)

    def to_dict(self) -> dict[str, Any]:
        """Return the audit as JSON holds it."""
        return {
            "name": self.name,
            "variant": self.variant,
            "input": {name: list(value.shape) for name, value in self.inputs},
            "params": self.params,
            "macs": self.macs,
            "training_macs": self.training_macs,
            "explained": bool(self),
            "checkers": [checked.to_dict() for checked in self.checked],
        }
