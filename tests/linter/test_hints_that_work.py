"""Hints that name what to write: written so, the design is clean."""

from __future__ import annotations

import re

import archspec
from archspec import lint, summarize

MIXER = """\
input: [3, 32, 32]
stem: [{patch_embed: {features: 48, patch: 4}}]
stages:
  - residual:
      - layer_norm
      - permute: [1, 0]
      - linear: 128
      - gelu
      - linear: 64
      - permute: [1, 0]
  - residual: [layer_norm, {mlp: 96}]
head: [global_avg_pool, {linear: 10}]
"""


def test_the_hint_for_a_linear_layer_over_positions() -> None:
    (found,) = (d for d in lint(MIXER) if d.code == "SHP010")
    there, back = re.findall(r"unflatten: (\[[^\]]*\])", found.hint)
    mixing = f"""\
  - residual:
      shortcut: identity
      body:
        - layer_norm
        - flatten
        - unflatten: {there}
        - conv: {{channels: 128, kernel: 1}}
        - gelu
        - conv: {{channels: 64, kernel: 1}}
        - flatten
        - unflatten: {back}
"""
    first, last = MIXER.index("  - residual"), MIXER.rindex("  - residual")
    text = MIXER[:first] + mixing + MIXER[last:]
    assert [d for d in lint(text) if d.code != "SHP003"] == []  # SHP003: as in MLP-Mixer, the size is fixed
    # Token mixing of MLP-Mixer: two linear layers over 64 positions, with the 48 channels as a batch.
    before = summarize(archspec.lower(archspec.loads(MIXER[:first] + MIXER[last:]))).macs
    assert summarize(archspec.lower(archspec.loads(text))).macs - before == 2 * 64 * 128 * 48


SQUEEZES = {
    "aspp": "{aspp: 64}",
    "ResNeSt": "{residual: {merge: multiply, body: [{adaptive_avg_pool: 1}, {conv: {channels: 32, kernel: 1}}, norm,"
    " act, {conv: {channels: 64, kernel: 1}}, sigmoid]}}",
}


def test_a_norm_after_global_pooling_is_no_reason_to_fail() -> None:
    for layer in SQUEEZES.values():
        found = lint(f"input: [3, 64, 64]\nstem: [{{conv_norm_act: {{channels: 64, stride: 2}}}}]\nstages: [{layer}]\n")
        (norm,) = (d for d in found if d.code == "NRM002")
        assert norm.severity.value == "info"
        assert "batches of two or more" in norm.hint


def test_valid_padding_is_zero_at_whatever_depth_it_is_passed() -> None:
    for layer in ("conv: {channels: 8, padding: valid}", "conv_norm_act: {channels: 8, padding: valid}"):
        (found,) = (d for d in lint(f"input: [3, 32, 32]\nstages:\n  - {layer}\n") if d.is_error)
        assert found.hint == "did you mean 0?"
        assert [
            d for d in lint(f"input: [3, 32, 32]\nstages:\n  - {layer.replace('valid', '0')}\n") if d.is_error
        ] == []
