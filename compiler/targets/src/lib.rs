//! A Deployment as files; no decisions.
