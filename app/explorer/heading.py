"""The heading of a page: its purpose, and the design that it is about."""

from __future__ import annotations

import streamlit as st

import archspec
from explorer.draft import Draft
from explorer.formatting import escape_markdown


def heading(draft: Draft, title: str, purpose: str) -> archspec.Graph | None:
    """Show the title; return the Graph, or None after showing the errors of a design that has some."""
    st.header(title)
    name = draft.name.removeprefix("./") + (f":{draft.variant}" if draft.variant else "")
    edited = ", as edited" if draft.is_changed else ""
    st.markdown(f"{purpose} The design is **{escape_markdown(name)}**{edited}; choose and edit it on the page Explore.")
    document = draft.analyze()
    if document.graph is not None and not document.errors:
        return document.graph
    lines = [f"- line {d.span.line}: {escape_markdown(d.message)}" for d in document.errors[:10]]
    st.error("This page needs a design without errors. Fix these on the page Explore:\n" + "\n".join(lines))
    return None
