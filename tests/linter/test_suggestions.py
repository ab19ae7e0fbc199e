"""A fix for a word that is unknown never changes what a network means: it restores the design, or there is none."""

from __future__ import annotations

import random
import re
from collections.abc import Iterator
from typing import Any

import pytest

import archspec
from archspec.diagnostics import Diagnostic, Span, similar, spelling_fix
from archspec.ir.flat import flatten
from archspec.language.files import gallery
from archspec.source.fixing import apply_fixes

HEAD = "input: [16, 8, 8]\n"


def fixed(text: str) -> str:
    """The text after all its fixes, applied in rounds as `lint --fix --unsafe-fixes` does."""
    for _ in range(10):
        new = apply_fixes(text, archspec.lint(text), unsafe=True)
        if new == text:
            break
        text = new
    return text


def first(text: str) -> Diagnostic:
    return next(d for d in archspec.lint(HEAD + text) if d.is_error)


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("stages: [upsample: 2]", "stages: [resize: 2]"),
        ("stages: [swish]", "stages: [silu]"),
        ("stages: [flatten, dense: 10]", "stages: [flatten, linear: 10]"),
        ("stages: [flatten, mine: 16]", None),
        ("stages: [conv: {in_channels: 16, out_channels: 32}]", "stages: [conv: {in_channels: 16, channels: 32}]"),
        ("stages: [conv: {out_channels: 32, filters: 32}]", None),
        ("stages: [conv: {channels: 32, filters: 32}]", None),
        ("stages: [conv: {channels: 32, activation: relu}]", None),
        ("stages: [Conv2d: {channels: 32, kernel: 3}]", None),
        ("stages: [BatchNorm2d]", "stages: [batch_norm]"),
        ("stages: [nn.BatchNorm2d, F.relu]", "stages: [batch_norm, relu]"),
        ("stages: [torch.nn.Conv2d: {channels: 32, kernel: 3}]", None),
        ("stages: [mine.relu]", None),
        ("stages: [conv: {filters: 8, ksize: 3, strides: 2}]", "stages: [conv: {channels: 8, kernel: 3, stride: 2}]"),
        ("stages: [conv: {channels: 8, padding: valid}]", "stages: [conv: {channels: 8, padding: 0}]"),
        ("stages: [resize: {scale: 2, mode: bilinear}]", "stages: [resize: {scale: 2, mode: linear}]"),
        ("stages: [residul: [relu]]", "stages: [residual: [relu]]"),
        ("stages: [residual: {body: [relu], merge: cat}]", "stages: [residual: {body: [relu], merge: concat}]"),
        ("stages: [residual: {layers: [relu]}]", "stages: [residual: {body: [relu]}]"),
        ("stages: [pad: {padding: 1, mode: symmetric}]", None),
        ("stages: [softmax: {axis: spatial}]", None),
        ("stages: [softmax: {dim: 1}]", None),  # torch counts the batch
        ("stages: [permute: {dims: [0, 2, 1]}]", None),
        ("stages: [layer_scale]", None),  # its number is not that of a scale
        ("stages: [branches: {of: [[relu], [relu]], merge: stack}]", None),
        ("stages: [reorg: 2]", None),
        ("layers: [relu]", "stages: [relu]"),
        ("backbone: [relu]", "stages: [relu]"),
        ("layers: [relu]\nbackbone: [relu]", None),
        ("stages: [relu]\noutput: {a: input}", "stages: [relu]\noutputs: {a: input}"),
        ("stages: [relu: {name: enc1}, relu: {from: enc2}]", None),
        ("stages: [relu: {name: conv_a}, relu: {name: conv_b}, relu: {from: conv_c}]", None),
        ("params: {width: 8}\nstages: [conv: widht]", "params: {width: 8}\nstages: [conv: width]"),
        ("params: {width: 8}\nstages: [conv: \"wid\\u0068t + hieght\", relu: {when: width > 0}]", None),
        ("params: {width: 8}\nstages: [conv: width, widht]", None),
    ],
)  # fmt: skip
def test_what_all_fixes_make_of_a_mistake(before: str, after: str | None) -> None:
    assert fixed(HEAD + before + "\n") == HEAD + (before if after is None else after) + "\n"


@pytest.mark.parametrize(
    ("text", "hint"),
    [
        ("stages: [conv: {channels: 8, activation: relu}]", "it is a layer of its own, after this one: write `- relu`"),
        ("stages: [conv: {channels: 8, in_channels: 3}]", "leave it out: it is that of the value that the layer reads"),
        (
            "stages: [nn.MaxPool2d: {kernel: 3, stride: 2}]",
            "did you mean max_pool? Padding is automatic here and 0 in torch, so write it: "
            "`- max_pool: {kernel: 3, stride: 2, padding: 0}`",
        ),
        ("stages: [lstm: 8]", "the language has no recurrent layers"),
        ("stages: [relu]\noptimizer: sgd", "leave it out: a spec describes the network alone"),
        ("stages: [relu: {name: enc1}, relu: {name: enc2}, relu: {from: enc3}]", "did you mean enc1 or enc2?"),
        ("stages: [flatten, mine: 16]", "archspec list --blocks names all ops and blocks"),
        ("params: {width: 8}\nstages: [conv: width, widht]", "archspec list --blocks names all ops and blocks"),
        ("params: {kind: conv}\nstages: [kind: 8, kidn: 8]", "did you mean kind?"),
        ("stages: [residual: {body: [relu], shortcut: identity_if_sam}]", "did you mean identity_if_same?"),
        ("defaults: {norm: nope}\nstages: [relu]", "archspec list --blocks names all ops and blocks"),
    ],
)
def test_hints(text: str, hint: str) -> None:
    assert first(text + "\n").hint.startswith(hint)


