//! Writing an output folder, all or nothing.
//!
//! Changed files are staged beside their final places on the same file system; a journal then names every move. Before
//! the journal is there, the previous output is whole; from then on the new one is: the next start finishes what the
//! journal says. Only what changed is written, only what an earlier manifest lists is removed.

mod beside;
mod journal;

use std::collections::{BTreeMap, BTreeSet};
use std::fs::{self, File};
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};

pub(crate) use beside::beside;
use journal::Journal;

/// Folder of our own inside the output folder; gone when nothing is under way.
const STAGE: &str = ".leastwise";
/// The manifest, which is moved last.
const MANIFEST: &str = "manifest.json";

/// What a commit did.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Committed {
    /// Paths that were written, sorted.
    pub(crate) written: Vec<String>,
    /// Paths that were removed, sorted.
    pub(crate) removed: Vec<String>,
    /// How many files were left as they were.
    pub(crate) unchanged: usize,
}

/// Why nothing was written.
#[derive(Debug)]
pub(crate) struct Refused {
    /// What is in the way, or what the system refused.
    pub(crate) path: PathBuf,
    /// Why.
    pub(crate) why: String,
    /// What to do.
    pub(crate) help: &'static str,
}

impl Refused {
    fn new(path: impl Into<PathBuf>, why: impl Into<String>, help: &'static str) -> Self {
        Self {
            path: path.into(),
            why: why.into(),
            help,
        }
    }

    fn io(path: impl Into<PathBuf>, error: &io::Error) -> Self {
        Self::new(
            path,
            error.to_string(),
            "the previous output is untouched; mend this and compile again",
        )
    }
}

/// One file to be there afterwards.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Wanted<'a> {
    /// Its bytes.
    pub(crate) bytes: &'a [u8],
    /// Whether people run it.
    pub(crate) executable: bool,
}

/// Brings a folder to exactly these files, and the manifest among them.
///
/// # Errors
/// A foreign file in the way, an output folder that is a file or a link, or whatever the system refuses. Nothing that
/// was there before is changed then.
pub(crate) fn commit(out: &Path, wanted: &BTreeMap<String, Wanted<'_>>) -> Result<Committed, Refused> {
    prepare(out)?;
    let listed = listed(out)?;
    let mut committed = Committed::default();
    let mut journal = Journal::default();
    let stage = out.join(STAGE);
    for (path, file) in wanted {
        let to = out.join(path);
        guard_parents(out, path)?;
        match fs::symlink_metadata(&to) {
            Ok(there) => {
                if !listed.contains(path) && path != MANIFEST {
                    return Err(Refused::new(
                        to,
                        "a file is in the way that no earlier build wrote",
                        "move it, or choose another output folder with `--out`",
                    ));
                }
                if !there.is_file() {
                    return Err(Refused::new(
                        to,
                        "what is there is not a plain file",
                        "move it, or choose another output folder with `--out`",
                    ));
                }
                if fs::read(&to).is_ok_and(|bytes| bytes == file.bytes)
                    && is_executable(&there) == file.executable
                {
                    committed.unchanged += 1;
                    continue;
                }
            }
            Err(error) if error.kind() == io::ErrorKind::NotFound => {}
            Err(error) => return Err(Refused::io(to, &error)),
        }
        journal.put(path);
        committed.written.push(path.clone());
    }
    for path in listed.iter().filter(|path| !wanted.contains_key(*path)) {
        guard_parents(out, path)?;
        if fs::symlink_metadata(out.join(path)).is_ok_and(|there| there.is_file()) {
            journal.remove(path);
            committed.removed.push(path.clone());
        }
    }
    if journal.is_empty() {
        return Ok(committed);
    }
    journal.put_last(MANIFEST);
    let staged = stage_all(out, &stage, &journal, wanted)
        .and_then(|()| journal.write(&stage).map_err(|error| Refused::io(&stage, &error)));
    if let Err(refused) = staged {
        let _ = fs::remove_dir_all(&stage);
        return Err(refused);
    }
    journal
        .carry_out(out, &stage)
        .map_err(|error| Refused::io(out, &error))?;
    Ok(committed)
}

/// Creates the folder, refuses a link or a file in its place, and finishes what an interrupted build began.
fn prepare(out: &Path) -> Result<(), Refused> {
    match fs::symlink_metadata(out) {
        Ok(there) if there.is_symlink() => {
            return Err(Refused::new(
                out,
                "the output folder is a link",
                "name the folder itself with `--out`",
            ));
        }
        Ok(there) if !there.is_dir() => {
            return Err(Refused::new(
                out,
                "the output folder is a file",
                "name a folder with `--out`",
            ));
        }
        Ok(_) => {}
        Err(error) if error.kind() == io::ErrorKind::NotFound => {
            fs::create_dir_all(out).map_err(|error| Refused::io(out, &error))?;
        }
        Err(error) => return Err(Refused::io(out, &error)),
    }
    recover(out)
}

