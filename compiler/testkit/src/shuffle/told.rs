//! What a shuffled project says and writes, with its places as those of the project that was shuffled.
//!
//! Left out are line numbers and the spec's digest. Lists that are given in order of place are sorted by what they say.

use std::collections::BTreeMap;

use catalogue::limits::Limits;
use diagnostics::{Diagnostic, Severity};
use driver::manifest::{manifest, sha256};
use serde_json::Value;

use super::Shuffled;
use super::place::Places;
use crate::golden::Tree;
use crate::mutate::specimen;
use crate::project::{self, Depth, Outcome};

/// What a project says and writes: by part, `ENVIRONMENT/verdict`, `…/CODE` for the messages of a code, `…/manifest.json`, and the
/// path of each file behind its target.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Told {
    /// The parts by name.
    pub parts: BTreeMap<String, String>,
    /// Of the codes of [`BY_PLACE`], the places in the order in which they are told.
    pub swapped: BTreeMap<&'static str, Vec<String>>,
    /// Every code, as often as it is said.
    pub codes: Vec<&'static str>,
}

/// Compiles a shuffled project.
#[must_use]
pub fn told(shuffled: &Shuffled, places: &Places) -> Told {
    let mut told = Told::default();
    for outcome in project::compile(&shuffled.files, Depth::Proof) {
        let environment = outcome.environment.clone().unwrap_or_default();
        for (name, text) in one(shuffled, places, &outcome, &mut told.swapped) {
            told.parts.insert(format!("{environment}/{name}"), text);
        }
        let found = outcome.report.diagnostics().iter();
        told.codes.extend(found.map(|found| found.code.name));
    }
    told.codes.sort_unstable();
    told.parts.insert("/leastwise.lock".to_owned(), lock(shuffled));
    told
}

fn one(
    shuffled: &Shuffled,
    places: &Places,
    outcome: &Outcome,
    swapped: &mut BTreeMap<&'static str, Vec<String>>,
) -> BTreeMap<String, String> {
    let mut parts: BTreeMap<String, String> = BTreeMap::new();
    let mut messages: BTreeMap<&str, Vec<String>> = BTreeMap::new();
    let sources = &outcome.analysis.sources;
    for found in outcome.report.diagnostics() {
        let place = |span| places.of_span(shuffled, sources, span);
        if BY_PLACE.contains(&found.code.name) {
            let labels = found.labels.iter().map(|label| label.span);
            let all = found.span.into_iter().chain(labels).map(place);
            let numbers = std::iter::once(shuffled.unlined(&found.message));
            let told = swapped.entry(found.code.name).or_default();
            told.push(all.chain(numbers).collect::<Vec<_>>().join(" "));
        }
        let message = messages.entry(found.code.name).or_default();
        message.push(shown(shuffled, found, place));
    }
    swapped.values_mut().for_each(|places| places.sort());
    let errors = outcome.report.diagnostics().iter();
    let errors = errors.filter(|found| found.code.severity == Severity::Error);
    let mut verdict: Vec<&str> = errors.map(|found| found.code.name).collect();
    verdict.sort_unstable();
    verdict.push(if outcome.built.is_some() {
        "written"
    } else {
        "refused"
    });
    parts.insert("verdict".to_owned(), verdict.join("\n"));
    for (code, mut said) in messages {
        said.sort();
        parts.insert(code.to_owned(), said.join(""));
    }
    match &outcome.built {
        Some(built) => {
            for (path, file) in built.verified.bundle().iter() {
                parts.insert(format!("{}: {path}", file.target), bytes(&file.bytes));
            }
            let bytes = manifest(&built.verified, &built.handover, sources, "digest");
            let manifest: Value = serde_json::from_slice(&bytes).unwrap_or_default();
            let manifest = placed(shuffled, places, manifest);
            let text = serde_json::to_string_pretty(&manifest).unwrap_or_default();
            parts.insert("manifest.json".to_owned(), text);
        }
        // What each target would write is compared all the same: whether it is wise is not the question.
        None => {
            let environment = outcome.environment.as_deref();
            for target in targets::names() {
                let emitted = specimen::emitted(&shuffled.files, environment, &[target], |_, files| files);
                let files = emitted.unwrap_or_default().into_iter();
                parts.extend(
                    files.map(|(path, (target, found))| (format!("{target}: {path}"), bytes(&found))),
                );
            }
        }
    }
    parts
}

fn bytes(bytes: &[u8]) -> String {
    std::str::from_utf8(bytes).map_or_else(|_| sha256(bytes), str::to_owned)
}

/// Codes that blame the line that a reader meets second and point at the first: which of the two is which, is a matter of place.
/// That it is these two, is not.
pub const BY_PLACE: [&str; 4] = [
    "duplicate-declaration",
    "duplicate-fact",
    "duplicate-member",
    "duplicate-property",
];

/// A message with its labels, notes and help; labels in order of what they say.
fn shown(shuffled: &Shuffled, found: &Diagnostic, place: impl Fn(source::Span) -> String) -> String {
    let by_place = BY_PLACE.contains(&found.code.name);
    let unlined = |text: &str| {
        let text = shuffled.unlined(text);
        if by_place { in_order(&text) } else { text }
    };
    let mut places = vec![found.span.map_or_else(|| "-".to_owned(), &place)];
    let mut labels = Vec::new();
    for label in &found.labels {
        let at = place(label.span);
        if by_place {
            labels.push(format!("    {}\n", unlined(&label.text)));
            places.push(at);
        } else {
            labels.push(format!("    {}: {at}\n", unlined(&label.text)));
        }
    }
    labels.sort();
    places.sort();
    let mut text = format!("{}: {}\n", places.join(", "), unlined(&found.message));
    text.extend(labels);
    for note in &found.notes {
        text.push_str(&format!("    note: {}\n", unlined(note)));
    }
    if let Some(help) = &found.help {
        text.push_str(&format!("    help: {}\n", unlined(help)));
    }
    text
}

