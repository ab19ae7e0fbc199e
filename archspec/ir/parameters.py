"""Declared parameters: the one way in which ops and blocks declare their arguments."""

from __future__ import annotations

from typing import Any, Final

from msgspec import Struct

REQUIRED: Final = "<required>"

TYPES: Final = ("int", "float", "bool", "str", "list", "axes", "shape", "layers", "block", "any")
"""`axes` is an int or one int for each spatial axis; `shape` a list of ints; `any` any value."""


class Parameter(Struct, frozen=True):
    """A declared parameter of an op or a block.

    `words` are texts taken literally before anything is evaluated (`padding: auto`). `main` marks what
    `op: value` sets. `first` keeps an argument for the first repeat only. `ge` and `gt` bound numbers,
    and every entry of `axes`.
    """

    name: str
    type: str
    default: Any = REQUIRED
    main: bool = False
    first: bool = False
    ge: float | None = None
    gt: float | None = None
    choices: tuple[str, ...] = ()
    words: tuple[str, ...] = ()
    nullable: bool = False
    of: str = "any"  # what a list holds
    about: str = ""

    @property
    def required(self) -> bool:
        return self.default is REQUIRED

    @property
    def is_bounded(self) -> bool:
        """Whether its value, or each element of it, is a number within bounds."""
        return self.ge is not None or self.gt is not None


class Attribute(Struct, frozen=True):
    """A Parameter without a name, as `attribute()` declares it; the name is that of the class attribute."""

    type: str
    default: Any
    constraints: dict[str, Any]

    def named(self, name: str) -> Parameter:
        return Parameter(name, self.type, self.default, **self.constraints)


def attribute(
    kind: str,
    default: Any = REQUIRED,
    *,
    main: bool = False,
    ge: float | None = None,
    gt: float | None = None,
    choices: tuple[str, ...] = (),
    words: tuple[str, ...] = (),
    nullable: bool = False,
    about: str = "",
) -> Any:
    """Declare an attribute of an op, with the fields of its `Parameter`; required unless it has a default."""
    constraints: dict[str, Any] = {
        "main": main,
        "ge": ge,
        "gt": gt,
        "choices": choices,
        "words": words,
        "nullable": nullable,
        "about": about,
    }
    return Attribute(kind, default, constraints)


class WrongValue(Exception):
    """A value that a parameter does not take; the message says what it takes, after the parameter's name."""


def coerce(parameter: Parameter, value: Any) -> Any:
    """Return a value as the parameter's type holds it (lists become tuples); raise WrongValue if it does not fit."""
    if value is None and parameter.nullable:
        return None
    if isinstance(value, str) and value in parameter.words:
        return value
    converted = _CONVERT[parameter.type](parameter, value)
    if parameter.choices and not all(show(item) in parameter.choices for item in _items(converted)):
        raise _wrong(parameter, value)
    _check_bounds(parameter, converted)
    return converted


def expected(parameter: Parameter) -> str:
    """Return what a parameter takes, in words: 'an int of at least 1, or auto'."""
    text = _WORDS[parameter.type]
    if parameter.is_bounded and parameter.type in ("any", "list"):
        text = "a number" if parameter.type == "any" else "a list of numbers"
    if parameter.choices:
        text = ("a list of some of " if parameter.type == "list" else "one of ") + ", ".join(parameter.choices)
    bound = f" of at least {parameter.ge:g}" if parameter.ge is not None else ""
    bound += f" above {parameter.gt:g}" if parameter.gt is not None else ""
    text = text.replace("an int", f"an int{bound}", 1) if parameter.type in ("int", "axes") else text + bound
    return text + "".join(f", or {word}" for word in parameter.words)


_WORDS: Final = {
    "int": "an int",
    "float": "a number",
    "bool": "true or false",
    "str": "a text",
    "list": "a list",
    "axes": "an int, or a list with one for each axis",
    "shape": "a list of ints",
    "layers": "a list of layers",
    "block": "the name of a block or op",
    "any": "any value",
}


def _wrong(parameter: Parameter, value: Any) -> WrongValue:
    return WrongValue(f"takes {expected(parameter)}, not {show(value)}")


def show(value: Any) -> str:
    """Return a value as one would write it in YAML, cut to a readable length."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, (tuple, list)):
        text = "[" + ", ".join(show(v) for v in value[:20]) + (", ..." if len(value) > 20 else "") + "]"
    elif isinstance(value, dict):
        text = "{" + ", ".join(f"{name}: {show(item)}" for name, item in value.items()) + "}"
    else:
        text = "null" if value is None else str(value)
    return text if len(text) <= 80 else text[:77] + "..."


def _int(parameter: Parameter, value: Any) -> int:
    # `value != value` is NaN; bool is a subclass of int.
    if isinstance(value, bool) or not isinstance(value, (int, float)) or value != value or value in (_INF, -_INF):
        raise _wrong(parameter, value)
    # A whole float (2 * 1.5) is an int; rounding any other would hide a mistake.
    if value != int(value):
        raise WrongValue(f"takes {expected(parameter)}, not {show(value)}; use //, int() or round()")
    return int(value)


def _float(parameter: Parameter, value: Any) -> float:
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        raise _wrong(parameter, value)
    return float(value)


def _bool(parameter: Parameter, value: Any) -> bool:
    if not isinstance(value, bool):
        raise _wrong(parameter, value)
    return value


def _str(parameter: Parameter, value: Any) -> str:
    if not isinstance(value, str) or (parameter.choices and value not in parameter.choices):
        raise _wrong(parameter, value)
    return value


def _list(parameter: Parameter, value: Any) -> tuple[Any, ...]:
    if not isinstance(value, (tuple, list)):
        raise _wrong(parameter, value)
    return tuple(value)


def _axes(parameter: Parameter, value: Any) -> int | tuple[int, ...]:
    if isinstance(value, (tuple, list)) and 1 <= len(value) <= 3:
        return tuple(_int(parameter, v) for v in value)
    return _int(parameter, value)


def _shape(parameter: Parameter, value: Any) -> tuple[int, ...]:
    return tuple(_int(parameter, v) for v in _list(parameter, value))


def _any(_parameter: Parameter, value: Any) -> Any:
    return tuple(value) if isinstance(value, list) else value


_INF: Final = float("inf")
_CONVERT: Final = {
    "int": _int,
    "float": _float,
    "bool": _bool,
    "str": _str,
    "list": _list,
    "axes": _axes,
    "shape": _shape,
    "any": _any,
    "layers": _any,
    "block": _any,
}


def _items(value: Any) -> tuple[Any, ...]:
    return value if isinstance(value, tuple) else (value,)


def _check_bounds(parameter: Parameter, value: Any) -> None:
    if not parameter.is_bounded:
        return
    for number in _items(value):
        # A list, or a parameter without a type, may hold what is no number.
        if not isinstance(number, (int, float)) or isinstance(number, bool):
            raise _wrong(parameter, value)
        low = parameter.ge is not None and number < parameter.ge
        if low or (parameter.gt is not None and number <= parameter.gt):
            raise _wrong(parameter, value)
