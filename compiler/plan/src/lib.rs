//! Facts against facts: what changes, as access.
