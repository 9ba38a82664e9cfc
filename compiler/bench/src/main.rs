//! Whole-process figures: `cargo run --release -p leastwise-bench [-- RUNS]`.
//!
//! Generates specs with a seed, runs the release binary on each, and prints the median wall time, the largest resident
//! size, and the ratio of time to the next smaller size. Machines differ: compare ratios of one run.
//! `leastwise-bench stages [COUNT] [network|promises]` shows where the time of one run goes; `leastwise-bench write FOLDER COUNT
//! [network|promises]` writes the spec.
#![expect(
    clippy::disallowed_methods,
    clippy::print_stdout,
    reason = "a measurement reads the clock, writes inputs and prints figures"
)]

mod generate;
mod stages;

use std::error::Error;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use generate::Files;

const SEED: u64 = 0x1eaf;
const TRUSTS: usize = 5;

fn main() -> Result<(), Box<dyn Error>> {
    if std::env::args().nth(1).as_deref() == Some("stages") {
        return stages::stages(&files_of(2));
    }
    if std::env::args().nth(1).as_deref() == Some("write") {
        let folder = std::env::args().nth(2).ok_or("a folder")?;
        std::fs::create_dir_all(&folder)?;
        for (path, text) in files_of(3) {
            std::fs::write(Path::new(&folder).join(path), text)?;
        }
        return Ok(());
    }
    let runs = std::env::args()
        .nth(1)
        .and_then(|runs| runs.parse().ok())
        .unwrap_or(5usize)
        .max(1);
    let binary = binary()?;
    println!("| input | median | largest resident | ratio |");
    println!("|---|---|---|---|");
    let mut before: Option<Duration> = None;
    for count in [100, 1_000, 10_000] {
        let name = format!("{count} workloads, {} trusts", count * TRUSTS);
        let (time, kib) = measure(&binary, &generate::workloads(count, TRUSTS, SEED), runs)?;
        let ratio = before.map_or_else(String::new, |before| {
            format!("{:.1}", time.as_secs_f64() / before.as_secs_f64())
        });
        println!(
            "| {name} | {:.3} s | {} MB | {ratio} |",
            time.as_secs_f64(),
            kib / 1024
        );
        before = Some(time);
    }
    // The ratio is to the same without them.
    let (time, kib) = measure(&binary, &generate::promises(10_000, TRUSTS, SEED), runs)?;
    let ratio = before.map_or_else(String::new, |before| {
        format!("{:.2}", time.as_secs_f64() / before.as_secs_f64())
    });
    println!(
        "| the same, 200 promises, 200 tests | {:.3} s | {} MB | {ratio} |",
        time.as_secs_f64(),
        kib / 1024
    );
    let mut before: Option<Duration> = None;
    for count in [90, 900] {
        let name = format!("{count} workloads in a network, {} flows", count * TRUSTS);
        let (time, kib) = measure(&binary, &generate::network(count, TRUSTS, SEED), runs)?;
        let ratio = before.map_or_else(String::new, |before| {
            format!("{:.1}", time.as_secs_f64() / before.as_secs_f64())
        });
        println!(
            "| {name} | {:.3} s | {} MB | {ratio} |",
            time.as_secs_f64(),
            kib / 1024
        );
        before = Some(time);
    }
    let (time, kib) = measure(&binary, &generate::fleet(1_000_000), runs)?;
    println!(
        "| a fleet of 1000000 | {:.3} s | {} MB | |",
        time.as_secs_f64(),
        kib / 1024
    );
    Ok(())
}

/// The spec that the arguments from here on name: how many workloads, and `network` for those in networks, `promises` for those with promises.
fn files_of(first: usize) -> Files {
    let count = std::env::args().nth(first);
    let count = count.and_then(|count| count.parse().ok()).unwrap_or(10_000);
    match std::env::args().nth(first + 1).as_deref() {
        Some("network") => generate::network(count, TRUSTS, SEED),
        Some("promises") => generate::promises(count, TRUSTS, SEED),
        Some(_) | None => generate::workloads(count, TRUSTS, SEED),
    }
}

/// The release binary beside this one.
fn binary() -> Result<PathBuf, Box<dyn Error>> {
    let own = std::env::current_exe()?;
    let binary = own.with_file_name("leastwise");
    if binary.is_file() {
        Ok(binary)
    } else {
        Err("build it first: cargo build --release -p leastwise-cli".into())
    }
}

fn measure(binary: &Path, files: &Files, runs: usize) -> Result<(Duration, u64), Box<dyn Error>> {
    let folder = tempfile::tempdir()?;
    for (path, text) in files {
        std::fs::write(folder.path().join(path), text)?;
    }
    let mut times = Vec::with_capacity(runs);
    let mut kib_max = 0;
    for _ in 0..runs {
        let start = Instant::now();
        let mut child = Command::new(binary)
            .args(["check", "--as-of", "2026-07-01"])
            .arg(folder.path())
            .stdout(Stdio::null())
            .stderr(Stdio::piped())
            .spawn()?;
        let status_path = format!("/proc/{}/status", child.id());
        let finished = loop {
            if let Ok(status) = std::fs::read_to_string(&status_path) {
                kib_max = kib_max.max(peak_kib(&status));
            }
            match child.try_wait()? {
                Some(status) => break status,
                None => std::thread::sleep(Duration::from_millis(2)),
            }
        };
        times.push(start.elapsed());
        if !finished.success() {
            let output = child.wait_with_output()?;
            return Err(String::from_utf8_lossy(&output.stderr)
                .chars()
                .take(2000)
                .collect::<String>()
                .into());
        }
    }
    times.sort();
    let median = times.get(times.len() / 2).copied().unwrap_or_default();
    Ok((median, kib_max))
}

/// `VmHWM` of a process status, in KiB; 0 where the system does not say.
fn peak_kib(status: &str) -> u64 {
    status
        .lines()
        .find_map(|line| line.strip_prefix("VmHWM:"))
        .and_then(|rest| rest.trim().trim_end_matches("kB").trim().parse().ok())
        .unwrap_or(0)
}
