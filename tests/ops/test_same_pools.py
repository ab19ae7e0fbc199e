"""Pools with `padding: same` against TensorFlow's SAME at every size, alone and in a network of convolutions."""

from __future__ import annotations

from itertools import product
from typing import Any

import pytest
import torch
import torch.nn.functional as F
from torch import Tensor

import archspec
from archspec.analysis.receptive_field import receptive_field
from archspec.analysis.valid_sizes.body_constraints import infer_with_conditions
from archspec.ir.op import raise_unless
from archspec.ir.sizes import Condition, Size, value
from archspec.ir.types import ValueType
from tests.backends.standalone import assert_same_network
from tests.ops.harness import make_op, module_of, run_module, site_of
from tests.ops.tensorflow_same import pad_same, same_padding

SIZES, KERNELS, STRIDES, DILATIONS = range(1, 41), range(1, 8), range(1, 5), (1, 2)
WINDOWS = [*product(KERNELS, STRIDES, DILATIONS)]


def mean(x: Tensor, k: Any, s: Any) -> Tensor:
    """The mean of each window over the values that lie in the map: their sum by their number."""
    rank = x.dim() - 2
    pool: Any = (F.avg_pool1d, F.avg_pool2d, F.avg_pool3d)[rank - 1]
    mean_of_windows: Tensor = pool(pad_same(x, k, s), k, s) / pool(pad_same(torch.ones_like(x), k, s), k, s)
    return mean_of_windows


