//! The steps of the GitHub Action, run as a shell would run them, on repositories made here: `action.yml` says which, with what, in which order.
//!
//! What GitHub does is done here in the small: expressions are replaced, files for outputs and for the summary are there, and steps that
//! use another action are passed by. `gh` is a script that writes down what it is asked.
#![cfg(unix)]
#![expect(
    clippy::disallowed_methods,
    clippy::unwrap_used,
    clippy::panic,
    reason = "a test runs commands on files, and says aloud what it does not know"
)]

use std::collections::BTreeMap;
use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};
use std::process::Command;

use testkit::golden;

const AS_OF: &str = "2026-07-01";

/// One step: its name, what it runs, and its environment before expressions are replaced.
#[derive(Debug, Default)]
struct Step {
    name: String,
    run: Option<String>,
    env: Vec<(String, String)>,
}

/// The steps of `action.yml`, and the defaults of its inputs.
fn action() -> (Vec<Step>, BTreeMap<String, String>) {
    let text = fs::read_to_string(golden::root().join("action.yml")).unwrap();
    let mut steps: Vec<Step> = Vec::new();
    let mut inputs = BTreeMap::new();
    let (mut section, mut input) = (String::new(), String::new());
    for line in text.lines().filter(|line| !line.trim_start().starts_with('#')) {
        let indent = line.len() - line.trim_start().len();
        let Some((key, value)) = line.trim().trim_start_matches("- ").split_once(':') else {
            continue;
        };
        let value = value.trim();
        let quoted = value.strip_prefix('"').and_then(|rest| rest.strip_suffix('"'));
        let value = quoted.unwrap_or(value).to_owned();
        match (indent, section.as_str()) {
            (0, _) => section = key.to_owned(),
            (2, "inputs") => input = key.to_owned(),
            (4, "inputs") if key == "default" => drop(inputs.insert(input.clone(), value)),
            (4, "runs") if key == "name" => steps.push(Step {
                name: value,
                ..Step::default()
            }),
            (6, "runs") if key == "run" => steps.last_mut().unwrap().run = Some(value),
            (8, "runs")
                if steps.last().unwrap().run.is_none()
                    && key.starts_with(|letter: char| letter.is_ascii_uppercase()) =>
            {
                steps.last_mut().unwrap().env.push((key.to_owned(), value));
            }
            _ => {}
        }
    }
    (steps, inputs)
}

/// A repository with a project in `infra/`, whose outputs are committed, and a place for what GitHub hands to steps.
struct Repository {
    folder: tempfile::TempDir,
    base: String,
}

/// What a run said and left.
struct Ran {
    /// Exit code of each step, up to the first that is not 0.
    codes: Vec<(String, i32)>,
    said: String,
    summary: String,
    outputs: String,
    asked: String,
    sarif: Option<String>,
}

impl Ran {
    fn passed(&self) -> bool {
        self.codes.iter().all(|(_, code)| *code == 0)
    }
}

