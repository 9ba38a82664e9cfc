//! Where the time goes: one run in this process, floor by floor.

use std::collections::BTreeMap;
use std::error::Error;
use std::sync::Arc;
use std::time::Instant;

use catalogue::limits::Limits;
use checks::{Context, Selection};
use diagnostics::Report;
use driver::Options;
use model::value::Date;
use prove::Judged;
use source::{Origin, Sources};

use crate::generate::Files;

/// Prints one line for each floor.
pub(crate) fn stages(files: &Files) -> Result<(), Box<dyn Error>> {
    let mut sources = Sources::default();
    let mut beside: BTreeMap<String, Arc<[u8]>> = BTreeMap::new();
    for (path, text) in files {
        if path.ends_with(".kdl") {
            sources.add(path, text.as_str(), Origin::Project);
        } else {
            beside.insert(path.clone(), Arc::from(text.as_bytes()));
        }
    }
    let as_of = Date::parse("2026-07-01").ok_or("a date")?;
    let options = Options {
        environment: None,
        as_of,
        library: shelf::stdlib(),
        files: &beside,
        targets: &[],
    };
    let mut report = Report::default();
    let mut clock = Clock(Instant::now());
    let spec = driver::parse(sources, &mut report);
    clock.lap("syntax");
    let analysis = driver::analyse(&spec, &options, &mut report);
    clock.lap("resolve, graph");
    let cx = Context::new(&analysis.model, &analysis.graph);
    let checked = checks::run(&cx, Selection::All, &mut report).ok_or("the checks object")?;
    clock.lap("checks");
    let deployment = aws::lower(&checked, &mut report).ok_or("lowering refuses")?;
    clock.lap("aws");
    let targets: Vec<String> = analysis
        .model
        .project
        .targets
        .iter()
        .map(|(name, _)| analysis.model.names.text(*name).to_owned())
        .collect();
    let bundle = targets::emit(&deployment, &targets, &mut report).ok_or("a target refuses")?;
    clock.lap("targets");
    let facts = read::read(&bundle, &mut report);
    clock.lap("read");
    let judged = Judged {
        targets: &[],
        limits: Limits::embedded(),
        sides: &deployment.sides,
    };
    if let Err(refusals) = prove::judge(&checked, &facts, &judged) {
        return Err(refusals
            .first()
            .map_or_else(|| "refused".to_owned(), |refusal| refusal.message.clone())
            .into());
    }
    clock.lap("prove");
    println!(
        "{} files, {} accesses, {} flows",
        bundle.len(),
        analysis.graph.accesses.len(),
        analysis.graph.flows.len()
    );
    Ok(())
}

struct Clock(Instant);

impl Clock {
    fn lap(&mut self, name: &str) {
        println!("{name:<16} {:>8.3} s", self.0.elapsed().as_secs_f64());
        self.0 = Instant::now();
    }
}
