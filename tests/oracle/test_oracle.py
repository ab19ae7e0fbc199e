"""Mutated designs: archspec.lint's verdict is what happens in torch, and its lines lead to what was changed."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache

import pytest
from msgspec.structs import replace

from archspec.ir.op import Check, ShapeError
from archspec.ops.conv import Conv
from archspec.ops.conv_transpose import ConvTranspose
from tests.oracle.families import FAMILIES, family
from tests.oracle.mutants import mutant
from tests.oracle.mutations import KINDS
from tests.oracle.raw_tree import write
from tests.oracle.torch_ops import Torch, Types
from tests.oracle.verdicts import Report, judge, really

QUICK, SLOW, CHUNK = 500, 20_000, 500
Record = Callable[[str, object], None]


@cache
def answers() -> Torch:
    """Torch's answers, kept for all tests of a process."""
    return Torch()


def judged(numbers: range, record: Record) -> Report:
    """The report on some mutants, its counts recorded for the summary of the run."""
    report = Report()
    for number in numbers:
        judge(mutant(number), answers(), report)
    record("oracle", dict(report.counts))
    return report


def test_kinds_are_many() -> None:
    assert len(KINDS) >= 25


@pytest.mark.parametrize("name", FAMILIES)
def test_families_are_valid(name: str) -> None:
    truth = really(write(family(name))[0], answers())
    assert truth.valid, (truth.refused, truth.unread)


@pytest.mark.parametrize("number", range(QUICK // 100))
def test_500_mutants(number: int, record_property: Record) -> None:
    report = judged(range(number * 100, number * 100 + 100), record_property)
    assert not report.wrong, "\n\n".join(report.wrong[:5])
    assert min(report.counts[verdict] for verdict in ("valid", "invalid", "conditional")) > 0


@pytest.mark.slow
@pytest.mark.sample(6)
@pytest.mark.parametrize("chunk", range(SLOW // CHUNK))
def test_20_000_mutants(chunk: int, record_property: Record) -> None:
    report = judged(range(QUICK + chunk * CHUNK, QUICK + (chunk + 1) * CHUNK), record_property)
    assert not report.wrong, f"{len(report.wrong)} of {CHUNK}\n\n" + "\n\n".join(report.wrong[:5])


def of_kind(kind: str, count: int) -> Report:
    """The report on the first mutants of one kind."""
    report = Report()
    for turn in range(count):
        judge(mutant(turn * len(KINDS) + list(KINDS).index(kind)), answers(), report)
    return report


@pytest.mark.parametrize("kind", ["stride", "channels", "reference", "dropped layer"])
def test_mutants_do_break(kind: str) -> None:
    assert of_kind(kind, 20).kinds[kind] > 0


def test_a_rule_that_lets_too_much_pass_is_seen(monkeypatch: pytest.MonkeyPatch) -> None:
    infer = ConvTranspose.infer

    def careless(op: ConvTranspose, inputs: Types, check: Check) -> Types:
        return infer(replace(op, output_padding=0), inputs, check)

    monkeypatch.setattr(ConvTranspose, "infer", careless)
    assert any(wrong.startswith("MISS") for wrong in of_kind("output padding", 10).wrong)


def test_a_rule_that_refuses_too_much_is_seen(monkeypatch: pytest.MonkeyPatch) -> None:
    infer = Conv.infer

    def strict(op: Conv, inputs: Types, check: Check) -> Types:
        check(op.groups == 1, ShapeError("CNV001", "no groups at all"))
        return infer(op, inputs, check)

    monkeypatch.setattr(Conv, "infer", strict)
    assert any(wrong.startswith("FALSE ALARM") for wrong in of_kind("groups", 10).wrong)
