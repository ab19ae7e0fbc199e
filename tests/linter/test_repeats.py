"""A finding in many repeats of a layer is reported once, with the number of repeats."""

from __future__ import annotations

import random
import re
from collections.abc import Iterator
from itertools import count

import pytest

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


def test_separate_layers_are_no_repeats() -> None:
    """Their positions are numbers too."""
    text = TWICE.replace("batch_norm: {when: again}", "batch_norm")
    layers = "  - sequence: {name: model, body: [doubled: 8, doubled: 8]}\n"
    text = text[: text.index("  - doubled: {name")] + layers
    assert causes(text) == ["doubled is used here", "in 2 of 2 uses: model.0.2, model.1.2"]


def test_a_bias_counts_at_every_use() -> None:
    text = """\
input: [8, 32, 32]
blocks: {c: {params: {channels: 8}, body: [conv: {channels: channels, bias: true}, norm, relu]}}
stages: [c, c, c: {repeat: 3}]
"""
    (found,) = archspec.lint(text, select=("NRM001",))
    assert found.causes[-1].message == "in 5 of 5 uses: 0.0, 1.0, 2.0.0, 2.1.0 and 1 more"


def test_a_call_of_a_library_block_is_one_use() -> None:
    layers = "stages: [basic: {channels: 12}, basic: {channels: 12}, conv: 8]\n"
    found = archspec.lint(f"input: [8, 32, 32]\n{layers}", select=("PRF001",))
    assert [[cause.message for cause in one.causes] for one in found] == [["in basic"]] * 2
    (repeated,) = archspec.lint(
        "input: [8, 32, 32]\nstages: [basic: {channels: 12, repeat: 3, name: b}, conv: 8]\n", select=("PRF001",)
    )
    assert [cause.message for cause in repeated.causes] == ["in basic", "in 3 of 3 repeats of b"]


WIDTHS = (8, 12, 16, 20)


def random_layers(chance: random.Random, depth: int, numbers: Iterator[int]) -> list[str]:
    """Layers that use the block `c` at many kinds of places, with widths of which some have the finding."""
    layers = []
    for _ in range(chance.randint(1, 3)):
        number = next(numbers)
        name = chance.choice([f"a{number}", f"b.{number}", "" if depth == 0 else f"c{number}"])
        named = f"name: {name}, " if name else ""
        repeat = chance.choice(["", "", f", repeat: {chance.randint(1, 3)}"])
        kind = chance.randint(0, 3 if depth < 2 else 1)
        if kind == 0:
            layers.append(f"{{c: {{{named}channels: {chance.choice(WIDTHS)}{repeat}}}}}")
        elif kind == 1:  # of a width that differs in each repeat
            layers.append(f'{{c: {{{named}channels: "8 + 4 * index", repeat: {chance.randint(1, 4)}}}}}')
        elif kind == 2:
            inner = ", ".join(random_layers(chance, depth + 1, numbers))
            layers.append(f"{{sequence: {{name: s{number}, body: [{inner}]{repeat}}}}}")
        else:
            layers.append(f"{{around: {{{named}width: {chance.choice(WIDTHS)}{repeat}}}}}")
    return layers


@pytest.mark.parametrize("seed", range(150))
def test_the_count_is_that_of_the_graph(seed: int) -> None:
    layers = ", ".join(random_layers(random.Random(seed), 0, count()))
    text = f"""\
input: [8, 16, 16]
blocks:
  c: {{params: {{channels: int}}, body: [conv: {{channels: channels, kernel: 1}}, relu]}}
  around: {{params: {{width: int}}, body: [c: width, {{c: {{name: two, channels: width, repeat: 2}}}}]}}
stages: [{layers}, {{conv: {{channels: 8, kernel: 1}}}}]
"""
    uses = [placed for placed in archspec.lower(archspec.loads(text)).nodes() if placed.calls]
    convs = {placed.path: placed.step.outputs[0].channels % 8 for placed in uses if placed.step.kind == "conv"}
    wrong = [path for path, rest in convs.items() if rest]
    found = [d for d in archspec.lint(text, select=("PRF001",)) if d.span.line == 3]
    assert len(found) == bool(wrong)
    for diagnostic in found:
        text_of_count = diagnostic.causes[-1].message
        match = re.match(r"in (\d+) of (\d+) (?:uses: |repeats of (.+))", text_of_count)
        if match is None:
            assert len(convs) == 1
        elif match[3] is None:
            assert (int(match[1]), int(match[2])) == (len(wrong), len(convs))
        else:
            # The repeats of one layer of the text, below its path.
            below = [{path.removeprefix(f"{match[3]}.").split(".")[0] for path in some} for some in (wrong, convs)]
            assert (int(match[1]), int(match[2])) == (len(below[0]), len(below[1]))
            assert layers.count("c: {") + layers.count("around: {") == 1
