"""The language server as an editor drives it: a real client, a separate process, messages over its pipes."""

from __future__ import annotations

import asyncio
import subprocess
import sys
from collections.abc import AsyncIterator, Iterable
from itertools import count
from pathlib import Path

import pytest
import pytest_lsp
from lsprotocol import types
from pytest_lsp import ClientServerConfig, LanguageClient, client_capabilities

from tests.narrow import present

ON_ONE_LOOP = pytest.mark.asyncio(loop_scope="module")
ROOT = Path(__file__).resolve().parent.parent.parent
COMMAND = [sys.executable, "-m", "archspec", "lsp", "--stdio"]
BROKEN = """\
input: [3, 32, 32]   # kept
params: {width: 16, spare: 2}   # kept as well
stem:
  - conv: {name: conv1, channels: width}
  - residual:
      body: [{conv: 16}, act, {conv: 32}]
      shortcut: identity
head: [global_avg_pool, {linear: {featurs: 10}}]
"""


@pytest_lsp.fixture(scope="module", loop_scope="module", config=ClientServerConfig(server_command=COMMAND))  # type: ignore[untyped-decorator]
async def client(lsp_client: LanguageClient) -> AsyncIterator[None]:
    parameters = types.InitializeParams(capabilities=client_capabilities("visual-studio-code"))
    await lsp_client.initialize_session(parameters)
    yield
    await lsp_client.shutdown_session()


NUMBERS = count()


def open_text(client: LanguageClient, text: str) -> str:
    """Open a text as a document of its own; its URI."""
    uri = f"file:///tmp/archspec/spec{next(NUMBERS)}.yaml"
    document = types.TextDocumentItem(uri, "yaml", 1, text)
    client.text_document_did_open(types.DidOpenTextDocumentParams(document))
    return uri


def change(client: LanguageClient, uri: str, text: str, version: int) -> None:
    client.text_document_did_change(
        types.DidChangeTextDocumentParams(
            types.VersionedTextDocumentIdentifier(version, uri), [types.TextDocumentContentChangeWholeDocument(text)]
        )
    )


async def diagnostics(client: LanguageClient, uri: str) -> list[types.Diagnostic]:
    """What is next published for a document."""
    while True:
        notification = await client.wait_for_notification(types.TEXT_DOCUMENT_PUBLISH_DIAGNOSTICS)
        if notification.uri == uri:
            return list(notification.diagnostics)


def position(text: str, needle: str, offset: int = 0) -> types.Position:
    before = text[: text.index(needle) + offset]
    return types.Position(before.count("\n"), len(before.rpartition("\n")[2]))


@ON_ONE_LOOP
async def test_findings_come_as_one_types_and_go_when_they_are_fixed(client: LanguageClient) -> None:
    uri = open_text(client, BROKEN)
    found = {d.code: d for d in await diagnostics(client, uri)}
    key = found["SPC001"]
    assert key.range == types.Range(position(BROKEN, "featurs"), position(BROKEN, "featurs", len("featurs"))), (
        "the key is underlined"
    )
    assert key.severity == types.DiagnosticSeverity.Error
    assert key.source == "archspec"
    assert key.code_description is not None
    shortcut = found["RES001"]
    assert shortcut.related_information, "where the two numbers come from"
    assert {info.location.uri for info in shortcut.related_information} == {uri}
    assert found["SPC006"].tags == (types.DiagnosticTag.Unnecessary,)

    change(client, uri, BROKEN.replace("featurs", "features").replace("{conv: 32}", "{conv: 16}"), 2)
    assert [d.code for d in await diagnostics(client, uri) if d.severity == types.DiagnosticSeverity.Error] == []

    client.text_document_did_close(types.DidCloseTextDocumentParams(types.TextDocumentIdentifier(uri)))
    assert await diagnostics(client, uri) == []


@ON_ONE_LOOP
async def test_the_newest_text_wins(client: LanguageClient) -> None:
    uri = open_text(client, BROKEN)
    await diagnostics(client, uri)
    for version in range(2, 12):
        change(client, uri, BROKEN.replace("featurs", "features" if version == 11 else f"feature{version}"), version)
    messages = [d.message for d in await diagnostics(client, uri)]
    await asyncio.sleep(0.2)
    assert "SPC001" not in [d.code for d in client.diagnostics[uri]], messages


@ON_ONE_LOOP
async def test_what_a_variant_alone_has_comes_later(client: LanguageClient) -> None:
    text = BROKEN.replace("featurs", "features").replace("{conv: 32}", "{conv: 16}").replace(", spare: 2", "")
    uri = open_text(client, text + "variants:\n  wide: {width: 32}\n")
    found = await diagnostics(client, uri)
    if not any(d.code == "RES001" for d in found):
        found = await diagnostics(client, uri)
    (shortcut,) = [d for d in found if d.code == "RES001"]
    assert "in wide" in shortcut.message


@ON_ONE_LOOP
async def test_hover_shows_shape_and_price(client: LanguageClient) -> None:
    text = (ROOT / "specs" / "resnet.yaml").read_text(encoding="utf-8")
    uri = open_text(client, text)
    at = types.TextDocumentPositionParams(
        types.TextDocumentIdentifier(uri), position(text, "{block: block, name: layer2", 3)
    )
    found = await client.text_document_hover_async(types.HoverParams(at.text_document, at.position))
    assert found is not None
    assert isinstance(found.contents, types.MarkupContent)
    assert "512×28×28" in found.contents.value
    assert "1,219,584 parameters" in found.contents.value
    assert "layer2.0.downsample" in found.contents.value


