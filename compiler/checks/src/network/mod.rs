//! Places, listeners and addresses.
