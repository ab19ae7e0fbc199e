"""A merge whose skip connection cannot be removed, as the error that says so lists it."""

from __future__ import annotations

from msgspec import Struct

from archspec.diagnostics import Span


class UnremovableMerge(Struct, frozen=True):
    """A merge whose skip connection cannot be removed, for all of its uses with one reason.

    `span` is where the user's own text has it, `path` the module path of its first use, `written` its own line, which
    may be in the library.
    """

    span: Span
    path: str
    merge: str
    reason: str
    written: Span
    uses: int = 1

    def __str__(self) -> str:
        more = f" and {self.uses - 1} more" if self.uses > 1 else ""
        inside = f" ({self.written})" if self.written != self.span else ""
        return f"{self.span}: the {self.merge} at {self.path}{more}{inside}: {self.reason}"
