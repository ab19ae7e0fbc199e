"""A learning check: its data is always the same, its metrics are right, and designs that cannot learn are refused."""

from __future__ import annotations

import hashlib
import os
import subprocess
import sys
from collections import Counter
from itertools import pairwise
from math import log2
from pathlib import Path
from typing import Any

import pytest
import torch
from torch.nn import functional

import archspec
from archspec.dependencies import require_learn
from archspec.errors import DataMismatchError, MissingDependencyError
from archspec.runtime.learn.digits import digits, fitted
from archspec.runtime.learn.examples import Examples, ExampleSet, unchanged
from archspec.runtime.learn.learn_run import LearnCollector
from archspec.runtime.learn.metrics import measured
from archspec.runtime.learn.report import LearnReport
from archspec.runtime.learn.request import LearnRequest
from archspec.runtime.learn.shapes import drawn, shapes
from archspec.runtime.learn.text import ADDED, BOOK, bigram_bits, codes, text
from archspec.runtime.perform import perform
from tests import designs
from tests.designs import graph_of
from tests.narrow import present

CLASSIFIER = "input: [1, 8, 8]\nstages:\n  - flatten\nhead:\n  - linear: {name: scores, features: 10}\n"


def checked(graph: archspec.Graph, data: str = "digits", **requested: Any) -> LearnReport:
    """A check without a process."""
    collector = LearnCollector(graph, LearnRequest(data, device="cpu", **requested))
    with torch.random.fork_rng():
        collector.collect(lambda report: perform(graph, collector.request, report))
    return collector.report()


def digest(*tensors: torch.Tensor) -> str:
    return hashlib.sha256(b"".join(tensor.contiguous().numpy().tobytes() for tensor in tensors)).hexdigest()[:16]


def test_the_digits_are_always_the_same() -> None:
    found = digits((1, 8, 8))
    assert (len(found.train), len(found.held_out)) == (1_437, 360)
    levels = ((torch.cat([found.train.inputs, found.held_out.inputs]) + 1) * 8).to(torch.uint8)
    assert digest(levels, found.train.targets, found.held_out.targets) == "65e5b4619795efb4"
    assert (int(levels.min()), int(levels.max())) == (0, 16)


def test_digits_are_enlarged_repeated_or_flattened() -> None:
    images = torch.arange(2 * 64, dtype=torch.float32).reshape(2, 1, 8, 8)
    assert torch.equal(fitted(images, (1, 8, 8)), images)
    larger = fitted(images, (3, 16, 24))
    wanted = functional.interpolate(images, (16, 24), mode="bilinear", align_corners=False)
    assert [torch.equal(larger[:, channel], wanted[:, 0]) for channel in range(3)] == [True] * 3
    assert larger.shape == (2, 3, 16, 24)
    assert torch.equal(fitted(images, (64,)), images.reshape(2, 64))
    assert fitted(images, (784,)).shape == (2, 784)


def test_the_shapes_are_always_the_same() -> None:
    images, classes = drawn(8, 16, 24)
    assert digest(torch.from_numpy(images), torch.from_numpy(classes)) == "5a331715da40bd6f"
    again, _ = drawn(8, 16, 24, seed=1)
    assert (images != again).any()


def test_every_shape_is_there_and_stands_out() -> None:
    images, classes = drawn(64, 32, 32)
    assert set(classes.ravel()) == {0, 1, 2, 3}
    brighter = 0
    for image, labels in zip(images.astype(float), classes, strict=True):
        ground = image[labels == 0].mean()
        assert abs(image[labels > 0] - ground).mean() > 0.2 * 255
        assert abs(image[labels == 0] - ground).mean() < 0.1 * 255
        brighter += image[labels > 0].mean() > ground
    assert 16 < brighter < 48  # of 64: brightness does not tell where a shape is


def test_pictures_of_shapes_take_the_designs_size() -> None:
    found = shapes((3, 16, 24))
    prepared = found.prepare(found.train.inputs[:4])
    assert (len(found.train), len(found.held_out), tuple(prepared.shape)) == (512, 128, (4, 3, 16, 24))
    assert -1 <= float(prepared.min()) <= float(prepared.max()) <= 1
    assert found.train.targets.shape == (512, 16, 24)
    ground = float((found.held_out.targets == 0).double().mean())
    assert found.baseline == pytest.approx(ground / 4)  # the other classes are never met


def test_the_text_is_always_the_same() -> None:
    assert hashlib.sha256(BOOK.read_bytes()).hexdigest()[:16] == "bdec67486e817460"
    trained, held_out = codes()
    assert (len(trained), len(held_out)) == (86_887, 13_883)
    assert bytes(held_out[:12].tolist()) == b"CHAPTER VIII"
    assert int(max(trained.max(), held_out.max())) < 128


def test_targets_are_the_characters_that_follow() -> None:
    found = text(16)
    for part in (found.train, found.held_out):
        assert torch.equal(part.inputs[3, 1:], part.targets[3, :-1])
    assert len(found.train) == 86_887 - 16
    assert len(found.held_out) == (13_883 - 1) // 16
    assert torch.equal(found.held_out.inputs[1:, 0], found.held_out.targets[:-1, -1])  # none is left out between


