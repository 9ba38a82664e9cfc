//! Embeds the examples, so that `leastwise new` needs no files beside itself.
#![expect(
    clippy::disallowed_methods,
    reason = "a build script reads the tree that it embeds"
)]

use std::fmt::Write as _;
use std::path::{Path, PathBuf};

fn main() {
    let root = PathBuf::from(std::env::var("CARGO_MANIFEST_DIR").unwrap_or_default()).join("../../examples");
    println!("cargo::rerun-if-changed={}", root.display());
    let mut files = Vec::new();
    collect(&root, &mut files);
    files.sort();
    let mut text = String::from("&[\n");
    for path in files {
        let Ok(inside) = path.strip_prefix(&root) else {
            continue;
        };
        let inside = inside
            .components()
            .map(|part| part.as_os_str().to_string_lossy())
            .collect::<Vec<_>>()
            .join("/");
        let Some((example, rest)) = inside.split_once('/') else {
            continue;
        };
        let _ = writeln!(
            text,
            "({example:?}, {rest:?}, include_str!({:?})),",
            path.display().to_string()
        );
    }
    text.push_str("]\n");
    let out = PathBuf::from(std::env::var("OUT_DIR").unwrap_or_default()).join("examples.rs");
    if let Err(error) = std::fs::write(&out, text) {
        println!("cargo::error={}: {error}", out.display());
    }
}

/// Every file below a folder but outputs, hidden files and locks.
fn collect(folder: &Path, into: &mut Vec<PathBuf>) {
    println!("cargo::rerun-if-changed={}", folder.display());
    for entry in std::fs::read_dir(folder).into_iter().flatten().flatten() {
        let (path, name) = (entry.path(), entry.file_name().to_string_lossy().into_owned());
        if name.starts_with('.') || name == "out" || name == "leastwise.lock" {
            continue;
        }
        if path.is_dir() {
            collect(&path, into);
        } else {
            into.push(path);
        }
    }
}
