"""A checker: another counter, how it is run, and the rules that explain its differences."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, version
from typing import Literal

from archspec.ir.graph import Graph
from archspec.runtime.audit.layers import CountedLayer

FigureName = Literal["params", "macs", "training_macs"]


@dataclass(frozen=True, slots=True)
class CountRule:
    """A reason why a checker's figure differs: by `amount` for each layer (0 if the rule does not concern it)."""

    figure: FigureName
    words: str
    amount: Callable[[CountedLayer], int]


@dataclass(frozen=True, slots=True)
class NetworkCountRule:
    """A rule whose amount is not a sum over layers: `amount` returns it with the number of layers concerned."""

    figure: FigureName
    words: str
    amount: Callable[[tuple[CountedLayer, ...]], tuple[int, int]]


@dataclass(frozen=True, slots=True)
class Checker:
    """Another counter.

    package: its distribution; the checker is left out where that is not installed.
    about: how it is run, in words.
    count: runs it; the figures that it has. Imports torch and the package.
    """

    name: str
    package: str
    about: str
    count: Callable[[Graph], dict[FigureName, int]]
    rules: tuple[CountRule | NetworkCountRule, ...] = ()

    @property
    def version(self) -> str:
        """The installed version, empty where it is not installed."""
        try:
            # From the metadata of the installation: the package is not imported to find out.
            return version(self.package)
        except PackageNotFoundError:
            return ""


def apply_rule(rule: CountRule | NetworkCountRule, layers: tuple[CountedLayer, ...]) -> tuple[int, int]:
    """Return a rule's amount over a network, and how many layers it concerns."""
    if isinstance(rule, NetworkCountRule):
        return rule.amount(layers)
    return _summed(rule.amount(layer) for layer in layers)


def _summed(amounts: Iterable[int]) -> tuple[int, int]:
    concerned = [amount for amount in amounts if amount]
    return sum(concerned), len(concerned)