@pytest.mark.parametrize(("kernel", "stride", "dilation"), WINDOWS)
def test_a_max_pool_is_tensorflows_at_every_size(kernel: int, stride: int, dilation: int) -> None:
    op = make_op("max_pool", kernel=kernel, stride=stride, dilation=dilation, padding="same")
    module = module_of(site_of(op, ValueType.map(1, 20)), "cpu")
    for n in SIZES:
        x = torch.randn(1, 1, n) - 5  # a padding of zeros would win
        (y,) = op.infer((ValueType.map(1, n),), raise_unless)
        expected = F.max_pool1d(pad_same(x, kernel, stride, dilation, -float("inf")), kernel, stride, 0, dilation)
        assert y.spatial == (-(-n // stride),) == tuple(expected.shape[2:])
        assert torch.equal(module(x), expected)


@pytest.mark.parametrize(("kernel", "stride"), [*product(KERNELS, STRIDES)])
def test_an_average_pool_is_tensorflows_at_every_size(kernel: int, stride: int) -> None:
    op = make_op("avg_pool", kernel=kernel, stride=stride, padding="same")
    module = module_of(site_of(op, ValueType.map(1, 20)), "cpu")
    for n in SIZES:
        x = torch.randn(1, 1, n)
        (y,) = op.infer((ValueType.map(1, n),), raise_unless)
        assert y.spatial == (-(-n // stride),)
        torch.testing.assert_close(module(x), mean(x, kernel, stride))


@pytest.mark.parametrize("kernel", [2, 3, 4, 5, [3, 4, 2]])
@pytest.mark.parametrize("stride", [1, 2, 3, [1, 2, 3]])
@pytest.mark.parametrize("name", ["conv", "max_pool", "avg_pool"])
def test_maps_of_two_and_three_axes(name: str, kernel: Any, stride: Any) -> None:
    built = {rank: ValueType.map(4, *(9,) * rank) for rank in (2, 3)}
    for rank, sizes in ((2, (5, 8)), (2, (7, 12)), (3, (5, 6, 7)), (3, (6, 9, 8))):
        k = kernel[:rank] if isinstance(kernel, list) else kernel
        s = stride[:rank] if isinstance(stride, list) else stride
        arguments: dict[str, Any] = {"kernel": k, "stride": s, "padding": "same"}
        if name == "conv":
            arguments |= {"channels": 4, "groups": 4}
        op = make_op(name, **arguments)
        module: Any = module_of(site_of(op, built[rank]), "cpu")
        x = torch.randn(2, 4, *sizes)
        if name == "conv":
            convolve: Any = (F.conv2d, F.conv3d)[rank - 2]
            expected = convolve(pad_same(x, k, s), module.weight, module.bias, s, 0, 1, 4)
        elif name == "max_pool":
            pool: Any = (F.max_pool2d, F.max_pool3d)[rank - 2]
            expected = pool(pad_same(x, k, s, fill=-float("inf")), k, s)
        else:
            expected = mean(x, k, s)
        torch.testing.assert_close(module(x), expected)
        assert op.infer((ValueType.map(4, *sizes),), raise_unless)[0].shape == tuple(expected.shape[1:])


@pytest.mark.parametrize("name", ["conv", "max_pool", "avg_pool"])
def test_every_size_is_valid_and_known_exactly(name: str) -> None:
    for kernel, stride in product((1, 2, 3, 5), STRIDES):
        arguments = {"channels": 1} if name == "conv" else {}
        op = make_op(name, kernel=kernel, stride=stride, padding="same", **arguments)
        free = ValueType.map(1, Size.free("n"))
        ((y,), conditions) = infer_with_conditions(op, (free,))
        ((before, after),), *_ = op.geometry(free.spatial)
        for n in SIZES:
            assert all(c.holds({"n": n}) if isinstance(c, Condition) else c for c in conditions)
            assert value(y.spatial[0], {"n": n}) == -(-n // stride)
            assert (value(before, {"n": n}), value(after, {"n": n})) == same_padding(n, kernel, stride)


EFFICIENTNET = """\
input: [3, {size}, {size}]
stages:
  - conv: {{channels: 8, kernel: 3, stride: 2, padding: same}}
  - norm
  - silu
  - conv: {{channels: 8, kernel: 5, stride: 2, groups: 8, padding: same}}
  - norm
  - silu
  - max_pool: {{kernel: 3, stride: 2, padding: same}}
  - avg_pool: {{kernel: 3, stride: 2, padding: same}}
  - conv: {{channels: 16, kernel: 1, stride: 2, padding: same}}
head: [global_avg_pool, {{linear: 5}}]
"""


def by_hand(model: Any, x: Tensor) -> Tensor:
    """The network of EFFICIENTNET by torch's functions, with the weights of a built one."""
    (stem, norm, deep, second, last, head) = [m for m in model.modules() if [*m.parameters(recurse=False)]]
    x = F.silu(norm(F.conv2d(pad_same(x, 3, 2), stem.weight, None, 2)))
    x = F.silu(second(F.conv2d(pad_same(x, 5, 2), deep.weight, None, 2, groups=8)))
    x = mean(F.max_pool2d(pad_same(x, 3, 2, fill=-float("inf")), 3, 2), 3, 2)
    scores: Tensor = head(F.conv2d(x, last.weight, last.bias, 2).mean((2, 3)))
    return scores


def test_a_network_built_for_one_size_is_tensorflows_at_others() -> None:
    spec = archspec.loads(EFFICIENTNET.format(size=33))
    written = assert_same_network(spec).eval()
    built = archspec.build(spec, seed=0).eval()
    written.load_state_dict(built.state_dict())
    with torch.no_grad():
        for size in (1, 2, 17, 32, 33, 48, 51):
            x = torch.randn(2, 3, size, size)
            expected = by_hand(built, x)
            torch.testing.assert_close(built(x), expected)
            torch.testing.assert_close(written(x), expected)


def test_every_input_size_is_valid() -> None:
    found = archspec.valid_sizes(archspec.lower(archspec.loads(EFFICIENTNET.format(size=33))))
    assert found.verdict == "always"
    assert not found.bounded
    for axis, n in product(found.axes, range(1, 70)):
        assert n in axis.sizes
        assert n in axis.lossless


def test_an_average_never_counts_the_padding_of_same() -> None:
    site = site_of(make_op("avg_pool", kernel=3, stride=1, padding="same"), ValueType.map(1, 5, 5))
    ones = torch.ones(1, 1, 5, 5)
    assert torch.equal(run_module(site, module_of(site, "cpu"), (ones,)), ones)


@pytest.mark.parametrize("size", [23, 24, 25, 26])
def test_the_receptive_field_is_exact_for_the_size(size: int) -> None:
    text = f"input: [1, {size}]\nstages:\n" + "  - avg_pool: {kernel: 5, stride: 2, padding: same}\n" * 2
    field = receptive_field(archspec.lower(archspec.loads(text)))
    assert field is not None
    assert field.exact
    x = torch.randn(1, 1, size, requires_grad=True)
    y = archspec.build(archspec.loads(text))(x)
    y[0, 0, y.shape[2] // 2].backward()
    assert x.grad is not None
    assert field.sizes == (int((x.grad != 0).sum()),)


@pytest.mark.parametrize(("size", "padding", "codes"), [(32, "0", ["RES004"]), (32, "same", []), (33, "same", [])])
def test_a_pool_in_a_shortcut_fits_every_size_with_same(size: int, padding: str, codes: list[str]) -> None:
    pool = f"{{avg_pool: {{kernel: 2, stride: 2, padding: {padding}}}}}"
    found = archspec.lint(
        f"input: [16, {size}, {size}]\nstages:\n  - residual:\n"
        "      body: [{conv: {channels: 16, kernel: 3, stride: 2}}, norm]\n"
        f"      shortcut: [{pool}, {{conv: {{channels: 16, kernel: 1}}}}, norm]\n"
    )
    assert [d.code for d in found if d.code == "RES004" or d.is_error] == codes
