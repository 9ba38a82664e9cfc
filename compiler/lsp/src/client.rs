//! What a client understands, and what is offered to it.

use gen_lsp_types::{
    CallHierarchyProvider, CodeActionKind, CodeActionOptions, CodeActionProvider, CodeLensOptions,
    CompletionOptions, DefinitionProvider, DiagnosticOptions, DiagnosticProvider, DocumentFormattingProvider,
    DocumentLinkOptions, DocumentOnTypeFormattingOptions, DocumentRangeFormattingProvider,
    DocumentSymbolProvider, FoldingRangeProvider, Full, HoverProvider, InlayHintProvider,
    PositionEncodingKind, ReferencesProvider, RenameOptions, RenameProvider, SelectionRangeProvider,
    SemanticTokensLegend, SemanticTokensOptions, SemanticTokensProvider, ServerCapabilities,
    TextDocumentSync, TextDocumentSyncKind, TextDocumentSyncOptions, WorkspaceSymbolProvider,
};
use serde_json::{Value, json};

use crate::lines::Encoding;

/// What a client understands.
#[derive(Clone, Copy, Debug)]
pub struct Client {
    /// In what it counts columns.
    pub encoding: Encoding,
    /// Whether it shows places beside a diagnostic.
    pub has_related: bool,
    /// Whether it shows diagnostics by their tags.
    pub has_tags: bool,
    /// Whether it asks for texts of the server's own, such as the pages of codes.
    pub has_pages: bool,
    /// Whether it can be told to watch files.
    pub can_watch: bool,
    /// Whether it asks for diagnostics itself.
    pub pulls: bool,
    /// Whether it wants to hear how far a look has come.
    pub wants_status: bool,
    /// Whether edits may come with versions and annotations.
    pub has_document_changes: bool,
    /// Whether a change may be marked as one that a person confirms.
    pub has_annotations: bool,
    /// Whether symbols may be nested.
    pub has_nested_symbols: bool,
    /// Whether texts may be Markdown.
    pub has_markdown: bool,
    /// Whether completions may have places to fill in.
    pub has_snippets: bool,
    /// Whether it can be told to ask for lenses and hints again.
    pub refreshes_lenses: bool,
    /// Likewise for hints.
    pub refreshes_hints: bool,
    /// Likewise for tokens.
    pub refreshes_tokens: bool,
    /// Likewise for diagnostics.
    pub refreshes_diagnostics: bool,
}

impl Client {
    /// What a client says of itself.
    #[must_use]
    pub fn of(params: &Value) -> Self {
        // Its parts are optional to a great depth, and what we do not know is no reason to refuse a client.
        let said = params.get("capabilities").cloned().unwrap_or_default();
        let has = |path: &str| {
            said.pointer(path)
                .is_some_and(|value| *value == Value::Bool(true))
        };
        let there = |path: &str| said.pointer(path).is_some_and(|value| !value.is_null());
        let formats = said.pointer("/textDocument/hover/contentFormat");
        let option = |name: &str| {
            let options = params.get("initializationOptions");
            options.and_then(|options| options.get(name)) == Some(&Value::Bool(true))
        };
        Self {
            encoding: encoding(&said),
            has_related: has("/textDocument/publishDiagnostics/relatedInformation"),
            has_tags: there("/textDocument/publishDiagnostics/tagSupport"),
            has_pages: there("/workspace/textDocumentContent"),
            can_watch: has("/workspace/didChangeWatchedFiles/dynamicRegistration"),
            pulls: option("pullDiagnostics"),
            wants_status: option("status"),
            has_document_changes: has("/workspace/workspaceEdit/documentChanges"),
            has_annotations: there("/workspace/workspaceEdit/changeAnnotationSupport"),
            has_nested_symbols: has("/textDocument/documentSymbol/hierarchicalDocumentSymbolSupport"),
            has_markdown: formats.is_some_and(|formats| formats.to_string().contains("markdown")),
            has_snippets: has("/textDocument/completion/completionItem/snippetSupport"),
            refreshes_lenses: has("/workspace/codeLens/refreshSupport"),
            refreshes_hints: has("/workspace/inlayHint/refreshSupport"),
            refreshes_tokens: has("/workspace/semanticTokens/refreshSupport"),
            refreshes_diagnostics: has("/workspace/diagnostics/refreshSupport"),
        }
    }

