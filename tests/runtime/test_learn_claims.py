"""What docs/learning.md claims of real trainings, with thresholds that leave room below what three seeds measured."""

from __future__ import annotations

import pytest

import archspec
from tests.narrow import present

pytestmark = pytest.mark.slow


def test_a_residual_network_learns_the_digits() -> None:
    report = archspec.learn("digits_resnet", data="digits", device="cpu")
    assert report.learned
    assert present(report.value) > 0.93


def test_a_unet_learns_the_shapes() -> None:
    report = archspec.learn("small_unet", data="shapes", learning_rate=0.01, device="cpu")
    assert present(report.value) > 0.65 > 2 * present(report.baseline)


def test_a_decoder_beats_the_bigrams() -> None:
    report = archspec.learn("small_gpt", data="text", device="cpu")
    assert report.baseline == pytest.approx(3.536, abs=1e-3)
    assert present(report.value) < 3.0 < present(report.baseline)


@pytest.mark.parametrize("seed", [0, 1])
def test_a_plain_network_of_56_layers_trains_worse_than_the_residual_one(seed: int) -> None:
    """On what they are trained on: it is not that the plain one learns by heart."""
    residual, plain = (
        archspec.learn(name, data="digits", steps=100, optimizer="sgd", learning_rate=0.01, seed=seed, device="cpu")
        for name in ("digits_resnet56", "digits_plain56")
    )
    assert present(plain.loss) > present(residual.loss) + 1
    assert present(plain.trained_value) < 0.55
    assert present(residual.trained_value) > 0.75
