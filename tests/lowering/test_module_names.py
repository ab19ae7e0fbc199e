"""Names that a built module uses itself are refused for layers and tensors; torch lists them."""

from __future__ import annotations

from typing import Any

import pytest
import torch
from torch import nn

import archspec
from archspec.backends.torch.generated import Generated
from archspec.language.expression_tokens import KEYWORDS
from archspec.language.layers import RESERVED, STRUCTURE
from archspec.language.vocabulary import ROLES, SCOPE_NAMES, SHORTCUT_KINDS
from archspec.lowering.module_names import ROW_NAMES

USED = sorted(set(dir(nn.Module())) | set(dir(Generated())) | {"archspec_spec"})
LAYER = "input: [3]\nstages:\n  - linear: {{name: {}, features: 4}}\n  - linear: {{name: last, features: 2}}\n"
TENSOR = "input: [3]\nstages:\n  - linear: {{features: 4, bias: false, keys: {{weight: {}}}}}\n"


@pytest.mark.parametrize("text", [LAYER, TENSOR, LAYER.replace("{}", "group.{}")])
def test_a_name_that_the_module_uses_is_refused(text: str) -> None:
    for name in USED:
        with pytest.raises(archspec.SpecError) as caught:
            archspec.build(archspec.loads(text.format(name)))
        assert [d.code for d in caught.value.diagnostics] == ["SPC010"], name


def test_row_names_are_the_further_names_of_a_sequential() -> None:
    more = set(dir(nn.Sequential())) - set(dir(nn.Module()))
    assert {name for name in more if not name.startswith("__")} == ROW_NAMES


@pytest.mark.parametrize("name", sorted(ROW_NAMES))
def test_a_layer_in_a_chain_may_have_the_name_of_a_method_of_a_row(name: str) -> None:
    model: Any = archspec.build(archspec.loads(LAYER.format(f"group.{name}")), seed=0)
    assert f"group.{name}.weight" in model.state_dict()
    x = torch.randn(2, 3)
    wanted = model.last(model.group._modules[name](x))
    torch.testing.assert_close(model(x), wanted)


def test_a_tensor_needs_a_whole_name() -> None:
    with pytest.raises(archspec.SpecError, match="empty part"):
        archspec.lower(archspec.loads(TENSOR.format("a..b")))


GROUPS = """input: [3, 8, 8]
stages:
  - sequence: {name: left, body: [{conv: {name: a, channels: 8}}]}
  - sequence: {name: right, body: [{conv: {name: a, channels: 8}}]}
"""


def first_finding(text: str) -> archspec.Diagnostic:
    with pytest.raises(archspec.SpecError) as caught:
        archspec.lower(archspec.loads(text))
    return caught.value.diagnostics[0]


def test_one_name_in_two_groups_is_refused_for_the_references_that_it_could_have() -> None:
    found = first_finding(GROUPS)
    assert found.message == "two layers are named a, left.a and right.a: a reference could mean either"
    assert "`name: right.a`" in found.hint
    assert "make the group a block" in found.hint
    nested = first_finding("input: [3, 8, 8]\nstages: [sequence: {name: a, body: [conv: {name: a, channels: 8}]}]\n")
    assert nested.message == "two layers are named a, a.a and a: a reference could mean either"
    assert "`name: a.a`" in nested.hint
    assert "from: a" not in first_finding(GROUPS.replace("name: left, ", "").replace("name: right, ", "")).message


def test_both_ways_that_the_hint_offers_keep_the_keys() -> None:
    dotted = GROUPS
    for side in ("left", "right"):
        dotted = dotted.replace(f"name: {side}, body: [{{conv: {{name: a", f"body: [{{conv: {{name: {side}.a")
    blocks = "input: [3, 8, 8]\nblocks: {group: {body: [conv: {name: a, channels: 8}]}}\n"
    blocks += "stages: [group: {name: left}, group: {name: right}]\n"
    keys = [list(archspec.build(archspec.loads(text)).state_dict()) for text in (dotted, blocks)]
    assert keys == [["left.a.weight", "left.a.bias", "right.a.weight", "right.a.bias"]] * 2


# Sorted: sets have another order in each process, and the processes of a run must find the same tests.
WORDS = sorted({*STRUCTURE, *RESERVED, *ROLES, *SHORTCUT_KINDS, *SCOPE_NAMES, *KEYWORDS})
WORDS += ["block", "default", '"true"', '"null"']


@pytest.mark.parametrize("word", WORDS)
def test_a_block_cannot_be_named_as_a_word_of_the_language(word: str) -> None:
    found = first_finding(f"input: [3, 8, 8]\nblocks:\n  {word}: {{body: [conv: 8]}}\nstages: [conv: 8]\n")
    text = word.strip('"')
    assert (found.code, found.message, found.span.line) == ("SPC010", f"a block cannot be named {text}", 3)
    assert text in found.hint


@pytest.mark.parametrize("name", ["conv", "basic", "parallel", "index", "body", "input"])
def test_any_other_name_is_free_in_every_form_of_a_use(name: str) -> None:
    """Of an op, of a library block, of a key elsewhere: the block is what all forms mean."""
    forms = (f"- {name}", f"- {name}: 4", f"- {name}: {{n: 4}}", f"- {{block: {name}, n: 4}}")
    for form in forms:
        block = "{params: {n: 4}, body: [{linear: {features: n, axis: channel}}]}"
        text = f"input: [3, 8, 8]\nblocks:\n  {name}: {block}\n"
        graph = archspec.lower(archspec.loads(f"{text}stages:\n  {form}\n"))
        assert [(step.kind, step.outputs[0].shape) for step in graph.body.steps] == [(name, (4, 8, 8))]
