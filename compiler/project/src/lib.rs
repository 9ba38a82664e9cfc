//! Reading a project from disk: which files belong to it, and in what order.
//!
//! An editor holds texts that are not on disk yet: an [`overlay::Overlay`] stands in their place. What stays open for long
//! is a [`held::Held`], which reads a file once, and again when it is told.
#![expect(
    clippy::disallowed_methods,
    reason = "it is part of the edge: files are read here for the commands and for the language server"
)]

pub mod held;
pub mod overlay;

use std::collections::BTreeMap;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use source::{Origin, Sources};

/// The file that makes a folder a project.
pub const ROOT_FILE: &str = "leastwise.kdl";
/// The largest inventory, in bytes. A larger one is refused before it is read; of the spec's files, the reader says.
const INVENTORY_BYTES_MAX: u64 = 256 * 1024 * 1024;

/// A project on disk.
#[derive(Debug)]
pub struct Project {
    /// Its folder.
    pub folder: PathBuf,
    /// Its KDL files, in order of path.
    pub sources: Sources,
}

/// What went wrong outside the language.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Trouble {
    /// What.
    pub message: String,
    /// What to do.
    pub help: String,
}

impl Trouble {
    /// What, and what to do.
    pub fn new(message: impl Into<String>, help: impl Into<String>) -> Self {
        Self {
            message: message.into(),
            help: help.into(),
        }
    }

    /// What the system said of a path.
    #[must_use]
    pub fn io(path: &Path, error: &io::Error) -> Self {
        Self::new(
            format!("{}: {error}", path.display()),
            "check that the path exists and may be read",
        )
    }
}

/// Reads every `*.kdl` below the folder.
///
/// # Errors
/// As [`list`] and [`read_spec`] say.
pub fn load(path: &Path, out: Option<&Path>) -> Result<Project, Trouble> {
    let Listed { folder, files } = list(path, out)?;
    let mut sources = Sources::default();
    for (name, path) in files {
        sources.add(&name, read_spec(&name, &path)?, Origin::Project);
    }
    Ok(Project { folder, sources })
}

/// The files of a project on disk, not yet read.
#[derive(Debug)]
pub struct Listed {
    /// Its folder.
    pub folder: PathBuf,
    /// Its KDL files: path relative to the folder, and where they are; in order of path.
    pub files: BTreeMap<String, PathBuf>,
}

/// Every `*.kdl` below the folder: not in hidden folders, not in `out`, not in a nested project, not through links.
///
/// # Errors
/// A folder without `leastwise.kdl`, or one that cannot be listed.
pub fn list(path: &Path, out: Option<&Path>) -> Result<Listed, Trouble> {
    let folder = if path.is_file() {
        match path.parent() {
            Some(parent) if parent != Path::new("") => parent,
            Some(_) | None => Path::new("."),
        }
    } else {
        path
    };
    if !folder.is_dir() {
        return Err(Trouble::new(
            format!("{}: there is no such folder", folder.display()),
            "name the folder that holds leastwise.kdl",
        ));
    }
    if !folder.join(ROOT_FILE).is_file() {
        return Err(Trouble::new(
            format!("{}: there is no {ROOT_FILE}", folder.display()),
            "name the folder that holds it, or start a project with `leastwise new DIR`",
        ));
    }
    let mut found = BTreeMap::new();
    walk(folder, out, &mut |name, path| {
        if name.ends_with(".kdl") {
            found.insert(name, path);
        }
    })?;
    Ok(Listed {
        folder: folder.to_path_buf(),
        files: found,
    })
}

/// Every plain file that may belong to the project, by its path relative to the folder.
///
/// # Errors
/// A folder that cannot be listed.
pub(crate) fn walk(
    folder: &Path,
    out: Option<&Path>,
    take: &mut dyn FnMut(String, PathBuf),
) -> Result<(), Trouble> {
    let skipped = out.and_then(|out| out.canonicalize().ok());
    let mut left = vec![folder.to_path_buf()];
    while let Some(now) = left.pop() {
        for entry in fs::read_dir(&now).map_err(|error| Trouble::io(&now, &error))? {
            let entry = entry.map_err(|error| Trouble::io(&now, &error))?;
            let (path, name) = (entry.path(), entry.file_name());
            let kind = entry.file_type().map_err(|error| Trouble::io(&path, &error))?;
            let name = name.to_string_lossy();
            if name.starts_with('.') || kind.is_symlink() {
                continue;
            }
            if kind.is_dir() {
                let is_out = now == folder && name == "out"
                    || skipped.is_some() && path.canonicalize().ok() == skipped;
                if !is_out && !path.join(ROOT_FILE).exists() {
                    left.push(path);
                }
            } else if kind.is_file() {
                take(relative(folder, &path), path);
            }
        }
    }
    Ok(())
}

/// The folder of the nearest project above a file; `None` if it belongs to none.
#[must_use]
pub fn root_of(file: &Path, overlay: &overlay::Overlay) -> Option<PathBuf> {
    let is_root = |folder: &&Path| {
        let root = folder.join(ROOT_FILE);
        overlay.has(&root) || root.is_file()
    };
    file.ancestors().skip(1).find(is_root).map(Path::to_path_buf)
}

/// The text of a file of the spec.
///
/// # Errors
/// A file that cannot be read, is too large, or is not UTF-8.
pub fn read_spec(name: &str, path: &Path) -> Result<String, Trouble> {
    let bytes = read_bounded(path, syntax::Limits::STANDARD.file_bytes as u64)?;
    String::from_utf8(bytes).map_err(|error| {
        let diagnostic = match syntax::decode(error.as_bytes()) {
            Ok(_) => return Trouble::new(format!("`{name}` is not UTF-8"), "save the file as UTF-8"),
            Err(place) => place.diagnostic(name),
        };
        Trouble::new(diagnostic.message, diagnostic.help.unwrap_or_default())
    })
}

/// The bytes of a file that the project names by a path relative to its folder (an inventory, the identifiers).
///
/// # Errors
/// As the system says; a link that leads out of the project is refused.
pub fn read_named(folder: &Path, name: &str) -> Result<Arc<[u8]>, Trouble> {
    let path = folder.join(name);
    let real = path.canonicalize().map_err(|error| Trouble::io(&path, &error))?;
    let root = folder
        .canonicalize()
        .map_err(|error| Trouble::io(folder, &error))?;
    if !real.starts_with(&root) {
        return Err(Trouble::new(
            format!("{}: the file lies outside the project", path.display()),
            "copy it into the project",
        ));
    }
    read_bounded(&real, INVENTORY_BYTES_MAX).map(Arc::from)
}

/// The bytes of a plain file that is not too large.
///
/// # Errors
/// As the system says, or if it is neither.
pub fn read_bounded(path: &Path, bytes_max: u64) -> Result<Vec<u8>, Trouble> {
    let there = fs::metadata(path).map_err(|error| Trouble::io(path, &error))?;
    if !there.is_file() {
        return Err(Trouble::new(
            format!("{}: not a plain file", path.display()),
            "name a plain file",
        ));
    }
    if there.len() > bytes_max {
        return Err(Trouble::new(
            format!(
                "{}: {} bytes, more than the limit of {bytes_max}",
                path.display(),
                there.len()
            ),
            "split the file",
        ));
    }
    fs::read(path).map_err(|error| Trouble::io(path, &error))
}

fn relative(folder: &Path, path: &Path) -> String {
    let inside = path.strip_prefix(folder).unwrap_or(path);
    inside
        .components()
        .map(|part| part.as_os_str().to_string_lossy())
        .collect::<Vec<_>>()
        .join("/")
}
