"""Every kind of shortcut and merge, against the same written out in PyTorch, and what is reported of them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
import torch
import torch.nn.functional as F
from torch import Tensor

import archspec
from archspec.lowering import shape_change
from tests.lowering.residual_specs import CONV3, GATE, STRIDED, residual, spec_of
from tests.parity.assertions import randomise, same

Tensors = dict[str, Tensor]
Equivalent = Callable[[Tensors, Tensor], Tensor]


def check(spec: archspec.Spec, equivalent: Equivalent) -> None:
    """The spec's module gives what the function makes of its state_dict and a batch."""
    model = archspec.build(spec).eval()
    randomise(model)
    (_, given), *_ = archspec.lower(spec).inputs
    shape = [size for size in given.shape if isinstance(size, int)]
    x = torch.randn(2, *shape, generator=torch.Generator().manual_seed(4))
    with torch.no_grad():
        same(model(x), equivalent(dict(model.state_dict()), x))


def c3(t: Tensors, x: Tensor, stride: int = 1) -> Tensor:
    return F.conv2d(x, t["c.weight"], stride=stride, padding=1)


def norm(t: Tensors, name: str, x: Tensor) -> Tensor:
    mean, variance = t[f"{name}.running_mean"], t[f"{name}.running_var"]
    return F.batch_norm(x, mean, variance, t[f"{name}.weight"], t[f"{name}.bias"])


def project(t: Tensors, name: str, x: Tensor, stride: int | tuple[int, int] = 1) -> Tensor:
    return norm(t, f"{name}.1", F.conv2d(x, t[f"{name}.0.weight"], stride=stride))


def pooled(x: Tensor) -> Tensor:
    return F.avg_pool2d(x, 2, 2, ceil_mode=True, count_include_pad=False)


def d_shortcut(t: Tensors, x: Tensor) -> Tensor:
    return norm(t, "p.2", F.conv2d(pooled(x), t["p.1.weight"]))


def option_a(x: Tensor, before: int, behind: int) -> Tensor:
    return F.pad(x[:, :, ::2, ::2], (0, 0, 0, 0, before, behind))


SHORTCUTS: dict[str, tuple[str, Equivalent]] = {
    "identity": (residual(CONV3, "identity"), lambda t, x: x + c3(t, x)),
    "the default where nothing differs": (residual(CONV3), lambda t, x: x + c3(t, x)),
    "identity_if_same that fits": (residual(CONV3, "identity_if_same"), lambda t, x: x + c3(t, x)),
    "identity_if_same that does not": (residual(STRIDED, "identity_if_same"), lambda t, x: c3(t, x, 2)),
    "none": (residual(CONV3, "none"), c3),
    "projection by default": (residual(STRIDED, "{name: p}"), lambda t, x: c3(t, x, 2) + project(t, "p", x, 2)),
    "projection": (residual(STRIDED, "{projection: {name: p}}"), lambda t, x: c3(t, x, 2) + project(t, "p", x, 2)),
    "a projection's own argument": (
        residual(STRIDED, "{projection: {name: p, normalize: false, bias: true}}"),
        lambda t, x: c3(t, x, 2) + F.conv2d(x, t["p.0.weight"], t["p.0.bias"], stride=2),
    ),
    "projection left out": (residual(CONV3, "{projection: {name: p}}"), lambda t, x: x + c3(t, x)),
    "always": (
        residual(CONV3, "{projection: {name: p, always: true}}"),
        lambda t, x: c3(t, x) + project(t, "p", x),
    ),
    "always, of the default": (residual(CONV3, "{name: p, always: true}"), lambda t, x: c3(t, x) + project(t, "p", x)),
    "pad_shortcut": (residual(STRIDED, "pad_shortcut"), lambda t, x: c3(t, x, 2) + option_a(x, 2, 2)),
    "pad_shortcut, zeros behind": (
        residual(STRIDED, "{pad_shortcut: {before: 0}}"),
        lambda t, x: c3(t, x, 2) + option_a(x, 0, 4),
    ),
    "avg_projection": (
        residual(STRIDED, "{avg_projection: {name: p}}"),
        lambda t, x: c3(t, x, 2) + d_shortcut(t, x),
    ),
    "from": (
        residual("{norm: {name: n}}, {relu: {name: pre}}, " + STRIDED, "{projection: {name: p, from: pre}}"),
        lambda t, x: c3(t, norm(t, "n", x).relu(), 2) + project(t, "p", norm(t, "n", x).relu(), 2),
    ),
    "from, left out": (
        residual("{norm: {name: n}}, {relu: {name: pre}}, " + CONV3, "{projection: {name: p, from: pre}}"),
        lambda t, x: c3(t, norm(t, "n", x).relu()) + x,
    ),
    "explicit layers": (
        residual(STRIDED, "[{max_pool: {kernel: 1, stride: 2}}, {conv: {name: own, channels: 12, kernel: 1}}, tanh]"),
        lambda t, x: c3(t, x, 2) + F.conv2d(x[:, :, ::2, ::2], t["own.weight"], t["own.bias"]).tanh(),
    ),
    "an explicit op stays": (residual(CONV3, "tanh"), lambda t, x: c3(t, x) + x.tanh()),
    "strides by axis": (
        residual("{conv: {name: c, channels: 8, kernel: 3, stride: [1, 2], bias: false}}", "{name: p}"),
        lambda t, x: F.conv2d(x, t["c.weight"], stride=(1, 2), padding=1) + project(t, "p", x, (1, 2)),
    ),
}


