//! `leastwise attest verify`: a statement and a project say the same, or what differs is told.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use clap::Args;
use driver::attestation::v1;
use driver::manifest::sha256;
use model::value::Date;
use resolve::Library;
use serde::Deserialize;
use serde_json::Value;

use super::compile;
use crate::commands::FINDINGS;
use crate::commands::compile::locked;
use crate::output::is_inside;
use crate::render::sanitise::sanitise;
use crate::session::{Format, Session, SpecArguments};
use project::Trouble;

/// A larger statement is refused before it is read.
const STATEMENT_BYTES_MAX: u64 = 256 * 1024 * 1024;

/// Arguments of `attest verify`.
#[derive(Args, Debug)]
pub(super) struct Arguments {
    /// The statement: the file that `leastwise attest` printed.
    file: PathBuf,
    /// The project's folder.
    #[arg(default_value = ".")]
    path: PathBuf,
    /// Where the output is; `out` in the project if left out.
    #[arg(long, value_name = "DIR")]
    out: Option<PathBuf>,
    /// Compare digests only, and prove nothing again.
    #[arg(long)]
    digests: bool,
}

/// A statement, as far as it is compared part by part.
#[derive(Deserialize)]
struct Statement {
    #[serde(rename = "_type")]
    sort: String,
    #[serde(rename = "predicateType")]
    predicate_type: String,
    subject: Vec<Subject>,
    predicate: Predicate,
}

#[derive(Deserialize)]
struct Subject {
    name: String,
    digest: Digest,
}

#[derive(Deserialize)]
struct Digest {
    sha256: String,
}

#[derive(Deserialize)]
struct Predicate {
    format: String,
    compiler: String,
    as_of: String,
    spec: Spec,
    inventories: Vec<Input>,
    lock: Lock,
    environments: Vec<Environment>,
}

#[derive(Deserialize)]
struct Spec {
    files: Vec<Input>,
}

#[derive(Deserialize)]
struct Input {
    path: String,
    sha256: String,
}

#[derive(Deserialize)]
struct Lock {
    sha256: String,
}

#[derive(Deserialize)]
struct Environment {
    environment: Option<String>,
    targets: Vec<String>,
}

/// Exit code 0 if all of it holds, 1 with a line for each thing that does not.
pub(super) fn run(arguments: &Arguments, library: Library) -> Result<ExitCode, Trouble> {
    let bytes = project::read_bounded(&arguments.file, STATEMENT_BYTES_MAX)?;
    let whole = read(&arguments.file, &bytes)?;
    let statement: Statement = serde_json::from_value(whole.clone())
        .map_err(|error| unreadable(&arguments.file, &error.to_string()))?;
    let predicate = &statement.predicate;
    if statement.sort != v1::STATEMENT
        || statement.predicate_type != v1::PREDICATE
        || predicate.format != v1::FORMAT
    {
        return Err(unreadable(
            &arguments.file,
            "it is of another type, or of another version",
        ));
    }
    let Some(as_of) = Date::parse(&predicate.as_of) else {
        return Err(unreadable(&arguments.file, "`as_of` is no date"));
    };
    let environment = match predicate.environments.as_slice() {
        [one] => one.environment.clone(),
        _ => None,
    };
    let spec = SpecArguments {
        as_of: Some(as_of),
        environment,
    };
    let mut session = Session::open(&arguments.path, arguments.out.as_deref(), &spec, library)?;
    let out = compile::out(arguments.out.as_deref(), &session);
    let mut wrong = inputs(predicate, &session);
    wrong.extend(lock(predicate, &session.folder));
    wrong.extend(output(&statement.subject, &out));
    if wrong.is_empty() && !arguments.digests {
        wrong.extend(again(&whole, predicate, &mut session, &out)?);
    }
    for line in &wrong {
        println!("{}", sanitise(line));
    }
    if wrong.is_empty() {
        let proved = if arguments.digests {
            ""
        } else {
            ", and proved again"
        };
        println!(
            "verified: {} files of the output, the spec and the lock are as stated on {as_of}{proved}",
            statement.subject.len()
        );
        return Ok(ExitCode::SUCCESS);
    }
    eprintln!(
        "refused: the statement does not hold of {}",
        arguments.path.display()
    );
    Ok(ExitCode::from(FINDINGS))
}

fn unreadable(file: &Path, why: &str) -> Trouble {
    Trouble::new(
        format!("{}: no statement of `leastwise attest`: {why}", file.display()),
        "name the file that `leastwise attest` printed; what signs it wraps it, and has to unwrap it first",
    )
}

fn read(file: &Path, bytes: &[u8]) -> Result<Value, Trouble> {
    serde_json::from_slice(bytes).map_err(|error| unreadable(file, &error.to_string()))
}

