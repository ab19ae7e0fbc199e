"""A spec used by another: `network:` as a layer with its exports, and `extends:`."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import torch

import archspec
from archspec import SpecError, build, load, loads, lower, summarize
from archspec.ir.flat import flatten
from archspec.ir.graph import Graph

BACKBONE = """
name: backbone
input: [3, 32, 32]
params: {width: 4}
stages:
  - conv: {name: fine, channels: width, kernel: 3}
  - conv: {name: coarse, channels: 2 * width, kernel: 3, stride: 2}
outputs: {fine: fine, coarse: coarse}
variants:
  wide: {width: 8}
"""
DETECTOR = """
name: detector
input: [3, 32, 32]
params: {width: 6}
stages:
  - network: {spec: ./backbone.yaml, variant: wide, name: body}
  - conv: {name: lateral, from: body.fine, channels: width, kernel: 1}
  - conv: {name: top, from: body.coarse, channels: width, kernel: 1}
  - resize: {from: {like: lateral}}
  - add: [lateral, prev]
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "backbone.yaml").write_text(BACKBONE)
    (tmp_path / "detector.yaml").write_text(DETECTOR)
    return tmp_path


def draw(*shape: int) -> torch.Tensor:
    return torch.randn(shape, generator=torch.Generator().manual_seed(1))


def problems(path: Path, text: str) -> list[tuple[str, int]]:
    path.write_text(text)
    with pytest.raises(SpecError) as caught:
        lower(load(str(path)))
    return [(d.code, d.span.line) for d in caught.value.diagnostics]


def test_a_backbone_and_its_exports(folder: Path) -> None:
    model: Any = build(str(folder / "detector.yaml"))
    x = draw(2, 3, 32, 32)
    fine = model.body.fine(x)
    coarse = model.body.coarse(fine)
    up = torch.nn.functional.interpolate(model.top(coarse), size=(32, 32))
    torch.testing.assert_close(model(x), model.lateral(fine) + up)
    assert model.body.fine.out_channels == 8
    alone = build(str(folder / "backbone.yaml"), "wide")
    alone.load_state_dict(model.body.state_dict(), strict=True)
    torch.testing.assert_close(alone(x)["coarse"], coarse)


def test_a_network_from_the_gallery() -> None:
    text = """
input: [3, 64, 64]
params: {classes: 10}
stages:
  - network: {spec: resnet, variant: resnet18, name: backbone, params: {classes: classes}}
"""
    model, alone = build(loads(text)), build("resnet18", classes=10)
    alone.load_state_dict(model.get_submodule("backbone").state_dict(), strict=True)
    x = draw(1, 3, 64, 64)
    torch.testing.assert_close(model.eval()(x), alone.eval()(x))
    assert summarize(lower(loads(text))).params == sum(p.numel() for p in alone.parameters())


def test_what_a_network_cannot_be(folder: Path) -> None:
    path = folder / "other.yaml"
    assert problems(path, DETECTOR.replace("variant: wide", "variant: wider")) == [("SPC005", 6)]
    assert problems(path, DETECTOR.replace("body.coarse", "body.middle"))[0] == ("SPC005", 8)
    assert problems(path, DETECTOR.replace("variant: wide", "params: {wdth: 3}"))[0][0] == "SPC001"
    assert problems(path, DETECTOR.replace("./backbone", "./other"))[0] == ("GRF002", 6)
    assert problems(path, DETECTOR.replace("./backbone", "../backbone"))[0] == ("LIM010", 6)


def test_two_networks_that_hold_each_other(folder: Path) -> None:
    other = BACKBONE.replace("outputs:", "  - network: {spec: ./detector.yaml, name: again}\noutputs:")
    (folder / "backbone.yaml").write_text(other)
    with pytest.raises(SpecError) as caught:
        lower(load(str(folder / "detector.yaml")))
    assert "GRF002" in [d.code for d in caught.value.diagnostics]


def test_several_inputs(folder: Path) -> None:
    (folder / "two.yaml").write_text("""
inputs: {left: [4], right: [5]}
stages:
  - linear: {name: l, from: left, features: 6}
  - linear: {name: r, from: right, features: 6}
  - add: [l, r]
""")
    (folder / "use.yaml").write_text("""
input: [9]
stages:
  - split: {sizes: [5, 4], name: parts}
  - network: {spec: ./two.yaml, name: two, from: {left: "parts[1]", right: "parts[0]"}}
""")
    model: Any = build(str(folder / "use.yaml"))
    x = draw(2, 9)
    torch.testing.assert_close(model(x), model.two.l(x[:, 5:]) + model.two.r(x[:, :5]))


