"""A cache of results in the state of one session, so that a rerun of the page computes nothing again."""

from __future__ import annotations

from collections.abc import Callable, Hashable
from typing import Any, TypeVar

import streamlit as st

T = TypeVar("T")
STATE, MAX_ENTRIES = "cache", 24


def cached_in_session(key: Hashable, compute: Callable[[], T], wait: str = "Working it out…") -> T:
    """Return the cached result of a key, or compute it, showing `wait` meanwhile; the least recently used go."""
    cache: dict[Hashable, Any] = st.session_state.setdefault(STATE, {})
    if key in cache:
        # To the end of the dict, whose first entry is the least recently used.
        cache[key] = cache.pop(key)
    else:
        with st.spinner(wait):
            cache[key] = compute()
        while len(cache) > MAX_ENTRIES:
            del cache[next(iter(cache))]
    found: T = cache[key]
    return found
