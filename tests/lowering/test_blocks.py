"""A spec's own blocks: parameters, defaults, slots, blocks as arguments, recursion, automatic biases."""

from __future__ import annotations

from typing import Any

import pytest
import torch
from torch import nn

from archspec import SpecError, lint, load, loads, lower, summarize
from archspec.backends.torch.build import module_of
from archspec.backends.torch.generated import Generated
from archspec.ir.graph import Call, Node
from archspec.ops.drop_path import DropPath


def build(text: str) -> Any:
    """Return the module; layers are reached as its attributes, of which mypy knows nothing."""
    spec = loads(text)
    return module_of(lower(spec), spec, seed=0).eval()


def draw(*shape: int) -> torch.Tensor:
    return torch.randn(shape, generator=torch.Generator().manual_seed(1))


def same(found: torch.Tensor, wanted: torch.Tensor) -> None:
    torch.testing.assert_close(found, wanted, rtol=1e-5, atol=1e-6)


def modules(model: Generated) -> set[str]:
    return {key.rpartition(".")[0] for key in model.state_dict()}


def problems(text: str) -> list[tuple[str, int]]:
    with pytest.raises(SpecError) as caught:
        lower(loads(text))
    return [(d.code, d.span.line) for d in caught.value.diagnostics]


PARAMETERS = """
input: [4, 8, 8]
params: {width: 6}
blocks:
  pair:
    params:
      channels: int
      mid: {type: int, default: channels * 2}
      stride: {type: int, default: 1, first: true}
      kernels: [3, 1]
    let: {half: mid // 2}
    body:
      - conv: {name: a, channels: mid, kernel: "kernels[0]", stride: stride}
      - conv: {name: b, channels: half, kernel: "kernels[1]"}
      - conv: {name: c, channels: channels, kernel: 1}
stages:
  - pair: width
  - pair: {name: second, repeat: 2, channels: width + index, stride: 2, mid: "4 * (index + 1)"}
  - {block: pair, name: third, channels: 3, kernels: [5, 3]}
"""


def test_parameters_lets_defaults_and_first() -> None:
    model = build(PARAMETERS)
    shapes = {key: tuple(t.shape) for key, t in model.state_dict().items() if key.endswith("weight")}
    assert shapes == {
        "0.a.weight": (12, 4, 3, 3),
        "0.b.weight": (6, 12, 1, 1),
        "0.c.weight": (6, 6, 1, 1),
        "second.0.a.weight": (4, 6, 3, 3),
        "second.0.b.weight": (2, 4, 1, 1),
        "second.0.c.weight": (6, 2, 1, 1),
        "second.1.a.weight": (8, 6, 3, 3),
        "second.1.b.weight": (4, 8, 1, 1),
        "second.1.c.weight": (7, 4, 1, 1),
        "third.a.weight": (6, 7, 5, 5),
        "third.b.weight": (3, 6, 3, 3),
        "third.c.weight": (3, 3, 1, 1),
    }
    assert model(draw(2, 4, 8, 8)).shape == (2, 3, 4, 4)


@pytest.mark.parametrize(
    ("old", "new", "code", "line"),
    [
        ("  - pair: width", "  - pair: {chanels: 3}", "SPC001", 17),
        ("  - pair: width", "  - pair: {mid: 3}", "SPC009", 17),
        ("  - pair: width", "  - pair: {channels: wide}", "SPC005", 17),
        ("  - pair: width", "  - pair: {channels: 2.5}", "SPC002", 17),
        ("  - pair: width", "  - pear: 3", "SPC005", 17),
        ("channels: half", "channels: width", "SPC005", 14),  # blocks are closed
    ],
)
def test_wrong_arguments(old: str, new: str, code: str, line: int) -> None:
    assert old in PARAMETERS
    assert (code, line) in problems(PARAMETERS.replace(old, new))


