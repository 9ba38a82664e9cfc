//! A spec on the disk, ready for one binary to be measured on, and the yardsticks of the same disk.

use std::error::Error;
use std::fs;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use tempfile::TempDir;

use crate::generate::{self, Files, Kind, Targets};
use crate::measure::{self, Figures};
use crate::rows::{Action, Row};

/// Dates are compared with this day, whenever the bench runs.
const AS_OF: [&str; 2] = ["--as-of", "2026-07-01"];

/// A folder with a spec, the spec with changes, and what was compiled.
#[derive(Debug)]
pub(crate) struct Prepared {
    binary: PathBuf,
    folder: TempDir,
    /// Who, which capability, of what: the spec's first trust.
    question: Option<[String; 3]>,
}

impl Prepared {
    /// Writes what the rows need and compiles it once, where they need an output.
    pub(crate) fn new(binary: &Path, rows: &[Row]) -> Result<Self, Box<dyn Error>> {
        let prepared = Self {
            binary: binary.to_owned(),
            folder: tempfile::tempdir()?,
            question: None,
        };
        let Some(row) = rows.first() else {
            return Ok(prepared);
        };
        let files = generate::files(row.kind, row.size, row.targets);
        write(&prepared.path("spec"), &files)?;
        let question = generate::written(&files).next();
        let question =
            question.map(|trust| [trust.subject, trust.capability, trust.object].map(str::to_owned));
        let prepared = Self { question, ..prepared };
        let has = |action: Action| rows.iter().any(|row| row.action == action);
        if has(Action::PlanChanged) {
            let files = generate::files(Kind::Changed, row.size, row.targets);
            write(&prepared.path("changed"), &files)?;
        }
        if has(Action::Compile) || has(Action::Plan) || has(Action::PlanChanged) {
            prepared.compile(&prepared.path("out"))?;
        }
        if has(Action::Fmt) {
            measure::run(binary, &["fmt", &text(&prepared.path("spec"))])?;
        }
        Ok(prepared)
    }

    /// One run of a row, and its yardstick.
    pub(crate) fn measure(&self, row: Row) -> Result<(Figures, Duration), Box<dyn Error>> {
        let (spec, changed) = (self.path("spec"), self.path("changed"));
        let out = self.path("out");
        match row.action {
            Action::Check => self.reading(&["check", &text(&spec)], &[&spec]),
            Action::Test => self.reading(&["test", &text(&spec)], &[&spec]),
            Action::Why => {
                let [subject, capability, object] = self.question.as_ref().ok_or("a trust to ask about")?;
                let arguments = ["why", subject, capability, object, &text(&spec)];
                self.reading(&arguments, &[&spec])
            }
            Action::Plan => {
                let arguments = ["plan", &text(&spec), "--against", &text(&out)];
                self.reading(&arguments, &[&spec, &out])
            }
            Action::PlanChanged => {
                let arguments = ["plan", &text(&changed), "--against", &text(&out)];
                self.reading(&arguments, &[&changed, &out])
            }
            Action::Fmt => {
                let yardstick = read(&[&spec])?;
                let figures = measure::run(&self.binary, &["fmt", "--check", &text(&spec)])?;
                Ok((figures, yardstick))
            }
            Action::Compile => Ok((self.compile(&out)?, self.copied(&out)?)),
            Action::FirstCompile => {
                let first = self.path("first");
                let figures = self.compile(&first)?;
                let yardstick = self.copied(&first)?;
                fs::remove_dir_all(&first)?;
                Ok((figures, yardstick))
            }
        }
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// A command with a date; the yardstick is to read its input files.
    fn reading(&self, arguments: &[&str], inputs: &[&Path]) -> Result<(Figures, Duration), Box<dyn Error>> {
        let yardstick = read(inputs)?;
        let arguments: Vec<&str> = arguments.iter().copied().chain(AS_OF).collect();
        Ok((measure::run(&self.binary, &arguments)?, yardstick))
    }

    fn compile(&self, out: &Path) -> Result<Figures, Box<dyn Error>> {
        let (spec, out) = (text(&self.path("spec")), text(out));
        let arguments = ["compile", &spec, "--out", &out, AS_OF[0], AS_OF[1]];
        measure::run(&self.binary, &arguments)
    }

    /// How long `cp -r` of a folder takes.
    fn copied(&self, folder: &Path) -> Result<Duration, Box<dyn Error>> {
        let copy = self.path("copy");
        let figures = measure::run(Path::new("cp"), &["-r", &text(folder), &text(&copy)])?;
        fs::remove_dir_all(&copy)?;
        Ok(figures.time)
    }
}

/// How long it takes to read every file below these folders once.
fn read(folders: &[&Path]) -> Result<Duration, Box<dyn Error>> {
    let start = Instant::now();
    let mut open: Vec<PathBuf> = folders.iter().map(|folder| folder.to_path_buf()).collect();
    while let Some(folder) = open.pop() {
        for entry in fs::read_dir(&folder)? {
            let entry = entry?;
            if entry.file_type()?.is_dir() {
                open.push(entry.path());
            } else {
                std::hint::black_box(fs::read(entry.path())?);
            }
        }
    }
    Ok(start.elapsed())
}

/// Writes the files of a spec into a folder.
pub(crate) fn write(folder: &Path, files: &Files) -> Result<(), Box<dyn Error>> {
    fs::create_dir_all(folder)?;
    for (path, text) in files {
        fs::write(folder.join(path), text)?;
    }
    Ok(())
}

fn text(path: &Path) -> String {
    path.to_string_lossy().into_owned()
}

/// The words of `write` and `stages`: how many, which kind, and `all` for all targets.
pub(crate) fn named(words: &[String]) -> Result<Files, Box<dyn Error>> {
    let (mut size, mut kind, mut targets) = (10_000, Kind::Workloads, Targets::Own);
    for word in words {
        if word == "all" {
            targets = Targets::All;
        } else if let Ok(number) = word.parse() {
            size = number;
        } else {
            kind = Kind::ALL
                .into_iter()
                .find(|kind| kind.word() == word)
                .ok_or_else(|| format!("there is no kind `{word}`: there are {}", words_of_kinds()))?;
        }
    }
    Ok(generate::files(kind, size, targets))
}

/// The kinds, for people.
pub(crate) fn words_of_kinds() -> String {
    Kind::ALL.map(Kind::word).join(", ")
}
