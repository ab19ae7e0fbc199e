"""The rules there are: one a file in `rules/`, found by the file's name."""

from __future__ import annotations

from functools import cache
from importlib import import_module
from pathlib import Path

from archspec.linter.rule import Rule


@cache
def codes() -> tuple[str, ...]:
    """Every code, sorted; no rule is imported for it."""
    return tuple(path.stem.upper() for path in _files())


def _files() -> list[Path]:
    return sorted((Path(__file__).parent / "rules").glob("[a-z]*.py"))


@cache
def find_rule(code: str) -> Rule | None:
    """The rule of that code, or None."""
    if code.upper() not in codes():
        return None
    rule = import_module(f"archspec.linter.rules.{code.lower()}").RULE
    assert isinstance(rule, Rule)
    assert rule.code == code.upper(), f"lint/rules/{code.lower()}.py holds {rule.code}"
    return rule


@cache
def looking() -> tuple[Rule, ...]:
    """The rules that look at a Graph; the others, which lowering speaks for, are not imported for a sound spec."""
    found = (find_rule(path.stem) for path in _files() if b"\ndef check(" in path.read_bytes())
    return tuple(rule for rule in found if rule is not None)


@cache
def rules() -> tuple[Rule, ...]:
    """All rules, sorted by code."""
    return tuple(rule for rule in map(find_rule, codes()) if rule is not None)
