"""What a hover shows for the place under the cursor."""

from __future__ import annotations

from pathlib import Path

import pytest

import archspec
from archspec.language.files import gallery
from archspec.lsp.analysis import Analysis
from archspec.lsp.documents import map_line, open_document
from archspec.lsp.hover import hover
from archspec.source import compose
from archspec.source.readable import blank_unreadable
from tests.lsp.cursors import cursor

SPEC = """\
input: [3, 32, 32]
params: {width: 16, deep: {type: int, default: width * 2, about: channels further down}}
defaults: {act: silu}
stem:
  - conv: {name: c1, channels: width, kernel: 3}
  - act
stages:
  - basic: {name: s, repeat: 2, channels: deep, stride: 2}
head: [global_avg_pool, {linear: 10}]
variants: {wide: {width: 64}}
"""


def hover_text(text: str) -> str:
    text, line, column = cursor(text)
    found = hover(Analysis(text), line, column)
    return found.text if found is not None else ""


def at(needle: str, offset: int, text: str = SPEC) -> str:
    place = text.index(needle) + offset
    return hover_text(text[:place] + "¦" + text[place:])


def test_an_op_with_its_shape_and_price() -> None:
    found = at("conv: {name", 2)
    assert "`map 3×32×32` → `map 16×32×32`" in found
    assert f"{16 * 3 * 9 + 16:,} parameters, {16 * 3 * 9 * 32 * 32:,} MACs" in found
    assert "Convolution over a channels-first map" in found


def test_repeats_are_added_up_and_projections_named() -> None:
    found = at("basic: {name", 2)
    rows = {row.path: row for row in archspec.summarize(archspec.lower(archspec.loads(SPEC)), level="block").rows}
    params, macs = (rows["s.0"].cost + rows["s.1"].cost).params, (rows["s.0"].cost + rows["s.1"].cost).macs
    assert "2 times" in found
    assert f"{params:,} parameters, {macs:,} MACs" in found
    assert "projection put in at `s.0.downsample`" in found


def test_a_role_shows_what_it_stands_for() -> None:
    assert at("- act", 3).startswith("**silu**")


def test_names_in_expressions_have_values() -> None:
    assert at("width, kernel", 2) == "`width = 16`\n\nset by wide"
    assert "`deep = 32`" in at("deep, stride", 1)
    assert "channels further down" in at("deep, stride", 1)


def test_keys_are_explained() -> None:
    assert at("kernel: 3", 2).startswith("`kernel` takes an int of at least 1")
    assert "3 if left out" in at("kernel: 3", 2)
    assert at("stages", 2) == "`stages`: the layers in the middle; each item is a row of the summary table"
    assert at("repeat", 2) == "`repeat`: how many times to repeat the layer"


def test_inside_a_block_of_ones_own_all_uses() -> None:
    text = SPEC.replace("basic: {name: s", "mine: {name: s") + (
        "blocks:\n  mine:\n    params: {channels: int, stride: {type: axes, default: 1, first: true}}\n"
        "    body:\n      - conv: {channels: channels, stride: stride}\n"
    )
    found = at("conv: {channels: channels", 1, text)
    assert "2 times" in found
    assert "`map 16×32×32` → `map 32×16×16`" in found
    assert "`map 32×16×16` → `map 32×16×16`" in found


def test_a_broken_text_still_answers_about_its_other_parts() -> None:
    broken = SPEC.replace("basic: {name: s,", "basic: {name: [s,").replace("stages:\n", "stages:\n  - conv: 8\n")
    assert compose(broken, "x")[0] is None
    assert "map 16×32×32" in at("conv: {name", 2, broken)


def test_a_layer_that_failed_hides_only_what_follows() -> None:
    broken = SPEC.replace("channels: deep", "chanels: deep")
    assert "map 16×32×32" in at("conv: {name", 2, broken)


def test_lines_that_are_no_yaml_are_left_out_and_others_keep_their_places() -> None:
    broken = "a: 1\nb: {c: [}\nd: 2\ne: 'x\n"
    fixed = blank_unreadable(broken)
    assert fixed.split("\n")[0] == "a: 1"
    assert fixed.split("\n")[2] == "d: 2"
    assert compose(fixed, "x")[0] is not None
    assert blank_unreadable(SPEC) is SPEC


def test_the_last_good_version_answers_where_nothing_can_be_read() -> None:
    document = open_document("file:///x.yaml", None, SPEC)
    document.lint()
    line = SPEC[: SPEC.index("basic:")].count("\n") + 1
    broken = "? ? [\n'\n" * 10 + SPEC
    document.change(broken)
    assert document.current.graph is None
    found = document.hover(line + 20, 7)
    assert found is not None
    assert found.text.startswith("**basic**")
    assert found.span.line == line + 20


def test_comments_change_no_findings_unless_they_are_meant_for_archspec() -> None:
    document = open_document("file:///x.yaml", None, SPEC.replace("kernel: 3", "kernel: width - 7.5"))
    before = document.lint()
    assert before
    document.change(document.current.text.replace("linear: 10}]", "linear: 10}]  # ten"))
    kept = document.diagnostics
    assert kept is before
    document.change(document.current.text.replace("# ten", "# archspec: ignore[SPC002] why"))
    assert document.diagnostics is None
    document.change(document.current.text.replace("width - 7.5", "3"))
    assert document.lint() != before


def test_which_line_a_line_was() -> None:
    before = "a\nb\nc\nd"
    assert map_line("a\nb\nX\nc\nd", before, 2) == 2
    assert map_line("a\nb\nX\nc\nd", before, 3) is None
    assert map_line("a\nb\nX\nc\nd", before, 5) == 4
    assert map_line("a", before, 3) is None


@pytest.mark.parametrize("file", sorted(gallery().glob("*.yaml")), ids=lambda f: f.stem)
def test_nowhere_in_the_gallery_does_it_fail(file: Path) -> None:
    text = file.read_text(encoding="utf-8")
    analysis = Analysis(text, str(file))
    lines = text.split("\n")
    found = [
        hover(analysis, number, column)
        for number in range(1, len(lines) + 1)
        for column in range(1, len(lines[number - 1]) + 2, 9)
    ]
    assert any(item is not None and "MACs" in item.text for item in found)
