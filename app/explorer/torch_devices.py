"""The devices that torch finds, for the pages that run a design; where there are none, why and what to do."""

from __future__ import annotations

import streamlit as st

import archspec
from explorer.formatting import plain


@st.cache_data(show_spinner="Asking torch which devices there are…")
def found() -> tuple[str, ...]:
    """Asked once for all sessions."""
    return archspec.devices()


def devices() -> tuple[str, ...]:
    """What torch finds; nothing, with the reason on the page, where there is no torch."""
    try:
        return found()
    except ImportError as error:
        st.warning(plain(f"Nothing can be run here: {error}"))
    except RuntimeError as error:
        st.error(plain(f"Nothing can be run here: {error}"))
    return ()
