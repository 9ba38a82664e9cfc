//! Every `kdl` block of the pages below `docs/` and of the pages of codes is compiled, down to the proof.
//!
//! A block tagged `fails:CODE` must be refused with that code, every other must compile. One tagged `csv PATH` or `json PATH` is a file
//! beside the later ones. Pages of the reader and of resolve have tests in their own crates; those of the provider show fragments,
//! which must be well-formed.

use diagnostics::Report;
use source::FileId;
use testkit::golden::Tree;
use testkit::page::{self, Block, blocks};
use testkit::project::{self, Depth};

/// What is wrong with a block that stands for a project.
fn fault(block: &Block, beside: &Tree) -> Option<String> {
    let wanted = block
        .tag
        .strip_prefix("kdl")?
        .trim()
        .strip_prefix("fails:")
        .map(str::trim);
    let (mut files, main) = project::of_text(&block.text);
    files.extend(beside.iter().map(|(path, bytes)| (path.clone(), bytes.clone())));
    let outcomes = project::compile(&files, Depth::Proof);
    let said: String = outcomes
        .iter()
        .map(|outcome| project::shown(outcome, main))
        .collect();
    let raised = |code: &str| {
        outcomes
            .iter()
            .flat_map(|outcome| outcome.report.diagnostics())
            .any(|found| found.code.name == code)
    };
    match wanted {
        Some(code) if !raised(code) => Some(format!("is not refused as {code}, but says:\n{said}")),
        Some(_) => None,
        None if outcomes.iter().any(|outcome| outcome.built.is_none()) => {
            Some(format!("is refused:\n{said}"))
        }
        None => None,
    }
}

fn faults(name: &str, page: &str) -> Vec<String> {
    let mut beside = Tree::new();
    let mut wrong = Vec::new();
    if page.lines().filter(|line| line.starts_with("```")).count() % 2 == 1 {
        wrong.push(format!("{name}: a block is not closed"));
    }
    for block in blocks(page) {
        let beside_it = block
            .tag
            .strip_prefix("csv ")
            .or_else(|| block.tag.strip_prefix("json "));
        match beside_it {
            Some(path) => drop(beside.insert(path.to_owned(), block.text.clone().into_bytes())),
            None => {
                wrong.extend(fault(&block, &beside).map(|fault| format!("{name}:{}: {fault}", block.line)))
            }
        }
    }
    wrong
}

/// Pages that show no spec: lists, and what is said about the proof and its tests.
const WITHOUT_A_SPEC: &[&str] = &[
    "docs/claims.md",
    "docs/editors.md",
    "docs/guide/README.md",
    "docs/kinds/README.md",
];

/// Every page is found by itself: a new one is compiled, or says above that it shows no spec.
#[test]
fn the_pages_are_so() {
    let pages = page::docs();
    let mut wrong = Vec::new();
    for (name, page) in &pages {
        let found = faults(name, page);
        let shows = blocks(page).iter().any(|block| block.tag.starts_with("kdl"));
        if shows == WITHOUT_A_SPEC.contains(&name.as_str()) {
            wrong.push(format!(
                "{name}: is compiled by nothing, or is listed as if it were not"
            ));
        }
        wrong.extend(found);
    }
    for name in WITHOUT_A_SPEC.iter().filter(|name| !pages.contains_key(**name)) {
        wrong.push(format!("{name}: is listed, and is not there"));
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn the_language_reference_shows_the_project_that_is_taken_for_granted() {
    let pages = page::docs();
    assert!(pages["docs/language.md"].contains(project::PROJECT));
}

#[test]
fn the_pages_of_checks_are_so() {
    let mut wrong = Vec::new();
    for code in checks::codes().chain(relation::promise::CODES.iter().copied()) {
        wrong.extend(faults(code.name, code.docs));
        let tags: Vec<String> = blocks(code.docs).into_iter().map(|block| block.tag).collect();
        if !tags.contains(&format!("kdl fails:{}", code.name)) || !tags.contains(&"kdl".to_owned()) {
            wrong.push(format!(
                "{}: needs an example that is refused with it, and one that is accepted",
                code.name
            ));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// Resolve and the reader hold their own pages to this and more.
#[test]
fn what_other_pages_say_fails_does() {
    let tested: Vec<&str> = resolve::CODES
        .iter()
        .chain(syntax::CODES)
        .map(|code| code.name)
        .chain(checks::codes().map(|code| code.name))
        .collect();
    let mut wrong = Vec::new();
    for code in driver::codes::all()
        .into_iter()
        .filter(|code| !tested.contains(&code.name))
    {
        let follows = blocks(code.docs)
            .iter()
            .any(|block| block.tag.starts_with("kdl fails:"));
        if follows {
            wrong.extend(faults(code.name, code.docs));
            continue;
        }
        for block in blocks(code.docs).into_iter().filter(|block| block.tag == "kdl") {
            let mut report = Report::default();
            let _ = syntax::parse(
                FileId(0),
                block.text.as_str(),
                &syntax::Limits::STANDARD,
                &mut report,
            );
            let said = report.diagnostics().iter().map(|found| found.message.clone());
            wrong.extend(said.map(|message| format!("{}:{}: {message}", code.name, block.line)));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn every_code_has_a_page_of_its_own() {
    for code in driver::codes::all() {
        assert!(
            code.docs.starts_with(&format!("# {}\n", code.name)),
            "{}: the page has another title",
            code.name
        );
        assert!(
            code.docs.trim_end().lines().count() >= 3,
            "{}: the page says nothing",
            code.name
        );
    }
}
