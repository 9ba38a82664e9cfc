//! Every feature, asked as a client asks.

use std::fs;

use serde_json::{Value, json};

use crate::client::{Client, ROOT, THINGS, byte, example, notes, slice, usual};

fn labels(found: &Value) -> Vec<&str> {
    let items = found["items"].as_array().unwrap();
    items.iter().map(|item| item["label"].as_str().unwrap()).collect()
}

#[test]
fn completion_works_in_a_broken_file_and_replaces_what_is_typed() {
    let mut client = notes();
    client.edit(
        "things.kdl",
        "workload scribe runs-on=lambda\n",
        "workload scribe runs-on=lam\nbucket more { encrypted key=no",
    );
    let found = client
        .ask(
            "textDocument/completion",
            client.at("things.kdl", "key=no\u{74}", 0),
        )
        .unwrap_or_default();
    assert!(found.is_null() || found.is_object());
    let at = client.at("things.kdl", "more { encrypted key=no", 23);
    let found = client.ask("textDocument/completion", at).unwrap();
    let items = found["items"].as_array().unwrap();
    assert_eq!(labels(&found), ["notes-key"], "{found}");
    let edited = Client::applied(client.text("things.kdl"), &json!([items[0]["textEdit"]]));
    assert!(edited.contains("encrypted key=notes-key"), "{edited}");
    let at = client.at("things.kdl", "runs-on=lam", 11);
    let found = client.ask("textDocument/completion", at).unwrap();
    assert_eq!(labels(&found), ["lambda"]);
    let _: gen_lsp_types::CompletionList = serde_json::from_value(found).unwrap();
}

#[test]
fn completion_knows_the_files_of_the_folder() {
    let mut client = Client::start(example("factory"), usual(), &[""]);
    client.open("devices.kdl");
    client.edit("devices.kdl", "fleet/robots.csv", "fleet/ro");
    let found = client
        .ask(
            "textDocument/completion",
            client.at("devices.kdl", "fleet/ro\"", 8),
        )
        .unwrap();
    assert_eq!(labels(&found), ["fleet/robots.csv"]);
}

fn hovered(client: &mut Client, name: &str, text: &str, behind: usize) -> String {
    let at = client.at(name, text, behind);
    let found = client.ask("textDocument/hover", at).unwrap();
    found["contents"]["value"].as_str().unwrap_or_default().to_owned()
}

#[test]
fn hover_tells_what_a_trust_gives_who_reaches_a_thing_what_an_action_does_and_until_when() {
    let mut client = notes();
    let trust = hovered(&mut client, "things.kdl", "trust scribe", 1);
    assert!(
        trust.contains("`scribe`: `s3:PutObject` (Write) on `arn:aws:s3:::acme-notes/in/*`"),
        "{trust}"
    );
    assert!(trust.contains("kms:GenerateDataKey"), "{trust}");
    let bucket = hovered(&mut client, "things.kdl", "bucket notes", 8);
    assert!(
        bucket.contains("called `acme-notes`") && bucket.contains("`scribe`: upload (in part), write"),
        "{bucket}"
    );
    let scribe = hovered(&mut client, "things.kdl", "trust scribe", 8);
    assert!(
        scribe.contains("reaches:") && scribe.contains("`notes`: upload (in part), write"),
        "{scribe}"
    );
    let capability = hovered(&mut client, "things.kdl", "allow write", 7);
    assert!(capability.contains("`s3:PutObject`: Write"), "{capability}");
    assert_eq!(
        hovered(&mut client, "things.kdl", "2027-06-30", 3),
        "ends in 364 days"
    );
    let kind = hovered(&mut client, "things.kdl", "bucket notes", 2);
    assert!(
        kind.contains("kind `bucket`") && kind.contains("`read`"),
        "{kind}"
    );
    client.edit("things.kdl", "key notes-key", "kind lake service=s3 { capability peek effect=read { action \"s3:GetObject\" on=\"arn:aws:s3:::x/*\" } }\nkey notes-key");
    assert_eq!(
        hovered(&mut client, "things.kdl", "s3:GetObject", 3),
        "`s3:GetObject`: Read"
    );
}

