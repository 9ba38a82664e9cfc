//! What the system knew of each file when it was written: files that it still knows so are not read again.
//!
//! The index is a cache and no part of the output. It is believed of a file only if nothing can have changed it unseen: its
//! size, times and inode are what they were, it is older than the index, and the system has not been started anew since,
//! for after a loss of power a file may hold less than was written. Whatever else there is, is read.

use std::collections::BTreeMap;
use std::fs::{self, File, Metadata};
use std::io::Write as _;
use std::path::Path;

use rayon::prelude::*;
use serde::{Deserialize, Serialize};

const NAME: &str = "index.json";
/// Of another version nothing is believed.
const VERSION: u32 = 1;

/// What is known of the files of an output.
#[derive(Debug, Default, Serialize, Deserialize)]
pub(super) struct Index {
    version: u32,
    /// One start of the system; empty where it does not say.
    boot: String,
    files: BTreeMap<String, Known>,
    /// When the index was written.
    #[serde(skip)]
    written: (i64, i64),
}

/// One file.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
struct Known {
    stat: Stat,
    sha256: String,
}

/// How the system knows a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
struct Stat {
    size: u64,
    modified: (i64, i64),
    changed: (i64, i64),
    inode: u64,
    device: u64,
}

impl Index {
    /// The index of an output; an empty one where none is to be believed.
    pub(super) fn read(folder: &Path) -> Self {
        let believed = || {
            let path = folder.join(NAME);
            let there = fs::symlink_metadata(&path).ok().filter(Metadata::is_file)?;
            let index: Self = serde_json::from_slice(&fs::read(&path).ok()?).ok()?;
            let is_now = index.version == VERSION && !index.boot.is_empty() && index.boot == boot();
            is_now.then_some(Self {
                written: stat(&there)?.modified,
                ..index
            })
        };
        believed().unwrap_or_default()
    }

    /// Whether anything in it is to be believed.
    pub(super) fn is_believed(&self) -> bool {
        !self.boot.is_empty()
    }

    /// Whether a file certainly holds what has this digest.
    pub(super) fn holds(&self, path: &str, there: &Metadata, sha256: &str) -> bool {
        let Some((known, stat)) = self.files.get(path).zip(stat(there)) else {
            return false;
        };
        let is_older = stat.modified < self.written && stat.changed < self.written;
        known.sha256 == sha256 && known.stat == stat && is_older
    }

    /// Notes what the system knew of these files of a folder when they were found right or written, each with its digest. What is
    /// another file by now, or was touched since, is left out. That it cannot be noted is no fault.
    pub(super) fn write(
        folder: &Path,
        out: &Path,
        files: &BTreeMap<&str, String>,
        seen: &BTreeMap<String, Metadata>,
    ) {
        let boot = boot();
        if boot.is_empty() {
            return;
        }
        let known = files.par_iter().filter_map(|(path, sha256)| {
            let seen = stat(seen.get(*path)?)?;
            let there = stat(&fs::symlink_metadata(out.join(path)).ok()?)?;
            // To be moved into its place changes a file's own time alone.
            let is_it = there
                == Stat {
                    changed: there.changed,
                    ..seen
                };
            let known = Known {
                stat: there,
                sha256: sha256.clone(),
            };
            is_it.then(|| ((*path).to_owned(), known))
        });
        let index = Self {
            version: VERSION,
            boot,
            files: known.collect(),
            written: (0, 0),
        };
        let write = || -> std::io::Result<()> {
            super::make_own(folder)?;
            let draft = folder.join("index.draft");
            // What an interrupted build left, or a link, goes first.
            let _ = fs::remove_file(&draft);
            File::create_new(&draft)?.write_all(&serde_json::to_vec(&index)?)?;
            fs::rename(&draft, folder.join(NAME))
        };
        if write().is_err() {
            let _ = fs::remove_file(folder.join("index.draft"));
        }
    }
}

/// Names one start of the system. Source: `random(4)`, `/proc/sys/kernel/random/boot_id`.
fn boot() -> String {
    let text = fs::read_to_string("/proc/sys/kernel/random/boot_id").unwrap_or_default();
    text.trim().to_owned()
}

