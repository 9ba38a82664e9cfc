//! Writing an output folder, all or nothing.
//!
//! Changed files are staged beside their final places on the same file system; a journal then names every move. Before
//! the journal is there, the previous output is whole; from then on the new one is: the next start finishes what the
//! journal says. Only what changed is written, only what an earlier manifest lists is removed.
//!
//! A build that is killed, or finds the disk full, leaves the old output or the new one. Power that is lost may leave files
//! of the new one torn, since only the journal and the manifest are written through: the next build reads all that there is
//! and writes anew what differs. Who cannot wait for it says `--sync`.

mod beside;
mod current;
mod index;
mod journal;
mod listed;
mod lock;

use std::collections::{BTreeMap, BTreeSet};
use std::fs::{self, File, Metadata};
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};

pub(crate) use beside::beside;
pub(crate) use current::{Current, Difference, Why};
use index::Index;
use journal::Journal;
pub(crate) use listed::is_inside;
use listed::listed;
use lock::hold;
use rayon::prelude::*;

/// Folder of our own inside the output folder: the index, and the stage while something is under way.
const OWN: &str = ".leastwise";
/// In it: what is to be moved into place.
const STAGE: &str = "stage";
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

/// Brings a folder to exactly these files, and the manifest among them; with `sync`, through to the disk.
///
/// # Errors
/// A foreign file in the way, an output folder that is a file or a link, or whatever the system refuses. Nothing that
/// was there before is changed then.
pub(crate) fn commit(
    out: &Path,
    wanted: &BTreeMap<String, Wanted<'_>>,
    sync: bool,
) -> Result<Committed, Refused> {
    prepare(out)?;
    let own = out.join(OWN);
    let _held = hold(&own)?;
    finish(out)?;
    let listed = listed(out)?;
    let digests: BTreeMap<&str, String> = wanted
        .par_iter()
        .map(|(path, file)| (path.as_str(), driver::manifest::sha256(file.bytes)))
        .collect();
    guard_parents(out, wanted.keys().chain(&listed))?;
    let index = Index::read(&own);
    let stand = wanted.par_iter().map(|(path, file)| {
        let is_known = listed.contains(path) || path == MANIFEST;
        let holds = |there: &Metadata| {
            digests
                .get(path.as_str())
                .is_some_and(|sha256| index.holds(path, there, sha256))
        };
        Ok((path, is_there(&out.join(path), file, is_known, &holds)?))
    });
    let stand: Vec<(&String, Option<Metadata>)> = stand.collect::<Result<_, Refused>>()?;
    let mut seen: BTreeMap<String, Metadata> = BTreeMap::new();
    let mut committed = Committed::default();
    let mut journal = Journal::default();
    for (path, there) in stand {
        if let Some(there) = there {
            committed.unchanged += 1;
            seen.insert(path.clone(), there);
        } else {
            journal.put(path);
            committed.written.push(path.clone());
        }
    }
    for path in listed.iter().filter(|path| !wanted.contains_key(*path)) {
        if fs::symlink_metadata(out.join(path)).is_ok_and(|there| there.is_file()) {
            journal.remove(path);
            committed.removed.push(path.clone());
        }
    }
    if !journal.is_empty() {
        journal.put_last(MANIFEST);
        let stage = own.join(STAGE);
        let staged = stage_all(out, &own, &journal, wanted, sync).and_then(|staged| {
            let written = journal.write(&stage);
            written
                .map_err(|error| Refused::io(&stage, &error))
                .map(|()| staged)
        });
        match staged {
            Ok(staged) => seen.extend(staged),
            Err(refused) => {
                let _ = fs::remove_dir_all(&stage);
                return Err(refused);
            }
        }
        carry_out(&journal, out, &stage)?;
    }
    if !journal.is_empty() || !index.is_believed() {
        Index::write(&own, out, &digests, &seen);
    }
    Ok(committed)
}

