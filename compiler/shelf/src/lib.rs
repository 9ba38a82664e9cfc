//! What tests of many crates take from the shelf: the standard library as it lies in `stdlib/`, which oracles are asked,
//! and what the rows of an emitted block make of it.
//!
//! The library is read at run time, once per process. Only the command embeds it, so no test is built again when a kind
//! is edited.
#![expect(
    clippy::disallowed_methods,
    clippy::panic,
    reason = "test support reads files; nothing that is shipped depends on it"
)]

pub mod oracle;
pub mod terraform;

use std::path::Path;
use std::sync::{Arc, LazyLock};

use resolve::Library;

static STDLIB: LazyLock<Library> = LazyLock::new(|| {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../stdlib");
    let mut files = Vec::new();
    if let Err(error) = collect(&folder, "", &mut files) {
        panic!("{}: {error}", folder.display());
    }
    assert!(!files.is_empty(), "there is no standard library");
    Library::new(files)
});

/// The standard library of this tree.
#[must_use]
pub fn stdlib() -> &'static Library {
    &STDLIB
}

/// Every `*.kdl` below a folder, by path.
fn collect(folder: &Path, prefix: &str, files: &mut Vec<(String, Arc<str>)>) -> std::io::Result<()> {
    for entry in std::fs::read_dir(folder)? {
        let path = entry?.path();
        let name = path
            .file_name()
            .map(|name| name.to_string_lossy())
            .unwrap_or_default();
        if path.is_dir() {
            collect(&path, &format!("{prefix}{name}/"), files)?;
        } else if name.ends_with(".kdl") {
            let text = std::fs::read_to_string(&path)?;
            files.push((format!("{prefix}{name}"), text.into()));
        }
    }
    Ok(())
}
