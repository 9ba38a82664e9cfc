//! A second opinion on what documents allow: an evaluator by others, which shares no line and no table with us, is asked for every
//! declared request, and for others beside it.
//!
//! What is declared is listed by the second hand of `enumerate`, from the spec and not from bytes; the documents are those that are
//! emitted. Whatever is declared has to be allowed, whatever is not has to be denied. What the evaluator knows otherwise than we do
//! stands in `golden/linters/iam-simulate.txt`, each line with its reason; a line that is not needed fails.
#![expect(
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used,
    reason = "a test that fails says where"
)]

mod altered;
mod asked;
mod becoming;
mod endpoints;
mod listed;
mod neighbours;
mod process;
mod stage;

use std::collections::{BTreeMap, BTreeSet};

use model::Model;
use serde_json::Value;
use shelf::oracle;
use testkit::enumerate::request::{self, Concrete, Request, Who};
use testkit::naive::emitted as documents;

use self::asked::{Asked, Group};
use self::listed::Listed;
use self::neighbours::Declared;
use self::process::{Answer, Question};
use self::stage::{Caller, Stage};
use crate::emitted;

const AREAS: &[(&str, bool)] = &[
    ("examples", true),
    ("golden/cases", false),
    ("golden/network", false),
    ("golden/stdlib/aws", false),
    ("golden/targets/aws-iam", false),
    ("golden/targets/terraform", false),
];

/// Neighbours of each access that have to be denied.
const DENIED: usize = 3;

/// Everything that is asked of one project: of its files of documents, and of its modules, whichever there are.
fn groups(name: &str, model: &Model, files: &BTreeMap<String, Vec<u8>>, listed: &mut Listed) -> Vec<Group> {
    let part = |folders: &[&str]| -> BTreeMap<String, Vec<u8>> {
        let files = files
            .iter()
            .filter(|(path, _)| folders.iter().any(|folder| path.contains(folder)));
        files.map(|(path, bytes)| (path.clone(), bytes.clone())).collect()
    };
    let plain = part(&["/iam/", "/resources/", "/policy/"]);
    let modules = part(&["/terraform/"]);
    let mut out = Vec::new();
    if plain
        .keys()
        .any(|path| path.contains("/iam/") || path.contains("/resources/"))
    {
        let files = plain
            .iter()
            .map(|(path, bytes)| (path.as_str(), bytes.as_slice()));
        let stage = Stage::new(model, documents::sorted(files).unwrap());
        out.extend(of_stage(
            &format!("{name}, files"),
            &stage,
            &BTreeMap::new(),
            listed,
        ));
    }
    if !modules.is_empty() {
        match documents::of_modules(model, &modules) {
            Ok(emitted) => {
                let stage = Stage::new(model, emitted);
                out.extend(of_stage(&format!("{name}, modules"), &stage, &modules, listed));
            }
            Err(why) => listed.check("not read", name, &why),
        }
    }
    out
}

fn of_stage(
    name: &str,
    stage: &Stage<'_>,
    modules: &BTreeMap<String, Vec<u8>>,
    listed: &mut Listed,
) -> Vec<Group> {
    let concretes = request::accesses(stage.model);
    // The accounts of what somebody reaches of a service: there he has what is not about one resource.
    let mut numbers: BTreeMap<(&Who, &str), BTreeSet<String>> = BTreeMap::new();
    let service = |concrete: &'_ Concrete| concrete.action.split(':').next().unwrap_or_default().to_owned();
    let services: Vec<String> = concretes.iter().map(service).collect();
    let mut all = Vec::new();
    for (concrete, service) in concretes.iter().zip(&services) {
        let requests = requests(stage, concrete);
        let granted = requests.iter().find(|request| concrete.grants(request));
        let number = granted.and_then(|request| stage.number_of(&stage.placed(&request.resource)));
        numbers
            .entry((&concrete.who, service))
            .or_default()
            .extend(number.clone());
        all.push((concrete, service, number, requests));
    }
    let mut declared = Declared::default();
    let mut callers = Vec::new();
    for (concrete, service, number, requests) in all {
        let known = || {
            numbers[&(&concrete.who, service.as_str())]
                .iter()
                .cloned()
                .collect()
        };
        let numbers: Vec<String> = number.map_or_else(known, |number| vec![number]);
        for caller in stage.callers(concrete, &numbers) {
            declared.add(caller.clone(), concrete);
            callers.push((caller, concrete, requests.clone()));
        }
    }
    let mut out = Vec::new();
    for (caller, concrete, requests) in &callers {
        if stage.is_rule(&concrete.who) && listed.has("not asked", &concrete.action, "of a rule") {
            continue;
        }
        // Without the target that writes them, there are no policies of devices here.
        if matches!(caller, Caller::Device(_)) && stage.emitted.devices.is_empty() {
            continue;
        }
        out.push(Group {
            project: name.to_owned(),
            of: format!("{caller:?} {} {}", concrete.action, requests[0].resource),
            asked: around(stage, &declared, caller, concrete, requests),
        });
    }
    out.extend(becoming::groups(stage, name));
    out.extend(endpoints::groups(stage, name, modules, &callers));
    out
}

