//! Two threads for each project: one finds out what names mean, the other proves.
//!
//! Both take the newest text there is, and look between stages whether it is still the newest: an answer to an older one is
//! dropped. The second waits a moment for the next key before it begins, and stays with what it proved: questions about
//! who reaches what are asked of it until the next text comes.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use catalogue::limits::Limits;
use checks::Selection;
use crossbeam_channel::{Receiver, RecvTimeoutError, Sender, never, select, unbounded};
use diagnostics::Report;
use driver::environments::Environments;
use driver::{Options, Spec};
use graph::question::Index;
use ide::question::Reach;
use ide::snapshot::{Snapshot, View};
use model::value::Date;
use project::held::{Bytes, Named};
use relation::reach::Relation;
use resolve::Library;
use source::Sources;

use crate::parsed::Parsed;

/// So long nobody may have pressed a key before a proof begins.
const QUIET: Duration = Duration::from_millis(25);

/// A text to find out about.
pub struct Job {
    /// Which one: later texts have greater numbers.
    pub version: u64,
    /// How often the files beside the spec changed.
    pub disk: u64,
    /// The files.
    pub sources: Sources,
    /// Their trees, in the same order.
    pub parsed: Vec<Arc<Parsed>>,
    /// Files that are no part of the spec.
    pub others: Vec<String>,
    /// The day.
    pub today: Date,
}

/// What a worker found.
pub enum Found {
    /// What names mean.
    Names(Arc<Snapshot>),
    /// Everything, for each environment.
    Proof(Vec<(Option<String>, Report, Sources)>),
    /// Nothing: the compiler contradicts itself on this text.
    Fault,
}

/// What a worker found, of which project and text.
pub struct Event {
    /// The project's folder.
    pub folder: PathBuf,
    /// Which text.
    pub version: u64,
    /// What.
    pub found: Found,
}