impl Repository {
    fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let this = Self {
            folder,
            base: String::new(),
        };
        let root = this.root();
        fs::create_dir_all(&root).unwrap();
        this.sh("git init --quiet -b main && leastwise new infra >&2");
        fs::remove_dir_all(root.join("infra/out")).ok();
        this.sh(&format!("leastwise compile infra --as-of {AS_OF} >&2"));
        this.commit("the first state");
        let base = this.sh("git rev-parse HEAD").trim().to_owned();
        Self { base, ..this }
    }

    fn root(&self) -> PathBuf {
        self.folder.path().join("repository")
    }

    fn spec(&self) -> PathBuf {
        self.root().join("infra/leastwise.kdl")
    }

    fn edit(&self, from: &str, to: &str) {
        let text = fs::read_to_string(self.spec()).unwrap();
        assert!(text.contains(from), "{text}");
        fs::write(self.spec(), text.replacen(from, to, 1)).unwrap();
    }

    fn compile(&self) {
        self.sh(&format!("leastwise compile infra --as-of {AS_OF} >&2"));
    }

    fn commit(&self, message: &str) {
        self.sh(&format!(
            "git add -A && git -c user.name=a -c user.email=a@example.com commit --quiet -m '{message}'"
        ));
    }

    fn sh(&self, script: &str) -> String {
        let output = self.command(script).output().unwrap();
        assert!(
            output.status.success(),
            "{script}: {}",
            String::from_utf8_lossy(&output.stderr)
        );
        String::from_utf8(output.stdout).unwrap()
    }

    fn command(&self, script: &str) -> Command {
        let binary = Path::new(env!("CARGO_BIN_EXE_leastwise")).parent().unwrap();
        let mut command = Command::new("bash");
        // As GitHub does where `shell: bash` is said.
        command
            .args(["--noprofile", "--norc", "-eo", "pipefail", "-c", script])
            .current_dir(self.root())
            .env_clear()
            .env(
                "PATH",
                format!(
                    "{}:{}:/usr/local/bin:/usr/bin:/bin",
                    self.tools().display(),
                    binary.display()
                ),
            )
            .env("HOME", self.folder.path())
            .env("LC_ALL", "C.UTF-8");
        command
    }

    /// A folder with a `gh` that writes down what it is asked; it knows of one comment if `comment` is there.
    fn tools(&self) -> PathBuf {
        let tools = self.folder.path().join("tools");
        if !tools.exists() {
            fs::create_dir_all(&tools).unwrap();
            let home = self.folder.path().display();
            let gh = format!(
                "#!/bin/sh\nprintf '%s\\n' \"$*\" >>'{home}/asked'\ncase \"$*\" in *--jq*) [ ! -f '{home}/comment' ] || echo 41;; *--method*) cp '{home}/runner/leastwise/comment.md' '{home}/comment';; esac\n[ ! -f '{home}/refuse' ]\n"
            );
            let path = tools.join("gh");
            fs::write(&path, gh).unwrap();
            fs::set_permissions(&path, fs::Permissions::from_mode(0o755)).unwrap();
        }
        tools
    }

    /// Runs every step of the action.
    fn run(&self, given: &[(&str, &str)]) -> Ran {
        let (steps, mut inputs) = action();
        inputs.insert("project".to_owned(), "infra".to_owned());
        inputs.insert("as-of".to_owned(), AS_OF.to_owned());
        for (name, value) in given {
            assert!(
                inputs.insert((*name).to_owned(), (*value).to_owned()).is_some(),
                "{name}"
            );
        }
        let home = self.folder.path();
        let runner = home.join("runner");
        fs::create_dir_all(&runner).unwrap();
        for name in ["summary", "outputs", "path", "asked"] {
            fs::write(home.join(name), "").unwrap();
        }
        let mut ran = Ran {
            codes: Vec::new(),
            said: String::new(),
            summary: String::new(),
            outputs: String::new(),
            asked: String::new(),
            sarif: None,
        };
        for step in steps {
            let Some(run) = &step.run else { continue };
            let mut command = self.command(run);
            command
                .env("GITHUB_ACTION_PATH", golden::root())
                .env("GITHUB_STEP_SUMMARY", home.join("summary"))
                .env("GITHUB_OUTPUT", home.join("outputs"))
                .env("GITHUB_PATH", home.join("path"))
                .env("GITHUB_REPOSITORY", "acme/infra")
                .env("RUNNER_TEMP", &runner)
                .env("RUNNER_OS", "Linux")
                .env("RUNNER_ARCH", "X64");
            for (key, value) in &step.env {
                command.env(key, self.value(value, &inputs));
            }
            let output = command.output().unwrap();
            ran.said.push_str(&String::from_utf8_lossy(&output.stdout));
            ran.said.push_str(&String::from_utf8_lossy(&output.stderr));
            let code = output.status.code().unwrap();
            ran.codes.push((step.name.clone(), code));
            if code != 0 {
                break;
            }
        }
        let read = |name: &str| fs::read_to_string(home.join(name)).unwrap_or_default();
        ran.summary = read("summary");
        ran.outputs = read("outputs");
        ran.asked = read("asked");
        ran.sarif = fs::read_to_string(runner.join("leastwise/leastwise.sarif")).ok();
        ran
    }

    fn value(&self, text: &str, inputs: &BTreeMap<String, String>) -> String {
        let Some(expression) = text
            .strip_prefix("${{ ")
            .and_then(|rest| rest.strip_suffix(" }}"))
        else {
            return text.to_owned();
        };
        let one = |name: &str| match name {
            "github.action_ref" => "main".to_owned(),
            "github.action_repository" => "leastwise/leastwise".to_owned(),
            "github.event.pull_request.base.sha" => self.base.clone(),
            "github.event.pull_request.number" => "7".to_owned(),
            "github.token" => "t".to_owned(),
            name => match name.strip_prefix("inputs.").and_then(|name| inputs.get(name)) {
                Some(value) if value.starts_with("${{") => self.value(value, inputs),
                Some(value) => value.clone(),
                None => panic!("an expression that nobody knows here: {name}"),
            },
        };
        // `a || b` is the first that is not empty.
        expression
            .split(" || ")
            .map(one)
            .find(|value| !value.is_empty())
            .unwrap_or_default()
    }
}

