"""Module classes that torch lacks, copied as source, and the imports that a file needs."""

from __future__ import annotations

import ast
import inspect
from importlib import import_module
from pkgutil import iter_modules

from archspec.backends.torch import modules

IMPORTS = {  # in the order in which they are written
    "OrderedDict": "from collections import OrderedDict",
    "Iterable": "from collections.abc import Iterable",
    "Any": "from typing import Any",
    "torch": "import torch",
    "F": "import torch.nn.functional as F",
    "Tensor": "from torch import Tensor, nn",
    "nn": "from torch import Tensor, nn",
}


def copied(wanted: dict[str, set[str]]) -> str:
    """Return the source of classes, by Python module, with all definitions of that module that they need."""
    parts: list[str] = []
    for file, names in sorted(wanted.items()):
        text = inspect.getsource(import_module(file))
        defined = {node.name: node for node in ast.parse(text).body if isinstance(node, ast.ClassDef | ast.FunctionDef)}
        needed = _closure(names, defined)
        parts.extend(f"{ast.get_source_segment(text, node)}\n" for name, node in defined.items() if name in needed)
    return "\n\n".join(parts)


def _closure(names: set[str], defined: dict[str, ast.ClassDef | ast.FunctionDef]) -> set[str]:
    needed, waiting = set(), sorted(names)
    while waiting:
        name = waiting.pop()
        if name not in needed:
            needed.add(name)
            waiting.extend(used for used in used_names(defined[name]) if used in defined)
    return needed


def used_names(tree: ast.AST) -> set[str]:
    """Return every name that a piece of code reads."""
    return {node.id for node in ast.walk(tree) if isinstance(node, ast.Name)}


def names_defined(text: str) -> set[str]:
    """Return the names of the classes and functions at the top level of a source."""
    return {node.name for node in ast.parse(text).body if isinstance(node, ast.ClassDef | ast.FunctionDef)}


def reserved() -> set[str]:
    """Return the names that no block's class may have: those of imports and of classes that may be copied."""
    found = set(IMPORTS)
    for file in iter_modules(modules.__path__):
        found |= names_defined(inspect.getsource(import_module(f"{modules.__name__}.{file.name}")))
    return found


def imports_of(text: str) -> str:
    """Return the import lines of a file with this text."""
    # Parsed, since a name in a string or a docstring needs no import.
    used = used_names(ast.parse(text))
    lines = list(dict.fromkeys(line for name, line in IMPORTS.items() if name in used))
    standard = [line for line in lines if "torch" not in line]
    torch = [line for line in lines if "torch" in line]
    if "Tensor" not in used:
        torch = [line.replace("Tensor, ", "") for line in torch]
    groups = ["from __future__ import annotations", "\n".join(standard), "\n".join(torch)]
    return "\n\n".join(group for group in groups if group) + "\n"
