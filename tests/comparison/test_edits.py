"""One edit is one line: with its price, which includes what follows from it, and with what follows named."""

from __future__ import annotations

from typing import Any

import pytest

import archspec
from archspec.comparison import body_alignment
from archspec.comparison.changes import NO_CAUSE
from archspec.comparison.difference import Difference
from archspec.comparison.subsequence import longest_increasing_subsequence
from tests import designs
from tests.comparison.test_pairs import lines_of

NET = """input: [3, 32, 32]
params: {width: 16, n: 2}
let: {wide: 2 * width}
blocks:
  own: {params: {channels: int, k: 3}, body: [conv: {channels: channels, kernel: k}, norm, act]}
stem:
  - conv: {name: conv1, channels: width, kernel: 3}
  - norm
  - act
stages:
  - basic: {name: layer1, repeat: n, channels: width}
  - basic: {name: layer2, repeat: 2, channels: wide, stride: 2}
  - sequence: [conv: 32, norm, act]
  - own: {channels: 48}
  - own: {channels: 48, k: 1}
head:
  - global_avg_pool
  - linear: {name: fc, features: 10}
"""


def difference(*edits: tuple[str, str]) -> Difference:
    after = NET
    for old, new in edits:
        assert old in after
        after = after.replace(old, new)
    found = archspec.diff(archspec.loads(NET), archspec.loads(after))
    assert sum(price.macs for price in found.prices) == found.cost.macs
    assert sum(price.params for price in found.prices) == found.cost.params
    return found


def test_an_edit_of_a_width_is_one_line() -> None:
    found = difference(("width: 16", "width: 32"))
    (line,) = lines_of(found)
    assert line.startswith("width 16 → 32: +136.1 k params, +56.28 M MACs, with conv1: channels 16 → 32; ")
    assert found.changes[0].cost == found.cost


@pytest.mark.parametrize(
    ("old", "new", "line"),
    [
        ("channels: width}", "channels: width, stride: 2}", "layer1.0: stride 1 → 2: +288 params, -"),
        ("channels: wide, stride: 2}", "channels: wide}", "layer2.0: stride 2 → 1: +"),
        ("kernel: 3}\n", "kernel: 5}\n", "conv1: kernel 3 → 5: +768 params, +786.4 k MACs"),
        ("{channels: 48}", "{channels: 64}", "8: channels 48 → 64: "),
        ("k: 3}", "k: 5}", "8.0: kernel 3 → 5: "),
        ("repeat: n,", "repeat: 4,", "layer1: repeat 2 → 4: "),
    ],
)
def test_the_price_of_an_edit_is_that_of_all_that_follows(old: str, new: str, line: str) -> None:
    found = difference((old, new))
    assert [text[: len(line)] for text in lines_of(found)] == [line]
    (edit,) = (change for change in found.changes if change.cause == NO_CAUSE)
    assert edit.cost == found.cost


def test_what_follows_is_named() -> None:
    (line,) = lines_of(difference(("channels: width}", "channels: width, stride: 2}")))
    assert line.endswith(", with other shapes in layer1, layer2, 5 and 5 more")
    assert " -18.17 M MACs" in line


LAYERS = [line for line in NET.splitlines() if line.startswith("  - ")]


@pytest.mark.parametrize(
    "layer", ["max_pool: {kernel: 2, ceil: true}", "relu", "norm", "conv: {name: new, channels: 24}"]
)
@pytest.mark.parametrize("place", [line for line in LAYERS if "linear" not in line and "global" not in line])
def test_an_insertion_is_one_line(place: str, layer: str) -> None:
    """Nothing moved, and what the layer does to those behind it is its own price."""
    found = difference((place + "\n", f"{place}\n  - {layer}\n"))
    (line,) = lines_of(found)
    assert line.startswith("+ ")
    assert found.moved == ()
    removal = found.inverse
    assert [text[0] for text in lines_of(removal)] == ["-"]
    assert removal.moved == ()


