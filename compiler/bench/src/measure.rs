//! One run of a process: how long it takes and how much memory it holds at most.

use std::error::Error;
use std::io::Read as _;
use std::path::Path;
use std::process::{Command, Stdio};
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

/// How often the memory is looked at. The kernel keeps the largest value, so that only what a process takes in its last
/// two milliseconds can be missed.
const LOOK_EVERY: Duration = Duration::from_millis(2);
/// How much is shown of what a command says when it fails.
const SHOWN_CHARS: usize = 2_000;

/// What one or several runs took.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(crate) struct Figures {
    /// Wall time.
    pub(crate) time: Duration,
    /// Largest resident size, in KiB; 0 where the system does not say.
    pub(crate) kib: u64,
}

/// Runs a command to its end. Anything but exit code 0 is an error that says what the command said.
pub(crate) fn run(binary: &Path, arguments: &[&str]) -> Result<Figures, Box<dyn Error>> {
    let mut said = tempfile::tempfile()?;
    let start = Instant::now();
    let mut child = Command::new(binary)
        .args(arguments)
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(said.try_clone()?)
        .spawn()?;
    let status_path = format!("/proc/{}/status", child.id());
    let is_over = AtomicBool::new(false);
    let (finished, time, kib) = std::thread::scope(|scope| {
        let watch = scope.spawn(|| watch(&status_path, &is_over));
        let finished = child.wait();
        let time = start.elapsed();
        is_over.store(true, Ordering::Relaxed);
        (finished, time, watch.join().unwrap_or_default())
    });
    if finished?.success() {
        return Ok(Figures { time, kib });
    }
    let mut text = String::new();
    std::io::Seek::rewind(&mut said)?;
    said.read_to_string(&mut text)?;
    let text: String = text.chars().take(SHOWN_CHARS).collect();
    Err(format!("`{}` fails: {text}", arguments.join(" ")).into())
}

/// The largest resident size that is seen until the process is over.
fn watch(status_path: &str, is_over: &AtomicBool) -> u64 {
    let mut kib = 0;
    while !is_over.load(Ordering::Relaxed) {
        if let Ok(status) = std::fs::read_to_string(status_path) {
            kib = kib.max(peak_kib(&status));
        }
        std::thread::sleep(LOOK_EVERY);
    }
    kib
}

/// `VmHWM` of a process status, in KiB.
fn peak_kib(status: &str) -> u64 {
    status
        .lines()
        .find_map(|line| line.strip_prefix("VmHWM:"))
        .and_then(|rest| rest.trim().trim_end_matches("kB").trim().parse().ok())
        .unwrap_or(0)
}

/// Median time and largest memory of several runs.
pub(crate) fn summary(runs: &[Figures]) -> Option<Figures> {
    let times: Vec<Duration> = runs.iter().map(|run| run.time).collect();
    Some(Figures {
        time: median(&times)?,
        kib: runs.iter().map(|run| run.kib).max()?,
    })
}

/// The one in the middle; of two, the longer one.
pub(crate) fn median(times: &[Duration]) -> Option<Duration> {
    let mut times = times.to_vec();
    times.sort();
    times.get(times.len() / 2).copied()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_peak_is_read() {
        assert_eq!(peak_kib("Name:\tx\nVmHWM:\t    1234 kB\nVmRSS:\t 1 kB\n"), 1234);
        assert_eq!(peak_kib("Name:\tx\n"), 0);
    }

    #[test]
    fn the_median_is_the_one_in_the_middle() {
        let of = |seconds: &[u64]| {
            let times: Vec<Duration> = seconds.iter().map(|one| Duration::from_secs(*one)).collect();
            median(&times)
        };
        assert_eq!(of(&[9, 1, 2]), Some(Duration::from_secs(2)));
        assert_eq!(of(&[1, 9]), Some(Duration::from_secs(9)));
        assert_eq!(of(&[]), None);
    }

    #[test]
    fn a_command_that_fails_says_what_it_said() {
        let error = run(Path::new("sh"), &["-c", "echo no such thing >&2; exit 3"]).unwrap_err();
        assert!(error.to_string().contains("no such thing"), "{error}");
    }
}