#[test]
fn hover_works_in_a_spec_that_is_refused() {
    let mut client = notes();
    client.edit("things.kdl", "allow write", "allow writ");
    let bucket = hovered(&mut client, "things.kdl", "bucket notes", 8);
    assert!(
        bucket.contains("bucket `notes`") && !bucket.contains("reached by"),
        "{bucket}"
    );
}

#[test]
fn a_client_without_markdown_gets_plain_text() {
    let mut client = Client::of(
        &[("leastwise.kdl", ROOT), ("things.kdl", THINGS)],
        json!({ "general": { "positionEncodings": ["utf-8"] } }),
    );
    client.open("things.kdl");
    let at = client.at("things.kdl", "2027-06-30", 3);
    let found = client.ask("textDocument/hover", at).unwrap();
    assert_eq!(found["contents"]["kind"], "plaintext");
    let bucket = hovered(&mut client, "things.kdl", "bucket notes", 8);
    assert!(bucket.contains("notes") && !bucket.contains('`'), "{bucket}");
}

fn places(client: &Client, found: &Value) -> Vec<String> {
    let found = found.as_array().unwrap();
    let place = |one: &Value| {
        let name = client.name(one["uri"].as_str().unwrap());
        let text = fs::read_to_string(client.folder().join(&name)).unwrap();
        format!(
            "{name}:{} {}",
            one["range"]["start"]["line"],
            slice(&text, &one["range"])
        )
    };
    found.iter().map(place).collect()
}

#[test]
fn definition_and_references_cross_files() {
    let mut client = notes();
    let found = client
        .ask(
            "textDocument/definition",
            client.at("things.kdl", "owner writers", 8),
        )
        .unwrap();
    assert_eq!(client.name(found["uri"].as_str().unwrap()), "leastwise.kdl");
    assert_eq!(slice(ROOT, &found["range"]), "writers");
    let mut at = client.at("leastwise.kdl", "team writers", 8);
    at["context"] = json!({ "includeDeclaration": true });
    let found = client.ask("textDocument/references", at.clone()).unwrap();
    assert_eq!(
        places(&client, &found),
        [
            "leastwise.kdl:3 writers",
            "leastwise.kdl:4 writers",
            "things.kdl:0 writers"
        ]
    );
    at["context"] = json!({ "includeDeclaration": false });
    assert_eq!(
        client
            .ask("textDocument/references", at)
            .unwrap()
            .as_array()
            .unwrap()
            .len(),
        2
    );
    let found = client
        .ask(
            "textDocument/documentHighlight",
            client.at("things.kdl", "trust scribe", 8),
        )
        .unwrap();
    assert_eq!(found.as_array().unwrap().len(), 2);
}

#[test]
fn a_kind_of_the_library_is_defined_in_its_file() {
    let mut client = notes();
    let found = client
        .ask(
            "textDocument/definition",
            client.at("things.kdl", "bucket notes", 2),
        )
        .unwrap();
    assert_eq!(found["uri"], "leastwise-page:/std/aws/bucket.kdl");
    let text = client
        .ask("workspace/textDocumentContent", json!({ "uri": found["uri"] }))
        .unwrap();
    assert!(slice(text["text"].as_str().unwrap(), &found["range"]).starts_with("kind bucket"));
}

fn renamed(client: &mut Client, at: Value, new: &str) -> Value {
    let mut at = at;
    at["newName"] = json!(new);
    client.ask("textDocument/rename", at).unwrap()
}

/// Makes a change of the workspace in the texts on disk.
fn after(client: &Client, edit: &Value) -> Vec<(String, String)> {
    let mut texts = Vec::new();
    for change in edit["documentChanges"].as_array().unwrap() {
        let name = client.name(change["textDocument"]["uri"].as_str().unwrap());
        let text = client.text(&name);
        texts.push((name.clone(), Client::applied(text, &change["edits"])));
    }
    texts
}

