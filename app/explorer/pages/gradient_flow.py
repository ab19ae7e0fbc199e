"""Gradient flow: the norm of each layer's gradient by depth, with and without the shortcuts."""

from __future__ import annotations

from typing import Any

import streamlit as st

import archspec
from explorer import gradient_flow_model as model
from explorer.charts import flow_chart
from explorer.design_panel import choose_design, show_heading, usable_graph
from explorer.draft import Draft, current, keep_address
from explorer.formatting import escape_markdown
from explorer.job_panel import show_active, show_history, show_latest, submit
from explorer.tables import show_rows
from explorer.torch_devices import devices
from explorer.work.job import Control, Job

KIND = "gradient_flow"
PURPOSE = "Does the gradient reach the first layers, and what do the shortcuts do for it? Measured on random data."
EMPTY = "Nothing has been measured yet. Press Measure; it may take a minute on a CPU, and the app answers meanwhile."


def page() -> None:
    """Show the page."""
    draft = current()
    show_heading("Gradient flow", PURPOSE)
    choose_design(draft)
    keep_address(draft)
    found = devices()
    graph = usable_graph(draft.analyze())
    if found and graph is not None:
        _form(draft, graph, found)
    show_active(KIND)
    show_latest(KIND, _show_result, EMPTY)
    show_history(KIND, lambda job: model.row(job.result))


def _form(draft: Draft, graph: archspec.Graph, found: tuple[str, ...]) -> None:
    """Show the settings and the button."""
    with st.form("gradient_flow", border=True):
        columns = st.columns(6)
        choices: dict[str, Any] = {
            "device": columns[0].selectbox("Device", found, key="flow_device"),
            "batch": int(columns[1].number_input("Batch", 1, 4_096, 16, key="flow_batch")),
            "steps": int(columns[2].number_input("Again after steps of SGD", 0, 1_000, 0, key="flow_steps")),
            "init": columns[3].selectbox(
                "Weights start as",
                list(model.INITS),
                format_func=model.INITS.__getitem__,
                key="flow_init",
            ),
            "seed": int(columns[4].number_input("Seed", 0, 2**31 - 1, 0, key="flow_seed")),
        }
        limit = float(columns[5].number_input("Time limit, s", 5, 1_800, 300, key="flow_limit"))
        choices["without_shortcuts"] = st.checkbox("Measure it without its shortcuts, too", True, key="flow_without")
        if st.form_submit_button("Measure"):

            def measure(control: Control) -> archspec.GradientFlow:
                # No `timeout`: the runner's `stop` enforces the limit of the job, and records that it was late.
                return archspec.gradient_flow(graph, on_progress=control.on_progress, stop=control.stop, **choices)

            submit(draft, KIND, model.settings(choices), limit, measure)


def _show_result(job: Job) -> None:
    """Show the curves, and a summary in words."""
    flow: archspec.GradientFlow = job.result
    st.markdown(
        "\n".join(
            [
                f"**Measured: {escape_markdown(job.design)}**",
                "",
                *(f"- {escape_markdown(w)}" for w in model.words(flow)),
            ]
        )
    )
    for column, (measure, title) in zip(st.columns(2), model.MEASURES.items(), strict=True):
        column.altair_chart(flow_chart(model.points(flow, measure), title), width="stretch")
    st.caption("Layers on shortcuts are left out; a norm of zero, or one that is not finite, is a gap.")
    show_rows(model.rows(flow))
