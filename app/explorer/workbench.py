"""The component that is editor, graph, inspector, table and problems at once; its source is in frontend/."""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path
from typing import Any

import streamlit as st

from explorer.draft import Draft
from explorer.words import words

BUILT = Path(__file__).with_name("workbench.js")
KEY = "workbench"


@cache
def _script() -> str:
    """The built file, which makes one name, and the component made of it with the language's words."""
    told = json.dumps(words(), ensure_ascii=True, separators=(",", ":"))
    return f"{BUILT.read_text(encoding='utf-8')}\nexport default archspecWorkbench.workbench({told});\n"


def show(draft: Draft, data: dict[str, Any]) -> None:
    """Put the workbench on the page; what comes back changes the draft before the next run."""
    mount = st.components.v2.component("archspec_workbench", js=_script())

    def edited() -> None:
        draft.edit(_told("edit"))

    def selected() -> None:
        told = _told("selected")
        draft.selected = told[:300] if isinstance(told, str) else ""

    def toggled() -> None:
        draft.wish(_told("toggle"))

    mount(key=KEY, data=data, on_edit_change=edited, on_selected_change=selected, on_toggle_change=toggled)


def _told(name: str) -> Any:
    state = st.session_state.get(KEY)
    return state.get(name) if state is not None else None
