"""The functions that an expression may call; there are no others."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from math import ceil, floor
from typing import Any

from msgspec import Struct

from archspec.diagnostics import did_you_mean
from archspec.language.expression_values import (
    LONGEST_LIST,
    OVER_BOUNDS,
    OperationError,
    check_bounds,
    describe_type,
    is_number,
    is_whole,
)


class Function(Struct, frozen=True):
    """A function with its parameters, the first `required` mandatory; a `variadic` one takes positions only."""

    compute: Callable[..., Any]
    parameters: tuple[str, ...] = ("value",)
    required: int = 1
    variadic: bool = False


def call_function(name: str, positional: Sequence[Any], keywords: Mapping[str, Any]) -> Any:
    """Return the value of one of FUNCTIONS for its arguments, within the bounds; raises OperationError."""
    function = FUNCTIONS[name]
    if function.variadic:
        if keywords:
            raise OperationError(f"`{name}` takes no argument by name")
        return check_bounds(function.compute(*positional))
    return check_bounds(function.compute(**_bind_arguments(name, function, positional, keywords)))


def _bind_arguments(
    name: str, function: Function, positional: Sequence[Any], keywords: Mapping[str, Any]
) -> dict[str, Any]:
    """Return the arguments by the names of the parameters."""
    parameters = function.parameters
    if len(positional) > len(parameters):
        raise OperationError(f"`{name}` takes at most {len(parameters)} argument(s), not {len(positional)}")
    bound = dict(zip(parameters, positional, strict=False))
    for keyword, value in keywords.items():
        if keyword not in parameters:
            near = did_you_mean(keyword, parameters)
            raise OperationError(f"`{name}` has no argument `{keyword}`", f"did you mean `{near}`?" if near else "")
        if keyword in bound:
            raise OperationError(f"`{name}` is given `{keyword}` twice")
        bound[keyword] = value
    missing = [parameter for parameter in parameters[: function.required] if parameter not in bound]
    if missing:
        raise OperationError(f"`{name}` needs the argument `{missing[0]}`")
    return bound


def _number(name: str, value: Any) -> Any:
    if not is_number(value):
        raise OperationError(f"`{name}` takes numbers, not {describe_type(value)}")
    return check_bounds(value)


def _whole_number(name: str, value: Any) -> int:
    if not is_whole(value):
        raise OperationError(f"`{name}` takes whole numbers, not {describe_type(value)}")
    return int(value)


def _candidates(name: str, arguments: tuple[Any, ...]) -> tuple[Any, ...]:
    """Return the numbers that min and max choose from: the elements of one list, or the arguments."""
    values = arguments[0] if len(arguments) == 1 else arguments
    if not isinstance(values, tuple):
        raise OperationError(f"`{name}` takes a list or several numbers, not {describe_type(values)}")
    if not values:
        raise OperationError(f"`{name}` of nothing")
    return tuple(_number(name, value) for value in values)


def _smallest(*arguments: Any) -> Any:
    return min(_candidates("min", arguments))


def _largest(*arguments: Any) -> Any:
    return max(_candidates("max", arguments))


def _sum(values: Any) -> Any:
    """Return the sum of a list of numbers; 0 if it is empty."""
    if not isinstance(values, tuple):
        raise OperationError(f"`sum` takes a list of numbers, not {describe_type(values)}")
    return sum(_number("sum", value) for value in values)


def _length(value: Any) -> int:
    if not isinstance(value, str | tuple):
        raise OperationError(f"`len` takes a list or a text, not {describe_type(value)}")
    return len(value)


def _round(value: Any, digits: Any = None) -> Any:
    """Return the number rounded half to even, as in Python; an int if there are no `digits`."""
    _number("round", value)
    if digits is None:
        return round(value)
    # Python computes 10 ** -digits to round an integer: a text of a few characters could fill the memory.
    if abs(_whole_number("round", digits)) > 400:
        raise OperationError("`round` takes at most 400 digits", code=OVER_BOUNDS)
    try:
        return round(value, digits)
    except OverflowError:
        raise OperationError("the number is not finite", code=OVER_BOUNDS) from None


def _floor(value: Any) -> int:
    number: float = _number("floor", value)
    return floor(number)


def _ceil(value: Any) -> int:
    number: float = _number("ceil", value)
    return ceil(number)


def _absolute(value: Any) -> Any:
    return abs(_number("abs", value))


def _int(value: Any) -> int:
    """Return a number truncated towards zero; true is 1 and false 0, since arithmetic takes no booleans."""
    return int(value) if isinstance(value, bool) else int(_number("int", value))


def _range(*arguments: Any) -> tuple[int, ...]:
    """Return range(stop), range(start, stop) or range(start, stop, step) as a list.

    Its length is checked before it is built.
    """
    if not 1 <= len(arguments) <= 3:
        raise OperationError(f"`range` takes 1 to 3 arguments, not {len(arguments)}")
    values = [_whole_number("range", argument) for argument in arguments]
    start, stop = (0, values[0]) if len(values) == 1 else values[:2]
    step = values[2] if len(values) == 3 else 1
    if step == 0:
        raise OperationError("the step of `range` is not 0")
    # ceil((stop - start) / step); len(range(...)) overflows for the bounds that are allowed.
    length = max(0, -((start - stop) // step))
    if length > LONGEST_LIST:
        raise OperationError(
            f"the list would have {length:,} elements; at most {LONGEST_LIST:,} are allowed", "", OVER_BOUNDS
        )
    return tuple(range(start, stop, step))


def _make_divisible(value: Any, divisor: Any = 8, minimum: Any = None, limit: Any = 0.9) -> int:
    """Return the nearest multiple of `divisor`, at least `minimum`, at least limit * value (as in MobileNet's code)."""
    _number("make_divisible", value)
    _number("make_divisible", limit)
    least = _whole_number("make_divisible", divisor if minimum is None else minimum)
    if _whole_number("make_divisible", divisor) < 1:
        raise OperationError("the divisor of `make_divisible` is at least 1")
    # torchvision's `_make_divisible`: with the default limit, rounding down loses no more than 10 % of the channels.
    nearest = max(least, int(value + divisor / 2) // divisor * divisor)
    return int(nearest + divisor if nearest < limit * value else nearest)


FUNCTIONS: Mapping[str, Function] = {
    "min": Function(_smallest, variadic=True),
    "max": Function(_largest, variadic=True),
    "sum": Function(_sum, ("values",)),
    "len": Function(_length),
    "round": Function(_round, ("value", "digits")),
    "floor": Function(_floor),
    "ceil": Function(_ceil),
    "int": Function(_int),
    "abs": Function(_absolute),
    "range": Function(_range, variadic=True),
    "make_divisible": Function(_make_divisible, ("value", "divisor", "minimum", "limit")),
}
