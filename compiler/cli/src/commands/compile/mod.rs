//! `leastwise compile`: write and prove every artifact.

pub(crate) mod current;
pub(crate) mod locked;
mod told;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use catalogue::limits::Limits;
use checks::Selection;
use clap::Args;
use clap_complete::engine::ArgValueCandidates;
use driver::Built;
use resolve::Library;
use source::Sources;

use super::FINDINGS;
use crate::commands::completions::known;
use crate::output::{self, Committed, Refused, Wanted};
use crate::progress::Progress;
use crate::render::sanitise::sanitise;
use crate::session::{self, Format, Session, SpecArguments};
use project::Trouble;
use told::{Told, Written};

/// Arguments of `compile`.
#[derive(Args, Debug)]
pub(crate) struct Arguments {
    /// The project's folder.
    #[arg(default_value = ".")]
    path: PathBuf,
    /// Where to write; `out` in the project if left out.
    #[arg(long, value_name = "DIR")]
    out: Option<PathBuf>,
    /// Only this target; may be given several times.
    #[arg(long = "target", value_name = "NAME", add = ArgValueCandidates::new(known::targets))]
    targets: Vec<String>,
    /// Write each file through to the disk before it is moved into place.
    #[arg(long)]
    sync: bool,
    /// Write nothing; exit 1 if the output or the lock is not what would be written, and say which file and why.
    #[arg(long)]
    check: bool,
    /// Refuse, before anything is built, if `leastwise.lock` would change.
    #[arg(long)]
    locked: bool,
    /// How to print what was done; a spec with findings has the report of `check` instead.
    #[arg(long, value_enum, default_value = "human")]
    format: Format,
    #[command(flatten)]
    spec: SpecArguments,
}

impl Arguments {
    /// Those of who names a project, and where to write.
    pub(crate) fn plain(path: &Path, out: Option<&Path>, spec: &SpecArguments) -> Self {
        Self {
            path: path.to_path_buf(),
            out: out.map(Path::to_path_buf),
            targets: Vec::new(),
            sync: false,
            check: false,
            locked: false,
            format: Format::Human,
            spec: spec.clone(),
        }
    }
}

/// Exit code 0 if everything was proved and written, 1 with findings: then nothing was written.
pub(crate) fn run(arguments: &Arguments, library: Library) -> Result<ExitCode, Trouble> {
    known(&arguments.targets)?;
    let mut session = Session::open(
        &arguments.path,
        arguments.out.as_deref(),
        &arguments.spec,
        library,
    )?;
    let inventories = session.inventories();
    let lock = driver::lock::lock(&inventories, Limits::embedded(), &session.library);
    if arguments.locked
        && let Some(changes) = locked::changes(&session.folder, &lock)
    {
        if arguments.format == Format::Json {
            told::print(&Told::LockChanges { lock: &changes });
        } else {
            eprintln!("error: {} would change: {}", locked::NAME, sanitise(&changes));
            eprintln!("  help: compile without `--locked`, read what `plan` says of it, and commit the lock");
        }
        return Ok(ExitCode::from(FINDINGS));
    }
    let out = out(arguments.out.as_deref(), &session);
    let Some(built) = build(&mut session, &arguments.targets, arguments.format)? else {
        eprintln!("nothing was written");
        return Ok(ExitCode::from(FINDINGS));
    };
    let digest = session.digest(&inventories);
    if arguments.check {
        return current::run(&session, &built, &out, (&inventories, &digest), arguments.format);
    }
    let progress = Progress::new();
    progress.step("writing", None);
    // Before anything is written: no environment is new while another is refused.
    let mut beside = Vec::new();
    for one in &built {
        let folder = folder_of(&out, one.name.as_deref());
        beside.push(output::beside(&folder, &wanted(&one.built)).map_err(trouble)?);
    }
    let mut commits = Vec::new();
    for (one, beside) in built.iter().zip(&beside) {
        let folder = folder_of(&out, one.name.as_deref());
        let committed = write(&folder, one, &digest, beside, arguments.sync)?;
        commits.push((one, committed, beside));
    }
    write_lock(&session.folder, &lock)?;
    drop(progress);
    let written = commits.iter();
    let written = written.map(|(one, committed, beside)| Written::of(one, &out, committed, beside));
    told::written(written.collect(), arguments.format);
    drop(commits);
    session::let_go((session, built));
    Ok(ExitCode::SUCCESS)
}

