"""The emitters of ops by the op's kind; each module of this package registers those of one family when imported."""

from __future__ import annotations

from collections.abc import Callable
from importlib import import_module

from msgspec import Struct

from archspec.backends.torch.emit.base import Construct, Site, default_call
from archspec.ir.op import Op

EmitModule = Callable[[Site], Construct | None]
EmitExpression = Callable[[Site, str, tuple[str, ...]], str]
EmitFunctional = Callable[[Site, dict[str, str], tuple[str, ...]], str]


def _no_module(site: Site) -> Construct | None:
    return None


class Emitter(Struct):
    """The functions that turn one op into torch code.

    module: the constructor call of its module; None for an expression or a bare tensor. expression: the call in the
    generated `forward`, by default that of the module. functional: the call of an op whose tensors lie in its parent
    (`keys:`).
    """

    module: EmitModule = _no_module
    expression: EmitExpression = default_call
    functional: EmitFunctional | None = None


_EMITTERS: dict[str, Emitter] = {}


def register_emitter(kind: str, emitter: Emitter) -> None:
    """Register the emitter of an op from outside this package (see `archspec.ops.register`)."""
    _EMITTERS[kind] = emitter


def unregister_emitter(kind: str) -> None:
    """Forget the emitter of an op."""
    _EMITTERS.pop(kind, None)


def emits_module(kind: str) -> Callable[[EmitModule], EmitModule]:
    """Decorate the function that returns the constructor call of an op's module."""

    def register(function: EmitModule) -> EmitModule:
        _emitter(kind).module = function
        return function

    return register


def emits_expression(*kinds: str) -> Callable[[EmitExpression], EmitExpression]:
    """Decorate the function that writes the call of an op in `forward`."""

    def register(function: EmitExpression) -> EmitExpression:
        for kind in kinds:
            _emitter(kind).expression = function
        return function

    return register


def emits_functional(kind: str) -> Callable[[EmitFunctional], EmitFunctional]:
    """Decorate the function that writes the call of an op whose tensors lie in its parent (`keys:`)."""

    def register(function: EmitFunctional) -> EmitFunctional:
        _emitter(kind).functional = function
        return function

    return register


def find_emitter(op: Op) -> Emitter:
    """Return the emitter of an op; its family's module is imported when first needed."""
    # A network uses few families. An op from outside has none: its emitter is registered already.
    if op.kind not in _EMITTERS and op.family:
        import_module(f"{__package__}.{op.family}")
    if op.kind not in _EMITTERS:
        raise LookupError(f"the op {op.kind} has no emitter: register one with register_emitter()")
    return _EMITTERS[op.kind]


def _emitter(kind: str) -> Emitter:
    return _EMITTERS.setdefault(kind, Emitter())
