//! Addresses of files: `file:///home/a%20b/leastwise.kdl` and paths.

use std::fmt::Write as _;
use std::path::{Component, Path, PathBuf};

use gen_lsp_types::Uri;

/// The path of a `file:` address; `None` for any other.
#[must_use]
pub fn path(uri: &Uri) -> Option<PathBuf> {
    let rest = uri.0.strip_prefix("file://")?;
    // What stands before the path is a machine: ours is the empty one.
    let path = rest.strip_prefix("localhost").unwrap_or(rest);
    if !path.starts_with('/') {
        return None;
    }
    let mut bytes = Vec::with_capacity(path.len());
    let mut left = path.bytes();
    while let Some(byte) = left.next() {
        if byte == b'%' {
            let digits = [left.next()?, left.next()?];
            let digits = std::str::from_utf8(&digits).ok()?;
            bytes.push(u8::from_str_radix(digits, 16).ok()?);
        } else {
            bytes.push(byte);
        }
    }
    let text = String::from_utf8(bytes).ok()?;
    let drive = text.as_bytes().get(2) == Some(&b':') && cfg!(windows);
    let text = if drive { text.get(1..)? } else { &text };
    Some(plain(Path::new(text)))
}

/// Without `.` and `..`, so that one file has one path.
fn plain(path: &Path) -> PathBuf {
    let mut plain = PathBuf::new();
    for part in path.components() {
        match part {
            Component::CurDir => {}
            Component::ParentDir => drop(plain.pop()),
            Component::Normal(_) | Component::RootDir | Component::Prefix(_) => plain.push(part),
        }
    }
    plain
}

/// The address of an absolute path.
#[must_use]
pub fn of(path: &Path) -> Uri {
    let text = path.to_string_lossy().replace('\\', "/");
    let mut uri = String::from(if text.starts_with('/') {
        "file://"
    } else {
        "file:///"
    });
    for byte in text.bytes() {
        match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'/' | b'-' | b'_' | b'.' | b'~' => {
                uri.push(char::from(byte))
            }
            other => {
                let _ = write!(uri, "%{other:02X}");
            }
        }
    }
    Uri(uri)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_and_a_path_are_each_others() {
        let there = PathBuf::from("/home/a b/ü%/leastwise.kdl");
        let uri = of(&there);
        assert_eq!(uri.0, "file:///home/a%20b/%C3%BC%25/leastwise.kdl");
        assert_eq!(path(&uri), Some(there));
        let dotted = Uri("file:///a/./b/../c.kdl".to_owned());
        assert_eq!(path(&dotted), Some(PathBuf::from("/a/c.kdl")));
    }

    #[test]
    fn what_is_no_file_has_no_path() {
        for text in [
            "untitled:Untitled-1",
            "file://server/x",
            "file:///%zz",
            "file:///%f",
            "",
        ] {
            assert_eq!(path(&Uri(text.to_owned())), None, "{text}");
        }
    }
}
