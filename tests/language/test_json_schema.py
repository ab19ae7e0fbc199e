"""The JSON Schema takes every spec and block there is, and refuses what is structurally wrong."""

from __future__ import annotations

from copy import deepcopy
from pathlib import Path
from typing import Any

import jsonschema
import pytest

import archspec
from archspec.language.budget import Budget
from archspec.language.files import gallery
from archspec.language.json_schema import json_schema
from archspec.language.layers import (
    RESERVED,
    STRUCTURE_MODELS,
    Branch,
    BranchesLayer,
    Layer,
    NetworkLayer,
    ReferenceItem,
    ResidualLayer,
    SequenceLayer,
)
from archspec.language.models import (
    BlockDocument,
    InputDeclaration,
    ParameterDeclaration,
    PortDeclaration,
    SpecDocument,
)
from archspec.language.nodes import Model
from archspec.language.symbols import library_file, library_names
from archspec.language.vocabulary import (
    INIT_DESCRIPTIONS,
    INIT_SCHEMES,
    LAYER_ROLES,
    RESIDUAL_MERGES,
    ROLES,
    SHORTCUT_KINDS,
)
from archspec.lsp import descriptions as editor
from archspec.ops import op_names
from archspec.source import compose, plain
from explorer.completion_words import completion_words

ROOT = Path(__file__).parents[2]
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
    assert set(SCHEMA["definitions"]["block"]["properties"]) == set(BlockDocument.known_keys())
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


SHADOWING = {
    "input": [3, 8, 8],
    "blocks": {
        "conv": {"params": {"width": "int"}, "body": [{"linear": {"features": "width", "axis": "channel"}}]},
        "basic": {"params": {"depth": 2}, "body": [{"conv": {"width": 8, "repeat": "depth"}}]},
    },
    "stem": [{"conv": {"width": 3}}],
    "stages": [
        {"basic": {"depth": 3}},
        {"residual": {"body": [{"sequence": [{"conv": {"width": 8}}]}], "shortcut": [{"conv": {"width": 8}}]}},
        {"branches": [[{"conv": {"width": 8}}], {"body": [{"basic": {"depth": 1}}]}]},
    ],
}


def test_takes_blocks_that_shadow_an_op_or_a_library_block() -> None:
    assert archspec.loads(str(SHADOWING)).name  # a mapping of YAML in one line
    assert list(VALIDATOR.iter_errors(SHADOWING)) == []


@pytest.mark.parametrize(
    ("mistake", "path"),
    [
        ({**SHADOWING, "stem": [{"residual": {"shortcut": "identity"}}]}, ["stem", 0]),
        ({**SHADOWING, "stages": {"conv": 8}}, ["stages"]),
        ({**SHADOWING, "blocks": {"conv": {"bodies": []}}}, ["blocks", "conv"]),
        ({**SHADOWING, "stage": []}, []),
    ],
)
def test_still_checks_the_structure_of_a_spec_with_such_blocks(mistake: dict[str, Any], path: list[Any]) -> None:
    assert [list(error.absolute_path) for error in VALIDATOR.iter_errors(mistake)][:1] == [path]


MODELS = (
    ("spec", SpecDocument),
    ("block", BlockDocument),
    ("declaration", ParameterDeclaration),
    ("input", InputDeclaration),
    ("budget", Budget),
    ("residual", ResidualLayer),
    ("branches", BranchesLayer),
    ("branch", Branch),
    ("sequence", SequenceLayer),
    ("network", NetworkLayer),
    ("port", PortDeclaration),
    ("reference_item", ReferenceItem),
)


def properties(part: str) -> dict[str, Any]:
    """The schema of a mapping's keys, by the part that it plays."""
    found = SCHEMA if part == "spec" else SCHEMA["definitions"]["parameter" if part == "declaration" else part]
    mappings = (form for form in found.get("anyOf", [found]) if "properties" in form)
    return dict(next(mappings)["properties"])


@pytest.mark.parametrize(("part", "model"), MODELS, ids=lambda value: value if isinstance(value, str) else "")
def test_each_key_has_one_description_on_every_surface(part: str, model: type[Model]) -> None:
    descriptions = model.descriptions()
    assert set(descriptions) == set(model.known_keys())
    assert all(descriptions.values())
    assert {key: value["description"] for key, value in properties(part).items()} == descriptions
    shown = {**editor.KEYS[part], **(editor.LAYER if part in editor.CARRIERS else {})}
    assert {key: text for key, text in shown.items() if key in descriptions} == descriptions
    page = (ROOT / "docs" / "language.md").read_text(encoding="utf-8")
    for key, text in descriptions.items():
        assert f"| `{key}` | {text} |" in page, key


def test_the_reserved_keys_say_the_same_everywhere() -> None:
    reserved = Layer.descriptions()
    assert reserved == editor.LAYER
    assert completion_words()["reserved"] == reserved
    for name in (*op_names(), *library_names()):
        call = SCHEMA["definitions"][f"call_{name}"]["anyOf"][0]["properties"]
        assert {key: call[key]["description"] for key in reserved} == reserved


def test_the_explorer_completes_with_the_same_words() -> None:
    found = completion_words()
    assert found["keys"] == SpecDocument.descriptions()
    assert {word: found["layers"][word] for word in editor.STRUCTURE} == editor.STRUCTURE
    assert {role: found["layers"][role] for role in LAYER_ROLES} == {role: ROLES[role] for role in LAYER_ROLES}


def test_the_words_of_the_language_are_described_in_the_documentation() -> None:
    page = (ROOT / "docs" / "language.md").read_text(encoding="utf-8")
    assert set(INIT_DESCRIPTIONS) == set(INIT_SCHEMES)
    for group in (ROLES, SHORTCUT_KINDS, RESIDUAL_MERGES, editor.STRUCTURE):
        assert all(f"| `{name}` | {text} |" in page for name, text in group.items())
    assert all(text in page for text in INIT_DESCRIPTIONS.values())
    assert all(model.summary() for model in STRUCTURE_MODELS.values())


def test_examples_are_what_the_models_read() -> None:
    for part, model in MODELS:
        for key, field in model.keyed_fields().items():
            form = properties(part)[key]
            validator = jsonschema.Draft7Validator({**form, "definitions": SCHEMA["definitions"]})
            for example in field.examples or ():
                assert list(validator.iter_errors(example)) == [], (part, key)
