//! Names to ids: the trees of a project become one [`Model`] for one environment.
//!
//! Reading is total: there is a model for any project, and what is wrong with it stands in the report. The parts of the
//! language have a file each: `places`, `actors`, `devices`, `things`, `parts`, `kinds`, `trusts`, `promises`, `questions` (a spec's tests),
//! `profiles`, `baselines`; what they share is `line`, `entries`, `body` (how a line is read), `names` (what a name
//! refers to) and `template` (text with placeholders).

mod actors;
mod address;
mod at;
mod attributes;
mod baselines;
mod body;
mod capabilities;
mod conditions;
mod containers;
mod convert;
mod cx;
mod devices;
mod does;
mod effects;
mod endpoints;
mod entries;
mod existing;
mod externals;
mod fitting;
mod gather;
mod geometry;
mod granted;
pub mod heard;
mod inside;
mod internet;
mod inventory;
mod issuers;
mod json;
mod kinds;
mod library;
mod limits;
mod line;
mod literal;
mod means;
mod meant;
mod names;
mod near;
mod offered;
mod order;
mod parts;
mod places;
mod ports;
mod profiles;
mod project;
mod promises;
mod properties;
mod questions;
mod segments;
mod selectors;
mod sides;
mod spelling;
mod takes;
mod template;
mod things;
mod topic_path;
mod trusts;
mod unnamed;

use std::collections::BTreeMap;
use std::sync::Arc;

use diagnostics::{Code, Report};
use model::Model;
use model::project::AccountId;
use model::value::Date;
use source::{FileId, Sources, Span};
use syntax::document::Document;

pub use inventory::{COLUMNS_MAX, NAME_BYTES_MAX, ROWS_MAX, VALUE_BYTES_MAX};
pub use library::{Library, LibraryFile};
pub use near::nearest;
pub use profiles::LINES_MAX;

use cx::Cx;
use gather::Sort;
use heard::Heard;
use names::Target;

/// Every code of this crate.
pub static CODES: &[&Code] = &[
    &actors::CONTRADICTORY_ACTOR,
    &actors::UNACCEPTED_SUBSTITUTE,
    &baselines::ADMINISTERED_DATA,
    &baselines::MISSING_STEWARD,
    &body::DUPLICATE_FACT,
    &body::MISSING_FACT,
    &body::UNKNOWN_FACT,
    &convert::MISPLACED_SECRET,
    &convert::UNKNOWN_WORD,
    &convert::WRONG_TYPE,
    &devices::ROW_WITHOUT_SEGMENT,
    &existing::EXISTING_ROLE,
    &entries::MISSING_VALUE,
    &entries::SURPLUS_VALUE,
    &entries::UNKNOWN_PROPERTY,
    &gather::MISPLACED_DECLARATION,
    &gather::NOT_LOWERED_YET,
    &gather::UNDECLARED_ENVIRONMENT,
    &gather::UNKNOWN_DECLARATION,
    &inventory::BAD_INVENTORY,
    &inventory::DUPLICATE_MEMBER,
    &inventory::UNSAFE_VALUE,
    &inventory::across::SHARED_MEMBER,
    &inventory::path::ESCAPING_PATH,
    &capabilities::MISSING_EFFECT,
    &capabilities::UNKNOWN_CAPABILITY,
    &capabilities::VIA_CYCLE,
    &does::CIRCULAR_DOES,
    &effects::UNDERSTATED_EFFECT,
    &inside::ACTION_OUTSIDE_KIND,
    &library::UNKNOWN_LIBRARY_FILE,
    &means::UNKNOWN_ARGUMENT,
    &names::DUPLICATE_DECLARATION,
    &names::MISMATCHED_NAME,
    &names::UNDECLARED_NAME,
    &offered::RESOURCE_TYPE_MISMATCH,
    &offered::UNKNOWN_ACTION,
    &offered::UNKNOWN_CONDITION_KEY,
    &parts::PLACELESS_LISTENER,
    &geometry::ESCAPING_CIDR,
    &geometry::OVERLAPPING_CIDR,
    &internet::UNNAMED_INTERNET,
    &places::UNCARVABLE_SEGMENT,
    &profiles::MISSING_PARAMETER,
    &profiles::PROFILE_CYCLE,
    &profiles::TOO_MANY_APPLIED,
    &project::MISSING_PROJECT,
    &project::UNREADABLE_INPUT,
    &promises::EMPTY_PROMISE,
    &spelling::BAD_NAME,
    &spelling::RESERVED_NAME,
    &takes::UNSUPPORTED_VALUE,
    &template::UNKNOWN_PLACEHOLDER,
    &topic_path::MISPLACED_WILDCARD,
    &questions::UNKNOWN_MEMBER,
    &things::MISSING_PHYSICAL,
    &things::PHYSICAL_COLLISION,
    &limits::MEANINGLESS_LIMIT,
    &trusts::NOT_AN_ACTOR,
    &attributes::UNKNOWN_ATTRIBUTE,
];

