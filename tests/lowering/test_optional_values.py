"""Values that may be missing: ports with an empty default, items of lists under a condition, computed names."""

from __future__ import annotations

from typing import Any

import jsonschema
import pytest

from archspec import Graph, SpecError, lint, loads, lower
from archspec.ir.graph import Call
from archspec.language.json_schema import json_schema
from archspec.source import compose, plain

PORT = """
input: [3, 32, 32]
params: {{deep: {deep}}}
blocks:
  fuse:
    inputs: {{x: map, skips: {{kind: [map], default: []}}}}
    body: [concat: [x, skips], {{conv: {{name: conv, channels: 8}}}}]
stages:
  - conv: {{name: a, channels: 8}}
  - conv: {{name: b, channels: 4}}
  - fuse: {{name: f{source}}}
"""


def graph_of(source: str, deep: bool = True) -> Graph:
    return lower(loads(PORT.format(deep=str(deep).lower(), source=source)))


def problems(text: str) -> list[tuple[str, int, str]]:
    with pytest.raises(SpecError) as caught:
        lower(loads(text))
    return [(d.code, d.span.line, d.message) for d in caught.value.diagnostics]


@pytest.mark.parametrize(
    ("source", "deep", "channels"),
    [
        ("", True, 4),
        (", from: {skips: []}", True, 4),
        (", from: {skips: [a]}", True, 12),
        (", from: {skips: [a, {from: b, when: deep}]}", True, 16),
        (", from: {skips: [a, {from: b, when: deep}]}", False, 12),
        (", from: {x: a, skips: [{from: [a, b], when: deep}, {from: input, when: not deep}]}", True, 20),
        (", from: {x: a, skips: [{from: [a, b], when: deep}, {from: input, when: not deep}]}", False, 11),
    ],
)
def test_a_port_of_several_values_may_be_left_out(source: str, deep: bool, channels: int) -> None:
    graph = graph_of(source, deep)
    (node,) = (placed.step for placed in graph.nodes() if placed.path == "f.conv")
    call = graph.body.steps[-1]
    assert isinstance(call, Call)
    body = call.body
    (value,) = (v for v in node.inputs if v is not None)
    assert body.types[value].channels == channels
    # The convolution keeps its key, with or without anything to join.
    assert {placed.path for placed in graph.nodes()} >= {"a", "b", "f.conv"}


def test_a_port_without_a_default_must_be_given() -> None:
    text = PORT.replace("{{kind: [map], default: []}}", "[map]").format(deep="true", source="")
    assert [(code, line) for code, line, _ in problems(text)] == [("SPC009", 11)]


@pytest.mark.parametrize(
    ("port", "message"),
    [
        ("{{kind: map, default: []}}", "only a port of several values has a default"),
        ("{{kind: [map], default: [x]}}", "expected an empty list"),
        ("{{kind: [map], default: x}}", "expected an empty list"),
        ("{{kind: [map], defalt: []}}", "unknown key defalt"),
        ("{{default: []}}", "the key kind is missing"),
        ("{{kid: [map], default: []}}", "unknown key kid"),
    ],
)
def test_a_port_that_is_declared_wrongly(port: str, message: str) -> None:
    text = PORT.replace("{{kind: [map], default: []}}", port).format(deep="true", source="")
    found = [d for d in lint(text) if d.is_error]
    assert {d.span.line for d in found} == {6}
    assert [d for d in found if message in d.message]


JOIN = """
input: [3, 32, 32]
params: {{deep: {deep}, depth: {depth}}}
stages:
  - conv: {{name: a, channels: 4}}
  - conv: {{name: many, channels: 4, repeat: depth}}
  - {join}
  - conv: 8
"""


@pytest.mark.parametrize("join", ["concat: [prev, {from: a, when: deep}]", "add: {from: [{from: a, when: deep}, prev]}",
                                  "concat: [a, many.*]", "concat: [a, {from: many, when: deep}]"])  # fmt: skip
def test_one_value_left_is_the_result_and_keeps_the_keys_of_others(join: str) -> None:
    joined, alone = (
        lower(loads(JOIN.format(deep=deep, depth=depth, join=join))) for deep, depth in (("true", 1), ("false", 0))
    )
    assert joined.body.steps[-2].kind in ("concat", "add")
    assert [step.kind for step in alone.body.steps] == ["conv", "conv"]
    assert joined.body.steps[-1].scope == alone.body.steps[-1].scope == "3"


