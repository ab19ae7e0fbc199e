"""Receptive fields against brute force (which rows of the input change which rows of the output) and published ones."""

from __future__ import annotations

import random
from fractions import Fraction

import pytest
import torch
from torch import Tensor, nn

import archspec
from archspec.analysis.receptive_field import receptive_field, receptive_fields, seen_regions
from archspec.analysis.seen_interval import SeenInterval
from archspec.ir.flat import flatten
from tests import designs

WRITTEN = """
=== one convolution
- conv: {channels: 4, kernel: 5}
=== dilation and stride
- conv: {channels: 4, kernel: [3, 5], dilation: [3, 1], stride: [2, 1]}
- conv: {channels: 4, kernel: 3}
=== no padding
- conv: {channels: 4, kernel: 3, padding: 0}
- conv: {channels: 4, kernel: 2, padding: 0, stride: 2}
=== causal
- conv: {channels: 4, kernel: 3, padding: causal}
- conv: {channels: 4, kernel: 3, padding: causal, dilation: 2}
=== same
- conv: {channels: 4, kernel: 4, padding: same}
- conv: {channels: 4, kernel: 2, padding: same}
=== pooling
- max_pool: {kernel: 3, stride: 2}
- avg_pool: {kernel: 2, ceil: true}
- max_pool: {kernel: 3, stride: 1, dilation: 2, padding: 0}
=== residual
- residual: {body: [{conv: {channels: 4, kernel: 3}}, {conv: {channels: 4, kernel: 3, stride: 2}}]}
=== branches
- branches: {merge: concat, of: [
    [{conv: {channels: 2, kernel: 1}}], [{conv: {channels: 2, kernel: 7}}], [{max_pool: {kernel: 3, stride: 1}}]]}
=== one-sided paths
- pad: {padding: [[3, 0], [0, 2]]}
- conv: {channels: 4, kernel: [4, 3], padding: 0, name: a}
- conv: {channels: 4, kernel: 1, from: input, name: b}
- fit: {from: {x: a, like: b}, name: c}
- add: [b, c]
=== transposed
- conv: {channels: 4, stride: 2}
- conv_transpose: {channels: 4, kernel: 4, stride: 2, padding: 1}
- conv: 4
=== transposed by three
- max_pool: 3
- conv: 4
- conv_transpose: {channels: 4, kernel: 5, stride: 3, padding: 1}
- conv: {channels: 4, stride: 2}
=== transposed and dilated
- conv_transpose: {channels: 4, kernel: 3, dilation: 2, padding: 2}
- conv: 4
=== nearest
- conv: {channels: 4, stride: 2}
- resize: 2
- conv: {channels: 4, kernel: 3}
=== nearest by 1.5
- max_pool: 2
- resize: 1.5
- conv: 4
=== half
- resize: 0.5
- conv: 4
=== bilinear
- max_pool: 4
- resize: {scale: 2, mode: linear}
- conv: 4
=== bilinear to corners
- max_pool: 4
- resize: {size: 31, mode: linear, align_corners: true}
=== bicubic
- avg_pool: 4
- resize: {scale: 4, mode: bicubic}
=== bicubic by 1.5
- avg_pool: 2
- resize: {scale: 1.5, mode: bicubic}
=== blocks of pixels
- space_to_depth: 2
- conv: 8
- depth_to_space: 2
- conv: 4
=== adaptive pooling
- conv: 4
- adaptive_avg_pool: 7
=== tokens and back
- conv: {channels: 4, kernel: 4, stride: 4}
- to_tokens
- linear: 6
- layer_norm
- to_map
- conv: 4
=== channels last
- conv: 4
- permute: [1, 2, 0]
- layer_norm
- linear: 4
- permute: [2, 0, 1]
- conv: 4
=== crop
- slice: {start: 3, stop: -2, axis: 1}
- slice: {start: 1, step: 2, axis: 2}
- conv: 4
=== u-net
- double_conv: {name: e1, channels: 4, kernel: 3}
- max_pool: 2
- double_conv: {name: e2, channels: 4}
- max_pool: 2
- double_conv: 4
- conv_transpose: {channels: 4, stride: 2}
- concat: [e2, prev]
- double_conv: 4
- resize: 2
- concat: [e1, prev]
- conv: 4
"""
MAPS = dict(part.split("\n", 1) for part in WRITTEN.split("=== ")[1:])
MARGIN = 2  # positions near a border may read the padding of a map that was cropped, though the input goes on


