"""The syntax tree of an expression: frozen nodes that know their offsets in the text and evaluate themselves.

Operators of one precedence are one flat node, and so are subscripts in a row: a tree is never deeper than the nesting
that the parser allows, however long the text, so evaluating it cannot exhaust the stack.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from msgspec import Struct

from archspec.diagnostics import did_you_mean
from archspec.language.expression_values import (
    UNKNOWN_NAME,
    ExpressionError,
    OperationError,
    arithmetic,
    check_bounds,
    check_list_bounds,
    compare,
    describe_type,
    element,
    freeze,
    is_number,
    slice_of,
    truth,
)
from archspec.language.functions import FUNCTIONS, call_function

NameValues = Mapping[str, Any]


class ExpressionNode(Struct, frozen=True):
    """A part of an expression: the characters from `start` up to `end` of its text."""

    start: int
    end: int

    def evaluate(self, scope: NameValues) -> Any:
        """Return the value of the part, its names looked up in `scope`; raises ExpressionError."""
        raise NotImplementedError

    def locate(self, error: OperationError) -> ExpressionError:
        """Return the error at this part of the text."""
        return error.at(self.start, self.end - self.start)


class Operand(Struct, frozen=True):
    """One step of a flat chain: the operator with its place in the text, and the part to its right."""

    operator: str
    offset: int
    node: ExpressionNode

    def locate(self, error: OperationError) -> ExpressionError:
        """Return the error at this operator."""
        return error.at(self.offset, len(self.operator))


class LiteralExpression(ExpressionNode, frozen=True):
    """A number, a text, true, false or null."""

    constant: Any

    def evaluate(self, scope: NameValues) -> Any:
        return self.constant


class NameExpression(ExpressionNode, frozen=True):
    """A name of the scope."""

    name: str

    def evaluate(self, scope: NameValues) -> Any:
        try:
            # The scope comes first, so a parameter may have the name of a function, which can still be called.
            if self.name in scope:
                # Values of the scope come from outside the language: they may be lists, and beyond the bounds.
                return check_bounds(freeze(scope[self.name]))
        except OperationError as error:
            raise self.locate(error) from None
        if self.name in FUNCTIONS:
            raise self.locate(OperationError(f"`{self.name}` is a function", f"call it, as in `{self.name}(...)`"))
        raise self.locate(unknown_name(self.name, scope))


def unknown_name(name: str, known: Iterable[str]) -> OperationError:
    """Return the error for a name that is not defined, with the most similar known one as its hint."""
    near = did_you_mean(name, known)
    return OperationError(f"unknown name `{name}`", f"did you mean `{near}`?" if near else "", UNKNOWN_NAME)


class ListExpression(ExpressionNode, frozen=True):
    """A list: `[a, b, ...]`."""

    items: tuple[ExpressionNode, ...]

    def evaluate(self, scope: NameValues) -> Any:
        values = tuple([item.evaluate(scope) for item in self.items])
        try:
            # Inner lists count, or a list of long lists would evade the bound.
            return check_list_bounds(values)
        except OperationError as error:
            raise self.locate(error) from None


class UnaryExpression(ExpressionNode, frozen=True):
    """A number with a sign: `+a` or `-a`."""

    operator: str
    operand: ExpressionNode

    def evaluate(self, scope: NameValues) -> Any:
        number = self.operand.evaluate(scope)
        if not is_number(number):
            raise ExpressionError(f"`{self.operator}` does not take {describe_type(number)}", self.start)
        # The bounds are symmetric: a negated number needs no check.
        return -number if self.operator == "-" else number


class NotExpression(ExpressionNode, frozen=True):
    """A negation: `not a`."""

    operand: ExpressionNode

    def evaluate(self, scope: NameValues) -> Any:
        return not _truth_of(self.operand, scope)


class ArithmeticExpression(ExpressionNode, frozen=True):
    """Operators of one precedence: `a + b - c`, `a * b // c` or `a ** b`, evaluated from left to right."""

    first: ExpressionNode
    rest: tuple[Operand, ...]

    def evaluate(self, scope: NameValues) -> Any:
        result = self.first.evaluate(scope)
        for step in self.rest:
            right = step.node.evaluate(scope)
            try:
                result = arithmetic(step.operator, result, right)
            except OperationError as error:
                raise step.locate(error) from None
        return result


class ComparisonExpression(ExpressionNode, frozen=True):
    """A chain of comparisons, `a < b <= c`: neighbours are compared up to the first pair that fails, as in Python."""

    first: ExpressionNode
    rest: tuple[Operand, ...]

    def evaluate(self, scope: NameValues) -> Any:
        left = self.first.evaluate(scope)
        for step in self.rest:
            right = step.node.evaluate(scope)
            try:
                holds = compare(step.operator, left, right)
            except OperationError as error:
                raise step.locate(error) from None
            if not holds:
                return False
            left = right
        return True


class LogicalExpression(ExpressionNode, frozen=True):
    """A chain of `and` or of `or`; its value is that of the part that decides, as in Python."""

    operator: str
    operands: tuple[ExpressionNode, ...]

    def evaluate(self, scope: NameValues) -> Any:
        deciding = self.operator == "or"
        for operand in self.operands[:-1]:
            value = operand.evaluate(scope)
            if _truth(value, operand) == deciding:
                return value
        # The truth of the last operand is not needed: it may be a block, which has none.
        return self.operands[-1].evaluate(scope)


class ConditionalExpression(ExpressionNode, frozen=True):
    """A conditional, `a if condition else b`, of which only the chosen part is evaluated."""

    condition: ExpressionNode
    consequent: ExpressionNode
    alternative: ExpressionNode

    def evaluate(self, scope: NameValues) -> Any:
        return (self.consequent if _truth_of(self.condition, scope) else self.alternative).evaluate(scope)


class Subscript(Struct, frozen=True):
    """One subscript, `[a]`, or `[a:b:c]` if `slice`; a part that is left out is None."""

    start: int
    end: int
    parts: tuple[ExpressionNode | None, ...]
    slice: bool


class SubscriptExpression(ExpressionNode, frozen=True):
    """A value with subscripts, `a[b][c:d]...`, applied from left to right."""

    target: ExpressionNode
    subscripts: tuple[Subscript, ...]

    def evaluate(self, scope: NameValues) -> Any:
        result = self.target.evaluate(scope)
        for subscript in self.subscripts:
            parts = [None if part is None else part.evaluate(scope) for part in subscript.parts]
            try:
                result = slice_of(result, *parts) if subscript.slice else element(result, parts[0])
            except OperationError as error:
                raise error.at(subscript.start, subscript.end - subscript.start) from None
        return result


class CallExpression(ExpressionNode, frozen=True):
    """A call of one of the language's functions: `name(a, b, c=d)`."""

    name: str
    positional: tuple[ExpressionNode, ...]
    keywords: tuple[tuple[str, ExpressionNode], ...]

    def evaluate(self, scope: NameValues) -> Any:
        if self.name not in FUNCTIONS:
            raise self._not_a_function(scope).at(self.start, len(self.name))
        positional = [argument.evaluate(scope) for argument in self.positional]
        keywords = {name: argument.evaluate(scope) for name, argument in self.keywords}
        try:
            return call_function(self.name, positional, keywords)
        except OperationError as error:
            raise self.locate(error) from None

    def _not_a_function(self, scope: NameValues) -> OperationError:
        if self.name in scope:
            return OperationError(f"`{self.name}` is not a function but {describe_type(freeze(scope[self.name]))}")
        return unknown_name(self.name, {*scope, *FUNCTIONS})


def _truth(value: Any, node: ExpressionNode) -> bool:
    try:
        return truth(value)
    except OperationError as error:
        raise node.locate(error) from None


def _truth_of(node: ExpressionNode, scope: NameValues) -> bool:
    return _truth(node.evaluate(scope), node)
