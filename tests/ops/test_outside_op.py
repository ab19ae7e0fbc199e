"""Ops from outside the package: a class and an emitter each, and all that reads a Graph finds them right.

No list of ops and no table of a rule mentions them. torch is the reference where it can be, and a
design of the package's own ops that computes the same where it cannot.
"""

from __future__ import annotations

from collections.abc import Iterator
from math import inf

import pytest
import torch

import archspec
from archspec.analysis.memory.forward_trace import saved_bytes
from archspec.analysis.receptive_field import receptive_field
from archspec.backends.torch.emit.base import Construct, Site
from archspec.backends.torch.emit.registry import Emitter, find_emitter, register_emitter, unregister_emitter
from archspec.errors import SpecError
from archspec.ir.op import Check, Op, Tensor, WorkKind
from archspec.ir.parameters import attribute
from archspec.ir.sizes import Dim
from archspec.ir.types import ValueType, positions
from archspec.ir.windows import ReadWindows, WindowGeometry, sliding_windows
from archspec.language.load import Spec
from archspec.ops import find_op, op_names, register, unregister
from archspec.ops._elementwise import Elementwise
from archspec.ops._requirements import require_map
from archspec.tracing.arrays import Array
from archspec.tracing.tape import Tape, TracedOp
from tests.analysis.memory.saved_storages import samples, seen_bytes
from tests.backends.standalone import assert_same_network
from tests.parity.assertions import randomise


class SquaredReLU(Elementwise):
    """max(x, 0)^2 (So et al. 2021, Primer, section 4.1): an expression, without a module."""

    kind = "squared_relu"
    is_activation = True
    is_rectifier = True
    output_range = (0.0, inf)
    operations = 2

    def trace(self, tape: Tape, traced: TracedOp) -> tuple[Array, ...]:
        positive = tape.elementwise(traced.x, keeps_output=True)
        return (tape.elementwise(positive, keeps=[positive]),)


