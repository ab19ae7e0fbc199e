"""Files: upload, download, a new spec from this variant, saving to the folder of the app."""

from __future__ import annotations

import streamlit as st

import archspec
from explorer import designs
from explorer.draft import MOST_TEXT, Draft


def files(draft: Draft) -> None:
    """Show the actions on the text as a file."""
    st.download_button("Download this spec", draft.text, file_name=draft.file, mime="application/yaml", width="stretch")
    document = draft.analyze()
    can_flatten = document.spec is not None and not document.errors
    st.button(
        "New spec from this variant",
        on_click=lambda: _flatten(draft),
        disabled=not can_flatten,
        width="stretch",
        help="the variant worked into a spec of its own",
    )
    st.button(
        "Start again from the opened text",
        on_click=lambda: draft.replace_text(draft.name, draft.original, draft.variant),
        disabled=not draft.is_changed,
        width="stretch",
    )
    upload = st.file_uploader("Open a file", type=["yaml", "yml"], key="upload", max_upload_size=1)
    # The widget keeps its file over reruns: each of them would open it again, and undo every edit since.
    if upload is not None and st.session_state.get("uploaded") != upload.file_id:
        st.session_state["uploaded"] = upload.file_id
        _take(draft, upload.name, upload.getvalue())
    _saving(draft)


def _flatten(draft: Draft) -> None:
    spec = draft.analyze().spec
    if spec is not None:
        draft.replace_text(f"{draft.variant or draft.name.removeprefix('./')}_new", archspec.to_yaml(spec))


def _take(draft: Draft, name: str, data: bytes) -> None:
    """Open an uploaded file if it is UTF-8 text of a size that the editor takes."""
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError:
        st.error("This file is no UTF-8 text.")
        return
    if len(text) > MOST_TEXT:
        st.error(f"This file has more than {MOST_TEXT:,} characters.")
        return
    draft.replace_text(name.rpartition("/")[2].removesuffix(".yaml").removesuffix(".yml")[:80] or "upload", text)
    variants = draft.analyze().variants
    draft.variant = variants[0] if variants else ""
    st.rerun()


def _saving(draft: Draft) -> None:
    if designs.folder() is None:
        st.caption("To save into a folder, start the app with `archspec app --specs DIR`.")
        return
    name = st.text_input("Save as", draft.file.removesuffix(".yaml"), max_chars=80)
    replace = st.checkbox("Replace a file of that name")
    if st.button("Save to the folder", width="stretch"):
        why = designs.save(name, draft.text, replace)
        if why:
            st.error(f"Not saved: {why}.")
        else:
            draft.original, draft.name = draft.text, f"./{name}.yaml"
            st.success("Saved.")
