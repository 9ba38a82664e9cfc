//! The emitted files of a build: paths and bytes, and beside them what only people and the manifest need.

use std::collections::BTreeMap;

use source::Span;

/// The files of a build, by path relative to the output folder, `/`-separated, in byte order.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Bundle {
    files: BTreeMap<String, File>,
}

/// One file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct File {
    /// Its bytes.
    pub bytes: Vec<u8>,
    /// The target that wrote it. A reader of that target reads it.
    pub target: &'static str,
    /// Whether people run it.
    pub executable: bool,
    /// Declarations for which it exists, sorted. For the manifest; never read for meaning.
    pub because: Vec<Span>,
}

/// Two targets wanted to write the same path.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PathTaken {
    /// The path.
    pub path: String,
    /// Who wrote it first.
    pub by: &'static str,
}

impl Bundle {
    /// Adds a file.
    ///
    /// # Errors
    /// `PathTaken` if the path is there.
    pub fn add(&mut self, path: &str, file: File) -> Result<(), PathTaken> {
        if let Some(taken) = self.files.get(path) {
            return Err(PathTaken {
                path: path.to_owned(),
                by: taken.target,
            });
        }
        self.files.insert(path.to_owned(), file);
        Ok(())
    }

    /// The file at a path.
    #[must_use]
    pub fn get(&self, path: &str) -> Option<&File> {
        self.files.get(path)
    }

    /// Replaces or removes a file (tests mutate bundles; the compiler never does).
    pub fn set(&mut self, path: &str, file: Option<File>) {
        match file {
            Some(file) => drop(self.files.insert(path.to_owned(), file)),
            None => drop(self.files.remove(path)),
        }
    }

    /// Adds the files of another one.
    ///
    /// # Errors
    /// `PathTaken` if the path of one of them is there.
    pub fn append(&mut self, other: Self) -> Result<(), PathTaken> {
        other
            .files
            .into_iter()
            .try_for_each(|(path, file)| self.add(&path, file))
    }

    /// Every file in order of path.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &File)> {
        self.files.iter().map(|(path, file)| (path.as_str(), file))
    }

    /// The files of one target in order of path.
    pub fn of_target<'a>(&'a self, target: &'a str) -> impl Iterator<Item = (&'a str, &'a File)> {
        self.iter().filter(move |(_, file)| file.target == target)
    }

    /// How many files there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.files.len()
    }

    /// Whether there is none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.files.is_empty()
    }
}

/// Names of the targets, as files carry them. `targets` and `read` each list what they implement of these; a test compares.
pub mod target {
    /// IAM documents, a few files per principal.
    pub const AWS_IAM: &str = "aws-iam";
    /// Security groups as data, and a script that brings an account to it.
    pub const SECURITY_GROUPS: &str = "security-groups";
    /// A Terraform root module for each account, region and stack.
    pub const TERRAFORM: &str = "terraform";
    /// What a device is provisioned with.
    pub const DEVICE_BUNDLES: &str = "device-bundles";
}