STRIDES = """
input: [4, 64, 64]
stages:
  - conv_norm_act: {name: a, repeat: 2, channels: 4, stride: 2}
  - sequence: {name: b, repeat: 2, body: [{conv_norm_act: {channels: 4, stride: 2}}]}
  - residual: {name: c, repeat: 2, shortcut: none, body: [{conv_norm_act: {channels: 4, stride: 2}}]}
"""


def test_first_is_the_first_turn_of_the_layers_own_repeat() -> None:
    """What a layer inside a repeated sequence is given, it is given in every turn."""
    shapes = [str(step.outputs[0]) for step in lower(loads(STRIDES)).body.steps]
    assert shapes == ["4×32×32", "4×32×32", "4×16×16", "4×8×8", "4×4×4", "4×2×2"]


def test_equal_blocks_are_lowered_once() -> None:
    body = lower(load("resnet50")).body
    bodies = {id(step.body) for step in body.steps if isinstance(step, Call)}
    calls = [step for step in body.steps if isinstance(step, Call)]
    assert (len(calls), len(bodies)) == (16, 8)


DEFAULTS = """
input: [4, 8, 8]
defaults: {norm: {batch_norm: {eps: 0.01}}, act: silu, conv: {bias: true}}
blocks:
  plain:
    body:
      - conv: {channels: 4, kernel: 1}
      - norm
      - act
  own:
    defaults: {act: tanh, batch_norm: {momentum: 0.5}}
    body:
      - conv: {channels: 4, kernel: 1}
      - norm
      - act
      - plain
stages:
  - plain: {name: a}
  - own: {name: b}
  - plain: {name: c, defaults: {act: sigmoid, norm: {group_norm: {groups: 2}}, conv: {bias: false}}}
  - own: {name: d, defaults: {act: sigmoid}}
  - basic: {name: e, channels: 4}
  - plain: {name: f, defaults: {batch_norm: {eps: 0.5}}}
"""


def test_the_innermost_default_wins_and_reaches_into_the_library() -> None:
    model = build(DEFAULTS)
    assert [type(model.a._modules[n]) for n in "012"] == [nn.Conv2d, nn.BatchNorm2d, nn.SiLU]
    assert (model.a._modules["1"].eps, model.a._modules["1"].momentum) == (0.01, 0.1)
    assert model.a._modules["0"].bias is not None
    assert isinstance(model.b._modules["2"], nn.Tanh)
    assert (model.b._modules["1"].eps, model.b._modules["1"].momentum) == (0.01, 0.5)
    assert isinstance(model.b._modules["3"]._modules["2"], nn.Tanh)  # what own uses
    assert [type(model.c._modules[n]) for n in "012"] == [nn.Conv2d, nn.GroupNorm, nn.Sigmoid]
    assert model.c._modules["0"].bias is None
    assert isinstance(model.d._modules["2"], nn.Tanh)  # the block's own are further in
    assert model.e.bn1.eps == 0.01
    assert isinstance(model.e._modules["2"], nn.SiLU)
    assert model.e.conv1.bias is None  # the library writes its biases out, which wins
    assert isinstance(model.f._modules["1"], nn.BatchNorm2d)


def test_defaults_of_a_repeat_see_its_variable() -> None:
    model = build("""
input: [4]
stages:
  - sequence: {name: s, repeat: 2, defaults: {dropout: {rate: "0.1 * (index + 1)"}}, body: [{linear: 4}, dropout]}
""")
    assert [model.s[i]._modules["1"].p for i in range(2)] == [0.1, 0.2]


SLOTS = """
input: [4, 8, 8]
params: {width: 5}
blocks:
  around:
    params:
      channels: int
      inner: {type: layers, default: []}
      last: {type: block, default: relu}
      width: 7
    body:
      - conv: {name: in, channels: channels, kernel: 1}
      - layers: inner
      - conv: {name: out, channels: width, kernel: 1}
      - last
stages:
  - around: {name: a, channels: 3}
  - around: {name: b, channels: 3, last: {leaky_relu: 0.3}, inner: [{conv: {name: m, channels: width}}, tanh]}
  - around: {name: c, channels: 3, last: {around: {channels: 2}}, inner: [squeeze_excite: {hidden: 2}]}
"""


