"""ATT004: a position embedding of another length than the tokens."""

from __future__ import annotations

from collections.abc import Iterator

from archspec.linter.edits import change_number
from archspec.linter.position_embeddings import PositionMismatch, find_position_mismatches
from archspec.linter.rule import ERROR, Example, Finding, Rule
from archspec.linter.rule_context import RuleContext
from archspec.source.edits import NO_EDITS, Edits


def check(context: RuleContext) -> Iterator[Finding]:
    """Yield learned tensors added to tokens of their width, but not of their number."""
    for mismatch in find_position_mismatches(context):
        tokens, needed = mismatch.tokens, mismatch.tokens.shape[0]
        shape = f"[1, {needed}, {tokens.channels}]"
        hint = f"write shape: {shape}, or use position_embedding, which counts what it is added to"
        # One position more than the picture has patches: ViT counts its class token, which is missing here.
        if isinstance(needed, int) and mismatch.positions == needed + 1 and tokens.grid is not None:
            hint += "; a class token is joined before the positions are added"
        yield Finding(
            f"the position embedding has {mismatch.positions} positions, and is added to {needed} tokens",
            mismatch.parameter,
            "shape",
            hint,
            edits=_edits(context, mismatch),
            replaces=mismatch.diagnostics,
        )


def _edits(context: RuleContext, mismatch: PositionMismatch) -> Edits:
    needed = mismatch.tokens.shape[0]
    if not isinstance(needed, int):
        return NO_EDITS
    return change_number(context, mismatch.parameter, "shape", (1, needed, mismatch.tokens.channels))


RULE = Rule(
    code="ATT004",
    name="position-embedding-length-mismatch",
    severity=ERROR,
    summary="a position embedding of another length than the tokens",
    why="A learned position embedding has one vector for each token. Its length follows from the input size and the "
    "patch, (224 / 16)² = 196, and from the class token, if there is one: a change of either has to reach it.",
    hint="Give it as many positions as there are tokens, or use `position_embedding`, which counts them.",
    bad=(
        Example(
            """\
input: [3, 256, 256]
stages:
  - patch_embed: {name: patches, features: 192, patch: 16}
  - parameter: {name: positions, shape: [1, 196, 192]}
  - add: [patches, positions]
  - encoder_layer: {heads: 3}
""",
            "4:41",
        ),
        Example(
            """\
input: [3, 224, 224]
stages:
  - patch_embed: {name: patches, features: 192, patch: 16}
  - parameter: {name: positions, shape: [1, 197, 192]}
  - add: [positions, patches]
  - encoder_layer: {heads: 3}
""",
            "4:41",
        ),
    ),
    good=(
        """\
input: [3, 224, 224]
stages:
  - patch_embed: {name: patches, features: 192, patch: 16}
  - parameter: {name: class_token, shape: [1, 1, 192]}
  - concat: {from: [class_token, patches], axis: length, name: tokens}
  - parameter: {name: positions, shape: [1, 197, 192]}
  - add: [tokens, positions]
  - encoder_layer: {heads: 3}
""",
        """\
input: [3, 256, 256]
stages:
  - patch_embed: {features: 192, patch: 16}
  - position_embedding
  - encoder_layer: {heads: 3}
""",
        """\
inputs: {text: {shape: [64, 32], kind: tokens}}
stages:
  - parameter: {name: shift, shape: [1, 1, 32]}
  - add: {from: [text, shift], broadcast: true}
""",
    ),
    references=("https://arxiv.org/abs/2010.11929",),
    applicability="unsafe",
    check=check,
)
