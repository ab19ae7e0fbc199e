"""The catalogue of rules: one module each in `rules/`, found by the code at the start of its file name."""

from __future__ import annotations

import os
from functools import cache
from importlib import import_module
from pathlib import Path

from archspec.linter.rule import Rule


@cache
def _rule_files() -> dict[str, Path]:
    """Return the file of each code, sorted by code: `cnv005_even_kernel.py` under CNV005."""
    folder = Path(__file__).parent / "rules"
    names = sorted(name for name in os.listdir(folder) if name.endswith(".py") and name[0].isalpha())
    return {name.partition("_")[0].upper(): folder / name for name in names}


@cache
def codes() -> tuple[str, ...]:
    """Return every code, sorted, without importing a rule."""
    return tuple(_rule_files())


def rule_file(code: str) -> Path | None:
    """Return the source file of a rule, or None."""
    return _rule_files().get(code.upper())


@cache
def find_rule(code: str) -> Rule | None:
    """Return the rule of a code, or None; imports that rule alone."""
    path = rule_file(code)
    if path is None:
        return None
    rule = import_module(f"archspec.linter.rules.{path.stem}").RULE
    assert isinstance(rule, Rule)
    return rule


@cache
def graph_rules() -> tuple[Rule, ...]:
    """Return the rules that check a Graph.

    The others only document diagnostics of reading and lowering. Their modules are recognised by their text, because
    importing them would cost a clean lint more than reading them.
    """
    checking = (code for code, path in _rule_files().items() if b"\ndef check(" in path.read_bytes())
    return tuple(rule for rule in map(find_rule, checking) if rule is not None)


@cache
def rules() -> tuple[Rule, ...]:
    """Return all rules, sorted by code."""
    return tuple(rule for rule in map(find_rule, codes()) if rule is not None)
