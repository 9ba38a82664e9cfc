//! Completion.

use ide::complete::complete;

use crate::asking::{FILE, LANGUAGE, NOTES, cursor, snapshot};

/// What is offered behind a line that is added to the project.
fn offered(line: &str) -> Vec<String> {
    let (text, at) = cursor(&format!("{NOTES}{line}"));
    let found = complete(&snapshot(&text), &LANGUAGE, FILE, at);
    found.map_or_else(Vec::new, |found| {
        found.items.into_iter().map(|item| item.label).collect()
    })
}

#[track_caller]
fn offers(line: &str, wanted: &[&str], unwanted: &[&str]) {
    let found = offered(line);
    for word in wanted {
        assert!(
            found.iter().any(|one| one == word),
            "{line} offers {word}: {found:?}"
        );
    }
    for word in unwanted {
        assert!(
            !found.iter().any(|one| one == word),
            "{line} does not offer {word}: {found:?}"
        );
    }
}

#[test]
fn a_line_begins_with_a_word_of_the_language_or_a_kind() {
    offers(
        "‸",
        &["trust", "bucket", "workload", "queue"],
        &["allow", "encrypted"],
    );
    offers("buck‸", &["bucket"], &[]);
    offers("in prod { ‸ }", &["bucket", "trust"], &["team", "in"]);
}

#[test]
fn a_block_offers_its_facts_also_when_the_file_is_broken() {
    offers(
        "bucket more { ‸ }",
        &["encrypted", "retain", "owner"],
        &["allow", "listens"],
    );
    offers("bucket more {\n    enc‸", &["encrypted", "physical"], &[]);
    offers(
        "trust scribe -> { ‸",
        &["allow", "because", "expires", "under"],
        &["encrypted"],
    );
    offers("workload x { \"\n‸ }\nbucket y {", &["listens", "claim"], &[]);
    offers("test \"x\" { ‸ }", &["as"], &[]);
    offers("test \"x\" { as scribe { ‸ } }", &["can", "cannot"], &[]);
    offers("project x { ‸ }", &["account", "tag", "targets"], &[]);
    offers("network n { segment s { ‸ } }", &["exposure", "endpoints"], &[]);
    offers("require bucket { ‸ }", &["encrypted", "owner"], &["because"]);
}

#[test]
fn a_line_offers_its_properties_and_an_equals_sign() {
    offers("workload x ‸", &["segment=", "runs-on="], &["because="]);
    offers("workload x seg‸", &["segment="], &[]);
    offers("workload x { listens web ‸ }", &["tcp=", "tls="], &[]);
    offers("bucket x { encrypted ‸ }", &["key="], &["tcp="]);
}

#[test]
fn places_offer_what_is_declared_of_their_sort() {
    offers("workload x segment=‸", &["apps"], &["notes", "cloud", "scribe"]);
    offers("workload x segment=ap‸", &["apps"], &[]);
    offers(
        "bucket x { encrypted key=‸ }",
        &["notes-key"],
        &["notes", "scribe"],
    );
    offers("bucket x account=‸", &["main"], &["notes"]);
    offers("owner ‸", &["writers"], &["notes"]);
    offers("bucket x { data-class ‸ }", &["internal", "secret"], &["notes"]);
    offers("waive x on=‸", &["notes", "apps", "main"], &[]);
    offers("workload x runs-on=‸", &["lambda", "ecs"], &["notes"]);
}

#[test]
fn a_trust_offers_ends_an_arrow_and_capabilities_of_its_objects() {
    offers(
        "trust ‸",
        &["scribe", "notes", "scribe.http", "main"],
        &["writers", "kind:bucket"],
    );
    offers("trust scribe ‸", &["->", "reader"], &[]);
    offers("trust scribe -> ‸", &["notes", "scribe.http"], &["->"]);
    offers(
        "trust scribe -> notes { allow ‸ }",
        &["read", "write"],
        &["connect", "decrypt"],
    );
    offers(
        "trust scribe -> scribe.http { allow ‸ }",
        &["connect"],
        &["write"],
    );
    offers("trust scribe -> notes { allow read w‸", &["write"], &["connect"]);
}

