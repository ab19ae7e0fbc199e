"""How Pydantic reads source trees: base model, field types that take a node or its text, and located errors."""

from __future__ import annotations

import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import cache
from types import ModuleType
from typing import TYPE_CHECKING, Annotated, Any

from msgspec import Struct
from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, model_validator
from pydantic.fields import FieldInfo
from pydantic_core import PydanticCustomError

from archspec.diagnostics import Span
from archspec.source import Mapping, Scalar, Sequence, Tree, describe

if TYPE_CHECKING:
    from archspec.language.suggestions import Suggestion

SPAN = "<span>"
"""The alias of `Model.span`. Aliases in angle brackets cannot be written in a spec's mapping: they are not keys."""

NODE_PLACEHOLDER = "…"


class UnknownKey(Struct, frozen=True):
    """The value under a key that a model does not have, with the keys that it has and those of the mapping."""

    value: Tree
    known: tuple[str, ...]
    keys: tuple[str, ...]

    @property
    def span(self) -> Span:
        return self.value.key.span if self.value.key else self.value.span

    def suggest(self, key: str) -> Suggestion:
        """Return what to write in place of the key."""
        from archspec.language.suggestions import suggest_key  # for a mistake alone: a clean lint needs no synonyms

        return suggest_key(key, self.known, self.span, self.keys)


class Reader(Struct, frozen=True, eq=False):
    """Annotated metadata of a field: the function that reads its node, and the JSON Schema of what it accepts.

    The annotated type itself is for type checkers only. Pydantic calls nothing but `read`, so it neither builds nor
    runs a second validator for each of the 80 or so leaf fields; that halves the time of building the models.
    """

    read: Callable[[Any], Any] | None = None
    json_schema: dict[str, Any] = {}

    def __get_pydantic_core_schema__(self, source: Any, handler: Any) -> Any:
        # A plain dict, since the functions of pydantic_core.core_schema only make such dicts, at a cost.
        if self.read is None:
            return {"type": "any"}
        return {"type": "function-plain", "function": {"type": "no-info", "function": self.read}}


_PLUGIN_LOADER = "pydantic.plugin._loader"
_REPLACING = threading.RLock()  # else a second thread takes the stub for the module, and leaves it in place for good


@contextmanager
def _without_plugins() -> Iterator[None]:
    """Build models without Pydantic's plugins.

    A plugin could only look into the validation of specs. The search for one imports importlib.metadata (and with it
    email, zipfile and socket) and reads the metadata of every installed package: 20 to 50 ms of a first load, which
    PYDANTIC_DISABLE_PLUGINS does not spare entirely, and which is the host program's to set. If a later Pydantic has no
    module of that name, this does nothing.
    """
    with _REPLACING:
        previous = sys.modules.get(_PLUGIN_LOADER)
        stub = ModuleType(_PLUGIN_LOADER)
        vars(stub)["get_plugins"] = tuple
        sys.modules[_PLUGIN_LOADER] = stub
        try:
            yield
        finally:
            if previous is None:
                del sys.modules[_PLUGIN_LOADER]
            else:
                sys.modules[_PLUGIN_LOADER] = previous


class Model(BaseModel):
    """Base of the language's models: frozen, closed, with the span of the mapping that it was read from."""

    # Deferred, a model is built as part of the outermost one only: that is a third of what starting would cost.
    model_config = ConfigDict(
        frozen=True, extra="forbid", arbitrary_types_allowed=True, populate_by_name=False, defer_build=True
    )
    span: Annotated[Span, Reader()] = Field(alias="<span>")

    @model_validator(mode="before")
    @classmethod
    def _from_tree(cls, data: Any) -> Any:
        if not isinstance(data, (Mapping, dict)):
            raise unexpected(data, "a mapping")
        return collect_fields(cls, data) if isinstance(data, Mapping) else data

    @classmethod
    def model_rebuild(cls, **options: Any) -> bool | None:
        """Build the model's validator without searching for plugins; Pydantic calls this at the first validation."""
        with _without_plugins():
            return super().model_rebuild(**options)

    @classmethod
    def keyed_fields(cls) -> dict[str, FieldInfo]:
        """Return the fields that a mapping in YAML can set, by their keys."""
        fields = ((item.alias or name, item) for name, item in cls.model_fields.items())
        return {key: item for key, item in fields if not key.startswith("<")}

    @classmethod
    def known_keys(cls) -> tuple[str, ...]:
        """Return the keys that the model takes in YAML."""
        return _known_keys(cls)

    @classmethod
    def descriptions(cls) -> dict[str, str]:
        """Return the description of each key.

        The JSON Schema, editors and documentation have no other.
        """
        return {key: item.description or "" for key, item in cls.keyed_fields().items()}

    @classmethod
    def summary(cls) -> str:
        """Return the first paragraph of the model's docstring in the style of a key's description."""
        text = " ".join((cls.__doc__ or "").split("\n\n")[0].split())
        return text[:1].lower() + text[1:].removesuffix(".")


