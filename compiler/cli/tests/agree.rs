//! `check`, `test`, `why`, `why-not`, `who` and `plan` say the same of one spec, on specs that are drawn.
//!
//! For each drawn spec some questions are made of its trusts, and each is asked of every command that can answer it. Then a
//! trust is taken out: an answer that changes is a change that `plan` shows, and a plan without one changes no answer.
//! `LEASTWISE_ORACLES=full` asks many more specs.
#![cfg(unix)]
#![expect(
    clippy::disallowed_methods,
    clippy::indexing_slicing,
    clippy::unwrap_used,
    reason = "a test runs the command on files"
)]

use std::collections::BTreeSet;
use std::path::Path;
use std::process::Command;

use shelf::oracle;
use testkit::naive::draw;

/// Questions of one spec.
const QUESTIONS: usize = 5;

/// Who, by which capability, to what.
type Question = (String, String, String);

struct Said {
    code: i32,
    out: String,
}

fn ask(folder: &Path, arguments: &[&str]) -> Said {
    let output = Command::new(env!("CARGO_BIN_EXE_leastwise"))
        .args(arguments)
        .args(["--as-of", "2026-07-01"])
        .current_dir(folder)
        .env("COLUMNS", "200")
        .output()
        .unwrap();
    Said {
        code: output.status.code().unwrap(),
        out: String::from_utf8_lossy(&output.stdout).into_owned(),
    }
}

/// Subjects, capabilities and objects of a trust's line.
fn parts(line: &str) -> Option<(Vec<&str>, Vec<&str>, Vec<&str>)> {
    let (subjects, rest) = line.strip_prefix("trust ")?.split_once(" -> ")?;
    let (objects, facts) = rest.split_once(" {")?;
    let allow = facts.split_once("allow ")?.1.split([';', '}']).next()?;
    Some((
        subjects.split_whitespace().collect(),
        allow
            .split_whitespace()
            .filter(|word| !word.contains('='))
            .collect(),
        objects.split_whitespace().collect(),
    ))
}

/// What trusts say, and the same of the subject of another trust.
fn questions(lines: &[String]) -> Vec<Question> {
    let trusts: Vec<_> = lines.iter().filter_map(|line| parts(line)).collect();
    let mut found: Vec<Question> = Vec::new();
    let mut add = |subject: &str, capability: &str, object: &str| {
        let question = (subject.to_owned(), capability.to_owned(), object.to_owned());
        if !found.contains(&question) && found.len() < QUESTIONS {
            found.push(question);
        }
    };
    for (at, (subjects, allow, objects)) in trusts.iter().enumerate() {
        let (Some(subject), Some(capability), Some(object)) =
            (subjects.first(), allow.first(), objects.last())
        else {
            continue;
        };
        add(subject, capability, object);
        let next = trusts.get((at + 1) % trusts.len());
        if let Some(other) = next.and_then(|(subjects, ..)| subjects.first()) {
            add(other, capability, object);
        }
    }
    found
}

fn write(folder: &Path, spec: &draw::Drawn, lines: &[String]) {
    std::fs::create_dir_all(folder).unwrap();
    std::fs::write(folder.join("leastwise.kdl"), format!("{}\n", lines.join("\n"))).unwrap();
    for (path, text) in &spec.files {
        let path = folder.join(path);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, text).unwrap();
    }
}

/// `yes`, `no` or `in part`, as `why` says it; its exit code and that of `why-not` say the same.
fn answer(folder: &Path, (subject, capability, object): &Question) -> Result<String, String> {
    let question = [subject.as_str(), capability, object];
    let why = ask(folder, &[&["why"], &question[..]].concat());
    let not = ask(folder, &[&["why-not"], &question[..]].concat());
    let first = |said: &Said| {
        let line = said.out.lines().next().unwrap_or("").to_owned();
        let sentence = format!("{subject} {capability} {object}: ");
        let rest = line.strip_prefix(&sentence).unwrap_or("").to_owned();
        rest.split(',').next().unwrap_or("").to_owned()
    };
    let said = first(&why);
    if said != first(&not) || (why.code == 0) != (said == "yes") || (not.code == 0) != (said != "yes") {
        return Err(format!(
            "why and why-not differ: {} {}",
            why.out.trim(),
            not.out.trim()
        ));
    }
    Ok(said)
}

/// What `who` says of the subject: `no` if it does not list it.
fn listed(folder: &Path, (subject, capability, object): &Question) -> String {
    let said = ask(folder, &["who", capability, object, "--format", "json"]).out;
    let said: serde_json::Value = serde_json::from_str(&said).unwrap();
    let answers = said["environments"][0]["answers"].as_array().unwrap();
    let own = answers.iter().find(|one| one["subject"] == subject.as_str());
    match own.and_then(|one| one["answer"].as_str()) {
        None => "no".to_owned(),
        Some("partly") => "in part".to_owned(),
        Some(answer) => answer.to_owned(),
    }
}

