"""An audit: other counters' figures are what the rules expect of the Graph, and a wrong rule of ours is seen."""

from __future__ import annotations

import subprocess
import sys
from typing import Any

import pytest

import archspec
from archspec.diagnostics import Span
from archspec.ir.graph import Body, Graph, Node, Origin
from archspec.ir.types import ValueType
from archspec.ops import find_op
from archspec.ops.attention import Attention
from archspec.ops.batch_norm import BatchNorm
from archspec.ops.conv import Conv
from archspec.ops.linear import Linear
from archspec.runtime.audit import auditing
from archspec.runtime.audit.checker import Checker, CountRule
from archspec.runtime.audit.checkers import checker_names, find_checker
from archspec.runtime.audit.layers import layers_of
from archspec.runtime.audit.report import Audit
from tests.backends.small_networks import FAMILIES
from tests.designs import graph_of
from tests.narrow import present
from tests.ops.harness import make_op, site_of
from tests.ops.test_every_op import ROWS
from tests.runtime.tiny_specs import IMAGES

QUICK = ("guest_net", "highway", "unet", "vit")
MANY_OPS = """
inputs:
  text: {shape: [12], kind: ids, range: 20}
  picture: [3, 16, 16]
stem:
  - conv: {name: first, channels: 8, kernel: 3, groups: 1, bias: true, from: picture}
  - conv: {name: depthwise, channels: 8, kernel: 3, groups: 8}
  - instance_norm: {name: instance, affine: true}
  - conv: {name: uneven, channels: 8, kernel: 4, padding: same, stride: 1}
  - group_norm: {name: grouped, groups: 2}
  - prelu: {name: slope, shape: channel}
  - conv_transpose: {name: larger, channels: 8, kernel: 4, stride: 2, padding: 1, groups: 2}
  - resize: {name: linear, scale: 2, mode: linear}
  - resize: {name: nearest, scale: 0.5}
  - adaptive_avg_pool: {name: pool, size: 4}
  - to_tokens: {name: patches}
stages:
  - embedding: {name: embed, features: 8, from: text}
  - position_embedding: {name: positions}
  - rms_norm: {name: root}
  - self_attention: {name: own, heads: 2, causal: true}
  - linear: {name: keys, features: 4}
  - linear: {name: values, features: 4, from: root}
  - attention: {name: few, heads: 2, kv_heads: 1, from: {q: patches, k: keys, v: values}}
head:
  - linear: {name: scores, features: 20, bias: false, share: {weight: embed.weight}}
"""


def unexplained(audit: Audit) -> dict[tuple[str, str], int]:
    return {(c.checker, f.name): f.unexplained for c in audit.checked for f in c.figures if f.unexplained}


def terms(audit: Audit, checker: str, figure: str) -> dict[str, int]:
    (found,) = (f for c in audit.checked if c.checker == checker for f in c.figures if f.name == figure)
    return {term.rule: term.amount for term in found.terms}


def theirs(audit: Audit, checker: str, figure: str) -> int:
    return next(f.theirs for c in audit.checked if c.checker == checker for f in c.figures if f.name == figure)


def all_explained(audit: Audit) -> None:
    assert [checked.error for checked in audit.checked if checked.error] == []
    assert [checked.checker for checked in audit.checked if not checked.figures] == []
    assert unexplained(audit) == {}
    assert audit


@pytest.mark.parametrize("family", QUICK)
def test_nothing_is_unexplained(family: str) -> None:
    all_explained(archspec.audit(FAMILIES[family].load()))


@pytest.mark.slow
@pytest.mark.sample(8)
@pytest.mark.parametrize("family", sorted(set(FAMILIES) - set(QUICK)))
def test_nothing_is_unexplained_of_other_families(family: str) -> None:
    all_explained(archspec.audit(FAMILIES[family].load()))


