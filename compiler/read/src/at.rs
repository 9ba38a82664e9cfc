//! Where the walk of a file is, as a chain on the stack: a place is only written out when one is needed.

use std::fmt::Write as _;
use std::sync::Arc;

use crate::facts::Place;

/// A position in a file.
#[derive(Clone, Copy, Debug)]
pub(crate) enum At<'a> {
    /// The whole file, or the text inside a file at this pointer.
    Root {
        /// The file's path.
        path: &'a Arc<str>,
        /// The pointer of the text, empty for the file.
        base: &'a str,
    },
    /// A member of an object.
    Key {
        /// The object.
        up: &'a At<'a>,
        /// Its name.
        key: &'a str,
    },
    /// An item of a list.
    Index {
        /// The list.
        up: &'a At<'a>,
        /// Its position.
        index: usize,
    },
}

impl<'a> At<'a> {
    /// The member of this name.
    pub(crate) fn key<'b>(&'b self, key: &'b str) -> At<'b> {
        At::Key { up: self, key }
    }

    /// The item at this position.
    pub(crate) fn index(&self, index: usize) -> At<'_> {
        At::Index { up: self, index }
    }

    /// Written out.
    pub(crate) fn place(&self) -> Place {
        let mut pointer = String::new();
        let path = self.write(&mut pointer);
        Place {
            path: Arc::clone(path),
            pointer,
        }
    }

    fn write(&self, out: &mut String) -> &'a Arc<str> {
        match *self {
            At::Root { path, base } => {
                out.push_str(base);
                path
            }
            At::Key { up, key } => {
                let path = up.write(out);
                out.push('/');
                push_key(out, key);
                path
            }
            At::Index { up, index } => {
                let path = up.write(out);
                out.push('/');
                let _ = write!(out, "{index}");
                path
            }
        }
    }
}

/// A member's name as a JSON pointer spells it. Source: <https://www.rfc-editor.org/rfc/rfc6901#section-3>.
fn push_key(out: &mut String, key: &str) {
    if memchr::memchr2(b'~', b'/', key.as_bytes()).is_none() {
        out.push_str(key);
        return;
    }
    for c in key.chars() {
        match c {
            '~' => out.push_str("~0"),
            '/' => out.push_str("~1"),
            other => out.push(other),
        }
    }
}
