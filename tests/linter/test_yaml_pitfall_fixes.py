"""YAML pitfalls: each has a message of its own, and a fix after which every YAML parser agrees."""

from __future__ import annotations

import pytest
import yaml

import archspec
from archspec.diagnostics import Severity
from tests.linter.text_fixes import with_fixes

HEAD = "input: [3, 8, 8]\n"
ERROR, WARNING = Severity.ERROR, Severity.WARNING


@pytest.mark.parametrize(
    ("text", "place", "severity", "message", "fixed"),
    [
        ("stages: [conv: {channels: 8, bias: on}]", "2:36", ERROR, "not on", "bias: true}"),
        ("stages: [conv: {channels: 8, bias: No}]", "2:36", ERROR, "not No", "bias: false}"),
        ("stages: [conv: 8, relu: {when: yes}]", "2:32", ERROR, "not yes", "when: true}"),
        ("blocks: {b: {params: {c: {type: int, default: 8, first: yes}}, body: [conv: c]}}\nstages: [b]", "2:57", ERROR,
         "found the text yes", "first: true}"),
        ("stages: [conv: 1_6]", "2:16", ERROR, "not 1_6", "conv: 16]"),
        ("stages: [conv: {channels: max(8, 4)}]", "2:27", ERROR, "splits", 'channels: "max(8, 4)"}'),
        ("let: {w: [8]}\nstages: [conv: {channels: w[0]}]", "3:27", ERROR, "brackets", 'channels: "w[0]"}'),
        ("stages: [conv: {name: c${1}, channels: 8}]", "2:23", ERROR, "brackets", 'name: "c${1}", '),
        ("stages: [conv: {channels:8, kernel: 3}]", "2:17", ERROR, "as one word", "{channels: 8, "),
        ("stages: [conv: 012]", "2:16", WARNING, "octal", "conv: 12]"),
        ("stages: [conv: {channels: 8, kernel: [3, 03]}]", "2:42", WARNING, "octal", "[3, 3]"),
        ("params: {w: 010}\nstages: [conv: w]", "2:13", WARNING, "octal", "{w: 10}"),
        ("let: {w: 08}\nstages: [conv: w]", "2:10", WARNING, "octal", "{w: 8}"),
        ("stages: [conv: {name: 012, channels: 8}]", "2:23", WARNING, "the name 012", 'name: "012",'),
        ("stages: [conv: {name: 0x10, channels: 8}]", "2:23", WARNING, "the name 0x10", 'name: "0x10",'),
    ],
)  # fmt: skip
def test_each_trap(text: str, place: str, severity: Severity, message: str, fixed: str) -> None:
    whole = HEAD + text + "\n"
    (found,) = (d for d in archspec.lint(whole) if d.severity is not Severity.INFO)
    assert (found.code, f"{found.span.line}:{found.span.column}", found.severity) == ("SPC004", place, severity)
    assert message in found.message
    assert found.hint
    assert found.fix is not None
    assert found.fix.applicability == "safe"
    after = with_fixes(whole, [found])
    assert fixed in after
    assert [str(d) for d in archspec.lint(after) if d.severity is not Severity.INFO] == []
    assert yaml.safe_load(after)["input"] == [3, 8, 8]


def test_a_doubtful_number_means_the_same_after_its_fix() -> None:
    text = HEAD + "stages: [conv: {channels: 012, kernel: [03, 3]}]\n"
    fixed = with_fixes(text, archspec.lint(text))
    assert yaml.safe_load(text)["stages"][0]["conv"]["channels"] == 10  # PyYAML's octal
    assert yaml.safe_load(fixed)["stages"][0]["conv"]["channels"] == 12
    shapes = [archspec.lower(archspec.loads(t)).body.steps[0].outputs for t in (text, fixed)]
    assert shapes[0] == shapes[1]


def test_a_word_for_a_boolean_is_reported_where_it_is_used_through_a_parameter() -> None:
    text = HEAD + "params: {use: yes}\nstages:\n  - conv: 8\n  - relu: {when: use}\n"
    (found,) = archspec.lint(text)
    assert (found.code, found.span.line, found.span.column) == ("SPC004", 5, 18)
    assert found.hint.endswith("write true where use is defined")


@pytest.mark.parametrize(
    "text",
    [
        "stages: [conv: {name: on, channels: 8}]",  # a text in YAML 1.2, and a text is meant
        "stages: [conv: {name: 1, channels: 8}]",
        "stages: [conv: {name: '012', channels: 8}]",
        "stages: [conv: {channels: 8, kernel: 0x3}]",
        "stages: [conv: 8, batch_norm: {eps: 1e-3}]",
        "stages: [conv: 8, leaky_relu: 0.1]",
    ],
)
def test_no_trap(text: str) -> None:
    assert archspec.lint(HEAD + text + "\n") == ()
