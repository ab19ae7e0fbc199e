"""Long work on a page: how far it is, cancelling it, and what came of all that was asked for."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import streamlit as st

from explorer.draft import Draft
from explorer.formatting import plain
from explorer.tables import table_of
from explorer.work.fair_queue import Full
from explorer.work.job import Job, Work
from explorer.work.session import history, runner, start, this_session

EVERY = 0.7  # seconds between two looks
STATES = {"done": "done", "failed": "failed", "cancelled": "cancelled", "late": "ended at its time limit"}


def request(draft: Draft, kind: str, told: dict[str, str], limit: float, work: Work, grace: float = 0.0) -> None:
    """Queue work on this session's design; `told` are its settings. Where there is no room, that is said."""
    name = draft.name + (f":{draft.variant}" if draft.variant else "")
    try:
        start(Job(this_session(), kind, name, told, limit, grace, draft.text), work)
    except Full as full:
        st.warning(plain(str(full)))


def follow(kind: str) -> None:
    """Show what waits and runs for as long as anything does; then the page is drawn anew."""
    if any(job.is_active for job in history().of(kind)):
        st.fragment(_progress, run_every=EVERY)(kind)


def _progress(kind: str) -> None:
    active = [job for job in history().of(kind) if job.is_active]
    seen = f"active_{kind}"
    if len(active) < st.session_state.get(seen, 0) or not active:
        st.session_state[seen] = len(active)
        st.rerun()
    st.session_state[seen] = len(active)
    for job in reversed(active):
        told, button = st.columns([5, 1], vertical_alignment="center")
        told.progress(min(1.0, job.seconds / job.limit), text=_far(job))
        label = f"Cancel the run of {plain(job.design)}"
        button.button(
            "Cancel", key=f"cancel_{kind}_{job.number}", help=label, on_click=runner().cancel, args=(job,),
            width="stretch",
        )  # fmt: skip


def _far(job: Job) -> str:
    """How far one job is, in words."""
    if job.state == "waiting":
        ahead = runner().ahead(job)
        return f"**{plain(job.design)}** waits; {ahead} {'run is' if ahead == 1 else 'runs are'} before it"
    where = f", {plain(job.layer)}" if job.layer else ""
    time = f"{job.seconds:.0f} s of at most {job.limit:.0f} s"
    return f"**{plain(job.design)}**: {plain(job.stage or 'starting')}{where} ({time})"


def latest(kind: str, show: Callable[[Job], None], empty: str) -> None:
    """What came of the run that ended last, in full; what to do where none has."""
    over = history().ended(kind)
    if not over:
        if not history().of(kind):
            st.info(empty)
        return
    numbers = [job.number for job in over]
    by_number = {job.number: job for job in over}
    chosen = st.selectbox(
        "Result", numbers, format_func=lambda number: _title(by_number[number]), key=f"shown_{kind}_{numbers[0]}"
    ) if len(over) > 1 else numbers[0]  # fmt: skip
    job = by_number[chosen]
    if job.result is not None:
        show(job)
    elif job.state == "cancelled":
        st.info("This run was cancelled before it had found anything out.")
    else:
        st.error(plain(job.error))


def _title(job: Job) -> str:
    how = ", ".join(job.told.values())
    return f"{job.number}: {job.design} ({how}), {STATES[job.state]}"


def table(kind: str, found: Callable[[Job], dict[str, Any]]) -> None:
    """A row for each run of this session, the newest first."""
    over = [job for job in history().of(kind) if not job.is_active]
    if len(over) > 1:
        st.markdown("##### All runs of this session")
        rows = [
            {"run": job.number, "design": job.design, **job.told, "end": STATES[job.state], **found(job)}
            for job in over
        ]
        table_of(rows)