/// What is wrong with one spec; `None` if it is refused, so that nothing can be asked.
fn disagreements(spec: &draw::Drawn, folder: &Path) -> Option<Vec<String>> {
    let mut wrong = Vec::new();
    let own = folder.join("own");
    write(&own, spec, &spec.declarations);
    if ask(&own, &["compile", "--out", "../out"]).code != 0 {
        return None;
    }
    let questions = questions(&spec.declarations);
    let answers: Vec<Result<String, String>> =
        questions.iter().map(|question| answer(&own, question)).collect();
    wrong.extend(answers.iter().filter_map(|answer| answer.clone().err()));
    for (question, answer) in questions.iter().zip(&answers) {
        let listed = listed(&own, question);
        if answer.as_ref().is_ok_and(|answer| *answer != listed) {
            wrong.push(format!("{question:?}: why says {answer:?}, and who {listed:?}"));
        }
    }

    let mut lines = spec.declarations.clone();
    let first = lines.len() + 1;
    for (subject, capability, object) in &questions {
        for word in ["can", "cannot"] {
            let name = format!("{word} {}", lines.len() + 1);
            lines.push(format!(
                "test \"{name}\" {{ as {subject} {{ {word} {capability} {object} }} }}"
            ));
        }
    }
    let asked = folder.join("asked");
    write(&asked, spec, &lines);
    let tested = ask(&asked, &["test"]).out;
    let checked = ask(&asked, &["check", "--format", "json"]).out;
    let checked: serde_json::Value = serde_json::from_str(&checked).unwrap();
    let broken: BTreeSet<u64> = checked["diagnostics"]
        .as_array()
        .unwrap()
        .iter()
        .filter(|found| found["code"] == "broken-test")
        .filter_map(|found| found["place"]["line"].as_u64())
        .collect();
    for (at, (question, answer)) in questions.iter().zip(&answers).enumerate() {
        let line = first + 2 * at;
        let holds = |line: usize, word: &str| {
            let is_ok = tested.contains(&format!("ok    {word} {line}\n"));
            (is_ok, !broken.contains(&(line as u64)))
        };
        let (can, cannot) = (holds(line, "can"), holds(line + 1, "cannot"));
        let must = match answer.as_deref() {
            Ok("yes") => (true, false),
            Ok("no") => (false, true),
            _ => (false, false),
        };
        if can != (must.0, must.0) || cannot != (must.1, must.1) {
            wrong.push(format!(
                "{question:?}: why says {answer:?}, test and check say can {can:?}, cannot {cannot:?}"
            ));
        }
    }
    wrong.extend(planned(spec, folder, &questions, &answers));
    Some(wrong)
}

/// Takes one trust out: what changes is in the plan.
fn planned(
    spec: &draw::Drawn,
    folder: &Path,
    questions: &[Question],
    answers: &[Result<String, String>],
) -> Vec<String> {
    let Some(at) = spec
        .declarations
        .iter()
        .position(|line| line.starts_with("trust "))
    else {
        return Vec::new();
    };
    let mut lines = spec.declarations.clone();
    let gone = lines.remove(at);
    let less = folder.join("less");
    write(&less, spec, &lines);
    let plan = ask(&less, &["plan", "--against", "../out", "--format", "json"]);
    let Ok(plan) = serde_json::from_str::<serde_json::Value>(&plan.out) else {
        return Vec::new();
    };
    let says = |lists: [&str; 2]| {
        let changes = plan["environments"][0]["changes"]
            .as_array()
            .into_iter()
            .flatten();
        let has = |change: &serde_json::Value, list: &str| {
            change[list].as_array().is_some_and(|list| !list.is_empty())
        };
        changes
            .clone()
            .any(|change| lists.iter().any(|list| has(change, list)))
    };
    // Where no guard that is emitted stands on the way, an answer is as declared: no byte changes with it.
    let files = &plan["environments"][0]["files"];
    let is_written = ["created", "updated", "deleted"]
        .iter()
        .any(|list| files[list].as_array().is_some_and(|paths| !paths.is_empty()));
    if !is_written {
        return Vec::new();
    }
    let (gains, loses) = (says(["permitted", "opened"]), says(["refused", "closed"]));
    let mut wrong = Vec::new();
    for (question, before) in questions.iter().zip(answers) {
        let (Ok(before), Ok(after)) = (before, answer(&less, question)) else {
            continue;
        };
        let rank = |said: &str| ["no", "in part", "yes"].iter().position(|one| *one == said);
        let shown = match rank(before).cmp(&rank(&after)) {
            std::cmp::Ordering::Less => gains,
            std::cmp::Ordering::Greater => loses,
            std::cmp::Ordering::Equal => true,
        };
        if !shown {
            wrong.push(format!(
                "{question:?} was {before:?} and is {after:?} without {gone}; the plan does not say so"
            ));
        }
    }
    wrong
}

#[test]
fn the_commands_say_the_same() {
    let count = if oracle::is_full() { 400 } else { 20 };
    let (mut compared, mut wrong) = (0, Vec::new());
    for seed in 0..count {
        let folder = tempfile::tempdir().unwrap();
        let spec = draw::spec(seed);
        if let Some(found) = disagreements(&spec, folder.path()) {
            compared += 1;
            wrong.extend(found.into_iter().map(|text| format!("seed {seed}: {text}")));
        }
    }
    println!("{compared} of {count} specs compared");
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    assert!(
        compared * 2 > count,
        "most specs are refused: {compared} of {count}"
    );
}
