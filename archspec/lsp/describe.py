"""Ops, blocks and their arguments in a line or two, for hovers and completion."""

from __future__ import annotations

from archspec.ir.parameters import Parameter, expected, show
from archspec.language.symbols import Block, Definition
from archspec.source import Scalar, Tree, plain


def about(definition: Definition) -> str:
    """Return the sentence that says what an op or block is."""
    return definition.description or f"the block {definition.name}"


def signature(definition: Definition) -> str:
    """The op or block with its arguments and their defaults."""
    arguments = ", ".join(_written(definition, parameter) for parameter in definition.parameters)
    return f"{definition.name}: {{{arguments}}}" if arguments else definition.name


def _written(definition: Definition, parameter: Parameter) -> str:
    return f"{parameter.name}: {default_of(definition, parameter) or '...'}"


def default_of(definition: Definition, parameter: Parameter) -> str:
    """A parameter's default as it is written, empty where there is none."""
    if parameter.required:
        return ""
    if isinstance(definition, Block):
        tree = next(d.default for d in definition.declared if d.parameter.name == parameter.name)
        return "" if tree is None else _text(tree)
    return show(parameter.default)


def _text(tree: Tree) -> str:
    return tree.text or "null" if isinstance(tree, Scalar) else show(plain(tree))


def argument_line(parameter: Parameter, definition: Definition | None = None) -> str:
    """What an argument takes, what it is otherwise, and what it is about."""
    default = default_of(definition, parameter) if definition is not None else ""
    line = f"`{parameter.name}` takes {expected(parameter)}"
    line += "; required" if parameter.required else f"; {default} if left out" if default else ""
    return line + (f". {parameter.about[0].upper()}{parameter.about[1:]}." if parameter.about else "")