@pytest.mark.parametrize(
    ("join", "code", "message"),
    [
        ("concat: [a]", "SPC002", "joins two values or more, and here is one"),
        ("concat: a", "SPC002", "joins two values or more, and here is one"),
        ("concat: [{from: a, when: deep}]", "SPC002", "and here is none"),
        ("concat: many.*", "SPC002", "and here is none"),
        ("concat: [a, {from: b, when: true}]", "SPC005", "there is no layer named b"),
        ("concat: [a, {when: deep}]", "SPC009", "needs `from`"),
        ("concat: [a, {from: a, if: deep}]", "SPC001", "has no key if"),
        ("concat: [a, {from: a, when: 3}]", "SPC002", "when takes"),
        ("conv: {from: {from: a, when: deep}, channels: 4}", "SPC001", "conv has no port from"),
    ],
)
def test_wrong_items(join: str, code: str, message: str) -> None:
    found = problems(JOIN.format(deep="false", depth=0, join=join))
    assert [(code, line) for code, line, _ in found] == [(code, 7)]
    assert message in found[0][2]


@pytest.mark.parametrize("join", ["concat", "add", "multiply"])
@pytest.mark.parametrize(
    ("argument", "code"),
    [
        ("init: {weight: zeroes}", "SPC005"),
        ("init: {weight: zeros}", "SPC005"),
        ("share: nothing", "SPC005"),
        ("share: a", "SPC002"),
        ("keys: {weight: w}", "SPC002"),
    ],
)
def test_a_join_is_checked_whether_or_not_one_value_is_left(join: str, argument: str, code: str) -> None:
    layer = f"{join}: {{from: [a, {{from: a, when: deep}}], {argument}}}"
    found = problems(JOIN.format(deep="false", depth=1, join=layer))
    assert found == problems(JOIN.format(deep="true", depth=1, join=layer))
    assert [(c, line) for c, line, _ in found] == [(code, 7)]


@pytest.mark.parametrize("axis", ["length", "7"])
@pytest.mark.parametrize("deep", ["false", "true"])
def test_the_axis_of_a_join_is_checked_whether_or_not_one_value_is_left(axis: str, deep: str) -> None:
    layer = f"concat: {{from: [a, {{from: a, when: deep}}], axis: {axis}}}"
    found = problems(JOIN.format(deep=deep, depth=1, join=layer))
    assert [(code, line) for code, line, _ in found] == [("SHP010", 7)]


def test_a_computed_name_that_is_empty_is_none() -> None:
    text = """
input: [3, 32, 32]
params: {empty: {type: str, default: ""}}
stages:
  - conv: {name: "${empty}", channels: 4}
  - conv: {name: "${empty}", channels: 4, repeat: 2}
  - sequence: {name: "${empty}", body: [conv: 4]}
  - branches: [{name: "${empty}", body: [conv: 4]}, {name: "${empty}", when: false, body: [conv: 4]}]
  - conv: {name: "${empty}", channels: 4, when: false}
"""
    assert [step.scope for step in lower(loads(text)).body.steps] == ["0", "1.0", "1.1", "2", "3"]


def test_names_of_the_shortcuts_and_inverted_residuals() -> None:
    text = """
input: [8, 32, 32]
stages:
  - residual: {body: [conv: 16], shortcut: {projection: {name: down, names: [conv, bn]}}}
  - inverted_residual: {name: plain, channels: 16}
  - inverted_residual: {name: own, channels: 16, key: "", names: [expand, depthwise, reduce, bn],
                        attention: [identity]}
  - fused_inverted_residual: {name: fused, channels: 16, key: mb, names: [first, second]}
head: [global_avg_pool, {residual: {body: [linear: 8], shortcut: {projection: {name: last, names: [fc, bn]}}}}]
"""
    keys = {placed.path for placed in lower(loads(text)).nodes()}
    assert {"down.conv", "down.bn", "last.fc"} <= keys
    assert {"plain.conv.0.0", "plain.conv.1.1", "plain.conv.2", "plain.conv.3"} <= keys
    assert {"own.expand.0", "own.depthwise.1", "own.reduce", "own.bn"} <= keys
    assert {"fused.mb.first.0", "fused.mb.second.1"} <= keys


def test_the_json_schema_takes_both_forms() -> None:
    validator = jsonschema.Draft7Validator(json_schema())

    def errors(text: str) -> list[Any]:
        tree, _ = compose(text, "spec.yaml")
        assert tree is not None
        return list(validator.iter_errors(plain(tree)))

    text = PORT.format(deep="true", source=", from: {skips: [a, {from: b, when: deep}]}")
    assert errors(text) == []
    assert errors(JOIN.format(deep="true", depth=1, join="concat: [prev, {from: a, when: deep}]")) == []
    assert errors(JOIN.format(deep="true", depth=1, join="concat: [prev, {from: a, unless: deep}]"))
    assert errors(text.replace("default: []", "default: [a]"))
