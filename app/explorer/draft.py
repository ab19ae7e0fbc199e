"""The design that one browser session edits, which lives in the state of that session only."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal, TypeVar

import streamlit as st

import archspec
from explorer import designs

Level = Literal["stage", "block", "op"]
Colour = Literal["", "params", "macs", "memory", "receptive-field"]
LEVELS: tuple[Level, ...] = ("stage", "block", "op")
COLOURS: dict[Colour, str] = {
    "": "nothing",
    "params": "parameters",
    "macs": "MACs",
    "memory": "output memory",
    "receptive-field": "sees",
}
MOST_TEXT = 200_000
MAX_CACHED = 40
KEY = "draft"
T = TypeVar("T")


@dataclass
class Draft:
    """A text that is being edited, and how it is shown. `document` changes when another text takes its place."""

    name: str
    text: str
    variant: str = ""
    level: Level = "block"
    colour: str = ""
    batch: int = 32
    opened: tuple[str, ...] = ()
    selected: str = ""
    number: int = 0  # of the last edit that came from the browser
    toggled: int = 0  # the number of the last request to open or fold a box
    document: str = field(default_factory=lambda: uuid.uuid4().hex)
    original: str = ""  # the text as it was opened
    cache: archspec.LoweringCache = field(default_factory=archspec.LoweringCache)
    analyzed: tuple[tuple[str, str], archspec.Document] | None = None
    last_drawn: dict[str, Any] | None = None  # the data of the last text that could be read
    computed: dict[tuple[object, ...], Any] = field(default_factory=dict)

    @property
    def file(self) -> str:
        """The name of the text in findings."""
        return self.name.removeprefix("./").removesuffix(".yaml") + ".yaml"

    @property
    def is_changed(self) -> bool:
        return self.text != self.original

    def analyze(self) -> archspec.Document:
        """Return the text with its variant, compiled as far as it goes; the same text is compiled once."""
        key = self.text, self.variant
        if self.analyzed is None or self.analyzed[0] != key:
            found = self._read(self.variant)
            if self.variant and not found.variant and found.spec is not None:
                found = self._read("")  # a variant that is being renamed, or that another text had
            self.analyzed = key, found
        return self.analyzed[1]

    def _read(self, variant: str) -> archspec.Document:
        return archspec.analyze(self.text, variant, file=self.file, root=designs.root(), cache=self.cache)

    def cached(self, key: tuple[object, ...], compute: Callable[[], T]) -> T:
        """Return what `compute` returns for this text and variant, called once; the oldest results are dropped."""
        full = (self.text, self.variant, *key)
        if full not in self.computed:
            self.computed[full] = compute()
            while len(self.computed) > MAX_CACHED:
                del self.computed[next(iter(self.computed))]
        found: T = self.computed[full]
        return found

    def replace_text(self, name: str, text: str, variant: str = "") -> None:
        """Replace the text by another document; the editor starts without the undo history of the old one."""
        self.name, self.text, self.original, self.variant = name, text, text, variant
        self.opened, self.selected, self.number = (), "", 0
        self.document, self.cache = uuid.uuid4().hex, archspec.LoweringCache()
        self.analyzed = self.last_drawn = None

    def open_design(self, name: str, variant: str | None = None) -> bool:
        """Open a design by its name; return whether there is one."""
        text = designs.text_of(name)
        if text is None:
            return False
        self.replace_text(name, text)
        variants = self.analyze().variants
        self.variant = variant if variant in variants else (variants[0] if variants and variant is None else "")
        return True

    def handle_edit(self, message: object) -> None:
        """Take an edit from the browser; ignore one of a document that is no longer open, or too large."""
        if not isinstance(message, Mapping) or message.get("document") != self.document:
            return
        text, number = message.get("text"), message.get("number")
        if isinstance(text, str) and isinstance(number, int) and len(text) <= MOST_TEXT:
            self.text, self.number = text, number

    def handle_toggle(self, message: object) -> None:
        """Open or fold the stage or block that the browser names.

        Streamlit may deliver a message again when a rerun is cut short, so a number counts once.
        """
        if not isinstance(message, Mapping):
            return
        path, number = message.get("path"), message.get("number")
        if isinstance(path, str) and isinstance(number, int) and number > self.toggled:
            self.toggled, self.selected = number, path[:300]
            self.toggle(path)

    def toggle(self, path: str) -> None:
        """Open a stage or block in the picture, or fold it with all that is open inside."""
        if path in self.opened:
            self.opened = tuple(one for one in self.opened if one != path and not one.startswith(f"{path}."))
        else:
            self.opened = (*self.opened, path)


def current() -> Draft:
    """Return this session's draft; that of a new session is the design of its address, else ResNet-50."""
    if KEY not in st.session_state:
        st.session_state[KEY] = _from_address(dict(st.query_params))
    found: Draft = st.session_state[KEY]
    return found


def _from_address(query: Mapping[str, str]) -> Draft:
    draft = Draft("", "")
    variant = query.get("variant")
    if not draft.open_design(query.get("spec", ""), variant if variant is not None else None):
        draft.open_design(designs.FIRST, designs.FIRST_VARIANT)
    draft.level = next((level for level in LEVELS if level == query.get("level")), draft.level)
    draft.selected = query.get("select", "")[:300]
    return draft


def address_of(draft: Draft) -> dict[str, str]:
    """Return the query parameters of the state."""
    parts = {"spec": draft.name, "variant": draft.variant, "level": draft.level, "select": draft.selected}
    return {name: value for name, value in parts.items() if value or name == "variant"}


def keep_address(draft: Draft) -> None:
    """Write the state into the address, if that differs."""
    wanted = address_of(draft)
    if dict(st.query_params) != wanted:
        st.query_params.from_dict(wanted)