@ON_ONE_LOOP
async def test_completion_in_a_text_that_is_being_written(client: LanguageClient) -> None:
    text = BROKEN[: BROKEN.index("channels")] + "ker"
    uri = open_text(client, text)
    at = types.Position(3, len("  - conv: {name: conv1, ker"))
    found = await client.text_document_completion_async(types.CompletionParams(types.TextDocumentIdentifier(uri), at))
    assert isinstance(found, types.CompletionList)
    kernel = next(item for item in found.items if item.label == "kernel")
    assert kernel.text_edit == types.TextEdit(types.Range(types.Position(3, at.character - 3), at), "kernel: ")
    assert isinstance(kernel.documentation, types.MarkupContent)
    assert "3 if left out" in kernel.documentation.value


@ON_ONE_LOOP
async def test_a_proposal_is_explained_when_it_is_looked_at(client: LanguageClient) -> None:
    text = "input: [3, 8, 8]\nstem:\n  - "
    uri = open_text(client, text)
    found = await client.text_document_completion_async(
        types.CompletionParams(types.TextDocumentIdentifier(uri), types.Position(2, 4))
    )
    assert isinstance(found, types.CompletionList)
    block = next(item for item in found.items if item.label == "bottleneck")
    assert block.documentation is None
    resolved = await client.completion_item_resolve_async(block)
    assert isinstance(resolved.documentation, types.MarkupContent)
    assert "`expansion` = 4" in resolved.documentation.value


@ON_ONE_LOOP
async def test_definitions_lead_to_layers_and_into_the_library(client: LanguageClient) -> None:
    text = (ROOT / "specs" / "unet.yaml").read_text(encoding="utf-8")
    uri = open_text(client, text)

    async def defined(needle: str, offset: int) -> types.Location:
        found = await client.text_document_definition_async(
            types.DefinitionParams(types.TextDocumentIdentifier(uri), position(text, needle, offset))
        )
        assert isinstance(found, types.Location)
        return found

    layer = await defined("skip: down3", 8)
    assert (layer.uri, layer.range.start) == (uri, position(text, "name: down3", 6))
    block = await defined("down: {name: down3", 1)
    assert block.uri == (ROOT / "archspec" / "library" / "down.yaml").as_uri()


@ON_ONE_LOOP
async def test_a_quick_fix_edits_the_text_and_keeps_its_comments(client: LanguageClient) -> None:
    uri = open_text(client, BROKEN)
    (spare,) = [d for d in await diagnostics(client, uri) if d.code == "SPC006"]
    actions = await client.text_document_code_action_async(
        types.CodeActionParams(types.TextDocumentIdentifier(uri), spare.range, types.CodeActionContext([spare]))
    )
    fixes = [a for a in present(actions) if isinstance(a, types.CodeAction) and a.kind == types.CodeActionKind.QuickFix]
    action = next(fix for fix in fixes if fix.title.startswith("SPC006"))
    assert action.is_preferred, "it changes nothing that the design means"
    fixed = applied(BROKEN, present(present(action.edit).changes)[uri])
    assert fixed == BROKEN.replace(", spare: 2", "")
    change(client, uri, fixed, 2)
    assert "SPC006" not in [d.code for d in await diagnostics(client, uri)]


def applied(text: str, edits: Iterable[types.TextEdit]) -> str:
    """A text with edits made, as an editor makes them (of characters that are one unit)."""
    lines = text.splitlines(keepends=True)
    starts = [sum(map(len, lines[:number])) for number in range(len(lines) + 1)]
    for edit in sorted(edits, key=lambda e: (e.range.start.line, e.range.start.character), reverse=True):
        start = starts[edit.range.start.line] + edit.range.start.character
        end = starts[edit.range.end.line] + edit.range.end.character
        text = text[:start] + edit.new_text + text[end:]
    return text


@ON_ONE_LOOP
async def test_the_outline(client: LanguageClient) -> None:
    uri = open_text(client, BROKEN)
    found = await client.text_document_document_symbol_async(
        types.DocumentSymbolParams(types.TextDocumentIdentifier(uri))
    )
    symbols = [entry for entry in present(found) if isinstance(entry, types.DocumentSymbol)]
    assert [entry.name for entry in symbols] == ["input", "params", "stem", "head"]
    assert [entry.name for entry in present(symbols[2].children)] == ["conv conv1", "residual"]


def test_without_pygls_a_line_says_what_to_install() -> None:
    script = "import sys; sys.modules['pygls'] = None\nfrom archspec.cli.main import main\nsys.exit(main(['lsp']))\n"
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, cwd=ROOT, check=False)
    assert done.returncode == 2
    assert done.stderr == "archspec: the language server needs pygls: pip install -e '.[lsp]'\n"


@pytest.mark.parametrize("name", ["pygls", "lsprotocol"])
def test_only_the_server_imports_what_it_is_made_of(name: str) -> None:
    script = (
        f"import sys; from archspec.cli.main import main; main(['lint', 'resnet18']); sys.exit({name!r} in sys.modules)"
    )
    subprocess.run([sys.executable, "-c", script], capture_output=True, cwd=ROOT, check=True)
