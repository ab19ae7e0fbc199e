"""The values of expressions: their types, their bounds, and the operators on them."""

from __future__ import annotations

from collections.abc import Callable
from math import isfinite
from operator import add, eq, floordiv, ge, gt, le, lt, mod, mul, ne, sub, truediv
from typing import Any

from archspec.source.limits import EXPRESSION_CODE

LARGEST_INTEGER = 2**63
LONGEST_LIST = 1_024  # the limit of `repeat`; the elements of inner lists count
LONGEST_TEXT = 1_000
DEEPEST_LIST = 32

BAD_EXPRESSION = "SPC008"
UNKNOWN_NAME = "SPC005"
OVER_BOUNDS = EXPRESSION_CODE


class ExpressionError(Exception):
    """An error in an expression, at `length` characters from the 0-based `offset` of its text."""

    def __init__(self, message: str, offset: int, length: int = 1, hint: str = "", code: str = BAD_EXPRESSION) -> None:
        super().__init__(message, offset, length, hint, code)
        self.message = message
        self.offset = offset
        self.length = length
        self.hint = hint
        self.code = code

    def __str__(self) -> str:
        return self.message


class OperationError(Exception):
    """An operator or function that does not take its values; the caller adds the offsets with `at`."""

    def __init__(self, message: str, hint: str = "", code: str = BAD_EXPRESSION) -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint
        self.code = code

    def at(self, offset: int, length: int) -> ExpressionError:
        """Return the error with its offsets in the text."""
        return ExpressionError(self.message, offset, max(1, length), self.hint, self.code)


def describe_type(value: Any) -> str:
    """Return the type of a value as messages name it, with its article."""
    kinds: tuple[tuple[type, str], ...] = (
        (bool, "a boolean"),
        (int, "a whole number"),
        (float, "a number"),
        (str, "a text"),
        (tuple, "a list"),
        (type(None), "null"),
    )
    return next((words for kind, words in kinds if isinstance(value, kind)), "a block")


def is_number(value: Any) -> bool:
    """Return whether a value is a number for arithmetic; true and false are not."""
    return isinstance(value, int | float) and not isinstance(value, bool)


def is_whole(value: Any) -> bool:
    """Return whether a value is an int; true and false are not."""
    return isinstance(value, int) and not isinstance(value, bool)


def check_bounds(value: Any) -> Any:
    """Return the value itself if it is within the bounds on numbers, texts and the length of lists."""
    if isinstance(value, int):
        if not -LARGEST_INTEGER <= value <= LARGEST_INTEGER:
            raise OperationError("the number is beyond 2**63", code=OVER_BOUNDS)
    elif isinstance(value, float):
        if not isfinite(value):
            raise OperationError("the number is not finite", code=OVER_BOUNDS)
    elif isinstance(value, str):
        _check_length(len(value), LONGEST_TEXT, "text", "characters")
    elif isinstance(value, tuple):
        _check_length(len(value), LONGEST_LIST, "list", "elements")
    return value


def check_list_bounds(items: tuple[Any, ...]) -> tuple[Any, ...]:
    """Return the list itself if it is within the bounds on length and nesting, inner lists included."""
    _check_length(count_elements(items), LONGEST_LIST, "list", "elements")
    return items


def count_elements(value: Any, depth: int = 0) -> int:
    """Return the number of elements of a list, those of inner lists included; 0 for any other value."""
    if not isinstance(value, tuple):
        return 0
    if depth >= DEEPEST_LIST:
        raise OperationError(f"lists are nested more than {DEEPEST_LIST} deep", code=OVER_BOUNDS)
    count = len(value)
    for item in value:
        if isinstance(item, tuple):
            count += count_elements(item, depth + 1)
    return count


def _check_length(length: int, most: int, what: str, unit: str) -> None:
    if length > most:
        raise OperationError(f"the {what} would have {length:,} {unit}; at most {most:,} are allowed", code=OVER_BOUNDS)


def freeze(value: Any) -> Any:
    """Return a value from outside as expressions hold it: lists become tuples."""
    if isinstance(value, (list, tuple)):
        # Values that expressions made hold no lists: they are not copied for each use of a name.
        return tuple(freeze(item) for item in value) if _holds_list(value) else value
    return value


def _holds_list(value: list[Any] | tuple[Any, ...]) -> bool:
    if isinstance(value, list):
        return True
    return any(isinstance(item, (list, tuple)) and _holds_list(item) for item in value)


def truth(value: Any) -> bool:
    """Return the truth of a value by Python's rule; a block has none."""
    if value is None or isinstance(value, bool | int | float | str | tuple):
        return bool(value)
    raise OperationError(
        f"{describe_type(value)} is neither true nor false", "blocks can only be compared with == and !="
    )


