//! Formatting.

use serde_json::json;

use crate::client::{Client, notes, place};

fn options() -> serde_json::Value {
    json!({ "tabSize": 4, "insertSpaces": true })
}

#[test]
fn a_file_gets_its_one_layout_by_small_edits() {
    let mut client = notes();
    client.edit("things.kdl", "key notes-key", "key    notes-key");
    client.edit("things.kdl", "workload scribe", "   workload scribe");
    let uri = client.uri("things.kdl");
    let params = json!({ "textDocument": { "uri": uri }, "options": options() });
    let edits = client.ask("textDocument/formatting", params).unwrap();
    assert_eq!(edits.as_array().unwrap().len(), 2, "{edits}");
    assert_eq!(
        Client::applied(client.text("things.kdl"), &edits),
        crate::client::THINGS
    );
}

#[test]
fn a_range_is_formatted_alone() {
    let mut client = notes();
    client.edit("things.kdl", "key notes-key", "key    notes-key");
    client.edit("things.kdl", "workload scribe", "   workload scribe");
    let text = client.text("things.kdl").to_owned();
    let at = text.find("scribe").unwrap();
    let params = json!({
        "textDocument": { "uri": client.uri("things.kdl") },
        "range": { "start": place(&text, at), "end": place(&text, at + 3) },
        "options": options(),
    });
    let edits = client.ask("textDocument/rangeFormatting", params).unwrap();
    let formatted = Client::applied(&text, &edits);
    assert!(
        formatted.contains("\nworkload scribe") && formatted.contains("key    notes-key"),
        "{formatted}"
    );
}

#[test]
fn a_brace_formats_what_it_closes_and_a_new_line_what_it_leaves() {
    let mut client = notes();
    client.edit("things.kdl", "key notes-key\n", "key    notes-key\nteam a\n");
    client.edit(
        "things.kdl",
        "workload scribe runs-on=lambda",
        "workload scribe    runs-on=lambda {\nclaim x \"y\"\n}",
    );
    let text = client.text("things.kdl").to_owned();
    let mut on_type = |at: usize, typed: &str| {
        let params = json!({
            "textDocument": { "uri": client.uri("things.kdl") },
            "position": place(&text, at), "ch": typed, "options": options(),
        });
        let edits = client.ask("textDocument/onTypeFormatting", params).unwrap();
        Client::applied(&text, &edits)
    };
    let closed = on_type(text.find("\n}").unwrap() + 2, "}");
    assert!(
        closed.contains("workload scribe runs-on=lambda {") && closed.contains("key    notes"),
        "{closed}"
    );
    let left = on_type(text.find("team a").unwrap(), "\n");
    assert!(
        left.contains("key notes-key") && left.contains("scribe    runs"),
        "{left}"
    );
}

#[test]
fn a_file_that_is_no_kdl_is_left_alone() {
    let mut client = notes();
    client.edit("things.kdl", "key notes-key", "key    \"notes-key");
    let params = json!({ "textDocument": { "uri": client.uri("things.kdl") }, "options": options() });
    assert!(client.ask("textDocument/formatting", params).unwrap().is_null());
}
