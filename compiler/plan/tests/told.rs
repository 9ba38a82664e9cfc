//! Cases: `golden/plan/NAME/{before,after}.kdl`, and what is told of the change.
//!
//! `plan.txt` is told where both specs are there, `from-output.txt` where of the old side only the output is. A case with a
//! `plan.md` or a `plan.html` has these as well.

use plan::show::{Part, Whole, html, human, markdown};
use plan::told::Plan;
use testkit::golden::{self, Tree};
use testkit::project;

use crate::sides::{Old, between, compiled};

fn told(plan: &Plan, write: impl Fn(&Whole<'_>) -> String) -> Vec<u8> {
    let parts = [Part {
        environment: None,
        plan,
    }];
    let whole = Whole {
        inputs: &[],
        is_same_spec: false,
        parts: &parts,
        actions: false,
    };
    write(&whole).into_bytes()
}

fn human(whole: &Whole<'_>) -> String {
    let layout = human::Layout {
        width: 80,
        lines: human::LINES,
    };
    human::text(whole, layout)
}

#[test]
fn changes_are_told_in_the_words_of_the_spec() {
    let mut wrong = Vec::new();
    for case in golden::cases(&golden::root().join("golden/plan")) {
        let name = case.file_name().unwrap().to_string_lossy().into_owned();
        let mut actual: Tree = golden::tree(&case);
        let side = |file: &str| {
            let text = String::from_utf8(actual.get(file).unwrap().clone()).unwrap();
            let outcome = compiled(&project::of_text(&text).0);
            assert!(
                outcome.built.is_some(),
                "{name}/{file}: {}",
                project::shown(&outcome, "case.kdl")
            );
            outcome
        };
        let (old, new) = (side("before.kdl"), side("after.kdl"));
        let (known, bytes) = (between(&old, &new, Old::Spec), between(&old, &new, Old::Output));
        assert_eq!(known.is_same_access(), bytes.is_same_access(), "{name}");
        for (file, write) in [
            ("plan.md", markdown::text as fn(&Whole<'_>) -> String),
            ("plan.html", html::text),
        ] {
            if actual.contains_key(file) {
                actual.insert(file.to_owned(), told(&known, write));
            }
        }
        actual.insert("plan.txt".to_owned(), told(&known, human));
        actual.insert("from-output.txt".to_owned(), told(&bytes, human));
        for (file, text) in &actual {
            if file.ends_with(".txt") {
                let text = String::from_utf8_lossy(text).into_owned();
                assert!(text.lines().count() <= human::LINES, "{name}/{file} is too long");
            }
        }
        wrong.extend(golden::compare(&case, &actual).err());
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}