/// The regions of the provider, as far as we know them: an unknown one of the right shape is taken all the same.
pub static REGIONS: &[&str] = literal::REGIONS;

/// The words of declarations that are not kinds.
pub static WORDS: &[&str] = gather::WORDS;

/// Words of declarations that may not stand in an `in` block.
pub static NEVER_IN: &[&str] = gather::NEVER_IN;

/// The words with which a selector begins, before the colon.
pub static SELECTOR_WORDS: &[&str] = selectors::SORTS;

/// What a resolution needs besides the spec itself. The edge reads the files that [`needs`] lists.
#[derive(Clone, Copy, Debug)]
pub struct Inputs<'a> {
    /// The environment that is built; `None` for a project without environments.
    pub environment: Option<&'a str>,
    /// The date with which dates are compared.
    pub as_of: Date,
    /// Inventories and identifiers, by path relative to the project.
    pub files: &'a BTreeMap<String, Arc<[u8]>>,
}

/// A file beside the spec that a resolution reads.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Need {
    /// Relative to the project: no `..`, not absolute. Whoever reads it must still not follow a link out of the project.
    pub path: String,
    /// Where it is named.
    pub span: Span,
}

/// The inventories and the identifiers file that the project names, in any environment; each path once, in order.
///
/// - Shape: only paths that may be read; the others are reported by [`resolve`].
#[must_use]
pub fn needs(files: &[(FileId, Document)]) -> Vec<Need> {
    let mut found: BTreeMap<String, Span> = BTreeMap::new();
    for (_, document) in files {
        let top = document.nodes();
        let inner = document
            .nodes()
            .filter(|node| node.name() == "in")
            .flat_map(|node| node.children());
        for node in top.chain(inner) {
            let fact = match &*node.name() {
                "device" => "fleet",
                "project" => "identifiers",
                _ => continue,
            };
            for line in node.children().filter(|line| line.name() == fact) {
                let Some(argument) = line.argument(0) else {
                    continue;
                };
                let Some(path) = argument.as_str() else { continue };
                if inventory::path::problem(&path).is_none() {
                    found.entry(path.into_owned()).or_insert(argument.span());
                }
            }
        }
    }
    found
        .into_iter()
        .map(|(path, span)| Need { path, span })
        .collect()
}

/// The environments that the project declares, in its order; none for a project that is the same everywhere.
#[must_use]
pub fn environments(files: &[(FileId, Document)]) -> Vec<String> {
    let projects = files
        .iter()
        .flat_map(|(_, document)| document.nodes())
        .filter(|node| node.name() == "project");
    let lines = projects
        .min_by(|one, two| order::by_content(*one, *two))
        .into_iter()
        .flat_map(|node| node.children())
        .filter(|line| line.name() == "environments");
    let mut found: Vec<String> = Vec::new();
    for name in lines
        .flat_map(|line| line.arguments())
        .filter_map(|value| value.as_str())
    {
        if !found.iter().any(|earlier| *earlier == name) {
            found.push(name.into_owned());
        }
    }
    found
}

