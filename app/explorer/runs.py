"""Long work on a page: asking for it, how far it is, cancelling it, and the history of what came of it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import streamlit as st

from explorer import designs
from explorer.draft import Draft
from explorer.jobs import Job, jobs
from explorer.told import plain

MOST_AT_ONCE, KEPT = 3, 20
STATES = {"waiting": "waiting", "running": "running", "done": "done", "failed": "failed", "cancelled": "cancelled"}


def asked_for(draft: Draft, options: Mapping[str, Any]) -> dict[str, Any]:
    """The work's message: the text as it is now, and how to run it."""
    return {
        "text": draft.text,
        "variant": draft.variant,
        "file": draft.file,
        "root": designs.root(),
        "options": dict(options),
    }


def history(kind: str) -> list[Job]:
    """This session's work of one kind, the latest first."""
    found: list[Job] = st.session_state.setdefault(f"jobs_{kind}", [])
    return found


def start(draft: Draft, kind: str, options: Mapping[str, Any], limit: float) -> None:
    """Put it in line for this session."""
    mine = history(kind)
    title = draft.name.removeprefix("./") + (f":{draft.variant}" if draft.variant else "")
    mine.insert(0, jobs().start(kind, title, asked_for(draft, options), limit))
    del mine[KEPT:]


def is_full(kind: str) -> bool:
    """Whether this session has enough in line."""
    return sum(not job.is_over for job in history(kind)) >= MOST_AT_ONCE


def watch(kind: str) -> None:
    """What is waiting or running, looked at again every moment while there is something."""
    if any(not job.is_over for job in history(kind)):
        st.fragment(_progress, run_every=0.7)(kind)


def _progress(kind: str) -> None:
    open_jobs = [job for job in history(kind) if not job.is_over]
    seen = f"watched_{kind}"
    if len(open_jobs) < st.session_state.get(seen, 0):
        st.session_state[seen] = len(open_jobs)
        st.rerun()
    st.session_state[seen] = len(open_jobs)
    for number, job in enumerate(open_jobs):
        told, cancel = st.columns([5, 1], vertical_alignment="center")
        at = f" at {plain(job.layer)}" if job.layer else ""
        share = min(0.99, job.seconds / max(1.0, job.limit))
        told.progress(
            share, f"**{plain(job.title)}**: {plain(job.stage)}{at} ({job.seconds:.0f} s of at most {job.limit:.0f})"
        )
        cancel.button("Cancel", key=f"cancel_{kind}_{number}", on_click=job.cancel)


def results(kind: str, show: Callable[[Job], None], empty: str) -> None:
    """Everything that has ended, the latest opened."""
    over = [job for job in history(kind) if job.is_over]
    if not over:
        st.info(empty)
        return
    for number, job in enumerate(over):
        label = f"{len(over) - number}. {plain(job.title)}: {STATES[job.state]}, {job.seconds:.1f} s"
        with st.expander(label, expanded=number == 0):
            if job.state == "done":
                show(job)
            elif job.state == "cancelled":
                st.write("Cancelled.")
            else:
                st.error(plain(job.error))
