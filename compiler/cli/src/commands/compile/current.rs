//! `compile --check`: whether the output in the repository is what would be written. It writes nothing.

use std::collections::BTreeMap;
use std::path::Path;
use std::process::ExitCode;

use catalogue::limits::Limits;

use super::told::{self, Told};
use super::{Environment, folder_of, trouble, wanted};
use crate::commands::FINDINGS;
use crate::output::{Current, Difference, Wanted, Why};
use crate::render::sanitise::sanitise;
use crate::session::{Format, Session};
use project::Trouble;

/// What an output has that would not be written so.
pub(crate) struct Stale {
    /// Files with why each differs; from the folder of the project where it is the lock, else as the output was named.
    pub(crate) lines: Vec<(String, String)>,
    /// How many files are as they would be written.
    pub(crate) current: usize,
}

impl Stale {
    fn told(&self) -> Told<'_> {
        if self.lines.is_empty() {
            return Told::Current { files: self.current };
        }
        let differences = self.lines.iter();
        Told::Stale {
            differences: differences
                .map(|(path, why)| told::Difference { path, why })
                .collect(),
        }
    }
}

/// Exit code 0 if every file is current, 1 with a line for each that is not.
pub(super) fn run(
    session: &Session,
    built: &[Environment],
    out: &Path,
    (inventories, digest): (&BTreeMap<String, String>, &str),
    format: Format,
) -> Result<ExitCode, Trouble> {
    let stale = stale(session, built, out, inventories, digest)?;
    if format == Format::Json {
        let told = stale.told();
        told::print(&told);
        let is_current = matches!(told, Told::Current { .. });
        return Ok(ExitCode::from(if is_current { 0 } else { FINDINGS }));
    }
    for (path, why) in &stale.lines {
        println!("{}: {why}", sanitise(path));
    }
    if stale.lines.is_empty() {
        println!("current: {} files in {}", stale.current, out.display());
        return Ok(ExitCode::SUCCESS);
    }
    eprintln!(
        "{} not current; `leastwise compile` writes what is wanted",
        match stale.lines.len() {
            1 => "1 file is".to_owned(),
            many => format!("{many} files are"),
        }
    );
    Ok(ExitCode::from(FINDINGS))
}

/// Compares every file of an output, and the lock, with what would be written.
pub(crate) fn stale(
    session: &Session,
    built: &[Environment],
    out: &Path,
    inventories: &BTreeMap<String, String>,
    digest: &str,
) -> Result<Stale, Trouble> {
    let mut lines = Vec::new();
    let mut current = 0;
    let lock = driver::lock::lock(inventories, Limits::embedded(), &session.library);
    let lock_changes = super::locked::changes(&session.folder, &lock);
    for one in built {
        let folder = folder_of(out, one.name.as_deref());
        let mut files: BTreeMap<String, Wanted<'_>> = wanted(&one.built);
        let there = Current::read(&folder, &files).map_err(trouble)?;
        let manifest = one.manifest(digest, there.beside());
        files.insert(
            "manifest.json".to_owned(),
            Wanted {
                bytes: &manifest,
                executable: false,
            },
        );
        let found = there.differences(&files).map_err(trouble)?;
        current += files.len();
        let is_unreadable = there.spec().is_empty();
        let because = if is_unreadable {
            "manifest.json cannot be read".to_owned()
        } else if there.spec() != digest {
            "the spec changed".to_owned()
        } else if let Some(changes) = &lock_changes {
            format!("not the spec changed, but {changes}")
        } else {
            "another version or other targets wrote it".to_owned()
        };
        let is_of_another = |one: &Difference| matches!(one.why, Why::Outdated | Why::LeftOver);
        let is_other_build = !is_unreadable && (found.iter().any(is_of_another) || there.spec() != digest);
        for one in &found {
            current -= usize::from(files.contains_key(&one.path));
            let path = folder.join(&one.path).display().to_string();
            lines.push((path, said(one, &because, is_other_build)));
        }
    }
    // Who asks about one environment asks about its folder.
    let others = if built.len() == session.declared.len() {
        undeclared(session, built, out)?
    } else {
        Vec::new()
    };
    for name in others {
        lines.push((
            out.join(name).display().to_string(),
            "left over: the spec declares no such environment".to_owned(),
        ));
    }
    if let Some(changes) = lock_changes {
        lines.push((
            session.folder.join("leastwise.lock").display().to_string(),
            changes,
        ));
    }
    Ok(Stale { lines, current })
}

fn said(one: &Difference, because: &str, is_other_build: bool) -> String {
    match one.why {
        Why::Missing => "missing".to_owned(),
        // The manifest of another build differs for the reasons of the other files.
        Why::Edited if one.path == "manifest.json" && is_other_build => format!("outdated: {because}"),
        Why::Edited => "edited by hand: it is not what the last build wrote".to_owned(),
        Why::Outdated => format!("outdated: {because}"),
        Why::LeftOver => "left over: nothing would be written there any more".to_owned(),
        Why::Foreign => "foreign: no build wrote it".to_owned(),
        Why::Mode => "the right to run it is not as it was written".to_owned(),
        Why::Interrupted => "a build was interrupted while it wrote".to_owned(),
    }
}

/// The manifest that would be written into a folder as it stands.
pub(crate) fn manifest(one: &Environment, folder: &Path, digest: &str) -> Result<Vec<u8>, Trouble> {
    let there = Current::read(folder, &wanted(&one.built)).map_err(trouble)?;
    Ok(one.manifest(digest, there.beside()))
}

/// Outputs of environments that the spec does not declare any more.
fn undeclared(session: &Session, built: &[Environment], out: &Path) -> Result<Vec<String>, Trouble> {
    if built.iter().all(|one| one.name.is_none()) || !out.is_dir() {
        return Ok(Vec::new());
    }
    let mut found = Vec::new();
    for entry in std::fs::read_dir(out).map_err(|error| Trouble::io(out, &error))? {
        let entry = entry.map_err(|error| Trouble::io(out, &error))?;
        let name = entry.file_name().to_string_lossy().into_owned();
        if !session.declared.contains(&name) && !name.starts_with('.') {
            found.push(name);
        }
    }
    found.sort();
    Ok(found)
}