/// Requests of an access and beside it, in names that are complete.
fn requests(stage: &Stage<'_>, concrete: &Concrete) -> Vec<Request> {
    let all = concrete.requests().into_iter();
    let is_whole = |request: &Request| {
        let placed = stage.placed(&request.resource);
        placed == "*" || (placed.starts_with("arn:") && !placed.contains('{'))
    };
    let mut all: Vec<Request> = all.filter(is_whole).collect();
    // What is granted comes first.
    all.sort_by_key(|request| !concrete.grants(request));
    all
}

fn around(
    stage: &Stage<'_>,
    declared: &Declared<'_>,
    caller: &Caller,
    concrete: &Concrete,
    requests: &[Request],
) -> Vec<Asked> {
    let mut out = Vec::new();
    let is_theirs = stage.is_theirs(&concrete.who);
    for request in requests {
        let tested = concrete.tests.iter().map(|(key, _)| key);
        let absent: Vec<&String> = tested.filter(|key| !request.context.contains_key(*key)).collect();
        let request = stage.full(caller, request, &absent);
        let is_granted = declared.grants(caller, &request);
        let what = if is_granted {
            "declared"
        } else {
            "a condition or a name"
        };
        let mut question = stage.question(caller, &request);
        if is_granted && is_theirs {
            stage::allow(&mut question);
        }
        out.push(Asked::new(what, question, is_granted));
    }
    if let Some(request) = requests.iter().find(|request| concrete.grants(request)) {
        out.extend(neighbours::of(stage, declared, caller, request));
    }
    out
}

/// One of each sort of declared request goes through the checking entry as well.
fn check(groups: &mut [Group]) {
    let mut seen: BTreeSet<(String, Vec<String>)> = BTreeSet::new();
    for asked in groups
        .iter_mut()
        .flat_map(|group| &mut group.asked)
        .filter(|one| one.is_granted)
    {
        let keys = asked.question.context.keys().cloned().collect();
        asked.question.is_checked = seen.insert((asked.question.action.clone(), keys));
    }
}

/// What the evaluator says otherwise, for people.
fn faults(groups: &[Group]) -> (Vec<String>, Vec<Answer>) {
    let questions: Vec<Question> = groups
        .iter()
        .flat_map(|group| &group.asked)
        .map(|asked| asked.question.clone())
        .collect();
    let answers = process::answers(&questions);
    let mut rest = answers.iter();
    let mut faults = Vec::new();
    for group in groups {
        for asked in &group.asked {
            let fault = asked.fault(rest.next().unwrap());
            faults.extend(fault.map(|fault| format!("{}: {fault}", group.project)));
        }
    }
    (faults, answers)
}

/// What the checking entry says otherwise than the core.
fn findings(answer: &Answer) -> Vec<(&'static str, String)> {
    let Some(checked) = &answer.checked else {
        return Vec::new();
    };
    if let Some(refused) = checked["refused"].as_str() {
        let why = if refused == "policy.errors" {
            &checked["why"]
        } else {
            &checked["refused"]
        };
        return vec![("refused", why.as_str().unwrap().to_owned())];
    }
    let ignored = checked["ignored"]
        .as_array()
        .into_iter()
        .flatten()
        .filter_map(Value::as_str);
    // Of what every request says of itself, a service may look at nothing.
    let ignored = ignored.filter(|key| !key.starts_with("aws:"));
    let mut out: Vec<_> = ignored.map(|key| ("ignored", key.to_owned())).collect();
    if out.is_empty() && checked["result"] != "Allowed" {
        out.push(("differs", checked["result"].to_string()));
    }
    out
}

#[test]
fn every_declared_request_is_allowed_and_its_neighbours_are_denied() {
    if !oracle::is_asked("the evaluator of IAM documents") {
        return;
    }
    let mut listed = Listed::read();
    let mut all = Vec::new();
    for project in emitted::of_areas(AREAS) {
        all.extend(groups(
            &project.name,
            &project.analysis.model,
            &project.files,
            &mut listed,
        ));
    }
    check(&mut all);
    let (mut faults, answers) = faults(&all);
    let asked = all.iter().flat_map(|group| &group.asked);
    let (mut allowed, mut denied) = (0, 0);
    for (asked, answer) in asked.zip(&answers) {
        *(if asked.is_granted {
            &mut allowed
        } else {
            &mut denied
        }) += 1;
        for (finding, detail) in findings(answer) {
            listed.check(finding, &asked.question.action, &detail);
        }
    }
    let surplus: Vec<&str> = listed.surplus.iter().map(String::as_str).collect();
    for group in &all {
        let beside = group.asked.iter().filter(|asked| !asked.is_granted).count();
        if beside < DENIED {
            faults.push(format!(
                "{}: {} has only {beside} neighbours",
                group.project, group.of
            ));
        }
    }
    println!(
        "{} accesses and roles: {allowed} requests allowed, {denied} denied",
        all.len()
    );
    let count = faults.len();
    faults.truncate(60);
    assert!(
        faults.is_empty() && surplus.is_empty(),
        "{count} faults\n{}\nnot listed\n{}",
        faults.join("\n"),
        surplus.join("\n")
    );
    assert!(
        allowed > 1000 && denied > 3 * allowed / 2,
        "{allowed} and {denied}"
    );
    assert!(
        listed.idle().is_empty(),
        "not needed\n{}",
        listed.idle().join("\n")
    );
}
