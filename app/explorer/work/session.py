"""The one place where jobs meet Streamlit: the server's runners, and this session's history."""

from __future__ import annotations

import streamlit as st
from streamlit.runtime import Runtime
from streamlit.runtime.scriptrunner import get_script_run_ctx

from explorer.work.history import History
from explorer.work.job import Job, JobFunction
from explorer.work.runner import Runner

KEY = "work"


@st.cache_resource(show_spinner=False)
def runner() -> Runner:
    """Return the runner of all sessions; no session sees another's jobs."""
    return Runner(_is_connected)


@st.cache_resource(show_spinner=False)
def export_runner() -> Runner:
    """Return a second runner for short jobs, such as an export, which do not wait behind runs of minutes."""
    return Runner(_is_connected)


def _is_connected(session: str) -> bool:
    """Return whether a browser is connected for the session; true without a server to disconnect from."""
    return not Runtime.exists() or Runtime.instance().is_active_session(session)


def history() -> History:
    """Return the jobs of this session."""
    found: History = st.session_state.setdefault(KEY, History())
    return found


def start(job: Job, function: JobFunction) -> None:
    """Queue a job of this session; raises QueueFull."""
    history().add(runner().submit(job, function))


def this_session() -> str:
    """Return the session's id."""
    context = get_script_run_ctx()
    return "" if context is None else context.session_id
