"""Smoke run: does the design build and train, how fast, and with how much memory; for real."""

from __future__ import annotations

from typing import Any

import streamlit as st

import archspec
from explorer import smoke_model
from explorer.design_panel import choose_design, show_heading, usable_graph
from explorer.draft import Draft, current, keep_address
from explorer.formatting import escape_markdown
from explorer.job_panel import show_active, show_history, show_latest, submit
from explorer.torch_devices import devices
from explorer.work.job import Control, Job

KIND = "smoke"
EMPTY = "Nothing has been run yet. Press Run; it may take a minute on a CPU, and the app answers meanwhile."
MOST_NAMED = 12


def page() -> None:
    """Show the page."""
    draft = current()
    show_heading(
        "Smoke run", "Build this design and train it for a few steps on random data: does it run, how fast, how large?"
    )
    choose_design(draft)
    keep_address(draft)
    found = devices()
    graph = usable_graph(draft.analyze())
    if found and graph is not None:
        _form(draft, graph, found)
    show_active(KIND)
    show_latest(KIND, _show_result, EMPTY)
    show_history(KIND, lambda job: smoke_model.row(job.result))


def _form(draft: Draft, graph: archspec.Graph, found: tuple[str, ...]) -> None:
    """Show the settings and the button."""
    with st.form("smoke", border=True):
        columns = st.columns(6)
        choices: dict[str, Any] = {
            "device": columns[0].selectbox("Device", found, key="smoke_device"),
            "batch": int(columns[1].number_input("Batch", 1, 65_536, 8, key="smoke_batch")),
            "dtype": columns[2].selectbox("Numbers", smoke_model.DTYPES, key="smoke_dtype"),
            "optimizer": columns[3].selectbox("Optimizer", smoke_model.OPTIMIZERS, key="smoke_optimizer"),
            "steps": int(columns[4].number_input("Timed steps", 1, 200, 5, key="smoke_steps")),
        }
        limit = float(columns[5].number_input("Time limit, s", 5, 1_800, 300, key="smoke_limit"))
        last, compiled, _ = st.columns([1, 1, 3])
        choices["channels_last"] = last.checkbox("Channels last", key="smoke_channels_last")
        choices["compile"] = compiled.checkbox("torch.compile", key="smoke_compile")
        if st.form_submit_button("Run"):
            _run(draft, graph, choices, limit)


def _run(draft: Draft, graph: archspec.Graph, choices: dict[str, Any], limit: float) -> None:
    def work(control: Control) -> archspec.SmokeReport:
        return archspec.smoke(graph, timeout=limit, on_progress=control.on_progress, stop=control.stop, **choices)

    submit(draft, KIND, smoke_model.settings(choices), limit, work, smoke_model.STARTING)


def _show_result(job: Job) -> None:
    """Show the result of one run."""
    report: archspec.SmokeReport = job.result
    if report.ok:
        st.success(f"Run {job.number} of {escape_markdown(job.design)}: it trains, and all numbers are finite.")
    else:
        _failure(job, report)
    columns = st.columns(5)
    for column, (name, value, more) in zip(columns, smoke_model.figures(report), strict=True):
        column.metric(name, value, help=more or None)
    st.markdown(
        "\n".join(
            f"- {escape_markdown(name)}: {escape_markdown(result)}"
            for name, result in smoke_model.checks(report, MOST_NAMED)
        )
    )


def _failure(job: Job, report: archspec.SmokeReport) -> None:
    """Show the failure, or what a run that went to its end warns of, and its line in the text."""
    show = st.warning if report.completed else st.error
    show(escape_markdown(f"Run {job.number} of {job.design}: {smoke_model.failure(report)}"))
    lines = smoke_model.lines_of(job.text, report)
    if lines:
        st.code(lines, language="yaml")