/// How the spec, and what it names, differ from what is stated.
fn inputs(predicate: &Predicate, session: &Session) -> Vec<String> {
    let there = session.spec.sources.iter();
    let there = there.map(|(_, file)| (file.path.to_string(), sha256(file.text.as_bytes())));
    let mut wrong = differing("spec", &predicate.spec.files, &there.collect());
    wrong.extend(differing(
        "inventory",
        &predicate.inventories,
        &session.inventories(),
    ));
    wrong
}

fn differing(sort: &str, stated: &[Input], there: &BTreeMap<String, String>) -> Vec<String> {
    let stated: BTreeMap<&str, &str> = stated
        .iter()
        .map(|one| (one.path.as_str(), one.sha256.as_str()))
        .collect();
    let mut wrong = Vec::new();
    for (path, digest) in &stated {
        match there.get(*path) {
            None => wrong.push(format!("{sort} {path}: missing")),
            Some(own) if own != digest => wrong.push(format!("{sort} {path}: altered")),
            Some(_) => {}
        }
    }
    for path in there.keys().filter(|path| !stated.contains_key(path.as_str())) {
        wrong.push(format!("{sort} {path}: the statement does not know it"));
    }
    wrong
}

fn lock(predicate: &Predicate, folder: &Path) -> Option<String> {
    match std::fs::read(folder.join(locked::NAME)) {
        Err(_) => Some(format!("lock {}: missing", locked::NAME)),
        Ok(bytes) if sha256(&bytes) != predicate.lock.sha256 => {
            Some(format!("lock {}: altered", locked::NAME))
        }
        Ok(_) => None,
    }
}

/// Files of the output that are not as they are stated.
fn output(subjects: &[Subject], out: &Path) -> Vec<String> {
    let mut wrong = Vec::new();
    if subjects.is_empty() {
        wrong.push("output: the statement is about no file".to_owned());
    }
    for subject in subjects {
        let name = &subject.name;
        if !is_inside(name) {
            wrong.push(format!("output {name}: no file of an output is called so"));
            continue;
        }
        match std::fs::read(out.join(name)) {
            Err(_) => wrong.push(format!("output {name}: missing")),
            Ok(bytes) if sha256(&bytes) != subject.digest.sha256 => {
                wrong.push(format!("output {name}: altered"));
            }
            Ok(_) => {}
        }
    }
    wrong
}

/// Builds and proves the project again: the whole statement has to come out, and nothing else may lie in the output.
fn again(
    whole: &Value,
    predicate: &Predicate,
    session: &mut Session,
    out: &Path,
) -> Result<Vec<String>, Trouble> {
    if predicate.compiler != env!("CARGO_PKG_VERSION") {
        return Ok(vec![format!(
            "compiler: {} made the statement, and this is {}: what is proved cannot be compared; `--digests` compares the rest",
            predicate.compiler,
            env!("CARGO_PKG_VERSION")
        )]);
    }
    let targets: Vec<String> = match predicate.environments.first() {
        Some(first) => first.targets.clone(),
        None => return Ok(vec!["environments: the statement is about none".to_owned()]),
    };
    compile::known(&targets)?;
    let Some(built) = compile::build(session, &targets, Format::Human)? else {
        return Ok(vec!["spec: it does not compile on that day".to_owned()]);
    };
    let made = super::made(session, &built, out)?;
    let mut wrong: Vec<String> = made
        .stale
        .iter()
        .map(|(path, why)| format!("output {path}: {why}"))
        .collect();
    let own: Value = serde_json::from_slice(&made.statement).unwrap_or_default();
    if own != *whole {
        wrong.extend(stated_otherwise(whole, &own));
    }
    Ok(wrong)
}

/// The parts of a statement that would be stated otherwise.
fn stated_otherwise(whole: &Value, own: &Value) -> Vec<String> {
    let part = |value: &Value, name: &str| value.get("predicate").and_then(|it| it.get(name)).cloned();
    let mut wrong = Vec::new();
    if whole.get("subject") != own.get("subject") {
        wrong.push("subject: other files would be stated".to_owned());
    }
    for name in [
        "compiler",
        "project",
        "as_of",
        "spec",
        "inventories",
        "lock",
        "environments",
    ] {
        let (stated, found) = (part(whole, name), part(own, name));
        if stated == found {
            continue;
        }
        let (Some(Value::Array(stated)), Some(Value::Array(found))) = (&stated, &found) else {
            wrong.push(format!("{name}: it would be stated otherwise"));
            continue;
        };
        if stated.len() != found.len() {
            wrong.push(format!(
                "{name}: {} would be stated, not {}",
                found.len(),
                stated.len()
            ));
        }
        for (stated, found) in stated.iter().zip(found) {
            let fields = found.as_object().into_iter().flat_map(|fields| fields.keys());
            let differing = fields.filter(|field| stated.get(*field) != found.get(*field));
            wrong.extend(differing.map(|field| format!("{name}: `{field}` would be stated otherwise")));
        }
    }
    if wrong.is_empty() {
        wrong.push("statement: it has more than would be stated".to_owned());
    }
    wrong
}
