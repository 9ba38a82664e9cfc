//! `leastwise watch`: checks or compiles again whenever a file of the project changes.
//!
//! It looks at the files every now and then. That needs no help of the system, works on every file system and in every container,
//! and sees what editors do that write another file and rename it. Nothing on the screen is cleared. Ctrl-C ends it: a build
//! that is cut off leaves the old output or the new one.

use std::collections::BTreeMap;
use std::fs::Metadata;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::time::{Duration, Instant, SystemTime};

use clap::Args;
use diagnostics::Report;
use resolve::Library;

use super::{check, compile};
use crate::library;
use crate::render::sanitise::sanitise;
use crate::session::SpecArguments;
use project::{Project, Trouble};

/// How long nothing is looked at. A person does not notice it.
const PAUSE: Duration = Duration::from_millis(150);
/// So long the files have to be as they are: an editor writes several, and one in several steps.
const CALM: Duration = Duration::from_millis(60);
/// Of a large project, looking takes no more than this part of the time.
const PAUSES_A_LOOK: u32 = 20;

/// Arguments of `watch`.
#[derive(Args, Debug)]
pub(crate) struct Arguments {
    /// The project's folder.
    #[arg(default_value = ".")]
    path: PathBuf,
    /// Compile, too; else only check.
    #[arg(long)]
    compile: bool,
    /// Where to write; `out` in the project if left out.
    #[arg(long, value_name = "DIR", requires = "compile")]
    out: Option<PathBuf>,
    #[command(flatten)]
    spec: SpecArguments,
}

/// How a file stands: its size, when it was written, and which it is.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Stand {
    bytes: u64,
    modified: Option<SystemTime>,
    inode: u64,
}

type Seen = BTreeMap<PathBuf, Stand>;

/// Runs until somebody ends it. Exit code 2 if there is no project to begin with.
pub(crate) fn run(
    arguments: &Arguments,
    library: Library,
    folder: Option<&Path>,
) -> Result<ExitCode, Trouble> {
    project::list(&arguments.path, arguments.out.as_deref())?;
    let mut library = Some(library);
    eprintln!(
        "watching {}; Ctrl-C ends",
        sanitise(&arguments.path.display().to_string())
    );
    loop {
        // Looked at before it is read: what changes meanwhile is seen afterwards.
        let named = named(arguments);
        let before = look(arguments, &named, folder);
        let own = match library.take() {
            Some(first) => Ok(first),
            None => folder.map_or_else(|| Ok(library::embedded()), library::of_folder),
        };
        if let Err(trouble) = own.and_then(|library| once(arguments, library)) {
            // A file may be gone for a moment, or hold half of what it will.
            eprintln!("error: {}", sanitise(&trouble.message));
            eprintln!("  help: {}", sanitise(&trouble.help));
        }
        let changed = wait(arguments, &named, folder, &before);
        eprintln!("\nchanged: {}", sanitise(&told(&changed, &arguments.path)));
    }
}

fn once(arguments: &Arguments, library: Library) -> Result<ExitCode, Trouble> {
    if arguments.compile {
        let out = arguments.out.as_deref();
        compile::run(
            &compile::Arguments::plain(&arguments.path, out, &arguments.spec),
            library,
        )
    } else {
        check::run(
            &check::Arguments::plain(&arguments.path, &arguments.spec),
            library,
        )
    }
}

/// The files that the spec names, inventories say; none while it cannot be read.
fn named(arguments: &Arguments) -> Vec<PathBuf> {
    let Ok(Project { folder, sources }) = project::load(&arguments.path, arguments.out.as_deref()) else {
        return Vec::new();
    };
    let spec = driver::parse(sources, &mut Report::default());
    spec.needs().iter().map(|need| folder.join(&need.path)).collect()
}

/// How every file stands that the answer depends on.
fn look(arguments: &Arguments, named: &[PathBuf], library: Option<&Path>) -> Seen {
    let listed = project::list(&arguments.path, arguments.out.as_deref());
    let mut paths: Vec<PathBuf> =
        listed.map_or_else(|_| Vec::new(), |listed| listed.files.into_values().collect());
    paths.extend(named.iter().cloned());
    paths.extend(library.into_iter().flat_map(library::files));
    paths
        .into_iter()
        .filter_map(|path| {
            let there = std::fs::metadata(&path).ok()?;
            Some((path, stand(&there)))
        })
        .collect()
}

fn stand(there: &Metadata) -> Stand {
    Stand {
        bytes: there.len(),
        modified: there.modified().ok(),
        inode: inode(there),
    }
}

#[cfg(unix)]
fn inode(there: &Metadata) -> u64 {
    use std::os::unix::fs::MetadataExt as _;
    there.ino()
}

#[cfg(not(unix))]
fn inode(_there: &Metadata) -> u64 {
    0
}

/// Waits until files differ and have been calm for a moment; gives those that differ.
fn wait(arguments: &Arguments, named: &[PathBuf], library: Option<&Path>, before: &Seen) -> Vec<PathBuf> {
    let mut pause = PAUSE;
    loop {
        let start = Instant::now();
        let mut now = look(arguments, named, library);
        pause = pause.max(start.elapsed() * PAUSES_A_LOOK);
        if now != *before {
            loop {
                std::thread::sleep(CALM);
                let again = look(arguments, named, library);
                if again == now {
                    break;
                }
                now = again;
            }
            // An editor that wrote what was there has changed nothing, but then the time differs: it is checked again.
            if now != *before {
                return differing(before, &now);
            }
        }
        std::thread::sleep(pause);
    }
}

fn differing(before: &Seen, now: &Seen) -> Vec<PathBuf> {
    let all = before
        .keys()
        .chain(now.keys().filter(|path| !before.contains_key(*path)));
    let differing = all.filter(|path| before.get(*path) != now.get(*path));
    differing.cloned().collect()
}

/// The files that changed, a few by name.
fn told(changed: &[PathBuf], folder: &Path) -> String {
    let names: Vec<String> = changed
        .iter()
        .take(3)
        .map(|path| path.strip_prefix(folder).unwrap_or(path).display().to_string())
        .collect();
    match changed.len().saturating_sub(names.len()) {
        0 => names.join(", "),
        more => format!("{} and {more} more", names.join(", ")),
    }
}
