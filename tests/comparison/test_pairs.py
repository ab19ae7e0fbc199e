"""Pairs of networks whose differences are known: from torchvision's own counts, or reckoned by hand."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

import archspec
from archspec.comparison.difference import Difference
from tests import designs

REFERENCE: dict[str, Any] = json.loads(
    (Path(__file__).parent.parent / "parity" / "reference.json").read_text(encoding="utf-8")
)
SIGNS = {"changed": "", "added": "+ ", "removed": "- ", "moved": "~ "}


def lines_of(found: Difference) -> list[str]:
    """The edits as text, each with what follows from it."""
    return [SIGNS[part] + text for part, items in found.describe().items() for text, _ in items]


TORCHVISION = (
    ("resnet18", "resnet34"),
    ("resnet34", "resnet50"),
    ("resnet50", "resnet101"),
    ("resnet101", "resnet152"),
    ("resnet50", "wide_resnet50_2"),
    ("resnet50", "resnext50_32x4d"),
    ("resnext101_32x8d", "resnext101_64x4d"),
    ("densenet121", "densenet161"),
    ("densenet121", "densenet201"),
    ("vit_b_16", "vit_b_32"),
    ("vit_b_16", "vit_l_16"),
    ("convnext_tiny", "convnext_small"),
    ("resnet50", "densenet121"),
)


@pytest.mark.parametrize(("before", "after"), TORCHVISION, ids="-".join)
def test_deltas_are_torchvisions(before: str, after: str) -> None:
    found = archspec.diff(before, after)
    for figure in ("params", "macs", "buffers"):
        delta = REFERENCE[after][figure] - REFERENCE[before][figure]
        assert getattr(found.cost, figure) == delta
        assert sum(getattr(row.cost, figure) for row in found.stages) == delta
        assert found.to_dict()["totals"][figure]["delta"] == delta


def test_words_of_resnet50_to_101() -> None:
    found = archspec.diff("resnet50", "resnet101")
    block = 256 * 1024 + 9 * 256 * 256 + 256 * 1024 + 2 * (256 + 256 + 1024)
    assert lines_of(found) == [
        "depths [3, 4, 6, 3] → [3, 4, 23, 3]: +18.99 M params, +3.712 G MACs, with layer3: repeat 6 → 23",
    ]
    assert [change.cost.params for change in found.changes if change.cost] == [17 * block] * 2
    assert (found.added, found.removed, found.moved) == ((), (), ())
    fields = [(row.before.name, row.before.field, row.after.field) for row in found.stages if row.before and row.after]
    assert fields == [("layer3", "267×267", "811×811"), ("layer4", "427×427", "971×971")]


def test_words_of_another_option_of_shortcuts() -> None:
    found = archspec.diff("cifar_resnet:resnet20", "cifar_resnet:resnet20_b")
    price = (16 * 32 + 2 * 32) + (32 * 64 + 2 * 64)
    assert lines_of(found) == [
        f"shortcut option A → B (pad_shortcut → projection): +{price:,} params, +262.1 k MACs,"
        " with layer2.0.downsample, layer3.0.downsample: block pad_shortcut → projection",
    ]
    assert found.changes[0].attributes[0].where == ("specs/cifar_resnet.yaml:9", "specs/cifar_resnet.yaml:31")


def test_words_of_projections_everywhere() -> None:
    """Option C of He et al. on ResNet-34: a projection at every shortcut that was an identity."""
    text = archspec.load("resnet34").text
    always = text.replace("shortcut: projection}", "shortcut: {projection: {always: true}}}")
    assert always != text
    found = archspec.diff(archspec.loads(text, "resnet34"), archspec.loads(always, "resnet34"))
    price = sum(blocks * (width * width + 2 * width) for blocks, width in ((3, 64), (3, 128), (5, 256), (2, 512)))
    assert found.changes[0].cost is not None
    assert found.changes[0].cost.params == price == sum(part.cost.params for part in found.added)
    words = "default shortcut option B → C (projection → {projection: {always: true}}): +919.2 k params, +167 M MACs"
    steps = "+ layer1.0.downsample…layer4.2.downsample: projection ×13, 64×56×56…512×7×7 (always)"
    assert lines_of(found) == [f"{words}, with {steps}"]


def test_a_setting_has_its_price_where_something_else_differs() -> None:
    text = archspec.load("cifar_resnet").text
    other = text.replace("shortcut: pad_shortcut", "shortcut: projection")
    found = archspec.diff(archspec.loads(text), archspec.loads(other.replace("global_avg_pool", "global_max_pool")))
    price = (16 * 32 + 2 * 32) + (32 * 64 + 2 * 64)
    assert [change.cost.params for change in found.changes if change.kind == "setting"] == [price]
    assert len(lines_of(found)) == 2


def test_what_two_edits_do_together_has_a_line_of_its_own() -> None:
    """The price of layer3's projection depends on both; that of layer2 is part of the change of its channels."""
    text = archspec.load("cifar_resnet").text
    other = text.replace("shortcut: pad_shortcut", "shortcut: projection").replace("channels: 32", "channels: 40")
    found = archspec.diff(archspec.loads(text), archspec.loads(other))
    assert [line.partition(":")[0] for line in lines_of(found)] == [
        "shortcut option A → B (pad_shortcut → projection), with layer3.0.downsample",
        "layer2.0, layer2.1, layer2.2",
        "several changes together, in layer3.0.downsample",
    ]
    assert found.prices[2].params == 40 * 64 + 2 * 64


