"""The Graphviz that all sessions share: pictures are laid out in processes of its own, never in the server's."""

from __future__ import annotations

import streamlit as st

import archspec

TIME_LIMIT = 15.0


@st.cache_resource(show_spinner=False)
def painter() -> archspec.Painter:
    """One for all sessions; it knows nothing of any of them."""
    return archspec.Painter(TIME_LIMIT)