def test_nothing_is_unexplained_of_many_ops() -> None:
    audit = archspec.audit(graph_of(MANY_OPS))
    all_explained(audit)
    used = {rule.words for name in checker_names() for rule in find_checker(name).rules}
    matched = {rule for c in audit.checked for f in c.figures for rule in terms(audit, c.checker, f.name)}
    assert used - matched == {
        "batch norm counted: 2 for each element (1 without scale)",
        "another layer counted: a MAC for each of its parameters",  # of ops from outside: tests/ops/test_outside_op.py
    }


COUNTED = ("embedding", "prelu", "resize", "adaptive_avg_pool", "attention", "scale", "parameter")


def is_counted(name: str) -> bool:
    """Return whether some checker counts an op of this name in a way of its own."""
    op = present(find_op(name))
    return op.is_weighted or op.is_norm or name in COUNTED


WAYS = [(name, arguments, given) for name, arguments, inputs in ROWS for given in inputs if is_counted(name)]


def alone(kind: str, arguments: dict[str, Any], given: Any) -> Graph:
    """A network that is one op."""
    inputs: tuple[ValueType, ...] = given if isinstance(given, tuple) else (given,)
    op, known = make_op(kind, **arguments), [x for x in inputs if x.known]
    numbers = iter(range(len(known)))
    ports = tuple(next(numbers) if x.known else None for x in inputs)
    node = Node(op, ports, site_of(op, *inputs).outputs, "layer", Origin(Span("net.yaml", 1, 1, 1, 2)))
    names = tuple(f"x{number}" for number in range(len(known)))
    body = Body("net", names, tuple(known), (node,), (len(known),))
    return Graph("net", "", tuple(zip(names, known, strict=True)), body, ())


@pytest.mark.slow
@pytest.mark.parametrize(("kind", "arguments", "given"), WAYS)
def test_nothing_is_unexplained_of_one_op(kind: str, arguments: dict[str, Any], given: Any) -> None:
    audit = archspec.audit(alone(kind, arguments, given))
    if kind == "batch_norm" and arguments and given.kind == "vector":  # torch refuses the statistics of one sample
        assert all("Expected more than 1 value per channel" in checked.error for checked in audit.checked)
    else:
        all_explained(audit)