#[test]
fn a_harmless_change_passes_and_is_shown_as_none() {
    let repository = Repository::new();
    repository.edit("Notes come in here", "Notes come in here, and only here");
    repository.compile();
    repository.commit("a better sentence");
    let ran = repository.run(&[("fail-on", "broadening")]);
    assert!(ran.passed(), "{:?}\n{}", ran.codes, ran.said);
    assert_eq!(ran.codes.len(), 7, "{:?}", ran.codes);
    assert!(ran.summary.contains("### Access plan"), "{}", ran.summary);
    assert!(ran.summary.contains("Nothing changes."), "{}", ran.summary);
    assert!(ran.said.contains("current: 13 files"), "{}", ran.said);
    assert!(ran.said.contains("nothing is refused"));
    assert!(ran.outputs.contains("sarif=") && ran.outputs.contains("plan="));
    // Whoever looks through the log of a run that passes finds no such word.
    assert!(!ran.said.to_ascii_lowercase().contains("fail"), "{}", ran.said);
    assert!(!ran.said.contains("::error"), "{}", ran.said);
    assert!(
        ran.asked
            .contains("--method POST repos/acme/infra/issues/7/comments"),
        "{}",
        ran.asked
    );
    // The next run writes over its own comment.
    let again = repository.run(&[]);
    assert!(
        again
            .asked
            .contains("--method PATCH repos/acme/infra/issues/comments/41"),
        "{}",
        again.asked
    );
    let comment = fs::read_to_string(repository.folder.path().join("comment")).unwrap();
    assert!(
        comment.starts_with("<!-- leastwise plan of infra -->\n### Access plan"),
        "{comment}"
    );
}

#[test]
fn a_broadening_change_is_shown_and_refused_only_if_that_is_asked_for() {
    let repository = Repository::new();
    repository.edit("allow write", "allow read write");
    repository.compile();
    repository.commit("the scribe reads");
    let shown = repository.run(&[]);
    assert!(shown.passed(), "{}", shown.said);
    assert!(shown.summary.contains("widened"), "{}", shown.summary);
    let refused = repository.run(&[("fail-on", "broadening,public")]);
    assert_eq!(
        refused.codes.last().unwrap(),
        &("Verdict".to_owned(), 1),
        "{}",
        refused.said
    );
    assert!(refused.said.contains("refused by: plan"), "{}", refused.said);
    assert!(
        refused.said.contains("::error title=plan::fails: broadening"),
        "{}",
        refused.said
    );
    // It is in the comment all the same.
    assert!(refused.asked.contains("--method PATCH"), "{}", refused.asked);
    assert!(refused.summary.contains("widened"));
}

#[test]
fn outputs_that_are_stale_or_altered_are_refused_on_their_files() {
    let repository = Repository::new();
    repository.edit("under \"in/\"", "under \"on/\"");
    repository.commit("compiled by nobody");
    let ran = repository.run(&[]);
    assert!(ran.said.contains("refused by: drift"), "{}", ran.said);
    let said =
        "::error file=infra/out/aws/main/iam/scribe.identity.json,title=drift::outdated: the spec changed";
    assert!(ran.said.contains(said), "{}", ran.said);
    // Who does not keep outputs in the repository is not asked for them.
    assert!(repository.run(&[("drift", "false")]).passed());
    repository.sh("git rm --quiet -r infra/out");
    repository.commit("no outputs");
    let without = repository.run(&[]);
    assert!(without.passed(), "{}", without.said);
    assert!(without.said.contains("no output is committed"));
    assert!(!repository.run(&[("drift", "true")]).passed());
    // By hand, in a file and in the lock.
    let altered = Repository::new();
    for (path, from, to) in [
        (
            "infra/out/aws/main/iam/scribe.identity.json",
            "s3:PutObject",
            "s3:*",
        ),
        ("infra/leastwise.lock", "\"stdlib\": \"", "\"stdlib\": \"0"),
    ] {
        let path = altered.root().join(path);
        let text = fs::read_to_string(&path).unwrap();
        assert!(text.contains(from));
        fs::write(&path, text.replacen(from, to, 1)).unwrap();
    }
    altered.commit("by hand");
    let ran = altered.run(&[]);
    assert!(
        ran.said.contains("scribe.identity.json: edited by hand"),
        "{}",
        ran.said
    );
    assert!(
        ran.said.contains("leastwise.lock: stdlib is another"),
        "{}",
        ran.said
    );
    assert!(ran.said.contains("refused by: drift"), "{}", ran.said);
}

