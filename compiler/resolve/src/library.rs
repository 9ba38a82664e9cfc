//! The standard library: an index from kind to file, so that only the files of used kinds are parsed.
//!
//! It is handed down as a value: the command embeds its own, and the tests read the folder.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use diagnostics::{Code, Diagnostic, Edit, Report, Safety, Severity};
use sha2::{Digest, Sha256};
use source::{FileId, Origin, Sources};
use syntax::document::{Document, Node};

use crate::near::Near;

pub(crate) static UNKNOWN_LIBRARY_FILE: Code = Code {
    name: "unknown-library-file",
    severity: Severity::Error,
    summary: "the standard library has no such file",
    docs: include_str!("pages/unknown_library_file.md"),
};

/// A file of the standard library.
#[derive(Clone, Debug)]
pub struct LibraryFile {
    /// Below `stdlib/`, `/`-separated.
    pub path: String,
    /// Its text.
    pub text: Arc<str>,
    /// The kinds that it declares.
    pub kinds: Vec<String>,
}

/// The standard library of a compiler.
#[derive(Clone, Debug)]
pub struct Library {
    files: Vec<LibraryFile>,
    /// Where each kind is declared: in one file, or its other declarations are told as duplicates.
    kinds: BTreeMap<String, Vec<usize>>,
}

impl Library {
    /// A library of files, each by its path below `stdlib/` and its text. Their order means nothing.
    #[must_use]
    pub fn new(files: impl IntoIterator<Item = (String, Arc<str>)>) -> Self {
        let texts: BTreeMap<String, Arc<str>> = files.into_iter().collect();
        let mut files = Vec::with_capacity(texts.len());
        let mut kinds: BTreeMap<String, Vec<usize>> = BTreeMap::new();
        for (path, text) in texts {
            let declared: BTreeSet<&str> = text.lines().filter_map(declared).collect();
            for kind in &declared {
                kinds.entry((*kind).to_owned()).or_default().push(files.len());
            }
            let declared = declared.into_iter().map(str::to_owned).collect();
            files.push(LibraryFile {
                path,
                kinds: declared,
                text,
            });
        }
        Self { files, kinds }
    }

    /// Its files, in order of path.
    #[must_use]
    pub fn files(&self) -> &[LibraryFile] {
        &self.files
    }

    /// SHA-256 of each file, in hexadecimal, in order of path: what the lock holds.
    #[must_use]
    pub fn digests(&self) -> Vec<(&str, String)> {
        self.files
            .iter()
            .map(|file| (file.path.as_str(), hexadecimal(file.text.as_bytes())))
            .collect()
    }

    /// SHA-256 over the paths and digests of all files, in hexadecimal.
    #[must_use]
    pub fn digest(&self) -> String {
        let mut all = String::new();
        for (path, digest) in self.digests() {
            all.push_str(&format!("{path} {digest}\n"));
        }
        hexadecimal(all.as_bytes())
    }

    /// The kinds that it declares.
    pub(crate) fn kinds(&self) -> impl Iterator<Item = &str> + Clone {
        self.kinds.keys().map(String::as_str)
    }

    pub(crate) fn has_kind(&self, kind: &str) -> bool {
        self.kinds.contains_key(kind)
    }
}

/// The kind that a line of a file declares. Nothing is parsed here.
fn declared(line: &str) -> Option<&str> {
    line.strip_prefix("kind ")?.split_whitespace().next()
}

/// SHA-256 in hexadecimal.
pub(crate) fn hexadecimal(bytes: &[u8]) -> String {
    Sha256::digest(bytes)
        .iter()
        .map(|byte| format!("{byte:02x}"))
        .collect()
}

/// Files of the library that a project needs.
#[derive(Debug, Default)]
pub(crate) struct Loaded {
    /// In order of path; and whether the project `use`s the file itself.
    pub(crate) documents: Vec<(FileId, Document, bool)>,
    /// The kinds that the project declares itself.
    pub(crate) own_kinds: Vec<String>,
}

/// Kinds that every project knows: a part of any thing is one of these.
const ALWAYS: &[&str] = &[
    "listener",
    "local-topic",
    "device",
    "workload",
    "people",
    "external",
];

