//! Trusts that are too wide, void, late or unexplained.
