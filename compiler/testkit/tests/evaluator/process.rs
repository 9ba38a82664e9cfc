//! The evaluator as a process of its own: documents and requests go in line by line, answers come out.

use std::collections::BTreeMap;
use std::io::Write as _;
use std::path::PathBuf;
use std::process::{Command, Stdio};

use serde_json::{Value, json};
use testkit::golden;

/// One request, with all documents that have a say.
#[derive(Clone, Debug)]
pub struct Question {
    /// Who asks: a role, a service or a provider, by the name that policies have for it.
    pub principal: String,
    /// The provider's action.
    pub action: String,
    /// The whole name of the resource.
    pub resource: String,
    /// The number of the account that the resource is in.
    pub account: String,
    /// The context. A key that is not there is absent.
    pub context: BTreeMap<String, String>,
    /// What the principal's own account says.
    pub identity: Vec<String>,
    /// What the resource says, if it has a policy.
    pub policy: Option<String>,
    /// What an endpoint lets pass, if the request goes through one.
    pub endpoint: Option<String>,
    /// Whether the checking entry is asked as well.
    pub is_checked: bool,
}

/// What the evaluator says.
#[derive(Clone, Debug)]
pub struct Answer {
    /// `Allowed`, `ImplicitlyDenied`, `ExplicitlyDenied`, or that it fails.
    pub result: String,
    /// What its checking entry says, if it was asked.
    pub checked: Option<Value>,
}

impl Answer {
    /// Whether the request is allowed.
    pub fn is_allowed(&self) -> bool {
        self.result == "Allowed"
    }
}

/// Where `.ci/tools` installs it.
fn folder() -> PathBuf {
    golden::root().join(".tools/node")
}

/// One answer for each question.
pub fn answers(questions: &[Question]) -> Vec<Answer> {
    let script = golden::root().join("compiler/testkit/tests/evaluator/evaluator.mjs");
    let mut child = Command::new("node")
        .arg(script)
        .arg(folder())
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .expect("LEASTWISE_ORACLES is set, and there is no `node`");
    let mut stdin = child.stdin.take().unwrap();
    let (lines, numbers) = lines(questions);
    let writer = std::thread::spawn(move || stdin.write_all(&lines));
    let output = child.wait_with_output().unwrap();
    assert!(
        output.status.success(),
        "the evaluator is missing or failed; .ci/tools installs it"
    );
    writer.join().unwrap().unwrap();
    let text = String::from_utf8(output.stdout).unwrap();
    let answers: Vec<Answer> = text.lines().map(answer).collect();
    numbers.iter().map(|number| answers[*number].clone()).collect()
}

fn answer(line: &str) -> Answer {
    let value: Value = serde_json::from_str(line).unwrap();
    Answer {
        result: value["result"].as_str().unwrap().to_owned(),
        checked: value.get("checked").cloned(),
    }
}

/// Each document once, before the question that first needs it, and each question once; with the number of each question's answer.
fn lines(questions: &[Question]) -> (Vec<u8>, Vec<usize>) {
    let mut documents: BTreeMap<&str, usize> = BTreeMap::new();
    let mut compact: BTreeMap<String, usize> = BTreeMap::new();
    let mut asked: BTreeMap<String, usize> = BTreeMap::new();
    let mut out = Vec::new();
    let mut numbers = Vec::new();
    for question in questions {
        let mut number = |text| -> usize {
            *documents.entry(text).or_insert_with(|| {
                // Files and modules write one document in two ways.
                let document: Value = serde_json::from_str(text).unwrap();
                let next = compact.len();
                *compact.entry(document.to_string()).or_insert_with_key(|text| {
                    writeln!(out, "{}", json!({ "document": text })).unwrap();
                    next
                })
            })
        };
        let identity: Vec<usize> = question.identity.iter().map(|text| number(text)).collect();
        let policy = question.policy.as_deref().map(&mut number);
        let endpoint = question.endpoint.as_deref().map(&mut number);
        let line = json!({
            "principal": question.principal,
            "action": question.action,
            "resource": question.resource,
            "account": question.account,
            "context": question.context,
            "identity": identity,
            "policy": policy,
            "endpoint": endpoint,
            "checked": question.is_checked,
        });
        let next = asked.len();
        numbers.push(*asked.entry(line.to_string()).or_insert_with_key(|line| {
            writeln!(out, "{line}").unwrap();
            next
        }));
    }
    (out, numbers)
}
