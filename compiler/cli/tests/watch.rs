//! `watch` answers what is saved, however an editor saves it, and ends when it is told to.
#![cfg(unix)]
#![expect(
    clippy::disallowed_methods,
    clippy::unwrap_used,
    clippy::panic,
    reason = "a test runs the command on files, and says aloud what it waits for"
)]

use std::io::{BufRead as _, BufReader};
use std::os::unix::process::ExitStatusExt as _;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::mpsc::{self, Receiver};
use std::time::{Duration, Instant};

/// Generous: a debug build on a loaded machine.
const PATIENCE: Duration = Duration::from_secs(60);
const SIGINT: i32 = 2;

struct Watch {
    child: Child,
    lines: Receiver<String>,
}

impl Watch {
    fn start(folder: &Path, arguments: &[&str]) -> Self {
        // Both streams in one, in order, as a terminal shows them.
        let mut child = Command::new("sh")
            .arg("-c")
            .arg("exec \"$0\" watch . --as-of 2026-07-01 \"$@\" 2>&1")
            .arg(env!("CARGO_BIN_EXE_leastwise"))
            .args(arguments)
            .current_dir(folder)
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let out = child.stdout.take().unwrap();
        let (sender, lines) = mpsc::channel();
        std::thread::spawn(move || {
            for line in BufReader::new(out).lines().map_while(Result::ok) {
                if sender.send(line).is_err() {
                    break;
                }
            }
        });
        Self { child, lines }
    }

    /// Waits for a line with these words; gives all lines up to it.
    fn until(&self, words: &str) -> Vec<String> {
        let end = Instant::now() + PATIENCE;
        let mut seen = Vec::new();
        loop {
            let left = end.saturating_duration_since(Instant::now());
            let Ok(line) = self.lines.recv_timeout(left) else {
                panic!("waited for {words:?}, and saw: {seen:#?}");
            };
            let is_it = line.contains(words);
            seen.push(line);
            if is_it {
                return seen;
            }
        }
    }

    fn is_silent(&self) -> bool {
        self.lines.recv_timeout(Duration::from_millis(1500)).is_err()
    }
}

impl Drop for Watch {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn project() -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    let done = Command::new(env!("CARGO_BIN_EXE_leastwise"))
        .args(["new", "p"])
        .current_dir(folder.path())
        .output()
        .unwrap();
    assert!(done.status.success());
    folder
}

/// Another file in its place, as many editors do.
fn save_by_rename(spec: &Path, text: &str) {
    let draft = spec.with_extension("kdl.tmp");
    std::fs::write(&draft, text).unwrap();
    std::fs::rename(&draft, spec).unwrap();
}

#[test]
fn each_save_is_answered_once_however_it_is_saved() {
    let folder = project();
    let spec = folder.path().join("p/leastwise.kdl");
    let right = std::fs::read_to_string(&spec).unwrap();
    let watch = Watch::start(&folder.path().join("p"), &[]);
    watch.until("checked: every promise holds");
    save_by_rename(&spec, &right.replace("-> notes", "-> nowhere"));
    let said = watch.until("1 error");
    assert!(
        said.iter().any(|line| line == "changed: leastwise.kdl"),
        "{said:#?}"
    );
    assert!(
        said.iter()
            .any(|line| line.contains("no thing is called `nowhere`"))
    );
    assert!(watch.is_silent());
    // Gone for a moment, and back.
    std::fs::remove_file(&spec).unwrap();
    std::thread::sleep(Duration::from_millis(30));
    std::fs::write(&spec, &right).unwrap();
    watch.until("checked: every promise holds");
    // Many steps of one save are one change.
    for end in [right.len() / 3, right.len() / 2, right.len()] {
        std::fs::write(&spec, right.get(..end).unwrap()).unwrap();
    }
    std::fs::write(folder.path().join("p/more.kdl"), "team more\n").unwrap();
    let said = watch.until("checked: every promise holds");
    assert!(
        said.iter().any(|line| line == "changed: leastwise.kdl, more.kdl"),
        "{said:#?}"
    );
    assert!(watch.is_silent());
}

#[test]
fn it_compiles_if_it_is_told_to_and_ends_when_it_is_interrupted() {
    let folder = project();
    let project = folder.path().join("p");
    let spec = project.join("leastwise.kdl");
    let mut watch = Watch::start(&project, &["--compile"]);
    watch.until("wrote 13 files");
    let right = std::fs::read_to_string(&spec).unwrap();
    std::fs::write(&spec, right.replace("in/", "on/")).unwrap();
    watch.until("wrote ");
    let written = std::fs::read_to_string(project.join("out/aws/main/iam/scribe.identity.json")).unwrap();
    assert!(written.contains("/on/*"), "{written}");
    // What it wrote itself is no change.
    while watch
        .lines
        .recv_timeout(Duration::from_millis(1500))
        .is_ok_and(|line| !line.contains("changed"))
    {}
    assert!(watch.is_silent());
    let id = watch.child.id().to_string();
    assert!(
        Command::new("kill")
            .args(["-INT", &id])
            .status()
            .unwrap()
            .success()
    );
    assert_eq!(watch.child.wait().unwrap().signal(), Some(SIGINT));
}
