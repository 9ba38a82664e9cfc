//! Every file of the project and the library, sorted by what its declarations are; one environment is chosen here.

mod top;

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};

use diagnostics::{Code, Diagnostic, Severity};
use rayon::prelude::*;
use source::{FileId, Span};
use syntax::document::{Document, Node};

use crate::cx::Cx;
use crate::heard::Takes;
use crate::library::{Library, Loaded};
use crate::line::{Arg, Line};
use crate::names;
use crate::order::{self};
use crate::spelling;

pub(crate) use top::{NEVER_IN, declared_environments};
use top::{environment_block, top_level};

pub(crate) static UNKNOWN_DECLARATION: Code = Code {
    name: "unknown-declaration",
    severity: Severity::Error,
    summary: "a line begins with a word that declares nothing",
    docs: include_str!("../pages/unknown_declaration.md"),
};

pub(crate) static MISPLACED_DECLARATION: Code = Code {
    name: "misplaced-declaration",
    severity: Severity::Error,
    summary: "a declaration stands where it may not stand",
    docs: include_str!("../pages/misplaced_declaration.md"),
};

pub(crate) static UNDECLARED_ENVIRONMENT: Code = Code {
    name: "undeclared-environment",
    severity: Severity::Error,
    summary: "an environment is named that the project does not declare",
    docs: include_str!("../pages/undeclared_environment.md"),
};

pub(crate) static NOT_LOWERED_YET: Code = Code {
    name: "not-lowered-yet",
    severity: Severity::Error,
    summary: "the language has this, and no target can express it yet",
    docs: include_str!("../pages/not_lowered_yet.md"),
};

/// Words of declarations that are not kinds.
pub(crate) const WORDS: &[&str] = &[
    "project",
    "team",
    "use",
    "account",
    "authority",
    "provider",
    "network",
    "site",
    "device",
    "workload",
    "people",
    "external",
    "kind",
    "profile",
    "apply",
    "baseline",
    "trust",
    "never",
    "isolate",
    "require",
    "limit",
    "waive",
    "test",
    "in",
    "owner",
    "expires",
    "posture",
    "group",
    "job",
    "watch",
];

/// What sort of a declaration a word makes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Sort {
    Team,
    Account,
    Authority,
    Provider,
    Network,
    Site,
    /// A device class, a workload, people, an external, or a thing of a kind.
    Thing,
    Kind,
    Profile,
    Baseline,
    /// Refused, and named all the same.
    Refused,
}

/// A named declaration with all blocks that add to it.
#[derive(Clone, Debug)]
pub(crate) struct Decl<'a> {
    pub(crate) word: Cow<'a, str>,
    pub(crate) sort: Sort,
    pub(crate) name: Arg<'a>,
    /// The declaration itself first.
    pub(crate) lines: Vec<Line<'a>>,
    pub(crate) file: FileId,
}

impl Decl<'_> {
    /// The head line.
    pub(crate) fn head(&self) -> Span {
        self.lines.first().map_or(self.name.span, Line::head)
    }
}

/// A line that declares no name.
#[derive(Clone, Debug)]
pub(crate) struct Item<'a> {
    pub(crate) word: Cow<'a, str>,
    pub(crate) line: Line<'a>,
    pub(crate) file: FileId,
}

