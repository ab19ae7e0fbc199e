"""A layer that fails gives findings of its own alone: what it would have done is unknown."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from archspec.diagnostics import Diagnostic
from archspec.language.files import gallery, gallery_names
from archspec.language.load import loads_partial
from archspec.language.recovery import LAYER_LISTS
from archspec.linter.catalogue import codes, find_rule
from archspec.linter.engine import lint_spec
from archspec.source import Mapping, Scalar, Sequence, Tree, compose
from archspec.source.positions import Positions
from tests.narrow import present

GOOD = [text for code in codes() for text in present(find_rule(code)).good]
NO_LAYERS = ("params", "variants", "let", "outputs", "inputs", "input")
CONSEQUENCES = ("SPC006", "SPC010")
"""Rules with findings elsewhere that are right: the only use of a name is cut out, or a name is given away first."""


def layers(tree: Tree, in_list: bool = False) -> Iterator[Scalar | Mapping]:
    """Yield the ops and blocks in the lists of layers of a text's tree."""
    if isinstance(tree, Sequence):
        for item in tree.items:
            yield from layers(item, tree.key is not None and tree.key.text in LAYER_LISTS)
    elif isinstance(tree, Mapping):
        # A branch is no layer, and the long form has its callee elsewhere.
        if in_list and tree.get("body") is None and tree.get("block") is None:
            yield tree
        for key, value in tree.entries:
            if key.text not in NO_LAYERS:
                yield from layers(value)
    elif in_list:
        yield tree


def broken_texts(text: str, layer: Scalar | Mapping, name: str) -> Iterator[str]:
    """Yield a text with one of its layers broken, in each of several ways."""
    positions = Positions(text, "a.yaml")

    def replaced(node: Tree, new: str) -> str:
        start = positions.index(node.span.line, node.span.column)
        return text[:start] + new + text[positions.index(node.span.end_line, node.span.end_column) :]

    callee = layer if isinstance(layer, Scalar) else layer.entries[0][0]
    yield replaced(callee, "zzqx")
    if isinstance(layer, Scalar):
        for argument in ("zzqx: 1", "from: zzqx", "keys: {q: r}", f"name: {name}", "when: zzqx"):
            yield replaced(layer, f"{{{layer.text}: {{{argument}}}}}")
        return
    inner = layer.entries[0][1]
    if isinstance(inner, Scalar) and inner.text:
        yield replaced(inner, "[[zzqx]]")
    if isinstance(inner, Mapping):
        start = positions.index(inner.span.line, inner.span.column)
        for key, value in (("share", "zzqx"), ("from", "zzqx"), ("when", "zzqx"), ("name", name)):
            if text[start] == "{" and inner.get(key) is None:
                yield f"{text[: start + 1]}{key}: {value}, {text[start + 1 :]}"


def findings(text: str) -> tuple[Diagnostic, ...]:
    spec, found = loads_partial(text, "a.yaml")
    return lint_spec(spec, found, variants=False)


def check_every_layer(text: str) -> int:
    """Break each layer in turn; return in how many ways, for which nothing but the layer itself is reported."""
    before = {(d.code, d.message, d.span.line) for d in findings(text)}
    tree = compose(text, "a.yaml")[0]
    assert tree is not None
    name = next(iter(re.findall(r"name: ([a-z_]\w*)[,}]", text)), "x")
    count = 0
    for layer in layers(tree):
        if layer.alias is not None:
            continue  # it is written elsewhere, in more places than one
        for broken in broken_texts(text, layer, name):
            count += 1
            for found in findings(broken):
                inside = layer.span.line <= found.span.line <= layer.span.end_line and found.is_error
                known = (found.code, found.message, found.span.line) in before
                assert inside or known or found.code in CONSEQUENCES, (broken, str(found))
    return count


def is_expanded(text: str) -> bool:
    """Return whether an alias repeats what is written once: a layer of it stands in several places."""
    return "*" in text and re.search(r"&\w", text) is not None


@pytest.mark.parametrize("number", range(0, len(GOOD), 6))
def test_a_broken_layer_of_a_good_example(number: int) -> None:
    if not is_expanded(GOOD[number]):
        check_every_layer(GOOD[number])


@pytest.mark.slow
@pytest.mark.parametrize("number", range(len(GOOD)))
def test_a_broken_layer_of_every_good_example(number: int) -> None:
    if not is_expanded(GOOD[number]):
        check_every_layer(GOOD[number])


@pytest.mark.slow
@pytest.mark.parametrize("name", gallery_names())
def test_a_broken_layer_of_the_gallery(name: str) -> None:
    text = Path(gallery() / f"{name}.yaml").read_text()
    assert check_every_layer(text) > 0 or "extends" in text


REPORTED = {
    "a relu that clashes": """\
input: [3, 8, 8]
stages:
  - conv: {name: a, channels: 8, bias: true}
  - relu: {name: a}
  - batch_norm
  - relu
""",
    "a pointwise convolution that clashes": """\
input: [8, 8, 8]
stages:
  - conv: {name: a, channels: 8, groups: 8}
  - conv: {name: a, channels: 16, kernel: 1}
""",
    "a split that fails": """\
input: [8, 8, 8]
stages:
  - conv: 8
  - relu
  - split: 3
  - add
""",
    "the layer whose weights are shared": """\
input: [8, 8, 8]
stages:
  - conv: {name: a, channels: 8, from: nothing}
  - relu
  - conv: {name: b, channels: 8, share: a}
""",
    "a layer of a computed name": """\
input: [8, 8, 8]
stages:
  - conv: {name: "a${index}", repeat: 2, channels: 8, from: nothing}
  - add: [a0, a1]
""",
    "a layer that cannot be read, in a block that computes with its shape": """\
input: [8, 8, 8]
blocks:
  half: {let: {c: in_channels}, body: [{conv: c // 2}, relu]}
stages:
  - conv: {channels: 8, name: [1]}
  - relu
  - half
""",
}


@pytest.mark.parametrize("name", REPORTED)
def test_one_mistake_is_one_finding(name: str) -> None:
    assert [d.code for d in findings(REPORTED[name])] in (["SPC010"], ["SHP010"], ["SPC005"], ["SPC002"])
