"""The charts of the pages. Their texts are data, never markup."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import altair as alt

import archspec
from explorer.sizes_model import CostPoint

PHASES = {"forward": "#3b6fb6", "backward": "#c2571a", "step": "#6b6b6b"}
MIB, GIGA = 2**20, 1e9
HEIGHT = 260


def _data(rows: list[dict[str, Any]]) -> Any:
    return alt.Data(values=rows)


def cost_chart(points: Sequence[CostPoint], what: str) -> Any:
    """Return a chart of MACs, or of the peak of training, against the size of the input."""
    rows = [
        {"input": p.label, "place": number, "value": _figure(p, what)}
        for number, p in enumerate(points)
        if _figure(p, what) is not None
    ]
    title = "GMACs of one sample" if what == "macs" else "training peak, MiB"
    return (
        alt.Chart(_data(rows))
        .mark_line(point=alt.OverlayMarkDef(size=60))
        .encode(
            # In the order of the rows: Vega sorts labels as text, 1024×1024 before 224×224.
            x=alt.X("input:O", title="input size", sort=None, axis=alt.Axis(labelAngle=0)),
            y=alt.Y("value:Q", title=title, scale=alt.Scale(zero=True)),
            tooltip=["input:O", alt.Tooltip("value:Q", title=title, format=",.4~g")],
        )
        .properties(height=HEIGHT)
    )


def _figure(point: CostPoint, what: str) -> float | None:
    if what == "macs":
        return point.macs / GIGA
    return None if point.peak is None else point.peak / MIB


def timeline_chart(found: archspec.Memory) -> Any:
    """Return a chart of the bytes that are alive, op by op, through a training step."""
    rows = [
        {"moment": number, "MiB": moment.bytes / MIB, "phase": moment.phase, "layer": moment.path or "optimizer"}
        for number, moment in enumerate(found.timeline)
    ]
    axis = alt.Axis(labels=False, ticks=False, grid=False)
    phases = alt.Scale(domain=list(PHASES), range=list(PHASES.values()))
    return (
        alt.Chart(_data(rows))
        .mark_bar(binSpacing=0)
        .encode(
            x=alt.X("moment:Q", title="ops in the order in which they run", axis=axis, scale=alt.Scale(nice=False)),
            y=alt.Y("MiB:Q", title="MiB alive"),
            color=alt.Color("phase:N", title=None, scale=phases, legend=alt.Legend(orient="top")),
            tooltip=["layer:N", "phase:N", alt.Tooltip("MiB:Q", format=",.1f")],
        )
        .properties(height=HEIGHT)
    )


def flow_chart(points: Sequence[dict[str, Any]], title: str) -> Any:
    """Return a chart of norms by depth on a logarithmic scale, a line for each network and moment."""
    legend = alt.Legend(orient="top", columns=1, labelLimit=400)
    return (
        alt.Chart(_data(list(points)))
        .mark_line(point=alt.OverlayMarkDef(size=18))
        .encode(
            x=alt.X("depth:Q", title="layer of the main path, in order of execution"),
            y=alt.Y("norm:Q", title=title, scale=alt.Scale(type="log")),
            color=alt.Color("network:N", title=None, legend=legend),
            # Dashes too, for readers who cannot tell the colours apart.
            strokeDash=alt.StrokeDash("network:N", legend=None),
            tooltip=["layer:N", "network:N", alt.Tooltip("norm:Q", format=".4~g")],
        )
        .properties(height=HEIGHT + 60)
    )


def loss_chart(points: Sequence[dict[str, Any]]) -> Any:
    """Return a chart of the loss of every step."""
    return (
        alt.Chart(_data(list(points)))
        .mark_line()
        .encode(
            x=alt.X("step:Q", title="step"),
            y=alt.Y("loss:Q", title="loss"),
            tooltip=["step:Q", alt.Tooltip("loss:Q", format=".4~g")],
        )
        .properties(height=HEIGHT)
    )
