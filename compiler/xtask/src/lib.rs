//! Chores of the workspace, and its tidy rules as tests.
