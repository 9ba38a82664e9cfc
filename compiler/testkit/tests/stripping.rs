//! Ids of statements, descriptions, tags and comments mean nothing: without them the same is read.
#![expect(clippy::unwrap_used, reason = "a test that fails says where")]

use bundle::{Bundle, File};
use diagnostics::Report;
use read::dump::{self, Show};
use testkit::golden;
use testkit::label::Files;
use testkit::mutate::json::{self, Json, Style};
use testkit::mutate::specimen;

/// What only people read, by name.
const PROSE: [&str; 7] = [
    "Sid",
    "Id",
    "description",
    "Description",
    "tags",
    "tags_all",
    "comment",
];

fn strip(value: &mut Json) {
    match value {
        Json::Object(members) => {
            members.retain(|(name, value)| {
                let is_prose = matches!(value, Json::Text(_))
                    || (name.starts_with("tags") && matches!(value, Json::Object(_)));
                !(PROSE.contains(&name.as_str()) && is_prose)
            });
            members.iter_mut().for_each(|(_, value)| strip(value));
        }
        Json::List(items) => items.iter_mut().for_each(strip),
        Json::Text(text) if text.starts_with('{') => {
            if let Ok(mut inner) = json::parse(text.as_bytes()) {
                strip(&mut inner);
                *text = String::from_utf8(inner.write(Style::Compact)).unwrap();
            }
        }
        Json::Text(_) | Json::Null | Json::Bool(_) | Json::Number(_) => {}
    }
}

fn stripped(files: &Files) -> Files {
    let mut files = files.clone();
    for (_, bytes) in files.values_mut() {
        if let Ok(mut document) = json::parse(bytes) {
            strip(&mut document);
            *bytes = document.write(Style::Pretty);
        }
    }
    files
}

fn meaning(files: &Files) -> String {
    let mut bundle = Bundle::default();
    for (path, (target, bytes)) in files {
        bundle.set(
            path,
            Some(File {
                bytes: bytes.clone(),
                target,
                executable: false,
                because: Vec::new(),
            }),
        );
    }
    read::read(&bundle, &mut Report::default())
        .iter()
        .map(|facts| dump::text(facts, Show::Meaning))
        .collect()
}

#[test]
fn what_only_people_read_changes_no_meaning_and_no_verdict() {
    let root = golden::root();
    let mut compared = 0;
    for target in [bundle::target::AWS_IAM] {
        let mut folders = golden::cases(&root.join("golden/targets").join(target));
        folders.extend(golden::cases(&root.join("examples")));
        for folder in folders {
            let texts = specimen::load(&folder);
            for environment in specimen::environments(&texts) {
                let judged = specimen::with("", &texts, environment.as_deref(), target, |specimen| {
                    let bare = stripped(&specimen.files);
                    assert_ne!(bare, specimen.files, "{} has nothing to strip", folder.display());
                    assert_eq!(meaning(&specimen.files), meaning(&bare), "{}", folder.display());
                    let verdict = |files| specimen.judge(files).is_ok();
                    assert_eq!(verdict(&specimen.files), verdict(&bare), "{}", folder.display());
                });
                compared += usize::from(judged.is_ok());
            }
        }
    }
    assert!(compared > 5, "{compared}");
}
