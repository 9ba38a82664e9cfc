//! A sign of life on a terminal, for work that takes longer than a second.

use std::io::IsTerminal as _;
use std::sync::mpsc::{self, RecvTimeoutError, Sender};
use std::time::Duration;

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

/// Shorter work shows nothing: a line that comes and goes at once only flickers.
const SHOWN_AFTER: Duration = Duration::from_secs(1);

/// What is being done. Dropped, it leaves the terminal as it was; so drop it before anything is printed.
pub(crate) struct Progress {
    bar: ProgressBar,
    /// Its end tells the thread that waits to wait no more.
    _running: Option<Sender<()>>,
}

impl Progress {
    /// Nothing is shown where standard error is no terminal.
    pub(crate) fn new() -> Self {
        let bar = ProgressBar::with_draw_target(None, ProgressDrawTarget::hidden())
            .with_style(ProgressStyle::default_spinner())
            .with_message("reading");
        let running = std::io::stderr().is_terminal().then(|| {
            let (sender, receiver) = mpsc::channel::<()>();
            let bar = bar.clone();
            std::thread::spawn(move || {
                if receiver.recv_timeout(SHOWN_AFTER) == Err(RecvTimeoutError::Timeout) {
                    bar.set_draw_target(ProgressDrawTarget::stderr());
                    bar.enable_steady_tick(Duration::from_millis(120));
                }
            });
            sender
        });
        Self {
            bar,
            _running: running,
        }
    }

    /// Says what comes next, `proving` say, and of which environment.
    pub(crate) fn step(&self, what: &str, environment: Option<&str>) {
        self.bar
            .set_message(environment.map_or_else(|| what.to_owned(), |name| format!("{what} {name}")));
    }
}

impl Drop for Progress {
    fn drop(&mut self) {
        self.bar.finish_and_clear();
    }
}
