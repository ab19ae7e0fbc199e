"""The checkers: each module of this package has a CHECKER."""

from __future__ import annotations

from functools import cache
from importlib import import_module
from pkgutil import iter_modules

from archspec.runtime.audit.checker import Checker


@cache
def checker_names() -> tuple[str, ...]:
    """Return the names of all checkers, sorted: those of their modules."""
    return tuple(sorted(module.name for module in iter_modules(__path__)))


def find_checker(name: str) -> Checker:
    """Return the checker of a name."""
    found: Checker = import_module(f"{__name__}.{name}").CHECKER
    return found
