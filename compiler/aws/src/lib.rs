//! Every decision that the provider needs.
