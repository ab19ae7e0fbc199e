"""Every op on every kind of input it takes: shapes, tensors and MACs as torch has them, and symbolic sizes."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import torch
from torch.nn.attention import SDPBackend, sdpa_kernel
from torch.utils.flop_counter import FlopCounterMode

from archspec.backends.torch import emit
from archspec.backends.torch.emit.registry import find_emitter
from archspec.ir.op import ShapeError, raise_unless
from archspec.ir.sizes import Condition, Dim, PeriodTooLong, Size, value
from archspec.ir.types import UNKNOWN, ValueType
from archspec.ops import find_op, op_names
from tests.narrow import present
from tests.ops.harness import example, make_op, module_of, run, run_module, site_of

LINE, PLANE, VOLUME = ValueType.map(8, 12), ValueType.map(8, 12, 10), ValueType.map(8, 6, 7, 5)
MAPS = (LINE, PLANE, VOLUME)
LAST = ValueType("map", (12, 10, 8), 2)
TOKENS, VECTOR = ValueType.tokens(12, 8), ValueType.vector(8)
GRID = ValueType.tokens(121, 8, (12, 10), 1)
ALL = (*MAPS, LAST, TOKENS, GRID, VECTOR)

# (op, arguments, inputs): one row a way of using the op; each of `inputs` is a single value or a tuple for the ports.
Row = tuple[str, dict[str, Any], tuple[Any, ...]]
ACTIVATIONS: tuple[str, ...] = (
    "relu",
    "relu6",
    "leaky_relu",
    "elu",
    "gelu",
    "silu",
    "mish",
    "sigmoid",
    "tanh",
    "softplus",
)
ACTIVATIONS += ("hardswish", "hardsigmoid")
ROWS: tuple[Row, ...] = (
    *((name, {}, ALL) for name in ACTIVATIONS),
    ("gelu", {"approximate": "tanh"}, ALL),
    ("prelu", {}, ALL),
    ("prelu", {"shape": "channel"}, (*MAPS, VECTOR)),
    ("softmax", {}, ALL),
    ("softmax", {"axis": "length"}, (TOKENS,)),
    ("softmax", {"axis": -1}, ALL),
    ("glu", {}, ALL),
    ("identity", {}, ALL),
    ("dropout", {"rate": 0.1}, ALL),
    ("dropout", {"rate": 0.1, "mode": "channel"}, MAPS),
    ("drop_path", {"rate": 0.2}, ALL),
    ("linear", {"features": 5}, (LAST, TOKENS, GRID, VECTOR)),
    ("linear", {"features": 5, "bias": False, "axis": "channel"}, ALL),
    ("embedding", {"features": 5, "count": 9}, (ValueType("ids", (7,)), ValueType("ids", ()))),
    ("batch_norm", {}, (*MAPS, VECTOR)),
    ("batch_norm", {"affine": False, "track": False, "momentum": None, "eps": 1e-3}, (*MAPS, VECTOR)),
    ("group_norm", {"groups": 4}, (*MAPS, VECTOR)),
    ("group_norm", {"groups": 1, "affine": False}, (*MAPS, VECTOR)),
    ("instance_norm", {}, MAPS),
    ("instance_norm", {"affine": True, "track": True}, MAPS),
    ("layer_norm", {}, (LAST, TOKENS, VECTOR)),
    ("layer_norm", {"axis": "channel", "bias": False}, ALL),
    ("layer_norm", {"axis": "channel", "affine": False}, ALL),
    ("rms_norm", {}, (LAST, TOKENS, VECTOR)),
    ("rms_norm", {"axis": "channel", "affine": False, "eps": None}, ALL),
    ("l2_normalize", {}, ALL),
    ("conv", {"channels": 6}, MAPS),
    ("conv", {"channels": 6, "kernel": 4, "padding": "same", "bias": False}, MAPS),
    ("conv", {"channels": 6, "kernel": 4, "padding": "same", "padding_mode": "reflect"}, MAPS),
    ("conv", {"channels": 6, "kernel": 3, "padding": "causal", "dilation": 2, "padding_mode": "circular"}, MAPS),
    ("conv", {"channels": 4, "kernel": 3, "stride": 2, "groups": 2}, MAPS),
    ("conv", {"channels": 4, "kernel": [3, 5], "stride": [2, 1], "padding": [0, 2]}, (PLANE,)),
    ("conv_transpose", {"channels": 6, "stride": 2}, MAPS),
    ("conv_transpose", {"channels": 6, "kernel": 3, "stride": 2, "padding": 1, "output_padding": 1, "groups": 2}, MAPS),
    ("max_pool", {"kernel": 2}, MAPS),
    ("max_pool", {"kernel": 3, "stride": 2, "ceil": True}, MAPS),
    ("max_pool", {"kernel": 2, "stride": 1, "padding": 0, "dilation": 2}, MAPS),
    ("avg_pool", {"kernel": 2}, MAPS),
    ("avg_pool", {"kernel": 3, "stride": 2, "ceil": True, "include_pad": False}, MAPS),
    ("adaptive_avg_pool", {"size": 3}, MAPS),
    ("adaptive_avg_pool", {"size": [3, 2]}, (PLANE,)),
    ("adaptive_max_pool", {"size": 3}, MAPS),
    ("global_avg_pool", {}, (*MAPS, LAST, TOKENS, GRID)),
    ("global_max_pool", {}, (*MAPS, LAST, TOKENS, GRID)),
    ("resize", {"scale": 2}, MAPS),
    ("resize", {"scale": 1.5, "mode": "linear"}, MAPS),
    ("resize", {"scale": 0.5, "mode": "linear", "align_corners": True}, MAPS),
    ("resize", {"scale": 3, "mode": "bicubic"}, (PLANE,)),
    ("resize", {"size": 9}, MAPS),
    ("resize", {"mode": "linear", "align_corners": True}, ((PLANE, ValueType.map(3, 5, 31)),)),
    ("resize", {}, ((LINE, ValueType.map(3, 5)), (VOLUME, ValueType.map(1, 9, 9, 9)))),
    ("fit", {}, ((LINE, ValueType.map(3, 5)), (PLANE, ValueType.map(3, 9, 31)), (VOLUME, VOLUME))),
    ("pad", {"padding": 2}, MAPS),
    ("pad", {"padding": [[1, 0], 3], "value": 1.5}, (PLANE,)),
    ("pad", {"padding": [1, 2, 3], "mode": "reflect"}, (VOLUME,)),
    ("pad", {"padding": 4, "mode": "replicate"}, MAPS),
    ("pad", {"padding": 5, "mode": "circular"}, MAPS),
    ("pad", {"channels": [3, 2], "value": 1.5}, MAPS),
    ("pad", {"padding": [[1, 0], 3], "channels": [0, 4]}, (PLANE,)),
    ("channel_shuffle", {"groups": 4}, MAPS),
    ("space_to_depth", {"factor": 2}, (PLANE,)),
    ("depth_to_space", {"factor": 2}, (PLANE,)),
    *((name, {}, tuple((x, x, x) for x in ALL)) for name in ("add", "multiply", "concat")),
    *((name, {"broadcast": True}, tuple((x, VECTOR) for x in ALL)) for name in ("add", "multiply")),
    ("multiply", {"broadcast": True}, ((ValueType.map(8, 1, 1), PLANE, ValueType.map(1, 12, 10)), (VECTOR, PLANE))),
    ("add", {}, ((TOKENS,),)),
    ("add", {"broadcast": True}, ((ValueType.tokens(1, 8), GRID),)),
    ("gate", {}, ((PLANE, PLANE, PLANE), (ValueType.map(8, 1, 1), PLANE, PLANE))),
    ("concat", {}, ((PLANE, PLANE.with_channels(3)), (TOKENS, TOKENS.with_channels(3)), (VECTOR, VECTOR))),
    ("concat", {"axis": "length"}, ((ValueType.tokens(1, 8), GRID, TOKENS),)),
    ("concat", {"axis": 1}, ((PLANE, ValueType.map(8, 3, 10)),)),
    ("split", {"parts": 4}, ALL),
    ("split", {"sizes": [1, 4, 3]}, ALL),
    ("split", {"parts": 3, "axis": "length"}, (TOKENS,)),
    ("slice", {"index": 0}, (TOKENS, GRID)),
    ("slice", {"index": -2, "axis": 1}, (*MAPS, LAST)),
    ("slice", {"start": 1}, ALL),
    ("slice", {"start": -5, "stop": -1, "step": 3}, ALL),
    ("slice", {"stop": 4, "axis": "last"}, ALL),
    *((name, {"axis": 1}, (*MAPS, LAST)) for name in ("sum", "mean", "max")),
    *((name, {"axis": "channel", "keep": True}, ALL) for name in ("sum", "mean", "max")),
    ("mean", {"axis": "length"}, (TOKENS, GRID)),
    ("flatten", {}, ALL),
    ("unflatten", {"shape": [4, 2]}, (VECTOR,)),
    ("unflatten", {"shape": [2, 2, 2]}, (VECTOR,)),
    ("permute", {"axes": [1, 2, 0]}, (PLANE, LAST)),
    ("permute", {"axes": [1, 0]}, (LINE, TOKENS)),
    ("permute", {"axes": [0, 1]}, (LINE, TOKENS)),
    ("to_tokens", {}, (*MAPS, LAST)),
    ("to_map", {}, (ValueType.tokens(120, 8, (12, 10)), ValueType.tokens(210, 8, (6, 7, 5)), (TOKENS, LINE))),
    ("to_map", {}, ((ValueType.tokens(120, 8, (12, 10)), LAST), (ValueType.tokens(120, 4), PLANE))),
    ("attention", {"heads": 2}, (TOKENS, (TOKENS, TOKENS, TOKENS), (TOKENS, ValueType.tokens(7, 8)))),
    ("attention", {"heads": 4, "causal": True, "scale": 0.5}, (TOKENS,)),
    ("attention", {"heads": 4, "kv_heads": 2}, ((TOKENS, ValueType.tokens(7, 4), ValueType.tokens(7, 6)),)),
    ("attention", {"heads": 2}, ((TOKENS, UNKNOWN, UNKNOWN, ValueType("mask", (12,))),)),
    ("attention", {"heads": 2, "causal": True}, ((TOKENS, TOKENS, UNKNOWN, ValueType("mask", (12, 12))),)),
    ("attention", {"heads": 2}, ((TOKENS, UNKNOWN, UNKNOWN, ValueType("mask", (2, 12, 12))),)),
    ("position_embedding", {}, (*MAPS, TOKENS, GRID)),
    ("scale", {"value": 1e-6}, ALL),
    ("scale", {"value": 0, "shape": "scalar"}, ALL),
    ("parameter", {"shape": [1, 3, 8]}, ((), (PLANE,), (UNKNOWN,))),
    ("parameter", {"shape": [1, 8]}, (PLANE,)),
    ("parameter", {"shape": [1, 8, 2, 2]}, (PLANE,)),
    ("conv", {"channels": 6, "kernel": 3, "stride": 2, "padding": "same"}, MAPS),
    ("conv", {"channels": 6, "kernel": 2, "stride": 3, "padding": "same", "bias": False}, MAPS),
    ("max_pool", {"kernel": 3, "stride": 2, "padding": "same"}, MAPS),
    ("max_pool", {"kernel": 3, "stride": 1, "padding": "same"}, MAPS),
    ("max_pool", {"kernel": 2, "stride": 3, "padding": "same", "dilation": 3, "ceil": True}, MAPS),
    ("avg_pool", {"kernel": 3, "stride": 2, "padding": "same"}, MAPS),
    ("avg_pool", {"kernel": 2, "stride": 1, "padding": "same"}, MAPS),
    ("avg_pool", {"kernel": [4, 3], "stride": [1, 2], "padding": "same"}, (PLANE,)),
)
# An op's name, its arguments and the types of its inputs, by the id of the test.
EXAMPLES: dict[str, tuple[str, dict[str, Any], tuple[ValueType, ...]]] = {
    f"{name}-{i}-{j}": (name, arguments, given if isinstance(given, tuple) else (given,))
    for i, (name, arguments, inputs) in enumerate(ROWS)
    for j, given in enumerate(inputs)
}
CASES = [pytest.param(*case, id=name) for name, case in EXAMPLES.items()]


def test_the_table_has_every_op_and_every_op_an_emitter() -> None:
    assert set(op_names()) == {name for name, _, _ in ROWS}
    families = {path.stem for path in Path(emit.__file__).parent.glob("*.py")} - {"__init__", "base", "registry"}
    assert {present(find_op(name)).family for name in op_names()} == families
    for name, arguments, _ in ROWS:
        assert find_emitter(make_op(name, **arguments))


@pytest.mark.parametrize(("name", "arguments", "inputs"), CASES)
def test_shapes_tensors_and_macs(name: str, arguments: dict[str, Any], inputs: tuple[ValueType, ...]) -> None:
    site = site_of(make_op(name, **arguments), *inputs)
    module = module_of(site, "meta")
    tensors = tuple(example(x, 2, "meta") for x in inputs)
    with FlopCounterMode(display=False) as counter, sdpa_kernel(SDPBackend.MATH):
        result = run_module(site, module, tensors)
    results = result if isinstance(result, tuple) else (result,)
    batch = 2 if any(t is not None for t in tensors) else 1
    assert [tuple(t.shape) for t in results] == [(batch, *out.shape) for out in site.outputs]
    assert counter.get_total_flops() == 2 * batch * site.op.macs(inputs, site.outputs)
    assert site.op.elementwise_flops(inputs, site.outputs) >= 0

    message = {tensor.name or "_": (tensor.shape, tensor.role) for tensor in site.op.tensors(inputs)}
    learned = {key for key, _ in module.named_parameters()}
    found = {
        key: (tuple(t.shape), "parameter" if key in learned else "buffer") for key, t in module.state_dict().items()
    }
    assert message == found
    assert list(message) == list(found)


@pytest.mark.parametrize(("name", "arguments", "inputs"), CASES)
def test_source_text_builds_the_same_module(name: str, arguments: dict[str, Any], inputs: tuple[Any, ...]) -> None:
    construct = emit.construct(site_of(make_op(name, **arguments), *inputs))
    if construct is not None:
        import importlib

        namespace: dict[str, Any] = {"nn": torch.nn}
        if construct.target.startswith("modules."):
            file = construct.target.split(".")[1]
            importlib.import_module(f"archspec.backends.torch.modules.{file}")
            namespace["modules"] = importlib.import_module("archspec.backends.torch.modules")
        with torch.device("meta"):
            assert repr(eval(construct.source(), namespace)) == repr(construct.make())


def freed(x: ValueType) -> ValueType:
    """The same value with every axis but the channels free."""
    if not x.known or x.kind == "vector" or x.shape[:1] in ((), (1,)):
        return x
    names = "hwd"

    def free(sizes: tuple[Dim, ...]) -> tuple[Dim, ...]:
        return tuple(Size.free(f"{name}{size}") for name, size in zip(names, sizes, strict=False))

    if x.grid is not None:
        grid = free(x.grid)
        length: Dim = 1
        for size in grid:
            length = length * size
        return ValueType.tokens(length + x.prefix, x.channels, grid, x.prefix)
    if x.kind == "tokens":
        return ValueType.tokens(Size.free(f"l{x.shape[0]}"), x.channels)
    if x.kind == "map":
        return x.with_spatial(tuple(s if s == 1 else free((s,) * 3)[i] for i, s in enumerate(x.spatial)))
    return x


def evaluated(x: ValueType, sizes: dict[str, int]) -> ValueType:
    grid = None if x.grid is None else tuple(value(d, sizes) for d in x.grid)
    return ValueType(x.kind, tuple(value(d, sizes) for d in x.shape), x.channel_axis, grid, x.prefix)


@pytest.mark.parametrize(("name", "arguments", "inputs"), CASES)
def test_free_sizes_agree_with_numbers(name: str, arguments: dict[str, Any], inputs: tuple[ValueType, ...]) -> None:
    op = make_op(name, **arguments)
    symbolic = tuple(freed(x) for x in inputs)
    conditions: list[bool | Condition] = []
    try:
        outputs = op.infer(symbolic, lambda condition, error: conditions.append(condition))
    except PeriodTooLong:
        assert name == "split" or (name == "slice" and GRID in inputs)  # a polynomial divided
        return
    variables = sorted(_variables(symbolic))
    least = 2 if arguments.get("broadcast") else 1  # with broadcast a free size is not meant to be 1
    seen = set()
    for n in range(1, 40):
        sizes = {variable: least + (n * (7 + 4 * i)) % 29 for i, variable in enumerate(variables)}
        concrete = tuple(evaluated(x, sizes) for x in symbolic)
        holds = all(c.holds(sizes) if isinstance(c, Condition) else c for c in conditions)
        try:
            expected = op.infer(concrete, raise_unless)
        except ShapeError:
            expected = None
        seen.add(expected is not None)
        assert holds == (expected is not None), (sizes, conditions)
        if expected is not None:
            assert tuple(evaluated(x, sizes) for x in outputs) == expected
    assert seen  # every row has been compared with something


def _variables(types: tuple[ValueType, ...]) -> set[str]:
    found = set()
    for x in types:
        for dim in x.shape:
            for term in getattr(dim, "terms", ((dim,),)):
                found |= {factor.variable for factor in term if isinstance(factor, Size)}
    return found


@pytest.mark.parametrize(("name", "arguments", "inputs"), CASES)
def test_strides_are_the_ratio_of_sizes(name: str, arguments: dict[str, Any], inputs: tuple[ValueType, ...]) -> None:
    op = make_op(name, **arguments)
    large = tuple(
        x.with_spatial(tuple(s * 840 for s in x.spatial)) if x.kind == "map" and 1 not in x.shape[1:] else x
        for x in inputs
    )
    try:
        (output, *_) = op.infer(large, raise_unless)
    except ShapeError:
        return
    for port, x in enumerate(large):
        strides = op.strides(inputs, port) if x.known else None
        if strides and x.kind == "map" and output.kind == "map" and name != "concat" and "stop" not in arguments:
            ratios = [value(a, {}) / value(b, {}) for a, b in zip(x.spatial, output.spatial, strict=True)]
            assert ratios == pytest.approx([float(s) for s in strides], rel=0.02)


def test_a_batch_of_any_size_runs() -> None:
    for name, arguments, inputs in ROWS:
        given = inputs[0] if isinstance(inputs[0], tuple) else (inputs[0],)
        if given:
            site = site_of(make_op(name, **arguments), *given)
            result = run(site, batch=5)
            assert (result[0] if isinstance(result, tuple) else result).shape[0] == 5, name
