"""The one place where long work meets Streamlit: the server's runner, and this session's history."""

from __future__ import annotations

import streamlit as st
from streamlit.runtime import Runtime
from streamlit.runtime.scriptrunner import get_script_run_ctx

from explorer.work.history import History
from explorer.work.job import Job, Work
from explorer.work.runner import Runner

KEY = "work"


@st.cache_resource(show_spinner=False)
def runner() -> Runner:
    """One for all sessions; no session sees another's jobs."""
    return Runner(_is_there)


@st.cache_resource(show_spinner=False)
def writer() -> Runner:
    """A second one for what takes a moment, such as writing source: it does not wait for runs of minutes."""
    return Runner(_is_there)


def _is_there(session: str) -> bool:
    """Whether a browser is connected for the session; without a server there is nothing to disconnect from."""
    return not Runtime.exists() or Runtime.instance().is_active_session(session)


def history() -> History:
    """What this session has asked for."""
    found: History = st.session_state.setdefault(KEY, History())
    return found


def start(job: Job, work: Work) -> None:
    """Queue a job of this session; raises Full."""
    history().add(runner().submit(job, work))


def this_session() -> str:
    """The session's name."""
    context = get_script_run_ctx()
    return "" if context is None else context.session_id
