//! Who acts, and how they prove who they are.