@pytest.mark.parametrize("kind", SHORTCUTS)
def test_shortcut(kind: str) -> None:
    layers, equivalent = SHORTCUTS[kind]
    check(spec_of(layers), equivalent)


def gated(t: Tensors, x: Tensor) -> Tensor:
    opening = F.conv2d(x, t["g.weight"], t["g.bias"]).sigmoid()
    return opening * c3(t, x) + (1 - opening) * x


def squeezed(t: Tensors, x: Tensor) -> Tensor:
    return x * F.conv2d(x.mean((2, 3), keepdim=True), t["c.weight"], t["c.bias"]).sigmoid()


def attended(t: Tensors, x: Tensor) -> Tensor:
    return x * F.conv2d(x, t["c.weight"], t["c.bias"]).sigmoid()


SQUEEZE = "{adaptive_avg_pool: 1}, {conv: {name: c, channels: 8, kernel: 1}}, sigmoid"
MERGES: dict[str, tuple[str, Equivalent]] = {
    "add": (residual(CONV3, merge="add"), lambda t, x: x + c3(t, x)),
    "concat": (residual(CONV3, merge="concat"), lambda t, x: torch.cat([x, c3(t, x)], 1)),
    "concat of other channels": (
        residual("{conv: {name: c, channels: 3, kernel: 3, bias: false}}", merge="concat"),
        lambda t, x: torch.cat([x, c3(t, x)], 1),
    ),
    "concat with a projection": (
        residual(STRIDED, "{projection: {name: p}}", "concat"),
        lambda t, x: torch.cat([project(t, "p", x, 2), c3(t, x, 2)], 1),
    ),
    "multiply": (residual(CONV3, merge="multiply"), lambda t, x: x * c3(t, x)),
    "multiply, a value a channel": (residual(SQUEEZE, merge="multiply"), squeezed),
    "multiply, a value a pixel": (
        residual("{conv: {name: c, channels: 1, kernel: 1}}, sigmoid", merge="multiply"),
        attended,
    ),
    "multiply, a vector": (
        residual("global_avg_pool, {linear: {name: c, features: 8}}, sigmoid", merge="multiply"),
        lambda t, x: x * F.linear(x.mean((2, 3)), t["c.weight"], t["c.bias"]).sigmoid()[:, :, None, None],
    ),
    "gate": (residual(CONV3, merge=GATE), gated),
}


@pytest.mark.parametrize("kind", MERGES)
def test_merge(kind: str) -> None:
    layers, equivalent = MERGES[kind]
    check(spec_of(layers), equivalent)


def test_a_mutation_is_noticed() -> None:
    with pytest.raises(AssertionError):
        check(spec_of(residual(CONV3, merge="concat")), lambda t, x: torch.cat([c3(t, x), x], 1))
    with pytest.raises(AssertionError):
        check(spec_of(residual(STRIDED, "pad_shortcut")), lambda t, x: c3(t, x, 2) + option_a(x, 0, 4))
    with pytest.raises(AssertionError):
        check(spec_of(residual(CONV3, merge=GATE)), lambda t, x: gated(t, x) + c3(t, x) - x)


@pytest.mark.parametrize("shape", ["[8]", "[5, 8]"])
def test_on_vectors_and_tokens_a_projection_is_a_linear_layer(shape: str) -> None:
    # without a declared kind two sizes are a map, so the tokens are declared
    text = f"name: t\ninputs: {{x: {{shape: {shape}, kind: {'vector' if shape == '[8]' else 'tokens'}}}}}\n"
    text += "stages: [" + residual("{linear: {name: c, features: 6, bias: false}}", "{name: p}") + "]\n"
    check(archspec.loads(text), lambda t, x: F.linear(x, t["c.weight"]) + F.linear(x, t["p.0.weight"], t["p.0.bias"]))
    text = text.replace("{name: p}", "{projection: {name: p, bias: false}}")
    check(archspec.loads(text), lambda t, x: F.linear(x, t["c.weight"]) + F.linear(x, t["p.0.weight"]))


@pytest.mark.parametrize(("shape", "convolve"), [("[8, 9]", F.conv1d), ("[8, 5, 6, 7]", F.conv3d)])
def test_projections_in_one_and_three_dimensions(shape: str, convolve: Callable[..., Tensor]) -> None:
    def equivalent(t: Tensors, x: Tensor) -> Tensor:
        shortcut = norm(t, "p.1", convolve(x, t["p.0.weight"], stride=2))
        return convolve(x, t["c.weight"], stride=2, padding=1) + shortcut

    check(spec_of(residual(STRIDED, "{projection: {name: p}}"), shape), equivalent)


