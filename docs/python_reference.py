"""Generate the reference in python.md: every public name, its signature and the first paragraph of its docstring."""

from __future__ import annotations

import inspect
import re
from collections.abc import Callable, Iterable, Iterator
from importlib import import_module

import archspec
from archspec import errors

# For programs that show a design while it is edited, such as the explorer and the language server.
FOR_EDITORS = (
    *("Document", "LoweringCache", "Painter", "View", "analyze", "format_bytes", "format_count", "format_duration"),
    *("openable", "placed_view", "view_of"),
)
API = ("check", "inspect", "predict", "build", "run", "compare", "write")
PAGES = {
    "audit": "audit.md",
    "calibrate": "latency.md",
    "diff": "diff.md",
    "draw": "pictures.md",
    "draw_diff": "diff.md",
    "gradient_flow": "gradient_flow.md",
    "largest_batch": "memory.md",
    "latency": "latency.md",
    "learn": "learning.md",
    "load_weights": "#loading-weights",
    "memory": "memory.md",
    "plot": "commands.md#charts",
    "smoke": "smoke.md",
    "to_json": "export.md#the-graph-as-json",
    "to_python": "export.md",
    "valid_sizes": "#input-sizes",
    "apply_fixes": "#fixes",
}


def reference() -> str:
    """Return the tables of functions, of types and of names for editors, and the tree of exceptions."""
    names = [name for name in archspec.__all__ if name not in FOR_EDITORS and not hasattr(errors, name)]
    functions = [name for name in names if _is_function(name)]
    of_api = [name for part in API for name in vars(import_module(f"archspec.api.{part}")) if name in functions]
    # Only those of archspec.api take a design.
    others = [name for name in functions if name not in of_api]
    types = [name for name in names if name not in functions]
    parts = [
        "### Functions of a design",
        _table("function", map(_function, of_api)),
        "### Other functions",
        _table("function", map(_function, others)),
        "### Types",
        _table("type", map(_type, types)),
        "### For editors",
        "The explorer and the language server use these; other programs rarely need them.",
        _table("name", (_function(name) if _is_function(name) else _type(name) for name in FOR_EDITORS)),
        "### Exceptions",
        _tree(),
    ]
    return "\n" + "\n\n".join(part.strip("\n") for part in parts) + "\n\n"


def _is_function(name: str) -> bool:
    return inspect.isfunction(inspect.unwrap(getattr(archspec, name)))  # one with a cache is an object around it


def _table(head: str, rows: Iterable[tuple[str, str]]) -> str:
    lines = [f"| {head} | what it {'does' if head == 'function' else 'is'} |", "|---|---|"]
    lines.extend(f"| `{_cell(name)}` | {_cell(about)} |" for name, about in rows)
    return "\n".join(lines)


def _function(name: str) -> tuple[str, str]:
    value = getattr(archspec, name)
    page = f" ([more]({PAGES[name]}))" if name in PAGES else ""
    return f"{name}({', '.join(_parameters(value))})", _about(value) + page


def _parameters(function: Callable[..., object]) -> Iterator[str]:
    """Yield the parameters without their annotations, with the star before those that are named only."""
    starred = False
    for parameter in inspect.signature(function).parameters.values():
        if parameter.kind is parameter.KEYWORD_ONLY and not starred:
            starred = True
            yield "*"
        yield str(parameter.replace(annotation=parameter.empty))


def _type(name: str) -> tuple[str, str]:
    if name == "Design":
        return name, "What is accepted as a design: a gallery name or path (`str` or `Path`), a `Spec`, or a `Graph`."
    return name, _about(getattr(archspec, name))


def _about(value: object) -> str:
    return " ".join((inspect.getdoc(value) or "").split("\n\n")[0].split())


def _tree() -> str:
    """Return the tree in the docstring of archspec.errors, with the names as code."""
    lines = [line for line in (errors.__doc__ or "").split("\n") if re.match(r" *\* ", line)]
    return "\n".join(re.sub(r"^( *\* )(\w+)", r"\1`\2`", line) for line in lines)


def _cell(text: str) -> str:
    return text.replace("|", "\\|")
