//! Figures for sets of packets: `cargo bench -p leastwise-packet [-- BOXES]`.
#![expect(clippy::print_stdout, reason = "a bench prints its figures")]

fn main() { println!("x"); }
