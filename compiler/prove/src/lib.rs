//! Facts against the trust graph.
