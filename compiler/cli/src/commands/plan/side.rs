//! The side that is compared with: an output as it was written, or a spec that is compiled once more.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use bundle::Bundle;
use catalogue::limits::Limits;
use checks::Selection;
use diagnostics::{Report, Severity};
use driver::{Analysis, Built, lock};
use model::value::Date;
use read::facts::Facts;
use resolve::Library;
use source::Sources;

use super::arguments::Arguments;
use super::git::Commit;
use super::was::Was;
use crate::session::{Session, SpecArguments};
use project::Trouble;

/// Where the other side is.
pub(super) enum Against {
    /// An output that was written.
    Output {
        folder: PathBuf,
        /// The commit that it was taken from, whose folder lasts as long.
        commit: Option<Commit>,
    },
    /// A spec.
    Spec {
        session: Box<Session>,
        /// What to call it.
        name: String,
    },
}

/// One environment of the other side.
#[derive(Default)]
pub(super) struct Side {
    /// The files of an output.
    written: Bundle,
    /// What was read of them, if that was worth it before anybody compared.
    pub(super) read: Option<Vec<Facts>>,
    /// What a spec gives.
    built: Option<Built>,
    /// What its spec means, where it was compiled.
    pub(super) analysis: Option<Analysis>,
    /// By file the lines for which it stands, where its manifest says so.
    pub(super) lines: BTreeMap<String, Vec<String>>,
    /// The digest of its spec.
    pub(super) digest: String,
    /// Why it is refused.
    pub(super) refused: Option<(Report, Sources)>,
}

impl Side {
    /// Its files.
    pub(super) fn bundle(&self) -> &Bundle {
        self.built
            .as_ref()
            .map_or(&self.written, |built| built.verified.bundle())
    }

    /// What was read, if it was.
    pub(super) fn facts(&self) -> Option<&[Facts]> {
        let built = self.built.as_ref().map(|built| built.facts.as_slice());
        built.or(self.read.as_deref())
    }
}

impl Against {
    /// Finds the other side.
    pub(super) fn find(
        arguments: &Arguments,
        as_of: Option<Date>,
        library: &Library,
    ) -> Result<Self, Trouble> {
        if let Some(folder) = &arguments.against.against {
            let is_spec = !folder.join("manifest.json").exists() && folder.join("leastwise.kdl").is_file();
            if is_spec {
                let session = open(folder, as_of, library)?;
                return Ok(Self::Spec {
                    session: Box::new(session),
                    name: folder.display().to_string(),
                });
            }
            return Ok(Self::Output {
                folder: folder.clone(),
                commit: None,
            });
        }
        let named = arguments.against.against_git.as_deref().unwrap_or("HEAD");
        let project = if arguments.path.is_file() {
            arguments.path.parent().unwrap_or(Path::new("."))
        } else {
            &arguments.path
        };
        let project = if project.as_os_str().is_empty() {
            Path::new(".")
        } else {
            project
        };
        if !project.is_dir() {
            return Err(Trouble::new(
                format!("{}: there is no such folder", project.display()),
                "name the folder that holds leastwise.kdl",
            ));
        }
        let commit = Commit::of(project, named)?;
        match &arguments.output {
            Some(output) => committed(commit, output),
            None => compiled(commit, as_of, library),
        }
    }

    /// What to call it.
    pub(super) fn name(&self) -> String {
        match self {
            Self::Output {
                commit: Some(commit), ..
            } => format!("the output at {}", commit.name()),
            Self::Output { folder, .. } => folder.display().to_string(),
            Self::Spec { name, .. } => name.clone(),
        }
    }

    /// The output folder, which is no part of the project.
    pub(super) fn output(&self) -> Option<&Path> {
        match self {
            Self::Output { folder, commit: None } => Some(folder),
            Self::Output { .. } | Self::Spec { .. } => None,
        }
    }

    /// What the other side was made of besides its spec; `None` if nobody knows.
    pub(super) fn lock(&self, own: &Session) -> Option<Vec<u8>> {
        let folder = match self {
            Self::Output { commit: None, .. } => &own.folder,
            Self::Output {
                commit: Some(commit), ..
            } => commit.into.path(),
            Self::Spec { session, .. } => {
                let inventories = session.inventories();
                return Some(lock::lock(&inventories, Limits::embedded(), &session.library));
            }
        };
        std::fs::read(folder.join("leastwise.lock")).ok()
    }
}