/// Resolves one environment of a project.
///
/// - Shape: a model for any project; it is whole only if nothing was reported.
/// - `sources` gains the files of the standard library that the project uses.
/// - Cost: linear in the spec and in its inventories.
pub fn resolve(
    files: &[(FileId, Document)],
    library: &Library,
    sources: &mut Sources,
    inputs: &Inputs<'_>,
    report: &mut Report,
) -> Model {
    run(files, library, sources, inputs, report, None).0
}

/// Likewise, for whoever edits the spec: also what was asked of its text on the way.
///
/// - Cost: twice that of [`resolve`], most of it memory.
pub fn listen(
    files: &[(FileId, Document)],
    library: &Library,
    sources: &mut Sources,
    inputs: &Inputs<'_>,
    report: &mut Report,
) -> (Model, Heard) {
    let heard = Some(Box::default());
    let (model, heard) = run(files, library, sources, inputs, report, heard);
    (model, heard.map_or_else(Heard::default, |heard| *heard))
}

fn run(
    files: &[(FileId, Document)],
    library: &Library,
    sources: &mut Sources,
    inputs: &Inputs<'_>,
    report: &mut Report,
    heard: Option<Box<Heard>>,
) -> (Model, Option<Box<Heard>>) {
    let loaded = library::load(files, library, sources, report);
    let mut cx = Cx::new(inputs.environment, inputs.as_of, inputs.files, report);
    cx.heard = heard;
    cx.library_files = loaded.documents.iter().map(|(file, _, _)| *file).collect();
    let gathered = gather::gather(&mut cx, files, &loaded, library);
    project::teams(&mut cx, &gathered);
    project::defaults(&mut cx, &gathered);
    for (index, decl) in gathered.of(Sort::Account).enumerate() {
        cx.declare(&decl.name, Target::Account(AccountId::new(index as u32)));
    }
    project::accounts(&mut cx, &gathered);
    project::read(&mut cx, &gathered);
    issuers::declare(&mut cx, &gathered);
    let segments = places::declare(&mut cx, &gathered);
    kinds::read(&mut cx, &gathered, sources);
    things::declare(&mut cx, &gathered);
    places::read(&mut cx, &gathered, &segments);
    things::read(&mut cx, &gathered);
    internet::check_externals(&mut cx);
    existing::check_keys(&mut cx);
    existing::check_secrets(&mut cx);
    let mut profiles = profiles::read(&mut cx, &gathered);
    let is_trust = |item: &&gather::Item<'_>| item.word == "trust";
    cx.model
        .trusts
        .reserve(gathered.rules.iter().filter(is_trust).count());
    for item in &gathered.rules {
        match &*item.word {
            "trust" => trusts::read(&mut cx, item),
            "apply" => profiles::apply(&mut cx, &mut profiles, item),
            "waive" => promises::waiver(&mut cx, item),
            "test" => questions::read(&mut cx, item),
            _ => promises::read(&mut cx, item),
        }
    }
    baselines::read(&mut cx, &gathered);
    topic_path::check(&mut cx);
    devices::check_alphabets(&mut cx);
    ports::check_families(&mut cx);
    inventory::across::check_names(&mut cx);
    names::unused(&mut cx);
    let heard = cx.heard.take();
    (finish(cx), heard)
}

/// Facts in order of place, so that whoever looks for one by its place finds it fast.
fn finish(cx: Cx<'_, '_>) -> Model {
    let mut model = cx.model;
    let mut facts: Vec<model::Fact> = model.facts.as_slice().to_vec();
    facts.sort_by_key(|fact| fact.span);
    facts.dedup();
    model.facts = arena::Arena::default();
    for fact in facts {
        model.facts.push(fact);
    }
    model
}
