"""The language server, driven by pytest-lsp: a client by others, with the capabilities of three editors.

`LEASTWISE` names the command. pytest-lsp holds each answer against what the client said it understands; its
warnings are errors here.
"""

import asyncio
import os
import pathlib
import random

import pytest
import pytest_lsp
from lsprotocol import types
from pytest_lsp import ClientServerConfig, LanguageClient, client_capabilities, make_test_lsp_client

ROOT = """project notes edition="2026" {
    account main id="111122223333" region=eu-central-1 { steward "role/ops/deploy" }
}
team writers
owner writers
use "std/baseline/zero-trust"
"""
THINGS = """owner writers
key notes-key
bucket notes { physical "acme-notes"; encrypted key=notes-key; retain "90d" }
workload scribe runs-on=lambda
trust scribe -> notes { allow write; under "in/"; because "Notes come in here" }
"""
PROFILES = ["minimal", "visual-studio-code", "neovim@0.11"]
EDITS = int(os.environ.get("LEASTWISE_EDITS", "10000"))


def capabilities(profile):
    if profile == "minimal":
        return types.ClientCapabilities()
    return client_capabilities(profile)


def make_client():
    """pytest-lsp's client, which says that it refreshes what it shows, and answers when it is asked to."""
    client = make_test_lsp_client()
    for method in [
        types.CLIENT_REGISTER_CAPABILITY,
        types.WORKSPACE_CODE_LENS_REFRESH,
        types.WORKSPACE_INLAY_HINT_REFRESH,
        types.WORKSPACE_SEMANTIC_TOKENS_REFRESH,
    ]:

        @client.feature(method)
        def refreshed(_client, *_params):
            return None

    return client


def config():
    return ClientServerConfig(
        server_command=[os.environ["LEASTWISE"], "lsp"],
        client_factory=make_client,
    )


async def begin(client, folder, profile):
    uri = folder.as_uri()
    result = await client.initialize_session(
        types.InitializeParams(
            capabilities=capabilities(profile),
            root_uri=uri,
            workspace_folders=[types.WorkspaceFolder(uri=uri, name="notes")],
        )
    )
    client.unit = result.capabilities.position_encoding or "utf-16"


@pytest_lsp.fixture(config=config(), params=PROFILES)
async def client(request, lsp_client: LanguageClient, tmp_path):
    lsp_client.folder = write(tmp_path)
    await begin(lsp_client, lsp_client.folder, request.param)
    yield
    await lsp_client.shutdown_session()


def write(folder):
    folder = pathlib.Path(folder).resolve()
    (folder / "leastwise.kdl").write_text(ROOT)
    (folder / "things.kdl").write_text(THINGS)
    return folder


class Text:
    """An open file, and where its letters are."""

    def __init__(self, client, name, text):
        self.client, self.text, self.version = client, text, 1
        self.uri = (client.folder / name).as_uri()
        client.text_document_did_open(
            types.DidOpenTextDocumentParams(
                types.TextDocumentItem(uri=self.uri, language_id="kdl", version=1, text=text)
            )
        )

    @property
    def document(self):
        return types.TextDocumentIdentifier(uri=self.uri)

    def width(self, text):
        if self.client.unit == "utf-8":
            return len(text.encode())
        if self.client.unit == "utf-32":
            return len(text)
        return len(text.encode("utf-16-le")) // 2

    def place(self, at):
        before = self.text[:at].replace("\r\n", "\n\n").replace("\r", "\n")
        before = self.text[:at]
        lines = before.split("\n")
        return types.Position(line=len(lines) - 1, character=self.width(lines[-1]))

    def at(self, text, behind=0):
        return self.place(self.text.index(text) + behind)

    def replace(self, start, end, new):
        change = types.TextDocumentContentChangePartial(
            range=types.Range(self.place(start), self.place(end)), text=new
        )
        self.version += 1
        self.text = self.text[:start] + new + self.text[end:]
        self.client.text_document_did_change(
            types.DidChangeTextDocumentParams(
                types.VersionedTextDocumentIdentifier(uri=self.uri, version=self.version), [change]
            )
        )

    def edit(self, old, new):
        start = self.text.index(old)
        self.replace(start, start + len(old), new)

    def apply(self, edits):
        """What the edits of an answer make of the text."""

        def offset(place):
            lines = self.text.split("\n")
            start = sum(len(line) + 1 for line in lines[: place.line])
            line, used = (lines + [""])[place.line], 0
            for index, letter in enumerate(line):
                if used >= place.character:
                    return start + index
                used += self.width(letter)
            return min(start + len(line), len(self.text))

        text = self.text
        for edit in sorted(edits, key=lambda one: (one.range.start.line, one.range.start.character), reverse=True):
            text = text[: offset(edit.range.start)] + edit.new_text + text[offset(edit.range.end) :]
        return text

    async def diagnostics(self):
        report = await self.client.text_document_diagnostic_async(
            types.DocumentDiagnosticParams(text_document=self.document)
        )
        return report.items

    async def codes(self):
        return [one.code for one in await self.diagnostics()]


