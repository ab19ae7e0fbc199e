"""The explorer: `archspec app`, or in a clone `streamlit run app`, which looks for a file of this name."""

from __future__ import annotations

from pathlib import Path

import streamlit as st

from explorer.pages import compare, explore, export, gradient_flow, learning, sizes, smoke

ICON = Path(__file__).with_name("explorer") / "icon.svg"  # an icon of Streamlit's would come from the network
DENSE = "<style>.stMainBlockContainer {padding: 4.2rem 1.6rem 2rem; max-width: none}</style>"
PAGES = [
    st.Page(explore.page, title="Explore", url_path="explore", default=True),
    st.Page(compare.page, title="Compare", url_path="compare"),
    st.Page(sizes.page, title="Input sizes and batch", url_path="sizes"),
    st.Page(smoke.page, title="Smoke run", url_path="smoke"),
    st.Page(gradient_flow.page, title="Gradient flow", url_path="gradient-flow"),
    st.Page(learning.page, title="Learning check", url_path="learning"),
    st.Page(export.page, title="Export", url_path="export"),
]

st.set_page_config(page_title="archspec", page_icon=str(ICON), layout="wide")
st.html(DENSE)
st.navigation(PAGES, position="top").run()