/// Refuses a target that there is not.
pub(crate) fn known(targets: &[String]) -> Result<(), Trouble> {
    let is_known = |name: &String| targets::names().any(|known| known == name.as_str());
    let Some(unknown) = targets.iter().find(|name| !is_known(name)) else {
        return Ok(());
    };
    let known: Vec<&str> = targets::names().collect();
    Err(Trouble::new(
        format!("there is no target {unknown}"),
        format!("there are: {}", known.join(", ")),
    ))
}

/// The output folder, as it was named or as it is if none was.
pub(crate) fn out(named: Option<&Path>, session: &Session) -> PathBuf {
    named.map_or_else(|| session.folder.join("out"), Path::to_path_buf)
}

/// One environment, built and proved.
pub(crate) struct Environment {
    /// `None` alone for a project without environments.
    pub(crate) name: Option<String>,
    pub(crate) sources: Sources,
    pub(crate) built: Built,
}

impl Environment {
    /// The manifest of its output.
    pub(crate) fn manifest(&self, digest: &str, beside: &[String]) -> Vec<u8> {
        let built = &self.built;
        driver::manifest::manifest_beside(&built.verified, &built.handover, &self.sources, digest, beside)
    }
}

/// The folder of an environment's output.
pub(crate) fn folder_of(out: &Path, environment: Option<&str>) -> PathBuf {
    environment.map_or_else(|| out.to_path_buf(), |name| out.join(name))
}

/// Builds and proves every chosen environment; `None` with findings, which are printed.
pub(crate) fn build(
    session: &mut Session,
    targets: &[String],
    format: Format,
) -> Result<Option<Vec<Environment>>, Trouble> {
    let progress = Progress::new();
    let mut reports = Vec::new();
    let mut built = Vec::new();
    for name in session.environments.clone() {
        progress.step("proving", name.as_deref());
        let (analysis, mut report) = session.analyse(name.as_deref());
        let options = session.options(name.as_deref(), targets);
        let mut result = driver::check(&analysis, Selection::All, &mut report)
            .and_then(|checked| driver::build(&checked, &options, Limits::embedded(), &mut report));
        reports.push((name.clone(), report, analysis.sources.clone()));
        if let Some(built) = &mut result {
            session::let_go(std::mem::take(&mut built.facts));
        }
        built.push((name, session::sources_of(analysis), result));
    }
    drop(progress);
    if session::print_briefly(&mut reports, format) {
        return Ok(None);
    }
    let whole = built.into_iter().map(|(name, sources, built)| {
        let built = built?;
        Some(Environment { name, sources, built })
    });
    match whole.collect() {
        Some(whole) => Ok(Some(whole)),
        None => Err(Trouble::new(
            "a build without a finding and without a result",
            "this is a fault of the compiler: please report it",
        )),
    }
}

/// The files of a build.
pub(crate) fn wanted(built: &Built) -> BTreeMap<String, Wanted<'_>> {
    let files = built.verified.bundle().iter();
    files
        .map(|(path, file)| {
            (
                path.to_owned(),
                Wanted {
                    bytes: &file.bytes,
                    executable: file.executable,
                },
            )
        })
        .collect()
}

pub(crate) fn trouble(refused: Refused) -> Trouble {
    Trouble::new(
        format!("{}: {}", refused.path.display(), refused.why),
        refused.help,
    )
}

fn write(
    folder: &Path,
    one: &Environment,
    digest: &str,
    beside: &[String],
    sync: bool,
) -> Result<Committed, Trouble> {
    let manifest = one.manifest(digest, beside);
    let mut wanted = wanted(&one.built);
    wanted.insert(
        "manifest.json".to_owned(),
        Wanted {
            bytes: &manifest,
            executable: false,
        },
    );
    output::commit(folder, &wanted, sync).map_err(trouble)
}

fn write_lock(folder: &Path, bytes: &[u8]) -> Result<(), Trouble> {
    let path = folder.join(locked::NAME);
    if std::fs::read(&path).is_ok_and(|there| there == bytes) {
        return Ok(());
    }
    let trouble = |error: std::io::Error| {
        Trouble::new(
            format!("{}: {error}", path.display()),
            "the outputs are written; only the lock is not",
        )
    };
    let draft = tempfile::NamedTempFile::new_in(folder).map_err(trouble)?;
    std::fs::write(draft.path(), bytes).map_err(trouble)?;
    draft.persist(&path).map_err(|error| trouble(error.error))?;
    Ok(())
}