#[test]
fn promises_and_tests_offer_selectors_where_they_take_them() {
    offers(
        "never ‸",
        &[
            "*",
            "aws",
            "kind:bucket",
            "segment:apps",
            "account:main",
            "owner:writers",
            "scribe",
        ],
        &["segment:notes"],
    );
    offers("never scribe -> kind:buck‸", &["kind:bucket"], &[]);
    offers("test \"x\" { as ‸ }", &["scribe"], &["kind:bucket"]);
    offers("test \"x\" { as scribe { cannot ‸ } }", &["read", "connect"], &[]);
    offers(
        "test \"x\" { as scribe { cannot read ‸ } }",
        &["kind:bucket", "notes"],
        &[],
    );
}

#[test]
fn regions_files_words_flags_and_dates_are_offered() {
    offers("project x { account y region=‸ }", &["eu-central-1"], &["notes"]);
    offers("use \"‸\"", &["std/baseline/zero-trust"], &["std/aws/bucket"]);
    offers("use \"std/ba‸", &["std/baseline/zero-trust"], &[]);
    offers(
        "device d { fleet \"‸\" }",
        &["fleet/robots.csv"],
        &["std/baseline/zero-trust"],
    );
    offers("workload x { listens web tls=‸ }", &["required", "none"], &[]);
    offers("bucket x { versioned ‸ }", &["#true", "#false"], &[]);
    offers("expires ‸", &["2027-07-01"], &[]);
}

#[test]
fn a_kind_of_the_project_offers_actions_and_kinds() {
    let kind = "kind lake service=s3 { capability peek effect=read { action ‸ on=\"*\" } }";
    offers(kind, &["s3:GetObject"], &["sqs:SendMessage"]);
    offers(
        "kind lake { property p type=reference kind=‸ }",
        &["bucket", "workload"],
        &["trust"],
    );
}

#[test]
fn an_apply_offers_profiles_and_their_parameters() {
    let profile = "profile writes { param who kind=workload; param what kind=bucket; trust $who -> $what { allow write; because \"b\" } }\n";
    offers(&format!("{profile}apply ‸"), &["writes"], &["notes"]);
    offers(&format!("{profile}apply writes ‸"), &["who=", "what="], &[]);
    offers(
        &format!("{profile}apply writes who=‸"),
        &["scribe"],
        &["notes", "notes-key"],
    );
}

#[test]
fn environments_are_offered_where_they_are_named() {
    let text = NOTES.replace("data-classes", "environments dev prod; data-classes");
    let (text, at) = cursor(&format!("{text}in ‸ {{ }}"));
    let found = complete(&snapshot(&text), &LANGUAGE, FILE, at).unwrap();
    let labels: Vec<_> = found.items.iter().map(|item| item.label.as_str()).collect();
    assert!(labels.contains(&"dev") && labels.contains(&"prod"), "{labels:?}");
}

#[test]
fn what_is_typed_is_replaced_and_nothing_else() {
    for (line, replaced) in [
        ("workload x segment=ap‸ { }", "ap"),
        ("workload x segment=a‸p { }", "ap"),
        ("bucket x { ret‸ }", "ret"),
        ("use \"std/b‸\"", "std/b"),
        ("use \"std/b‸", "std/b"),
        ("trust scribe -> ‸{ }", ""),
    ] {
        let (text, at) = cursor(&format!("{NOTES}{line}"));
        let found = complete(&snapshot(&text), &LANGUAGE, FILE, at).unwrap_or_else(|| panic!("{line}"));
        assert_eq!(
            &text[found.replaces.start as usize..found.replaces.end as usize],
            replaced,
            "{line}"
        );
    }
}

#[test]
fn a_text_that_is_no_word_is_quoted() {
    let (text, at) = cursor(&format!("{NOTES}use ‸"));
    let found = complete(&snapshot(&text), &LANGUAGE, FILE, at).unwrap();
    assert_eq!(found.items[0].text, "\"std/baseline/zero-trust\"");
    let (text, at) = cursor(&format!("{NOTES}use \"‸\""));
    let found = complete(&snapshot(&text), &LANGUAGE, FILE, at).unwrap();
    assert_eq!(found.items[0].text, "std/baseline/zero-trust");
}

#[test]
fn nothing_is_offered_in_a_comment() {
    assert!(offered("// trust ‸").is_empty());
    assert!(offered("/* trust ‸ */").is_empty());
}
