//! `leastwise compile`: write and prove every artifact.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use catalogue::limits::Limits;
use checks::Selection;
use clap::Args;
use driver::Built;
use resolve::Library;
use source::Sources;

use super::FINDINGS;
use crate::output::{self, Committed, Refused, Wanted};
use crate::progress::Progress;
use crate::session::{self, Session, SpecArguments};
use project::Trouble;

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
    #[arg(long = "target", value_name = "NAME")]
    targets: Vec<String>,
    /// Write each file through to the disk before it is moved into place.
    #[arg(long)]
    sync: bool,
    #[command(flatten)]
    spec: SpecArguments,
}

/// Exit code 0 if everything was proved and written, 1 with findings: then nothing was written.
pub(crate) fn run(arguments: &Arguments, library: Library) -> Result<ExitCode, Trouble> {
    if let Some(unknown) = arguments
        .targets
        .iter()
        .find(|name| !targets::names().any(|known| known == name.as_str()))
    {
        let known: Vec<&str> = targets::names().collect();
        return Err(Trouble::new(
            format!("there is no target {unknown}"),
            format!("there are: {}", known.join(", ")),
        ));
    }
    let progress = Progress::new();
    let mut session = Session::open(
        &arguments.path,
        arguments.out.as_deref(),
        &arguments.spec,
        library,
    )?;
    let out = arguments
        .out
        .clone()
        .unwrap_or_else(|| session.folder.join("out"));
    let mut reports = Vec::new();
    let mut built: Vec<(Option<String>, Sources, Option<Built>)> = Vec::new();
    for environment in session.environments.clone() {
        progress.step("proving", environment.as_deref());
        let (analysis, mut report) = session.analyse(environment.as_deref());
        let options = session.options(environment.as_deref(), &arguments.targets);
        let mut result = driver::check(&analysis, Selection::All, &mut report)
            .and_then(|checked| driver::build(&checked, &options, Limits::embedded(), &mut report));
        reports.push((environment.clone(), report, analysis.sources.clone()));
        if let Some(built) = &mut result {
            session::let_go(std::mem::take(&mut built.facts));
        }
        built.push((environment, session::sources_of(analysis), result));
    }
    drop(progress);
    if session::print_briefly(&mut reports) {
        eprintln!("nothing was written");
        return Ok(ExitCode::from(FINDINGS));
    }
    let progress = Progress::new();
    progress.step("writing", None);
    let inventories = session.inventories();
    let digest = session.digest(&inventories);
    let folder_of = |environment: &Option<String>| {
        environment
            .as_ref()
            .map_or_else(|| out.clone(), |name| out.join(name))
    };
    // Before anything is written: no environment is new while another is refused.
    let mut beside = Vec::new();
    for (environment, _, result) in &built {
        let wanted = result.as_ref().map(wanted).unwrap_or_default();
        beside.push(output::beside(&folder_of(environment), &wanted).map_err(trouble)?);
    }
    let mut commits = Vec::new();
    for ((environment, sources, result), beside) in built.iter().zip(&beside) {
        let Some(built) = result else {
            return Err(Trouble::new(
                "a build without a finding and without a result",
                "this is a fault of the compiler: please report it",
            ));
        };
        let committed = write(
            &folder_of(environment),
            built,
            sources,
            &digest,
            beside,
            arguments.sync,
        )?;
        commits.push((environment, (built, sources), committed, beside));
    }
    write_lock(
        &session.folder,
        &driver::lock::lock(&inventories, Limits::embedded(), &session.library),
    )?;
    drop(progress);
    for (environment, built, committed, beside) in &commits {
        summary(environment.as_deref(), &out, *built, committed);
        if !beside.is_empty() {
            let of = environment
                .as_ref()
                .map_or_else(String::new, |name| format!("{name}: "));
            println!(
                "{of}in the folders of modules lie files that no build wrote ({}): see A2 in manifest.json",
                beside.len()
            );
        }
    }
    session::let_go((session, built));
    Ok(ExitCode::SUCCESS)
}

/// The files of a build.
fn wanted(built: &Built) -> BTreeMap<String, Wanted<'_>> {
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

fn trouble(refused: Refused) -> Trouble {
    Trouble::new(
        format!("{}: {}", refused.path.display(), refused.why),
        refused.help,
    )
}

fn write(
    folder: &Path,
    built: &Built,
    sources: &Sources,
    digest: &str,
    beside: &[String],
    sync: bool,
) -> Result<Committed, Trouble> {
    let manifest =
        driver::manifest::manifest_beside(&built.verified, &built.handover, sources, digest, beside);
    let mut wanted = wanted(built);
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
    let path = folder.join("leastwise.lock");
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

/// What was written, proved and assumed, in a few lines.
fn summary(
    environment: Option<&str>,
    out: &Path,
    (built, sources): (&Built, &Sources),
    committed: &Committed,
) {
    let statement = built.verified.statement();
    let of = environment.map_or_else(String::new, |name| format!("{name}: "));
    let shown = environment.map_or_else(|| out.to_path_buf(), |name| out.join(name));
    println!(
        "{of}wrote {} files to {} ({} unchanged, {} removed)",
        committed.written.len(),
        shown.display(),
        committed.unchanged,
        committed.removed.len()
    );
    let total = |clause: u8, name: &str| -> u64 {
        statement
            .clauses
            .iter()
            .filter(|one| one.number == clause)
            .filter_map(|one| one.counts.get(name))
            .sum()
    };
    let targets: BTreeSet<&str> = statement
        .clauses
        .iter()
        .map(|clause| clause.target)
        .filter(|target| !target.is_empty())
        .collect();
    println!(
        "{of}proved for {}: {} guards, {} statements, {} settings, {} sizes within limits",
        targets.into_iter().collect::<Vec<_>>().join(", "),
        total(1, "guards"),
        total(1, "statements"),
        total(4, "settings"),
        total(8, "sizes"),
    );
    let ids: Vec<&str> = statement.assumptions.iter().map(|one| one.id).collect();
    println!("{of}assumed: {}; see manifest.json", ids.join(" "));
    session::tell_accepted(&session::accepted(&statement.residuals, sources));
    for request in &built.handover.requests {
        println!(
            "{of}request: the owner of {} ({}) has to allow what manifest.json lists",
            request.thing, request.existing
        );
    }
}
