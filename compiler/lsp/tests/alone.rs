//! A long session, in a process of its own: its memory is looked at.
#![expect(
    clippy::disallowed_methods,
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::string_slice,
    reason = "a test writes projects into folders, looks at its memory, and waits for answers"
)]

#[expect(dead_code, reason = "the client is shared with the tests of features")]
mod client;

use std::fs;

use serde_json::{Value, json};

use client::{Client, ROOT, THINGS, place, usual};

/// So many edits are made, and so often everything is compared with a server that knows nothing of them.
const EDITS: usize = 10_000;
const COMPARED_EVERY: usize = 500;

/// So much more memory may the second half of the session take, in bytes.
const GROWTH_MAX: usize = 24 << 20;

/// What people type, and what cats do.
const PIECES: &[&str] = &[
    "}",
    "{",
    "\"",
    "\n",
    " ",
    ";",
    "trust ",
    "scribe",
    "-> ",
    "notes",
    "allow read",
    "because \"x\"",
    "/*",
    "*/",
    "//",
    "key=",
    "notes-key",
    "bucket b1 { ",
    "é",
    "𝄞",
    "expires \"2027-01-01\"",
    "(",
    ")",
    "#true",
    "/-",
    "\\",
    "workload w ",
    "segment=",
    "in prod { ",
    "$x",
    "r#\"",
    "\"\"\"",
    "\t",
    "\r\n",
];

/// Numbers from a seed.
struct Draw(u64);

impl Draw {
    fn below(&mut self, most: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        (self.0 % most.max(1) as u64) as usize
    }
}

fn resident_bytes() -> usize {
    let text = fs::read_to_string("/proc/self/statm").unwrap_or_default();
    let pages = text
        .split_whitespace()
        .nth(1)
        .and_then(|pages| pages.parse::<usize>().ok());
    pages.unwrap_or(0) * 4096
}

fn edit(client: &mut Client, draw: &mut Draw) {
    let text = client.text("things.kdl").to_owned();
    let boundary = |mut at: usize| {
        while !text.is_char_boundary(at) {
            at -= 1;
        }
        at
    };
    let start = boundary(draw.below(text.len() + 1));
    match draw.below(12) {
        // Somebody puts it right again, from time to time.
        0 => client.replace("things.kdl", 0, text.len(), THINGS),
        1..=4 => {
            let end = boundary((start + draw.below(24)).min(text.len()));
            client.replace("things.kdl", start, end.max(start), "");
        }
        5 => {
            let end = boundary((start + draw.below(8)).min(text.len()));
            client.replace(
                "things.kdl",
                start,
                end.max(start),
                PIECES[draw.below(PIECES.len())],
            );
        }
        _ => client.replace("things.kdl", start, start, PIECES[draw.below(PIECES.len())]),
    }
}

/// The answers of a server about its texts.
fn answers(client: &mut Client) -> Vec<(String, Value)> {
    let text = client.text("things.kdl").to_owned();
    let document = json!({ "uri": client.uri("things.kdl") });
    let of_file = json!({ "textDocument": document });
    let mut found = Vec::new();
    for method in [
        "textDocument/diagnostic",
        "textDocument/documentSymbol",
        "textDocument/foldingRange",
        "textDocument/semanticTokens/full",
        "textDocument/codeLens",
        "textDocument/documentLink",
    ] {
        found.push((
            method.to_owned(),
            client.ask(method, of_file.clone()).unwrap_or_else(Value::String),
        ));
    }
    let options = json!({ "tabSize": 4, "insertSpaces": true });
    let params = json!({ "textDocument": document, "options": options });
    found.push((
        "formatting".to_owned(),
        client.ask("textDocument/formatting", params).unwrap(),
    ));
    for part in 1..8 {
        let mut at = text.len() * part / 8;
        while !text.is_char_boundary(at) {
            at -= 1;
        }
        let at = json!({ "textDocument": document, "position": place(&text, at) });
        for method in [
            "textDocument/completion",
            "textDocument/hover",
            "textDocument/definition",
            "textDocument/documentHighlight",
            "textDocument/prepareRename",
        ] {
            let answer = client.ask(method, at.clone()).unwrap_or_else(Value::String);
            found.push((format!("{method} {part}"), answer));
        }
    }
    found
}

/// Addresses differ, since each server has a folder of its own.
fn without_folder(client: &Client, answers: Vec<(String, Value)>) -> Vec<(String, String)> {
    let folder = client.uri("");
    answers
        .into_iter()
        .map(|(name, answer)| (name, answer.to_string().replace(&folder, "")))
        .collect()
}

#[test]
fn ten_thousand_edits_leave_the_answers_of_a_new_server_and_no_more_memory() {
    let files = [("leastwise.kdl", ROOT), ("things.kdl", THINGS)];
    let mut client = Client::of(&files, usual());
    client.open("leastwise.kdl");
    client.open("things.kdl");
    let mut draw = Draw(0x9e37_79b9_7f4a_7c15);
    let (mut wrong, mut halfway) = (Vec::new(), 0);
    for number in 1..=EDITS {
        edit(&mut client, &mut draw);
        // A client asks while its user types; what is asked of an older text may be refused.
        if number % 50 == 0 {
            let at = client.at("things.kdl", "", 0);
            client.send("textDocument/completion", at);
        }
        if number % COMPARED_EVERY == 0 {
            // The last edit leaves the length as it was: a tree that is kept by mistake is seen.
            let at = client
                .text("things.kdl")
                .find(|letter: char| letter.is_ascii_lowercase());
            if let Some(at) = at {
                client.replace("things.kdl", at, at + 1, "Q");
            }
            let long = answers(&mut client);
            let long = without_folder(&client, long);
            let mut fresh = Client::of(&files, usual());
            fresh.open("leastwise.kdl");
            let text = client.text("things.kdl").to_owned();
            fresh.open_with("things.kdl", &text);
            let new = answers(&mut fresh);
            let new = without_folder(&fresh, new);
            wrong.extend(long.into_iter().zip(new).filter(|(long, new)| long != new));
            // What was told meanwhile is read, and forgotten.
            client.forget();
        }
        if number == EDITS / 2 {
            halfway = resident_bytes();
        }
    }
    let grown = resident_bytes().saturating_sub(halfway);
    assert!(
        wrong.is_empty(),
        "{} wrong answers, the first: {:?}",
        wrong.len(),
        wrong[0]
    );
    println!("{EDITS} edits, 0 wrong answers; the second half took {grown} bytes more");
    assert!(
        grown < GROWTH_MAX,
        "the second half of the session took {grown} bytes"
    );
}
