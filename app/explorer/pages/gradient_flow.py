"""Gradient flow: the norm of each layer's gradient by depth, with and without the shortcuts."""

from __future__ import annotations

from importlib.util import find_spec
from typing import Any

import streamlit as st

from explorer.draft import current
from explorer.heading import heading
from explorer.jobs import Job
from explorer.runs import is_full, results, start, watch
from explorer.tables import table

PURPOSE = "See whether the gradient reaches the first layers, and what the shortcuts do for it."
EMPTY = "Nothing measured yet. It takes seconds to a minute on a CPU; the app stays usable meanwhile."
KIND = "gradient_flow"
INITS = {"default": "the design's own", "he": "He", "xavier": "Xavier", "torch": "torch's own"}


def page() -> None:
    """The page."""
    draft = current()
    graph = heading(draft, "Gradient flow", PURPOSE)
    if find_spec("torch") is None:
        st.warning("Measuring needs torch: `pip install 'archspec-nn[torch]'`.")
    elif graph is not None:
        options, limit = _form()
        if st.button("Measure", type="primary", disabled=is_full(KIND)):
            start(draft, KIND, options, limit)
        watch(KIND)
    results(KIND, _shown, EMPTY)


def _form() -> tuple[dict[str, Any], float]:
    columns = st.columns([1, 1, 1.3, 1, 1.2], vertical_alignment="bottom")
    batch = columns[0].number_input("Batch", 1, 4_096, 4, key="flow_batch")
    steps = columns[1].number_input("Steps of SGD", 0, 1_000, 0, key="flow_steps")
    init = columns[2].selectbox("Weights start as", list(INITS), format_func=INITS.__getitem__, key="flow_init")
    seed = columns[3].number_input("Seed", 0, 2**31, 0, key="flow_seed")
    limit = columns[4].number_input("Seconds at most", 5, 3_600, 180, key="flow_limit")
    without = st.checkbox("Measure without the shortcuts too", True, key="flow_without")
    options = {"batch": int(batch), "steps": int(steps), "init": init, "seed": int(seed)}
    return {**options, "without_shortcuts": without}, float(limit)


def _shown(job: Job) -> None:
    """The norms by depth on one plot, and how the first compares to the last."""
    found = job.result or {}
    lines: dict[str, list[Any]] = {"depth": [], "gradient norm": [], "network": []}
    rows = []
    for run in found["runs"]:
        told = "with shortcuts" if run["shortcuts"] else "without shortcuts"
        for moment in run["moments"]:
            name = told + (f", after {moment['step']} steps" if moment["step"] else "")
            for layer in moment["layers"]:
                if not layer["on_shortcut"] and layer["gradient"] is not None:
                    for key, value in zip(lines, (layer["depth"], layer["gradient"], name), strict=True):
                        lines[key].append(value)
            figures = _number(moment["loss"]), _number(moment["ratio"])
            rows.append((name, *figures, run["first"] or "–", run["last"] or "–"))
    st.line_chart(lines, x="depth", y="gradient norm", color="network", x_label="depth in layers", height=320)
    table(("network", "loss", "gradient of the first layer over the last", "first", "last"), rows)


def _number(value: float | None) -> str:
    return "not finite" if value is None else f"{value:.4g}"
