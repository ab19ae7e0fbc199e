"""The keys of a configuration: checked one by one, every problem with its line."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from msgspec import Struct, field

from archspec.diagnostics import Severity, did_you_mean
from archspec.errors import ConfigurationError
from archspec.linter.configuration import FORMATS, Settings
from archspec.linter.selection import wrong_code
from archspec.linter.toml_positions import column_of, line_of, parse


class _Reading(Struct):
    """A configuration's text while its keys are read, and what is wrong so far."""

    text: str
    file: str
    above: tuple[str, ...]
    problems: list[str] = field(default_factory=list)

    def report(self, key: str, message: str, *below: str) -> None:
        path = (*self.above, *((key,) if key else ()), *below)
        line = line_of(self.text, path)
        column = column_of(self.text, line, path[-1]) if path else 1
        self.problems.append(f"{self.file}:{line}:{column}: {message}")


def settings_of(text: str, file: str, shared: bool) -> Settings | None:
    """The settings that a text spells; None where a shared file has no table for archspec."""
    table = parse(text)
    if isinstance(table, tuple):
        message, line, column = table
        raise ConfigurationError((f"{file}:{line}:{column}: this is not TOML: {message}",))
    reading = _Reading(text, file, ("tool", "archspec") if shared else ())
    if shared:
        tool = table.get("tool", {})
        if not isinstance(tool, dict) or "archspec" not in tool:
            return None
        table = tool["archspec"]
    found: dict[str, Any] = {}
    if isinstance(table, dict):
        for key, value in table.items():
            _take(reading, key, value, found)
    else:
        reading.report("", f"tool.archspec is a table, not {_said(table)}")
    if reading.problems:
        raise ConfigurationError(tuple(reading.problems))
    return Settings(**found)


def _take(reading: _Reading, key: str, value: Any, found: dict[str, Any]) -> None:
    """Read one key into `found`, or say what is wrong with it."""
    read = KEYS.get(key)
    if read is None:
        close = did_you_mean(key, KEYS)
        hint = f"did you mean {close}?" if close else "there are " + ", ".join(KEYS)
        reading.report(key, f"unknown key {key}; {hint}")
        return
    taken = read(reading, key, value)
    if taken is not None:
        found[key.replace("-", "_")] = taken


def _texts(reading: _Reading, key: str, value: Any, *below: str) -> tuple[str, ...] | None:
    """A list of texts, none of them empty."""
    if isinstance(value, list) and all(isinstance(item, str) and item for item in value):
        return tuple(value)
    example = '["CNV", "RES001"]' if key != "exclude" else '["old/"]'
    name = ".".join((key, *(repr(part) for part in below)))
    reading.report(key, f"{name} is a list of texts such as {example}, not {_said(value)}", *below)
    return None


def _codes(reading: _Reading, key: str, value: Any, *below: str) -> tuple[str, ...] | None:
    """A list of codes and beginnings of codes."""
    texts = _texts(reading, key, value, *below)
    if texts is None:
        return None
    for text in texts:
        wrong = wrong_code(text)
        if wrong:
            reading.report(key, f"{key}: {wrong}", *below)
    return texts


def _select(reading: _Reading, key: str, value: Any) -> tuple[str, ...] | None:
    codes = _codes(reading, key, value)
    if codes == ():
        reading.report(key, "select is empty, so that nothing would be checked; leave it out for the default rules")
    return codes


def _ignores(reading: _Reading, key: str, value: Any) -> tuple[tuple[str, tuple[str, ...]], ...] | None:
    """Patterns of files with the codes that are ignored there."""
    if not isinstance(value, dict):
        reading.report(key, f'{key} is a table such as {{"old/*.yaml" = ["CNV"]}}, not {_said(value)}')
        return None
    read = [(pattern, _codes(reading, key, codes, pattern)) for pattern, codes in value.items()]
    return tuple((pattern, codes) for pattern, codes in read if codes is not None)


def _level(reading: _Reading, key: str, value: Any) -> Severity | None:
    text = _choice(reading, key, value, tuple(level.value for level in Severity))
    return None if text is None else Severity(text)


def _format(reading: _Reading, key: str, value: Any) -> str | None:
    return _choice(reading, key, value, FORMATS)


def _choice(reading: _Reading, key: str, value: Any, choices: tuple[str, ...]) -> str | None:
    if isinstance(value, str) and value in choices:
        return value
    close = did_you_mean(value, choices) if isinstance(value, str) else None
    hint = f"; did you mean {close}?" if close else ""
    reading.report(key, f"{key} is one of {', '.join(choices)}, not {_said(value)}{hint}")
    return None


def _said(value: Any) -> str:
    """A value as TOML writes it, cut where it is long."""
    text = {True: "true", False: "false"}.get(value) if isinstance(value, bool) else None
    text = text or ("a table" if isinstance(value, dict) else repr(value))
    return text if len(text) <= 60 else text[:57] + "..."


KEYS: dict[str, Callable[[_Reading, str, Any], Any]] = {
    "select": _select,
    "extend-select": _codes,
    "ignore": _codes,
    "per-file-ignores": _ignores,
    "exclude": _texts,
    "fail-level": _level,
    "format": _format,
}