def test_a_declaration_whose_use_is_misspelt_is_not_called_unused() -> None:
    text = HEAD + "params: {width: 8, other: 1}\nstages: [conv: widhtt]\n"
    assert [d.message for d in archspec.lint(text) if d.code == "SPC006"] == ["the parameter other is never used"]


@pytest.mark.parametrize(
    "text",
    [
        "defaults: {act: silu}\nstages: [activation_layer]\n",
        "defaults: {max_pool: {padding: 0}}\nstages: [amx_pool: 2]\n",
        "defaults: {norm: batch_norm, activation: silu}\nstages: [conv: 8, norm, act]\n",
    ],
)
def test_a_default_of_a_layer_that_is_not_known_is_not_removed(text: str) -> None:
    found = [d for d in archspec.lint(HEAD + text) if d.code == "SPC006"]
    assert found == []


@pytest.mark.parametrize(
    ("word", "known", "near", "is_fixed"),
    [
        ("rleu", ("elu", "relu", "prelu"), ("relu",), True),
        ("chanels", ("channels", "kernel"), ("channels",), True),
        ("Batch-Norm", ("batch_norm", "norm"), ("batch_norm",), True),
        ("rlu", ("elu", "relu"), ("elu", "relu"), False),
        ("elo", ("elu",), ("elu",), False),
        ("enc2", ("enc1",), ("enc1",), False),
        ("stage_11", ("stage_1", "stage_12"), ("stage_1", "stage_12"), False),
        ("dense", ("dense_layer", "dense_block"), (), False),
        ("a", ("b",), (), False),
        ("conv", ("conv",), (), False),
        ("downsampling", ("upsampling",), (), False),
        ("x" * 101, ("x" * 100,), (), False),
    ],
)
def test_near_words(word: str, known: tuple[str, ...], near: tuple[str, ...], is_fixed: bool) -> None:
    assert similar(word, known) == near
    assert similar(word, reversed(known)) == near
    fix = spelling_fix(word, known, Span("f", 1, 1, 1, 1 + len(word)))
    assert (fix is not None) == is_fixed


def mutants(text: str, source: random.Random) -> Iterator[str]:
    """The text with a slip of one letter in one of its words, at random places."""
    # Comments and texts for people hold no names.
    code = re.sub(r"(?m)#.*$|^(?:name|about):.*$", lambda match: " " * len(match[0]), text)
    words = list(re.finditer(r"[A-Za-z_]{2,}", code))
    while True:
        word = source.choice(words)
        place = source.randrange(word.start(), word.end())
        letter = source.choice("aeioumnrst_")
        yield source.choice(
            [
                text[:place] + text[place + 1 :],
                text[:place] + letter + text[place:],
                text[:place] + letter + text[place + 1 :],
                text[:place] + text[place + 1 : place + 2] + text[place] + text[place + 2 :],
            ]
        )


def meaning(text: str) -> list[object]:
    """The ops of a text's network with their inputs, outputs and initialisation; names may be others."""
    nodes = flatten(archspec.lower(archspec.loads(text))).nodes
    return [(n.op, n.inputs, n.node.outputs, n.node.init) for n in nodes]


@pytest.mark.parametrize("name", ["unet", "mobilenet_v2", "resnet"])
def test_a_fix_of_a_slip_restores_the_design_or_is_not_offered(name: str) -> None:
    text = (gallery() / f"{name}.yaml").read_text(encoding="utf-8")
    assert check(text, random.Random(name), 12) > 2


def check(text: str, source: random.Random, count: int) -> int:
    """Fix slips in a text, and return how many were fixed."""
    meant, restored = meaning(text), 0
    slips = mutants(text, source)
    for mutant in (next(slips) for _ in range(count)):
        found = [
            d for d in archspec.lint(mutant, variants=False) if d.is_error and d.code in ("SPC001", "SPC002", "SPC005")
        ]
        new = apply_fixes(mutant, found, unsafe=True)
        if new != mutant:
            assert meaning(new) == meant, new
            restored += 1
        for diagnostic in found:
            assert diagnostic.fix is None or diagnostic.fix.applicability == "unsafe"
    return restored


def test_of_very_many_unknown_keys_each_is_compared_with_few(monkeypatch: pytest.MonkeyPatch) -> None:
    from archspec.language import suggestions

    calls = 0
    suggest = suggestions._suggest

    def counted(*arguments: Any) -> suggestions.Suggestion:
        nonlocal calls
        calls += 1
        return suggest(*arguments)

    monkeypatch.setattr(suggestions, "_suggest", counted)
    keys = "".join(f"stage{'wxyz'[i % 4]}{'_' * (i // 4)}: 1\n" for i in range(400))
    found = archspec.lint(HEAD + "stem: [relu]\n" + keys)
    assert len(found) > 100, "each may be `stages`"
    assert all(d.fix is None for d in found)
    assert calls < 80 * len(found)  # looked up for the finding, for its neighbours, and to read on
