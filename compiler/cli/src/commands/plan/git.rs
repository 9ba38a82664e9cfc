//! A project as a commit has it, put into a folder of its own: by the `git` program, which knows where everything is.

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use model::value::Date;
use tempfile::TempDir;

use crate::render::sanitise::sanitise;
use project::Trouble;

/// A commit, seen from the project's folder.
pub(super) struct Commit {
    /// The name that was asked for.
    named: String,
    /// Its id.
    id: String,
    /// The project's folder, whose repository it is.
    folder: PathBuf,
    /// The project's folder in the repository: empty or ending in `/`.
    prefix: String,
    /// The day on which it was made.
    pub(super) day: Option<Date>,
    /// Files of the project: path in the project, and the id of what is in it.
    files: Vec<(String, String)>,
    /// Where they are written.
    pub(super) into: TempDir,
}

impl Commit {
    /// Looks a commit up.
    pub(super) fn of(folder: &Path, named: &str) -> Result<Self, Trouble> {
        let prefix = git(folder, &["rev-parse", "--show-prefix"])?.ok_or_else(|| {
            Trouble::new(
                format!("{}: lies in no git repository", folder.display()),
                "compare with an output, `--against DIR`",
            )
        })?;
        let unknown = || {
            Trouble::new(
                format!("there is no commit `{}`", sanitise(named)),
                "name a branch, a tag or a commit; a shallow clone has few of them",
            )
        };
        if named.starts_with('-') {
            return Err(unknown());
        }
        let commit = format!("{named}^{{commit}}");
        let id = git(folder, &["rev-parse", "--verify", "--quiet", &commit])?.ok_or_else(unknown)?;
        let id = id.trim().to_owned();
        let day = git(folder, &["show", "-s", "--format=%cs", &id])?;
        let prefix = prefix.trim_end_matches('\n').to_owned();
        let mut list = vec!["ls-tree", "-r", "-z", "--full-tree", &id];
        if !prefix.is_empty() {
            list.extend(["--", &prefix]);
        }
        let listed = git(folder, &list)?.unwrap_or_default();
        let mut files = Vec::new();
        for entry in listed.split('\0').filter(|entry| !entry.is_empty()) {
            // MODE SP TYPE SP ID TAB PATH
            let Some((head, path)) = entry.split_once('\t') else {
                continue;
            };
            let mut words = head.split(' ');
            let (mode, _, id) = (words.next(), words.next(), words.next());
            // Links are not followed, and what another repository holds is not of this commit.
            if let (Some("100644" | "100755"), Some(id), Some(path)) = (mode, id, path.strip_prefix(&prefix))
            {
                let is_inside = path
                    .split('/')
                    .all(|part| !matches!(part, "" | "." | ".." | ".git"));
                if is_inside {
                    files.push((path.to_owned(), id.to_owned()));
                }
            }
        }
        let into = tempfile::tempdir().map_err(|error| Trouble::io(&std::env::temp_dir(), &error))?;
        Ok(Self {
            named: named.to_owned(),
            id,
            folder: folder.to_owned(),
            prefix,
            day: day.and_then(|day| Date::parse(day.trim())),
            files,
            into,
        })
    }

    /// The name that was asked for.
    pub(super) fn name(&self) -> &str {
        &self.named
    }

    /// Whether some file is there.
    pub(super) fn has(&self, is_meant: &dyn Fn(&str) -> bool) -> bool {
        self.files.iter().any(|(path, _)| is_meant(path))
    }

    /// That something is not there, as trouble.
    pub(super) fn lacks(&self, what: &str, help: &str) -> Trouble {
        Trouble::new(
            format!(
                "`{}` has no {}{what}",
                sanitise(&self.named),
                sanitise(&self.prefix)
            ),
            help,
        )
    }

    /// Writes the files that are meant into the folder.
    pub(super) fn write(&self, is_meant: &dyn Fn(&str) -> bool) -> Result<(), Trouble> {
        let wanted: Vec<&(String, String)> = self.files.iter().filter(|(path, _)| is_meant(path)).collect();
        if wanted.is_empty() {
            return Ok(());
        }
        let mut child = Command::new("git")
            .arg("-C")
            .arg(&self.folder)
            .args(["cat-file", "--batch"])
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .map_err(|error| no_git(&error))?;
        let (Some(mut input), Some(output)) = (child.stdin.take(), child.stdout.take()) else {
            return Err(self.unreadable());
        };
        let ids: String = wanted.iter().map(|(_, id)| format!("{id}\n")).collect();
        // It answers while it is still being asked: one who only writes would wait for one who only writes.
        let asking = std::thread::spawn(move || input.write_all(ids.as_bytes()));
        let mut output = BufReader::new(output);
        for (path, id) in wanted {
            let mut head = String::new();
            output.read_line(&mut head).map_err(|_| self.unreadable())?;
            let mut words = head.split_whitespace();
            let (own, sort, size) = (words.next(), words.next(), words.next());
            let size: Option<usize> = size.and_then(|size| size.parse().ok());
            let (Some("blob"), Some(size)) = (sort, size) else {
                return Err(self.unreadable());
            };
            if own != Some(id) {
                return Err(self.unreadable());
            }
            // A line feed follows.
            let mut bytes = vec![0; size + 1];
            output.read_exact(&mut bytes).map_err(|_| self.unreadable())?;
            bytes.truncate(size);
            let to = self.into.path().join(path);
            let folder = to.parent().unwrap_or(self.into.path());
            std::fs::create_dir_all(folder).map_err(|error| Trouble::io(folder, &error))?;
            std::fs::write(&to, bytes).map_err(|error| Trouble::io(&to, &error))?;
        }
        let is_asked = asking.join().is_ok_and(|asked| asked.is_ok());
        let is_fine = child.wait().is_ok_and(|status| status.success());
        if is_asked && is_fine {
            Ok(())
        } else {
            Err(self.unreadable())
        }
    }

    fn unreadable(&self) -> Trouble {
        Trouble::new(
            format!("git does not give the files of {}", self.id),
            "`git fsck` tells whether the repository is whole",
        )
    }
}

fn no_git(error: &std::io::Error) -> Trouble {
    Trouble::new(
        format!("git: {error}"),
        "install git, or compare with an output, `--against DIR`",
    )
}

/// What git prints; `None` if it says no.
fn git(folder: &Path, arguments: &[&str]) -> Result<Option<String>, Trouble> {
    let output = Command::new("git")
        .arg("-C")
        .arg(folder)
        .args(arguments)
        .stdin(Stdio::null())
        .output()
        .map_err(|error| no_git(&error))?;
    Ok(output
        .status
        .success()
        .then(|| String::from_utf8_lossy(&output.stdout).into_owned()))
}
