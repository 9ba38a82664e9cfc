//! Long work shows on a terminal that it goes on, and leaves no trace of it; short work, a pipe and a file see nothing.
#![cfg(unix)]
#![expect(
    clippy::disallowed_methods,
    clippy::unwrap_used,
    reason = "a test runs the command on files"
)]

use std::fmt::Write as _;
use std::fs;
use std::path::Path;
use std::process::Command;

/// Runs its arguments on a terminal of its own and prints what the terminal was sent.
const ON_A_TERMINAL: &str = "import os, pty, sys\n\
    parts = []\n\
    def read(terminal):\n    data = os.read(terminal, 65536)\n    parts.append(data)\n    return data\n\
    stdout = os.dup(1)\n\
    os.dup2(os.open(os.devnull, os.O_WRONLY), 1)\n\
    status = pty.spawn(sys.argv[1:], read)\n\
    os.write(stdout, b''.join(parts))\n\
    sys.exit(os.waitstatus_to_exitcode(status))";

fn on_a_terminal(folder: &Path, arguments: &[&str]) -> String {
    let output = Command::new("python3")
        .args(["-c", ON_A_TERMINAL, env!("CARGO_BIN_EXE_leastwise")])
        .args(arguments)
        .args(["--as-of", "2026-07-01"])
        .env("TERM", "xterm")
        .current_dir(folder)
        .stdin(std::process::Stdio::null())
        .output()
        .unwrap();
    let shown = String::from_utf8_lossy(&output.stdout).into_owned();
    assert_eq!(output.status.code(), Some(0), "{shown}");
    shown
}

/// More than a second of work on any machine of today.
fn large() -> String {
    let mut text = String::from("project docs edition=\"2026\" {\n");
    for account in 0..40 {
        let _ = writeln!(
            text,
            "    account a{account} id=\"1111222233{account:02}\" region=eu-central-1 {{ steward \"role/ops/deploy\" }}"
        );
    }
    text.push_str("    default account=a0\n}\nuse \"std/baseline/zero-trust\"\nteam docs\nowner docs\n");
    for workload in 0..16_000 {
        let account = workload / 400;
        let _ = writeln!(
            text,
            "key k{workload} account=a{account}\nqueue q{workload} account=a{account} {{ encrypted key=k{workload} }}\n\
             workload w{workload} account=a{account} runs-on=lambda\n\
             trust w{workload} -> q{workload} {{ allow receive send; because \"x\" }}"
        );
    }
    text.push_str("test \"other\" { as w1 { cannot receive q2 } }\n");
    text
}

#[test]
fn work_above_a_second_shows_that_it_goes_on() {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("leastwise.kdl"), large()).unwrap();
    let commands: [&[&str]; 3] = [&["compile"], &["plan", "--against", "out"], &["test"]];
    for arguments in commands {
        let shown = on_a_terminal(folder.path(), arguments);
        assert!(shown.contains("proving"), "{arguments:?}: {shown:?}");
        // The line is cleared before anything else is said.
        let (_, after) = shown.rsplit_once("proving").unwrap();
        assert!(after.contains("\u{1b}[2K"), "{arguments:?}: {after:?}");
    }
}

#[test]
fn short_work_shows_nothing() {
    let folder = tempfile::tempdir().unwrap();
    fs::write(
        folder.path().join("leastwise.kdl"),
        "project docs edition=\"2026\" {\n    account main id=\"111122223333\" region=eu-central-1 { steward \"role/ops/deploy\" }\n}\nuse \"std/baseline/zero-trust\"\nteam docs\nowner docs\n\
         key k\nqueue q { encrypted key=k }\nworkload w runs-on=lambda\ntrust w -> q { allow send; because \"x\" }\n",
    )
    .unwrap();
    for arguments in [&["compile"][..], &["plan", "--against", "out"], &["test"]] {
        let shown = on_a_terminal(folder.path(), arguments);
        assert!(!shown.contains("proving"), "{arguments:?}: {shown:?}");
    }
}
