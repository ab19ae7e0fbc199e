"""The designs to mutate: the gallery's specs at depth one, narrow and on small inputs, and other small designs."""

from __future__ import annotations

from functools import cache
from typing import Any

from archspec.language.files import gallery
from tests.oracle.raw_tree import Path, Tree, at, read

SMALL: dict[str, dict[Path, Any]] = {
    "resnet": {
        ("input",): ["3", "33", "33"],
        ("params", "depths"): ["1", "1", "1", "1"],
        ("params", "widths"): ["8", "16", "24", "32"],
        ("params", "classes"): "5",
        ("stem", 0, "conv", "channels"): "8",
        ("defaults",): {"bottleneck": {"base_width": "32"}, "shortcut": "projection"},
    },
    "preact_resnet": {
        ("input",): ["3", "32", "32"],
        ("params", "block"): "preact_basic",
        ("params", "depths"): ["1", "1", "1", "1"],
        ("params", "widths"): ["8", "8", "12", "16"],
        ("params", "classes"): "5",
        ("stem", 0, "conv", "channels"): "8",
    },
    "resnet50d": {
        ("input",): ["3", "30", "36"],
        ("params", "depths"): ["1", "1", "1", "1"],
        ("params", "stem_width"): "4",
        ("params", "classes"): "5",
        ("stages", 0, "bottleneck", "channels"): "16",
        ("stages", 1, "bottleneck", "channels"): "24",
        ("stages", 2, "bottleneck", "channels"): "32",
        ("stages", 3, "bottleneck", "channels"): "40",
    },
    "se_resnet50": {
        ("input",): ["3", "32", "32"],
        ("params", "depths"): ["1", "1", "1", "1"],
        ("params", "reduction"): "4",
        ("params", "classes"): "5",
        ("stages", 0, "channels"): "32",
        ("stages", 1, "channels"): "32",
        ("stages", 2, "channels"): "64",
        ("stages", 3, "channels"): "64",
    },
    "cifar_resnet": {("params", "depth"): "8", ("input",): ["3", "16", "16"]},
    "cifar_preact_resnet": {("params", "depth"): "8", ("input",): ["3", "16", "16"]},
    "small_resnet": {("input",): ["3", "16", "16"]},
    "custom_block": {("params", "depth"): "1", ("input",): ["3", "16", "16"], ("params", "widths"): ["8", "16", "24"]},
    "densenet": {
        ("input",): ["3", "64", "64"],
        ("params", "depths"): ["1", "2", "1", "1"],
        ("params", "growth"): "4",
        ("params", "width"): "8",
        ("params", "classes"): "5",
    },
    "mobilenet_v2": {("input",): ["3", "33", "36"], ("params", "width"): "0.25", ("params", "classes"): "5"},
    "squeezenet": {("input",): ["3", "64", "64"], ("params", "width"): "8", ("params", "classes"): "5"},
    "googlenet": {("input",): ["3", "64", "64"], ("params", "classes"): "5"},
    "hrnet": {
        ("input",): ["3", "40", "48"],
        ("params", "stem_channels"): "8",
        ("params", "width"): "4",
        ("params", "depth"): "1",
        ("params", "classes"): "5",
        ("stem", 0, "conv", "channels"): "8",
        ("stem", 3, "conv", "channels"): "8",
        ("head", 0, "bottleneck", "channels"): "8",
        ("head", 2, "conv_norm_act", "channels"): "16",
    },
    "unet": {("params", "shape"): ["3", "32", "32"], ("params", "base"): "4"},
    "vit": {
        ("input",): ["3", "16", "16"],
        ("params", "patch"): "4",
        ("params", "depth"): "1",
        ("params", "heads"): "2",
        ("params", "width"): "12",
        ("params", "hidden"): "16",
        ("params", "classes"): "5",
    },
    "convnext": {
        ("input",): ["3", "32", "32"],
        ("params", "depths"): ["1", "1", "1", "1"],
        ("params", "widths"): ["4", "8", "12", "16"],
        ("params", "classes"): "5",
    },
    "highway": {("input",): ["12"], ("params", "width"): "10", ("params", "layers"): "2"},
    "highway_conv": {("input",): ["3", "16", "16"], ("params", "depth"): "1", ("params", "widths"): ["4", "6", "8"]},
    "residual_mlp": {("params", "widths"): ["12", "16"], ("params", "depth"): "1", ("params", "features"): "10"},
    "guest_net": {("params", "width"): "8", ("input",): ["3", "16", "16"]},
}
"""What is changed in each spec of the gallery."""