@cache
def _known_keys(model: type[Model]) -> tuple[str, ...]:
    return tuple(model.keyed_fields())


def collect_fields(model: type[Model], tree: Mapping) -> dict[str, Any]:
    """Return a mapping as keyword data for a model; values of unknown keys become `UnknownKey`."""
    known = model.known_keys()
    data: dict[str, Any] = {}
    keys = tuple(tree.keys())
    for key, value in tree.entries:
        # The error of `extra="forbid"` carries its input: by it, the span of the key and the keys that were possible.
        data[key.text] = value if key.text in known else UnknownKey(value, known, keys)
    data[SPAN] = tree.span
    return data


HINTS = {
    "a text": "write a word or a text in quotes",
    "a list": "a list is written [a, b], or with one `- item` a line",
    "a mapping": "a mapping is written {key: value}, or with one `key: value` a line",
    "a number": "write the number itself; expressions are not evaluated here",
    "true or false": "write true or false; expressions are not evaluated here",
    "a name": "write the name of a parameter",
}


def unexpected(
    tree: Any, wanted: str, code: str = "SPC002", hint: str = "", replacement: str = ""
) -> PydanticCustomError:
    """Return the error for a node that is not what a field takes; `replacement` is as in `validation_error`."""
    found = describe(tree) if isinstance(tree, (Scalar, Sequence, Mapping)) else "something else"
    if isinstance(tree, Scalar) and tree.text == "" and tree.quoted:
        found = "an empty text"
    return validation_error(tree, f"expected {wanted}, found {found}", code, hint or HINTS.get(wanted, ""), replacement)


def validation_error(tree: Any, message: str, code: str, hint: str, replacement: str = "") -> PydanticCustomError:
    """Return an error at a node, which may lie inside the one that is being validated.

    `replacement` is the text of its fix, in which NODE_PLACEHOLDER means the node as it is written.
    """
    context = {"code": code, "message": message, "hint": hint, "span": getattr(tree, "span", None)}
    if replacement:
        context["replacement"] = replacement
    # A value and not the template: braces in a message would be taken for fields of it.
    return PydanticCustomError("spec", "{message}", context)


class Located(str):
    """A text that knows the node it was read from."""

    __slots__ = ("tree",)
    tree: Scalar

    def __new__(cls, text: str, tree: Scalar) -> Located:
        made = super().__new__(cls, text)
        made.tree = tree
        return made

    # Copying and pickling a str call `__new__` with the text alone.
    def __getnewargs__(self) -> tuple[str, Scalar]:  # type: ignore[override]
        return (str(self), self.tree)


def span_of(text: str | Mapping | None, default: Span) -> Span:
    """Return where a text is written if it is `Located`, or a mapping, else `default`."""
    if isinstance(text, Mapping):
        return text.span
    return text.tree.span if isinstance(text, Located) else default


def _read_text(tree: Any) -> Any:
    # Numbers and booleans are taken as they are spelled; `null` is no text unless it is quoted.
    if isinstance(tree, Scalar) and tree.text != "" and (tree.quoted or tree.value is not None):
        return Located(tree.text, tree)
    raise unexpected(tree, "a text")


def _read_text_or_mapping(tree: Any) -> Any:
    return tree if isinstance(tree, Mapping) else _read_text(tree)


def _read_flag(tree: Any) -> Any:
    if isinstance(tree, Scalar) and isinstance(tree.value, bool):
        return tree.value
    if isinstance(tree, Scalar) and tree.text.lower() in ("on", "off", "yes", "no"):
        meant = "true" if tree.text.lower() in ("on", "yes") else "false"
        hint = f"write {meant}: in YAML 1.2 {tree.text} is a text"
        raise unexpected(tree, "true or false", "SPC004", hint, meant)
    raise unexpected(tree, "true or false")


def _read_number(tree: Any) -> Any:
    if isinstance(tree, Scalar) and isinstance(tree.value, (int, float)) and not isinstance(tree.value, bool):
        return tree.value
    raise unexpected(tree, "a number")


def _read_items(tree: Any) -> Any:
    if isinstance(tree, Sequence):
        return tree.items
    raise unexpected(tree, "a list", replacement=f"[{NODE_PLACEHOLDER}]" if _is_single_item(tree) else "")