#[test]
fn a_rename_crosses_files() {
    let mut client = notes();
    let at = client.at("things.kdl", "owner writers", 8);
    let prepared = client.ask("textDocument/prepareRename", at.clone()).unwrap();
    assert_eq!(prepared["placeholder"], "writers");
    assert_eq!(slice(THINGS, &prepared["range"]), "writers");
    let edit = renamed(&mut client, at.clone(), "authors");
    let texts = after(&client, &edit);
    assert_eq!(texts.len(), 2);
    for (_, text) in &texts {
        assert!(text.contains("authors") && !text.contains("writers"), "{text}");
    }
    assert!(edit.get("changeAnnotations").is_none());
    let _: gen_lsp_types::WorkspaceEdit = serde_json::from_value(edit).unwrap();
    let mut bad = at;
    bad["newName"] = json!("two words");
    let error = client.ask("textDocument/rename", bad).unwrap_err();
    assert!(error.contains("is no name"), "{error}");
}

#[test]
fn a_rename_offers_to_keep_what_the_manifest_lists() {
    let mut client = notes();
    fs::create_dir(client.folder().join("out")).unwrap();
    let manifest = json!({ "files": [{ "path": "aws/main/iam/scribe.identity.json" }] }).to_string();
    fs::write(client.folder().join("out/manifest.json"), manifest).unwrap();
    let at = client.at("things.kdl", "workload scribe", 10);
    let edit = renamed(&mut client, at, "author");
    let texts = after(&client, &edit);
    assert!(
        texts[0]
            .1
            .contains("workload author runs-on=lambda { renamed-from scribe }"),
        "{}",
        texts[0].1
    );
    let annotations = edit["changeAnnotations"].as_object().unwrap();
    assert!(annotations.values().all(|one| one["needsConfirmation"] == true));
    // What was never built is renamed alone.
    let at = client.at("things.kdl", "bucket notes", 8);
    let edit = renamed(&mut client, at, "pages");
    assert!(edit.get("changeAnnotations").is_none() && !after(&client, &edit)[0].1.contains("renamed-from"));
}

#[test]
fn a_plain_client_gets_changes_by_file() {
    let mut client = Client::of(
        &[("leastwise.kdl", ROOT), ("things.kdl", THINGS)],
        json!({ "general": { "positionEncodings": ["utf-8"] } }),
    );
    client.open("things.kdl");
    let at = client.at("things.kdl", "owner writers", 8);
    let edit = renamed(&mut client, at, "authors");
    assert_eq!(edit["changes"].as_object().unwrap().len(), 2);
}

#[test]
fn symbols_are_told_of_a_file_and_of_all_projects() {
    let mut client = notes();
    let params = json!({ "textDocument": { "uri": client.uri("leastwise.kdl") } });
    let found = client.ask("textDocument/documentSymbol", params).unwrap();
    assert_eq!(
        (&found[0]["name"], &found[0]["children"][0]["name"]),
        (&json!("notes"), &json!("main"))
    );
    let _: Vec<gen_lsp_types::DocumentSymbol> = serde_json::from_value(found).unwrap();
    client.wait_for("names");
    let found = client
        .ask("workspace/symbol", json!({ "query": "ntsky" }))
        .unwrap();
    let names: Vec<&Value> = found.as_array().unwrap().iter().map(|one| &one["name"]).collect();
    assert_eq!(names, ["notes-key"]);
}

#[test]
fn blocks_fold_and_selections_grow() {
    let mut client = notes();
    let params = json!({ "textDocument": { "uri": client.uri("leastwise.kdl") } });
    let folds = client.ask("textDocument/foldingRange", params).unwrap();
    assert_eq!(
        (&folds[0]["startLine"], &folds[0]["endLine"]),
        (&json!(0), &json!(1))
    );
    let at = client.at("things.kdl", "key=notes-key", 5);
    let params = json!({ "textDocument": at["textDocument"], "positions": [at["position"]] });
    let found = client.ask("textDocument/selectionRange", params).unwrap();
    let text = client.text("things.kdl");
    assert_eq!(slice(text, &found[0]["range"]), "notes-key");
    assert_eq!(slice(text, &found[0]["parent"]["range"]), "key=notes-key");
}