    /// What is offered to it.
    #[must_use]
    pub fn offered(&self) -> ServerCapabilities {
        let words = |letters: &[&str]| letters.iter().map(|letter| (*letter).to_owned()).collect();
        ServerCapabilities {
            position_encoding: Some(match self.encoding {
                Encoding::Utf8 => PositionEncodingKind::UTF8,
                Encoding::Utf16 => PositionEncodingKind::UTF16,
                Encoding::Utf32 => PositionEncodingKind::UTF32,
            }),
            text_document_sync: Some(TextDocumentSync::Options(TextDocumentSyncOptions {
                open_close: Some(true),
                change: Some(TextDocumentSyncKind::Incremental),
                save: Some(true.into()),
                ..TextDocumentSyncOptions::default()
            })),
            completion_provider: Some(CompletionOptions {
                trigger_characters: Some(words(&["=", " ", ":", "\"", "/", ".", "{"])),
                ..CompletionOptions::default()
            }),
            hover_provider: Some(HoverProvider::Bool(true)),
            definition_provider: Some(DefinitionProvider::Bool(true)),
            references_provider: Some(ReferencesProvider::Bool(true)),
            document_symbol_provider: Some(DocumentSymbolProvider::Bool(true)),
            workspace_symbol_provider: Some(WorkspaceSymbolProvider::Bool(true)),
            code_action_provider: Some(CodeActionProvider::CodeActionOptions(CodeActionOptions {
                code_action_kinds: Some(vec![CodeActionKind::QuickFix, CodeActionKind::RefactorRewrite]),
                ..CodeActionOptions::default()
            })),
            code_lens_provider: Some(CodeLensOptions {
                resolve_provider: Some(true),
                ..CodeLensOptions::default()
            }),
            document_link_provider: Some(DocumentLinkOptions::default()),
            document_formatting_provider: Some(DocumentFormattingProvider::Bool(true)),
            document_range_formatting_provider: Some(DocumentRangeFormattingProvider::Bool(true)),
            document_on_type_formatting_provider: Some(DocumentOnTypeFormattingOptions {
                first_trigger_character: "}".to_owned(),
                more_trigger_character: Some(words(&["\n"])),
            }),
            rename_provider: Some(RenameProvider::RenameOptions(RenameOptions {
                prepare_provider: Some(true),
                ..RenameOptions::default()
            })),
            folding_range_provider: Some(FoldingRangeProvider::Bool(true)),
            selection_range_provider: Some(SelectionRangeProvider::Bool(true)),
            semantic_tokens_provider: Some(SemanticTokensProvider::SemanticTokensOptions(
                SemanticTokensOptions {
                    legend: SemanticTokensLegend {
                        token_types: words(crate::answer::tokens::TYPES),
                        token_modifiers: words(crate::answer::tokens::MODIFIERS),
                    },
                    full: Some(Full::Bool(true)),
                    ..SemanticTokensOptions::default()
                },
            )),
            call_hierarchy_provider: Some(CallHierarchyProvider::Bool(true)),
            inlay_hint_provider: Some(InlayHintProvider::Bool(true)),
            diagnostic_provider: self.pulls.then(|| {
                DiagnosticProvider::DiagnosticOptions(DiagnosticOptions {
                    identifier: Some("leastwise".to_owned()),
                    inter_file_dependencies: true,
                    workspace_diagnostics: true,
                    ..DiagnosticOptions::default()
                })
            }),
            workspace: serde_json::from_value(json!({
                "workspaceFolders": { "supported": true, "changeNotifications": true },
                "textDocumentContent": { "schemes": [crate::pages::SCHEME.trim_end_matches(":/")] },
            }))
            .ok(),
            ..ServerCapabilities::default()
        }
    }
}

/// The best of what the client offers; UTF-16 if it offers nothing.
fn encoding(said: &Value) -> Encoding {
    let offered = said
        .pointer("/general/positionEncodings")
        .and_then(Value::as_array)
        .map_or(&[][..], Vec::as_slice);
    let has = |name: &str| offered.iter().any(|one| one.as_str() == Some(name));
    if has("utf-8") {
        Encoding::Utf8
    } else if has("utf-32") && !has("utf-16") {
        Encoding::Utf32
    } else {
        Encoding::Utf16
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bytes_are_preferred_and_utf_16_is_what_everybody_speaks() {
        let of = |names: Value| encoding(&json!({ "general": { "positionEncodings": names } }));
        assert_eq!(of(json!(["utf-16", "utf-8", "utf-32"])), Encoding::Utf8);
        assert_eq!(of(json!(["utf-32"])), Encoding::Utf32);
        assert_eq!(of(json!(["utf-32", "utf-16"])), Encoding::Utf16);
        assert_eq!(of(json!([])), Encoding::Utf16);
        assert_eq!(encoding(&json!({})), Encoding::Utf16);
    }
}
