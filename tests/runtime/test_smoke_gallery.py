"""A smoke run of every family of the gallery, made small: fine in all that it finds out."""

from __future__ import annotations

import pytest

import archspec
from tests.backends.small_networks import FAMILIES, small_graph
from tests.runtime.test_smoke_findings import report_of


def fine(report: archspec.SmokeReport) -> None:
    assert report.ok, (report.error, report.layer)
    assert (report.finite, report.deterministic, report.without_gradient) == (True, True, ())


@pytest.mark.parametrize("family", FAMILIES)
def test_every_family(family: str) -> None:
    fine(report_of(small_graph(family)))


@pytest.mark.slow
@pytest.mark.sample(8)
@pytest.mark.parametrize("family", FAMILIES)
def test_every_family_in_a_process(family: str) -> None:
    fine(archspec.smoke(FAMILIES[family].load(), device="cpu", batch=2, steps=2))
