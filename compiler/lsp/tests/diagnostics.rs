//! Diagnostics as one types.

use std::fs;

use serde_json::json;

use crate::client::{Client, ROOT, THINGS, example, notes, slice, usual};

#[test]
fn a_project_that_is_fine_shows_nothing() {
    let mut client = notes();
    client.wait_for("proof");
    assert!(client.codes("leastwise.kdl").is_empty(), "{:?}", client.published);
    assert!(client.codes("things.kdl").is_empty(), "{:?}", client.published);
}

#[test]
fn spelling_names_and_proof_are_told_one_after_the_other() {
    let mut client = notes();
    client.wait_for("proof");
    client.edit("things.kdl", "key=notes-key", "key=notes-kez");
    client.wait_for("names");
    assert_eq!(client.codes("things.kdl"), ["undeclared-name"]);
    let shown = client.published["things.kdl"]["diagnostics"][0].clone();
    assert_eq!(slice(client.text("things.kdl"), &shown["range"]), "notes-kez");
    assert_eq!(shown["severity"], 1);
    assert!(
        shown["message"]
            .as_str()
            .unwrap()
            .contains("did you mean `notes-key`?")
    );
    assert_eq!(
        shown["codeDescription"]["href"],
        "leastwise-page:/undeclared-name.md"
    );
    client.edit("things.kdl", "notes-kez", "notes-key");
    client.edit("things.kdl", "allow write", "allow writ");
    client.wait_for("names");
    assert_eq!(client.codes("things.kdl"), ["unknown-capability"]);
    client.edit("things.kdl", "allow writ", "allow write");
    client.edit("things.kdl", "2027-06-30", "2026-06-30");
    client.wait_for("proof");
    assert_eq!(client.codes("things.kdl"), ["expired-trust"]);
    client.edit("things.kdl", "2026-06-30", "2027-06-30");
    client.wait_for("proof");
    assert!(client.codes("things.kdl").is_empty());
}

#[test]
fn spelling_is_told_before_anybody_looks_at_names() {
    let mut client = notes();
    client.wait_for("proof");
    client.forget();
    client.edit("things.kdl", "\"Notes come", "#maybe \"Notes come");
    // The answer comes behind what was published when the text came.
    let folds = json!({ "textDocument": { "uri": client.uri("things.kdl") } });
    client.ask("textDocument/foldingRange", folds).unwrap();
    assert_eq!(client.codes("things.kdl"), ["unknown-keyword"]);
    assert_eq!(client.published["things.kdl"]["version"], 2);
}

#[test]
fn what_the_proof_found_moves_with_the_text_until_the_next_proof() {
    let mut client = notes();
    client.edit("things.kdl", "2027-06-30", "2026-06-30");
    client.wait_for("proof");
    let before = client.published["things.kdl"]["diagnostics"][0]["range"].clone();
    client.forget();
    client.replace("things.kdl", 0, 0, "// A line more.\n");
    let folds = json!({ "textDocument": { "uri": client.uri("things.kdl") } });
    client.ask("textDocument/foldingRange", folds).unwrap();
    let after = client.published["things.kdl"]["diagnostics"][0]["range"].clone();
    assert_eq!(
        after["start"]["line"],
        before["start"]["line"].as_u64().unwrap() + 1
    );
    client.wait_for("proof");
    assert_eq!(client.codes("things.kdl"), ["expired-trust"]);
    assert_eq!(client.published["things.kdl"]["diagnostics"][0]["range"], after);
}

#[test]
fn labels_are_related_places_also_in_other_files() {
    let mut client = notes();
    client.edit("leastwise.kdl", "team writers", "team writers\nkey notes-key");
    client.wait_for("proof");
    let shown = client.published["things.kdl"]["diagnostics"][0].clone();
    assert_eq!(shown["code"], "duplicate-declaration");
    let related = &shown["relatedInformation"][0];
    assert_eq!(
        client.name(related["location"]["uri"].as_str().unwrap()),
        "leastwise.kdl"
    );
    assert_eq!(
        slice(client.text("leastwise.kdl"), &related["location"]["range"]),
        "notes-key"
    );
}

#[test]
fn what_nothing_refers_to_is_tagged() {
    let mut client = notes();
    client.edit("leastwise.kdl", "team writers", "team writers\nteam readers");
    client.wait_for("proof");
    let shown = client.published["leastwise.kdl"]["diagnostics"][0].clone();
    assert_eq!(
        (&shown["code"], &shown["tags"]),
        (&json!("unused-team"), &json!([1]))
    );
}

