"""Every rule that has a fix: after the fix its finding is gone, no new one has come, and the rest stays."""

from __future__ import annotations

import difflib
from pathlib import Path

import pytest

import archspec
from archspec.cli.formats.report import reaches
from archspec.diagnostics import Diagnostic, Severity
from archspec.linter.catalogue import find_rule, rules
from archspec.linter.rule import Example, Rule
from archspec.source.positions import LINE_BREAK

ROUNDS = 10
FIXABLE = [(rule, example) for rule in rules() if rule.applicability for example in rule.bad]


def _of(rule: Rule, text: str) -> list[Diagnostic]:
    return [d for d in archspec.lint(text, select=(rule.code,)) if d.code == rule.code]


def _codes(text: str, least: Severity) -> set[str]:
    """Return the findings of a text, at least that severe: remarks on the rest come only once errors are gone."""
    return {d.code for d in archspec.lint(text) if reaches(d, least)}


def _commented(text: str) -> str:
    """The text with a remark on every line of its own and at the end of every other one."""
    lines = text.splitlines()
    return "".join(f"# before line {n}\n{line}  # about line {n}\n" for n, line in enumerate(lines, 1))


def _with_fixes(rule: Rule, text: str, unsafe: bool) -> str:
    for _ in range(ROUNDS):
        after = archspec.apply_fixes(text, _of(rule, text), unsafe)
        if after == text:
            return text
        text = after
    raise AssertionError(f"{rule.code} is not done after {ROUNDS} rounds:\n{text}")


def _edited_lines(found: list[Diagnostic]) -> set[int]:
    spans = [edit.span for d in found if d.fix for edit in d.fix.edits]
    return {
        line for span in spans for line in range(span.line, max(span.line, span.end_line - (span.end_column == 1)) + 1)
    }


@pytest.mark.parametrize("rule", [rule for rule in rules() if rule.applicability], ids=lambda rule: rule.code)
def test_a_rule_with_an_applicability_fixes_one_of_its_examples(rule: Rule) -> None:
    assert any(d.fix for example in rule.bad for d in _of(rule, example.text))


def _id(item: Rule | Example) -> str:
    return item.code if isinstance(item, Rule) else item.at


@pytest.mark.parametrize(("rule", "example"), FIXABLE, ids=_id)
@pytest.mark.parametrize("commented", [False, True], ids=["", "commented"])
def test_the_finding_is_gone_and_no_new_one_has_come(rule: Rule, example: Example, commented: bool) -> None:
    text = _commented(example.text) if commented else example.text
    found = _of(rule, text)
    if not any(d.fix for d in found):
        assert _with_fixes(rule, text, unsafe=True) == text
        return
    after = _with_fixes(rule, text, unsafe=True)
    assert _of(rule, after) == [], after
    least = Severity.WARNING if any(d.is_error for d in archspec.lint(text)) else Severity.INFO
    assert _codes(after, least) <= _codes(text, least), (after, [str(d) for d in archspec.lint(after)])
    archspec.lower(archspec.loads(after))


@pytest.mark.parametrize(("rule", "example"), FIXABLE, ids=_id)
def test_comments_and_other_lines_are_kept(rule: Rule, example: Example) -> None:
    text = _commented(example.text)
    found = _of(rule, text)
    after = archspec.apply_fixes(text, found, unsafe=True)
    edited = _edited_lines(found)
    before = LINE_BREAK.split(text)
    kept = [line for number, line in enumerate(before, 1) if number not in edited]
    matcher = difflib.SequenceMatcher(None, kept, LINE_BREAK.split(after), autojunk=False)
    assert sum(block.size for block in matcher.get_matching_blocks()) == len(kept), after
    own_lines = [line for line in kept if line.startswith("# before")]
    assert [line for line in LINE_BREAK.split(after) if line.startswith("# before")] == own_lines
    windows = archspec.apply_fixes(text.replace("\n", "\r\n"), _of(rule, text.replace("\n", "\r\n")), unsafe=True)
    assert windows == after.replace("\n", "\r\n")


@pytest.mark.parametrize(("rule", "example"), FIXABLE, ids=_id)
def test_only_safe_fixes_are_applied_unasked(rule: Rule, example: Example) -> None:
    found = _of(rule, example.text)
    assert {d.fix.applicability for d in found if d.fix} <= {rule.applicability}
    after = archspec.apply_fixes(example.text, found)
    assert (after != example.text) is (rule.applicability == "safe" and any(d.fix for d in found))


def test_what_brings_a_fix_says_how_safe_it_is() -> None:
    """No finding has a fix of which its rule says nothing, so that no fix goes untested here."""
    for rule in rules():
        for example in rule.bad:
            for diagnostic in archspec.lint(example.text, select=("ALL",)):
                owner = find_rule(diagnostic.code)
                assert owner is not None
                assert diagnostic.fix is None or diagnostic.fix.applicability in ("safe", "unsafe")
                assert diagnostic.fix is None or owner.applicability, diagnostic.code


@pytest.mark.parametrize(
    ("text", "meant"),
    [
        ("stages: {conv: 16}", "stages: [{conv: 16}]"),
        ("stages: relu", "stages: [relu]"),
        ("stages:\n  conv: 16  # one", "stages:\n  [conv: 16]  # one"),
        (
            "stages: [{branches: {merge: cocat, of: [[relu], [relu]]}}]",
            "stages: [{branches: {merge: concat, of: [[relu], [relu]]}}]",
        ),
        ("stages: [{resize: {scale: 2, mode: lineer}}]", "stages: [{resize: {scale: 2, mode: linear}}]"),
        ("stages: [{self_attention: 8}]", None),
    ],
)
def test_what_has_another_type_is_fixed_where_that_is_mechanical(text: str, meant: str | None) -> None:
    head = "input: [3, 8, 8]\n"
    after = archspec.apply_fixes(head + text, archspec.lint(head + text, select=("SPC002",)), unsafe=True)
    assert after == head + (meant or text)


def test_a_fix_of_another_file_is_not_offered(tmp_path: Path) -> None:
    base = "input: [3, 8, 8]\nstages: [{conv: {channels: 8, groups: 2}}]\n"
    (tmp_path / "base.yaml").write_text(base)
    (tmp_path / "more.yaml").write_text("extends: ./base.yaml\n")
    assert [bool(d.fix) for d in archspec.lint(str(tmp_path / "base.yaml")) if d.code == "CNV001"] == [True]
    assert [bool(d.fix) for d in archspec.lint(str(tmp_path / "more.yaml")) if d.code == "CNV001"] == [False]


def test_an_expression_is_not_replaced_by_what_it_should_give() -> None:
    for groups in ("g", "g * 1"):
        text = f"input: [6, 8, 8]\nparams: {{g: 4}}\nstages: [{{conv: {{channels: 6, groups: {groups}}}}}]\n"
        assert [(d.code, d.fix) for d in archspec.lint(text) if d.is_error] == [("CNV001", None)]


def test_an_argument_is_fixed_through_the_block_that_passes_it_on() -> None:
    text = "input: [3, 32, 32]\nstages:\n  - patch_embed: {features: 100, patch: 16}\n  - self_attention: 8  # heads\n"
    after = archspec.apply_fixes(text, archspec.lint(text), unsafe=True)
    assert after == text.replace("self_attention: 8", "self_attention: 10")
