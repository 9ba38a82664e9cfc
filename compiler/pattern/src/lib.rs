//! Words, patterns and sets of words.
