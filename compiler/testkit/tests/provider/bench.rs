//! A local AWS with the provider before it, and Terraform that applies to it.
#![expect(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::disallowed_methods,
    reason = "a test drives other programs, and one that fails says where"
)]

use std::collections::BTreeMap;
use std::io::{BufRead as _, BufReader, Write as _};
use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdout, Command, Stdio};

use serde_json::{Value, json};
use tempfile::TempDir;

use super::project::{Project, Step};
use crate::emitted;

/// How long one command of Terraform may take.
const SECONDS_MOST: &str = "240";

/// What became of a module.
#[derive(Debug)]
pub(super) struct Outcome {
    /// The project and the folder.
    pub(super) module: String,
    pub(super) resources: usize,
    /// The command that failed, and what it said.
    pub(super) failed: Option<(&'static str, String)>,
    /// What the second plan would change.
    pub(super) changes: Vec<Change>,
}

/// One object in a second plan.
#[derive(Debug)]
pub(super) struct Change {
    pub(super) address: String,
    pub(super) sort: String,
    pub(super) action: String,
    /// Arguments that differ, with what stands there and what shall.
    pub(super) arguments: BTreeMap<String, (Value, Value)>,
}

/// The two processes; they end with it.
pub(super) struct Bench {
    process: Child,
    answers: BufReader<ChildStdout>,
    folder: TempDir,
    address: String,
    attach: String,
}

impl Drop for Bench {
    fn drop(&mut self) {
        // The end of its input is its end; it takes the provider with it.
        drop(self.process.stdin.take());
        let _ = self.process.wait();
    }
}

impl Bench {
    /// Starts for modules that use these types.
    pub(super) fn start(mirror: &Path, types: &[String]) -> Self {
        let folder = TempDir::new().unwrap();
        let at = |name: &str| folder.path().join(name);
        let port = TcpListener::bind("127.0.0.1:0")
            .unwrap()
            .local_addr()
            .unwrap()
            .port();
        std::fs::write(at("types.json"), serde_json::to_vec(types).unwrap()).unwrap();
        let mut command = Command::new(emitted::tool("python3"));
        // Neither proxies nor credentials of the machine: all it speaks with is here.
        for (name, _) in std::env::vars() {
            if name.starts_with("AWS_") || name.to_uppercase().ends_with("_PROXY") {
                command.env_remove(name);
            }
        }
        let mut process = command
            .arg("-B")
            .arg(Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/provider/cloud"))
            .arg(provider(mirror))
            .arg(at("types.json"))
            .arg(port.to_string())
            .arg(at("socket"))
            .env("AWS_EC2_METADATA_DISABLED", "true")
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(std::fs::File::create(at("said")).unwrap())
            .spawn()
            .unwrap();
        let attach = json!({ "registry.terraform.io/hashicorp/aws": {
            "Protocol": "grpc", "ProtocolVersion": 5, "Pid": process.id(), "Test": true,
            "Addr": { "Network": "unix", "String": at("socket") },
        } });
        let mut bench = Self {
            answers: BufReader::new(process.stdout.take().unwrap()),
            process,
            address: format!("127.0.0.1:{port}"),
            attach: attach.to_string(),
            folder,
        };
        let heard = bench.hears("started");
        assert!(heard.is_ok(), "{heard:?}\nrun .ci/tools to have moto and grpcio");
        bench
    }

    /// What is said instead of the word is the error.
    fn hears(&mut self, word: &str) -> Result<(), String> {
        let mut line = String::new();
        self.answers.read_line(&mut line).unwrap();
        if line.trim() == word {
            return Ok(());
        }
        let said: String = serde_json::from_str(&line).unwrap_or(line);
        Err(said + &std::fs::read_to_string(self.folder.path().join("said")).unwrap_or_default())
    }

    /// Applies a project to an AWS that holds what exists for it, and nothing else.
    pub(super) fn apply(&mut self, project: &Project) -> Vec<Outcome> {
        let work = TempDir::new_in(self.folder.path()).unwrap();
        let existing = work.path().join("existing.json");
        std::fs::write(&existing, serde_json::to_vec(&project.existing()).unwrap()).unwrap();
        let mut input = self.process.stdin.as_ref().unwrap();
        writeln!(input, "{}", existing.display()).unwrap();
        if let Err(said) = self.hears("ready") {
            return vec![Outcome {
                module: project.name.clone(),
                resources: 0,
                failed: Some(("what exists", said)),
                changes: Vec::new(),
            }];
        }
        let outcome = |step| self.module(&project.name, work.path(), step);
        project.steps.iter().map(outcome).collect()
    }

    fn module(&self, project: &str, work: &Path, step: &Step) -> Outcome {
        let root = work.join(step.folder.replace('/', "_"));
        // What is changed keeps its state, and none of its files.
        for file in std::fs::read_dir(&root).into_iter().flatten().flatten() {
            if file.file_name().to_string_lossy().ends_with(".tf.json") {
                std::fs::remove_file(file.path()).unwrap();
            }
        }
        std::fs::create_dir_all(&root).unwrap();
        for (name, file) in step.local(&self.address) {
            std::fs::write(root.join(name), serde_json::to_vec_pretty(&file).unwrap()).unwrap();
        }
        let mut outcome = Outcome {
            module: format!("{project}: {}", step.folder),
            resources: step.blocks("resource").values().map(serde_json::Map::len).sum(),
            failed: None,
            changes: Vec::new(),
        };
        let commands: [(&'static str, &[&str]); 5] = [
            ("init", &["init"]),
            ("plan", &["plan", "-out=first"]),
            ("apply", &["apply", "first"]),
            ("plan again", &["plan", "-out=second", "-detailed-exitcode"]),
            ("show", &["show", "-json", "second"]),
        ];
        for (name, arguments) in commands {
            let (code, out, said) = self.terraform(&root, arguments);
            match (name, code) {
                ("plan again", 2) | (_, 0) => {}
                _ => {
                    outcome.failed = Some((name, said + &self.tripped()));
                    return outcome;
                }
            }
            if name == "plan again" && code == 0 {
                return outcome;
            }
            if name == "show" {
                outcome.changes = changes(&serde_json::from_slice(&out).unwrap());
                // What a plan changes that is no change of an object is a change all the same.
                if outcome.changes.is_empty() {
                    outcome.failed =
                        Some(("plan again", "it is not empty, and changes no object".to_owned()));
                }
            }
        }
        outcome
    }

    /// The end of what the local AWS said, where it fell over itself: then the fault may be the simulator's.
    fn tripped(&self) -> String {
        let said = std::fs::read_to_string(self.folder.path().join("said")).unwrap_or_default();
        let lines: Vec<&str> = said.lines().collect();
        match lines.iter().rposition(|line| line.starts_with("Traceback")) {
            Some(_) => format!(
                "\nthe local AWS: {}",
                lines[lines.len().saturating_sub(12)..].join("\n")
            ),
            None => String::new(),
        }
    }

    fn terraform(&self, root: &Path, arguments: &[&str]) -> (i32, Vec<u8>, String) {
        // Deletes that are refused are tried again for up to a quarter of an hour.
        let mut command = Command::new("timeout");
        command.args([SECONDS_MOST, "terraform", arguments[0]]);
        command.args(match arguments[0] {
            "init" => &["-no-color", "-input=false"][..],
            "show" => &["-no-color"],
            _ => &["-no-color", "-input=false", "-lock=false", "-parallelism=30"],
        });
        let output = command
            .args(&arguments[1..])
            .current_dir(root)
            .env("TF_CLI_CONFIG_FILE", "/dev/null")
            .env("TF_IN_AUTOMATION", "1")
            .env("CHECKPOINT_DISABLE", "1")
            .env("TF_REATTACH_PROVIDERS", &self.attach)
            .output()
            .unwrap();
        let mut said = String::from_utf8_lossy(&output.stderr).into_owned();
        if output.status.code() == Some(124) {
            let told = String::from_utf8_lossy(&output.stdout);
            let lines: Vec<&str> = told
                .lines()
                .rev()
                .filter(|line| !line.is_empty())
                .take(4)
                .collect();
            said.push_str(&format!(
                "not done in {SECONDS_MOST} seconds; at last: {}",
                lines.join("\n")
            ));
        }
        (output.status.code().unwrap_or(-1), output.stdout, said)
    }
}

/// The program of the provider in a mirror.
fn provider(mirror: &Path) -> PathBuf {
    let mut left = vec![mirror.to_path_buf()];
    while let Some(folder) = left.pop() {
        for entry in std::fs::read_dir(&folder).unwrap().flatten() {
            let path = entry.path();
            if path.is_dir() {
                left.push(path);
            } else if entry
                .file_name()
                .to_string_lossy()
                .starts_with("terraform-provider-aws_")
            {
                return path;
            }
        }
    }
    panic!("{} has no unpacked hashicorp/aws", mirror.display());
}

/// What a plan would do, of `terraform show -json`.
fn changes(plan: &Value) -> Vec<Change> {
    let mut all = Vec::new();
    for one in plan["resource_changes"].as_array().into_iter().flatten() {
        let actions: Vec<&str> = one["change"]["actions"]
            .as_array()
            .unwrap()
            .iter()
            .map(|action| action.as_str().unwrap())
            .collect();
        if actions == ["no-op"] || actions == ["read"] {
            continue;
        }
        let (before, after) = (&one["change"]["before"], &one["change"]["after"]);
        let unknown = &one["change"]["after_unknown"];
        let mut arguments = BTreeMap::new();
        for of in [before, after, unknown] {
            for name in of.as_object().into_iter().flat_map(serde_json::Map::keys) {
                let shall = if unknown[name] == true {
                    &unknown[name]
                } else {
                    &after[name]
                };
                if before[name] != *shall {
                    arguments.insert(name.clone(), (before[name].clone(), shall.clone()));
                }
            }
        }
        all.push(Change {
            address: one["address"].as_str().unwrap().to_owned(),
            sort: one["type"].as_str().unwrap().to_owned(),
            action: actions.join(", "),
            arguments,
        });
    }
    all
}
