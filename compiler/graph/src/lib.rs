//! Who reaches what, and because of what.
