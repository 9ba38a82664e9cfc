//! Texts of the server's own: the pages of codes, and files of the standard library.
//!
//! A client that has `workspace/textDocumentContent` (protocol 3.18) can show them.

use resolve::Library;

/// What the addresses of these texts begin with.
pub const SCHEME: &str = "leastwise-page:/";

/// The text behind an address.
#[must_use]
pub fn text(uri: &str, library: &Library) -> Option<String> {
    let path = uri.strip_prefix(SCHEME)?;
    if let Some(file) = path.strip_prefix("std/") {
        let file = library.files().iter().find(|one| one.path == file)?;
        return Some(file.text.to_string());
    }
    let name = path.strip_suffix(".md")?;
    let code = driver::codes::find(name)?;
    Some(code.docs.to_owned())
}