class Blur(Op):
    """A learned 3x3 filter for each channel: a module with weights, a window and MACs."""

    kind = "blur"
    is_weighted = True
    has_window = True
    requires_channels_first = True
    output_overwritable = True

    stride: int = attribute("int", 1, main=True, ge=1)

    def geometry(self, sizes: tuple[Dim, ...]) -> WindowGeometry:
        rank = len(sizes)
        return ((1, 1),) * rank, (3,) * rank, (self.stride,) * rank, (1,) * rank

    def infer(self, inputs: tuple[ValueType, ...], check: Check) -> tuple[ValueType, ...]:
        (x,) = inputs
        require_map(self, x, ranks=(2,))
        return (x.with_spatial(tuple((n - 1) // self.stride + 1 for n in x.spatial)),)

    def tensors(self, inputs: tuple[ValueType, ...]) -> tuple[Tensor, ...]:
        return (Tensor("weight", (inputs[0].channels, 1, 3, 3)),)

    def receptive_field(self, inputs: tuple[ValueType, ...]) -> ReadWindows:
        return sliding_windows(self.geometry(inputs[0].spatial))

    def macs(self, inputs: tuple[ValueType, ...], outputs: tuple[ValueType, ...]) -> int:
        return 9 * outputs[0].elements

    def weight_groups(self, x: ValueType) -> int:
        return x.channels

    def weight_uses(self, inputs: tuple[ValueType, ...], outputs: tuple[ValueType, ...]) -> int:
        return positions(outputs[0])

    def work_kind(self, x: ValueType) -> WorkKind:
        return "depthwise"

    def trace(self, tape: Tape, traced: TracedOp) -> tuple[Array, ...]:
        return (tape.fresh(traced, keeps=[traced.x, traced.tensors["weight"]], name="conv2d"),)


def call_squared_relu(site: Site, module: str, arguments: tuple[str, ...]) -> str:
    return f"F.relu({arguments[0]}).square()"


def construct_blur(site: Site) -> Construct:
    op = site.op
    assert isinstance(op, Blur)
    return Construct("tests.ops.blur_conv.BlurConv2d", (site.inputs[0].channels, op.stride))


EMITTERS: dict[type[Op], Emitter] = {
    SquaredReLU: Emitter(expression=call_squared_relu),
    Blur: Emitter(module=construct_blur),
}
OUTSIDE = """
input: [8, 16, 14]
stages:
  - conv: {channels: 16, kernel: 3, bias: true}
  - squared_relu
  - blur: 2
  - batch_norm
  - blur
  - relu
  - squared_relu
head: [global_avg_pool, {linear: 10}]
"""
DEPTHWISE = OUTSIDE.replace("blur: 2", "conv: {channels: 16, kernel: 3, stride: 2, groups: 16, bias: false}").replace(
    "- blur\n", "- conv: {channels: 16, kernel: 3, groups: 16, bias: false}\n"
)


@pytest.fixture(autouse=True)
def ops_from_outside() -> Iterator[None]:
    """The two ops, known while a test runs."""
    for op, emitter in EMITTERS.items():
        register(op)
        register_emitter(op.kind, emitter)
    yield
    for op in EMITTERS:
        unregister(op.kind)
        unregister_emitter(op.kind)


@pytest.fixture
def spec() -> Spec:
    return archspec.loads(OUTSIDE)


def test_they_are_names_of_the_language() -> None:
    assert {"blur", "squared_relu"} <= set(op_names())
    assert find_op("blur") is Blur
    assert not archspec.lint(archspec.loads(OUTSIDE))
    (misspelt,) = archspec.lint(archspec.loads(OUTSIDE.replace("blur: 2", "blurr: 2")))
    assert "blur" in misspelt.hint
    (wrong,) = archspec.lint(archspec.loads(OUTSIDE.replace("blur: 2", "blur: 0")))
    assert wrong.code == "SPC002"


def test_rules_know_them_by_their_traits() -> None:
    (small,) = archspec.lint(archspec.loads(OUTSIDE.replace("16, 14", "48, 40")))
    assert (small.code, "sees 9×9 of the 48×40" in small.message) == ("GRF003", True)
    activation = archspec.loads(OUTSIDE.replace("{linear: 10}", "{linear: 10}, squared_relu"))
    assert [d.code for d in archspec.lint(activation)] == ["NRM006"]
    residual = (
        "input: [8, 16, 16]\nstages:\n  - residual: {body: [{conv: 8}, norm, squared_relu], shortcut: identity}\n"
    )
    assert "RES006" in [d.code for d in archspec.lint(archspec.loads(residual), select=["RES006"])]
    channels_last = archspec.loads("input: [64, 64, 3]\nstages: [blur]\n")
    assert "SHP014" in [d.code for d in archspec.lint(channels_last)]


def test_training_keeps_what_torch_keeps(spec: Spec) -> None:
    graph = archspec.lower(spec)
    assert saved_bytes(graph, 3) == seen_bytes(archspec.build(spec, device="meta"), samples(graph, 3))


def test_memory_and_time_are_those_of_the_same_depthwise_convolutions(spec: Spec) -> None:
    own = archspec.loads(DEPTHWISE)
    assert archspec.memory(spec, batch=4).peak == archspec.memory(own, batch=4).peak
    for training in (False, True):
        mine, theirs = (archspec.latency(s, batch=4, training=training) for s in (spec, own))
        assert (mine.forward, mine.backward) == (theirs.forward, theirs.backward)
    assert archspec.summarize(spec).total.macs == archspec.summarize(own).total.macs


def test_the_receptive_field_is_what_gradients_reach() -> None:
    spec = archspec.loads(OUTSIDE.partition("head:")[0].replace("16, 14", "48, 40"))
    found = receptive_field(archspec.lower(spec))
    assert found is not None
    assert found.exact
    model = archspec.build(spec, seed=0).eval()
    randomise(model)
    x = torch.randn(1, 8, 48, 40, requires_grad=True)
    model(x)[0, :, 12, 10].sum().backward()
    assert x.grad is not None
    reached = x.grad[0].abs().sum(0) > 0
    assert found.sizes == (int(reached.any(1).sum()), int(reached.any(0).sum()))


def test_export_copies_the_module_and_writes_the_expression(spec: Spec) -> None:
    assert_same_network(spec)
    text = archspec.to_python(spec)
    assert "class BlurConv2d(nn.Module):" in text
    assert ".square()" in text


def test_other_counters_agree(spec: Spec) -> None:
    audit = archspec.audit(spec)
    assert audit.checked
    for checked in audit.checked:
        assert not checked.error
        assert [figure.unexplained for figure in checked.figures] == [0] * len(checked.figures)


def test_a_name_is_given_once_and_an_emitter_is_required() -> None:
    with pytest.raises(ValueError, match="blur already"):
        register(Blur)
    unregister_emitter("blur")
    with pytest.raises(LookupError, match="blur has no emitter"):
        find_emitter(Blur())


def test_nothing_is_left_of_them() -> None:
    unregister("blur")
    try:
        assert "blur" not in op_names()
        with pytest.raises(SpecError):
            archspec.lower(archspec.loads(OUTSIDE))
    finally:
        register(Blur)
