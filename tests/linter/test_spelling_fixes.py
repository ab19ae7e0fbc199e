"""The word that was probably meant is offered as a fix, after which the finding is gone."""

from __future__ import annotations

import pytest

import archspec
from tests.linter.text_fixes import with_fixes

HEAD = "input: [3, 8, 8]\n"


@pytest.mark.parametrize(
    ("text", "code", "fixed"),
    [
        ("stages: [conv: {chanels: 8}]", "SPC001", "stages: [conv: {channels: 8}]"),
        ("stage: [conv: 8]", "SPC001", "stages: [conv: 8]"),
        ("stages: [residual: {bodi: [conv: 3]}]", "SPC001", "stages: [residual: {body: [conv: 3]}]"),
        ("params: {width: 8}\nstages: [conv: width]\nvariants: {a: {widht: 9}}", "SPC001",
         "params: {width: 8}\nstages: [conv: width]\nvariants: {a: {width: 9}}"),
        ("stages: [covn: 8]", "SPC005", "stages: [conv: 8]"),
        ("stages: [{block: covn, channels: 8}]", "SPC005", "stages: [{block: conv, channels: 8}]"),
        ("stages: [conv: {name: first, channels: 8}, relu: {from: frist}]", "SPC005",
         "stages: [conv: {name: first, channels: 8}, relu: {from: first}]"),
    ],
)  # fmt: skip
def test_the_fix(text: str, code: str, fixed: str) -> None:
    (found,) = (d for d in archspec.lint(HEAD + text + "\n") if d.code.startswith("SPC"))
    assert found.code == code
    assert found.fix is not None
    assert found.fix.applicability == "unsafe"
    assert with_fixes(HEAD + text + "\n", [found]) == HEAD + fixed + "\n"
    assert [str(d) for d in archspec.lint(HEAD + fixed + "\n") if d.is_error] == []


@pytest.mark.parametrize(
    "text",
    [
        "stages: [conv: {qqq: 8, channels: 8}]",
        "stages: ['covn']",  # in quotes: the word is not all that the span holds
        "params: {deep: 1}\nstages: [{block: 'covn if deep > 1 else konv', channels: 8}]",
    ],
)
def test_no_fix_where_the_word_is_not_known_or_not_alone(text: str) -> None:
    found = [d for d in archspec.lint(HEAD + text + "\n") if d.is_error]
    assert found
    assert [d.fix for d in found] == [None] * len(found)
