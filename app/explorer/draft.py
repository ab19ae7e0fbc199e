"""What one browser session works on. It lives in that session's state and nowhere else."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, TypeVar

import streamlit as st

import archspec
from explorer import designs

LEVELS = ("stage", "block", "op")
COLOURS = {"": "nothing", "params": "parameters", "macs": "MACs", "memory": "output memory", "receptive-field": "sees"}
MOST_TEXT = 200_000
MOST_KEPT = 40
KEY = "draft"
T = TypeVar("T")


@dataclass
class Draft:
    """A text that is being edited, and how it is looked at. `document` changes when another text takes its place."""

    name: str
    text: str
    variant: str = ""
    level: str = "block"
    colour: str = ""
    batch: int = 32
    opened: tuple[str, ...] = ()
    selected: str = ""
    number: int = 0  # of the last edit that came from the browser
    wished: int = 0  # when the last stage or block was opened or folded
    document: str = field(default_factory=lambda: uuid.uuid4().hex)
    original: str = ""  # the text as it was opened
    cache: archspec.LoweringCache = field(default_factory=archspec.LoweringCache)
    analyzed: tuple[tuple[str, str], archspec.Document] | None = None
    last_drawn: dict[str, Any] | None = None  # what was shown of the last text that could be read
    computed: dict[tuple[object, ...], Any] = field(default_factory=dict)

    @property
    def file(self) -> str:
        """What the findings call the text."""
        return self.name.removeprefix("./").removesuffix(".yaml") + ".yaml"

    @property
    def is_changed(self) -> bool:
        return self.text != self.original

    def analyze(self) -> archspec.Document:
        """The text with its variant, read as far as it goes; the same text is read once."""
        key = self.text, self.variant
        if self.analyzed is None or self.analyzed[0] != key:
            found = self._read(self.variant)
            if self.variant and not found.variant and found.spec is not None:
                found = self._read("")  # a variant that is being renamed, or that another text had
            self.analyzed = key, found
        return self.analyzed[1]

    def _read(self, variant: str) -> archspec.Document:
        return archspec.analyze(self.text, variant, file=self.file, root=designs.root(), cache=self.cache)

    def kept(self, key: tuple[object, ...], make: Callable[[], T]) -> T:
        """What `make` gives for this text and variant, worked out once; the oldest are forgotten."""
        full = (self.text, self.variant, *key)
        if full not in self.computed:
            self.computed[full] = make()
            while len(self.computed) > MOST_KEPT:
                del self.computed[next(iter(self.computed))]
        found: T = self.computed[full]
        return found

    def replace_text(self, name: str, text: str, variant: str = "") -> None:
        """Take up another text; the editor begins anew with it."""
        self.name, self.text, self.original, self.variant = name, text, text, variant
        self.opened, self.selected, self.number = (), "", 0
        self.document, self.cache = uuid.uuid4().hex, archspec.LoweringCache()
        self.analyzed = self.last_drawn = None

    def open_design(self, name: str, variant: str | None = None) -> bool:
        """Open a design by its name; whether there is one."""
        text = designs.text_of(name)
        if text is None:
            return False
        self.replace_text(name, text)
        variants = self.analyze().variants
        self.variant = variant if variant in variants else (variants[0] if variants and variant is None else "")
        return True

    def edit(self, told: object) -> None:
        """An edit from the browser; one of a document that is no longer open, or too large, is left."""
        if not isinstance(told, Mapping) or told.get("document") != self.document:
            return
        text, number = told.get("text"), told.get("number")
        if isinstance(text, str) and isinstance(number, int) and len(text) <= MOST_TEXT:
            self.text, self.number = text, number

    def wish(self, told: object) -> None:
        """A stage or block that the browser wants opened or folded; the same wish is met once."""
        if not isinstance(told, Mapping):
            return
        path, number = told.get("path"), told.get("number")
        if isinstance(path, str) and isinstance(number, int) and number > self.wished:
            self.wished, self.selected = number, path[:300]
            self.toggle(path)

    def toggle(self, path: str) -> None:
        """Open a stage or block in the picture, or fold it with all that is open in it."""
        if path in self.opened:
            self.opened = tuple(one for one in self.opened if one != path and not one.startswith(f"{path}."))
        else:
            self.opened = (*self.opened, path)


def current() -> Draft:
    """This session's draft; a new session's is what its address asks for, else ResNet-50."""
    if KEY not in st.session_state:
        st.session_state[KEY] = _from_address(dict(st.query_params))
    found: Draft = st.session_state[KEY]
    return found


def _from_address(asked: Mapping[str, str]) -> Draft:
    draft = Draft("", "")
    variant = asked.get("variant")
    if not draft.open_design(asked.get("spec", ""), variant if variant is not None else None):
        draft.open_design(designs.FIRST, designs.FIRST_VARIANT)
    draft.level = asked["level"] if asked.get("level") in LEVELS else draft.level
    draft.selected = asked.get("select", "")[:300]
    return draft


def address_of(draft: Draft) -> dict[str, str]:
    """The state as an address holds it."""
    parts = {"spec": draft.name, "variant": draft.variant, "level": draft.level, "select": draft.selected}
    return {name: value for name, value in parts.items() if value or name == "variant"}


def keep_address(draft: Draft) -> None:
    """Write the state into the address, if it is not there already."""
    wanted = address_of(draft)
    if dict(st.query_params) != wanted:
        st.query_params.from_dict(wanted)
