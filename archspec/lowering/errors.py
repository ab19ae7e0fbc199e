"""Exceptions of lowering: one LoweringError for each finding, caught at the layer it belongs to."""

from __future__ import annotations

from archspec.diagnostics import Cause, Fix, Severity, Span


class LoweringError(Exception):
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

    def mentioning(self, names: frozenset[str]) -> LoweringError:
        """Return the error with the names that the text at fault mentions; the innermost text counts.

        An error inside the library whose text mentions one parameter is reported at the user's argument for it.
        """
        self.names = self.names or names
        return self

    def with_reads(self, values: tuple[int, ...]) -> LoweringError:
        """Return the error with the values that the failed layer would have read."""
        self.reads = self.reads or values
        return self


class Suppressed(Exception):
    """The cause has been reported already: unwind without a second report, which would be a follow-up error."""


class LimitExceeded(LoweringError):
    """A limit was passed: lowering stops here altogether."""


class TooManyErrors(LimitExceeded):
    """So much has been reported that lowering stops here."""