/// Parses the files of the kinds, profiles and baselines that the project names.
pub(crate) fn load(
    documents: &[(FileId, Document)],
    library: &Library,
    sources: &mut Sources,
    report: &mut Report,
) -> Loaded {
    let mut words: BTreeSet<String> = ALWAYS.iter().map(|word| (*word).to_owned()).collect();
    let mut used: BTreeSet<usize> = BTreeSet::new();
    let mut own_kinds = Vec::new();
    for (_, document) in documents {
        for node in document.nodes() {
            let word = node.name();
            wanted(node, &word, &mut words);
            match &*word {
                "in" => node
                    .children()
                    .for_each(|child| wanted(child, &child.name(), &mut words)),
                "use" => used.extend(find_used(node, library, report)),
                "kind" => own_kinds.extend(
                    node.argument(0)
                        .and_then(|name| name.as_str())
                        .map(|name| name.into_owned()),
                ),
                _ => {}
            }
        }
    }

    let mut parsed: BTreeMap<usize, (FileId, Document)> = BTreeMap::new();
    loop {
        let mut next = used.clone();
        next.extend(
            words
                .iter()
                .filter_map(|word| library.kinds.get(word.as_str()))
                .flatten(),
        );
        next.retain(|index| !parsed.contains_key(index));
        if next.is_empty() {
            break;
        }
        for index in next {
            let Some(file) = library.files.get(index) else {
                continue;
            };
            let id = sources.add(
                &format!("std/{}", file.path),
                Arc::clone(&file.text),
                Origin::Library,
            );
            let text = Arc::clone(&file.text);
            let document = syntax::parse(id, text, &syntax::Limits::STANDARD, report);
            document
                .nodes()
                .for_each(|node| wanted_in_library(node, &mut words));
            parsed.insert(index, (id, document));
        }
    }
    let documents = parsed
        .into_iter()
        .map(|(index, (id, document))| (id, document, used.contains(&index)));
    Loaded {
        documents: documents.collect(),
        own_kinds,
    }
}

/// The kinds that a declaration of a project may need.
fn wanted(node: Node<'_>, word: &str, words: &mut BTreeSet<String>) {
    match word {
        "trust" | "test" | "waive" | "in" | "use" | "owner" | "expires" | "team" | "account" | "project" => {
            if word == "test" {
                // `cannot` takes a selector.
                for question in node.children().flat_map(Node::children) {
                    selected(question, words);
                }
            }
        }
        "never" | "limit" => selected(node, words),
        "require" => {
            if let Some(kind) = node.argument(0).and_then(|value| value.as_str()) {
                words.insert(kind.into_owned());
            }
        }
        "kind" | "profile" | "baseline" => wanted_in_library(node, words),
        word if words.contains(word) => {}
        word => {
            words.insert(word.to_owned());
        }
    }
}

/// `kind:bucket` among the arguments.
fn selected(node: Node<'_>, words: &mut BTreeSet<String>) {
    for argument in node.arguments() {
        if let Some(kind) = argument
            .as_str()
            .as_deref()
            .and_then(|text| text.strip_prefix("kind:"))
        {
            words.insert(kind.to_owned());
        }
    }
}

/// The kinds that a kind, a profile or a baseline refers to.
fn wanted_in_library(node: Node<'_>, words: &mut BTreeSet<String>) {
    for child in node.children() {
        match &*child.name() {
            "property" | "param" => {
                if let Some(kind) = child.property("kind").and_then(|value| value.as_str()) {
                    words.insert(kind.into_owned());
                }
            }
            "administer" | "restrict" => {
                words.extend(
                    child
                        .arguments()
                        .filter_map(|value| value.as_str())
                        .map(|kind| kind.into_owned()),
                );
            }
            "capability" => {
                let through = child.children().filter(|line| line.name() == "via");
                words.extend(
                    through
                        .filter_map(|line| line.argument(0).and_then(|value| value.as_str()))
                        .map(|kind| kind.into_owned()),
                );
                let lines = child.children();
                for line in lines.filter(|line| matches!(&*line.name(), "action" | "helper")) {
                    reached(line, words);
                }
            }
            "never" | "limit" => selected(child, words),
            _ => {}
        }
    }
}

/// The kinds that an action says it `reaches`, on its line or in its block.
fn reached(line: Node<'_>, words: &mut BTreeSet<String>) {
    let on_the_line = line.property("reaches").and_then(|value| value.as_str());
    words.extend(on_the_line.map(|kind| kind.into_owned()));
    let blocks = line.children().filter(|fact| fact.name() == "reaches");
    let named = blocks.flat_map(|fact| fact.arguments());
    words.extend(
        named
            .filter_map(|value| value.as_str())
            .map(|kind| kind.into_owned()),
    );
}

/// The file of `use "std/X"`; another project is refused where declarations are gathered.
fn find_used(node: Node<'_>, library: &Library, report: &mut Report) -> Option<usize> {
    let argument = node.argument(0)?;
    let text = argument.as_str()?;
    let wanted = text.strip_prefix("std/")?;
    let found = library
        .files
        .iter()
        .position(|file| file.path.strip_suffix(".kdl") == Some(wanted));
    if found.is_none() {
        let near = Near::default();
        let paths = library
            .files
            .iter()
            .filter_map(|file| file.path.strip_suffix(".kdl"));
        let message = format!("the standard library has no file `{text}`");
        let mut diagnostic = Diagnostic::new(&UNKNOWN_LIBRARY_FILE, argument.span(), message);
        let all: Vec<String> = paths
            .clone()
            .filter(|path| !path.starts_with("aws/"))
            .map(|path| format!("`std/{path}`"))
            .collect();
        diagnostic = match near.find(wanted, paths) {
            Some(near) => diagnostic.help(format!("did you mean `\"std/{near}\"`?")).fix(
                format!("write `\"std/{near}\"`"),
                Safety::Unsafe,
                vec![Edit {
                    span: argument.span(),
                    text: format!("\"std/{near}\""),
                }],
            ),
            None => diagnostic.help(format!("there are {}", all.join(", "))),
        };
        report.push(diagnostic);
    }
    found
}