/// A spec in a folder, all its environments.
fn open(folder: &Path, as_of: Option<Date>, library: &Library) -> Result<Session, Trouble> {
    let arguments = SpecArguments {
        as_of,
        environment: None,
    };
    Session::open(folder, None, &arguments, library.clone())
}

fn committed(commit: Commit, output: &Path) -> Result<Against, Trouble> {
    let name = output.to_string_lossy().replace('\\', "/");
    let name = name.trim_start_matches("./").trim_end_matches('/').to_owned();
    let below = format!("{name}/");
    if !commit.has(&|path| path.starts_with(&below)) {
        return Err(commit.lacks(
            &name,
            "commit the output, or leave `--output` out: then the spec is compiled",
        ));
    }
    commit.write(&|path| path.starts_with(&below) || path == "leastwise.lock")?;
    Ok(Against::Output {
        folder: commit.into.path().join(&name),
        commit: Some(commit),
    })
}

fn compiled(commit: Commit, as_of: Option<Date>, library: &Library) -> Result<Against, Trouble> {
    if !commit.has(&|path| path == "leastwise.kdl") {
        return Err(commit.lacks("leastwise.kdl", "name a commit that has the project"));
    }
    commit.write(&|path| path.ends_with(".kdl"))?;
    // What the spec names is known once it is read.
    let sources = project::load(commit.into.path(), None)?.sources;
    let spec = driver::parse(sources, &mut Report::default());
    let needs: Vec<String> = spec.needs().into_iter().map(|need| need.path).collect();
    commit.write(&|path| needs.iter().any(|need| need == path))?;
    // What has ended since then was right on its day.
    let as_of = match (as_of, commit.day) {
        (Some(asked), Some(day)) => Some(asked.min(day)),
        (None, day) => day,
        (asked, None) => asked,
    };
    let session = open(commit.into.path(), as_of, library)?;
    Ok(Against::Spec {
        session: Box::new(session),
        name: format!("the spec at {}", commit.name()),
    })
}

/// What is listed of an environment of an output; nothing of a spec.
pub(super) fn listed(against: &Against, environment: Option<&str>) -> Result<Was, Trouble> {
    match against {
        Against::Output { folder, .. } => {
            let own = environment.map_or_else(|| folder.clone(), |name| folder.join(name));
            Was::listed(&own, environment.is_some() && folder.is_dir())
        }
        Against::Spec { .. } => Ok(Was::default()),
    }
}

/// One environment of the other side; what ours is called tells whether an output has to be read at all.
pub(super) fn load(
    against: &mut Against,
    was: &Was,
    environment: Option<&str>,
    targets: &[String],
    digest: &str,
) -> Result<Side, Trouble> {
    match against {
        Against::Output { folder, .. } => {
            let own = environment.map_or_else(|| folder.clone(), |name| folder.join(name));
            let bundle = was.load(&own)?;
            // Where the spec differs, so will some file: it is read while ours is worked out.
            let facts = (was.spec != digest).then(|| read::read(&bundle, &mut Report::default()));
            Ok(Side {
                read: facts,
                lines: was.lines(),
                digest: was.spec.clone(),
                written: bundle,
                ..Side::default()
            })
        }
        Against::Spec { session, .. } => Ok(build(session, environment, targets)),
    }
}

fn build(session: &mut Session, environment: Option<&str>, targets: &[String]) -> Side {
    let is_there = session
        .environments
        .iter()
        .any(|known| known.as_deref() == environment);
    if !is_there {
        return Side {
            read: Some(Vec::new()),
            ..Side::default()
        };
    }
    let digest = session.digest(&session.inventories());
    let (analysis, mut report) = session.analyse(environment);
    let options = session.options(environment, targets);
    let built = driver::check(&analysis, Selection::All, &mut report)
        .and_then(|checked| driver::build(&checked, &options, Limits::embedded(), &mut report));
    let Some(built) = built else {
        report.retain(|found| found.code.severity == Severity::Error);
        return Side {
            refused: Some((report, analysis.sources)),
            ..Side::default()
        };
    };
    Side {
        built: Some(built),
        analysis: Some(analysis),
        digest,
        ..Side::default()
    }
}
