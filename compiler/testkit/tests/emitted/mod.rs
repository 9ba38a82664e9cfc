//! Everything that examples and golden cases emit, for those who judge bytes without asking what was meant.
#![expect(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "a test that fails says where"
)]

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;

use checks::Selection;
use diagnostics::Report;
use driver::{Analysis, Options};
use model::value::Date;
use serde_json::{Value, json};
use source::{Origin, Sources};
use testkit::golden::{self, Tree};
use testkit::project::AS_OF;

/// Folders of cases whose files are emitted, below the root of the workspace. `true`: none of them may be refused.
const AREAS: &[(&str, bool)] = &[
    ("examples", true),
    ("golden/network", false),
    ("golden/stdlib/aws", false),
    ("golden/targets/aws-iam", false),
    ("golden/targets/security-groups", false),
    ("golden/targets/terraform", false),
];

/// The files of one project in one environment.
#[derive(Debug)]
pub struct Emitted {
    /// `AREA/CASE` or `AREA/CASE/ENVIRONMENT`.
    pub name: String,
    /// What came out, of all targets that the project can be lowered to.
    pub files: Tree,
    /// What was meant.
    pub analysis: Analysis,
    /// Folders of root modules in the order of the manifest; some may hold no file.
    pub modules: Vec<String>,
    /// What the owners of existing things are asked for: each with the thing as the cloud knows it, and the document.
    pub requests: Vec<Value>,
}

/// What every case emits, target by target, so that one that refuses does not hide another. Nothing is proved here.
pub fn all() -> Vec<Emitted> {
    of_areas(AREAS)
}

/// The same of some folders. `true`: nothing in it may be refused.
pub fn of_areas(areas: &[(&str, bool)]) -> Vec<Emitted> {
    let mut emitted = Vec::new();
    for (area, must) in areas {
        for folder in golden::cases(&golden::root().join(area)) {
            let case = folder
                .file_name()
                .map(|name| name.to_string_lossy().into_owned())
                .unwrap_or_default();
            let before = emitted.len();
            of(&format!("{area}/{case}"), &folder, *must, &mut emitted);
            assert!(!must || emitted.len() > before, "{area}/{case} emits nothing");
        }
    }
    assert!(!emitted.is_empty());
    emitted
}

fn of(name: &str, folder: &Path, must: bool, emitted: &mut Vec<Emitted>) {
    of_files(name, &golden::tree(folder), must, emitted);
}

/// What a project of examples or goldens emits with texts of its spec changed.
pub fn changed(folder: &str, changes: &[(&str, &str)]) -> Vec<Emitted> {
    let mut files = golden::tree(&golden::root().join(folder));
    files.retain(|path, _| path.ends_with(".kdl"));
    for (from, to) in changes {
        let mut found = 0;
        for bytes in files.values_mut() {
            let text = String::from_utf8_lossy(bytes).into_owned();
            found += text.matches(from).count();
            *bytes = text.replace(from, to).into_bytes();
        }
        assert_eq!(found, 1, "{folder}: {from}");
    }
    let mut emitted = Vec::new();
    of_files(folder, &files, true, &mut emitted);
    emitted
}

fn of_files(name: &str, files: &Tree, must: bool, emitted: &mut Vec<Emitted>) {
    let mut sources = Sources::default();
    for (path, bytes) in files.iter().filter(|(path, _)| path.ends_with(".kdl")) {
        sources.add(path, String::from_utf8_lossy(bytes).into_owned(), Origin::Project);
    }
    let mut syntax = Report::default();
    let spec = driver::parse(sources, &mut syntax);
    let inputs: BTreeMap<String, Arc<[u8]>> = files
        .iter()
        .map(|(path, bytes)| (path.clone(), Arc::from(bytes.as_slice())))
        .collect();
    let declared = spec.environments();
    let environments: Vec<Option<String>> = if declared.is_empty() {
        vec![None]
    } else {
        declared.into_iter().map(Some).collect()
    };
    for environment in environments {
        let as_of = Date::parse(AS_OF).unwrap();
        let options = Options {
            environment: environment.as_deref(),
            as_of,
            library: shelf::stdlib(),
            files: &inputs,
            targets: &[],
        };
        let mut report = syntax.clone();
        let analysis = driver::analyse(&spec, &options, &mut report);
        let deployment = driver::check(&analysis, Selection::Only("none"), &mut report)
            .and_then(|checked| aws::lower(&checked, &mut report));
        let Some(deployment) = deployment else {
            assert!(!must, "{name} is refused: {:?}", report.diagnostics());
            continue;
        };
        let mut all = Tree::new();
        for target in targets::names() {
            let mut refused = Report::default();
            match targets::emit(&deployment, &[target.to_owned()], &mut refused) {
                Some(bundle) => all.extend(
                    bundle
                        .iter()
                        .map(|(path, file)| (path.to_owned(), file.bytes.clone())),
                ),
                None => assert!(!must, "{name}: {target} refuses: {:?}", refused.diagnostics()),
            }
        }
        if !all.is_empty() {
            let modules = deployment.stacks.iter().map(|stack| {
                let account = &deployment.accounts[stack.account].name;
                format!("aws/{account}/terraform/{}/{}", stack.region, stack.name)
            });
            let suffix = environment.map_or_else(String::new, |environment| format!("/{environment}"));
            emitted.push(Emitted {
                name: format!("{name}{suffix}"),
                files: all,
                analysis,
                modules: modules.collect(),
                requests: deployment
                    .requests
                    .iter()
                    .map(|request| {
                        json!({ "existing": request.existing, "document": targets::request(&deployment, request) })
                    })
                    .collect(),
            });
        }
    }
}

/// The `bin` folder of the tools that `.ci/tools` installs, if it is there; else what stands on `PATH`.
pub fn tool(name: &str) -> std::path::PathBuf {
    let installed = golden::root().join(".tools/venv/bin").join(name);
    if installed.exists() {
        installed
    } else {
        name.into()
    }
}
