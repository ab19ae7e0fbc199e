"""Ops, blocks and their arguments in a line or two, for hovers and completion."""

from __future__ import annotations

from archspec.ir.parameters import Parameter, expected, show
from archspec.language.symbols import BlockDefinition, Definition
from archspec.source import Scalar, Tree, plain


def about(definition: Definition) -> str:
    """Return the sentence that describes an op or block."""
    return definition.description or f"the block {definition.name}"


def format_signature(definition: Definition) -> str:
    """Return an op or block with its arguments and their defaults."""
    arguments = ", ".join(_written(definition, parameter) for parameter in definition.parameters)
    return f"{definition.name}: {{{arguments}}}" if arguments else definition.name


def _written(definition: Definition, parameter: Parameter) -> str:
    return f"{parameter.name}: {format_default(definition, parameter) or '...'}"


def format_default(definition: Definition, parameter: Parameter) -> str:
    """Return a parameter's default as it is written, empty where there is none."""
    if parameter.required:
        return ""
    if isinstance(definition, BlockDefinition):
        tree = next(d.default for d in definition.declared if d.parameter.name == parameter.name)
        return "" if tree is None else _text(tree)
    return show(parameter.default)


def _text(tree: Tree) -> str:
    return tree.text or "null" if isinstance(tree, Scalar) else show(plain(tree))


def describe_argument(parameter: Parameter, definition: Definition | None = None) -> str:
    """Return what an argument takes, its default and its description."""
    default = format_default(definition, parameter) if definition is not None else ""
    line = f"`{parameter.name}` takes {expected(parameter)}"
    line += "; required" if parameter.required else f"; {default} if left out" if default else ""
    return line + (f". {parameter.about[0].upper()}{parameter.about[1:]}." if parameter.about else "")
