"""The devices that torch finds, for the pages that run a design."""

from __future__ import annotations

import streamlit as st

import archspec
from explorer.formatting import escape_markdown


@st.cache_data(show_spinner="Asking torch which devices there are…")
def found() -> tuple[str, ...]:
    """Return the devices; found once for all sessions."""
    return archspec.devices()


def devices() -> tuple[str, ...]:
    """Return the devices; without a working torch show the reason and return none."""
    try:
        return found()
    except ImportError as error:
        st.warning(escape_markdown(f"Nothing can be run here: {error}"))
    except RuntimeError as error:
        st.error(escape_markdown(f"Nothing can be run here: {error}"))
    return ()
