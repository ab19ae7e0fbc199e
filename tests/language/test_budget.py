"""`budget:`: what is read from it, what is refused and where, and that it travels through `extends`."""

from __future__ import annotations

from pathlib import Path

import jsonschema
import pytest

import archspec
from archspec.language.json_schema import json_schema

TEXT = "input: [3, 8, 8]\nbudget: {{params: {}}}\nstages: [conv: 8]\n"
VALIDATOR = jsonschema.Draft7Validator(json_schema())


@pytest.mark.parametrize(
    ("written", "count"),
    [
        ("25M", 25_000_000),
        ("25.6M", 25_600_000),
        ("4.1 G", 4_100_000_000),
        ("1.5B", 1_500_000_000),
        ("12k", 12_000),
        ("12K", 12_000),
        ("1T", 10**12),
        ("224", 224),
        ("'224'", 224),
        ("1e6", 1_000_000),
        ("0.0000000000000000001T", None),
        ("0", None),
        ("-3", None),
        ("-3M", None),
        ("25MB", None),
        ("25m", None),
        ("M", None),
        (".inf", None),
        (".nan", None),
        ("true", None),
        ("null", None),
        ("width * 2", None),
        ("[25M]", None),
        ("''", None),
    ],
)
def test_counts(written: str, count: int | None) -> None:
    text = TEXT.format(written)
    if count is not None:
        budget = archspec.loads(text).document.budget
        assert budget is not None
        assert budget.params is not None
        assert budget.macs is None
        assert (budget.params.count, budget.params.text) == (count, written.strip("'"))
        return
    (found,) = archspec.lint(text)
    assert (found.code, found.span.line, found.span.column) == ("SPC002", 2, 18)
    assert "25M" in found.hint


@pytest.mark.parametrize(
    ("budget", "code", "column"), [("{parms: 3M}", "SPC001", 10), ("25M", "SPC002", 9), ("[1, 2]", "SPC002", 9)]
)
def test_other_mistakes_have_their_place(budget: str, code: str, column: int) -> None:
    found = archspec.lint(f"input: [3, 8, 8]\nbudget: {budget}\nstages: [conv: 8]\n")
    assert [(d.code, d.span.line, d.span.column) for d in found] == [(code, 2, column)]


@pytest.mark.parametrize(
    ("value", "valid"), [("25M", True), (25, True), (1e9, True), ("25MB", False), (0, False), ([], False)]
)
def test_the_schema_agrees(value: object, valid: bool) -> None:
    spec = {"input": [3, 8, 8], "stages": ["relu"], "budget": {"macs": value}}
    assert VALIDATOR.is_valid(spec) is valid


def test_the_limit_itself_is_within_the_budget() -> None:
    text = "input: [8]\nbudget: {{params: {}, macs: {}}}\nstages: [linear: 10]\n"
    assert archspec.lint(text.format(90, 80)) == ()
    assert [d.code for d in archspec.lint(text.format(89, 79))] == ["PRF003", "PRF003"]


def test_variants_are_held_to_it_one_by_one() -> None:
    text = "input: [8]\nbudget: {params: 90}\nparams: {w: 10}\nstages: [linear: w]\nvariants: {wide: {w: 11}}\n"
    (found,) = archspec.lint(text)
    assert found.message == "99 parameters, 10.0% above the budget of 90"
    assert found.causes[-1].message == "in wide"


def test_extends_takes_the_budget_of_its_base_or_its_own(tmp_path: Path) -> None:
    (tmp_path / "base.yaml").write_text("input: [8]\nbudget: {params: 90}\nparams: {w: 10}\nstages: [linear: w]\n")
    (tmp_path / "wide.yaml").write_text("extends: ./base.yaml\nparams: {w: 11}\n")
    (tmp_path / "own.yaml").write_text("extends: ./base.yaml\nbudget: {params: 99}\nparams: {w: 11}\n")
    findings = [(d.code, Path(d.span.file).name, d.span.line) for d in archspec.lint(str(tmp_path / "wide.yaml"))]
    assert findings == [("PRF003", "base.yaml", 2)]
    assert archspec.lint(str(tmp_path / "own.yaml")) == ()
