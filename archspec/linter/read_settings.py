"""The reader of a configuration: each key is checked, and every problem is reported with its line."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from msgspec import Struct, field

from archspec.diagnostics import Severity, did_you_mean
from archspec.errors import ConfigurationError
from archspec.linter.selection import wrong_code
from archspec.linter.settings import FORMATS, Settings
from archspec.linter.toml_positions import column_of, line_of, parse


class _SettingsReader(Struct):
    """The state of reading: the text, the path of the table in it, and the problems so far."""

    text: str
    file: str
    above: tuple[str, ...]
    problems: list[str] = field(default_factory=list)

    def report(self, key: str, message: str, *below: str) -> None:
        path = (*self.above, *((key,) if key else ()), *below)
        line = line_of(self.text, path)
        column = column_of(self.text, line, path[-1]) if path else 1
        self.problems.append(f"{self.file}:{line}:{column}: {message}")


def read_settings(text: str, file: str, shared: bool) -> Settings | None:
    """Return the settings of a TOML text; None where a shared file has no table for archspec.

    Raises ConfigurationError with every problem.
    """
    table = parse(text)
    if isinstance(table, tuple):
        message, line, column = table
        raise ConfigurationError((f"{file}:{line}:{column}: this is not TOML: {message}",))
    reader = _SettingsReader(text, file, ("tool", "archspec") if shared else ())
    if shared:
        tool = table.get("tool", {})
        if not isinstance(tool, dict) or "archspec" not in tool:
            return None
        table = tool["archspec"]
    found: dict[str, Any] = {}
    if isinstance(table, dict):
        for key, value in table.items():
            _take(reader, key, value, found)
    else:
        reader.report("", f"tool.archspec is a table, not {_format_value(table)}")
    # All problems at once, so that a configuration is corrected in one go.
    if reader.problems:
        raise ConfigurationError(tuple(reader.problems))
    return Settings(**found)


def _take(reader: _SettingsReader, key: str, value: Any, found: dict[str, Any]) -> None:
    """Read one key into `found`, or report what is wrong with it."""
    read = KEYS.get(key)
    if read is None:
        close = did_you_mean(key, KEYS)
        hint = f"did you mean {close}?" if close else "there are " + ", ".join(KEYS)
        reader.report(key, f"unknown key {key}; {hint}")
        return
    taken = read(reader, key, value)
    if taken is not None:
        found[key.replace("-", "_")] = taken


def _texts(reader: _SettingsReader, key: str, value: Any, *below: str) -> tuple[str, ...] | None:
    """Read a list of texts, none of them empty."""
    if isinstance(value, list) and all(isinstance(item, str) and item for item in value):
        return tuple(value)
    example = '["CNV", "RES001"]' if key != "exclude" else '["old/"]'
    name = ".".join((key, *(repr(part) for part in below)))
    reader.report(key, f"{name} is a list of texts such as {example}, not {_format_value(value)}", *below)
    return None


def _codes(reader: _SettingsReader, key: str, value: Any, *below: str) -> tuple[str, ...] | None:
    """Read a list of codes and prefixes of codes."""
    texts = _texts(reader, key, value, *below)
    if texts is None:
        return None
    for text in texts:
        wrong = wrong_code(text)
        if wrong:
            reader.report(key, f"{key}: {wrong}", *below)
    return texts


def _select(reader: _SettingsReader, key: str, value: Any) -> tuple[str, ...] | None:
    codes = _codes(reader, key, value)
    if codes == ():
        reader.report(key, "select is empty, so that nothing would be checked; leave it out for the default rules")
    return codes


def _ignores(reader: _SettingsReader, key: str, value: Any) -> tuple[tuple[str, tuple[str, ...]], ...] | None:
    """Read a table from patterns of files to the codes that are ignored there."""
    if not isinstance(value, dict):
        reader.report(key, f'{key} is a table such as {{"old/*.yaml" = ["CNV"]}}, not {_format_value(value)}')
        return None
    read = [(pattern, _codes(reader, key, codes, pattern)) for pattern, codes in value.items()]
    return tuple((pattern, codes) for pattern, codes in read if codes is not None)


def _level(reader: _SettingsReader, key: str, value: Any) -> Severity | None:
    text = _choice(reader, key, value, tuple(level.value for level in Severity))
    return None if text is None else Severity(text)


def _format(reader: _SettingsReader, key: str, value: Any) -> str | None:
    return _choice(reader, key, value, FORMATS)


def _choice(reader: _SettingsReader, key: str, value: Any, choices: tuple[str, ...]) -> str | None:
    if isinstance(value, str) and value in choices:
        return value
    close = did_you_mean(value, choices) if isinstance(value, str) else None
    hint = f"; did you mean {close}?" if close else ""
    reader.report(key, f"{key} is one of {', '.join(choices)}, not {_format_value(value)}{hint}")
    return None


def _format_value(value: Any) -> str:
    """Return a value as TOML writes it, cut where it is long."""
    # isinstance first, since 1 and 1.0 find True as a key.
    text = {True: "true", False: "false"}.get(value) if isinstance(value, bool) else None
    text = text or ("a table" if isinstance(value, dict) else repr(value))
    return text if len(text) <= 60 else text[:57] + "..."


KEYS: dict[str, Callable[[_SettingsReader, str, Any], Any]] = {
    "select": _select,
    "extend-select": _codes,
    "ignore": _codes,
    "per-file-ignores": _ignores,
    "exclude": _texts,
    "fail-level": _level,
    "format": _format,
}