def test_extends_overrides_parameters_and_adds_variants(folder: Path) -> None:
    path = folder / "narrow.yaml"
    path.write_text("extends: ./backbone.yaml\nparams: {width: 2}\nvariants:\n  six: {width: 6}\n")

    def widths(variant: str | None = None, **params: int) -> int:
        return lower(load(str(path), variant, **params)).output_types[0].channels

    assert (widths(), widths("wide"), widths("six"), widths("six", width=3)) == (2, 8, 6, 3)
    assert problems(path, "extends: ./backbone.yaml\nparams: {wdth: 2}\n")[0] == ("SPC001", 2)
    assert problems(path, "extends: ./backbone.yaml\nstages: [relu]\n")[0][0] == "SPC001"
    assert problems(path, "extends: ./narrow.yaml\n")[0] == ("GRF002", 1)
    path.write_text("extends: resnet\nparams: {classes: 7, depths: [1, 1, 1, 1]}\n")
    assert lower(load(str(path))).output_types[0].shape == (7,)


def test_an_input_that_is_a_parameter(folder: Path) -> None:
    path = folder / "free.yaml"
    path.write_text(
        BACKBONE.replace("input: [3, 32, 32]", "input: shape").replace("{width: 4}", "{width: 4, shape: [3, 32, 32]}")
    )
    assert lower(load(str(path))).output_types[0].shape == (4, 32, 32)
    assert lower(load(str(path), shape=[1, 20])).output_types[0].shape == (4, 20)
    assert problems(path, path.read_text().replace("input: shape", "input: width")) == [("SPC002", 3)]


@pytest.mark.parametrize("written", ["mid.yaml", "./mid.yaml"])
def test_a_path_without_a_slash_is_one_with(folder: Path, written: str) -> None:
    (folder / "sub").mkdir()
    (folder / "sub" / "mid.yaml").write_text("extends: ../backbone.yaml\nparams: {width: 2}\n")
    (folder / "sub" / "x.yaml").write_text(f"extends: {written}\n")
    (folder / "top.yaml").write_text("extends: ./sub/x.yaml\n")
    assert lower(load(str(folder / "top.yaml"))).output_types[0].channels == 2
    # What lies outside the directory of the first spec stays out of reach.
    assert problems(folder / "sub" / "top.yaml", f"extends: {written}\n") == [("LIM010", 1)]
    # A finding in the file of a network names it as it is written, and not as one of the gallery.
    name = written.replace("mid", "wrong")
    (folder / "wrong.yaml").write_text("input: [3, 8, 8]\nhead: [conv: 0]\nvariants: {wide: {}}\n")
    for spec in (name, f"'{name}:wide'"):
        (folder / "top.yaml").write_text(f"input: [3, 8, 8]\nhead: [network: {spec}]\n")
        with pytest.raises(SpecError) as caught:
            lower(load(str(folder / "top.yaml")))
        assert [d.span.file for d in caught.value.diagnostics] == [name]


