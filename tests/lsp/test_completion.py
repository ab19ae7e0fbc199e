"""What is proposed where, in texts that are whole and in texts that are being written."""

from __future__ import annotations

from pathlib import Path

import pytest

from archspec.language.budget import Budget
from archspec.language.files import gallery, gallery_names
from archspec.language.functions import FUNCTIONS
from archspec.language.layers import RESERVED
from archspec.language.models import BlockDocument, ParameterDeclaration, SpecDocument
from archspec.language.symbols import library_names, op_definition
from archspec.lsp.analysis import Analysis
from archspec.lsp.completion import complete, describe_callee
from archspec.ops import op_names
from tests.lsp.cursors import cursor
from tests.narrow import present

HEAD = """\
input: [3, 32, 32]
params: {width: 16, block: basic}
stages:
  - conv: {name: c1, channels: width}
  - max_pool: {name: p1, kernel: 2}
"""
CONV = tuple(parameter.name for parameter in present(op_definition("conv")).parameters)


def labels(text: str, file: str = "<text>") -> list[str]:
    text, line, column = cursor(text)
    return [item.label for item in complete(Analysis(text, file), line, column).items]


def test_the_keys_of_a_spec() -> None:
    assert set(labels("in¦")) == set(SpecDocument.known_keys())
    assert set(labels("na¦\n" + HEAD)) == set(SpecDocument.known_keys()) - {"input", "params", "stages"}
    assert set(labels("budget: {¦}")) == set(Budget.known_keys())


@pytest.mark.parametrize(
    "written", ["  - con¦", "  - ¦", "  - residual:\n      body:\n        - co¦\n", "  - residual: [c¦"]
)
def test_a_layer_is_an_op_a_block_or_structure(written: str) -> None:
    found = labels(HEAD + written)
    assert set(found) >= {*op_names(), *library_names(), "norm", "act", "residual", "branches", "sequence", "network"}


def test_own_blocks_are_proposed() -> None:
    text = "blocks:\n  mine: {body: [relu]}\n" + HEAD
    assert "mine" in labels(text + "  - mi¦")


@pytest.mark.parametrize(
    ("written", "taken"),
    [
        ("  - conv: {¦", ()),
        ("  - conv: {ch¦", ()),
        ("  - conv: {channels: 3, pa¦}", ("channels",)),
        ("  - conv:\n      channels: 3\n      ke¦", ("channels",)),
        ("  - conv:\n      ¦\nhead: [{linear: 3}]\n", ()),
        ("  - {block: conv, ¦}", ()),
        ("  - conv: {name: [, ¦", None),
    ],
)
def test_arguments_that_are_not_written_yet(written: str, taken: tuple[()] | tuple[str] | None) -> None:
    found = labels(HEAD + written)
    if taken is None:
        assert found == []  # nothing that could be read is left
    else:
        assert found == [name for name in (*CONV, *RESERVED) if name not in taken]


def test_arguments_show_their_defaults() -> None:
    text, line, column = cursor(HEAD + "  - bottleneck: {exp¦}")
    found = {item.label: item for item in complete(Analysis(text), line, column).items}
    assert "4 if left out" in found["expansion"].about
    assert found["expansion"].text == "expansion: "
    assert "output channels" in found["channels"].about.lower()


@pytest.mark.parametrize(
    "written",
    ["  - concat: [c1, ¦]", "  - concat: [¦", "  - conv: {from: ¦, channels: 3}", "  - add:\n      - ¦\n"],
)
def test_references_are_names_that_come_before(written: str) -> None:
    assert labels(HEAD + written + "\nhead: [{linear: {name: later, features: 3}}]\n") == ["prev", "input", "p1", "c1"]


def test_choices_and_words() -> None:
    assert labels(HEAD + "  - conv: {padding_mode: ¦}") == ["zeros", "reflect", "replicate", "circular"]
    assert labels(HEAD + "  - linear: {bias: ¦")[:3] == ["auto", "true", "false"]
    assert labels(HEAD + "  - residual: {shortcut: ¦, body: []}")[:3] == ["identity", "identity_if_same", "none"]
    assert labels(HEAD + "  - residual: {merge: ¦, body: []}") == ["add", "concat", "multiply"]
    assert labels("blocks:\n  b:\n    params:\n      k: {type: ¦}")[:3] == ["int", "float", "bool"]


