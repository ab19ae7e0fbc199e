"""The ops, one a file, found by its file's name and imported when first used; others can be registered from outside."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from importlib import import_module
from pathlib import Path

from archspec.ir.op import Op
from archspec.ir.parameters import Parameter

_registered: dict[str, type[Op]] = {}
_clear_caches: list[Callable[[], None]] = []


def register(op: type[Op]) -> None:
    """Add an op from outside this package, under the name that is its `kind`.

    The op is then a name of the language like any other. Building it needs an emitter as well:
    `archspec.backends.torch.emit.registry.register_emitter(op.kind, Emitter(...))`. Raises ValueError for a name that
    an op has already.
    """
    if op.kind in op_names():
        raise ValueError(f"there is an op {op.kind} already")
    _registered[op.kind] = op
    _forget()


def unregister(name: str) -> None:
    """Remove an op that was added by `register`."""
    del _registered[name]
    _forget()


def on_registration(clear: Callable[[], None]) -> None:
    """Call a function whenever an op is added or removed: one that clears a cache of what names mean."""
    _clear_caches.append(clear)


def _forget() -> None:
    # What a name means is cached here and in the symbol table.
    for clear in (op_names.cache_clear, find_op.cache_clear, *_clear_caches):
        clear()


@cache
def op_names() -> tuple[str, ...]:
    """Return the names of all ops, sorted, without importing any."""
    # From the names of files: importing all ops would cost every start of the command line.
    files = (path.stem for path in Path(__file__).parent.glob("*.py"))
    return tuple(sorted({*(name for name in files if not name.startswith("_")), *_registered}))


@cache
def find_op(name: str) -> type[Op] | None:
    """Return the op class of that name, or None."""
    if name in _registered:
        return _registered[name]
    if name not in op_names():
        return None
    module = import_module(f"archspec.ops.{name}")
    for item in vars(module).values():
        if isinstance(item, type) and issubclass(item, Op) and item.__module__ == module.__name__:
            return item
    raise LookupError(f"archspec/ops/{name}.py defines no op")


def op_parameters(name: str) -> tuple[Parameter, ...]:
    """Return the declared parameters of an op, in order."""
    op = find_op(name)
    return op.parameters if op else ()
