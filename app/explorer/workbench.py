"""The browser component with editor, graph, inspector, table and problems; its source is in frontend/."""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path
from typing import Any

import streamlit as st

from explorer.completion_words import completion_words
from explorer.draft import Draft

BUILT = Path(__file__).with_name("workbench.js")
KEY = "workbench"


@cache
def _script() -> str:
    """Return the script of the built file, with an export of the component for the language's words."""
    vocabulary = json.dumps(completion_words(), ensure_ascii=True, separators=(",", ":"))
    return f"{BUILT.read_text(encoding='utf-8')}\nexport default archspecWorkbench.workbench({vocabulary});\n"


def show(draft: Draft, data: dict[str, Any]) -> None:
    """Put the workbench on the page; messages of the browser change the draft before the next run of the page."""
    mount = st.components.v2.component("archspec_workbench", js=_script())

    def edited() -> None:
        draft.handle_edit(_sent("edit"))

    def selected() -> None:
        path = _sent("selected")
        # It comes from a browser, which may send anything.
        draft.selected = path[:300] if isinstance(path, str) else ""

    def toggled() -> None:
        draft.handle_toggle(_sent("toggle"))

    mount(key=KEY, data=data, on_edit_change=edited, on_selected_change=selected, on_toggle_change=toggled)


def _sent(name: str) -> Any:
    state = st.session_state.get(KEY)
    return state.get(name) if state is not None else None
