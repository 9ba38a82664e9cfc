//! Names to ids: the tree becomes a Model.
