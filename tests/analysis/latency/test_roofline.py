"""The roofline by hand: one op's time is reckoned from its sizes and a device of round figures."""

from __future__ import annotations

import pytest

import archspec
from tests.analysis.latency.round_device import CONV, profile
from tests.designs import graph_of

MACS, WEIGHTS, IN, OUT = 4 * 64 * 27, 4 * 27, 3 * 64, 4 * 64


def one_row(text: str, **options: object) -> archspec.Latency:
    return archspec.latency(graph_of(text), level="op", **options)  # type: ignore[arg-type]  # options by name


def test_a_convolution_bound_by_arithmetic() -> None:
    found = one_row(CONV, device=profile(), batch=1000)
    row = found.ops[0]
    assert row.bytes == 4 * (1000 * (IN + OUT) + WEIGHTS)
    assert row.flops == 2 * 1000 * MACS
    assert row.time.compute == pytest.approx(2 * 1000 * MACS / 0.025e12)
    assert row.time.launch == pytest.approx(3e-6)
    assert row.time.memory == 0
    assert row.time.bound == "compute"


def test_which_of_memory_and_arithmetic_is_slower_decides() -> None:
    slow = profile(memory="{gigabytes_per_second: 1}")
    row = one_row(CONV, device=slow, batch=1000).ops[0]
    assert row.time.memory == pytest.approx(row.bytes / 1e9)
    assert row.time.compute == 0
    assert row.time.bound == "memory"


def test_a_small_op_is_bound_by_its_launch() -> None:
    row = one_row(CONV, device=profile(), batch=1).ops[0]
    assert row.time.bound == "launch"
    assert row.time.seconds == pytest.approx(3e-6 + max(row.bytes / 10e9, row.flops / 0.025e12))


def test_where_launches_overlap_the_longest_counts() -> None:
    device = profile(launch="{microseconds: 2, overlaps: true}")
    small, large = (one_row(CONV, device=device, batch=batch).ops[0].time for batch in (1, 1000))
    assert small.seconds == pytest.approx(2e-6)
    assert large.launch == 0
    assert large.seconds == pytest.approx(2 * 1000 * MACS / 0.025e12)


def test_half_precision_halves_the_bytes_and_has_its_own_rate() -> None:
    row = one_row(CONV, device=profile(), batch=1000, dtype="float16").ops[0]
    assert row.bytes == 2 * (1000 * (IN + OUT) + WEIGHTS)
    assert row.time.compute + row.time.memory == pytest.approx(max(row.bytes / 10e9, row.flops / 0.2e12))


def test_convolutions_use_tf32_where_there_is_some_and_matmuls_do_not() -> None:
    device = profile(peak_teraflops="{float32: 1, tf32: 8}")
    assert device.precision("convolution", "float32") == "tf32"
    assert device.precision("matmul", "float32") == "float32"
    assert device.precision("convolution", "float16") == "float16"
    assert profile().precision("convolution", "float32") == "float32"


def test_an_activation_is_read_and_written() -> None:
    text = "input: [3, 8, 8]\nstages:\n  - gelu\n"
    row = one_row(text, device=profile(), batch=10).ops[0]
    assert row.bytes == 4 * 2 * 10 * IN
    assert row.time.seconds == pytest.approx(2e-6 + max(row.bytes / 10e9, 5 * 10 * IN / 0.01e12))


@pytest.mark.parametrize(
    ("layer", "share"),
    [
        ("conv: {channels: 8, kernel: 1, bias: false}", 0.2),
        ("conv: {channels: 8, kernel: 3, groups: 8, bias: false}", 0.05),
        ("conv: {channels: 8, kernel: 3, groups: 2, bias: false}", 0.1),
        ("conv: {channels: 8, kernel: [1, 3], bias: false}", 0.25),
        ("linear: {features: 8, axis: channel, bias: false}", 0.5),
    ],
)
def test_each_kind_of_work_has_its_rate(layer: str, share: float) -> None:
    fast = profile(memory="{gigabytes_per_second: 1000000}", launch="{microseconds: 0.001}")
    row = one_row(f"input: [8, 16, 16]\nstages:\n  - {layer}\n", device=fast, batch=64).ops[0]
    assert row.time.compute == pytest.approx(row.flops / (share * 0.1e12))


def test_a_cache_serves_what_fits_into_it() -> None:
    memory = "{gigabytes_per_second: 1, caches: [{mebibytes: 1, gigabytes_per_second: 50}]}"
    device = profile(memory=memory).memory
    assert device.seconds(2**20) == pytest.approx(2**20 / 50e9)
    assert device.seconds(2**20 + 1) == pytest.approx((2**20 + 1) / 1e9)


def test_a_training_step_of_one_convolution() -> None:
    found = one_row(CONV, device=profile(), batch=1000, training=True)
    row = found.ops[0]
    # The images need no gradient: only the weights' product is run, over what was read and the output's gradient.
    assert row.flops == 2 * 2 * 1000 * MACS
    assert row.bytes == 2 * 4 * (1000 * (IN + OUT) + WEIGHTS)
    assert row.launches == 2
    # Momentum: shrunk, the gradient added, the weights moved.
    assert found.optimizer.seconds == pytest.approx(4 * 8 * WEIGHTS / 10e9 + 3 * 2e-6)
    assert found.step_ms == pytest.approx((row.time + found.optimizer).seconds * 1e3)


def test_a_product_for_a_gradient_may_take_longer() -> None:
    slower = profile(elementwise_teraflops="0.01\nbackward: {convolution: 3, matmul: 100}")
    found = one_row(CONV, device=slower, batch=1000, training=True)
    assert found.backward.seconds == pytest.approx(3 * found.forward.seconds)


def test_a_value_that_two_ops_read_has_its_gradients_added() -> None:
    plain = "input: [3, 8, 8]\nstages:\n  - conv: {channels: 3, kernel: 1, bias: false}\n"
    both = plain + "  - residual: [conv: {channels: 3, kernel: 1, bias: false}]\n"
    once = plain + "  - conv: {channels: 3, kernel: 1, bias: false}\n"
    first = [one_row(text, device=profile(), batch=10, training=True).ops[0] for text in (once, both)]
    second = [one_row(text, device=profile(), batch=10, training=True).ops[1] for text in (once, both)]
    assert first[0].launches == first[1].launches
    assert second[1].launches == second[0].launches + 1
    assert second[1].bytes - second[0].bytes == 3 * 4 * 10 * IN


def test_dropout_costs_nothing_in_eval_mode() -> None:
    text = "input: [3, 8, 8]\nstages:\n  - dropout: 0.5\n"
    assert one_row(text, device=profile()).forward.seconds == 0
    assert one_row(text, device=profile(), training=True).forward.seconds > 0


def test_an_embedding_reads_only_the_rows_it_gives() -> None:
    text = "inputs:\n  ids: {shape: [16], kind: ids, range: 50000}\nstages:\n  - embedding: {features: 8}\n"
    row = one_row(text, device=profile()).ops[0]
    assert row.bytes == 16 * 8 + 2 * 4 * 16 * 8