def test_slots_see_the_callers_names_and_the_callees_value() -> None:
    model, x = build(SLOTS), draw(2, 4, 8, 8)
    b = model.b
    y = model.a(x)
    y = nn.functional.leaky_relu(b.out(b.m(b._modules["in"](y)).tanh()), 0.3)
    same(model(x), model.c(y))
    assert b.m.out_channels == 5  # the spec's width, not the block's
    assert b.out.out_channels == 7
    assert {"c.in", "c.out", "c.1.fc1", "c.1.fc2", "c.3.in", "c.3.out"} <= modules(model)


def test_a_slot_with_a_mistake_is_blamed_on_its_own_line() -> None:
    assert problems(SLOTS.replace("m, channels: width", "m, channels: wide")) == [("SPC005", 18)]
    assert problems(SLOTS.replace("- layers: inner", "- layers: outer"))[0][0] == "SPC005"


def test_a_computed_block() -> None:
    text = """
input: [4, 8, 8]
params: {depth: 50, block: "relu"}
stages:
  - {block: "basic if depth < 50 else bottleneck", name: a, channels: 8}
  - {block: block, name: b}
  - {block: {conv: {channels: 3}}, name: c, kernel: 1}
"""
    deep, shallow = build(text), build(text.replace("depth: 50", "depth: 18").replace('"relu"', "tanh"))
    assert "a.conv3" in modules(deep)
    assert "a.conv3" not in modules(shallow)
    assert isinstance(shallow.b, nn.Tanh)
    assert deep(draw(1, 4, 8, 8)).shape == (1, 3, 8, 8)


TREE = """
input: [4, 8, 8]
blocks:
  tree:
    params: {levels: int, channels: int}
    body:
      - tree: {name: left, when: levels > 1, levels: levels - 1, channels: channels}
      - tree: {name: right, when: levels > 1, levels: levels - 1, channels: channels}
      - conv: {name: leaf, when: levels == 1, channels: channels, kernel: 3}
      - concat: {when: levels > 1, from: [left, right]}
      - conv: {name: root, when: levels > 1, channels: channels, kernel: 1}
stages:
  - tree: {name: t, levels: 3, channels: 4}
"""


class Tree(nn.Module):
    def __init__(self, levels: int) -> None:
        super().__init__()
        self.levels = levels
        if levels == 1:
            self.leaf = nn.Conv2d(4, 4, 3, padding=1)
        else:
            self.left, self.right, self.root = Tree(levels - 1), Tree(levels - 1), nn.Conv2d(8, 4, 1)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        if self.levels == 1:
            return self.leaf(x)
        left = self.left(x)
        return self.root(torch.cat([left, self.right(left)], 1))


def test_recursion() -> None:
    model, reference, x = build(TREE), Tree(3), draw(2, 4, 8, 8)
    reference.load_state_dict(model.t.state_dict(), strict=True)
    same(model(x), reference(x))
    assert summarize(lower(loads(TREE))).params == sum(p.numel() for p in reference.parameters())


def test_recursion_without_end() -> None:
    assert problems(TREE.replace("levels: levels - 1", "levels: levels"))[0][0] == "GRF002"
    assert problems(TREE.replace("when: levels > 1, levels", "levels"))[0][0] == "GRF002"


def test_a_block_of_ones_own_may_carry_a_library_blocks_name() -> None:
    """It serves the spec's own uses; library blocks go on using the library's."""
    text = """
input: [4, 8, 8]
blocks:
  double_conv: {params: {channels: int}, body: [{conv: {name: mine, channels: channels, kernel: 1}}]}
stages:
  - double_conv: {name: a, channels: 4}
  - down: {name: b, channels: 4}
"""
    assert modules(build(text)) == {"a.mine", "b.conv.0", "b.conv.1", "b.conv.3", "b.conv.4"}


