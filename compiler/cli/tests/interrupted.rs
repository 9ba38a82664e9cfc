//! A `compile` that is killed, that finds no room, or that may not write: the output is what it was, or what it should be, whole.
#![cfg(unix)]
#![expect(
    clippy::disallowed_methods,
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test runs the command on files, and says aloud what it cannot try"
)]

use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};
use std::time::{Duration, Instant};

use shelf::oracle;
use tempfile::TempDir;
use testkit::golden::Tree;

/// Generous: a debug build on a loaded machine.
const TIME_MAX: Duration = Duration::from_secs(90);
/// Each has a file that changes, and three that do not.
const WORKLOADS: usize = 2_000;
/// Fewer than the roles that an account may have.
const WORKLOADS_PER_ACCOUNT: usize = 500;
/// Fewer than the policy of a key has room for.
const WORKLOADS_PER_BUCKET: usize = 10;

/// Many workloads that each read what is under a prefix of one bucket.
fn spec(prefix: &str) -> String {
    let mut text = String::from("project docs edition=\"2026\" {\n");
    for account in 0..WORKLOADS / WORKLOADS_PER_ACCOUNT {
        let _ = writeln!(
            text,
            "    account a{account} id=\"1111222233{account:02}\" region=eu-central-1 {{ steward \"role/ops/deploy\" }}"
        );
    }
    text.push_str("    default account=a0\n    targets aws-iam\n}\nuse \"std/baseline/zero-trust\"\nteam docs\nowner docs\n");
    for workload in 0..WORKLOADS {
        let (account, store) = (workload / WORKLOADS_PER_ACCOUNT, workload / WORKLOADS_PER_BUCKET);
        if workload % WORKLOADS_PER_BUCKET == 0 {
            let _ = writeln!(
                text,
                "key k{store} account=a{account}\n\
                 bucket b{store} account=a{account} {{ physical \"docs-b{store}\"; encrypted key=k{store}; retain \"30d\" }}"
            );
        }
        let _ = writeln!(
            text,
            "workload w{workload} account=a{account} runs-on=lambda\n\
             trust w{workload} -> b{store} {{ allow read; under \"{prefix}/\"; because \"x\" }}"
        );
    }
    text
}

fn command(folder: &Path, arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_leastwise"));
    command
        .args(arguments)
        .args(["--as-of", "2026-07-01"])
        .current_dir(folder);
    command
}

fn leastwise(folder: &Path, arguments: &[&str]) -> Output {
    command(folder, arguments).output().unwrap()
}

fn said(output: &Output) -> String {
    String::from_utf8_lossy(&output.stderr).into_owned()
}

/// A project, its two texts, and what each compiles to in `out`. The second stands there.
struct Two {
    folder: TempDir,
    texts: [String; 2],
    trees: [Tree; 2],
}

impl Two {
    fn compiled(out: &str, folder: TempDir, texts: [String; 2]) -> Self {
        let trees = texts.each_ref().map(|text| {
            fs::write(folder.path().join("leastwise.kdl"), text).unwrap();
            let output = leastwise(folder.path(), &["compile", "--out", out]);
            assert_eq!(output.status.code(), Some(0), "{}", said(&output));
            testkit::project::written(&folder.path().join(out))
        });
        assert_ne!(trees[0], trees[1]);
        Self { folder, texts, trees }
    }

    fn write(&self, text: usize) {
        fs::write(self.folder.path().join("leastwise.kdl"), &self.texts[text]).unwrap();
    }

    /// Which of the two stands there, once a command has looked at it: the first that does so finishes or drops what was interrupted.
    fn there(&self, out: &str, round: &str) -> usize {
        let output = leastwise(self.folder.path(), &["plan", "--against", out]);
        assert_eq!(output.status.code(), Some(0), "{round}: {}", said(&output));
        let here = testkit::project::written(&self.folder.path().join(out));
        let found = self.trees.iter().position(|tree| *tree == here);
        found.unwrap_or_else(|| panic!("{round}: neither the one output nor the other"))
    }
}

/// A sequence of numbers that is the same in each run.
struct Moments(u64);

impl Moments {
    fn below(&mut self, bound: u64) -> u64 {
        self.0 = self
            .0
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) % bound.max(1)
    }
}

/// Killed at moments spread over the whole of a `compile` that changes two thousand files, most of them while it writes.
#[test]
fn a_killed_compile_leaves_one_output_or_the_other() {
    let rounds = if oracle::is_full() { 200 } else { 12 };
    let two = Two::compiled("out", tempfile::tempdir().unwrap(), [spec("in"), spec("un")]);
    let folder = two.folder.path();
    // How long it takes from its start, and from its first staged file, to its end.
    two.write(0);
    let (whole, writing) = times(folder);
    let (mut stands, mut moments, mut hit) = (0, Moments(1), 0);
    let mut seen = [0, 0];
    for round in 0..rounds {
        let wanted = 1 - stands;
        two.write(wanted);
        let mut child = command(folder, &["compile"])
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        if round % 8 == 0 {
            std::thread::sleep(Duration::from_micros(moments.below(whole)));
        } else {
            wait_for_stage(folder, &mut child);
            std::thread::sleep(Duration::from_micros(moments.below(writing)));
        }
        let _ = child.kill();
        child.wait().unwrap();
        hit += usize::from(folder.join("out/.leastwise/stage").exists());
        stands = two.there("out", &format!("round {round}"));
        seen[usize::from(stands == wanted)] += 1;
    }
    eprintln!(
        "{hit} of {rounds} kills left a stage behind; the old output stood after {}, the new one after {}",
        seen[0], seen[1]
    );
    assert!(hit > 0, "no kill fell into the time of writing");
}