def spec_of(layers: str, size: int = 60) -> str:
    return f"input: [1, {size}, {size}]\nstages:\n" + "".join(f"  {line}\n" for line in layers.splitlines())


def dependences(text: str, axis: int) -> Tensor:
    """[output position, input position] along an axis: whether a row of the output changes when one of the input does.

    With positive weights nothing cancels, and a value that is raised wins every maximum.
    """
    torch.manual_seed(0)
    model = archspec.build(archspec.loads(text)).double().eval()
    for parameter in model.parameters():
        nn.init.uniform_(parameter, 0.5, 1.0)
    for module in model.modules():  # a norm over the channels would take away what is raised in all of them
        if isinstance(module, nn.LayerNorm):
            module.register_forward_hook(lambda _module, inputs, _output: inputs[0])
    shape = dict(archspec.lower(archspec.loads(text)).inputs)["input"].shape
    sizes = [size for size in shape if isinstance(size, int)]
    base = torch.rand(1, *sizes, dtype=torch.float64)
    raised = base.repeat(sizes[axis + 1], *(1 for _ in sizes))
    for row in range(len(raised)):
        raised[row].select(axis + 1, row).add_(1e6)
    with torch.no_grad():
        change: Tensor = (model(raised) - model(base)).abs() > 1e-3
    other = [d for d in range(1, change.dim()) if d != axis + 2]
    return change.any(dim=tuple(other)).T


def check(text: str) -> None:
    """Every position whose field lies inside the input sees what is reported, and no position sees more."""
    graph = archspec.lower(archspec.loads(text))
    flat = flatten(graph)
    field = seen_regions(flat, flat.inputs[0], flat.outputs)[flat.outputs[0]]
    reported = receptive_field(graph)
    assert field.axes is not None
    assert reported is not None
    assert reported.sizes is not None
    assert field.exact
    assert reported.exact
    for number, axis in enumerate(field.axes):
        seen = dependences(text, number)
        middle = range(MARGIN, len(seen) - MARGIN)
        inside = [compare(axis, position, seen[position]) for position in middle]
        assert any(inside), "too small an input to show anything"
        largest = max(int(row.nonzero().max() - row.nonzero().min()) + 1 for row in seen if row.any())
        assert reported.sizes[number] == largest


def compare(axis: SeenInterval, position: int, row: Tensor, exact: bool = True) -> bool:
    """Whether the field of a position lies inside the input, after it has been compared."""
    first, last = axis.first.at(position), axis.last.at(position)
    seen = row.nonzero().flatten().tolist()
    assert all(first <= place <= last for place in seen)
    inside = first >= 0 and last < len(row)
    if inside and exact:
        assert (seen[0], seen[-1]) == (first, last)
    return inside


@pytest.mark.parametrize("layers", MAPS.values(), ids=MAPS.keys())
def test_brute_force(layers: str) -> None:
    check(spec_of(layers))


UNLIKE = {  # paths of different speeds: interpolated between the corners of a map, and not
    "u-net": """- double_conv: {name: e1, channels: 4, kernel: 3}
- max_pool: 2
- double_conv: {name: e2, channels: 4}
- max_pool: 2
- double_conv: 4
- resize: {mode: linear, align_corners: true, scale: 2}
- concat: [e2, prev]
- double_conv: 4
- resize: {mode: linear, align_corners: true, scale: 2}
- concat: [e1, prev]
- conv: 4""",
    "like": """- conv: {name: a, channels: 4, kernel: 3, stride: 2}
- conv: {name: b, channels: 4, kernel: 3, stride: 2}
- resize: {name: up, mode: linear, align_corners: true, from: {x: b, like: a}}
- concat: [up, a]
- conv: {channels: 4, kernel: 3, stride: 2}
- conv_transpose: {channels: 4, stride: 2}""",
    "bicubic": """- conv: {name: a, channels: 4, kernel: 3, stride: 2}
- max_pool: 2
- resize: {name: up, mode: bicubic, align_corners: true, from: {x: prev, like: a}}
- add: [up, a]
- max_pool: {kernel: 3, stride: 1}""",
    "a size that does not divide": """- conv: {name: a, channels: 4, kernel: 3}
- max_pool: 7
- resize: {name: up, mode: linear, size: 60}
- add: [up, a]
- conv: {channels: 4, kernel: 3}
- resize: {mode: nearest, size: 47}
- conv: {channels: 4, kernel: 3, dilation: 2}""",
}


