//! One build at a time writes an output: who holds the lock.

use std::fs::{self, File, TryLockError};
use std::path::Path;

use super::{Refused, make_own};

/// In the folder of our own. The file stays when the lock is gone, which ends with the process.
pub(super) const NAME: &str = "lock";

/// Keeps every other build out of the output while it is held; nothing where nobody can write, or the system has no locks.
///
/// # Errors
/// Another build is at work, or something foreign is in the lock's place.
pub(super) fn hold(own: &Path) -> Result<Option<File>, Refused> {
    let path = own.join(NAME);
    if fs::symlink_metadata(&path).is_ok_and(|there| !there.is_file()) {
        return Err(Refused::new(
            path,
            "what is there is not a plain file",
            "remove it, or choose another output folder with `--out`",
        ));
    }
    let open = || File::open(&path);
    let make = || make_own(own).and_then(|()| File::options().write(true).create_new(true).open(&path));
    // Somebody else may make it at the same moment.
    let Ok(file) = open().or_else(|_| make()).or_else(|_| open()) else {
        return Ok(None);
    };
    match file.try_lock() {
        Ok(()) => Ok(Some(file)),
        Err(TryLockError::WouldBlock) => Err(Refused::new(
            own,
            "another `leastwise` is writing this output",
            "wait until it is done, and try again",
        )),
        Err(TryLockError::Error(_)) => Ok(None),
    }
}
