"""Write the generated parts of the documentation, or with --check report whether they are current."""

from __future__ import annotations

import runpy
import sys
from collections.abc import Mapping
from pathlib import Path

import archspec
from archspec.ir.parameters import Parameter, show
from archspec.language.budget import Budget
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
from archspec.language.symbols import BlockDefinition, DeclaredParameter, library_block, library_names
from archspec.language.synonyms import KEYS, LAYERS, WORDS, Synonym
from archspec.language.vocabulary import INIT_DESCRIPTIONS, INIT_SCHEMES, RESIDUAL_MERGES, ROLES, SHORTCUT_KINDS
from archspec.linter.catalogue import rules
from archspec.linter.pages import index, page
from archspec.linter.rule import Example, Rule
from archspec.ops import find_op, op_names, op_parameters
from archspec.source import Tree, plain
from archspec.source.emit_scalar import emit_value

LANGUAGE = Path(__file__).parent / "language.md"
RULES = Path(__file__).parent / "rules"
TUTORIAL = Path(__file__).parent / "tutorial.md"
PYTHON = Path(__file__).parent / "python.md"
OTHER_WORDS = Path(__file__).parent / "other_words.md"


def main() -> int:
    """Write the generated parts; with --check, write nothing and return 1 if a part is stale or a page is left over."""
    # run_path, as docs/ is no package: its scripts are run by path.
    replayed = runpy.run_path(str(TUTORIAL.parent / "replay.py"))["replayed"]
    wanted = {LANGUAGE: generated(LANGUAGE.read_text(encoding="utf-8")), **rule_pages()}
    wanted[TUTORIAL] = replayed(TUTORIAL.read_text(encoding="utf-8"))
    reference = runpy.run_path(str(PYTHON.parent / "python_reference.py"))["reference"]
    wanted[PYTHON] = with_part(PYTHON.read_text(encoding="utf-8"), "names", reference())
    wanted[OTHER_WORDS] = with_synonyms(OTHER_WORDS.read_text(encoding="utf-8"))
    gone = sorted(set(RULES.glob("*.md")) - set(wanted))
    stale = [path for path, text in wanted.items() if not path.exists() or path.read_text(encoding="utf-8") != text]
    if "--check" in sys.argv:
        print("\n".join(f"not current: {path}" for path in (*stale, *gone)))
        return int(bool(stale or gone))
    RULES.mkdir(exist_ok=True)
    for path in stale:
        path.write_text(wanted[path], encoding="utf-8")
    # The page of a rule that was removed or renamed.
    for path in gone:
        path.unlink()
    return 0


def rule_pages() -> dict[Path, str]:
    """Return a page for each rule, and the page that lists them."""
    pages = {
        RULES / f"{rule.code}.md": page(rule, [_lint_output(rule, example) for example in rule.bad]) for rule in rules()
    }
    return {RULES / "README.md": index(rules()), **pages}


def _lint_output(rule: Rule, example: Example) -> str:
    """Return what lint prints for a bad example at its place."""
    found = archspec.lint(example.text, file="spec.yaml", select=() if rule.enabled else (rule.code,))
    # Unpacked, so that an example with no or two findings at its place ends the generation.
    (diagnostic,) = (d for d in found if d.code == rule.code and f"{d.span.line}:{d.span.column}" == example.at)
    causes = [f"  because: {cause.message}" for cause in diagnostic.causes]
    return "\n".join([str(diagnostic), *causes, f"  help: {diagnostic.hint}"])


KEYED_MODELS: dict[str, type[Model]] = {
    "spec": SpecDocument,
    "layer": Layer,
    "declaration": ParameterDeclaration,
    "input": InputDeclaration,
    "port": PortDeclaration,
    "reference": ReferenceItem,
    "budget": Budget,
    "block": BlockDocument,
    "residual": ResidualLayer,
    "branches": BranchesLayer,
    "branch": Branch,
    "sequence": SequenceLayer,
    "network": NetworkLayer,
}
"""The models whose keys docs/language.md has a table of."""


def generated(text: str) -> str:
    """Return language.md with its generated parts current."""
    tables = {f"keys of {name}": _keys(name, model) for name, model in KEYED_MODELS.items()}
    tables |= {"roles": _words("role", ROLES), "merges": _words("merge", RESIDUAL_MERGES)}
    tables |= {"shortcuts": _words("shortcut", SHORTCUT_KINDS), "schemes": _schemes()}
    tables |= {"structure": _words("key", {word: model.summary() for word, model in STRUCTURE_MODELS.items()})}
    for name, table in {**tables, "ops": _ops(), "blocks": _blocks()}.items():
        text = with_part(text, name, table)
    return text