@pytest.mark.parametrize(
    ("layers", "biased"),
    [
        ("[{conv: C}, norm]", False),
        ("[{conv: C}, {instance_norm: {}}]", False),
        ("[{conv: C}, {group_norm: {groups: 2}}]", True),
        ("[{conv: C}, relu, norm]", True),
        ("[{conv: C}]", True),
        ("[{conv: C}, {norm: {name: n}}, {add: [c, n]}]", True),
        ("[{sequence: [{conv: C}]}, norm]", False),
        ("[{residual: [{conv: C}]}, norm]", True),
        ("[{branches: {merge: concat, of: [[{conv: C}, norm], []]}}]", False),
    ],
)
def test_automatic_biases(layers: str, biased: bool) -> None:
    model = build(f"input: [4, 8, 8]\nstages: {layers.replace('C', '{name: c, channels: 4, kernel: 3}')}\n")
    assert (model.c.bias is not None) == biased


def test_an_output_counts_as_a_consumer() -> None:
    text = "input: [4, 8, 8]\nstages: [{conv: {name: c, channels: 4, kernel: 3}}, {norm: {name: n}}]\n"
    assert build(text).c.bias is None
    assert build(text + "outputs: {early: c, late: n}\n").c.bias is not None


def test_init_is_done_as_written() -> None:
    model = build("""
input: [4, 8, 8]
stages:
  - conv: {name: a, channels: 64, kernel: 3, bias: true, init: {weight: {normal: {std: 0.5}}, bias: -2}}
  - norm: {name: b, init: {weight: zeros}}
  - scale: {name: c, value: 0.25}
  - conv: {name: d, channels: 64, kernel: 3, bias: true}
""")
    assert abs(model.a.weight.std().item() / 0.5 - 1) < 0.05
    assert (model.a.bias == -2).all()
    assert (model.b.weight == 0).all()
    assert (model.c == 0.25).all()
    fan_out = 64 * 9
    assert abs(model.d.weight.std().item() / (2 / fan_out) ** 0.5 - 1) < 0.05
    assert (model.d.bias == 0).all()


def test_drop_path_rates_grow_over_the_networks_depth() -> None:
    text = """
input: [4, 8, 8]
blocks:
  b: {params: {rate: float}, body: [{residual: [{conv: {channels: 4, kernel: 3}}, {drop_path: rate}]}]}
stages:
  - b: {name: one, repeat: 2, rate: 0.4 * block_index / (block_count - 1)}
  - conv: {name: between, channels: 4, kernel: 1}
  - b: {name: two, repeat: 3, rate: 0.4 * block_index / (block_count - 1)}
"""
    steps = [placed.step for placed in lower(loads(text)).nodes()]
    rates = [step.op.rate for step in steps if isinstance(step, Node) and isinstance(step.op, DropPath)]
    assert rates == pytest.approx([0.0, 0.1, 0.2, 0.3, 0.4])


def test_a_block_name_that_is_no_identifier_is_accepted() -> None:
    spec = loads("""
input: [4, 8, 8]
defaults: {act: my-act}
blocks:
  my-act: {body: [tanh]}
  my-short: {params: {channels: int, stride: 1}, body: [conv: {channels: channels, stride: stride}]}
stages:
  - act
  - {block: my-act}
  - residual: {body: [conv: 8], shortcut: my-short}
  - residual: {body: [conv: 16], shortcut: {my-short: {}}}
""")
    calls = [step.kind for step in lower(spec).body.steps if isinstance(step, Call)]
    assert calls == ["my-act", "my-act", "my-short", "my-short"]


def test_arguments_that_are_equal_but_of_different_types_are_different_uses() -> None:
    blocks = "blocks:\n  unit: {params: {a: any}, body: [{conv: {channels: 4, bias: a}}]}\n"
    for stages in ("[unit: true, unit: 1]", "[unit: 1, unit: true]"):
        found = lint(f"input: [4, 16, 16]\n{blocks}stages: {stages}\n")
        assert [d.message for d in found if d.is_error] == ["bias takes true or false, or auto, not 1"]