/// What the system knew of a file that is there as it is wanted, before it was looked at.
///
/// # Errors
/// Something that no earlier build wrote.
fn is_there(
    to: &Path,
    file: &Wanted<'_>,
    is_known: bool,
    holds: &dyn Fn(&Metadata) -> bool,
) -> Result<Option<Metadata>, Refused> {
    let there = match fs::symlink_metadata(to) {
        Ok(there) => there,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(Refused::io(to, &error)),
    };
    if !is_known {
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
    let is_same = || fs::read(to).is_ok_and(|bytes| bytes == file.bytes);
    let is_right = is_executable(&there) == file.executable && (holds(&there) || is_same());
    Ok(is_right.then_some(there))
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
    let own = out.join(OWN);
    match fs::symlink_metadata(&own) {
        Ok(there) if there.is_dir() => {}
        Ok(_) => {
            return Err(Refused::new(
                own,
                "a file is in the way that no earlier build wrote",
                "move it, or choose another output folder with `--out`",
            ));
        }
        Err(_) => return Ok(()),
    }
    if fs::symlink_metadata(own.join(STAGE)).is_err() {
        return Ok(());
    }
    let _held = hold(&own)?;
    finish(out)
}

/// Does what a journal says. From its first move on, only to go on makes the output whole.
fn carry_out(journal: &Journal, out: &Path, stage: &Path) -> Result<(), Refused> {
    journal.carry_out(out, stage).map_err(|error| {
        Refused::new(
            out,
            format!("{error}, while files were moved into place"),
            "some may be of the new output already: mend this, and the next `compile` or `plan` moves the others",
        )
    })
}

/// What `recover` does, while the output is held.
fn finish(out: &Path) -> Result<(), Refused> {
    let stage = out.join(OWN).join(STAGE);
    match fs::symlink_metadata(&stage) {
        Ok(there) if there.is_dir() => {}
        Ok(_) => {
            return Err(Refused::new(
                stage,
                "what is there is not a folder",
                "remove it, or choose another output folder with `--out`",
            ));
        }
        Err(_) => return Ok(()),
    }
    match Journal::read(&stage).map_err(|error| Refused::io(&stage, &error))? {
        Some(journal) => carry_out(&journal, out, &stage),
        None => fs::remove_dir_all(&stage).map_err(|error| Refused::io(&stage, &error)),
    }
}

/// Refuses a link or a file where a folder is needed.
fn guard_parents<'p>(out: &Path, paths: impl Iterator<Item = &'p String>) -> Result<(), Refused> {
    let folders: BTreeSet<&str> = paths
        .flat_map(|path| path.match_indices('/').filter_map(|(at, _)| path.get(..at)))
        .collect();
    for folder in folders {
        let at = out.join(folder);
        match fs::symlink_metadata(&at) {
            Ok(there) if there.is_dir() => {}
            Ok(_) => {
                return Err(Refused::new(
                    at,
                    "what is there is not a folder",
                    "move it, or choose another output folder with `--out`",
                ));
            }
            Err(error) if error.kind() == io::ErrorKind::NotFound => {}
            Err(error) => return Err(Refused::io(at, &error)),
        }
    }
    Ok(())
}

fn stage_all(
    out: &Path,
    own: &Path,
    journal: &Journal,
    wanted: &BTreeMap<String, Wanted<'_>>,
    sync: bool,
) -> Result<Vec<(String, Metadata)>, Refused> {
    let stage = own.join(STAGE);
    make_own(own)
        .and_then(|()| fs::create_dir_all(&stage))
        .map_err(|error| Refused::io(&stage, &error))?;
    let folders: BTreeSet<&Path> = journal
        .puts()
        .filter_map(|(_, path)| Path::new(path).parent())
        .collect();
    for folder in folders {
        let folder = out.join(folder);
        fs::create_dir_all(&folder).map_err(|error| Refused::io(&folder, &error))?;
    }
    let puts: Vec<(usize, &String)> = journal.puts().collect();
    let staged = puts.par_iter().filter_map(|(number, path)| {
        let file = wanted.get(*path)?;
        let to = stage.join(number.to_string());
        // Without its list of files an output is nobody's.
        let is_synced = sync || *path == MANIFEST;
        Some(match write_file(&to, file, is_synced) {
            Ok(there) => Ok(((*path).clone(), there)),
            Err(error) => Err(Refused::io(&to, &error)),
        })
    });
    staged.collect()
}

/// Makes the folder of our own, which nobody keeps among the sources.
fn make_own(own: &Path) -> io::Result<()> {
    fs::create_dir_all(own)?;
    // A link in its place is not followed.
    match File::options()
        .write(true)
        .create_new(true)
        .open(own.join(".gitignore"))
    {
        Ok(mut ignore) => ignore.write_all(b"*\n"),
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists => Ok(()),
        Err(error) => Err(error),
    }
}