def test_an_insertion_into_a_block_is_one_line_for_all_uses() -> None:
    found = difference(("norm, act]}", "norm, act, dropout]}"))
    assert lines_of(found) == ["+ 8.3…9.3: dropout ×2, 48×16×16"]


def test_swapped_stages_are_one_line_with_their_price() -> None:
    lines = NET.splitlines(keepends=True)
    one, other = (next(n for n, line in enumerate(lines) if name in line) for name in ("layer1", "layer2"))
    lines[one], lines[other] = lines[other], lines[one]
    found = archspec.diff(archspec.loads(NET), archspec.loads("".join(lines)))
    (line,) = lines_of(found)
    assert line.startswith("order layer1, layer2 → layer2, layer1: -1,760 params, -")
    assert "+ layer1.0.downsample: projection" in line or found.changes[0].cost == found.cost
    assert found.prices == (found.cost,)


def test_two_edits_have_prices_of_their_own() -> None:
    found = difference(("{channels: 48}", "{channels: 64}"), ("kernel: 3}\n", "kernel: 5}\n"))
    assert [line.split(":")[0] for line in lines_of(found)] == ["conv1", "8"]


def test_what_follows_from_two_edits_together_is_a_line_of_its_own() -> None:
    found = difference(
        ("channels: width}", "channels: width, stride: 2}"), ("conv: 32", "conv: {channels: 32, stride: 2}")
    )
    lines = lines_of(found)
    assert len(lines) == 3
    assert lines[2].endswith("MACs")
    assert lines[2].startswith("several changes together, in 6, ")


def test_equal_names_are_matched() -> None:
    """Even where another layer is more alike."""
    text = """input: [3, 32, 32]
params: {widths: [16, 32]}
stages:
  - conv: {name: stage1, channels: "widths[0]"}
  - conv: {name: stage2, channels: "widths[1]"}
  - basic: {name: layer1, repeat: 2, channels: "widths[0]"}
  - basic: {name: layer2, repeat: 2, channels: "widths[1]"}
variants: {a: {widths: [16, 32]}, b: {widths: [32, 64]}}
"""
    before, after = (archspec.loads(text, variant=name) for name in "ab")
    found = archspec.diff(before, after)
    (line,) = lines_of(found)
    assert line.startswith(
        "widths [16, 32] → [32, 64]: +149.2 k params, +152.2 M MACs, with stage1: channels 16 → 32; "
    )
    assert [(row.before and row.before.name, row.after and row.after.name) for row in found.stages] == [
        (name, name) for name in ("stage1", "stage2", "layer1", "layer2")
    ]


def test_layers_of_an_argument_are_named() -> None:
    (line,) = lines_of(
        difference(("channels: width}", "channels: width, attention: [{squeeze_excite: {reduction: 4}}]}"))
    )
    assert line.startswith("layer1.0, layer1.1: attention [] → [{squeeze_excite: {reduction: 4}}]: +")


WEIGHTS = """input: [8, 16, 16]
stages:
  - conv: {name: a, channels: 8}
  - conv: {name: b, channels: 8}
  - concat: [a, b, prev]
  - conv: {name: c, channels: 8}
"""


@pytest.mark.parametrize(
    ("old", "new", "line"),
    [
        ("b, channels: 8}", "b, channels: 8, share: a}", "b: share unset → a: -584 params"),
        (
            "b, channels: 8}",
            "b, channels: 8, share: {weight: a.weight}}",
            "b: share unset → weight=a.weight: -576 params",
        ),
        (
            "[a, b, prev]",
            "[a, prev]",
            "2: concat inputs a, b, b → a, b: -576 params, -147.5 k MACs, with other shapes in c",
        ),
        ("[a, b, prev]", "[b, a, prev]", "2: concat inputs a, b, b → b, a, b"),
        ("c, channels", "c, from: a, channels", "c: inputs 2 → a: -1,152 params, -294.9 k MACs"),
    ],
)
def test_sharing_and_what_is_read_are_named(old: str, new: str, line: str) -> None:
    found = archspec.diff(archspec.loads(WEIGHTS), archspec.loads(WEIGHTS.replace(old, new)))
    assert lines_of(found) == [line]