@pytest.mark.asyncio
async def test_a_session(client):
    """Open, break, complete, mend, find, rename across files, format."""
    root, things = Text(client, "leastwise.kdl", ROOT), Text(client, "things.kdl", THINGS)
    assert await things.codes() == []
    # Break it: what is wrong is published, too.
    things.edit("key=notes-key", "key=notes-k")
    assert await things.codes() == ["undeclared-name"]
    for _ in range(100):
        if [one.code for one in client.diagnostics.get(things.uri, [])] == ["undeclared-name"]:
            break
        await asyncio.sleep(0.05)
    assert [one.code for one in client.diagnostics[things.uri]] == ["undeclared-name"]
    # Complete, and so mend it.
    found = await client.text_document_completion_async(
        types.CompletionParams(text_document=things.document, position=things.at("key=notes-k", 11))
    )
    assert [item.label for item in found.items] == ["notes-key"]
    mended = things.apply([found.items[0].text_edit])
    assert mended == THINGS
    things.replace(0, len(things.text), mended)
    assert await things.codes() == []
    # Letters of two and four bytes stand before what is asked for.
    things.edit('because "Notes', 'because "é𝄞 Notes')
    position = things.at("allow write", 6)
    hover = await client.text_document_hover_async(
        types.HoverParams(text_document=things.document, position=position)
    )
    assert "s3:PutObject" in hover.contents.value
    # Find.
    definition = await client.text_document_definition_async(
        types.DefinitionParams(text_document=things.document, position=things.at("owner writers", 7))
    )
    assert definition.uri == root.uri
    references = await client.text_document_references_async(
        types.ReferenceParams(
            text_document=things.document,
            position=things.at("owner writers", 7),
            context=types.ReferenceContext(include_declaration=True),
        )
    )
    assert len(references) == 3
    # Rename across files.
    edit = await client.text_document_rename_async(
        types.RenameParams(text_document=things.document, position=things.at("owner writers", 7), new_name="authors")
    )
    changes = edit.changes or {change.text_document.uri: change.edits for change in edit.document_changes}
    for text in (root, things):
        renamed = text.apply(changes[text.uri])
        assert "writers" not in renamed
        text.replace(0, len(text.text), renamed)
    assert await things.codes() == [] and await root.codes() == []
    # Format.
    things.edit("key notes-key", "key    notes-key")
    options = types.FormattingOptions(tab_size=4, insert_spaces=True)
    edits = await client.text_document_formatting_async(
        types.DocumentFormattingParams(text_document=things.document, options=options)
    )
    assert "\nkey notes-key\n" in things.apply(edits)
    # The rest of what is offered.
    symbols = await client.text_document_document_symbol_async(types.DocumentSymbolParams(things.document))
    assert [one.name for one in symbols][:2] == ["notes-key", "notes"]
    folds = await client.text_document_folding_range_async(types.FoldingRangeParams(root.document))
    assert folds[0].start_line == 0
    tokens = await client.text_document_semantic_tokens_full_async(types.SemanticTokensParams(things.document))
    assert len(tokens.data) > 50 and len(tokens.data) % 5 == 0
    lenses = await client.text_document_code_lens_async(types.CodeLensParams(things.document))
    resolved = [await client.code_lens_resolve_async(lens) for lens in lenses]
    assert "1 subject reaches this" in [lens.command.title for lens in resolved]
    items = await client.text_document_prepare_call_hierarchy_async(
        types.CallHierarchyPrepareParams(things.document, things.at("bucket notes", 8))
    )
    calls = await client.call_hierarchy_incoming_calls_async(types.CallHierarchyIncomingCallsParams(items[0]))
    assert [call.from_.name for call in calls] == ["scribe"]
    whole = types.Range(types.Position(0, 0), things.place(len(things.text)))
    hints = await client.text_document_inlay_hint_async(types.InlayHintParams(things.document, whole))
    assert hints
    actions = await client.text_document_code_action_async(
        types.CodeActionParams(things.document, types.Range(things.at("scribe runs"), things.at("scribe runs")),
                               types.CodeActionContext(diagnostics=[]))
    )
    assert [action.title for action in actions] == ["add a trust of `scribe`"]