#[test]
fn tokens_name_their_types() {
    let mut client = notes();
    let params = json!({ "textDocument": { "uri": client.uri("things.kdl") } });
    let found = client.ask("textDocument/semanticTokens/full", params).unwrap();
    let types = client.offered["capabilities"]["semanticTokensProvider"]["legend"]["tokenTypes"].clone();
    let data: Vec<u64> = found["data"]
        .as_array()
        .unwrap()
        .iter()
        .map(|one| one.as_u64().unwrap())
        .collect();
    let text = client.text("things.kdl");
    let (mut line, mut column, mut told) = (0, 0, Vec::new());
    for token in data.chunks(5) {
        column = if token[0] == 0 {
            column + token[1]
        } else {
            token[1]
        };
        line += token[0];
        let start = byte(text, &json!({ "line": line, "character": column }));
        let word = &text[start..start + token[2] as usize];
        told.push(format!("{word}:{}", types[token[3] as usize].as_str().unwrap()));
    }
    for wanted in [
        "owner:keyword",
        "bucket:type",
        "scribe:class",
        "write:function",
        "->:operator",
        "\"90d\":string",
        "lambda:enumMember",
    ] {
        assert!(told.iter().any(|one| one == wanted), "{wanted} is in {told:?}");
    }
}

#[test]
fn hints_tell_the_days_left_and_what_a_trust_gives() {
    let mut client = notes();
    let params = json!({
        "textDocument": { "uri": client.uri("things.kdl") },
        "range": { "start": { "line": 0, "character": 0 }, "end": { "line": 99, "character": 0 } },
    });
    let found = client.ask("textDocument/inlayHint", params).unwrap();
    let labels: Vec<&str> = found
        .as_array()
        .unwrap()
        .iter()
        .map(|one| one["label"].as_str().unwrap())
        .collect();
    assert_eq!(labels[1], "364 days");
    assert!(labels[0].ends_with("accesses"), "{labels:?}");
}

#[test]
fn a_lens_counts_who_reaches_a_thing() {
    let mut client = notes();
    let params = json!({ "textDocument": { "uri": client.uri("things.kdl") } });
    let lenses = client.ask("textDocument/codeLens", params).unwrap();
    let text = client.text("things.kdl").to_owned();
    let lens = lenses
        .as_array()
        .unwrap()
        .iter()
        .find(|one| slice(&text, &one["range"]) == "notes")
        .unwrap()
        .clone();
    let told = client.ask("codeLens/resolve", lens.clone()).unwrap();
    assert_eq!(told["command"]["title"], "1 subject reaches this");
    client.edit("things.kdl", "workload scribe runs-on=lambda", "workload scribe runs-on=lambda\nworkload reader runs-on=lambda\ntrust reader -> notes { allow read; because \"b\" }");
    let told = client.ask("codeLens/resolve", lens.clone()).unwrap();
    assert_eq!(told["command"]["title"], "2 subjects reach this");
    client.edit("things.kdl", "allow read", "allow rea");
    let told = client.ask("codeLens/resolve", lens).unwrap();
    assert_eq!(
        told["command"]["title"],
        "who reaches this is known once the spec compiles"
    );
}

