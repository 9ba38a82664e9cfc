//! Writing a file of the spec anew: whole or not at all, and not over what somebody else wrote meanwhile.

use std::io::Write as _;
use std::path::Path;

use project::Trouble;

/// Puts a text in the place of a file that is still as it was read.
///
/// # Errors
/// Somebody changed it meanwhile, or whatever the system refuses: the file is as it was then.
pub(crate) fn rewrite(path: &Path, before: &str, after: &str) -> Result<(), Trouble> {
    if std::fs::read(path).is_ok_and(|there| there != before.as_bytes()) {
        return Err(Trouble::new(
            format!("{}: somebody else changed it meanwhile", path.display()),
            "the file is as they left it: start again",
        ));
    }
    replace(path, after).map_err(|error| {
        Trouble::new(
            format!("{}: {error}", path.display()),
            "the file is as it was: check that it may be written",
        )
    })
}

/// With the rights that the file has.
fn replace(path: &Path, text: &str) -> std::io::Result<()> {
    let folder = path.parent().unwrap_or(Path::new("."));
    let mut draft = tempfile::NamedTempFile::new_in(folder)?;
    draft.write_all(text.as_bytes())?;
    draft
        .as_file()
        .set_permissions(std::fs::metadata(path)?.permissions())?;
    draft.persist(path).map_err(|error| error.error)?;
    Ok(())
}