/// Finishes what an interrupted build began, or drops what it only staged.
///
/// # Errors
/// Something foreign in the stage's place, or whatever the system refuses.
pub(crate) fn recover(out: &Path) -> Result<(), Refused> {
    let stage = out.join(STAGE);
    match fs::symlink_metadata(&stage) {
        Ok(there) if there.is_dir() => {}
        Ok(_) => {
            return Err(Refused::new(
                stage,
                "a file is in the way that no earlier build wrote",
                "move it, or choose another output folder with `--out`",
            ));
        }
        Err(_) => return Ok(()),
    }
    match Journal::read(&stage).map_err(|error| Refused::io(&stage, &error))? {
        Some(journal) => journal
            .carry_out(out, &stage)
            .map_err(|error| Refused::io(out, &error)),
        None => fs::remove_dir_all(&stage).map_err(|error| Refused::io(&stage, &error)),
    }
}

/// Paths that the manifest of the previous output lists, and the manifest itself.
fn listed(out: &Path) -> Result<BTreeSet<String>, Refused> {
    let path = out.join(MANIFEST);
    let bytes = match fs::read(&path) {
        Ok(bytes) => bytes,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(BTreeSet::new()),
        Err(error) => return Err(Refused::io(path, &error)),
    };
    let manifest: serde_json::Value = serde_json::from_slice(&bytes).unwrap_or_default();
    let is_ours = manifest
        .get("format")
        .and_then(serde_json::Value::as_str)
        .is_some_and(|format| format.starts_with("leastwise-manifest/"));
    if !is_ours {
        return Err(Refused::new(
            path,
            "there is a manifest.json that no build of ours wrote",
            "choose another output folder with `--out`",
        ));
    }
    let files = manifest.get("files").and_then(serde_json::Value::as_array);
    let paths = files
        .into_iter()
        .flatten()
        .filter_map(|file| file.get("path").and_then(serde_json::Value::as_str));
    Ok(paths.filter(|path| is_inside(path)).map(str::to_owned).collect())
}

/// Whether a listed path stays inside the folder: a manifest is a file that somebody may have edited.
fn is_inside(path: &str) -> bool {
    !path.is_empty()
        && !path.contains('\\')
        && path
            .split('/')
            .all(|part| !part.is_empty() && part != "." && part != ".." && part != STAGE)
}

/// Refuses a link or a file where a folder is needed.
fn guard_parents(out: &Path, path: &str) -> Result<(), Refused> {
    let mut at = out.to_path_buf();
    let mut parts: Vec<&str> = path.split('/').collect();
    parts.pop();
    for part in parts {
        at.push(part);
        match fs::symlink_metadata(&at) {
            Ok(there) if there.is_dir() => {}
            Ok(_) => {
                return Err(Refused::new(
                    at,
                    "what is there is not a folder",
                    "move it, or choose another output folder with `--out`",
                ));
            }
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(()),
            Err(error) => return Err(Refused::io(at, &error)),
        }
    }
    Ok(())
}

fn stage_all(
    out: &Path,
    stage: &Path,
    journal: &Journal,
    wanted: &BTreeMap<String, Wanted<'_>>,
) -> Result<(), Refused> {
    fs::create_dir_all(stage).map_err(|error| Refused::io(stage, &error))?;
    for (index, path) in journal.puts() {
        let Some(file) = wanted.get(path) else { continue };
        let to = stage.join(index.to_string());
        write_synced(&to, file).map_err(|error| Refused::io(&to, &error))?;
        if let Some(parent) = out.join(path).parent() {
            fs::create_dir_all(parent).map_err(|error| Refused::io(parent, &error))?;
        }
    }
    Ok(())
}

fn write_synced(to: &Path, file: &Wanted<'_>) -> io::Result<()> {
    let mut handle = File::create(to)?;
    handle.write_all(file.bytes)?;
    set_mode(&handle, file.executable)?;
    handle.sync_data()
}

#[cfg(unix)]
fn set_mode(file: &File, executable: bool) -> io::Result<()> {
    use std::os::unix::fs::PermissionsExt as _;
    file.set_permissions(fs::Permissions::from_mode(if executable { 0o755 } else { 0o644 }))
}

#[cfg(not(unix))]
fn set_mode(_file: &File, _executable: bool) -> io::Result<()> {
    Ok(())
}

#[cfg(unix)]
fn is_executable(there: &fs::Metadata) -> bool {
    use std::os::unix::fs::PermissionsExt as _;
    there.permissions().mode() & 0o111 != 0
}