#[test]
fn a_broken_spec_is_refused_on_its_line_and_nothing_else_is_said_of_it() {
    let repository = Repository::new();
    repository.edit("-> notes", "-> nowhere");
    repository.commit("broken");
    let ran = repository.run(&[("fail-on", "any")]);
    assert!(ran.said.contains("refused by: check \n"), "{}", ran.said);
    let said = "::error file=infra/leastwise.kdl,line=10,endLine=10,col=17,endColumn=24,title=undeclared-name::no thing is called `nowhere`";
    assert!(ran.said.contains(said), "{}", ran.said);
    assert_eq!(ran.said.matches("::error").count(), 1, "{}", ran.said);
    assert!(ran.sarif.unwrap().contains("\"infra/leastwise.kdl\""));
    assert!(
        ran.summary.contains("The spec does not compile"),
        "{}",
        ran.summary
    );
}

#[test]
fn a_test_that_does_not_hold_a_new_project_and_a_comment_that_may_not_be_written() {
    let repository = Repository::new();
    let text = fs::read_to_string(repository.spec()).unwrap();
    fs::write(
        repository.spec(),
        format!("{text}test \"it reads\" {{ as scribe {{ can read notes }} }}\n"),
    )
    .unwrap();
    repository.compile_or_not();
    let ran = repository.run(&[("drift", "false")]);
    assert!(ran.said.contains("title=broken-test::"), "{}", ran.said);
    assert!(ran.said.contains("refused by: "), "{}", ran.said);
    // The first commit of a project has nothing to be compared with.
    let new = Repository::new();
    new.sh("mkdir other && cp infra/leastwise.kdl other/");
    new.commit("another project");
    fs::write(new.folder.path().join("refuse"), "").unwrap();
    let ran = new.run(&[("project", "other")]);
    assert!(ran.passed(), "{}", ran.said);
    assert!(ran.summary.contains("The project is new"), "{}", ran.summary);
    assert!(
        ran.said
            .contains("::warning title=leastwise::the plan could not be written as a comment"),
        "{}",
        ran.said
    );
}

impl Repository {
    /// A test that does not hold stops a build.
    fn compile_or_not(&self) {
        self.commit("a test");
    }
}

#[test]
fn a_project_that_is_not_there_stops_the_run() {
    let repository = Repository::new();
    let ran = repository.run(&[("project", "nowhere")]);
    assert_eq!(
        ran.codes.last().unwrap(),
        &("Check".to_owned(), 2),
        "{}",
        ran.said
    );
    assert!(ran.sarif.is_none());
}

#[test]
fn a_release_whose_checksum_is_another_is_not_installed() {
    let repository = Repository::new();
    let home = repository.folder.path();
    let release = home.join("release");
    fs::create_dir_all(&release).unwrap();
    let name = "leastwise-x86_64-unknown-linux-musl.tar.gz";
    let tools = home.join("only-gh");
    fs::create_dir_all(&tools).unwrap();
    let gh = format!(
        "#!/bin/sh\ncp '{}'/* '{}/runner/leastwise/'\n",
        release.display(),
        home.display()
    );
    fs::write(tools.join("gh"), gh).unwrap();
    fs::set_permissions(tools.join("gh"), fs::Permissions::from_mode(0o755)).unwrap();
    fs::write(release.join("leastwise"), "#!/bin/sh\necho installed\n").unwrap();
    fs::set_permissions(release.join("leastwise"), fs::Permissions::from_mode(0o755)).unwrap();
    repository.sh(&format!(
        "cd '{}' && tar -czf {name} leastwise && rm leastwise && sha256sum {name} >SHA256SUMS",
        release.display()
    ));
    let install = |expected: bool| {
        let output = Command::new("bash")
            .arg(golden::root().join("pipelines/github/install"))
            .current_dir(repository.root())
            .env_clear()
            .env("PATH", format!("{}:/usr/bin:/bin", tools.display()))
            .env("RUNNER_TEMP", home.join("runner"))
            .env("RUNNER_OS", "Linux")
            .env("RUNNER_ARCH", "X64")
            .env("GITHUB_ACTION_PATH", "/nowhere")
            .env("GITHUB_PATH", home.join("path"))
            .env("LEASTWISE_REF", "v1.2.3")
            .env("LEASTWISE_REPOSITORY", "leastwise/leastwise")
            .output()
            .unwrap();
        let said = String::from_utf8_lossy(&[output.stdout, output.stderr].concat()).into_owned();
        assert_eq!(output.status.success(), expected, "{said}");
        said
    };
    assert!(install(true).contains("installed"));
    assert!(
        fs::read_to_string(home.join("path"))
            .unwrap()
            .contains("leastwise/bin")
    );
    fs::write(
        release.join("SHA256SUMS"),
        format!("{}  {name}\n", "0".repeat(64)),
    )
    .unwrap();
    assert!(install(false).contains("the checksum of"));
}
