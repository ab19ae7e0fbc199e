"""Plain data as YAML that this package reads back as the same data."""

from __future__ import annotations

from typing import Any

import yaml

from archspec.source.scalars import resolve


class _Dumper(yaml.SafeDumper):
    """SafeDumper whose texts are quoted wherever YAML 1.2 would read them as something else."""


def _text(dumper: yaml.SafeDumper, value: str) -> yaml.ScalarNode:
    # SafeDumper quotes what YAML 1.1 would not read as text; `1e3` and `0o17` are numbers in YAML 1.2 alone.
    style = None if resolve(value) == value else '"'
    return dumper.represent_scalar("tag:yaml.org,2002:str", value, style=style)


def _list(dumper: yaml.SafeDumper, value: list[Any]) -> yaml.SequenceNode:
    flat = all(not isinstance(item, (dict, list)) for item in value)
    return dumper.represent_sequence("tag:yaml.org,2002:seq", value, flow_style=flat)


_Dumper.add_representer(str, _text)
_Dumper.add_multi_representer(str, _text)  # Located, a subclass of str
_Dumper.add_representer(list, _list)


def dump_yaml(data: Any) -> str:
    """Return YAML in block style, keys in the order of the data, lists of plain values on one line."""
    text: str = yaml.dump(data, Dumper=_Dumper, sort_keys=False, allow_unicode=True, width=110)
    return text