def with_synonyms(text: str) -> str:
    """Return other_words.md with its tables current."""
    for name, table in (("layers", LAYERS), ("other keys", KEYS), ("values", WORDS)):
        text = with_part(text, name, _synonyms(table))
    return text


def _synonyms(table: tuple[Synonym, ...]) -> str:
    lines = ["| word | here | what else differs |", "|---|---|---|"]
    for entry in table:
        words = ", ".join(f"`{word}`" for word in entry.words.split())
        meant = f"`{entry.example or entry.name}`" if entry.example or entry.name else ""
        lines.append(f"| {words} | {_cell(meant)} | {_cell(entry.note)} |")
    return "\n".join(lines) + "\n"


def with_part(text: str, name: str, part: str) -> str:
    """Return a page with the text between the marks of a generated part replaced."""
    start, end = f"<!-- {name}: generated by docs/generate.py -->\n", f"<!-- end of {name} -->"
    before, _, rest = text.partition(start)
    return before + start + part + end + rest.partition(end)[2]


def _keys(name: str, model: type[Model]) -> str:
    """Return the table of a model's keys; a structure's leaves out those that any layer may carry."""
    fields = model.keyed_fields()
    if issubclass(model, Layer) and model is not Layer:
        # These have a table of their own, "keys of layer".
        fields = {key: field for key, field in fields.items() if key not in RESERVED}
    lines = ["| key | meaning | example |", "|---|---|---|"]
    for key, field in fields.items():
        examples = ", ".join(f"`{emit_value(example)}`" for example in field.examples or ())
        lines.append(f"| `{key}` | {_cell(field.description or '')} | {_cell(examples)} |")
    return "\n".join(lines) + "\n"


def _words(heading: str, words: Mapping[str, str]) -> str:
    lines = [
        f"| {heading} | meaning |",
        "|---|---|",
        *(f"| `{word}` | {_cell(text)} |" for word, text in words.items()),
    ]
    return "\n".join(lines) + "\n"


def _schemes() -> str:
    lines = ["| scheme | arguments | meaning |", "|---|---|---|"]
    for name, arguments in INIT_SCHEMES.items():
        shown = ", ".join(f"`{argument}`" for argument in arguments)
        lines.append(f"| `{name}` | {shown} | {_cell(INIT_DESCRIPTIONS[name])} |")
    return "\n".join(lines) + "\n"


def _ops() -> str:
    lines = ["| op | what it does | arguments |", "|---|---|---|"]
    for name in op_names():
        op = find_op(name)
        assert op is not None
        about = " ".join((op.__doc__ or "").split("\n\n")[0].split())
        arguments = ", ".join(_argument(p) for p in op_parameters(name))
        ports = ", ".join(port.name + ("?" if port.optional else "") for port in op.ports)
        if len(op.ports) > 1:
            about += f" Ports: {ports}."
        lines.append(f"| `{name}` | {_cell(about)} | {_cell(arguments)} |")
    return "\n".join(lines) + "\n"


def _argument(parameter: Parameter) -> str:
    text = f"`{parameter.name}`"
    if parameter.main:
        text = f"**{text}**"
    if not parameter.required:
        text += f" = {show(parameter.default)}"
    words = (*parameter.choices, *parameter.words)
    return f"{text} ({', '.join(words)})" if words else text


def _blocks() -> str:
    lines = ["| block | what it is | parameters |", "|---|---|---|"]
    for name in library_names():
        block = library_block(name)
        assert isinstance(block, BlockDefinition)
        arguments = ", ".join(_declared(item) for item in block.declared)
        lines.append(f"| `{name}` | {_cell(block.model.about or '')} | {_cell(arguments)} |")
    return "\n".join(lines) + "\n"


def _declared(item: DeclaredParameter) -> str:
    text = f"`{item.parameter.name}`"
    return text if item.default is None else f"{text} = {_default(item.default)}"


def _default(tree: Tree) -> str:
    return show(plain(tree))


def _cell(text: str) -> str:
    return text.replace("|", "\\|")


if __name__ == "__main__":
    sys.exit(main())