#[cfg(not(unix))]
fn is_executable(_there: &fs::Metadata) -> bool {
    false
}

#[cfg(test)]
mod tests {
    use super::*;

    fn wanted<'a>(files: &'a [(&'a str, &'a str)]) -> BTreeMap<String, Wanted<'a>> {
        files
            .iter()
            .map(|(path, text)| {
                (
                    (*path).to_owned(),
                    Wanted {
                        bytes: text.as_bytes(),
                        executable: false,
                    },
                )
            })
            .collect()
    }

    fn manifest(paths: &[&str]) -> String {
        let files: Vec<String> = paths
            .iter()
            .map(|path| format!("{{\"path\":\"{path}\"}}"))
            .collect();
        format!(
            "{{\"format\":\"leastwise-manifest/1\",\"files\":[{}]}}",
            files.join(",")
        )
    }

    #[test]
    fn only_what_changed_is_written_and_only_what_was_ours_is_removed() {
        let folder = tempfile::tempdir().unwrap();
        let out = folder.path().join("out");
        let first = manifest(&["a/x", "b"]);
        commit(
            &out,
            &wanted(&[("a/x", "1"), ("b", "2"), ("manifest.json", &first)]),
        )
        .unwrap();
        fs::write(out.join("notes.txt"), "mine").unwrap();
        let second = manifest(&["a/x", "c"]);
        let done = commit(
            &out,
            &wanted(&[("a/x", "1"), ("c", "3"), ("manifest.json", &second)]),
        )
        .unwrap();
        assert_eq!(
            (done.written, done.removed, done.unchanged),
            (
                vec!["c".to_owned(), "manifest.json".to_owned()],
                vec!["b".to_owned()],
                1
            )
        );
        assert!(out.join("notes.txt").exists() && !out.join("b").exists() && !out.join(STAGE).exists());
    }

    #[test]
    fn a_foreign_file_in_the_way_is_named_and_nothing_changes() {
        let folder = tempfile::tempdir().unwrap();
        fs::write(folder.path().join("b"), "mine").unwrap();
        let text = manifest(&["a", "b"]);
        let refused = commit(
            folder.path(),
            &wanted(&[("a", "1"), ("b", "2"), ("manifest.json", &text)]),
        )
        .unwrap_err();
        assert!(refused.path.ends_with("b"));
        assert_eq!(fs::read_to_string(folder.path().join("b")).unwrap(), "mine");
        assert!(!folder.path().join("a").exists());
    }

    #[test]
    fn an_interrupted_commit_is_finished_or_undone_at_the_next_start() {
        let folder = tempfile::tempdir().unwrap();
        let stage = folder.path().join(STAGE);
        fs::create_dir_all(&stage).unwrap();
        fs::write(stage.join("0"), "half").unwrap();
        prepare(folder.path()).unwrap();
        assert!(!stage.exists(), "without a journal the stage is dropped");

        let mut journal = Journal::default();
        journal.put("a");
        journal.remove("old");
        journal.put_last(MANIFEST);
        fs::create_dir_all(&stage).unwrap();
        fs::write(stage.join("0"), "new").unwrap();
        fs::write(stage.join("1"), "manifest").unwrap();
        fs::write(folder.path().join("old"), "old").unwrap();
        journal.write(&stage).unwrap();
        prepare(folder.path()).unwrap();
        assert_eq!(fs::read_to_string(folder.path().join("a")).unwrap(), "new");
        assert_eq!(
            fs::read_to_string(folder.path().join(MANIFEST)).unwrap(),
            "manifest"
        );
        assert!(!folder.path().join("old").exists() && !stage.exists());
    }

    #[cfg(unix)]
    #[test]
    fn links_are_never_followed() {
        let folder = tempfile::tempdir().unwrap();
        let elsewhere = tempfile::tempdir().unwrap();
        let out = folder.path().join("out");
        std::os::unix::fs::symlink(elsewhere.path(), &out).unwrap();
        assert!(commit(&out, &wanted(&[("a", "1")])).is_err());
        fs::remove_file(&out).unwrap();
        fs::create_dir(&out).unwrap();
        std::os::unix::fs::symlink(elsewhere.path(), out.join("aws")).unwrap();
        assert!(commit(&out, &wanted(&[("aws/a", "1")])).is_err());
        assert!(fs::read_dir(elsewhere.path()).unwrap().next().is_none());
    }

    #[test]
    fn a_manifest_that_lists_paths_outside_is_not_followed() {
        for path in [
            "../x",
            "/etc/passwd",
            "a/../../x",
            ".leastwise/journal",
            "a\\b",
            "",
        ] {
            assert!(!is_inside(path), "{path}");
        }
        assert!(is_inside("aws/plant/iam/x.identity.json"));
    }
}
