//! The standard library that a command works with: the one that it carries, or a folder's.

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use resolve::Library;

use project::{Trouble, read_bounded};

/// Paths below `stdlib/` and texts.
static EMBEDDED: &[(&str, &str)] = include!(concat!(env!("OUT_DIR"), "/library.rs"));

/// The library that the command is built with.
pub(crate) fn embedded() -> Library {
    let files = EMBEDDED.iter();
    Library::new(files.map(|(path, text)| ((*path).to_owned(), Arc::from(*text))))
}

/// The library in a folder: every `*.kdl` below it, not through links.
///
/// # Errors
/// No such folder, none of its files declares a kind, or a file that cannot be read or is not UTF-8.
pub(crate) fn of_folder(folder: &Path) -> Result<Library, Trouble> {
    if !folder.is_dir() {
        return Err(Trouble::new(
            format!("{}: there is no such folder", folder.display()),
            "name a folder like `stdlib` of the compiler's sources",
        ));
    }
    let mut files = Vec::new();
    collect(folder, "", &mut files)?;
    let library = Library::new(files);
    if library.files().iter().all(|file| file.kinds.is_empty()) {
        return Err(Trouble::new(
            format!("{}: no file there declares a kind", folder.display()),
            "name a folder like `stdlib` of the compiler's sources",
        ));
    }
    Ok(library)
}

/// The files of a library in a folder; none that cannot be listed.
pub(crate) fn files(folder: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    let mut left = vec![folder.to_path_buf()];
    while let Some(now) = left.pop() {
        for entry in fs::read_dir(&now).into_iter().flatten().flatten() {
            match entry.file_type() {
                Ok(kind) if kind.is_dir() => left.push(entry.path()),
                Ok(kind) if kind.is_file() => found.push(entry.path()),
                Ok(_) | Err(_) => {}
            }
        }
    }
    found
}

fn collect(folder: &Path, prefix: &str, files: &mut Vec<(String, Arc<str>)>) -> Result<(), Trouble> {
    for entry in fs::read_dir(folder).map_err(|error| Trouble::io(folder, &error))? {
        let entry = entry.map_err(|error| Trouble::io(folder, &error))?;
        let (path, name) = (entry.path(), entry.file_name());
        let kind = entry.file_type().map_err(|error| Trouble::io(&path, &error))?;
        let name = name.to_string_lossy();
        if name.starts_with('.') {
            continue;
        }
        if kind.is_dir() {
            collect(&path, &format!("{prefix}{name}/"), files)?;
        } else if kind.is_file() && name.ends_with(".kdl") {
            let bytes = read_bounded(&path, syntax::Limits::STANDARD.file_bytes as u64)?;
            let text = syntax::decode(&bytes).map_err(|place| {
                let diagnostic = place.diagnostic(&path.to_string_lossy());
                Trouble::new(diagnostic.message, diagnostic.help.unwrap_or_default())
            })?;
            files.push((format!("{prefix}{name}"), Arc::from(text)));
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_embedded_is_what_the_folder_holds() {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../stdlib");
        let read = of_folder(&folder).unwrap();
        assert_eq!(embedded().digests(), read.digests());
        // And what other crates are tested with.
        assert_eq!(shelf::stdlib().digests(), read.digests());
        assert_eq!(embedded().digest(), read.digest());
    }

    #[test]
    fn a_folder_that_holds_no_library_is_refused() {
        let folder = tempfile::tempdir().unwrap();
        assert!(of_folder(folder.path()).is_err());
        assert!(of_folder(&folder.path().join("nowhere")).is_err());
        fs::write(folder.path().join("a.kdl"), "kind a {\n}\n").unwrap();
        assert_eq!(of_folder(folder.path()).unwrap().files().len(), 1);
        fs::write(folder.path().join("b.kdl"), b"\xff").unwrap();
        assert!(of_folder(folder.path()).is_err());
    }
}
