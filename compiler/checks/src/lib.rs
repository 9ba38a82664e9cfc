//! Least privilege, hygiene and promises; one file per check.
