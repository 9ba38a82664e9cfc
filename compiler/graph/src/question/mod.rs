//! Questions that checks, the command line and the proof ask of a graph.