#[test]
fn a_plain_client_gets_neither_tags_nor_pages_nor_places() {
    let mut client = Client::of(&[("leastwise.kdl", ROOT), ("things.kdl", THINGS)], json!({}));
    client.open("leastwise.kdl");
    client.edit(
        "leastwise.kdl",
        "team writers",
        "team writers\nteam readers\nkey notes-key",
    );
    client.wait_for("proof");
    for name in ["leastwise.kdl", "things.kdl"] {
        for shown in client.published[name]["diagnostics"].as_array().unwrap() {
            for field in ["tags", "codeDescription", "relatedInformation"] {
                assert!(shown.get(field).is_none(), "{shown}");
            }
        }
    }
    assert_eq!(client.offered["capabilities"]["positionEncoding"], "utf-16");
}

#[test]
fn environments_that_differ_are_named() {
    let mut client = notes();
    client.edit(
        "leastwise.kdl",
        "edition=\"2026\" {",
        "edition=\"2026\" {\n    environments dev prod",
    );
    client.edit(
        "leastwise.kdl",
        "team writers",
        "in dev { bucket notes { rotate \"1d\" } }\nteam writers",
    );
    client.wait_for("proof");
    let shown = client.published["leastwise.kdl"]["diagnostics"].clone();
    let shown = shown.as_array().unwrap();
    let of_fact = shown.iter().find(|one| one["code"] == "unknown-fact").unwrap();
    assert!(
        of_fact["message"]
            .as_str()
            .unwrap()
            .ends_with("in the environment dev"),
        "{of_fact}"
    );
}

#[test]
fn a_file_that_changes_on_disk_is_read_again() {
    let mut client = notes();
    client.close("things.kdl");
    client.wait_for("proof");
    client.forget();
    fs::write(client.folder().join("things.kdl"), THINGS.replace("2027", "2025")).unwrap();
    client.notify(
        "workspace/didChangeWatchedFiles",
        json!({ "changes": [{ "uri": client.uri("things.kdl"), "type": 2 }] }),
    );
    client.wait_for("proof");
    assert_eq!(client.codes("things.kdl"), ["expired-trust"]);
    client.forget();
    fs::remove_file(client.folder().join("things.kdl")).unwrap();
    client.notify(
        "workspace/didChangeWatchedFiles",
        json!({ "changes": [{ "uri": client.uri("things.kdl"), "type": 3 }] }),
    );
    client.wait_for("proof");
    assert!(client.codes("things.kdl").is_empty());
    assert!(
        client
            .asked
            .iter()
            .any(|one| one.method == "client/registerCapability")
    );
}

#[test]
fn an_inventory_that_changes_is_read_again() {
    let mut client = Client::start(example("factory"), usual(), &[""]);
    client.wait_for("proof");
    assert!(client.codes("devices.kdl").is_empty(), "{:?}", client.published);
    client.forget();
    let path = client.folder().join("fleet/robots.csv");
    let text = fs::read_to_string(&path).unwrap();
    let first = text.lines().nth(1).unwrap().to_owned();
    fs::write(&path, format!("{text}{first}\n")).unwrap();
    client.notify(
        "workspace/didChangeWatchedFiles",
        json!({ "changes": [{ "uri": client.uri("fleet/robots.csv"), "type": 2 }] }),
    );
    client.wait_for("proof");
    assert!(
        client
            .codes("devices.kdl")
            .contains(&"duplicate-member".to_owned()),
        "{:?}",
        client.published
    );
}

