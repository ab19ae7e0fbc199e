"""Learning check: does the design learn a small task better than a simple baseline."""

from __future__ import annotations

from importlib.util import find_spec
from typing import Any

import streamlit as st

import archspec
from explorer import learn_model, smoke_model
from explorer.charts import loss_chart
from explorer.design_panel import choose_design, show_heading, usable_graph
from explorer.draft import Draft, current, keep_address
from explorer.formatting import escape_markdown
from explorer.job_panel import show_active, show_history, show_latest, submit
from explorer.tables import show_table as plain_table
from explorer.torch_devices import devices
from explorer.work.job import Control, Job

KIND = "learn"
PURPOSE = "Train the design for a short while on small real data: does it learn more than a simple guess knows?"
EMPTY = "Nothing has been checked yet. Press Check; it may take some minutes on a CPU, and the app answers meanwhile."


def page() -> None:
    """Show the page."""
    draft = current()
    show_heading("Learning check", PURPOSE)
    choose_design(draft)
    keep_address(draft)
    graph = usable_graph(draft.analyze())
    # Looked for without importing them: the server never imports torch.
    if any(find_spec(name) is None for name in ("torch", "sklearn", "torchmetrics")):
        st.warning(f"A check needs more packages: `{archspec.install_command('torch,learn')}`.")
    elif graph is not None:
        found = devices()
        if found:
            _form(draft, graph, found)
    show_active(KIND)
    show_latest(KIND, _show_result, EMPTY)
    show_history(KIND, lambda job: learn_model.row(job.result))


def _form(draft: Draft, graph: archspec.Graph, found: tuple[str, ...]) -> None:
    """Show the settings and the button."""
    with st.form("learn", border=True):
        columns = st.columns([2.4, 1, 1, 1.1, 1.1, 1, 1.2], vertical_alignment="bottom")
        data = list(learn_model.DATA)
        choices: dict[str, Any] = {
            "data": columns[0].selectbox("Data", data, format_func=learn_model.DATA.__getitem__, key="learn_data"),
            "device": columns[1].selectbox("Device", found, key="learn_device"),
            "steps": int(columns[2].number_input("Steps", 1, 10_000, 100, key="learn_steps")),
            "batch": int(columns[3].number_input("Batch", 1, 4_096, 32, key="learn_batch")),
            "optimizer": columns[4].selectbox("Optimizer", learn_model.OPTIMIZERS, key="learn_optimizer"),
            "seed": int(columns[5].number_input("Seed", 0, 2**31 - 1, 0, key="learn_seed")),
        }
        limit = float(columns[6].number_input("Time limit, s", 5, 3_600, 600, key="learn_limit"))
        if st.form_submit_button("Check"):

            def work(control: Control) -> archspec.LearnReport:
                return archspec.learn(
                    graph, timeout=limit, on_progress=control.on_progress, stop=control.stop, **choices
                )

            submit(draft, KIND, learn_model.settings(choices), limit, work, smoke_model.STARTING)


def _show_result(job: Job) -> None:
    """Show the result compared with the baseline, and the loss by step."""
    report: archspec.LearnReport = job.result
    title = f"Check {job.number} of {job.design}: "
    if not report.ok:
        st.error(escape_markdown(title + smoke_model.failure(report)))
        lines = smoke_model.lines_of(job.text, report)
        if lines:
            st.code(lines, language="yaml")
    else:
        (st.success if report.learned else st.warning)(escape_markdown(title + learn_model.verdict(report)))
    if report.losses:
        st.altair_chart(loss_chart(learn_model.losses(report)), width="stretch")
    if report.ok:
        plain_table(("what", "found"), learn_model.rows(report))
