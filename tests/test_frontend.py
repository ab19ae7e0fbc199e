"""A text analysed while it is being written: as much of it as there is, with every diagnostic."""

from __future__ import annotations

from pathlib import Path

import pytest

import archspec
from tests.narrow import present

TEXT = """\
name: tiny
input: [3, 16, 16]
params: {wide: 8}
stem:
  - conv: {channels: wide, kernel: 3}
head:
  - global_avg_pool
  - linear: {features: 10}
variants:
  narrow: {wide: 4}
"""


def test_a_document_has_what_load_lower_and_lint_return() -> None:
    found = archspec.analyze(TEXT, "narrow")
    assert archspec.summarize(present(found.graph)) == archspec.summarize(
        archspec.lower(archspec.loads(TEXT, "narrow"))
    )
    assert found.diagnostics == archspec.lint(archspec.loads(TEXT, "narrow"))
    assert (found.variant, found.variants) == ("narrow", ("narrow",))


def test_a_failing_layer_leaves_the_others() -> None:
    found = archspec.analyze(TEXT.replace("  - global_avg_pool\n", "  - conv: {channels: 4, kernel: 40, padding: 0}\n"))
    assert [d.code for d in found.errors]
    assert len(list(present(found.graph).nodes())) == 3


def test_a_line_that_is_no_yaml_is_left_out() -> None:
    found = archspec.analyze(TEXT.replace("name: tiny", "name: [tiny"))
    assert [d.code for d in found.errors] == ["SPC011"]
    assert found.text.startswith("name: [tiny")


def test_an_unknown_variant_is_reported_and_the_base_is_there() -> None:
    found = archspec.analyze(TEXT, "wide")
    assert found.errors[0].code == "FIL005"
    assert found.variant == ""
    assert (
        archspec.summarize(present(found.graph)).params
        == archspec.summarize(archspec.lower(archspec.loads(TEXT))).params
    )


@pytest.mark.parametrize("text", ["", "42", "\x00", "- a\n- b", "a: &a [*a, *a]"])
def test_nothing_is_raised(text: str) -> None:
    found = archspec.analyze(text)
    assert found.errors
    assert found.variants == ()


def test_nothing_outside_the_root_is_read(tmp_path: Path) -> None:
    inside = tmp_path / "inside"
    inside.mkdir()
    (tmp_path / "secret.yaml").write_text(TEXT)
    (inside / "open.yaml").write_text(TEXT)
    assert archspec.analyze("extends: ./open.yaml\n", root=str(inside)).graph is not None
    found = archspec.analyze("extends: ../secret.yaml\n", root=str(inside))
    assert found.graph is None
    assert [d.code for d in found.errors] == ["LIM010"]


def test_a_cache_changes_nothing() -> None:
    cache = archspec.LoweringCache()
    for width in ("8", "12", "8"):
        text = TEXT.replace("wide: 8", f"wide: {width}")
        assert archspec.analyze(text, cache=cache).diagnostics == archspec.analyze(text).diagnostics
        assert archspec.summarize(present(archspec.analyze(text, cache=cache).graph)) == archspec.summarize(
            present(archspec.analyze(text).graph)
        )