fn wait_for_stage(folder: &Path, child: &mut std::process::Child) {
    let start = Instant::now();
    while !folder.join("out/.leastwise/stage").exists()
        && start.elapsed() < TIME_MAX
        && child.try_wait().unwrap().is_none()
    {
        std::hint::spin_loop();
    }
}

/// Microseconds of a `compile`: all of it, and what follows its first staged file.
fn times(folder: &Path) -> (u64, u64) {
    let start = Instant::now();
    let mut child = command(folder, &["compile"])
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    wait_for_stage(folder, &mut child);
    let staged = start.elapsed();
    assert!(child.wait().unwrap().success());
    let whole = start.elapsed();
    let micros = |time: Duration| u64::try_from(time.as_micros()).unwrap();
    (micros(whole), micros(whole - staged))
}

/// A small file system of its own.
struct Disk(PathBuf);

impl Disk {
    /// Nothing without the right to mount.
    fn mounted(at: PathBuf, options: &str) -> Option<Self> {
        fs::create_dir(&at).unwrap();
        let mounted = Command::new("mount")
            .args(["-t", "tmpfs", "-o", options, "tmpfs"])
            .arg(&at)
            .stderr(Stdio::null())
            .status();
        if mounted.is_ok_and(|status| status.success()) {
            return Some(Self(at));
        }
        oracle::skipped("a small or read-only file system", "it needs the right to mount");
        None
    }
}

impl Drop for Disk {
    fn drop(&mut self) {
        let _ = Command::new("umount").arg(&self.0).status();
    }
}

fn small(capability: &str) -> String {
    let mut text = String::from(
        "project docs edition=\"2026\" {\n    account main id=\"111122223333\" region=eu-central-1 { steward \"role/ops/deploy\" }\n}\n\
         use \"std/baseline/zero-trust\"\nteam docs\nowner docs\nkey k\nbucket b { physical \"docs-b\"; encrypted key=k; retain \"30d\" }\n",
    );
    for workload in 0..8 {
        let _ = writeln!(
            text,
            "workload w{workload} runs-on=lambda\ntrust w{workload} -> b {{ allow {capability}; because \"x\" }}"
        );
    }
    text
}

/// With less and less room left: each time it fails, the earlier output stands.
#[test]
fn a_full_disk_leaves_the_previous_output() {
    let folder = tempfile::tempdir().unwrap();
    let Some(disk) = Disk::mounted(folder.path().join("disk"), "size=1m") else {
        return;
    };
    let out = "disk/out";
    let two = Two::compiled(out, folder, [small("write"), small("read list")]);
    let mut stands = 1;
    let mut failed = 0;
    let fill = disk.0.join("fill");
    for room in (0..60).map(|step| step * 4096) {
        let wanted = 1 - stands;
        two.write(wanted);
        // All that there is, and then a little given back.
        let _ = fs::write(&fill, vec![0u8; 1 << 20]);
        let all = fs::metadata(&fill).unwrap().len();
        let left = fs::OpenOptions::new().write(true).open(&fill).unwrap();
        left.set_len(all.saturating_sub(room)).unwrap();
        let output = leastwise(two.folder.path(), &["compile", "--out", out]);
        fs::remove_file(&fill).unwrap();
        let here = two.there(out, &format!("{room} bytes left"));
        match output.status.code() {
            Some(0) => assert_eq!(here, wanted, "{room} bytes left"),
            Some(2) => {
                assert_eq!(here, stands, "{room} bytes left: {}", said(&output));
                failed += 1;
            }
            _ => panic!("{room} bytes left: {}", said(&output)),
        }
        stands = here;
    }
    assert!((1..60).contains(&failed), "{failed} of 60 found no room");
}

/// A spec is people's own work: it is formatted whole, or left.
#[test]
fn a_full_disk_leaves_a_spec_that_is_formatted() {
    let folder = tempfile::tempdir().unwrap();
    let Some(disk) = Disk::mounted(folder.path().join("disk"), "size=512k") else {
        return;
    };
    let spec = disk.0.join("leastwise.kdl");
    let text = "team a {contact b}\n".repeat(12_000);
    fs::write(&spec, &text).unwrap();
    let _ = fs::write(disk.0.join("fill"), vec![0u8; 1 << 20]);
    let fmt = || {
        let mut command = Command::new(env!("CARGO_BIN_EXE_leastwise"));
        command.arg("fmt").current_dir(&disk.0).output().unwrap()
    };
    let output = fmt();
    assert_eq!(output.status.code(), Some(2), "{}", said(&output));
    assert_eq!(fs::read_to_string(&spec).unwrap(), text);
    fs::remove_file(disk.0.join("fill")).unwrap();
    let output = fmt();
    assert_eq!(output.status.code(), Some(0), "{}", said(&output));
    assert_ne!(fs::read_to_string(&spec).unwrap(), text);
}

/// Nothing may be written there, not even by who runs this as root.
#[test]
fn a_read_only_disk_is_said_and_left() {
    let folder = tempfile::tempdir().unwrap();
    let Some(disk) = Disk::mounted(folder.path().join("disk"), "size=1m") else {
        return;
    };
    let out = "disk/out";
    let two = Two::compiled(out, folder, [small("write"), small("read list")]);
    two.write(0);
    let remounted = Command::new("mount")
        .args(["-o", "remount,ro"])
        .arg(&disk.0)
        .status();
    assert!(remounted.unwrap().success());
    let output = leastwise(two.folder.path(), &["compile", "--out", out]);
    assert_eq!(output.status.code(), Some(2), "{}", said(&output));
    assert!(
        said(&output).contains("Read-only file system"),
        "{}",
        said(&output)
    );
    assert_eq!(two.there(out, "read-only"), 1);
}
