"""The bytes alive in the forward and the backward pass of every op, temporary ones of the backward pass too."""

from __future__ import annotations

from contextlib import nullcontext
from typing import Any

import pytest
import torch

from archspec.analysis.memory.forward_trace import input_array
from archspec.ir.types import ValueType
from archspec.tracing.tape import Tape
from tests.analysis.memory.fake_tensors import fake_tensors
from tests.ops.alive_bytes import alive_by_rule, seen_alive
from tests.ops.harness import example, make_op, site_of
from tests.ops.test_every_op import EXAMPLES
from tests.ops.test_memory import lowered

BATCH = 64  # large, so that maps outweigh weights and statistics
SUMS_IN_PLACE = {"attention"}  # a mode makes torch add the gradients of several readers out of place, which it is not
APPROXIMATE = {"circular"}  # copies of slices within one another, of which the rule has the highest sum alone
HANDED_ON = ("identity-", "parameter-", "add-80", "flatten-101-6")  # the output is the input: nothing is run
pytestmark = pytest.mark.filterwarnings("ignore:Mismatch dtype between input and weight")  # rms_norm's, once
CASES = [
    pytest.param(*case, id=name)
    for name, case in EXAMPLES.items()
    if not name.startswith(HANDED_ON) and APPROXIMATE.isdisjoint(map(str, case[1].values()))
]


def check(name: str, arguments: dict[str, Any], inputs: tuple[ValueType, ...], kind: str, dtype: str) -> None:
    """Compare an op on inputs of one dtype, under autocast to another where that is not float32."""
    site = site_of(make_op(name, **arguments), *inputs)
    lower = "" if dtype == "float32" else dtype
    arrays = [lowered(input_array(x, BATCH, True), kind) if x.known else None for x in inputs]
    found = alive_by_rule(site, Tape(fused_attention=True, lower=lower), arrays)
    with fake_tensors():
        tensors = tuple(example(x, BATCH, "cpu") for x in inputs)
        tensors = tuple(t if t is None or not t.is_floating_point() else t.to(getattr(torch, kind)) for t in tensors)
        how = torch.autocast("cpu", dtype=getattr(torch, lower)) if lower else nullcontext()
        seen = seen_alive(site, tensors, how)
    # Gradients of weights in lower precision, and numbers without axes, are not followed.
    limit = 128 + (0.06 if name in SUMS_IN_PLACE else 0.01) * seen.backward
    assert found.forward == pytest.approx(seen.forward, abs=limit)
    assert found.backward == pytest.approx(seen.backward, abs=limit)
    assert found.after == pytest.approx(seen.after, abs=limit)


@pytest.mark.parametrize(("name", "arguments", "inputs"), CASES)
def test_in_float32(name: str, arguments: dict[str, Any], inputs: tuple[ValueType, ...]) -> None:
    check(name, arguments, inputs, "float32", "float32")


@pytest.mark.slow
@pytest.mark.parametrize("kind", ["bfloat16", "float32"])
@pytest.mark.parametrize(("name", "arguments", "inputs"), CASES)
def test_under_autocast(name: str, arguments: dict[str, Any], inputs: tuple[ValueType, ...], kind: str) -> None:
    check(name, arguments, inputs, kind, "bfloat16")


@pytest.mark.parametrize("name", ["scale-117-1", "multiply-78-1", "group_norm-28-1", "rms_norm-35-1", "max-99-1"])
def test_a_map_in_lower_precision(name: str) -> None:
    """Some of what `test_under_autocast` checks: gradients that are computed in float32 before they are cast."""
    check(*EXAMPLES[name], "bfloat16", "bfloat16")
