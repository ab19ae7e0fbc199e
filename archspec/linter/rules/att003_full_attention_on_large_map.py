"""ATT003: attention between all positions of a large map."""

from __future__ import annotations

from collections.abc import Iterator

from archspec.linter.rule import WARNING, Example, Finding, Rule
from archspec.linter.rule_context import RuleContext

# 8,192 positions that attend to each other: 256 MiB of scores for each head and sample in float32.
MANY = 1 << 26


def check(context: RuleContext) -> Iterator[Finding]:
    """Yield attention between the positions of a map with more than MANY scores a head."""
    for node in context.nodes_of("attention"):
        if not all(t.known for t in node.node.outputs):
            continue
        queries, keys = context.input_type(node), context.input_type(node, 1)
        # Self-attention leaves the port of the keys out.
        keys = keys if keys.known else queries
        length, others = queries.shape[0], keys.shape[0]
        # Tokens without a grid are no picture: the length of a text is intended.
        if queries.grid is None or not isinstance(length, int) or not isinstance(others, int):
            continue
        if length * others > MANY:
            grid = "×".join(map(str, queries.grid))
            whom = "each other" if others == length else f"{others:,} others"
            message = f"the {length:,} positions of a {grid} map attend to {whom}: {length * others:,} scores a head"
            yield Finding(message, node)


RULE = Rule(
    code="ATT003",
    name="full-attention-on-large-map",
    severity=WARNING,
    summary="attention between all positions of a large map",
    why="Scores grow with the fourth power of the map's side: 64 by 64 positions make 17 million a head, 128 by 128 "
    "make 268 million (1 GiB in 32 bits), for every head and every sample. It is reported above 67 million (8,192 "
    "positions). Such a map is meant to be made smaller first, and often it is a forgotten stride.",
    hint="Make larger patches, stride or pool before to_tokens, or let queries attend to fewer keys (a smaller map).",
    bad=(
        Example(
            """\
input: [3, 128, 128]
stages:
  - conv_norm_act: 64
  - to_tokens
  - self_attention: {heads: 4}
""",
            "5:5",
        ),
        Example(
            """\
input: [3, 512, 512]
stages:
  - patch_embed: {features: 64, patch: 4}
  - encoder_layer: {heads: 4, repeat: 2}
""",
            "4:5",
        ),
    ),
    good=(
        """\
input: [3, 512, 512]
stages:
  - conv_norm_act: {channels: 64, stride: 8}
  - to_tokens
  - self_attention: {heads: 4}
  - to_map
""",
        """\
inputs: {text: {shape: [16384], kind: ids, range: 1000}}
stages:
  - embedding: {features: 64}
  - encoder_layer: {heads: 4, causal: true}
""",
        """\
input: [64, 128, 128]
stages:
  - to_tokens: {name: fine}
  - avg_pool: {kernel: 8, from: input}
  - to_tokens: {name: coarse}
  - attention: {heads: 4, from: {q: fine, k: coarse}}
  - to_map
""",
    ),
    references=("https://arxiv.org/abs/2103.14030", "https://arxiv.org/abs/2102.12122"),
    includes_library=True,
    check=check,
)