@pytest.mark.parametrize(
    ("default", "equivalent"),
    [
        ("none", lambda t, x: c3(t, x, 2)),
        ("pad_shortcut", lambda t, x: c3(t, x, 2) + option_a(x, 2, 2)),
        ("{projection: {normalize: false}}", lambda t, x: c3(t, x, 2) + F.conv2d(x, t["0.0.weight"], stride=2)),
    ],
)
def test_the_default_shortcut_is_the_specs(default: str, equivalent: Equivalent) -> None:
    name = "" if default == "none" else "{name: '0'}"
    check(spec_of(residual(STRIDED, name), more=f"defaults: {{shortcut: {default}}}"), equivalent)


@pytest.mark.parametrize("written", ["{projection: {always: true}}", "lasting"])
def test_always_may_be_part_of_a_default(written: str) -> None:
    more = f"params: {{lasting: {{projection: {{always: true}}}}}}\ndefaults: {{shortcut: {written}}}"
    check(spec_of(residual(CONV3, "{name: p}"), more=more), lambda t, x: c3(t, x) + project(t, "p", x))


@pytest.mark.parametrize("block", ["basic", "bottleneck", "preact_basic", "preact_bottleneck"])
def test_a_blocks_shortcut_may_be_every_kind(block: str) -> None:
    for kind, count in (("none", 0), ("identity_if_same", 0), ("projection", 1), ("pad_shortcut", 1)):
        spec = spec_of(f"{block}: {{channels: 16, stride: 2, shortcut: {kind}}}")
        summary = archspec.summarize(archspec.lower(spec))
        assert [d.block for d in summary.inserted] == [kind] * count
        assert len(summary.dropped) == (kind == "identity_if_same")
        assert archspec.build(spec)(torch.randn(2, 8, 9, 7)).shape == (2, 16, 5, 4)


USERS = """
blocks:
  mine:
    params: {channels: int, stride: 1, gain: 1.0}
    body: [{conv: {name: c, channels: channels, kernel: 5, stride: stride, bias: false}}]
"""


def test_a_users_block_is_passed_channels_and_stride() -> None:
    check(
        spec_of(residual(STRIDED, "{mine: {name: m}}"), more=USERS),
        lambda t, x: c3(t, x, 2) + F.conv2d(x, t["m.c.weight"], stride=2, padding=2),
    )
    left_out = archspec.summarize(archspec.lower(spec_of(residual(CONV3, "{mine: {name: m}}"), more=USERS)))
    assert left_out.inserted == ()


def test_written_arguments_win_over_what_is_passed() -> None:
    strided = "{conv: {name: c, channels: 12, kernel: 3, stride: 3, padding: 1, bias: false}}"
    spec = spec_of(residual(strided, "{mine: {name: m, stride: 2}}"), more=USERS)
    with pytest.raises(archspec.SpecError) as raised:  # 9 / 3 against 9 / 2
        archspec.lower(spec)
    assert [d.code for d in raised.value.diagnostics] == ["RES002"]


@pytest.mark.parametrize("inside", [False, True], ids=["in the body", "in a block"])
def test_paths_of_different_strides_have_no_stride(inside: bool) -> None:
    """2×2 positions become 1×1 at stride 2 and at stride 4, but no other size does."""
    paths = "branches: [[{conv: {channels: 4, kernel: 3, stride: 2}}], [{conv: {channels: 4, kernel: 3, stride: 4}}]]"
    block = f"blocks:\n  inner: {{body: [{{{paths}}}]}}\n  outer: {{body: [inner]}}\n"
    layer = "outer" if inside else f"{{{paths}}}"
    with pytest.raises(archspec.SpecError) as raised:
        archspec.lower(archspec.loads(f"input: [4, 2, 2]\n{block}stages:\n  - residual: [{layer}]\n"))
    assert [d.code for d in raised.value.diagnostics if d.severity == "error"] == ["RES002"]


def test_one_stride_for_all_sizes() -> None:
    """The decision is taken from channels and strides: a module built at one size runs at others."""
    model = archspec.build(spec_of(residual(STRIDED, "{projection: {name: p}}"))).eval()
    for height, width in ((9, 7), (8, 8), (1, 3)):
        assert model(torch.randn(1, 8, height, width)).shape == (1, 12, (height + 1) // 2, (width + 1) // 2)


def test_a_residual_looks_only_at_its_own_steps(monkeypatch: pytest.MonkeyPatch) -> None:
    """Else many residuals in one body would cost the square of their number."""
    looked_at = []
    between = shape_change._strides_along

    def counting(types: Any, steps: Any, *rest: Any) -> Any:
        looked_at.append(len(steps))
        return between(types, steps, *rest)

    monkeypatch.setattr(shape_change, "_strides_along", counting)
    archspec.lower(archspec.loads("input: [16, 8, 8]\nstages:\n" + "  - residual: [conv: 16, relu]\n" * 40))
    assert looked_at == [2] * 40
