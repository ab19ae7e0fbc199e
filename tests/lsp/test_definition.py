"""Where words are defined."""

from __future__ import annotations

from pathlib import Path

import pytest

from archspec.language.files import gallery
from archspec.language.symbols import library_file
from archspec.lsp.analysis import Analysis
from archspec.lsp.definition import DefinitionTarget, find_definition
from tests.lsp.cursors import cursor

SPEC = """\
inputs: {image: [3, 32, 32]}
params: {width: 16, kind: mine}
let: {double: width * 2}
defaults: {norm: batch_norm}
stem:
  - conv: {name: c1, channels: width}
  - norm
  - mine: {name: m, channels: double}
  - {block: kind, channels: width}
  - conv: {name: "e${i}", repeat: 2, as: i, channels: width}
  - concat: [c1, e1, m.inner, image]
  - bottleneck: 64
  - network: {spec: resnet, variant: resnet18}
blocks:
  mine:
    params: {channels: int}
    body:
      - conv: {name: inner, channels: channels}
      - relu: {from: inner}
    outputs: {inner: inner}
variants: {big: {width: 64}}
"""


def target(needle: str, offset: int, analysis_file: str = "<text>") -> tuple[str, str] | None:
    """The file of the definition, and the text at it."""
    place = SPEC.index(needle) + offset
    text, line, column = cursor(SPEC[:place] + "¦" + SPEC[place:])
    found = find_definition(Analysis(text, analysis_file), line, column)
    if found is None:
        return None
    if found.file:
        return found.file, ""
    lines = SPEC.split("\n")
    return str(found.span.line), lines[found.span.line - 1][found.span.column - 1 : found.span.end_column - 1]


@pytest.mark.parametrize(
    ("needle", "offset", "expected"),
    [
        ("[c1, e1", 1, ("6", "c1")),
        ("e1, m.inner", 0, ("10", '"e${i}"')),
        ("m.inner", 0, ("8", "m")),
        ("image]", 1, ("1", "image")),
        ("mine: {name", 1, ("15", "mine")),
        ("channels: double", 11, ("3", "double")),
        ("block: kind", 8, ("2", "kind")),
        ("- norm", 3, ("4", "norm")),
        ("{width: 64", 2, ("2", "width")),
        ("channels: channels}", 11, ("16", "channels")),
        ("from: inner", 7, ("18", "inner")),
        ("inner: inner}", 8, ("18", "inner")),
        ("kind: mine", 7, ("15", "mine")),
        ("width * 2", 1, ("2", "width")),
    ],
)
def test_words_of_the_text(needle: str, offset: int, expected: tuple[str, str]) -> None:
    assert target(needle, offset) == expected


def test_blocks_of_the_library_open_their_file() -> None:
    assert target("bottleneck: 64", 2) == (str(library_file("bottleneck")), "")


def test_a_network_opens_its_spec() -> None:
    assert target("spec: resnet", 7) == (str(gallery() / "resnet.yaml"), "")


def test_ops_and_numbers_have_none() -> None:
    assert target("conv: {name: c1", 1) is None
    assert target("64}", 1) is None


def test_the_spec_that_another_extends(tmp_path: Path) -> None:
    (tmp_path / "base.yaml").write_text("input: [3]\nstem: [{linear: 3}]\n")
    text = "extends: ./base.yaml\n"
    found = find_definition(Analysis(text, str(tmp_path / "this.yaml")), 1, 12)
    assert found is not None
    assert found.file == str((tmp_path / "base.yaml").resolve())
    assert find_definition(Analysis("extends: ../../etc/passwd.yaml\n", str(tmp_path / "this.yaml")), 1, 12) is None


def test_a_network_of_the_gallery_and_no_file_of_the_working_directory(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("resnet18", "one"):
        (tmp_path / name).write_text("input: [3]\nstem: [{linear: 3}]\n")
    monkeypatch.chdir(tmp_path)

    def target_of(name: str) -> DefinitionTarget | None:
        return find_definition(Analysis(f"input: [3, 8, 8]\nhead: [network: {name}]\n", "this.yaml"), 2, 18)

    found = target_of("resnet18")
    assert found is not None
    assert found.file == str(gallery() / "resnet.yaml")
    assert target_of("one") is None
