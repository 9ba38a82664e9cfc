//! Digests of data files.
//!
//! A digest stands on a line of its own near the top and covers everything after that line, so that a file
//! can name its own digest.

use crate::files;
use std::path::Path;

/// The line that holds the digest, and the text that it covers.
#[must_use]
pub fn split(text: &str) -> Option<(&str, &str)> {
    let mut rest = text;
    loop {
        let (line, after) = rest.split_once('\n')?;
        if line.contains("digest") {
            return Some((line, after));
        }
        rest = after;
    }
}

/// Writes the digest into a file that has a line for it.
///
/// # Errors
/// If the file cannot be read or written, or has no such line.
pub fn seal(path: &Path) -> Result<(), String> {
    let text = files::read_text(path)?;
    let Some((line, body)) = split(&text) else {
        return Err(format!("{}: no line holds a digest", path.display()));
    };
    let Some((head, _)) = text.split_once(line) else {
        return Err(format!("{}: no line holds a digest", path.display()));
    };
    let sealed = format!("{head}{}\n{body}", digest_line(&files::sha256(body.as_bytes())));
    files::write(path, &sealed)
}

/// The line of a JSON file that holds its digest.
#[must_use]
pub fn digest_line(digest: &str) -> String {
    format!(" \"digest\": \"{digest}\",")
}
