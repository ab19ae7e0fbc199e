"""What a spec declares and never uses: reported once, and removed without touching anything else."""

from __future__ import annotations

from pathlib import Path

import pytest

import archspec
from archspec.language.files import gallery_names
from tests.linter.text_fixes import with_fixes

LAYERS = "stages:\n  - conv: 8\n"


def unused(text: str) -> list[str]:
    return [f"{d.message.split(' is never')[0]} {d.span.line}" for d in archspec.lint(text) if d.code == "SPC006"]


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("params: {w: 8}\n", ""),
        ("params: {w: 8, v: 4} # both\n", ""),
        ("params:\n  w: 8  # the width\n  # about v\n  v: 4\nlet:\n  x: v\n  y: [x, 2]\n", ""),
        ("params:\n  # this stays\n  w: 8\n  used: {type: int, default: 8, about: such as w}\nlet: {z: 1}  # z\n",
         "params:\n  # this stays\n  used: {type: int, default: 8, about: such as w}\n"),
        ("params: {w: 8, used: 8, v: [1, 2]}\n", "params: {used: 8}\n"),
        ("params: {\n  w: 8,  # gone\n  used: 8,\n  v: 2\n}\n", "params: {\n  used: 8,\n}\n"),
        ("blocks:\n  b:\n    # inside\n    body: [relu]\n\n  # of c\n  c: {body: [b, c]}\nparams: {used: 8}\n",
         "\n  # of c\nparams: {used: 8}\n"),
        ("about: |\n  w is the width\nparams:\n  used: 8\n  w: 8\n",
         "about: |\n  w is the width\nparams:\n  used: 8\n"),
    ],
)  # fmt: skip
def test_the_fix(before: str, after: str) -> None:
    head, tail = "# head\ninput: [3, 8, 8]\n", LAYERS.replace("8", "used" if "used" in before else "8")
    text = head + before + tail
    rows = archspec.summarize(archspec.lower(archspec.loads(text))).rows
    for _ in range(4):  # what only unused things use is unused when they are gone
        found = [d for d in archspec.lint(text) if d.code == "SPC006"]
        if not found:
            break
        assert all(d.fix and d.fix.applicability == "safe" and d.hint for d in found)
        text = with_fixes(text, found[:1])
        assert archspec.summarize(archspec.lower(archspec.loads(text))).rows == rows
    assert text == head + after + tail
    assert [str(d) for d in archspec.lint(text)] == []


@pytest.mark.parametrize(
    "text",
    [
        "params: {w: 8}\nstages: [conv: w]\n",
        "params: {w: 8}\nstages: [conv: {channels: 8, name: 'c${w}'}]\n",
        "params: {w: 8, v: {type: int, default: w}}\nstages: [conv: v]\n",
        "params: {w: 8}\nlet: {v: w}\nstages: [conv: v]\n",
        "params: {w: 8, d: {type: bool, default: false}}\nstages: [conv: {channels: w, when: d}, conv: 8]\n",
        "params: {w: 8, v: 8}\nstages: [conv: w]\nvariants: {a: {w: v}}\n",
        "params: {op: conv}\nstages: [op: 8]\n",
        "params: {op: {type: block, default: conv}}\nstages: [{block: op, channels: 8}]\n",
        "blocks: {b: {body: [conv: 8]}}\nparams: {op: b}\nstages: [{block: op}]\n",
        "blocks: {b: {body: [conv: 8]}}\ndefaults: {act: b}\nstages: [act]\n",
        "blocks: {b: {params: {c: 8}, let: {d: c}, body: [conv: d]}}\nstages: [b]\n",
        "blocks: {my-block: {params: {c: int}, body: [conv: c]}}\nstages: [my-block: 8]\n",
        "blocks: {my-block: {body: [conv: 8]}}\nstages: [{block: \"'my-block' if 1 < 2 else relu\"}]\n",
        "blocks: {my-block: {body: [conv: 8]}}\nstages: [{block: my-block}]\n",
        "blocks: {my-block: {body: [relu]}}\ndefaults: {act: my-block}\nstages: [act]\n",
        "blocks: {'2d block': {body: [conv: 8]}, b: {body: ['2d block']}}\nstages: [b]\n",
        "params: {n: 2}\nstages: [conv: 8, relu: {from: input, name: a}, add: {from: [a, a], when: n > 3}, conv: 8]\n",
        "blocks: {a: {let: {<<: &l {w: 8}}, body: [relu]}, b: {let: {<<: *l}, body: [conv: w]}}\nstages: [a, b]\n",
    ],
)
def test_what_is_used(text: str) -> None:
    assert unused("input: [3, 8, 8]\n" + text) == []


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("params: {kernel: 3}\nstages: [conv: {channels: 8, kernel: 5}]\n", ["the parameter kernel 2"]),
        ("params: {w: {type: int, default: 3, about: the w}}\nstages: [relu]\n", ["the parameter w 2"]),
        ("params: {w: 8}\nstages: [relu]\nvariants: {a: {w: 9}}\n", ["the parameter w 2"]),
        ("blocks: {b: {params: {c: 8, d: 9}, let: {e: 1}, body: [conv: c]}}\nstages: [b: {d: 3}]\n",
         ["the parameter d 2", "the value e 2"]),
        ("blocks: {b: {params: {depth: 1}, body: [relu, b: {depth: depth - 1, when: depth > 0}]}}\nstages: [relu]\n",
         ["the block b 2"]),
        ("blocks: {my-block: {body: [relu]}, my: {body: [relu]}}\nstages: [relu]\n",
         ["the block my-block 2", "the block my 2"]),
    ],
)  # fmt: skip
def test_what_is_not(text: str, expected: list[str]) -> None:
    assert unused("input: [3, 8, 8]\n" + text) == expected


