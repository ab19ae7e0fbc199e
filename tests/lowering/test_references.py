"""Ports, references, tuples, inputs and outputs: which value goes where, against the same written in torch."""

from __future__ import annotations

from typing import Any

import pytest
import torch
import torch.nn.functional as F

from archspec import SpecError, loads, lower
from archspec.backends.torch.build import module_of


def build(text: str) -> Any:
    """Return the module; layers are reached as its attributes, of which mypy knows nothing."""
    spec = loads(text)
    return module_of(lower(spec), spec, seed=0).eval()


def draw(*shape: int, seed: int = 1) -> torch.Tensor:
    return torch.randn(shape, generator=torch.Generator().manual_seed(seed))


def same(found: torch.Tensor, wanted: torch.Tensor) -> None:
    torch.testing.assert_close(found, wanted, rtol=1e-5, atol=1e-6)


def problems(text: str) -> list[tuple[str, int, str]]:
    with pytest.raises(SpecError) as caught:
        lower(loads(text))
    return [(d.code, d.span.line, d.message) for d in caught.value.diagnostics]


def test_from_takes_another_value_and_prev_goes_on_from_it() -> None:
    model = build("""
input: [4]
stages:
  - linear: {name: a, features: 5}
  - linear: {name: b, features: 5}
  - linear: {name: c, from: a, features: 5}
  - add: [b, prev, a]
  - linear: {name: d, from: input, features: 5}
  - concat: [prev, c]
""")
    x = draw(2, 4)
    a = model.a(x)
    same(model(x), torch.cat([model.d(x), model.c(a)], 1))
    assert "b.weight" in model.state_dict()


def test_a_repeat_by_its_number_and_all_of_them() -> None:
    model = build("""
input: [4]
stages:
  - linear: {name: layers, repeat: 3, features: 4}
  - add: [layers.0, layers]
  - concat: {name: all, from: ["layers.*"]}
  - concat: [prev, layers.1]
""")
    x = draw(2, 4)
    one = model.layers[0](x)
    two = model.layers[1](one)
    three = model.layers[2](two)
    same(model(x), torch.cat([one, two, three, two], 1))


def test_computed_references_and_names() -> None:
    model = build("""
input: [4]
params: {depth: 3}
stages:
  - linear: {name: "enc${index}", repeat: depth, features: 4}
  - sequence:
      repeat: depth
      as: i
      body:
        - add: [prev, "enc${depth - 1 - i}"]
        - linear: {name: "dec${i}", features: 4}
""")
    x = draw(2, 4)
    skips = []
    y = x
    for index in range(3):
        y = model.get_submodule(f"enc{index}")(y)
        skips.append(y)
    for index in range(3):
        y = model.get_submodule(f"dec{index}")(y + skips.pop())
    same(model(x), y)
    assert {key.split(".")[0] for key in model.state_dict()} == {"enc0", "enc1", "enc2", "dec0", "dec1", "dec2"}


def test_a_tuple_and_its_parts() -> None:
    model = build("""
input: [6, 8, 8]
stages:
  - split: {sizes: [2, 1, 3], name: s}
  - conv: {name: a, from: "s[0]", channels: 3, kernel: 3}
  - conv: {name: b, from: "s[-1]", channels: 3, kernel: 1}
  - add: [a, prev]
  - concat: [prev, "s[1]"]
""")
    x = draw(2, 6, 8, 8)
    same(model(x), torch.cat([model.a(x[:, :2]) + model.b(x[:, 3:]), x[:, 2:3]], 1))


def test_a_tuple_where_one_value_is_needed() -> None:
    text = "input: [6]\nstages:\n  - split: {parts: 2, name: s}\n  - linear: 3\n  - linear: {from: s, features: 3}\n"
    found = problems(text)
    assert [(code, line) for code, line, _ in found] == [("SHP010", 4), ("SHP010", 5)]
    assert problems(text.replace("  - linear: 3\n", "").replace("from: s,", 'from: "s[2]",'))[0][0] == "SPC005"