@pytest.mark.parametrize(
    ("op", "wrong"),
    [(Conv, lambda self, inputs, outputs: 1), (Linear, lambda self, inputs, outputs: 10**6)],
)
def test_a_wrong_rule_for_macs_is_seen_by_every_counter(op: Any, wrong: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    graph = graph_of(IMAGES)
    true = archspec.summarize(graph).macs
    monkeypatch.setattr(op, "macs", wrong)
    audit = archspec.audit(graph)
    found = unexplained(audit)
    assert not audit
    off = true - audit.macs
    assert off
    assert {key for key in found if key[1] == "macs"} == {
        (c.checker, "macs") for c in audit.checked for f in c.figures if f.name == "macs"
    }
    assert {amount for (_, figure), amount in found.items() if figure == "macs"} == {off}
    assert found["FlopCounterMode, training", "training_macs"]


def test_a_wrong_rule_for_attention_is_seen(monkeypatch: pytest.MonkeyPatch) -> None:
    graph = graph_of(MANY_OPS)
    monkeypatch.setattr(Attention, "macs", lambda self, inputs, outputs: 0)
    audit = archspec.audit(graph)
    assert set(unexplained(audit)) == {(c.checker, f.name) for c in audit.checked for f in c.figures} - {
        (c.checker, "params") for c in audit.checked
    }


def test_a_wrong_count_of_parameters_is_seen(monkeypatch: pytest.MonkeyPatch) -> None:
    graph = graph_of(IMAGES)
    right = BatchNorm.tensors
    monkeypatch.setattr(BatchNorm, "tensors", lambda self, inputs: right(self, inputs)[1:])
    found = unexplained(archspec.audit(graph))
    assert {key: amount for key, amount in found.items() if key[1] == "params"} == {
        ("FlopCounterMode", "params"): 4,
        ("fvcore", "params"): 4,
        ("torchinfo", "params"): 4,
    }


def test_a_wrong_rule_of_a_checker_is_seen() -> None:
    rules = (CountRule("macs", "each layer one more", lambda layer: 1),)
    checker = Checker("other", "torch", "by hand", lambda graph: {}, rules)
    layers = layers_of(graph_of(IMAGES))
    figure = auditing.figure(checker, "macs", 100, 100 + len(layers) + 7, layers)
    assert [(term.amount, term.layers) for term in figure.terms] == [(len(layers), len(layers))]
    assert (figure.difference, figure.unexplained) == (len(layers) + 7, 7)


def test_the_gradient_of_a_kernel_of_64_groups_counts_64_times() -> None:
    graph = graph_of(
        "input: [3, 8, 8]\n"
        "stem: [{conv: {channels: 64, kernel: 1}}]\n"
        "head: [{conv: {channels: 64, kernel: 3, groups: 64}}]\n"
    )
    audit = archspec.audit(graph, checkers=["flop_counter_training"])
    first, depthwise = 3 * 64 * 64, 64 * 64 * 9
    assert audit.training_macs == 2 * first + 3 * depthwise
    assert theirs(audit, "FlopCounterMode, training", "training_macs") == 2 * first + 66 * depthwise
    all_explained(audit)


def test_known_figures() -> None:
    """ResNet-18: what fvcore and torchinfo are known to say of torchvision's model, and the closed form of training."""
    audit = archspec.audit("resnet18")
    assert (audit.params, audit.macs) == (11_689_512, 1_814_073_344)
    assert audit.training_macs == 3 * 1_814_073_344 - 118_013_952  # less the stem's gradient of the picture
    assert theirs(audit, "fvcore", "macs") == 1_819_040_768  # torch's hub, and 1.82 G in papers that used it
    assert theirs(audit, "torchinfo", "macs") == 1_814_083_944  # 1.81 G in its own documentation
    assert terms(audit, "torchinfo", "macs") == {
        "a norm counted: a MAC for each of its parameters": 9_600,
        "biases counted": 1_000,
    }


def test_a_checker_that_is_not_installed_is_reported(monkeypatch: pytest.MonkeyPatch) -> None:
    missing = Checker("nobody's", "no-such-distribution-anywhere", "not at all", lambda graph: {"macs": 1})
    monkeypatch.setattr(auditing, "find_checker", lambda name: missing)
    audit = archspec.audit(graph_of(IMAGES), checkers=["fvcore"])
    (checked,) = audit.checked
    assert (checked.version, checked.figures, checked.error) == ("", (), "")
    assert audit
    assert audit.to_dict()["checkers"][0]["installed"] is False


def test_a_checker_that_fails_is_reported(monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(graph: Graph) -> dict[Any, int]:
        raise RuntimeError("see above") from ValueError("the real reason\nand more")

    monkeypatch.setattr(auditing, "find_checker", lambda name: Checker("failing", "torch", "in no way", fail))
    audit = archspec.audit(graph_of(IMAGES), checkers=["fvcore"])
    assert audit.checked[0].error == "it failed: the real reason"
    assert not audit


def test_wrong_arguments() -> None:
    with pytest.raises(ValueError, match=r"no checker 'thop'; there are flop_counter, .*torchinfo"):
        archspec.audit("resnet18", checkers=["thop"])
    with pytest.raises(TypeError, match="belong to a path or name"):
        archspec.audit(graph_of(IMAGES), "resnet18")


def test_what_is_expected_follows_without_torch() -> None:
    program = (
        "import sys, archspec\n"
        "from archspec.runtime.audit.auditing import layers_of\n"
        "from archspec.runtime.audit.checker import apply_rule\n"
        "from archspec.runtime.audit.checkers import checker_names, find_checker\n"
        "layers = layers_of(archspec.lower(archspec.load('vit')))\n"
        "rules = [rule for name in checker_names() for rule in find_checker(name).rules]\n"
        "print(sum(apply_rule(rule, layers)[0] != 0 for rule in rules))\n"
        "print({'torch', 'torchinfo', 'fvcore'} & set(sys.modules))\n"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    count, imported = done.stdout.split("\n", 1)
    assert int(count) >= 6
    assert imported.strip() == "set()"