@pytest.mark.parametrize("layers", UNLIKE.values(), ids=UNLIKE.keys())
def test_paths_of_different_speeds_have_a_useful_bound(layers: str) -> None:
    """No position sees more than is reported, and what is reported is hardly more than some position sees."""
    text = spec_of(layers)
    graph = archspec.lower(archspec.loads(text))
    flat = flatten(graph)
    field, reported = seen_regions(flat, flat.inputs[0], flat.outputs)[flat.outputs[0]], receptive_field(graph)
    assert field.axes is not None
    assert reported is not None
    assert reported.sizes is not None
    assert not reported.exact
    assert str(reported).startswith("at most ")
    for number, axis in enumerate(field.axes):
        seen = dependences(text, number)
        for position, row in enumerate(seen):
            compare(axis, position, row, exact=False)
        largest = max(int(row.nonzero().max() - row.nonzero().min()) + 1 for row in seen if row.any())
        assert largest <= reported.sizes[number] <= largest + 2


def test_an_enormous_map_is_not_listed() -> None:
    field = receptive_field(archspec.lower(archspec.loads(spec_of(UNLIKE["like"], 16_400))))
    assert str(field) == "at most everything"


LAYERS = (
    "- conv: {{channels: 3, kernel: [{k}, 1], dilation: [{d}, 1]}}",
    "- conv: {{channels: 3, kernel: [{k}, 1], stride: [{s}, 1], padding: [{p}, 0]}}",
    "- max_pool: {{kernel: [{k}, 1], stride: [{s}, 1], padding: 0}}",
    "- conv_transpose: {{channels: 3, kernel: [{t}, 1], stride: [{s}, 1]}}",
    "- residual: {{body: [{{conv: {{channels: 4, kernel: [5, 1], stride: [{s}, 1]}}}}]}}",
    "- resize: {r}",
    "- branches: {{merge: add, of: [[conv: {{channels: 3, kernel: [{k}, 1]}}], [conv: {{channels: 3, kernel: 1}}]]}}",
)


@pytest.mark.parametrize("seed", range(12))
def test_brute_force_on_random_chains(seed: int) -> None:
    chance = random.Random(seed)
    lines = []
    for _ in range(chance.randint(2, 5)):
        s = chance.choice((1, 2, 3))
        values = {"k": chance.choice((3, 5)), "d": chance.choice((1, 2)), "s": s, "p": chance.choice((0, 1))}
        lines.append(chance.choice(LAYERS).format(**values, t=s + chance.choice((0, 1, 2)), r=chance.choice((2, 1.5))))
    check("input: [1, 97, 9]\nstages:\n" + "".join(f"  {line}\n" for line in lines))


VGG_16 = "\n".join(f"- conv: {{channels: 4, repeat: {n}}}\n- max_pool: 2" for n in (2, 2, 3, 3, 3))
ALEXNET = """- conv: {channels: 4, kernel: 11, stride: 4, padding: 0}
- max_pool: {kernel: 3, stride: 2, padding: 0}
- conv: {channels: 4, kernel: 5}
- max_pool: {kernel: 3, stride: 2, padding: 0}
- conv: {channels: 4, repeat: 3}
- max_pool: {kernel: 3, stride: 2, padding: 0}"""
MOBILENET = "- conv: {channels: 4, stride: 2}\n" + "\n".join(
    f"- depthwise_separable: {{channels: 4, stride: {s}}}" for s in (1, 2, 1, 2, 1, 2, 1, 1, 1, 1, 1, 2, 1)
)


