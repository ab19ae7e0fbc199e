"""A spec as one text: it means the same in a folder where the files that it names are not."""

from __future__ import annotations

from pathlib import Path

import pytest

import archspec
from archspec.ir.dump import dump

BACKBONE = """name: backbone
input: [3, 32, 32]
params: {width: 8, depths: [1, 2]}
let: {wide: 2 * width}
defaults: {act: silu}
blocks: {mine: {params: {channels: int}, body: [conv: channels, norm, act]}}
stem: [mine: {name: m, channels: in_channels}]
stages: [basic: {name: s1, channels: width, repeat: "depths[0]"}, basic: {name: s2, channels: wide, stride: 2}]
outputs: {small: s1, large: s2}
variants: {big: {width: 16, depths: [2, 2]}}
"""
FILES = {
    "backbone.yaml": BACKBONE,
    "deeper/inner.yaml": "input: [3, 8, 8]\nstages: [conv: 8, network: {spec: ./leaf.yaml, name: l}]\n",
    "deeper/leaf.yaml": "input: [3, 8, 8]\nparams: {k: 3}\nstages: [conv: {channels: k}]\nvariants: {v: {k: 5}}\n",
    "holding.yaml": "input: [3, 8, 8]\nparams: {body: {type: layers, default: [network: ./deeper/leaf.yaml]}}\n"
    "stages: [layers: body]\nvariants: {twice: {body: [network: ./deeper/leaf.yaml, conv: 3]}}\n",
    "deeper/taking.yaml": "input: [3, 8, 8]\nparams: {body: {type: layers, default: []},"
    " kind: {type: block, default: relu}}\n"
    "stages: [layers: body, kind]\n",
    "wide.yaml": "extends: ./backbone.yaml\nparams: {width: 24}\nvariants: {own: {depths: [3, 1]}}\n",
}
LAYERS = {
    "short": "[network: ./backbone.yaml]",
    "variant in the name": "[network: './backbone.yaml:big']",
    "variant, parameters and exports": "[network: {spec: ./backbone.yaml, name: b, variant: big, params: {width: 12}},"
    " concat: [b.large, prev]]",
    "in a block": "[holder: {name: h}]",
    "in structure": "[residual: {body: [sequence: [network: ./deeper/leaf.yaml], conv: 3], shortcut: identity},"
    " branches: [[network: ./deeper/leaf.yaml], [network: {spec: './deeper/leaf.yaml:v', name: second}]]]",
    "in a slot": "[conv: 8, basic: {channels: 8, attention: [network: ./deeper/leaf.yaml, conv: 8]}]",
    "two deep, in another folder": "[network: {spec: ./deeper/inner.yaml, name: outer}]",
    "a spec that extends": "[network: {spec: ./wide.yaml, name: w}, network: './wide.yaml:own']",
    "a parameter of layers": "[network: ./holding.yaml, network: './holding.yaml:twice']",
    "layers for a parameter": "[network: {spec: ./holding.yaml, params: {body: [network: ./deeper/leaf.yaml]}}]",
    "layers for a network in another folder": "[network: {spec: ./deeper/taking.yaml,"
    " params: {body: [network: ./wide.yaml]}}]",
    "a block for a network in another folder": "[network: {spec: ./deeper/taking.yaml, params: {kind: holder}}]",
    "a spec in place for a network in another folder": "[network: {spec: ./deeper/taking.yaml,"
    " params: {body: [network: {spec: {extends: ./wide.yaml}}]}}]",
    "of the gallery": "[network: {spec: resnet, variant: resnet18, name: r}]",
}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "deeper").mkdir()
    for name, text in FILES.items():
        (tmp_path / name).write_text(text)
    return tmp_path


@pytest.mark.parametrize("name", LAYERS)
def test_networks_are_written_in_place(name: str, folder: Path, tmp_path_factory: pytest.TempPathFactory) -> None:
    layers = LAYERS[name]
    blocks = "blocks: {holder: {body: [network: {spec: ./backbone.yaml, name: b}]}}\n" if "holder" in layers else ""
    (folder / "top.yaml").write_text(f"name: top\ninput: [3, 32, 32]\n{blocks}stages: {layers}\n")
    written = archspec.to_yaml(folder / "top.yaml")
    elsewhere = tmp_path_factory.mktemp("elsewhere") / "one.yaml"
    elsewhere.write_text(written)
    assert "./" not in written
    assert dump(archspec.lower(archspec.load(elsewhere))) == dump(archspec.lower(archspec.load(folder / "top.yaml")))
    assert not [d for d in archspec.lint(elsewhere) if d.is_error]
    assert archspec.to_yaml(elsewhere) == written


@pytest.mark.parametrize("named", ["resnet", "none_such", "./absent.yaml", "./broken.yaml", "./top.yaml"])
def test_layers_for_a_network_that_stays_as_written_are_in_place(named: str, folder: Path) -> None:
    # All but the first are errors; what is around them is flattened all the same.
    (folder / "broken.yaml").write_text("input: [3, 8, 8\n")
    stages = f"[network: {{spec: {named}, params: {{body: [network: ./deeper/leaf.yaml]}}}}]"
    (folder / "top.yaml").write_text(f"name: top\ninput: [3, 32, 32]\nstages: {stages}\n")
    written = archspec.to_yaml(folder / "top.yaml")
    assert f"spec: {named}" in written
    assert "leaf.yaml" not in written


def test_an_argument_named_network_is_no_network(folder: Path) -> None:
    blocks = "blocks: {b: {params: {network: str}, body: [conv: {name: '${network}', channels: 8}]}}\n"
    path = folder / "deeper" / "top.yaml"
    path.write_text(f"input: [3, 8, 8]\n{blocks}stages: [b: {{network: ./leaf.yaml}}]\n")
    assert "network: ./leaf.yaml" in archspec.to_yaml(path)


def test_a_spec_in_place_is_checked_where_it_stands() -> None:
    text = """input: [3, 8, 8]
params: {width: 4}
stages:
  - network:
      name: inner
      spec:
        input: [3, 8, 8]
        params: {width: 8}
        stages:
          - conv: {channels: width, groups: 5}
          - conv: {chanels: 8}
"""
    found = archspec.lint(text)
    assert [(d.code, d.span.line) for d in found if d.is_error] == [("CNV001", 10), ("SPC001", 11)]
    # The width of the spec around it is another one.
    assert not [cause for d in found for cause in d.causes if cause.span is not None and cause.span.line == 2]
    assert [d.code for d in archspec.lint(text.replace("stages:\n          -", "stage:\n          -"))] == ["SPC001"]


def test_a_spec_in_place_may_extend_and_name_files(folder: Path) -> None:
    text = "input: [3, 32, 32]\nstages: [network: {name: n, spec: {extends: ./backbone.yaml, params: {width: 16}}}]\n"
    (folder / "top.yaml").write_text(text)
    graph = archspec.lower(archspec.load(folder / "top.yaml"))
    assert graph.output_types[0].shape == (32, 16, 16)
    assert "extends" not in archspec.to_yaml(folder / "top.yaml")
