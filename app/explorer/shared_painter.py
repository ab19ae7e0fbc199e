"""The painter that all sessions share; it runs Graphviz in separate processes, never in the server's."""

from __future__ import annotations

import streamlit as st

import archspec

TIME_LIMIT = 15.0


@st.cache_resource(show_spinner=False)
def shared_painter() -> archspec.Painter:
    """Return the one for all sessions; it holds no state of any."""
    return archspec.Painter(TIME_LIMIT)
