//! Findings and spans in the words of the protocol.

use std::path::{Path, PathBuf};
use std::sync::{Arc, OnceLock};

use diagnostics::Severity;
use gen_lsp_types::{
    Code, CodeDescription, Diagnostic, DiagnosticRelatedInformation, DiagnosticSeverity, DiagnosticTag,
    Location, Message, Uri,
};
use ide::learned::Learned;
use resolve::Library;
use source::{FileId, Sources, Span};

use crate::client::Client;
use crate::findings::Finding;
use crate::lines::{Encoding, Lines};
use crate::uri;

/// What every answer needs to know of the client and of the project.
#[derive(Clone, Debug)]
pub struct Cx {
    /// What the client understands.
    pub client: Arc<Client>,
    /// The project's folder.
    pub folder: PathBuf,
    /// What is shown of it.
    pub shown: Arc<Vec<Finding>>,
    /// What the language takes.
    pub language: Arc<Language>,
}

/// What the language takes, worked out once.
#[derive(Debug)]
pub struct Language {
    library: Arc<Library>,
    learned: OnceLock<Learned>,
}

impl Language {
    /// Of a library; nothing is worked out yet.
    #[must_use]
    pub fn of(library: Arc<Library>) -> Self {
        Self {
            library,
            learned: OnceLock::new(),
        }
    }

    /// What the language takes.
    pub fn learned(&self) -> &Learned {
        self.learned.get_or_init(|| Learned::of_language(&self.library))
    }
}

impl Cx {
    /// In what the client counts.
    #[must_use]
    pub fn encoding(&self) -> Encoding {
        self.client.encoding
    }

    /// The lines of a file.
    #[must_use]
    pub fn lines<'t>(&self, sources: &'t Sources, file: FileId) -> Lines<'t> {
        Lines::of(sources.get(file).map_or("", |file| &file.text), self.encoding())
    }

    /// The address of a file of the project.
    #[must_use]
    pub fn uri(&self, sources: &Sources, file: FileId) -> Option<Uri> {
        let path = &sources.get(file)?.path;
        Some(uri::of(&self.folder.join(Path::new(&**path))))
    }

    /// Where a span stands.
    #[must_use]
    pub fn location(&self, sources: &Sources, span: Span) -> Option<Location> {
        Some(Location {
            uri: self.uri(sources, span.file)?,
            range: self.lines(sources, span.file).range(span),
        })
    }

    /// A finding as the client shows it.
    #[must_use]
    pub fn diagnostic(&self, sources: &Sources, finding: &Finding, lines: &Lines<'_>) -> Diagnostic {
        let found = &finding.diagnostic;
        let mut message = found.message.clone();
        if let Some(place) = &finding.elsewhere {
            message.push_str(&format!(" ({place})"));
        }
        for note in &found.notes {
            message.push_str(&format!("\nnote: {note}"));
        }
        if let Some(help) = &found.help {
            message.push_str(&format!("\nhelp: {help}"));
        }
        match finding.environments.as_slice() {
            [] => {}
            [one] => message.push_str(&format!("\nin the environment {one}")),
            several => message.push_str(&format!("\nin the environments {}", several.join(", "))),
        }
        let own = found.span.map(|span| span.file);
        let related = found.labels.iter().filter_map(|label| {
            // The lines of the file itself are known.
            let location = match Some(label.span.file) == own {
                true => Location {
                    uri: self.uri(sources, label.span.file)?,
                    range: lines.range(label.span),
                },
                false => self.location(sources, label.span)?,
            };
            Some(DiagnosticRelatedInformation {
                location,
                message: label.text.clone(),
            })
        });
        let related: Vec<_> = if self.client.has_related {
            related.collect()
        } else {
            Vec::new()
        };
        // What nothing refers to is shown faintly.
        let is_unused = found.code.name.starts_with("unused-");
        let tags = (self.client.has_tags && is_unused).then(|| vec![DiagnosticTag::Unnecessary]);
        Diagnostic {
            range: found
                .span
                .map_or_else(|| lines.between(0, 0), |span| lines.range(span)),
            severity: Some(match found.code.severity {
                Severity::Error => DiagnosticSeverity::Error,
                Severity::Warning => DiagnosticSeverity::Warning,
                Severity::Note => DiagnosticSeverity::Information,
            }),
            code: Some(Code::String(found.code.name.to_owned())),
            code_description: self.client.has_pages.then(|| CodeDescription {
                href: Uri(format!("{}{}.md", crate::pages::SCHEME, found.code.name)),
            }),
            source: Some("leastwise".to_owned()),
            message: Message::String(message),
            tags,
            related_information: (!related.is_empty()).then_some(related),
            data: None,
        }
    }
}
