"""How Pydantic reads our trees: fields that take a node's text or the node itself, and models made from mappings."""

from __future__ import annotations

from typing import Annotated, Any

from msgspec import Struct
from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, InstanceOf, model_validator
from pydantic_core import PydanticCustomError

from archspec.diagnostics import Span, did_you_mean
from archspec.source import Mapping, Scalar, Sequence, Tree, describe

SPAN = "<span>"
ITSELF = "…"


class UnknownKey(Struct, frozen=True):
    """The value under a key that a model does not have, with the keys that it has."""

    value: Tree
    known: tuple[str, ...]

    @property
    def span(self) -> Span:
        return self.value.key.span if self.value.key else self.value.span


class Model(BaseModel):
    """Base of the language's models: frozen, closed, and knowing the span of the mapping it was read from."""

    # Deferred, a model is built as part of the outermost one only: that is a third of what starting would cost.
    model_config = ConfigDict(
        frozen=True, extra="forbid", arbitrary_types_allowed=True, populate_by_name=False, defer_build=True
    )
    span: InstanceOf[Span] = Field(alias="<span>")

    @model_validator(mode="before")
    @classmethod
    def _from_tree(cls, data: Any) -> Any:
        if not isinstance(data, (Mapping, dict)):
            raise wrong(data, "a mapping")
        return fields_of(cls, data) if isinstance(data, Mapping) else data

    @classmethod
    def known_keys(cls) -> tuple[str, ...]:
        """The keys that the model takes in YAML."""
        names = (item.alias or name for name, item in cls.model_fields.items())
        return tuple(name for name in names if not name.startswith("<"))


def fields_of(model: type[Model], tree: Mapping) -> dict[str, Any]:
    """A mapping as keyword data for a model; unknown keys are marked with what would have been known."""
    known = model.known_keys()
    data: dict[str, Any] = {}
    for key, value in tree.entries:
        data[key.text] = value if key.text in known else UnknownKey(value, known)
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


def wrong(tree: Any, wanted: str, code: str = "SPC002", hint: str = "", written: str = "") -> PydanticCustomError:
    """The error for a node that is not what a field takes; `written` mends it."""
    found = describe(tree) if isinstance(tree, (Scalar, Sequence, Mapping)) else "something else"
    if isinstance(tree, Scalar) and tree.text == "" and tree.quoted:
        found = "an empty text"
    return mistake(tree, f"expected {wanted}, found {found}", code, hint or HINTS.get(wanted, ""), written)


def mistake(tree: Any, message: str, code: str, hint: str, written: str = "") -> PydanticCustomError:
    """An error at a node, which may lie inside the one that is being validated; `written` is what mends it.

    An … in `written` stands for the node itself.
    """
    told = {"code": code, "message": message, "hint": hint, "place": getattr(tree, "span", None)}
    return PydanticCustomError("spec", "{message}", {**told, "written": written} if written else told)


class Located(str):
    """A text that knows the node it was read from."""

    __slots__ = ("tree",)
    tree: Scalar

    def __new__(cls, text: str, tree: Scalar) -> Located:
        made = super().__new__(cls, text)
        made.tree = tree
        return made

    def __getnewargs__(self) -> tuple[str, Scalar]:  # type: ignore[override]
        return (str(self), self.tree)


def place_of(text: str | None, otherwise: Span) -> Span:
    """Where a text is written, as far as that is known."""
    return text.tree.span if isinstance(text, Located) else otherwise


def _text(tree: Any) -> Any:
    if isinstance(tree, Scalar) and tree.text != "" and (tree.quoted or tree.value is not None):
        return Located(tree.text, tree)
    raise wrong(tree, "a text")


def _flag(tree: Any) -> Any:
    if isinstance(tree, Scalar) and isinstance(tree.value, bool):
        return tree.value
    if isinstance(tree, Scalar) and tree.text.lower() in ("on", "off", "yes", "no"):
        meant = "true" if tree.text.lower() in ("on", "yes") else "false"
        hint = f"write {meant}: in YAML 1.2 {tree.text} is a text"
        raise wrong(tree, "true or false", "SPC004", hint, meant)
    raise wrong(tree, "true or false")


def _number(tree: Any) -> Any:
    if isinstance(tree, Scalar) and isinstance(tree.value, (int, float)) and not isinstance(tree.value, bool):
        return tree.value
    raise wrong(tree, "a number")


def _items(tree: Any) -> Any:
    if isinstance(tree, Sequence):
        return tree.items
    raise wrong(tree, "a list", written=f"[{ITSELF}]" if _is_one(tree) else "")


def _is_one(tree: Any) -> bool:
    """Whether a node may be the only item of the list that it should have been."""
    one = (isinstance(tree, Scalar) and tree.value is not None) or (
        isinstance(tree, Mapping) and len(tree.entries) == 1
    )
    return one and tree.alias is None and tree.span.line == tree.span.end_line


def _entries(tree: Any) -> Any:
    if isinstance(tree, Mapping):
        return {key.text: value for key, value in tree.entries}
    raise wrong(tree, "a mapping")


def _node(tree: Any) -> Any:
    if isinstance(tree, (Scalar, Sequence, Mapping)):
        return tree
    raise wrong(tree, "a value")


def _word(tree: Any) -> Any:
    if isinstance(tree, Scalar) and tree.text:
        return tree
    raise wrong(tree, "a name")


def one_of(*words: str) -> BeforeValidator:
    """A text that must be one of the words."""

    def check(tree: Any) -> Any:
        if not isinstance(tree, Scalar) or tree.text not in words:
            close = did_you_mean(tree.text, words) if isinstance(tree, Scalar) else None
            hint = f"did you mean {close}?" if close else "write one of these words"
            raise wrong(tree, "one of " + ", ".join(words), hint=hint, written=close or "")
        return tree.text

    return BeforeValidator(check)


Text = Annotated[InstanceOf[str], BeforeValidator(_text)]
Flag = Annotated[bool, BeforeValidator(_flag)]
Number = Annotated[int | float, BeforeValidator(_number)]
Node = Annotated[Any, BeforeValidator(_node)]
Word = Annotated[InstanceOf[Scalar], BeforeValidator(_word)]
Items = BeforeValidator(_items)
Entries = BeforeValidator(_entries)
Texts = Annotated[tuple[Text, ...], Items]
Nodes = Annotated[dict[str, Node], Entries]