def test_bigrams_by_hand() -> None:
    trained, held_out = "abracadabra abracadabra", "cabra radar"
    pairs, firsts = Counter(pairwise(trained)), Counter(trained[:-1])
    bits = [-log2((pairs[a, b] + ADDED) / (firsts[a] + 128 * ADDED)) for a, b in pairwise(held_out)]
    found = bigram_bits(*(torch.tensor(list(word.encode())) for word in (trained, held_out)))
    assert found == pytest.approx(sum(bits) / len(bits))


class Recorded(torch.nn.Module):
    """Gives the scores that it is given."""

    def forward(self, scores: torch.Tensor) -> torch.Tensor:
        return scores


def metric(name: str, scores: torch.Tensor, targets: torch.Tensor, batch: int = 2) -> float:
    part = ExampleSet(scores, targets)
    examples = Examples(part, part, name, 0.0, "", unchanged)
    return measured(Recorded(), examples, part, batch, torch.device("cpu"))


def random_scores(*shape: int) -> torch.Tensor:
    return torch.randn(shape, generator=torch.Generator().manual_seed(1))


def test_accuracy_by_hand() -> None:
    scores = torch.eye(4)[[0, 1, 2, 3, 0]]
    assert metric("accuracy", scores, torch.tensor([0, 1, 2, 0, 1])) == pytest.approx(3 / 5)


def test_mean_iou_by_hand() -> None:
    """Over all pixels of all pictures together, the mean of the classes."""
    scores = random_scores(5, 3, 4, 4)
    targets = random_scores(5, 3, 4, 4).flip(0).argmax(1)
    found, wanted = scores.argmax(1), []
    for kind in range(3):
        both = int(((found == kind) & (targets == kind)).sum())
        wanted.append(both / int(((found == kind) | (targets == kind)).sum()))
    assert metric("mean IoU", scores, targets) == pytest.approx(sum(wanted) / 3)


def test_bits_per_character_by_hand() -> None:
    scores, targets = random_scores(3, 5, 7), torch.arange(15).reshape(3, 5) % 7
    bits = [
        -log2(float(scores[n, p].exp()[targets[n, p]] / scores[n, p].exp().sum())) for n in range(3) for p in range(5)
    ]
    assert metric("bits per character", scores, targets) == pytest.approx(sum(bits) / 15, rel=1e-5)


def test_a_score_that_is_no_number_has_no_metric() -> None:
    scores = random_scores(3, 4)
    scores[2, 0] = float("nan")
    assert str(metric("accuracy", scores, torch.tensor([0, 1, 2]))) == "nan"


def test_metrics_next_to_a_torchvision_that_does_not_work(tmp_path: Path) -> None:
    (tmp_path / "torchvision.py").write_text("raise RuntimeError('operator torchvision::nms does not exist')\n")
    path = os.pathsep.join([str(tmp_path), str(Path(archspec.__file__).parents[1])])
    code = "from archspec.runtime.learn.metrics import metric_of; print(metric_of('accuracy', 3))"
    done = subprocess.run(
        [sys.executable, "-c", code], env={**os.environ, "PYTHONPATH": path}, capture_output=True, text=True, check=True
    )
    assert done.stdout.strip() == "MulticlassAccuracy()"


UNFIT = [
    ("input: [1, 8, 8]\nhead:\n  - conv: 10\n", "digits", "output that is a vector of at least 10 scores"),
    ("input: [1, 4, 4]\nhead:\n  - flatten\n  - linear: 10\n", "digits", "picture of 1 or 3 channels of at least 8x8"),
    ("input: [2, 8, 8]\nhead:\n  - flatten\n  - linear: 10\n", "digits", "the input of <text> is map 2×8×8"),
    ("input: [65]\nhead:\n  - linear: 10\n", "digits", "a vector of the pixels of a square one (64, 784)"),
    ("input: [1, 8, 8]\nhead:\n  - flatten\n  - linear: 9\n", "digits", "its output vector 9"),
    ("input: [1, 32, 32]\nhead:\n  - conv: 2\n", "shapes", "shapes needs an output of 4×32×32"),
    ("input: [1, 32, 32]\nhead:\n  - conv: {channels: 4, stride: 2}\n", "shapes", "its output map 4×16×16"),
    ("input: [1, 8, 8]\nhead:\n  - conv: 4\n", "shapes", "at least 16x16"),
    ("input: [1, 16, 16]\nhead:\n  - conv: 4\n", "text", "text needs an input of 2 to 4096 ids"),
    ("inputs: {x: {shape: [8], kind: ids, range: 64}}\nhead:\n  - embedding: 128\n", "text", "ids 8 below 64"),
    (
        "inputs: {x: {shape: [8], kind: ids, range: 128}}\nhead:\n  - embedding: 64\n",
        "text",
        "at least 128 scores at each of the 8 positions",
    ),
    (
        "inputs: {a: [1, 8, 8], b: [1, 8, 8]}\nhead:\n  - add: [a, b]\n  - flatten\n  - linear: 10\n",
        "digits",
        "one input and one output; <text> has 2 and 1",
    ),
]


