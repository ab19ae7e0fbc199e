"""The JSON Schema takes every spec and block there is, and refuses what is structurally wrong."""

from __future__ import annotations

from copy import deepcopy
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from archspec.language.files import gallery
from archspec.language.json_schema import json_schema
from archspec.language.layers import RESERVED, Layer
from archspec.language.models import BlockDefinition, ParameterDeclaration, SpecDocument
from archspec.language.symbols import library_file, library_names
from archspec.source import compose, plain

SCHEMA = json_schema()
VALIDATOR = jsonschema.Draft7Validator(SCHEMA)
FILES = sorted(gallery().glob("*.yaml"))


def data_of(file: Path) -> Any:
    tree, found = compose(file.read_text(encoding="utf-8"), file.name)
    assert tree is not None
    assert not [d for d in found if d.is_error]
    return plain(tree)


def test_is_a_schema() -> None:
    jsonschema.Draft7Validator.check_schema(SCHEMA)


@pytest.mark.parametrize("file", FILES, ids=lambda f: f.stem)
def test_takes_the_gallery(file: Path) -> None:
    assert list(VALIDATOR.iter_errors(data_of(file))) == []


@pytest.mark.parametrize("name", library_names())
def test_takes_the_library(name: str) -> None:
    block = data_of(library_file(name))["blocks"][name]
    assert list(VALIDATOR.iter_errors({"input": [3, 8, 8], "blocks": {name: block}})) == []


def test_has_every_key_that_the_models_have() -> None:
    assert set(SCHEMA["properties"]) == set(SpecDocument.known_keys())
    assert set(SCHEMA["definitions"]["block"]["properties"]) == set(BlockDefinition.known_keys())
    declaration = SCHEMA["definitions"]["parameter"]["anyOf"][1]["properties"]
    assert set(declaration) == set(ParameterDeclaration.known_keys())
    assert set(SCHEMA["definitions"]["reserved"]["properties"]) == set(RESERVED) == set(Layer.known_keys())


BASE = {"input": [3, 8, 8], "stem": [{"conv": {"channels": 8, "kernel": 3}}]}


@pytest.mark.parametrize(
    "wrong",
    [
        {**BASE, "stages_": []},
        {**BASE, "input": 3},
        {**BASE, "stem": [{"conv": {"channel": 8}}]},
        {**BASE, "stem": [{"conv": {"channels": [8]}}]},
        {**BASE, "stem": [{"conv": {"channels": 8}, "name": "conv1"}]},
        {**BASE, "stem": [{"conv": {"channels": 8, "padding_mode": "mirror"}}]},
        {**BASE, "stem": [{"residual": {"shortcut": "identity"}}]},
        {**BASE, "stem": [{"bottleneck": {"chanels": 8}}]},
        {**BASE, "stem": [{"branches": {"merge": "sum", "of": []}}]},
        {**BASE, "blocks": {"mine": {"params": {"channels": "int"}}}},
    ],
)
def test_refuses_what_is_structurally_wrong(wrong: dict[str, Any]) -> None:
    assert list(VALIDATOR.iter_errors(deepcopy(BASE))) == []
    assert list(VALIDATOR.iter_errors(wrong))


@pytest.mark.parametrize(
    ("mistake", "path"),
    [
        ({**BASE, "stage": []}, []),
        ({**BASE, "input": {"shape": [3, 8, 8]}}, ["input"]),
        ({**BASE, "stem": {"conv": 8}}, ["stem"]),
        ({**BASE, "stem": ["relu", {"conv": {"channels": 8, "kernal": 3}}]}, ["stem", 1]),
        ({**BASE, "stem": [{"max_pool": {"kernel": 2, "ceil": "yes", "strides": 2}}]}, ["stem", 0]),
        ({**BASE, "stem": [{"residual": {"body": ["relu"], "shortcuts": "identity"}}]}, ["stem", 0]),
        ({**BASE, "variants": {"wide": 2}}, ["variants", "wide"]),
        ({**BASE, "blocks": {"mine": {"bodies": []}}}, ["blocks", "mine"]),
    ],
)
def test_an_editor_underlines_a_mistake_where_it_is(mistake: dict[str, Any], path: list[Any]) -> None:
    errors = list(VALIDATOR.iter_errors(mistake))
    assert [list(error.absolute_path) for error in errors[:1]] == [path]
