//! Every project below a folder: what is a spec is found, and cannot be forgotten.

use std::collections::BTreeMap;
use std::path::Path;

use crate::golden::{self, Tree};
use crate::project;

/// Files with which a folder is a project.
const ROOTS: [&str; 2] = ["leastwise.kdl", "main.kdl"];

/// Every project below folders of the workspace, by name: a folder with one of the root files, or else a single file.
#[must_use]
pub fn projects(areas: &[&str]) -> BTreeMap<String, Tree> {
    let mut found = BTreeMap::new();
    for area in areas {
        let files = golden::tree(&golden::root().join(area));
        let roots: Vec<String> = files
            .keys()
            .filter_map(|path| {
                let path = Path::new(path);
                let is_root = ROOTS.iter().any(|root| path.ends_with(root));
                is_root.then(|| format!("{}/", path.parent().unwrap_or(path).display()))
            })
            .collect();
        for (path, bytes) in files.iter().filter(|(path, _)| path.ends_with(".kdl")) {
            let root = roots.iter().filter(|root| path.starts_with(root.as_str()));
            match root.max_by_key(|root| root.len()) {
                Some(root) => {
                    let name = format!("{area}/{}", root.trim_end_matches('/'));
                    found.entry(name).or_insert_with(|| inside(&files, root));
                }
                None => {
                    let text = String::from_utf8_lossy(bytes);
                    let (mut project, _) = project::of_text(&text);
                    let (folder, _) = path.rsplit_once('/').unwrap_or(("", path));
                    let beside = inside(&files, &format!("{folder}/")).into_iter();
                    project.extend(beside.filter(|(path, _)| !path.ends_with(".kdl")));
                    found.insert(format!("{area}/{path}"), project);
                }
            }
        }
    }
    found
}

/// The files below a folder, without what came out of it.
fn inside(files: &Tree, folder: &str) -> Tree {
    files
        .iter()
        .filter_map(|(path, bytes)| Some((path.strip_prefix(folder)?.to_owned(), bytes.clone())))
        .filter(|(path, _)| {
            !path.starts_with("expect/")
                && !path.starts_with("out/")
                && path != "leastwise.lock"
                && path != "report.txt"
        })
        .collect()
}
