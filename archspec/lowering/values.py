"""The values of expressions that are neither numbers nor texts: blocks, keywords, the defaults."""

from __future__ import annotations

from typing import Any

from msgspec import Struct

from archspec.diagnostics import Span
from archspec.language.symbols import Definition


class BlockValue(Struct, frozen=True):
    """A block or op, perhaps with some arguments given (already evaluated, sorted by name)."""

    definition: Definition
    arguments: tuple[tuple[str, Any], ...] = ()

    def __str__(self) -> str:
        return self.definition.name


class Keyword(Struct, frozen=True):
    """A keyword in the place of a block: `default` (the role's block), or one of the shortcut keywords."""

    word: str

    def __str__(self) -> str:
        return self.word


DEFAULT = Keyword("default")


class UntypedText(str):
    """The text of a parameter without a type: it may name a block, which a `str` parameter's text never does."""

    __slots__ = ()


FAILED = Keyword("<failed>")  # the value of a name whose definition failed; using it raises Suppressed


class DefaultBindings(Struct, frozen=True, eq=False):
    """The blocks of the roles (norm, act, shortcut), and the default arguments of ops and blocks.

    `places`: where each of them is written, for messages.
    """

    roles: tuple[tuple[str, BlockValue | Keyword], ...] = ()
    arguments: tuple[tuple[str, tuple[tuple[str, Any], ...]], ...] = ()
    places: tuple[tuple[str, Span], ...] = ()

    def __eq__(self, other: object) -> bool:
        # Part of the key under which bodies are shared: equal defaults written in different places share one.
        return isinstance(other, DefaultBindings) and self.roles == other.roles and self.arguments == other.arguments

    def __ne__(self, other: object) -> bool:
        return not self == other  # msgspec's own compares by identity

    def __hash__(self) -> int:
        return hash((self.roles, self.arguments))

    def role(self, name: str) -> BlockValue | Keyword | None:
        for role, value in self.roles:
            if role == name:
                return value
        return None

    def arguments_of(self, callee: str) -> tuple[tuple[str, Any], ...]:
        for name, arguments in self.arguments:  # few: a dict costs more to build than the search
            if name == callee:
                return arguments
        return ()

    def with_role(self, name: str, value: BlockValue | Keyword, place: Span | None = None) -> DefaultBindings:
        places = {**dict(self.places), name: place} if place is not None else dict(self.places)
        return DefaultBindings(
            tuple(sorted({**dict(self.roles), name: value}.items())), self.arguments, tuple(sorted(places.items()))
        )

    def with_arguments(self, callee: str, given: dict[str, Any], place: Span) -> DefaultBindings:
        merged = {**dict(self.arguments_of(callee)), **given}
        visible = {**dict(self.arguments), callee: tuple(sorted(merged.items()))}
        places = {**dict(self.places), callee: place}
        return DefaultBindings(self.roles, tuple(sorted(visible.items())), tuple(sorted(places.items())))
