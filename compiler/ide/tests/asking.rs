//! A project in one text, with a cursor in it.

use std::collections::BTreeMap;
use std::sync::{Arc, LazyLock};

use diagnostics::{Edit, Report};
use driver::Options;
use ide::learned::Learned;
use ide::snapshot::{Snapshot, View};
use model::value::Date;
use source::{FileId, Origin, Sources};

/// The language, worked out once for all tests.
pub static LANGUAGE: LazyLock<Learned> = LazyLock::new(|| Learned::of_language(shelf::stdlib()));

/// The only file of a project.
pub const FILE: FileId = FileId(0);

/// A project that is fine.
pub const NOTES: &str = "project paper edition=\"2026\" {
    account main id=\"111122223333\" region=eu-central-1 { steward \"role/ops/deploy\" }
    data-classes internal secret
}
team writers
owner writers
use \"std/baseline/zero-trust\"
network cloud cidr=\"10.40.0.0/16\" { zones a b; segment apps cidr=\"10.40.0.0/20\" }
key notes-key
bucket notes { physical \"acme-notes\"; encrypted key=notes-key; retain \"90d\"; data-class internal }
workload scribe segment=apps runs-on=ecs { listens http tcp=8080 tls=required }
workload reader segment=apps runs-on=ecs
trust scribe -> notes { allow write; under \"in/\"; because \"Notes come in here\" }
trust reader -> scribe.http { allow connect; because \"It asks\" }
never reader -> notes { allow delete; because \"Nobody does\" }
";

/// The state of a project of one file.
pub fn snapshot(text: &str) -> Snapshot {
    let mut sources = Sources::default();
    sources.add("leastwise.kdl", text, Origin::Project);
    let spec = driver::parse(sources, &mut Report::default());
    let files = BTreeMap::new();
    let mut environments: Vec<Option<String>> = spec.environments().into_iter().map(Some).collect();
    if environments.is_empty() {
        environments.push(None);
    }
    let today = Date::parse("2026-07-01").unwrap();
    let views = environments
        .into_iter()
        .map(|environment| {
            let options = Options {
                environment: environment.as_deref(),
                as_of: today,
                library: shelf::stdlib(),
                files: &files,
                targets: &[],
            };
            let mut report = Report::default();
            let (analysis, heard) = driver::listen(&spec, &options, &mut report);
            View {
                environment,
                analysis,
                heard,
                report,
            }
        })
        .collect();
    let others = vec!["fleet/robots.csv".to_owned(), "README.md".to_owned()];
    let library = vec!["std/baseline/zero-trust".to_owned(), "std/aws/bucket".to_owned()];
    Snapshot::new(Arc::new(spec), views, others, library, today)
}

/// A text without its cursor `‸`, and where that was.
pub fn cursor(text: &str) -> (String, u32) {
    let at = text.find('‸').expect("the text has a cursor");
    (text.replacen('‸', "", 1), at as u32)
}

/// Makes edits in a text.
pub fn applied(text: &str, edits: &[Edit]) -> String {
    let mut edits: Vec<&Edit> = edits.iter().collect();
    edits.sort_by_key(|edit| edit.span);
    let mut text = text.to_owned();
    for edit in edits.into_iter().rev() {
        text.replace_range(edit.span.start as usize..edit.span.end as usize, &edit.text);
    }
    text
}
