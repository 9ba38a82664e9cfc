//! Where a run was made: what the figures can be compared with.

use std::path::Path;
use std::process::Command;

/// One line for each fact.
pub(crate) fn machine(runs: usize) -> String {
    let cores = std::thread::available_parallelism().map_or(0, usize::from);
    let processor = field("/proc/cpuinfo", "model name").unwrap_or_else(|| "unknown".to_owned());
    let memory = field("/proc/meminfo", "MemTotal")
        .and_then(|text| text.trim_end_matches("kB").trim().parse::<f64>().ok())
        .map_or_else(
            || "unknown".to_owned(),
            |kib| format!("{:.0} GB", kib * 1_024.0 / 1e9),
        );
    format!(
        "- processor: {processor}, {cores} cores\n- memory: {memory}\n- compiler: {}\n- date: {}\n- commit: {}\n- runs of each: {runs}\n",
        said("rustc", &["-V"]),
        said("date", &["-u", "+%Y-%m-%d"]),
        said("git", &["describe", "--always", "--dirty=, with changes"]),
    )
}

/// The first value of a field in a file of the system.
fn field(path: &str, name: &str) -> Option<String> {
    let text = std::fs::read_to_string(path).ok()?;
    let line = text.lines().find_map(|line| line.strip_prefix(name))?;
    Some(line.trim_start().trim_start_matches(':').trim().to_owned())
}

/// What a command says, asked in this crate's folder.
fn said(command: &str, arguments: &[&str]) -> String {
    Command::new(command)
        .args(arguments)
        .current_dir(Path::new(env!("CARGO_MANIFEST_DIR")))
        .output()
        .ok()
        .filter(|output| output.status.success())
        .map_or_else(
            || "unknown".to_owned(),
            |output| String::from_utf8_lossy(&output.stdout).trim().to_owned(),
        )
}
