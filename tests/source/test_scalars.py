"""Plain scalars by YAML 1.2's core schema."""

from __future__ import annotations

import json
import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from archspec.source.scalars import describe_pitfall, is_too_long, resolve


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("", None),
        ("~", None),
        ("null", None),
        ("NULL", None),
        ("nULL", "nULL"),
        ("true", True),
        ("True", True),
        ("TRUE", True),
        ("false", False),
        ("tRUE", "tRUE"),
        ("on", "on"),
        ("yes", "yes"),
        ("off", "off"),
        ("n", "n"),
        ("0", 0),
        ("-17", -17),
        ("+3", 3),
        ("012", 12),
        ("0o17", 15),
        ("0x1F", 31),
        ("-0x1F", "-0x1F"),
        ("0b11", "0b11"),
        ("1_000", "1_000"),
        ("12:30", "12:30"),
        ("2024-01-02", "2024-01-02"),
        ("1e-6", 1e-6),
        ("1E3", 1000.0),
        (".5", 0.5),
        ("5.", 5.0),
        ("-.inf", -math.inf),
        (".INF", math.inf),
        ("inf", "inf"),
        ("nan", "nan"),
        (".", "."),
        ("1.2.3", "1.2.3"),
        ("1e", "1e"),
        ("\u0661", "\u0661"),  # a digit to str.isdigit and int(), not to YAML
        ("1\n", "1\n"),
    ],
)
def test_resolve(text: str, value: object) -> None:
    assert resolve(text) == value
    assert type(resolve(text)) is type(value)


def test_not_a_number() -> None:
    value = resolve(".nan")
    assert isinstance(value, float)
    assert math.isnan(value)


@given(st.integers(-(10**19) + 1, 10**19 - 1) | st.floats(allow_nan=False, allow_infinity=False) | st.booleans())
def test_json_values_are_read_as_json_reads_them(value: object) -> None:
    text = json.dumps(value)
    assert resolve(text) == value
    assert type(resolve(text)) is type(value)


@pytest.mark.parametrize("text", ["9" * 20, "-" + "9" * 20, "0x" + "f" * 20, "0o" + "7" * 20, "1" * 10_000])
def test_long_integers_stay_text(text: str) -> None:
    assert is_too_long(text)
    assert resolve(text) == text


@pytest.mark.parametrize("text", ["9" * 19, "-" + "9" * 19, "0x" + "f" * 19, "1" * 30 + ".0", "a" * 30])
def test_what_is_not_too_long(text: str) -> None:
    assert not is_too_long(text)


@pytest.mark.parametrize("text", ["on", "Off", "YES", "no", "y", "012", "-007", "12:30", "1:2:3", "1_000", "1_0.5"])
def test_traps(text: str) -> None:
    assert text in (describe_pitfall(text) or "")


@pytest.mark.parametrize("text", ["true", "0", "10", "0.5", "layer_1", "a:b", "1e-3", "", "online", "0x1F", "v1_0"])
def test_no_traps(text: str) -> None:
    assert describe_pitfall(text) is None
