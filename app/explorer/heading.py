"""What stands above every page but the first: what the page is for, and which design it is about."""

from __future__ import annotations

import streamlit as st

import archspec
from explorer.draft import Draft
from explorer.formatting import plain


def heading(draft: Draft, title: str, purpose: str) -> archspec.Graph | None:
    """The title; the Graph, or None where the design has errors, which are told."""
    st.header(title)
    name = draft.name.removeprefix("./") + (f":{draft.variant}" if draft.variant else "")
    edited = ", as edited" if draft.is_changed else ""
    st.markdown(f"{purpose} The design is **{plain(name)}**{edited}; choose and edit it on the page Explore.")
    document = draft.analyze()
    if document.graph is not None and not document.errors:
        return document.graph
    told = [f"- line {d.span.line}: {plain(d.message)}" for d in document.errors[:10]]
    st.error("This page needs a design without errors. Mend these on the page Explore:\n" + "\n".join(told))
    return None
