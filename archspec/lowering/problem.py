"""How lowering says that something is wrong: one Problem for each finding, caught at the layer it belongs to."""

from __future__ import annotations

from archspec.diagnostics import Cause, Fix, Severity, Span


class Problem(Exception):
    """A mistake of the user's, on its way to becoming a Diagnostic."""

    def __init__(
        self,
        code: str,
        message: str,
        span: Span,
        hint: str = "",
        causes: tuple[Cause, ...] = (),
        severity: Severity = Severity.ERROR,
        fix: Fix | None = None,
    ) -> None:
        self.code, self.message, self.span, self.hint = code, message, span, hint
        self.causes, self.severity, self.fix = causes, severity, fix
        self.names: frozenset[str] = frozenset()
        self.reads: tuple[int, ...] = ()  # the values that the layer would have read, where that is known
        super().__init__(message)

    def blaming(self, names: frozenset[str]) -> Problem:
        """The same, knowing the names that the text at fault mentions; the innermost text counts.

        Where it stands in the library and mentions one parameter that the user gave, that argument is to blame.
        """
        self.names = self.names or names
        return self

    def reading(self, values: tuple[int, ...]) -> Problem:
        """The same, knowing what the layer that it is about would have read."""
        self.reads = self.reads or values
        return self


class Suppressed(Exception):
    """Something upstream has been reported already; nothing more is to be said."""


class LimitExceeded(Problem):
    """A limit was passed: lowering stops here altogether."""


class TooManyErrors(LimitExceeded):
    """So much has been reported that lowering stops here."""