#[test]
fn the_call_hierarchy_is_who_reaches_what() {
    let mut client = Client::start(example("factory"), usual(), &[""]);
    client.open("stores.kdl");
    client.wait_for("proof");
    let items = client
        .ask(
            "textDocument/prepareCallHierarchy",
            client.at("stores.kdl", "bucket p1-raw", 8),
        )
        .unwrap();
    assert_eq!(
        (&items[0]["name"], &items[0]["detail"]),
        (&json!("p1-raw"), &json!("bucket"))
    );
    let calls = client
        .ask("callHierarchy/incomingCalls", json!({ "item": items[0] }))
        .unwrap();
    let told: Vec<(&str, &str)> = calls
        .as_array()
        .unwrap()
        .iter()
        .map(|one| {
            (
                one["from"]["name"].as_str().unwrap(),
                one["from"]["detail"].as_str().unwrap(),
            )
        })
        .collect();
    assert_eq!(
        told,
        [
            ("analytics", "list, read, read-versions (in part)"),
            ("normaliser", "upload (in part), write")
        ]
    );
    let analytics = calls[0]["from"].clone();
    let calls = client
        .ask("callHierarchy/outgoingCalls", json!({ "item": analytics }))
        .unwrap();
    let names: Vec<&str> = calls
        .as_array()
        .unwrap()
        .iter()
        .map(|one| one["to"]["name"].as_str().unwrap())
        .collect();
    assert!(
        names.contains(&"p1-raw") && names.contains(&"commands") && !names.contains(&"p1-firmware"),
        "{names:?}"
    );
    let _: Vec<gen_lsp_types::CallHierarchyOutgoingCall> = serde_json::from_value(calls).unwrap();
}

#[test]
fn links_lead_to_the_files_that_a_spec_names() {
    let mut client = Client::start(example("factory"), usual(), &[""]);
    client.open("devices.kdl");
    let params = json!({ "textDocument": { "uri": client.uri("devices.kdl") } });
    let links = client.ask("textDocument/documentLink", params).unwrap();
    let targets: Vec<String> = links
        .as_array()
        .unwrap()
        .iter()
        .map(|one| client.name(one["target"].as_str().unwrap()))
        .collect();
    assert!(targets.contains(&"fleet/robots.csv".to_owned()), "{targets:?}");
    assert_eq!(targets.len(), client.text("devices.kdl").matches(".csv").count());
}

fn actions(client: &mut Client, name: &str, text: &str) -> Value {
    let at = client.at(name, text, 0);
    let params = json!({
        "textDocument": at["textDocument"],
        "range": { "start": at["position"], "end": at["position"] },
        "context": { "diagnostics": [] },
    });
    client.ask("textDocument/codeAction", params).unwrap()
}

#[test]
fn actions_add_a_because_and_a_trust() {
    let mut client = notes();
    client.edit("things.kdl", "; because \"Notes come in here\"", "");
    client.wait_for("proof");
    let found = actions(&mut client, "things.kdl", "trust scribe");
    let titles: Vec<&str> = found
        .as_array()
        .unwrap()
        .iter()
        .map(|one| one["title"].as_str().unwrap())
        .collect();
    assert!(titles.contains(&"add `because`"), "{titles:?}");
    let because = found
        .as_array()
        .unwrap()
        .iter()
        .find(|one| one["title"] == "add `because`")
        .unwrap();
    assert!(after(&client, &because["edit"])[0].1.contains("; because \"\" }"));
    let found = actions(&mut client, "things.kdl", "scribe runs-on");
    assert_eq!(found[0]["title"], "add a trust of `scribe`");
    let _: Vec<gen_lsp_types::CodeActionResponse> = serde_json::from_value(found).unwrap();
}

#[test]
fn a_request_about_a_text_that_is_gone_is_told_so() {
    let mut client = notes();
    let at = client.at("things.kdl", "bucket notes", 8);
    let id = client.send("textDocument/hover", at);
    client.edit("things.kdl", "owner writers", "owner writers\n");
    let answer = client.answer(&id);
    // It was answered before the key, or refused because of it: never with places of another text.
    match answer {
        Ok(found) => assert!(found["contents"].is_object()),
        Err(error) => assert!(error.starts_with("-32801"), "{error}"),
    }
}

#[test]
fn a_request_can_be_cancelled() {
    let mut client = notes();
    client.edit("things.kdl", "owner writers", "owner writers\n");
    let at = client.at("things.kdl", "bucket notes", 8);
    let id = client.send("textDocument/hover", at);
    client.notify(
        "$/cancelRequest",
        json!({ "id": id.to_string().parse::<i32>().unwrap() }),
    );
    let error = client.answer(&id).unwrap_err();
    assert!(error.starts_with("-32800"), "{error}");
}
