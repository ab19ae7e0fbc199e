"""What was worked out for a page is kept for that session: the same question is answered once."""

from __future__ import annotations

from collections.abc import Callable, Hashable
from typing import Any, TypeVar

import streamlit as st

T = TypeVar("T")
KEY, MOST = "remembered", 24


def remembered(question: Hashable, answer: Callable[[], T], wait: str = "Working it out…") -> T:
    """The answer, from this session's memory if it is there; `wait` is shown meanwhile."""
    known: dict[Hashable, Any] = st.session_state.setdefault(KEY, {})
    if question in known:
        known[question] = known.pop(question)
    else:
        with st.spinner(wait):
            known[question] = answer()
        while len(known) > MOST:
            del known[next(iter(known))]
    found: T = known[question]
    return found
