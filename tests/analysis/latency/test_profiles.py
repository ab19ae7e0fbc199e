"""Profiles of devices: those that are shipped, and the findings of one that is wrong."""

from __future__ import annotations

import re

import pytest

import archspec
from archspec.analysis.latency.profile import WORK
from archspec.analysis.latency.profiles import DIRECTORY, device_names, load_profile, parse_profile
from tests.analysis.latency.round_device import PROFILE


def problems(text: str) -> list[str]:
    with pytest.raises(archspec.SpecError) as raised:
        parse_profile(text, "mine.yaml")
    return [str(d) for d in raised.value.diagnostics]


@pytest.mark.parametrize("name", device_names())
def test_every_shipped_profile_loads_and_says_where_it_is_from(name: str) -> None:
    profile = load_profile(name)
    assert profile.source.startswith("https://")
    assert all(profile.flops(work, "float32") > 0 for work in WORK)
    assert "assumed, not measured" in (DIRECTORY / f"{name}.yaml").read_text(encoding="utf-8")


def test_the_devices_that_there_are() -> None:
    assert {"h100", "h200", "a100", "l4", "t4", "laptop"} <= set(device_names())


@pytest.mark.parametrize(
    ("before", "after", "message"),
    [
        ("matmul: 0.5", "matmul: 1.5", "mine.yaml:5:11: SPC002 expected a number above 0 and at most 1"),
        ("matmul: 0.5", "matmul: fast", "mine.yaml:5:11: SPC002 expected a number above 0 and at most 1"),
        ("matmul: 0.5", "matmul: [1]", "mine.yaml:5:11: SPC002 expected a number, or a mapping of precisions"),
        ("matmul: 0.5", "matmull: 0.5", "mine.yaml:5:3: SPC001 unknown key matmull"),
        ("matmul: 0.5", "matmul: {float8: 1}", "mine.yaml:5:12: SPC001 unknown key float8"),
        ("{float32: 0.1,", "{float32: -1,", "mine.yaml:3:27: SPC002 expected a number above 0, found the number -1"),
        ("{float32: 0.1,", "{float32: .inf,", "mine.yaml:3:27: SPC002 expected a number above 0"),
        ("{float32: 0.1,", "{float32: true,", "mine.yaml:3:27: SPC002 expected a number above 0"),
        ("{float32: 0.1, ", "{", "mine.yaml:3:17: SPC009 the key float32 is missing"),
        ("source: made up\n", "", "mine.yaml:1:1: SPC009 the key source is missing"),
        ("launch: {", "launch: {overlaps: 3, ", "SPC002 expected true or false"),
        ("source: made up", "source: [", "SPC011 not YAML"),
    ],
)
def test_what_is_wrong_is_reported_with_its_place(before: str, after: str, message: str) -> None:
    assert before in PROFILE
    found = problems(PROFILE.replace(before, after))
    assert any(message in line for line in found), found


def test_a_larger_cache_is_slower() -> None:
    small, large = "{mebibytes: 1, gigabytes_per_second: 50}", "{mebibytes: 8, gigabytes_per_second: 60}"
    memory = "{gigabytes_per_second: 20, caches: [%s]}"
    text = PROFILE.replace("{gigabytes_per_second: 20, efficiency: 0.5}", memory)
    assert "mine.yaml:12:87" in problems(text % f"{small}, {large}")[0]
    assert "slower than the memory behind it" in problems(text % "{mebibytes: 1, gigabytes_per_second: 5}")[0]
    assert parse_profile(text % small, "mine.yaml").memory.caches[0].mebibytes == 1


def test_what_is_no_mapping_or_no_file() -> None:
    assert "expected a mapping, found a list" in problems("[1]")[0]
    with pytest.raises(archspec.SpecError, match="FIL001"):
        load_profile("./nowhere.yaml")


@pytest.mark.parametrize(("name", "hint"), [("h10", "did you mean h100? A file"), ("nothing_near", ". A file")])
def test_an_unknown_name(name: str, hint: str) -> None:
    with pytest.raises(ValueError, match=re.escape(hint)):
        load_profile(name)


def test_a_profile_does_not_change() -> None:
    profile = load_profile("h100")
    with pytest.raises(ValueError, match="frozen"):
        profile.name = "another"
