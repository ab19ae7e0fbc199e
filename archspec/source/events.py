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

# Only PyYAML's Python parser needs these: compiled when first used.
_SURROGATE: Final = "[\ud800-\udfff]"
_SURROGATE_ESCAPE: Final = r"\\(u|U0000)[dD][89a-fA-F]"


class YamlSyntaxError(Exception):
    """Text that is not YAML: PyYAML's sentence, the offset where it gave up, and that where the construct began."""

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
        """Refuse an escaped surrogate, which is half a character, as libyaml does."""
        token = super().scan_flow_scalar(style)
        if re.search(_SURROGATE, token.value):
            start = int(token.start_mark.index)
            found = re.compile(_SURROGATE_ESCAPE).search(self._text, start)
            index = found.start() if found else start
            raise YamlSyntaxError("found invalid Unicode character escape code", "", index, None)
        return token


def events(text: str, *, pure: bool = False) -> Iterator[Any]:
    """Yield the events of a text of printable characters; raises YamlSyntaxError. `pure` does without libyaml."""
    python = _PythonParser(text) if pure or CParser is None else None
    parser: _Events = python if python is not None else CParser(text)
    while True:
        try:
            event = parser.get_event()
        except yaml.MarkedYAMLError as error:
            raise _syntax_error(error) from None
        except (ValueError, OverflowError):  # PyYAML's Python scanner: "\UFFFFFFFF", %YAML with 5000 digits
            index = python.index if python is not None else 0
            raise YamlSyntaxError("found a number that is too large", "", index, None) from None
        if event is None:
            return
        yield event


def _syntax_error(error: yaml.MarkedYAMLError) -> YamlSyntaxError:
    context, mark = error.context_mark, error.problem_mark
    index = mark.index if mark is not None else 0
    return YamlSyntaxError(
        error.problem or "", error.context or "", index, context.index if context is not None else None
    )
