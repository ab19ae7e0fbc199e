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