#[test]
fn projects_nest_and_lie_beside_each_other() {
    let folder = tempfile::tempdir().unwrap();
    let write = |name: &str, text: &str| {
        let path = folder.path().join(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    };
    write("one/leastwise.kdl", ROOT);
    write("one/things.kdl", THINGS);
    // Another project inside: its names are its own.
    write("one/deep/leastwise.kdl", ROOT);
    write(
        "one/deep/more.kdl",
        &THINGS.replace("trust scribe", "trust scrobe"),
    );
    write(
        "two/leastwise.kdl",
        &ROOT.replace("team writers", "team writers\nteam more"),
    );
    write("two/things.kdl", THINGS);
    write("three/leastwise.kdl", "project");
    let mut client = Client::start(folder, usual(), &["one", "two"]);
    for folder in ["one", "one/deep", "two"] {
        client.wait_in(folder, "proof");
    }
    assert_eq!(client.codes("one/deep/more.kdl"), ["undeclared-name"]);
    assert_eq!(client.codes("two/leastwise.kdl"), ["unused-team"]);
    assert!(client.codes("one/things.kdl").is_empty());
    assert!(!client.published.contains_key("three/leastwise.kdl"));
    // A folder that joins, and one that leaves.
    client.forget();
    let (two, three) = (client.uri("two"), client.uri("three"));
    client.notify(
        "workspace/didChangeWorkspaceFolders",
        json!({ "event": {
            "added": [{ "uri": three, "name": "three" }],
            "removed": [{ "uri": two, "name": "two" }],
        } }),
    );
    client.wait_in("three", "proof");
    assert!(!client.codes("three/leastwise.kdl").is_empty());
    assert!(client.codes("two/leastwise.kdl").is_empty());
}

#[test]
fn a_file_of_no_project_is_read_alone() {
    let mut client = Client::with(&[("a.kdl", "one { two\n")]);
    client.open("a.kdl");
    let params = json!({ "textDocument": { "uri": client.uri("a.kdl") } });
    let symbols = client.ask("textDocument/documentSymbol", params).unwrap();
    assert_eq!(symbols[0]["detail"], "one");
    assert_eq!(client.codes("a.kdl"), ["unclosed-block"]);
    // A root file beside it makes both a project.
    client.open_with("leastwise.kdl", ROOT);
    client.wait_for("proof");
    assert!(client.codes("a.kdl").contains(&"unknown-declaration".to_owned()));
    client.close("leastwise.kdl");
    let params = json!({ "textDocument": { "uri": client.uri("a.kdl") } });
    client.ask("textDocument/documentSymbol", params).unwrap();
    assert_eq!(client.codes("a.kdl"), ["unclosed-block"]);
}

#[test]
fn diagnostics_may_be_asked_for() {
    let mut client = notes();
    client.edit("things.kdl", "2027-06-30", "2026-06-30");
    let params = json!({ "textDocument": { "uri": client.uri("things.kdl") } });
    let report = client.ask("textDocument/diagnostic", params).unwrap();
    assert_eq!(report["kind"], "full");
    assert_eq!(report["items"][0]["code"], "expired-trust");
    let whole = client
        .ask("workspace/diagnostic", json!({ "previousResultIds": [] }))
        .unwrap();
    let items = whole["items"].as_array().unwrap();
    assert_eq!(items.len(), 2);
    let of_things = items
        .iter()
        .find(|one| one["uri"] == json!(client.uri("things.kdl")))
        .unwrap();
    assert_eq!(of_things["items"][0]["code"], "expired-trust");
    // Typed by somebody else, the answers are of the protocol's types.
    let _: gen_lsp_types::DocumentDiagnosticReport = serde_json::from_value(report).unwrap();
    let _: gen_lsp_types::WorkspaceDiagnosticReport = serde_json::from_value(whole).unwrap();
}

#[test]
fn a_client_that_pulls_is_sent_none() {
    let settings = json!({ "status": true, "pullDiagnostics": true });
    let mut client = Client::start_with(example("minimal"), usual(), &[""], settings);
    client.open("leastwise.kdl");
    client.edit("leastwise.kdl", "2027-06-30", "2026-06-30");
    client.wait_for("proof");
    assert!(client.published.is_empty(), "{:?}", client.published);
    assert_eq!(
        client.offered["capabilities"]["diagnosticProvider"]["workspaceDiagnostics"],
        true
    );
    let params = json!({ "textDocument": { "uri": client.uri("leastwise.kdl") } });
    let report = client.ask("textDocument/diagnostic", params).unwrap();
    assert_eq!(report["items"][0]["code"], "expired-trust");
}

#[test]
fn pages_of_codes_can_be_read() {
    let mut client = notes();
    let page = client
        .ask(
            "workspace/textDocumentContent",
            json!({ "uri": "leastwise-page:/expired-trust.md" }),
        )
        .unwrap();
    assert!(page["text"].as_str().unwrap().starts_with("# expired-trust"));
    let library = client
        .ask(
            "workspace/textDocumentContent",
            json!({ "uri": "leastwise-page:/std/aws/bucket.kdl" }),
        )
        .unwrap();
    assert!(library["text"].as_str().unwrap().contains("kind bucket"));
    assert!(
        client
            .ask(
                "workspace/textDocumentContent",
                json!({ "uri": "leastwise-page:/x.md" })
            )
            .is_err()
    );
}

#[test]
fn what_is_not_offered_is_refused_and_a_malformed_request_too() {
    let mut client = notes();
    assert!(client.ask("textDocument/unheardOf", json!({})).is_err());
    let uri = client.uri("things.kdl");
    let error = client
        .ask(
            "textDocument/rangeFormatting",
            json!({ "textDocument": { "uri": uri } }),
        )
        .unwrap_err();
    assert!(error.starts_with("-32602"), "{error}");
}