A, B, C = 3 * 8 * 9, 8 * 8 * 9, 8 * 16 * 9
BASE = """input: [3, 32, 32]
stages:
  - conv: {name: a, channels: 8, bias: false}
  - conv: {name: b, channels: 8, bias: false}
  - conv: {name: c, channels: 16, bias: false}
"""
REPEATED = "input: [8, 32, 32]\nstages:\n  - conv: {name: a, channels: 8, bias: false, repeat: 2}\n"
RESIDUAL = """input: [8, 32, 32]
stages:
  - residual: {name: r, body: [{conv: {name: a, channels: 8}}, {norm: {name: n}}]}
"""
OWN = """input: [8, 32, 32]
blocks:
  mine:
    params: {kernel: 3, channels: 8}
    body:
      - conv: {name: a, channels: channels, kernel: kernel, bias: false}
      - act: {name: f}
      - conv: {name: b, channels: channels, kernel: 3, bias: false}
stages:
  - mine: {name: m, repeat: 2}
  - mine: {name: k, kernel: 1}
"""
PLAIN = """input: [8, 32, 32]
blocks:
  q:
    body:
      - conv: {name: z, channels: 8, bias: false}
stages:
  - conv: {name: x, channels: 8, bias: false}
  - conv: {name: z, channels: 8, bias: false}
"""
HAND = {
    "argument": (
        BASE, "b, channels: 8", "b, channels: 8, kernel: 5", 8 * 8 * 25 - B,
        ["b: kernel 3 → 5: +1,024 params, +1.049 M MACs"],
    ),
    "what follows from an argument is not said": (
        BASE, "b, channels: 8", "b, channels: 12", 8 * 12 * 9 - B + 12 * 16 * 9 - C,
        ["b: channels 8 → 12: +864 params, +884.7 k MACs, with other shapes in c"],
    ),
    "layer added": (
        BASE, "  - conv: {name: b", "  - norm: {name: n}\n  - conv: {name: b", 16,
        ["+ n: batch_norm, 8×32×32: +16 params"],
    ),
    "layer removed": (
        BASE, "  - conv: {name: b, channels: 8, bias: false}\n", "", -B,
        ["- b: conv, 8×32×32: -576 params, -589.8 k MACs"],
    ),
    "layer renamed": (BASE, "name: b,", "name: bb,", 0, ["~ b → bb: conv"]),
    "layer wrapped": (
        BASE, "  - conv: {name: b, channels: 8, bias: false}\n",
        "  - sequence: {name: s, body: [{conv: {name: b, channels: 8, bias: false}}]}\n", 0, ["~ b → s.b: conv"],
    ),
    "rewired": (
        BASE, "c, channels: 16", "c, from: a, channels: 16", 0, ["c: inputs b → a"],
    ),
    "op": (
        BASE, "  - conv: {name: c, channels: 16, bias: false}", "  - max_pool: {name: c, kernel: 2}", -C,
        ["c: block conv → max_pool: -1,152 params, -1.18 M MACs"],
    ),
    "input": (
        BASE, "32, 32]", "64, 64]", 0,
        ["input map 3×32×32 → map 3×64×64: +5.972 M MACs, with other shapes in a, b, c"],
    ),
    "tensors": (BASE, "b, channels: 8", "b, channels: 8, init: {weight: zeros}", 0, ["b: init unset → weight=zeros"]),
    "repeat": (REPEATED, "repeat: 2", "repeat: 5", 3 * B, ["a: repeat 2 → 5: +1,728 params, +1.769 M MACs"]),
    "projection inserted": (
        RESIDUAL, "a, channels: 8", "a, channels: 16", 16 * 8 * 9 - B + 16 + 8 * 16 + 2 * 16,
        ["r.a: channels 8 → 16: +752 params, +720.9 k MACs,"
         " with + r.2: projection, 16×32×32 (channels 8 → 16); other shapes in r.n, r.add"],
    ),
    "default": (
        RESIDUAL, "stages:", "defaults: {norm: {group_norm: {groups: 4}}}\nstages:", 8,
        ["default norm batch_norm → {group_norm: {groups: 4}}: +8 params,"
         " with r.a: bias false → true; r.n: block batch_norm → group_norm"],
    ),
    "definition of a block, of each use once": (
        OWN, "a, channels: channels, kernel: kernel", "a, channels: channels, kernel: kernel, dilation: 2", 0,
        ["m.0.a, m.1.a, k.a: dilation 1 → 2"],
    ),
    "definition and argument": (
        OWN.replace("{name: b, channels: channels, kernel: 3", "{name: b, channels: channels, kernel: 5"),
        "kernel: 5, bias: false}\nstages:\n  - mine: {name: m, repeat: 2}\n  - mine: {name: k, kernel: 1}",
        "kernel: 3, bias: false}\nstages:\n  - mine: {name: m, repeat: 2}\n  - mine: {name: k, kernel: 5}",
        3 * (B - 8 * 8 * 25) + 8 * 8 * 24,
        ["m.0.b, m.1.b, k.b: kernel 5 → 3: -3,072 params, -3.146 M MACs",
         "k: kernel 1 → 5: +1,536 params, +1.573 M MACs, with k.a: kernel 1 → 5"],
    ),
    "layer put into a block": (
        PLAIN, "{name: x, channels: 8, bias: false}\n  - conv: {name: z, channels: 8, bias: false}\n",
        "{name: x, channels: 8, bias: false}\n  - q: {name: y}\n", 0, ["~ z → y.z: conv"],
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", HAND)
def test_reckoned_by_hand(name: str) -> None:
    before, old, new, params, expected = HAND[name]
    assert old in before
    after = before.replace(old, new)
    found = archspec.diff(archspec.loads(before), archspec.loads(after))
    assert sorted(lines_of(found)) == sorted(expected)
    assert found.cost.params == params
    assert archspec.diff(archspec.loads(after), archspec.loads(before)) == found.inverse


def test_places_of_both_sides() -> None:
    found = archspec.diff(
        archspec.loads(BASE, file="old.yaml"),
        archspec.loads(
            "name: n\n" + BASE.replace("b, channels: 8", "b, kernel: 5,\n      channels: 8"), file="new.yaml"
        ),
    )
    assert [item.where for change in found.changes for item in change.attributes] == [("old.yaml:4", "new.yaml:5")]


def test_exchanged_layers_are_one_change_of_order() -> None:
    before = BASE.replace("  - conv: {name: c", "  - conv: {name: d, channels: 8}\n  - conv: {name: c")
    lines = before.splitlines()
    lines[3], lines[4] = lines[4], lines[3]
    found = archspec.diff(archspec.loads(before), archspec.loads("\n".join(lines)))
    assert lines_of(found) == [
        "order b, d → d, b, with d: inputs b → a; b: inputs a → d; c: inputs d → b",
    ]
    assert (found.added, found.removed, found.moved) == ((), (), ())


def test_a_stage_that_is_renamed_moves_as_a_whole() -> None:
    before = archspec.load("resnet50").text
    found = archspec.diff(archspec.loads(before), archspec.loads(before.replace("layer2", "stage2")))
    assert (found.changes, found.added, found.removed) == ((), (), ())
    assert lines_of(found) == ["~ layer2.0…layer2.3 → stage2.0…stage2.3: bottleneck ×4"]


def test_a_stage_in_between_shifts_the_others() -> None:
    text = "input: [8, 32, 32]\nstages:\n" + "  - conv: 8\n  - norm\n  - act\n" * 3
    longer = text.replace("stages:\n", "stages:\n  - conv: 8\n  - norm\n  - act\n")
    found = archspec.diff(archspec.loads(text), archspec.loads(longer))
    assert len(found.added) == 3
    assert (found.changes, found.removed) == ((), ())
    assert found.cost.params == B + 16


def test_a_line_that_is_no_repeat_there_has_no_count() -> None:
    found = archspec.diff("highway", "highway_conv")
    assert [change.kind for change in found.changes if change.kind != "shapes"] == ["input"]


def test_a_repeat_of_one_turn_counts_too() -> None:
    text = "input: [8, 8, 8]\nstages:\n  - sequence: {name: s, repeat: 1, body: [{conv: 8}, norm, act]}\n"
    found = archspec.diff(archspec.loads(text), archspec.loads(text.replace("repeat: 1", "repeat: 3")))
    assert [str(message) for change in found.changes for message in change.attributes] == ["repeat 1 → 3"]
    assert found.changes[0].cost is not None
    assert found.changes[0].cost.params == 2 * (B + 16)
    assert (found.added, found.removed, found.moved) == ((), (), ())


def test_defaults_are_reported_by_what_they_mean() -> None:
    found = archspec.diff("small_resnet", "cifar_resnet")
    assert lines_of(found)[0] == "default shortcut option B → A (projection → pad_shortcut)"
    assert not [change for change in archspec.diff("small_resnet", "resnet18").changes if "default" in str(change)]


def test_an_argument_that_differs_in_each_repeat_is_one_line() -> None:
    lines = lines_of(archspec.diff("convnext_tiny", "convnext_small"))
    assert (
        lines[0]
        == "depths [3, 3, 9, 3] → [3, 3, 27, 3]: +21.63 M params, +4.228 G MACs, with features.5: repeat 9 → 27"
    )
    assert lines[1].startswith(
        "stochastic_depth 0.1 → 0.4, with features.1.1…features.1.2: drop_path 0.005882…0.01176 →"
    )
    assert "; features.5.0…features.5.8: drop_path 0.03529…0.08235 → 0.06857…0.16; and 1 more" in lines[1]
    assert len(lines) == 2


def test_graphs_alone_have_no_settings() -> None:
    graphs = [designs.graph(name) for name in ("resnet50", "resnet101")]
    assert [change.kind for change in archspec.diff(*graphs).changes] == ["repeat"]
    with pytest.raises(TypeError, match="a path, a gallery name, a Spec or a Graph, not int"):
        archspec.diff(graphs[0], 3)  # type: ignore[arg-type]  # what a user might give


def test_json_has_the_promised_keys() -> None:
    found = json.loads(json.dumps(archspec.diff("resnet50", "resnet101").to_dict()))
    keys = {"changes", "added", "removed", "moved", "renumbered", "totals", "stages", "before", "after"}
    assert keys == set(found)
    setting, repeat = found["changes"]
    assert (setting["label"], setting["cause"]) == ("depths", None)
    assert (repeat["cause"], repeat["paths"], repeat["attributes"][0]["name"]) == ("depths", ["layer3"], "repeat")
