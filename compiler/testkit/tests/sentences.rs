//! Pages below `docs/` and the README are written in short sentences.
//!
//! Many readers have another first language. A sentence of more than forty words is two sentences.
#![expect(clippy::disallowed_methods, reason = "documents are files")]

use testkit::{golden, page};

const WORDS_MAX: usize = 40;

#[test]
fn no_sentence_is_too_long() {
    let mut pages = page::docs();
    for name in ["README.md", "ARCHITECTURE.md", "CONTRIBUTING.md"] {
        let text = std::fs::read_to_string(golden::root().join(name)).unwrap();
        pages.insert(name.to_owned(), text);
    }
    let mut wrong = Vec::new();
    for (name, text) in &pages {
        for sentence in page::sentences(text) {
            let words = sentence.words.len();
            if words > WORDS_MAX {
                let first = sentence.words.get(..8).unwrap_or(&[]).join(" ");
                wrong.push(format!("{name}:{}: {words} words: {first} …", sentence.line));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}
