//! Golden cases: a small project a folder, and what is reported about it. `BLESS=1` rewrites the reports.

#![expect(clippy::disallowed_methods, reason = "golden cases are files")]
#![expect(clippy::unwrap_used, reason = "a test may fail")]

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use diagnostics::Report;
use libtest_mimic::{Arguments, Failed, Trial};
use model::value::Date;
use resolve::Inputs;
use source::{FileId, Origin, Sources};
use syntax::document::Document;

fn main() {
    let arguments = Arguments::from_args();
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../golden/resolve");
    let mut folders: Vec<PathBuf> = fs::read_dir(&root)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .collect();
    folders.sort();
    let mut trials: Vec<Trial> = folders
        .iter()
        .map(|folder| {
            let name = folder.file_name().unwrap().to_string_lossy().into_owned();
            let folder = folder.clone();
            Trial::test(name, move || case(&folder))
        })
        .collect();
    for code in resolve::CODES {
        trials.push(Trial::test(format!("page {}", code.name), move || page(code)));
    }
    trials.push(Trial::test("every_code_has_a_case", move || {
        every_code_has_a_case(&folders)
    }));
    libtest_mimic::run(&arguments, trials).exit();
}

fn case(folder: &Path) -> Result<(), Failed> {
    let found = report_of(folder);
    let path = folder.join("report.txt");
    if std::env::var("BLESS").is_ok() {
        fs::write(&path, &found).unwrap();
        return Ok(());
    }
    let expected = fs::read_to_string(&path).unwrap_or_default();
    if found == expected {
        return Ok(());
    }
    let diff = similar::TextDiff::from_lines(&expected, &found);
    Err(format!("{}", diff.unified_diff().header("report.txt", "found")).into())
}

fn every_code_has_a_case(folders: &[PathBuf]) -> Result<(), Failed> {
    let mut all = String::new();
    for folder in folders {
        all.push_str(&fs::read_to_string(folder.join("report.txt")).unwrap_or_default());
    }
    let missing: Vec<&str> = resolve::CODES
        .iter()
        .map(|code| code.name)
        // A million lines are not kept as a golden case; `limits` has a test of its own.
        .filter(|name| *name != "too-many-applied")
        .filter(|name| !all.contains(&format!("error[{name}]")))
        .collect();
    if missing.is_empty() {
        Ok(())
    } else {
        Err(format!("no case for {missing:?}").into())
    }
}

/// What a page refuses is refused by its code and by no other; what it accepts is accepted.
fn page(code: &diagnostics::Code) -> Result<(), Failed> {
    assert!(code.docs.starts_with(&format!("# {}\n", code.name)));
    let mut files: BTreeMap<String, Vec<u8>> = BTreeMap::new();
    let mut examples = 0;
    let mut blocks = code.docs.split("```").skip(1).step_by(2);
    for block in &mut blocks {
        let (info, text) = block.split_once('\n').unwrap();
        match info.split_once(' ').unwrap_or((info, "")) {
            ("csv", path) => {
                files.insert(path.to_owned(), text.as_bytes().to_vec());
            }
            ("kdl", "not run") => examples += 1,
            ("kdl", expected) => {
                let mut all = std::mem::take(&mut files);
                let alone = text.contains("project ") || text.contains("stand alone");
                let spec = if alone {
                    text.to_owned()
                } else {
                    format!("{PROJECT}{text}")
                };
                all.insert("leastwise.kdl".to_owned(), spec.into_bytes());
                let found = codes_of(&all);
                let wanted: Vec<String> = expected
                    .strip_prefix("fails:")
                    .into_iter()
                    .map(str::to_owned)
                    .collect();
                assert_eq!(found, wanted, "{text}");
                examples += 1;
            }
            (other, _) => return Err(format!("a block of `{other}`").into()),
        }
    }
    assert!(examples >= 2, "{} has no two examples", code.name);
    Ok(())
}

const PROJECT: &str = "project nordwind edition=\"2026\" {
    account plant id=\"111122223333\" region=eu-central-1 { steward \"role/ops/deploy\" }
}
";