/// Everything that is declared, in order of what it says.
#[derive(Debug, Default)]
pub(crate) struct Gathered<'a> {
    pub(crate) project: Option<Line<'a>>,
    pub(crate) decls: Vec<Decl<'a>>,
    /// Trusts, promises, waivers, tests and `apply` lines.
    pub(crate) rules: Vec<Item<'a>>,
    /// `owner` and `expires` of a file.
    pub(crate) defaults: Vec<(FileId, Line<'a>)>,
    /// `in` blocks.
    blocks: Vec<(Line<'a>, FileId)>,
    by_name: BTreeMap<(bool, Cow<'a, str>), usize>,
    added: Vec<(usize, Line<'a>)>,
    /// Declarations that themselves stand in an `in` block: nothing adds to them.
    is_from_block: BTreeSet<usize>,
    /// Where a name that is declared twice stands first.
    firsts: BTreeMap<usize, Span>,
}

impl<'a> Gathered<'a> {
    /// The declarations of one sort.
    pub(crate) fn of(&self, sort: Sort) -> impl Iterator<Item = &Decl<'a>> {
        self.decls.iter().filter(move |decl| decl.sort == sort)
    }
}

/// Sorts every line of the project, and what the library adds to it.
pub(crate) fn gather<'a>(
    cx: &mut Cx<'a, '_>,
    files: &'a [(FileId, Document)],
    loaded: &'a Loaded,
    library: &Library,
) -> Gathered<'a> {
    let mut gathered = Gathered::default();
    let projects = files.iter().flat_map(|(_, document)| document.nodes());
    let project = projects
        .filter(|node| node.name() == "project")
        .min_by(|one, two| order::by_content(*one, *two));
    gathered.project = project.map(Line::new);
    let kinds = Kinds {
        library,
        own: &loaded.own_kinds,
    };

    if let Some(heard) = &mut cx.heard {
        heard.words = kinds.words().into_iter().map(str::to_owned).collect();
    }
    for (file, document, is_used) in &loaded.documents {
        for node in document.nodes() {
            let word = node.name();
            let wanted = word == "kind" || (*is_used && matches!(&*word, "profile" | "baseline"));
            if wanted {
                let sort = sort_of(&word).unwrap_or(Sort::Kind);
                declare(cx, &mut gathered, sort, word, Line::new(node), *file, false);
            } else if !matches!(&*word, "profile" | "baseline") {
                let message = format!("`{word}` may not stand in the standard library");
                cx.push(Diagnostic::new(&MISPLACED_DECLARATION, node.name_span(), message));
            }
        }
    }
    for (file, document) in files {
        for node in document.nodes() {
            top_level(cx, &mut gathered, &kinds, Line::new(node), *file);
        }
    }
    // Last: an addition needs the declaration that it adds to.
    let mut blocks = std::mem::take(&mut gathered.blocks);
    blocks.sort_by(|(one, _), (two, _)| order::by_content(one.node, two.node));
    for (line, file) in blocks {
        environment_block(cx, &mut gathered, &kinds, &line, file);
    }
    for (index, line) in std::mem::take(&mut gathered.added) {
        if let Some(decl) = gathered.decls.get_mut(index) {
            decl.lines.push(line);
        }
    }
    arrange(&mut gathered, &cx.library_files);
    gathered
}

/// Ids follow what is declared, and where it stands moves nothing. Behind it comes the library, whose files nobody moves.
fn arrange(gathered: &mut Gathered<'_>, library: &BTreeSet<FileId>) {
    gathered
        .defaults
        .sort_by(|(_, one), (_, two)| order::by_content(one.node, two.node));
    let mut defaults: BTreeMap<FileId, Vec<Node<'_>>> = BTreeMap::new();
    for (file, line) in &gathered.defaults {
        defaults.entry(*file).or_default().push(line.node);
    }
    let of = |file: FileId| defaults.get(&file).into_iter().flatten().copied();
    gathered.decls.sort_by(|one, two| {
        let place = |decl: &Decl<'_>| library.contains(&decl.file).then(|| decl.head());
        place(one)
            .cmp(&place(two))
            .then_with(|| (&one.name.text, &one.word).cmp(&(&two.name.text, &two.word)))
    });
    // Of lines that say the same, what holds for their files decides. They are most of a spec: their order is found in parallel.
    let rules = std::mem::take(&mut gathered.rules);
    let places = rules.iter().map(|rule| (rule.line.node, rule.file));
    let mut sorted: Vec<(usize, (Node<'_>, FileId))> = places.enumerate().collect();
    sorted.par_sort_by(|(_, (one, own)), (_, (two, other))| {
        order::by_content(*one, *two).then_with(|| order::each(of(*own), of(*other)))
    });
    let mut rules: Vec<Option<Item<'_>>> = rules.into_iter().map(Some).collect();
    let in_order = sorted
        .into_iter()
        .filter_map(|(position, _)| rules.get_mut(position)?.take());
    gathered.rules = in_order.collect();
}

struct Kinds<'l> {
    library: &'l Library,
    own: &'l [String],
}

impl Kinds<'_> {
    fn has(&self, word: &str) -> bool {
        self.library.has_kind(word) || self.own.iter().any(|own| own == word)
    }

    /// Every word with which a line may begin.
    fn words(&self) -> Vec<&str> {
        let mut words = Vec::new();
        words.extend_from_slice(WORDS);
        for kind in self.library.kinds() {
            words.push(kind);
        }
        for kind in self.own {
            words.push(kind);
        }
        words
    }
}

