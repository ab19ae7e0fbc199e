"""The rules there are: one a file in `rules/`, found by the file's name."""

from __future__ import annotations

from functools import cache
from importlib import import_module
from pathlib import Path

from archspec.lint.rule import Rule


@cache
def codes() -> tuple[str, ...]:
    """Every code, sorted; no rule is imported for it."""
    found = (path.stem for path in (Path(__file__).parent / "rules").glob("[a-z]*.py"))
    return tuple(sorted(name.upper() for name in found))


@cache
def find_rule(code: str) -> Rule | None:
    """The rule of that code, or None."""
    if code.upper() not in codes():
        return None
    rule = import_module(f"archspec.lint.rules.{code.lower()}").RULE
    assert isinstance(rule, Rule)
    assert rule.code == code.upper(), f"lint/rules/{code.lower()}.py holds {rule.code}"
    return rule


@cache
def rules() -> tuple[Rule, ...]:
    """All rules, sorted by code."""
    return tuple(rule for rule in map(find_rule, codes()) if rule is not None)