def test_a_computed_parameter_follows_from_the_one_that_it_names() -> None:
    text = "input: [3, 8, 8]\nparams: {w: 8, h: {type: int, default: 2 * w}}\nstages: [conv: w, conv: h]\n"
    found = archspec.diff(archspec.loads(text), archspec.loads(text, w=16))
    (line,) = lines_of(found)
    assert line.startswith("w 8 → 16: ")
    assert "h 16 → 32" in line


@pytest.mark.parametrize(
    ("name", "parameter", "value"),
    [
        ("highway", "width", 51),
        ("small_gpt", "width", 128),
        ("highway_conv", "widths", [16, 32, 47]),
        ("unet", "base", 32),
    ],
)
def test_a_parameter_of_the_gallery_is_one_line(name: str, parameter: str, value: Any) -> None:
    """Though its layers read one another, and are the same effect in each repetition."""
    found = archspec.diff(designs.spec(name), archspec.load(name, **{parameter: value}))
    (line,) = lines_of(found)
    assert line.startswith(f"{parameter} ")
    assert found.prices == (found.cost,)


@pytest.mark.parametrize("values", [{"deep": True}, {"deep": True, "w": 32}])
def test_a_layer_that_a_condition_adds_follows_from_the_condition(values: dict[str, Any]) -> None:
    text = """input: [3, 32, 32]
params: {deep: false, w: 16}
stages:
  - conv: {name: a, channels: w}
  - conv: {name: b, channels: w, when: deep}
  - sequence: {name: s, repeat: 2, body: [{conv: {channels: w}}, norm, act]}
"""
    found = archspec.diff(archspec.loads(text), archspec.loads(text, **values))
    assert [(step.path, step.cause) for step in found.added] == [("b", ("deep", "deep"))]
    assert lines_of(found)[0].startswith("deep false → true: +")
    assert len(lines_of(found)) == len(values)


def test_graphs_have_edits_too() -> None:
    graphs = [archspec.lower(archspec.loads(text)) for text in (NET, NET.replace("kernel: 3}\n", "kernel: 5}\n"))]
    assert lines_of(archspec.diff(*graphs)) == ["conv1: kernel 3 → 5: +768 params, +786.4 k MACs"]


def test_layers_are_listed_in_the_order_of_the_network() -> None:
    layers = [f"  - conv: {{name: c{number}, channels: {number + 3}}}\n" for number in range(40)]
    cut = {1, 8, 17, 33, 34}
    kept = [layer for number, layer in enumerate(layers) if number not in cut]
    head = "input: [3, 8, 8]\nstages:\n"
    found = archspec.diff(archspec.loads(head + "".join(layers)), archspec.loads(head + "".join(kept)))
    assert [step.path for step in found.removed] == [f"c{number}" for number in sorted(cut)]
    assert [step.path for step in found.inverse.added] == [f"c{number}" for number in sorted(cut)]


def test_a_row_named_by_its_position_is_matched_by_its_layers() -> None:
    """An insertion gives one row, and a removal leaves those of other layers as they are."""
    layers = ["conv: {name: stage1, channels: 8}", "relu", "conv: 16", "relu", "conv: 24", "relu"]
    before = archspec.loads("input: [3, 32, 32]\nstages:\n" + "".join(f"  - {layer}\n" for layer in layers))
    inserted = [*layers[:2], "dropout: 0.1", *layers[2:]]
    after = archspec.loads("input: [3, 32, 32]\nstages:\n" + "".join(f"  - {layer}\n" for layer in inserted))
    (row,) = archspec.diff(before, after).stages
    assert row.before is None
    assert row.after is not None
    assert row.after.name == "2"
    (row,) = archspec.diff(after, before).stages
    assert row.after is None
    shorter = archspec.loads("input: [3, 32, 32]\nstages:\n" + "".join(f"  - {layer}\n" for layer in layers[2:]))
    gone = [row.before.name for row in archspec.diff(before, shorter).stages if row.before and row.after is None]
    assert gone == ["stage1", "1"]


