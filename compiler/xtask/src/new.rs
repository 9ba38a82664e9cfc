//! `cargo xtask new`.

/// Makes the files.
///
/// # Errors
/// If the kind is unknown, the name is not kebab-case, or a file exists already.
pub fn make(_kind: &str, _name: &str) -> Result<(), String> {
    Err(String::new())
}
