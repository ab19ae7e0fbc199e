"""A spec used by another: `network:` as a layer with its exports, and `extends:`."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import torch

from archspec import SpecError, build, load, loads, lower, summarize

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
