//! Changes of whole files.

use super::edit::reverse;
use super::json::{self, Json, Style};
use super::{Change, Operator, Site, format_of};
use crate::label::Files;

/// Up to this many files are exchanged each with each, above it neighbours only.
const EACH_WITH_EACH: usize = 12;

pub(crate) fn sites(files: &Files, out: &mut Vec<Site>) {
    for (path, (target, bytes)) in files {
        let format = format_of(target, path);
        let mut add = |operator, change| {
            out.push(Site {
                operator,
                format: format.clone(),
                argument: "(file)".to_owned(),
                change,
            });
        };
        let set = |bytes: Vec<u8>| Change::Files(vec![(path.clone(), Some((*target, bytes)))]);
        add(Operator::DropFile, Change::Files(vec![(path.clone(), None)]));
        for copy in copies(path) {
            add(
                Operator::CopyFile,
                Change::Files(vec![(copy, Some((*target, bytes.clone())))]),
            );
        }
        if *target == bundle::target::TERRAFORM {
            for new in names(path) {
                let change = vec![(path.clone(), None), (new, Some((*target, bytes.clone())))];
                add(Operator::CopyFile, Change::Files(change));
            }
        }
        add(
            Operator::Damage,
            set(bytes.iter().copied().take(bytes.len() / 2).collect()),
        );
        add(Operator::Damage, set([bytes.as_slice(), b"x"].concat()));
        add(Operator::Damage, set(Vec::new()));
        add(
            Operator::Damage,
            set([b"\xef\xbb\xbf", bytes.as_slice()].concat()),
        );
        add(
            Operator::Damage,
            Change::Files(vec![(format!("{path}.bak"), Some((*target, bytes.clone())))]),
        );
        let Ok(document) = json::parse(bytes) else {
            continue;
        };
        for style in [Style::Compact, Style::Spaced, Style::Escaped] {
            add(
                Operator::Respell,
                Change::Style {
                    path: path.clone(),
                    style,
                    reverse: false,
                },
            );
        }
        add(
            Operator::Reorder,
            Change::Style {
                path: path.clone(),
                style: Style::Pretty,
                reverse: true,
            },
        );
        if path.ends_with(".identity.json") {
            moved(path, target, &document, &mut add);
        }
    }
    let targets: std::collections::BTreeSet<&str> = files.values().map(|(target, _)| *target).collect();
    for target in targets {
        let of_target = files
            .iter()
            .filter(|(_, (of, _))| *of == target)
            .map(|(path, _)| (path.clone(), None));
        out.push(Site {
            operator: Operator::DropFile,
            format: format!("{target} (everything)"),
            argument: "(file)".to_owned(),
            change: Change::Files(of_target.collect()),
        });
    }
    let paths: Vec<&String> = files.keys().collect();
    for (at, first) in paths.iter().enumerate() {
        let reach = if paths.len() <= EACH_WITH_EACH {
            paths.len()
        } else {
            2
        };
        for second in paths.iter().skip(at + 1).take(reach) {
            let (Some((a, of_a)), Some((b, of_b))) = (files.get(*first), files.get(*second)) else {
                continue;
            };
            out.push(Site {
                operator: Operator::ExchangeFiles,
                format: format_of(a, first),
                argument: "(file)".to_owned(),
                change: Change::Files(vec![
                    ((*first).clone(), Some((a, of_b.clone()))),
                    ((*second).clone(), Some((b, of_a.clone()))),
                ]),
            });
        }
    }
}

/// Other names under which a file could stand: another object's, and one more of the same object.
fn copies(path: &str) -> Vec<String> {
    let (folder, file) = path
        .rsplit_once('/')
        .map_or(("", path), |(folder, file)| (folder, file));
    let mut out = vec![format!("{folder}/zz-copy-{file}")];
    if let Some(stem) = path.strip_suffix(".identity.json") {
        out.push(format!("{stem}.identity-9.json"));
    }
    out
}

/// Names under which Terraform passes over a file, or merges it into others.
fn names(path: &str) -> Vec<String> {
    let (folder, file) = path.rsplit_once('/').unwrap_or(("", path));
    let stem = file.strip_suffix(".tf.json").unwrap_or(file);
    vec![
        format!("{folder}/.{file}"),
        format!("{folder}/{file}~"),
        format!("{folder}/{stem}_override.tf.json"),
        format!("{folder}/override.tf.json"),
    ]
}

/// The last statement in a document of its own, and the document's statements in two halves.
fn moved(path: &str, target: &'static str, document: &Json, add: &mut dyn FnMut(Operator, Change)) {
    let (Some(Json::List(statements)), Some(stem)) =
        (document.get("Statement"), path.strip_suffix(".identity.json"))
    else {
        return;
    };
    if statements.len() < 2 {
        return;
    }
    let further = format!("{stem}.identity-8.json");
    for at in [statements.len() - 1, statements.len() / 2] {
        let part = |statements: &[Json]| {
            let mut part = Json::Object(vec![
                ("Version".to_owned(), Json::text("2012-10-17")),
                ("Statement".to_owned(), Json::List(statements.to_vec())),
            ]);
            reverse(&mut part);
            part.write(Style::Pretty)
        };
        let (first, second) = statements.split_at(at);
        add(
            Operator::MoveToFile,
            Change::Files(vec![
                (path.to_owned(), Some((target, part(first)))),
                (further.clone(), Some((target, part(second)))),
            ]),
        );
    }
}
