"""In a broken design a rule that counts readers says nothing of a layer whose reader may be the broken one."""

from __future__ import annotations

import archspec

BROKEN = """\
input: [3, 32, 32]
stages:
  - conv: {{name: features, channels: 16, bias: true}}
  - batch_norm
  - relu
  - add: [{first}, prev]
outputs: {{y: {output}}}
"""


def codes(first: str, output: str) -> list[str]:
    return [d.code for d in archspec.lint(BROKEN.format(first=first, output=output))]


def test_a_lost_reader_is_not_counted_as_none() -> None:
    assert codes("features", "prev") == []
    assert codes("featrues", "prev") == ["SPC005"]


def test_a_lost_output_is_not_counted_as_none() -> None:
    assert codes("input", "prev") == ["NRM001", "SHP001"]
    assert codes("input", "featrues") == ["SHP001", "SPC005"]


def test_a_failed_layer_that_names_nothing_else_leaves_the_others_reported() -> None:
    text = """\
input: [3, 32, 32]
stages:
  - conv: {channels: 16, bias: true}
  - batch_norm
  - relu
  - conv: {channels: 0}
  - relu
"""
    assert [(d.code, d.span.line) for d in archspec.lint(text)] == [("NRM001", 3), ("SPC002", 6)]


def test_behind_a_misspelt_argument_all_is_checked_as_if_it_were_spelt_right() -> None:
    text = """\
input: [3, 32, 32]
stages:
  - conv: {channels: 16, strde: 2}
  - conv: {name: c, channels: 24, groups: 5}
  - residual:
      body:
        - conv: {channels: 16, kernal: 1}
"""
    findings = [(d.code, d.span.line) for d in archspec.lint(text)]
    assert findings == [("SPC001", 3), ("CNV001", 4), ("SPC001", 7)]


def test_no_share_of_the_parameters_is_known_beside_a_layer_that_failed() -> None:
    shared = """\
inputs: {first: [3, 32, 32], second: [3, 32, 32]}
blocks:
  tower: {body: [{conv: 64}, flatten, {linear: 512}]}
stages:
  - {WORD: 3}
  - tower: {name: one}
  - tower: {name: two, from: second, share: one}
"""
    # Shared weights count at their first use, which has no shape here: none are left to take a share of.
    assert [d.code for d in archspec.lint(shared.replace("WORD", "nope"))] == ["SPC005"]
    found = archspec.lint(shared.replace("{WORD: 3}", "relu6"))
    assert [(d.code, d.span.line) for d in found if d.code == "PRF002"] == [("PRF002", 3)]
