//! The journal: what is moved and removed, written whole before anything is.

use std::fs::{self, File};
use std::io::{self, Write as _};
use std::path::Path;

use serde::{Deserialize, Serialize};

const NAME: &str = "journal.json";

/// Moves from the stage, then removals, then the manifest.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub(super) struct Journal {
    /// Path of the staged file of each number.
    puts: Vec<String>,
    removals: Vec<String>,
}

impl Journal {
    pub(super) fn put(&mut self, path: &str) {
        self.puts.push(path.to_owned());
    }

    /// Moves a path to the end of what is put; adds it if it is not there.
    pub(super) fn put_last(&mut self, path: &str) {
        self.puts.retain(|put| put != path);
        self.puts.push(path.to_owned());
    }

    pub(super) fn remove(&mut self, path: &str) {
        self.removals.push(path.to_owned());
    }

    pub(super) fn is_empty(&self) -> bool {
        self.puts.is_empty() && self.removals.is_empty()
    }

    /// Number in the stage, and path.
    pub(super) fn puts(&self) -> impl Iterator<Item = (usize, &String)> {
        self.puts.iter().enumerate()
    }

    /// Writes the journal so that it is there whole or not at all.
    pub(super) fn write(&self, stage: &Path) -> io::Result<()> {
        let draft = stage.join("journal.draft");
        let mut file = File::create(&draft)?;
        file.write_all(&serde_json::to_vec(self)?)?;
        file.sync_all()?;
        fs::rename(&draft, stage.join(NAME))?;
        sync_folder(stage)
    }

    /// The journal of an interrupted commit, if one had been written.
    pub(super) fn read(stage: &Path) -> io::Result<Option<Self>> {
        match fs::read(stage.join(NAME)) {
            Ok(bytes) => Ok(Some(serde_json::from_slice(&bytes)?)),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
            Err(error) => Err(error),
        }
    }

    /// Does what the journal says; doing it again does nothing.
    pub(super) fn carry_out(&self, out: &Path, stage: &Path) -> io::Result<()> {
        let (manifest, others) = match self.puts.split_last() {
            Some((last, others)) => (Some((others.len(), last)), others),
            None => (None, self.puts.as_slice()),
        };
        for (number, path) in others.iter().enumerate() {
            move_into_place(&stage.join(number.to_string()), &out.join(path))?;
        }
        for path in &self.removals {
            remove(out, path)?;
        }
        if let Some((number, path)) = manifest {
            move_into_place(&stage.join(number.to_string()), &out.join(path))?;
        }
        sync_folder(out)?;
        fs::remove_file(stage.join(NAME))?;
        fs::remove_dir_all(stage)
    }
}

fn move_into_place(from: &Path, to: &Path) -> io::Result<()> {
    if let Some(parent) = to.parent() {
        fs::create_dir_all(parent)?;
    }
    match fs::rename(from, to) {
        // Moved before the interruption.
        Err(error) if error.kind() == io::ErrorKind::NotFound && to.is_file() => Ok(()),
        other => other,
    }
}

/// Removes a file, and the folders that it leaves empty.
fn remove(out: &Path, path: &str) -> io::Result<()> {
    let file = out.join(path);
    match fs::remove_file(&file) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
        _ => {}
    }
    let mut folder = file.parent();
    while let Some(empty) = folder.filter(|folder| *folder != out) {
        if fs::remove_dir(empty).is_err() {
            break;
        }
        folder = empty.parent();
    }
    Ok(())
}

fn sync_folder(folder: &Path) -> io::Result<()> {
    File::open(folder)?.sync_all()
}