def test_a_network_is_no_file_of_the_working_directory(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    elsewhere = folder / "elsewhere"
    elsewhere.mkdir()
    for name in ("one", "some:thing", "resnet18"):
        (elsewhere / name).write_text(BACKBONE)
    monkeypatch.chdir(elsewhere)
    for name in ("one", "some:thing"):
        text = f"input: [3, 32, 32]\nhead: [network: {{spec: '{name}'}}]\n"
        assert problems(folder / "top.yaml", text) == [("SPC005", 2)]
    (folder / "top.yaml").write_text("input: [3, 32, 32]\nhead: [network: resnet18]\n")
    assert lower(load(str(folder / "top.yaml"))).output_types[0].shape == (1000,)


INNER = """\
input: [3, 16, 16]
params:
  depths: [1, 1]
  kind: basic
  body: {type: block, default: basic}
  width: {type: int, default: 8, ge: 1}
  act: relu
  rates: {type: list, of: float, default: [0.1]}
  extra: {type: layers, default: []}
  stride: {type: axes, default: 1}
  text: {type: str, default: plain}
defaults: {act: act}
blocks:
  mine: {params: {channels: int}, body: [{conv: {channels: channels, kernel: 5}}]}
stages:
  - {block: kind, name: one, repeat: "depths[0]", channels: width}
  - {block: body, name: two, repeat: "depths[1]", channels: width}
  - layers: extra
  - max_pool: {kernel: 3, stride: stride}
  - dropout: "rates[0]"
  - conv: {name: "last_${text}", channels: width}
variants: {wide: {width: 32}, deep: {depths: [2, 2]}}
"""


def held(folder: Path, network: str, more: str = "") -> Graph:
    (folder / "inner.yaml").write_text(INNER)
    outer = folder / "outer.yaml"
    outer.write_text(f"input: [3, 16, 16]\n{more}stages:\n  - network: {{spec: ./inner.yaml, name: net, {network}}}\n")
    found = archspec.lint(outer, variants=False)
    assert [d for d in found if d.is_error] == []
    return lower(load(outer))


def paths(graph: Graph) -> list[str]:
    return [node.path for node in flatten(graph).nodes]


@pytest.mark.parametrize(
    ("network", "outer"),
    [
        ("params: {depths: [3, 2]}", ""),
        ("params: {depths: depths}", "depths: [3, 2]"),
        ("params: {depths: d}", "d: [3, 2]"),
        ("params: {depths: d}", "d: {type: list, of: int, default: [3, 2]}"),
        ("params: {depths: [a + 1, a]}", "a: 2"),
        ("params: {depths: 'd[1:]'}", "d: [9, 3, 2]"),
    ],
)
def test_lists_of_the_enclosing_spec_are_arguments_of_a_network(folder: Path, network: str, outer: str) -> None:
    found = paths(held(folder, network, f"params: {{{outer}}}\n" if outer else ""))
    assert len({path.split(".")[2] for path in found if path.startswith("net.one.")}) == 3
    assert len({path.split(".")[2] for path in found if path.startswith("net.two.")}) == 2


@pytest.mark.parametrize("parameter", ["kind", "body"])
@pytest.mark.parametrize(
    ("value", "outer"),
    [
        ("bottleneck", ""),
        ("b", "params: {b: bottleneck}\n"),
        ("b", "params: {b: {type: block, default: bottleneck}}\n"),
        ("b", "params: {b: {bottleneck: {expansion: 4}}}\n"),
        ("{bottleneck: {expansion: e}}", "params: {e: 4}\n"),
        ("own", "blocks: {own: {params: {channels: int}, body: [{bottleneck: {channels: channels}}]}}\n"),
    ],
)
def test_blocks_of_the_enclosing_spec_are_arguments_of_a_network(
    folder: Path, parameter: str, value: str, outer: str
) -> None:
    graph = held(folder, f"params: {{{parameter}: {value}}}", outer)
    place = {"kind": "one", "body": "two"}[parameter]
    convolutions = [p for p in paths(graph) if p.startswith(f"net.{place}.") and ".conv" in p]
    assert [p.rsplit(".", 1)[1] for p in convolutions] == ["conv1", "conv2", "conv3"]


def test_an_expression_chooses_the_block_of_a_network(folder: Path) -> None:
    graph = held(folder, "params: {body: 'bottleneck if deep else basic'}", "params: {deep: true}\n")
    assert "net.two.0.conv3" in paths(graph)


def test_a_block_that_is_passed_sees_the_blocks_of_the_spec_that_defines_it(folder: Path) -> None:
    # The network has a block of the same name, with another kernel.
    outer = """\
blocks:
  mine: {params: {channels: int}, body: [{conv: {channels: channels, kernel: 7}}]}
  own: {params: {channels: int}, body: [{mine: channels}]}
"""
    graph = held(folder, "params: {body: own, extra: [{mine: 8}], kind: mine}", outer)
    kernels = [getattr(n.op, "kernel", None) for n in flatten(graph).nodes if n.kind == "conv"]
    # kind, body and extra are those of the enclosing spec; the last is the network's own layer.
    assert kernels == [7, 7, 7, 3]


def test_a_name_that_only_the_network_has_chooses_its_own_block(folder: Path) -> None:
    for parameter in ("kind", "body"):
        graph = held(folder, f"params: {{{parameter}: mine}}")
        assert 5 in [getattr(n.op, "kernel", None) for n in flatten(graph).nodes if n.kind == "conv"]


@pytest.mark.parametrize(
    ("params", "outer", "path"),
    [
        ("{width: w * 2}", "{w: 8}", "net.last_plain"),
        ("{width: w, text: '${t}'}", "{w: 16, t: name}", "net.last_name"),
        (
            "{width: 'max(w, 16)', text: word, act: a, rates: [r], stride: s}",
            "{w: 3, a: silu, r: 0.5, s: [2, 2]}",
            "net.last_word",
        ),
    ],
)
def test_expressions_of_the_enclosing_scope(folder: Path, params: str, outer: str, path: str) -> None:
    graph = held(folder, f"params: {params}", f"params: {outer}\n")
    (last,) = [node for node in flatten(graph).nodes if node.path == path]
    assert last.node.outputs[0].channels == 16


def test_a_loop_variable_and_a_block_parameter_are_in_scope_too(folder: Path) -> None:
    (folder / "inner.yaml").write_text(INNER)
    (folder / "outer.yaml").write_text(
        """\
input: [3, 16, 16]
blocks:
  pass_on:
    params: {list: {type: list, of: int}, kind: {type: block}}
    body: [{deeper: {l: list, k: kind}}]
  deeper:
    params: {l: {type: list, of: int}, k: block}
    body:
      - network:
          {spec: ./inner.yaml, name: "n${index}", repeat: 2, params: {depths: l, body: k, width: 8 * (index + 1)}}
params: {d: [1, 3], b: bottleneck}
stages: [{pass_on: {list: d, kind: b, name: top}}]
"""
    )
    graph = lower(load(folder / "outer.yaml"))
    nodes = flatten(graph).nodes
    assert len({n.path for n in nodes if ".two." in n.path and n.path.endswith(".conv3")}) == 6
    assert [n.node.outputs[0].channels for n in nodes if n.path.endswith("last_plain")] == [8, 16]


@pytest.mark.parametrize(
    ("variant", "outer"), [("'${size}'", "size: wide"), ("'${size}de'", "size: wi"), ("wide", "x: 1")]
)
def test_a_variant_may_be_computed(folder: Path, variant: str, outer: str) -> None:
    graph = held(folder, f"variant: {variant}", f"params: {{{outer}}}\n")
    assert flatten(graph).nodes[-1].node.outputs[0].channels == 32


def test_a_value_wins_over_that_of_the_variant(folder: Path) -> None:
    graph = held(folder, "variant: wide, params: {width: 24}")
    assert flatten(graph).nodes[-1].node.outputs[0].channels == 24


@pytest.mark.parametrize(
    ("network", "code", "text"),
    [
        ("params: {widht: 8}", "SPC001", "widht"),
        ("params: {depths: nothing}", "SPC005", "nothing"),
        ("params: {width: 0}", "SPC002", "0"),
        ("params: {depths: 3}", "SPC002", "3"),
        ("params: {body: nothing}", "SPC005", "nothing"),
        ("variant: wdie", "SPC005", "wdie"),
        ("variant: '${nothing}'", "SPC005", "nothing"),
    ],
)
def test_a_wrong_argument_is_reported_where_it_is_written(folder: Path, network: str, code: str, text: str) -> None:
    (folder / "inner.yaml").write_text(INNER)
    outer = folder / "outer.yaml"
    outer.write_text(f"input: [3, 16, 16]\nstages:\n  - network: {{spec: ./inner.yaml, name: net, {network}}}\n")
    (found,) = (d for d in archspec.lint(outer) if d.is_error)
    line = outer.read_text().splitlines()[found.span.line - 1]
    assert (found.code, line[found.span.column - 1 :][: len(text)]) == (code, text)


def test_extends_passes_lists_and_blocks_on(folder: Path) -> None:
    (folder / "inner.yaml").write_text(INNER)
    (folder / "middle.yaml").write_text("extends: ./inner.yaml\nparams: {depths: [2, 1], body: bottleneck}\n")
    (folder / "outer.yaml").write_text("extends: ./middle.yaml\nparams: {width: 16, kind: {bottleneck: {groups: 2}}}\n")
    found = paths(lower(load(folder / "outer.yaml")))
    assert "one.1.conv3" in found
    assert "two.0.conv3" in found
