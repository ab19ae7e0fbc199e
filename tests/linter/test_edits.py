"""Edits of layers, in every way of writing one."""

from __future__ import annotations

from collections.abc import Callable

import pytest

import archspec
from archspec.diagnostics import Edit
from archspec.ir.flat import FlatNode
from archspec.linter import edits
from archspec.linter.rule_context import RuleContext
from archspec.source.fixing import apply_edits

HEAD = "input: [3, 8, 8]  # RGB\nparams: {wide: 16}\nstages:\n"


def _edited(layers: str, make: Callable[[RuleContext, FlatNode], tuple[Edit, ...]], kind: str = "conv") -> str:
    """The layers after an edit of the first op of that kind; the rest of the spec must be as it was."""
    text = HEAD + layers
    spec = archspec.loads(text)
    context = RuleContext(spec, archspec.lower(spec))
    node = next(node for node in context.nodes if node.kind == kind)
    edited = apply_edits(text, make(context, node))
    assert edited.startswith(HEAD)
    archspec.lower(archspec.loads(edited))
    return edited.removeprefix(HEAD)


@pytest.mark.parametrize(
    ("layers", "meant"),
    [
        ("  - conv: 16  # c\n", "  - conv: {channels: 16, bias: false}  # c\n"),
        ("  - conv: max(8, wide)\n", '  - conv: {channels: "max(8, wide)", bias: false}\n'),
        ("  - {conv: wide}\n", "  - {conv: {channels: wide, bias: false}}\n"),
        ("  [conv: 16, relu]\n", "  [conv: {channels: 16, bias: false}, relu]\n"),
        ("  - conv: {channels: 16}\n", "  - conv: {channels: 16, bias: false}\n"),
        ("  - conv: {channels: 16, bias: true}\n", "  - conv: {channels: 16, bias: false}\n"),
        (
            "  - conv: {\n      channels: 16,  # c\n    }\n",
            "  - conv: {\n      channels: 16, bias: false,  # c\n    }\n",
        ),
        (
            "  - conv:  # a\n      channels: 16  # b\n  # c\n  - relu\n",
            "  - conv:  # a\n      channels: 16  # b\n      bias: false\n  # c\n  - relu\n",
        ),
        ("  - {block: conv, channels: 16}\n", "  - {block: conv, channels: 16, bias: false}\n"),
        ("  - block: conv  # a\n    channels: 16", "  - block: conv  # a\n    channels: 16\n    bias: false"),
        ("  - conv: {<<: &c {channels: 16}}\n", "  - conv: {bias: false, <<: &c {channels: 16}}\n"),
    ],
)
def test_an_argument_is_set(layers: str, meant: str) -> None:
    assert _edited(layers, lambda context, node: edits.set_argument(context, node, "bias", False)) == meant


@pytest.mark.parametrize(
    ("layers", "meant"),
    [
        ("  - batch_norm  # c\n", "  - batch_norm: {eps: 0.1}  # c\n"),
        ("  [batch_norm, relu]\n", "  [{batch_norm: {eps: 0.1}}, relu]\n"),
        ("  - batch_norm:  # c\n", "  - batch_norm: {eps: 0.1}  # c\n"),
        ("  - norm: {}\n", "  - norm: {eps: 0.1}\n"),
        ("  - residual: {body: [norm]}\n", "  - residual: {body: [{norm: {eps: 0.1}}]}\n"),
    ],
)
def test_an_argument_is_set_of_a_bare_layer(layers: str, meant: str) -> None:
    assert _edited(layers, lambda context, node: edits.set_argument(context, node, "eps", 0.1), "batch_norm") == meant


@pytest.mark.parametrize(
    ("layers", "meant"),
    [
        ("  - dropout: {rate: 0.1}  # c\n", "  - dropout  # c\n"),
        ("  - dropout: 0.1\n", "  - dropout\n"),
        ("  - conv: {channels: 16, bias: true}\n", "  - conv: {channels: 16}\n"),
        ("  - conv: {bias: true, channels: 16}\n", "  - conv: {channels: 16}\n"),
        ("  - conv:\n      bias: true  # b\n      channels: 16  # c\n", "  - conv:\n      channels: 16  # c\n"),
        ("  - block: conv\n    bias: true\n    channels: 16\n", "  - block: conv\n    channels: 16\n"),
    ],
)
def test_an_argument_is_removed(layers: str, meant: str) -> None:
    kind, name = ("dropout", "rate") if "dropout" in layers else ("conv", "bias")
    assert _edited(layers, lambda context, node: edits.remove_argument(context, node, name), kind) == meant


@pytest.mark.parametrize(
    ("layers", "meant"),
    [
        ("  # a\n  - norm  # b\n  - conv: 16\n", "  # a\n  - conv: 16\n"),
        ("  [conv: 16, norm, relu]\n", "  [conv: 16, relu]\n"),
        ("  - conv: 16\n  - batch_norm:\n      eps: 0.1\n  # c\n", "  - conv: 16\n  # c\n"),
        (
            "  - norm: {name: n}\n  - conv: 16\n  - concat: [n, prev]\n",
            "  - norm: {name: n}\n  - conv: 16\n  - concat: [n, prev]\n",
        ),
    ],
)
def test_a_layer_is_removed(layers: str, meant: str) -> None:
    assert _edited(layers, edits.remove_layer, "batch_norm") == meant


def test_layers_are_put_in() -> None:
    def after(context: RuleContext, node: FlatNode) -> tuple[Edit, ...]:
        return edits.insert_after(context, node, {"group_norm": {"groups": 4}})

    def before(context: RuleContext, node: FlatNode) -> tuple[Edit, ...]:
        return edits.insert_before(context, node, "relu")

    assert _edited("  - conv:\n      channels: 16  # c\n", after) == (
        "  - conv:\n      channels: 16  # c\n  - group_norm: {groups: 4}\n"
    )
    assert _edited("  [conv: 16]\n", after) == "  [conv: 16, {group_norm: {groups: 4}}]\n"
    assert _edited("  # a\n  - conv: 16\n", before) == "  # a\n  - relu\n  - conv: 16\n"
    assert _edited("  [conv: 16]\n", before) == "  [relu, conv: 16]\n"


def test_a_number_is_changed_only_where_it_is_written() -> None:
    def change(context: RuleContext, node: FlatNode) -> tuple[Edit, ...]:
        return edits.change_number(context, node, "channels", 24)

    assert _edited("  - conv: {channels: 16, kernel: 3}\n", change) == "  - conv: {channels: 24, kernel: 3}\n"
    assert _edited("  - conv: 16\n", change) == "  - conv: 24\n"
    assert _edited("  - conv: wide\n", change) == "  - conv: wide\n"


def test_the_library_is_never_edited() -> None:
    layers = "  - conv_norm_act: 16\n"
    assert _edited(layers, lambda context, node: edits.set_argument(context, node, "bias", True)) == layers
    assert _edited(layers, edits.remove_layer) == layers


def test_what_an_extended_spec_holds_is_not_edited() -> None:
    spec = archspec.loads("extends: resnet\nparams: {classes: 10}\n")
    assert RuleContext(spec, archspec.lower(spec)).layout is None