def _is_single_item(tree: Any) -> bool:
    """Return whether a node may be the only item of the list that was meant: brackets around it are then a fix."""
    single = (isinstance(tree, Scalar) and tree.value is not None) or (
        isinstance(tree, Mapping) and len(tree.entries) == 1
    )
    # Block style over several lines is not valid inside brackets.
    return single and tree.alias is None and tree.span.line == tree.span.end_line


def _read_entries(tree: Any) -> Any:
    if isinstance(tree, Mapping):
        return {key.text: value for key, value in tree.entries}
    raise unexpected(tree, "a mapping")


def _read_word(tree: Any) -> Any:
    if isinstance(tree, Scalar) and tree.text:
        return tree
    raise unexpected(tree, "a name")


def one_of(*words: str) -> Reader:
    """Return a reader of texts that must be one of the words."""

    def check(tree: Any) -> Any:
        if not isinstance(tree, Scalar) or tree.text not in words:
            from archspec.language.suggestions import Suggestion, suggest_value

            meant = suggest_value(tree.text, words, tree.span) if isinstance(tree, Scalar) else Suggestion()
            hint = meant.hint or "write one of these words"
            replacement = meant.fix.edits[0].replacement if meant.fix is not None else ""
            raise unexpected(tree, "one of " + ", ".join(words), hint=hint, replacement=replacement)
        return tree.text

    return Reader(check, {"enum": list(words)})


# JSON Schema of what only evaluation can check: an expression is a text.
EXPRESSION_SCHEMA: dict[str, Any] = {"type": "string", "description": "an expression over the names in scope"}
SIZE_SCHEMA: dict[str, Any] = {"anyOf": [{"type": "integer"}, EXPRESSION_SCHEMA]}
SHAPE_SCHEMA: dict[str, Any] = {"anyOf": [{"type": "array", "items": SIZE_SCHEMA}, EXPRESSION_SCHEMA]}

# Where None is possible it is the default of a key that is absent: YAML's null is a Scalar, never None.
_TEXT = Reader(_read_text, {"type": "string"})
Text = Annotated[str, _TEXT]
OptionalText = Annotated[str | None, _TEXT]
TextOrNode = Annotated[str | Mapping, Reader(_read_text_or_mapping, {"type": ["string", "object"]})]
LayerName = Annotated[str | None, Reader(_read_text, {"type": ["string", "number"]})]
Flag = Annotated[bool, Reader(_read_flag, {"type": "boolean"})]
OptionalNumber = Annotated[int | float | None, Reader(_read_number, {"type": "number"})]
Word = Annotated[Scalar, Reader(_read_word, {"type": "string"})]
AnyNode = Annotated[Tree | None, Reader()]
SizeNode = Annotated[Tree | None, Reader(None, SIZE_SCHEMA)]
_SHAPE = Reader(None, SHAPE_SCHEMA)
ShapeNode = Annotated[Tree, _SHAPE]
OptionalShapeNode = Annotated[Tree | None, _SHAPE]
ConditionNode = Annotated[Tree | None, Reader(None, {"type": ["boolean", "string"]})]
ReferenceNode = Annotated[Tree | None, Reader(None, {"allOf": [{"$ref": "#/definitions/reference"}]})]
TextOrMapping = Annotated[Tree | None, Reader(None, {"type": ["string", "object"]})]
NodeMapping = Annotated[dict[str, Tree], Reader(_read_entries, {"type": "object"})]
OptionalNodeMapping = Annotated[dict[str, Tree] | None, Reader(_read_entries, {"type": "object"})]
SizeMapping = Annotated[dict[str, Tree], Reader(_read_entries, {"type": "object", "additionalProperties": SIZE_SCHEMA})]
_DEFAULTS = Reader(_read_entries, {"allOf": [{"$ref": "#/definitions/defaults"}]})
DefaultsMapping = Annotated[dict[str, Tree], _DEFAULTS]
OptionalDefaultsMapping = Annotated[dict[str, Tree] | None, _DEFAULTS]
InitMapping = Annotated[dict[str, Tree] | None, Reader(_read_entries, {"allOf": [{"$ref": "#/definitions/init"}]})]
TensorNames = Annotated[
    dict[str, Tree] | None,
    Reader(_read_entries, {"type": "object", "additionalProperties": {"type": "string"}}),
]
Items = BeforeValidator(_read_items)
Entries = BeforeValidator(_read_entries)
Texts = Annotated[tuple[Annotated[str, Reader(_read_text, {"type": ["string", "number", "boolean"]})], ...], Items]
