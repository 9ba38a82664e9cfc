//! The service catalogue: actions, resource types, condition keys.