WHENS = """name: a
input: [3, 8, 8]
params: {p: true, q: true}
%sstages:
  - conv: {channels: 4, kernel: 3, name: a, when: p}
  - conv: {channels: 4, kernel: 3, name: b, when: q}
  - conv: {channels: 4, kernel: 3, name: c}
"""


@pytest.mark.parametrize(("before", "after"), [("", ""), ("# x\n", ""), ("", "# x\n")])
def test_a_comment_does_not_change_what_a_layer_follows_from(before: str, after: str) -> None:
    without = (WHENS % after).replace("true", "false")
    found = archspec.diff(archspec.loads(WHENS % before), archspec.loads(without))
    assert {step.path: step.cause[0] for step in found.removed} == {"a": "p", "b": "q"}
    assert [line[:18] for line in lines_of(found)] == ["p true → false: -1", "q true → false: -1"]


ONE_LINE = "name: a\ninput: [3, 16, 16]\nparams: {w: 8}\nstages: [%s]\n"
DERIVED, OWN = "{conv: {channels: w, kernel: 3, name: a}}", "{conv: {channels: 8, kernel: 3, name: b}}"


@pytest.mark.parametrize("layers", [(DERIVED, OWN), (OWN, DERIVED)])
def test_an_edit_and_what_follows_from_another_stay_apart_on_one_line(layers: tuple[str, str]) -> None:
    text = ONE_LINE % ", ".join(layers)
    edited = text.replace("w: 8", "w: 16").replace("channels: 8", "channels: 16")
    found = archspec.diff(archspec.loads(text), archspec.loads(edited))
    assert {change.paths[0][1]: change.cause[1] for change in found.changes if change.kind == "arguments"} == {
        "a": "w",
        "b": "",
    }


def test_what_follows_from_each_layer_removed_from_one_line_is_named() -> None:
    pools = ["{max_pool: {kernel: 2, name: p1}}", "{max_pool: {kernel: 2, name: p2}}"]
    middle = "{conv: {channels: 4, kernel: 3, name: x}}, {adaptive_avg_pool: {size: 4, name: q}}"
    last = "{conv: {channels: 5, kernel: 3, name: y}}"
    text = ONE_LINE % ", ".join([pools[0], middle, pools[1], last])
    without = ONE_LINE % ", ".join([middle, last])
    (line,) = lines_of(archspec.diff(archspec.loads(text), archspec.loads(without)))
    assert "x" in line.partition("with other shapes in ")[2]
    assert "y" in line.rpartition("with other shapes in ")[2]


def test_json_names_a_removed_layer_as_the_cause() -> None:
    text = "name: a\ninput: [3, 32, 32]\nstages:\n  - conv: {channels: 8, name: c}\n  - batch_norm: {name: n}\n"
    whole, without = archspec.loads(text), archspec.loads(text.replace("  - batch_norm: {name: n}\n", ""))
    for found in (archspec.diff(whole, without), archspec.diff(without, whole)):
        printed = found.to_dict()
        assert [change["cause"] for change in printed["changes"]] == ["n"]
        parts = [part for kind in ("changes", "added", "removed", "moved") for part in printed[kind]]
        edits = sum(part["delta"]["params"] for part in parts if part.get("cause") is None)
        assert edits == printed["totals"]["params"]["delta"]


def test_the_order_of_the_steps_is_computed_once(monkeypatch: pytest.MonkeyPatch) -> None:
    calls = []

    def count(numbers: list[int]) -> list[int]:
        calls.append(len(numbers))
        return longest_increasing_subsequence(numbers)

    monkeypatch.setattr(body_alignment, "longest_increasing_subsequence", count)
    layers = [f"  - relu: {{name: n{number}}}" for number in range(40)]
    swapped = [*layers[:10], layers[20], *layers[11:20], layers[10], *layers[21:]]
    texts = ["name: a\ninput: [8]\nstages:\n" + "\n".join(lines) + "\n" for lines in (layers, swapped)]
    assert archspec.diff(*map(archspec.loads, texts))
    assert calls == [40]