#[cfg(unix)]
fn stat(there: &Metadata) -> Option<Stat> {
    use std::os::unix::fs::MetadataExt as _;
    Some(Stat {
        size: there.size(),
        modified: (there.mtime(), there.mtime_nsec()),
        changed: (there.ctime(), there.ctime_nsec()),
        inode: there.ino(),
        device: there.dev(),
    })
}

/// Elsewhere a file has no such marks, and is read.
#[cfg(not(unix))]
fn stat(_there: &Metadata) -> Option<Stat> {
    None
}

#[cfg(test)]
#[cfg(target_os = "linux")]
mod tests {
    use std::time::{Duration, SystemTime};

    use super::*;

    /// A folder with one file that is older than its index, and the digest by which it is known.
    fn noted(text: &str) -> (tempfile::TempDir, String) {
        let out = tempfile::tempdir().unwrap();
        let file = out.path().join("a");
        fs::write(&file, text).unwrap();
        age(&file, 60);
        let sha256 = driver::manifest::sha256(text.as_bytes());
        let files = BTreeMap::from([("a", sha256.clone())]);
        let seen = BTreeMap::from([("a".to_owned(), fs::symlink_metadata(&file).unwrap())]);
        // Longer than the clock of any file system that tells these apart.
        std::thread::sleep(Duration::from_millis(20));
        Index::write(&out.path().join(".leastwise"), out.path(), &files, &seen);
        (out, sha256)
    }

    fn age(file: &Path, seconds: u64) {
        let then = SystemTime::now() - Duration::from_secs(seconds);
        File::options()
            .write(true)
            .open(file)
            .unwrap()
            .set_modified(then)
            .unwrap();
    }

    fn holds(out: &Path, sha256: &str) -> bool {
        let there = fs::symlink_metadata(out.join("a")).unwrap();
        Index::read(&out.join(".leastwise")).holds("a", &there, sha256)
    }

    #[test]
    fn a_file_that_nobody_touched_is_known_by_its_digest() {
        let (out, sha256) = noted("one");
        assert!(holds(out.path(), &sha256));
        assert!(!holds(out.path(), &driver::manifest::sha256(b"two")));
    }

    #[test]
    fn other_bytes_of_the_same_size_and_time_are_noticed() {
        let (out, sha256) = noted("one");
        let file = out.path().join("a");
        let then = fs::metadata(&file).unwrap().modified().unwrap();
        fs::write(&file, "two").unwrap();
        File::options()
            .write(true)
            .open(&file)
            .unwrap()
            .set_modified(then)
            .unwrap();
        assert!(!holds(out.path(), &sha256));
    }

    #[test]
    fn a_file_that_was_changed_before_it_was_noted_is_not_noted() {
        let (out, sha256) = noted("one");
        let file = out.path().join("a");
        let seen = BTreeMap::from([("a".to_owned(), fs::symlink_metadata(&file).unwrap())]);
        fs::write(&file, "two").unwrap();
        let files = BTreeMap::from([("a", sha256.clone())]);
        std::thread::sleep(Duration::from_millis(20));
        Index::write(&out.path().join(".leastwise"), out.path(), &files, &seen);
        assert!(!holds(out.path(), &sha256));
    }

    #[test]
    fn a_file_as_young_as_the_index_is_read() {
        let (out, sha256) = noted("one");
        age(&out.path().join(".leastwise").join(NAME), 60 * 60);
        assert!(!holds(out.path(), &sha256));
    }

    #[test]
    fn an_index_of_another_start_of_the_system_is_not_believed() {
        let (out, sha256) = noted("one");
        let path = out.path().join(".leastwise").join(NAME);
        let text = fs::read_to_string(&path).unwrap().replace(&boot(), "another");
        fs::write(&path, text).unwrap();
        assert!(!holds(out.path(), &sha256));
        fs::write(&path, "torn").unwrap();
        assert!(!Index::read(&out.path().join(".leastwise")).is_believed());
    }
}
