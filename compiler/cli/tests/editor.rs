//! `leastwise lsp` as editors start it: by hand, by pytest-lsp, and by Neovim.
//!
//! The scripts are in `compiler/lsp/tests/outside`. `.ci/tools` installs both clients.
#![expect(
    clippy::disallowed_methods,
    clippy::panic,
    reason = "a test runs the command on files and stops at the first surprise"
)]

use std::fs;
use std::io::{BufReader, Read as _, Write as _};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use serde_json::{Value, json};
use shelf::oracle;

const LEASTWISE: &str = env!("CARGO_BIN_EXE_leastwise");

const ROOT: &str = "project notes edition=\"2026\" {
    account main id=\"111122223333\" region=eu-central-1 { steward \"role/ops/deploy\" }
}
team writers
owner writers
use \"std/baseline/zero-trust\"
";
const THINGS: &str = "owner writers
key notes-key
bucket notes { physical \"acme-notes\"; encrypted key=notes-key; retain \"90d\" }
workload scribe runs-on=lambda
trust scribe -> notes { allow write; under \"in/\"; because \"Notes come in here\" }
";

/// So many random edits a client of others makes.
const EDITS: &str = "10000";

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

fn outside(script: &str) -> PathBuf {
    root().join("compiler/lsp/tests/outside").join(script)
}

/// A tool that `.ci/tools` installs, by its path there or on the path.
fn tool(name: &str) -> PathBuf {
    let installed = root().join(".tools/venv/bin").join(name);
    if installed.is_file() {
        installed
    } else {
        PathBuf::from(name)
    }
}

fn succeeded(command: &mut Command) -> String {
    let output = command
        .output()
        .unwrap_or_else(|error| panic!("{command:?}: {error}"));
    let told = format!(
        "{}{}",
        String::from_utf8_lossy(&output.stdout),
        String::from_utf8_lossy(&output.stderr)
    );
    assert!(output.status.success(), "{told}");
    told
}

#[test]
fn an_editor_is_greeted_served_and_left() {
    let mut child = Command::new(LEASTWISE)
        .args(["lsp", "--stdio"])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let mut input = child.stdin.take().unwrap();
    let mut output = BufReader::new(child.stdout.take().unwrap());
    let mut send = |message: Value| {
        let text = message.to_string();
        write!(input, "Content-Length: {}\r\n\r\n{text}", text.len()).unwrap();
        input.flush().unwrap();
    };
    send(json!({ "jsonrpc": "2.0", "id": 1, "method": "initialize", "params": { "capabilities": {} } }));
    let mut header = Vec::new();
    while !header.ends_with(b"\r\n\r\n") {
        let mut byte = [0];
        output.read_exact(&mut byte).unwrap();
        header.push(byte[0]);
    }
    let header = String::from_utf8(header).unwrap();
    let length = header
        .lines()
        .find_map(|line| line.strip_prefix("Content-Length: "))
        .unwrap();
    let mut body = vec![0; length.parse().unwrap()];
    output.read_exact(&mut body).unwrap();
    let answer: Value = serde_json::from_slice(&body).unwrap();
    assert_eq!(answer["result"]["serverInfo"]["name"], "leastwise");
    send(json!({ "jsonrpc": "2.0", "method": "initialized", "params": {} }));
    send(json!({ "jsonrpc": "2.0", "id": 2, "method": "shutdown" }));
    send(json!({ "jsonrpc": "2.0", "method": "exit" }));
    assert!(child.wait().unwrap().success());
}

#[test]
fn pytest_lsp_is_served_with_the_capabilities_of_three_editors() {
    if !oracle::is_asked("the language server, driven by pytest-lsp") {
        return;
    }
    let told = succeeded(
        Command::new(tool("python"))
            .args([
                "-m",
                "pytest",
                "-q",
                "-s",
                "-p",
                "no:cacheprovider",
                "-o",
                "asyncio_mode=auto",
            ])
            .args(["-W", "error::pytest_lsp.LspSpecificationWarning"])
            .arg(outside("session.py"))
            .env("LEASTWISE", LEASTWISE)
            .env("LEASTWISE_EDITS", EDITS)
            .env("PYTHONDONTWRITEBYTECODE", "1"),
    );
    assert!(told.contains("6 passed"), "{told}");
    assert_eq!(told.matches(" 0 wrong").count(), 3, "{told}");
}

#[test]
fn neovim_is_served() {
    if !oracle::is_asked("the language server, driven by Neovim") {
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    let project = folder.path().canonicalize().unwrap();
    fs::write(project.join("leastwise.kdl"), ROOT).unwrap();
    fs::write(project.join("things.kdl"), THINGS).unwrap();
    let told = succeeded(
        Command::new(tool("nvim"))
            .args(["--headless", "-u", "NONE", "-i", "NONE", "-l"])
            .arg(outside("session.lua"))
            .args([LEASTWISE.as_ref(), project.as_os_str(), EDITS.as_ref()])
            .env("XDG_STATE_HOME", folder.path())
            .env("XDG_CACHE_HOME", folder.path()),
    );
    assert!(told.contains(" 35 answers compared, 0 wrong"), "{told}");
}