def arithmetic(operator: str, left: Any, right: Any) -> Any:
    """Return left operator right for + - * / // % **, within the bounds; ints stay ints, / gives a float."""
    if is_number(left) and is_number(right):
        return check_bounds(_power(left, right) if operator == "**" else _arithmetic_on_numbers(operator, left, right))
    if operator == "+" and isinstance(left, str) and isinstance(right, str):
        return check_bounds(left + right)
    if operator == "+" and isinstance(left, tuple) and isinstance(right, tuple):
        return check_list_bounds(left + right)
    if operator == "*":
        if isinstance(left, str | tuple) and is_whole(right):
            return _repeated(left, right)
        if isinstance(right, str | tuple) and is_whole(left):
            return _repeated(right, left)
    raise _not_taken(operator, left, right)


def _not_taken(operator: str, left: Any, right: Any) -> OperationError:
    hint = ""
    if isinstance(left, bool) or isinstance(right, bool):
        hint = "a boolean is not a number here; write `1 if ... else 0`"
    return OperationError(f"`{operator}` does not take {describe_type(left)} and {describe_type(right)}", hint)


def _arithmetic_on_numbers(operator: str, left: Any, right: Any) -> Any:
    functions: dict[str, Callable[[Any, Any], Any]]
    functions = {"+": add, "-": sub, "*": mul, "/": truediv, "//": floordiv, "%": mod}
    if right == 0 and operator in ("/", "//", "%"):
        raise OperationError("division by zero")
    return functions[operator](left, right)


def _power(base: Any, exponent: Any) -> Any:
    """Return base ** exponent; refuse it before it is computed if the result cannot be within the bounds.

    Otherwise `9 ** 9 ** 9` would fill the memory before its result could be refused.
    """
    if base == 0 and exponent < 0:
        raise OperationError("zero has no negative power: that is a division by zero")
    if is_whole(base) and is_whole(exponent):
        # 2 ** 65 is beyond the bound. What passes has some 4,000 bits at most, cheap enough to compute and then refuse.
        if abs(base) > 1 and exponent > LARGEST_INTEGER.bit_length():
            raise OperationError("the number is beyond 2**63", code=OVER_BOUNDS)
    elif base < 0 and exponent != int(exponent):
        raise OperationError("a negative number has no fractional power")
    try:
        return base**exponent
    except OverflowError:
        raise OperationError("the number is not finite", code=OVER_BOUNDS) from None


def _repeated(value: Any, times: int) -> Any:
    """Return value * times for a text or a list, its length checked before it is built."""
    times = max(0, times)
    if isinstance(value, str):
        _check_length(len(value) * times, LONGEST_TEXT, "text", "characters")
    else:
        _check_length(count_elements(value) * times, LONGEST_LIST, "list", "elements")
    # An empty value of any length is within the bounds, but Python raises OverflowError for [] * 2**63.
    return value * times if value else value


def compare(operator: str, left: Any, right: Any) -> bool:
    """Return left operator right for == != < <= > >= and `in`, `not in`."""
    if operator in ("==", "!="):
        return bool((eq if operator == "==" else ne)(left, right))
    if operator in ("in", "not in"):
        if not (isinstance(right, tuple) or (isinstance(right, str) and isinstance(left, str))):
            raise OperationError(f"`{operator}` does not take {describe_type(left)} and {describe_type(right)}")
        return (left in right) == (operator == "in")
    both_texts = isinstance(left, str) and isinstance(right, str)
    if not both_texts and not (is_number(left) and is_number(right)):
        raise OperationError(f"`{operator}` does not compare {describe_type(left)} and {describe_type(right)}")
    functions: dict[str, Callable[[Any, Any], Any]] = {"<": lt, "<=": le, ">": gt, ">=": ge}
    return bool(functions[operator](left, right))


def element(value: Any, index: Any) -> Any:
    """Return value[index] of a list or a text; a negative index counts from the end."""
    _check_indexed(value)
    if not is_whole(index):
        raise OperationError(f"an index is a whole number, not {describe_type(index)}")
    if not -len(value) <= index < len(value):
        raise OperationError(f"index {index} is out of range: {describe_type(value)} of length {len(value)}")
    # Of a list from the scope only the length has been checked, not the elements.
    return check_bounds(value[index])


def slice_of(value: Any, start: Any, stop: Any, step: Any) -> Any:
    """Return value[start:stop:step] of a list or a text; None is a part that is left out."""
    _check_indexed(value)
    for part in (start, stop, step):
        if part is not None and not is_whole(part):
            raise OperationError(f"the parts of a slice are whole numbers, not {describe_type(part)}")
    if step == 0:
        raise OperationError("the step of a slice is not 0")
    return value[start:stop:step]


def _check_indexed(value: Any) -> None:
    if not isinstance(value, str | tuple):
        raise OperationError(f"only a list or a text has elements, not {describe_type(value)}")