/// What the system knows of the file then.
fn write_file(to: &Path, file: &Wanted<'_>, sync: bool) -> io::Result<Metadata> {
    let mut handle = File::create(to)?;
    handle.write_all(file.bytes)?;
    set_mode(&handle, file.executable)?;
    if sync {
        handle.sync_data()?;
    }
    handle.metadata()
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
fn is_executable(there: &Metadata) -> bool {
    use std::os::unix::fs::PermissionsExt as _;
    there.permissions().mode() & 0o111 != 0
}

#[cfg(not(unix))]
fn is_executable(_there: &Metadata) -> bool {
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
            false,
        )
        .unwrap();
        fs::write(out.join("notes.txt"), "mine").unwrap();
        let second = manifest(&["a/x", "c"]);
        let done = commit(
            &out,
            &wanted(&[("a/x", "1"), ("c", "3"), ("manifest.json", &second)]),
            false,
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
        assert!(
            out.join("notes.txt").exists() && !out.join("b").exists() && !out.join(OWN).join(STAGE).exists()
        );
    }

    #[test]
    fn a_foreign_file_in_the_way_is_named_and_nothing_changes() {
        let folder = tempfile::tempdir().unwrap();
        fs::write(folder.path().join("b"), "mine").unwrap();
        let text = manifest(&["a", "b"]);
        let refused = commit(
            folder.path(),
            &wanted(&[("a", "1"), ("b", "2"), ("manifest.json", &text)]),
            false,
        )
        .unwrap_err();
        assert!(refused.path.ends_with("b"));
        assert_eq!(fs::read_to_string(folder.path().join("b")).unwrap(), "mine");
        assert!(!folder.path().join("a").exists());
    }

    #[test]
    fn two_builds_do_not_write_one_output() {
        let folder = tempfile::tempdir().unwrap();
        let text = manifest(&["a"]);
        let files = [("a", "1"), ("manifest.json", text.as_str())];
        let held = hold(&folder.path().join(OWN)).unwrap();
        assert!(held.is_some());
        let refused = commit(folder.path(), &wanted(&files), false).unwrap_err();
        assert!(refused.why.contains("another `leastwise`"), "{refused:?}");
        assert!(!folder.path().join("a").exists());
        drop(held);
        commit(folder.path(), &wanted(&files), false).unwrap();
        assert!(folder.path().join("a").exists());
    }

    #[test]
    fn an_interrupted_commit_is_finished_or_undone_at_the_next_start() {
        let folder = tempfile::tempdir().unwrap();
        let stage = folder.path().join(OWN).join(STAGE);
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

    #[test]
    fn a_file_that_was_torn_is_written_anew() {
        let folder = tempfile::tempdir().unwrap();
        let out = folder.path().join("out");
        let text = manifest(&["a"]);
        let files = [("a", "1"), ("manifest.json", text.as_str())];
        commit(&out, &wanted(&files), false).unwrap();
        fs::write(out.join("a"), "").unwrap();
        let done = commit(&out, &wanted(&files), false).unwrap();
        assert_eq!(done.written, ["a"]);
        assert_eq!(fs::read_to_string(out.join("a")).unwrap(), "1");
    }

    #[cfg(unix)]
    #[test]
    fn links_are_never_followed() {
        let folder = tempfile::tempdir().unwrap();
        let elsewhere = tempfile::tempdir().unwrap();
        let out = folder.path().join("out");
        std::os::unix::fs::symlink(elsewhere.path(), &out).unwrap();
        assert!(commit(&out, &wanted(&[("a", "1")]), false).is_err());
        fs::remove_file(&out).unwrap();
        fs::create_dir(&out).unwrap();
        std::os::unix::fs::symlink(elsewhere.path(), out.join("aws")).unwrap();
        assert!(commit(&out, &wanted(&[("aws/a", "1")]), false).is_err());
        fs::remove_file(out.join("aws")).unwrap();
        let own = out.join(OWN);
        fs::create_dir_all(&own).unwrap();
        std::os::unix::fs::symlink(elsewhere.path(), own.join(STAGE)).unwrap();
        assert!(commit(&out, &wanted(&[("a", "1")]), false).is_err());
        fs::remove_file(own.join(STAGE)).unwrap();
        let _ = fs::remove_file(own.join(".gitignore"));
        let _ = fs::remove_file(own.join(lock::NAME));
        std::os::unix::fs::symlink(elsewhere.path().join(lock::NAME), own.join(lock::NAME)).unwrap();
        assert!(commit(&out, &wanted(&[("a", "1")]), false).is_err());
        fs::remove_file(own.join(lock::NAME)).unwrap();
        for name in [".gitignore", "index.draft"] {
            std::os::unix::fs::symlink(elsewhere.path().join(name), own.join(name)).unwrap();
        }
        let text = manifest(&["a"]);
        commit(&out, &wanted(&[("a", "1"), ("manifest.json", &text)]), false).unwrap();
        assert!(fs::read_dir(elsewhere.path()).unwrap().next().is_none());
    }
}