def test_ports_of_attention_and_a_mask() -> None:
    model = build("""
inputs:
  x: {shape: [5, 8], kind: tokens}
  memory: {shape: [7, 8], kind: tokens}
  seen: {shape: [7], kind: mask}
stages:
  - linear: {name: q, from: x, features: 8}
  - linear: {name: kv, from: memory, features: 16}
  - split: {parts: 2, name: parts}
  - attention: {heads: 2, from: {q: q, k: "parts[0]", v: "parts[1]", mask: seen}}
""")
    x, memory = draw(3, 5, 8), draw(3, 7, 8, seed=2)
    seen = torch.tensor([[1, 1, 1, 0, 0, 1, 1], [1, 0, 0, 0, 0, 0, 0], [1, 1, 1, 1, 1, 1, 1]], dtype=torch.bool)
    q, (k, v) = model.q(x), model.kv(memory).chunk(2, 2)
    q, k, v = (t.reshape(3, -1, 2, 4).transpose(1, 2) for t in (q, k, v))
    scores = (q @ k.transpose(2, 3) / 2).masked_fill(~seen[:, None, None], float("-inf")).softmax(-1)
    same(model(x, memory, seen), (scores @ v).transpose(1, 2).reshape(3, 5, 8))


BLOCK_PORTS = """
inputs: {image: [3, 8, 8], other: [2, 8, 8]}
blocks:
  join:
    params: {channels: int}
    inputs: {x: map, skip: map, rest: [map]}
    body:
      - concat: [x, skip]
      - conv: {name: conv, channels: channels, kernel: 1}
      - identity: {name: out}
      - concat: [out, "rest[0]", "rest[1]"]
    outputs: {narrow: out}
stages:
  - conv: {name: first, from: image, channels: 4, kernel: 3}
  - join: {name: j, channels: 5, from: {skip: other, rest: [image, first]}}
  - add: {name: total, from: [j.narrow, j.narrow]}
  - concat: [j, total]
"""


def test_ports_and_exports_of_a_block() -> None:
    model = build(BLOCK_PORTS)
    image, other = draw(2, 3, 8, 8), draw(2, 2, 8, 8, seed=2)
    first = model.first(image)
    out = model.j.conv(torch.cat([first, other], 1))
    same(model(image, other), torch.cat([out, image, first, 2 * out], 1))


@pytest.mark.parametrize(
    ("old", "new", "code", "line"),
    [
        ("skip: other, rest", "skipp: other, rest", "SPC001", 15),
        ("{skip: other, rest: [image, first]}", "{skip: other}", "SPC009", 15),
        ("skip: map, rest", "skip: tokens, rest", "SHP010", 15),
        ("j.narrow, j.narrow", "j.narrow, j.wide", "SPC005", 16),
        ("from: image, channels", "from: j, channels", "SPC005", 14),
        ("from: image, channels", "from: imag, channels", "SPC005", 14),
        ("name: total,", "name: j,", "SPC010", 16),
        ("name: total,", "name: prev,", "SPC010", 16),
    ],
)
def test_wrong_references(old: str, new: str, code: str, line: int) -> None:
    assert old in BLOCK_PORTS
    assert (code, line) in [found[:2] for found in problems(BLOCK_PORTS.replace(old, new))]


def test_names_inside_structure_are_flat_and_inside_a_repeat_private() -> None:
    text = """
input: [4]
stages:
  - sequence:
      - linear: {name: inner, features: 4}
      - relu
  - residual:
      - linear: {name: body, features: 4}
  - add: [inner, body, prev]
"""
    model, x = build(text), draw(2, 4)
    inner = model.inner(x)
    body = model.body(inner.relu())
    same(model(x), inner + body + (inner.relu() + body))
    repeated = text.replace(
        "  - sequence:\n      - linear",
        "  - sequence:\n      name: group\n      repeat: 2\n      body:\n      - linear",
    )
    assert [found[:2] for found in problems(repeated)] == [("SPC005", 12)]