@pytest.mark.parametrize("written", ["  - conv: {channels: wi¦}", '  - conv: "width * ¦"', "  - conv: {repeat: ¦}"])
def test_expressions_know_the_parameters_and_functions(written: str) -> None:
    found = labels(HEAD + written)
    assert {"width", "in_channels", *FUNCTIONS} <= set(found)


def test_inside_a_block_its_own_parameters() -> None:
    found = labels(HEAD + "blocks:\n  b:\n    params: {inner: 3}\n    body:\n      - conv: {kernel: ¦}")
    assert "inner" in found
    assert "width" not in found


def test_keys_of_blocks_parameters_and_variants() -> None:
    assert labels(HEAD + "blocks:\n  b:\n    pa¦") == list(BlockDocument.known_keys())
    assert set(labels(HEAD + "blocks:\n  b:\n    params:\n      k: {¦: 3}")) == set(ParameterDeclaration.known_keys())
    assert labels(HEAD + "variants: {big: {w¦}}") == ["width", "block"]


def test_specs_and_their_variants(tmp_path: Path) -> None:
    assert labels("extends: ¦") == list(gallery_names())
    assert "./other.yaml" not in labels("extends: ¦", str(tmp_path / "this.yaml"))
    (tmp_path / "other.yaml").write_text("input: [3]\n")
    assert "./other.yaml" in labels("extends: ¦", str(tmp_path / "this.yaml"))
    assert "resnet152" in labels("stages:\n  - network: {spec: resnet, variant: ¦}")


def test_what_is_broken_elsewhere_does_not_matter() -> None:
    assert labels("defaults: {norm: [}\n" + HEAD + "  - conv: {kern¦") == [*CONV, *RESERVED]
    assert labels(HEAD + "  - conv: {kern¦\n  - max_pool: [2\nhead: {{\n") == [*CONV, *RESERVED]


def test_the_word_that_is_begun_is_replaced() -> None:
    text, line, column = cursor(HEAD + "  - conv: {channels: wi¦}")
    assert complete(Analysis(text), line, column).start == column - 2


@pytest.mark.parametrize("file", sorted(gallery().glob("*.yaml")), ids=lambda f: f.stem)
def test_nowhere_in_the_gallery_does_it_fail(file: Path) -> None:
    text = file.read_text(encoding="utf-8")
    analysis = Analysis(text, str(file))
    lines = text.split("\n")
    for number in range(1, len(lines) + 1, 5):
        for column in range(1, len(lines[number - 1]) + 2, 23):
            complete(analysis, number, column)


def test_every_op_and_block_has_a_meaning() -> None:
    analysis = Analysis(HEAD)
    for name in (*op_names(), *library_names()):
        assert describe_callee(analysis, name)
    assert describe_callee(analysis, "nothing") == ""


@pytest.mark.parametrize(
    ("written", "wanted"),
    [
        ("blocks:\n  own:\n    inputs: {x: ma¦}\n", {"map", "tokens", "any"}),
        ("blocks:\n  own:\n    inputs: {x: map, skips: [ma¦]}\n", {"map", "any"}),
        ("blocks:\n  own:\n    inputs: {x: map, skips: {¦}}\n", {"kind", "default"}),
        ("blocks:\n  own:\n    inputs: {x: map, skips: {kind: [ma¦]}}\n", {"map", "any"}),
        (HEAD + "  - concat: [prev, {¦}]\n", {"from", "when"}),
        (HEAD + "  - concat: [prev, {from: c¦}]\n", {"c1", "p1", "prev"}),
        (HEAD + "  - concat: [prev, {from: c1, when: w¦}]\n", {"width"}),
    ],
)
def test_ports_and_items_of_reference_lists(written: str, wanted: set[str]) -> None:
    assert set(labels(written)) >= wanted
