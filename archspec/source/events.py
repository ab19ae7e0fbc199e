"""PyYAML's parse events, the same from libyaml and from PyYAML's own Python parser; nothing here recurses."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any, Final, Protocol

import yaml

try:
    from yaml._yaml import CParser
except ImportError:  # PyYAML was built without libyaml
    CParser = None  # type: ignore[assignment,misc]

_SURROGATE: Final = re.compile("[\ud800-\udfff]")
_SURROGATE_ESCAPE: Final = re.compile(r"\\(u|U0000)[dD][89a-fA-F]")


class Syntax(Exception):
    """Text that is not YAML: PyYAML's sentence, where it noticed, and where what it was reading began."""

    def __init__(self, problem: str, context: str, index: int, context_index: int | None) -> None:
        super().__init__(problem)
        self.problem = problem
        self.context = context
        self.index = index
        self.context_index = context_index


class _Events(Protocol):
    def get_event(self) -> Any: ...


class _PythonParser(yaml.reader.Reader, yaml.scanner.Scanner, yaml.parser.Parser):
    """PyYAML's reader, scanner and parser, without its composer and constructor, which recurse."""

    def __init__(self, text: str) -> None:
        self._text = text
        yaml.reader.Reader.__init__(self, text)
        yaml.scanner.Scanner.__init__(self)
        yaml.parser.Parser.__init__(self)

    def scan_flow_scalar(self, style: str) -> Any:
        """Refuses an escaped surrogate, half a character, as libyaml does."""
        token = super().scan_flow_scalar(style)
        if _SURROGATE.search(token.value):
            start = int(token.start_mark.index)
            found = _SURROGATE_ESCAPE.search(self._text, start)
            index = found.start() if found else start
            raise Syntax("found invalid Unicode character escape code", "", index, None)
        return token


def events(text: str, *, pure: bool = False) -> Iterator[Any]:
    """The events of a text of printable characters; raises Syntax. `pure` leaves libyaml aside."""
    python = _PythonParser(text) if pure or CParser is None else None
    parser: _Events = python if python is not None else CParser(text)
    while True:
        try:
            event = parser.get_event()
        except yaml.MarkedYAMLError as error:
            raise _syntax(error) from None
        except (ValueError, OverflowError):  # PyYAML's Python scanner: "\UFFFFFFFF", %YAML with 5000 digits
            index = python.index if python is not None else 0
            raise Syntax("found a number that is too large", "", index, None) from None
        if event is None:
            return
        yield event


def _syntax(error: yaml.MarkedYAMLError) -> Syntax:
    context, mark = error.context_mark, error.problem_mark
    index = mark.index if mark is not None else 0
    return Syntax(error.problem or "", error.context or "", index, context.index if context is not None else None)