PIECES = [
    "}", "{", '"', "\n", " ", ";", "trust ", "scribe", "-> ", "notes", "allow read", 'because "x"', "/*", "*/", "//",
    "key=", "notes-key", "bucket b1 { ", "é", "𝄞", "(", ")", "#true", "/-", "\\", "workload w ", "segment=", "$x",
]


def draw(random, text):
    size = len(text.text)
    start = random.randrange(size + 1)
    what = random.randrange(12)
    if what == 0:
        text.replace(0, size, THINGS)
    elif what < 5:
        text.replace(start, min(size, start + random.randrange(24)), "")
    else:
        text.replace(start, start, random.choice(PIECES))


async def answers(client, text):
    async def told(answer):
        try:
            return repr(await answer).replace(client.folder.as_uri(), "")
        except Exception as refused:  # a refusal is an answer
            return type(refused).__name__ + str(refused)

    place = text.place(len(text.text) // 2)
    document = text.document
    return [
        await told(text.diagnostics()),
        await told(client.text_document_document_symbol_async(types.DocumentSymbolParams(document))),
        await told(client.text_document_semantic_tokens_full_async(types.SemanticTokensParams(document))),
        await told(client.text_document_completion_async(types.CompletionParams(document, place))),
        await told(client.text_document_hover_async(types.HoverParams(document, place))),
        await told(client.text_document_definition_async(types.DefinitionParams(document, place))),
    ]


@pytest.mark.asyncio
async def test_random_edits(client, tmp_path_factory):
    """Crashes and wrong answers are counted: the answers are those of a new server with the same text."""
    Text(client, "leastwise.kdl", ROOT)
    things = Text(client, "things.kdl", THINGS)
    drawn, wrong, compared = random.Random(7), 0, 0
    for number in range(1, EDITS + 1):
        draw(drawn, things)
        if number % 25 == 0:
            await asyncio.sleep(0)
        if number % (EDITS // 5) == 0:
            long = await answers(client, things)
            fresh = await config().start()
            fresh.folder = write(tmp_path_factory.mktemp("fresh"))
            fresh.capabilities_of = client.capabilities
            await fresh.initialize_session(
                types.InitializeParams(capabilities=client.capabilities, root_uri=fresh.folder.as_uri())
            )
            fresh.unit = client.unit
            Text(fresh, "leastwise.kdl", ROOT)
            new = await answers(fresh, Text(fresh, "things.kdl", things.text))
            await fresh.shutdown_session()
            await fresh.stop()
            compared += len(new)
            wrong += sum(one != other for one, other in zip(long, new))
    assert compared == 30
    print(f"{EDITS} edits, {compared} answers compared, {wrong} wrong")
    assert wrong == 0
