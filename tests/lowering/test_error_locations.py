"""A finding inside the library points at the argument that leads there, or at the call where none does alone."""

from __future__ import annotations

import pytest

import archspec

HEAD = "input: [8, 8, 8]\nstem:\n"


@pytest.mark.parametrize(
    ("layer", "code", "column"),
    [
        ("  - bottleneck: {channels: 64, dilation: -2}\n", "SPC002", 42),
        ("  - basic: {channels: 16, stride: 2, shortcut: identity}\n", "RES002", 48),
        ("  - squeeze_excite: {reduction: 16}\n", "SPC002", 33),
        ("  - bottleneck: {channels: 64, base_width: 1}\n", "SPC002", 5),
        ("  - {block: basic, channels: 16, shortcut: identity}\n", "RES001", 44),
    ],
)
def test_the_argument_is_to_blame(layer: str, code: str, column: int) -> None:
    (found,) = archspec.lint(HEAD + layer)
    assert (found.code, found.span.line, found.span.column) == (code, 3, column), str(found)
    assert any(c.span is not None and c.span.file.startswith("library/") for c in found.causes)


def test_a_text_parameter_never_names_an_op() -> None:
    typed = "input: [8, 8, 8]\nparams: {relu: {type: str, default: sigmoid}}\nstem: [relu]\n"
    assert [p.step.kind for p in archspec.lower(archspec.loads(typed)).nodes()] == ["relu"]
    untyped = typed.replace("{type: str, default: sigmoid}", "sigmoid")
    assert [p.step.kind for p in archspec.lower(archspec.loads(untyped)).nodes()] == ["sigmoid"]


def test_outputs_may_name_the_running_value() -> None:
    graph = archspec.lower(archspec.loads("input: [3, 8, 8]\nstem: [{conv: 5}]\noutputs: {o: prev}\n"))
    assert [t.shape for t in graph.output_types] == [(5, 8, 8)]


def test_choices_hold_for_numbers() -> None:
    text = """\
input: [3, 8, 8]
params: {k: {type: int, default: K, choices: [1, 3]}}
stem: [{conv: {channels: 4, kernel: k}}]
"""
    assert archspec.lint(text.replace("K", "3")) == ()
    (found,) = archspec.lint(text.replace("K", "5"))
    assert "one of 1, 3" in found.message


def test_an_embedding_holds_the_range_of_its_ids() -> None:
    text = "inputs: {t: {shape: [6], kind: ids, range: 50}}\nstem: [{embedding: {features: 8COUNT}}]\n"
    assert archspec.summarize(archspec.lower(archspec.loads(text.replace("COUNT", "")))).params == 400
    assert archspec.summarize(archspec.lower(archspec.loads(text.replace("COUNT", ", count: 60")))).params == 480
    (found,) = archspec.lint(text.replace("COUNT", ", count: 49"))
    assert "there are 50 ids" in found.message
