"""What each row of the summary keeps: the rows add up to what the whole keeps, at every level."""

from __future__ import annotations

import pytest

import archspec
from archspec.analysis.memory import saved_by_row
from archspec.analysis.memory.forward_trace import saved_bytes
from archspec.analysis.memory.saved_by_row import with_saved_bytes
from archspec.lowering import lower_partial
from tests import designs


@pytest.mark.parametrize("name", ["resnet50", "vit_b_32", "unet", "guest_net"])
def test_rows_add_up_at_every_level(name: str) -> None:
    graph = designs.graph(name)
    whole = saved_bytes(graph, device="gpu", fused_attention=True)
    assert whole == archspec.memory(graph, batch=1).saved
    for level in ("stage", "block", "op"):
        found = with_saved_bytes(graph, archspec.summarize(graph, level=level))
        assert sum(row.saved or 0 for row in found.rows) == found.saved == whole
        assert found.to_dict()["saved_bytes"] == whole


def test_a_row_has_what_its_ops_keep() -> None:
    layers = ("conv: {channels: 4, name: a}", "gelu: {name: b}", "conv: {channels: 2, name: c}")
    text = "input: [3, 8, 8]\nstages:\n" + "".join(f"  - {layer}\n" for layer in layers)
    graph = archspec.lower(archspec.loads(text))
    found = with_saved_bytes(graph, archspec.summarize(graph, level="op"))
    assert [(row.path, row.saved) for row in found.rows] == [("a", 3 * 64 * 4), ("b", 4 * 64 * 4), ("c", 4 * 64 * 4)]


def test_a_stage_has_what_its_blocks_keep() -> None:
    graph = designs.graph("resnet18")
    stages, ops = (with_saved_bytes(graph, archspec.summarize(graph, level=level)) for level in ("stage", "op"))
    layer2 = next(row for row in stages.rows if row.path == "layer2")
    assert layer2.saved == sum(row.saved or 0 for row in ops.rows if row.path.startswith("layer2."))


def test_what_is_not_known_is_not_reported(monkeypatch: pytest.MonkeyPatch) -> None:
    broken, _, _ = lower_partial(
        archspec.loads("input: [8, 12, 12]\nhead:\n  - conv: {channels: 4, kernel: 99, padding: 0}\n")
    )
    assert broken is not None
    assert with_saved_bytes(broken, archspec.summarize(broken)).to_dict()["saved_bytes"] is None
    monkeypatch.setattr(saved_by_row, "MOST_OPS", 10)
    graph = designs.graph("guest_net")
    assert with_saved_bytes(graph, archspec.summarize(graph)).saved is None