/// The sort of a declaration whose word is one of the language's own.
fn sort_of(word: &str) -> Option<Sort> {
    Some(match word {
        "team" => Sort::Team,
        "account" => Sort::Account,
        "authority" => Sort::Authority,
        "provider" => Sort::Provider,
        "network" => Sort::Network,
        "site" => Sort::Site,
        "device" | "workload" | "people" | "external" => Sort::Thing,
        "kind" => Sort::Kind,
        "profile" => Sort::Profile,
        "baseline" => Sort::Baseline,
        "group" | "job" => Sort::Refused,
        _ => return None,
    })
}

/// Enters a declaration; inside an `in` block it may add to one that stands outside.
pub(crate) fn declare<'a>(
    cx: &mut Cx<'a, '_>,
    gathered: &mut Gathered<'a>,
    sort: Sort,
    word: Cow<'a, str>,
    line: Line<'a>,
    file: FileId,
    is_in: bool,
) {
    let Some(name) = line.first() else {
        let message = format!("`{word}` lacks a name");
        cx.push(
            Diagnostic::new(&crate::entries::MISSING_VALUE, line.head(), message)
                .help(format!("the name stands behind the word: `{word} NAME`")),
        );
        return;
    };
    let name_space = is_aside(sort);
    let key = (
        name_space,
        if name_space {
            Cow::Owned(format!("{word} {}", name.text))
        } else {
            name.text.clone()
        },
    );
    let earlier = gathered.by_name.get(&key).copied();
    let Some((index, decl)) = earlier.and_then(|index| Some((index, gathered.decls.get_mut(index)?))) else {
        // Teams take no number for a name either.
        cx.text(&name);
        spelling::check_name(cx, &name);
        if is_in {
            gathered.is_from_block.insert(gathered.decls.len());
        }
        gathered.by_name.insert(key, gathered.decls.len());
        gathered.decls.push(Decl {
            word,
            sort,
            name,
            lines: vec![line],
            file,
        });
        return;
    };
    let adds = is_in && decl.word == word && !gathered.is_from_block.contains(&index);
    if adds {
        gathered.added.push((index, line));
        return;
    }
    let first = *gathered.firsts.entry(index).or_insert(decl.name.span);
    names::duplicate_declaration(cx, &name.text, name.span, first);
    // Which one is left for what refers to it does not depend on where they stand.
    let are_beside = is_in == gathered.is_from_block.contains(&index);
    if let [kept, ..] = decl.lines.as_mut_slice()
        && are_beside
        && order::by_content(line.node, kept.node).is_lt()
    {
        *kept = line;
        (decl.word, decl.sort, decl.name, decl.file) = (word, sort, name, file);
    }
}

/// Whether names of this sort do not crowd the names of things.
fn is_aside(sort: Sort) -> bool {
    match sort {
        Sort::Team | Sort::Kind | Sort::Profile | Sort::Baseline => true,
        Sort::Account
        | Sort::Authority
        | Sort::Provider
        | Sort::Network
        | Sort::Site
        | Sort::Thing
        | Sort::Refused => false,
    }
}

fn use_line<'a>(cx: &mut Cx<'a, '_>, line: &Line<'a>) {
    let mut entries = crate::entries::Entries::of(cx, line);
    let Some(path) = entries.need(
        cx,
        "the file of the standard library, `\"std/baseline/zero-trust\"`",
    ) else {
        return;
    };
    cx.hear(path.span, || Takes::LibraryFile);
    let text = cx.text(&path);
    if text.starts_with("std/") {
        entries.finish_leaf(cx);
    } else if text.ends_with(".kdl") {
        let message = format!("`{text}` needs no `use`: every `*.kdl` of the folder is read by itself");
        cx.push(Diagnostic::new(&crate::convert::WRONG_TYPE, path.span, message).help("delete this line"));
    } else if crate::spelling::is_name(&text) {
        let message = format!("`{text}` is no file: `use` reads one of the standard library");
        cx.push(
            Diagnostic::new(&crate::convert::WRONG_TYPE, path.span, message)
                .help(format!("a profile is applied: `apply {text} PARAMETER=NAME`")),
        );
    } else {
        refuse(cx, "`use` of another project", line.head());
    }
}

/// Refuses by name what is read and cannot be lowered.
pub(crate) fn refuse(cx: &mut Cx<'_, '_>, what: &str, span: Span) {
    cx.push(
        Diagnostic::new(&NOT_LOWERED_YET, span, format!("{what} cannot be lowered yet"))
            .note(
                "what no target can express stops the build: leaving it out would change what the spec means",
            )
            .help("take it out of the spec"),
    );
}