DESIGNS: dict[str, str] = {
    "encoder_decoder": """
input: [3, 32, 32]
params: {width: 4, classes: 2}
stages:
  - conv: {name: enc1, channels: width, kernel: 3}
  - relu
  - max_pool: {kernel: 2, name: pool1}
  - conv: {name: enc2, channels: 2 * width, kernel: 3}
  - group_norm: {groups: 4}
  - relu
  - avg_pool: {kernel: 2}
  - conv: {channels: 4 * width, kernel: 3, dilation: 2}
  - relu
  - conv_transpose: {channels: 2 * width, kernel: 2, stride: 2}
  - concat: [enc2, prev]
  - conv: {channels: 2 * width, kernel: 3}
  - resize: {scale: 2}
  - conv: {channels: width, kernel: 1, name: up}
  - concat: [enc1, up]
head:
  - conv: {channels: classes, kernel: 1}
""",
    "generator": """
input: [12]
params: {base: 8}
stem:
  - linear: 4 * base * 4
  - unflatten: [32, 2, 2]
stages:
  - conv_transpose: {channels: 2 * base, kernel: 4, stride: 2, padding: 1, name: up1}
  - batch_norm
  - relu
  - conv_transpose: {channels: base, kernel: 3, stride: 2, padding: 1, output_padding: 1, name: up2}
  - batch_norm
  - relu
  - residual:
      body:
        - pad: {padding: 1, mode: reflect}
        - conv: {channels: base, kernel: 3, padding: 0}
        - instance_norm
        - relu
      shortcut: identity
head:
  - conv: {channels: 3, kernel: 3}
  - tanh
""",
    "sub_pixel": """
input: [4, 12, 12]
params: {width: 8, factor: 2}
stem:
  - conv: {channels: width, kernel: 5, name: first}
  - prelu: channel
stages:
  - residual:
      name: body
      body:
        - conv: {channels: width, kernel: 3}
        - prelu
        - conv: {channels: width, kernel: 3, groups: 2}
        - scale: 0.1
  - add: [first, prev]
  - conv: {channels: 4 * width, kernel: 3}
  - depth_to_space: factor
  - space_to_depth: 2
  - channel_shuffle: 4
  - depth_to_space: 2
head:
  - conv: {channels: 4, kernel: 3}
""",
    "mobile": """
input: [3, 32, 32]
params: {expansion: 3, classes: 5}
defaults: {act: relu6}
stem:
  - conv_norm_act: {channels: 8, stride: 2}
stages:
  - inverted_residual: {name: a, channels: 8, expansion: expansion}
  - inverted_residual: {name: b, channels: 12, expansion: expansion, stride: 2, kernel: 5}
  - depthwise_separable: {name: c, channels: 16, stride: 2}
  - fused_inverted_residual: {name: d, channels: 16, expansion: 2}
  - inverted_residual: {name: e, channels: 16, expansion: 2, attention: [{squeeze_excite: {reduction: 4}}]}
head:
  - dropout: 0.2
  - global_avg_pool
  - linear: classes
""",
    "branching": """
input: [4, 16, 16]
params: {squeeze: 4}
stem:
  - conv: {name: first, channels: 16, kernel: 3, bias: false}
  - batch_norm
  - act
stages:
  - fire: {name: f1, squeeze: squeeze, expand: 8}
  - max_pool: {kernel: 3, stride: 2, ceil: true}
  - fire: {name: f2, squeeze: squeeze, expand: 12}
  - branches:
      merge: concat
      of:
        - body:
            - conv: {channels: 4, kernel: 1}
        - body:
            - conv: {channels: 4, kernel: 3, dilation: 2}
        - body:
            - max_pool: {kernel: 3, stride: 1}
            - conv: {channels: 4, kernel: 1}
  - split: {parts: 3, name: s}
  - add: ["s[0]", "s[2]"]
  - residual:
      merge: multiply
      body:
        - adaptive_avg_pool: 1
        - conv: {channels: 4, kernel: 1}
        - sigmoid
  - rep_block: {channels: 8, stride: 2}
head:
  - flatten
  - linear: 5
""",
    "waves": """
input: [4, 40]
params: {width: 8, heads: 2}
stem:
  - conv: {channels: width, kernel: 3, padding: causal, name: first}
stages:
  - residual:
      body:
        - conv: {channels: 2 * width, kernel: 2, dilation: 2, padding: causal}
        - glu
        - conv: {channels: width, kernel: 1}
      shortcut: identity
  - residual:
      merge: concat
      body:
        - conv: {channels: 8, kernel: 5, padding: same, groups: 2}
        - instance_norm
        - silu
  - avg_pool: {kernel: 4, stride: 4}
  - to_tokens
  - encoder_layer: {heads: heads, hidden: 12, name: enc}
  - layer_norm
head:
  - mean: length
  - linear: 3
""",
    "volumes": """
input: [2, 8, 16, 16]
params: {width: 4}
stem:
  - conv: {channels: width, kernel: [3, 3, 3], stride: [1, 2, 2]}
  - instance_norm: {affine: true}
  - leaky_relu: 0.1
stages:
  - residual:
      body:
        - conv: {channels: 2 * width, kernel: 3, stride: 2}
        - group_norm: 2
        - relu
        - conv: {channels: 2 * width, kernel: 3}
        - group_norm: 4
  - relu
  - max_pool: [2, 1, 1]
  - dropout: {rate: 0.1, mode: channel}
head:
  - global_max_pool
  - linear: 4
""",
    "translator": """
inputs:
  source: {shape: [6], kind: ids, range: 20}
  target: {shape: [5], kind: ids, range: 30}
params: {width: 12, heads: 3}
stages:
  - embedding: {features: width, from: source}
  - position_embedding
  - encoder_layer: {heads: heads, hidden: 16, name: encoded}
  - embedding: {features: width, from: target}
  - position_embedding: {name: second}
  - decoder_layer: {heads: heads, hidden: 16, from: {x: prev, memory: encoded}, name: decoded}
  - rms_norm
  - swiglu: {hidden: 20}
head:
  - linear: 30
  - softmax: last
""",
    "two_views": """
inputs:
  left: [3, 16, 16]
  right: [3, 8, 8]
params: {width: 6}
stages:
  - conv: {channels: width, kernel: 3, stride: 2, from: left, name: a}
  - conv: {channels: width, kernel: 3, from: right, name: b, share: a}
  - add: {from: [a, b], name: joined}
  - global_avg_pool: {from: a, name: seen}
  - multiply: {from: [joined, seen], broadcast: true, name: weighed}
  - resize: {from: {x: weighed, like: left}, mode: linear, name: large}
  - fit: {from: {x: large, like: right}}
  - concat: [prev, b, weighed]
  - permute: [1, 2, 0]
  - layer_norm
  - linear: width
  - permute: [2, 0, 1]
  - residual:
      merge: {gate: [{conv: {channels: width, kernel: 1}}, sigmoid]}
      body:
        - conv: {channels: width, kernel: 3}
        - relu
head:
  - slice: {start: 1, stop: 4}
  - softmax: channel
""",
    "inception": """
input: [4, 20, 20]
params: {rates: [1, 2, 3]}
stem:
  - conv: {channels: 8, kernel: 3, stride: 2}
  - relu
stages:
  - inception: {channels: [4, 4, 6, 2, 4, 2]}
  - osa: {channels: 12, mid: 6, depth: 2}
  - res2net_bottleneck: {channels: 32, base_width: 26, scale: 2}
  - transition: {compression: 0.5}
  - aspp: {channels: 8, rates: rates}
head:
  - fcn_head: {classes: 3, mid: 4}
""",
}
"""Designs whose ops, blocks and joins the gallery does not have."""


@cache
def _read(name: str) -> Tree:
    if name in DESIGNS:
        return read(DESIGNS[name])
    tree = read((gallery() / f"{name}.yaml").read_text())
    tree.pop("variants", None)
    for path, value in SMALL[name].items():
        at(tree, path[:-1])[path[-1]] = value
    return tree


def family(name: str) -> Tree:
    """Return a copy of the tree of a family, which the caller may change."""
    from copy import deepcopy

    return deepcopy(_read(name))


FAMILIES = (*SMALL, *DESIGNS)