@pytest.mark.parametrize(("spec", "data", "message"), UNFIT)
def test_a_design_that_the_data_does_not_fit(spec: str, data: str, message: str) -> None:
    with pytest.raises(DataMismatchError) as raised:
        archspec.learn(archspec.loads(spec), data=data)
    assert message in str(raised.value)


def test_what_fits() -> None:
    for spec in (CLASSIFIER, "input: [64]\nhead:\n  - linear: 12\n"):
        report = checked(graph_of(spec), steps=2)
        assert (report.ok, report.error, len(report.losses)) == (True, None, 2)


def test_a_classifier_learns_and_a_seed_says_how() -> None:
    one, two, other = (checked(graph_of(CLASSIFIER), steps=60, seed=seed) for seed in (3, 3, 4))
    assert one.learned
    assert present(one.value) > 0.7 > 0.2 > present(one.baseline)
    assert one.losses == two.losses != other.losses
    assert one.evaluations == two.evaluations
    assert [e.step for e in one.evaluations] == list(range(0, 61, 6))
    assert present(one.loss) < one.losses[0] / 2
    assert (one.parameters, one.examples, one.held_out, one.metric) == (650, 1_437, 360, "accuracy")


def test_a_loss_that_is_no_number() -> None:
    report = checked(designs.graph("digits_resnet"), steps=50, learning_rate=1e30, optimizer="sgd")
    assert (report.ok, report.learned, report.error_kind) == (False, False, "not_finite")
    assert "steps of sgd with a learning rate of 1e+30" in present(report.error)
    assert 1 <= len(report.losses) < 50
    assert all(loss == loss for loss in report.losses)
    assert report.value is None


def test_a_decoder_that_looks_ahead() -> None:
    spec = Path("specs/small_gpt.yaml").read_text().replace("causal: true", "causal: false")
    report = checked(graph_of(spec), "text", steps=1)
    assert report.error_kind == "looks_ahead"
    assert "needs `causal: true`" in present(report.error)
    assert checked(designs.graph("small_gpt", depth=1), "text", steps=1).error is None


def test_a_design_without_parameters() -> None:
    report = checked(graph_of("input: [10, 1, 1]\nhead:\n  - flatten\n".replace("[10, 1, 1]", "[64]")), steps=1)
    assert "no parameters" in present(report.error)


def test_in_a_process_of_its_own() -> None:
    """The same as without one; and one that takes too long is ended."""
    spec = archspec.loads(CLASSIFIER)
    report = archspec.learn(spec, data="digits", steps=3, device="cpu")
    assert report.losses == checked(archspec.lower(spec), steps=3).losses
    late = archspec.learn(spec, data="digits", timeout=0.01, device="cpu")
    assert (late.ok, bool(late), late.error_kind) == (False, False, "timeout")


@pytest.mark.parametrize(
    ("requested", "message"),
    [
        ({"data": "faces"}, "data is one of digits, shapes, text"),
        ({"steps": 0}, "steps is a number from 1"),
        ({"batch": 0}, "batch is a number from 1"),
        ({"learning_rate": 0.0}, "learning_rate is a number above 0"),
        ({"learning_rate": float("nan")}, "learning_rate is a number above 0"),
        ({"optimizer": "lion"}, "optimizer is one of sgd, adamw"),
        ({"device": "tpu"}, "there is no device 'tpu'"),
        ({"timeout": 0.0}, "timeout"),
        ({"seed": -1}, "seed"),
    ],
)
def test_wrong_arguments(requested: dict[str, Any], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        archspec.learn(CLASSIFIER, **{"data": "digits", **requested})


def test_what_is_missing_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("archspec.dependencies.find_spec", lambda name: None if name == "sklearn" else name)
    with pytest.raises(MissingDependencyError, match=r"needs scikit-learn: pip install -e '.*\[torch,learn\]'"):
        require_learn()


def test_a_check_can_be_followed_and_stopped() -> None:
    received: list[str] = []
    report = archspec.learn(
        graph_of(CLASSIFIER),
        data="digits",
        device="cpu",
        on_progress=lambda stage, _: received.append(stage),
        stop=lambda: bool(received),
    )
    assert (report.ok, report.error_kind, report.stage) == (False, "cancelled", received[-1])


def test_there_is_nothing_to_learn() -> None:
    text = "input: [1, 8, 8]\nstages:\n  - conv: {name: a, channels: 3}\n  - flatten: {from: input}\n"
    text += "  - slice: {axis: channel, start: 0, stop: 10}\n"
    report = archspec.learn(archspec.loads(text), data="digits", device="cpu", steps=2)
    assert not report.ok
    assert report.error == "the output depends on no parameter, so that there is nothing to learn"
