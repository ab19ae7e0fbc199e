"""`padding: same` with a stride against TensorFlow's definition of SAME, at every size."""

from __future__ import annotations

from itertools import product
from typing import Any

import pytest
import torch
import torch.nn.functional as F
from torch import Tensor, nn
from torch.export import Dim, export

import archspec
from archspec.ir.graph import Node
from archspec.ir.op import raise_unless
from archspec.ir.sizes import Size, value
from archspec.ir.types import ValueType
from archspec.ops.conv import Conv
from tests.narrow import present, sizes
from tests.ops.harness import make_op
from tests.ops.tensorflow_same import pad_same

GEOMETRIES = [(k, s, d) for k, s, d in product((1, 2, 3, 5), (1, 2, 3, 4), (1, 2))]


def spec_of(layer: str, size: str = "[2, 12, 11]") -> archspec.Spec:
    return archspec.loads(f"input: {size}\nstages:\n  - {layer}\n")


def spec_with_same(name: str, kernel: int, stride: int) -> archspec.Spec:
    channels = "channels: 3, " if name == "conv" else ""
    return spec_of(f"{name}: {{{channels}kernel: {kernel}, stride: {stride}, padding: same}}")


@pytest.mark.parametrize(("kernel", "stride", "dilation"), GEOMETRIES)
def test_one_built_module_is_tensorflow_s_at_every_size(kernel: int, stride: int, dilation: int) -> None:
    numbers = f"kernel: {kernel}, stride: {stride}, dilation: {dilation}"
    layer = f"conv: {{channels: 3, {numbers}, padding: same, bias: true}}"
    module = archspec.build(spec_of(layer))
    (conv,) = (m for m in module.modules() if isinstance(m, nn.Conv2d))
    op = make_op("conv", channels=3, kernel=kernel, stride=stride, dilation=dilation, padding="same", bias=True)
    (free,) = op.infer((ValueType.map(2, Size.free("h"), 7),), lambda condition, error: None)
    for size in range(1, 14):
        x = torch.randn(2, 2, size, 7)
        padded = pad_same(x, kernel, stride, dilation)
        theirs = F.conv2d(padded, conv.weight, conv.bias, stride, 0, dilation)
        torch.testing.assert_close(module(x), theirs, rtol=0, atol=0)
        assert value(free.shape[1], {"h": size}) == -(-size // stride) == theirs.shape[2]
        (found,) = op.infer((ValueType.map(2, size, 7),), raise_unless)
        assert found.shape == theirs.shape[1:]


@pytest.mark.parametrize("shape", [[2, 12], [2, 7, 12], [2, 5, 7, 12]])
@pytest.mark.parametrize("keys", ["", ", keys: {weight: w, bias: b}"])
def test_every_rank_and_renamed_tensors(shape: list[int], keys: str) -> None:
    module = archspec.build(spec_of(f"conv: {{channels: 3, kernel: 2, stride: 3, padding: same{keys}}}", str(shape)))
    weight, bias = sorted(module.parameters(), key=Tensor.dim, reverse=True)
    x = torch.randn(2, *shape)
    convolve: Any = (F.conv1d, F.conv2d, F.conv3d)[x.dim() - 3]
    torch.testing.assert_close(module(x), convolve(pad_same(x, 2, 3), weight, bias, 3))


def test_inside_library_blocks_by_a_default() -> None:
    spec = archspec.loads(
        "input: [3, 33, 32]\ndefaults: {conv: {padding: same}, conv_norm_act: {padding: same}}\n"
        "stages:\n  - inverted_residual: {channels: 8, stride: 2}\n"
        "  - fused_inverted_residual: {channels: 8, stride: 2}\n  - depthwise_separable: {channels: 8, stride: 2}\n"
    )
    convs = [placed.step.op for placed in archspec.lower(spec).nodes() if isinstance(placed.step, Node)]
    paddings = [op.padding for op in convs if isinstance(op, Conv)]
    assert paddings == ["same"] * 7
    assert archspec.lower(spec).body.output_types[0].shape == (8, 5, 4)
    assert archspec.build(spec)(torch.zeros(1, 3, 41, 40)).shape == (1, 8, 6, 5)
    assert not [d for d in archspec.lint(spec) if d.is_error]


def test_every_size_works_and_none_leaves_anything_out() -> None:
    (height, width) = archspec.valid_sizes(spec_of("conv: {channels: 8, kernel: 3, stride: 2, padding: same}")).axes
    assert height.sizes == height.lossless == width.sizes == width.lossless
    assert all(n in height.sizes for n in range(1, 40))


@pytest.mark.parametrize("size", [8, 9])
def test_the_receptive_field_starts_where_the_padding_does(size: int) -> None:
    """The gradient of one output is not zero exactly where the op says that it reads."""
    spec = spec_of("conv: {channels: 1, kernel: 3, stride: 2, padding: same}", f"[1, {size}]")
    graph = archspec.lower(spec)
    (step,) = graph.body.steps
    assert isinstance(step, Node)
    (window,) = present(step.op.receptive_field(graph.body.inputs)).windows
    module = archspec.build(spec)
    for position in range(sizes(graph.body.output_types[0])[1]):
        x = torch.randn(1, 1, size, requires_grad=True)
        module(x)[0, 0, position].backward()
        assert x.grad is not None
        reads = {n for n in range(window.first.at(position), window.last.at(position) + 1) if 0 <= n < size}
        assert set(x.grad[0, 0].nonzero().flatten().tolist()) == reads


@pytest.mark.parametrize("name", ["conv", "max_pool"])
def test_one_exported_program_has_sizes_that_stay_open(name: str) -> None:
    module = archspec.build(spec_with_same(name, 3, 2)).eval()
    shapes = ({2: Dim("h", min=4, max=64), 3: Dim("w", min=4, max=64)},)
    program = export(module, (torch.randn(1, 2, 12, 11),), dynamic_shapes=shapes)
    for size in ((12, 11), (9, 10), (5, 64)):
        x = torch.randn(1, 2, *size)
        torch.testing.assert_close(program.module()(x), module(x))


@pytest.mark.filterwarnings("ignore::DeprecationWarning")  # torch.jit is deprecated, and still used
@pytest.mark.parametrize("name", ["conv", "max_pool", "avg_pool"])
@pytest.mark.parametrize(("kernel", "stride"), [(3, 2), (2, 4)], ids=["overlapping", "gaps"])
def test_a_trace_is_made_and_holds_at_other_sizes(name: str, kernel: int, stride: int) -> None:
    module = archspec.build(spec_with_same(name, kernel, stride)).eval()
    traced = torch.jit.trace(module, torch.randn(1, 2, 12, 11))
    for height, width in ((12, 11), (17, 14)):
        x = torch.randn(2, 2, height, width)
        torch.testing.assert_close(traced(x), module(x))


@pytest.mark.filterwarnings("ignore::DeprecationWarning")
@pytest.mark.parametrize(("kernel", "stride"), [(3, 2), (2, 4)], ids=["overlapping", "gaps"])
def test_a_trace_with_renamed_tensors_holds_at_other_sizes(kernel: int, stride: int) -> None:
    """The padding of a functional convolution is written into `forward`, not computed by a module."""
    arguments = f"channels: 4, kernel: {kernel}, stride: {stride}, padding: same, keys: {{weight: w, bias: b}}"
    module = archspec.build(spec_of(f"conv: {{{arguments}}}")).eval()
    traced = torch.jit.trace(module, torch.randn(1, 2, 16, 16))
    for size in range(13, 19):
        x = torch.randn(1, 2, size, size)
        torch.testing.assert_close(traced(x), module(x))


def test_another_padding_mode_is_refused() -> None:
    (found,) = archspec.lint(spec_of("conv: {channels: 3, stride: 2, padding: same, padding_mode: reflect}"))
    assert found.code == "CNV004"
    assert not archspec.lint(spec_of("conv: {channels: 3, stride: 1, padding: same, padding_mode: reflect}"))