@pytest.mark.parametrize(
    ("layers", "size"), [(VGG_16, 212), (ALEXNET, 195), (MOBILENET, 315)], ids=["vgg_16", "alexnet_v2", "mobilenet_v1"]
)
def test_published_by_araujo_norris_and_sim(layers: str, size: int) -> None:
    """Computing Receptive Fields of Convolutional Neural Networks, Distill 2019."""
    field = receptive_field(archspec.lower(archspec.loads(spec_of(layers, 512))))
    assert field is not None
    assert (field.sizes, field.exact) == ((size, size), True)
    assert field.strides == (Fraction(32), Fraction(32))


@pytest.mark.parametrize(("name", "size"), [("resnet18", 435), ("resnet50", 427)])
def test_resnets_before_pooling(name: str, size: int) -> None:
    flat = flatten(designs.graph(name))
    pool = next(node for node in flat.nodes if node.kind == "global_avg_pool")
    value = pool.inputs[0]
    assert value is not None
    field = receptive_fields(flat, 0, (value,))[value]
    assert (str(field), field.exact) == (f"{size}×{size}", True)


TOKENS = "- conv: {channels: 4, kernel: 4, stride: 4}\n- to_tokens\n"


@pytest.mark.parametrize(
    ("layers", "field"),
    [
        ("- conv: 4\n- global_avg_pool\n- linear: 3", "everything"),
        ("- conv: 4\n- flatten\n- linear: 3", "everything"),
        ("- conv: 4\n- squeeze_excite: {reduction: 2}\n- conv: 4", "everything"),
        ("- conv: {channels: 4, kernel: 4, stride: 4}\n- to_tokens\n- self_attention: {heads: 2}", "everything"),
        ("- conv: {channels: 4, kernel: 4, stride: 4}\n- to_tokens\n- slice: 0", "at most everything"),
        (TOKENS + "- slice: {start: 0, stop: 225}", "4×4"),
        (TOKENS + "- slice: {axis: channel, start: 1, step: 2}", "4×4"),
        (TOKENS + "- slice: {stop: 3}", "at most everything"),
        (TOKENS + "- slice: {step: 2}", "at most everything"),
        (
            "- to_tokens: {name: a}\n- to_tokens: {name: b, from: input}\n- concat: {from: [a, b], axis: length}",
            "at most everything",
        ),
        (
            "- slice: {stop: 30, axis: 1}\n- to_tokens: {name: a}\n"
            "- slice: {stop: 30, axis: 2, from: input}\n- to_tokens: {name: b}\n- add: [a, b]",
            "at most everything",
        ),
        ("- conv_transpose: {channels: 4, kernel: 1, stride: 2}\n- conv: 4", "at most 2×2"),
        ("- conv: {channels: 4, name: a}\n- parameter: {shape: [1, 4, 60, 60], name: b}\n- add: [a, b]", "3×3"),
        ("- conv: {channels: 4, name: a}\n- parameter: {shape: [1, 4, 60, 60], name: b}", "None"),
        ("- max_pool: 60\n- conv: {channels: 4, kernel: 1}\n- resize: {size: 60}\n- add: [input, prev]", "60×60"),
    ],
)
def test_what_sees_everything_and_what_is_a_bound(layers: str, field: str) -> None:
    spec = archspec.loads(spec_of(layers).replace("[1, 60", "[4, 60" if "[input" in layers else "[1, 60"))
    assert str(receptive_field(archspec.lower(spec))).startswith(field)


def test_each_input_has_its_own() -> None:
    text = "inputs: {a: [2, 40, 40], b: [2, 40, 40]}\nstages:\n  - conv: {channels: 4, kernel: 5, from: b, name: c}\n"
    graph = archspec.lower(
        archspec.loads(text + "  - conv: {channels: 4, kernel: 3, from: a, name: d}\n  - add: [c, d]\n")
    )
    assert [str(receptive_field(graph, source=source)) for source in (0, 1)] == ["3×3", "5×5"]