/// A question about what is proved: it gets an answer for each environment in which there is one.
pub type Question = Box<dyn FnOnce(&Snapshot, &[Reach<'_>]) + Send>;

/// The two threads of one project. They end when this is dropped.
pub struct Worker {
    jobs: Sender<Job>,
    questions: Sender<(u64, Question)>,
    newest: Arc<AtomicU64>,
}

impl Worker {
    /// Starts them.
    #[must_use]
    pub fn start(folder: PathBuf, library: Arc<Library>, events: Sender<Event>) -> Self {
        let (jobs, to_resolve) = unbounded();
        let (proofs, to_prove) = unbounded();
        let (questions, asked) = unbounded();
        let newest = Arc::new(AtomicU64::new(0));
        let resolver = Resolver {
            folder: folder.clone(),
            library: Arc::clone(&library),
            newest: Arc::clone(&newest),
            named: Named::default(),
            disk: 0,
        };
        let prover = Prover {
            folder,
            library,
            newest: Arc::clone(&newest),
            events: events.clone(),
            asked,
        };
        std::thread::spawn(move || resolver.run(&to_resolve, &proofs, &events));
        std::thread::spawn(move || prover.run(&to_prove));
        Self {
            jobs,
            questions,
            newest,
        }
    }

    /// Gives it a text. What it still does for an older one is in vain.
    pub fn give(&self, job: Job) {
        self.newest.store(job.version, Ordering::Release);
        // It only fails if the thread is gone, and then there is nobody to tell.
        let _ = self.jobs.send(job);
    }

    /// Asks about what is proved of a text. A question about an older text than the newest is dropped.
    pub fn ask(&self, version: u64, question: Question) {
        let _ = self.questions.send((version, question));
    }
}

/// A text whose names are found.
struct Proving {
    version: u64,
    snapshot: Arc<Snapshot>,
    files: Bytes,
}

struct Resolver {
    folder: PathBuf,
    library: Arc<Library>,
    newest: Arc<AtomicU64>,
    named: Named,
    disk: u64,
}

impl Resolver {
    fn run(mut self, jobs: &Receiver<Job>, proofs: &Sender<Proving>, events: &Sender<Event>) {
        while let Ok(mut job) = jobs.recv() {
            while let Ok(later) = jobs.try_recv() {
                job = later;
            }
            let version = job.version;
            let found = catch_unwind(AssertUnwindSafe(|| self.resolve(job)));
            let Ok(found) = found else {
                let event = Event {
                    folder: self.folder.clone(),
                    version,
                    found: Found::Fault,
                };
                if events.send(event).is_err() {
                    return;
                }
                continue;
            };
            let Some((snapshot, files)) = found else { continue };
            if self.newest.load(Ordering::Acquire) != version {
                continue;
            }
            let event = Event {
                folder: self.folder.clone(),
                version,
                found: Found::Names(Arc::clone(&snapshot)),
            };
            if events.send(event).is_err() {
                return;
            }
            let _ = proofs.send(Proving {
                version,
                snapshot,
                files,
            });
        }
    }

    fn resolve(&mut self, job: Job) -> Option<(Arc<Snapshot>, Bytes)> {
        if self.disk != job.disk {
            self.disk = job.disk;
            self.named.forget();
        }
        let mut syntax = Report::default();
        let mut documents = Vec::with_capacity(job.parsed.len());
        for parsed in &job.parsed {
            documents.push((parsed.document.file(), parsed.document.clone()));
            syntax.append(parsed.report.clone());
        }
        let spec = Spec::of(job.sources, documents);
        let needs = spec.needs().into_iter().map(|need| need.path);
        // What cannot be read is the spec's mistake, too: resolve says so at the line that names it.
        let (files, _) = self.named.read(&self.folder, needs);
        let mut environments: Vec<Option<String>> = spec.environments().into_iter().map(Some).collect();
        if environments.is_empty() {
            environments.push(None);
        }
        let mut views = Vec::new();
        let mut known = Environments::default();
        for environment in environments {
            if self.newest.load(Ordering::Acquire) != job.version {
                return None;
            }
            let options = Options {
                environment: environment.as_deref(),
                as_of: job.today,
                library: &self.library,
                files: &files,
                targets: &[],
            };
            let mut report = syntax.clone();
            let (analysis, heard) = driver::listen(&spec, &options, &mut report);
            if let Some(name) = &environment {
                known.ask(name, &analysis, &mut report);
            }
            views.push(View {
                environment,
                analysis,
                heard,
                report,
            });
        }
        let library_files = self.library.files().iter();
        let library_files = library_files
            .map(|file| format!("std/{}", file.path.trim_end_matches(".kdl")))
            .collect();
        let snapshot = Snapshot::new(Arc::new(spec), views, job.others, library_files, job.today);
        Some((Arc::new(snapshot), files))
    }
}

struct Prover {
    folder: PathBuf,
    library: Arc<Library>,
    newest: Arc<AtomicU64>,
    events: Sender<Event>,
    asked: Receiver<(u64, Question)>,
}

impl Prover {
    fn run(&self, proofs: &Receiver<Proving>) {
        let mut next = proofs.recv().ok();
        while let Some(mut now) = next {
            // The next key is often on its way.
            loop {
                match proofs.recv_timeout(QUIET) {
                    Ok(later) => now = later,
                    Err(RecvTimeoutError::Timeout) => break,
                    Err(RecvTimeoutError::Disconnected) => return,
                }
            }
            next = if self.is_newest(now.version) {
                let proved = catch_unwind(AssertUnwindSafe(|| self.prove(&now, proofs)));
                proved.unwrap_or_else(|_| {
                    let event = Event {
                        folder: self.folder.clone(),
                        version: now.version,
                        found: Found::Fault,
                    };
                    // Whoever is gone needs no answer.
                    let _ = self.events.send(event);
                    proofs.recv().ok()
                })
            } else {
                proofs.recv().ok()
            };
        }
    }

    fn is_newest(&self, version: u64) -> bool {
        self.newest.load(Ordering::Acquire) == version
    }

    /// Proves a text and answers questions about it until the next one comes, which is given back.
    fn prove(&self, now: &Proving, proofs: &Receiver<Proving>) -> Option<Proving> {
        let snapshot = &now.snapshot;
        let mut reports = Vec::new();
        let mut facts = Vec::new();
        for view in &snapshot.views {
            let mut report = view.report.clone();
            let checked = driver::check(&view.analysis, Selection::All, &mut report);
            if !self.is_newest(now.version) {
                return proofs.recv().ok();
            }
            let options = Options {
                environment: view.environment.as_deref(),
                as_of: snapshot.today,
                library: &self.library,
                files: &now.files,
                targets: &[],
            };
            let answered = checked
                .and_then(|checked| driver::verify(&checked, &options, Limits::embedded(), &mut report));
            if !self.is_newest(now.version) {
                return proofs.recv().ok();
            }
            driver::hanging::settle(&mut report, &view.analysis.sources);
            report.sort();
            reports.push((view.environment.clone(), report, view.analysis.sources.clone()));
            facts.push(answered.map(|answered| answered.facts));
        }
        let event = Event {
            folder: self.folder.clone(),
            version: now.version,
            found: Found::Proof(reports),
        };
        self.events.send(event).ok()?;
        let indexes: Vec<Index<'_>> = snapshot
            .views
            .iter()
            .map(|view| Index::new(&view.analysis.model, &view.analysis.graph))
            .collect();
        let both = snapshot.views.iter().zip(indexes.iter().zip(&facts));
        let reaches: Vec<Reach<'_>> = both
            .filter_map(|(view, (index, facts))| {
                Some(Reach {
                    view,
                    relation: Relation::new(index, facts.as_deref()?),
                    index,
                })
            })
            .collect();
        self.answer(now, &reaches, proofs)
    }

    fn answer(&self, now: &Proving, reaches: &[Reach<'_>], proofs: &Receiver<Proving>) -> Option<Proving> {
        let mut asked = self.asked.clone();
        loop {
            select! {
                recv(proofs) -> next => return next.ok(),
                recv(asked) -> question => match question {
                    // One about an older text was answered for when the next one came.
                    Ok((version, question)) if version == now.version => question(&now.snapshot, reaches),
                    Ok(_) => {}
                    Err(_) => asked = never(),
                },
            }
        }
    }
}
