"""The syntax tree of an expression: frozen nodes that know their place in the text and compute their value.

Operators of one precedence are one flat node, and so are subscripts in a row: a tree is never deeper than the
nesting that the parser allows, however long the text.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from msgspec import Struct

from archspec.diagnostics import did_you_mean
from archspec.language.expression_values import (
    UNKNOWN_NAME,
    ExpressionError,
    Refused,
    arithmetic,
    bounded,
    bounded_list,
    compare,
    element,
    frozen,
    is_number,
    kind_of,
    section,
    truth,
)
from archspec.language.functions import FUNCTIONS, call

Scope = Mapping[str, Any]


class Node(Struct, frozen=True):
    """A part of an expression: the characters from `start` up to `end` of its text."""

    start: int
    end: int

    def value(self, scope: Scope) -> Any:
        """The value of the part under the names of `scope`."""
        raise NotImplementedError

    def placed(self, refusal: Refused) -> ExpressionError:
        """The refusal of this part's value."""
        return refusal.at(self.start, self.end - self.start)


class Operand(Struct, frozen=True):
    """One step of a flat chain: the operator with its place in the text, and the part to its right."""

    operator: str
    offset: int
    node: Node

    def placed(self, refusal: Refused) -> ExpressionError:
        """The refusal of this operator."""
        return refusal.at(self.offset, len(self.operator))


class Literal(Node, frozen=True):
    """A number, a text, true, false or null."""

    constant: Any

    def value(self, scope: Scope) -> Any:
        return self.constant


class Name(Node, frozen=True):
    """A name of the scope."""

    name: str

    def value(self, scope: Scope) -> Any:
        try:
            if self.name in scope:
                return bounded(frozen(scope[self.name]))
        except Refused as refusal:
            raise self.placed(refusal) from None
        if self.name in FUNCTIONS:
            raise self.placed(Refused(f"`{self.name}` is a function", f"call it, as in `{self.name}(...)`"))
        raise self.placed(unknown_name(self.name, scope))


def unknown_name(name: str, known: Iterable[str]) -> Refused:
    """The complaint about a name that stands for nothing, with the nearest one of those known that does."""
    near = did_you_mean(name, known)
    return Refused(f"unknown name `{name}`", f"did you mean `{near}`?" if near else "", UNKNOWN_NAME)


class ListOf(Node, frozen=True):
    """[a, b, ...]"""

    items: tuple[Node, ...]

    def value(self, scope: Scope) -> Any:
        values = tuple([item.value(scope) for item in self.items])
        try:
            return bounded_list(values)
        except Refused as refusal:
            raise self.placed(refusal) from None


class Sign(Node, frozen=True):
    """+a or -a"""

    operator: str
    operand: Node

    def value(self, scope: Scope) -> Any:
        number = self.operand.value(scope)
        if not is_number(number):
            raise ExpressionError(f"`{self.operator}` does not take {kind_of(number)}", self.start)
        return -number if self.operator == "-" else number


class Not(Node, frozen=True):
    """not a"""

    operand: Node

    def value(self, scope: Scope) -> Any:
        return not _truth_of(self.operand, scope)


class Arithmetic(Node, frozen=True):
    """a + b - c, a * b // c or a ** b, from left to right."""

    first: Node
    rest: tuple[Operand, ...]

    def value(self, scope: Scope) -> Any:
        result = self.first.value(scope)
        for step in self.rest:
            right = step.node.value(scope)
            try:
                result = arithmetic(step.operator, result, right)
            except Refused as refusal:
                raise step.placed(refusal) from None
        return result


class Comparison(Node, frozen=True):
    """a < b <= c: every neighbouring pair compares, and the first that fails ends it."""

    first: Node
    rest: tuple[Operand, ...]

    def value(self, scope: Scope) -> Any:
        left = self.first.value(scope)
        for step in self.rest:
            right = step.node.value(scope)
            try:
                holds = compare(step.operator, left, right)
            except Refused as refusal:
                raise step.placed(refusal) from None
            if not holds:
                return False
            left = right
        return True


class Logic(Node, frozen=True):
    """a and b, a or b: the value of the part that decides, as in Python."""

    operator: str
    operands: tuple[Node, ...]

    def value(self, scope: Scope) -> Any:
        deciding = self.operator == "or"
        for operand in self.operands[:-1]:
            value = operand.value(scope)
            if _truth(value, operand) == deciding:
                return value
        return self.operands[-1].value(scope)


class Conditional(Node, frozen=True):
    """a if condition else b"""

    condition: Node
    chosen: Node
    otherwise: Node

    def value(self, scope: Scope) -> Any:
        return (self.chosen if _truth_of(self.condition, scope) else self.otherwise).value(scope)


class Subscript(Struct, frozen=True):
    """[a], or [a:b:c] where `slice` says so; a part that is left out is None."""

    start: int
    end: int
    parts: tuple[Node | None, ...]
    slice: bool


class Access(Node, frozen=True):
    """a[b][c:d]..., from left to right."""

    target: Node
    subscripts: tuple[Subscript, ...]

    def value(self, scope: Scope) -> Any:
        result = self.target.value(scope)
        for subscript in self.subscripts:
            parts = [None if part is None else part.value(scope) for part in subscript.parts]
            try:
                result = section(result, *parts) if subscript.slice else element(result, parts[0])
            except Refused as refusal:
                raise refusal.at(subscript.start, subscript.end - subscript.start) from None
        return result


class Call(Node, frozen=True):
    """name(a, b, c=d)"""

    name: str
    positional: tuple[Node, ...]
    keywords: tuple[tuple[str, Node], ...]

    def value(self, scope: Scope) -> Any:
        if self.name not in FUNCTIONS:
            raise self._not_a_function(scope).at(self.start, len(self.name))
        positional = [argument.value(scope) for argument in self.positional]
        keywords = {name: argument.value(scope) for name, argument in self.keywords}
        try:
            return call(self.name, positional, keywords)
        except Refused as refusal:
            raise self.placed(refusal) from None

    def _not_a_function(self, scope: Scope) -> Refused:
        if self.name in scope:
            return Refused(f"`{self.name}` is not a function but {kind_of(frozen(scope[self.name]))}")
        return unknown_name(self.name, {*scope, *FUNCTIONS})


def _truth(value: Any, node: Node) -> bool:
    try:
        return truth(value)
    except Refused as refusal:
        raise node.placed(refusal) from None


def _truth_of(node: Node, scope: Scope) -> bool:
    return _truth(node.value(scope), node)
