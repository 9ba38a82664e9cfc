//! Embeds the examples and the standard library, so that the command needs no files beside itself.
//!
//! They are embedded here and nowhere below: an edit of a kind builds the command again and nothing else.
#![expect(
    clippy::disallowed_methods,
    reason = "a build script reads the tree that it embeds"
)]

use std::fmt::Write as _;
use std::path::{Path, PathBuf};

fn main() {
    let root = PathBuf::from(std::env::var("CARGO_MANIFEST_DIR").unwrap_or_default()).join("../..");
    write("examples.rs", &examples(&root.join("examples")));
    write("library.rs", &library(&root.join("stdlib")));
}

fn write(name: &str, text: &str) {
    let out = PathBuf::from(std::env::var("OUT_DIR").unwrap_or_default()).join(name);
    if let Err(error) = std::fs::write(&out, text) {
        println!("cargo::error={}: {error}", out.display());
    }
}

/// `(EXAMPLE, PATH, TEXT)` of each file.
fn examples(root: &Path) -> String {
    let mut text = String::from("&[\n");
    for (inside, path) in below(root, &|name| name != "out" && name != "leastwise.lock") {
        if let Some((example, rest)) = inside.split_once('/') {
            let _ = writeln!(text, "({example:?}, {rest:?}, include_str!({path:?})),");
        }
    }
    text + "]\n"
}

/// `(PATH, TEXT)` of each file. Packed facts of the provider are `catalogue`'s.
fn library(root: &Path) -> String {
    let mut text = String::from("&[\n");
    for (inside, path) in below(root, &|name| name != "catalogue") {
        if inside.ends_with(".kdl") {
            let _ = writeln!(text, "({inside:?}, include_str!({path:?})),");
        }
    }
    text + "]\n"
}

/// Every file below a folder but hidden ones and those whose name is not wanted: by path below it, and as it is.
fn below(root: &Path, is_wanted: &dyn Fn(&str) -> bool) -> Vec<(String, PathBuf)> {
    let mut files = Vec::new();
    collect(root, is_wanted, &mut files);
    files.sort();
    let inside = |path: PathBuf| {
        let inside = path.strip_prefix(root).ok()?.components();
        let parts: Vec<_> = inside.map(|part| part.as_os_str().to_string_lossy()).collect();
        Some((parts.join("/"), path.clone()))
    };
    files.into_iter().filter_map(inside).collect()
}

fn collect(folder: &Path, is_wanted: &dyn Fn(&str) -> bool, into: &mut Vec<PathBuf>) {
    // The folder tells of files that come and go; what they hold is watched through `include_str!`.
    println!("cargo::rerun-if-changed={}", folder.display());
    for entry in std::fs::read_dir(folder).into_iter().flatten().flatten() {
        let (path, name) = (entry.path(), entry.file_name().to_string_lossy().into_owned());
        if name.starts_with('.') || !is_wanted(&name) {
            continue;
        }
        if path.is_dir() {
            collect(&path, is_wanted, into);
        } else {
            into.push(path);
        }
    }
}
