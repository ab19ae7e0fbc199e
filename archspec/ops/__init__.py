"""The ops: one primitive a file, found by its file's name, imported when first used."""

from __future__ import annotations

from functools import cache
from importlib import import_module
from pathlib import Path

from archspec.ir.op import Op
from archspec.ir.parameters import Parameter

_NOT_OPS = frozenset({"__init__"})


@cache
def op_names() -> tuple[str, ...]:
    """The names of all ops, sorted; no op is imported for it."""
    found = (path.stem for path in Path(__file__).parent.glob("*.py"))
    return tuple(sorted(name for name in found if name not in _NOT_OPS and not name.startswith("_")))


@cache
def find_op(name: str) -> type[Op] | None:
    """The op class of that name, or None."""
    if name not in op_names():
        return None
    module = import_module(f"archspec.ops.{name}")
    for item in vars(module).values():
        if isinstance(item, type) and issubclass(item, Op) and item.__module__ == module.__name__:
            return item
    raise LookupError(f"archspec/ops/{name}.py defines no op")


def op_parameters(name: str) -> tuple[Parameter, ...]:
    """The declared parameters of an op, in order."""
    op = find_op(name)
    return op.parameters if op else ()
