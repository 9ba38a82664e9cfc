//! The names of context keys.

use std::cmp::Ordering;
use std::fmt;
use std::hash::{Hash, Hasher};
use std::sync::Arc;

/// The name of a context key. Compared without regard to ASCII case; shown as it was first spelt.
#[derive(Clone)]
pub struct Key {
    folded: Arc<str>,
    spelling: Arc<str>,
}

impl Key {
    /// The key of this name.
    pub fn new(name: &str) -> Key {
        let spelling: Arc<str> = name.into();
        if name.bytes().any(|byte| byte.is_ascii_uppercase()) {
            Key {
                folded: name.to_ascii_lowercase().into(),
                spelling,
            }
        } else {
            Key {
                folded: Arc::clone(&spelling),
                spelling,
            }
        }
    }

    /// The name as it was spelt.
    pub fn as_str(&self) -> &str {
        &self.spelling
    }

    /// The name in lower case.
    pub fn folded(&self) -> &str {
        &self.folded
    }
}

impl PartialEq for Key {
    fn eq(&self, other: &Key) -> bool {
        self.folded == other.folded
    }
}

impl Eq for Key {}

impl PartialOrd for Key {
    fn partial_cmp(&self, other: &Key) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Key {
    fn cmp(&self, other: &Key) -> Ordering {
        self.folded.cmp(&other.folded)
    }
}

impl Hash for Key {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.folded.hash(state);
    }
}

impl fmt::Display for Key {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.spelling)
    }
}

impl fmt::Debug for Key {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.spelling)
    }
}