def test_ids_become_vectors_that_join_a_map() -> None:
    model = build("""
inputs:
  image: {shape: [3, 8, 8]}
  t: {shape: [], kind: ids, range: 10}
stages:
  - conv: {name: conv, from: image, channels: 4, kernel: 3}
  - embedding: {name: time, from: t, count: 10, features: 4}
  - linear: {name: mix, features: 4}
  - add: {from: [conv, mix], broadcast: true}
""")
    image, t = draw(2, 3, 8, 8), torch.tensor([3, 9])
    wanted = model.conv(image) + model.mix(model.time.weight[t])[:, :, None, None]
    same(model(image, t), wanted)


def test_sizes_bind_dimensions() -> None:
    graph = lower(
        loads("""
sizes: {L: 12}
inputs: {words: {shape: [L], kind: ids, range: 30}, other: {shape: ["L // 2", 8], kind: tokens}}
stages:
  - embedding: {from: words, count: 30, features: 8}
  - concat: {from: [prev, other], axis: length}
""")
    )
    assert graph.output_types[0].shape == (18, 8)


def test_outputs_give_a_dict() -> None:
    text = """
input: [3, 16, 16]
stages:
  - conv: {name: c1, channels: 4, kernel: 3}
  - conv: {name: layers, repeat: 2, channels: 4, kernel: 3, stride: 2}
outputs: {fine: c1, middle: layers.0, coarse: layers}
"""
    model, x = build(text), draw(2, 3, 16, 16)
    found = model(x)
    assert list(found) == ["fine", "middle", "coarse"]
    c1 = model.c1(x)
    same(found["fine"], c1)
    same(found["middle"], model.layers[0](c1))
    same(found["coarse"], model.layers[1](model.layers[0](c1)))
    assert problems(text.replace("coarse: layers", "coarse: layer"))[0][0] == "SPC005"


def test_tokens_remember_their_map() -> None:
    model = build("""
input: [3, 8, 6]
stages:
  - conv: {name: c, channels: 4, kernel: 2, stride: 2}
  - to_tokens: {name: patches}
  - parameter: {name: cls, shape: [1, 1, 4], init: {weight: ones}}
  - concat: {from: [cls, patches], axis: length}
  - linear: {name: mix, features: 5}
  - slice: {start: 1}
  - to_map
""")
    for height, width in ((8, 6), (10, 4)):
        x = draw(2, 3, height, width)
        patches = model.c(x).flatten(2).transpose(1, 2)
        tokens = model.mix(torch.cat([model.cls.expand(2, 1, 4), patches], 1))[:, 1:]
        same(model(x), tokens.transpose(1, 2).reshape(2, 5, height // 2, width // 2))


def test_fit_and_resize_take_another_maps_size() -> None:
    model = build("""
input: [2, 9, 7]
stages:
  - max_pool: {name: small, kernel: 2}
  - resize: {name: large, mode: linear, from: {x: small, like: input}}
  - fit: {name: padded, from: {x: small, like: input}}
  - concat: [large, padded]
""")
    x = draw(2, 2, 9, 7)
    small = F.max_pool2d(x, 2)
    large = F.interpolate(small, size=(9, 7), mode="bilinear")
    same(model(x), torch.cat([large, F.pad(small, (2, 2, 2, 3))], 1))


@pytest.mark.parametrize("part", ["s.²", "s." + "9" * 5000, "s.0." + "9" * 5000, f"'x[{'9' * 5000}]'"])
def test_parts_that_are_no_numbers(part: str) -> None:
    text = f"""
input: [3, 8, 8]
stages:
  - sequence: {{name: s, repeat: 2, body: [conv: 8]}}
  - identity: {{name: x}}
  - add: [prev, {part}]
"""
    with pytest.raises(SpecError) as caught:
        lower(loads(text))
    assert [d.code for d in caught.value.diagnostics] == ["SPC005"]
