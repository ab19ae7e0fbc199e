"""The jobs of a page: their progress, cancelling them, and their results."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import streamlit as st

from explorer.draft import Draft
from explorer.formatting import escape_markdown
from explorer.tables import show_rows
from explorer.work.fair_queue import QueueFull
from explorer.work.job import Job, JobFunction
from explorer.work.session import history, runner, start, this_session

REFRESH = 0.7  # seconds between two refreshes of the progress
STATES = {"done": "done", "failed": "failed", "cancelled": "cancelled", "late": "ended at its time limit"}


def submit(
    draft: Draft, kind: str, settings: dict[str, str], limit: float, function: JobFunction, grace: float = 0.0
) -> None:
    """Queue a job on this session's design; where the queue is full, show a warning."""
    name = draft.name + (f":{draft.variant}" if draft.variant else "")
    try:
        start(Job(this_session(), kind, name, settings, limit, grace, draft.text), function)
    except QueueFull as full:
        st.warning(escape_markdown(str(full)))


def show_active(kind: str) -> None:
    """Show the jobs that wait or run for as long as there are any; then rerun the page."""
    if any(job.is_active for job in history().of(kind)):
        st.fragment(_progress, run_every=REFRESH)(kind)


def _progress(kind: str) -> None:
    active = [job for job in history().of(kind) if job.is_active]
    seen = f"active_{kind}"
    # A fragment reruns without the rest of the page, which is to show the result once a job has ended.
    if len(active) < st.session_state.get(seen, 0) or not active:
        st.session_state[seen] = len(active)
        st.rerun()
    st.session_state[seen] = len(active)
    for job in reversed(active):
        bar, button = st.columns([5, 1], vertical_alignment="center")
        bar.progress(min(1.0, job.seconds / job.limit), text=_progress_text(job))
        label = f"Cancel the run of {escape_markdown(job.design)}"
        button.button(
            "Cancel", key=f"cancel_{kind}_{job.number}", help=label, on_click=runner().cancel, args=(job,),
            width="stretch",
        )  # fmt: skip


def _progress_text(job: Job) -> str:
    """Return how far one job is, in words."""
    if job.state == "waiting":
        ahead = runner().ahead(job)
        return f"**{escape_markdown(job.design)}** waits; {ahead} {'run is' if ahead == 1 else 'runs are'} before it"
    where = f", {escape_markdown(job.layer)}" if job.layer else ""
    time = f"{job.seconds:.0f} s of at most {job.limit:.0f} s"
    return f"**{escape_markdown(job.design)}**: {escape_markdown(job.stage or 'starting')}{where} ({time})"


def show_latest(kind: str, show: Callable[[Job], None], empty: str) -> None:
    """Show the result of the job that ended last, or of a chosen one; `empty` where there is none."""
    over = history().ended(kind)
    if not over:
        if not history().of(kind):
            st.info(empty)
        return
    numbers = [job.number for job in over]
    by_number = {job.number: job for job in over}
    # A new result changes the key and so makes a new widget, which has the newest selected.
    chosen = st.selectbox(
        "Result", numbers, format_func=lambda number: _title(by_number[number]), key=f"shown_{kind}_{numbers[0]}"
    ) if len(over) > 1 else numbers[0]  # fmt: skip
    job = by_number[chosen]
    if job.result is not None:
        show(job)
    elif job.state == "cancelled":
        st.info("This run was cancelled before it had found anything out.")
    else:
        st.error(escape_markdown(job.error))


def _title(job: Job) -> str:
    how = ", ".join(job.settings.values())
    return f"{job.number}: {job.design} ({how}), {STATES[job.state]}"


def show_history(kind: str, cells: Callable[[Job], dict[str, Any]]) -> None:
    """Show a row for each run of this session, the newest first."""
    over = [job for job in history().of(kind) if not job.is_active]
    if len(over) > 1:
        st.markdown("##### All runs of this session")
        rows = [
            {"run": job.number, "design": job.design, **job.settings, "end": STATES[job.state], **cells(job)}
            for job in over
        ]
        show_rows(rows)