def test_what_is_set_elsewhere_is_not_just_taken_away() -> None:
    for text in (
        "input: [3, 8, 8]\nparams: {w: 8}\nstages: [relu]\nvariants: {a: {w: 9}}\n",
        "input: [3, 8, 8]\nblocks: {b: {params: {c: 8, d: 9}, body: [conv: c]}}\nstages: [b: {d: 3}]\n",
        "input: [3, 8, 8]\nparams: {w: &w 8}\nstages: [conv: *w]\n",
    ):
        (found,) = archspec.lint(text)
        assert (found.code, found.fix) == ("SPC006", None)


def test_nothing_is_called_unused_while_a_part_could_not_be_read() -> None:
    text = "input: [3, 8, 8]\nparams: {w: 8}\nstages:\n  - conv: {chanels: w}\n  - {relu: 1, conv: w}\n"
    assert unused(text) == []
    assert archspec.lint(text)


def test_a_base_is_reported_only_of_its_own(tmp_path: Path) -> None:
    (tmp_path / "base.yaml").write_text("input: [3, 8, 8]\nparams: {w: 8}\n" + LAYERS, encoding="utf-8")
    (tmp_path / "child.yaml").write_text("extends: ./base.yaml\nparams: {w: 9}\n", encoding="utf-8")
    assert [d.code for d in archspec.lint(str(tmp_path / "base.yaml"))] == ["SPC006"]
    assert archspec.lint(str(tmp_path / "child.yaml")) == ()


def unused_defaults(text: str) -> list[str]:
    return [d.message for d in archspec.lint("input: [3, 32, 32]\n" + text, select=("SPC006",))]


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("defaults: {act: silu, norm: layer_norm}\nstages: [conv: 8, relu]\n", ["act", "norm"]),
        ("defaults: {shortcut: pad_shortcut}\nstages: [conv: 8]\n", ["shortcut"]),
        ("defaults: {embedding: {count: 8}}\nstages: [basic: 8]\n", ["embedding"]),
        ("blocks:\n  b: {defaults: {act: silu}, body: [conv: 8, relu]}\nstages: [b]\n", ["act"]),
        ("stages: [basic: {channels: 8, defaults: {embedding: {count: 8}, act: silu}}]\n", ["embedding"]),
    ],
)
def test_a_default_that_no_layer_takes_is_unused(text: str, names: list[str]) -> None:
    assert unused_defaults(text) == [f"the default for {name} is never used" for name in names]


@pytest.mark.parametrize(
    "text",
    [
        "defaults: {act: silu, norm: group_norm, group_norm: {groups: 4}}\nstages: [conv: 8, norm, act]\n",
        "defaults: {conv: {padding_mode: reflect}, batch_norm: {eps: 0.1}}\nstages: [basic: 8]\n",
        "defaults: {relu6: {}, act: relu6}\nstages: [conv_norm_act: 8]\n",
        "defaults: {projection: {always: true}}\nstages: [residual: [conv: 8]]\n",
        "defaults: {silu: {}}\nparams: {act: silu}\nstages: [conv: 8, {block: act}]\n",
        "defaults: {squeeze_excite: {reduction: 4}}\nstages: [basic: {channels: 8, attention: [squeeze_excite]}]\n",
    ],
)
def test_a_default_that_a_layer_takes_is_used(text: str) -> None:
    assert unused_defaults(text) == []


@pytest.mark.parametrize("name", gallery_names())
def test_every_default_of_the_gallery_has_an_effect(name: str) -> None:
    assert not [d for d in archspec.lint(name, select=("SPC006",)) if d.message.startswith("the default")]
