"""A finding in many repeats of a layer is reported once, with the number of repeats."""

from __future__ import annotations

import archspec

TWICE = """\
input: [8, 32, 32]
blocks:
  doubled:
    params: {channels: int, again: false}
    body:
      - conv: channels
      - batch_norm
      - batch_norm: {when: again}
      - relu
stages:
  - doubled: {name: layer1, channels: 8, repeat: 3}
"""


def causes(text: str) -> list[str]:
    (found,) = archspec.lint(text, select=("NRM005",))
    return [cause.message for cause in found.causes]


def test_all_repeats() -> None:
    text = TWICE.replace(" {when: again}", " {}")
    assert causes(text) == ["doubled is used here", "in 3 of 3 repeats of layer1"]


def test_some_of_several_uses() -> None:

    more = "  - doubled: {name: layer2, channels: 8, again: true}\n"
    assert causes(TWICE + more) == ["doubled is used here"]
    assert causes(TWICE + more + more.replace("layer2", "layer3")) == [
        "doubled is used here",
        "in 2 of 2 uses: layer2.2, layer3.2",
    ]


def test_one_use_says_nothing_of_repeats() -> None:
    text = "input: [8, 4, 4]\nstages:\n  - conv: 8\n  - batch_norm\n  - batch_norm\n"
    assert causes(text) == []
