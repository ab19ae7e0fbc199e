"""Every rule: its bad examples have the finding where they say, its good ones and the gallery are silent."""

from __future__ import annotations

import pytest

import archspec
from archspec.language.files import gallery_names
from archspec.linter.catalogue import graph_rules, rule_file, rules
from archspec.linter.rule import Example, Rule

WITHOUT_TEXT = ("FIL",)  # about files, not about a text: tests/bad_input has them
BAD = [(rule, example) for rule in rules() for example in rule.bad]
GOOD = [(rule, text) for rule in rules() for text in rule.good]


def test_rules_are_complete() -> None:
    for rule in rules():
        assert rule.summary, rule.code
        assert rule.why, rule.code
        assert rule.hint, rule.code
        assert not rule.summary.endswith("."), rule.code
        if not rule.code.startswith(WITHOUT_TEXT):
            assert rule.bad, f"{rule.code} has no bad example"
            assert rule.good, f"{rule.code} has no good example"
    assert len({rule.name for rule in rules()}) == len(rules())


def test_rule_files_carry_code_and_name() -> None:
    for rule in rules():
        path = rule_file(rule.code)
        assert path is not None
        assert path.stem == f"{rule.code}_{rule.name}".lower().replace("-", "_")


def test_rules_that_look_at_a_graph_are_known_by_their_files() -> None:
    assert graph_rules() == tuple(rule for rule in rules() if rule.check is not None)


@pytest.mark.parametrize(("rule", "example"), BAD, ids=lambda item: item.code if isinstance(item, Rule) else "")
def test_bad_examples(rule: Rule, example: Example) -> None:
    found = archspec.lint(example.text, select=() if rule.enabled else (rule.code,))
    places = [(f"{d.span.line}:{d.span.column}", d.severity) for d in found if d.code == rule.code]
    assert places == [(example.at, rule.severity)], "\n".join(map(str, archspec.lint(example.text)))
    assert all(d.hint for d in found)
    others = [d for d in archspec.lint(example.text) if d.code != rule.code and d.severity.value == "error"]
    assert others == []


@pytest.mark.parametrize(("rule", "text"), GOOD, ids=lambda item: item.code if isinstance(item, Rule) else "")
def test_good_examples(rule: Rule, text: str) -> None:
    assert [str(d) for d in archspec.lint(text, select=(rule.code,))] == []
    assert [str(d) for d in archspec.lint(text) if d.is_error] == []


@pytest.mark.parametrize("name", gallery_names())
def test_the_gallery_is_clean(name: str) -> None:
    assert [str(d) for d in archspec.lint(name) if d.severity.value != "info"] == []


def test_a_bias_before_a_norm_without_a_shift_is_an_info() -> None:
    """CycleGAN has it, to no effect; of the norms that a layer is used before, one without a shift makes it an info."""
    block = "c: {{body: [{{conv: {{channels: 8, bias: true}}}}]}}"
    text = f"input: [3, 8, 8]\nblocks: {{{{{block}}}}}\nstages: [c, {{}}, relu, c, {{}}, relu]\n"
    kinds = ("instance_norm", "{batch_norm: {affine: false}}", "batch_norm", "{instance_norm: {affine: true}}")
    for first in kinds:
        for second in kinds:
            (found,) = archspec.lint(text.format(first, second), select=("NRM001",))
            shifted = first in kinds[2:] and second in kinds[2:]
            assert (found.severity.value, found.span.line) == ("warning" if shifted else "info", 2)
            assert found.fix is not None