/// A message with the lines that it names in order.
fn in_order(text: &str) -> String {
    let mut lines = Vec::new();
    super::numbers(text, "line ", |line| {
        lines.push(line);
        line
    });
    lines.sort_unstable();
    let mut lines = lines.into_iter();
    super::numbers(text, "line ", |line| lines.next().unwrap_or(line))
}

/// A manifest with its places translated, and sorted where they stood in order of place.
fn placed(shuffled: &Shuffled, places: &Places, value: Value) -> Value {
    match value {
        Value::String(text) => Value::String(places.of_text(shuffled, &text).unwrap_or(text)),
        Value::Array(items) => {
            let is_place = |item: &Value| item.as_str().is_some_and(|text| text.contains(".kdl:"));
            let by_place = items
                .iter()
                .all(|item| item.get("place").is_some() || is_place(item));
            let items = items.into_iter().map(|item| placed(shuffled, places, item));
            let mut items: Vec<Value> = items.collect();
            if by_place {
                items.sort_by_key(Value::to_string);
                items.dedup();
            }
            Value::Array(items)
        }
        Value::Object(members) => Value::Object(
            members
                .into_iter()
                .map(|(name, value)| (name, placed(shuffled, places, value)))
                .collect(),
        ),
        Value::Null | Value::Bool(_) | Value::Number(_) => value,
    }
}

/// The lock, with the path of each inventory in place of its digest: its rows have moved.
fn lock(shuffled: &Shuffled) -> String {
    let mut sources = source::Sources::default();
    for (path, text) in &shuffled.specs {
        sources.add(path, text.text.as_str(), source::Origin::Project);
    }
    let spec = driver::parse(sources, &mut diagnostics::Report::default());
    let needs = spec
        .needs()
        .into_iter()
        .map(|need| (need.path.clone(), need.path));
    let bytes = driver::lock::lock(&needs.collect(), Limits::embedded(), shelf::stdlib());
    String::from_utf8_lossy(&bytes).into_owned()
}

impl Told {
    /// Without the digest of an inventory, and the digests of what holds it.
    #[must_use]
    pub fn without_digests(&self) -> Self {
        let holds = |path: &str| {
            path.ends_with(".tar.gz") || path.ends_with("/MANIFEST.json") || path.ends_with("/SHA256SUMS")
        };
        let kept = self.parts.iter().filter(|(part, _)| !part.ends_with(".tar.gz"));
        let kept = kept.map(|(part, text)| {
            let lines = text.lines();
            let text = if part.ends_with("/manifest.json") {
                let mut is_one = false;
                let lines = lines.filter(|line| {
                    if let Some(path) = line.trim().strip_prefix("\"path\": \"") {
                        is_one = holds(path.trim_end_matches("\","));
                    }
                    !(is_one && line.contains("\"sha256\""))
                });
                // `8 rows of fleet/cameras.csv, sha256 …`
                let lines = lines.map(|line| line.split(", sha256 ").next().unwrap_or(line));
                lines.collect::<Vec<_>>().join("\n")
            } else if holds(part) {
                let lines = lines
                    .filter(|line| !line.contains("inventory-sha256") && !line.ends_with("  MANIFEST.json"));
                lines.collect::<Vec<_>>().join("\n")
            } else {
                text.clone()
            };
            (part.clone(), text)
        });
        Self {
            parts: kept.collect(),
            ..self.clone()
        }
    }
}

/// One part that differs, and how.
#[derive(Clone, Debug)]
pub struct Difference {
    /// The part's name.
    pub part: String,
    /// What the one has and the other has not, line by line.
    pub shown: String,
}

/// The parts in which two differ.
#[must_use]
pub fn differences(one: &Told, two: &Told) -> Vec<Difference> {
    let names = one.parts.keys().chain(two.parts.keys());
    let names: std::collections::BTreeSet<&String> = names.collect();
    let mut found = Vec::new();
    for name in names {
        let text = |told: &Told| told.parts.get(name).cloned();
        let (before, after) = (text(one), text(two));
        if before == after {
            continue;
        }
        let shown = match (before, after) {
            (Some(before), Some(after)) => changed(&before, &after),
            (before, _) => format!(
                "only in {} order\n",
                if before.is_some() { "its own" } else { "another" }
            ),
        };
        found.push(Difference {
            part: name.clone(),
            shown,
        });
    }
    found
}

/// Lines around the first difference.
fn changed(before: &str, after: &str) -> String {
    let (mut before, mut after): (Vec<&str>, Vec<&str>) = (before.lines().collect(), after.lines().collect());
    let same = before.iter().zip(&after).take_while(|(one, two)| one == two);
    let same = same.count();
    before.drain(..same);
    after.drain(..same);
    while !before.is_empty() && !after.is_empty() && before.last() == after.last() {
        before.pop();
        after.pop();
    }
    let mut text = String::new();
    for (sign, lines) in [('-', before), ('+', after)] {
        for line in lines.iter().take(12) {
            text.push_str(&format!("      {sign} {line}\n"));
        }
    }
    text
}

/// The files of a project as they are, for who shows them.
#[must_use]
pub fn text(files: &Tree) -> String {
    files
        .iter()
        .map(|(path, bytes)| format!("== {path}\n{}\n", String::from_utf8_lossy(bytes)))
        .collect()
}