/// The different codes that a project raises, in any environment.
fn codes_of(files: &BTreeMap<String, Vec<u8>>) -> Vec<String> {
    let text = resolved(files.clone());
    let codes = text
        .lines()
        .filter_map(|line| line.split_once("error["))
        .filter_map(|(_, rest)| rest.split_once(']'));
    let mut codes: Vec<String> = codes.map(|(code, _)| code.to_owned()).collect();
    codes.sort();
    codes.dedup();
    codes
}

fn files_below(folder: &Path, prefix: &str, found: &mut BTreeMap<String, PathBuf>) {
    for entry in fs::read_dir(folder).unwrap() {
        let entry = entry.unwrap();
        let name = format!("{prefix}{}", entry.file_name().to_string_lossy());
        if entry.file_type().unwrap().is_dir() {
            files_below(&entry.path(), &format!("{name}/"), found);
        } else {
            found.insert(name, entry.path());
        }
    }
}

fn report_of(folder: &Path) -> String {
    let mut paths = BTreeMap::new();
    files_below(folder, "", &mut paths);
    resolved(
        paths
            .into_iter()
            .map(|(name, path)| (name, fs::read(path).unwrap()))
            .collect(),
    )
}

/// Every diagnostic of a project, environment by environment.
fn resolved(files: BTreeMap<String, Vec<u8>>) -> String {
    let mut spec: Vec<(String, String)> = Vec::new();
    let mut inputs: BTreeMap<String, Arc<[u8]>> = BTreeMap::new();
    for (name, bytes) in files {
        if name.ends_with(".kdl") {
            spec.push((name, String::from_utf8(bytes).unwrap()));
        } else {
            inputs.insert(name, bytes.into());
        }
    }
    let mut sources = Sources::default();
    let mut report = Report::default();
    let mut files: Vec<(FileId, Document)> = Vec::new();
    for (name, text) in spec {
        let id = sources.add(&name, text.as_str(), Origin::Project);
        files.push((
            id,
            syntax::parse(id, text, &syntax::Limits::STANDARD, &mut report),
        ));
    }
    // The edge gives only what is asked for.
    let needs: Vec<String> = resolve::needs(&files).into_iter().map(|need| need.path).collect();
    inputs.retain(|path, _| needs.contains(path));
    let environments = resolve::environments(&files);
    let mut chosen: Vec<Option<&str>> = environments.iter().map(|name| Some(name.as_str())).collect();
    if chosen.is_empty() {
        chosen.push(None);
    }
    let mut text = String::new();
    for environment in chosen {
        let mut report = report.clone();
        let mut sources = sources.clone();
        let inputs = Inputs {
            environment,
            as_of: Date::parse("2026-07-01").unwrap(),
            files: &inputs,
        };
        let model = resolve::resolve(&files, shelf::stdlib(), &mut sources, &inputs, &mut report);
        report.sort();
        if let Some(environment) = environment {
            text.push_str(&format!("== {environment}\n"));
        }
        text.push_str(&shown(&report, &sources));
        for unused in &model.unused {
            let name = model.names.text(unused.name);
            text.push_str(&format!(
                "unused: {} {name} ({})\n",
                unused.word,
                sources.place(unused.span)
            ));
        }
    }
    text
}

fn shown(report: &Report, sources: &Sources) -> String {
    let mut text = String::new();
    for diagnostic in report.diagnostics() {
        let place = diagnostic.span.map_or_else(
            || "-".to_owned(),
            |span| format!("{}:{}", sources.place(span), sources.line_column(span).column),
        );
        text.push_str(&format!(
            "{place}: error[{}]: {}\n",
            diagnostic.code.name, diagnostic.message
        ));
        assert!(
            !diagnostic.message.contains('\n') && !diagnostic.message.ends_with('.'),
            "{}",
            diagnostic.message
        );
        for label in &diagnostic.labels {
            text.push_str(&format!("    {}: {}\n", sources.place(label.span), label.text));
        }
        for note in &diagnostic.notes {
            text.push_str(&format!("    note: {note}\n"));
        }
        if let Some(help) = &diagnostic.help {
            text.push_str(&format!("    help: {help}\n"));
        }
    }
    text
}
